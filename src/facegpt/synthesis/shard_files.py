"""How training data lie on disk: tar shards of WebDataset in a folder, and a card that describes them.

Shards that are there already are kept, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import tarfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol, TypeVar

from facegpt.progress import Progress
from facegpt.types import FaceGPTError

CARD = "card.json"


class ShardJob(Protocol):
    """One shard to write: its file and how many samples it holds."""

    @property
    def path(self) -> str:
        """The file."""

    @property
    def count(self) -> int:
        """How many samples."""


Job = TypeVar("Job", bound=ShardJob)


def make_shard_folder(folder: str | Path) -> Path:
    """Make a folder for shards if need be. Raises FaceGPTError where it cannot be made."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FaceGPTError(f"cannot make the folder '{folder}' ({error.strerror}); choose another place") from error
    return folder


def refuse_others(folder: Path, pattern: str, settings: dict[str, Any]) -> None:
    """Refuse a folder whose card has other settings: its shards, files like `pattern`, would be mixed with ours."""
    path = folder / CARD
    if not path.exists():
        if any(folder.glob(pattern)):
            raise FaceGPTError(f"'{folder}' holds shards without a card; use an empty folder")
        return
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise FaceGPTError(f"'{path}' is damaged; use an empty folder") from error
    for key, value in settings.items():
        if card.get(key) != value:
            raise FaceGPTError(f"'{folder}' holds shards with another {key}; use an empty folder")


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write card.json, all of it or nothing."""
    path = folder / CARD
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(partial, path)


def write_tar(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """Write a tar file of (name, content), all of it or nothing; the same bytes at any time of day."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, body in members:
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_bytes(buffer.getvalue())
    os.replace(partial, path)


def write_all(
    jobs: Sequence[Job], write: Callable[[Job], dict[str, Any]], workers: int, show: Progress
) -> list[dict[str, Any]]:
    """Write the missing shards, in this process or several; give what `write` says of each, in the order of jobs."""
    shards: dict[str, dict[str, Any]] = {}
    done = 0
    if workers == 1 or len(jobs) == 1:
        for job in jobs:
            shards[job.path] = write(job)
            done += job.count
            show(done)
    else:
        context = multiprocessing.get_context("spawn")  # works everywhere and does not copy a parent's threads
        with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
            futures = {pool.submit(write, job): job for job in jobs}
            for future in as_completed(futures):
                job = futures[future]
                shards[job.path] = future.result()
                done += job.count
                show(done)
    return [shards[job.path] for job in jobs]


def installed_version() -> str:
    """Give the installed version; the package itself may not be imported from here (it imports everything)."""
    try:
        return metadata.version("facegpt")
    except metadata.PackageNotFoundError:
        return "unknown"
