"""One picture of the studio with all its labels, from a number."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.render.lighting import LAMBERT_PER_BASIS, sh_basis
from facegpt.types import Array, FaceGPTError, FaceParams, Hair
from facegpt_lab.synthesis.studio.assembly import Stage
from facegpt_lab.synthesis.studio.backdrop import paint_backdrop
from facegpt_lab.synthesis.studio.camera import develop
from facegpt_lab.synthesis.studio.draw import SUPERSAMPLE, Radiance, build_stage, normal_map, render_stage
from facegpt_lab.synthesis.studio.materials import OCCLUDER
from facegpt_lab.synthesis.studio.raster import commonest
from facegpt_lab.synthesis.studio.scene import PhotoScene, draw_scene
from facegpt_lab.synthesis.studio.skins import COUNT, SkinPool, matched, skin_pool
from facegpt_lab.synthesis.studio.studio_head import studio_head

#: Side of a crop, px; how far behind the surface seen a point still counts as on it, mm.
CROP, VISIBLE_MM = 144, 3.0
#: A cell of the part map is this many pixels wide.
CELL = 4


@dataclass(frozen=True)
class StudioSettings:
    """How pictures are made.

    Attributes:
        framing: "crop" (an upright face, CROP px) or "photo" (a whole picture).
        size_px: side of the picture, a multiple of 8. engine: "numba", or "mitsuba" (pip install -e ".[mitsuba]").
        photo_skins: file of skins unwrapped from photos; "" for none. photos: folder with the training photos for
            backdrops; "" for none.
        skins: how many statistical skins are made once and worn, an even number.
        maps: with depth, normals and parts at full size.
        yaw_deg: heads are turned by so much to either side, from and to, evenly; None: as photos have them.
    """

    framing: str = "crop"
    size_px: int = CROP
    engine: str = "numba"
    photo_skins: str = ""
    photos: str = ""
    skins: int = COUNT
    maps: bool = False
    yaw_deg: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        if self.framing not in ("crop", "photo"):
            raise FaceGPTError(f"framing must be 'crop' or 'photo', not '{self.framing}'")
        if self.size_px < 32 or self.size_px % 8:
            raise FaceGPTError(f"the picture's side must be a multiple of 8 from 32 on, not {self.size_px}")
        if self.engine not in ("numba", "mitsuba"):
            raise FaceGPTError(f"the engine must be 'numba' or 'mitsuba', not '{self.engine}'")
        if self.skins < 2 or self.skins % 2:
            raise FaceGPTError(f"the number of skins must be even, from 2 on, not {self.skins}")
        if self.yaw_deg is not None and not 0 <= self.yaw_deg[0] <= self.yaw_deg[1] <= 180:
            raise FaceGPTError(f"heads are turned by 0 to 180 degrees, the smaller first, not by {self.yaw_deg}")


@dataclass(frozen=True, eq=False)
class StudioPhoto:
    """One picture and what is true of it. Frames and units: conventions.py.

    Attributes:
        image: (H, W, 3) uint8 sRGB. params: all of the person, pose, camera and light.
        points_px: (P, 2) of the model's dense embedding. visible: (P,) uint8, 1 where the point is seen.
        parts: (H / 4, W / 4) uint8, the commonest part of each cell (photo_materials.PART_NAMES).
        engine: which one drew it. yaw_deg: of the head. px_per_mm: scale at the head.
        depth: (H, W) mm, normal: (H, W, 3) camera frame, both 0 where nothing is; part_map: (H, W) uint8, if asked for.
    """

    image: NDArray[np.uint8]
    params: FaceParams
    points_px: NDArray[np.float32]
    visible: NDArray[np.uint8]
    parts: NDArray[np.uint8]
    engine: str
    yaw_deg: float
    px_per_mm: float
    depth: Array | None = None
    normal: Array | None = None
    part_map: NDArray[np.uint8] | None = None


def make_photo(seed: int, settings: StudioSettings | None = None, maps: bool = False) -> StudioPhoto:
    """Make the picture of a number, the same whenever and wherever it is made. maps: with depth, normals, parts."""
    settings = settings or StudioSettings()
    scene = draw_scene(seed, settings.framing, settings.size_px)
    if settings.yaw_deg is not None:
        scene = replace(scene, yaw_deg=turned(seed, settings.yaw_deg))
    return photograph(scene, settings, maps or settings.maps)


def turned(seed: int, yaw_deg: tuple[float, float]) -> float:
    """Draw the yaw of a picture's number: to either side, evenly between two angles."""
    rng = np.random.default_rng([seed, 13])
    return float(rng.choice((-1.0, 1.0)) * rng.uniform(*yaw_deg))


