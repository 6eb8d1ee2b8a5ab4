"""Cards of hair laid over a picture, front to back, lit as strands. Camera frame, mm; colours linear RGB.

Hair is drawn once a pixel, for strands are soft; what it lies over may be
finer. Solid texels go first, the nearest winning; then those before them, front to back, until a pixel is full.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.blend import soften
from facegpt.render.numba_cpu.threads import run_all
from facegpt.render.scalar import HALF, INLINE, JIT, KERNEL, ONE, ZERO, texel_address
from facegpt.render.strand_light import light_on_strands
from facegpt.render.texture_levels import Levels
from facegpt.types import Array, Camera

#: Cards are solid from this cosine to the line of sight on, and fade towards edge-on.
EDGE_ON = np.float32(0.25)
#: Below this share of light left, a pixel is full.
FULL = np.float32(0.02)
#: How far behind a surface hair still counts as before it, mm.
THROUGH_MM = np.float32(0.6)
#: Texels with at least this alpha count as solid.
SOLID = np.float32(0.88)
#: Side of the squares by which hidden cards are left out, pixels.
TILE = 8


@dataclass(frozen=True, eq=False)
class Strands:
    """Cards in the camera frame (P vertices, F triangles).

    Attributes:
        vertices: (P, 3) mm. normals, tangents: (P, 3) unit. triangles, uv_triangles: (F, 3). uv: (U, 2).
        texture: linear RGB and alpha.
        colour: (3,) its mean where it is not see-through.
        open_to_light: (P,) 0..1.
        tint: (P, 3) what the texture is multiplied by, or None.
        gloss: 0..1 of the highlights of smooth hair.
    """

    vertices: Array
    normals: Array
    tangents: Array
    triangles: NDArray[np.integer]
    uv: Array
    uv_triangles: NDArray[np.integer]
    texture: Levels
    colour: Array
    open_to_light: Array
    tint: Array | None = None
    gloss: float = 1.0


def lay_strands(
    strands: Strands, lighting: Array, camera: Camera, depth: Array, color: Array, coverage: Array, block: int = 1
) -> None:
    """Lay cards over color (H, W, 3) and coverage (H, W), where nothing in depth (H, W) mm hides them, in place.

    block: samples of a pixel each way; H and W are those of the camera times block.
    """
    vertices = np.ascontiguousarray(strands.vertices, np.float32)
    told = vertices, strands.normals, strands.tangents, strands.open_to_light, strands.colour
    shade = light_on_strands(*told, np.asarray(lighting, np.float32))
    shade[:, 3:] *= np.float32(strands.gloss)
    if strands.tint is not None:
        shade[:, :3] *= strands.tint
        shade[:, 3:] *= strands.tint.mean(1, keepdims=True)
    screen = np.empty_like(vertices)
    intrinsics = np.array([camera.focal_px, *camera.principal_px], np.float32)
    _to_screen(vertices, intrinsics, screen)
    triangles = np.ascontiguousarray(strands.triangles, np.int32)
    order = _near_first(screen, triangles)
    if not len(order):
        return
    uv = np.ascontiguousarray(strands.uv, np.float32)
    uv_triangles = np.ascontiguousarray(strands.uv_triangles, np.int32)
    texture = strands.texture.at(*_texels_a_pixel(screen, triangles, uv, uv_triangles, strands.texture.shape))
    faded, lowest = np.zeros(len(vertices), np.float32), np.empty(len(triangles), np.float32)
    _faded(vertices, triangles, faded, lowest)
    lanes = max(1, min(os.cpu_count() or 1, 4))
    edges = [camera.height * k // lanes for k in range(lanes + 1)]

    def band(k: int) -> None:
        fine = slice(edges[k] * block, edges[k + 1] * block)
        mesh = screen, shade, order, triangles, uv, uv_triangles, faded, lowest, texture
        room = _room(edges[k + 1] - edges[k], camera.width)
        _lay(*mesh, edges[k], block, depth[fine], color[fine], coverage[fine], room)

    run_all(band, lanes, lanes)


def _texels_a_pixel(
    screen: Array, triangles: NDArray, uv: Array, uv_triangles: NDArray, shape: tuple[int, int]
) -> tuple[float, float]:
    """How many texels across and along the strands a pixel's step crosses, in the middle of a sample of triangles."""
    step = max(1, len(triangles) // 400)
    drawn, mapped = screen[triangles[::step]][..., :2], uv[uv_triangles[::step]] * [shape[1], shape[0]]
    sides, moved = drawn[:, 1:] - drawn[:, :1], mapped[:, 1:] - mapped[:, :1]
    area = sides[:, 0, 0] * sides[:, 1, 1] - sides[:, 0, 1] * sides[:, 1, 0]
    area = np.where(np.abs(area) < 1e-3, 1e-3, area)[:, None]
    by_x = (moved[:, 0] * sides[:, 1, 1:] - moved[:, 1] * sides[:, 0, 1:]) / area
    by_y = (moved[:, 1] * sides[:, 0, :1] - moved[:, 0] * sides[:, 1, :1]) / area
    across, along = np.median(np.hypot(by_x, by_y), axis=0)
    return float(across), float(along)


def _near_first(screen: Array, triangles: NDArray[np.int32]) -> NDArray[np.int32]:
    """Triangles before the camera, the nearest first."""
    z = screen[:, 2]
    middle = z[triangles[:, 0]] + z[triangles[:, 1]] + z[triangles[:, 2]]
    kept = np.flatnonzero(z[triangles].min(1) > 1.0)
    if not len(kept):
        return kept.astype(np.int32)
    middle = middle[kept]
    low, high = middle.min(), middle.max()
    steps = ((middle - low) * (65535 / max(high - low, 1e-3))).astype(np.uint16)  # sorted by radix
    return kept[np.argsort(steps, kind="stable")].astype(np.int32)


@njit(**JIT)
def _to_screen(vertices, camera, screen):
    for i in range(len(vertices)):
        z = vertices[i, 2]
        per = ONE / z if z > ONE else ZERO
        screen[i, 0] = vertices[i, 0] * per * camera[0] + camera[1]
        screen[i, 1] = vertices[i, 1] * per * camera[0] + camera[2]
        screen[i, 2] = z


def _room(height: int, width: int) -> tuple[NDArray, ...]:
    """Working memory of `_lay`: kernels that allocate nothing need not count references to arrays.

    Depth of the head, and how much shows behind it; depth, number and place of the nearest solid triangle; how much
    shows behind hair; what is laid before and behind the head; for each tile its farthest depth; rows for `soften`.
    """
    size, tiles = (height, width), (-(-height // TILE), -(-width // TILE))
    head, behind = np.zeros(size, np.float32), np.zeros(size, np.float32)
    nearest, solid = np.full(size, np.float32(1e9)), np.full(size, np.int32(-1))
    laid, under = np.zeros((2, *size, 4), np.float32)
    far, rows = np.empty(tiles, np.float32), np.ones((2, width, 5), np.float32)
    place, front = np.empty((*size, 2), np.float32), np.ones(size, np.float32)
    return head, behind, nearest, solid, place, front, laid, under, far, rows


@njit(**KERNEL)
def _lay(
    screen, shade, order, triangles, uv, uv_triangles, faded, lowest, texture, top, block, depth, color, coverage, room
):  # fmt: skip
    """Lay triangles, nearest first, over rows that begin at pixel `top`: depth, coverage (h, w), color (h, w, 3)."""
    head, behind, nearest, solid, place, front, laid, under, far, rows = room
    _summed(depth, coverage, block, head, behind)
    for see_through in range(2):
        for n in range(len(order)):
            if n % 1024 == 0 and (see_through == 0 or n == 0):
                _farthest(nearest, head, behind, far)
            f = order[n]
            if see_through == 0 and lowest[f] < ONE:
                continue
            _card(
                *(f, see_through == 0, lowest[f] >= ONE, top, screen, shade, triangles, uv, uv_triangles, faded),
                *(texture, head, behind, far, nearest, solid, place, front, laid, under),
            )
    _resolve(solid, place, nearest, shade, triangles, uv, uv_triangles, texture, front, laid)
    soften(front, laid, head, rows)
    _written(front, behind, laid, under, nearest, block, depth, color, coverage)


@njit(**INLINE)
def _card(
    f, solids, unfaded, top, screen, shade, triangles, uv, uv_triangles, faded,
    texture, head, behind, far, nearest, solid, place, front, laid, under,
):  # fmt: skip
    """Lay one triangle: note its solid texels, or else add the others to what is laid before and behind the head."""
    height, width = front.shape
    a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
    y_lo = max(math.ceil(min(screen[a, 1], screen[b, 1], screen[c, 1])) - top, 0)
    y_hi = min(math.floor(max(screen[a, 1], screen[b, 1], screen[c, 1])) - top, height - 1)
    if y_lo > y_hi or _buried(screen, a, b, c, y_lo, y_hi, width, far):
        return
    ax, ay = screen[a, 0], screen[a, 1] - np.float32(top)
    e1x, e1y = screen[b, 0] - ax, screen[b, 1] - screen[a, 1]
    e2x, e2y = screen[c, 0] - ax, screen[c, 1] - screen[a, 1]
    area = e1x * e2y - e1y * e2x
    if abs(area) < np.float32(1e-4):
        return
    per = ONE / area
    k1x, k1y, k2x, k2y = e2y * per, -e2x * per, -e1y * per, e1x * per
    ua, ub, uc = uv_triangles[f, 0], uv_triangles[f, 1], uv_triangles[f, 2]
    za, zb, zc = screen[a, 2], screen[b, 2], screen[c, 2]
    for y in range(y_lo, y_hi + 1):
        dy = np.float32(y) - ay
        x_lo, x_hi = _span(ax, k1x, k2x, k1y * dy, k2y * dy, width)
        for x in range(x_lo, x_hi + 1):
            if front[y, x] < FULL:
                continue
            dx = np.float32(x) - ax
            b1, b2 = k1x * dx + k1y * dy, k2x * dx + k2y * dy
            b0 = ONE - b1 - b2
            z = b0 * za + b1 * zb + b2 * zc
            if z >= nearest[y, x]:
                continue
            before = head[y, x] <= ZERO or z <= head[y, x] + THROUGH_MM
            if not before and (solids or behind[y, x] < FULL):
                continue
            u = b0 * uv[ua, 0] + b1 * uv[ub, 0] + b2 * uv[uc, 0]
            v = b0 * uv[ua, 1] + b1 * uv[ub, 1] + b2 * uv[uc, 1]
            alpha = _alpha(texture, u, v)
            if solids:
                if alpha >= SOLID:
                    nearest[y, x], solid[y, x], place[y, x, 0], place[y, x, 1] = z, f, b1, b2
                continue
            laid_first = before and unfaded and alpha >= SOLID
            alpha *= b0 * faded[a] + b1 * faded[b] + b2 * faded[c]
            if laid_first or alpha < np.float32(0.01):
                continue
            if before:
                _add(texture, shade, a, b, c, b0, b1, b2, u, v, alpha * front[y, x], laid[y, x])
                front[y, x] -= alpha * front[y, x]
            else:
                _add(texture, shade, a, b, c, b0, b1, b2, u, v, alpha * behind[y, x], under[y, x])
                behind[y, x] -= alpha * behind[y, x]


@njit(**INLINE)
def _farthest(nearest, head, behind, far):
    """For each tile of TILE × TILE pixels, the depth (mm) behind which nothing of it shows."""
    for j in range(far.shape[0]):
        for i in range(far.shape[1]):
            worst = ZERO
            for y in range(j * TILE, min((j + 1) * TILE, nearest.shape[0])):
                for x in range(i * TILE, min((i + 1) * TILE, nearest.shape[1])):
                    limit = nearest[y, x]
                    if behind[y, x] < FULL:
                        limit = min(limit, head[y, x] + THROUGH_MM)
                    worst = max(worst, limit)
            far[j, i] = worst


@njit(**INLINE)
def _buried(screen, a, b, c, y_lo, y_hi, width, far):
    """Whether a triangle lies behind what its tiles show."""
    z = min(screen[a, 2], screen[b, 2], screen[c, 2])
    x_lo = max(math.floor(min(screen[a, 0], screen[b, 0], screen[c, 0])), 0)
    x_hi = min(math.ceil(max(screen[a, 0], screen[b, 0], screen[c, 0])), width - 1)
    for j in range(y_lo // TILE, y_hi // TILE + 1):
        for i in range(x_lo // TILE, x_hi // TILE + 1):
            if z <= far[j, i]:
                return False
    return True


@njit(**INLINE)
def _summed(depth, coverage, block, head, behind):
    """Of the samples of each pixel: the nearest surface, and the largest share that is open."""
    for y in range(head.shape[0]):
        for x in range(head.shape[1]):
            for j in range(block):
                for i in range(block):
                    there = coverage[y * block + j, x * block + i]
                    z = depth[y * block + j, x * block + i]
                    if there > ZERO and z > ZERO and (head[y, x] <= ZERO or z < head[y, x]):
                        head[y, x] = z
                    behind[y, x] = max(behind[y, x], ONE - there)


@njit(**INLINE)
def _resolve(solid, place, nearest, shade, triangles, uv, uv_triangles, texture, front, laid):
    """Light the solid texels, below those before them."""
    for y in range(solid.shape[0]):
        for x in range(solid.shape[1]):
            f = solid[y, x]
            if f < 0:
                continue
            b1, b2 = place[y, x, 0], place[y, x, 1]
            b0 = ONE - b1 - b2
            ua, ub, uc = uv_triangles[f, 0], uv_triangles[f, 1], uv_triangles[f, 2]
            u = b0 * uv[ua, 0] + b1 * uv[ub, 0] + b2 * uv[uc, 0]
            v = b0 * uv[ua, 1] + b1 * uv[ub, 1] + b2 * uv[uc, 1]
            a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
            _add(texture, shade, a, b, c, b0, b1, b2, u, v, front[y, x], laid[y, x])
            front[y, x] = ZERO


@njit(**INLINE)
def _written(front, behind, laid, under, nearest, block, depth, color, coverage):
    """Lay the pixels of hair over the samples of the image."""
    for y in range(front.shape[0]):
        for x in range(front.shape[1]):
            if front[y, x] >= ONE and under[y, x, 3] <= ZERO:
                continue
            open_share = under[y, x, 3] + behind[y, x]
            for j in range(block):
                for i in range(block):
                    row, column = y * block + j, x * block + i
                    share = (ONE - coverage[row, column]) / max(open_share, np.float32(1e-4))
                    share = min(share, ONE)
                    for k in range(3):
                        below = color[row, column, k] + share * under[y, x, k]
                        color[row, column, k] = laid[y, x, k] + front[y, x] * below
                    below = coverage[row, column] + share * under[y, x, 3]
                    coverage[row, column] = laid[y, x, 3] + front[y, x] * below
                    if front[y, x] < HALF and nearest[y, x] < np.float32(1e8):
                        depth[row, column] = nearest[y, x]


@njit(**JIT)
def _faded(vertices, triangles, faded, lowest):
    """How much of cards shows at their vertices (P,), which begin at 0: 0 edge-on, 1 from EDGE_ON on; lowest: (F,).

    A vertex takes the mean of its triangles, so that cards fade smoothly where they turn away.
    """
    count = np.zeros(len(vertices), np.float32)
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        x, y, z = vertices[a, 0], vertices[a, 1], vertices[a, 2]
        ux, uy, uz = vertices[b, 0] - x, vertices[b, 1] - y, vertices[b, 2] - z
        vx, vy, vz = vertices[c, 0] - x, vertices[c, 1] - y, vertices[c, 2] - z
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        size = (nx * nx + ny * ny + nz * nz) * (x * x + y * y + z * z)
        cosine = abs(nx * x + ny * y + nz * z) / math.sqrt(size + np.float32(1e-12))
        for i in (a, b, c):
            share = min(cosine / EDGE_ON, ONE)
            faded[i] += share * share
            count[i] += ONE
    for i in range(len(vertices)):
        faded[i] /= max(count[i], ONE)
    for f in range(len(triangles)):
        lowest[f] = min(faded[triangles[f, 0]], faded[triangles[f, 1]], faded[triangles[f, 2]])


@njit(**INLINE)
def _span(ax, k1x, k2x, c1, c2, width):
    """The first and last column where b1 = k1x dx + c1, b2 = k2x dx + c2 and 1 - b1 - b2 are not below 0."""
    low, high = -ax, np.float32(width - 1) - ax
    for slope, base in ((k1x, c1), (k2x, c2), (-k1x - k2x, ONE - c1 - c2)):
        if slope > np.float32(1e-9):
            low = max(low, -base / slope)
        elif slope < np.float32(-1e-9):
            high = min(high, -base / slope)
        elif base < ZERO:
            return 0, -1
    return math.ceil(low + ax), math.floor(high + ax)


@njit(**INLINE)
def _alpha(texture, u, v):
    """The texture's alpha at a place, between texels."""
    x0, x1, y0, y1, fx, fy = texel_address(u, v, texture.shape[0], texture.shape[1])
    above = texture[y0, x0, 3] * (ONE - fx) + texture[y0, x1, 3] * fx
    below = texture[y1, x0, 3] * (ONE - fx) + texture[y1, x1, 3] * fx
    return above * (ONE - fy) + below * fy


@njit(**INLINE)
def _add(texture, shade, a, b, c, b0, b1, b2, u, v, weight, total):
    """Add a lit texel with a weight to a pixel's total (4,)."""
    x0, x1, y0, y1, fx, fy = texel_address(u, v, texture.shape[0], texture.shape[1])
    w00, w01, w10, w11 = (ONE - fx) * (ONE - fy), fx * (ONE - fy), (ONE - fx) * fy, fx * fy
    bright = ZERO
    for k in range(3):
        bright += (
            texture[y0, x0, k] * w00 + texture[y0, x1, k] * w01 + texture[y1, x0, k] * w10 + texture[y1, x1, k] * w11
        )
    for k in range(3):
        texel = (
            texture[y0, x0, k] * w00 + texture[y0, x1, k] * w01 + texture[y1, x0, k] * w10 + texture[y1, x1, k] * w11
        )
        lit = b0 * shade[a, k] + b1 * shade[b, k] + b2 * shade[c, k]
        gloss = b0 * shade[a, 3 + k] + b1 * shade[b, 3 + k] + b2 * shade[c, 3 + k]
        total[k] += weight * (texel * lit + bright * gloss)
    total[3] += weight
