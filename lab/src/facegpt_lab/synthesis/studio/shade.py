"""The kernel that shades a studio picture: one deferred pass over the triangle that each pixel shows.

Arrays of one picture: vertices, normals (N, 3) camera frame, mm; index (H, W) triangle or -1. Colours linear RGB.
Light: render/base.py. How a person and her clothes look comes as short arrays of numbers:
    look (24,): 0 share of the second skin, 1-3 gain, 4 gloss, 5 exponent, 6-8 how far light wraps around an edge,
        9-11 tone of teeth, 12 lashes, 13-15 hair, 16 its gloss, 17 one over its mean texel, 18 whether lamp 0 has a
        shadow map.
    eye (8,): 0-2 iris, 3-5 white, 6 pupil's share of the iris' radius, 7 redness of the corners.
    paints (K, 12): 0-2 colour, 3-5 second colour, 6 pattern, 7 one over its size in mm, 8 gloss, 9 exponent.
    lamps (L, 6): 0-2 direction towards the lamp, 3-5 strength.
    gaze (3, 4): rows 0, 1 where the left and the right eye look; row 2 the plane between the eyes.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from facegpt.render.scalar import INLINE, KERNEL, ONE, ZERO, irradiance, ray_plane
from facegpt_lab.synthesis.studio.materials import CARD, EYE, FLESH, LASH, MOUTH, SHELL, SKIN, TEETH
from facegpt_lab.synthesis.studio.raster import noise01

F = np.float32
#: Radius of the iris on the unit eyeball; how much rounder the cornea is than the ball.
IRIS, CORNEA = F(0.47), F(0.65)
#: How far hair lets light through to its far side.
HAIR_WRAP = F(0.25)


@njit(**INLINE)
def _texel(texture, lut, u, v):
    """Read a (S, S, 3) uint8 texture bilinearly, made linear by a table: r, g, b."""
    n = texture.shape[0]
    x = min(max(u * F(n) - F(0.5), ZERO), F(n - 1))
    y = min(max((ONE - v) * F(n) - F(0.5), ZERO), F(n - 1))
    x0, y0 = int(x), int(y)
    x1, y1 = min(x0 + 1, n - 1), min(y0 + 1, n - 1)
    fx, fy = x - F(x0), y - F(y0)
    w00, w01, w10, w11 = (ONE - fx) * (ONE - fy), fx * (ONE - fy), (ONE - fx) * fy, fx * fy
    r = lut[texture[y0, x0, 0]] * w00 + lut[texture[y0, x1, 0]] * w01
    r += lut[texture[y1, x0, 0]] * w10 + lut[texture[y1, x1, 0]] * w11
    g = lut[texture[y0, x0, 1]] * w00 + lut[texture[y0, x1, 1]] * w01
    g += lut[texture[y1, x0, 1]] * w10 + lut[texture[y1, x1, 1]] * w11
    b = lut[texture[y0, x0, 2]] * w00 + lut[texture[y0, x1, 2]] * w01
    b += lut[texture[y1, x0, 2]] * w10 + lut[texture[y1, x1, 2]] * w11
    return r, g, b


@njit(**INLINE)
def _shadow(shadow, frame, x, y, z):
    """The share 0..1 of the first lamp's light that reaches a point; frame (3, 4) leads into the shadow map."""
    sx = frame[0, 0] * x + frame[0, 1] * y + frame[0, 2] * z + frame[0, 3]
    sy = frame[1, 0] * x + frame[1, 1] * y + frame[1, 2] * z + frame[1, 3]
    sz = frame[2, 0] * x + frame[2, 1] * y + frame[2, 2] * z + frame[2, 3] + F(3.5)
    n = shadow.shape[0]
    if sx < ONE or sy < ONE or sx > F(n - 2) or sy > F(n - 2):
        return ONE
    x0, y0 = int(sx), int(sy)
    fx, fy = sx - F(x0), sy - F(y0)
    lit = (F(sz > shadow[y0, x0]) * (ONE - fx) + F(sz > shadow[y0, x0 + 1]) * fx) * (ONE - fy)
    return lit + (F(sz > shadow[y0 + 1, x0]) * (ONE - fx) + F(sz > shadow[y0 + 1, x0 + 1]) * fx) * fy


@njit(**INLINE)
def _skin(u, v, look, tex_a, tex_b, lut):
    """The colour of skin: a mix of two textures times a gain."""
    r, g, b = _texel(tex_a, lut, u, v)
    if look[0] > ZERO:
        r2, g2, b2 = _texel(tex_b, lut, u, v)
        r, g, b = r + look[0] * (r2 - r), g + look[0] * (g2 - g), b + look[0] * (b2 - b)
    return r * look[1], g * look[2], b * look[3]


