"""Which part of a face hair covers, in the photo's own view: drawn hair beside what the photo shows, outlines apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from facegpt.hair.from_photo.hairline import seen_hairline
from facegpt.hair.from_photo.seen import HairSeen, heights
from facegpt.morphable.base import MorphableModel
from facegpt.types import HAIRLINE_DEG, Array, FaceParams

#: The face reaches from the chin to above the usual hairline, mm along the head's y axis; pixels of the bald head's rim
#: that are of its outline. Azimuths of the hairline that count, degrees. Heads with hair on less of that tell nothing.
FACE_MM, RIM_PX, FRONT_DEG, LEAST = (-75.0, 128.0), 2, 60, 0.02
#: A hairline below all that are told counts as this high, mm.
LOWEST_MM = -20.0


@dataclass(frozen=True)
class OverFace:
    """How far hair covers what it does in the photo.

    Attributes:
        iou: of drawn and seen hair on the face, nan where neither is. missing, extra: seen hair that is not drawn, and
            drawn hair that is not seen, as shares of the face.
        gaps_mm: by azimuth, HAIRLINE_DEG within FRONT_DEG: how much higher the drawn hairline is; nan if not told.
    """

    iou: float
    missing: float
    extra: float
    gaps_mm: tuple[float, ...]


def over_face(model: MorphableModel, params: FaceParams, seen: HairSeen, cover: Array) -> OverFace:
    """Compare the cover of drawn hair (S, S), 0..1, with the hair that a photo shows of a fitted head."""
    face, drawn = face_of(seen), cover > 0.5
    either = ((drawn | seen.mask) & face).sum()
    told = either > LEAST * face.sum()
    lines = [_line(seen_hairline(model, params, one)) for one in (_with_hair(seen, drawn), seen)]
    return OverFace(
        iou=float((drawn & seen.mask & face).sum() / either) if told else float("nan"),
        missing=float((~drawn & seen.mask & face).sum() / max(face.sum(), 1)),
        extra=float((drawn & ~seen.mask & face).sum() / max(face.sum(), 1)),
        gaps_mm=tuple((lines[0] - lines[1]).tolist()),
    )


def face_of(seen: HairSeen) -> NDArray[np.bool_]:
    """Where a photo would show hair before a face (S, S): on the head, off its outline, from chin to forehead."""
    high = heights(seen.view)
    inner = binary_erosion(seen.view.head, iterations=RIM_PX)
    return np.asarray(inner & seen.known & (high > FACE_MM[0]) & (high < FACE_MM[1]))


def _with_hair(seen: HairSeen, drawn: NDArray[np.bool_]) -> HairSeen:
    return replace(seen, hair=drawn.astype(np.float32))


def _line(hairline: tuple[float, ...]) -> NDArray[np.float64]:
    front = np.abs(HAIRLINE_DEG) <= FRONT_DEG
    if not hairline:
        return np.full(int(front.sum()), np.nan)
    return np.maximum(np.array(hairline)[front], LOWEST_MM)
