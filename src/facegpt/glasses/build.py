"""A frame's parts made for one head: rims, bridge, pads, hinges, temples and lenses. Head frame, mm."""

from __future__ import annotations

import numpy as np

from facegpt.glasses.fit import Front, Wearer, pushed_out
from facegpt.glasses.frames import ACETATE, TEMPLE_MM
from facegpt.glasses.pieces import Piece, bar, ellipsoid, lofted, profile, smooth_path
from facegpt.types import Array

#: Half sizes of temples across and in height, mm, at the hinge, at the ear and at the tip.
TEMPLES = {ACETATE: ((1.5, 2.4), (1.1, 1.5), (1.0, 2.0)), "metal": ((0.7, 1.1), (0.7, 0.9), (1.0, 1.6))}
#: Where temples join fitted rims of acetate, v; their half height by the upper rim's width, the least and the most of
#: it, mm, and how much higher they begin at the rim.
HINGE, HIGH_BY_RIM, BEGINS_HIGHER = 0.62, (0.72, 1.5, 3.6), 1.35
#: Radius of the bend behind the ear, and how steeply the tip then falls.
BEND_MM, FALL_DEG = 16.0, 52.0
#: Shortest tip behind the bend, mm.
SHORTEST_TIP_MM = 26.0
#: Half sizes of a pad: along the nose, across, thick.
PAD_MM = (5.2, 3.0, 0.9)
#: Rims and bridges of acetate are cut from a sheet: sides of their profile, and the power of its corners.
FLAT = (14, 5.0)
#: Half height of a bridge of acetate by the wider rim, the least and the most of it, mm; how much higher it is at its
#: ends, where it grows into the rims.
SADDLE_BY_RIM, SADDLE_MM, INTO_RIMS = 0.8, (1.6, 2.8), 1.2
#: How far rims reach over the lens, and the width of an edge of glass, mm.
INSIDE_MM, EDGE_MM = 0.15, 0.35
_MIRROR = np.array([-1.0, 1.0, 1.0])
_SIDES = (("left", 1.0), ("right", -1.0))


def parts_of(front: Front, wearer: Wearer) -> list[Piece]:
    """All parts of glasses on a head."""
    found: list[Piece] = []
    for side, sign in _SIDES:
        found += [_mirrored(piece, sign) for piece in (*_rim(front, side), _lens(front, side))]
        found += _temple(front, wearer, side, sign)
        found += _pad(front, wearer, side, sign)
    return [*found, *_bridges(front, wearer)]


def _mirrored(piece: Piece, sign: float) -> Piece:
    if sign > 0:
        return piece
    return Piece(piece.name, piece.surface, piece.vertices * _MIRROR, piece.triangles[:, ::-1])


def _rim(front: Front, side: str) -> list[Piece]:
    """The left rim, as wide as `front.rims`; where a lens has none, its thin edge of glass shows instead."""
    half_rim = not front.rim_mm[0] and max(front.rim_mm) > 0
    if not max(front.rim_mm):
        ring, width = profile(6, 2.0) * [1.0, 0.8], np.full(len(front.edge), EDGE_MM)
    else:
        ring = (profile(10, 3.2) if front.wired else profile(*FLAT)) * [1.0, front.depth_mm / 2]
        width = np.maximum(front.rims, EDGE_MM)
    across = width / 2 - INSIDE_MM + width / 2 * ring[:, :1]  # (K, N): from just inside the lens' edge outward
    points = front.edge + front.outward * across[..., None]
    deep = np.broadcast_to(ring[:, 1:], across.shape)
    if front.style == "browline" or half_rim:
        deep = deep * np.clip(front.rims / max(front.rim_mm[1], 1e-6), 0.45, 1.0)
    rings = front.place(points, deep).transpose(1, 0, 2)
    if not max(front.rim_mm):
        return [lofted(f"{side}_rim", "lens_edge", rings, closed=True)]
    ends = EDGE_MM if half_rim else (front.rim_mm[0] + front.rim_mm[1]) / 2
    bar_there = front.rims > ends
    if not (front.style == "browline" or half_rim) or bar_there.all() or not bar_there.any():
        return [lofted(f"{side}_rim", "frame", rings, closed=True)]
    first = int(np.flatnonzero(bar_there & ~np.roll(bar_there, 1))[0])  # the rim above, and what holds the lens below
    rings, count = np.roll(rings, -first, axis=0), int(bar_there.sum())
    below = np.concatenate([rings[count - 1 :], rings[:1]])
    name, surface = ("edge", "lens_edge") if half_rim else ("wire", "metal")
    above = lofted(f"{side}_rim", "frame", rings[:count], closed=False)
    return [above, lofted(f"{side}_{name}", surface, below, closed=False)]


