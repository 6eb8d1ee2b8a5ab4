"""A sculptor of folds: lines that actions of the face press into the skin, and age leaves there.

Each of GROUPS is drawn as strokes around places of the mean head, with its own wiggles, gaps and depths for each seed.
Where folds run: Ekman and Friesen 1978 (FACS), and Lemperle et al. 2001 on wrinkles of age. Depth and width: 0.05 to
1 mm and 0.6 to 3 mm (Luebberding et al. 2014; nasolabial folds are deeper).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from facegpt.detail.fold_groups import GROUPS
from facegpt.detail.skin_window import HEIGHT, WIDTH, Maps
from facegpt.types import Array
from facegpt_lab.synthesis.relief.canvas import Canvas, Profile, smooth_noise, taper

#: Depth of the deepest line of each group at full strength, mm.
DEPTH_MM = {
    **{"forehead": 0.75, "frown": 0.8, "squint": 0.45, "smile": 1.1, "sneer": 0.4, "chin": 0.6, "pucker": 0.3},
}
#: How much deeper and wider than these a person's folds are: old skins reach 2 mm.
DEEPER, WIDER = (0.5, 2.8), (0.9, 1.7)
Line = tuple[Array, float, float, float, float]


def sculpted(canvas: Canvas, rng: np.random.Generator, strengths: dict[str, float]) -> Maps:
    """Displacement (HEIGHT, WIDTH) mm of a person's folds, each group as strong as told (0 none, 1 deep)."""
    field = np.zeros((HEIGHT, WIDTH), np.float32)
    for name, strength in strengths.items():
        if strength > 0.02:
            deeper = float(np.exp(rng.uniform(np.log(DEEPER[0]), np.log(DEEPER[1]))))
            field += strength * deeper * group_folds(canvas, rng, name, rng.uniform(*WIDER) * deeper**0.25)
    return warped(field, rng, 1.2)


def group_folds(canvas: Canvas, rng: np.random.Generator, name: str, wider: float = 1.0) -> Maps:
    """The folds (HEIGHT, WIDTH) mm of one group at full strength, both sides; wider: factor of their widths."""
    field = np.zeros((HEIGHT, WIDTH), np.float32)
    for places, width, depth, inner, outer in _LINES[name](rng):
        for part in _pieces(rng, canvas.curve(_wiggled(rng, places))):
            amount = taper(len(part), rng.uniform(0.1, 0.4), rng.uniform(0.1, 0.4)) * _uneven(rng, len(part))
            profile = Profile(-depth * DEPTH_MM[name], width * wider, rng.uniform(1.3, 2.2), inner, outer)
            canvas.stroke(field, part, profile, amount)
    return field


