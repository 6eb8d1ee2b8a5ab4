"""Grain of skin in mm of the surface: what no photo shows carries detail as strong as what one does.

A texel of the neck or of an ear is no square of the surface, so that noise made in the atlas becomes streaks. This one
is a sum of plane waves in space (random Fourier features of a band), read where each texel lies on the mean head; waves
too short for the longer side of a texel are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.prior import LUMINANCE, PROGRAM, prior_of, sources_of
from facegpt.conventions import LINEAR_OF_BYTE
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.kept_tables import kept_tables
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.morphable.makehuman.local_shapes import unshaped
from facegpt.render.scalar import JIT
from facegpt.render.texel_grids import upsample
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: Side of the atlas that the noise is made for; lengths of the waves of each band, mm; how many make one; levels of a
#: byte in an SD.
SIDE, BANDS_MM, WAVES, LEVELS = 1024, ((0.8, 1.6), (1.6, 3.2), (3.2, 6.4)), 48, 32.0
#: SDs of the blurs between which detail is measured, mm.
MEASURED_MM = (0.25, 0.5, 1.0, 2.0)
#: What the model's own skin has of each, log units, and the share of the variance beyond it that is made: wider detail
#: of a face is partly its form.
PLAIN, MADE = np.array([0.0032, 0.0034, 0.0042]), np.array([0.9, 0.8, 0.6])
#: Share of the weakest texels that tell how strong detail is: the others are moles, lines and hairs.
WEAKEST = 0.85
#: Heights of the cheeks and how far from the middle they begin, mm; texels of which fewer tell nothing; the most SD of
#: a band that is made, log units.
CHEEKS_MM, FEWEST, MOST = (-42.0, -6.0, 22.0), 1000, 0.03
#: Texels of the analysis grid over which the photo's own detail fades inside its border, and the blur of that.
FADE, SOFT = 5, 2.0
#: Side of the block of texels of SIDE that share how much grain they take.
COARSER = 2
#: Decay of a wave with the square of its turns across a texel, radians; from which square it is left out.
_DECAY, _LONGEST = np.float32(0.12), np.float32(9)
_SEED, _DARK = 8, 4e-3
#: Bytes of sRGB up to which they are linear in light (IEC 61966-2-1).
LINEAR_BYTES = 10


@dataclass(frozen=True, eq=False)
class Grain:
    """Noise on the skin of a head's atlas.

    Attributes:
        bands: (bands, SIDE, SIDE) int8, an SD LEVELS where texels are fine enough.
        cheeks: (rows, columns) bool of rows `top` and below, bare skin.
        contrast: (bands, bands): square of what is measured, row by row, of each band with an SD of 1.
        texels: in a mm.
    """

    bands: NDArray[np.int8]
    cheeks: NDArray[np.bool_]
    top: int
    contrast: Array
    texels: float


_known: dict[int, tuple[MorphableModel, Grain]] = {}


def grain_of(model: MorphableModel) -> Grain | None:
    """The grain of a head, made once and kept from process to process; None for heads with other skins."""
    if getattr(model, "albedo", None) is not AlbedoModel.load():
        return None
    model = unshaped(model)
    known = _known.get(id(model))
    if known is None or known[0] is not model:
        made = kept_tables("skin_grain", sources_of(model, SIDE), PROGRAM, lambda: _made(model))
        bands, cheeks, contrast, (top, texels) = made
        _known.clear()
        _known[id(model)] = model, Grain(bands, cheeks.astype(bool), int(top), contrast, float(texels))
    return _known[id(model)][1]


def with_grain(
    texture: NDArray[np.uint8], model: MorphableModel, shown: NDArray[np.float32], confidence: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """A texture (S, S, 3) uint8 sRGB, in place, with grain where no photo shows the skin, as strong as on its cheeks.

    Args:
        texture: of a photo. S is SIDE or a multiple of it; others stay as they are.
        model: the head.
        shown: (h, h) in 0..1, how much of each texel of the analysis grid is the photo's, mirrored or not.
        confidence: (S, S), how much of each texel the photo shows.
    """
    grain = grain_of(model) if len(texture) % SIDE == 0 else None
    if grain is None:
        return texture
    step = len(texture) // SIDE
    amounts = strength(texture[::step, ::step], grain, confidence[::step, ::step])
    if not amounts.any():
        return texture
    inside = gaussian_blur(minimum_filter(shown, size=FADE), SOFT)
    left = np.sqrt(1 - np.clip(inside, 0, 1) ** 2).astype(np.float32)
    wide = upsample(left[..., None], SIDE // COARSER // len(shown))[..., 0]
    _paint(texture, grain.bands, wide, (amounts / LEVELS).astype(np.float32), step, _bent_bytes())
    return texture


@cache
def _bent_bytes() -> NDArray[np.float32]:
    """What a change of the log of a byte's light adds to the byte: of the change, and of its square (256, 2)."""
    byte = np.arange(256.0)
    power = np.where(byte > LINEAR_BYTES, 1 / 2.4, 1.0)  # of light; sRGB is linear in the dark
    slope = power * np.where(byte > LINEAR_BYTES, byte + 0.055 * 255, byte)
    return np.stack([slope, 0.5 * power * slope], 1).astype(np.float32)


