"""What a server is told when it starts."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

#: What gives the model in a worker, "module:function"; tests name another.
MODEL = "facegpt.serve.worker.model:load_model"


@dataclass(frozen=True)
class Limits:
    """How much one client, one request and one job may take.

    Attributes:
        photo_bytes, clip_bytes, json_bytes, chat_bytes: largest bodies; a chat carries photos inside.
        photos_bytes: largest body of several photos; each may have photo_bytes.
        text_characters: longest text.
        heads: most heads of one request for words.
        queue: jobs that wait, at most, in each lane.
        requests, window_s: so many requests of one address in so many seconds.
        head_s, clip_s, live_s: longest time of a job on heads, on clips, and of one live session.
        unsaved_s: how long heads and clips that nobody saved are kept after they were last asked for.
        jobs_s: how long finished jobs are kept.
        unsaved: most of either kind that are kept unsaved; the oldest go.
        silence_s: how long a client may say nothing while it sends a body.
        grace_s: how long a cancelled job may take to stop before its process is ended.
        idle_s: how long the process for clips is kept without work.
    """

    photo_bytes: int = 40_000_000
    photos_bytes: int = 1_000_000_000
    clip_bytes: int = 2_000_000_000
    json_bytes: int = 1_000_000
    chat_bytes: int = 60_000_000
    text_characters: int = 4000
    heads: int = 8
    queue: int = 16
    requests: int = 120
    window_s: float = 10.0
    head_s: float = 300.0
    clip_s: float = 4 * 3600.0
    live_s: float = 3600.0
    unsaved_s: float = 24 * 3600.0
    jobs_s: float = 3600.0
    unsaved: int = 500
    silence_s: float = 30.0
    grace_s: float = 2.0
    idle_s: float = 300.0


@dataclass(frozen=True)
class ServeSettings:
    """How a server runs.

    Attributes:
        folder: of the store: heads, clips, personal heads, the database.
        host, port: where it listens.
        token: who does not know it is refused; None on loopback, where the machine's own users are trusted.
        origins: web pages elsewhere that may ask (CORS), as "https://example.org".
        device: where the networks run.
        model: what gives the model, "module:function".
        page: folder of the page; the one in the package when None.
        limits: of requests and jobs.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    origins: tuple[str, ...] = ()
    device: str = "cpu"
    model: str = MODEL
    page: Path | None = None
    limits: Limits = field(default_factory=Limits)


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