def _lens(front: Front, side: str) -> Piece:
    """The left lens, one layer, seen from both sides."""
    middle, steps = np.array([front.middle, 0.0]), np.linspace(0, 1, 7)[1:]
    rings = middle + steps[:, None, None] * (front.edge - middle)
    count = len(front.edge)
    points = np.concatenate([front.place(middle)[None], front.place(rings).reshape(-1, 3)])
    turn = np.arange(count)
    after = (turn + 1) % count
    faces = [np.stack([0 * turn, 1 + turn, 1 + after], 1)]
    for k in range(len(steps) - 1):
        a, b = 1 + k * count + turn, 1 + k * count + after
        faces += [np.stack([a, a + count, b + count], 1), np.stack([a, b + count, b], 1)]
    return Piece(f"{side}_lens", "lenses", points, np.concatenate(faces).astype(np.int32))


def _bridges(front: Front, wearer: Wearer) -> list[Piece]:
    """What joins the rims: one bar over the nose, or two."""
    frame = front.frame
    half = np.array((0.9, 1.1) if front.style == "browline" else (0.85, 0.85))
    if not front.wired:
        half = np.array([front.depth_mm / 2, np.clip(SADDLE_BY_RIM * max(front.rim_mm), *SADDLE_MM)])
    found = [_bridge(front, wearer, frame.bridge, frame.rise_mm, half)]
    if frame.bars > 1:
        found.append(_bridge(front, wearer, 0.86, 0.5, half))
    return found


def _bridge(front: Front, wearer: Wearer, height: float, rise: float, half: Array) -> Piece:
    """A bar between the rims at the height `height` (v), before the skin of the nose: of acetate it grows into them."""
    v = height * front.height_mm / 2
    nasal = front.edge[:, 0] < front.middle
    start = float(np.interp(v, *_sorted(front.edge[nasal][:, 1], front.edge[nasal][:, 0])))
    grow = float(np.interp(v, *_sorted(front.edge[nasal][:, 1], front.rims[nasal])))
    share = np.linspace(-1, 1, 25)
    u = share * (start - 0.5 * grow)
    lift = rise * (1 - share**2)
    path = front.place(np.stack([u, v + lift], 1), bulge=False)
    ends = front.place(np.stack([u, v + lift], 1))[[0, -1]]
    path += (ends[0] - path[0]) * np.abs(share)[:, None] ** 2 * [0, 1, 1]
    freed = pushed_out(wearer.skin, path[3:-3], half[0] + 0.5, np.array([0.0, 0.0, 1.0]))
    forward = float((freed - path[3:-3])[:, 2].max())
    path[:, 2] += forward * (1 - share**4)
    path = 0.5 * (path + path[::-1] * _MIRROR)
    up = (0.0, 1.0, 0.0)
    if front.wired:
        return bar("bridge", "metal", path, half, up, power=2.6)
    size = half * np.stack([np.ones(len(share)), 1 + INTO_RIMS * share**4], 1)
    return bar("bridge", "frame", path, size, up, *FLAT)


def _sorted(x: Array, y: Array) -> tuple[Array, Array]:
    order = np.argsort(x)
    return x[order], y[order]