def strength(texture: NDArray[np.uint8], grain: Grain, confidence: NDArray[np.float32]) -> Array:
    """SD of each band to make (bands,), log units, by what the photo shows on the cheeks; 0 where it shows too little.

    texture, confidence: of SIDE.
    """
    rows = slice(grain.top, grain.top + len(grain.cheeks))
    seen = (confidence[rows] > 0.9) & grain.cheeks
    middle = SIDE // 2
    seen[:, middle:] &= seen[:, middle:].sum() >= seen[:, :middle].sum()  # the cheek that is seen better
    seen[:, :middle] &= ~seen[:, middle:].any()
    if seen.sum() < FEWEST:
        return np.zeros(len(PLAIN))
    columns = np.flatnonzero(seen.any(0))
    cut = slice(columns[0], columns[-1] + 1)
    light = LINEAR_OF_BYTE[texture[rows, cut]] @ np.array(LUMINANCE, np.float32)
    found = measured(np.log(np.maximum(light, _DARK)), seen[:, cut], grain.texels)
    return np.minimum(mixture(grain.contrast, np.maximum(found**2 - PLAIN**2, 0) * MADE) ** 0.5, MOST)


def mixture(contrast: Array, variances: Array, rounds: int = 100) -> Array:
    """Variances of the bands (B,), none below 0, whose detail measures so (Lee and Seung 2001, for one column).

    contrast: (B, B) as of `Grain`. variances: (B,) squares of what was measured.
    """
    wanted, squares = contrast.T @ variances, contrast.T @ contrast
    found = np.full(len(variances), max(float(variances.max()), 1e-12) / float(contrast.max()))
    for _ in range(rounds):
        found = found * wanted / np.maximum(squares @ found, 1e-30)
    return found


def measured(values: Array, where: NDArray[np.bool_], texels: float) -> Array:
    """How strong the detail of (H, W) is in each band (bands,); texels: in a mm."""
    stacked = np.dstack([values * where, where]).astype(np.float32)
    sums = [gaussian_blur(stacked, s * texels, truncate=3)[where] for s in MEASURED_MM]
    blurred, found = [each[:, 0] / each[:, 1] for each in sums], []
    for fine, wide in pairwise(blurred):
        sizes = np.abs(fine - wide)
        found.append(float(sizes[sizes <= np.quantile(sizes, WEAKEST)].mean()))
    return np.array(found)


