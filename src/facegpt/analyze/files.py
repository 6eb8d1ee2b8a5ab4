"""Many photos to records, pictures and one table; a broken photo is a row with its error."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from facegpt.analyze.record import POINTS, Table, row_of
from facegpt.analyze.seen import Seen
from facegpt.data.download import sha256_of
from facegpt.data.files import output_names
from facegpt.data.images import ImageSource, Photo
from facegpt.data.records import known_record
from facegpt.data.stores import Place, staged
from facegpt.export.images import png_bytes
from facegpt.reconstruct.many_photos import attempt
from facegpt.runtime.atomic_files import make_folder, remove, write_bytes, write_text
from facegpt.runtime.processes import cores
from facegpt.runtime.sharing import LOCAL, stream_on
from facegpt.types import FaceGPTError

TABLE = "faces.csv"
#: Photos for which a further process, which loads networks for seconds, is worth while.
PHOTOS_A_PROCESS = 16


class Analyzes(Protocol):
    """What says what is seen on a photo: `facegpt.api.FaceGPT`."""

    def analyze(self, image: ImageSource | Photo) -> list[Seen]:
        """What is seen on each face."""
        ...


@dataclass(frozen=True, eq=False)
class Analyzed:
    """What became of one photo.

    Attributes:
        photo: its path. faces: what is seen on each, [] for none. error: why it could not be read, or None.
        files: that were written.
        known: records of the faces that an earlier run wrote, where the photo was left out for that; faces are [] then.
    """

    photo: Place
    faces: list[Seen]
    error: str | None = None
    files: tuple[Place, ...] = ()
    known: tuple[dict[str, Any], ...] | None = None

    def as_dict(self, points: bool = True) -> dict[str, Any]:
        """The same for JSON."""
        told = {"photo": str(self.photo), "error": self.error, "files": [str(file) for file in self.files]}
        return told | {"faces": self._records(points)}

    def rows(self) -> list[dict[str, Any]]:
        """Its rows of the table: one a face, or one that says that there is none."""
        start: dict[str, Any] = {"photo": str(self.photo), "face": None, "error": self.error or ""}
        return [{**start, "face": k, **row_of(face)} for k, face in enumerate(self._records(False))] or [start]

    def _records(self, points: bool) -> list[dict[str, Any]]:
        if self.known is None:
            return [face.to_dict(points) for face in self.faces]
        left_out = () if points else POINTS
        return [{name: value for name, value in face.items() if name not in left_out} for face in self.known]


def analyze_files(
    photos: Sequence[Place],
    make_model: Callable[[], Analyzes],
    folder: Place | None = None,
    workers: int | None = None,
    shard: tuple[int, int] = (1, 1),
    on: str = LOCAL,
    resume: bool = True,
) -> Iterator[Analyzed]:
    """Analyze photos one by one, in constant memory.

    Args:
        photos: their paths.
        make_model: gives what says what is seen, once in each process; for several a function at the top of a module.
        folder: where NAME.json, and for each face NAME.png and NAME_parts.png, are written, and the table of all as
            faces.csv at the end (faces_I_of_N.csv for a part); None writes nothing.
        workers: processes; on this machine by default one for each PHOTOS_A_PROCESS, up to the number of its cores.
        shard: (I, N): the I-th of N parts of the photos, counted from 1, which may write into one folder.
        on: "local", or the address of a Ray cluster (runtime/ray_stream.py), whose nodes see the same folders.
        resume: leave out photos whose NAME.json is there, made from the same content by the same version.

    Raises:
        FaceGPTError: if a file cannot be written, or no cluster answers.
    """
    names = output_names(photos)
    numbers = range(len(photos))[shard[0] - 1 :: shard[1]]
    sent: Iterator[Job] = (Job(photos[k], folder, names[k], resume) for k in numbers)  # there may be 10⁶
    if on != LOCAL:  # the nodes are told absolute paths
        where = folder and folder.resolve()
        sent = (replace(job, photo=job.photo.resolve(), folder=where) for job in sent)
    if on == LOCAL and workers is None:
        workers = min(cores(), 1 + len(numbers) // PHOTOS_A_PROCESS)
    run = stream_on(on)(sent, _analyzed, make_model, workers, _died)
    rows = None if folder is None else Table(make_folder(folder) if isinstance(folder, Path) else None)
    with contextlib.closing(run), contextlib.closing(rows) if rows else contextlib.nullcontext():
        for k, found in zip(numbers, run, strict=True):
            done = replace(found, photo=photos[k])
            if rows is not None:
                rows.add(done.rows())
            yield done
        if folder is not None and rows is not None:
            part = "" if shard[1] == 1 else f"_{shard[0]}_of_{shard[1]}"
            with staged(folder) as written:
                rows.write(written / f"{Path(TABLE).stem}{part}.csv")


@dataclass(frozen=True)
class Job:
    """One photo; the folder that its files go to, or None; their name; whether an earlier run's are kept."""

    photo: Place
    folder: Place | None
    name: str
    resume: bool = True


def _analyzed(job: Job, model: Callable[[], Analyzes]) -> Analyzed:
    """Analyze a photo and write its files into a folder, if there is one, under a name."""
    if job.folder is not None and job.resume and (known := _already_there(job)) is not None:
        return Analyzed(job.photo, [], known=known)
    found = attempt(f"'{job.photo}'", lambda: model().analyze(job.photo))
    if isinstance(found, FaceGPTError):
        return Analyzed(job.photo, [], str(found))
    done = Analyzed(job.photo, found)
    if job.folder is None:
        return done
    with staged(job.folder, f"{job.name}.json") as local:
        files = [file.name for file in _written(done, make_folder(local), job)]
    return replace(done, files=tuple(job.folder / name for name in files))


def _already_there(job: Job) -> tuple[dict[str, Any], ...] | None:
    """Records of the faces that an earlier run found, if it came to its end and nothing has changed since."""
    folder = job.folder
    if folder is None or not job.photo.is_file():
        return None

    def whole(told: dict[str, Any]) -> bool:
        return isinstance(told["faces"], list) and all((folder / name).is_file() for name in told["files"])

    told = known_record(folder / f"{job.name}.json", lambda: {"source": _source(job.photo)}, whole)
    return None if told is None else tuple(told["faces"])


def _source(photo: Place) -> dict[str, str]:
    """What a record was made from, and by what."""
    return {"facegpt": version("facegpt"), "sha256": sha256_of(photo)}


def _died(job: Job) -> Analyzed:
    return Analyzed(job.photo, [], f"'{job.photo}': the process that worked on it died (is the memory enough?)")


def _written(done: Analyzed, folder: Path, job: Job) -> tuple[Path, ...]:
    """Write the files of one photo; the record comes last, so that where it is the rest is."""
    files, record = [], folder / f"{job.name}.json"
    remove(record)
    for k, face in enumerate(done.faces):
        stem = job.name if len(done.faces) == 1 else f"{job.name}_{k + 1}"
        files.append(_picture(folder / f"{stem}.png", np.asarray(face.plot())))
        if face.parts is not None:
            files.append(_picture(folder / f"{stem}_parts.png", face.parts.labels))
    told = done.as_dict() | {"files": [file.name for file in files], "source": _source(done.photo)}
    return write_text(record, json.dumps(told, indent=1, allow_nan=False) + "\n"), *files


def _picture(path: Path, pixels: NDArray[np.uint8]) -> Path:
    return write_bytes(path, png_bytes(pixels))