@njit(**INLINE)
def _iris(u, v, away, eye):
    """The colour of iris and pupil at a place of the unit eyeball, `away` from its front."""
    ring = away / IRIS
    fibre = F(0.65) + F(0.7) * noise01(math.atan2(v, u) * F(7), ring * F(2), 9)
    pupil = min(max((ring - eye[6]) * F(9), ZERO), ONE)
    limb = min(max((ONE - ring) * F(4), F(0.12)), ONE)
    tone = fibre * (F(0.55) + F(0.4) * ring) * limb * pupil
    edge = min(max((ring - F(0.9)) * F(10), ZERO), ONE) * F(0.5)
    r, g, b = eye[0] * tone + F(0.003), eye[1] * tone + F(0.003), eye[2] * tone + F(0.003)
    dim = F(0.4)
    return r + edge * (eye[3] * dim - r), g + edge * (eye[4] * dim - g), b + edge * (eye[5] * dim - b)


@njit(**INLINE)
def _white(away, eye):
    """The colour of the white of the eye, redder towards the corners."""
    red = min(max((away - F(0.55)) * F(1.4), ZERO), ONE) * eye[7]
    return eye[3], eye[4] * (ONE - F(0.45) * red), eye[5] * (ONE - F(0.5) * red)


@njit(**INLINE)
def _strands(kind, u, v, look, card):
    """The colour of hair: a card's texture, or streaks along a smooth mass."""
    if kind == CARD:
        n = card.shape[0]
        row, column = min(max(int((ONE - v) * n), 0), n - 1), min(max(int(u * n), 0), n - 1)
        shown = F(card[row, column, 0]) * look[17]
    else:
        lock = F(0.6) + F(0.8) * noise01(u * F(40), v * F(5), 4)
        shown = F(0.45) + F(0.75) * noise01(u * F(210), v * F(16), 3) * lock
    return look[13] * shown, look[14] * shown, look[15] * shown


@njit(**INLINE)
def _pattern(kind, u, v):
    """The share 0..1 of the second colour of a fabric at a place in pattern units."""
    if kind == 1:
        return ONE if math.floor(v) % 2 == 0 else ZERO
    if kind == 2:
        return F(0.5) * (F(math.floor(v) % 2 == 0) + F(math.floor(u) % 2 == 0))
    if kind == 3:
        return noise01(u, v, 5) * F(0.6) + noise01(u * F(2.7), v * F(2.7), 6) * F(0.4)
    return ZERO


@njit(**INLINE)
def _fabric(paint, u, v):
    """The colour of a fabric at a place in mm."""
    share = _pattern(int(paint[6]), u * paint[7], v * paint[7])
    weave = F(0.86) + F(0.28) * noise01(u * F(0.35), v * F(0.35), 2)
    r = (paint[0] + share * (paint[3] - paint[0])) * weave
    g = (paint[1] + share * (paint[4] - paint[1])) * weave
    return r, g, (paint[2] + share * (paint[5] - paint[2])) * weave


@njit(**INLINE)
def _colour(kind, u, v, look, eye, paint, tex_a, tex_b, lut, card):
    """The albedo of a place of a surface."""
    if kind == SKIN:
        return _skin(u, v, look, tex_a, tex_b, lut)
    if kind in (MOUTH, TEETH):
        r, g, b = _texel(tex_a, lut, u, v)
        if kind == TEETH:
            r, g, b = r * look[9], g * look[10], b * look[11]
        return r, g, b
    if kind == EYE:
        away = math.sqrt(u * u + v * v)
        return _iris(u, v, away, eye) if away < IRIS else _white(away, eye)
    if kind == LASH:
        return look[12], look[12] * F(0.8), look[12] * F(0.7)
    if kind in (CARD, SHELL):
        return _strands(kind, u, v, look, card)
    return _fabric(paint, u, v)


@njit(**INLINE)
def _finish(kind, look, paint, sky):
    """Gloss, exponent and the share of the light from around that reaches a place, of which sky is open."""
    if kind == SKIN:
        return look[4], look[5], F(0.12) + F(0.88) * sky
    if kind == TEETH:
        return F(0.25), F(50), F(0.10) + F(2.6) * sky
    if kind == MOUTH:
        return F(0.12), F(30), F(0.05) + F(1.8) * sky
    if kind == EYE:
        return F(2.2), F(420), F(0.08) + F(1.05) * min(sky, F(0.5))
    if kind == LASH:
        return ZERO, F(20), sky
    if kind in (CARD, SHELL):
        return ZERO, F(20), F(0.3) + F(0.7) * sky
    if kind == FLESH:
        return look[4], look[5], sky
    return paint[8], paint[9], sky


