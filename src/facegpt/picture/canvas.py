"""What draws a head for the warp: its surface without lashes, one skin in two sizes, and the dark of the mouth."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import srgb_to_linear
from facegpt.face import Face
from facegpt.morphable.base import MorphableModel
from facegpt.picture.kernels import EYE, LOWER, SKIN, UPPER
from facegpt.picture.registration import vertices_of
from facegpt.render.base import Renderer, Topology, View
from facegpt.render.drawn import Drawn
from facegpt.render.portrait import darken_hollows
from facegpt.runtime import registry
from facegpt.types import Array, Camera, Mesh

Floats = NDArray[np.float32]

#: Parts that one sees through.
CLEAR = ("lashes",)
#: Kinds of parts; the rest is skin.
KINDS = {
    "mouth": UPPER, "upper_teeth": UPPER, "lower_teeth": LOWER, "tongue": LOWER, "left_eye": EYE, "right_eye": EYE,
}  # fmt: skip
#: Longer side of the skin for pictures that have to be quick, texels.
QUICK_TEXTURE = 512
#: What is drawn of the mouth is darkened in its box and this share of its size around it.
AROUND_MOUTH = 0.25


@dataclass(frozen=True, eq=False)
class Canvas:
    """Draws one head: `kept` (F,) are the triangles that hide what is behind, `mesh` its surface with its skin."""

    model: MorphableModel
    mesh: Mesh
    kept: NDArray[np.bool_]
    renderer: Renderer

    @cached_property
    def triangles(self) -> NDArray[np.int32]:
        """(F', 3) vertices of the triangles that are drawn, in their order."""
        return np.ascontiguousarray(self.mesh.triangles[self.kept], np.int32)

    @cached_property
    def kinds(self) -> NDArray[np.uint8]:
        """(F',) kind of each triangle that is drawn: see kernels.py."""
        by_part = np.array([KINDS.get(name, SKIN) for name in self.mesh.part_names], np.uint8)
        return by_part[self.mesh.part[self.kept]]

    @cached_property
    def skin_triangles(self) -> NDArray[np.int32]:
        """(F'', 3) those of the skin itself."""
        return np.ascontiguousarray(self.triangles[self.kinds == SKIN])

    @cached_property
    def skin(self) -> NDArray[np.bool_]:
        """(V,) vertices whose colour follows the light on their own normal."""
        skin = self.model.part == self.model.part_names.index("skin")
        marked = np.zeros(len(self.model.mean_vertices), bool)
        marked[np.unique(self.model.triangles[skin])] = True
        return marked

    @cached_property
    def _topology(self) -> Topology:
        return Topology(
            torch.from_numpy(self.triangles),
            torch.from_numpy(np.ascontiguousarray(self.mesh.uv, np.float32)),
            torch.from_numpy(np.ascontiguousarray(self.mesh.uv_triangles[self.kept], np.int32)),
        )

    @cached_property
    def _whole(self) -> torch.Tensor:
        return _planes(np.asarray(self.mesh.texture))

    @cached_property
    def _quick(self) -> torch.Tensor:
        texture = np.asarray(self.mesh.texture)
        if len(texture) <= QUICK_TEXTURE:
            return self._whole
        small = Image.fromarray(np.ascontiguousarray(texture[..., :3]))
        return _planes(np.asarray(small.resize((QUICK_TEXTURE, QUICK_TEXTURE), Image.Resampling.BOX)))

    def draw(self, vertices: Floats, camera: Camera, lighting: Array, fine: bool = True) -> Drawn:
        """Draw the head with vertices (V, 3) in the camera frame; `fine`: with its whole skin."""
        view = View(torch.tensor([camera.focal_px]), torch.tensor([camera.principal_px]), camera.height, camera.width)
        light = torch.from_numpy(np.ascontiguousarray(lighting, np.float32)[None])
        placed = torch.from_numpy(np.ascontiguousarray(vertices, np.float32)[None])
        image = self.renderer.render(placed, self._topology, self._whole if fine else self._quick, light, view)
        arrays = (getattr(image, field.name)[0].detach().cpu().numpy() for field in fields(Drawn))
        return Drawn(*arrays)

    def in_hollows(self, image: Drawn, vertices: Floats, camera: Camera) -> Floats:
        """The drawing's colours (H, W, 3), with less light inside the mouth."""
        rows = vertices_of(self.model, "mouth")
        if not len(rows):
            return image.color
        points = camera.project(vertices[rows])
        low, high = points.min(0), points.max(0)
        margin = AROUND_MOUTH * float((high - low).max())
        x0, y0 = np.clip(low - margin, 0, (camera.width, camera.height)).astype(int)
        x1, y1 = np.clip(high + margin, 0, (camera.width, camera.height)).astype(int)
        if x1 - x0 > 2 and y1 - y0 > 2:
            cut = Drawn(*(getattr(image, field.name)[y0:y1, x0:x1] for field in fields(Drawn)))
            darken_hollows(self.mesh, np.flatnonzero(self.kept), cut, cut.color, camera.focal_px)
        return image.color


def canvas_of(face: Face) -> Canvas:
    """What draws a face, bare-headed, with its own skin."""
    mesh = replace(face.mesh, texture=face.texture)
    kept = ~np.isin(mesh.part, [k for k, name in enumerate(mesh.part_names) if name in CLEAR])
    return Canvas(face.model, mesh, kept, face.renderer or registry.load("render"))


def _planes(texture: NDArray[np.uint8]) -> torch.Tensor:
    """Linear RGB (1, 3, S, S) of a texture."""
    linear = srgb_to_linear(np.arange(256) / 255.0)[texture[..., :3]]
    return torch.from_numpy(np.ascontiguousarray(linear.transpose(2, 0, 1)[None], np.float32))
