"""What hair lies on: the signed distance from a person's skin and shoulders. Head frame, mm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.bust.worn import Bust, bust_of
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.closest_point import closest_weights
from facegpt.morphable.normals import vertex_normals
from facegpt.render import channels
from facegpt.render.scalar import INLINE, KERNEL, LOOSE
from facegpt.types import Array

#: The box in which hair meets the body, its step, and how far from the skin distances are exact.
LOW, HIGH, STEP, BAND = (-170.0, -260.0, -170.0), (170.0, 185.0, 170.0), 5.0, 15.0
#: Steps of the grid from one place to the next at which the smooth shoulders are measured; they begin below this, mm.
COARSE, SHOULDERS_MM = 4, -80.0
#: How far the shirt's band lies outside the skin of the neck, mm, and over what height hair comes to lie on it, mm.
BAND_MM, ONTO_BAND_MM = 5.0, 8.0
#: Hair slips off a shoulder to the front or the back: for it the ridge has a roof, so high and reaching so far, mm.
ROOF_MM, ROOF_REACH_MM = 14.0, 45.0
#: For the same reason the ridge does not slope outward: at these distances from the middle is what these have, mm.
LEVEL_MM = (0.0, 50.0, 70.0, 90.0, 125.0, 500.0), (0.0, 50.0, 82.0, 88.0, 66.0, 66.0)

#: Landmarks that tell where an ear is: its top, lobe, front, back and outermost place.
EAR_POINTS = "superaurale", "subaurale", "preaurale", "postaurale", "ear_edge"


@dataclass(frozen=True, eq=False)
class Body:
    """The skin and eyes of one person at rest, and the signed distances that keep hair outside.

    Attributes:
        vertices: (V, 3) mm. normals: (V, 3). swell: (V,) how far a unit moves the skin outward at most, mm.
        triangles: (F, 3) of the skin.
        eyes: (E, 3) middles of the eyeballs; none where a model has none.
        ears: (E, 5, 3) EAR_POINTS of the left and the right ear; none where a model tells none.
        distance: (X, Y, Z) float32 mm from the swollen skin, negative inside; cell (i, j, k) at LOW + STEP · (i, j, k).
    """

    vertices: Array
    normals: Array
    swell: Array
    triangles: NDArray[np.int32]
    eyes: Array
    ears: Array
    distance: Array


def body_of(model: MorphableModel, identity: Array, mirrored: bool = False, swells: bool = True) -> Body:
    """The body of a person (I,), or of its mirror image; the last ones are kept.

    swells: keep hair off the skin as far as units move it outward; hair that moves with its skin need not be.
    """
    return _body(model, np.asarray(identity, np.float32).tobytes(), mirrored, swells)  # type: ignore[arg-type]


@lru_cache(maxsize=8)
def _body(model: MorphableModel, identity: bytes, mirrored: bool, swells: bool) -> Body:
    if mirrored:
        return _in_mirror(_body(model, identity, False, swells), model.mirror)  # type: ignore[arg-type]
    z = np.frombuffer(identity, np.float32)
    vertices = model.mean_vertices + np.tensordot(z, model.identity_basis, 1)
    units = model.units_of(z) if hasattr(model, "units_of") else model.expression_basis
    skin = np.ascontiguousarray(model.triangles[model.part == model.part_names.index("skin")])
    normals = vertex_normals(vertices, skin)
    swell = np.maximum(channels.total(units * normals).max(0), 0.0).astype(np.float32)
    # The nose, lips and lids move far and carry no hair over them.
    swollen = np.ascontiguousarray(vertices + normals * np.minimum(swell, 8.0 * swells)[:, None], np.float32)
    balls = [model.triangles[model.part == k] for k, name in enumerate(model.part_names) if name.endswith("_eye")]
    eyes = np.array([vertices[np.unique(ball)].mean(0) for ball in balls], np.float32).reshape(-1, 3)
    distance = distance_grid(swollen, normals, skin, bust_of(model, z))
    return Body(vertices.astype(np.float32), normals, swell, skin, eyes, _ears(model, vertices), distance)


def _ears(model: MorphableModel, vertices: Array) -> Array:
    """EAR_POINTS (E, 5, 3) of the ears of a head (V, 3)."""
    if not hasattr(model, "landmarks"):
        return np.zeros((0, len(EAR_POINTS), 3), np.float32)
    points, row = model.landmarks.points(vertices), model.landmarks.row
    rows = [[row[f"{name}_{side}"] for name in EAR_POINTS] for side in ("left", "right")]
    return np.asarray(points[np.array(rows)], np.float32)


def carried_by(model: MorphableModel, body: Body, vertices: Array) -> NDArray[np.float32]:
    """Shares (P, J) of the joints in hair: those of the skin near it, smoothed, so that neck and hair turn as one."""
    skin = np.unique(body.triangles)
    away, near = cKDTree(body.vertices[skin]).query(vertices, k=6)
    share = 1 / (away + 4.0) ** 2
    weights = (model.skin_weights[skin[near]] * (share / share.sum(1, keepdims=True))[..., None]).sum(1)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def _in_mirror(body: Body, mirror: NDArray[np.integer]) -> Body:
    """The mirror image of a body, whose vertices (V,) are each other's images; the grid lies even about x = 0."""
    flip = np.array([-1, 1, 1], np.float32)
    vertices, normals = (np.ascontiguousarray(each[mirror] * flip) for each in (body.vertices, body.normals))
    distance = np.ascontiguousarray(body.distance[::-1])
    return Body(
        vertices, normals, body.swell[mirror], body.triangles, body.eyes[::-1] * flip, body.ears[::-1] * flip, distance
    )


