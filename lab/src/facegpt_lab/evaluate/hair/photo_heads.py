"""The heads of one photo, bald, with its hair, and with its glasses too, and what can be said of them without truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.texture import PhotoTexture
from facegpt.data.images import read_image
from facegpt.face import Face
from facegpt.fitting import FitError
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.reconstruct.glasses import with_glasses
from facegpt.reconstruct.hair import with_hair
from facegpt.reconstruct.photo import bald_head, faces_seen
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.types import Array, SkinSeen
from facegpt_lab.evaluate.hair.photo import head_iou, loaded
from facegpt_lab.evaluate.judges.likeness import describe_head, describe_photo, distances
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.evaluate.skin_light.skin_border import border_step

#: What is compared: the bald head, the head with its hair, and with its glasses as well.
KINDS = ("bald", "haired", "dressed")


@dataclass(frozen=True)
class Likeness:
    """One photo and its head.

    Attributes:
        name, person: of the photo. descriptor: (128,) of its face.
        bald, haired, dressed: (2, 128) descriptors of the head at ±30°, see KINDS.
        iou: of head and hair with the parts seen. border, skin_border: mean step, ΔE, the second without lips, brows
        and lids. hair: what became of it, in words.
    """

    name: str
    person: int
    descriptor: NDArray[np.float32]
    bald: NDArray[np.float32]
    haired: NDArray[np.float32]
    dressed: NDArray[np.float32]
    iou: float
    border: float
    skin_border: float
    hair: str

    @property
    def distance(self) -> float:
        """From the photo's descriptor to its dressed head's, the mean of both views."""
        return float(distances(self.descriptor[None], self.dressed[None])[0, 0])


@dataclass(frozen=True, eq=False)
class Heads:
    """The heads of one photo's largest face; shown: (S, S) how much of each texel of the bald one the photo shows."""

    seen: SeenFace
    bald: Face
    haired: Face
    dressed: Face
    shown: Array


def heads_of_photo(name: str) -> Heads | None:
    """Make the heads of the largest face of a photo, as `reconstruct` does; None where none is found or fitted."""
    seen = next(iter(faces_seen(loaded(), read_image(optional_data() / name))), None)
    if seen is None:
        return None
    try:
        bald, shown = bald_head(loaded(), seen, "balanced")
    except FitError:
        return None
    assert shown is not None
    return heads_of(seen, bald, shown)


def heads_of(seen: SeenFace, bald: Face, shown: Array) -> Heads:
    """Dress a bald head."""
    haired = with_hair(bald, seen, "auto", "balanced", shown)
    return Heads(seen, bald, haired, with_glasses(haired, seen, "auto"), shown)


def judge(name: str, person: int, heads: Heads) -> Likeness:
    """Judge the heads of one photo."""
    photo, bald, haired = heads.seen.photo, heads.bald, heads.haired
    small = haired.params.replace(camera=haired.params.camera.scaled(photo.scale))
    assert heads.seen.parts is not None and bald.photo_texture is not None
    skin = PhotoTexture(
        bald.photo_texture, heads.shown, bald.params.lighting, bald.params.albedo, bald.skin_seen or SkinSeen()
    )
    alone = describe_head(bald)
    described = alone if haired.params.hair is None else describe_head(haired)
    return Likeness(
        name=name,
        person=person,
        descriptor=describe_photo(photo.pixels, heads.seen.detection.points[list(MEDIAPIPE_68), :2]),
        bald=alone,
        haired=described,
        dressed=described if heads.dressed.params.glasses is None else describe_head(heads.dressed),
        iou=head_iou(small, heads.seen.parts),
        border=border_step(bald.model, skin),
        skin_border=border_step(bald.model, skin, features=False),
        hair="" if haired.params.worn is None else haired.params.worn.hair,
    )


def read_likeness(told: dict[str, Any] | None) -> Likeness | None:
    """Make what was kept of its JSON."""
    if told is None:
        return None
    arrays = {name: np.asarray(told[name], np.float32) for name in ("descriptor", *KINDS)}
    return Likeness(**{**told, **arrays})