@njit(**INLINE)
def _reach(kind, k, has_shadow, shadow, frame, x, y, z, sky):
    """The share 0..1 of lamp k's light that reaches a point."""
    share = ONE
    if k == 0 and has_shadow:
        if kind not in (EYE, LASH):
            share = _shadow(shadow, frame, x, y, z)
    else:
        share = min(F(0.25) + F(1.1) * sky, ONE)
    if kind in (TEETH, MOUTH, EYE):
        share *= min(sky * F(1.3), ONE)
    return share


@njit(**INLINE)
def _strand_lobe(x, y, z, nx, ny, nz, hx, hy, hz, cosine, crown, gloss):
    """The highlight of hair that flows from the crown (Kajiya and Kay 1989)."""
    tx, ty, tz = x - crown[0], y - crown[1], z - crown[2]
    along = tx * nx + ty * ny + tz * nz
    tx, ty, tz = tx - along * nx, ty - along * ny, tz - along * nz
    size = ONE / math.sqrt(tx * tx + ty * ty + tz * tz + F(1e-6))
    th = (tx * hx + ty * hy + tz * hz) * size
    across = max(ONE - th * th, ZERO)
    cube = across * across * across
    return cube * cube * across * gloss * max(F(0.3) + F(0.7) * cosine, ZERO)


@njit(**INLINE)
def _gloss_lobe(kind, nh, rim, gloss, exponent):
    """The highlight of a smooth surface (Blinn 1977), stronger at grazing angles on skin."""
    if nh <= F(0.5):
        return ZERO
    lobe = math.exp(exponent * math.log(nh)) * gloss
    if kind == SKIN:
        lobe *= F(0.75) + F(2.6) * rim
    return lobe


@njit(**INLINE)
def _weights(w1, w2):
    """Clamp two barycentric weights and give all three."""
    w1, w2 = min(max(w1, ZERO), ONE), min(max(w2, ZERO), ONE)
    return max(ONE - w1 - w2, ZERO), w1, w2


@njit(**INLINE)
def _rounder(nx, ny, nz, x, y, z, gaze):
    """Bend the normal of an iris outwards as the cornea is: rounder than the ball."""
    row = 0 if x * gaze[2, 0] + y * gaze[2, 1] + z * gaze[2, 2] > gaze[2, 3] else 1
    nx, ny, nz = nx + CORNEA * (nx - gaze[row, 0]), ny + CORNEA * (ny - gaze[row, 1]), nz + CORNEA * (nz - gaze[row, 2])
    length = ONE / math.sqrt(nx * nx + ny * ny + nz * nz)
    return nx * length, ny * length, nz * length


@njit(**INLINE)
def _light(
    kind, r, g, b, x, y, z, nx, ny, nz, vx, vy, vz, gloss, exponent, sky, look, lamps, light, shadow, frame, crown
):
    """The light that a place sends to the camera."""
    er = max(irradiance(light, 0, nx, ny, nz), ZERO) * sky
    eg = max(irradiance(light, 1, nx, ny, nz), ZERO) * sky
    eb = max(irradiance(light, 2, nx, ny, nz), ZERO) * sky
    facing = nx * vx + ny * vy + nz * vz
    rim = (ONE - facing) * (ONE - facing)
    rim = rim * rim * F(0.25) * min(gloss * F(6), ONE)
    sheen = rim
    if kind == EYE:  # the bright upper half of the surroundings, mirrored
        sheen += F(0.03) * min(max(F(2) * vy - F(4) * facing * ny, ZERO), ONE)
    sr, sg, sb = er * sheen, eg * sheen, eb * sheen
    strand = kind in (CARD, SHELL)
    ur, ug, ub = ZERO, ZERO, ZERO
    if strand:
        ur, ug, ub = HAIR_WRAP, HAIR_WRAP, HAIR_WRAP
    elif kind in (SKIN, FLESH):
        ur, ug, ub = look[6], look[7], look[8]
    for k in range(len(lamps)):
        dx, dy, dz = lamps[k, 0], lamps[k, 1], lamps[k, 2]
        cosine = nx * dx + ny * dy + nz * dz
        reach = _reach(kind, k, look[18] > ZERO, shadow, frame, x, y, z, sky)
        er += max(cosine + ur, ZERO) / (ONE + ur) * reach * lamps[k, 3]
        eg += max(cosine + ug, ZERO) / (ONE + ug) * reach * lamps[k, 4]
        eb += max(cosine + ub, ZERO) / (ONE + ub) * reach * lamps[k, 5]
        hx, hy, hz = dx + vx, dy + vy, dz + vz
        half = ONE / math.sqrt(hx * hx + hy * hy + hz * hz + F(1e-9))
        hx, hy, hz = hx * half, hy * half, hz * half
        if strand:
            lobe = _strand_lobe(x, y, z, nx, ny, nz, hx, hy, hz, cosine, crown, look[16]) * reach
            sr, sg, sb = (
                sr + lobe * (F(0.05) + r) * lamps[k, 3],
                sg + lobe * (F(0.05) + g) * lamps[k, 4],
                sb + lobe * (F(0.05) + b) * lamps[k, 5],
            )
        elif gloss > ZERO and cosine > ZERO:
            lobe = _gloss_lobe(kind, nx * hx + ny * hy + nz * hz, rim, gloss, exponent) * reach
            sr, sg, sb = sr + lobe * lamps[k, 3], sg + lobe * lamps[k, 4], sb + lobe * lamps[k, 5]
    return r * er + sr, g * eg + sg, b * eb + sb


