"""The hairline that a photo shows: found again on drawn masks whose line is known."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, binary_erosion

from facegpt.conventions import rotation_from_euler_deg
from facegpt.hair.from_photo.choose import (
    COMBED_LOSS,
    NAPE_MM,
    hanging_mm,
    likely_of,
    likely_tied,
    mismatch,
    styles_for,
    unlike,
)
from facegpt.hair.from_photo.fit import as_hidden
from facegpt.hair.from_photo.hairline import TIED_LOWEST_MM, seen_hairline, with_hairline
from facegpt.hair.from_photo.seen import BESIDE_MM, hair_seen, seen_places
from facegpt.hair.from_photo.traits import USUAL
from facegpt.hair.from_photo.wearers import as_tied, as_worn, leaves_cheeks_free, lies_tied, man_of
from facegpt.hair.grow import locks_of
from facegpt.hair.plan import is_bare_in_front, mirrored
from facegpt.hair.presets import FAMILIES, PRESETS
from facegpt.hair.scalp import LINE_DEG, LINE_MM, azimuth_deg, scalp_of
from facegpt.morphable.base import head_vertices
from facegpt.types import HAIRLINE_DEG
from facegpt_lab.evaluate.hair.photo import SIDE, head, known_head


@pytest.fixture(scope="module")
def bald():
    """A head from the front, and its view with no hair seen."""
    from facegpt.encode.parts import FaceParts

    params = known_head(91_003)[0]
    front = np.diag([1.0, -1.0, -1.0])
    params = params.replace(pose=replace(params.pose, rotation=front), hair=None)
    to_map = np.array([[192 / SIDE, 0, 0], [0, 192 / SIDE, 0]], float)
    to_map[:, 2] = 96 / SIDE - 0.5
    parts = FaceParts(np.zeros((192, 192, 9), np.float32), np.ones((192, 192), bool), to_map)
    return params, hair_seen(head(), params, parts)


def haired(bald, line):
    """The view with hair wherever a place of the scalp lies `line` (its azimuths) mm inside the usual hairline."""
    params, seen = bald
    scalp = scalp_of(head())
    at, shown = seen_places(seen.view, scalp.on(head_vertices(head(), params)))
    grows, places = np.zeros_like(seen.hair), np.zeros_like(seen.hair)
    np.add.at(places, (at[shown, 1], at[shown, 0]), 1.0)
    np.add.at(grows, (at[shown, 1], at[shown, 0]), scalp.inside[shown] > line(scalp.azimuth[shown]))
    return replace(seen, hair=grows / np.maximum(places, 1.0))


def test_a_hairline_is_found_where_it_was_drawn(bald):
    found = seen_hairline(head(), bald[0], haired(bald, lambda turn: np.full(len(turn), 14.0)))
    front = [mm for mm, turn in zip(found, HAIRLINE_DEG, strict=True) if abs(turn) <= 30]
    assert np.abs(np.array(front) - 14.0).max() < 6.0 and is_bare_in_front(found)


def test_one_bare_temple_is_found_on_its_side(bald):
    found = seen_hairline(head(), bald[0], haired(bald, lambda turn: np.where(turn > 15, 22.0, 0.0)))
    by_turn = dict(zip(HAIRLINE_DEG, found, strict=True))
    assert by_turn[30] - by_turn[-30] > 10.0


def test_hair_all_over_the_forehead_is_no_hairline(bald):
    found = seen_hairline(head(), bald[0], haired(bald, lambda turn: np.full(len(turn), -90.0)))
    assert not is_bare_in_front(found)


def test_hair_that_hangs_beside_a_head_lowers_no_hairline(bald):
    usual = haired(bald, lambda turn: np.full(len(turn), 6.0))
    drawn = usual.view.head
    rim = binary_dilation(drawn, iterations=2) & ~binary_erosion(drawn, iterations=1)
    hung = replace(usual, hair=np.where(rim, 1.0, usual.hair))
    lines = [seen_hairline(head(), bald[0], seen) for seen in (hung, usual)]
    np.testing.assert_allclose(*lines, atol=4.0)


def test_locks_leave_a_forehead_free_that_is_seen_bare():
    nobody = np.zeros(head().sizes.identity, np.float32)
    groom = replace(PRESETS["short"].groom, sweep_back=-1.0, sweep_side=0.0, top_mm=110.0)
    free = with_hairline(groom, (0.0,) * len(HAIRLINE_DEG))

    def over_forehead(groom):
        locks, *_ = locks_of(groom, head(), nobody).sets
        turn = azimuth_deg(locks.lines.reshape(-1, 3))
        line = np.interp(np.abs(turn), LINE_DEG, LINE_MM)
        front = (np.abs(turn) < 30) & (locks.lines.reshape(-1, 3)[:, 2] > 50)
        return int((front & (locks.lines.reshape(-1, 3)[:, 1] < line - 22)).sum())

    assert over_forehead(groom) > 50 and over_forehead(free) < 0.2 * over_forehead(groom)


def test_a_mirrored_hairline_is_mirrored():
    line = tuple(float(k) for k in range(len(HAIRLINE_DEG)))
    groom = with_hairline(PRESETS["short"].groom, line)
    assert mirrored(groom).hairline == line[::-1]


def test_tied_hair_is_likelier_on_women_and_short_hair_on_men():
    woman, man = as_worn(USUAL, 0.1).families, as_worn(USUAL, 0.9).families
    tied, short = FAMILIES.index("gathered"), FAMILIES.index("short")
    assert woman[tied] > 2 * man[tied] and man[short] > 2 * woman[short]
    assert np.isclose(woman.sum(), 1) and np.allclose(as_worn(USUAL, 0.5).families, USUAL.families)


class _Seen(SimpleNamespace):
    """What a photo shows, told by hand; as a key it is itself, as `HairSeen`."""

    __hash__ = object.__hash__


def _turned(degrees):
    """A view of a head that is turned aside."""
    return SimpleNamespace(pose=SimpleNamespace(rotation=rotation_from_euler_deg(degrees, 0.0, 0.0)))


def _seen(**given):
    usual = {"highest_mm": -15.0, "rooted": 0.95, "fringe": 0.0, "lowest_mm": (30.0, 20.0)}
    beside = {"beside_mm": np.zeros((2, len(BESIDE_MM))), "ear_mm2": 0.0, "over_mm": np.full(4, np.nan)}
    beside |= {"shows_nape": False, "rooted_top": 0.95, "view": _turned(0.0)}
    return _Seen(**(usual | beside | given))


def test_flat_hair_that_ends_at_the_ears_is_tied_on_a_woman_and_short_on_a_man():
    tied = FAMILIES.index("gathered")
    woman, man = as_worn(USUAL, 0.5, 0.05), as_worn(USUAL, 0.5, 0.95)
    assert as_tied(woman, _seen()).families[tied] > 5 * woman.families[tied]
    assert as_tied(man, _seen()).families[tied] < 0.2 * man.families[tied]


@pytest.mark.parametrize(
    "given",
    [
        {"highest_mm": 5.0},
        {"lowest_mm": (-60.0, -80.0)},
        {"fringe": 0.8},
        {"rooted": 0.2},
        {"beside_mm": np.full((2, len(BESIDE_MM)), 24.0)},
    ],
)
def test_hair_that_hangs_stands_off_or_falls_over_the_forehead_is_not_tied(given):
    woman, tied = as_worn(USUAL, 0.5, 0.05), FAMILIES.index("gathered")
    assert as_tied(woman, _seen(**given)).families[tied] < woman.families[tied]


def _beside(left, right):
    """Widths of hair beside the head, mm: over the ears none, then beside cheeks and neck."""
    return np.array([[0.0, 0.0, left[0], left[0], *[left[1]] * 3], [0.0, 0.0, right[0], right[0], *[right[1]] * 3]])


@pytest.mark.parametrize(
    ("left", "right", "ear_mm2", "tied"),
    [
        ((0, 0), (0, 0), 800.0, True),  # up
        ((2, 50), (0, 0), 800.0, True),  # a plait over one shoulder
        ((25, 20), (0, 0), 800.0, False),  # hangs at one side of the face
        ((0, 20), (0, 20), 800.0, False),  # hangs behind both ears
        ((0, 0), (0, 0), 0.0, False),  # no ear is seen
    ],
)
def test_hair_that_leaves_ear_and_cheeks_free_is_tied_though_it_hangs_or_stands_somewhere(left, right, ear_mm2, tied):
    seen = _seen(lowest_mm=(-110.0, -30.0), highest_mm=0.0, beside_mm=_beside(left, right), ear_mm2=ear_mm2)
    assert leaves_cheeks_free(seen) is tied and lies_tied(seen) is tied


@pytest.mark.parametrize(("turn_deg", "width_mm", "tied"), [(33, 30.0, False), (33, 6.0, True), (0, 30.0, True)])
def test_hair_that_falls_beside_the_ear_a_turned_head_shows_is_not_tied(turn_deg, width_mm, tied):
    beside = np.zeros((2, len(BESIDE_MM)))
    beside[1] = width_mm
    seen = _seen(view=_turned(turn_deg), lowest_mm=(74.0, -160.0), beside_mm=beside)
    assert lies_tied(seen) is tied


def test_flat_hair_below_a_top_that_is_half_bare_is_not_tied():
    woman, tied = as_worn(USUAL, 0.5, 0.05), FAMILIES.index("gathered")
    assert as_tied(woman, _seen(rooted_top=0.5)).families[tied] < woman.families[tied]


def test_of_old_women_fewer_tie_their_hair():
    tied, woman = FAMILIES.index("gathered"), as_worn(USUAL, 0.5, 0.05)
    young, old = (as_tied(woman, _seen(), greyness).families[tied] for greyness in (0.0, 0.9))
    assert 0.1 < old < 0.9 * young


def test_hair_of_tied_heads_hangs_from_one_place():
    traits = replace(USUAL, families=np.eye(len(FAMILIES))[FAMILIES.index("gathered")])
    seen = _seen(cut=False, rooted_top=1.0)
    found = likely_tied(seen, traits, 40)
    assert {"bun", "bun_low", "ponytail_low", "braid", "updo"} <= set(found)
    assert not {"pigtails", "two_braids", "space_buns", "half_up"} & set(found)


def test_pigtails_and_two_plaits_are_tried_only_where_hair_hangs_at_both_sides_of_the_neck():
    traits = replace(USUAL, families=np.eye(len(FAMILIES))[FAMILIES.index("gathered")])
    usual = {"cut": False, "rooted_top": 1.0}
    one, both = (_seen(**usual, beside_mm=_beside((20, 30), (20, right))) for right in (0, 30))
    assert not {"pigtails", "two_braids"} & set(styles_for(one, traits))
    assert {"pigtails", "two_braids"} <= set(styles_for(both, traits))


def test_buns_are_not_tried_where_hair_hangs_beside_the_neck():
    traits = replace(USUAL, families=np.eye(len(FAMILIES))[FAMILIES.index("gathered")])
    up, hanging = (_seen(cut=False, rooted_top=1.0, beside_mm=_beside((0, 0), (0, wide))) for wide in (0, 30))
    buns = {"bun", "bun_low", "updo", "top_knot"}
    assert buns <= set(likely_tied(up, traits, 40)) and not buns & set(likely_tied(hanging, traits, 40))
    assert "ponytail_low" in likely_tied(hanging, traits, 40)


def test_pigtails_are_not_tried_for_a_likely_family_either():
    traits = replace(USUAL, families=np.eye(len(FAMILIES))[FAMILIES.index("gathered")])
    assert not {"pigtails", "two_braids"} & set(likely_of("gathered", _seen(cut=False, rooted_top=1.0), traits, 40))


def test_a_nape_seen_from_the_side_does_not_hang_as_hair_beside_the_neck_does():
    nape, hair = (_seen(cut=False, lowest_mm=(66.0, -38.0), beside_mm=_beside((0, 0), (15, wide))) for wide in (0, 20))
    assert hanging_mm(nape) == NAPE_MM and hanging_mm(hair) == pytest.approx(78)
    assert hanging_mm(_seen(cut=False, lowest_mm=(-38.0, -38.0))) == pytest.approx(78)
    behind_an_ear = _seen(cut=False, lowest_mm=(78.0, -60.0), beside_mm=_beside((0, 0), (34, 27)), shows_nape=True)
    assert hanging_mm(behind_an_ear) == NAPE_MM


def test_hair_combed_back_loses_where_strands_run_every_way_and_other_cuts_do_not():
    seen = _seen(cut=False, lowest_mm=(10.0, 10.0))
    sleek, rough = (replace(USUAL, one_way=one_way) for one_way in (0.55, 0.36))
    for style in ("undercut", "slicked_back"):
        assert mismatch(style, seen, rough) - mismatch(style, seen, sleek) == pytest.approx(COMBED_LOSS)
    for style in ("crew", "curly_top", "twa", "bun"):
        assert mismatch(style, seen, rough) == mismatch(style, seen, sleek)


def test_coily_hair_is_less_often_tied_tight_than_straight_hair():
    straight, coily = (replace(USUAL, kinds=np.eye(4)[k]) for k in (1, 3))
    assert unlike("bun", coily) == pytest.approx(1) and unlike("bun", straight) < 0.4


def test_tied_hair_that_stands_over_the_forehead_is_lifted_and_roots_at_the_usual_line():
    tied, loose = PRESETS["bun"].groom, PRESETS["bob"].groom
    low = (-12.0,) * len(HAIRLINE_DEG)
    assert set(with_hairline(tied, low).hairline) == {TIED_LOWEST_MM}
    assert with_hairline(tied, low).lift_mm > tied.lift_mm + 5
    assert with_hairline(tied, (3.0,) * len(HAIRLINE_DEG)).lift_mm == tied.lift_mm
    assert with_hairline(loose, low).hairline == low


def test_a_tail_that_no_photo_shows_ends_behind_the_neck():
    tail = PRESETS["ponytail_low"].groom
    both = _seen(beside_mm=_beside((0, 30), (0, 30)))
    assert as_hidden(tail, _seen()).back_mm < 0.8 * tail.back_mm and as_hidden(tail, both) == tail
    assert as_hidden(PRESETS["bob"].groom, _seen()) == PRESETS["bob"].groom


def test_who_wears_the_hair_is_not_told_where_no_descriptor_is():
    assert man_of(None) is None
    told = man_of(SimpleNamespace(belief=SimpleNamespace(descriptor=np.zeros(128, np.float32))))
    assert told is not None and 0 < told < 1