def _made(model: MorphableModel) -> list[NDArray]:
    """Bands, cheeks, contrast, and both numbers of a `Grain`."""
    atlas, prior = atlas_of(model, SIDE), prior_of(model, SIDE // 4)
    skin = atlas.part == model.part_names.index("skin")
    place = atlas.interpolate(np.asarray(model.mean_vertices, np.float32), skin)
    across, down = steps(place, skin, 1), steps(place, skin, 0)
    rng = np.random.default_rng(_SEED)
    bands = [waves_on(place, across, down, skin, ends, rng) for ends in BANDS_MM]
    bare = prior.mask * (1 - np.maximum.reduce([prior.brows, prior.lips, prior.growth])) > 0.5
    low, high, beside = CHEEKS_MM
    cheeks = bare.repeat(4, 0).repeat(4, 1) & skin & (np.abs(place[..., 0]) > beside)
    cheeks &= (place[..., 1] > low) & (place[..., 1] < high)
    rows = np.flatnonzero(cheeks.any(1))
    cut = slice(rows[0], rows[-1] + 1)
    areas = np.linalg.norm(np.cross(across[cheeks], down[cheeks]), axis=-1)
    texels = float(np.median(areas) ** -0.5)
    contrast = np.stack([measured(band[cut], cheeks[cut], texels) ** 2 for band in bands], 1)
    levels = np.round(np.clip(LEVELS * np.stack(bands), -127, 127)).astype(np.int8)
    return [levels, cheeks[cut], contrast, np.array([rows[0], texels])]


def waves_on(
    place: Array, across: Array, down: Array, inside: NDArray[np.bool_], ends_mm: tuple[float, float],
    rng: np.random.Generator,
) -> NDArray[np.float32]:  # fmt: skip
    """Noise (H, W) of waves between two lengths, an SD of 1 where texels are fine enough, 0 outside.

    place: (H, W, 3) mm. across, down: (H, W, 3) mm from texel to texel.
    """
    turns = rng.normal(size=(WAVES, 3))
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    waves = 2 * np.pi * turns / rng.uniform(*ends_mm, (WAVES, 1))
    phases = rng.uniform(0, 2 * np.pi, WAVES).astype(np.float32)
    out = np.zeros(inside.shape, np.float32)
    place, across, down = (np.ascontiguousarray(each, np.float32) for each in (place, across, down))
    _add_waves(place, across, down, inside, waves.astype(np.float32), phases, out)
    return out


def steps(place: Array, inside: NDArray[np.bool_], axis: int) -> NDArray[np.float32]:
    """How far the surface moves from texel to texel along an axis (H, W, 3), mm; one-sided at rims."""
    before = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
    after = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
    both = (inside[before] & inside[after]).astype(np.float32)
    step = np.diff(place, axis=axis) * both[..., None]
    sums, count = np.zeros(place.shape, np.float32), np.zeros(inside.shape, np.float32)
    for at in (before, after):
        sums[at] += step
        count[at] += both
    return np.asarray(sums / np.maximum(count, 1)[..., None], np.float32)


@njit(cache=True, nogil=True, fastmath=True)
def _add_waves(place, across, down, inside, waves, phases, out):  # type: ignore[no-untyped-def]
    """Write the sum of waves (K, 3), radians a mm, with phases (K,) into out (H, W)."""
    size = np.float32(np.sqrt(2 / len(waves)))
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            if not inside[y, x]:
                continue
            p, u, v = place[y, x], across[y, x], down[y, x]
            uu, vv = u[0] ** 2 + u[1] ** 2 + u[2] ** 2, v[0] ** 2 + v[1] ** 2 + v[2] ** 2
            nx, ny, nz = u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]
            nn = max(nx**2 + ny**2 + nz**2, np.float32(1e-12))
            longest, total = max(uu, vv), np.float32(0)
            for k in range(len(waves)):
                a, b, c = waves[k]
                through = a * nx + b * ny + c * nz
                turns = (a * a + b * b + c * c - through * through / nn) * longest
                if turns < _LONGEST:
                    total += np.exp(-_DECAY * turns) * np.cos(a * p[0] + b * p[1] + c * p[2] + phases[k])
            out[y, x] = size * total


@njit(**{**JIT, "fastmath": True})
def _paint(texture, bands, share, amounts, step, bent):  # type: ignore[no-untyped-def]
    """Multiply a texture (S, S, 3) by the exponential of bands (B, H, W) times amounts (B,) and share (H, W), smaller.

    step: side of the block of texels that a texel of the bands covers. bent: of `_bent_bytes`.
    """
    half, most = np.float32(0.5), np.float32(255)
    height, width = bands.shape[1:]
    coarser = height // len(share)
    fine, middle, wide = amounts
    for row in range(height):
        line = share[row // coarser]
        for column in range(width):
            left = line[column // coarser]
            if left < np.float32(0.05):
                continue
            change = fine * bands[0, row, column] + middle * bands[1, row, column] + wide * bands[2, row, column]
            change = np.float32(change) * left
            if change == 0:
                continue
            for y in range(row * step, (row + 1) * step):
                for x in range(column * step, (column + 1) * step):
                    for c in range(3):
                        byte = texture[y, x, c]
                        bright = np.float32(byte) + change * (bent[byte, 0] + change * bent[byte, 1])
                        texture[y, x, c] = np.uint8(min(bright, most) + half)
