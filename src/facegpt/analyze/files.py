"""Many photos to records, pictures and one table; a broken photo is a row with its error."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from facegpt.analyze.record import table
from facegpt.analyze.seen import Seen
from facegpt.data.files import output_names
from facegpt.data.images import ImageSource, Photo
from facegpt.reconstruct.many_photos import attempt
from facegpt.runtime.atomic_files import make_folder, write_bytes, write_text
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
    """

    photo: Path
    faces: list[Seen]
    error: str | None = None
    files: tuple[Path, ...] = ()

    def as_dict(self, points: bool = True) -> dict[str, Any]:
        """The same for JSON."""
        told = {"photo": str(self.photo), "error": self.error, "files": [str(file) for file in self.files]}
        return told | {"faces": [face.to_dict(points) for face in self.faces]}

    def rows(self) -> list[dict[str, Any]]:
        """Its rows of the table: one a face, or one that says that there is none."""
        start: dict[str, Any] = {"photo": str(self.photo), "face": None, "error": self.error or ""}
        return [{**start, "face": k, **face.row()} for k, face in enumerate(self.faces)] or [start]


def analyze_files(
    photos: Sequence[Path],
    make_model: Callable[[], Analyzes],
    folder: Path | None = None,
    workers: int | None = None,
    shard: tuple[int, int] = (1, 1),
    on: str = LOCAL,
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

    Raises:
        FaceGPTError: if a file cannot be written, or no cluster answers.
    """
    rows: list[dict[str, Any]] = []
    jobs = list(zip(photos, output_names(list(photos)), strict=True))[shard[0] - 1 :: shard[1]]
    sent = [(photo, folder, name) for photo, name in jobs]
    if on != LOCAL:  # the nodes are told absolute paths
        sent = [(photo.resolve(), folder and folder.resolve(), name) for photo, folder, name in sent]
    if on == LOCAL and workers is None:
        workers = min(cores(), 1 + len(jobs) // PHOTOS_A_PROCESS)
    run = stream_on(on)(sent, _analyzed, make_model, workers, _died)
    with contextlib.closing(run):
        for (photo, _), found in zip(jobs, run, strict=True):
            done = replace(found, photo=photo)
            rows += done.rows() if folder is not None else []
            yield done
    if folder is not None:
        part = "" if shard[1] == 1 else f"_{shard[0]}_of_{shard[1]}"
        write_text(make_folder(folder) / f"{Path(TABLE).stem}{part}.csv", table(rows))


def _analyzed(job: tuple[Path, Path | None, str], model: Callable[[], Analyzes]) -> Analyzed:
    """Analyze a photo and write its files into a folder, if there is one, under a name."""
    photo, folder, name = job
    found = attempt(f"'{photo}'", lambda: model().analyze(photo))
    if isinstance(found, FaceGPTError):
        return Analyzed(photo, [], str(found))
    done = Analyzed(photo, found)
    return done if folder is None else replace(done, files=tuple(_written(done, make_folder(folder), name)))


def _died(job: tuple[Path, Path | None, str]) -> Analyzed:
    return Analyzed(job[0], [], f"'{job[0]}': the process that worked on it died (is the memory enough?)")


def _written(done: Analyzed, folder: Path, name: str) -> Iterable[Path]:
    """Write the files of one photo."""
    yield write_text(folder / f"{name}.json", json.dumps(done.as_dict(), indent=1, allow_nan=False) + "\n")
    for k, face in enumerate(done.faces):
        stem = name if len(done.faces) == 1 else f"{name}_{k + 1}"
        yield _picture(folder / f"{stem}.png", face.plot())
        if face.parts is not None:
            yield _picture(folder / f"{stem}_parts.png", Image.fromarray(np.asarray(face.parts.labels)))


def _picture(path: Path, image: Image.Image) -> Path:
    import io

    data = io.BytesIO()
    image.save(data, "PNG")
    return write_bytes(path, data.getvalue())
