"""See-through triangles (lashes) laid over a picture, back to front, lit vertex by vertex; the outline of hair in one.

Convention: camera frame, mm; colours linear RGB; see render/base.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.lighting import sh_basis
from facegpt.render.scalar import HALF, INLINE, JIT, ONE, ZERO, texel_address
from facegpt.types import Array, Camera

#: Texels with at least this alpha count as solid.
SOLID_ALPHA = np.float32(0.9)


@dataclass(frozen=True, eq=False)
class Veil:
    """See-through triangles in the camera frame (P vertices).

    Attributes:
        vertices: (P, 3) mm. triangles, uv_triangles: (F, 3). uv: (U, 2).
        texture: (4, Ht, Wt) linear RGB and alpha.
        lit: (P, 3) light that falls on each vertex; what is seen is texture · lit + gloss · brightness of the texture.
        gloss: (P, 3).
        facing: (P,) 0..1, factor of alpha: cards seen edge-on fade out.
        through_mm: how far behind a surface it still counts as before it.
    """

    vertices: Array
    triangles: NDArray[np.integer]
    uv: Array
    uv_triangles: NDArray[np.integer]
    texture: Array
    lit: Array
    gloss: Array
    facing: Array
    through_mm: float


def light_on(normals: Array, lighting: Array) -> Array:
    """Diffuse light at unit normals (P, 3) in the camera frame: (P, 3) linear RGB."""
    return np.clip(sh_basis(normals) @ lighting, 0.0, None).astype(np.float32)


def lay_over(veil: Veil, camera: Camera, depth: Array, color: Array, coverage: Array) -> None:
    """Blend a veil over color (H, W, 3) and coverage (H, W), where nothing in depth (H, W) mm hides it; all in place.

    Solid texels go first, the nearest winning, and into depth too; then the see-through ones, back to front. So solid
    layers hide each other exactly, whatever the order of their triangles.
    """
    corners = veil.vertices[veil.triangles]
    kept = np.flatnonzero(corners[..., 2].min(1) > 1.0) if len(corners) else np.zeros(0, int)
    order = kept[np.argsort(-corners[kept][..., 2].mean(1), kind="stable")]
    texture = np.ascontiguousarray(veil.texture, np.float32)
    weight = texture[3].sum()
    mean = float((texture[:3].sum(0) * texture[3]).sum() / weight) if weight > 0 else 1.0
    # What varies over a triangle, side by side: light, gloss relative to the texture's brightness, fade.
    shade = np.concatenate([veil.lit, veil.gloss / max(mean, 1e-6), veil.facing[:, None]], 1)
    vertices, uv = np.ascontiguousarray(veil.vertices, np.float32), np.ascontiguousarray(veil.uv, np.float32)
    shade = np.ascontiguousarray(shade, np.float32)
    intrinsics = np.array([camera.focal_px, *camera.principal_px])
    head = depth.copy()
    for solid, rows in ((True, order[::-1]), (False, order)):
        faces = np.asarray(veil.triangles[rows], np.int32), np.asarray(veil.uv_triangles[rows], np.int32)
        blend_triangles(
            *(vertices, shade, *faces, uv, intrinsics, texture),
            *(solid, np.float32(veil.through_mm), head, depth, color, coverage),
        )


@njit(**JIT)
def blend_triangles(
    vertices, shade, triangles, uv_triangles, uv, camera, texture, solid, through, head, depth, color, coverage
):
    """Lay the solid or else the see-through texels of triangles over the image, in their order.

    Arrays: shade (P, 7) light, gloss, fade; texture (4, Ht, Wt); head (H, W) depth of the surface below, mm; depth the
    same with solid texels; color (H, W, 3); coverage (H, W). A pixel's ray r = (rx, ry, 1) meets the triangle P0, P0 +
    e1, P0 + e2 where b1 = -(P0 × e2)·r / (e1 × e2)·r, b2 = (P0 × e1)·r / (e1 × e2)·r (Cramer's rule).
    """
    height, width = depth.shape
    n, g1, g2 = np.zeros(3), np.zeros(3), np.zeros(3)
    for f in range(len(triangles)):
        a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
        x_lo, x_hi, y_lo, y_hi = _box(vertices, a, b, c, camera, width, height)
        if x_lo > x_hi or y_lo > y_hi:
            continue
        for k in range(3):
            i, j = (k + 1) % 3, (k + 2) % 3
            pi, pj = float(vertices[a, i]), float(vertices[a, j])
            e1i, e1j, e2i, e2j = vertices[b, i] - pi, vertices[b, j] - pj, vertices[c, i] - pi, vertices[c, j] - pj
            n[k], g1[k], g2[k] = e1i * e2j - e1j * e2i, pj * e2i - pi * e2j, pi * e1j - pj * e1i
        plane = n[0] * vertices[a, 0] + n[1] * vertices[a, 1] + n[2] * vertices[a, 2]
        for y in range(y_lo, y_hi + 1):
            ry = (y - camera[2]) / camera[0]
            for x in range(x_lo, x_hi + 1):
                rx = (x - camera[1]) / camera[0]
                scale = n[0] * rx + n[1] * ry + n[2]
                if scale == 0.0:
                    continue
                scale = 1.0 / scale
                b1, b2 = (g1[0] * rx + g1[1] * ry + g1[2]) * scale, (g2[0] * rx + g2[1] * ry + g2[2]) * scale
                b0 = 1.0 - b1 - b2
                if not (b0 >= 0.0 and b1 >= 0.0 and b2 >= 0.0):
                    continue
                z = plane * scale
                hidden = coverage[y, x] > 0.0 and (
                    (head[y, x] > 0.0 and z > head[y, x] + through)
                    or (depth[y, x] > 0.0 and depth[y, x] != head[y, x] and z > depth[y, x])
                )
                if hidden and coverage[y, x] >= 0.999:
                    continue
                _blend_pixel(
                    *(np.float32(b0), np.float32(b1), np.float32(b2), np.float32(z), a, b, c),
                    *(uv_triangles[f, 0], uv_triangles[f, 1], uv_triangles[f, 2]),
                    *(shade, uv, texture, solid, hidden, depth, color, coverage, x, y),
                )


@njit(**INLINE)
def _box(vertices, a, b, c, camera, width, height):
    """The first and last column and row of the pixels that a triangle may cover, cut to the image."""
    x_lo, x_hi, y_lo, y_hi = width, -1, height, -1
    for v in (a, b, c):
        px = vertices[v, 0] / vertices[v, 2] * camera[0] + camera[1]
        py = vertices[v, 1] / vertices[v, 2] * camera[0] + camera[2]
        x_lo, x_hi = min(x_lo, max(math.ceil(px), 0)), max(x_hi, min(math.floor(px), width - 1))
        y_lo, y_hi = min(y_lo, max(math.ceil(py), 0)), max(y_hi, min(math.floor(py), height - 1))
    return x_lo, x_hi, y_lo, y_hi


@njit(**INLINE)
def _blend_pixel(b0, b1, b2, z, a, b, c, ta, tb, tc, shade, uv, texture, solid, hidden, depth, color, coverage, x, y):
    """Lay one texel over a pixel; where it is hidden, under what covers the pixel in part (the head's smooth edge)."""
    u = b0 * uv[ta, 0] + b1 * uv[tb, 0] + b2 * uv[tc, 0]
    v = b0 * uv[ta, 1] + b1 * uv[tb, 1] + b2 * uv[tc, 1]
    x0, x1, y0, y1, fx, fy = texel_address(u, v, texture.shape[1], texture.shape[2])
    w00, w01, w10, w11 = (ONE - fx) * (ONE - fy), fx * (ONE - fy), (ONE - fx) * fy, fx * fy
    alpha = texture[3, y0, x0] * w00 + texture[3, y0, x1] * w01 + texture[3, y1, x0] * w10 + texture[3, y1, x1] * w11
    alpha *= b0 * shade[a, 6] + b1 * shade[b, 6] + b2 * shade[c, 6]
    if alpha <= ZERO or solid != (alpha >= SOLID_ALPHA):
        return
    if solid:
        alpha = ONE
    under = ONE - alpha
    if hidden:
        under, alpha = ONE, alpha * (ONE - coverage[y, x])
    bright = ZERO
    for k in range(3):
        value = texture[k, y0, x0] * w00 + texture[k, y0, x1] * w01 + texture[k, y1, x0] * w10
        value += texture[k, y1, x1] * w11
        bright += value
        seen = value * (b0 * shade[a, k] + b1 * shade[b, k] + b2 * shade[c, k])
        color[y, x, k] = color[y, x, k] * under + alpha * seen
    for k in range(3):
        color[y, x, k] += alpha * bright * (b0 * shade[a, 3 + k] + b1 * shade[b, 3 + k] + b2 * shade[c, 3 + k])
    coverage[y, x] = coverage[y, x] * under + alpha
    if solid and not hidden:
        depth[y, x] = z


@njit(**INLINE)
def soften(front, laid, head, rows):
    """Mix pixels at the outline of hair with their neighbours, in place: drawn once a pixel, it would have steps.

    Where the head's own outline runs between two pixels they are not mixed: hair behind a cheek ends there in the
    picture alone, and what is behind it would shine through as a line.

    rows: (2, width, 5) for what the row above and this one were before.
    """
    height, width = front.shape
    for y in range(height):
        here, above = rows[y % 2], rows[(y + 1) % 2]
        for x in range(width):
            here[x, 4] = front[y, x]
            for k in range(4):
                here[x, k] = laid[y, x, k]
        if y == 0 or y == height - 1:
            continue
        for x in range(1, width - 1):
            c, on_head = here[x, 4], head[y, x] > ZERO
            up, left = (head[y - 1, x] > ZERO) == on_head, (head[y, x - 1] > ZERO) == on_head
            right, down = (head[y, x + 1] > ZERO) == on_head, (head[y + 1, x] > ZERO) == on_head
            a, b = above[x, 4] if up else c, here[x - 1, 4] if left else c
            d, e = here[x + 1, 4] if right else c, front[y + 1, x] if down else c
            if max(a, b, c, d, e) - min(a, b, c, d, e) < HALF:
                continue
            front[y, x] = HALF * c + np.float32(0.125) * (a + b + d + e)
            for k in range(4):
                own = here[x, k]
                around = (above[x, k] if up else own) + (here[x - 1, k] if left else own)
                around += (here[x + 1, k] if right else own) + (laid[y + 1, x, k] if down else own)
                laid[y, x, k] = HALF * own + np.float32(0.125) * around
