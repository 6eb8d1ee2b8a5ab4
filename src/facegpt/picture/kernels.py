"""Compiled inner loops of the photo's warp: attributes of a drawn mesh, samples of images, the finished pixels.

Images are (H, W, …) float32 with the centre of the top-left pixel at (0, 0); maps of places are in pixels (x, y).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from facegpt.render.scalar import JIT


@njit(**JIT)
def interpolate(triangle, barycentric, corners, values, out):  # type: ignore[no-untyped-def]
    """Interpolate values (V, K) of vertices over a drawn mesh (H, W) into out (H, W, K); 0 where nothing is drawn.

    corners: (F, 3) vertices of the triangles that were drawn.
    """
    for y in range(triangle.shape[0]):
        for x in range(triangle.shape[1]):
            f = triangle[y, x]
            if f < 0:
                for k in range(out.shape[2]):
                    out[y, x, k] = 0.0
                continue
            a, b, c = corners[f, 0], corners[f, 1], corners[f, 2]
            p, q, r = barycentric[y, x, 0], barycentric[y, x, 1], barycentric[y, x, 2]
            for k in range(out.shape[2]):
                out[y, x, k] = p * values[a, k] + q * values[b, k] + r * values[c, k]


@njit(**JIT)
def sample(image, places, out):  # type: ignore[no-untyped-def]
    """Sample an image (H, W, C) bilinearly at places (h, w, 2) into out (h, w, C); beyond its edge the edge repeats."""
    height, width = image.shape[0], image.shape[1]
    for j in range(places.shape[0]):
        for i in range(places.shape[1]):
            x = min(max(places[j, i, 0], np.float32(0)), np.float32(width - 1))
            y = min(max(places[j, i, 1], np.float32(0)), np.float32(height - 1))
            x0, y0 = min(int(x), max(width - 2, 0)), min(int(y), max(height - 2, 0))
            x1, y1 = min(x0 + 1, width - 1), min(y0 + 1, height - 1)
            a, b = x - np.float32(x0), y - np.float32(y0)
            for c in range(image.shape[2]):
                top = image[y0, x0, c] + a * (image[y0, x1, c] - image[y0, x0, c])
                bottom = image[y1, x0, c] + a * (image[y1, x1, c] - image[y1, x0, c])
                out[j, i, c] = top + b * (bottom - top)


@njit(**JIT)
def sample_cubic(image, places, out):  # type: ignore[no-untyped-def]
    """Sample an image (H, W, C) by Catmull-Rom splines (Keys 1981) at places (h, w, 2) into out; exact at pixels."""
    height, width = image.shape[0], image.shape[1]
    wx, wy = np.empty(4, np.float32), np.empty(4, np.float32)
    for j in range(places.shape[0]):
        for i in range(places.shape[1]):
            x = min(max(places[j, i, 0], np.float32(0)), np.float32(width - 1))
            y = min(max(places[j, i, 1], np.float32(0)), np.float32(height - 1))
            x0, y0 = int(x), int(y)
            _weights(x - np.float32(x0), wx)
            _weights(y - np.float32(y0), wy)
            for c in range(image.shape[2]):
                total = np.float32(0)
                for v in range(4):
                    row = min(max(y0 + v - 1, 0), height - 1)
                    line = np.float32(0)
                    for u in range(4):
                        line += wx[u] * image[row, min(max(x0 + u - 1, 0), width - 1), c]
                    total += wy[v] * line
                out[j, i, c] = total


@njit(**{**JIT, "inline": "always"})
def _weights(t, out):  # type: ignore[no-untyped-def]
    out[0] = ((np.float32(2) - t) * t - np.float32(1)) * t * np.float32(0.5)
    out[1] = ((np.float32(3) * t - np.float32(5)) * t * t + np.float32(2)) * np.float32(0.5)
    out[2] = ((np.float32(4) - np.float32(3) * t) * t + np.float32(1)) * t * np.float32(0.5)
    out[3] = (t - np.float32(1)) * t * t * np.float32(0.5)


@njit(**JIT)
def seen_before(places, depth, before, tolerance, fade, out):  # type: ignore[no-untyped-def]
    """Whether surface points were the first surface of the photo: out (h, w) 1 seen, 0 hidden, soft over `fade` mm.

    places (h, w, 2): where each point was, pixels of `before` (H, W), the photo's depth map in mm, 0 for none.
    depth (h, w): how deep it was, mm; 0 where no point is drawn. A point is compared with the deepest of the four
    nearest pixels, so that the edge of what hides it is not widened.
    """
    height, width = before.shape
    for j in range(places.shape[0]):
        for i in range(places.shape[1]):
            out[j, i] = 1.0
            z = depth[j, i]
            x, y = places[j, i, 0], places[j, i, 1]
            if z <= 0 or x < 0 or y < 0 or x > width - 1 or y > height - 1:
                continue
            deepest = np.float32(0)
            for v in range(2):
                for u in range(2):
                    d = before[min(int(y) + v, height - 1), min(int(x) + u, width - 1)]
                    deepest = max(deepest, d if d > 0 else np.float32(1e9))
            behind = (z - deepest - tolerance) / fade
            out[j, i] = min(max(np.float32(1) - behind, np.float32(0)), np.float32(1))


@njit(**JIT)
def invert(moves, steps, out):  # type: ignore[no-untyped-def]
    """Invert x → x + moves(x) on a grid (h, w, 2), all in grid cells: out (h, w, 2), where each place came from.

    Fixed-point iteration, which converges where moves change by less than a cell from cell to cell.
    """
    height, width = moves.shape[0], moves.shape[1]
    for j in range(height):
        for i in range(width):
            x, y = np.float32(i), np.float32(j)
            for _ in range(steps):
                a = min(max(x, np.float32(0)), np.float32(width - 1))
                b = min(max(y, np.float32(0)), np.float32(height - 1))
                x0, y0 = min(int(a), width - 2), min(int(b), height - 2)
                p, q = a - np.float32(x0), b - np.float32(y0)
                dx = (1 - q) * ((1 - p) * moves[y0, x0, 0] + p * moves[y0, x0 + 1, 0])
                dx += q * ((1 - p) * moves[y0 + 1, x0, 0] + p * moves[y0 + 1, x0 + 1, 0])
                dy = (1 - q) * ((1 - p) * moves[y0, x0, 1] + p * moves[y0, x0 + 1, 1])
                dy += q * ((1 - p) * moves[y0 + 1, x0, 1] + p * moves[y0 + 1, x0 + 1, 1])
                x, y = np.float32(i) - np.float32(dx), np.float32(j) - np.float32(dy)
            out[j, i, 0], out[j, i, 1] = x, y
