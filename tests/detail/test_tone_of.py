"""The tone of a residual is its weighed mean over a wide blur; what runs along the skin is at right angles to it."""

from __future__ import annotations

import numpy as np

from facegpt.detail.observation import tone_of
from facegpt.detail.skin_window import HEIGHT, WIDTH, tangent, unit


def test_the_tone_of_one_colour_is_that_colour_wherever_it_has_weight():
    weight = np.zeros((HEIGHT, WIDTH), np.float32)
    weight[100:200, 100:200] = 0.7
    values = np.full((HEIGHT, WIDTH, 3), (0.3, -0.2, 0.1), np.float32) * (weight > 0)[..., None]
    assert np.allclose(tone_of(values, weight)[weight > 0], (0.3, -0.2, 0.1), atol=1e-5)


def test_what_runs_along_a_surface_has_no_part_along_its_normal():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(5, 6, 3)).astype(np.float32)
    normal = unit(rng.normal(size=(5, 6, 3)))
    along = tangent(vectors, normal)
    assert np.abs((along * normal).sum(-1)).max() < 1e-6
    assert np.allclose(np.cross(along, normal), np.cross(vectors, normal), atol=1e-6)
