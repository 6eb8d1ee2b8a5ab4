"""Glasses in pictures: the frame hides what is behind it, lenses tint it and mirror the light.

Frames and units: conventions.py; light: render/base.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.proxies import Proxy
from facegpt.render.base import Renderer
from facegpt.render.drawn import Drawn, draw_in_window, highlights, sight_of
from facegpt.render.lighting import sh_basis
from facegpt.types import Array, Camera, Mesh, Pose

#: Parts with at least this opacity hide what is behind them; lenses with at least this much hide hair behind them.
SOLID, DARK = 0.9, 0.5
#: How much of the light around it a mirror shows by where it looks: down at the ground, and up at the sky; and between
#: which heights (sine) the one becomes the other. Harmonics are too smooth to show any horizon.
GROUND, SKY, HORIZON = 0.4, 1.6, (-0.5, 0.0)
#: Share of the light that lacquer mirrors straight on and at most: rooms are darker than what lights them.
LACQUER = 0.002, 0.02
#: How much brighter than its colour a wire of metal looks: what it mirrors is brighter than what falls on it.
METAL_SHOWN = 1.5
#: What two faces of a lens mirror straight on, and the share of the light that a lens gives back to the eye as glare.
MIRRORED, LARGEST_MIRROR = 0.012, 0.10


class GlassesView:
    """Glasses as one camera sees them.

    Args:
        proxy: a mesh with surfaces. pose: head → camera.
        lighting: (9, 3). camera: of the picture.
        renderer: what draws.
    """

    def __init__(self, proxy: Proxy, pose: Pose, lighting: Array, camera: Camera, renderer: Renderer) -> None:
        self.surfaces, self.part = proxy.surfaces, np.asarray(proxy.mesh.part)
        self.vertices = np.ascontiguousarray(pose.apply(proxy.mesh.vertices), np.float32)
        self.lighting, self.camera, self.renderer = lighting, camera, renderer
        self.mesh, self.texture = _in_plain_colours(proxy)

    def lay_frame(self, depth: Array, color: Array, coverage: Array) -> None:
        """Draw the solid parts over color (H, W, 3), coverage and depth (H, W), in place."""
        solid = np.array([s.opacity >= SOLID and s.name != "glasses_lenses" for s in self.surfaces])
        found = self._drawn(solid, depth)
        if found is None:
            return
        image, window, place, rows, seen = found
        table = np.array([(s.metallic, *_lobe(s.roughness, s.metallic)) for s in self.surfaces], np.float32)[rows]
        tones = np.array([s.colour for s in self.surfaces], np.float32)[rows]
        drawn = image.triangle >= 0
        mirrored, facing, _ = self._mirrored(image, window)
        metal = table[:, :1]
        lit = image.color[drawn] * (1 - 0.5 * metal) + tones * mirrored * metal * image.coverage[drawn][:, None]
        gloss = np.clip(LACQUER[0] + (1 - facing[:, None]) ** 5, 0, LACQUER[1]) * (1 - metal)
        lit += (gloss * mirrored) * image.coverage[drawn][:, None]
        lit += highlights(table[:, 1:], image, self.lighting, window)[drawn]
        own = np.zeros_like(image.color)
        own[drawn] = lit
        alpha = np.where(seen, image.coverage, 0.0)
        color[place] = np.where(seen[..., None], own, 0.0) + color[place] * (1 - alpha[..., None])
        coverage[place] = alpha + coverage[place] * (1 - alpha)
        depth[place] = np.where(alpha > 0.5, image.depth, depth[place])

    def lay_lenses(self, depth: Array, color: Array, coverage: Array) -> None:
        """Lay the clear and tinted parts over color (H, W, 3), coverage and depth (H, W), in place."""
        clear = np.array([surface.opacity < SOLID or surface.name == "glasses_lenses" for surface in self.surfaces])
        found = self._drawn(clear, depth)
        if found is None:
            return
        image, window, place, rows, seen = found
        drawn = image.triangle >= 0
        share = np.zeros(drawn.shape, np.float32)
        share[drawn] = np.array([s.opacity for s in self.surfaces], np.float32)[rows]
        smooth = np.array([s.roughness < 0.1 for s in self.surfaces])[rows]
        light, facing, sky = self._mirrored(image, window)
        fresnel = np.clip(MIRRORED + (1 - MIRRORED) * (1 - facing) ** 5, 0, LARGEST_MIRROR) * smooth
        glare = np.zeros_like(image.color)
        glare[drawn] = light * fresnel[:, None] * image.coverage[drawn][:, None]
        lobes = np.where(smooth[:, None], [0.5, 900.0, 0.0], [0.1, 40.0, 0.0]).astype(np.float32)
        glare += highlights(lobes, image, self.lighting, window)
        alpha = np.where(seen, share * image.coverage, 0.0)
        tint = image.color.copy()
        tint[drawn] *= 1 + share[drawn][:, None] * (sky - 1)
        own = np.where(seen[..., None], tint * share[..., None] + glare, 0.0)
        color[place] = own + color[place] * (1 - alpha[..., None])
        coverage[place] = np.maximum(alpha + coverage[place] * (1 - alpha), np.clip(own.max(-1), 0, 1))
        depth[place] = np.where((alpha > DARK), image.depth, depth[place])

    def _drawn(
        self, parts: NDArray[np.bool_], depth: Array
    ) -> tuple[Drawn, Camera, tuple[slice, slice], NDArray[np.integer], NDArray[np.bool_]] | None:
        """Some parts: image, window, place; the part of each drawn pixel; and where nothing in `depth` hides them."""
        kept = parts[self.part]
        found = draw_in_window(self.renderer, self.mesh, kept, self.vertices, self.texture, self.lighting, self.camera)
        if found is None:
            return None
        image, window, place = found
        drawn = image.triangle >= 0
        rows = self.part[np.flatnonzero(kept)[image.triangle[drawn]]]
        behind = depth[place]
        return image, window, place, rows, drawn & ((behind <= 0) | (image.depth < behind))

    def _mirrored(self, image: Drawn, window: Camera) -> tuple[Array, Array, Array]:
        """The light (N, 3) that a mirror would show at each drawn pixel, how straight on it is seen (N,), 0..1.

        And how much brighter than the light around it that is there, (N, 1): it mirrors the sky or the ground.
        """
        drawn = image.triangle >= 0
        sight, normal = sight_of(drawn, window), image.normal[drawn]
        along = (sight * normal).sum(1, keepdims=True)
        normal = normal * -np.sign(along + 1e-9)  # the side that is seen
        along = -np.abs(along)
        ahead = sight - 2 * along * normal
        up = np.clip((-ahead[:, 1:2] - HORIZON[0]) / (HORIZON[1] - HORIZON[0]), 0.0, 1.0)
        sky = GROUND + (SKY - GROUND) * up * up * (3 - 2 * up)
        light = np.clip(sh_basis(ahead) @ self.lighting, 0.0, None) * sky
        return light.astype(np.float32), np.clip(-along[:, 0], 0.0, 1.0), sky.astype(np.float32)


def _lobe(roughness: float, metallic: float) -> tuple[float, float, float]:
    """Strength, exponent and pull of a highlight (portrait.HIGHLIGHTS) of a surface."""
    return 0.2 + 0.5 * metallic, 2.0 / max(roughness, 0.05) ** 3, 0.0


def _in_plain_colours(proxy: Proxy) -> tuple[Mesh, Array]:
    """The mesh with a column of texture for each part, and that texture (3, 4, W) linear."""
    mesh, count = proxy.mesh, len(proxy.surfaces)
    colours = np.array([surface.colour for surface in proxy.surfaces], np.float32)
    texture = np.ascontiguousarray(np.repeat(colours.T[:, None], 4, 1).repeat(8, 2))
    uv = np.stack([(np.arange(count) + 0.5) / count, np.full(count, 0.5)], 1)
    corners = np.repeat(np.asarray(mesh.part, np.int32)[:, None], 3, 1)
    return Mesh(mesh.vertices, mesh.triangles, uv, corners, mesh.part, mesh.part_names), texture
