"""The contract of a renderer: textured triangles under spherical-harmonic light, differentiable.

Convention: vertices are in the camera frame (OpenCV, mm); images have row 0 at the top and the centre of the top-left
pixel at (0, 0); colours are linear RGB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor

#: Lighting under which a surface shows exactly its albedo from all sides: (9, 3) with this in the first row.
AMBIENT_WHITE = 3.5449077018110318


@dataclass(frozen=True)
class Topology:
    """What does not change between frames.

    Attributes:
        triangles: (F, 3) int32 vertex indices, counter-clockwise seen from outside.
        uv: (U, 2) float32. uv_triangles: (F, 3) int32.
    """

    triangles: Tensor
    uv: Tensor
    uv_triangles: Tensor


@dataclass(frozen=True)
class View:
    """Cameras of a batch: focal_px (B,), principal_px (B, 2), and one image size for all."""

    focal_px: Tensor
    principal_px: Tensor
    height: int
    width: int


@dataclass(frozen=True)
class Rendered:
    """Images of a batch.

    Attributes:
        color: (B, H, W, 3) linear RGB, premultiplied by coverage.
        coverage: (B, H, W) in [0, 1], antialiased along silhouettes.
        depth: (B, H, W) mm, 0 where nothing is. normal: (B, H, W, 3) camera frame, unit length or 0.
        uv: (B, H, W, 2). triangle: (B, H, W) int32, -1 where nothing is. barycentric: (B, H, W, 3).
    """

    color: Tensor
    coverage: Tensor
    depth: Tensor
    normal: Tensor
    uv: Tensor
    triangle: Tensor
    barycentric: Tensor


@runtime_checkable
class Renderer(Protocol):
    """Draws batches of meshes. Implementations: reference.py (plain torch, the oracle), numba_cpu.py."""

    name: str

    def render(
        self, vertices_camera: Tensor, topology: Topology, texture: Tensor, lighting: Tensor, view: View
    ) -> Rendered:
        """Draw (B, V, 3) mm with a texture (1 or B, 3, Ht, Wt) and light (1 or B, 9, 3).

        Colour = texture(uv) · max(Σ_k lighting_k Y_k(normal), 0), with the real SH basis in the order
        1, y, z, x, xy, yz, 3z²-1, xz, x²-y² of the camera-frame unit normal, constants included
        (Ramamoorthi and Hanrahan 2001, eq. 4): Y_0 = 0.282095. Gradients of color and coverage reach
        vertices_camera, texture, lighting and view.focal_px; the other outputs carry none.
        Triangles seen from behind are drawn too; triangles that cross the near plane (1 mm) are clipped.
        The texture is sampled bilinearly in the mipmap level nearest to one texel per pixel of the triangle; the
        choice of level carries no gradient. Keep the Topology object from call to call: its edges are found once.
        """
        ...
