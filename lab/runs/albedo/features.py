"""Named features of skin, painted over the mean head: freckles, wrinkles, dark circles, flush; and how skin shines.

Every feature is a plane (H, W) over the atlas, drawn from landmarks and places in mm, so that it fits any size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from facegpt.types import Array
from lab.runs.albedo.canvas import Canvas, distance_to_line, noise, smooth_step
from lab.runs.albedo.paint import lip_mask

#: The head seen as a cylinder about this vertical line (x = 0, z), mm: across = CYLINDER_MM · azimuth.
CYLINDER_Z, CYLINDER_MM = 15.0, 80.0
#: Colour of each painted feature, log units of red, green, blue for one SD where the plane is 1.
FRECKLE, WRINKLE = np.array([-0.13, -0.26, -0.34]), np.array([-0.105, -0.135, -0.13])
CIRCLE, FLUSH = np.array([-0.10, -0.145, -0.10]), np.array([0.010, -0.095, -0.070])
#: Blood and carotene in all of the skin, at one brightness.
REDNESS, YELLOWNESS = np.array([0.045, -0.020, -0.015]), np.array([0.012, 0.008, -0.085])


def unrolled(points: Array) -> NDArray:
    """Unroll head points (..., 3) from the cylinder around the head: (..., 2) across (outwards), up; mm."""
    across = CYLINDER_MM * np.arctan2(np.abs(points[..., 0]), points[..., 2] - CYLINDER_Z)
    return np.stack([across, points[..., 1]], -1)


def beside(point: Array, across: float, up: float) -> NDArray:
    """Move unrolled points (..., 2), mm."""
    return np.asarray(point) + np.array([across, up])


def freckles(canvas: Canvas) -> NDArray[np.float32]:
    """Freckle cover (H, W) in 0..1: round spots of 1 to 3 mm, dense on nose and cheeks, a few on the forehead."""
    position = canvas.position
    nose, brow = canvas.marks[30], canvas.marks[27]
    at = (position - [0, 0.5 * (nose[1] + brow[1]) - 4, 0]) / [50, 23, 1e9]
    dense = np.exp(-((at**2).sum(-1) ** 1.5))
    upper = 0.12 * smooth_step(brow[1] + 10, brow[1] + 30, position[..., 1])
    upper = upper * smooth_step(brow[1] + 85, brow[1] + 60, position[..., 1])
    jaw = 0.07 * smooth_step(canvas.marks[8, 1], canvas.marks[8, 1] + 25, position[..., 1])
    likely = np.maximum(np.maximum(dense, upper), jaw) * (0.55 + 0.45 * np.clip(noise(position, 9.0, 62) + 0.6, 0, 1.6))
    near = canvas.of("skin") & (position[..., 2] > 25) & (lip_mask(canvas) < 0.05)
    rng = np.random.default_rng(61)
    area = np.linalg.norm(np.cross(np.gradient(position, axis=0), np.gradient(position, axis=1)), axis=-1)
    chance = np.where(near, likely * np.minimum(area, 1.5), 0).ravel().astype(np.float64)
    roots = rng.choice(len(chance), 2600, replace=False, p=chance / chance.sum())
    places = position.reshape(-1, 3)[roots]
    radius, depth = (
        rng.uniform(0.45, 1.0, len(roots)) * (1 + rng.random(len(roots)) ** 4),
        rng.beta(1.4, 2.6, len(roots)),
    )
    gap, which = cKDTree(places).query(position[near] + 0.25 * _jitter(position[near]), k=4)
    spots = depth[which] * smooth_step(1.25, 0.55, gap / radius[which])
    out = np.zeros(near.shape, np.float32)
    out[near] = spots.max(1)
    return out


def _jitter(points: Array) -> NDArray:
    """Displace points (N, 3) a little, so that round things are not too round."""
    return np.stack([noise(points, 0.8, seed) for seed in (63, 64, 65)], -1)


def wrinkle_lines(canvas: Canvas) -> list[tuple[Array, float, float]]:
    """List the lines of an old face: (N, 2) unrolled places in mm, depth 0..1 and half-width in mm."""
    marks = canvas.marks
    at = {name: unrolled(marks[i]) for name, i in _PLACES.items()}
    brow_y = canvas.brow[2, 1]
    lines: list[tuple[Array, float, float]] = []
    for k, (rise, depth, reach) in enumerate(_FOREHEAD):
        across = np.linspace(0, reach, 12)
        wave = 2.5 * np.sin(across / 17 + 0.6 * k) - 1.5 * np.exp(-((across / 9) ** 2)) - 0.0016 * across**2
        lines.append((np.stack([across, brow_y + rise + wave], 1), depth, 0.95))
    frown = np.array([[6.5, brow_y - 6], [6.0, brow_y + 3], [7.5, brow_y + 11]])
    lines.append((frown, 0.75, 0.8))
    for angle, length, depth in _CROWS_FEET:
        along = np.linspace(0, 1, 7)
        bend = np.radians(angle) + np.radians(12) * along * np.sign(angle)
        step = np.stack([np.cos(bend), np.sin(bend)], 1) * length / 6
        lines.append((at["outer"] + [4.5, 0.22 * angle / 10] + np.cumsum(step, 0), depth, 0.55))
    lid = np.array([at["inner"], 0.5 * (at["inner"] + at["outer"]) - [0, 5.0], at["outer"]])
    for drop, depth in ((4.0, 0.45), (8.0, 0.75)):
        lines.append((_smooth(lid - np.array([[1, 0.75], [0, 1.15], [-1, 0.55]]) * [2.0, drop]), depth, 0.7))
    fold = [at["wing"] + [4.5, 5], at["wing"] + [9, -4], at["corner"] + [7.5, 8], at["corner"] + [8.5, -4]]
    lines.append((_smooth(np.array(fold)), 1.0, 1.4))
    lines.append(
        (_smooth(np.array([at["corner"] + [3.0, -4], at["corner"] + [4, -12], at["corner"] + [3, -21]])), 0.6, 0.9)
    )
    lip = at["lip_bottom"][1]
    lines.append((_smooth(np.array([[0, lip - 8.5], [9, lip - 8], [16, lip - 4.5]])), 0.35, 1.2))
    for k, across in enumerate(np.linspace(2.5, 21, 7)):
        top = np.interp(across, [0, 25], [at["lip_top"][1] + 1.5, at["corner"][1] + 3])
        lines.append((np.array([[across, top], [across * 1.05, top + 4.5 + 1.2 * (k % 2)]]), 0.35, 0.45))
    chin = marks[8, 1]
    for drop, depth in ((34.0, 0.7), (52.0, 0.55)):
        across = np.linspace(0, 80, 9)
        lines.append((np.stack([across, chin - drop + 0.0035 * across**2], 1), depth, 1.0))
    return lines


_PLACES = {"outer": 45, "inner": 42, "wing": 35, "corner": 54, "lip_top": 51, "lip_bottom": 57}
_FOREHEAD = ((11.0, 0.55, 34), (18.0, 0.9, 44), (26.0, 1.0, 46), (34.5, 0.85, 42), (43.0, 0.5, 34))
_CROWS_FEET = ((38, 16, 0.55), (14, 20, 0.85), (-12, 19, 0.9), (-34, 20, 0.65), (-58, 16, 0.35))


def wrinkles(canvas: Canvas) -> NDArray[np.float32]:
    """The depth of wrinkles (H, W), 1 in the deepest line of an old face."""
    warp = np.stack([noise(canvas.position, 12.0, 81), noise(canvas.position, 12.0, 82)], -1)
    warp += 0.3 * np.stack([noise(canvas.position, 3.0, 83), noise(canvas.position, 3.0, 84)], -1)
    places = unrolled(canvas.position) + 0.55 * warp
    broken = np.clip(0.8 + 0.35 * noise(canvas.position, 5.0, 85), 0.15, 1.2)
    front = canvas.of("skin") & (canvas.position[..., 2] > -15)
    total = np.zeros(front.shape)
    for line, depth, width in wrinkle_lines(canvas):
        low, high = line.min(0) - 8, line.max(0) + 8
        near = front & ((places > low) & (places < high)).all(-1)
        gap, along = distance_to_line(places[near], line)
        ends = smooth_step(-0.02, 0.18, along) * smooth_step(1.02, 0.80, along)
        if line[0, 0] == 0:  # it crosses the middle, where it has no end
            ends = smooth_step(1.02, 0.75, along)
        shape = 0.65 * np.exp(-((gap / width) ** 2)) + 0.35 * np.exp(-((gap / (3.2 * width)) ** 2))
        total[near] = np.maximum(total[near], depth * ends * shape)
    return (total * broken * (1 - lip_mask(canvas)) + _crepe(canvas)).astype(np.float32)


def _crepe(canvas: Canvas) -> NDArray:
    """Fine criss-cross lines of thin skin, below the eyes and on cheeks: (H, W) in 0..0.25."""
    places = np.concatenate([unrolled(canvas.position), canvas.position[..., :1]], -1)
    across = noise(places * [0.35, 1.6, 0.0], 1.0, 86) + noise(places * [1.2, 0.6, 0.0] + [0, 9, 0], 1.0, 87)
    eye = unrolled(canvas.marks[[42, 45]]).mean(0)
    gap = (unrolled(canvas.position) - eye + [0, 14]) / [34, 22]
    near = np.exp(-((gap**2).sum(-1) ** 2)) * smooth_step(eye[1] + 1, eye[1] - 5, canvas.position[..., 1])
    return 0.11 * smooth_step(0.3, 1.6, across) * near * canvas.of("skin")


def _smooth(line: Array) -> NDArray:
    """Round a polyline (N, 2) by cutting its corners three times (Chaikin 1974)."""
    for _ in range(3):
        cut = np.stack([0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]], 1).reshape(-1, 2)
        line = np.concatenate([line[:1], cut, line[-1:]])
    return line


def dark_circles(canvas: Canvas) -> NDArray[np.float32]:
    """The hollow below each eye, and a little of the upper lid (H, W) in 0..1."""
    places, marks = unrolled(canvas.position), unrolled(canvas.marks)
    inner, outer = marks[42], marks[45]
    lid = _smooth(np.array([beside(inner, 1, -3), 0.5 * (inner + outer) + [-2, -9.5], beside(outer, -3, -6)]))
    gap, along = distance_to_line(places, lid)
    below = np.exp(-((gap / 5.0) ** 2)) * (1 - 0.55 * along)
    above = 0.45 * np.exp(-((np.linalg.norm((places - beside(inner, -3, -4)) / [8, 5], axis=-1)) ** 2))
    front = canvas.of("skin") & (canvas.position[..., 2] > 20)
    return (np.maximum(below, above) * front).astype(np.float32)


def flush(canvas: Canvas) -> NDArray[np.float32]:
    """Where blood shows: cheeks, nose, chin, ears (H, W) in 0..1, with blotches."""
    marks, position = canvas.marks, canvas.position
    cheek = np.array([38.0, 0.5 * (marks[30, 1] + marks[33, 1]) + 5, 80.0])
    at = np.concatenate([np.abs(position[..., :1]), position[..., 1:]], -1)
    total = np.exp(-((np.linalg.norm((at - cheek) / [20, 15, 24], axis=-1)) ** 2))
    total = np.maximum(
        total, 0.8 * np.exp(-((np.linalg.norm((at - marks[30] + [0, 2, 6]) / [13, 9, 14], axis=-1)) ** 2))
    )
    total = np.maximum(
        total, 0.4 * np.exp(-((np.linalg.norm((at - marks[8] - [0, 10, 2]) / [16, 10, 16], axis=-1)) ** 2))
    )
    ear = smooth_step(70, 80, np.abs(position[..., 0])) * smooth_step(20, 5, position[..., 2])
    total = np.maximum(
        total, 0.6 * ear * smooth_step(-45, -30, position[..., 1]) * smooth_step(45, 30, position[..., 1])
    )
    blotch = np.clip(1 + 0.22 * noise(position, 6.0, 91) + 0.12 * noise(position, 2.2, 92), 0.3, 1.6)
    return (total * blotch * canvas.of("skin")).astype(np.float32)


def roughness(canvas: Canvas) -> NDArray[np.float32]:
    """The roughness of glTF's materials (H, W) in 0..1: oily forehead and nose, moist lips, wet eyes, enamel."""
    marks, position = canvas.marks, canvas.position
    out = np.full(position.shape[:2], 0.6, np.float32)
    x, y, z = np.abs(position[..., 0]), position[..., 1], position[..., 2]
    brow_y = canvas.brow[2, 1]
    forehead = np.exp(-((x / 34) ** 4) - (((y - brow_y - 24) / 24) ** 4))
    nose = (
        np.exp(-((x / 11) ** 4))
        * smooth_step(marks[33, 1] - 4, marks[33, 1] + 4, y)
        * smooth_step(brow_y, brow_y - 12, y)
    )
    cheek = np.exp(
        -((np.linalg.norm((np.stack([x, y, z], -1) - [40, marks[28, 1] - 14, 78]) / [14, 10, 25], axis=-1)) ** 2)
    )
    chin = np.exp(-((np.linalg.norm((position - marks[8] - [0, 12, 4]) / [14, 10, 20], axis=-1)) ** 2))
    oily = np.maximum.reduce([0.85 * forehead, nose, 0.65 * cheek, 0.5 * chin]) * (z > 20)
    skin = 0.56 - 0.17 * oily
    skin = skin * (1 - lip_mask(canvas)) + 0.34 * lip_mask(canvas)
    out[canvas.of("skin")] = gaussian_filter(skin, len(skin) / 256)[canvas.of("skin")]
    for names, value in _SHINE:
        out[canvas.of(*names)] = value
    return out


