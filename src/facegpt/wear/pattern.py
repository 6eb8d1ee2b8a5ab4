"""The pattern of cloth where no photo shows it: a sample of the same cloth, laid down again in millimetres.

The sample is cut from a flat piece that is seen well. It is laid as in hex tiling (Heitz and Neyret 2018; Mikkelsen
2022): each corner of a triangular lattice takes its own part of the sample, turned as the cloth runs there, and three
corners are blended so that the contrast stays.
h, w are rows and columns of the coarse grid on which the cloth's shape is known: from the pole to the edge, and around.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from facegpt.types import Array
from facegpt.wear.cloth import HEIGHT, WIDTH, coarser, filled, finer
from facegpt.wear.dye import lining
from facegpt.wear.shell import MIDDLE

#: Half sides of a sample that are tried, mm; its step, mm; the share of it that has to be seen.
HALVES_MM, STEP_MM, LEAST_SEEN = (10.0, 15.0, 22.0, 32.0), 1.0, 0.97
#: Places where a sample is looked for at most, each seen as well as this; how far the contrast of the chosen one ranks
#: among them: prints and bands that are on the cloth once stand out. By what factor, and log contrast more, larger
#: squares of one pattern may be louder than smaller ones.
CENTRES, SEEN_WELL, RANK, LOUDER, FAINT = 28, 0.6, 0.15, 1.5, 0.02
#: What is smoother than this is light and folds, not pattern, mm; how much of log contrast is believed at most.
SMOOTH_MM, MOST = 12.0, 0.9
#: Share of what is seen from which a place needs no more.
KNOWN = 0.98
#: Cloth that goes below this hangs, mm (head frame).
HANGS_MM, UP = -120.0, np.array([0.0, 1.0, 0.0])
#: What hangs below this lies beside the face, mm (head frame), and tells the cloth's tone if it is so much of all.
BELOW_MM, LEAST_HANGING = -30.0, 0.04
#: How far (log) a cord's tone is from its cloth's, and the share of what is seen that is the cloth's then.
OTHER_TONE, MOST_USUAL = 1.2, 0.6
#: The same as SMOOTH_MM on the coarse grid, cells.
SMOOTH_CELLS = (3.0, 2.0)
#: Contrasts of squares of one pattern are within this factor. Of others those serve that are no louder than so many of
#: the calmest; where log colours reach this far, two cloths or more are worn, and only plain ones below this contrast.
ALIKE, CALMER, SEVERAL, CALM = 1.7, 2.0, 3.0, 0.25
#: What of plain cloth is smoother than this is folds, mm.
WEAVE_MM = 2.5
#: How unlike (log colour) samples are, and how many serve at most.
UNLIKE, MOST_SAMPLES = 0.5, 4
#: How sharply one corner of the lattice gives way to the next, as a power; a prime that repeats the lots of corners.
SHARP, LOTS = 4.0, 97
#: Reads the cloth's log colour (..., 3) at head-frame places (..., 3) mm, and how well it is seen there (...).
Look = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True, eq=False)
class ClothGrid:
    """Where cloth lies on the head: places and unit normals (h, w, 3) mm; polar degrees, turn (h, w)."""

    places: Array
    normals: Array
    polar_deg: Array
    turn: Array


@dataclass(frozen=True, eq=False)
class Sample:
    """A square of cloth: mean log colour (3,), log contrast (n, n, 3), STEP_MM a row from the pole and a column."""

    tone: Array
    contrast: NDArray[np.float32]


def pattern_samples(grid: ClothGrid, weight: Array, look: Look) -> list[Sample]:
    """Squares of cloth of unlike colours, the usual one first, all of one size; none where no square is seen whole.

    weight: (h, w) how well each place is seen.
    """
    centres = np.argwhere(weight > SEEN_WELL)
    if not len(centres):
        return []
    centres = centres[np.linspace(0, len(centres) - 1, min(CENTRES, len(centres))).astype(int)]
    calm, several = np.inf, _are_several(grid, weight, look)
    chosen: list[Sample] = []
    for half in HALVES_MM:  # larger squares serve as long as they hold no more than the pattern: no band, no print
        found = [one for row, column in centres if (one := _square(grid, row, column, half, look)) is not None]
        if not found:
            break
        found = _of_one_pattern(sorted(found, key=_loudness), several)
        if not found:
            break
        least = _loudness(found[int(RANK * (len(found) - 1))])
        if least > LOUDER * calm + FAINT:
            break
        calm, chosen = min(calm, least), found
    return _unlike(chosen)


def _are_several(grid: ClothGrid, weight: Array, look: Look) -> bool:
    """Whether what is seen (weight (h, w)) is of two cloths or more, as a scarf with its cord is."""
    tone = smoothed(look(grid.places)[0], weight)[weight > SEEN_WELL].mean(-1)
    low, high = np.quantile(tone, [0.1, 0.9])
    return bool(high - low > SEVERAL)


def _of_one_pattern(found: list[Sample], several: bool) -> list[Sample]:
    """Those (by contrast, the least first) that show what is everywhere: all if they are alike, else the calm ones.

    several: whether two cloths or more are worn, whose edges would be laid down as a pattern.
    """
    loud = [_loudness(one) for one in found]
    if np.quantile(loud, 0.9) < ALIKE * loud[0] and not several:
        return found
    most = CALM if several else max(CALM, CALMER * loud[0])
    return [one for one, contrast in zip(found, loud, strict=True) if contrast < most]


def _loudness(one: Sample) -> float:
    return float(one.contrast.std(axis=(0, 1)).mean())


def _woven(one: Sample) -> Sample:
    """A sample of plain cloth without its folds, which would be blotches: its weave."""
    return replace(one, contrast=one.contrast - gaussian_filter(one.contrast, (WEAVE_MM, WEAVE_MM, 0)))


def _unlike(found: list[Sample]) -> list[Sample]:
    """A few of these (by contrast, the least first), of unlike colours, each as calm as others are of its own."""
    usual = int(RANK * (len(found) - 1))
    kept: list[Sample] = []
    loudest = LOUDER * _loudness(found[usual]) + FAINT if found else 0.0
    for one in found[usual:] + found[:usual][::-1]:
        if _loudness(one) < loudest and all(np.linalg.norm(one.tone - other.tone) > UNLIKE for other in kept):
            kept.append(one)
    return [_woven(one) if _loudness(one) < CALM else one for one in kept[:MOST_SAMPLES]]


def completed(logs: Array, weight: Array, grid: ClothGrid, samples: list[Sample]) -> Array:
    """A picture's log colours (H, W, 3) with what is not seen (weight (H, W)) gone on with: tone and pattern."""
    share = np.clip(weight, 0, 1)
    lined = lining(logs, share)
    cells, outer = _cells(logs, share * np.clip(1 - 4 * lined, 0, 1))  # an under-scarf stays where it is seen
    if _hangs(grid):
        outer = outer * _usual(cells, outer, grid.places[..., 1] < BELOW_MM)
    if not samples:
        away = _lined_with(finer(filled(cells, outer)), logs, share, lined)
        return np.asarray(logs * share[..., None] + away * (1 - share[..., None]))
    reach, turn, radius, hangs = _unrolled(grid)
    tone = finer(filled(smoothed(cells, outer), np.clip(4 * outer, 0, 1)))
    tone = _lined_with(tone, logs, share, lined)
    hidden = share < KNOWN
    out = logs * share[..., None]
    away = tone[hidden]
    apart = np.stack([np.square(away - one.tone).sum(1) for one in samples])
    for which, one in enumerate(samples):
        near = apart.argmin(0) == which
        away[near] += laid(one.contrast, reach[hidden][near], turn[hidden][near], radius, hangs)
    out[hidden] += (1 - share[hidden])[:, None] * away
    return np.asarray(out)


