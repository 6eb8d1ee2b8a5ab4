"""Photos to folders of heads: several processes, a bar, resuming, and no good photo lost to a broken one."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt import __version__
from facegpt.data.download import sha256_of
from facegpt.data.files import output_names
from facegpt.data.records import known_record
from facegpt.data.stores import Place, StoredPath, staged
from facegpt.describe.glasses_words import glasses_words
from facegpt.describe.hair_words import hair_words, is_covered, is_seen_bald
from facegpt.describe.scene import shows_colours
from facegpt.export.bundle import USUAL, FileOptions
from facegpt.reconstruct.many_photos import attempt
from facegpt.runtime.atomic_files import make_folder, write_text
from facegpt.runtime.processes import cores
from facegpt.runtime.progress import Progress, step, steps
from facegpt.runtime.remarks import remarked
from facegpt.runtime.sharing import LOCAL, stream_on
from facegpt.types import ImageError

if TYPE_CHECKING:
    from facegpt.api import FaceGPT
    from facegpt.face import Face
    from facegpt.personal.avatar import Avatar

#: Written last into the folder of a photo: what its heads were made from.
RECORD = "source.json"
#: Steps of one photo, of one face.
STEPS = 7


@dataclass(frozen=True)
class Job:
    """One photo and the folder that its heads go to."""

    photo: Place
    folder: Place
    quality: str
    detail: str | None = None
    avatar: Path | None = None
    hair: str = "auto"
    glasses: str = "auto"
    headwear: str = "auto"
    shirt: str = "auto"
    files: FileOptions = USUAL


@dataclass(frozen=True)
class Outcome:
    """What became of one photo.

    Attributes:
        photo, folder: as in the Job.
        status: "done", "skipped" (its heads were there already) or "failed".
        faces: for each head its folder, box in pixels and files.
        error: a sentence, when failed.
        seconds: that it took. remarks: warnings while its heads were made.
    """

    photo: Place
    folder: Place
    status: str
    faces: tuple[dict[str, Any], ...] = ()
    error: str = ""
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            **{"photo": str(self.photo), "folder": str(self.folder), "status": self.status},
            **{"faces": list(self.faces), "error": self.error or None, "seconds": round(self.seconds, 3)},
            "remarks": list(self.remarks),
        }


def default_model(device: str | None = None) -> FaceGPT:
    """The embedded model, on the processor when `device` is None; the batch calls it once in each process."""
    from facegpt.api import load

    return load(device=device) if device else load()


def reconstruct_files(
    photos: Sequence[Place],
    output: Place,
    quality: str = "balanced",
    resume: bool = True,
    workers: int | None = None,
    subfolders: bool = True,
    make_model: Callable[[], FaceGPT] = default_model,
    detail: str | None = None,
    avatar: Path | None = None,
    hair: str = "auto",
    glasses: str = "auto",
    headwear: str = "auto",
    shirt: str = "auto",
    files: FileOptions = USUAL,
    shard: tuple[int, int] = (1, 1),
    on: str = LOCAL,
) -> list[Outcome]:
    """Make the heads of all faces in photos and write them below `output`.

    A photo with several faces gives face_0, face_1, … (largest first) inside its folder. Photos that fail don't stop
    the others.

    Args:
        photos: files, of this machine or of stores (data/stores.py).
        output: folder, or the address of one; made if need be.
        quality: as in `FaceGPT.reconstruct`.
        resume: leave out photos whose heads are there, made from the same content with the same settings.
        workers: processes; by default one for each core up to 8 (each takes about 0.7 GB), but no more than photos.
        subfolders: give each photo a folder below `output`; else there is one photo, which writes straight into it.
        make_model: gives the model, once in each process; a function at the top of a module.
        detail: as in `FaceGPT.reconstruct`.
        avatar: folder of an avatar, whose person gets their own head.
        hair: as in `FaceGPT.reconstruct`.
        glasses: as in `FaceGPT.reconstruct`.
        headwear: as in `FaceGPT.reconstruct`.
        shirt: as in `FaceGPT.reconstruct`.
        files: what files of heads hold beside the usual.
        shard: (I, N): the I-th of N parts of the photos, counted from 1. Every part has the same names for the same
            photos, so that the parts may write into one folder, at the same time or on several machines.
        on: "local", or the address of a Ray cluster (`runtime/ray_stream.py`), whose nodes see the same folders.

    Raises:
        FaceGPTError: if `output` cannot be written, or no cluster answers.
        KeyboardInterrupt: after Ctrl-C; every file that is there is whole.
    """
    made = _missing(output)
    _check_writable(output)
    names = output_names(photos) if subfolders else [""]
    how = quality, detail, avatar, hair, glasses, headwear, shirt, files
    numbers = range(len(photos))[shard[0] - 1 :: shard[1]]
    jobs = (Job(photos[k], output / names[k], *how) for k in numbers)  # made as they are needed: there may be 10⁶
    batch = _Batch(jobs, len(numbers), resume)
    if on == LOCAL:
        run = stream_on(LOCAL)(batch.left(), process, make_model, min(workers or cores(), len(numbers)), _died)
    else:
        run = _on_cluster(on, batch.left(), make_model, workers)
    shown = steps(STEPS) if len(numbers) == 1 else Progress("photos", len(numbers))
    with _without_empty(made), shown as progress, contextlib.closing(run):
        try:
            for outcome in run:
                batch.outcomes[outcome.photo] = outcome
                if progress is not None:
                    progress(len(batch.outcomes))
        except KeyboardInterrupt:
            if progress is None:
                print(batch.stopped(), file=sys.stderr)
            else:
                progress.note(batch.stopped())
            raise
    return [batch.outcomes[photos[k]] for k in numbers]


@dataclass(eq=False)
class _Batch:
    """The jobs of a batch, looked at one by one as they are taken, and what became of them.

    Attributes:
        jobs: each is taken once. count: of them. resume: whether those that are done already are left out.
        outcomes: of photos that are done or were before.
    """

    jobs: Iterator[Job]
    count: int
    resume: bool
    outcomes: dict[Place, Outcome] = field(default_factory=dict)
    _taken: dict[Place, Job] = field(default_factory=dict)

    def left(self) -> Iterator[Job]:
        """Those to be done."""
        for job in self.jobs:
            if self.resume and (there := _already_there(job)):
                self.outcomes[job.photo] = there
            else:
                self._taken = {photo: begun for photo, begun in self._taken.items() if photo not in self.outcomes}
                self._taken[job.photo] = job
                yield job

    def stopped(self) -> str:
        """A sentence on how many are left."""
        begun = [job for photo, job in self._taken.items() if photo not in self.outcomes]
        done = len(self.outcomes) + sum(self.resume and _already_there(job) is not None for job in begun)
        done += sum(self.resume and _already_there(job) is not None for job in self.jobs)  # of an earlier run
        return f"stopped with {self.count - done} of {self.count} photos to go; the same command goes on from here"


def _on_cluster(
    address: str, jobs: Iterator[Job], make_model: Callable[[], FaceGPT], workers: int | None
) -> Generator[Outcome, None, None]:
    """Outcomes of jobs done on a Ray cluster, in their order; the nodes are told absolute paths."""
    begun: deque[Job] = deque()

    def sent() -> Iterator[Job]:
        for job in jobs:
            begun.append(job)
            yield replace(job, photo=job.photo.resolve(), folder=job.folder.resolve())

    outcomes = stream_on(address)(sent(), process, make_model, workers, _died)
    with contextlib.closing(outcomes):
        for outcome in outcomes:
            job = begun.popleft()
            yield replace(outcome, photo=job.photo, folder=job.folder)


def _check_writable(folder: Place) -> None:
    """Find out before the work, not after it."""
    if isinstance(folder, StoredPath):
        (folder / ".facegpt").write_bytes(b"")
        (folder / ".facegpt").unlink()
        return
    make_folder(folder)
    probe = folder / f".facegpt-{os.getpid()}.tmp"
    write_text(probe, "")
    probe.unlink()


def _missing(folder: Place) -> list[Path]:
    """Which of a folder of this machine and those above it are not there, the innermost first."""
    return [] if isinstance(folder, StoredPath) else [each for each in (folder, *folder.parents) if not each.exists()]


@contextlib.contextmanager
def _without_empty(made: Sequence[Path]) -> Iterator[None]:
    """Leave none of the folders that were made, the innermost first, where nothing was written into them."""
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # what holds something is not removed
            for folder in made:
                folder.rmdir()


# One photo


def process(job: Job, model: Callable[[], FaceGPT]) -> Outcome:
    """Do one job; whatever goes wrong with this photo is told in the outcome, and only a damaged model is raised."""
    started = time.monotonic()
    with remarked() as remarks:
        made = attempt(f"'{job.photo}'", lambda: _make_heads(job, model))
    outcome = made if isinstance(made, Outcome) else _failed(job, str(made))
    return replace(outcome, seconds=time.monotonic() - started, remarks=tuple(remarks))


def _failed(job: Job, error: str) -> Outcome:
    return Outcome(job.photo, job.folder, "failed", error=error)


def _died(job: Job) -> Outcome:
    return _failed(job, f"'{job.photo}': the process that worked on it died (is the memory enough? try --workers 1)")


def _settings(job: Job) -> dict[str, Any]:
    quality = {"quality": job.quality, "detail": job.detail, "hair": job.hair, "glasses": job.glasses}
    told: dict[str, Any] = {"facegpt": __version__, **quality, "sha256": sha256_of(job.photo)}
    if job.headwear != "auto":
        told["headwear"] = job.headwear
    if job.shirt != "auto":
        told["shirt"] = job.shirt
    if job.files != USUAL:
        told["files"] = asdict(job.files)
    return told if job.avatar is None else {**told, "avatar": _avatar(job.avatar).head.model_id}


@cache
def _avatar(folder: Path) -> Avatar:
    """An avatar, read once in each process."""
    from facegpt.personal.avatar import load_avatar

    return load_avatar(folder)


def _already_there(job: Job) -> Outcome | None:
    """The outcome of an earlier run, if it came to its end and nothing has changed since."""
    if not job.photo.is_file():  # a pipe of this name, say, which must not be opened
        return None

    def whole(record: dict[str, Any]) -> bool:
        faces = tuple(record["faces"])
        return bool(faces) and all((job.folder / face["name"] / "params.json").is_file() for face in faces)

    record = known_record(job.folder / RECORD, lambda: _settings(job), whole)
    return None if record is None else Outcome(job.photo, job.folder, "skipped", _with_folders(job, record["faces"]))


def _make_heads(job: Job, model: Callable[[], FaceGPT]) -> Outcome:
    from facegpt.data.images import read_image

    step("reading the photo")
    photo = read_image(job.photo)
    settings = _settings(job)
    step("loading networks")
    asked: dict[str, Any] = {} if job.detail is None else {"detail": job.detail}
    if job.hair != "auto":
        asked["hair"] = job.hair
    if job.glasses != "auto":
        asked["glasses"] = job.glasses
    if job.headwear != "auto":
        asked["headwear"] = job.headwear
    if job.shirt != "auto":
        asked["shirt"] = job.shirt
    if job.avatar is not None:
        asked["avatar"] = _avatar(job.avatar)
    faces = model().reconstruct(photo, job.quality, **asked)
    if not faces:
        left = "what is left of " if photo.incomplete else ""
        raise ImageError(f"no face was found in {left}'{job.photo}'")
    (job.folder / RECORD).unlink(missing_ok=True)  # from now on the folder is no longer what the old record says
    told = []
    with staged(job.folder, RECORD) as folder:
        for index, face in enumerate(faces):
            name = "" if len(faces) == 1 else f"face_{index}"
            step("writing files")
            files = face.save_folder(folder / name, options=job.files)
            trust = {"confidence": face.confidence, "region_confidence": face.region_confidence}
            box = [round(float(x), 2) for x in face.box]
            words = {"drawn": _drawn(face), "ignored": list(face.ignored)}
            told.append({"name": name, "box": box, **trust, **words, "files": [p.name for p in files]})
        record = {"photo": job.photo.name, **settings, "faces": told}
        write_text(folder / RECORD, json.dumps(record, indent=2) + "\n")
    return Outcome(job.photo, job.folder, "done", _with_folders(job, told))


def _drawn(face: Face) -> list[str]:
    """What a head wears, a sentence each: hair with the beard, glasses; people see by it what was taken for what."""
    has_colour = face.photo is None or shows_colours(face.photo)
    hair = hair_words(face.params.hair, has_colour, is_covered(face.params), is_seen_bald(face.params))
    return [*filter(None, (hair, glasses_words(face.params.glasses)))]


def _with_folders(job: Job, faces: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple({"folder": str(job.folder / face["name"]), **face} for face in faces)
