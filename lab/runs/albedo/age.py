"""What age draws on a face: two layouts of each group of lines, bags, folds and spots, as planes over the atlas.

A plane is signed: below 0 a groove or a shadow, above 0 the ridge beside it, 1 being the deepest line of an old face.
Places are unrolled millimetres (features.unrolled): across, outwards on either side, and up. Noise makes the sides
differ. `facegpt.morphable.makehuman.ageing` says when each group begins and how people differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.morphable.makehuman.ageing import GROUPS
from facegpt.types import Array
from lab.runs.albedo.canvas import Canvas, noise, smooth_step
from lab.runs.albedo.features import beside, unrolled
from lab.runs.albedo.paint import lip_mask


@dataclass(frozen=True)
class Line:
    """A polyline (N, 2) in unrolled mm; how deep (0..1), its half-width in mm, and how much its two sides differ.

    lopsided: 0 a groove between two ridges; 1 a fold: a bulge on the left of its course, a shadow on the right.
    """

    course: Array
    depth: float
    width: float
    lopsided: float = 0.0


@dataclass(frozen=True)
class Marks:
    """Places of the mean face (unrolled, mm) that lines start from."""

    brow: float
    chin: float
    lip_top: float
    lip_bottom: float
    inner: Array
    outer: Array
    wing: Array
    corner: Array
    jaw: Array

    @staticmethod
    def of(canvas: Canvas) -> Marks:
        """Read them from the canvas' 68 landmarks."""
        at = lambda i: unrolled(canvas.marks[i])  # noqa: E731
        heights = float(canvas.brow[2, 1]), float(canvas.marks[8, 1]), float(at(51)[1]), float(at(57)[1])
        return Marks(*heights, at(42), at(45), at(35), at(54), at(12))


def curved(points: object, turns: int = 3) -> NDArray:
    """Round a polyline (N, 2) by cutting its corners (Chaikin 1974)."""
    line = np.asarray(points, float)
    for _ in range(turns):
        cut = np.stack([0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]], 1).reshape(-1, 2)
        line = np.concatenate([line[:1], cut, line[-1:]])
    return line


# The groups. Each gives the lines of one face; a second face has another random generator.


def forehead(at: Marks, rng: np.random.Generator) -> list[Line]:
    """Three to six waves across, some broken in the middle, some only above one half of a brow."""
    lines = []
    count = int(rng.integers(3, 6))
    for k, rise in enumerate(np.linspace(11, rng.uniform(38, 46), count) + rng.normal(0, 1.3, count)):
        start, reach = rng.choice([0.0, 0.0, rng.uniform(3, 14)]), rng.uniform(26, 47)
        across = np.linspace(start, reach, 14)
        wave = rng.uniform(1.0, 3.0) * np.sin(across / rng.uniform(11, 18) + rng.uniform(0, 2))
        dip = rng.uniform(-3.5, 1.0) * np.exp(-((across / 10) ** 2))
        depth = rng.uniform(0.55, 1.0) * (1 - 0.35 * abs(k - count / 2) / count)
        lines.append(Line(np.stack([across, at.brow + rise + wave + dip - 0.0018 * across**2], 1), depth, 0.85))
        if rng.random() < 0.6:  # a finer line beside it
            lines.append(Line(beside(lines[-1].course[3:10], 0, rng.uniform(2.4, 4.0)), 0.4 * depth, 0.5))
    return lines


def frown(at: Marks, rng: np.random.Generator) -> list[Line]:
    """One to three furrows between the brows, and a crease across the root of the nose."""
    lines = []
    for k in range(int(rng.integers(1, 3))):
        across, lean = 5.0 + 4.5 * k + rng.normal(0, 0.8), rng.normal(0.8, 0.8)
        foot, top = at.brow - rng.uniform(6, 10), at.brow + rng.uniform(7, 16)
        course = [[across, foot], [across - 0.6, 0.5 * (foot + top)], [across + lean, top]]
        lines.append(Line(curved(course), rng.uniform(0.6, 1.0) / (1 + 0.6 * k), 0.9))
    drop = rng.uniform(11, 15)
    lines.append(Line(curved([[0, at.brow - drop], [5, at.brow - drop + 0.6], [10, at.brow - drop + 3]]), 0.5, 0.7))
    return lines