def _usual(cells: Array, weight: Array, hanging: NDArray[np.bool_]) -> Array:
    """Which cells (h, w) have the usual tone, 0 or 1: a cord stays where it is seen. All have it of two cloths.

    hanging: (h, w) what hangs beside the face, which is no cord; it tells the tone where enough of it is seen.
    """
    if not weight.any():
        return np.ones(weight.shape)
    tone, tells = cells.mean(-1), weight * hanging
    tells = tells if tells.sum() > LEAST_HANGING * weight.sum() else weight
    order = np.argsort(tone, axis=None)
    middle = tone.ravel()[order][np.searchsorted(np.cumsum(tells.ravel()[order]), tells.sum() / 2)]
    if tells is not weight:
        return (tone > middle - OTHER_TONE) * 1.0  # cords and hair are darker; a lighter scarf above is another cloth
    usual = np.abs(tone - middle) < OTHER_TONE
    return usual * 1.0 if weight[usual].sum() > MOST_USUAL * weight.sum() else np.ones(weight.shape)


def _lined_with(away: Array, logs: Array, share: Array, lined: Array) -> Array:
    """Log colours (H, W, 3) of what is not seen, with the lining's where most of what is seen around is lining."""
    if not lined.any():
        return away
    cells, seen = _cells(logs, share * np.clip(2 * lined - 1, 0, 1))
    inside = np.clip(5 * lined - 2, 0, 1)[..., None]
    return np.asarray(away + inside * (finer(filled(cells, seen)) - away))


