"""Hair painted on a head's texture: brows and beard, short hair, and the roots below hair that is a mesh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import distance_transform_edt

from facegpt.appearance.atlas import atlas_of
from facegpt.conventions import linear_of_bytes
from facegpt.hair.atlas import WHITE
from facegpt.hair.gather import TIES, before_ears
from facegpt.hair.grow import PAINTED_MM
from facegpt.hair.locks import tint_of
from facegpt.hair.plan import Plan, inside_line, planned, smooth, temple_share
from facegpt.hair.presets import groom_of
from facegpt.hair.scalp import Scalp, azimuth_deg, hairline, inside_mm
from facegpt.hair.whiskers import beard_share
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.morphable.makehuman.local_shapes import unshaped
from facegpt.morphable.makehuman.painted_hair import Coat, groom_texture, grow_coat
from facegpt.morphable.makehuman.strand_paint import tint_painted
from facegpt.morphable.normals import vertex_normals
from facegpt.render import channels
from facegpt.render.srgb_bytes import bytes_of_linear
from facegpt.types import Array, Groom, Hair, SeenLocks

#: Texels of a side in which the scalp is asked: those of the albedo's growth fields.
_SIDE = 256
#: No hair of the scalp roots so far down, mm.
LOWEST_MM = -80.0
#: Share of a texel that a photo shows, from which its beard is the photo's, and above which it is so wholly.
BEARD_SHOWN = (0.15, 0.45)
#: Shares of the full density at which the scalp shows through hair wholly, and no more.
SHOWS_THROUGH = (0.0, 0.95)
#: Length from which hair on skin begins to be dull, and is, mm: shaven skin shines.
DULL_MM = (1.0, 4.0)
#: How far inside the hairline is what is far outside of it, mm.
FAR_MM = -1000.0
#: How far from the scalp's texels their rim and the empty ground beside reach, texels.
RIM_TEXELS = 16.0
#: How much of what is painted before the ears of tied hair fades.
WHISKERS_FADE = 0.7
#: Over how many mm from the hairline on what is painted thickens.
THICKENS_MM = (-4.0, 10.0)
#: The same of sideburns and the nape, which are the lower the softer: heights between which hair is of them, mm.
THICKENS_LOW_MM, LOW_MM = (-3.0, 18.0), (10.0, 45.0)
#: How much of the skin roots and shadow hide below long hair, and below hair that is only painted.
_HIDDEN, _SHADE = 0.93, 0.85
#: Share of the strands of roots below long hair that are drawn, as much wider.
ROOTS_DRAWN = 0.5


def groomed(model: MorphableModel, linear_rgb: Array, hair: Hair | None) -> NDArray[np.float32]:
    """Paint the hair of a person into a texture (S, S, 3) linear RGB: brows, beard, short hair, roots below a mesh.

    Models without hair, and None, leave it as it is.
    """
    if hair is None or not model.model_id.startswith("makehuman-head/"):
        return np.asarray(linear_rgb, np.float32)
    shape = beard_share(model, hair.beard_shape)  # type: ignore[arg-type]
    painted = groom_texture(linear_rgb, replace(hair, style="bald", groom=None), beard_share=shape)
    return paint_scalp(model, painted, groom_of(hair), hair)


def with_beard(
    model: MorphableModel, texture: NDArray[np.uint8], hair: Hair, shown: Array, density: Array | None = None
) -> NDArray[np.uint8]:
    """A photo's texture (S, S, 4) uint8 sRGB, with the hair's beard where the photo does not show whether one grows.

    shown: (S, S) 0..1, how much of each texel is the photo's. density: (H, W) 0..1, how dense the beard is; None as
    dense as the hair says.
    """
    if max(hair.beard, hair.moustache) <= 0 or len(shown) < 2:
        return texture
    grown = AlbedoModel.load().growth["hair_density"][:2].max(0)
    growth = np.asarray(Image.fromarray(grown).resize(shown.shape[::-1]))
    rows, columns = np.nonzero((growth > 0) & (shown < BEARD_SHOWN[1]))
    unseen = np.clip((BEARD_SHOWN[1] - shown[rows, columns]) / (BEARD_SHOWN[1] - BEARD_SHOWN[0]), 0, 1)
    if density is not None:
        wide = Image.fromarray(np.asarray(density, np.float32)).resize(shown.shape[::-1], Image.Resampling.BILINEAR)
        unseen = unseen * np.asarray(wide)[rows, columns]
    coarse = linear_of_bytes(texture[::2, ::2, :3])  # strands are finer than a texel; this is four times as fast
    own = Hair("bald", hair.of_beard.colour, hair.of_beard.grey, hair.beard, hair.moustache)
    shape = beard_share(model, hair.beard_shape)  # type: ignore[arg-type]
    change = (groom_texture(coarse, own, keep_brows=True, beard_share=shape) - coarse)[rows // 2, columns // 2]
    mixed = np.clip(linear_of_bytes(texture[rows, columns, :3]) + change * unseen[:, None], 0, 1)
    out = texture.copy()
    out[rows, columns, :3] = bytes_of_linear(mixed)
    return out


def paint_scalp(model: MorphableModel, linear_rgb: Array, groom: Groom, hair: Hair) -> NDArray[np.float32]:
    """Paint the scalp of a groom into a texture (S, S, 3) linear RGB: what is short, and roots below what is long."""
    model, picture = unshaped(model), np.array(linear_rgb, np.float32)
    grid = _scalp_texels(model)  # type: ignore[arg-type]
    plan, cover, long, flow = _asked_of_texels(model, groom)  # type: ignore[arg-type]
    colour = np.asarray(hair.colour, np.float32) * (1 - 0.35 * hair.roots)
    greys: list[tuple[Array | float, float]] = [(1.0, hair.grey)]
    if hair.temples > hair.grey:
        temple = temple_share(grid.scalp.place)
        greys = [(1 - temple, hair.grey), (temple, hair.temples)]
    if (cover * (1 - long)).max(initial=0) > 0.02:
        length = float(np.average(plan.length, weights=cover * (1 - long) + 1e-6))
        thick = float(np.interp(length, [0.5, 2.0, 4.0], [0.35, 0.7, _SHADE]))
        coat = Coat(0, 1.3, 0.14, max(length, 0.8), 0.25, 0.3, thick)
        for share, grey in greys:
            grow_coat(picture, grid.growth(cover * (1 - long) * share, flow), coat, colour, grey, 5)
        if hair.locks is not None:
            mean = colour * (1 - hair.grey) + WHITE * hair.grey
            _tint(picture, np.asarray(linear_rgb, np.float32), grid, mean, hair.locks)
    if (cover * long).max(initial=0) > 0.02:
        coat = Coat(0, 1.1, 0.13, 7.0, 0.3, 0.25, _HIDDEN, ROOTS_DRAWN)
        rooted = cover * long * smooth(plan.grows, *SHOWS_THROUGH)
        for share, grey in greys:
            mean = colour * (1 - grey) + WHITE * grey
            grow_coat(picture, grid.growth(rooted * share, flow), coat, mean * (0.75 + 0.2 * grey), 0.0, 6)
    return picture


@lru_cache(maxsize=2)
def _asked_of_texels(model: MorphableModel, groom: Groom) -> tuple[Plan, Array, Array, NDArray[np.float32]]:
    """What a groom asks of the scalp's texels, their `_cover`, and the hair's flow; for all its colours."""
    grid = _scalp_texels(model)  # type: ignore[arg-type]
    plan = planned(grid.scalp, groom)
    return plan, *_cover(grid.scalp, plan, groom), grid.flow(plan.comb)


def hair_on_texels(model: MorphableModel, groom: Groom) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How densely a groom covers the skin (256, 256) in 0..1, and mm inside its hairline; below 0 outside."""
    model = unshaped(model)
    grid = _scalp_texels(model)  # type: ignore[arg-type]
    plan, cover, *_ = _asked_of_texels(model, groom)  # type: ignore[arg-type]
    planes = grid.plane(cover), grid.plane(plan.inside - FAR_MM) + np.float32(FAR_MM)
    rows, columns, *nearest = _beside_scalp(model)  # type: ignore[arg-type]
    for plane in planes:
        plane[rows, columns] = plane[tuple(nearest)]
    return planes


