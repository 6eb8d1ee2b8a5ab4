"""Parts that words tell to stay: what they are, and that a change leaves their measures alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.generate.understood import greyed_with_age, understood
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import MillimetreGoal
from facegpt.language.reading.edits.kept_parts import kept_parts, without_kept
from facegpt.types import Hair
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
        ("red hair, keep the wrinkles", ("wrinkles",), "red hair"),
        ("less wrinkles but keep him old", ("look",), "less wrinkles"),
        ("not so old, but don't change the hair", ("hair",), "not so old"),
        ("older, leave his hair and his grey beard as they are", ("hair", "beard"), "older"),
        ("younger but keep the grey", ("hair colour",), "younger"),
        ("older, his hair colour should stay the same", ("hair colour",), "older"),
        ("keep the hair but make it darker", (), "keep the hair but make it darker"),
        ("keep her hair brown", (), "keep her hair brown"),
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


@pytest.mark.parametrize("kept", [{"kept": ("hair",)}, {"hair": HairWish({"keep": "hair"})}, {"keeps": True}])
@pytest.mark.parametrize("years", [25.0, 85.0])
def test_hair_that_stays_has_its_colour_and_its_cut_at_any_age(head, kept, years):
    grey = Hair("bob", (0.45, 0.44, 0.42), grey=0.1, beard=0.6, moustache=0.6)
    before = imagine_params(head, replace(open_request(), age_years=(60.0, 60.0)), 3).replace(hair=grey)
    asked = replace(open_request(), attribute_spread=open_request().attribute_mean, is_edit=True)
    asked = replace(asked, age_years=(years, years), **kept)
    after = edit_params(head, before, asked).hair
    for name in ("style", "groom", "colour", "grey", "temples"):
        assert getattr(after, name) == getattr(grey, name)
    changed = edit_params(head, before, replace(asked, kept=(), hair=HairWish(), keeps=False)).hair
    assert (changed.colour, changed.grey) != (grey.colour, grey.grey)


def test_a_beard_and_brows_that_stay_outlast_a_sex_and_grey_hair(head):
    brown = Hair("short", (0.05, 0.03, 0.02), beard=0.8, moustache=0.7, brow_thickness=1.2)
    before = imagine_params(head, replace(open_request(), age_years=(40.0, 40.0), man=1.0), 3).replace(hair=brown)
    asked = replace(open_request(), attribute_spread=open_request().attribute_mean, is_edit=True, man=0.0)
    after = edit_params(head, before, replace(asked, age_years=(80.0, 80.0), kept=("beard", "brows"))).hair
    assert (after.beard, after.moustache, after.brow_thickness) == (0.8, 0.7, 1.2) and after.grey > 0.4
    asked = replace(asked, age_years=(80.0, 80.0))
    assert greyed_with_age(asked, brown, after) == ["greyer with age: hair"]
    for own in (after.beard_colour, after.brow_colour):
        assert own == pytest.approx(brown.colour, abs=1e-3)
