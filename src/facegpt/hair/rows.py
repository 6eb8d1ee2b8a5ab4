"""Many small ropes: locs, box braids and cornrows. Frame: head at rest, mm."""

from __future__ import annotations

import numpy as np

from facegpt.hair.body import Body
from facegpt.hair.gather import Bunch, bulged_to_tie, combed_to_tie
from facegpt.hair.lines.curls import frames
from facegpt.hair.lines.guides import Start, pushed_out, trace
from facegpt.hair.plan import inside_line
from facegpt.hair.scalp import MIDDLE, Scalp
from facegpt.types import Array, Groom

#: Ways of gathering that are made here, with the usual radius of a rope, mm.
ROPES_MM = {"locs": 3.6, "box_braids": 2.9, "cornrows": 4.2}
#: How far apart cornrows lie, degrees about an axis from the forehead to the nape, and how much that axis is tilted.
ROW_DEG, _TILT_DEG = 11.0, 28.0


def tubes(lines: Array, radius: Array, sides: int = 3) -> Bunch:
    """Ropes of radius (N,) mm about lines (N, K, 3): `sides` locks around each."""
    _, first, second = frames(np.asarray(lines, np.float64))
    share = np.linspace(0, 1, lines.shape[1])[None, :, None]
    reach = radius[:, None, None] * np.where(share > 0.9, 1 - 4 * (share - 0.9), 1.0)
    parts, outs = [], []
    for side in range(sides):
        turn = 2 * np.pi * (side + 0.25) / sides
        out = np.cos(turn) * first + np.sin(turn) * second
        parts.append(lines + 0.55 * reach * out)
        outs.append(out)
    wide = np.tile(2.6 * radius, sides)
    return Bunch(np.concatenate(parts).astype(np.float32), np.concatenate(outs), wide)


def row_of(place: Array) -> tuple[Array, Array]:
    """Angle about the axis of the rows, and along them from the forehead (N,) degrees, of places (N, 3)."""
    tilt = np.radians(_TILT_DEG)
    q = place - MIDDLE
    y, z = q[:, 1] * np.cos(tilt) - q[:, 2] * np.sin(tilt), q[:, 1] * np.sin(tilt) + q[:, 2] * np.cos(tilt)
    return np.degrees(np.arctan2(q[:, 0], y)), np.degrees(np.arctan2(np.hypot(q[:, 0], y), z))


def along_row(row_deg: float, way_deg: Array) -> Array:
    """Directions (K, 3) from the middle of the skull along a row."""
    tilt, a, t = np.radians(_TILT_DEG), np.radians(row_deg), np.radians(way_deg)
    x, y, z = np.sin(t) * np.sin(a), np.sin(t) * np.cos(a), np.cos(t)
    return np.stack([x, y * np.cos(tilt) + z * np.sin(tilt), z * np.cos(tilt) - y * np.sin(tilt)], 1)


def cornrows(groom: Groom, scalp: Scalp, body: Body, rng: np.random.Generator) -> list[Bunch]:
    """Plaits that lie on the scalp from the hairline to the nape, and hang from there."""
    radius = groom.gather_mm or ROPES_MM["cornrows"]
    angle, way = row_of(scalp.place)
    inside = inside_line(scalp.place, scalp.azimuth, scalp.inside, groom) > 1.0
    number = np.round(angle / ROW_DEG).astype(int)
    lines, ends = [], []
    for row in range(-10, 11):
        of_row = inside & (number == row)
        if of_row.sum() < 8:
            continue
        low, high = way[of_row].min(), min(float(way[of_row].max()), 168.0)
        line = combed_to_row(row * ROW_DEG, np.linspace(low, high, 30), body, 0.5 * radius)
        lines.append(line)
        ends.append((line[-1], line[-1] - line[-3]))
    on_head = bulged_to_tie(np.array(lines), groom)  # all of them end at the nape
    bunches = [tubes(on_head, np.full(len(lines), radius))]
    free = groom.back_mm - 120
    if free > 20:
        roots = np.array([end for end, _ in ends], np.float64)
        comb = np.array([d for _, d in ends], np.float64) * [0.6, 1, 0.6] + [0, -1.0, 0]
        comb /= np.linalg.norm(comb, axis=1, keepdims=True)
        full = np.ones(len(roots))
        hang = Start(
            *(roots, comb, comb, free * rng.uniform(0.85, 1.0, len(roots)), radius * (1 + rng.random(len(roots)))),
            *(30 * full, 0 * full, full, 0.5 * full),
        )
        bunches.append(
            tubes(pushed_out(trace(hang, body.distance, 24), body.distance, 1.3 * radius), 0.85 * radius * full)
        )
    return bunches


def combed_to_row(row_deg: float, way_deg: Array, body: Body, height: float) -> Array:
    """A line (K, 3) on the skin along a row."""
    towards = along_row(row_deg, way_deg)
    lines = combed_to_tie(MIDDLE + 90 * towards, towards, np.full(len(towards), height), body, 3)
    return lines[:, -1]


def ropes(groom: Groom, lines: Array, body: Body, rng: np.random.Generator) -> list[Bunch]:
    """Locs or box braids about the lines (N, K, 3) of locks."""
    radius = (groom.gather_mm or ROPES_MM[groom.gather]) * rng.uniform(0.8, 1.2, len(lines))
    out = pushed_out(lines, body.distance, 1.35 * radius)
    return [tubes(out, radius)]
