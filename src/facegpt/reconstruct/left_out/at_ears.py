"""Whether something hangs or sits at an ear that is neither ear nor hair nor what lies behind: an earring, an earphone.

A square of the photo around each lobe, upright by the head and 1 mm a pixel, is told in a few numbers: small bright
spots, colours that neither skin nor hair nor the surroundings have, how busy it is all around, and what the network of
jewellery sees (jewellery.py). A logistic regression of these says how likely something is there. Learnt from CC0
pictures that were labelled by eye, the network from drawn earrings as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, grey_closing

from facegpt.cielab import lab_from_linear
from facegpt.conventions import srgb_to_linear
from facegpt.detect.windows import Photo, Window
from facegpt.encode.parts import BACKGROUND, CLOTHES, EAR, HAIR, HAT, SKIN, FaceParts, map_crop
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.reconstruct.left_out.foreign import foreign as far_from
from facegpt.reconstruct.left_out.jewellery import EAR_FRAME, odds_at_ear
from facegpt.types import Array, FaceParams

#: Side of the square, mm; where the lobe lies in it, from the side of the face and from above.
SIDE_MM, LOBE_MM = 64, (30.0, 24.0)
#: What is looked at: so far to both sides of the lobe, above and below it, mm. What lies outside of RING is around it.
REACH_MM, RING_MM = (12.0, -8.0, 26.0), (16.0, -10.0, 36.0)
#: Numbers a kind of colour: pixels of it that are compared at most, and fewest.
MOST, FEWEST = 1200, 60
#: Beliefs from which a pixel of the map tells the colour of a part.
SURE = {SKIN: 0.9, HAIR: 0.7, BACKGROUND: 0.8, CLOTHES: 0.6, HAT: 0.6}
#: Quantile of what is seen here; every so many pixels tell what is usual around.
MOST_OF_SPOTS, COARSE = 0.995, 4
#: Colours differ by so much at most (Lab, lightness halved).
FARTHEST = 30.0
#: What tells: usual values, spreads and weights; what is added. Smaller faces (pixels a mm) hardly show earrings.
NAMES = ("bright_spots", "dark_spots", "foreign_here", "foreign", "busy", "hair", "ear", "network")
MEAN = np.array([2.3667, 2.393, 1.211, 1.8004, 2.8506, 0.2559, 0.023, -0.4264])
SD = np.array([0.5128, 0.4645, 0.3386, 0.4407, 0.5156, 0.3708, 0.0725, 2.7576])
WEIGHTS = np.array([0.6068, 0.0094, 0.4251, 0.2694, -0.231, 0.457, -0.0444, 1.2321])
BIAS, LEAST_PX_PER_MM = -2.4016, 1.0
#: From which log odds on it is said; from which it is said of the other ear too, where one is surer.
TOLD, TOLD_BESIDE = 0.73, 0.0

_ROWS, _COLUMNS = np.indices((SIDE_MM, SIDE_MM)) + 0.5
_ACROSS, _DOWN = _COLUMNS - LOBE_MM[0], _ROWS - LOBE_MM[1]
_HERE = (np.abs(_ACROSS) < REACH_MM[0]) & (REACH_MM[1] < _DOWN) & (REACH_MM[2] > _DOWN)
_ROWS_HERE, _COLUMNS_HERE = (slice(*np.flatnonzero(_HERE.any(k))[[0, -1]] + [0, 1]) for k in (1, 0))
_RING = ~((np.abs(_ACROSS) < RING_MM[0]) & (RING_MM[1] < _DOWN) & (RING_MM[2] > _DOWN))


@dataclass(frozen=True, eq=False)
class LobeView:
    """The photo around a lobe; all (S, S) with x away from the face and y down, 1 mm a pixel.

    Attributes:
        colours: (S, S, 3) sRGB 0..1. parts: (S, S, 9) beliefs. inside: what the photo has.
        px_per_mm: of the photo.
    """

    colours: NDArray[np.float32]
    parts: NDArray[np.float32]
    inside: NDArray[np.bool_]
    px_per_mm: float


def at_ears(
    image: NDArray[np.uint8] | Photo, model: MakeHumanHead, params: FaceParams, parts: FaceParts
) -> dict[str, float]:
    """Log odds that something is at each ear, "left" and "right"; sides that the photo does not show are left out.

    Args:
        image: (H, W, 3) uint8 sRGB of params.camera.
        model: the head.
        params: its fit.
        parts: what is seen around the face.
    """
    photo, palette = Photo.of(image), _palette(image, parts)
    told = {side: ear_features(photo, model, params, parts, palette, side) for side in ("left", "right")}
    return {side: float((each - MEAN) / SD @ WEIGHTS + BIAS) for side, each in told.items() if each is not None}


def ear_features(
    photo: Photo, model: MakeHumanHead, params: FaceParams, parts: FaceParts, palette: list[Array], side: str
) -> NDArray[np.float64] | None:
    """What tells of something at an ear, numbers in the order of NAMES; None where the photo does not show it."""
    view = lobe_view(photo, model, params, parts, side)
    found = lobe_window(photo, model, params, side, EAR_FRAME.side_mm, EAR_FRAME.at_mm)
    if view is None or found is None or view.px_per_mm < LEAST_PX_PER_MM:
        return None
    return np.append(lobe_features(view, palette), odds_at_ear(photo, parts, found[0]))


def sides_told(odds: Mapping[str, float]) -> tuple[str, ...]:
    """The sides of `at_ears` that are spoken of."""
    least = TOLD_BESIDE if max(odds.values(), default=TOLD) > TOLD else TOLD
    return tuple(side for side in ("left", "right") if odds.get(side, -np.inf) > least)


def lobe_view(photo: Photo, model: MakeHumanHead, params: FaceParams, parts: FaceParts, side: str) -> LobeView | None:
    """The photo around the lobe of one side; None if the lobe lies outside of it."""
    found = lobe_window(photo, model, params, side, SIDE_MM, LOBE_MM)
    if found is None:
        return None
    window, scale = found
    grid = window.to_photo(np.stack([_COLUMNS, _ROWS], -1) / SIDE_MM)
    x, y = grid[..., 0], grid[..., 1]
    inside = (x > 0) & (y > 0) & (x < photo.width - 1) & (y < photo.height - 1)
    told = parts.at(grid.reshape(-1, 2)).reshape(SIDE_MM, SIDE_MM, -1)
    crop = photo.crop(window, SIDE_MM, repeat_border=True).transpose(1, 2, 0)
    return LobeView(np.ascontiguousarray(crop), told, inside, scale)


def lobe_window(
    photo: Photo, model: MakeHumanHead, params: FaceParams, side: str, side_mm: float, lobe_mm: tuple[float, float]
) -> tuple[Window, float] | None:
    """A window with the lobe of one side at a place in it, and pixels a mm; None if the photo does not reach there."""
    lobe = model.landmarks.points(head_vertices(model, params))[model.landmarks.row[f"subaurale_{side}"]]
    outward = np.array([10.0 if side == "left" else -10.0, 0, 0])
    places = params.pose.apply(np.stack([lobe, lobe - [0, 10, 0], lobe + outward]))
    at, below, beside = params.camera.project(places)
    if not (-0.5 < at[0] < photo.width - 0.5 and -0.5 < at[1] < photo.height - 0.5):
        return None
    down = (below - at) / max(float(np.linalg.norm(below - at)), 1e-9)
    mirrored = bool(np.array([down[1], -down[0]]) @ (beside - at) < 0)
    scale = params.camera.focal_px / float(places[0, 2])
    window = Window(float(at[0]), float(at[1]), side_mm * scale, float(np.arctan2(-down[0], down[1])), mirrored)
    return window.with_middle_at(np.array(lobe_mm) / side_mm), scale


def lobe_features(view: LobeView, palette: list[Array]) -> NDArray[np.float64]:
    """What the pixels about a lobe tell: numbers in the order of NAMES, all but the last."""
    lab = _lab(view.colours)
    light = 2 * lab[..., 0] * view.inside
    spots = (gaussian_filter(light, 0.7) - gaussian_filter(light, 2.0))[_HERE]
    own = view.inside & (view.parts[..., [SKIN, EAR]].sum(-1) > 0.8) & (_ACROSS < -2)
    around = view.inside & _RING
    near = [_some(lab[rows]) for rows in (own, around) if rows.sum() >= FEWEST]
    known = [*palette, *near]
    foreign = gaussian_filter(far_from(lab[_ROWS_HERE, _COLUMNS_HERE], known, FARTHEST), 0.8)
    foreign = foreign * view.inside[_ROWS_HERE, _COLUMNS_HERE]
    usual = np.median(far_from(lab[::COARSE, ::COARSE], known, FARTHEST) * view.inside[::COARSE, ::COARSE])
    smooth = gaussian_filter(light, 0.6)
    busy = (grey_closing(smooth, size=(9, 9)) - smooth)[around]
    bright, dark = np.quantile(spots, MOST_OF_SPOTS), -np.quantile(spots, 1 - MOST_OF_SPOTS)
    far = np.quantile(foreign, MOST_OF_SPOTS)
    return np.array(
        [
            np.log1p(max(bright, 0.0)),
            np.log1p(max(dark, 0.0)),
            np.log1p(far / (usual + 1)),
            np.log1p(far),
            np.log1p(np.quantile(busy, 0.98)) if len(busy) >= FEWEST else 2.0,
            view.parts[_HERE][:, HAIR].mean(),
            view.parts[_HERE][:, EAR].mean(),
        ]
    )


def _palette(image: NDArray[np.uint8] | Photo, parts: FaceParts) -> list[Array]:
    """Colours (N, 3) of skin, hair, what is behind and cloth, as the map shows them."""
    lab = _lab(gaussian_filter(map_crop(image, parts), (0.7, 0.7, 0)))
    rows = [parts.seen & (parts.share(part) > least) for part, least in SURE.items()]
    return [_some(lab[each]) for each in rows if each.sum() >= FEWEST]


def _some(colours: Array) -> Array:
    """At most MOST of some colours (N, 3), evenly taken."""
    return colours[:: max(1, len(colours) // MOST)]


def _lab(srgb: Array) -> Array:
    return lab_from_linear(srgb_to_linear(np.clip(srgb, 0, 1))) * [0.5, 1, 1]  # shadow changes lightness most
