"""What a photo itself says of whether an iris is light or brown, without any head: beside the white, skin and pupil.

Brown irises are dark and reddish beside their whites, light ones are not; but a bright sky in the cornea makes all
irises paler and bluer. How pale the pupil is tells how much of that there is: it is black, so what it shows is sky.
How light the skin is that the face tells (encode/looks.py) counts too. Lids, a turned head and squints hide irises:
what is read then is lashes or skin, and skin and hair say more. Weights: lab/runs/iris/seen.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.hiding import Hiding
from facegpt.cielab import RGB_TO_Y
from facegpt.conventions import linear_of_bytes
from facegpt.detect.outlines import in_polygon
from facegpt.detect.windows import Photo, read_bilinear
from facegpt.encode.parts import HAIR, HAND, HAT, SKIN, FaceParts, map_crop
from facegpt.fitting.mediapipe_points import LEFT_IRIS, LEFT_LIDS, RIGHT_IRIS, RIGHT_LIDS
from facegpt.types import Array

#: Side of the square that is looked at around an iris, in its radii and in samples; samples across one of them at most.
RADII, SIDE, FINER = 4.0, 64, 4
#: Where the iris is bare: between pupil and limbus, below the upper lid's shadow, in radii (y down).
IRIS, BELOW = (0.4, 0.85), -0.35
#: Where the pupil is, the white, and the skin below the eye, in radii.
PUPIL, WHITE, BENEATH = 0.3, (1.15, 2.0), (1.1, 2.0)
#: Quantiles of the iris' brightness that are read: below are lashes, above glints; that of the white and of the pupil.
STEADY, PALE, BLACK = (0.15, 0.6), 0.7, 0.2
#: Samples below which nothing is read; the white beside the skin where none is seen.
FEWEST, WHITE_OVER_SKIN = 30, 1.5
#: Share of the pupil's light that is taken from the iris, and what stays of the iris at least.
VEIL, LEFT = 0.7, 0.25
#: Belief from which something hides the eyes; what glasses show is read.
HIDDEN = 0.5
#: Numbers of `SeenIrises.evidence`: over the white and over the skin first.
COUNT = 6
#: Share of the iris between the lids at which it begins to be read, and is read in full; how much darker than the white
#: it is then, and how much darker or less red than the skin, log units: skin that is taken for an iris is as both are.
BARE_SHARE, DARKER_THAN_WHITE, UNLIKE_SKIN = (0.5, 0.65), (0.2, 0.45), (0.25, 0.5)
#: Belief in hair and in skin from which pixels count, the fewest that tell the hair's tone, and it where none is seen:
#: log of its brightness over the skin's, as of dark brown hair.
SURE, FEWEST_PIXELS, USUAL_HAIR = 0.8, 150, -2.0
_DARKEST = 0.002


@dataclass(frozen=True, eq=False)
class SeenIrises:
    """What a photo shows of the irises, and of what goes with them.

    Attributes:
        evidence: (COUNT,) what tells light irises from brown ones, or None where no iris is seen. Brightness over the
            white and over the skin; greenness beside the white, and green over red without the veil; the veil over the
            white (all log units); and the skin's lightness.
        share: how far that is to be believed, 0..1.
        goes_with: (2,) lightness of the skin (CIE L*), and log of the hair's brightness over the skin's.
        beside: (2, 3) log of the iris' colour over the skin's below it, and over its white's; None where none is seen.
    """

    evidence: NDArray[np.float64] | None
    share: float
    goes_with: NDArray[np.float64]
    beside: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False)
class EyeRead:
    """What one eye shows.

    Attributes:
        told: (COUNT - 1,) `SeenIrises.evidence` without the skin's lightness. beside: (2, 3) as there.
        left: (3,) share of the iris' light that is left without what the pupil mirrors; noise can make it negative.
        samples: that tell it. bare_share: of the iris between the lids.
    """

    told: NDArray[np.float64]
    beside: NDArray[np.float64]
    left: NDArray[np.float64]
    samples: int
    bare_share: float


def irises_seen(image: NDArray[np.uint8], points: Array, skin_lightness: float, parts: FaceParts | None) -> SeenIrises:
    """What a photo (H, W, 3) uint8 sRGB shows of both irises.

    Args:
        image: the photo.
        points: MediaPipe's (478, 2+) px of the face.
        skin_lightness: CIE L* that the face tells.
        parts: of the face, which tell its hair; None if nobody looked.
    """
    eyes = eyes_read(image, points)
    goes_with = np.array([skin_lightness, USUAL_HAIR if parts is None else hair_over_skin(image, parts)])
    if not eyes:
        return SeenIrises(None, 0.0, goes_with)
    counts = [eye.samples for eye in eyes]
    evidence = np.append(np.average([eye.told for eye in eyes], axis=0, weights=counts), skin_lightness)
    believed = np.interp(max(eye.bare_share for eye in eyes), BARE_SHARE, (0, 1))
    beside = np.average([eye.beside for eye in eyes], axis=0, weights=counts)
    unlike = max(-evidence[1], beside[0, 1] - beside[0, 0])
    believed *= np.interp(-evidence[0], DARKER_THAN_WHITE, (0, 1)) * np.interp(unlike, UNLIKE_SKIN, (0, 1))
    return SeenIrises(evidence, float(believed), goes_with, beside)


def eyes_read(image: NDArray[np.uint8], points: Array) -> list[EyeRead]:
    """What each eye shows whose iris and skin are seen; arguments as of `irises_seen`."""
    places = np.asarray(points, np.float64)[:, :2]
    pairs = (LEFT_LIDS, LEFT_IRIS), (RIGHT_LIDS, RIGHT_IRIS)
    read = [_read(image, places[list(lids)], places[list(iris)]) for lids, iris in pairs]
    return [eye for eye in read if eye is not None]


def in_common(photos: Sequence[SeenIrises]) -> SeenIrises:
    """What photos (one at least) of a person show together: each counts as far as it is to be believed."""
    goes_with = np.mean([one.goes_with for one in photos], axis=0)
    seen = [(one.evidence, one.beside, one.share) for one in photos if one.evidence is not None]
    shares = np.array([share for _, _, share in seen])
    if not seen or shares.max() <= 0:
        return SeenIrises(None, 0.0, goes_with)
    evidence = np.average(np.array([one for one, _, _ in seen]), axis=0, weights=shares)
    beside = np.average(np.array([one for _, one, _ in seen]), axis=0, weights=shares)
    return SeenIrises(evidence, float(shares.max()), goes_with, beside)


def hair_over_skin(image: NDArray[np.uint8] | Photo, parts: FaceParts) -> float:
    """Log of the brightness of a photo's hair over its skin's; USUAL_HAIR where too little of either is seen."""
    bright = map_crop(image, parts, linear=True) @ RGB_TO_Y
    hair, skin = (bright[parts.probabilities[..., part] > SURE] for part in (HAIR, SKIN))
    if min(len(hair), len(skin)) < FEWEST_PIXELS:
        return USUAL_HAIR
    return float(np.log((np.median(hair) + _DARKEST) / (np.median(skin) + _DARKEST)))


def seen_evidence(image: NDArray[np.uint8], hides: Hiding) -> SeenIrises | None:
    """`irises_seen` of a whole photo; None also where nobody looked at it, or something hides both eyes."""
    points = None if hides.parts is None else hides.parts.points
    if points is None or hides.parts is None or hides.skin_lightness is None:
        return None
    eyes = points[[*LEFT_LIDS, *RIGHT_LIDS], :2]
    covered = hides.parts.at(eyes)[:, [HAND, HAT, HAIR]].sum(-1).mean() > HIDDEN
    return None if covered else irises_seen(image, points, hides.skin_lightness, hides.parts)


def quick_evidence(image: NDArray[np.uint8], points: Array | None, hides: Hiding) -> SeenIrises | None:
    """`irises_seen` where no map of parts was made, by MediaPipe's points (478, 2+) px; None where nobody looked."""
    told = hides.skin_lightness
    return None if points is None or told is None else irises_seen(image, points, told, None)


