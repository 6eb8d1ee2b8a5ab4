"""A hand that comes before a face for a while and goes again: what a camera sees of it, and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.conventions import linear_to_srgb
from facegpt.types import Array, Mesh
from facegpt_lab.synthesis.studio.props import occluder
from facegpt_lab.synthesis.studio.records import Cloth, Occluder

#: How far in front of the face a hand is held, mm, and its size beside a grown man's.
LIFT_MM, SIZE = 45.0, 0.9


@dataclass(frozen=True)
class Wave:
    """When and where a hand is before the face.

    Attributes:
        first, last: frames in which it comes and is gone. side_mm, up_mm: where its fingertips point, from the nose.
        turn_deg: of the arm in the image; 0 comes from below. colour: linear RGB of its skin.
    """

    first: int
    last: int
    side_mm: float
    up_mm: float
    turn_deg: float
    colour: tuple[float, float, float]


def random_wave(frames: int, rest: int, random: np.random.Generator) -> Wave:
    """A hand over the mouth, a cheek or an eye, from below or from the side, for a third of the moving part."""
    length = (frames - rest) // 3
    first = rest + int(random.integers(10, max(11, frames - rest - length - 5)))
    tone = np.array([0.42, 0.24, 0.17]) * random.uniform(0.3, 1.2)
    side, up = random.uniform(-30, 30), random.uniform(-45, 25)
    turn = float(random.uniform(-60, 60))
    return Wave(first, first + length, float(side), float(up), turn, tuple(tone.tolist()))  # type: ignore[arg-type]


def hand_at(wave: Wave, frame: int, nose: Array) -> Mesh | None:
    """The hand in a frame, camera frame in mm, for a nose tip (3,) there; None while it is away."""
    if not wave.first <= frame < wave.last:
        return None
    share = np.clip(min(frame - wave.first, wave.last - 1 - frame) / 8.0, 0, 1)
    away = (1 - (0.5 - 0.5 * np.cos(np.pi * share))) * 260.0
    turn = np.radians(wave.turn_deg)
    arm = np.array([-np.sin(turn), np.cos(turn), 0.0])  # y down
    place = np.asarray(nose, np.float64) + [wave.side_mm, -wave.up_mm, 0.0] + away * arm
    cloth = Cloth(wave.colour, wave.colour, "plain", 10.0, 0.03)
    look = Occluder("hand", 0.5, LIFT_MM, wave.turn_deg, 0.0, (SIZE, SIZE, SIZE), cloth, (0.5, 0.3, 0.5))
    pieces = occluder(look, place)
    offsets = np.cumsum([0, *(len(piece.vertices) for piece in pieces)])
    vertices = np.concatenate([piece.vertices for piece in pieces])
    triangles = np.concatenate([p.triangles + start for p, start in zip(pieces, offsets, strict=False)]).astype(
        np.int32
    )
    part, texture = np.zeros(len(triangles), np.uint8), np.full((4, 4, 4), 255, np.uint8)
    texture[..., :3] = np.round(255 * linear_to_srgb(np.array(wave.colour)))
    return Mesh(vertices, triangles, np.full((1, 2), 0.5), np.zeros_like(triangles), part, ("skin",), texture)