def photograph(scene: PhotoScene, settings: StudioSettings, maps: bool = False) -> StudioPhoto:
    """Make the picture of a scene."""
    pool = skin_pool(settings.photo_skins, settings.skins)
    scene = matched(scene, pool)
    stage = build_stage(scene, settings.framing, settings.size_px)
    side, blur = int(settings.size_px * SUPERSAMPLE), scene.lens.defocus_px * SUPERSAMPLE
    backdrop = np.ascontiguousarray(paint_backdrop(scene.backdrop, side, settings.photos, blur))
    behind = backdrop.copy() if settings.engine == "mitsuba" else None
    seen = render_stage(scene, stage, backdrop, pool)
    if behind is not None:
        from facegpt_lab.synthesis.studio.path_tracing import trace_stage

        seen = trace_stage(scene, stage, behind, pool, seen)
    return StudioPhoto(
        image=develop(seen.light, scene.lens, seen.level, np.random.default_rng([scene.seed, 11])),
        params=photo_params(scene, stage, pool),
        points_px=stage.points_px.astype(np.float32),
        visible=_visible(stage, seen),
        parts=_cells(seen.part, settings.size_px),
        engine=settings.engine,
        yaw_deg=scene.yaw_deg,
        px_per_mm=float(stage.camera.focal_px / stage.pose.translation[2]),
        depth=_coarse_depth(seen, settings.size_px) if maps else None,
        normal=_coarse(normal_map(stage, seen), settings.size_px) if maps else None,
        part_map=_coarse(seen.part, settings.size_px) if maps else None,
    )


def photo_params(scene: PhotoScene, stage: Stage, pool: SkinPool) -> FaceParams:
    """Say the scene's person, pose, camera and light in the words of FaceParams."""
    skin = pool.index(scene.skin.first)
    light = np.array(scene.ambient, np.float64)
    for lamp in scene.lamps:
        basis = np.pi * LAMBERT_PER_BASIS * sh_basis(np.asarray(lamp.direction))
        light += basis[:, None] * np.asarray(lamp.colour)
    style = scene.hair.style if scene.hair.style not in ("", "shell") else ("short" if scene.hair.style else "bald")
    return FaceParams(
        model_id=studio_head().model.model_id,
        identity=scene.identity,
        expression=scene.expression,
        joints=scene.joints,
        pose=stage.pose,
        albedo=np.asarray(pool.albedo[skin], np.float32),
        lighting=light.astype(np.float32),
        camera=stage.camera,
        hair=Hair(style=style, colour=scene.hair.colour, beard=float(pool.beard[skin])),
    )


def _visible(stage: Stage, seen: Radiance) -> NDArray[np.uint8]:
    """Say which points lie on the surface seen (P,), by the depth map at full size; none outside the picture."""
    side = len(seen.nearest)
    place = (stage.points_px + 0.5) * SUPERSAMPLE - 0.5
    column, row = np.round(place).astype(int).T
    inside = (column >= 0) & (row >= 0) & (column < side) & (row < side)
    at = row.clip(0, side - 1), column.clip(0, side - 1)
    nearest = seen.nearest[at]
    before = np.where(nearest > 0, 1 / np.maximum(nearest, 1e-9), np.inf)
    return (inside & (stage.points_z < before + VISIBLE_MM) & (seen.part[at] != OCCLUDER)).astype(np.uint8)


def _cells(part: NDArray[np.uint8], size_px: int) -> NDArray[np.uint8]:
    """The commonest part of each cell of CELL pixels: (size / 4, size / 4)."""
    cells, wide = size_px // CELL, int(CELL * SUPERSAMPLE)
    out = np.empty((cells, cells), np.uint8)
    commonest(part, wide, out)
    return out


def _coarse(fine: NDArray, size_px: int) -> NDArray:
    """Read a map at the middle of each pixel."""
    rows = np.floor((np.arange(size_px) + 0.5) * SUPERSAMPLE).astype(int)
    return fine[np.ix_(rows, rows)]


def _coarse_depth(seen: Radiance, size_px: int) -> Array:
    nearest = _coarse(seen.nearest, size_px)
    return np.where(nearest > 0, 1 / np.maximum(nearest, 1e-9), 0).astype(np.float32)
