"""What a photo shows of somebody's hair: where it is, how far it hangs, what covers it, how straight it is.

Frames: the small picture of `silhouette.HairView`; heights are mm along the head's own y axis, at the head's depth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, binary_erosion, label

from facegpt.detect.geometry import FACE_POINTS
from facegpt.detect.outlines import in_hull
from facegpt.encode.parts import BACKGROUND, BEARD, CLOTHES, EAR, GLASSES, HAIR, HAND, HAT, MAP_PX, SKIN, FaceParts
from facegpt.hair.from_photo.silhouette import SIDE, HairView, over_head_mm, ray_angles, view_of
from facegpt.hair.scalp import MIDDLE, scalp_of
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.morphable.proxies import head_motion
from facegpt.types import Array, FaceParams

#: Belief above which a pixel is hair, or anything else.
SURE = 0.5
#: Places this far inside the usual hairline tell whether there is hair, mm.
INSIDE_MM = 8.0
#: A place is seen if no skin lies so far before it, mm.
BEFORE_MM = 5.0
#: Shares of so few places tell nothing.
FEWEST = 20
#: Hair farther from the head's own than this many pixels belongs to somebody else.
TOUCHES_PX = 2
#: A large piece belongs to the head as well if so much belief in hair joins it to the head's own: hair in the wind.
JOINS = 0.15
#: Hair that the photo cuts off meets its end along more pixels than these: a dark shirt is taken for some of them; and
#: on more than such a share of its width: a few tips that reach it end there. Below the chin, mm along the head's y
#: axis; at a photo's side more than so many, so near its lowest place, mm.
FEWEST_CUT_PX, CUT_SHARE, CHIN_MM, FEWEST_BESIDE_PX, NEAR_LOWEST_MM = 9, 0.22, -60.0, 4, 20.0
#: Hair that goes behind the shoulders meets them along more pixels than these, so far from the head's axis, mm: nearer
#: lies the neck. It does so along more than so many times the pixels along which it ends before a background, and is
#: narrower than this, mm, at one side of the neck: bobs that touch shoulders are as wide at their ends as above.
FEWEST_BEHIND_PX, OFF_NECK_MM, BEHIND_OVER_ENDS, NARROW_MM = 5, 70.0, 2, 20.0
#: Hair over the ears is rooted at this height, mm.
EAR_TOP_MM = 40.0
#: Hair that hangs so low at one side, mm, and farther than at the other by so much, mm, is hidden there.
HANGS_LOW_MM, ONE_SIDED_MM = -100.0, 80.0
#: A head turned so far (sine) with so much of an ear seen, mm², whose hair ends above this, mm, shows its nape there.
PROFILE, EAR_BARE_MM2, NAPE_ENDS_MM = 0.4, 1000.0, -76.0
#: Share of the seen scalp under hair from which on what looks like background before the rest of it is hair as well.
SOME_HAIR = 0.1
#: How much a pixel of bare eyes and brows counts: a lock across an eye is a small mistake of the outline only.
EYES_COUNT = 6.0
#: How much one of bare skin of the face counts: hair over a forehead that is bare makes another person.
FACE_COUNTS = 1.4
#: Points around each eye, out to the brow and the cheek.
EYE_RINGS = ((33, 133, 159, 145, 46, 117), (263, 362, 386, 374, 276, 346))
#: Heights at which the hair beside a head is measured, mm along its y axis, from the ears down to below the chin; over
#: how many mm of height.
BESIDE_MM, BESIDE_OVER_MM = (20.0, 0.0, -20.0, -40.0, -60.0, -80.0, -100.0), 20.0
#: Bounds of the directions in which hair's height over the head is told, degrees from straight up: crown … ears.
OFF_UP_DEG = (0.0, 25.0, 50.0, 75.0, 100.0)
#: A piece of hair beside the largest one is at least so large, as a share of it: shadows on necks are smaller.
LEAST_PIECE = 0.3


@dataclass(frozen=True, eq=False)
class HairSeen:
    """What is seen of one head's hair (S, S the small picture).

    Attributes:
        view: of the fitted head. hair: (S, S) 0..1, belief in this head's hair.
        known: (S, S) bool, where hair would be seen if it were there: inside the photo, with nothing before it; where
            hair at the other side tells that some is hidden, it is not known.
        rooted: share of the seen scalp that hair covers; rooted_top, rooted_side: of its top, of its sides and back.
        covered: share of the seen scalp that is neither skin nor hair.
        face_px: longer side of the face in the photo, px.
        forehead: share of the forehead that hair covers. fringe: the same of that half of it which shows more skin.
        lowest_mm: (2,) how low hair hangs at the picture's left and right of the head; nan where there is none.
        highest_mm: how far hair stands above the crown. cut: whether it hangs on below where the photo ends, or where
            shoulders hide it: behind says that these do.
        glasses: share of the eyes' surroundings that are glasses.
        points: (478, 3) the head's own, where the detector's are, mm.
        beside_mm: (2, 7) how wide hair is beside the head at the picture's left and right, at heights BESIDE_MM.
        ear_mm2: how much of the ear that shows more of itself is seen.
        over_mm: (4,) how far its outline stands off the bald head, within OFF_UP_DEG of straight up: median of the side
            where it stands off farther, for faces hide the other one in profiles; nan if the photo cuts it off.
        hatted: share of the seen scalp that headwear covers: of `covered` the rest is what is behind a head.
        guessed: share of the seen scalp that looks like what is behind the head, and is taken for hair.
    """

    view: HairView
    hair: NDArray[np.float32]
    known: NDArray[np.bool_]
    rooted: float
    rooted_top: float
    rooted_side: float
    covered: float
    face_px: float
    forehead: float
    fringe: float
    lowest_mm: tuple[float, float]
    highest_mm: float
    cut: bool
    glasses: float
    points: Array
    beside_mm: Array
    ear_mm2: float
    over_mm: Array
    hatted: float = 1.0
    guessed: float = 0.0
    behind: bool = False

    @cached_property
    def weight(self) -> NDArray[np.float32]:
        """Weights (S, S) of pixels in comparisons: largest around the eyes, then on the face; 1 on hair and beyond."""
        return _weight(self.view, self.points, self.hair)

    @property
    def shows_nape(self) -> bool:
        """Whether what hangs lowest is the hair of a nape, seen from the side: it covers no ear and ends above it."""
        return _shows_nape(self.view, self.lowest_mm, self.ear_mm2)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Where hair is seen (S, S)."""
        return self.hair > SURE


