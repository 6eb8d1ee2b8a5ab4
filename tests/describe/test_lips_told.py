"""Smiles and shown teeth of heads in photos are told by their drawn lips, and the build by the drawn shape."""

from __future__ import annotations

import pytest

from facegpt.describe import sentences as words
from facegpt.describe.lips import borne_out, lips_of
from facegpt.describe.sentences import Facts
from facegpt.language.dialogue.made_heads import mean_head


def lips(head, **weights):
    face = mean_head(head).with_expression(weights)
    at_rest = face.neutral().with_expression({"jawOpen": weights.get("jawOpen", 0.0)})
    return lips_of(*(one.landmarks("mediapipe478", "head") for one in (face, at_rest)))


def told(head, **weights):
    return words.expression_words(Facts({}, blendshapes=weights, scale_sd=0.04, lips=lips(head, **weights)))


def both(name, weight):
    return {f"{name}Left": weight, f"{name}Right": weight}


def test_lips_at_rest_show_nothing_and_raised_corners_a_smile(head):
    assert "smile" not in told(head) and "lips" not in told(head)
    assert "a slight smile" in told(head, **both("mouthSmile", 0.35))
    assert "a smile" in told(head, **both("mouthSmile", 0.9))


def test_a_grin_shows_parted_lips_whichever_weights_make_it(head):
    grin = both("mouthSmile", 0.6) | both("mouthUpperUp", 0.5) | both("mouthLowerDown", 0.5)
    assert "a smile with parted lips" in told(head, **grin)


def test_an_open_mouth_is_no_smile_and_takes_none_away(head):
    assert "an open mouth" in told(head, jawOpen=0.7) and "smile" not in told(head, jawOpen=0.7)
    laugh = told(head, jawOpen=0.7, **both("mouthSmile", 0.8))
    assert "a smile" in laugh and "an open mouth" in laugh


def test_happiness_needs_a_smile_that_is_drawn(head):
    assert borne_out("happiness", lips(head, **both("mouthSmile", 0.1))) == ""
    assert borne_out("happiness", lips(head, **both("mouthSmile", 0.9))) == "happiness"
    assert borne_out("anger", lips(head)) == "anger"


@pytest.mark.parametrize(("degree", "word"), [(-2.0, "very lean"), (0.0, "average"), (1.0, "is full")])
def test_the_build_is_that_of_the_drawn_shape(degree, word):
    assert word in words.build_words(Facts({}, looks={"heaviness": 0.5}, attributes={"heaviness": degree}))
