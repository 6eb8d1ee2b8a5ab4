"""What the numba CPU renderer draws, as arrays for its kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from facegpt.render.base import View
from facegpt.render.inputs import camera_rows
from facegpt.render.numba_cpu import mipmap as numba_mipmap
from facegpt.render.topology import Connectivity

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
    vertices: Tensor, mesh: Connectivity, texture: Tensor, lighting: Tensor, view: View, lobes: Tensor | None = None
) -> Scene:
    """The checked arguments of Renderer.render as contiguous float32 arrays; `lobes` are those of lobe_rows."""
    batch = len(vertices)
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
        cameras=as_array(camera_rows(view, batch)),
        height=view.height,
        width=view.width,
    )


def as_array(tensor: Tensor) -> Float32:
    """The values of a tensor as a contiguous float32 array, without a copy where possible."""
    return np.ascontiguousarray(tensor.detach().cpu().numpy(), np.float32)