def crows_feet(at: Marks, rng: np.random.Generator) -> list[Line]:
    """A fan of four to seven lines from the outer corner of the eye, some forked, and some down to the cheek."""
    lines = []
    count = int(rng.integers(4, 7))
    for angle in np.linspace(rng.uniform(28, 48), rng.uniform(-66, -48), count) + rng.normal(0, 4, count):
        share, length = np.linspace(0, 1, 8), rng.uniform(13, 24)
        bend = np.radians(angle + rng.uniform(4, 18) * share * np.sign(angle))
        start = beside(at.outer, 4.0 + rng.uniform(0, 2), 0.02 * angle)
        course = start + np.cumsum(np.stack([np.cos(bend), np.sin(bend)], 1) * length / 8, 0)
        lines.append(Line(course, rng.uniform(0.55, 1.0), rng.uniform(0.5, 0.75)))
        if rng.random() < 0.4:
            turn = np.radians(rng.choice([-22, 22]))
            spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
            lines.append(Line(course[3] + (course[3:] - course[3]) @ spin.T, 0.5, 0.45))
    return lines


def lids(at: Marks, rng: np.random.Generator) -> list[Line]:
    """The bag below the eye with its lower rim, the trough along the nose, two or three creases of the lower lid."""
    middle = 0.5 * (at.inner + at.outer)
    low = rng.uniform(12.5, 16)
    bag = [
        beside(at.inner, -1, -5),
        beside(middle, -4, -low + 1),
        beside(middle, 5, -low + 1.5),
        beside(at.outer, 2, -7.5),
    ]
    lines = [Line(curved(bag), 0.85, rng.uniform(1.5, 2.2), 0.8)]
    trough = [beside(at.inner, -1.5, -4), beside(at.inner, 3, -12), beside(at.inner, 12, -20)]
    lines.append(Line(curved(trough), rng.uniform(0.5, 0.8), 1.8, 0.4))
    for drop in (4.0, 6.4, 9.0)[: int(rng.integers(2, 4))]:
        crease = [
            beside(at.inner, 2, -0.8 * drop),
            beside(middle, 0, -1.05 * drop - 1),
            beside(at.outer, 1, -0.6 * drop),
        ]
        lines.append(Line(curved(crease), rng.uniform(0.35, 0.6), 0.55))
    fold = [beside(at.inner, 2, 6), beside(middle, 2, 8.5), beside(at.outer, 3, 4.5), beside(at.outer, 9, -0.5)]
    lines.append(Line(curved(fold), 0.7, 0.9, -0.5))  # the upper lid hangs over
    return lines


def folds(at: Marks, rng: np.random.Generator) -> list[Line]:
    """The fold from the wing of the nose past the corner of the mouth: its bulge lies on the cheek."""
    out = rng.uniform(5.5, 9.5)
    end = beside(at.corner, out + rng.uniform(-2, 1.5), rng.uniform(-10, 1))
    course = [end, beside(at.corner, out + 0.5, 8), beside(at.wing, 9 + rng.uniform(-1, 2), -4), beside(at.wing, 4, 5)]
    lines = [Line(curved(course), 1.0, rng.uniform(1.3, 1.8), -0.75)]
    if rng.random() < 0.6:
        lines.append(Line(curved(beside(np.array(course)[:3], 7.5, -1)), 0.4, 1.0, -0.5))
    return lines


def mouth(at: Marks, rng: np.random.Generator) -> list[Line]:
    """Lines down from the corners, upright lines of the lips, and the crease above the chin."""
    fall = rng.uniform(14, 24)
    course = [
        beside(at.corner, 2.0, -2),
        beside(at.corner, 4.5, -0.5 * fall),
        beside(at.corner, 3 + rng.uniform(-2, 2), -fall),
    ]
    lines = [Line(curved(course), rng.uniform(0.45, 0.7), 1.7, 0.45)]
    for across in np.sort(rng.uniform(2, 23, int(rng.integers(7, 11)))):
        top = np.interp(across, [0, 25], [at.lip_top + 0.3, at.corner[1] + 2])
        rise = rng.uniform(4, 8.5)
        upper = [[across, top], [across + 0.06 * across, top + rise]]
        lines.append(Line(np.array(upper), rng.uniform(0.3, 0.6), 0.55))
        if rng.random() < 0.5:
            low = np.interp(across, [0, 25], [at.lip_bottom - 0.5, at.corner[1] - 2])
            lines.append(Line(np.array([[across, low], [across * 1.05, low - rise * 0.7]]), 0.35, 0.5))
    deep = at.lip_bottom - rng.uniform(7, 9.5)
    lines.append(Line(curved([[0, deep], [9, deep + 0.4], [17, deep + 4]]), 0.55, 1.4))
    return lines


