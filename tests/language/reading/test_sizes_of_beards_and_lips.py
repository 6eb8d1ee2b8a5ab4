"""Adjectives before a beard size it or are told, shades of creatures are those of their skin, lips widen as a mouth."""

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.understood import understood
from facegpt.language.changed_request import with_traits
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.reading.beyond.shown_part import shade_of
from facegpt.language.reading.beyond.unread_words import unread_words
from facegpt.language.reading.beyond.unshown_network import REASONS, Unshown
from facegpt.language.reading.edits.lip_widths import with_lip_widths
from facegpt.language.reading.hair.beard_sizes import beard_size, with_beard_size
from facegpt.language.targets import ATTRIBUTES

FULLNESS = ("upper_lip_fullness", "lower_lip_fullness")
BOTH_LIPS = ("upper_vermilion_height", "lower_vermilion_height")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("a sailor with a massive white beard", "big"),
        ("a small, neat black beard", ""),
        ("with a small black beard", "small"),
        ("a big nose and a beard", ""),
        ("big nose, brown beard", ""),
        ("big ears beard", ""),
        ("not a huge beard", ""),
        ("a little man with a beard", ""),
        ("an enormous moustache", ""),
    ],
)
def test_the_size_of_a_beard_is_said_right_before_it(text, size):
    assert beard_size(text) == size


def test_a_small_goatee_is_a_short_one():
    (length,) = with_beard_size(HairWish({"beard": "goatee"}), "a tiny goatee").lengths
    assert length.region == "beard" and length.kind == "value" and length.mm < 10
    assert not with_beard_size(HairWish({"beard": "goatee"}), "a small nose, a goatee").lengths


def test_a_size_changes_a_full_beard_only():
    text = "a large beard"
    assert with_beard_size(HairWish({"beard": "full"}), text).said["beard"] == "long"
    assert with_beard_size(HairWish({"beard": "stubble"}), text) == HairWish({"beard": "stubble"})
    assert with_beard_size(HairWish({"beard": "full"}), "a beard").said["beard"] == "full"


def _with_goals(kind, amount, *measures):
    return HeadRequest(
        np.zeros(len(ATTRIBUTES)), np.zeros(len(ATTRIBUTES)), expression=np.zeros(len(ARKIT_NAMES)), is_edit=True,
        millimetres=tuple(MillimetreGoal(measure, kind, amount) for measure in measures),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "amount"),
    [
        ("3 mm wider lips please", "change", 3.0),
        ("narrow the lips by 2 mm", "change", -2.0),
        ("lips 10 % broader, eyes 2 mm closer", "percent", 10.0),
    ],
)
def test_the_width_of_lips_is_the_width_of_the_mouth(text, kind, amount):
    goals = with_lip_widths(_with_goals(kind, amount, *BOTH_LIPS), text).millimetres
    assert goals == (MillimetreGoal("lip_length", kind, amount),)


@pytest.mark.parametrize(
    "text", ["lips 3 mm fuller", "make the lips 3 mm taller", "lips 3 mm thicker, nose 2 mm wider", "lips 3 mm bigger"]
)
def test_fuller_lips_are_taller(text):
    request = _with_goals("change", 3.0, *BOTH_LIPS)
    assert with_lip_widths(request, text).millimetres == request.millimetres


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a girl with wide lips, a full face", {"mouth_width"}),
        ("wider lips", {"mouth_width"}),
        ("wide and full lips", set(FULLNESS)),
        ("full lips, wide nose", set(FULLNESS)),
        ("narrow lips", set(FULLNESS)),
    ],
)
def test_wide_lips_heard_as_full_ones_are_a_wide_mouth(text, named):
    request = with_lip_widths(with_traits(_with_goals("change", 0.0), dict.fromkeys(FULLNESS, 1.0), 0.4), text)
    assert {name for name, degree in zip(ATTRIBUTES, request.attribute_mean, strict=True) if degree > 0} == named


class _Read:
    def __init__(self, request):
        self.request = request


def _left(text, labels, told):
    """What of a text is told as unread by a reader that hears only some words, each with its label."""

    def heard(words):
        return [label for word, label in labels.items() if word in words.lower().split()]

    return unread_words(text, [], told, [(text, told)], _Read, heard, lambda _: None)


def test_sizes_and_shades_that_say_nothing_are_told():
    labels = {"beard": "beard: full", "troll": "character: troll", "nose": "nose_size +1 SD"}
    assert _left("a broad beard", labels, {"beard: full"}) == ["broad"]
    assert _left("a dark troll", labels, {"character: troll"}) == ["dark"]
    assert _left("a thick beard", labels, {"beard: full"}) == []
    assert _left("a big nose", labels, {"nose_size + SD"}) == []


def test_the_shade_of_a_creature_stands_before_its_name():
    text = "a pale young witch with dark hair"
    start = text.index("witch")
    assert shade_of(text, [Unshown(start, start + 5, "creature")]) == "pale"
    text = "dark hair, a witch"
    start = text.index("witch")
    assert shade_of(text, [Unshown(start, start + 5, "creature")]) == ""


def test_marks_of_skin_are_told_as_marks():
    assert "mark" in REASONS["mark"] and REASONS["mark"] != REASONS["worn"]
    assert understood(with_lip_widths(_with_goals("change", 1.0), "a scar")) == []
