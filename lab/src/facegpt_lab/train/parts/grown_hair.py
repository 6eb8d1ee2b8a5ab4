"""Pictures of the studio on whose heads hair grows from a groom (`facegpt.hair`), with exact masks.

The studio's own people wear ten meshes or a smooth mass. Here they wear any named style with every setting moved, drawn
as hair that the package grows is drawn, in the studio's clothes and light. S is the picture's side.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from facegpt.hair.groom import varied
from facegpt.hair.presets import PRESETS
from facegpt.hair.worn import hair_of
from facegpt.morphable.proxies import Proxy, posed
from facegpt.render.lighting import lighting_from_lamps
from facegpt.render.portrait import lay_hair
from facegpt.types import Array, FaceParams, Hair
from facegpt_lab.synthesis.studio.assembly import Stage
from facegpt_lab.synthesis.studio.scene import PhotoScene
from facegpt_lab.synthesis.studio.studio_head import studio_head

#: How much more settings are moved than usual; detail that hair grows with.
SPREAD, LOD = 1.5, 1
#: Light that hair takes from what lies just under and beside it, and how far, px.
SHADE, SHADE_PX = 0.5, 3.0
#: Where there is nothing, mm.
FAR_MM = 1e6


def bareheaded(scene: PhotoScene) -> PhotoScene:
    """The scene with neither its own hair nor a hat."""
    return replace(scene, hair=replace(scene.hair, style=""), hat=None)


def with_grown_hair(
    light: Array, nearest: Array, scene: PhotoScene, stage: Stage, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Grow hair of any style on a drawn stage: its light (S, S, 3) with the hair, and how much hair covers (S, S).

    light: (S, S, 3) linear, of a bare head. nearest: (S, S) 1 / z, 0 where nothing is.
    """
    hair, lighting = _some_hair(scene, stage, rng), _light(scene)
    depth = np.where(nearest > 0, 1 / np.maximum(nearest, 1e-9), FAR_MM).astype(np.float32)
    # The renderer tells no cover where a head lies behind, so that hair is laid over black and over white.
    laid, seen_through = (
        _laid(hair, stage, lighting, depth, np.full_like(light, value, np.float32)) for value in (0, 1)
    )
    open_share = np.clip(seen_through - laid, 0, 1)
    cover = 1 - open_share[..., 0]
    shade = 1 - SHADE * gaussian_filter(cover, SHADE_PX)
    return (laid + open_share * light * shade[..., None]).astype(np.float32), cover.astype(np.float32)


def _some_hair(scene: PhotoScene, stage: Stage, rng: np.random.Generator) -> Proxy:
    """Hair of a style that is long enough for cards, moved, on the scene's person."""
    model, names = studio_head().model, list(PRESETS)
    while True:
        style = names[int(rng.integers(len(names)))]
        hair = Hair(style, scene.hair.colour, groom=varied(PRESETS[style].groom, rng, SPREAD))
        params = FaceParams(
            model.model_id, scene.identity, scene.expression, scene.joints, stage.pose,
            np.zeros(model.sizes.albedo, np.float32), scene.ambient, stage.camera, hair,
        )  # fmt: skip
        rest = hair_of(model, params, LOD)
        if rest is not None:
            return posed(rest, model, params)


def _light(scene: PhotoScene) -> Array:
    """The scene's lamps and its light from around as shading (9, 3)."""
    return scene.ambient + lighting_from_lamps(tuple((lamp.direction, lamp.colour) for lamp in scene.lamps))


def _laid(hair: Proxy, stage: Stage, lighting: Array, depth: Array, color: Array) -> Array:
    """Hair over a picture (S, S, 3), in place."""
    lay_hair(hair, stage.pose, lighting, stage.camera, 1, depth.copy(), color, np.ones(depth.shape, np.float32))
    return color