def _cells(logs: Array, share: Array) -> tuple[Array, Array]:
    """Mean log colours (h, w, 3) of what is seen in each cell, and how well it is seen (h, w)."""
    coarse = coarser(share)
    return np.asarray(coarser(logs * share[..., None]) / np.maximum(coarse, 1e-6)[..., None]), coarse


def _hangs(grid: ClothGrid) -> bool:
    return bool(grid.places[..., 1].min() < HANGS_MM)


def _unrolled(grid: ClothGrid) -> tuple[Array, Array, float, bool]:
    """How texels (H, W) lie on the cloth: mm from the pole, the turn, the cloth's usual radius, and whether it hangs.

    What hangs far below the head is unrolled from the crown down: the middle of the skull sees it foreshortened.
    """
    radius = float(np.linalg.norm(grid.places - MIDDLE, axis=-1).mean())
    if not _hangs(grid):
        turn = np.broadcast_to((np.arange(WIDTH) + 0.5) / WIDTH, (HEIGHT, WIDTH))
        return np.radians(finer(grid.polar_deg)) * radius, turn, radius, False
    places = finer(grid.places) - MIDDLE
    aside = np.hypot(places[..., 0], places[..., 2])
    radius = float(np.median(aside))
    down = np.where(places[..., 1] > 0, np.arctan2(aside, places[..., 1]) * radius, np.pi / 2 * radius - places[..., 1])
    return down, np.arctan2(places[..., 0], places[..., 2]) / (2 * np.pi) % 1.0, radius, True


def smoothed(cells: Array, weight: Array) -> Array:
    """Cells' log colours (h, w, 3) without their pattern: means of neighbours, by weight (h, w)."""
    edge = "nearest", "wrap"
    mass = np.maximum(gaussian_filter(weight, SMOOTH_CELLS, mode=edge), 1e-9)
    means = [gaussian_filter(cells[..., k] * weight, SMOOTH_CELLS, mode=edge) / mass for k in range(3)]
    return np.stack(means, -1)


def _square(grid: ClothGrid, row: int, column: int, half: float, look: Look) -> Sample | None:
    """The square around one place, if it is seen."""
    normal, rows = grid.normals[row, column], len(grid.places)
    down = grid.places[min(row + 1, rows - 1), column] - grid.places[max(row - 1, 0), column]
    down = down - (down @ normal) * normal
    down /= max(float(np.linalg.norm(down)), 1e-9)
    onward = grid.places[row, (column + 1) % grid.places.shape[1]] - grid.places[row, column]
    if _hangs(grid):  # as it is unrolled
        away = grid.places[row, column] - MIDDLE
        down = (normal @ UP) * normal - UP
        down, onward = down / max(float(np.linalg.norm(down)), 1e-9), np.array([away[2], 0.0, -away[0]])
    across = np.cross(normal, down)
    across = across if onward @ across >= 0 else -across

    def places(step: float) -> Array:
        at = np.arange(-half, half + step / 2, step)
        return np.asarray(grid.places[row, column] + at[:, None, None] * down + at[None, :, None] * across)

    if (look(places(half / 4))[1] > 0.5).mean() < LEAST_SEEN:
        return None
    logs, seen = look(places(STEP_MM))
    if (seen > 0.5).mean() < LEAST_SEEN:
        return None
    known = (seen > 0.5).astype(float)[..., None]
    blur = SMOOTH_MM / STEP_MM, SMOOTH_MM / STEP_MM, 0
    smooth = gaussian_filter(logs * known, blur) / np.maximum(gaussian_filter(known, blur), 1e-6)
    contrast = np.asarray(np.clip((logs - smooth) * known, -MOST, MOST), np.float32)
    return Sample(np.asarray(logs[seen > 0.5].mean(0)), contrast)


