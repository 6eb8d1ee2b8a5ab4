"""How hair, neck and background follow a moved head: a smooth field of displacements around it.

Where the photo shows the head, the field is the head's; where it surely shows what is behind or clothes, it is none;
hair and all that is not told follows as a membrane between the two. The photo is fixed, so the system is factorised
once, and a frame costs two back-substitutions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from scipy.sparse import coo_matrix, diags
from scipy.sparse.linalg import splu

from facegpt.encode.parts import BACKGROUND, BEARD, CLOTHES, EAR, SKIN, FaceParts
from facegpt.picture.kernels import invert
from facegpt.types import Array

#: Cells of the field along the window's longer side.
CELLS = 96
#: Weights beside the membrane's 1: of the head's displacement, of stillness in what is behind, at the window's border.
HEAD, BEHIND, BORDER = 4.0, 0.25, 4.0
#: What is behind is surely still from so many cells off the head.
NEAR_CELLS = 1.5
#: Steps of the inversion.
INVERSIONS = 10
#: Blur of the inverted field, cells: where it folds, the inversion does not converge.
SMOOTHED = 0.8
#: Displacements below this are none, photo pixels, and fade in from there over as much again.
STILL_PX = 0.15


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The field of one photo.

    Attributes:
        cell_px: photo pixels per cell. head: (h, w) weight of the head's displacement in each cell.
        solver: of the membrane's equations.
    """

    cell_px: float
    head: NDArray[np.float32]
    solver: Any

    def came_from(self, moved: Array) -> NDArray[np.float32]:
        """Where each cell's content was before: (h, w, 2) displacement source - place, photo pixels.

        moved: (h, w, 2) displacement of the head, photo pixels, wherever `head` has a weight.
        """
        right = (self.head[..., None] * moved).reshape(-1, 2).astype(np.float64)
        field = self.solver.solve(right).reshape(*self.head.shape, 2) / self.cell_px
        out = np.empty_like(field, np.float32)
        invert(np.ascontiguousarray(field, np.float32), INVERSIONS, out)
        rows, columns = np.indices(self.head.shape, np.float32)
        back = gaussian_filter(out - np.stack([columns, rows], -1), (SMOOTHED, SMOOTHED, 0)) * self.cell_px
        length = np.linalg.norm(back, axis=-1, keepdims=True)
        back *= np.clip(length / STILL_PX - 1, 0, 1)
        return np.asarray(back, np.float32)


def surroundings_of(
    drawn: NDArray[np.bool_], parts: FaceParts | None, cell_px: float, origin: tuple[int, int]
) -> Surroundings:
    """Set up the field.

    Args:
        drawn: (h, w), where the head's mesh is seen in front of the camera, one entry a cell.
        parts: what the photo shows around the face, or None.
        cell_px: photo pixels per cell.
        origin: photo pixel (x, y) of the window's corner.
    """
    height, width = drawn.shape
    head = drawn.astype(np.float32)
    behind = (~drawn).astype(np.float32)
    if parts is not None:
        rows, columns = np.indices(drawn.shape)
        middles = (np.column_stack([columns.ravel(), rows.ravel()]) + 0.5) * cell_px - 0.5 + np.asarray(origin)
        shares = parts.at(middles).reshape(height, width, -1)
        head *= np.clip(shares[..., [SKIN, EAR, BEARD]].sum(-1) * 1.5, 0.02, 1)
        behind *= shares[..., [BACKGROUND, CLOTHES]].sum(-1)
        on_mesh = drawn & (shares[..., CLOTHES] > 0.5)
        behind[on_mesh] = shares[..., CLOTHES][on_mesh]
    if drawn.any():
        behind *= np.clip(distance_transform_edt(head < 0.5) / NEAR_CELLS - 1, 0, 1)
    border = np.zeros(drawn.shape, np.float32)
    border[[0, -1]] = border[:, [0, -1]] = BORDER
    border *= ~drawn
    weight = HEAD * head
    system = diags((weight + BEHIND * behind + border).ravel() + 1e-4) + _membrane(height, width)
    return Surroundings(cell_px, weight, splu(system.tocsc()))


def _membrane(height: int, width: int) -> Any:
    """The Laplacian (h·w, h·w) of a grid whose border is free."""
    number = np.arange(height * width).reshape(height, width)
    pairs = [(number[:, 1:], number[:, :-1]), (number[1:], number[:-1])]
    a, b = (np.concatenate([pair[k].ravel() for pair in pairs]) for k in (0, 1))
    ends = np.concatenate([a, b]), np.concatenate([b, a])
    links = coo_matrix((np.ones(len(ends[0])), ends), shape=(height * width, height * width)).tocsr()
    return diags(np.asarray(links.sum(1)).ravel()) - links