_SHINE: Sequence[tuple[tuple[str, ...], float]] = (
    (("left_eye", "right_eye"), 0.06),
    (("left_socket", "right_socket"), 0.22),
    (("upper_teeth", "lower_teeth"), 0.16),
    (("tongue", "mouth"), 0.28),
    (("lashes",), 0.7),
)

#: Regions whose colour names are read from, as bits of one byte.
CHEEKS, FOREHEAD, NOSE, LIPS, IRIS = 1, 2, 4, 8, 16


def regions(canvas: Canvas, iris: Array) -> NDArray[np.uint8]:
    """Mark the texels (H, W) of cheeks, forehead, nose, lips and irises; bits as above."""
    marks, (x, y, z) = canvas.marks, np.moveaxis(canvas.position, -1, 0)
    place = np.stack([np.abs(x), y, z], -1)
    cheek = 0.5 * (marks[46] + marks[54]) + [10, 0, 0]
    brow_y = canvas.brow[:, 1].max() + 2
    out = np.zeros(x.shape, np.uint8)
    skin = canvas.of("skin")
    out[skin & (np.linalg.norm((place - cheek) / [13, 13, 30], axis=-1) < 1)] |= CHEEKS
    out[skin & (np.abs(x) < 28) & (y > brow_y + 10) & (y < brow_y + 38) & (z > 40)] |= FOREHEAD
    out[skin & (np.abs(x) < 9) & (y > marks[30, 1] - 6) & (y < marks[28, 1]) & (z > 90)] |= NOSE
    out[skin & (lip_mask(canvas) > 0.9)] |= LIPS
    out[iris > 0.8] |= IRIS
    return out
