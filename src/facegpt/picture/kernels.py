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


@njit(**{**JIT, "inline": "always"})
def _weights(t, out):  # type: ignore[no-untyped-def]
    out[0] = ((np.float32(2) - t) * t - np.float32(1)) * t * np.float32(0.5)
    out[1] = ((np.float32(3) * t - np.float32(5)) * t * t + np.float32(2)) * np.float32(0.5)
    out[2] = ((np.float32(4) - np.float32(3) * t) * t + np.float32(1)) * t * np.float32(0.5)
    out[3] = (t - np.float32(1)) * t * t * np.float32(0.5)


#: Kinds of surface that the warp treats apart, by vertex and by triangle: see `rig.kinds_of`.
SKIN, UPPER, LOWER, EYE = 0, 1, 2, 3
#: Columns of what is interpolated over the surface: place before (3), light's ratio (3), inner, facing, stretched, the
#: place before of what moves with the skull (3).
PLACE, RATIO, INNER, FACING, STRETCHED, RIGID, COLUMNS = 0, 3, 6, 7, 8, 9, 12


@njit(**JIT)
def warp_surface(  # type: ignore[no-untyped-def]  # noqa: D417
    triangle, maps, kind, back, per_cell, camera, step, block, depth, mouth, front, pull, upper, lower, how, out
):
    """Where each sample's content was in the photo, and how much of it has to be drawn.

    Args:
        triangle: (h, w) of the changed head's drawing, -1 for none. maps: (h, w, COLUMNS), what the surface carries.
        kind: (F,) kind of each triangle. back: (h', w', 2), the field around the face, photo pixels, `per_cell` samples
            a cell. camera: (focal, x, y) of the samples. step: samples per photo pixel. block: samples per map pixel.
        depth: (H, W) the photo's depth map in mm, 0 for none. mouth: (H, W, 2), where the photo looks into the mouth:
            what moves with the skull, and with the jaw. front: (h, w, 2), where something stands in front, and rims
            only, at how[6] cells a sample. pull: (H, W, 2), from the edge of an open mouth that shuts to lips, photo
            pixels.
        upper, lower: (2, 3) affine maps of sample places to where skull and jaw had them before.
        how: (behind_mm, fade_mm, grazing_0, grazing_1, still_px, mouth_moved 0..1).
        out: (h, w, 6): offset source - place in photo pixels, share that is drawn, the light's ratio.
    """
    behind, fade, grazing, facing, still, mouth_moved = how[0], how[1], how[2], how[3], how[4], how[5]
    focal, cx, cy = camera[0], camera[1], camera[2]
    for y in range(triangle.shape[0]):
        for x in range(triangle.shape[1]):
            fx = min(max((x + 0.5) / per_cell - 0.5, 0.0), back.shape[1] - 1.001)
            fy = min(max((y + 0.5) / per_cell - 0.5, 0.0), back.shape[0] - 1.001)
            i, j = int(fx), int(fy)
            a, b = np.float32(fx - i), np.float32(fy - j)
            ox = (1 - b) * ((1 - a) * back[j, i, 0] + a * back[j, i + 1, 0])
            ox += b * ((1 - a) * back[j + 1, i, 0] + a * back[j + 1, i + 1, 0])
            oy = (1 - b) * ((1 - a) * back[j, i, 1] + a * back[j, i + 1, 1])
            oy += b * ((1 - a) * back[j + 1, i, 1] + a * back[j + 1, i + 1, 1])
            new, r0, r1, r2 = np.float32(0), np.float32(1), np.float32(1), np.float32(1)
            f = triangle[y, x]
            if f >= 0 and maps[y, x, INNER] > 0:
                share = min(max((maps[y, x, FACING] - grazing) / (facing - grazing), np.float32(0)), np.float32(1))
                inner = maps[y, x, INNER] * share * share * (3 - 2 * share)
                z = maps[y, x, PLACE + 2]
                sx = maps[y, x, PLACE] / z * focal + cx
                sy = maps[y, x, PLACE + 1] / z * focal + cy
                mx, my = (sx - x) / step, (sy - y) / step
                moved = max(abs(mx), abs(my))
                before, px, py = np.float32(0), sx, sy  # what stood there in front, and where the skull had the sample
                if kind[f] != EYE and (moved > still or kind[f] != SKIN):
                    z = maps[y, x, RIGID + 2]
                    px = maps[y, x, RIGID] / z * focal + cx
                    py = maps[y, x, RIGID + 1] / z * focal + cy
                    before = _at(front, 0, (px + 0.5) * how[6] - 0.5, (py + 0.5) * how[6] - 0.5)
                if kind[f] == UPPER or kind[f] == LOWER:
                    inner = np.float32(1)
                    mx, my, hidden = _inside_mouth(x, y, kind[f], mouth, upper, lower, step, block)
                    new = mouth_moved * hidden * (1 - before)
                elif moved > still:
                    z = maps[y, x, PLACE + 2]
                    seen = _seen((sx + 0.5) / block - 0.5, (sy + 0.5) / block - 0.5, z, depth, behind, fade)
                    new = inner * max(1 - seen, maps[y, x, STRETCHED]) * (1 - before)
                    if kind[f] == SKIN:
                        for _ in range(3):  # skin that a rim hid stays on the skull: what the photo shows is the rim
                            rim = _at(front, 1, (sx + 0.5) * how[6] - 0.5, (sy + 0.5) * how[6] - 0.5)
                            sx, sy = px + (1 - rim) * (sx - px), py + (1 - rim) * (sy - py)
                        u, v = (sx + 0.5) / block - 0.5, (sy + 0.5) / block - 0.5
                        sx, sy = sx + step * _at(pull, 0, u, v), sy + step * _at(pull, 1, u, v)
                        mx, my = (sx - x) / step, (sy - y) / step
                mx, my = mx + before * ((px - x) / step - mx), my + before * ((py - y) / step - my)
                if new > 0.999:
                    mx, my = np.float32(0), np.float32(0)
                ox, oy = inner * mx + (1 - inner) * ox, inner * my + (1 - inner) * oy
                lit = inner * (1 - before)
                r0 += lit * (maps[y, x, RATIO] - 1)
                r1 += lit * (maps[y, x, RATIO + 1] - 1)
                r2 += lit * (maps[y, x, RATIO + 2] - 1)
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = ox, oy, new
            out[y, x, 3], out[y, x, 4], out[y, x, 5] = r0, r1, r2


