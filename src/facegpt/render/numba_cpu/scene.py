"""What the numba CPU renderer draws, checked and turned into arrays for its kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from facegpt.render.base import Lobe, Topology, View
from facegpt.render.numba_cpu import mipmap as numba_mipmap
from facegpt.render.numba_cpu.shade_rows import PLACE_BITS
from facegpt.render.topology import Connectivity, connectivity
from facegpt.types import ShapeError

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Scene:
    """What is drawn, as arrays for the kernels. Frames and units: render/base.py.

    Attributes:
        vertices: (B, V, 3). texture: (1 or B, 3·Ht·Wt) of shape (Ht, Wt). lighting: (B, 9, 3).
        lobes: (B, 7), or (B, 0) without highlight: see render/numba_cpu/gloss.py.
        cameras: (B, 3) focal, principal x, principal y. height, width: of the images.
        mipmaps: (1 or B, N) and their levels (L, 3): offset, height, width; L is 0 without mipmaps.
    """

    vertices: Float32
    mesh: Connectivity
    texture: Float32
    texture_shape: tuple[int, int]
    mipmaps: Float32
    levels: NDArray[np.int64]
    lighting: Float32
    lobes: Float32
    cameras: Float32
    height: int
    width: int


def check_shapes(vertices: Tensor, count: int, texture: Tensor, lighting: Tensor) -> None:
    """Raise ShapeError if these do not fit each other: kernels would read outside their arrays.

    count: how many vertices the triangles name.
    """
    batch = len(vertices)
    if vertices.dim() != 3 or vertices.shape[2] != 3 or vertices.shape[1] < count:
        raise ShapeError(f"vertices must be (B, {count} or more, 3), not {tuple(vertices.shape)}")
    if texture.dim() != 4 or texture.shape[1] != 3 or len(texture) not in (1, batch) or texture.numel() == 0:
        raise ShapeError(f"texture must be (1 or {batch}, 3, Ht, Wt), not {tuple(texture.shape)}")
    if lighting.shape[-2:] != (9, 3) or lighting.dim() != 3 or len(lighting) not in (1, batch):
        raise ShapeError(f"lighting must be (1 or {batch}, 9, 3), not {tuple(lighting.shape)}")


def lobe_rows(lobe: Lobe, batch: int) -> Tensor:
    """Turn a lobe into rows for kernels (B, 7), its direction made unit, differentiable.

    Raises:
        ShapeError: if it does not fit the batch.
    """
    direction, color, sharpness = lobe.direction, lobe.color, lobe.sharpness.reshape(-1, 1)
    lengths = {len(x) for x in (direction, color, sharpness)}
    if direction.shape[1:] != (3,) or color.shape[1:] != (3,) or not lengths <= {1, batch}:
        raise ShapeError(f"a lobe must have a direction (1 or {batch}, 3), as many colours (…, 3) and sharpnesses (…,)")
    direction = direction / direction.norm(dim=1, keepdim=True).clamp(min=1e-6)
    return torch.cat([x.expand(batch, -1) for x in (direction, color, sharpness)], 1)


def build_scene(
    vertices: Tensor, topology: Topology, texture: Tensor, lighting: Tensor, view: View, lobes: Tensor | None = None
) -> Scene:
    """Turn the arguments of Renderer.render into contiguous float32 arrays. lobes: of lobe_rows.

    Raises:
        ShapeError: if they do not fit each other; the kernels would read outside their arrays.
    """
    mesh, batch = connectivity(topology), len(vertices)
    if max(view.height, view.width) >= 1 << int(PLACE_BITS):
        raise ShapeError(
            f"images can't be {view.height} x {view.width}: they must have less than 65,536 rows and columns"
        )
    check_shapes(vertices, mesh.vertex_count, texture, lighting)
    focal = view.focal_px.detach().reshape(-1, 1).expand(batch, 1)
    principal = view.principal_px.detach().reshape(-1, 2).expand(batch, 2)
    planes = as_array(texture).reshape(len(texture), -1)
    height, width = int(texture.shape[-2]), int(texture.shape[-1])
    levels = numba_mipmap.mipmap_levels(height, width)
    mipmaps = np.empty((len(planes), int(3 * (levels[:, 1] * levels[:, 2]).sum())), np.float32)
    for i in range(len(planes)):
        numba_mipmap.build_mipmaps(planes[i], height, width, mipmaps[i], levels)
    return Scene(
        vertices=as_array(vertices).copy(),  # what is computed later must not see changes in place
        mesh=mesh,
        texture=planes,
        texture_shape=(height, width),
        mipmaps=mipmaps,
        levels=levels,
        lighting=as_array(lighting.expand(batch, 9, 3)),
        lobes=np.empty((batch, 0), np.float32) if lobes is None else as_array(lobes),
        cameras=as_array(torch.cat([focal, principal], 1)),
        height=view.height,
        width=view.width,
    )


def as_array(tensor: Tensor) -> Float32:
    """Give the values of a tensor as a contiguous float32 array, without a copy where possible."""
    return np.ascontiguousarray(tensor.detach().cpu().numpy(), np.float32)
