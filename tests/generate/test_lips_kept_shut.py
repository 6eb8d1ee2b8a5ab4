"""Lips of a head that is told to keep its mouth shut meet, whatever it feels."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_units import emotion_names
from facegpt.describe.lips import INNER, PARTED_MM
from facegpt.face import Face
from facegpt.generate.named_expression import edited_expression
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES

JAW = ARKIT_NAMES.index("jawOpen")
NOTHING = np.zeros(len(ATTRIBUTES))


def gap_mm(head, expression) -> float:
    """Between the inner edges of the lips, on the mesh."""
    params = mean_head(head).params.replace(expression=np.asarray(expression, np.float32))
    points = Face(head, params).landmarks("mediapipe478", "head")
    return float(np.linalg.norm(points[INNER[0]] - points[INNER[1]]))


def asked(emotion: str, **weights: float) -> HeadRequest:
    of = np.array([weights.get(name, 0.0) for name in ARKIT_NAMES])
    named = np.array([name in weights for name in ARKIT_NAMES])
    return HeadRequest(NOTHING, NOTHING, emotion=emotion, expression=of, expression_named=named, is_edit=True)


@pytest.mark.parametrize("emotion", ["disgust", "surprise", "fear", "happily disgusted", "awed"])
@pytest.mark.parametrize("seed", range(3))
def test_a_feeling_shows_no_teeth_where_the_mouth_is_kept_shut(head, emotion, seed):
    assert emotion in emotion_names()
    shut = edited_expression(np.zeros(52), asked(emotion, jawOpen=0.0), seed)
    rest, felt = gap_mm(head, np.zeros(52)), edited_expression(np.zeros(52), asked(emotion), seed)
    assert gap_mm(head, shut) < min(PARTED_MM / 2, rest + 2) and np.abs(shut).max() > 0.3
    assert gap_mm(head, felt) >= gap_mm(head, shut)


def test_a_bared_smile_closes(head):
    bared = asked("", mouthSmileLeft=1.0, mouthSmileRight=1.0)
    worn = edited_expression(np.zeros(52), bared, 0)
    shut = edited_expression(worn, asked("", jawOpen=0.0), 0)
    assert gap_mm(head, shut) < PARTED_MM / 2 < gap_mm(head, worn)
    assert shut[ARKIT_NAMES.index("mouthSmileLeft")] == pytest.approx(1.0)


def test_teeth_that_words_bare_stay_bared():
    teeth = {"jawOpen": 0.0, "mouthUpperUpLeft": 0.7, "mouthUpperUpRight": 0.7}
    shown = edited_expression(np.zeros(52), asked("", **teeth), 0)
    assert shown[JAW] == 0 and shown[ARKIT_NAMES.index("mouthUpperUpLeft")] == pytest.approx(0.7)
