"""Steps taken back and done again, and versions of a head that words mean."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import facegpt.language.dialogue.returning as returning
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.returning import features, returned, steps_told, versions_of

HEADS = {name: SimpleNamespace(attributes={}, name=name) for name in ("first", "beard", "nose", "ears", "other")}
CHANGES = (("beard", "give him a beard"), ("nose", "a longer nose"), ("ears", "and bigger ears"))


@pytest.fixture
def cast():
    """A man changed three times, and somebody else between the changes."""
    people = Cast().with_new([HEADS["first"], HEADS["other"]], sex=["M", "F"])
    for name, said in CHANGES:
        people = people.with_changes({1: HEADS[name]}, said=said)
    return people


def wearing(cast, number=1):
    return cast.person(number).face.name


def choosing(monkeypatch, wanted):
    """A network that picks the version of a name."""
    network = SimpleNamespace(fits=lambda states: True)
    seen = []

    def log_odds(states, choices):
        seen.append(len(choices.cues))
        return -np.abs(np.arange(len(choices.cues)) - wanted).astype(float)

    network.log_odds = log_odds
    monkeypatch.setattr(returning, "load_versions_network", lambda: network)
    return seen


def test_every_head_that_somebody_was_is_a_version(cast):
    back = cast.undone((1,))
    found = versions_of(back, 1)
    assert [(each.face.name, each.back) for each in found] == [("first", 2), ("beard", 1), ("nose", 0), ("ears", -1)]
    assert [each.said for each in found] == ["", *(said for _, said in CHANGES)]
    assert [each.face.name for each in versions_of(back, 2)] == ["other"]


@pytest.mark.parametrize(
    ("act", "text", "name"),
    [
        ("undo", "undo", "nose"),
        ("undo", "undo twice", "beard"),
        ("back", "reset", "first"),
        ("redo", "redo", None),
    ],
)
def test_without_states_the_act_and_its_count_decide(cast, act, text, name):
    after, _ = returned(act, text, cast, None)
    assert (after if name is None else wearing(after)) == name


def test_what_was_taken_back_is_done_again(cast):
    once, _ = returned("undo", "undo twice", cast, None)
    assert wearing(returned("redo", "redo", once, None)[0]) == "nose"
    assert wearing(returned("redo", "both again", once, None)[0]) == "ears"


@pytest.mark.parametrize(("wanted", "name"), [(0, "first"), (1, "beard"), (2, "nose")])
def test_the_version_that_the_network_picks_is_put_back(cast, monkeypatch, wanted, name):
    seen = choosing(monkeypatch, wanted)
    after, who = returned("undo", "as it was then", cast, np.zeros((3, 3, 4)))
    assert wearing(after) == name and who == (1,) and seen == [3]
    assert wearing(after, 2) == "other"
    assert wearing(returned("redo", "again", after, None)[0]) == CHANGES[wanted][0]


def test_to_be_put_back_to_the_first_head_is_one_step(cast, monkeypatch):
    choosing(monkeypatch, 0)
    after, _ = returned("back", "start over with him", cast, np.zeros((3, 3, 4)))
    assert wearing(after) == "first" and wearing(after.undone()) == "ears"


@pytest.mark.parametrize(("act", "steps"), [("redo", 0), ("undo", 3)])
def test_where_there_is_nothing_to_go_to_no_other_way_is_gone(cast, monkeypatch, act, steps):
    choosing(monkeypatch, 1)
    for _ in range(steps):
        cast = cast.undone((1,))
    assert returned(act, act, cast, np.zeros((3, 3, 4)))[0] is None


def test_features_tell_the_change_that_words_name():
    said, back = ["", *(said for _, said in CHANGES)], [3, 2, 1, 0]
    rows = features("as before the beard", "undo", "edit", said, back)
    into, after = rows[:, 9], rows[:, 10]
    assert after.argmax() == 0 and after[0] > 0 and into.argmax() == 1 and (after[1:] == 0).all()
    assert len(features("undo", "undo", "", ["", "x"], [1, 0])[0]) == rows.shape[1]


@pytest.mark.parametrize(("text", "count"), [("undo", 0), ("twice please", 2), ("three back", 3), ("x4", 4), ("2", 2)])
def test_counts_of_steps_are_read(text, count):
    assert steps_told(text) == count


def test_whom_words_mean_is_put_back_where_they_name_anybody(cast):
    both = cast.with_changes({2: HEADS["nose"]}, said="her nose too")
    after, who = returned("undo", "undo his", both, None, meant=(1,))
    assert who == (1,) and wearing(after) == "nose" and wearing(after, 2) == "nose"
    after, who = returned("undo", "undo", both, None, meant=(1,))
    assert who == (2,) and wearing(after, 2) == "other"


def test_nobody_who_never_changed_is_put_back(cast):
    after, who = returned("undo", "undo hers", cast, None, meant=(2,))
    assert who == (1,) and wearing(after) == "nose"
