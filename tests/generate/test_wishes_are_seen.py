"""What words ask for is seen: depth in millimetres, temples alone; what was used is not told as left out."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from facegpt.describe.attribute_readings import SHAPE_ATTRIBUTES, gauge_of, read_attributes
from facegpt.describe.hair_readings import read_hair
from facegpt.generate.degrees import MOST_EMPHASIS, emphasis_of
from facegpt.generate.groom_wish import said_of
from facegpt.generate.identities import JUMPS
from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.generate.understood import understood
from facegpt.hair.presets import PRESETS
from facegpt.language.head_request import HeadRequest
from facegpt.language.reading.beyond.shown_part import REASONS, ShownPart, without_used
from facegpt.language.reading.beyond.unread_words import _says_an_asked_trait
from facegpt.language.reading.beyond.unshown_network import Unshown
from facegpt.language.reading.colours_of_parts import uncoloured
from facegpt.language.reading.sexes import sex_referred_to
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.base import at_rest, head_vertices
from facegpt.morphable.makehuman.local_shapes import shaped


def request(attributes: dict[str, float] | None = None, is_edit: bool = False, **more) -> HeadRequest:
    mean, spread = np.zeros(len(ATTRIBUTES)), np.full(len(ATTRIBUTES), 0.0 if is_edit else 1.0)
    for name, degree in (attributes or {}).items():
        mean[ATTRIBUTES.index(name)], spread[ATTRIBUTES.index(name)] = degree, 0.3
    return HeadRequest(mean, spread, is_edit=is_edit, **more)


@pytest.mark.parametrize("name", ["nose_bridge_convexity", "cheekbone_prominence"])
def test_a_plain_wish_of_depth_moves_the_face_by_millimetres(head, name):
    gauge = gauge_of(head)
    before = imagine_params(head, request(man=1.0, age_years=(35, 35)), 3)
    for degree in (1.0, -1.0):
        after = edit_params(head, before, request({name: degree}, is_edit=True))
        both = (gauge_of(shaped(head, each.local)).raw(each.identity[None].astype(float)) for each in (before, after))
        raw = [float(values[0, gauge.index(name)]) for values in both]
        assert degree * (raw[1] - raw[0]) > 3.2  # mm


def test_depth_is_stressed_by_what_a_sd_of_it_is_in_millimetres_and_never_beyond_measure():
    few, many = (emphasis_of("brow_ridge", 40.0, 1.0, sd_mm) for sd_mm in (0.1, 10.0))
    assert few == MOST_EMPHASIS and many == 1.0
    assert emphasis_of("nose_width", 40.0, 1.0, 0.1) == 1.0  # breadths are seen as they are


def test_a_receding_hairline_leaves_the_crown_alone():
    thinning = PRESETS["short_thinning"].groom
    receding = said_of(thinning, {"hairline": "receding"})
    assert receding.crown_thinning == 0 and 0.5 < receding.recession < 0.8
    both = said_of(thinning, {"crown": "thinning", "hairline": "receding"})
    assert both.crown_thinning > 0.3 and both.recession > 0.5


def ears_mm(head, params) -> float:
    """The length of the ears, mm."""
    gauge = gauge_of(shaped(head, params.local))
    return float(gauge.raw(params.identity[None].astype(float))[0, gauge.index("ear_size")])


def test_small_ears_are_those_that_people_have_and_big_ones_are_bigger_than_most(head):
    usual_mm, sd_mm = 64.2, 4.5  # ear length of 4,082 men, ANSUR II
    asked = [request({"ear_size": degree}, man=1.0, age_years=(35, 35)) for degree in (-1.0, 1.0)]
    for seed in range(3):
        small, big = (ears_mm(head, imagine_params(head, each, seed)) for each in asked)
        assert -2.6 < (small - usual_mm) / sd_mm < -1.2
        assert (big - usual_mm) / sd_mm > 2.0


@pytest.mark.parametrize("degree", [1.0, -1.0])
def test_ears_change_by_what_is_seen_and_leave_the_face_alone(head, degree):
    rows = [k for k, name in enumerate(ATTRIBUTES) if name in SHAPE_ATTRIBUTES and name not in {"ear_size", *JUMPS}]
    strays = []
    for seed in range(4):
        before = imagine_params(head, request(man=float(seed % 2), age_years=(35, 35)), seed)
        after = edit_params(head, before, request({"ear_size": degree}, is_edit=True))
        assert 6.0 < degree * (ears_mm(head, after) - ears_mm(head, before)) < 10.5  # 1.5 to 2.5 SDs of ANSUR II
        strays.append(np.abs(read_attributes(head, after) - read_attributes(head, before))[rows].max())
    assert np.mean(strays) < 0.27  # SDs: what else moves is not seen


def ridge_off_mm(head, params) -> float:
    """How far the middle of the nose's bridge lies off the plane between eyes and cheekbones, mm, without sign."""
    vertices, row = head_vertices(head, at_rest(head, params)), head.landmarks.row
    points, ridge = head.landmarks.points(vertices), head.embedding("mediapipe478")(vertices)[197]
    left, right = (points[[row[f"{n}_{side}"] for n in ("endocanthion", "zygion")]] for side in ("left", "right"))
    across = (left - right).mean(0)
    return float(abs((ridge - (left + right).mean(0) / 2) @ across / np.linalg.norm(across)))


