"""What a step back keeps stays, amounts said before count again, and shades of whiskers colour no other hair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stand_in_words import word_model

from facegpt.describe.hair_words import hair_words
from facegpt.generate.look_of_hair import coloured
from facegpt.hair.presets import STYLES
from facegpt.language.changed_request import no_change
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changes.amounts_again import with_amounts
from facegpt.language.dialogue.changes.part_undone import kept_in, taken_back, with_kept
from facegpt.language.dialogue.changes.told import of_changes
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.takings import parts_named
from facegpt.language.reading.colours_of_parts import uncoloured, with_colours
from facegpt.types import Hair


@pytest.fixture(scope="module")
def model():
    return word_model()


def with_worn(face, hair, smile):
    expression = np.array(face.params.expression)
    expression[0] = smile
    return replace(face, params=face.params.replace(hair=hair, expression=expression))


def test_a_step_back_keeps_what_the_words_keep_and_nothing_else(model):
    talk = Conversation(model)
    talk.say("a woman")
    talk.say("make the nose much wider and let her smile")
    wide = talk.face
    first = talk.cast.person(1).first
    assert not np.allclose(wide.params.expression, first.params.expression)
    answer = talk.say("undo it, only leave the smile")
    now = talk.face.params
    assert np.allclose(now.expression, wide.params.expression) and np.allclose(now.identity, first.params.identity)
    assert "expression stayed" in answer.text and len(talk.cast.past) == 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("go back one step but leave her hair as it is", ["hair"]),
        ("revert everything except the glasses", ["glasses"]),
        ("undo", []),
    ],
)
def test_what_is_kept_is_named_behind_words_that_keep(text, kept):
    assert [name for _, name in parts_named(kept_in(text))] == kept
    assert not {name for _, name in parts_named(taken_back(text))} & {*kept}


def test_kept_hair_comes_from_the_later_head_and_the_rest_from_the_earlier(model):
    face = model.imagine("a man", seed=2)
    before, after = with_worn(face, Hair("long"), 0.0), with_worn(face, Hair("bob", beard=0.8), 0.7)
    kept = with_kept(before, after, ["hair"], "undo that but keep the hairdo and the hair")
    assert kept.params.hair == after.params.hair and np.allclose(kept.params.expression, before.params.expression)
    bearded = with_kept(before, after, ["hair"], "undo that but keep the beard").params.hair
    assert bearded.style == "long" and bearded.beard == 0.8


@pytest.mark.parametrize(
    ("text", "before", "heard"),
    [
        ("the ears 4 mm longer and the chin shorter by the same amount", "", "chin shorter by 4 mm"),
        ("his lips 15% fuller, and the brows thicker by exactly the same percentage", "", "brows thicker by 15%"),
        ("now the eyes wider by that much", "the mouth 3 mm wider", "eyes wider by 3 mm"),
        ("the mouth by an equal length", "", "the mouth by an equal length"),
        ("half as much", "the mouth 3 mm wider", "half as much"),
    ],
)
def test_an_amount_said_before_counts_again(text, before, heard):
    assert with_amounts(text, before).endswith(heard)


def lightness(colour):
    return float(np.dot(colour, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize(("text", "sign"), [("a darker moustache", -1), ("make his beard lighter", 1)])
def test_a_shade_of_whiskers_is_of_the_whiskers_alone(text, sign):
    tone = {"tone": "darker" if sign < 0 else "lighter"}
    edit = replace(no_change(), hair=replace(no_change().hair, said=tone))
    request = with_colours(edit, text)
    hair = Hair("short", colour=(0.12, 0.08, 0.05), beard=0.8)
    shaded = coloured(hair, request.hair.said, np.random.default_rng(0), is_new=False)
    assert shaded.colour == hair.colour and shaded.grey == hair.grey
    assert sign * (lightness(shaded.beard_colour) - lightness(hair.colour)) > 0
    assert not uncoloured(text)


def test_an_age_that_is_not_reached_is_told(model):
    before = model.imagine("a man", seed=1)
    years = model.facts(before).looks["age_years"]
    cast = Cast().with_new([before], sex=["M"])
    request = replace(no_change(), age_years=(years - 30, years - 30), is_edit=True)
    told = of_changes(model, cast, cast.with_faces({1: model.imagine("a man", seed=3)}), {1: request})
    assert "years from what you asked for" in told


def test_styles_are_told_in_words_that_are_no_names_of_files():
    told = {style: hair_words(Hair(style)) for style in STYLES}
    assert "beach waves" in told["long_beach"] and "crew cut" in told["crew"] and "permed" in told["short_set"]
    assert not any("_" in words or "  " in words for words in told.values())
