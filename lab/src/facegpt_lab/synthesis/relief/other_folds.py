"""Another sculptor, for tests only: folds as ridges of bent waves, on people of the ICT head or on our own.

Nothing of folds.py is used: a fold is where a plane wave, bent by smooth noise, has a crest; each region of the face
has a direction, a wavelength and a soft border. Frame: the head's frame, mm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.detail.fold_groups import GROUPS, left_share
from facegpt.detail.skin_window import HEIGHT, WIDTH, skin_window
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.normals import vertex_normals
from facegpt.types import Array
from facegpt_lab.synthesis.relief.level_lines import level_lines
from facegpt_lab.synthesis.relief.living_skin import LivingSkin


@dataclass(frozen=True)
class _Region:
    """Centre as a mix of landmarks plus an offset, mm; direction across its folds; wavelength; reach; depth, mm.

    group: of detail/fold_groups.py, which presses them.
    """

    group: str
    landmarks: tuple[int, ...]
    offset: tuple[float, float, float]
    across: tuple[float, float, float]
    wave_mm: float
    reach_mm: tuple[float, float, float]
    depth_mm: float


_HALF = (
    _Region("squint", (36,), (-9.0, 0.0, -4.0), (0.0, 1.0, 0.0), 4.5, (7.0, 9.0, 14.0), 0.30),  # crow's feet
    _Region("smile", (31, 48), (-7.0, 0.0, 0.0), (0.85, 0.5, 0.0), 40.0, (12.0, 16.0, 25.0), 0.9),  # nasolabial
    _Region("squint", (41, 40), (0.0, -8.0, 0.0), (0.1, 1.0, 0.0), 5.0, (12.0, 6.0, 14.0), 0.22),  # below the eye
    _Region("smile", (48,), (-14.0, 2.0, -8.0), (1.0, 0.15, 0.0), 9.0, (9.0, 14.0, 20.0), 0.35),  # cheek
)
_MIDDLE = (
    _Region("forehead", (21, 22), (0.0, 24.0, 0.0), (0.0, 1.0, -0.3), 7.5, (34.0, 14.0, 40.0), 0.45),  # forehead
    _Region("frown", (21, 22), (0.0, -2.0, 0.0), (1.0, 0.0, 0.0), 6.5, (7.0, 9.0, 20.0), 0.45),  # between the brows
    _Region("chin", (8, 57), (0.0, 0.0, 0.0), (0.15, 1.0, 0.0), 11.0, (16.0, 9.0, 20.0), 0.35),  # chin
)


def sculpt(
    vertices: Array, triangles: NDArray[np.integer], landmarks68: Array, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Displacements (V,) mm along the normals of a head (V, 3), by its 68 points (68, 3)."""
    return np.asarray(sum(folds for _, folds in _ridges(vertices, landmarks68, rng)))


