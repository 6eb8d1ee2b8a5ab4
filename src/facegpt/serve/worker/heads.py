"""Heads from photos and words, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.data.images import photo_of
from facegpt.export.gltf.meshes import skin_vertices
from facegpt.reconstruct.photo import check_quality, faces_seen, heads_of, largest_first
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import RefusedError, Task
from facegpt.types import Array


def from_photo(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Make the heads of a photo. Payload: photo (a file), quality, hair, glasses, detail, avatar."""
    asked, model = task.payload, shelf.model
    path = Path(asked["photo"])
    check_quality(asked["quality"])
    task.progress("reading the photo")
    photo = photo_of(path.read_bytes())
    if asked.get("avatar"):
        task.progress("making heads")
        folder = shelf.folder / "avatars" / asked["avatar"]
        faces = model.reconstruct(photo, asked["quality"], asked["detail"], folder, asked["hair"], asked["glasses"])
    else:
        task.progress("finding faces")
        seen = list(faces_seen(model, photo, quick=asked["quality"] == "fast"))
        how, made = [asked[name] for name in ("quality", "detail", "hair", "glasses")], []
        for k, one in enumerate(seen):
            task.progress(f"making head {k + 1} of {len(seen)}", k / len(seen))
            made += heads_of(model, [one], *how)
        faces = [replace(face, renderer=model.renderer) for face in largest_first(made)]
    if not faces:
        raise RefusedError(
            "no_face", "no face was found in the photo; try one with a face that is larger or better lit"
        )
    task.progress("keeping the heads", 0.95)
    own = {"avatar": asked["avatar"]} if asked.get("avatar") else {}
    told = []
    for face in faces:
        facts = own if face.model is not model.head else {}
        told.append(shelf.put(face, path, origin="photo", text=asked.get("name", ""), **facts))
    return {"heads": told}


def from_words(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Make heads from words. Payload: text, seed, count."""
    asked, told = task.payload, []
    for k in range(asked["count"]):
        task.progress("reading the words" if k == 0 else f"making head {k + 1} of {asked['count']}", k / asked["count"])
        face = shelf.model.imagine(asked["text"], asked["seed"] + k)
        told.append(shelf.put(face, origin="words", text=asked["text"]))
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


def described(shelf: Shelf, task: Task) -> dict[str, Any]:
    """Describe a head, or answer a question about it. Payload: head, question."""
    return {"text": shelf.model.describe(shelf.get(task.payload["head"]), task.payload.get("question"))}


def compared(shelf: Shelf, task: Task) -> dict[str, Any]:
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
