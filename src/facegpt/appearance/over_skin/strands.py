"""Strands of hair before a face are filled with the skin beside them, so that no texture shows them.

Networks see hair where it is broad. A strand that falls over a forehead is thinner than a pixel of their maps; it is
found as a line that comes out of the hair and goes on over skin. Lines that run across a face are left: those of
foreheads and of eyes' corners do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import maximum_filter, minimum_filter

from facegpt.appearance.over_skin.line_traces import curved, traced
from facegpt.appearance.prior import LUMINANCE
from facegpt.conventions import LINEAR_OF_BYTE
from facegpt.detect.windows import Photo, Window, read_bilinear, read_grid
from facegpt.encode.parts import HAIR, HAND, HAT, SKIN, FaceParts, parts_window
from facegpt.fitting.mediapipe_points import BROWS, LEFT_LIDS, LIPS, NOSE, OVAL, RIGHT_LIDS
from facegpt.render.srgb_bytes import bytes_of_linear
from facegpt.render.texel_grids import blur
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: Side of the window that is looked at over the face's, and its pixels: about half a millimetre each.
WINDOW_SHARE, SIDE_PX = 0.52, 384
#: Half widths of lines, pixels of the window.
WIDTHS_PX = (1.3, 2.6)
#: Least strength of a line, log units; and how many times the usual strength on this face.
LEAST_LINE, TIMES_USUAL = 0.04, 4.0
#: Belief in skin from which pixels are a face's, how far inside it lines are believed, and what is beside hair, pixels.
FACE, INSIDE_PX, BESIDE_HAIR_PX = 0.3, 6, 9
#: Least length of a strand over open skin, pixels of the window; and how far it may be lost on its way into the hair.
LEAST_PX, MOST_PX, GAP_PX = 20, 80, 4
#: Least slope against the eye line (sine) of a strand.
SLOPE = 0.5
#: How far beside a strand's middle the photo is filled, and from how far, pixels of the window.
FILL_PX, FROM_PX = 5, 4.0
#: How far around the strands skin is looked at, in whole blocks of so many, pixels of the window.
MARGIN_PX, BLOCK_PX = 24, 8
#: How wide the outline of the face and those of its features are, pixels of the window.
JAW_PX = 10
#: By how much the forehead goes on above the outline, of its height there.
FOREHEAD = 0.6
FEATURES = ((RIGHT_LIDS, 20), (LEFT_LIDS, 20), (BROWS[:10], 12), (BROWS[10:], 12), (LIPS, 10), (NOSE, 12))
#: The darkest light that counts, linear.
DARKEST = 0.01


def without_strands(image: NDArray[np.uint8], parts: FaceParts | None, factor: float = 1.0) -> NDArray[np.uint8]:
    """A photo (H, W, 3) uint8 sRGB whose strands over the face are filled with skin.

    Args:
        image: the photo.
        parts: what is seen around the face; a photo without is left as it is.
        factor: pixels of the photo that `parts` is of over pixels of this one.
    """
    if parts is None or parts.points is None:
        return image
    window = face_window(parts)
    skin, hair = (parts.belief_in(window, SIDE_PX, *which) for which in ((SKIN,), (HAIR, HAT, HAND)))
    own = Window(
        (window.x + 0.5) / factor - 0.5, (window.y + 0.5) / factor - 0.5, window.side / factor, window.roll_rad
    )
    crop = LINEAR_OF_BYTE[np.round(255 * Photo(image).crop(own, SIDE_PX)).astype(np.uint8).transpose(1, 2, 0)]
    strand = strands_in(crop, skin, hair, face_in(window, parts.points))
    if not strand.any():
        return image
    return _filled(image, crop, strand, (skin > FACE).astype(np.float32), own)


def face_window(parts: FaceParts) -> Window:
    """The upright window that the skin of a face fills."""
    assert parts.points is not None
    whole = parts_window(parts.points)
    return Window(whole.x, whole.y, whole.side * WINDOW_SHARE, whole.roll_rad)


def strands_in(crop: Array, skin: Array, hair: Array, plain: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Where strands lie before skin (S, S), 0..1.

    Args: the window (S, S, 3) linear RGB, beliefs in skin and in hair, hats and hands (S, S), and where the face is
        plain: `face_in`.
    """
    out, asked = np.zeros(hair.shape, np.float32), plain & (skin > FACE)
    if not asked.any() or not (hair > 0.5).any():
        return out
    box = _box(asked)
    out[box] = _strands_near(crop[box], skin[box], hair[box], plain[box])
    return out


