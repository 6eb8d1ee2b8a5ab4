"""Which parts of a head share a material: skin, mouth, teeth, gums, tongue, lashes, brows, eyes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.export.bundle import HeadExport
from facegpt.export.targets import Targets

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
    found = []
    for name in sorted(set(names), key=lambda name: (name != SKIN, names.index(name))):
        mask = np.isin(head.part, [k for k, other in enumerate(names) if other == name])
        if mask.any():
            moves = bool(moved[head.triangles[mask]].any())
            found.append(Group(name, mask, moves, _has_holes(head, head.uv_triangles[mask])))
    return tuple(found)


def _has_holes(head: HeadExport, uv_triangles: NDArray[np.integer]) -> bool:
    """Whether the texture is see-through at any place of these triangles (G, 3)."""
    height, width = head.texture.shape[:2]
    clear = head.texture[..., 3] < 128
    if not clear.any():
        return False
    corners = np.asarray(head.uv, np.float64)[uv_triangles] * (width, -height) + (0, height)
    (top, bottom), (left, right) = ((k.min() - 1, k.max() + 2) for k in np.nonzero(clear))
    low, high = corners.min(1), corners.max(1)
    near = (high >= (left, top)).all(1) & (low <= (right, bottom)).all(1)
    places = np.einsum("pk,gkx->gpx", _PLACES, corners[near])
    columns = np.clip(places[..., 0], 0, width - 1).astype(int)
    rows = np.clip(places[..., 1], 0, height - 1).astype(int)
    return bool(clear[rows, columns].any())