def _ridges(vertices: Array, landmarks68: Array, rng: np.random.Generator) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Group and displacements (V,) mm of each region."""
    mirrored = [_mirror(region) for region in _HALF]
    waves = _waves(rng)
    for region in (*_MIDDLE, *_HALF, *mirrored):
        centre = landmarks68[list(region.landmarks)].mean(0) + region.offset
        inside = np.exp(-((((vertices - centre) / region.reach_mm) ** 2).sum(1) ** 1.5))
        near, folds = inside > 1e-6, np.zeros(len(vertices))
        across = np.asarray(region.across) / np.linalg.norm(region.across)
        bend = _noise(vertices[near], waves) * 0.22
        start = 0 if region.wave_mm > 20 else rng.random()
        phase = (vertices[near] - centre) @ across / region.wave_mm + bend + start
        crest = np.exp(-((np.sin(np.pi * phase) / min(0.42, 4.0 / region.wave_mm)) ** 2))
        broken = np.clip(0.6 + 0.6 * _noise(vertices[near] * 1.7, waves), 0, 1)
        folds[near] = -region.depth_mm * rng.uniform(0.7, 2.0) * inside[near] * broken * crest
        yield region.group, folds


def other_living_skin(model: MakeHumanHead, rng: np.random.Generator, age_years: float) -> LivingSkin:
    """Draw a person's skin at rest and by expression, by this sculptor, on our own head.

    What stays of a fold rises as a logistic curve of age, whose middle differs between people; folds deepen as a
    smooth step of the press; on half of the people lines of level_lines.py run anywhere, which no expression moves.
    """
    window = skin_window(model)
    inside = window.triangle >= 0
    places = window.interpolate(model.mean_vertices)
    marks = model.embedding("ibug68")(model.mean_vertices)
    worn, level = age_years + rng.normal(0, 9), rng.uniform(0.5, 1.5)
    static, folds = np.zeros((HEIGHT, WIDTH), np.float32), np.zeros((len(GROUPS), HEIGHT, WIDTH), np.float32)
    for group, ridges in _ridges(places[inside].astype(np.float64), marks, rng):
        stays = 0.04 + 0.6 / (1 + np.exp(-(worn + rng.normal(0, 7) - 50) / 9))
        static[inside] += level * stays * ridges
        folds[list(GROUPS).index(group)][inside] += level * (1 - stays) * ridges
    if rng.random() < 0.5:
        static += 0.5 * level_lines(rng)
    return LivingSkin(static, folds, np.ones(len(GROUPS), np.float32), _smooth_step, left_share(places[..., 0]))


def _smooth_step(press: Array) -> Array:
    return press * press * (3 - 2 * press)


def refined(
    vertices: Array, triangles: NDArray[np.integer], colours: Array, chosen: NDArray[np.bool_], times: int = 2
) -> tuple[Array, NDArray[np.int64], Array]:
    """Cut the chosen triangles (F,) into four, `times` over, flat: vertices, triangles and colours."""
    kept = np.asarray(triangles)[~chosen]
    cut = np.asarray(triangles)[chosen].astype(np.int64)
    both = np.concatenate([vertices, colours], 1).astype(np.float64)
    for _ in range(times):
        edges = np.sort(cut[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
        unique, index = np.unique(edges, axis=0, return_inverse=True)
        middle = index.reshape(-1, 3) + len(both)
        both = np.concatenate([both, both[unique].mean(1)])
        a, b, c = cut.T
        x, y, z = middle.T
        cut = np.concatenate([np.stack(t, 1) for t in ((a, x, z), (x, b, y), (z, y, c), (x, y, z))])
    return both[:, :3], np.concatenate([cut, kept.astype(np.int64)]), both[:, 3:]


def displaced(vertices: Array, triangles: NDArray[np.integer], smooth: Array, amount: Array) -> Array:
    """Move vertices (V, 3) along normals: those of the triangles, or `smooth` (V, 3) where given (not 0)."""
    normals = vertex_normals(vertices, triangles)
    given = np.linalg.norm(smooth, axis=1, keepdims=True) > 0.5
    return np.asarray(vertices + np.where(given, smooth, normals) * amount[:, None])


def _mirror(region: _Region) -> _Region:
    pairs = {36: 45, 31: 35, 48: 54, 41: 46, 40: 47}
    x, y, z = region.offset
    a, b, c = region.across
    return _Region(
        region.group,
        tuple(pairs[k] for k in region.landmarks),
        (-x, y, z),
        (-a, b, c),
        region.wave_mm,
        region.reach_mm,
        region.depth_mm,
    )


def _waves(rng: np.random.Generator) -> tuple[Array, Array]:
    """Directions per mm (16, 3) and phases (16,) of smooth noise."""
    return rng.normal(0, 1, (16, 3)) / rng.uniform(6, 22, (16, 1)), rng.uniform(0, 2 * np.pi, 16)


def _noise(places: Array, waves: tuple[Array, Array]) -> NDArray[np.float64]:
    """Smooth noise (V,) of SD 1."""
    return np.asarray(np.sin(places @ waves[0].T + waves[1]).sum(1) / np.sqrt(8))
