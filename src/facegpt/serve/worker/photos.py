"""Photos: what is seen on their faces, whether two show one person, and the photo itself changed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.analyze.seen import Seen
from facegpt.data.images import Photo, photo_of
from facegpt.data.provenance import marked_image, marked_png
from facegpt.picture.editing import edit_photo, expression_of, photo_in, redrawn
from facegpt.picture.morph import morph_photos
from facegpt.picture.prepare import prepare
from facegpt.picture.wishes import PhotoWishes, read_pair, read_weights
from facegpt.runtime.remarks import remarked
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import RefusedError, Task
from facegpt.types import ImageError


def analyzed(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Say what is seen on the faces of a photo. Payload: photo (a file), points (whether with all points)."""
    faces = shelf.model.analyze(_photo(task.payload["photo"]))
    told = [{**seen.to_dict(points=task.payload["points"]), "row": seen.row()} for seen in faces]
    return {"faces": [_finite(each) for each in told]}


def compared(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Say how likely two photos show one person. Payload: first, second (files), first_face, second_face (or None)."""
    pair = [_face_of(shelf, task.payload[name], task.payload[f"{name}_face"], name) for name in ("first", "second")]
    told: dict[str, Any] = _finite(shelf.model.compare(*pair).to_dict())
    return told


def _face_of(shelf: Shelf, path: str, index: int | None, name: str) -> Photo | Seen:
    """A photo, or one face of it. Raises ImageError if there is none of that number."""
    photo = _photo(path)
    if index is None:
        return photo
    faces = shelf.model.analyze(photo)
    if index >= len(faces):
        raise ImageError(f"the {name} photo shows {len(faces)} faces; there is no face {index} (0 is the largest)")
    return faces[index]


def edited(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Change the face of a photo.

    Payload: photo, like, morph, retexture (files or None), text, set, au, turn, gaze (texts), at, face, seed, file
    (where the picture goes).
    """
    asked, model = task.payload, shelf.model
    photo = _photo(asked["photo"])
    with remarked() as remarks:
        if asked["morph"]:
            done = morph_photos(model, photo, _photo(asked["morph"]), asked["at"], asked["face"])
        else:
            like = expression_of(model, _photo(asked["like"])) if asked["like"] else None
            done = edit_photo(model, photo, asked["text"] or None, _wishes(asked, like), asked["seed"], asked["face"])
    Path(asked["file"]).write_bytes(marked_png(done.picture))
    share = float((done.mask > 0).mean())
    told = {
        "understood": done.understood,
        "understood_parts": done.understood_parts,
        "ignored": done.ignored,
        "remarks": remarks,
    }
    return {**told, "changed_share": round(share, 4)}


def shown(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Draw a head into the photo that the first of its line was made from. Payload: head, turn, gaze, file."""
    asked = task.payload
    face, first = shelf.get(asked["head"]), shelf.told(asked["head"]).get("photo_head")
    if first is None:
        raise RefusedError("not_found", "this head was made from no photo")
    source = shelf.get(first)
    wishes = PhotoWishes(turn_deg=asked["turn"], gaze=asked["gaze"])
    rig = shelf.rig(first, lambda: prepare(shelf.model, photo_in(source), source))
    Path(asked["file"]).write_bytes(marked_png(marked_image(redrawn(rig, face, wishes).picture)))
    return {}


def _wishes(asked: dict[str, Any], expression: tuple[float, ...] | None) -> PhotoWishes:
    """What is asked beside words. Raises RefusedError for what cannot be read."""
    readers = {"set": read_weights, "au": read_weights, "turn": read_pair, "gaze": _gaze}
    read: dict[str, Any] = {}
    for name, reader in readers.items():
        try:
            read[name] = reader(asked[name]) if asked[name] else None
        except ValueError:
            examples = {"set": "jawOpen=.4,browInnerUp=.6", "au": "1=.6,L12=.4", "turn": "12,-5", "gaze": "camera"}
            raise RefusedError("invalid", f"{name} is written like {examples[name]}, not '{asked[name]}'") from None
    paint = Path(asked["retexture"]) if asked["retexture"] else None
    return PhotoWishes(read["set"] or {}, read["au"] or {}, read["turn"], read["gaze"], expression, paint)


def _gaze(text: str) -> str | tuple[float, float]:
    return text if text == "camera" else read_pair(text)


def _photo(path: str) -> Photo:
    """An upload as a photo."""
    return photo_of(Path(path).read_bytes())


def _finite(value: Any) -> Any:
    """The same with null for what is no number: JSON has no other way to say it."""
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value