def _cover(scalp: Scalp, plan: Plan, groom: Groom) -> tuple[Array, Array]:
    """How densely hair is painted at the places of a scalp (N,), 0..1, and the share of it that is roots of cards."""
    inside = inside_line(scalp.place, scalp.azimuth, scalp.inside, groom)
    low = 1 - smooth(scalp.place[:, 1], *LOW_MM)
    thickens = (1 - low) * smooth(inside, *THICKENS_MM) + low * smooth(inside, *THICKENS_LOW_MM)
    cover = plan.grows * smooth(plan.length, 0.3, 3.0) * thickens
    if groom.gather in TIES and groom.gather != "half_up":
        cover = cover * (1 - WHISKERS_FADE * before_ears(scalp.place))
    return cover, smooth(plan.length, PAINTED_MM - 2, PAINTED_MM + 2)


@lru_cache(maxsize=4)
def shine_below(model: MorphableModel, groom: Groom) -> NDArray[np.float32]:
    """The share (V,) of the skin's highlight that the roots and the short hair of a groom leave at a head's vertices.

    Found once a groom, for all its colours; not to be changed in place.
    Roots are dull, as they lie in the shade of hair; the skin's own highlight would make them grey. So is a buzz cut.
    """
    rows, scalp = _scalp_vertices(model)  # type: ignore[arg-type]
    plan = planned(scalp, replace(groom, parted=0.0))  # a part is narrower than vertices tell
    cover, _ = _cover(scalp, plan, groom)
    left = np.ones(model.sizes.vertices, np.float32)
    left[rows] = 1 - cover * smooth(plan.length, *DULL_MM) * smooth(plan.grows, *SHOWS_THROUGH)
    return left


