"""Faults of a skin: texels that are unlike skin beside their neighbours, as areas in mm² by kind.

The texture is looked at without light. What the model's own mean skin has at a place (nostrils, the line of the lips,
a brow) is taken off first, and brows, lashes, beards and lips are only looked at by the kinds that are about them.

| kind | texels that count |
|---|---|
| lid_burns | lids much lighter or of another hue than the skin around the eye: eye whites, catch-lights |
| lid_marks | lids that differ much from their own surroundings: lashes, rims of irises |
| cracks | bare skin, long and thin, much darker than beside it: cast lines, straps, cables, strands of hair |
| dots | the same, but compact |
| glints | bare skin, small and much lighter than beside it |
| lip_red | skin beside the lips that has the colour of the lips: a second lip |
| hues | bare skin of a hue that this face has nowhere else |
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_dilation, distance_transform_edt, gaussian_filter, grey_closing, grey_opening, label

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.prior import model_texture, prior_of
from facegpt.cielab import RGB_TO_Y, lab_from_linear
from facegpt.conventions import srgb_to_linear
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array

#: Side of the grid on which faults are looked for; a texel of the face is 0.4 to 1 mm wide.
GRID = 512
#: Lids reach so far from the middle of an eyeball, and so far below the middle line of a brow; the skin they are
#: compared with lies in a ring beyond, mm.
LIDS_MM, BELOW_BROW_MM, RING_MM = 22.0, 8.0, (24.0, 34.0)
#: CIE L* by which a burn exceeds the ring's median, and distance of its a* and b* from the ring's; L* by which a mark
#: differs from its surroundings.
BURN_L, BURN_HUE, MARK_L = 10.0, 14.0, 9.0
#: Log units of luminance by which cracks, dots and glints differ from what a stroke of twice the radius leaves of them.
CRACK_LOG, GLINT_LOG, STROKE_MM = 0.55, 0.45, 2.6
#: Least area of a crack, dot or glint, mm²; length over width from which a dot is a crack.
LEAST_MM2, LONG = 1.5, 3.0
#: How far beside the lips a second lip is looked for, mm; share of the way from skin to lips from which skin is red.
BESIDE_LIPS_MM, RED = (1.5, 8.0), 0.6
#: Least difference between lips and skin, ΔE, that tells them apart.
LIPS_DIFFER = 6.0
#: Distance of a* and b* from the face's median, less its usual growth with darkness.
FAR_HUE = 13.0
#: Linear luminance added before logarithms.
_HAZE = 0.01


@dataclass(frozen=True)
class Faults:
    """Areas, mm², of each kind."""

    lid_burns: float
    lid_marks: float
    cracks: float
    dots: float
    glints: float
    lip_red: float
    hues: float


KINDS = tuple(field.name for field in fields(Faults))
#: Areas, mm², from which a head has a fault of a kind: what clean skins do not reach, and planted faults do.
LEAST_FAULT: dict[str, float] = {
    "lid_burns": 30.0, "lid_marks": 20.0, "cracks": 12.0, "dots": 4.0, "glints": 6.0, "lip_red": 30.0, "hues": 150.0,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Places:
    """Where each kind is looked for on the grid: (GRID, GRID) bool; area: (GRID, GRID) mm² of each texel.

    lids, rings: of the right and the left eye. bare: skin without brows, lids, lips and beards' places. shaved: the
    same with those of beards. lips: their red. beside: the skin around them. texel_mm: how long a texel is, mostly.
    """

    lids: tuple[NDArray[np.bool_], ...]
    rings: tuple[NDArray[np.bool_], ...]
    bare: NDArray[np.bool_]
    shaved: NDArray[np.bool_]
    lips: NDArray[np.bool_]
    beside: NDArray[np.bool_]
    area: NDArray[np.float32]
    texel_mm: float


@lru_cache(maxsize=2)
def places_of(model: MakeHumanHead) -> Places:
    """Find the places of the default head."""
    atlas, prior = atlas_of(model, GRID), prior_of(model, GRID)
    skin = (atlas.part == model.part_names.index("skin")) & (prior.mask > 0.5)
    at = atlas.interpolate(model.mean_vertices)
    scale = GRID // len(model.albedo.growth["texel_area"])
    coarse_area = np.asarray(model.albedo.growth["texel_area"], np.float32) / np.float32(scale**2)
    area = np.repeat(np.repeat(coarse_area, scale, 0), scale, 1)
    above = np.repeat(np.repeat(np.asarray(model.albedo.growth["brow"][1], np.float32), scale, 0), scale, 1)
    lids, rings = [], []
    for name in ("right_eye", "left_eye"):
        middle = model.mean_vertices[np.unique(model.triangles[model.part == model.part_names.index(name)])].mean(0)
        away = np.linalg.norm(at - middle, axis=-1)
        below = skin & (above < -BELOW_BROW_MM)
        lids.append(below & (away < LIDS_MM))
        rings.append(below & (away > RING_MM[0]) & (away < RING_MM[1]))
    texel_mm = float(np.sqrt(np.median(area[skin])))
    lips = skin & (prior.lips > 0.5)
    away = distance_transform_edt(~lips) * texel_mm
    near, far = BESIDE_LIPS_MM
    hidden = binary_dilation(prior.mean_log.mean(-1) < np.median(prior.mean_log.mean(-1)[skin]) - 0.5, iterations=3)
    shaved = skin & (prior.brows < 0.05) & (away > near) & ~hidden
    bare = shaved & (prior.growth < 0.05)
    beside = skin & (away > near) & (away < far) & ~hidden
    return Places(tuple(lids), tuple(rings), bare, shaved, lips, beside, area, texel_mm)


def maps_of_faults(
    model: MakeHumanHead, texture: NDArray[np.uint8], bearded: bool = False
) -> dict[str, NDArray[np.bool_]]:
    """Where a texture (S, S, 3+) uint8 sRGB has faults of each kind: (GRID, GRID) bool.

    bearded: leave out where beards grow, for those who have one.
    """
    places = places_of(model)
    small = np.asarray(Image.fromarray(texture[..., :3]).resize((GRID, GRID), Image.Resampling.BOX))
    linear = srgb_to_linear(small / 255.0)
    lab = lab_from_linear(linear)
    bare = places.bare if bearded else places.shaved
    mean = model_texture(model, np.zeros(model.sizes.albedo), GRID)
    bright = np.log(linear @ RGB_TO_Y + _HAZE) - np.log(mean @ RGB_TO_Y + _HAZE)
    burns, marks = _of_lids(lab, places)
    thin, dots = _dark(bright, bare, places)
    return {
        "lid_burns": burns,
        "lid_marks": marks,
        "cracks": thin,
        "dots": dots,
        "glints": _light(bright, bare, places),
        "lip_red": _lip_red(lab, places),
        "hues": _hues(lab, bare, places),
    }


def faults_of(model: MakeHumanHead, texture: NDArray[np.uint8], bearded: bool = False) -> Faults:
    """The faults of a texture (S, S, 3+) uint8 sRGB; bearded: as of `maps_of_faults`."""
    area = places_of(model).area
    return Faults(**{kind: float(area[at].sum()) for kind, at in maps_of_faults(model, texture, bearded).items()})


def face_lightness(model: MakeHumanHead, texture: NDArray[np.uint8]) -> float:
    """Median CIE L* of the bare skin of a texture (S, S, 3+) uint8 sRGB."""
    small = np.asarray(Image.fromarray(texture[..., :3]).resize((GRID, GRID), Image.Resampling.BOX))
    return float(np.median(lab_from_linear(srgb_to_linear(small[places_of(model).bare] / 255.0))[:, 0]))


def has_fault(faults: Faults) -> dict[str, bool]:
    """Whether a head has a fault of each kind."""
    return {kind: value > LEAST_FAULT[kind] for kind, value in zip(KINDS, astuple(faults), strict=True)}


def _of_lids(lab: Array, places: Places) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    burns, marks = np.zeros(lab.shape[:2], bool), np.zeros(lab.shape[:2], bool)
    for lids, ring in zip(places.lids, places.rings, strict=True):
        usual = np.median(lab[ring], 0)
        hue = np.linalg.norm(lab[..., 1:] - usual[1:], axis=-1)
        burns |= lids & ((lab[..., 0] > usual[0] + BURN_L) | (hue > BURN_HUE))
        around = _smooth(lab[..., 0], lids, 2.5 / places.texel_mm)
        marks |= lids & (np.abs(lab[..., 0] - around) > MARK_L)
    return burns, marks


def _dark(bright: Array, bare: NDArray[np.bool_], places: Places) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    stroke = _disc(STROKE_MM / places.texel_mm)
    filled = np.where(bare, bright, np.median(bright[bare]))
    dark = bare & (grey_closing(filled, footprint=stroke) - filled > CRACK_LOG)
    long, compact = np.zeros_like(bare), np.zeros_like(bare)
    for blob in _blobs(dark, places.area):
        target = long if _elongation(blob) > LONG else compact
        target[blob] = True
    return long, compact


def _light(bright: Array, bare: NDArray[np.bool_], places: Places) -> NDArray[np.bool_]:
    stroke = _disc(STROKE_MM / places.texel_mm)
    filled = np.where(bare, bright, np.median(bright[bare]))
    light = bare & (filled - grey_opening(filled, footprint=stroke) > GLINT_LOG)
    out = np.zeros_like(bare)
    for blob in _blobs(light, places.area):
        out[blob] = True
    return out


def _lip_red(lab: Array, places: Places) -> NDArray[np.bool_]:
    skin, lips = np.median(lab[places.beside], 0), np.median(lab[places.lips], 0)
    way = (lips - skin) * [0.3, 1.0, 1.0]  # shadows beside lips are dark, not red
    size = float(way @ way)
    if np.sqrt(size) < LIPS_DIFFER:
        return np.zeros(lab.shape[:2], bool)
    along = ((lab - skin) * [0.3, 1.0, 1.0]) @ way / size
    return np.asarray(places.beside & (along > RED))


def _hues(lab: Array, bare: NDArray[np.bool_], places: Places) -> NDArray[np.bool_]:
    smooth = np.dstack([_smooth(lab[..., k], bare, 1.5 / places.texel_mm) for k in (1, 2)])
    away = np.linalg.norm(smooth - np.median(smooth[bare], 0), axis=-1)
    return np.asarray(bare & (away > FAR_HUE))


def _smooth(values: Array, where: NDArray[np.bool_], sigma: float) -> Array:
    """Blur values (H, W) over the texels of `where` alone."""
    weight = where.astype(np.float32)
    return gaussian_filter(values * weight, sigma) / np.maximum(gaussian_filter(weight, sigma), 1e-3)


def _disc(radius: float) -> NDArray[np.bool_]:
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return np.asarray(x * x + y * y <= radius * radius + 0.5)


def _blobs(at: NDArray[np.bool_], area: Array) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Connected texels (H, W) that are large enough, each as rows and columns."""
    number, count = label(at, np.ones((3, 3)))
    sizes = np.bincount(number[at], area[at], count + 1)
    found = [np.nonzero(number == k) for k in range(1, count + 1) if sizes[k] >= LEAST_MM2]
    return [(rows, columns) for rows, columns in found]


def _elongation(blob: tuple[NDArray[np.intp], NDArray[np.intp]]) -> float:
    """Length over width of texels given as rows and columns, by their moments."""
    spread = np.cov(np.stack(blob).astype(np.float64)) + np.eye(2) / 12
    small, large = np.linalg.eigvalsh(spread)
    return float(np.sqrt(large / small))
