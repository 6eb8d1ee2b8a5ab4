"""What every renderer asks of its inputs (render/base.py), and the rows that kernels read of cameras and highlights."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from facegpt.render.base import Lobe, Topology, Values, View
from facegpt.render.topology import Connectivity, connectivity
from facegpt.types import ShapeError

if TYPE_CHECKING:
    from torch import Tensor

#: Images must have fewer rows and columns: kernels pack a pixel's place into 32 bits (numba_cpu/shade_rows.py).
LARGEST_SIDE = 1 << 16


def check_inputs(
    vertices: Values, topology: Topology, texture: Values, lighting: Values, view: View, lobe: Lobe | None = None
) -> Connectivity:
    """The connectivity of the topology, once the arguments of Renderer.render are known to fit each other.

    They may be tensors or arrays.

    Raises:
        ShapeError: if they don't; kernels would read outside their arrays.
    """
    mesh, batch = connectivity(topology), len(vertices)
    if len(vertices.shape) != 3 or vertices.shape[2] != 3 or vertices.shape[1] < mesh.vertex_count:
        raise ShapeError(f"vertices must be (B, {mesh.vertex_count} or more, 3), not {tuple(vertices.shape)}")
    if len(texture.shape) != 4 or texture.shape[1] != 3 or len(texture) not in (1, batch) or not prod(texture.shape):
        raise ShapeError(f"texture must be (1 or {batch}, 3, Ht, Wt), not {tuple(texture.shape)}")
    if lighting.shape[-2:] != (9, 3) or len(lighting.shape) != 3 or len(lighting) not in (1, batch):
        raise ShapeError(f"lighting must be (1 or {batch}, 9, 3), not {tuple(lighting.shape)}")
    if prod(view.focal_px.shape) not in (1, batch) or prod(view.principal_px.shape) not in (2, 2 * batch):
        shapes = f"{tuple(view.focal_px.shape)} and {tuple(view.principal_px.shape)}"
        raise ShapeError(f"a view must have focal lengths (1 or {batch},) and centres (…, 2), not {shapes}")
    if max(view.height, view.width) >= LARGEST_SIDE:
        raise ShapeError(
            f"images can't be {view.height} x {view.width}: they must have less than 65,536 rows and columns"
        )
    if lobe is not None:
        _check_lobe(lobe, batch)
    return mesh


def _check_lobe(lobe: Lobe, batch: int) -> None:
    lengths = {len(lobe.direction), len(lobe.color), len(lobe.sharpness.reshape(-1, 1))}
    if lobe.direction.shape[1:] != (3,) or lobe.color.shape[1:] != (3,) or not lengths <= {1, batch}:
        raise ShapeError(f"a lobe must have a direction (1 or {batch}, 3), as many colours (…, 3) and sharpnesses (…,)")


def camera_rows(view: View, batch: int) -> Tensor:
    """The cameras of a checked view as rows (B, 3): focal length, principal x, principal y; differentiable."""
    import torch

    focal, principal = view.focal_px.reshape(-1, 1), view.principal_px.reshape(-1, 2)
    return torch.cat([focal.expand(batch, 1), principal.expand(batch, 2)], 1)


def lobe_rows(lobe: Lobe, batch: int) -> Tensor:
    """A checked lobe as rows (B, 7): unit direction, colour, sharpness; differentiable."""
    import torch

    direction = lobe.direction / lobe.direction.norm(dim=1, keepdim=True).clamp(min=1e-6)
    return torch.cat([x.expand(batch, -1) for x in (direction, lobe.color, lobe.sharpness.reshape(-1, 1))], 1)