def hair_seen(model: MorphableModel, params: FaceParams, parts: FaceParts) -> HairSeen:
    """Look at a fitted head's hair; `params.camera` is that of the photo the parts are of."""
    head = head_vertices(model, params)
    view = view_of(params, parts, head, model.triangles)
    belief, inside = _smaller(parts.probabilities), _smaller(parts.seen) > 0.5
    points = model.embedding("mediapipe478")(head)
    scalp = scalp_of(model)  # type: ignore[arg-type]
    places = scalp.on(head)
    at, shown = seen_places(view, places)
    shown &= inside[at[:, 1], at[:, 0]]  # what a photo cuts off is neither hair nor hat
    deep = shown & (scalp.inside > INSIDE_MM)
    taken = _fill_scalp(belief, view, at[deep])
    own = _own_hair(belief[..., HAIR], view, at[shown & (scalp.inside > 0)])
    here = own[at[:, 1], at[:, 0]]
    # At the rim of a bald head, places that the fit has a little too far out see what is behind it: no hat.
    within = deep & binary_erosion(view.head, iterations=TOUCHES_PX)[at[:, 1], at[:, 0]]
    asked = within if within.sum() > FEWEST else deep
    hat = 1 - belief[..., [SKIN, EAR, BEARD, HAIR]].sum(-1)[at[:, 1], at[:, 0]]
    low = scalp.place[:, 1] < 80
    height, side = _axes(view)
    forehead, fringe = _forehead(view, head, model, own)
    mask = own > SURE
    lows = _lowest(height, mask & (side < 0)), _lowest(height, mask & (side >= 0))
    off_photo, beside = _cut_below(mask, inside, height), _beside(view, mask, height, side)
    body = inside & ~view.head & (height < CHIN_MM) & (belief[..., [CLOTHES, SKIN]].sum(-1) > SURE)
    ear_mm2 = max(
        float(((belief[..., EAR] > SURE) & half).sum()) / max(view.px_per_mm, 1e-6) ** 2
        for half in (side < 0, side >= 0)
    )
    behind = not off_photo and bool(beside[:, -1].min() < NARROW_MM) and not _shows_nape(view, lows, ear_mm2)
    behind &= _goes_behind(
        mask & (height < CHIN_MM), body & (np.abs(side) > OFF_NECK_MM), inside & (belief[..., BACKGROUND] > SURE)
    )
    cut = off_photo or behind
    before = [HAT, HAND, GLASSES] + [CLOTHES] * cut  # long hair falls behind shoulders as well
    known = inside & (belief[..., before].sum(-1) < SURE) & ~_hidden(view, lows, height, side)
    known &= ~(body & behind)
    top = float(np.max(places[:, 1]))
    return HairSeen(
        view=view,
        hair=own,
        known=known,
        rooted=_share(here, asked),
        rooted_top=_share(here, deep & ~low),
        rooted_side=_share(here, deep & low),
        covered=_share(hat, asked),
        face_px=_face_px(params, points),
        forehead=forehead,
        fringe=fringe,
        lowest_mm=lows,
        highest_mm=float(np.quantile(height[mask], 0.99) - top) if mask.any() else 0.0,
        cut=cut,
        glasses=max(_share_of(belief[..., GLASSES], window) for window in _eye_windows(view, points)),
        points=points,
        beside_mm=beside,
        ear_mm2=ear_mm2,
        over_mm=_over(view, mask, known, head_motion(model, params)),
        hatted=_share(belief[..., HAT][at[:, 1], at[:, 0]], asked),
        guessed=taken,
        behind=behind,
    )


