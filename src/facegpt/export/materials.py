"""Which parts of a head share a material: skin, mouth, teeth, gums, tongue, lashes, brows, eyes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.export.bundle import HeadExport
from facegpt.export.targets import Targets
from facegpt.render import channels
from facegpt.types import Array

SKIN = "skin"
#: Material of each part; what is not named here is skin. The mouth's lining is its own: artists make it wet and dark.
_MATERIALS = {
    **{"upper_teeth": "teeth", "lower_teeth": "teeth", "left_eye": "eyes", "right_eye": "eyes"},
    **{name: name for name in ("mouth", "gums", "tongue", "lashes", "brows")},
}
#: Places within a triangle at which the texture is asked for holes.
_STEPS = 5
_PLACES = np.array([(i, j, _STEPS - i - j) for i in range(_STEPS + 1) for j in range(_STEPS + 1 - i)]) / _STEPS


@dataclass(frozen=True)
class Group:
    """The triangles that share one material.

    Attributes:
        name: "skin", "teeth", …
        triangles: (F,) bool, which of the head's triangles these are.
        moves: whether a morph target moves any of them.
        holes: whether the texture is see-through somewhere on them.
    """

    name: str
    triangles: NDArray[np.bool_]
    moves: bool
    holes: bool


def material_of(part: str) -> str:
    """The material of a part of the head, by its name."""
    return _MATERIALS.get(part, SKIN)


def material_groups(head: HeadExport, targets: Targets) -> tuple[Group, ...]:
    """The materials of a head, in the order in which its parts come, the skin first."""
    names = [material_of(part) for part in head.part_names]
    moved = np.asarray(targets.moving.any(0))
    clear = _Clear.of(head.texture)
    found = []
    for name in sorted(set(names), key=lambda name: (name != SKIN, names.index(name))):
        mask = np.isin(head.part, [k for k, other in enumerate(names) if other == name])
        if mask.any():
            moves = bool(moved[head.triangles[mask]].any())
            found.append(
                Group(name, mask, moves, clear.meets(np.asarray(head.uv, np.float64)[head.uv_triangles[mask]]))
            )
    return tuple(found)


@dataclass(frozen=True)
class _Clear:
    """The see-through texels of a texture.

    Attributes:
        texels: (H, W) bool. low, high: (column, row) just before the first and behind the last of them; None: no such.
    """

    texels: NDArray[np.bool_]
    low: tuple[int, int] | None = None
    high: tuple[int, int] = (0, 0)

    @staticmethod
    def of(texture: NDArray[np.uint8]) -> _Clear:
        """Find those of (H, W, 4)."""
        texels = texture[..., 3] < 128
        rows, columns = (np.flatnonzero(texels.any(axis)) for axis in (1, 0))
        if not len(rows):
            return _Clear(texels)
        return _Clear(texels, (columns[0] - 1, rows[0] - 1), (columns[-1] + 2, rows[-1] + 2))

    def meets(self, corners: Array) -> bool:
        """Whether the texture is see-through at any place of triangles (G, 3, 2), v up."""
        if self.low is None:
            return False
        height, width = self.texels.shape
        corners = corners * (width, -height) + (0, height)
        first, second, third = corners[:, 0], corners[:, 1], corners[:, 2]
        near = channels.smallest(np.maximum(np.maximum(first, second), third) >= self.low)
        near &= channels.smallest(np.minimum(np.minimum(first, second), third) <= self.high)
        places = np.einsum("pk,gkx->gpx", _PLACES, corners[near])
        columns = np.clip(places[..., 0], 0, width - 1).astype(int)
        rows = np.clip(places[..., 1], 0, height - 1).astype(int)
        return bool(self.texels[rows, columns].any())
