"""The brim of a hat that a photo shows: which one, of some round ones, covers best what is seen of cloth.

S is the side of the map of parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter
from scipy.spatial import ConvexHull

from facegpt.types import Array, FaceParams, Headwear
from facegpt.wear.brim import brim_places, brim_width_mm
from facegpt.wear.cloth import on_map
from facegpt.wear.crown import standing
from facegpt.wear.shell import MIDDLE, Underneath, cloth_mm, directions_of, edge_of

#: Widths, mm, and rises, mm a mm, that are tried: a brim over the eyes is worn by few. How much more a brim rises at
#: the sides. Turns at which a brim is told, and where it is drawn.
WIDTHS_MM, RISES, CURL, TURNS, DRAWN = (30.0, 40.0, 50.0, 60.0, 75.0, 95.0), (0.36, 0.18, 0.0), 0.12, 24, 48
#: Heights of crowns over their brims, mm, of which number USUAL is what most have, and how much narrower they are at
#: their tops, that are tried; what a crown of other height by UNUSUAL_MM has to gain (IoU).
HEIGHTS_MM, TAPERS, USUAL, UNUSUAL_MM, UNUSUAL = (70.0, 85.0, 100.0, 115.0, 135.0, 160.0), (0.05, 0.25), 2, 30.0, 0.01
#: Belief from which cloth is seen; heights above the edge between which brims are looked for, mm; how many brims are
#: compared with the crown that fits each, how well the best has to agree (IoU), and what share of the disagreement
#: without one it has to take.
SEEN, BAND_MM, COMPARED, AGREES, TAKES = 0.4, (-60.0, 25.0), 3, 0.45, 0.12
#: Beliefs below and above which colours are those of something else and of the hat; bins of each channel; fewest pixels
#: that tell colours; how much their odds count beside the belief.
SURE, BINS, FEWEST, COLOUR_SAYS = (0.08, 0.6), 12, 150, 0.8
#: How much a pixel of the bare head counts: a brim over eyes that are seen is a large mistake.
FACE_COUNTS = 3.0
#: Brims that are narrower hide nothing, mm.
LEAST_MM = 4.0
#: Rows and columns of a crown as it is drawn.
CROWN = (10, 36)


@dataclass(frozen=True, eq=False)
class HatSeen:
    """One photo's view of a hat.

    Attributes:
        params: of the head. to_map: (2, 3) from pixels of the photo to those of the map. skin: (V, 3) the head, mm.
        belief: (S, S) in its cloth. inside: (S, S) what the photo has. colours: (S, S, 3) sRGB 0..1.
    """

    params: FaceParams
    to_map: Array
    belief: NDArray[np.float32]
    inside: NDArray[np.bool_]
    skin: Array
    colours: NDArray[np.float32]

    def on_map(self, places: Array) -> Array:
        """Pixels (..., 2) of head-frame places (..., 3)."""
        return on_map(self.params, self.to_map, places)

    def depth(self, places: Array) -> Array:
        """Distance from the camera (...), mm."""
        at = self.params.pose.apply(np.asarray(places, np.float64).reshape(-1, 3))
        return np.asarray(at[:, 2].reshape(np.shape(places)[:-1]))


def with_seen_brim(
    look: Headwear, below: Underneath, seen: HatSeen, refit: Callable[[Headwear, NDArray[np.bool_]], Headwear]
) -> Headwear:
    """The headwear with the thickness, and the brim, that its photo shows.

    look: with the usual thickness. refit: the same with the thickness that is seen where nothing of a brim is (S, S).
    """
    nothing = np.zeros(seen.belief.shape, bool)
    best = refit(look, nothing)
    if look.kind != "cap":
        return best
    hat = _by_colour(seen.belief, seen.colours) > SEEN
    head = _hull(seen.on_map(seen.skin[seen.skin[:, 1] > BAND_MM[0]]), nothing.shape)
    above = _above_mm(look, below, seen)
    weight: Array = np.where(seen.inside & (above > BAND_MM[0]), np.where(head & ~hat, FACE_COUNTS, 1.0), 0.0)
    crown, asked = _crown(look, below, seen), np.where(above < BAND_MM[1], weight, 0.0)
    ranked = sorted(_candidates(look), key=lambda one: -_iou(crown | _brim(one, below, seen, head | crown), hat, asked))
    without = _iou(_crown(best, below, seen), hat, weight)
    found = max(without + TAKES * (1 - without), AGREES)
    for tried in ranked[:COMPARED]:
        brim = _brim(tried, below, seen, head | crown)
        whole = refit(tried, brim)
        agreement = _iou(_crown(whole, below, seen) | brim, hat, weight)
        if agreement > found:
            best, found = whole, agreement
    return _standing(best, below, seen, hat, weight, head) if best.brim_mm else best


def _standing(
    look: Headwear, below: Underneath, seen: HatSeen, hat: NDArray[np.bool_], weight: Array, head: NDArray[np.bool_]
) -> Headwear:
    """The hat with the crown, and then the brim, that agree best with what is seen of it (S, S).

    What the photo's end or the brim hides of a crown tells nothing: it is as high as most are.
    """
    crowned = [standing(look, below, height, taper) for height, taper in product(HEIGHTS_MM, TAPERS)]
    unusual = [(height - HEIGHTS_MM[USUAL]) / UNUSUAL_MM for height, _ in product(HEIGHTS_MM, TAPERS)]
    brim = _brim(look, below, seen, head)
    drawn = [_crown(one, below, seen) for one in crowned]
    agree = [_iou(one | brim, hat, weight) - UNUSUAL * off**2 for one, off in zip(drawn, unusual, strict=True)]
    best = int(np.argmax(agree))
    crown, look = drawn[best], crowned[best]
    return max(
        [look, *_candidates(look)], key=lambda one: _iou(crown | _brim(one, below, seen, head | crown), hat, weight)
    )


def _by_colour(belief: NDArray[np.float32], colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """The belief in a hat (S, S) where pixels of doubt go with those that look like them; colours (S, S, 3) sRGB.

    Histograms of what is surely of the hat, and surely of none, tell the odds of a colour.
    """
    bins = np.minimum((colours * BINS).astype(int), BINS - 1) @ (BINS * BINS, BINS, 1)
    sure, none = belief > SURE[1], belief < SURE[0]
    if min(sure.sum(), none.sum()) < FEWEST:
        return belief
    counts = [
        gaussian_filter(np.bincount(bins[rows], minlength=BINS**3).reshape((BINS,) * 3).astype(float), 0.7) + 1e-4
        for rows in (sure, none)
    ]
    odds = np.log(counts[0] / counts[0].sum()) - np.log(counts[1] / counts[1].sum())
    own = np.log(np.clip(belief, 0.02, 0.98) / np.clip(1 - belief, 0.02, 0.98))
    told = own + COLOUR_SAYS * np.clip(odds.ravel()[bins], -4, 4)
    return np.asarray(1 / (1 + np.exp(-told)), np.float32)


def _candidates(look: Headwear) -> Iterator[Headwear]:
    for width in WIDTHS_MM:
        for rise in RISES:
            around = rise + CURL * np.abs(np.sin(2 * np.pi * np.arange(TURNS) / TURNS))
            yield replace(look, brim_mm=(width,) * TURNS, brim_rise=tuple(around.round(3).tolist()))


def _iou(drawn: NDArray[np.bool_], hat: NDArray[np.bool_], asked: Array) -> float:
    """Intersection over union of what is drawn and seen of a hat (S, S), by how much is asked of each pixel (S, S)."""
    return float(asked[drawn & hat].sum() / max(float(asked[drawn | hat].sum()), 1.0))


def _above_mm(look: Headwear, below: Underneath, seen: HatSeen) -> Array:
    """How far above the cloth's edge, along the head, pixels (S, S) lie, mm."""
    turn = np.arange(TURNS) / TURNS
    edge = edge_of(look, turn)
    ring = MIDDLE + directions_of(look.kind, edge, turn) * below.skin_mm(edge, turn)[:, None]
    low, middle, high = seen.on_map(ring.mean(0) + np.outer((-50.0, 0.0, 50.0), (0, 1, 0)))
    up = (high - low) / 100
    rows, columns = np.indices(seen.belief.shape)
    return np.asarray(((columns - middle[0]) * up[0] + (rows - middle[1]) * up[1]) / max(float(up @ up), 1e-9))


