"""The judge of conversations: made-up answers, good and bad, about sampled heads."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman import head as makehuman
from facegpt.types import AssetError, FaceGPTError
from facegpt_lab.evaluate.judges import talk_answers
from facegpt_lab.evaluate.judges.score_labels import Population, Shown
from facegpt_lab.evaluate.judges.talk_answers import Seen, Told
from facegpt_lab.evaluate.judges.talk_heads import Changes, Yardstick, faults
from facegpt_lab.evaluate.protocols.words.talk import answer_faults, read_talks

HEAD = cache(makehuman.load)
NOSE = ATTRIBUTES.index("nose_width")


@cache
def head(seed: int, sex: str = "F", smile: float = 0.0, wider: float = 0.0) -> Seen:
    identity = HEAD().sample(1, seed, sex)[0]
    expression = np.zeros(52, np.float32)
    expression[[k for k, name in enumerate(talk_answers.ARKIT_NAMES) if name.startswith("mouthSmile")]] = smile
    readings = np.zeros(len(ATTRIBUTES))
    readings[ATTRIBUTES.index("masculinity")] = 1.0 if sex == "M" else -1.0
    readings[NOSE] = wider
    measures = HEAD().measure(identity)
    shown = Shown(readings, expression, {name: m.value_mm for name, m in measures.items()}, 40.0)
    rest = np.resize(identity, (40, 3)) + wider
    return Seen(shown, measures, np.asarray(rest, float))


def prior() -> Yardstick:
    ones = np.ones(len(ATTRIBUTES))
    mm = head(1).shown.mm
    people = Population(0 * ones, ones, 0 * ones, mm, dict.fromkeys(mm, 1.0))
    return Yardstick({"F": people, "M": people, "": people}, 5.0)


def told(text: str, typed: str = "", **heads: Seen) -> Told:
    heads = heads or {"p1": head(1)}
    sexes = {"p1": ["first", "she", "woman", "her"], "p2": ["second", "he", "man", "him"]}
    return Told(text, typed, {name: [seen] for name, seen in heads.items()}, {name: sexes[name] for name in heads})


def mm(seen: Seen, name: str = "nose_breadth") -> str:
    return f"{seen.measures[name].value_mm:.1f}"


def test_a_measure_must_be_said_as_measured():
    asked = {"kind": "measure", "head": "p1", "names": ["nose_breadth"]}
    right, value = mm(head(1)), head(1).measures["nose_breadth"].value_mm
    assert talk_answers.answers(told(f"Her nose is {right} mm wide."), asked, {})
    assert talk_answers.answers(told(f"It is {value / 10:.2f} cm wide."), asked, {})
    assert not talk_answers.answers(told(f"It is {value + 0.3:.1f} mm wide."), asked, {})
    assert not talk_answers.answers(told("It is rather wide."), asked, {})


def test_a_number_that_nobody_measured_or_typed_is_found():
    right = mm(head(1))
    assert talk_answers.invented(told(f"nose breadth {right} mm")) == []
    assert talk_answers.invented(told("The eyes are 11.9 cm long.")) == ["11.9"]
    assert talk_answers.invented(told("Now 4 mm wider.", "make it 4 mm wider")) == []
    assert talk_answers.invented(told("A woman of 45.", "a woman of forty-five, 45")) == []
    percentile = round(head(1).measures["nose_breadth"].percentile)
    assert talk_answers.invented(told(f"the {percentile}th percentile")) == []


@pytest.mark.parametrize(
    ("text", "smile", "right"),
    [
        ("Yes. She smiles.", 0.8, True),
        ("No. The face is at rest.", 0.8, False),
        ("She smiles.", 0.8, False),
        ("No, not at all.", 0.0, True),
    ],
)
def test_yes_or_no_comes_first_and_is_true(text, smile, right):
    asked = {"kind": "yes_no", "head": "p1", "units": ["mouthSmileLeft", "mouthSmileRight"]}
    assert talk_answers.answers(told(text, p1=head(1, "F", smile)), asked, {}) == right


def test_a_trait_between_may_be_either():
    asked = {"kind": "yes_no", "head": "p1", "attribute": "nose_width", "pole": 1}
    for z, yes, no in ((0.9, True, False), (0.3, True, True), (-0.4, False, True)):
        readings = {"p1": {"nose_width": z}}
        assert talk_answers.answers(told("Yes."), asked, readings) == yes
        assert talk_answers.answers(told("No."), asked, readings) == no


def test_who_has_more_is_named_first():
    one, other = sorted((head(1), head(2, "M")), key=lambda seen: seen.measures["lip_length"].value_mm)
    asked = {"kind": "compare", "heads": ["p1", "p2"], "names": ["lip_length"]}
    gap = other.measures["lip_length"].value_mm - one.measures["lip_length"].value_mm
    assert gap > 0.5  # mm
    assert talk_answers.answers(told("The man has the wider mouth, not the woman.", p1=one, p2=other), asked, {})
    assert not talk_answers.answers(told("The woman has the wider mouth.", p1=one, p2=other), asked, {})
    asked = {"kind": "difference", "heads": ["p1", "p2"], "names": ["lip_length"]}
    assert talk_answers.answers(told(f"By {gap:.1f} mm.", p1=one, p2=other), asked, {})
    assert not talk_answers.answers(told(f"By {gap + 1:.1f} mm.", p1=one, p2=other), asked, {})


def test_expressions_ages_and_counts():
    smiling = told("She looks happy.", p1=head(1, "F", 0.8))
    asked = {"kind": "expression", "head": "p1"}
    assert talk_answers.answers(smiling, asked, {})
    assert talk_answers.answers(told("The face shows a smile.", p1=head(1, "F", 0.8)), asked, {})
    assert not talk_answers.answers(told("She looks angry.", p1=head(1, "F", 0.8)), asked, {})
    assert talk_answers.answers(told("The expression is neutral."), asked, {})
    assert talk_answers.answers(told("About 40 years."), {"kind": "age", "head": "p1"}, {})
    assert not talk_answers.answers(told("About 52 years."), {"kind": "age", "head": "p1"}, {})
    assert talk_answers.answers(told("There are two faces."), {"kind": "count", "number": 2}, {})


@pytest.mark.parametrize(
    ("text", "refuses"),
    [
        ("A face does not show who somebody is, so I won't guess.", True),
        ("I can't tell that from a face.", True),
        ("Her nose is rather wide.", False),
    ],
)
def test_refusals_are_known(text, refuses):
    assert talk_answers.refuses(text) == refuses


def test_circles_empty_and_long_answers_are_no_answers():
    assert talk_answers.is_sane("You're welcome.")
    assert not talk_answers.is_sane("")
    assert not talk_answers.is_sane("I am here to help you. " * 5)
    assert not talk_answers.is_sane(" ".join(f"word{k}" for k in range(200)))


def changes(before: dict[str, Seen], after: dict[str, Seen], **more) -> Changes:
    changed = frozenset(name for name in before if before[name] is not after[name])
    history = {name: {0: seen} for name, seen in before.items()}
    return Changes(before, after, changed, history=history, **more)


def test_the_right_head_must_change_and_no_other():
    expect = {"action": "edit", "edit": {"p1": {"attributes": {"nose_width": 1}}}}
    before = {"p1": head(1), "p2": head(2, "M")}
    right = {**before, "p1": head(1, "F", 0.0, 1.2)}
    assert faults(expect, changes(before, right), prior(), {"p1": "F"}) == []
    other = {**before, "p2": head(2, "M", 0.0, 1.2)}
    assert "p2 was changed" in faults(expect, changes(before, other), prior(), {"p1": "F"})
    backwards = {**before, "p1": head(1, "F", 0.0, -1.2)}
    assert faults(expect, changes(before, backwards), prior(), {"p1": "F"}) == ["attribute nose_width"]


def test_a_head_comes_exactly_when_it_is_wanted():
    before = {"p1": head(1)}
    assert faults({"action": "none"}, changes(before, before), prior(), {}) == []
    assert faults({"action": "none"}, changes(before, before, faces=1), prior(), {}) == ["a head came"]
    expect = {"action": "new", "new": {"h1": {"sex": "F"}, "h2": {"sex": "M"}}}
    assert faults(expect, changes({}, {}, new=[head(3), head(4, "M")], faces=2), prior(), {}) == []
    assert faults(expect, changes({}, {}, new=[head(4, "M"), head(3)], faces=2), prior(), {}) == ["sex sex"] * 2
    assert faults(expect, changes({}, {}, new=[head(3)], faces=1), prior(), {}) == ["1 new heads, not 2"]


def test_a_head_is_put_back_to_the_vertex():
    first, now = head(1), head(1, "F", 0.0, 1.2)
    expect = {"action": "restore", "restore": {"p1": 0}}
    history = {"p1": {0: first, 1: now}}
    same = Changes({"p1": now}, {"p1": replace(first)}, frozenset({"p1"}), history=history)
    assert faults(expect, same, prior(), {}) == []
    kept = Changes({"p1": now}, {"p1": now}, frozenset(), history=history)
    assert faults(expect, kept, prior(), {}) == ["p1 is not as after turn 0"]


def test_answers_are_judged_by_all_that_is_expected():
    expect = {"action": "none", "asks": [{"kind": "measure", "head": "p1", "names": ["nose_breadth"]}]}
    assert answer_faults(expect, told(f"It is {mm(head(1))} mm."), prior()) == []
    assert "it refused" in answer_faults(expect, told("I can't tell that."), prior())
    assert (
        answer_faults({"action": "none", "decline": True, "no_number": True}, told("I can't know that."), prior()) == []
    )
    assert answer_faults({"action": "edit", "says_who": ["man", "him"]}, told("Done."), prior()) == ["none of says_who"]
    assert answer_faults({"action": "none", "cannot": True}, told("I cannot show a hat."), prior()) == []


def test_another_file_in_the_same_form_can_be_played(tmp_path):
    file = tmp_path / "talk.jsonl"
    file.write_text(json.dumps({"id": "x-1", "kind": "small_talk", "turns": []}) + "\n", "utf-8")
    assert read_talks(file)[0]["id"] == "x-1"
    with pytest.raises(FaceGPTError, match="no conversations"):
        read_talks(tmp_path / "none.jsonl")
    assert len(read_talks()) == 150
    assert issubclass(AssetError, FaceGPTError)