def distance_grid(vertices: Array, normals: Array, triangles: NDArray[np.int32], bust: Bust | None = None) -> Array:
    """Signed distance (X, Y, Z) from a skin and the shirt below it: exact within BAND of the skin."""
    shape = tuple(int(n) for n in (np.subtract(HIGH, LOW) / STEP + 1))
    distance = np.full(shape, BAND, np.float32)
    corners, turned = vertices[triangles].astype(np.float32), normals[triangles].astype(np.float32)
    lowest, step, band = np.array(LOW, np.float32), np.float32(STEP), np.float32(BAND)
    _near_distances(corners, turned, _discs(corners), lowest, step, band, distance)
    far = np.abs(distance) >= BAND - 1e-3
    inside = _inside(distance, far)
    away = np.sqrt(squared_steps(far)) * STEP + (BAND - STEP)
    distance = np.where(far, np.where(inside, -away, away), distance)
    # The neck goes on below its end, where the mesh is open.
    rim = int(np.ceil((vertices[:, 1].min() + 38.0 - LOW[1]) / STEP))
    below = np.arange(shape[1])[None, :, None] < rim
    distance = np.where(below, np.minimum(distance, distance[:, rim : rim + 1]), distance)
    return np.ascontiguousarray(distance if bust is None else _clothed(distance, bust), np.float32)


def _clothed(distance: Array, bust: Bust) -> Array:
    """The distances (X, Y, Z) from a head's skin with its shirt on: a band around its neck, and shoulders."""
    x, y, z = (low + STEP * np.arange(n) for low, n in zip(LOW, distance.shape, strict=True))
    a, b, c = bust.band
    above = y[None, :, None] - (a * x[:, None, None] + b * z[None, None, :] + c)
    distance = distance - BAND_MM * np.clip(-above / ONTO_BAND_MM, 0, 1)
    rows = int(np.searchsorted(y, SHOULDERS_MM))
    coarse = [each[::COARSE] for each in (x, y[: rows + COARSE], z)]
    places = np.stack(np.meshgrid(*coarse, indexing="ij"), -1).astype(np.float32)
    torso = _parting(places, bust)
    for axis, (fine, known) in enumerate(zip((x, y[:rows], z), coarse, strict=True)):
        torso = _between(torso, (fine - known[0]) / (known[1] - known[0]), axis)
    distance[:, :rows] = np.minimum(distance[:, :rows], torso)
    return distance


def _parting(places: Array, bust: Bust) -> Array:
    """Distances of places (..., 3) from shoulders that part the hair on them, mm."""
    x, y, z = np.moveaxis(places, -1, 0)
    roof = ROOF_MM * np.clip(1 - np.abs(z - bust.torso.ridge) / ROOF_REACH_MM, 0, 1)
    return np.asarray(bust.torso.distance(np.stack([np.interp(np.abs(x), *LEVEL_MM), y, z], -1)) - roof)


