"""What the numba CPU renderer draws, as arrays for its kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facegpt.render.numba_cpu import mipmap as numba_mipmap
from facegpt.render.topology import Connectivity

if TYPE_CHECKING:
    from torch import Tensor

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


def build_scene(
    mesh: Connectivity,
    vertices: Float32,
    texture: Float32,
    lighting: Float32,
    cameras: Float32,
    size: tuple[int, int],
    lobes: Float32 | None = None,
) -> Scene:
    """The checked arguments of Renderer.render, as contiguous float32 arrays, with what kernels need of them.

    lighting: (B, 9, 3). cameras, lobes: rows of inputs.py. size: height and width of the images.
    """
    batch = len(vertices)
    height, width = int(texture.shape[-2]), int(texture.shape[-1])
    planes = texture.reshape(len(texture), -1)
    levels = numba_mipmap.mipmap_levels(height, width)
    mipmaps = np.empty((len(planes), int(3 * (levels[:, 1] * levels[:, 2]).sum())), np.float32)
    for i in range(len(planes)):
        numba_mipmap.build_mipmaps(planes[i], height, width, mipmaps[i], levels)
    return Scene(
        vertices=vertices.copy(),  # what is computed later must not see changes in place
        mesh=mesh,
        texture=planes,
        texture_shape=(height, width),
        mipmaps=mipmaps,
        levels=levels,
        lighting=lighting,
        lobes=np.empty((batch, 0), np.float32) if lobes is None else lobes,
        cameras=cameras,
        height=size[0],
        width=size[1],
    )


def as_array(tensor: Tensor) -> Float32:
    """The values of a tensor as a contiguous float32 array, without a copy where possible."""
    return np.ascontiguousarray(tensor.detach().cpu().numpy(), np.float32)
