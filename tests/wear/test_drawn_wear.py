"""What `facegpt eval glasses` and `coverings` draw, and how they compare it."""

from __future__ import annotations

import numpy as np

from facegpt.glasses.contour import within
from facegpt_lab.evaluate.protocols.worn import apart_mm, random_covering, random_glasses
from facegpt_lab.evaluate.registry import EVALS


def test_drawn_glasses_are_contours_and_differ():
    looks = [random_glasses(seed) for seed in range(20)]
    assert all(within(look.lens) and 1.0 <= look.rims_mm[0] <= 4.0 for look in looks)
    assert len({look.lens for look in looks}) == 20
    assert random_glasses(3) == random_glasses(3)
    assert random_covering("cap", 1) != random_covering("cap", 2)


def test_lines_that_lie_a_millimetre_aside_are_a_millimetre_apart():
    turn = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn)], 1)
    assert apart_mm(20 * circle, 20 * circle) == 0
    assert abs(apart_mm(20 * circle, 21 * circle) - 1) < 0.01


def test_both_evaluations_are_in_the_list():
    assert EVALS["glasses"].load() is not EVALS["coverings"].load()
