"""The renderer for processors: numba kernels, one fused differentiable op, its own few threads."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from facegpt.render.base import Topology, View
from facegpt.render.inputs import check_inputs
from facegpt.render.numba_cpu.drawing import Drawn, announce_compilation, draw, geometry, recolored
from facegpt.render.numba_cpu.scene import Scene, build_scene
from facegpt.runtime.threads import usable_threads
from facegpt.types import Array, Camera

if TYPE_CHECKING:
    from torch import Tensor

    from facegpt.render.base import Lobe, Rendered


class NumbaRenderer:
    """Renderer for CPUs (render/base.py), differentiable. Safe to use from several threads at once.

    Args:
        threads: how many threads one call may use; as many as torch may at the moment when None.
    """

    name = "numba-cpu"

    def __init__(self, threads: int | None = None):
        self.threads = threads

    def render(
        self,
        vertices_camera: Tensor,
        topology: Topology,
        texture: Tensor,
        lighting: Tensor,
        view: View,
        lobe: Lobe | None = None,
    ) -> Rendered:
        """Draw a batch: see Renderer.render. One texture, light or camera may serve the whole batch: (1, …)."""
        from facegpt.render.numba_cpu import autograd

        announce_compilation()
        threads = self.threads or usable_threads()
        return autograd.render(vertices_camera, topology, texture, lighting, view, lobe, threads)

    def render_arrays(
        self, vertices: Array, topology: Topology, texture: Array, lighting: Array, camera: Camera
    ) -> ArraysRendered:
        """Draw one mesh without gradients and without torch, whose import takes a second.

        Args:
            vertices: (V, 3) mm, camera frame.
            topology: of arrays or tensors.
            texture: (3, Ht, Wt) linear RGB.
            lighting: (9, 3).
            camera: its place and the size of the image.

        Raises:
            ShapeError: as `render`.
        """
        announce_compilation()
        threads = self.threads or usable_threads()
        places, colors, lights = (np.ascontiguousarray(a[None], np.float32) for a in (vertices, texture, lighting))
        view = View(np.array([camera.focal_px]), np.array([camera.principal_px]), camera.height, camera.width)
        mesh = check_inputs(places, topology, colors, lights, view)
        cameras = np.array([[camera.focal_px, *camera.principal_px]], np.float32)
        scene = build_scene(mesh, places, colors, lights, cameras, (camera.height, camera.width))
        return ArraysRendered(scene, draw(scene, threads), threads)


class ArraysRendered:
    """One image as arrays, by the names of render/base.py's Rendered; its geometry is computed when first asked for.

    Attributes:
        color: (H, W, 3). coverage: (H, W). triangle: (H, W) int32.
    """

    def __init__(self, scene: Scene, drawn: Drawn, threads: int) -> None:
        self.color, self.coverage, self.triangle = drawn.color[0], drawn.coverage[0], drawn.index[0]
        self._shape = partial(geometry, scene, drawn, threads, with_uv=False)
        self._recolored = partial(recolored, scene, drawn, threads)

    def color_in(self, texture: Array, lighting: Array) -> Array:
        """(H, W, 3) of the same mesh with another texture (3, Ht, Wt) in another light (9, 3); neither is checked."""
        given = (np.ascontiguousarray(each[None], np.float32) for each in (texture, lighting))
        return np.asarray(self._recolored(*given)[0])

    @cached_property
    def _geometry(self) -> dict[str, Array]:
        return self._shape()

    @property
    def depth(self) -> Array:
        """(H, W) mm, 0 where nothing is."""
        return self._geometry["depth"][0]

    @property
    def normal(self) -> Array:
        """(H, W, 3) camera frame, unit length or 0."""
        return self._geometry["normal"][0]

    @property
    def barycentric(self) -> Array:
        """(H, W, 3)."""
        return self._geometry["barycentric"][0]