def laid(sample: NDArray[np.float32], reach: Array, turn: Array, radius_mm: float, hangs: bool = False) -> Array:
    """The sample's contrast (N, 3) at places of cloth that are so far (N,) from the pole, mm, and around.

    hangs: whether it goes on as a cylinder below the head's middle, else as a sphere.
    """
    around = 2 * np.pi * turn
    flat = np.stack([reach * np.cos(around), reach * np.sin(around)], 1).astype(np.float32)
    spacing = STEP_MM * len(sample) * 0.6
    skewed = flat @ np.array([[1.0, 0.0], [-1 / np.sqrt(3), 2 / np.sqrt(3)]], np.float32) / np.float32(spacing)
    base = np.floor(skewed)
    part = skewed - base
    upper = part.sum(1) > 1
    corners = np.stack([
        np.where(upper[:, None], (1, 1), (0, 0)), np.tile((1, 0), (len(flat), 1)), np.tile((0, 1), (len(flat), 1))
    ])  # fmt: skip
    over = part.sum(1) - 1
    shares = np.stack([np.abs(over), np.where(upper, 1 - part[:, 1], part[:, 0]),
                       np.where(upper, 1 - part[:, 0], part[:, 1])]) ** SHARP  # fmt: skip
    shares = shares / np.maximum(np.sqrt((shares**2).sum(0)), 1e-9)
    return np.asarray(
        sum(share[:, None] * _of_corner(sample, flat, base + corner, spacing, radius_mm, hangs)
            for share, corner in zip(shares, corners, strict=True))
    )  # fmt: skip


def _of_corner(
    sample: NDArray[np.float32], flat: Array, corner: Array, spacing: float, radius_mm: float, hangs: bool
) -> Array:
    """What corners (N, 2) of the lattice say (N, 3) of places (N, 2) mm around the pole."""
    place = np.float32(spacing) * (corner @ np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]], np.float32))
    reach = np.maximum(np.sqrt(place[:, 0] ** 2 + place[:, 1] ** 2), np.float32(1e-6))
    away = place / reach[:, None]
    angle = np.clip(reach / np.float32(radius_mm), np.float32(1e-3), np.float32(np.radians(360 if hangs else 150)))
    wide = np.sin(np.minimum(angle, np.float32(np.pi / 2)) if hangs else angle) / angle
    offset = flat - place
    down = offset[:, 0] * away[:, 0] + offset[:, 1] * away[:, 1]
    across = (offset[:, 1] * away[:, 0] - offset[:, 0] * away[:, 1]) * wide  # the sphere's, not the map's
    lots = np.random.default_rng(0).integers(0, len(sample), (LOTS, 2))
    lot = lots[(corner[:, 0] * 31 + corner[:, 1] * 57).astype(int) % LOTS]
    rows, columns = (_mirrored(np.rint(way / STEP_MM).astype(int) + lot[:, k], len(sample))
                     for k, way in enumerate((down, across)))  # fmt: skip
    return np.asarray(sample[rows, columns])


def _mirrored(index: NDArray[np.int_], size: int) -> NDArray[np.int_]:
    """Indices into a row of `size` that goes on as its mirror image, again and again."""
    index = index % (2 * size)
    return np.where(index < size, index, 2 * size - 1 - index)
