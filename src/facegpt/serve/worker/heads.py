"""Heads from photos and words, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.data.images import Photo, photo_of, read_image
from facegpt.export.gltf.meshes import skin_vertices
from facegpt.export.images import png_bytes
from facegpt.face import Face
from facegpt.reconstruct.photo import check_quality, faces_seen, heads_of, largest_first
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.reconstruct.several_photos import MOST_PHOTOS, clearest, person_views
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.serve.formats import FORMATS
from facegpt.serve.worker.files import write_ahead
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import RefusedError, Task
from facegpt.types import Array, ImageError


def from_photo(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Make the heads of a photo. Payload: photo (a file), quality, detail, what is worn, avatar, reader."""
    asked, path = task.payload, Path(task.payload["photo"])
    check_quality(asked["quality"])
    task.progress("reading the photo")
    own = {"avatar": asked["avatar"]} if asked.get("avatar") else {}
    told: dict[str, Face] = {}
    heads: dict[str, dict[str, Any]] = {}
    for face in _faces(shelf, task, photo_of(path.read_bytes())):
        facts = own if face.model is not shelf.model.head else {}
        head = shelf.put(face, path, origin="photo", text=asked.get("name", ""), **facts)
        write_ahead(shelf, task, [head])
        told[head["id"]], heads[head["id"]] = face, head
        task.made(head)
    if not told:
        raise RefusedError(
            "no_face", "no face was found in the photo; try one with a face that is larger or better lit"
        )
    order = largest_first(told.values())
    return {"heads": sorted(heads.values(), key=lambda head: order.index(told[head["id"]]))}


def _faces(shelf: Shelf, task: Task, photo: Photo) -> Iterator[Face]:
    """The heads of a photo as they are made, the largest box first."""
    asked, model = task.payload, shelf.model
    quality, detail, dress = (
        asked["quality"],
        asked["detail"] or None,
        (asked["hair"], asked["glasses"], asked.get("headwear", "auto"), asked.get("shirt", "auto")),
    )
    if asked["reader"] == "language":
        task.progress("looking at the photo")
        yield from model.see(photo)
        return
    if asked["avatar"]:
        task.progress("making heads")
        yield from model.reconstruct(photo, quality, detail, shelf.folder / "avatars" / asked["avatar"], *dress)
        return
    task.progress("finding faces")
    seen = list(faces_seen(model, photo, quick=quality == "fast"))
    for k, one in enumerate(sorted(seen, key=_width_px, reverse=True)):
        task.progress(f"making head {k + 1} of {len(seen)}", k / len(seen))
        for face in heads_of(model, [one], quality, detail, *dress):
            yield replace(face, renderer=model.renderer)


def _width_px(seen: SeenFace) -> float:
    """How wide a face is in its photo."""
    return float(np.ptp(seen.detection.points[:, 0]))


def from_person(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Make one person's head from several photos; those that cannot be read are left out, and of many some are chosen.

    Payload: photos (files), names, quality, detail, hair, glasses.
    """
    asked = task.payload
    rows: list[int] = []
    broken: list[str] = []
    photos = _readable(task, rows, broken)
    how = asked["quality"], asked["detail"] or None, asked["glasses"], asked["hair"]
    found = person_views(shelf.model, photos, *how, MOST_PHOTOS)
    task.progress("keeping the heads", 0.95)
    called = [asked["names"][row] or f"photo {row + 1}" for row in rows]
    picture, better = found.match_picture(), [*broken, *found.advice_on(called)]
    keys = [shelf.new_key() for _ in found.views]
    facts: dict[str, Any] = {"origin": "photo", "matched": picture is not None, "together": keys, "advice": better}
    told = []
    for key, view, at in zip(keys, found.views, found.photos, strict=True):
        path, name = Path(asked["photos"][rows[at]]), asked["names"][rows[at]]
        told.append(shelf.put(replace(view, renderer=shelf.model.renderer), path, key=key, text=name, **facts))
        if picture is not None:
            files = make_folder(shelf.place(key) / "files")
            write_bytes(files / f"matches{FORMATS['matches'].extension}", png_bytes(picture))
    best = keys[found.views.index(clearest(found.views))]
    return {"heads": told, "clearest": best, "advice": better}


def _readable(task: Task, rows: list[int], broken: list[str]) -> Iterator[Photo]:
    """The photos of a job one by one; `rows` grows by those that can be read, `broken` by a sentence on each other one.

    Raises ImageError if none can be read.
    """
    asked, why = task.payload, ""
    for row, path in enumerate(asked["photos"]):
        task.progress(f"looking at photo {row + 1} of {len(asked['photos'])}", 0.5 * row / len(asked["photos"]))
        try:
            photo = read_image(Path(path))
        except ImageError as error:
            name = asked["names"][row] or f"photo {row + 1}"
            why = str(error).replace(f"'{path}'", name)
            broken.append(f"{why}; it was left out")
            continue
        rows.append(row)
        yield photo
    task.progress("making the head", 0.5)
    if not rows:
        raise ImageError(why or "there is no photo of the person")


def from_words(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Make heads from words. Payload: text, seed, count."""
    asked, told = task.payload, []
    for k in range(asked["count"]):
        task.progress("reading the words" if k == 0 else f"making head {k + 1} of {asked['count']}", k / asked["count"])
        face = shelf.model.imagine(asked["text"], asked["seed"] + k)
        told.append(shelf.put(face, origin="words", text=asked["text"]))
        write_ahead(shelf, task, told)
        task.made(told[-1])
    return {"heads": told}


def edited(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Change a head by words. Payload: head, text, seed."""
    asked = task.payload
    task.progress("reading the words")
    face = shelf.model.edit(shelf.get(asked["head"]), asked["text"], asked["seed"])
    return {"heads": [shelf.put(face, origin="edit", text=asked["text"], **child_of(shelf, asked["head"]))]}


def child_of(shelf: Shelf, key: str) -> dict[str, Any]:
    """The facts that a head has of the one it was made from."""
    avatar = shelf.avatar_of(key)
    return {"parent": key} if avatar is None else {"parent": key, "avatar": avatar}


def mean(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Make the head of the prior's mean. Payload: nothing."""
    return {"heads": [shelf.put(shelf.model.mean_face(), origin="mean")]}


def described(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Describe a head, or answer a question about it, or about several. Payload: heads, question."""
    one, *others = [shelf.get(key) for key in task.payload["heads"]]
    return {"text": shelf.model.describe([one, *others] if others else one, task.payload.get("question"))}


def apart(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Write how far two people at rest lie apart, mm, by the vertices of the GLB's skin. Payload: a, b, file."""
    a, b = (shelf.get(task.payload[name]) for name in "ab")
    if len(a.triangles) != len(b.triangles) or not np.array_equal(a.triangles, b.triangles):
        raise RefusedError("refused", "these two heads have different meshes and cannot be compared vertex by vertex")
    apart = np.linalg.norm(a.neutral().vertices() - b.neutral().vertices(), axis=1)
    skin = skin_vertices(a.mesh)
    values = apart[skin].astype("<f4")
    Path(task.payload["file"]).write_bytes(values.tobytes())
    seen: Array = apart[np.unique(skin)]
    return {"mean_mm": float(seen.mean()), "max_mm": float(seen.max())}