def cheeks(at: Marks, rng: np.random.Generator) -> list[Line]:
    """Bows beside the mouth, upright lines down the cheek, the edge of the jowl, fine slanting lines."""
    lines = []
    for k in range(int(rng.integers(1, 4))):
        off = 15 + 8 * k + rng.normal(0, 1)
        bow = [
            beside(at.corner, off - 3, 24 - 3 * k),
            beside(at.corner, off + 2, 8),
            beside(at.corner, off - 2, -12 - 2 * k),
        ]
        lines.append(Line(curved(bow), rng.uniform(0.4, 0.65) / (1 + 0.3 * k), 1.3, -0.3))
    jowl = [
        beside(at.corner, 5, -14),
        beside(at.corner, 12, -27),
        beside(at.corner, 26, -30),
        beside(at.corner, 40, -22),
    ]
    lines.append(Line(curved(jowl), rng.uniform(0.25, 0.42), 3.0, 0.7))
    for _ in range(int(rng.integers(9, 16))):
        start = beside(at.corner, rng.uniform(20, 48), rng.uniform(-14, 34))
        slope, length = rng.normal(-65, 14), rng.uniform(8, 18)
        step = np.array([np.cos(np.radians(slope)), np.sin(np.radians(slope))]) * length
        course = [start, start + 0.5 * step + rng.normal(0, 0.8, 2), start + step]
        lines.append(Line(curved(course), rng.uniform(0.12, 0.3), 0.7))
    return lines


def neck(at: Marks, rng: np.random.Generator) -> list[Line]:
    """Rings around the neck and two cords down from the chin."""
    lines = []
    for drop in np.cumsum(rng.uniform(11, 19, 4)) + 16:
        across = np.linspace(rng.choice([0.0, 9.0]), rng.uniform(70, 120), 12)
        wave = 1.5 * np.sin(across / 14 + rng.uniform(0, 6))
        lines.append(Line(np.stack([across, at.chin - drop + 0.0035 * across**2 + wave], 1), rng.uniform(0.5, 1), 1.4))
    across = rng.uniform(34, 46)
    cord = [[across - 1, at.chin - 16], [across + 1, at.chin - 40], [across + 6, at.chin - 68]]
    lines.append(Line(curved(cord), 0.5, 3.0, 0.6))
    return lines


LINES: dict[str, Callable[[Marks, np.random.Generator], list[Line]]] = {
    **{"forehead": forehead, "frown": frown, "crows_feet": crows_feet, "lids": lids},
    **{"folds": folds, "mouth": mouth, "cheeks": cheeks, "neck": neck},
}


# Drawing


def signed_gap(points: Array, course: Array) -> tuple[NDArray, NDArray]:
    """Distance (N,) of points (N, 2) to a polyline, above 0 on the left of its course, and the place 0..1 along it."""
    best, side = np.full(len(points), np.inf), np.ones(len(points))
    place = np.zeros(len(points))
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(course, axis=0), axis=1))]
    for k in range(len(course) - 1):
        edge, away = course[k + 1] - course[k], points - course[k]
        t = np.clip(away @ edge / (edge @ edge), 0, 1)
        gap = np.linalg.norm(away - t[:, None] * edge, axis=1)
        nearer = gap < best
        best = np.where(nearer, gap, best)
        side = np.where(nearer, np.sign(edge[0] * away[:, 1] - edge[1] * away[:, 0]), side)
        place = np.where(nearer, (length[k] + t * (length[k + 1] - length[k])) / length[-1], place)
    return best * side, place


def profile(gap: Array, width: float, lopsided: float) -> NDArray:
    """The relief's shade across a line: a groove, its shadow, and what bulges beside it."""
    at = gap / width
    groove = -0.72 * np.exp(-(at**2)) - 0.33 * np.exp(-((at / 2.8) ** 2))
    ridges = 0.20 * (np.exp(-(((at - 2.9) / 1.5) ** 2)) + np.exp(-(((at + 2.9) / 1.5) ** 2)))
    bulge = 0.42 * np.exp(-(((at - 3.2) / 2.4) ** 2)) - 0.42 * np.exp(-(((at + 2.2) / 2.4) ** 2))
    return groove + (1 - abs(lopsided)) * ridges + lopsided * bulge


