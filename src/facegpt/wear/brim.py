"""The brim of a hat or the visor of a cap: a thin sheet around the edge of the crown. Frame: head, mm.

A brim starts at the cloth's edge and goes outward in the plane that fits this edge best. `Headwear.brim_mm` is its
width and `Headwear.brim_rise` how far its rim lies above that plane, mm a mm of width, at even turns around.
"""

from __future__ import annotations

import numpy as np

from facegpt.types import Array, Headwear
from facegpt.wear.shell import HEM_MM, MIDDLE, OFF_SKIN_MM, Shell, Underneath, at_turns, directions_of, edge_of, quads

#: Rows of a brim from the crown to its rim; how thick it is, mm; where it starts below the cloth, mm.
ROWS, THICK_MM, START_MM = 5, 2.4, 2.0
#: Row of the cloth's picture that brims show, 0 at the pole, 1 at the edge: above its band. Peaks show the last rows,
#: this share of all.
PICTURE, PEAK_ROWS = 0.5, 0.028

#: How much peaks go outward, as brims do, rather than ahead; how far they come down at their sides, mm, and where.
RADIAL, ARCHED_MM, ARCHED_AT_MM = 0.3, 10.0, 65.0


def brim_width_mm(look: Headwear, turn: Array) -> Array:
    """How wide the brim is (...), mm; 0 for headwear without one."""
    return at_turns(look.brim_mm or (0.0,), turn)


def is_peak(look: Headwear) -> bool:
    """Whether headwear has a brim in front only."""
    return bool(look.brim_mm) and min(look.brim_mm) == 0


def root_of(look: Headwear, below: Underneath, turn: Array) -> tuple[Array, Array, Array]:
    """Where a brim starts (N, 3) at turns (N,), and the plane that fits this best: its middle and its upper normal."""
    edge = edge_of(look, turn)
    reach = below.skin_mm(edge, turn) + OFF_SKIN_MM + HEM_MM - START_MM
    root = MIDDLE + reach[:, None] * directions_of(look.kind, edge, turn)
    centre = root.mean(0)
    up = np.linalg.svd(root - centre)[2][2]
    return root, centre, up * np.sign(up[1] if up[1] else 1.0)


def brim_places(look: Headwear, below: Underneath, turn: Array, rows: int = ROWS) -> Array:
    """The middle of a brim (rows, N, 3) at turns (N,), from the crown to the rim."""
    root, centre, up = root_of(look, below, turn)
    out = root - centre
    out -= (out @ up)[:, None] * up
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
    width, share = brim_width_mm(look, turn)[:, None], np.linspace(0, 1, rows)[:, None, None]
    rise = at_turns(look.brim_rise or (0.0,), turn)[:, None]
    if not is_peak(look):
        return np.asarray(root + width * (share * out + share**2 * rise * up))
    ahead = (width * out).sum(0)
    ahead /= max(float(np.linalg.norm(ahead)), 1e-9)
    out = RADIAL * out + (1 - RADIAL) * ahead
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
    aside = (root - centre) @ np.cross(up, ahead)
    arched = ARCHED_MM * np.clip(aside / ARCHED_AT_MM, -1.5, 1.5)[:, None] ** 2 * np.clip(width / ARCHED_MM, 0, 1)
    return np.asarray(root + width * (share * out + share**2 * rise * up) - share * arched * up)


def with_brim(look: Headwear, below: Underneath, crown: Shell, columns: int) -> Shell:
    """The crown's mesh (`shell.shell`) with its brim: an upper and a lower side that meet at the rim."""
    if not look.brim_mm:
        return crown
    vertices, triangles, uv, corners = crown
    turn = np.arange(columns) / columns
    middle = brim_places(look, below, turn)
    across = np.cross(np.gradient(middle, axis=0), np.roll(middle, -1, 1) - np.roll(middle, 1, 1))
    across /= np.maximum(np.linalg.norm(across, axis=2, keepdims=True), 1e-9)
    across *= np.sign(across[..., 1:2])
    thick = 0.5 * THICK_MM * np.linspace(1, 0.4, ROWS)[:, None, None]
    sheet = np.concatenate([middle + thick * across, (middle - thick * across)[::-1]])
    rows = len(sheet)
    own = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns) + len(vertices)
    wide = np.hstack([own, own[:, :1]])
    corner = np.arange(rows * (columns + 1), dtype=np.int32).reshape(rows, columns + 1) + len(uv)
    around = np.broadcast_to(np.linspace(0, 1, columns + 1), corner.shape)
    row = 1 - PEAK_ROWS / 2 if is_peak(look) else PICTURE
    own_uv = np.stack([around, np.full(corner.shape, 1 - row)], -1)
    kept = brim_width_mm(look, turn) + brim_width_mm(look, turn + 1 / columns) > 1.0
    return (
        np.concatenate([vertices, sheet.reshape(-1, 3)]),
        np.concatenate([triangles, quads(wide, kept)]),
        np.concatenate([uv, own_uv.reshape(-1, 2)]),
        np.concatenate([corners, quads(corner, kept)]),
    )
