"""The contract of a renderer: textured triangles under spherical-harmonic light, differentiable.

Convention: vertices are in the camera frame (OpenCV, mm); images have row 0 at the top and the centre of the top-left
pixel at (0, 0); colours are linear RGB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from torch import Tensor

#: A tensor, or an array where no torch is needed.
Values: TypeAlias = Any

#: Lighting under which a surface shows exactly its albedo from all sides: (9, 3) with this in the first row.
AMBIENT_WHITE = 3.5449077018110318

#: Rendered.part where nothing is, or where the topology names no parts.
NO_PART = 255


@dataclass(frozen=True, eq=False)
class Topology:
    """What does not change between frames.

    Attributes:
        triangles: (F, 3) int32 vertex indices, counter-clockwise seen from outside.
        uv: (U, 2) float32. uv_triangles: (F, 3) int32.
        part: (F,) uint8, a number below 255 for what each triangle belongs to (skin, eye, tooth, …), or None.

    All are tensors for `Renderer.render`, arrays or tensors for `render_arrays`.
    """

    triangles: Values
    uv: Values
    uv_triangles: Values
    part: Values | None = None


@dataclass(frozen=True)
class View:
    """Cameras of a batch: focal_px (B,), principal_px (B, 2), and one image size for all."""

    focal_px: Values
    principal_px: Values
    height: int
    width: int


@dataclass(frozen=True)
class Lobe:
    """One highlight, added to the diffuse colour: color · exp(sharpness · (n·h - 1)), one entry or one per image.

    n is the unit normal of the pixel, h the unit vector half-way between the direction to the light and that to the
    camera. That is a spherical Gaussian, the smooth sibling of Blinn and Phong's power of n·h (Wang et al. 2009): it
    holds what is too sharp for nine spherical harmonics, has no edge at which a gradient would vanish, and its
    sharpness is 2 / roughness⁴ in the terms of glTF (`lighting.dominant_lobe`).

    Attributes:
        direction: (1 or B, 3) from the surface to the light, camera frame, of any length.
        color: (1 or B, 3) linear RGB of the highlight's middle: the light's strength times the surface's gloss.
        sharpness: (1 or B,) 0 or more.
    """

    direction: Tensor
    color: Tensor
    sharpness: Tensor


@dataclass(frozen=True)
class Rendered:
    """Images of a batch.

    Attributes:
        color: (B, H, W, 3) linear RGB, premultiplied by coverage.
        coverage: (B, H, W) in [0, 1], antialiased along silhouettes.
        depth: (B, H, W) mm, 0 where nothing is. normal: (B, H, W, 3) camera frame, unit length or 0.
        uv: (B, H, W, 2). triangle: (B, H, W) int32, -1 where nothing is. barycentric: (B, H, W, 3).
        part: (B, H, W) uint8, Topology.part of the triangle; 255 where nothing is or no parts are named.
    """

    color: Tensor
    coverage: Tensor
    depth: Tensor
    normal: Tensor
    uv: Tensor
    triangle: Tensor
    barycentric: Tensor
    part: Tensor


@runtime_checkable
class Renderer(Protocol):
    """Draws batches of meshes. Implementations: reference.py (plain torch, the oracle), numba_cpu/, numba_cuda/."""

    name: str

    def render(
        self,
        vertices_camera: Tensor,
        topology: Topology,
        texture: Tensor,
        lighting: Tensor,
        view: View,
        lobe: Lobe | None = None,
    ) -> Rendered:
        """Draw (B, V, 3) mm with a texture (1 or B, 3, Ht, Wt) and light (1 or B, 9, 3).

        Colour = texture(uv) · max(Σ_k lighting_k Y_k(normal), 0) + lobe (if any), with the real SH basis in the order
        1, y, z, x, xy, yz, 3z²-1, xz, x²-y² of the camera-frame unit normal, constants included
        (Ramamoorthi and Hanrahan 2001, eq. 4): Y_0 = 0.282095. Gradients of color and coverage reach
        vertices_camera, texture, lighting, view.focal_px and view.principal_px, and the three fields of the lobe;
        the other outputs carry none.
        Triangles seen from behind are drawn too; triangles that cross the near plane (1 mm) are clipped.
        The texture is sampled bilinearly in the mipmap level nearest to one texel per pixel of the triangle; the
        choice of level carries no gradient. Keep the Topology object from call to call: its edges are found once.
        """
        ...


def parts_of(topology: Topology, triangle: Tensor) -> Tensor:
    """Look up Rendered.part for Rendered.triangle."""
    import torch

    if topology.part is None or len(topology.part) == 0:
        return torch.full_like(triangle, NO_PART, dtype=torch.uint8)
    part = topology.part.to(triangle.device, torch.uint8)
    return torch.where(triangle < 0, NO_PART, part[triangle.clamp(min=0).long()]).to(torch.uint8)
