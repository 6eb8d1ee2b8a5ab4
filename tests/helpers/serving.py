"""Servers under test: real ones on loopback, with stand-ins for the model in a real worker process."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import uvicorn

from facegpt.serve.app import create_app
from facegpt.serve.run import bound
from facegpt.serve.settings import Limits, ServeSettings

MODEL = "served_stand_in:model"
#: How long something is waited for that a quiet machine does in seconds: a process may have to start first.
PATIENCE_S = 240.0


@dataclass
class Running:
    """A server and how to ask it."""

    settings: ServeSettings
    url: str
    engine: object
    client: httpx.Client
    stop: object = field(repr=False)

    def job(self, answer: httpx.Response, seconds: float = PATIENCE_S) -> dict:
        """The job of an answer once it is over."""
        assert answer.status_code == 202, answer.text
        return self.until(answer.json()["id"], ("done", "failed", "cancelled"), seconds)

    def until(self, key: str, states: tuple[str, ...], seconds: float = PATIENCE_S) -> dict:
        """A job once it is in one of the states."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            told = self.client.get(f"/api/jobs/{key}").json()
            if told["state"] in states:
                return told
            time.sleep(0.02)
        raise AssertionError(f"the job is still {told}")

    def words(self, text: str, **more) -> httpx.Response:
        return self.client.post("/api/heads/words", json={"text": text, **more})

    def head(self, text: str = "a woman with a wide nose") -> dict:
        """A new head from words."""
        job = self.job(self.words(text))
        assert job["state"] == "done", job
        return job["result"]["heads"][0]

    def ready(self, seconds: float = PATIENCE_S) -> None:
        end = time.monotonic() + seconds
        while self.client.get("/api/ready").status_code != 200:
            assert time.monotonic() < end, "the model was not ready in time"
            time.sleep(0.05)


@contextlib.contextmanager
def serving(folder: Path, **told):
    """A server on a free port of loopback; what is told beside the folder goes to settings or limits."""
    limits = Limits(requests=100_000, grace_s=0.7)
    names = {name for name in Limits.__dataclass_fields__ if name in told}
    limits = replace(limits, **{name: told.pop(name) for name in names})
    settings = ServeSettings(**{"folder": folder, "port": 0, "model": MODEL, "limits": limits, **told})
    app = create_app(settings)
    listening = bound(settings)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    headers = {} if settings.token is None else {"Authorization": f"Bearer {settings.token}"}

    def stop() -> None:
        server.should_exit = True
        thread.join(20)

    with httpx.Client(base_url=url, timeout=60, headers=headers) as client:
        end = time.monotonic() + 20
        while not server.started:
            assert thread.is_alive() and time.monotonic() < end, "the server did not start"
            time.sleep(0.02)
        try:
            yield Running(settings, url, app.state.engine, client, stop)
        finally:
            stop()
