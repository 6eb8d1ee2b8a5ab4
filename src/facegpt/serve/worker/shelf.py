"""Heads by id: the last ones in memory, all of them in folders of the store."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.api import FaceGPT
from facegpt.data.images import read_image
from facegpt.detail.relief import Detail
from facegpt.export.images import png_bytes
from facegpt.export.params_json import params_to_json
from facegpt.face import Face
from facegpt.personal.relief import detail_arrays, detail_facts, detail_of
from facegpt.runtime.arrays import read_arrays
from facegpt.runtime.atomic_files import make_folder
from facegpt.serve.formats import PHOTO
from facegpt.serve.worker.recipes import Notes, Recipe
from facegpt.serve.worker.task import RefusedError
from facegpt.serve.worker.told import head_told

#: Heads kept in memory, and bytes of their photos.
MOST_HEADS, MOST_PHOTO_BYTES = 12, 200_000_000
#: Files of a head's folder: what the record alone does not hold, how it was made, and the wrinkles of its skin.
RECORD, RECIPE, RELIEF = "head.json", "recipe.json", "relief.npz"


@dataclass
class Shelf:
    """Where a worker puts heads and finds them again.

    Attributes:
        model: of the heads. folder: of the store. notes: how the model made them.
    """

    model: FaceGPT
    folder: Path
    notes: Notes = field(init=False)
    _faces: OrderedDict[str, Face] = field(default_factory=OrderedDict)
    _rig: tuple[str, Any] = ("", None)

    def __post_init__(self) -> None:
        self.notes = Notes(self.model)

    def place(self, key: str) -> Path:
        """The folder of a head."""
        return self.folder / "heads" / key

    def new_key(self) -> str:
        """An id for a head."""
        return secrets.token_urlsafe(16)

    def put(
        self, face: Face, photo: Path | None = None, recipe: Recipe | None = None, key: str = "", **facts: Any
    ) -> dict[str, Any]:
        """Keep a head and give what clients are told of it.

        Args:
            face: the head.
            photo: the upload that shows it.
            recipe: how it was made, where the notes do not say it.
            key: its id, a new one where there is none yet.
            facts: as of `head_told`.

        Raises:
            FaceGPTError: if it cannot be written: nothing is left of it then.
        """
        key = key or self.new_key()
        folder = make_folder(self.place(key))
        if recipe is None and (noted := self.notes.of(face)) is not None:
            recipe = replace(noted[0], unused=tuple(face.ignored))
        try:
            if recipe is not None:
                (folder / RECIPE).write_text(json.dumps(recipe.to_json()), "utf-8")
            (folder / "params.json").write_text(
                params_to_json(face.params, doubt=face.doubt, skin_seen=face.skin_seen), "utf-8"
            )
            if face.photo_texture is not None:
                (folder / "texture.png").write_bytes(png_bytes(face.photo_texture))
            if face.detail is not None:
                np.savez_compressed(folder / RELIEF, **detail_arrays(face.detail))  # type: ignore[arg-type]
            if photo is not None and face.photo is not None:
                _same_file(photo, folder / PHOTO)
            told = head_told(face, key, facts) | self._steps(key, facts.get("parent"), recipe)
            told["photo_head"] = key if (folder / PHOTO).is_file() else self._photo_head(facts.get("parent"))
            kept: dict[str, Any] = {
                "confidence": face.confidence,
                "scale_sd": face.scale_sd,
                "detail_mesh": face.detail_mesh,
                "rooted": face.rooted,
                "relief": None if face.detail is None else detail_facts(face.detail),
            }
            kept |= {"regions": face.region_confidence, "understood": face.understood_parts, "ignored": face.ignored}
            record = {"told": told, "kept": kept, "avatar": facts.get("avatar")}
            (folder / RECORD).write_text(
                json.dumps(record), "utf-8"
            )  # nobody knows of the folder yet: no need of fsync
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._remember(key, face)
        return told

    def get(self, key: str) -> Face:
        """A head. Raises RefusedError if it was forgotten."""
        if key in self._faces:
            self._faces.move_to_end(key)
            if self.place(key).is_dir():
                return self._faces[key]
            del self._faces[key]
        folder = self.place(key)
        try:
            record = json.loads((folder / RECORD).read_text("utf-8"))
        except OSError:
            raise RefusedError("not_found", "there is no such head; it may have been deleted or forgotten") from None
        kept, face = record["kept"], Face.load(folder, self._head_model(record.get("avatar")))
        photo = read_image(folder / PHOTO).pixels if (folder / PHOTO).is_file() else None
        face = replace(
            face,
            photo=photo,
            renderer=self.model.renderer,
            detail=_relief(folder, kept.get("relief")),
            confidence=kept["confidence"],
            scale_sd=kept["scale_sd"],
            detail_mesh=kept["detail_mesh"],
            rooted=kept.get("rooted", True),  # what was kept before had them
            region_confidence=kept["regions"],
            understood_parts=kept["understood"],
            ignored=kept["ignored"],
        )
        self._remember(key, face)
        return face

    def key_of(self, face: Face) -> str | None:
        """The id of a head that lies here in memory."""
        return next((key for key, other in self._faces.items() if other.params is face.params), None)

    def recipe(self, key: str) -> Recipe:
        """How a head was made. Raises RefusedError if that is not known."""
        try:
            return Recipe.from_json(json.loads((self.place(key) / RECIPE).read_text("utf-8")))
        except OSError:
            text = "how this head was made is not known any more; say it again without these words"
            raise RefusedError("not_found", text) from None

    def _steps(self, key: str, parent: str | None, recipe: Recipe | None) -> dict[str, Any]:
        """The heads that a head was made from, itself last, and what of its words can be and was taken out."""
        before = [] if parent is None or not self.place(parent).is_dir() else self.told(parent)["chain"]
        by_words = recipe is not None and recipe.request is not None
        left_out = list(recipe.left_out) if recipe is not None else []
        return {"chain": [*before, key], "removable": by_words, "left_out": left_out}

    def _photo_head(self, parent: str | None) -> str | None:
        """The head whose photo shows the person that a head was changed from; None where there is none."""
        if parent is None or not self.place(parent).is_dir():
            return None
        found: str | None = self.told(parent).get("photo_head")
        return found

    def rig(self, key: str, make: Callable[[], Any]) -> Any:
        """What changes the photo of a head (`facegpt.picture.prepare`): the last one is kept, others are made."""
        if self._rig[0] != key:
            self._rig = key, make()
        return self._rig[1]

    def told(self, key: str) -> dict[str, Any]:
        """What clients were told of a head."""
        told: dict[str, Any] = json.loads((self.place(key) / RECORD).read_text("utf-8"))["told"]
        return told

    def avatar_of(self, key: str) -> str | None:
        """The personal head that a head is of."""
        avatar: str | None = json.loads((self.place(key) / RECORD).read_text("utf-8")).get("avatar")
        return avatar

    def _head_model(self, avatar: str | None) -> Any:
        if avatar is None:
            return self.model.head
        from facegpt.personal.avatar import load_avatar

        return load_avatar(self.folder / "avatars" / avatar, self.model.head).head  # type: ignore[arg-type]

    def _remember(self, key: str, face: Face) -> None:
        self._faces[key] = face
        self._faces.move_to_end(key)
        while len(self._faces) > MOST_HEADS or (self._photo_bytes() > MOST_PHOTO_BYTES and len(self._faces) > 1):
            self._faces.popitem(last=False)

    def _photo_bytes(self) -> int:
        photos = {id(face.photo): face.photo.nbytes for face in self._faces.values() if face.photo is not None}
        return sum(photos.values())


def _same_file(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where that cannot be."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _relief(folder: Path, facts: dict[str, float] | None) -> Detail | None:
    """The wrinkles that lie in a head's folder."""
    if facts is None:
        return None
    return detail_of(read_arrays(folder / RELIEF), facts)
