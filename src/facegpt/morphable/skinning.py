"""Linear blend skinning: joints turn parts of a rest head about their centres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from facegpt.conventions import rotation_from_rotvec
from facegpt.types import Array

if TYPE_CHECKING:
    from torch import Tensor


def rotation_matrices(rotvecs: Tensor) -> Tensor:
    """Rotation matrices (..., 3, 3) of rotation vectors (..., 3) in radians; smooth at zero (Rodrigues' formula)."""
    import torch

    square = (rotvecs * rotvecs).sum(-1)[..., None, None]
    small = square < 1e-6
    safe = torch.where(small, torch.ones_like(square), square)
    angle = safe.sqrt()
    sine = torch.where(small, 1 - square / 6, angle.sin() / angle)
    cosine = torch.where(small, 0.5 - square / 24, (1 - angle.cos()) / safe)
    x, y, z = rotvecs.unbind(-1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*x.shape, 3, 3)
    return torch.eye(3).to(rotvecs) + sine * cross + cosine * (cross @ cross)


def pose(rest: Tensor, centres: Tensor, rotvecs: Tensor, parents: Sequence[int], weights: Tensor) -> Tensor:
    """Posed head (B, V, 3) mm: a rest head turned by joint centres, rotation vectors (B, J, 3) and weights (V, J).

    Each joint turns about its own centre and carries its children along; `parents` lists every joint after its parent.
    """
    import torch

    turns = rotation_matrices(rotvecs)
    rotations: list[Tensor] = []
    moves: list[Tensor] = []  # a point x of a joint goes to rotation @ x + move
    for joint, parent in enumerate(parents):
        centre = centres[:, joint, :, None]
        rotation = turns[:, joint]
        move = centre - rotation @ centre
        if parent >= 0:
            move = rotations[parent] @ move + moves[parent]
            rotation = rotations[parent] @ rotation
        rotations.append(rotation)
        moves.append(move)
    # Columns of the blended matrices side by side: far faster than a batch of small matrix products.
    columns = torch.cat([torch.stack(rotations, 1), torch.stack(moves, 1)], -1).transpose(-1, -2)  # (B, J, 4, 3)
    blended = weights @ columns.reshape(len(rest), -1, 12)
    x, y, z = rest.split(1, -1)
    return blended[..., 0:3] * x + blended[..., 3:6] * y + blended[..., 6:9] * z + blended[..., 9:]


def pose_one(rest: Array, centres: Array, rotvecs: Array, parents: Sequence[int], shares: Array) -> Array:
    """Do the same for one head without gradients, many times faster: (V, 3), (J, 3), (J, 3) → (V, 3) mm.

    `shares` (J, V) are the skin weights, joint by joint.
    """
    moves = np.zeros((len(parents), 3, 4))  # rotation and shift of each joint
    turned = [bool(vector.any()) for vector in rotvecs]
    for joint, parent in enumerate(parents):
        rotation = rotation_from_rotvec(rotvecs[joint]) if turned[joint] else np.eye(3)
        shift = centres[joint] - rotation @ centres[joint]
        if parent >= 0 and turned[parent]:
            rotation, shift = moves[parent, :, :3] @ rotation, moves[parent, :, :3] @ shift + moves[parent, :, 3]
            turned[joint] = True
        moves[joint] = np.column_stack([rotation, shift])
    if not any(turned):
        return rest
    rows = slice(None) if all(turned) else np.flatnonzero(shares[np.flatnonzero(turned)].any(0))
    # One row of numbers per coordinate: far faster than arrays of small vectors.
    blended = (moves.reshape(len(parents), 12).T.astype(rest.dtype) @ shares[:, rows]).reshape(3, 4, -1)
    x, y, z = np.ascontiguousarray(rest[rows].T)
    posed = rest.copy()
    for axis, row in enumerate(blended):
        posed[rows, axis] = row[0] * x + row[1] * y + row[2] * z + row[3]
    return posed
