"""Files of a head in every format, made when they are first asked for."""

from __future__ import annotations

import io
import secrets
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from facegpt.export.detail_files import relief_picture
from facegpt.export.images import png_bytes
from facegpt.face import PREVIEW_SIZE, Face
from facegpt.face.doubt import doubt_picture, doubt_texture
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.serve.formats import FORMATS
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import RefusedError, Task

#: Longer edge and JPEG quality of a photo that is given back.
PHOTO_PX, PHOTO_QUALITY = 2048, 90
#: Side, frames and frames a second of the video of a turn.
TURN_PX, TURN_FRAMES, TURN_FPS = 480, 48, 16


def made(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Make a file of a head. Payload: head, format, hair_lod ("0" to "2", "none"), file (where it goes)."""
    asked = task.payload
    path = Path(asked["file"])
    if not path.is_file():
        task.progress(f"writing {FORMATS[asked['format']].extension}")
        face = shelf.get(asked["head"])
        make_folder(path.parent)
        if asked["format"] == "turntable":
            _write_turntable(face, path, task)
        else:
            write_as(face, asked["format"], path, None if asked["hair_lod"] == "none" else int(asked["hair_lod"]))
    return {"bytes": path.stat().st_size}


def turned(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Write the video of one turn of a head, told frame by frame. Payload: head, address (of the file)."""
    key = task.payload["head"]
    path = shelf.place(key) / "files" / f"turntable{FORMATS['turntable'].extension}"
    made(shelf, replace(task, payload={"head": key, "format": "turntable", "hair_lod": "0", "file": str(path)}))
    return {"file": task.payload["address"]}


def _write_turntable(face: Face, path: Path, task: Task) -> None:
    """Turn a head once to its left, at rest in a studio's light."""
    from facegpt.export.video_file import VideoFile

    with VideoFile(path, TURN_FPS) as video:
        for k in range(TURN_FRAMES):
            task.progress("turning the head", k / TURN_FRAMES)
            picture = face.render(TURN_PX, 360.0 * k / TURN_FRAMES, 0.0, background="grey")
            video.add(picture[..., :3], k / TURN_FPS)


def write_ahead(shelf: Shelf, task: Task, heads: Sequence[dict[str, Any]]) -> None:
    """Write what a page shows of heads before they are handed out: pictures of all, the GLB of the first.

    Nothing unless the payload says `ready`.
    """
    if not task.payload.get("ready"):
        return
    for k, head in enumerate(heads):
        for name in ("glb", "preview") if k == 0 else ("preview",):
            task.progress("drawing the head")
            path = shelf.place(head["id"]) / "files" / f"{name}{FORMATS[name].extension}"
            if not path.is_file():
                make_folder(path.parent)
                write_as(shelf.get(head["id"]), name, path)


def rendered(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Draw a head alone. Payload: head, view (arguments of `Face.render`), file (where it goes)."""
    asked = task.payload
    view = {"yaw_deg": None, "pitch_deg": None} | asked["view"]  # without angles: as in its photo
    Path(asked["file"]).write_bytes(png_bytes(shelf.get(asked["head"]).render(**view)))
    return {}


def write_as(face: Face, name: str, path: Path, hair_lod: int | None = 0) -> None:
    """Write a head in a format of FORMATS, whole or not at all; hair_lod: as of `Face.save`."""
    if name == "preview":
        write_bytes(path, png_bytes(face.render(PREVIEW_SIZE, None, None)))
    elif name == "picture":
        write_bytes(path, png_bytes(face.render(PREVIEW_SIZE, None, None, background="grey")))
    elif name == "overlay":
        write_bytes(path, png_bytes(face.overlay()))
    elif name == "texture":
        write_bytes(path, png_bytes(face.texture))
    elif name == "relief":
        write_bytes(path, _relief(face))
    elif name == "doubt":
        write_bytes(path, png_bytes(doubt_picture(face)))
    elif name == "sureness":
        write_bytes(path, png_bytes(doubt_texture(face)))
    elif name == "matches":
        raise RefusedError("not_found", "the picture of what was matched is gone; make the head from its photos again")
    elif name == "photo":
        write_bytes(path, _photo(face))
    elif name == "plot":
        picture = io.BytesIO()
        face.plot().save(picture, format="PNG")
        write_bytes(path, picture.getvalue())
    else:
        _write_model(face, name, path, hair_lod)


def _relief(face: Face) -> bytes:
    """Wrinkles and folds as a picture of the atlas."""
    if face.displacement is None:
        raise RefusedError("not_found", "this head has no wrinkles of its own; make it with detail")
    return png_bytes(relief_picture(face.displacement))


def _photo(face: Face) -> bytes:
    """The photo as every browser shows it, reduced if it is large."""
    if face.photo is None:
        raise RefusedError("not_found", "this head was made from no photo")
    picture, data = Image.fromarray(face.photo), io.BytesIO()
    picture.thumbnail((PHOTO_PX, PHOTO_PX))
    picture.save(data, format="JPEG", quality=PHOTO_QUALITY)
    return data.getvalue()


def _write_model(face: Face, name: str, path: Path, hair_lod: int | None) -> None:
    """Write a 3D format, in a folder beside its place: several files are packed, one takes the place."""
    folder = make_folder(path.parent / f".{secrets.token_hex(6)}")
    try:
        ending = {"params": ".json"}.get(name, f".{name}")
        if name == "folder":
            face.save_folder(folder, hair_lod)
        else:
            face.save(folder / f"head{ending}", hair_lod)
        files = sorted(file for file in folder.iterdir() if file.is_file())
        if FORMATS[name].extension == ".zip":
            packed = folder / "packed.zip"
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as bundle:
                for file in files:
                    bundle.write(file, file.name)
            packed.replace(path)
        else:
            (folder / f"head{ending}").replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