def warped(field: Maps, rng: np.random.Generator, texels: float) -> Maps:
    """Bend a map by smooth noise of an SD in texels."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    shift = [texels * smooth_noise(rng, 14.0) for _ in range(2)]
    return map_coordinates(field, [rows + shift[0], columns + shift[1]], order=1, mode="nearest").astype(np.float32)


def creases(canvas: Canvas, rng: np.random.Generator, count: int) -> Maps:
    """Short lines (HEIGHT, WIDTH) mm anywhere and in any direction, valleys mostly: scars, and what no list has."""
    field = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(count):
        start = np.array([rng.uniform(-58, 58), rng.uniform(-88, 85)])
        angle, bend = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.5)
        steps = [np.array([np.cos(angle + k * bend), np.sin(angle + k * bend)]) for k in range(3)]
        places = start + np.cumsum([[0, 0], *(rng.uniform(2, 9) * s for s in steps)], axis=0)
        depth = rng.uniform(0.05, 0.9) * (1 if rng.random() < 0.8 else -0.6)
        profile = Profile(
            -depth, rng.uniform(0.7, 2.5), rng.uniform(1.2, 2.2), rng.uniform(0, 0.3), rng.uniform(0, 0.3)
        )
        canvas.stroke(field, canvas.curve(places), profile)
    return field


def bumps(canvas: Canvas, rng: np.random.Generator, count: int) -> Maps:
    """Pimples, scars and swellings (HEIGHT, WIDTH) mm."""
    field = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(count):
        place = canvas.texels(np.array([[rng.uniform(-60, 60), rng.uniform(-90, 85)]]))
        path = np.stack([place[0], place[0] + 0.3])
        height = rng.uniform(0.05, 0.35) * (1 if rng.random() < 0.7 else -1)
        canvas.stroke(field, path, Profile(height, rng.uniform(0.8, 2.5)), np.ones(2))
    return field


def _wiggled(rng: np.random.Generator, places: Array) -> Array:
    return np.asarray(places, np.float64) + rng.normal(0, 0.6, np.shape(places))


def _pieces(rng: np.random.Generator, path: Array) -> list[Array]:
    """A path, or the pieces that are left of it when it is broken."""
    if len(path) < 40 or rng.random() < 0.65:
        return [path]
    cut, gap = int(rng.uniform(0.3, 0.7) * len(path)), int(rng.uniform(-0.1, 0.15) * len(path))
    pieces = [path[:cut], path[max(cut + gap, 2) :]]
    return [piece for piece in pieces if len(piece) > 6]


def _uneven(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    knots = rng.uniform(0.6, 1.1, max(count // 20, 2))
    return np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(knots)), knots)


def _both(lines: list[Line]) -> list[Line]:
    """Lines of the left half, and the same mirrored: the sides of a stroke change places."""
    return lines + [(np.asarray(p) * [-1.0, 1.0], w, d, right, left) for p, w, d, left, right in lines]


def _forehead(rng: np.random.Generator) -> list[Line]:
    lines: list[Line] = []
    count, low = int(rng.integers(2, 7)), rng.uniform(45, 52)
    gap = rng.uniform(5.5, 9.5)
    for k in range(count):
        y, half, dip = low + k * gap + rng.normal(0, 1.0), rng.uniform(24, 48), rng.normal(-1.5, 2.0)
        x = np.array([-half, -0.5 * half, 0.0, 0.5 * half, half * rng.uniform(0.7, 1.1)]) + rng.normal(0, 2)
        arch = np.array([-3.0, 1.0, dip, 1.0, -3.0])
        lines.append((np.stack([x, y + arch], 1), rng.uniform(1.0, 2.2), rng.uniform(0.3, 1.0), 0.25, 0.3))
    return lines


def _frown(rng: np.random.Generator) -> list[Line]:
    lines: list[Line] = []
    for side in (-1, 1):
        for k in range(int(rng.integers(1, 3))):
            x, y, high = side * rng.uniform(5, 9) + 3.5 * side * k, rng.uniform(18, 26), rng.uniform(12, 26)
            places = np.array(
                [[x, y], [x + side * rng.normal(0.5, 1), y + high / 2], [x + side * rng.normal(2, 2), y + high]]
            )
            lines.append((places, rng.uniform(1.0, 2.2), rng.uniform(0.4, 1.0), 0.25, 0.25))
    if rng.random() < 0.6:
        y = rng.uniform(13, 19)
        lines.append(
            (np.array([[-8.0, y], [0.0, y + 1], [8.0, y]]), rng.uniform(1.0, 1.8), rng.uniform(0.3, 0.9), 0.2, 0.3)
        )
    return lines


def _squint(rng: np.random.Generator) -> list[Line]:
    lines: list[Line] = []
    for _ in range(int(rng.integers(2, 7))):
        angle, reach = rng.uniform(-0.9, 0.7), rng.uniform(6, 17)
        start = np.array([rng.uniform(48, 52), 15 + 9 * np.sin(angle)])
        step = np.array([0.7 * np.cos(angle), np.sin(angle)]) * reach
        bend = np.array([0, rng.normal(-1.0, 1.0)])
        lines.append(
            (
                np.array([start, start + step / 2 + bend, start + step]),
                rng.uniform(0.7, 1.4),
                rng.uniform(0.3, 1.0),
                0.2,
                0.2,
            )
        )
    for _ in range(int(rng.integers(1, 5))):
        low, inner, outer = rng.uniform(-6, 4), rng.uniform(15, 20), rng.uniform(32, 48)
        places = np.array([[inner, 9.0], [0.6 * inner + 0.4 * outer, low], [outer, low + rng.uniform(2, 7)]])
        lines.append((places, rng.uniform(0.8, 1.8), rng.uniform(0.2, 0.9), 0.3, 0.1))
    return _both(lines)


def _smile(rng: np.random.Generator) -> list[Line]:
    out, low = rng.uniform(-3, 4), rng.uniform(-70, -48)
    fold = np.array([[17.0, -18.0], [25 + out, -30.0], [32 + out, -44.0], [34 + out, low]])
    lines: list[Line] = [
        (fold, rng.uniform(1.5, 3.2), rng.uniform(0.5, 1.0), rng.uniform(0.3, 0.6), rng.uniform(0, 0.2))
    ]
    for k in range(int(rng.integers(0, 4))):
        x = 40 + out + 6 * k + rng.normal(0, 1)
        places = np.array([[x - 2, -26 + rng.normal(0, 3)], [x + 1.5, -40.0], [x, -54 + rng.normal(0, 5)]])
        lines.append((places, rng.uniform(1.2, 2.5), rng.uniform(0.15, 0.6), 0.25, 0.25))
    if rng.random() < 0.4:
        x = 29 + rng.normal(0, 1)
        lines.append(
            (np.array([[x, -49.0], [x + 1, -53.0], [x, -58.0]]), rng.uniform(1.0, 2.0), rng.uniform(0.3, 0.9), 0.3, 0.1)
        )
    return _both(lines)


def _sneer(rng: np.random.Generator) -> list[Line]:
    lines: list[Line] = []
    for _ in range(int(rng.integers(1, 4))):
        y = rng.uniform(-2, 12)
        places = np.array([[rng.uniform(3, 6), y + 3], [9, y], [rng.uniform(12, 16), y - 5]])
        lines.append((places, rng.uniform(0.8, 1.6), rng.uniform(0.3, 1.0), 0.25, 0.25))
    return _both(lines)


def _chin(rng: np.random.Generator) -> list[Line]:
    half, y = rng.uniform(10, 18), rng.uniform(-75, -70)
    crease = np.array([[-half, y - 3], [0, y], [half, y - 3]])
    lines: list[Line] = [(crease, rng.uniform(1.5, 3.0), rng.uniform(0.4, 1.0), 0.2, 0.4)]
    for side in (-1, 1):
        x, low = rng.uniform(26, 30), rng.uniform(-88, -70)
        places = np.array([[x, -57.0], [x + 3, (low - 57) / 2], [x + rng.uniform(1, 5), low]]) * [side, 1]
        lines.append((places, rng.uniform(1.2, 2.5), rng.uniform(0.2, 0.9), 0.25, 0.25))
    for _ in range(int(rng.integers(0, 8))):  # the chin's cobbles
        at = np.array([rng.uniform(-14, 14), rng.uniform(-92, -78)])
        lines.append((at + rng.normal(0, 2.5, (3, 2)), rng.uniform(0.9, 2.0), rng.uniform(0.1, 0.5), 0.3, 0.3))
    return lines


def _pucker(rng: np.random.Generator) -> list[Line]:
    lines: list[Line] = []
    for place in np.arange(3.0, 24.0, rng.uniform(3.5, 6.0)):
        x = float(place + rng.normal(0, 0.7))
        high, low = -36 - 0.3 * x + rng.normal(0, 1.5), -44.5 - 0.25 * x
        lines.append((np.array([[x, low], [x * 0.97, high]]), rng.uniform(0.6, 1.1), rng.uniform(0.3, 1.0), 0.25, 0.25))
        if rng.random() < 0.5:
            lines.append(
                (
                    np.array([[x, -65.0], [x, -70 + rng.normal(0, 1)]]),
                    rng.uniform(0.6, 1.1),
                    rng.uniform(0.2, 0.7),
                    0.2,
                    0.2,
                )
            )
    return _both(lines)


_LINES: dict[str, Callable[[np.random.Generator], list[Line]]] = {
    **{"forehead": _forehead, "frown": _frown, "squint": _squint, "smile": _smile},
    **{"sneer": _sneer, "chin": _chin, "pucker": _pucker},
}
assert set(_LINES) == set(GROUPS)
