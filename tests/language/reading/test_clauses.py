"""Requests of several things: each is read, and what nothing is read in is told."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.understood import understood
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import MillimetreGoal
from facegpt.language.reading.clauses import clauses_of, read_clauses
from facegpt.language.reading.text_reading import Reading
from facegpt.language.targets import ATTRIBUTES
from facegpt_lab.evaluate.protocols.words.text_baselines import open_request

NOSE, CHIN, LIPS = (ATTRIBUTES.index(name) for name in ("nose_width", "chin_height", "upper_lip_fullness"))
NONE = np.zeros(len(ATTRIBUTES))


def reads_the_first_alone(text):
    """A reader that hears one thing of a text: its first part of the face, and lengths of noses."""
    mean, goals = NONE.copy(), ()
    if found := re.search(r"nose|chin|lips", text):
        length = re.search(r"(\d+) ?mm", text)
        if length and found[0] == "nose":
            goals = (MillimetreGoal("nose_breadth", "change", -float(length[1])),)
        elif not length:
            mean[{"nose": NOSE, "chin": CHIN, "lips": LIPS}[found[0]]] = 1.0
    request = replace(open_request(), attribute_mean=mean, attribute_spread=NONE, millimetres=goals, is_edit=True)
    return Reading(request, attribute_probability=(mean != 0).astype(float))


def read(text):
    return read_clauses(text, reads_the_first_alone(text), reads_the_first_alone, understood)


def test_the_second_half_of_a_request_is_read_too():
    assert understood(read("a wider nose and fuller lips").request) == ["nose_width +1 SD", "upper_lip_fullness +1 SD"]


def test_what_nothing_is_read_in_is_told_with_its_own_words():
    told = read("a wider nose and put a parrot on him").unread
    assert len(told) == 1 and told[0].startswith("put a parrot on him: ")
    assert [each.split(":")[0] for each in read("a sardonic wider nose").unread] == ["sardonic"]


def test_a_feeling_is_as_strong_as_its_own_clause_says():
    """The whole is read with the strength of all its words."""

    def reads(text):
        sad, slight = "sad" in text, text.startswith("a bit")
        mean = NONE.copy()
        mean[NOSE] = 1.0 if "nose" in text else 0.0
        strength = 0.0 if not sad else 0.35 if slight else 0.7
        request = replace(open_request(), attribute_mean=mean, attribute_spread=NONE, is_edit=True)
        return Reading(replace(request, emotion="sadness" if sad else "", intensity=strength), emotion_probability=1.0)

    text = "a wider nose and a bit sad"
    assert read_clauses(text, reads(text), reads, understood).request.intensity == 0.35
    text = "a wider nose and sad"
    assert read_clauses(text, reads(text), reads, understood).request.intensity == 0.7


def test_the_one_word_beside_a_sex_is_told():
    def reads_men(text):
        return Reading(replace(open_request(), man=1.0 if "guy" in text else 0.5))

    text = "a guy who just bit into a lemon"
    assert read_clauses(text, reads_men(text), reads_men, understood).unread[0].startswith("lemon: ")


def test_a_length_that_no_measure_has_becomes_a_step_and_is_told():
    whole = read("nose 4 mm narrower and chin 3 mm longer")
    assert whole.request.attribute_mean[CHIN] == 1.0 and whole.request.millimetres[0].amount == -4.0
    assert [each.split(":")[0] for each in whole.unread] == ["3 mm"]


def reads_beards_and_ages(text):
    """A reader of "clean" and "shaven", of which either will do, and of decades with "late"."""
    mean, years = NONE.copy(), None
    if re.search(r"clean|shaven", text):
        mean[ATTRIBUTES.index("beard")] = -1.0
    if "forties" in text:
        years = (46.0, 49.0) if "late" in text else (40.0, 49.0)
    return Reading(replace(open_request(), attribute_mean=mean, attribute_spread=NONE, age_years=years, is_edit=True))


def test_words_that_say_the_same_or_an_amount_are_not_told_as_unread():
    text = "make him clean shaven in his late forties, sardonic"
    unread = read_clauses(text, reads_beards_and_ages(text), reads_beards_and_ages, understood).unread
    assert [each.split(":")[0] for each in unread] == ["sardonic"]


@pytest.mark.parametrize("text", ["a wider nose please", "make his nose wider, thanks", "just a bit wider nose"])
def test_courtesy_is_not_told_as_unread(text):
    assert read(text).unread == ()


def test_what_is_denied_before_is_not_added():
    assert not read("no wide nose, fuller lips").request.attribute_mean[LIPS]


def test_clauses_are_cut_at_joints_and_not_in_numbers():
    assert clauses_of("nose 4.5 mm narrower, and a longer chin") == ["nose 4.5 mm narrower", "a longer chin"]


def test_a_list_of_many_clauses_is_read_clause_by_clause():
    many = "a wide nose, a long chin, full lips, an oval thing, a square thing, a round thing, and a red thing"
    mean = read(many).request.attribute_mean
    assert all(mean[k] for k in (NOSE, CHIN, LIPS))


def test_a_clause_that_moves_what_no_clause_stills_counts_against_the_whole():
    shut = [k for k, name in enumerate(ARKIT_NAMES) if name.startswith("eyeBlink")]

    def hears_the_contrary_of_two(text):
        weights, named = np.zeros(52), np.zeros(52, bool)
        named[shut] = "eyes" in text
        weights[shut] = 0.9 if text == "eyes shut" else 0.0
        request = replace(open_request(), expression=weights, expression_named=named, is_edit=True)
        return Reading(request)

    text = "open mouth, eyes shut"
    whole = read_clauses(text, hears_the_contrary_of_two(text), hears_the_contrary_of_two, understood)
    assert (whole.request.expression[shut] == 0.9).all()


def reads_faces(text):
    """A reader that hears a closed mouth before anything, and "serious" where it stands alone."""
    expression, named = np.zeros(52), np.zeros(52, bool)
    if "close" in text:
        named[ARKIT_NAMES.index("jawOpen")] = named[ARKIT_NAMES.index("mouthPressLeft")] = True
        expression[ARKIT_NAMES.index("mouthPressLeft")] = 0.6
    emotion = "neutral" if "serious" in text and "close" not in text else ""
    request = replace(open_request(), expression=expression, expression_named=named, emotion=emotion, is_edit=True)
    return Reading(request)


def test_a_face_at_rest_that_a_clause_asks_for_is_kept_beside_movements_of_another():
    text = "close his mouth and look serious"
    request = read_clauses(text, reads_faces(text), reads_faces, understood).request
    assert request.emotion == "neutral" and request.expression_named[ARKIT_NAMES.index("jawOpen")]


def test_a_word_that_tells_an_age_beside_another_is_not_told_as_unread():
    def reads_ages(text):
        young = bool(re.search(r"newborn|baby", text))
        return Reading(replace(open_request(), attribute_mean=NONE, age_years=(0.0, 2.0) if young else None))

    told = read_clauses("a newborn baby", reads_ages("a newborn baby"), reads_ages, understood)
    assert told.unread == ()
    said = read_clauses("a newborn gargoyle", reads_ages("a newborn gargoyle"), reads_ages, understood)
    assert any("gargoyle" in each for each in said.unread)


def reads_hair(text):
    """A reader that takes any cut for a bald head, hears what stays, and colours."""
    said = {"kind": "bald", "length": "none", "beard": "none"} if "razor" in text else {}
    said |= {"keep": "hair"} if "leave" in text and "red" not in text else {}
    said |= {"tone": "redder"} if "red" in text else {}
    return Reading(replace(open_request(), attribute_spread=NONE, hair=HairWish(said), is_edit=True))


def hair_said(text):
    return dict(read_clauses(text, reads_hair(text), reads_hair, understood).request.hair.said)


def test_hair_that_stays_wins_over_all_else_that_is_read_of_it():
    assert hair_said("a razor to his chin, leave the curls") == {"beard": "none", "keep": "hair"}
    assert hair_said("leave the curls but redder") == {"tone": "redder"}


def test_a_denial_does_not_reach_a_clause_with_a_verb_of_its_own():
    assert "upper_lip_fullness +1 SD" in understood(read("no wider nose, and make the lips fuller").request)
    assert "upper_lip_fullness +1 SD" in understood(read("a wider nose instead, and the lips fuller").request)
    assert "upper_lip_fullness +1 SD" in understood(read("less nose, and fuller lips").request)
    assert understood(read("no wider nose, no lips").request) == ["nose_width +1 SD"]


def test_less_of_a_beard_is_one_wish_though_two_readers_hear_it():
    def reads_beards(text):
        mean = NONE.copy()
        mean[ATTRIBUTES.index("beard")] = -0.5
        hair = HairWish({"beard_change": "shorter"})
        return Reading(replace(open_request(), attribute_mean=mean, hair=hair, is_edit=True))

    request = read_clauses("a bit less beard", reads_beards("a bit less beard"), reads_beards, understood).request
    assert not request.attribute_mean.any() and request.hair.said == {"beard_change": "shorter"}


def winks(left, right):
    named, weights = np.zeros(52, bool), np.zeros(52)
    for side, weight in (("Left", left), ("Right", right)):
        k = ARKIT_NAMES.index(f"eyeBlink{side}")
        named[k], weights[k] = True, weight
    return Reading(replace(open_request(), expression=weights, expression_named=named, is_edit=True))


@pytest.mark.parametrize("heard", [(0.0, 1.0), (0.0, 0.0)])
def test_a_wink_in_a_sentence_of_its_own_shuts_one_eye(heard):
    def reads_winks(text):
        return winks(1.0, 0.0) if text == "wink" else winks(*heard) if "wink" in text else Reading(open_request())

    text = "lose the glasses; wink"
    shut = read_clauses(text, reads_winks(text), reads_winks, understood).request.expression
    assert sorted(shut[[ARKIT_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right")]]) == [0.0, 1.0]
