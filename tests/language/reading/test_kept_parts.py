"""Parts that words tell to stay: what they are, and that a change leaves their measures alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.generate.understood import understood
from facegpt.language.head_request import MillimetreGoal
from facegpt.language.reading.edits.kept_parts import kept_parts, without_kept
from facegpt_lab.evaluate.protocols.words.text_baselines import open_request


@pytest.mark.parametrize(
    ("text", "kept", "rest"),
    [
        ("a longer chin but don't change the ears", ("ears",), "a longer chin"),
        ("leave her lips and eyelids alone, wider cheeks", ("mouth", "eyes"), "wider cheeks"),
        ("thicker brows, the nose must stay as it is", ("nose",), "thicker brows"),
        ("keep his mouth shut", (), "keep his mouth shut"),
        ("keep the eyes and mouth wide open", (), "keep the eyes and mouth wide open"),
        ("do not touch the forehead", ("forehead",), "do not touch the forehead"),
        ("brown eyes, leave everything else", ("all else",), "brown eyes"),
        ("a red cap, the rest stays as it is", ("all else",), "a red cap"),
        ("red hair, keep the wrinkles", ("look",), "red hair"),
        ("less wrinkles but keep him old", ("look",), "less wrinkles"),
        ("keep her smiling with an open mouth", (), "keep her smiling with an open mouth"),
    ],
)
def test_what_is_told_to_stay_is_no_change(text, kept, rest):
    assert (kept_parts(text), without_kept(text)) == (kept, rest)


def test_what_stays_keeps_its_millimetres(head):
    before = imagine_params(head, open_request(), 3)
    goals = (MillimetreGoal("nose_breadth", "change", 4.0), MillimetreGoal("bizygomatic_breadth", "change", 5.0))
    asked = replace(open_request(), attribute_spread=open_request().attribute_mean, is_edit=True, millimetres=goals)
    asked = replace(asked, kept=("mouth", "ears"))
    assert understood(asked)[-2:] == ["mouth stays", "ears stay"]
    was, now = (head.measure(each.identity) for each in (before, edit_params(head, before, asked)))
    assert now["nose_breadth"].value_mm - was["nose_breadth"].value_mm == pytest.approx(4.0, abs=0.3)
    for name in ("lip_length", "upper_vermilion_height", "ear_length"):
        assert now[name].value_mm == pytest.approx(was[name].value_mm, abs=0.25)