def _read(image: NDArray[np.uint8], lids: Array, iris: Array) -> EyeRead | None:
    """What one eye shows; lids: (16, 2), iris: (5, 2) px."""
    colour, inside, x, y = _square(image, lids, iris)
    radius = np.hypot(x, y)
    whole = (radius > IRIS[0]) & (radius < IRIS[1])
    ring = inside & whole & (y > BELOW)
    below = ~inside & (y > BENEATH[0]) & (radius < BENEATH[1])
    if min(ring.sum(), below.sum()) < FEWEST:
        return None
    own = colour[ring]
    bright = own @ RGB_TO_Y
    low, high = np.quantile(bright, STEADY)
    own = own[(bright >= low) & (bright <= high)].mean(0)
    skin = np.median(colour[below], axis=0)
    pale = colour[inside & (radius > WHITE[0]) & (radius < WHITE[1])]
    white = WHITE_OVER_SKIN * skin
    if len(pale) >= FEWEST:
        bright = pale @ RGB_TO_Y
        white = pale[bright >= np.quantile(bright, PALE)].mean(0)
    pupil = colour[inside & (radius < PUPIL)]
    mirrored = np.quantile(pupil, BLACK, axis=0) if len(pupil) else np.zeros(3)
    veil = float(mirrored.min())
    left = (own - mirrored) / (own + _DARKEST)
    bare = np.maximum(own - VEIL * veil, LEFT * own)
    own, bare, white, skin = (np.log(one + _DARKEST) for one in (own, bare, white, skin))
    green = (own - white)[1] - ((own - white)[0] + (own - white)[2]) / 2
    over = (own - white) @ RGB_TO_Y, (own - skin) @ RGB_TO_Y
    red = (bare - white)[1] - (bare - white)[0]
    told = np.array([*over, green, red, np.log(veil + _DARKEST) - white @ RGB_TO_Y])
    beside = np.stack([own - skin, own - white])
    return EyeRead(told, beside, left, int(ring.sum()), float((inside & whole).sum() / whole.sum()))


