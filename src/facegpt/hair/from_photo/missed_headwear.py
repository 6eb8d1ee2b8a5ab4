"""Whether a photo shows something on the head that nobody took for headwear: a hat far back, a turban of an odd colour.

Two signs. Both networks disagree above the face, on colours that are neither the skin's nor the hair's nor those beside
the head, where ours believes in headwear. Or all beside the head is one even colour, and what lies above the hair is
another one.
S is the side of the map of parts; sizes are half sizes of the face's box.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, label

from facegpt.cielab import lab_from_linear
from facegpt.conventions import srgb_to_linear
from facegpt.detect.geometry import FACE_POINTS
from facegpt.detect.windows import Photo
from facegpt.encode.parts import BEARD, CLOTHES, EAR, HAIR, HAT, SKIN, FaceParts, map_crop
from facegpt.hair.from_photo.colours_alike import unlike
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: How far from straight above, degrees, the networks' dispute counts; the area of it that tells, squares of sizes.
ABOVE_DEG, LEAST_AREA = 45.0, 0.18
#: Colours differ from a region's from here on (Lab, lightness halved) in the dispute, and above hair; the shares of
#: skin, hair and what is beside the head that have to be as near.
OTHER, OTHER_ABOVE = 4.0, 6.0
OF_SKIN, OF_HAIR, OF_BESIDE = 0.03, 0.03, 0.02
#: Beside the head: columns from here on, rows from so far above the face's box to its lower end; px away from people.
BESIDE, HIGHEST, APART_PX = 1.45, 0.5, 4
#: It is even if nine tenths lie so near to its median (Lab, lightness halved).
EVEN = 10.0
#: Directions from the face in which what lies above hair is looked at, degrees, and sizes; px beyond the hair; the
#: share of directions that has to differ.
WAYS_DEG, REACH, BEYOND_PX, MOST_WAYS = (-60, 61, 4), (0.6, 2.4, 0.015), (4.0, 14.0), 0.5
#: Fewest pixels of a region, of the dispute, in one direction, and directions, that tell anything.
FEWEST, FEWEST_DISPUTED, FEWEST_IN_WAY, FEWEST_WAYS = 60, 40, 5, 6
#: Mean belief in headwear of disputed cloth: .46 and more of 17 wearers, .34 and less of 5 bare heads in pictures of
#: several people, where the segmenter loses the hair.
LEAST_BELIEF = 0.4
#: How sure disputed cloth is of headwear.
SURE_CLOTH = 0.9
#: What is said of it.
MISSED = "something on the head is not kept: a hat or a cloth?"


@dataclass(frozen=True, eq=False)
class _Crown:
    """The head on the map of parts.

    smooth: (S, S, 3) sRGB without noise. grid: (S, S, 2) px. middle, half: of the face's box (2,) px. upper: (S, S)
    what is seen above the eyes. skin, hair, beside: (S, S) where those are sure.
    """

    parts: FaceParts
    smooth: Array
    grid: Array
    middle: Array
    half: Array
    upper: NDArray[np.bool_]
    skin: NDArray[np.bool_]
    hair: NDArray[np.bool_]
    beside: NDArray[np.bool_]

    def colours(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Array:
        """Lab (N, 3) with lightness halved, which shadow changes most, of some pixels: (S, S) bool or numbers (N,)."""
        smooth = self.smooth[rows] if rows.dtype == bool else self.smooth.reshape(-1, 3)[rows]
        return np.asarray(lab_from_linear(srgb_to_linear(smooth)) * [0.5, 1, 1])


def misses_headwear(image: NDArray[np.uint8] | Photo, parts: FaceParts) -> bool:
    """Whether something lies on a head that is said to wear nothing. False where too little is seen to tell.

    Args:
        image: (H, W, 3) uint8 sRGB.
        parts: of the face; without points or the networks' dispute nothing is told.
    """
    if parts.points is None or parts.disputed is None:
        return False
    crown = _crown(image, parts, parts.disputed)
    if crown.beside.sum() <= FEWEST:
        return False
    return _disputed_area(crown, parts.disputed) > LEAST_AREA or (_is_even(crown) and _other_ways(crown) > MOST_WAYS)


def with_disputed_cloth(image: NDArray[np.uint8] | Photo, parts: FaceParts) -> FaceParts:
    """The parts of a face with headwear where the networks' dispute shows some: what hangs together with it is cloth.

    Args: as of `misses_headwear`.
    """
    if parts.points is None or parts.disputed is None or _largest_area(parts, parts.disputed) <= LEAST_AREA:
        return parts
    crown = _crown(image, parts, parts.disputed)
    cloth = _disputed_cloth(crown, parts.disputed)
    if crown.beside.sum() <= FEWEST or cloth.sum() <= LEAST_AREA * np.prod(crown.half):
        return parts
    pieces, _ = label(parts.disputed & crown.upper)
    worn = np.isin(pieces, np.unique(pieces[cloth])) & (pieces > 0)
    probabilities = parts.probabilities.copy()
    probabilities[worn] *= 1 - SURE_CLOTH
    probabilities[worn, HAT] += SURE_CLOTH
    return replace(parts, probabilities=probabilities)


def _largest_area(parts: FaceParts, disputed: NDArray[np.bool_]) -> float:
    """Squares of half sizes of the face that the dispute covers, whatever its colours."""
    points = np.asarray(parts.points)[:FACE_POINTS, :2] @ parts.to_map[:, :2].T
    return float((disputed & parts.seen).sum() / max(np.prod(np.ptp(points, axis=0) / 2), 1e-6))


def _crown(image: NDArray[np.uint8] | Photo, parts: FaceParts, disputed: NDArray[np.bool_]) -> _Crown:
    points = parts.on_map(np.asarray(parts.points)[:, :2])
    low, high = points[:FACE_POINTS].min(0), points[:FACE_POINTS].max(0)
    middle, half = (low + high) / 2, (high - low) / 2
    rows, columns = np.indices(parts.seen.shape)
    person = (parts.share(SKIN, EAR, HAIR, BEARD, HAT, CLOTHES) > 0.3) | disputed
    beside = parts.seen & ~binary_dilation(person, iterations=APART_PX)
    beside &= np.abs(columns - middle[0]) > BESIDE * half[0]
    beside &= (rows < high[1]) & (rows > low[1] - HIGHEST * half[1])
    upper = parts.seen & (rows < points[[33, 263], 1].mean())
    return _Crown(
        parts,
        gaussian_blur(map_crop(image, parts), 1.0),
        np.stack([columns, rows], -1),
        middle,
        half,
        upper=upper,
        skin=parts.seen & (parts.share(SKIN) > 0.9),
        hair=upper & (parts.share(HAIR) > 0.7),
        beside=beside,
    )


def _disputed_area(crown: _Crown, disputed: NDArray[np.bool_]) -> float:
    """Squares of sizes above the face where the networks disagree on colours that nothing else seen has.

    Where that is LEAST_AREA or less it may be told too large, but no larger than that.
    """
    return float(_disputed_cloth(crown, disputed).sum() / np.prod(crown.half))


def _disputed_cloth(crown: _Crown, disputed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where above the face (S, S) the networks disagree on colours that nothing else seen has.

    Where that is LEAST_AREA or less there may be more of it, but no more than that.
    """
    rows = disputed & crown.upper
    if rows.sum() <= FEWEST_DISPUTED or crown.skin.sum() <= FEWEST:
        return np.zeros_like(rows)
    across, up = ((crown.grid[rows] - crown.middle) / crown.half).T
    rows[rows] = np.abs(np.degrees(np.arctan2(across, -up))) < ABOVE_DEG
    regions = [(crown.skin, OF_SKIN), (crown.beside, OF_BESIDE)]
    if crown.hair.sum() > FEWEST:
        regions.append((crown.hair, OF_HAIR))
    for region, share in regions:  # what is like one of them need not be compared with the others
        if rows.sum() <= LEAST_AREA * np.prod(crown.half):
            break
        rows[rows] = unlike(crown.colours(rows), crown.colours(region), share, OTHER)
    believed = bool(rows.any()) and float(crown.parts.share(HAT)[rows].mean()) > LEAST_BELIEF
    return rows if believed else np.zeros_like(rows)


