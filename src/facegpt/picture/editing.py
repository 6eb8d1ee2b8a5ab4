"""A photo changed by words and wishes: what is asked becomes parameters, and the rig draws them into the photo."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.data.images import ImageSource, Photo, photo_of
from facegpt.data.provenance import marked_image, marked_png
from facegpt.export.retexture import read_paint
from facegpt.face import Face
from facegpt.generate.told.words import phrases
from facegpt.generate.understood import GREYS_WITH_AGE
from facegpt.hair.from_photo.bared import grown_back
from facegpt.language.dialogue.made_heads import edited
from facegpt.language.dialogue.maker import Maker
from facegpt.language.dialogue.telling import looks_kept
from facegpt.picture.companions import as_photos_bear, with_companions, with_mouth_shut
from facegpt.picture.doubts import doubts
from facegpt.picture.prepare import prepare
from facegpt.picture.rig import Changed, PhotoRig
from facegpt.picture.turn_words import turn_asked
from facegpt.picture.turning import looking, looking_at_camera, turned
from facegpt.picture.wishes import PhotoWishes, as_shown, check_turn
from facegpt.reconstruct.photo import PhotoModel
from facegpt.reconstruct.sources import HeadSource, SourceModel, called, face_of
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.types import FaceGPTError, FaceParams, ImageError

log = logging.getLogger("facegpt")

#: What is said of a photo whose face is made younger.
YOUNGER = "younger: a photo keeps its own skin and hair, so that only the shape of the face gets younger"
#: What is said of a smile that is drawn less than asked.
LESS_SMILE = "a smile as strong as that: a photo does not bear it, so that it smiles less"
#: What an edit may give.
GIVES = ("head", "photo")


class PictureModel(Maker, SourceModel, PhotoModel, Protocol):
    """What changes photos by words: `facegpt.api.FaceGPT`."""


@dataclass(frozen=True, eq=False)
class EditedPhoto:
    """A changed photo.

    Attributes:
        picture: the photo's own size, with the mark of provenance in its metadata. mask: (H, W) 255 where it may differ
            from the photo. before: (H, W, 3) the photo. params: of the changed face.
        understood_parts, ignored: of the words, as of a Face.
    """

    picture: Image.Image
    mask: NDArray[np.uint8]
    before: NDArray[np.uint8]
    params: FaceParams
    understood_parts: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    @property
    def understood(self) -> list[str]:
        """What was understood of the words, as people say it."""
        return phrases(self.understood_parts)

    def save(self, folder: Path) -> list[str]:
        """Write photo.png, mask.png and before_after.png; their names. Raises FaceGPTError where that fails."""
        make_folder(folder)
        both = np.hstack([self.before, np.asarray(self.picture)])
        pictures = {"photo.png": self.picture, "mask.png": Image.fromarray(self.mask)}
        pictures["before_after.png"] = Image.fromarray(both)
        for name, image in pictures.items():
            write_bytes(folder / name, marked_png(image))
        return list(pictures)


def edit_photo(
    model: PictureModel, photo: HeadSource, text: str | None = None, wishes: PhotoWishes | None = None,
    seed: int = 0, face_index: int | None = None,
) -> EditedPhoto:  # fmt: skip
    """Change one face of a photo by words, by wishes or by both (wishes last).

    Args:
        model: reads words and fits heads.
        photo: as `reconstruct` takes it; a saved head has no photo to give back.
        text: what to change; what it does not name stays.
        wishes: units, action units, turn, gaze.
        seed: decides about what the words leave open.
        face_index: which face, 0 the largest.

    Raises:
        FaceGPTError: if there is no (such) face, the photo cannot be read, or more is asked than a photo bears.
    """
    if isinstance(photo, Face):
        whole = photo_in(photo)
    else:
        if isinstance(photo, (str, Path)) and (Path(photo).is_dir() or Path(photo).suffix == ".json"):
            raise FaceGPTError(f"{called(photo)} is a saved head; to change a photo, name the photo itself")
        whole = photo_of(photo)
    wishes = wishes or PhotoWishes()
    remark = None if wishes.turn_deg is None else check_turn(*wishes.turn_deg)
    wanted = wishes.weights
    if remark is not None:
        log.warning(remark)
    face = photo if isinstance(photo, Face) else face_of(model, whole, face_index)
    rig = prepare(model, whole, face)
    understood: list[str] = []
    ignored: list[str] = []
    params, skin = rig.params, None
    turn = None if text is None or wishes.turn_deg is not None else turn_asked(text, rig.params)
    if turn is not None:
        if (remark := check_turn(turn.yaw_deg, turn.pitch_deg)) is not None:
            log.warning(remark)
        wishes, text = replace(wishes, turn_deg=(turn.yaw_deg, turn.pitch_deg)), turn.rest or None
    if text is not None:
        said = edited(model, face, text, seed)
        understood, ignored = said.understood_parts, said.ignored
        if said.understood_parts:
            params, skin = _as_photographed(rig, said.params), _other_skin(face, said)
            kept = looks_kept(face, said)
            gone = (GREYS_WITH_AGE.partition(":")[0], *kept)
            understood = [item for item in understood if item.partition(":")[0] not in gone]
            ignored = [*ignored, *(f"{name}: a photo keeps its own" for name in kept)]
            if younger(face, said.params, said.understood_parts):
                ignored = [*ignored, YOUNGER]
            named = {item.split()[0] for item in said.understood_parts if item.strip()}
            params = with_companions(rig.model, rig.params, params, named)
            params, less = as_photos_bear(rig.params, params)
            ignored = [*ignored, LESS_SMILE] if less else ignored
    if turn is not None:
        understood = [*understood, turn.said]
    if wishes.paint is not None:
        skin = read_paint(wishes.paint, np.asarray(face.texture if skin is None else skin))
    params = with_wishes(rig, params, wishes, wanted)
    for told in doubts(rig, params):
        log.warning(told)
    changed = rig.changed(params, skin=skin)
    picture = marked_image(changed.picture)
    return EditedPhoto(picture, changed.mask, rig.photo, params, understood, ignored)


def younger(face: Face, params: FaceParams, parts: Sequence[str]) -> bool:
    """Whether words made a head younger, of which a photo shows next to nothing."""
    axes = getattr(face.model, "axes", None)
    if axes is None or not any(part.startswith("age") for part in parts):
        return False
    before, after = (axes.age_years(np.asarray(each.identity)) for each in (face.params, params))
    return bool(after < before)


def given_picture(
    model: PictureModel, source: HeadSource, text: str, seed: int, face_index: int | None, give: str
) -> Image.Image:
    """The picture of `edit_photo`. Raises FaceGPTError as it does, or for another `give` than "photo"."""
    if give != "photo":
        raise FaceGPTError(f"an edit gives {' or '.join(map(repr, GIVES))}, not '{give}'")
    changed = edit_photo(model, source, text, seed=seed, face_index=face_index)
    if not changed.understood:
        log.warning("the photo is unchanged: %s", "; ".join(changed.ignored))
    elif changed.ignored:
        log.warning("not shown in the photo: %s", "; ".join(changed.ignored))
    return changed.picture


def with_wishes(rig: PhotoRig, params: FaceParams, wishes: PhotoWishes, weights: dict[str, float]) -> FaceParams:
    """Parameters changed as wishes say; weights are those of `wishes.weights`."""
    if wishes.expression is not None:
        params = params.replace(expression=np.asarray(wishes.expression, np.float32))
    params = as_shown(params, weights)
    if "jawOpen" in weights:
        params = with_mouth_shut(rig.model, params, weights)
    if wishes.turn_deg is not None:
        params = turned(params, *wishes.turn_deg)
    if wishes.gaze == "camera":
        return looking_at_camera(rig.model, params)
    if isinstance(wishes.gaze, tuple):
        side, up = wishes.gaze
        return looking(rig.model, params, float(side), float(up))
    return params


def redrawn(rig: PhotoRig, face: Face, wishes: PhotoWishes | None = None, by_words: bool = False) -> Changed:
    """The photo of a rig with its face as another state of the same head; wishes (turn, gaze) come last.

    by_words: words made that state, so that what goes along with a smile or a jaw follows (companions.py).

    Raises:
        FaceGPTError: if the head is of another model, or more is asked than a photo bears.
    """
    wishes = wishes or PhotoWishes()
    if wishes.turn_deg is not None:
        check_turn(*wishes.turn_deg)
    params = _as_photographed(rig, face.params)
    if by_words:
        params, _ = as_photos_bear(rig.params, with_companions(rig.model, rig.params, params, ()))
    params = with_wishes(rig, params, wishes, wishes.weights)
    return rig.changed(params, skin=_other_skin(rig.face, face))


def photo_in(face: Face) -> Photo:
    """The photo that a head was made from. Raises FaceGPTError if there is none."""
    if face.photo is None:
        raise FaceGPTError("this head has no photo to give back: it was made from words or loaded from a folder")
    camera = face.params.camera
    return Photo(face.photo, original_size=(camera.width, camera.height))


def _as_photographed(rig: PhotoRig, said: FaceParams) -> FaceParams:
    """What words made of a head, in the photo's pose, camera and light."""
    own = rig.params
    return said.replace(pose=own.pose, camera=own.camera, lighting=own.lighting)


def _other_skin(before: Face, after: Face) -> NDArray[np.uint8] | None:
    """The skin of a head whose texture is not that of the photographed one; None if it is.

    A photo keeps its hair, and with it the skin around it.
    """
    one, other = before.photo_texture, after.photo_texture
    if one is not None and other is not None and one is not other:
        other = grown_back(other, after.model, after.params.identity, before.params.hair, after.params.hair, one)
    same = one is other or (one is not None and other is not None and np.array_equal(one, other))
    return None if same else replace(after, photo_texture=other).texture


def expression_of(model: SourceModel, photo: ImageSource | Photo) -> tuple[float, ...]:
    """The expression (52,) of the largest face of a photo. Raises ImageError where there is none."""
    faces = model.faces_in(photo)
    if not faces:
        raise ImageError(f"no face was found in {called(photo)}, so that its expression cannot be taken")
    return tuple(float(weight) for weight in faces[0].params.expression)