def _square(image: NDArray[np.uint8], lids: Array, iris: Array) -> tuple[Array, NDArray[np.bool_], Array, Array]:
    """Linear RGB (N, 3) of a square around an iris, whether each sample lies between the lids, and where, in radii."""
    radius = (np.linalg.norm(iris[1] - iris[3]) + np.linalg.norm(iris[2] - iris[4])) / 4
    right = lids[0] - lids[8]
    right = right * np.sign(right[0] or 1.0) / max(float(np.linalg.norm(right)), 1e-9)
    axes = radius * np.stack([right, [-right[1], right[0]]])
    finer = int(np.clip(np.ceil(RADII * radius / SIDE), 1, FINER))
    at = ((np.arange(SIDE * finer) + 0.5) / (SIDE * finer) - 0.5) * RADII
    pixels = iris[0] + at[None, :, None] * axes[0] + at[:, None, None] * axes[1]
    corners = pixels[:: len(at) - 1, :: len(at) - 1].reshape(4, 2)
    low = np.clip(np.floor(corners.min(0)).astype(int) - 1, 0, np.array(image.shape[1::-1]) - 2)
    high = np.maximum(np.ceil(corners.max(0)).astype(int) + 2, low + 2)
    part = linear_of_bytes(image[low[1] : high[1], low[0] : high[0]])
    fine = read_bilinear(part, (pixels - low).reshape(-1, 2))
    colour = fine.reshape(SIDE, finer, SIDE, finer, 3).mean((1, 3)).reshape(-1, 3)
    centre = at.reshape(SIDE, finer).mean(1)
    x, y = (each.ravel() for each in np.meshgrid(centre, centre))
    spots = iris[0] + x[:, None] * axes[0] + y[:, None] * axes[1]
    return colour, in_polygon(spots, lids[[*range(9), *range(15, 8, -1)]]), x, y