def drawn(canvas: Canvas, lines: list[Line], seed: int) -> NDArray[np.float32]:
    """Draw lines as a plane (H, W): the strongest groove and the strongest ridge of each texel."""
    wobble = [noise(canvas.position, scale, seed + k) for k, scale in enumerate((12.0, 12.0, 3.5, 3.5))]
    places = unrolled(canvas.position) + np.stack(
        [0.6 * wobble[0] + 0.22 * wobble[2], 0.6 * wobble[1] + 0.22 * wobble[3]], -1
    )
    broken = np.clip(0.82 + 0.30 * noise(canvas.position, 6.0, seed + 4), 0.2, 1.25)
    front = canvas.of("skin") & (canvas.position[..., 2] > -15)
    grooves, ridges = np.zeros(front.shape), np.zeros(front.shape)
    for line in lines:
        reach = 7 * line.width + 2
        low, high = line.course.min(0) - reach, line.course.max(0) + reach
        near = front & ((places > low) & (places < high)).all(-1)
        gap, along = signed_gap(places[near], line.course)
        middle = line.course[0, 0] == 0  # it crosses the middle, where it has no end
        ends = smooth_step(1.0, 0.72, along) * (1 if middle else smooth_step(0.0, 0.22, along))
        shade = line.depth * ends * profile(gap, line.width, line.lopsided)
        grooves[near] = np.minimum(grooves[near], shade)
        ridges[near] = np.maximum(ridges[near], shade)
    return ((grooves + ridges) * broken * (1 - 0.85 * lip_mask(canvas))).astype(np.float32)


def spots(canvas: Canvas, rng: np.random.Generator, seed: int) -> NDArray[np.float32]:
    """Age spots: soft brown patches of 2 to 9 mm with ragged edges, on temples, cheeks and forehead."""
    position = canvas.position
    near = canvas.of("skin") & (position[..., 2] > -40) & (position[..., 1] > canvas.marks[8, 1] - 60)
    near &= lip_mask(canvas) < 0.05
    outer = smooth_step(22, 48, np.abs(position[..., 0])) + 0.5 * (position[..., 1] > canvas.brow[2, 1] + 12)
    chance = np.where(near, 0.06 + outer, 0).ravel().astype(np.float64)
    roots = position.reshape(-1, 3)[rng.choice(len(chance), 85, replace=False, p=chance / chance.sum())]
    radius = 0.9 + 3.4 * rng.random(len(roots)) ** 3
    depth = rng.uniform(0.3, 1.0, len(roots))
    own = position[near] + 0.9 * np.stack([noise(position[near], 2.2, seed + k) for k in range(3)], -1)
    gap, which = cKDTree(roots).query(own, k=3)
    out = np.zeros(near.shape, np.float32)
    out[near] = -(depth[which] * smooth_step(1.2, 0.7, gap / radius[which])).max(1)
    return out * np.clip(0.85 + 0.25 * noise(position, 1.6, seed + 5), 0.3, 1.2)


def lip_rim(canvas: Canvas) -> NDArray[np.float32]:
    """Mark the outer part of the lips (H, W) in 0..1, which pales as they thin."""
    lips, marks = lip_mask(canvas), canvas.marks
    x, y = np.abs(canvas.position[..., 0]), canvas.position[..., 1]
    top = np.interp(x, marks[51:55, 0], marks[51:55, 1])
    bottom = np.interp(x, marks[[57, 56, 55, 54], 0], marks[[57, 56, 55, 54], 1])
    rim = np.maximum(smooth_step(top - 4.2, top - 1.2, y), smooth_step(bottom + 3.6, bottom + 1.0, y))
    return (lips * rim).astype(np.float32)


def age_planes(canvas: Canvas) -> NDArray[np.float32]:
    """Draw every group in two layouts, in the order of GROUPS: (len(GROUPS), 2, H, W)."""
    at, planes = Marks.of(canvas), []
    for k, name in enumerate(GROUPS):
        for layout in range(2):
            seed = 1000 + 100 * k + 10 * layout
            rng = np.random.default_rng(seed)
            if name == "spots":
                planes.append(spots(canvas, rng, seed))
            elif name == "lip_rim":
                planes.append(lip_rim(canvas))
            else:
                planes.append(drawn(canvas, LINES[name](at, rng), seed))
    return np.stack(planes).reshape(len(GROUPS), 2, *planes[0].shape)