def test_a_crooked_nose_bends_and_a_straight_one_bends_back(head):
    before = imagine_params(head, request(man=1.0, age_years=(35, 35)), 3)
    bent = edit_params(head, before, request({"nose_crookedness": 1.0}, is_edit=True))
    assert ridge_off_mm(head, bent) > ridge_off_mm(head, before) + 3.0
    straight = edit_params(head, bent, request({"nose_crookedness": -1.0}, is_edit=True))
    assert ridge_off_mm(head, straight) < ridge_off_mm(head, bent) - 3.0


@pytest.mark.parametrize("man", [True, False])
def test_a_sex_that_is_asked_for_is_sure_whatever_the_head_was(head, man):
    gauge, row = gauge_of(head), gauge_of(head).index("masculinity")
    for seed, start in enumerate((0.0, 0.45, -0.45, 1.0, -1.0)):  # SDs of adults, with a beard and short hair
        drawn = imagine_params(head, request({"beard": 1.0, "hair_length": -1.0}, man=1.0, age_years=(35, 35)), seed)
        now = float(gauge.read(drawn.identity[None].astype(float))[0, row])
        moved = drawn.identity + (start - now) / np.linalg.norm(head.axes.male) * head.axes.male
        before = drawn.replace(identity=moved.astype(np.float32))
        after = edit_params(head, before, request(man=float(man), is_edit=True))
        read = float(gauge.read(after.identity[None].astype(float))[0, row])
        assert (read if man else -read) > 0.7, start
        if not man:
            assert after.hair.beard == after.hair.moustache == 0
            assert read_hair(after.hair)["hair_length"] > -0.2 and -1.5 < after.hair.brow_thickness < 0
            assert after.albedo @ head.albedo.male <= before.albedo @ head.albedo.male + 1e-4


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("make this woman's nose longer", "F"),
        ("give the old man a smile", "M"),
        ("turn him into a woman", ""),
        ("a woman", ""),
        ("make her laugh", "F"),
        ("make the chin longer", ""),
    ],
)
def test_words_that_point_at_somebody_ask_for_no_sex(text, sex):
    assert sex_referred_to(text) == sex


def test_a_denial_is_no_man_and_a_shave_asks_for_no_sex():
    assert sex_referred_to("trim her brows but don't touch the lashes") == "F"
    assert sex_referred_to("he looks tired, don’t cut his fringe") == "M"


@pytest.mark.parametrize(("text", "told"), [("a red face", False), ("pale cheeks", False), ("green ears", True)])
def test_colours_that_a_skin_has_are_not_told_as_left_out(text, told):
    assert bool(uncoloured(text)) is told


def test_words_that_something_was_read_in_are_not_told_as_left_out():
    def read(text: str) -> SimpleNamespace:
        return SimpleNamespace(request=request({"nose_width": 1.0} if "boxer" in text else {}))

    text = "flat boxer nose, chapped lips"
    places = [Unshown(text.index(w), text.index(w) + len(w), "mark", False) for w in ("boxer", "chapped")]
    told = tuple(f"{word}: {REASONS['mark']}" for word in ("boxer", "chapped"))
    part = without_used(ShownPart(text, told, tuple(places), text), read(text).request, read, understood)
    assert part.told == told[1:]


@pytest.mark.parametrize(
    ("word", "asked", "said"),
    [
        ("gaunt", "cheek_fullness - SD", True),
        ("gaunt", "cheek_fullness + SD", False),
        ("bushy", "brow_thickness + step", True),
        ("bushy", "sex: man", False),
        ("accountant", "cheek_fullness - SD", False),
    ],
)
def test_an_adjective_of_a_trait_that_is_asked_for_is_not_left_out(word, asked, said):
    assert _says_an_asked_trait(word, {asked}) is said
