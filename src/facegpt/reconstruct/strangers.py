"""Photos of somebody else among those of one person: told apart by the recognition network, before anything is fitted.

A head that two people share is neither's. Bounds are those of the network's own papers and users (0.6 between two
photos of one person) with room for years, beards and make-up; a turned or half-hidden face is never called a stranger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import euler_deg_from_rotation
from facegpt.fitting.mediapipe_points import SURFACE
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.types import Array, DensePoints

#: Descriptors nearer than this are of one person; from OTHER on of two, in faces turned by less than so many degrees
#: of which so much is seen.
SAME, OTHER, TURNED_DEG, SHOWN = 0.6, 0.7, 40.0, 0.6


@dataclass(frozen=True)
class Stranger:
    """A photo that shows somebody else: its row, and how far its descriptor is from the nearest of the person's."""

    row: int
    distance: float


def strangers(descriptors: Array, sizes: Array, judged: NDArray[np.bool_]) -> list[Stranger]:
    """Who is not the person that most photos show; [] where all may be.

    The person is whoever has the most photos within SAME of one of them; of as many, whoever is seen larger.

    Args:
        descriptors: (N, 128).
        sizes: (N,) pixels of the faces.
        judged: (N,) whether a face is seen well enough.
    """
    rows = np.flatnonzero(judged)
    if len(rows) < 2:
        return []
    told = np.asarray(descriptors, np.float64)[rows]
    apart = np.linalg.norm(told[:, None] - told[None], axis=2)
    near = (apart < SAME).sum(1)
    person = max(range(len(rows)), key=lambda k: (near[k], sizes[rows[k]]))
    own = apart[person] < SAME
    far = apart[:, own].min(1)
    return [Stranger(int(rows[k]), float(far[k])) for k in np.flatnonzero(far >= OTHER)]


def strangers_among(seen: Sequence[SeenFace]) -> list[Stranger]:
    """`strangers` of faces that were looked at; [] where the landmark network gives no descriptors."""
    descriptors = [_descriptor(one) for one in seen]
    if any(one is None for one in descriptors):
        return []
    sizes = np.array([float(np.ptp(one.detection.points[:, 0])) for one in seen])
    return strangers(np.stack(descriptors), sizes, np.array([_seen_well(one) for one in seen]))  # type: ignore[arg-type]


def other_people(names: Sequence[str], found: Sequence[Stranger]) -> list[str]:
    """A sentence for each photo of somebody else. names: of all photos."""
    return [
        f"{names[one.row]} looks like somebody else ({one.distance:.2f} from the person of the other photos; one "
        f"person's photos are mostly less than {SAME} apart), so it was left out"
        for one in found
    ]


def _descriptor(one: SeenFace) -> Array | None:
    dense = one.dense
    return dense.belief.descriptor if isinstance(dense, DensePoints) and dense.belief is not None else None


def _seen_well(one: SeenFace) -> bool:
    yaw, pitch, _ = euler_deg_from_rotation(np.asarray(one.detection.rotation, np.float64))
    shown = 1.0 if one.dense is None else float(np.asarray(one.dense.visible)[:SURFACE].mean())
    return bool(np.hypot(yaw, pitch) < TURNED_DEG and shown > SHOWN)