def _crown(look: Headwear, below: Underneath, seen: HatSeen) -> NDArray[np.bool_]:
    return crown_on_map(look, below, seen.params, seen.to_map, len(seen.belief))


def crown_on_map(look: Headwear, below: Underneath, params: FaceParams, to_map: Array, side: int) -> NDArray[np.bool_]:
    """Where a map (S, S) of `side` pixels shows the near half of a crown."""
    share, turn = np.meshgrid(np.linspace(0, 1, CROWN[0]), np.linspace(0, 1, CROWN[1] + 1), indexing="ij")
    polar = share * edge_of(look, turn)
    places = MIDDLE + directions_of(look.kind, polar, turn) * cloth_mm(look, below, polar, turn)[..., None]
    facing = ((places - MIDDLE) @ np.asarray(params.pose.rotation).T)[..., 2] < 15.0
    return _filled(on_map(params, to_map, places), facing, (side, side))


def _brim(look: Headwear, below: Underneath, seen: HatSeen, before: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a brim is seen (S, S): of its far half, what the head and the crown (`before`) leave."""
    places = brim_places(look, below, np.arange(DRAWN + 1) / DRAWN, 2)
    near = seen.depth(places) < float(seen.depth(MIDDLE[None])[0])
    shown = seen.on_map(places)
    far = _filled(shown, ~near, seen.belief.shape) & ~before
    return np.asarray(far | _filled(shown, near, seen.belief.shape))


def before_head(look: Headwear, below: Underneath, params: FaceParams, to_map: Array, side: int) -> NDArray[np.bool_]:
    """Where a map (S, S) of `side` pixels shows the near half of a brim: it hides the crown and the face there."""
    places = brim_places(look, below, np.arange(DRAWN + 1) / DRAWN, 2)
    away = params.pose.apply(np.concatenate([places.reshape(-1, 3), MIDDLE[None]]))[:, 2]
    near = (away[:-1] < away[-1]).reshape(places.shape[:2])
    near &= brim_width_mm(look, np.arange(DRAWN + 1) / DRAWN) > LEAST_MM
    return _filled(on_map(params, to_map, places), near, (side, side))


def _filled(places: Array, kept: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The quads of a grid of pixels (R, C, 2) whose first corners are kept (R, C), filled (S, S)."""
    picture = Image.new("1", (shape[1], shape[0]))
    draw = ImageDraw.Draw(picture)
    for row in range(len(places) - 1):
        for column in np.flatnonzero(kept[row, :-1]):
            corners = places[[row, row + 1, row + 1, row], [column, column, column + 1, column + 1]]
            draw.polygon([(float(x), float(y)) for x, y in corners], fill=1)
    return np.asarray(picture, bool)


def _hull(points: Array, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The convex hull of pixels (N, 2), filled (S, S)."""
    picture = Image.new("1", (shape[1], shape[0]))
    outline = points[ConvexHull(points).vertices]
    ImageDraw.Draw(picture).polygon([(float(x), float(y)) for x, y in outline], fill=1)
    return np.asarray(picture, bool)