@njit(**INLINE)
def _normal(normals, a, b, c, w0, w1, w2, vx, vy, vz):
    """Interpolate the unit normal, turned towards the camera."""
    nx = w0 * normals[a, 0] + w1 * normals[b, 0] + w2 * normals[c, 0]
    ny = w0 * normals[a, 1] + w1 * normals[b, 1] + w2 * normals[c, 1]
    nz = w0 * normals[a, 2] + w1 * normals[b, 2] + w2 * normals[c, 2]
    length = ONE / math.sqrt(nx * nx + ny * ny + nz * nz + F(1e-12))
    if nx * vx + ny * vy + nz * vz < ZERO:
        length = -length
    return nx * length, ny * length, nz * length


@njit(**KERNEL, fastmath=True)
def shade(
    vertices, normals, triangles, corner_uv, material, paint_of, open_, camera, index,
    tex_a, tex_b, lut, card, paints, look, eye, lamps, light, shadow, frame, crown, gaze, color,
):  # fmt: skip
    """Fill color (H, W, 3) where index is a triangle. open_: (N,) see Piece; crown: (3,) from where hair flows."""
    inverse_focal, cx, cy = ONE / camera[0], camera[1], camera[2]
    for row in range(index.shape[0]):
        ry = (F(row) - cy) * inverse_focal
        for column in range(index.shape[1]):
            f = index[row, column]
            if f < 0:
                continue
            rx = (F(column) - cx) * inverse_focal
            a, b, c = triangles[f, 0], triangles[f, 1], triangles[f, 2]
            px, py, pz = vertices[a, 0], vertices[a, 1], vertices[a, 2]
            solved = ray_plane(
                *(rx, ry, px, py, pz, vertices[b, 0] - px, vertices[b, 1] - py, vertices[b, 2] - pz),
                *(vertices[c, 0] - px, vertices[c, 1] - py, vertices[c, 2] - pz),
            )
            w0, w1, w2 = _weights(solved[0], solved[1])
            z = w0 * pz + w1 * vertices[b, 2] + w2 * vertices[c, 2]
            sight = -ONE / math.sqrt(rx * rx + ry * ry + ONE)
            vx, vy, vz = rx * sight, ry * sight, sight
            nx, ny, nz = _normal(normals, a, b, c, w0, w1, w2, vx, vy, vz)
            u = w0 * corner_uv[f, 0, 0] + w1 * corner_uv[f, 1, 0] + w2 * corner_uv[f, 2, 0]
            v = w0 * corner_uv[f, 0, 1] + w1 * corner_uv[f, 1, 1] + w2 * corner_uv[f, 2, 1]
            kind, paint = material[f], paints[paint_of[f]]
            if kind == EYE and u * u + v * v < IRIS * IRIS:
                nx, ny, nz = _rounder(nx, ny, nz, px, py, pz, gaze)
            red, green, blue = _colour(kind, u, v, look, eye, paint, tex_a, tex_b, lut, card)
            gloss, exponent, sky = _finish(kind, look, paint, w0 * open_[a] + w1 * open_[b] + w2 * open_[c])
            red, green, blue = _light(
                *(kind, red, green, blue, rx * z, ry * z, z, nx, ny, nz, vx, vy, vz, gloss, exponent, sky),
                *(look, lamps, light, shadow, frame, crown),
            )
            color[row, column, 0], color[row, column, 1], color[row, column, 2] = red, green, blue