def seen_places(view: HairView, places: Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Pixels (N, 2) of places (N, 3), and which of them no skin hides."""
    found = view.place(places)
    at = np.clip(np.rint(found[:, :2]), 0, SIDE - 1).astype(int)
    inside = ((found[:, :2] > -0.5) & (found[:, :2] < SIDE - 0.5)).all(1)
    nearest = view.nearest[at[:, 1], at[:, 0]]
    return at, inside & (nearest > 0) & (found[:, 2] < 1 / np.maximum(nearest, 1e-9) + BEFORE_MM)


def _own_hair(hair: Array, view: HairView, scalp_px: NDArray[np.int64]) -> NDArray[np.float32]:
    """The hair (S, S) that hangs together with this head's: pieces that touch the scalp or the head, or are joined."""
    pieces, count = label(hair > SURE)
    if not count:
        return hair.astype(np.float32)
    ours = binary_dilation(view.head, iterations=TOUCHES_PX)
    rooted = np.zeros_like(ours)
    rooted[scalp_px[:, 1], scalp_px[:, 0]] = True
    ours &= binary_dilation(rooted, iterations=2 * TOUCHES_PX)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    kept = np.unique(pieces[ours & (pieces > 0)])
    kept = kept[sizes[kept] > LEAST_PIECE * sizes[kept].max(initial=0)]
    kept = np.union1d(kept, _joined(hair, pieces, kept, sizes))
    return np.where((pieces == 0) | np.isin(pieces, kept), hair, 0).astype(np.float32)


def _joined(
    hair: Array, pieces: NDArray[np.int32], kept: NDArray[np.int32], sizes: NDArray[np.intp]
) -> NDArray[np.int64]:
    """Numbers of large pieces (S, S) of hair that weaker belief joins to those kept, but for gaps of a pixel or two."""
    large = np.setdiff1d(np.flatnonzero(sizes > LEAST_PIECE * sizes[kept].max(initial=0)), [0, *kept])
    if not len(kept) or not len(large):
        return np.zeros(0, np.int64)
    wide, _ = label(binary_dilation(hair > JOINS))
    own = np.setdiff1d(wide[np.isin(pieces, kept)], [0])
    return np.array([piece for piece in large if np.isin(wide[pieces == piece], own).any()], np.int64)


def _fill_scalp(belief: Array, view: HairView, scalp_px: NDArray[np.int64]) -> float:
    """Let what is taken for background where the scalp is seen (N, 2) be hair, in place, if some of it is hair.

    The scalp lies before all background: dark hair in shade looks like it. Returns the share of it that was filled.

    belief: (S, S, 9) in the parts.
    """
    rows = np.zeros(belief.shape[:2], bool)
    rows[scalp_px[:, 1], scalp_px[:, 0]] = True
    rows &= binary_erosion(view.head, iterations=TOUCHES_PX)
    if not rows.any() or float((belief[rows, HAIR] > SURE).mean()) < SOME_HAIR:
        return 0.0
    filled = float((belief[rows, BACKGROUND] > SURE).mean())
    belief[rows, HAIR] += belief[rows, BACKGROUND]
    belief[rows, BACKGROUND] = 0
    return filled


def _share(values: Array, rows: NDArray[np.bool_]) -> float:
    return float((values[rows] > SURE).mean()) if rows.sum() > FEWEST else 0.0


def _axes(view: HairView) -> tuple[Array, Array]:
    """Of each pixel: its height (S, S) mm along the head's up axis, and mm to the right of that axis in the picture."""
    low, origin, high = view.place(np.array([[0.0, -100, 0], [0, 0, 0], [0, 100, 0]]))[:, :2]
    up = (high - low) / 200
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    away = np.stack([x, y], -1) - origin
    length = max(float(up @ up), 1e-9)
    return away @ up / length, away @ np.array([-up[1], up[0]]) / length


def heights(view: HairView) -> Array:
    """Height of each pixel (S, S), mm along the head's up axis."""
    return _axes(view)[0]


def _cut_below(mask: NDArray[np.bool_], inside: NDArray[np.bool_], height: Array) -> bool:
    """Whether hair below the chin touches the end of the photo, or of the map: at a side near its lowest place."""
    low = mask & (height < CHIN_MM)
    if not low.any():
        return False
    known = np.pad(inside, ((0, 2), (0, 0)))
    ends = low & ~(known[1:-1] & known[2:])
    lowest = float(np.quantile(height[low], 0.03))
    beside = low & ~binary_erosion(inside, np.ones((1, 3)), iterations=2) & (height < lowest + NEAR_LOWEST_MM)
    meets = ends.sum() > FEWEST_CUT_PX and ends.any(0).sum() > CUT_SHARE * low.any(0).sum()
    return bool(meets or beside.sum() > FEWEST_BESIDE_PX)


def _goes_behind(low: NDArray[np.bool_], shoulders: NDArray[np.bool_], background: NDArray[np.bool_]) -> bool:
    """Whether hair below the chin (S, S) goes on behind shoulders: it mostly ends at their outline, not above it."""
    beneath, ends = (np.pad(part, ((0, 2), (0, 0))) for part in (shoulders, background))
    met = low & (beneath[1:-1] | beneath[2:])
    return bool(met.sum() > max(FEWEST_BEHIND_PX, BEHIND_OVER_ENDS * (low & ends[1:-1]).sum()))


def _shows_nape(view: HairView, lows: tuple[float, float], ear_mm2: float) -> bool:
    """As `HairSeen.shows_nape`. lows: how low hair hangs at both sides, mm. ear_mm2: how much of an ear is seen."""
    turned = abs(float(np.asarray(view.pose.rotation)[0, 2])) > PROFILE
    left, right = (EAR_TOP_MM if np.isnan(low) else low for low in lows)
    one_sided = max(left, right) >= EAR_TOP_MM and min(left, right) > NAPE_ENDS_MM
    return turned and one_sided and ear_mm2 > EAR_BARE_MM2


def _hidden(view: HairView, lows: tuple[float, float], height: Array, side: Array) -> NDArray[np.bool_]:
    """Where hair (S, S) is likely hidden: below its end at one side, if it hangs far lower at the other.

    A hand, a shoulder or a flower lies before it there. What lies before the head is not hidden.
    """
    left, right = (EAR_TOP_MM if np.isnan(low) else low for low in lows)
    if min(left, right) > HANGS_LOW_MM or abs(left - right) < ONE_SIDED_MM:
        return np.zeros(height.shape, bool)
    shorter = side < 0 if left > right else side >= 0
    return np.asarray(shorter & (height < max(left, right)) & ~view.head)


def _lowest(height: Array, rows: NDArray[np.bool_]) -> float:
    return float(np.quantile(height[rows], 0.03)) if rows.sum() > 8 else float("nan")


def _beside(view: HairView, mask: NDArray[np.bool_], height: Array, side: Array) -> NDArray[np.float64]:
    """Mean width (2, 7) of hair outside the bald head at its left and right in the picture, at BESIDE_MM, mm."""
    off = mask & ~view.head
    rows = [np.abs(height - at) < BESIDE_OVER_MM / 2 for at in BESIDE_MM]
    counts = [[float((off & half & row).sum()) for row in rows] for half in (side < 0, side >= 0)]
    return np.array(counts) / max(view.px_per_mm, 1e-6) ** 2 / BESIDE_OVER_MM


def _over(view: HairView, mask: NDArray[np.bool_], known: NDArray[np.bool_], motion: tuple[Array, Array]) -> Array:
    """Height (4,) of hair over the bald head, mm, see OFF_UP_DEG; nan where fewer than two rays tell it."""
    turn, shift = motion
    off = over_head_mm(view, mask, known, view.place((np.asarray(turn) @ MIDDLE + shift)[None])[0, :2])
    turned = (np.degrees(ray_angles()) + 90) % 360 - 180  # 0 straight up
    rows = [
        [np.isfinite(off) & (half * turned >= low) & (half * turned < high) for half in (1, -1)]
        for low, high in pairwise(OFF_UP_DEG)
    ]
    return np.array([
        max((float(np.median(off[row])) for row in both if row.sum() > 1), default=np.nan) for both in rows
    ])  # fmt: skip


def _smaller(values: NDArray[np.bool_] | NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of a map (MAP_PX, MAP_PX, ...) over the pixels of the small picture (SIDE, SIDE, ...)."""
    step = MAP_PX // SIDE
    shifts = [values[row::step, column::step] for row in range(step) for column in range(step)]
    return sum(shift.astype(np.float32) for shift in shifts) / step**2  # type: ignore[return-value]


def _face_px(params: FaceParams, points: Array) -> float:
    """Longer side of the box of a head's points (478, 3) in the photo, px."""
    return float(np.ptp(params.camera.project(params.pose.apply(points[:468])), axis=0).max())


def _forehead(view: HairView, head: Array, model: MorphableModel, hair: Array) -> tuple[float, float]:
    """How much of the forehead between brows and the usual hairline is under hair: of all, and of its barer half."""
    mean = model.mean_vertices
    turn = np.degrees(np.arctan2(mean[:, 0], mean[:, 2] + 8))
    rows = (mean[:, 1] > 52) & (mean[:, 1] < 84) & (np.abs(turn) < 32) & (mean[:, 2] > 40)
    at, shown = seen_places(view, head[rows])
    here, left = hair[at[:, 1], at[:, 0]], turn[rows] > 0
    halves = [_share(here, half) for half in (shown & left, shown & ~left) if half.sum() > FEWEST]
    whole = _share(here, shown)
    return whole, min(halves, default=whole)


def _eye_windows(view: HairView, points: Array) -> Iterator[tuple[slice, slice]]:
    """The pixels around either eye of a head's points (478, 3), brows and the upper cheek among them."""
    for ring in EYE_RINGS:
        place = view.place(points[list(ring)])[:, :2]
        low = np.floor(place.min(0)).astype(int).clip(0, SIDE - 1)
        high = np.ceil(place.max(0)).astype(int).clip(0, SIDE)
        yield slice(low[1], high[1] + 1), slice(low[0], high[0] + 1)


def _share_of(belief: Array, window: tuple[slice, slice]) -> float:
    """The share of a window in which a belief is sure."""
    return float((belief[window] > SURE).mean()) if belief[window].size else 0.0


def _weight(view: HairView, points: Array, hair: Array) -> NDArray[np.float32]:
    along = np.arange(SIDE)
    inside = in_hull(np.stack(np.meshgrid(along, along), -1), view.place(points[:FACE_POINTS])[:, :2])
    weight = np.where(inside & (hair < SURE), FACE_COUNTS, 1.0).astype(np.float32)
    for window in _eye_windows(view, points):
        weight[window] = np.where(hair[window] > SURE, 1.0, EYES_COUNT)
    return weight
