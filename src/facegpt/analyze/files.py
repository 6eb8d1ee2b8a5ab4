"""Many photos to records, pictures and one table; a broken photo is a row with its error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
from facegpt.types import FaceGPTError

TABLE = "faces.csv"


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


def analyze_files(model: Analyzes, photos: list[Path], folder: Path | None = None) -> Iterator[Analyzed]:
    """Analyze photos one by one, in constant memory.

    Args:
        model: says what is seen.
        photos: their paths.
        folder: where NAME.json, and for each face NAME.png and NAME_parts.png, are written, and the table of all as
            faces.csv at the end; None writes nothing.

    Raises:
        FaceGPTError: if a file cannot be written.
    """
    rows: list[dict[str, Any]] = []
    for photo, name in zip(photos, output_names(photos), strict=True):
        done = _analyzed(model, photo)
        if folder is not None and done.error is None:
            done = Analyzed(photo, done.faces, None, tuple(_written(done, make_folder(folder), name)))
        rows += done.rows() if folder is not None else []
        yield done
    if folder is not None:
        write_text(make_folder(folder) / TABLE, table(rows))


def _analyzed(model: Analyzes, photo: Path) -> Analyzed:
    found = attempt(f"'{photo}'", lambda: model.analyze(photo))
    return Analyzed(photo, [], str(found)) if isinstance(found, FaceGPTError) else Analyzed(photo, found)


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
