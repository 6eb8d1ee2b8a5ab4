"""How wide rims are: from where a photo's colour turns, on the way across the rim, into that of the lens and the skin.

Wires are thinner than a pixel of the band, so a finer picture is read. Each place along a rim tells a width of its own:
the way between both places of half the difference. Where brows and hair lie beside upper rims, nothing is told.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.glasses.contour import Contour
from facegpt.glasses.fit import Front
from facegpt.glasses.rims_followed import Followed, followed
from facegpt.glasses.silhouettes import Band
from facegpt.types import Array

#: Offsets from a lens' edge outward at which a photo is read, mm.
STEP_MM = 0.25
OFFSETS_MM = np.arange(-3.0, 8.01, STEP_MM)
#: Where the rim's darkest place may lie, how far beyond it the skin begins at most, and over what levels are smoothed.
ON_RIM_MM, REACH_MM = (-0.75, 5.0), 3.5
#: Over what levels beside a step are meant, where it lies at most, mm, and the share of a rim's depth from which it is
#: the rim's end.
STEP_OVER_MM, LATEST_MM, STEEP = 0.75, 5.5, 0.5
#: How much pale rims about dark lenses stand out at least, sRGB 0..1.
PALE_STANDS = 0.06
#: Width of a gleam on a rim at least, mm.
GLEAM_MM = 0.5
#: Difference of level across a rim from which a place tells a width, sRGB 0..1.
LEAST = 0.04
#: Thinnest and thickest rims, mm, and how much wider upper ones are at most than lower ones.
THINNEST_MM, THICKEST_MM, WIDER_MM = 0.7, 6.5, 4.0
#: Blur of photos (FWHM, their pixels) and of the picture that is read (mm), which is taken from a width.
BLUR_PX, READ_MM = 1.6, 0.35
#: The width of a part among those of its places, 0..1, beside brows: gleams end some of them early.
TOLD_AT = 0.6
#: The same at the corner, where a rim is widest at one place.
CORNER_AT = 0.85
#: Angles about a lens, degrees from the temple up, between which lower and upper rims are measured, where neither the
#: bridge nor an end piece grows out of them, and between which the upper outer corner lies.
BELOW_DEG, ABOVE_DEG, CORNER_DEG = (-140.0, -40.0), (50.0, 130.0), (18.0, 58.0)
#: Heights of a lens, -1..1, below which the lower rim lies and above which the upper one does.
LOW, HIGH = 0.0, 0.6
#: Trust in edges from which a place is told, the fewest places of a part, and the share of the half that is turned to
#: the camera from which the other one counts too.
TRUSTED, FEWEST, ALSO = 0.8, 5, 0.6
#: How much wider than lower rims of acetate upper ones are that nothing tells.
UPPER_TIMES = 1.2
#: Places beside brows from which on those that lie on brows are not asked.
ENOUGH = 8
#: How far beyond the outline of dark glasses their dark ends at least where a rim of acetate is as dark as the lens;
#: widths of such rims and of wires that hold dark lenses, mm.
WIRE_ENDS_MM, HIDDEN_MM, HELD_MM = -0.4, 2.8, 1.2
#: The same of a bar of acetate above lenses that a wire holds below, beside which hair and brows are dark too, and its
#: width where the lens is as dark, mm; how many times as wide as the wire it is at least; the widest such wire, mm.
BROW_ENDS_MM, BAR_MM, BROW_TIMES, WIRE_BELOW_MM = 0.3, 3.8, 2.6, 1.35
#: Upper rims from which frames are of acetate, and how much wider these are at least where the temple joins them, mm.
ACETATE_MM, ENDPIECE_MM = 2.0, 0.9
#: Power of the temple's upper corner of a lens (`contour.Contour`) below which its frame has no end piece.
ROUND = 2.6
#: A lower rim is none where the third of its places that stands out least does by less than this share of the upper
#: rim: in photos of the training half 26 of 28 half-rims do (27 are drawn), and none of 81 whole ones.
SOMEWHERE, HALF_RIM = 0.35, 0.48


def rim_widths(band: Band, front: Front, filled: bool) -> tuple[float, ...]:
    """Widths below and above, mm, and at the temple's upper corner where that is wider; 0 below where no rim is.

    band: as it lies about the frame. front: with the contour that was fitted. filled: whether lenses are dark.
    """
    height = front.edge[:, 1] / (front.height_mm / 2)
    turn = np.degrees(np.arctan2(front.edge[:, 1], front.edge[:, 0] - front.middle))
    parts = [(turn > first) & (turn < last) for first, last in (BELOW_DEG, ABOVE_DEG, CORNER_DEG)]
    rims = _seen_rims(band, front, filled)
    bare = rims is not None and not filled and _bare(rims, height < LOW, height > HIGH)
    wide, _, sure, hairless, _ = _across(band, front, rims, bare)
    share = 0.5 if filled else TOLD_AT
    shares = share, share, CORNER_AT
    below, above, corner = (
        _told(wide[:, part], sure[:, part], hairless[:, part], at) for part, at in zip(parts, shares, strict=True)
    )
    if bare:
        widths: tuple[float, ...] = 0.0, round(float(np.clip(np.nan_to_num(above), THINNEST_MM, THICKEST_MM)), 2)
    else:
        if np.isnan(below):
            below = THINNEST_MM if np.isnan(above) else above
        if np.isnan(above):  # a fringe lies on it
            above = below * (UPPER_TIMES if below >= ACETATE_MM else 1.0)
        below, above = (float(np.clip(one, THINNEST_MM, THICKEST_MM)) for one in (below, above))
        widths = round(below, 2), round(float(np.clip(above, 0.8 * below, below + WIDER_MM)), 2)
    above = widths[1]
    if above < ACETATE_MM or _round(front):
        return widths
    corner = float(np.clip(np.nan_to_num(corner), above + ENDPIECE_MM, above + WIDER_MM))
    return (*widths, round(corner, 2))


def _seen_rims(band: Band, front: Front, filled: bool) -> Followed | None:
    """The rims as they lie; None where dark lenses hide their inner edges: beside these only pale ones are seen."""
    rims = followed(band, front)
    return rims if not filled or (rims.pale and np.median(rims.stands) > PALE_STANDS) else None


def _bare(rims: Followed, below: NDArray[np.bool_], above: NDArray[np.bool_]) -> bool:
    """Whether lenses have no rim below: folds of skin stand out here and there, a rim does everywhere. Places (N,)."""
    low = np.quantile(rims.kinds[..., below], SOMEWHERE, axis=(1, 2)).max()
    return bool(low < HALF_RIM * np.median(rims.kinds[..., above], axis=(1, 2)).max())


def dark_rim_widths(band: Band, front: Front, usual_mm: float) -> tuple[float, ...]:
    """`rim_widths` of dark glasses. front: with lenses that end `usual_mm` within all that the glasses cover.

    Where rim and lens are equally dark, a rim of acetate ends where skin begins; a wire, which is brighter, lies beyond
    what is dark, and tells its own width where it is paler than both.
    """
    if _seen_rims(band, front, True) is not None:
        return rim_widths(band, front, True)
    wide, _, sure, _, hidden = _across(band, front)
    if sure.sum() < FEWEST or np.median(hidden[sure]) < 0.5:
        return rim_widths(band, front, True)
    height = front.edge[:, 1] / (front.height_mm / 2)
    told = [wide[:, part][sure[:, part]] for part in (height < LOW, height > HIGH)]
    ends = [np.median(one) - usual_mm if len(one) >= FEWEST else np.nan for one in told]
    below = HIDDEN_MM if ends[0] >= WIRE_ENDS_MM else HELD_MM  # an end that nothing tells: wire
    if below == HELD_MM:
        above = BAR_MM if ends[1] >= BROW_ENDS_MM else HELD_MM
    else:
        above = HIDDEN_MM if ends[1] >= WIRE_ENDS_MM else HELD_MM
    if above == HELD_MM or _round(front):
        return below, max(below, above)
    return below, above, round(above + ENDPIECE_MM, 2)


def is_browline(rims_mm: tuple[float, ...]) -> bool:
    """Whether a bar of acetate lies above lenses that a wire holds below; widths as of `rim_widths`."""
    below, above = rims_mm[:2]
    return 0 < below < WIRE_BELOW_MM and above > BROW_TIMES * below


def _round(front: Front) -> bool:
    """Whether the upper corner towards the temple is too round for an end piece."""
    return bool(front.lens) and Contour(*front.lens).powers[0] < ROUND


def _told(wide: Array, sure: NDArray[np.bool_], hairless: NDArray[np.bool_], share: float) -> float:
    """The width of a part of a rim by its places (H, N), those on brows as well where few lie beside them; or nan."""
    beside = max(share - TOLD_AT, 0.0) + 0.5
    for kept, fewest, at in ((sure, ENOUGH, share), (hairless, FEWEST, beside), (sure, FEWEST, beside)):
        if kept.sum() >= fewest:
            return float(np.quantile(wide[kept], at))
    return float("nan")


def _across(
    band: Band, front: Front, rims: Followed | None = None, bare: bool = False
) -> tuple[Array, Array, NDArray[np.bool_], NDArray[np.bool_], Array]:
    """Of the halves that are turned to the camera, at each place of the edge: width (mm), depth and whether it tells.

    (H, N) each. Depth: how much darker than its paler side, or otherwise different, the rim is. Then whether it tells
    if brows hide nothing. The last is 1 where rim and lens cannot be told apart.

    rims: as they lie beside clear lenses; None if lenses are dark. bare: whether there are none below.
    """
    on = (OFFSETS_MM > 0) & (OFFSETS_MM < 4.5)
    if rims is None:
        sides = [k for k in (0, 1) if band.weights[k] >= ALSO * band.weights.max()]
        lines = front.place(front.edge + front.outward * OFFSETS_MM[:, None, None])
        at = np.stack([band.place(lines * [1.0 - 2.0 * k, 1.0, 1.0]) for k in sides])  # (H, K, N, 2)
        levels = np.mean([band.read_fine(at, channel) for channel in range(3)], 0)
        planes = [band.read(at[:, on], plane) for plane in (band.trust, band.hairless)]
        hues, stands = np.zeros_like(levels), np.ones(levels[:, 0].shape, bool)
    else:
        colours = rims.along(rims.colours, OFFSETS_MM)
        apart = _apart(colours, front.edge[:, 1] < LOW)
        levels = rims.along(rims.levels, OFFSETS_MM) if bare else colours @ _unit(apart)
        hues, stands = colours @ _unit(apart - apart.mean()), rims.stand_out
        trust = band.read(rims.places, band.trust)
        planes = [rims.along(plane, OFFSETS_MM[on]) for plane in (trust, rims.free)]
    tells, hairless = (stands & (plane.min(1) > TRUSTED) for plane in planes)
    lines = np.moveaxis(np.stack([levels, hues], -1), 1, 2)  # (H, N, K, 2)
    found = [[_crossed(line[:, 0], line[:, 1], rims is None) for line in half] for half in lines]
    wide, depth, hidden = np.moveaxis(np.array(found), -1, 0)
    blur = np.hypot(BLUR_PX / max(band.sharp, 1e-3), READ_MM)
    wide = np.sqrt(np.clip(wide**2 - blur**2, 0.0, None))
    deep = depth > LEAST
    return wide, depth, np.asarray(tells & deep), np.asarray(hairless & deep), hidden


def _apart(colours: Array, low: NDArray[np.bool_]) -> Array:
    """How rims differ from both of their sides: (3,) sRGB, of colours (H, K, N, 3) at places `low` of N."""
    on = (OFFSETS_MM > 0.2) & (OFFSETS_MM < 1.5)
    beside = (OFFSETS_MM < -1.2) | ((OFFSETS_MM > 3.5) & (OFFSETS_MM < 6.0))
    return np.asarray(
        np.median(colours[:, beside][:, :, low], (0, 1, 2)) - np.median(colours[:, on][:, :, low], (0, 1, 2))
    )


def _unit(direction: Array) -> Array:
    """The direction (3,) along which a difference of colour counts as the mean of its channels does."""
    return np.asarray(direction / max(float(np.abs(direction).sum()), 1e-6))


def _crossed(levels: Array, hues: Array, filled: bool) -> tuple[float, float, float]:
    """Width (mm) and depth of a rim from levels and hues (K,) across it, and 1 where it is as dark as the lens."""
    first, last = np.searchsorted(OFFSETS_MM, ON_RIM_MM)
    low = int(first + levels[first:last].argmin())
    reach = int(REACH_MM / STEP_MM)
    outside, inside = levels[low : low + reach].max(), levels[max(low - reach, 0) : low + 1].max()
    depth = float(min(outside, inside) - levels[low])
    hidden = filled and depth < LEAST
    if hidden:  # a dark rim about a dark lens: it ends where skin begins
        depth, start = float(outside - levels[low]), 0.0
    else:
        start = _way(levels[: low + 1][::-1], (inside + levels[low]) / 2, OFFSETS_MM[low], -STEP_MM)
    end = _way(levels[low:], (outside + levels[low]) / 2, OFFSETS_MM[low], STEP_MM)
    last, rise = _last_step(levels, low)
    if not hidden and rise > STEEP * depth:  # a rim of acetate is not of one tone: gleams and folds end before it does
        end = max(end, last)
    skin = hues[low : low + reach].max()
    if not hidden and skin - hues[low] > LEAST:  # what a rim mirrors is as bright as skin, but of another hue
        ends = _way(hues[low:], (skin + hues[low]) / 2, OFFSETS_MM[low], STEP_MM)
        end = ends if ends > end + GLEAM_MM else end
    return max(end - start, 0.0), depth, float(hidden)


def _last_step(levels: Array, low: int) -> tuple[float, float]:
    """Where levels (K,) rise most beyond the row `low`, mm, and by how much."""
    wide = int(STEP_OVER_MM / STEP_MM)
    means = np.convolve(levels, np.full(wide, 1 / wide), "valid")  # of `wide` rows from each on
    rises = means[wide + 1 :] - means[: -wide - 1]  # between both lies one row
    at = np.arange(len(rises)) + wide
    rises = np.where((at > low) & (OFFSETS_MM[at] < LATEST_MM), rises, -np.inf)
    best = int(rises.argmax())
    return float(OFFSETS_MM[at[best]]), float(rises[best])


def _way(levels: Array, half: float, start: float, step: float) -> float:
    """Where levels (K,) that leave `start` mm by `step` reach `half` first."""
    over = np.flatnonzero(levels >= half)
    if not len(over) or not over[0]:
        return start
    k = over[0]
    share = (half - levels[k - 1]) / max(float(levels[k] - levels[k - 1]), 1e-9)
    return float(start + step * (k - 1 + share))
