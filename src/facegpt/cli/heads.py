"""Heads on the command line: found by name (a photo, a saved folder, "last"), saved, noted, on a sheet of several."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.cli.parts import file_options, natural

if TYPE_CHECKING:
    from PIL import Image

    from facegpt.face import Face

#: The file in the cache folder that says where the last head made was saved.
LAST_HEAD = "last_head.json"
SOURCE_HELP = "a photo, a folder or params.json that was saved before, or the word last: the last head made"
#: A sheet has so many heads in a row, and at most so many in all; each is drawn this large, pixels.
SHEET_COLUMNS, SHEET_MOST, SHEET_TILE = 4, 64, 320


def remember(folder: Path) -> None:
    """Note where the last head was saved. That it cannot be noted is no failure of what was asked for."""
    from facegpt.errors import FaceGPTError
    from facegpt.runtime.atomic_files import make_folder, write_text
    from facegpt.runtime.cache import cache_folder

    with contextlib.suppress(FaceGPTError, OSError):
        write_text(make_folder(cache_folder()) / LAST_HEAD, json.dumps({"folder": str(folder.resolve())}) + "\n")


def last_folder() -> Path:
    """Find the folder of the last head made. Raises FaceGPTError when there is none, or no longer."""
    from facegpt.errors import FaceGPTError
    from facegpt.runtime.cache import cache_folder

    try:
        folder = Path(json.loads((cache_folder() / LAST_HEAD).read_text("utf-8"))["folder"])
    except (OSError, ValueError, KeyError, TypeError):
        raise FaceGPTError(
            "there is no last head yet; make one with `facegpt imagine` or `facegpt reconstruct`"
        ) from None
    if not (folder / "params.json").is_file():
        raise FaceGPTError(f"the last head was saved in '{folder}', but it is no longer there")
    return folder


def add_source(parser: argparse.ArgumentParser) -> None:
    """Declare SOURCE and --face."""
    parser.add_argument("source", metavar="SOURCE", help=SOURCE_HELP)
    parser.add_argument("--face", type=natural, metavar="N", help="which face of a group photo, 0 the largest")


def find(source: str) -> str | Path:
    """What is to be read: the folder of the last head for "last", unless there is a file of that name."""
    return last_folder() if source == "last" and not Path("last").exists() else source


@contextlib.contextmanager
def remarks_of(options: argparse.Namespace) -> Iterator[list[str]]:
    """Warnings of the package while a verb works: a list for --json; without it people read them on stderr."""
    from facegpt.runtime.remarks import remarked

    with remarked(None if options.json else lambda text: print(in_options(text), file=sys.stderr)) as remarks:
        yield remarks


def in_options(text: str) -> str:
    """A sentence of the library with the verbs' own words for what it asks for."""
    return text.replace("face_index=", "--face ")


def check_text(text: str, what: str) -> None:
    """Find out that there is nothing to read before anything is loaded. Raises FaceGPTError."""
    from facegpt.language.reading.prompts import read_prompt

    read_prompt(text, what)


def saved(face: Face, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Save a head as the options of files ask, note it as the last one made, and give what --json says of it."""
    files = face.save_folder(folder, options.hair_lod, file_options(options))
    remember(folder)
    return {"folder": str(folder), "files": [path.name for path in files]}


def told_of_words(understood: Sequence[str], ignored: Sequence[str]) -> str:
    """Lines that say what was understood of the words behind a head, and what of them it does not show."""
    read = "; ".join(understood) or "nothing in particular"
    return "\n".join([f"understood: {read}", *(f"not shown: {thing}" for thing in ignored)])


def write_sheet(path: Path, folders: Sequence[Path]) -> Path:
    """Write the previews of saved heads on one sheet, row by row; of very many the first."""
    from PIL import Image

    folders = folders[:SHEET_MOST]
    columns = min(len(folders), SHEET_COLUMNS)
    canvas = Image.new("RGB", (columns * SHEET_TILE, -(-len(folders) // columns) * SHEET_TILE), "white")
    for k, folder in enumerate(folders):
        with Image.open(folder / "preview.png") as preview:
            tile = preview.convert("RGB").resize((SHEET_TILE, SHEET_TILE), Image.Resampling.BOX)
        canvas.paste(tile, (k % columns * SHEET_TILE, k // columns * SHEET_TILE))
    return write_picture(path, canvas)


def write_picture(path: Path, image: Image.Image) -> Path:
    """Write a PNG file, whole or not at all."""
    import io

    from facegpt.runtime.atomic_files import write_bytes

    data = io.BytesIO()
    image.save(data, format="PNG")
    return write_bytes(path, data.getvalue())