def _pad(front: Front, wearer: Wearer, side: str, sign: float) -> list[Piece]:
    """A pad on the nose's flank, and what holds it."""
    flank, normal = _flank(front, wearer, sign)
    metal = front.wired
    size = np.array(PAD_MM) * (1.0 if metal else 0.8)
    down = np.array([0.0, -1.0, 0.35])  # a nose's flank runs down and forward
    long = down - (down @ normal) * normal
    long /= np.linalg.norm(long)
    axes = np.stack([long * size[0], np.cross(normal, long) * size[1], normal * size[2]])
    middle = flank + normal * (size[2] + 0.15)
    pad = ellipsoid(f"{side}_pad", "pads" if metal else "frame", middle, axes)
    rim = _nearest_of_rim(front, middle, sign, -0.2 if metal else -0.4)
    if metal:
        out = np.array([sign * 0.6, 0.0, -0.8])
        path = smooth_path(np.stack([rim, rim + 2.5 * out, middle + normal * 2.0, middle + normal * 0.5]), 16)
        path[2:] = pushed_out(wearer.skin, path[2:], 0.7, normal)
        return [pad, bar(f"{side}_pad_arm", "metal", path, (0.45, 0.45), (0.0, 1.0, 0.0), sides=6)]
    path = np.linspace(rim, middle, 6)
    half = np.linspace(1.1, 0.8, 6)[:, None] * [1.0, 2.2]
    path = pushed_out(wearer.skin, path, half[:, 0] + 0.5, normal)
    return [pad, bar(f"{side}_pad_arm", "frame", path, half, (0.0, 1.0, 0.0), sides=8)]


def _flank(front: Front, wearer: Wearer, sign: float) -> tuple[Array, Array]:
    """The place (3,) on the nose's flank where a pad rests, and the skin's normal there."""
    frame_z = front.place(np.array([front.bridge_mm / 2, -2.0]))
    goal = np.array([frame_z[1] - (4.0 if front.wired else 2.0), frame_z[2] - 4.0])
    points, normals = wearer.skin.points, wearer.skin.normals
    kept = (points[:, 0] * sign > 3.0) & (points[:, 0] * sign < 20.0) & (normals[:, 0] * sign > 0.35)
    kept &= np.abs(points[:, 1] - goal[0]) < 12.0
    away = np.linalg.norm(points[kept][:, 1:] - goal, axis=1)
    row = np.flatnonzero(kept)[int(away.argmin())]
    near = np.linalg.norm(points - points[row], axis=1) < 4.0
    normal = normals[near & kept].mean(0)
    return points[row], normal / np.linalg.norm(normal)


def _nearest_of_rim(front: Front, place: Array, sign: float, deep: float) -> Array:
    """The point inside a rim, `deep` of its depth before its middle, that is nearest to a place (3,)."""
    edge = front.edge + front.outward * front.rims[:, None] * 0.5
    rims = front.place(edge, deep * front.depth_mm) * [sign, 1.0, 1.0]
    return np.asarray(rims[int(np.linalg.norm(rims - place, axis=1).argmin())])


def _temple(front: Front, wearer: Wearer, side: str, sign: float) -> list[Piece]:
    """The temple of a side with its end piece, from the rim to behind the ear, and the hinge."""
    frame = front.frame
    sizes = np.array(TEMPLES[ACETATE if not front.metal else "metal"])
    crease = wearer.creases[0 if sign > 0 else 1] * [sign, 1.0, 1.0]  # everything on the left
    thick = bool(front.lens) and not front.metal
    if thick:
        factor, least, most = HIGH_BY_RIM
        sizes[0, 1] = np.clip(factor * max(front.rim_mm), least, most)
    v = (HINGE if thick else frame.hinge) * front.height_mm / 2
    if thick and front.corner_mm is not None:  # an end piece goes on from the upper edge
        v = max(v, front.corner[1] - sizes[0, 1])
    temporal = front.edge[:, 0] > front.middle
    heights = v - np.array([0.0, BEGINS_HIGHER * sizes[0, 1] if thick else 0.0])  # nothing of it lies before the lens
    u = float(np.interp(heights, *_sorted(front.edge[temporal][:, 1], front.edge[temporal][:, 0])).max())
    start = front.place(np.array([u + (0.3 if thick else -0.3), v]))
    corner = front.place(np.array([front.half_mm, v]))
    top = crease[:, 1].max() + sizes[1, 1] + 1.2
    root = np.array([crease[-1, 0], top, crease[-1, 2] + 3.0])
    hinge = corner + np.array([0.5, 0.0, -7.0])
    path = _to_the_ear(wearer, hinge, root, sign, sizes[1, 0])
    tip = _tip(root, path[-1], float(np.linalg.norm(root - hinge)) + 7.0)
    tip[1:] = _off_the_skull(wearer, tip[1:], sign, sizes[2, 0])
    whole = np.concatenate([start[None], corner[None], path, tip[1:]])
    line = smooth_path(whole, 72)
    line = _between(wearer, line, sign, sizes[2, 0])
    share = np.clip((corner[2] - line[:, 2]) / max(corner[2] - root[2], 1.0), 0, None)
    half = np.stack([np.interp(share, [0.0, 1.0, 1.35], sizes[:, k]) for k in range(2)], 1)
    half[0] = half[1] = [min(sizes[0, 0], front.depth_mm / 2), sizes[0, 1]]
    if thick:
        half[:3, 1] *= np.linspace(BEGINS_HIGHER, 1.0, 3)
    surface = "metal" if front.metal and front.style != "browline" else "frame"
    pieces = [bar(f"{side}_temple", surface, line, half, (0.0, 1.0, 0.0), sides=8, power=3.0)]
    barrel = corner + np.array([[-1.6, -2.2, -5.0], [-1.6, 2.2, -5.0]])
    pieces.append(
        bar(f"{side}_hinge", "metal", np.linspace(barrel[0], barrel[1], 4), (0.9, 0.9), (0.0, 0.0, 1.0), sides=8)
    )
    return [_mirrored(piece, sign) for piece in pieces]