def _is_even(crown: _Crown) -> bool:
    """Whether what lies beside the head is of about one colour."""
    beside = crown.colours(crown.beside)
    off = np.linalg.norm(beside - np.median(beside, axis=0), axis=1)
    return bool(np.quantile(off, 0.9) < EVEN)


def _other_ways(crown: _Crown) -> float:
    """The share of directions in which what lies above the hair is like neither hair nor what is beside the head."""
    if crown.hair.sum() <= FEWEST:
        return 0.0
    ways = _ways(crown)
    count = len(ways)
    if count < FEWEST_WAYS:
        return 0.0
    for region, share in ((crown.beside, OF_BESIDE), (crown.hair, OF_HAIR)):
        rows, place = np.unique(np.concatenate(ways), return_inverse=True)
        off = unlike(crown.colours(rows), crown.colours(region), share, OTHER_ABOVE)[place]
        ends = np.cumsum([len(at) for at in ways])[:-1]
        ways = [at for at, differs in zip(ways, np.split(off, ends), strict=True) if 2 * differs.sum() > len(at)]
        if len(ways) <= MOST_WAYS * count:
            break
    return len(ways) / count


def _ways(crown: _Crown) -> list[NDArray[np.intp]]:
    """For each direction that is seen the pixels (N,), counted row by row, that lie above the head's edge there."""
    inside = np.asarray(crown.parts.share(SKIN, EAR, HAIR, BEARD) > 0.5)
    side, turns = len(inside), np.radians(np.arange(*WAYS_DEG))
    steps = np.stack([np.sin(turns), -np.cos(turns)], -1) * crown.half
    at = np.rint(crown.middle + np.arange(*REACH)[:, None] * steps[:, None]).astype(int)  # (directions, sizes, 2)
    there = ((at >= 0) & (at < side)).all(-1)
    pixels = np.where(there, at[..., 1] * side + at[..., 0], 0)
    within: NDArray[np.bool_] = np.asarray(inside.ravel()[pixels] & there)
    beyond = there & crown.parts.seen.ravel()[pixels] & within.any(axis=1, keepdims=True)
    last = at.shape[1] - 1 - within[:, ::-1].argmax(1)
    beyond &= np.arange(at.shape[1]) > last[:, None]
    ends = np.take_along_axis(at, last[:, None, None], axis=1)
    away = np.linalg.norm(at - ends, axis=-1)
    beyond &= (away > BEYOND_PX[0]) & (away < BEYOND_PX[1])
    return [np.unique(row[rows]) for row, rows in zip(pixels, beyond, strict=True) if rows.sum() >= FEWEST_IN_WAY]
