"""Hair for files: its level of detail, its strands, and bones for long hair.

The bones are a chain from the nape down, so that an animator or a game's physics can swing it.

The joints come after the head's own, and hang on the one that carries most of such hair. At rest nothing moves by them.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from facegpt.bust.worn import shirt_of
from facegpt.export.bundle import HeadExport, from_model
from facegpt.hair.grow import DETAIL
from facegpt.hair.presets import groom_of
from facegpt.hair.strands import strands
from facegpt.hair.worn import worn
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.local_shapes import shaped
from facegpt.morphable.proxies import Proxy
from facegpt.types import Array, FaceGPTError, FaceParams

#: Hair that reaches lower than this below the ears gets a chain, which begins here: mm, head frame.
STARTS_MM, LEAST_BELOW_MM = -45.0, 130.0
#: Joints of the chain, and their names.
NAMES = ("hair_1", "hair_2", "hair_3", "hair_4")


def with_hair(
    model: MorphableModel,
    params: FaceParams,
    texture: NDArray[np.uint8],
    lod: int | None,
    as_strands: bool,
    finest: tuple[Proxy, ...] | None = None,
) -> HeadExport:
    """Everything that a file needs for a face, with its hair.

    Args:
        model: the head model.
        params: of the face.
        texture: (H, W, 4) uint8 sRGB.
        lod: level of detail of the hair's mesh, 0 the finest; None leaves the hair out.
        as_strands: also as single strands, for formats that take them.
        finest: what it wears at level 0, where that is there already.

    Raises:
        FaceGPTError: for a level that there is not.
    """
    if lod not in (None, *range(len(DETAIL))):
        raise FaceGPTError(f"hair has the levels of detail 0, 1 and 2, or None for no hair, not {lod!r}")
    meshes = finest if finest is not None and lod == 0 else worn(model, params, lod)
    meshes = *meshes, *shirt_of(model, params)
    head = with_hair_chain(from_model(model, params, texture, worn=meshes))
    if not as_strands or head.hair is None or params.hair is None:
        return head
    shape = shaped(model, params.local)
    grown = strands(groom_of(params.hair), shape, np.asarray(params.identity, np.float32))
    return replace(head, strands=grown, groomed=params.hair)


def with_hair_chain(head: HeadExport) -> HeadExport:
    """The head with a chain of joints in its long hair; the same head where hair is short."""
    hair = head.hair
    if hair is None:
        return head
    heights = np.asarray(hair.rest_vertices)[:, 1]
    lowest = float(np.quantile(heights, 0.01))
    if lowest > -LEAST_BELOW_MM:
        return head
    ends = np.linspace(STARTS_MM, lowest, len(NAMES) + 1)
    below = np.asarray(hair.rest_vertices)[heights < STARTS_MM]
    carrier = int(np.asarray(hair.skin_weights)[heights < ends[1]].mean(0).argmax())
    back = float(np.quantile(below[:, 2], 0.2))
    centres = np.stack([np.zeros(len(NAMES)), ends[:-1], np.full(len(NAMES), back)], 1)
    first = len(head.joint_names)
    parents = (carrier, *range(first, first + len(NAMES) - 1))
    worn = tuple(
        replace(p, skin_weights=_shared(np.asarray(p.skin_weights), heights, ends, carrier))
        if p is hair
        else replace(p, skin_weights=_padded(np.asarray(p.skin_weights)))
        for p in head.worn
    )
    return replace(
        head,
        joint_names=(*head.joint_names, *NAMES),
        joint_parents=(*head.joint_parents, *parents),
        joint_centres=np.concatenate([np.asarray(head.joint_centres), centres]).astype(np.float32),
        joint_rotations=np.concatenate([np.asarray(head.joint_rotations), np.zeros((len(NAMES), 3))]),
        skin_weights=_padded(np.asarray(head.skin_weights)),
        worn=worn,
    )


def _padded(weights: Array) -> Array:
    return np.pad(weights, ((0, 0), (0, len(NAMES)))).astype(np.float32)


def _shared(weights: Array, heights: Array, ends: Array, carrier: int) -> Array:
    """Weights (P, J + chain): each height (P,) between the middles of two bones is shared by them, without a step.

    Bones take over from their carrier alone: hair that turns with the head beside the neck does so as before.
    """
    shares = np.zeros((len(heights), len(NAMES) + 1))
    middles = np.array([ends[0] + 10.0, *((a + b) / 2 for a, b in pairwise(ends))])
    for k in range(len(NAMES) + 1):
        shares[:, k] = np.interp(-heights, -middles, np.eye(len(NAMES) + 1)[k])
    hung, chain = weights.copy(), shares[:, 1:] * weights[:, carrier, None]
    hung[:, carrier] *= shares[:, 0]
    return np.concatenate([hung, chain], 1).astype(np.float32)
