"""Marks in the skin's colour that are no relief: moles, freckles, blotches, veins, stubble, make-up."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from facegpt.detail.skin_window import HEIGHT, WIDTH, Maps
from facegpt.types import Array
from facegpt_lab.synthesis.relief.canvas import Canvas, Profile, smooth_noise

#: What a mark takes from red, green and blue: melanin, blood, grey hair and kohl.
_MELANIN, _BLOOD, _GREY = np.array([0.7, 1.05, 1.25]), np.array([0.25, 1.2, 1.0]), np.array([1.0, 1.0, 1.0])


def painted_marks(canvas: Canvas, rng: np.random.Generator) -> Maps:
    """Change of log albedo (HEIGHT, WIDTH, 3) by a person's marks."""
    out = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    _moles(out, canvas, rng)
    if rng.random() < 0.25:
        freckles = np.maximum(smooth_noise(rng, rng.uniform(0.8, 1.6)) - 1.2, 0) * rng.uniform(0.05, 0.3)
        out -= (freckles * (0.3 + np.maximum(smooth_noise(rng, 20.0), 0)))[..., None] * _MELANIN
    out += rng.uniform(0.01, 0.06) * smooth_noise(rng, rng.uniform(4, 10))[..., None] * _BLOOD
    out += rng.uniform(0.01, 0.05) * smooth_noise(rng, rng.uniform(1.2, 3))[..., None] * _MELANIN
    out += rng.uniform(0.0, 0.03) * rng.standard_normal((HEIGHT, WIDTH, 1)).astype(np.float32)
    if rng.random() < 0.4:
        _lines(out, canvas, rng)
    if rng.random() < 0.3:
        _stubble(out, canvas, rng)
    if rng.random() < 0.3:
        _make_up(out, canvas, rng)
    return out.astype(np.float32)


def _moles(out: Maps, canvas: Canvas, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(0, 10))):
        place = canvas.texels(np.array([[rng.uniform(-60, 60), rng.uniform(-90, 85)]]))
        spot = np.zeros((HEIGHT, WIDTH), np.float32)
        path = np.stack([place[0], place[0] + rng.normal(0, 1.0, 2)])
        canvas.stroke(spot, path, Profile(rng.uniform(0.1, 1.0), rng.uniform(0.6, 2.2), rng.uniform(2, 5)), np.ones(2))
        out -= spot[..., None] * (_MELANIN if rng.random() < 0.7 else _BLOOD)


def _lines(out: Maps, canvas: Canvas, rng: np.random.Generator) -> None:
    """Veins, hairs and pencil lines: thin, without shoulders."""
    for _ in range(int(rng.integers(1, 7))):
        start = np.array([rng.uniform(-55, 55), rng.uniform(-85, 80)])
        places = start + np.cumsum(rng.normal(0, 7, (4, 2)), axis=0)
        field = np.zeros((HEIGHT, WIDTH), np.float32)
        canvas.stroke(field, canvas.curve(places), Profile(rng.uniform(0.08, 0.5), rng.uniform(0.5, 1.2), 3.0))
        out -= field[..., None] * (_GREY, _BLOOD, _MELANIN)[int(rng.integers(3))]


def _stubble(out: Maps, canvas: Canvas, rng: np.random.Generator) -> None:
    jaw = canvas.region(
        np.array(
            [
                [-62, -38],
                [-48, -60],
                [-30, -40],
                [0, -36],
                [30, -40],
                [48, -60],
                [62, -38],
                [45, -92],
                [0, -99],
                [-45, -92],
            ]
        ),
        4.0,
    )
    hairs = 0.5 + 0.5 * np.maximum(gaussian_filter(rng.standard_normal((HEIGHT, WIDTH), np.float32), 0.5) * 2, -1)
    out -= (rng.uniform(0.1, 0.7) * jaw * hairs)[..., None] * _GREY


def _make_up(out: Maps, canvas: Canvas, rng: np.random.Generator) -> None:
    """Shadow on the lids and rouge on the cheeks."""
    tint: Array = rng.uniform(0.2, 1.0, 3)
    for side in (-1, 1):
        lid = np.array([[12, 16], [18, 24], [32, 29], [47, 24], [50, 17], [32, 20]], float) * [side, 1]
        out -= rng.uniform(0.0, 0.6) * canvas.region(lid, 2.0)[..., None] * tint
        cheek = np.array([[30, -8], [48, -6], [58, -20], [48, -34], [34, -26]], float) * [side, 1]
        out -= 0.25 * canvas.region(cheek, 6.0)[..., None] * _BLOOD
