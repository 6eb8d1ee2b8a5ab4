"""Pictures of a take: the head with its hair and glasses, frame by frame, seen by a camera that stands still."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.animate.motion import Motion
from facegpt.bust.worn import shirt_of
from facegpt.conventions import HEAD_TO_CAMERA_AXES
from facegpt.detail.shading import ReliefLight
from facegpt.face import Face
from facegpt.face.pictures import laid_on_ground, usual_distance_mm
from facegpt.hair.worn import worn
from facegpt.morphable.base import head_vertices
from facegpt.render.lighting import default_studio_lighting
from facegpt.render.plots import portrait_view
from facegpt.render.portrait import draw_picture
from facegpt.runtime.side_by_side import in_order
from facegpt.types import Camera, FaceParams, Mesh, Pose

Pixels = NDArray[np.uint8]

#: Side of the texture that frames of a size are drawn with: as many texels as pixels, or this at most.
MOST_TEXELS = 1024


@dataclass(eq=False)
class HeadPainter:
    """Draws one head in motion; the camera is that of `Face.render` for the head at rest.

    Attributes:
        face: whose head it is. size: side of the pictures, pixels. background: as in `Face.render`, None for grey.
    """

    face: Face
    size: int = 512
    background: str | tuple[int, int, int] | Pixels | None = None

    def frames(self, motion: Motion, rows: range | None = None) -> Generator[Pixels, None, None]:
        """Each frame (size, size, 3) uint8 sRGB, in their order, or those of `rows`."""
        _ = self._view, self._texture  # evaluated once, before threads ask for them
        with closing(in_order(lambda k: self.frame(motion, k), rows or range(len(motion)))) as drawn:
            for _, picture in drawn:
                yield picture

    def frame(self, motion: Motion, k: int) -> Pixels:
        """Frame k alone."""
        face, (pose, camera) = self.face, self._view
        params = motion.posed(face.model, face.params, k)
        mesh = self._mesh(params, pose)
        dressed = *worn(face.model, params), *shirt_of(face.model, params)
        drawn = draw_picture(mesh, pose, camera, supersample=1, worn=dressed, renderer=face.renderer)
        return laid_on_ground(drawn, "grey" if self.background is None else self.background)[..., :3]

    def _mesh(self, params: FaceParams, pose: Pose) -> Mesh:
        model, texture = self.face.model, self._texture
        vertices = head_vertices(model, params)
        if self.face.detail is not None:
            turned = vertices @ np.asarray(pose.rotation).T
            relief = ReliefLight.of(model, texture, turned, self.face.detail, params.expression)  # type: ignore[arg-type]
            texture = relief.lit(default_studio_lighting())
        parts = model.part, model.part_names
        return Mesh(vertices, model.triangles, model.uv, model.uv_triangles, *parts, texture)

    @cached_property
    def _texture(self) -> Pixels:
        texture, side = self.face.texture, min(self.size, MOST_TEXELS)
        if len(texture) <= side:
            return texture
        return np.asarray(Image.fromarray(texture).resize((side, side), Image.Resampling.BOX))

    @cached_property
    def _view(self) -> tuple[Pose, Camera]:
        still = self.face.neutral()
        distance_mm = usual_distance_mm(self.face)
        pose, half_mm = portrait_view(still.mesh, HEAD_TO_CAMERA_AXES, still.proxies, distance_mm)
        middle = (self.size - 1) / 2
        return pose, Camera(self.size / 2 * distance_mm / half_mm, (middle, middle), self.size, self.size)
