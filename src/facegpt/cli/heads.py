"""Heads on the command line: found by name (a photo, a saved folder, "last"), saved, noted, on a sheet of several."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

    from facegpt.api import FaceGPT
    from facegpt.face import Face

#: The file in the cache folder that says where the last head made was saved.
LAST_HEAD = "last_head.json"
SOURCE_HELP = "a photo, a folder or params.json that was saved before, or the word last: the last head made"
#: A sheet has this many heads in a row; each is drawn this large, pixels.
SHEET_COLUMNS, SHEET_TILE = 4, 320


def remember(folder: Path) -> None:
    """Note where the last head was saved. That it cannot be noted is no failure of what was asked for."""
    from facegpt.runtime.atomic_files import make_folder, write_text
    from facegpt.runtime.cache import cache_folder
    from facegpt.types import FaceGPTError

    with contextlib.suppress(FaceGPTError, OSError):
        write_text(make_folder(cache_folder()) / LAST_HEAD, json.dumps({"folder": str(folder.resolve())}) + "\n")


def last_folder() -> Path:
    """Find the folder of the last head made. Raises FaceGPTError when there is none, or no longer."""
    from facegpt.runtime.cache import cache_folder
    from facegpt.types import FaceGPTError

    try:
        folder = Path(json.loads((cache_folder() / LAST_HEAD).read_text("utf-8"))["folder"])
    except (OSError, ValueError, KeyError, TypeError):
        raise FaceGPTError(
            "there is no last head yet; make one with `facegpt imagine` or `facegpt reconstruct`"
        ) from None
    if not (folder / "params.json").is_file():
        raise FaceGPTError(f"the last head was saved in '{folder}', but it is no longer there")
    return folder


def find_heads(model: FaceGPT, source: str) -> list[Face]:
    """Load the head of a source, or make those of a photo.

    Raises:
        FaceGPTError: if there is nothing of that name, it is damaged, or the photo shows no face.
    """
    from facegpt.data.images import read_image
    from facegpt.face import Face
    from facegpt.types import FaceGPTError, ImageError

    path = last_folder() if source == "last" and not Path("last").exists() else Path(source)
    if path.is_dir() and not (path / "params.json").is_file() and (path / "face_0" / "params.json").is_file():
        path = path / "face_0"  # a photo with several faces: the largest
    if path.is_dir() and not (path / "params.json").is_file():
        raise FaceGPTError(f"the folder '{path}' holds no saved head (params.json)")
    if path.is_dir() or path.suffix.lower() == ".json":
        return [Face.load(path, model.head)]
    faces = model.faces_in(read_image(path))
    if not faces:
        raise ImageError(f"no face was found in '{path}'")
    return faces


def remarks_on(text: str, what: str) -> list[str]:
    """What is to be said about a text; raises FaceGPTError before anything is loaded where it says nothing."""
    from facegpt.language.reading.prompts import read_prompt

    return list(read_prompt(text, what).remarks)


def saved(face: Face, folder: Path) -> dict[str, Any]:
    """Save a head, note it as the last one made, and give what --json says of it."""
    files = face.save_folder(folder)
    remember(folder)
    return {"folder": str(folder), "files": [path.name for path in files]}


def sheet(faces: Sequence[Face]) -> Image.Image:
    """Draw several heads on one sheet, row by row."""
    import numpy as np
    from PIL import Image

    from facegpt.render.plots import on_background

    columns = min(len(faces), SHEET_COLUMNS)
    rows = -(-len(faces) // columns)
    canvas = np.full((rows * SHEET_TILE, columns * SHEET_TILE, 3), 255, np.uint8)
    for k, face in enumerate(faces):
        y, x = (k // columns) * SHEET_TILE, (k % columns) * SHEET_TILE
        canvas[y : y + SHEET_TILE, x : x + SHEET_TILE] = on_background(face.render(SHEET_TILE))
    return Image.fromarray(canvas)


def write_picture(path: Path, image: Image.Image) -> Path:
    """Write a PNG file, whole or not at all."""
    import io

    from facegpt.runtime.atomic_files import write_bytes

    data = io.BytesIO()
    image.save(data, format="PNG")
    return write_bytes(path, data.getvalue())