def _tint(picture: NDArray[np.float32], bare: Array, grid: _Texels, colour: Array, locks: SeenLocks) -> None:
    """Give what is painted of one colour (3,) over a bare skin (S, S, 3) the tints of seen locks, in place."""
    places, none = grid.scalp.place, np.zeros(len(grid.rows), int)
    ratios = tint_of(locks, places, grid.scalp.normal, none) - 1
    wide = np.stack([grid.plane(ratios[:, k]) for k in range(3)], -1)
    tint_painted(picture, np.ascontiguousarray(bare), np.asarray(colour, np.float32), wide)


def paints(hair: Hair) -> bool:
    """Whether some of a head's hair is too short for cards."""
    groom = groom_of(hair)
    return min(groom.top_mm, groom.sides_mm, groom.back_mm) < PAINTED_MM


@dataclass(frozen=True, eq=False)
class _Texels:
    """The texels of the scalp. rows, columns: (N,). along_u, along_v: (N, 3) mm of the mean head per texture width."""

    scalp: Scalp
    rows: NDArray[np.integer]
    columns: NDArray[np.integer]
    along_u: Array
    along_v: Array
    area: Array

    def plane(self, values: Array) -> NDArray[np.float32]:
        plane = np.zeros((_SIDE, _SIDE), np.float32)
        plane[self.rows, self.columns] = values
        return plane

    def flow(self, comb: Array) -> NDArray[np.float32]:
        """Directions (N, 3) as texture widths per mm, u right and v down: (2, _SIDE, _SIDE)."""
        uu, uv, vv = (channels.total(a * b) for a, b in (
            (self.along_u, self.along_u), (self.along_u, self.along_v), (self.along_v, self.along_v)
        ))  # fmt: skip
        cu, cv = channels.total(self.along_u * comb), channels.total(self.along_v * comb)
        size = np.maximum(uu * vv - uv * uv, 1e-3)
        return np.stack([self.plane((cu * vv - cv * uv) / size), self.plane((cv * uu - cu * uv) / size)])

    def growth(self, density: Array, flow: Array) -> dict[str, NDArray]:
        full = np.round(255 * np.clip(self.plane(density), 0, 1)).astype(np.uint8)
        return {"hair_density": full[None], "hair_flow": flow, "texel_area": self.area}


@lru_cache(maxsize=2)
def _scalp_vertices(model: MorphableModel) -> tuple[NDArray[np.integer], Scalp]:
    """The vertices (N,) of the skin that hair may grow near, and their places."""
    mean = np.asarray(getattr(model, "population_mean", model.mean_vertices), np.float32)
    skin = model.triangles[model.part == model.part_names.index("skin")]
    rows = np.unique(skin)
    rows = rows[mean[rows, 1] > LOWEST_MM]
    place, normal = mean[rows], vertex_normals(mean, skin)[rows]
    corners = np.repeat(rows[:, None], 3, 1)
    inside = inside_mm(place, hairline(model))  # type: ignore[arg-type]
    return rows, Scalp(corners, np.full((len(rows), 3), 1 / 3), place, normal, azimuth_deg(place), inside)


@lru_cache(maxsize=2)
def _beside_scalp(model: MorphableModel) -> tuple[NDArray[np.intp], ...]:
    """Rows and columns of texels at the rim of the scalp's and on the empty ground beside; and of the nearest of it."""
    grid, atlas = _scalp_texels(model), atlas_of(model, _SIDE)  # type: ignore[arg-type]
    place = atlas.interpolate(np.asarray(getattr(model, "population_mean", model.mean_vertices), np.float32))
    skin = (atlas.part == model.part_names.index("skin")) & (place[..., 1] > LOWEST_MM)
    outside = np.ones(skin.shape, bool)
    outside[grid.rows, grid.columns] = False
    away, (near_rows, near_columns) = distance_transform_edt(outside, return_indices=True)
    rows, columns = np.nonzero(outside & (skin | (atlas.part < 0)) & (away < RIM_TEXELS))
    return rows, columns, near_rows[rows, columns], near_columns[rows, columns]


@lru_cache(maxsize=2)
def _scalp_texels(model: MorphableModel) -> _Texels:
    mean = np.asarray(getattr(model, "population_mean", model.mean_vertices), np.float32)
    skin = model.part_names.index("skin")
    normals = vertex_normals(mean, model.triangles[model.part == skin])
    grid = atlas_of(model, _SIDE)
    place = grid.interpolate(mean)
    du, dv = np.gradient(place, axis=1), np.gradient(place, axis=0)
    near = (grid.part == skin) & (place[..., 1] > LOWEST_MM)
    near &= (np.linalg.norm(du, axis=2) < 15) & (np.linalg.norm(dv, axis=2) < 15)
    rows, columns = np.nonzero(near)
    place, normal = place[rows, columns], grid.interpolate(normals)[rows, columns]
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    inside = inside_mm(place, hairline(model))  # type: ignore[arg-type]
    none = np.zeros((len(place), 3))
    scalp = Scalp(none.astype(int), none, place, normal, azimuth_deg(place), inside)
    area = AlbedoModel.load().growth["texel_area"].astype(np.float32)
    return _Texels(scalp, rows, columns, du[rows, columns] * _SIDE, dv[rows, columns] * _SIDE, area)