def _strands_near(crop: Array, skin: Array, hair: Array, plain: NDArray[np.bool_]) -> NDArray[np.float32]:
    """`strands_in` of a part of the window."""
    covered = maximum_filter((hair > 0.5).astype(np.uint8), BESIDE_HAIR_PX)
    inner = minimum_filter(((skin > FACE) | (covered > 0)).astype(np.uint8), 2 * INSIDE_PX + 1) > 0
    open_skin = inner & (covered == 0) & plain
    found = np.zeros(hair.shape, np.bool_)
    if not open_skin.any() or not covered.any():
        return found.astype(np.float32)
    light = np.log(crop @ np.array(LUMINANCE, np.float32) + np.float32(DARKEST))
    smooth = [gaussian_blur(light, width, truncate=3) for width in WIDTHS_PX]
    for sign in (1, -1):
        strength, across = lines_of(smooth, sign, inner & plain)
        least = max(LEAST_LINE, TIMES_USUAL * float(np.median(strength[open_skin])))
        length, from_hair = traced(strength, across, hair, covered, least, MOST_PX, GAP_PX, SLOPE)
        found |= (length >= LEAST_PX) & from_hair & open_skin
    if not found.any():
        return found.astype(np.float32)
    return np.asarray(gaussian_blur(maximum_filter(found.astype(np.float32), FILL_PX), 0.7))


def lines_of(
    smooth: list[Array], sign: int, asked: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How strongly dark lines (sign 1) or light ones (-1) pass through pixels (S, S), and the unit vectors across them.

    Strengths are in units of the picture, blurred by WIDTHS_PX each; the vectors are (S, S, 2), x and y. The larger
    curvature less the smaller one's size, at the width that tells more; 0 where nobody asked (S, S).
    """
    strength, across = np.zeros(smooth[0].shape, np.float32), np.zeros((*smooth[0].shape, 2), np.float32)
    for each, width in zip(smooth, WIDTHS_PX, strict=True):
        curved(sign * each, np.float32(width**2), asked, strength, across)
    return strength, across


def face_in(window: Window, points: Array) -> NDArray[np.bool_]:
    """Pixels of a window (S, S) of a face with points (478, 2+), px, but those of its eyes, brows, lips and nose."""
    to_photo = window.of_pixels(SIDE_PX)
    places = np.linalg.solve(to_photo[:, :2], (np.asarray(points)[:, :2] - to_photo[:, 2]).T).T
    drawn = Image.new("L", (SIDE_PX, SIDE_PX))
    draw = ImageDraw.Draw(drawn)
    brow = places[list(BROWS)].mean(0)[1]
    above = np.minimum(places[list(OVAL)] - [0, brow], 0) * [0, FOREHEAD]  # the outline ends below the hair
    outline = [(float(x), float(y)) for x, y in places[list(OVAL)] + above]
    draw.polygon(outline, fill=1)
    draw.line([*outline, outline[0]], fill=0, width=JAW_PX)
    for feature, wide in FEATURES:
        corners = [tuple(map(float, places[k])) for k in feature]
        for one in corners:
            draw.line([corners[0], one], fill=0, width=wide)
            draw.ellipse([one[0] - wide / 2, one[1] - wide / 2, one[0] + wide / 2, one[1] + wide / 2], fill=0)
    return np.asarray(drawn, np.bool_)


def _filled(
    image: NDArray[np.uint8], crop: Array, strand: NDArray[np.float32], skin: NDArray[np.float32], window: Window
) -> NDArray[np.uint8]:
    """The photo with strands (S, S) of a window replaced by what skin (S, S) lies beside them."""
    to_window = window.of_pixels(SIDE_PX)
    back = np.linalg.inv(to_window[:, :2])
    where = np.argwhere(strand > 0)[:, ::-1] @ to_window[:, :2].T + to_window[:, 2]
    size = np.array(image.shape[1::-1])
    low, high = (np.clip(edge, 0, size).astype(int) for edge in (where.min(0) - 1, where.max(0) + 2))
    if (high <= low).any():
        return image
    shares = np.empty((high - low)[::-1], np.float32)
    read_grid(strand, np.column_stack([back, back @ (low - to_window[:, 2])]), shares)
    part = image[low[1] : high[1], low[0] : high[0]]
    changed = shares > 0
    places = ((np.argwhere(changed)[:, ::-1] + low) - to_window[:, 2]) @ back.T
    kept, own = LINEAR_OF_BYTE[part[changed]], shares[changed][:, None]
    mixed = kept + own * (_beside(crop, strand, skin, places) - kept)
    out = image.copy()
    out[low[1] : high[1], low[0] : high[0]][changed] = bytes_of_linear(mixed)
    return out


def _beside(crop: Array, strand: NDArray[np.float32], skin: NDArray[np.float32], places: Array) -> NDArray[np.float32]:
    """The colours (N, 3) of the skin (S, S) beside strands, at places (N, 2) px of the window (S, S, 3)."""
    near = _box(strand > 0)
    weight = skin[near] * np.clip(1 - 2 * strand[near], 0, 1)
    fill = np.ascontiguousarray(blur(np.ascontiguousarray(crop[near]), weight, FROM_PX), np.float32)
    return np.asarray(read_bilinear(fill, np.ascontiguousarray(places - [near[1].start, near[0].start], np.float32)))


def _box(found: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns of the window around places (S, S), in whole blocks of the coarse grids of `blur`."""
    ends = []
    for axis in (1, 0):
        lines = np.flatnonzero(found.any(axis))
        first, last = max(int(lines[0]) - MARGIN_PX, 0), int(lines[-1]) + MARGIN_PX
        ends.append(slice(first // BLOCK_PX * BLOCK_PX, min(-(-last // BLOCK_PX) * BLOCK_PX, SIDE_PX)))
    return ends[0], ends[1]
