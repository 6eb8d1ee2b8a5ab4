"""A full beard as a photo shows it: whether there is one, how far it hangs below the chin, and its colour.

Two cues: the network of parts sees dark beards; white ones, which it takes for skin, are brighter and less red on the
chin than the cheeks are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import srgb_to_linear
from facegpt.detect.outlines import in_hull
from facegpt.detect.windows import Photo
from facegpt.encode.parts import BEARD, MAP_PX, FaceParts, map_crop
from facegpt.hair.from_photo.colour import AS_BRIGHT, DARKEST, GREYNESS, LIGHTEST, as_it_grows, light_on_hair
from facegpt.types import Array

#: Points of the detector about the chin below the lip, the two jaws, and skin where no beard grows.
CHIN = ((17, 84, 314, 176, 400, 152, 148, 377, 175),)
JAWS = ((172, 136, 150, 149, 176, 212, 202), (397, 365, 379, 378, 400, 432, 422))
BARE = ((50, 205, 101, 118), (280, 425, 330, 347), (9, 107, 336))
TOP, TIP, EYES, EYES_MM = 10, 152, (33, 263), 92.0
#: Share of chin and jaws that a full dark beard covers; belief in a beard's pixel.
COVERS, SURE = 0.6, 0.5
#: A white beard: light of the chin over that of bare skin, at least, how much less red it is (log of red over green),
#: and what the reader of looks says of a beard, at least.
AS_LIGHT, LESS_RED, LEAST_LOOKED, DARK_LOOKED = 0.93, 0.1, 0.05, 0.3
#: How far below the chin's tip a beard is followed, mm, and how far its colour may change (logs) on the way.
FURTHEST_MM, SAME, STEP_MM = 90.0, 0.45, 3.0
#: How long a beard is that ends at the chin, and how short one is worn as hair: shorter ones stay the photo's paint.
AT_CHIN_MM, SHORTEST_MM = 6.0, 12.0
#: Fewest pixels of a region that tell anything.
FEWEST = 12


@dataclass(frozen=True)
class BeardSeen:
    """mm: how long the beard is on the chin, as hair; 0 where it stays paint. albedo: (3,) linear RGB."""

    mm: float
    albedo: tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class _Face:
    """The photo on the map of parts: colours (S, S, 3) linear, points (P, 2) px, px_per_mm along the face."""

    colours: NDArray[np.floating]
    points: Array
    px_per_mm: float
    grid: Array

    def region(self, outlines: tuple[tuple[int, ...], ...]) -> NDArray[np.bool_]:
        """Pixels (S, S) within any of some rings of points."""
        return np.any([in_hull(self.grid, self.points[list(ring)]) for ring in outlines], axis=0)


def beard_seen(
    image: NDArray[np.uint8] | Photo, parts: FaceParts, lighting: Array, looked: float, greyness: float = GREYNESS
) -> BeardSeen | None:
    """The full beard of a face; None where there is none.

    Args:
        image: (H, W, 3) uint8 sRGB.
        parts: of the face; without points nothing is told.
        lighting: (9, 3) fitted, camera frame.
        looked: 0..1, how much of a beard the face seems to wear (`IdentityBelief.beard`).
        greyness: 0..1, how likely grey hair is at the age that the face looks.
    """
    if parts.points is None or looked < LEAST_LOOKED:
        return None
    face = _face(image, parts)
    chin, jaws, bare = (face.region(rings) & parts.seen for rings in (CHIN, JAWS, BARE))
    if min(chin.sum(), jaws.sum(), bare.sum()) < FEWEST:
        return None
    belief = parts.probabilities[..., BEARD] > SURE
    dark = looked >= DARK_LOOKED and (belief[chin].mean() + belief[jaws].mean()) / 2 >= COVERS
    if not dark and not _white(face.colours, chin, bare):
        return None
    own = (chin | jaws) & belief if dark else chin
    mean = face.colours[own].mean(0)
    mm = AT_CHIN_MM + _hangs_mm(face, parts, mean, belief if dark else None)
    seen = np.clip(mean / np.maximum(light_on_hair(lighting) * AS_BRIGHT, 1e-3), DARKEST, LIGHTEST)
    red, green, blue = as_it_grows(seen, greyness).tolist()
    return BeardSeen(round(mm, 1) if mm >= SHORTEST_MM else 0.0, (red, green, blue))


def _face(image: NDArray[np.uint8] | Photo, parts: FaceParts) -> _Face:
    points = np.asarray(parts.points)[:, :2] @ parts.to_map[:, :2].T + parts.to_map[:, 2]
    away = np.asarray(parts.points)[EYES[1]] - np.asarray(parts.points)[EYES[0]]
    scale = float(np.linalg.norm(away)) * parts.px_per_photo_px / EYES_MM  # turned away, with its depth
    columns, rows = np.meshgrid(np.arange(MAP_PX), np.arange(MAP_PX))
    colours = srgb_to_linear(map_crop(image, parts))
    return _Face(colours, points, max(scale, 1e-3), np.stack([columns, rows], -1).astype(float))


def _white(colours: Array, chin: NDArray[np.bool_], bare: NDArray[np.bool_]) -> bool:
    below, skin = colours[chin].mean(0) + 1e-3, colours[bare].mean(0) + 1e-3
    less_red = np.log(skin[0] / skin[1]) - np.log(below[0] / below[1])
    return bool(below.mean() > AS_LIGHT * skin.mean() and less_red > LESS_RED)


def _hangs_mm(face: _Face, parts: FaceParts, mean: Array, belief: NDArray[np.bool_] | None) -> float:
    """How far pixels of a beard go on below the tip of the chin, mm: those believed, or those of about its colour."""
    down = face.points[TIP] - face.points[TOP]
    down = down / max(float(np.linalg.norm(down)), 1e-6)
    across = np.array([-down[1], down[0]])
    for mm in np.arange(STEP_MM, FURTHEST_MM, STEP_MM):
        middle = face.points[TIP] + mm * face.px_per_mm * down
        places = middle + np.outer(np.linspace(-10, 10, 7) * face.px_per_mm, across)
        at = np.rint(places).astype(int)
        if (at < 0).any() or (at >= MAP_PX).any() or not parts.seen[at[:, 1], at[:, 0]].all():
            return float(mm - STEP_MM)
        if belief is None:
            off = np.log((face.colours[at[:, 1], at[:, 0]] + 0.01) / (mean + 0.01))
            goes_on = np.abs(off).max(1) < SAME
        else:
            goes_on = belief[at[:, 1], at[:, 0]]
        if goes_on.mean() < 0.5:
            return float(mm - STEP_MM)
    return FURTHEST_MM
