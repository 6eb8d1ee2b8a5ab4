"""Hair as single strands, for programs that draw curves: Blender, Unreal. Head frame at rest, mm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.body import body_of
from facegpt.hair.cards import Locks
from facegpt.hair.grow import locks_of
from facegpt.hair.lines.curls import curled, frames, winds
from facegpt.hair.lines.guides import pushed_out, resampled
from facegpt.hair.plan import temple_share
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array, Groom

#: Width of a strand at its root, and at its tip, mm: wider than life, since there are fewer of them.
ROOT_MM, TIP_MM = 0.22, 0.06
#: Of hair that winds: how many more points its strands have than their locks, and what share of the radius is theirs.
FINER, OWN_RADIUS = 2, 0.5


@dataclass(frozen=True, eq=False)
class Strands:
    """S strands of K points each.

    Attributes:
        points: (S, K, 3) mm, root first. widths: (S, K) mm. chance: (S,) 0..1, uniform: which strands are grey.
        temple: (S,) 0..1, how much each is of the temples.
    """

    points: Array
    widths: Array
    chance: Array
    temple: Array


def strands(groom: Groom, model: MorphableModel, identity: Array, per_lock: int = 12) -> Strands | None:
    """Grow the strands of a groom on a person (I,): `per_lock` around the middle of each lock; None where bare."""
    made = locks_of(groom, model, identity)
    if made is None:
        return None
    rng = np.random.default_rng(groom.seed + 5)
    longest = max(locks.lines.shape[1] for locks in made.sets)
    if winds(groom):
        longest *= FINER
    points = np.concatenate([_around(locks, per_lock, longest, rng) for locks in made.sets])
    if winds(groom):
        points = pushed_out(_wound(points, groom, rng), body_of(model, identity).distance)
    widths: NDArray = np.broadcast_to(np.linspace(ROOT_MM, TIP_MM, longest), points.shape[:2])
    chance = rng.random(len(points)).astype(np.float32)
    return Strands(points, widths.astype(np.float32), chance, temple_share(points[:, 0]).astype(np.float32))


def _wound(points: Array, groom: Groom, rng: np.random.Generator) -> NDArray[np.float32]:
    """Strands (S, K, 3) wound in what of the groom's curl their locks leave to them, as the cards' pictures are."""
    count = len(points)
    radius = OWN_RADIUS * groom.curl_radius_mm * rng.uniform(0.7, 1.2, count)
    pitch = groom.curl_pitch_mm * rng.uniform(0.9, 1.1, count)
    hand = np.where(rng.random(count) < 0.5, -1.0, 1.0)
    wound, _ = curled(points, radius, pitch, rng.uniform(0, 2 * np.pi, count), groom.curl_start, hand)
    return wound


def _around(locks: Locks, per_lock: int, points: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Strands (N * per_lock, points, 3) around the middle lines of N locks, which are flat."""
    lines = resampled(locks.lines, np.ones(len(locks.width)), points).astype(np.float64)
    out = resampled(locks.out, np.ones(len(locks.width)), points)
    tangent, _, _ = frames(lines)
    across = np.cross(out, tangent)
    across /= np.maximum(np.linalg.norm(across, axis=2, keepdims=True), 1e-6)
    share = np.linspace(0, 1, points)[None, None, :]
    narrow = 1 + (locks.narrow[:, None, None] - 1) * share
    place = rng.uniform(-0.5, 0.5, (2, len(lines), per_lock, 1)) * locks.width[:, None, None] * narrow
    moved = place[0][..., None] * across[:, None] + 0.08 * place[1][..., None] * out[:, None]
    return (lines[:, None] + moved).reshape(-1, points, 3).astype(np.float32)