@njit(**JIT)
def _inside_mouth(x, y, kind, mouth, upper, lower, step, block):  # type: ignore[no-untyped-def]
    """Offset (x, y) of a sample inside the mouth, and how much of it the photo does not show."""
    ux, uy = upper[0, 0] * x + upper[0, 1] * y + upper[0, 2], upper[1, 0] * x + upper[1, 1] * y + upper[1, 2]
    lx, ly = lower[0, 0] * x + lower[0, 1] * y + lower[0, 2], lower[1, 0] * x + lower[1, 1] * y + lower[1, 2]
    by_skull = _at(mouth, 0, (ux + 0.5) / block - 0.5, (uy + 0.5) / block - 0.5)
    by_jaw = _at(mouth, 1, (lx + 0.5) / block - 0.5, (ly + 0.5) / block - 0.5)
    if by_skull >= by_jaw:
        return np.float32((ux - x) / step), np.float32((uy - y) / step), np.float32(1 - by_skull)
    return np.float32((lx - x) / step), np.float32((ly - y) / step), np.float32(1 - by_jaw)


@njit(**JIT)
def _at(image, channel, x, y):  # type: ignore[no-untyped-def]
    """One channel of an image (H, W, C), bilinear; 0 outside."""
    if x < 0 or y < 0 or x >= image.shape[1] - 1 or y >= image.shape[0] - 1:
        return np.float32(0)
    i, j = int(x), int(y)
    a, b = np.float32(x - i), np.float32(y - j)
    top = (1 - a) * image[j, i, channel] + a * image[j, i + 1, channel]
    return (1 - b) * top + b * ((1 - a) * image[j + 1, i, channel] + a * image[j + 1, i + 1, channel])


@njit(**JIT)
def _seen(x, y, z, before, tolerance, fade):  # type: ignore[no-untyped-def]
    """Whether a point at depth z was the first surface of the photo's depth map: 1 seen, 0 hidden, soft over `fade`.

    It is compared with the deepest of the four nearest pixels, so that the edge of what hides it is not widened.
    """
    height, width = before.shape
    if x < 0 or y < 0 or x > width - 1 or y > height - 1:
        return np.float32(1)
    deepest = np.float32(0)
    for v in range(2):
        for u in range(2):
            d = before[min(int(y) + v, height - 1), min(int(x) + u, width - 1)]
            deepest = max(deepest, d if d > 0 else np.float32(1e9))
    return min(max(np.float32(1) - (z - deepest - tolerance) / fade, np.float32(0)), np.float32(1))


