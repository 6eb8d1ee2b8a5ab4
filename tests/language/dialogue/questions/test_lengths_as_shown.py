"""Lengths at rest and with the expression; a history that tells each change once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from stand_in_words import word_model

from facegpt.describe.hair_words import hair_changes
from facegpt.hair.presets import groom_of
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.questions.as_shown import shown_mm, with_shown
from facegpt.language.dialogue.telling import of_history
from facegpt.types import Hair


def smiling(face):
    return face.with_expression({"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9})


def corners_mm(face) -> float:
    points = face.landmarks("mediapipe478", "head")
    return float(np.linalg.norm(points[61] - points[291]))


def test_a_smile_widens_the_mouth_as_shown_and_not_at_rest():
    face = word_model().imagine("a man")
    cast = Cast().with_new([face], sex=["M"]).with_changes({1: smiling(face)})
    told = with_shown("His mouth width has not changed: 50.0 mm.", "lip_length", cast.person(1))
    grown = shown_mm(smiling(face), "lip_length") - shown_mm(face, "lip_length")
    assert grown > 2 and abs(grown - (corners_mm(smiling(face)) - corners_mm(face))) < 2
    assert "at rest" in told and f"{grown:.1f} mm more than at first" in told


def test_at_rest_nothing_is_added():
    cast = Cast().with_new([word_model().imagine("a man")], sex=["M"])
    assert with_shown("It is 50.0 mm.", "lip_length", cast.person(1)) == "It is 50.0 mm."


def test_a_moustache_that_grew_is_told():
    was = Hair(style="short", beard=0.32, moustache=0.32)
    assert hair_changes(was, replace(was, moustache=0.85)) == ["The moustache is fuller now."]
    assert hair_changes(was, was) == []


def test_the_history_tells_every_change_once():
    model = word_model()
    faces = [model.imagine("an old man"), model.imagine("a young woman")]
    cast = Cast().with_new(faces, photo=True, sex=["M", "F"])
    hair = replace(faces[0].params.hair or Hair(style="short"), moustache=0.85)
    bearded = replace(faces[0], params=faces[0].params.replace(hair=hair))
    cast = cast.with_changes({1: bearded}, said="a moustache").with_changes({2: smiling(faces[1])}, said="smile")
    told = of_history(model, cast)
    assert told.count("moustache") == 1 and told.count("smile") == 1 and " Then: " in told


def test_a_curl_is_told_whatever_the_style_is_called():
    was = Hair("long_back", (0.05, 0.03, 0.02))
    straight = groom_of(was)
    curled = replace(was, groom=replace(straight, top_mm=2 * straight.top_mm, curl_radius_mm=8.0, curl_pitch_mm=30.0))
    assert "curly" in " ".join(hair_changes(was, curled))
    called_curly = (replace(curled, style="curly"), replace(was, style="curly", groom=straight))
    assert "straight" in " ".join(hair_changes(*called_curly))
