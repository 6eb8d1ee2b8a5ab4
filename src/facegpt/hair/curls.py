"""Waves, curls and frizz: what a strand does around the middle line of its lock. Lengths mm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facegpt.hair.guides import arc_mm
from facegpt.types import Array


def stretch(radius_mm: float, pitch_mm: float) -> float:
    """Length along a helix per length of its axis."""
    return float(np.hypot(1.0, 2 * np.pi * radius_mm / pitch_mm)) if radius_mm > 0 and pitch_mm > 0 else 1.0


def frames(lines: Array) -> tuple[Array, Array, Array]:
    """Tangents and two normals (N, K, 3) of lines (N, K, 3), carried along without twist (Bishop 1975)."""
    tangent = np.gradient(lines, axis=1)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=2, keepdims=True), 1e-9)
    helper = np.where(np.abs(tangent[:, 0, 1:2]) < 0.9, [[0.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])
    first = np.empty_like(tangent)
    normal = np.cross(helper, tangent[:, 0])
    for k in range(lines.shape[1]):
        normal = normal - (normal * tangent[:, k]).sum(1, keepdims=True) * tangent[:, k]
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        first[:, k] = normal
    return tangent, first, np.cross(tangent, first)


def curled(lines: Array, radius: Array, pitch: Array, phase: Array, start: float) -> NDArray[np.float32]:
    """Lines (N, K, 3) wound to helices of radius and pitch (N,) mm, from a phase (N,) radians at the root.

    The radius grows from 0 over the share `start` of each line, and over the first turn at least.
    """
    _, first, second = frames(lines)
    along = arc_mm(lines)
    turn = 2 * np.pi * along / pitch[:, None] * np.where(np.cos(7.1 * phase) > 0, 1.0, -1.0)[:, None] + phase[:, None]
    ramp = np.clip(along / np.maximum(start * along[:, -1:], 0.5 * pitch[:, None]), 0, 1)
    reach = (radius[:, None] * ramp * ramp * (3 - 2 * ramp))[..., None]
    return (lines + reach * (np.cos(turn)[..., None] * first + np.sin(turn)[..., None] * second)).astype(np.float32)


def frizzed(lines: Array, amount_mm: Array, rng: np.random.Generator) -> NDArray[np.float32]:
    """Lines (N, K, 3) bent at random, smoothly, by about amount (N,) mm at their tips; never faster than K can show."""
    count = lines.shape[1]
    share = np.linspace(0, 1, count)
    waves = [
        np.sin(2 * np.pi * (f * share + rng.random((len(lines), 3, 1)))) / f
        for f in (0.7, 1.6, 3.1)
        if 4 * f < count - 1 or f < 1
    ]
    bend = sum(waves).transpose(0, 2, 1)  # type: ignore[union-attr]
    bend = (bend - bend[:, :1]) * share[None, :, None] ** 0.7
    return (lines + amount_mm[:, None, None] * bend).astype(np.float32)
