"""Locks as cards: curved strips along middle lines, with normals, tangents and places in the atlas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.atlas import HEIGHT, STRIP, WIDTH
from facegpt.hair.plan import temple_share
from facegpt.morphable.proxies import RestProxy
from facegpt.types import Array

#: How wide a card is at its root, as a share, and how fast it widens: wide ones make a polygon of a crown's outline.
ROOT_WIDTH, WIDENS = 0.65, 2.5
#: How far the normals at a card's sides lean outward, as a tangent.
ROUND = 0.3
#: The shares of a card's length between which it turns to its roll.
ROLLED = (0.2, 0.6)


@dataclass(frozen=True, eq=False)
class Cards:
    """Strips as triangles (P vertices, F triangles), mm.

    Attributes:
        vertices, normals, tangents: (P, 3); tangents are unit and run from the root to the tip.
        uv: (P, 2). triangles: (F, 3) int32. lock: (P,) number of the lock.
    """

    vertices: Array
    normals: Array
    tangents: Array
    uv: Array
    triangles: NDArray[np.int32]
    lock: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Locks:
    """N middle lines and how their cards look.

    Attributes:
        lines: (N, K, 3) mm. out: (N, K, 3) unit, away from the head. width: (N,) mm. strip: (N,) of the atlas.
        roll: (N,) radians about the line. narrow: (N,) width at the tip over that at the root.
        light: (N, K) what locks close by do to the light, 1 on average; or (1, 1) for all.
    """

    lines: Array
    out: Array
    width: Array
    strip: NDArray[np.integer]
    roll: Array
    narrow: Array
    light: Array = field(default_factory=lambda: np.ones((1, 1)))


def in_mirror(locks: Locks) -> Locks:
    """The same locks on the other side of the head."""
    turned = np.array([-1, 1, 1], np.float32)
    return replace(locks, lines=locks.lines * turned, out=locks.out * turned, roll=-locks.roll)


def cards_of(locks: Locks, flipped: NDArray[np.bool_]) -> Cards:
    """Make the strips of N locks; `flipped` (N,) shows the strip's mirror image."""
    count, points = locks.lines.shape[:2]
    tangent = np.gradient(locks.lines, axis=1)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=2, keepdims=True), 1e-9)
    out = locks.out - (locks.out * tangent).sum(2, keepdims=True) * tangent
    out /= np.maximum(np.linalg.norm(out, axis=2, keepdims=True), 1e-6)
    across = np.cross(out, tangent)
    share = np.linspace(0, 1, points)[None, :, None]
    roll = locks.roll[:, None, None] * np.clip(
        (share - ROLLED[0]) / (ROLLED[1] - ROLLED[0]), 0, 1
    )  # rolled crowns have teeth
    across, face = across * np.cos(roll) + out * np.sin(roll), out * np.cos(roll) - across * np.sin(roll)
    half = 0.5 * locks.width[:, None, None] * (1 + (locks.narrow[:, None, None] - 1) * share)
    half = half * np.minimum(1.0, ROOT_WIDTH + WIDENS * share)
    sides = np.stack([-across, across], 2) * half[:, :, None]
    vertices = locks.lines[:, :, None] + sides
    # Shaded as if a lock were round, and mostly as the head is: single cards would glitter.
    normals = (0.75 * out + 0.25 * face)[:, :, None] + ROUND * np.stack([-across, across], 2)
    normals /= np.linalg.norm(normals, axis=3, keepdims=True)
    left = (locks.strip * STRIP + 1.0) / WIDTH
    right = ((locks.strip + 1) * STRIP - 1.0) / WIDTH
    left, right = np.where(flipped, right, left), np.where(flipped, left, right)
    v = 1 - (0.5 + share[..., 0] * (HEIGHT - 1)) / HEIGHT
    u = np.stack([left, right], 1)[:, None, :]
    uv = np.stack([np.broadcast_to(u, (count, points, 2)), np.broadcast_to(v[..., None], (count, points, 2))], -1)
    return Cards(
        *(vertices.reshape(-1, 3).astype(np.float32), normals.reshape(-1, 3).astype(np.float32)),
        *(np.repeat(tangent.reshape(-1, 3), 2, 0).astype(np.float32), uv.reshape(-1, 2).astype(np.float32)),
        *(_strip_triangles(count, points), np.repeat(np.arange(count, dtype=np.int32), 2 * points)),
    )


def _strip_triangles(count: int, points: int) -> NDArray[np.int32]:
    """Two triangles a piece, counter-clockwise from outside: viewers turn the normals of a card's other side round."""
    k = np.arange(points - 1) * 2
    one = np.concatenate([np.stack([k, k + 2, k + 1], 1), np.stack([k + 1, k + 2, k + 3], 1)])
    return (one[None] + np.arange(count)[:, None, None] * 2 * points).reshape(-1, 3).astype(np.int32)


def joined(parts: list[Cards]) -> Cards:
    """Several sets of cards as one."""
    shift = np.cumsum([0, *(len(part.vertices) for part in parts)])[:-1]
    locks = np.cumsum([0, *(int(part.lock.max(initial=-1)) + 1 for part in parts)])[:-1]
    vertices, normals, tangents, uv = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("vertices", "normals", "tangents", "uv")
    )
    triangles = np.concatenate([part.triangles + step for part, step in zip(parts, shift, strict=True)])
    lock = np.concatenate([part.lock + step for part, step in zip(parts, locks, strict=True)])
    return Cards(vertices, normals, tangents, uv, triangles.astype(np.int32), lock.astype(np.int32))


def proxy_of(cards: Cards, light: Array, dimmest: float, **given: Any) -> RestProxy:
    """Cards as a proxy that the head's joint carries.

    Args:
        cards: P vertices.
        light: (P + V,) how far the vertices of the cards, then those of the head, are open to the light.
        dimmest: the share of the light that reaches the head where it is not open at all.
        given: the other fields of RestProxy.
    """
    own, of_head = np.split(light, [len(cards.vertices)])
    return RestProxy(
        vertices=cards.vertices,
        normals=cards.normals,
        triangles=cards.triangles,
        uv=cards.uv,
        uv_triangles=cards.triangles,
        joint="head",
        glass=False,
        open_to_light=own,
        head_open_to_light=dimmest + (1 - dimmest) * of_head,
        tangents=cards.tangents,
        **given,
    )


def with_temples(cards: Cards, sets: Sequence[Locks], rng: np.random.Generator) -> Cards:
    """Cards that show the left half of the picture (`picture_of`), or the right one if they lie at the temples."""
    share = np.concatenate(
        [temple_share(locks.lines[:, 0]) * temple_share(locks.lines[:, locks.lines.shape[1] // 2]) for locks in sets]
    )
    grey = rng.random(len(share)) < share
    u = 0.5 * (cards.uv[:, 0] + grey[cards.lock])
    return replace(cards, uv=np.stack([u, cards.uv[:, 1]], 1).astype(np.float32))