def _between(values: Array, at: Array, axis: int) -> Array:
    """Values read at places along one axis, in steps, straight between two of them, and on beyond the last one."""
    first = np.minimum(at.astype(int), values.shape[axis] - 2)
    share = (at - first).reshape([-1 if k == axis else 1 for k in range(values.ndim)])
    low, high = np.take(values, first, axis), np.take(values, first + 1, axis)
    return np.asarray(low + (high - low) * share)


def _inside(distance: Array, far: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells far from the skin that are inside the head: column by column, below a skin that looks up."""
    inside = np.zeros(distance.shape, bool)
    below = np.zeros(distance[:, 0].shape, bool)
    for j in range(distance.shape[1] - 1, -1, -1):
        row = distance[:, j]
        below = np.where(far[:, j], below, row < 0)
        inside[:, j] = below & far[:, j]
    return inside


def _discs(corners: Array) -> NDArray[np.float32]:
    """The disc around each triangle (F, 3, 3): middle, unit normal and radius (F, 7)."""
    middle = corners.mean(1)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-20)
    reach = np.linalg.norm(corners - middle[:, None], axis=2).max(1)
    return np.column_stack([middle, normal, reach]).astype(np.float32)


@njit(**KERNEL)
def _near_distances(corners, normals, discs, low, step, band, distance):  # type: ignore[no-untyped-def]
    """Write the distance to the nearest triangle (F, 3, 3) into the cells near it, signed by the normal there.

    A triangle is not looked at where its disc (F, 7) lies farther away than what was found already.
    """
    for f in range(len(corners)):
        a, b, c = corners[f, 0], corners[f, 1], corners[f, 2]
        (i0, i1), (j0, j1), (k0, k1) = (
            _cells(a[0], b[0], c[0], band, low[0], step, distance.shape[0]),
            _cells(a[1], b[1], c[1], band, low[1], step, distance.shape[1]),
            _cells(a[2], b[2], c[2], band, low[2], step, distance.shape[2]),
        )
        up, reach = (discs[f, 3], discs[f, 4], discs[f, 5]), discs[f, 6]
        farthest = (reach + band) * (reach + band)
        for i in range(i0, i1 + 1):
            qx = low[0] + step * np.float32(i)
            x = qx - discs[f, 0]
            for j in range(j0, j1 + 1):
                qy = low[1] + step * np.float32(j)
                y = qy - discs[f, 1]
                if x * x + y * y >= farthest:
                    continue
                for k in range(k0, k1 + 1):
                    qz = low[2] + step * np.float32(k)
                    z, so_far = qz - discs[f, 2], abs(distance[i, j, k])
                    square = x * x + y * y + z * z
                    if square >= (reach + so_far) * (reach + so_far):
                        continue
                    height = x * up[0] + y * up[1] + z * up[2]
                    beside = math.sqrt(max(square - height * height, np.float32(0))) - reach
                    if beside > 0 and beside * beside + height * height >= so_far * so_far:
                        continue
                    w0, w1, w2 = closest_weights(qx, qy, qz, a, b, c)
                    ax = qx - (w0 * a[0] + w1 * b[0] + w2 * c[0])
                    ay = qy - (w0 * a[1] + w1 * b[1] + w2 * c[1])
                    az = qz - (w0 * a[2] + w1 * b[2] + w2 * c[2])
                    found = np.float32(math.sqrt(ax * ax + ay * ay + az * az))
                    if found < so_far - 1e-5:
                        side = 0.0
                        for n, w in enumerate((w0, w1, w2)):
                            side += w * (ax * normals[f, n, 0] + ay * normals[f, n, 1] + az * normals[f, n, 2])
                        distance[i, j, k] = found if side >= 0 else -found


@njit(**INLINE)
def _cells(a, b, c, band, low, step, count):  # type: ignore[no-untyped-def]
    """First and last cell along an axis within `band` of three places."""
    first = int(np.ceil((min(a, b, c) - band - low) / step))
    return max(first, 0), min(int(np.floor((max(a, b, c) + band - low) / step)), count - 1)


@njit(cache=True)
def squared_steps(far):  # type: ignore[no-untyped-def]
    """Squared distance (X, Y, Z) float32, in cells, to the nearest cell that is not far; huge where there is none.

    Axis by axis, as the lower envelope of parabolas (Felzenszwalb and Huttenlocher 2012).
    """
    found = np.where(far, np.float32(1e9), np.float32(0))
    size = max(found.shape)
    line, at, since = np.empty(size, np.float32), np.empty(size, np.int64), np.empty(size + 1, np.float32)
    for axis in range(3):
        u, v = (1, 2) if axis == 0 else (0, 2) if axis == 1 else (0, 1)
        count = found.shape[axis]
        for i in range(found.shape[u]):
            for j in range(found.shape[v]):
                if axis == 0:
                    values = found[:, i, j]
                elif axis == 1:
                    values = found[i, :, j]
                else:
                    values = found[i, j, :]
                alike = True
                for n in range(count):
                    line[n] = values[n]
                    alike &= line[n] == line[0]
                if alike:  # most lines beside the head: each place is its own nearest
                    continue
                last = 0
                at[0], since[0], since[1] = 0, -np.inf, np.inf
                for n in range(1, count):
                    meet = _meeting(line, at[last], n)
                    while meet <= since[last]:
                        last -= 1
                        meet = _meeting(line, at[last], n)
                    last += 1
                    at[last], since[last], since[last + 1] = n, meet, np.inf
                here = 0
                for n in range(count):
                    while since[here + 1] < n:
                        here += 1
                    values[n] = line[at[here]] + (n - at[here]) ** 2
    return found


@njit(cache=True)
def _meeting(line, before, after):  # type: ignore[no-untyped-def]
    """Where the parabolas over two places of a line meet."""
    return (line[after] - line[before] + after * after - before * before) / (2.0 * (after - before))


@njit(**INLINE, **LOOSE)
def sensed(distance, px, py, pz):  # type: ignore[no-untyped-def]
    """The distance at a place and its gradient, unit; outside the box: far away, looking out."""
    shape = distance.shape
    x, y, z = (px - LOW[0]) / STEP, (py - LOW[1]) / STEP, (pz - LOW[2]) / STEP
    if not (0 <= x < shape[0] - 1 and 0 <= y < shape[1] - 1 and 0 <= z < shape[2] - 1):
        size = math.sqrt(px * px + pz * pz) + 1e-6
        return 100.0, px / size, 0.0, pz / size
    i, j, k = int(x), int(y), int(z)
    fx, fy, fz = x - i, y - j, z - k
    d000, d001, d010, d011 = distance[i, j, k], distance[i, j, k + 1], distance[i, j + 1, k], distance[i, j + 1, k + 1]
    i += 1
    d100, d101, d110, d111 = distance[i, j, k], distance[i, j, k + 1], distance[i, j + 1, k], distance[i, j + 1, k + 1]
    x00, x01, x10, x11 = d100 - d000, d101 - d001, d110 - d010, d111 - d011
    a00, a01, a10, a11 = d000 + fx * x00, d001 + fx * x01, d010 + fx * x10, d011 + fx * x11
    near, far = a00 + fy * (a10 - a00), a01 + fy * (a11 - a01)
    gx = (x00 + fy * (x10 - x00)) * (1 - fz) + (x01 + fy * (x11 - x01)) * fz
    gy = (a10 - a00) * (1 - fz) + (a11 - a01) * fz
    gz = far - near
    size = math.sqrt(gx * gx + gy * gy + gz * gz) + 1e-9
    return near + fz * gz, gx / size, gy / size, gz / size


@njit(**KERNEL)
def sense(distance, p, gradient):  # type: ignore[no-untyped-def]
    """`sensed` at p (3,), with the gradient (3,) written in place."""
    here, gradient[0], gradient[1], gradient[2] = sensed(distance, p[0], p[1], p[2])
    return here


def outward(lines: Array, distance: Array) -> NDArray[np.float32]:
    """The direction away from the body (N, K, 3) at points of lines (N, K, 3)."""
    flat = np.ascontiguousarray(lines.reshape(-1, 3), np.float32)
    found = np.empty(flat.shape, np.float32)
    _outward(flat, np.ascontiguousarray(distance, np.float32), found)
    return found.reshape(lines.shape)


@njit(**KERNEL)
def _outward(points, distance, found):  # type: ignore[no-untyped-def]
    for n in range(len(points)):
        _, found[n, 0], found[n, 1], found[n, 2] = sensed(distance, points[n, 0], points[n, 1], points[n, 2])
