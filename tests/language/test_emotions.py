"""Emotions as drawn: the published rule names each of them, strong ones look strong, and nothing runs into itself."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_units import emotion_names
from facegpt.generate.draw_expression import emotion_expression
from facegpt_lab.evaluate.judges.expression_samples import Sample
from facegpt_lab.evaluate.judges.nearest_emotion import nearest
from facegpt_lab.evaluate.protocols.intersections import Anatomy, measure


def weight(expression: np.ndarray, stem: str) -> float:
    """The larger of both sides."""
    return max(float(expression[ARKIT_NAMES.index(name)]) for name in ARKIT_NAMES if name in (stem, stem + "Left"))


@pytest.mark.parametrize("name", emotion_names())
@pytest.mark.parametrize("intensity", [0.35, 0.7, 0.85, 1.0])
def test_every_person_s_face_is_nearest_to_the_published_prototype(name, intensity):
    drawn = [emotion_expression(name, intensity, seed) for seed in (None, *range(25))]
    assert {nearest(expression) for expression in drawn} == {name}
    assert min(e.min() for e in drawn) >= 0 and max(e.max() for e in drawn) <= 1


def test_a_fury_bares_or_clenches_the_teeth_and_a_great_joy_opens_the_mouth():
    for seed in range(12):
        furious, cross = (emotion_expression("anger", i, seed) for i in (1.0, 0.5))
        bared = min(weight(furious, "mouthUpperUp"), weight(furious, "mouthLowerDown"))
        clenched = min(weight(furious, "mouthPress"), weight(furious, "mouthRollLower"))
        assert max(bared, clenched) > 0.25
        assert weight(furious, "browDown") > 0.85 and weight(furious, "noseSneer") > weight(cross, "noseSneer")
        joy = emotion_expression("happiness", 1.0, seed)
        assert weight(joy, "jawOpen") > 0.2 and weight(joy, "mouthSmile") > 0.9


@pytest.mark.slow
def test_lids_stay_apart_and_teeth_behind_the_lips_in_every_strong_emotion(head):
    samples = [Sample(n, emotion_expression(n, 1.0, s).astype(np.float32)) for n in emotion_names() for s in range(2)]
    table = measure(Anatomy(head), head.sample(3, 5).astype(np.float32), samples)
    for kind, most_mm in (
        ("lids", 0.3),
        ("lids and eyeball", 0.3),
        ("tongue and teeth", 0.3),
        ("teeth through lips", 1.6),
    ):
        depth, count = table[kind][..., 0], table[kind][..., 1]
        assert np.where(count > 2, depth, 0).max() < most_mm, kind  # a fold of the outer corner may hide a vertex