@njit(**JIT)
def finish(  # type: ignore[no-untyped-def]  # noqa: C901, D417
    source, warp, block, drawn, drawn_gain, encode, grain, lit, still, out, touched
):
    """The finished pixels (H, W, 3) uint8 of a window, and which of them are touched (H, W) uint8.

    Args:
        source: (H, W, 3) float32, the photo 0..255. warp: (H·block, W·block, 6) of `warp_surface`.
        drawn: (H·block, W·block, 3) linear, the drawn head; (0, 0, 3) where nothing is drawn. drawn_gain: (H, W, 3),
            what its colours are multiplied by. grain: (H, W) noise, 8-bit levels.
        encode: (N,) sRGB 0..255 of linear light 0..1. lit: (M,) factor of sRGB levels for ratios 0..4 of linear light.
        still: (pixels, share): offsets and changes of light below these are none.
    """
    height, width = source.shape[0], source.shape[1]
    wx, wy, total, one = (
        np.empty(4, np.float32),
        np.empty(4, np.float32),
        np.empty(3, np.float32),
        np.empty(3, np.float32),
    )
    levels, ratios = np.float32(len(encode) - 1), np.float32((len(lit) - 1) / 4)
    each = np.float32(1) / np.float32(block * block)
    for y in range(height):
        for x in range(width):
            changed = False
            low_x, low_y, high_x, high_y = np.float32(1e9), np.float32(1e9), np.float32(-1e9), np.float32(-1e9)
            mean_x, mean_y = np.float32(0), np.float32(0)
            for v in range(block):
                for u in range(block):
                    row, column = y * block + v, x * block + u
                    ox, oy = warp[row, column, 0], warp[row, column, 1]
                    if abs(ox) > still[0] or abs(oy) > still[0] or warp[row, column, 2] > 0.01:
                        changed = True
                    for k in range(3, 6):
                        if abs(warp[row, column, k] - 1) > still[1]:
                            changed = True
                    low_x, high_x = min(low_x, ox), max(high_x, ox)
                    low_y, high_y = min(low_y, oy), max(high_y, oy)
                    mean_x += ox * each
                    mean_y += oy * each
            touched[y, x] = 255 if changed else 0
            if not changed:
                for c in range(3):
                    out[y, x, c] = np.uint8(source[y, x, c])
                continue
            together = high_x - low_x < 1 and high_y - low_y < 1
            if together:
                _cubic(source, x + mean_x, y + mean_y, wx, wy, one)
            for c in range(3):
                total[c] = 0
            for v in range(block):
                for u in range(block):
                    row, column = y * block + v, x * block + u
                    new = warp[row, column, 2]
                    if not together:
                        px = x + (u + np.float32(0.5)) / block - np.float32(0.5) + warp[row, column, 0]
                        py = y + (v + np.float32(0.5)) / block - np.float32(0.5) + warp[row, column, 1]
                        _cubic(source, px, py, wx, wy, one)
                    for c in range(3):
                        ratio = min(max(warp[row, column, 3 + c], np.float32(0)), np.float32(3.999))
                        value = one[c] * lit[int(ratio * ratios)] if abs(ratio - 1) > still[1] else one[c]
                        if new > 0.01 and len(drawn) > 0:
                            linear = min(max(drawn[row, column, c] * drawn_gain[y, x, c], np.float32(0)), np.float32(1))
                            value += new * (encode[int(linear * levels)] + grain[y, x] - value)
                        total[c] += value * each
            for c in range(3):
                out[y, x, c] = np.uint8(min(max(total[c] + np.float32(0.5), np.float32(0)), np.float32(255)))


@njit(**JIT)
def _cubic(image, x, y, wx, wy, out):  # type: ignore[no-untyped-def]
    """Sample an image (H, W, 3) by Catmull-Rom splines (Keys 1981) into out (3,); exact at pixels, edges repeat."""
    height, width = image.shape[0], image.shape[1]
    x = min(max(x, np.float32(0)), np.float32(width - 1))
    y = min(max(y, np.float32(0)), np.float32(height - 1))
    x0, y0 = int(x), int(y)
    _weights(np.float32(x - x0), wx)
    _weights(np.float32(y - y0), wy)
    for c in range(3):
        out[c] = 0
    for v in range(4):
        row = min(max(y0 + v - 1, 0), height - 1)
        for u in range(4):
            column = min(max(x0 + u - 1, 0), width - 1)
            weight = wy[v] * wx[u]
            for c in range(3):
                out[c] += weight * image[row, column, c]


@njit(**JIT)
def invert(moves, steps, out):  # type: ignore[no-untyped-def]
    """Invert x → x + moves(x) on a grid (h, w, 2), all in grid cells: out (h, w, 2), where each place came from.

    Damped fixed-point iteration, which converges where moves change by less than a cell from cell to cell.
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
                x += np.float32(0.7) * (np.float32(i) - np.float32(dx) - x)
                y += np.float32(0.7) * (np.float32(j) - np.float32(dy) - y)
            out[j, i, 0], out[j, i, 1] = x, y
