"""The judge of mirror images: what is exchanged between left and right, and what counts as apart."""

from __future__ import annotations

import pytest

import facegpt
from facegpt_lab.evaluate.protocols.mirrors import Apart, how_far, rows


def head_with(**weights: float) -> facegpt.Face:
    return facegpt.load().mean_face().with_expression(weights)


def test_a_jaw_to_the_left_is_the_mirror_image_of_one_to_the_right():
    mm, weight = how_far(head_with(jawLeft=0.4), head_with(jawRight=0.4))
    assert weight == 0
    assert mm < 0.05  # the mean head is the same on both sides


def test_a_jaw_to_the_left_is_not_its_own_mirror_image():
    assert how_far(head_with(jawLeft=0.4), head_with(jawLeft=0.4))[1] == pytest.approx(0.4)


def test_the_share_counts_photos_within_the_bound():
    near, far = ({quality: value for quality in ("fast", "balanced")} for value in (0.01, 0.5))
    told = {row.metric: row.value for row in rows([Apart("a", near, near), Apart("b", far, near)])}
    assert told["fast: neutral heads within 0.2 mm on average"] == 0.5
    assert told["fast: all weights within 0.1"] == 1.0