def _to_the_ear(wearer: Wearer, hinge: Array, root: Array, sign: float, half: float) -> Array:
    """The straight part of a left temple (N, 3), bowed outward where the head is wider than a line to the ear."""
    share = np.linspace(0, 1, 24)[:, None]
    line = hinge + share * (root - hinge)
    freed = _off_the_skull(wearer, line, sign, half)
    bow: Array = np.clip(freed[:, 0] - line[:, 0], 0, None)
    smooth = np.convolve(np.pad(_ceiling(bow), 3, mode="edge"), np.full(7, 1 / 7), "valid")
    line[:, 0] += np.maximum(smooth, bow)
    return line


def _ceiling(values: Array) -> Array:
    """The lowest concave curve (N,) over values (N,): a rod bowed around them."""
    hull: list[int] = []
    for k in range(len(values)):
        while len(hull) > 1:
            a, b = hull[-2], hull[-1]
            if (values[b] - values[a]) * (k - a) > (values[k] - values[a]) * (b - a):
                break
            hull.pop()
        hull.append(k)
    return np.interp(np.arange(len(values)), hull, values[hull])


def _off_the_skull(wearer: Wearer, path: Array, sign: float, half: float) -> Array:
    """A left path (N, 3) moved outward until the skin of that side is free of it."""
    there = path * [sign, 1.0, 1.0]
    return pushed_out(wearer.skin, there, half + 0.35, np.array([sign, 0.0, 0.0])) * [sign, 1.0, 1.0]


def _between(wearer: Wearer, path: Array, sign: float, half: float) -> Array:
    """A left path (N, 3) moved off the back of an ear by half of what is missing: the skull takes the other half."""
    away, normal = wearer.skin.look(path * [sign, 1.0, 1.0])
    ear = normal[:, 0] * sign < -0.05
    return path - np.where(ear, np.clip(half - away, 0, 2 * half) / 2, 0.0)[:, None] * [1.0, 0.0, 0.0]


def _tip(root: Array, last: Array, so_far: float) -> Array:
    """The bend and the tip of a left temple (N, 3), of a length that temples are sold in."""
    whole = float(np.clip(np.ceil((so_far + SHORTEST_TIP_MM) / 5) * 5, *TEMPLE_MM))
    turn = np.radians(np.linspace(0, FALL_DEG, 9))
    bend = np.stack([0 * turn, -BEND_MM * (1 - np.cos(turn)), -BEND_MM * np.sin(turn)], 1)
    rest = max(whole - so_far - BEND_MM * np.radians(FALL_DEG), 12.0)
    straight = np.linspace(0, rest, 9)[1:, None] * [0.0, -np.sin(np.radians(FALL_DEG)), -np.cos(np.radians(FALL_DEG))]
    return np.asarray(np.array([last[0], root[1], root[2]]) + np.concatenate([bend, bend[-1] + straight]))
