"""How training data lie on disk: tar shards of WebDataset in a folder, and a card that describes them.

Shards of a kind ("words", "photos") are the files KIND-NNNNNN.tar that `facegpt synthesize KIND` writes. Those that are
there already are kept, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol, TypeVar

from facegpt.runtime.atomic_files import write_text
from facegpt.runtime.progress import Progress
from facegpt.runtime.sharing import LOCAL, stream_on
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
Sample = TypeVar("Sample")


def make_shard_folder(folder: str | Path) -> Path:
    """Make a folder for shards if need be. Raises FaceGPTError where it cannot be made."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FaceGPTError(f"cannot make the folder '{folder}' ({error.strerror}); choose another place") from error
    return folder


def shard_name(kind: str, number: int) -> str:
    """Name the file of a shard."""
    return f"{kind}-{number:06d}.tar"


def refuse_others(folder: Path, kind: str, settings: dict[str, Any]) -> None:
    """Refuse a folder whose card has other settings: its shards would be mixed with ours."""
    path = folder / CARD
    if not path.exists():
        if any(folder.glob(f"{kind}-*.tar")):
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
    write_text(folder / CARD, json.dumps(card, indent=1, ensure_ascii=False) + "\n")


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


def read_samples(
    folder: str | Path, kind: str, parse: Callable[[Iterator[tuple[str, bytes]]], Iterator[Sample]]
) -> Iterator[Sample]:
    """Read the samples of a folder's shards in their order.

    Args:
        folder: of shards.
        kind: of shards.
        parse: makes samples of one shard's files, given as (name, content).

    Raises:
        FaceGPTError: if there are no shards, or one is damaged.
    """
    paths = sorted(Path(folder).glob(f"{kind}-*.tar"))
    if not paths:
        raise FaceGPTError(f"'{folder}' holds no shards ({kind}-*.tar); write some with facegpt synthesize {kind}")
    for path in paths:
        with _damage_told(path, kind):
            yield from parse(_members(path))


def shard_record(
    path: Path, kind: str, count: int, parse: Callable[[Iterator[tuple[str, bytes]]], Iterator[Sample]]
) -> tuple[dict[str, Any], list[Sample]]:
    """Describe a shard by its content, and give what `parse` makes of it.

    Raises:
        FaceGPTError: if it is damaged, or holds another number of samples: then it is none of ours.
    """
    with _damage_told(path, kind):
        samples = list(parse(_members(path)))
    if len(samples) != count:
        raise FaceGPTError(f"'{path}' holds {len(samples)} samples, not {count}; delete it and run again")
    return {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "samples": count}, samples


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Read the files in a tar: name and content."""
    with tarfile.open(path) as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is not None:
                yield member.name, file.read()


@contextlib.contextmanager
def _damage_told(path: Path, kind: str) -> Iterator[None]:
    """Say of whatever goes wrong in reading a shard that it is damaged."""
    try:
        yield
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, KeyError, ValueError) as error:
        raise FaceGPTError(f"'{path}' is damaged ({error}); delete it and run synthesize {kind} again") from error


def write_shards(
    folder: str | Path,
    kind: str,
    settings: dict[str, Any],
    make_job: Callable[[str, int, int], Job],
    write: Callable[[Job], dict[str, Any]],
    workers: int | None,
    *,
    label: str,
    prepare: Callable[[], object] = lambda: None,
    part: tuple[int, int] = (1, 1),
    on: str = LOCAL,
) -> tuple[Path, list[dict[str, Any]], bool]:
    """Write the shards of a folder that are missing.

    Several parts may write into one folder at the same time. The one that finds all shards there at its end gives what
    `write` says of them all, so that the last one to end can complete the card.

    Args:
        folder: made if need be. Its card says that it is incomplete until the caller writes another.
        kind: of shards.
        settings: what decides the samples, with "count" and "shard_size".
        make_job: file, first sample and number of samples → one shard to write.
        write: writes a shard, unless it is there.
        workers: how many processes, as in `write_all`.
        label: of the progress.
        prepare: done once before, so that not every process does it.
        part: (I, N): the I-th of N parts of the shards, counted from 1.
        on: "local", or the address of a Ray cluster (facegpt/runtime/ray_stream.py), whose nodes see the same folder.

    Returns:
        The folder; what `write` says of all shards in their order, or of this part's while others are missing; whether
        it is of all.

    Raises:
        FaceGPTError: for a folder with shards of other settings, or one that cannot be made.
    """
    folder = make_shard_folder(folder).resolve()  # the nodes of a cluster are told absolute paths
    refuse_others(folder, kind, settings)
    count, size = settings["count"], settings["shard_size"]
    jobs = [
        make_job(str(folder / shard_name(kind, k)), first, min(size, count - first))
        for k, first in enumerate(range(0, count, size))
    ]
    write_card(folder, {**settings, "complete": False})
    ours = jobs[part[0] - 1 :: part[1]]
    if ours:
        prepare()
    with Progress(label, sum(job.count for job in ours)) as show:
        shards = write_all(ours, write, workers, show, on)
    if len(ours) == len(jobs) or not all(Path(job.path).exists() for job in jobs):
        return folder, shards, len(ours) == len(jobs)
    return folder, [write(job) for job in jobs], True


def write_all(
    jobs: Sequence[Job], write: Callable[[Job], dict[str, Any]], workers: int | None, show: Progress, on: str = LOCAL
) -> list[dict[str, Any]]:
    """Write the missing shards; give what `write` says of each, in the order of jobs.

    workers: processes, None for one; on a cluster for one a core. on: "local", or the address of a Ray cluster.
    """
    if on == LOCAL:
        workers = min(workers or 1, len(jobs))
    shards, done = [], 0
    with contextlib.closing(stream_on(on)(jobs, partial(_written, write), _nothing, workers, _died)) as run:
        for job, shard in zip(jobs, run, strict=True):
            shards.append(shard)
            done += job.count
            show(done)
    return shards


def _written(write: Callable[[Job], dict[str, Any]], job: Job, _: object) -> dict[str, Any]:
    return write(job)


def _nothing() -> None:
    """What the writing of shards shares."""


def _died(job: ShardJob) -> dict[str, Any]:
    raise FaceGPTError(f"the process that wrote '{job.path}' died (is the memory enough? try --workers 1)")


def installed_version() -> str:
    """The installed version; the package itself may not be imported from here (it imports everything)."""
    try:
        return metadata.version("facegpt")
    except metadata.PackageNotFoundError:
        return "unknown"
