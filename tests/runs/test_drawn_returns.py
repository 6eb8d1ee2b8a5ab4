"""Drawn turns that put a head back: the head that their words tell, by a chain of changes played by hand."""

from __future__ import annotations

import re
from random import Random

import pytest

from facegpt.language.dialogue.returning import steps_told
from lab.runs.language.who.drawn_returns import draw_returns, frames

SAID = ["", "a bigger nose", "add a beard", "thicker brows", "ears 3 mm longer"]
_COUNTED = {"one": 1, "two": 2, "three": 3, "four": 4}


def drawn(count=400):
    rng = Random(3)
    return [each for _ in range(count) for each in draw_returns(SAID, 4, (), "edit", rng)]


def test_a_count_tells_how_far_back():
    counted = [each for each in drawn() if each.back > 0 and not re.search("nose|beard|brows|ears", each.text)]
    assert len(counted) > 50
    for each in counted:
        words = [_COUNTED[w] for w in re.findall("[a-z]+", each.text.lower()) if w in _COUNTED]
        digits = [int(d) for d in re.findall("[0-9]", each.text)]
        assert each.back in (*words, *digits), each.text


@pytest.mark.parametrize(("kind", "offset"), [("before", 1), ("with", 0)])
def test_a_part_tells_the_version_by_the_change_it_came_with(kind, offset):
    started = [re.escape(frame).replace(r"\{thing\}", "(nose|beard|brows|ears)") for frame in frames()[kind]]
    found = 0
    for each in drawn(2000):
        told = next((match for frame in started if (match := re.fullmatch(frame, each.text))), None)
        if told:
            change = next(k for k, said in enumerate(SAID) if told[1] in said)
            assert each.now - each.back == change - offset
            found += 1
    assert found > 100


def test_what_is_done_again_lies_ahead():
    again = [each for each in drawn() if each.act == "redo"]
    assert again
    for each in again:
        assert each.back < 0 and each.now - each.back <= 4
        assert each.earlier and each.last == "undo"
        assert steps_told(each.text) in (0, -each.back)


def test_nothing_is_drawn_where_there_is_one_change():
    assert not [*draw_returns(SAID[:2], 1, (), "edit", Random(0))]
