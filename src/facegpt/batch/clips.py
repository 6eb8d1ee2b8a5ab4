"""Many clips to takes: several processes or machines, each clip in a folder, and a broken one costs no other."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.batch.clip import TrackSettings, track_to_folder
from facegpt.data.files import output_names
from facegpt.data.stores import fetched, is_address, place_of
from facegpt.errors import FaceGPTError
from facegpt.personal.known import opened
from facegpt.reconstruct.many_photos import attempt
from facegpt.runtime.progress import Progress, quiet
from facegpt.runtime.sharing import LOCAL, stream_on

if TYPE_CHECKING:
    from facegpt.api import FaceGPT


@dataclass(frozen=True)
class ClipJob:
    """One clip, the folder of its take, and how it is tracked; with an avatar, the avatar's folder."""

    clip: str
    folder: Path
    settings: TrackSettings = field(default_factory=TrackSettings)
    avatar: Path | None = None


@dataclass(frozen=True)
class Tracked:
    """What became of one clip: the record that `--json` prints, or why there is none."""

    clip: str
    folder: Path
    record: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Its row."""
        return {"clip": self.clip, "folder": str(self.folder), "error": self.error or None, **self.record}


def track_files(
    clips: Sequence[str],
    output: Path,
    make_model: Callable[[], FaceGPT],
    settings: TrackSettings | None = None,
    avatar: Path | None = None,
    workers: int | None = None,
    shard: tuple[int, int] = (1, 1),
    on: str = LOCAL,
) -> Iterator[Tracked]:
    """Track clips one by one, each into a folder of its name below `output`; what was tracked before is not redone.

    Args:
        clips: files, folders of pictures, or addresses of files of stores (data/stores.py).
        output: a folder.
        make_model: gives the model, once in each process; for several a function at the top of a module.
        settings: how they are tracked.
        avatar: folder of the avatar that people are followed with.
        workers: processes; by default one on this machine, on a cluster one a core.
        shard: (I, N): the I-th of N parts of the clips, counted from 1, which may write into one folder.
        on: "local", or the address of a Ray cluster (runtime/ray_stream.py), whose nodes see the same folders.

    Raises:
        FaceGPTError: if no cluster answers.
    """
    names = output_names([place_of(clip) for clip in clips])
    how = settings or TrackSettings(), avatar
    jobs = [ClipJob(clip, output / name, *how) for clip, name in zip(clips, names, strict=True)]
    jobs = jobs[shard[0] - 1 :: shard[1]]
    if on == LOCAL:
        sent, workers = jobs, min(workers or 1, len(jobs))
    else:  # the nodes are told absolute paths
        sent = [replace(job, clip=_everywhere(job.clip), folder=job.folder.resolve()) for job in jobs]
    alone = workers == 1 and on == LOCAL
    run = stream_on(on)(sent, _tracked if alone else _tracked_quietly, make_model, workers, _died)
    with Progress("clips", len(jobs)) as progress, contextlib.closing(run):
        for done, (job, found) in enumerate(zip(jobs, run, strict=True), start=1):
            progress(done)
            yield replace(found, clip=shown(job.clip), folder=job.folder)
            if found.record.get("state") == "stopped":
                return


def _everywhere(clip: str) -> str:
    """A clip's name that means the same on every node."""
    return clip if is_address(clip) else str(Path(clip).resolve())


def shown(clip: str) -> str:
    """A clip's name without secrets that its address may hold."""
    return str(place_of(clip)) if is_address(clip) else clip


def _tracked(job: ClipJob, model: Callable[[], FaceGPT]) -> Tracked:
    found = attempt(f"'{shown(job.clip)}'", lambda: _record(job, model()))
    if isinstance(found, FaceGPTError):
        return Tracked(job.clip, job.folder, error=str(found))
    return Tracked(job.clip, job.folder, found)


def _tracked_quietly(job: ClipJob, model: Callable[[], FaceGPT]) -> Tracked:
    """The same without bars: those of several processes would be written over each other."""
    with quiet():
        return _tracked(job, model)


def _record(job: ClipJob, model: FaceGPT) -> dict[str, Any]:
    settings = job.settings
    if job.avatar is not None:
        settings = replace(settings, avatar=opened(job.avatar, model.head))
    with fetched(place_of(job.clip)) as clip:
        return track_to_folder(model, str(clip), job.folder, settings).as_dict(shown(job.clip), job.folder)


def _died(job: ClipJob) -> Tracked:
    return Tracked(
        job.clip, job.folder, error=f"'{shown(job.clip)}': the process that tracked it died (is the memory enough?)"
    )
