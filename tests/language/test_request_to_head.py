"""Heads from requests: what is asked is measured on the head that comes out, and so is what was not asked."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.appearance.prior import model_texture, prior_of
from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.attribute_readings import (
    COMPOSED,
    EVEN,
    READINGS,
    SHAPE_ATTRIBUTES,
    gauge_of,
    read_attributes,
    read_attributes_batch,
    read_face,
)
from facegpt.describe.emotion_prototypes import is_most_like
from facegpt.describe.landmark_measures import LANDMARK_MEASURES
from facegpt.generate.draw_expression import beside_emotion, emotion_expression
from facegpt.generate.identities import JUMPS
from facegpt.generate.millimetres import MET_MM, meet_millimetres
from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman.local_shapes import shaped
from facegpt.morphable.makehuman.skin import NAMED

SHAPE = np.array([name in SHAPE_ATTRIBUTES for name in ATTRIBUTES])
SEEDS = range(8)
#: What may follow what is asked for, as in docs/facegpt-bench.md.
TIED_PARTS = {
    "jaw_width": ("jaw_squareness", "heaviness"),
    "nose_length": ("face_length", "face_height_nasion_gnathion"),
    "age": ("jawline_definition", "cheek_fullness", "upper_lip_fullness", "lower_lip_fullness", "ear_size", "eye_bags"),
}


def request(attributes: dict[str, float] | None = None, spread: float = 0.35, **more) -> HeadRequest:
    mean, width = np.zeros(len(ATTRIBUTES)), np.full(len(ATTRIBUTES), 0.0 if more.get("is_edit") else 1.0)
    for name, degree in (attributes or {}).items():
        mean[ATTRIBUTES.index(name)], width[ATTRIBUTES.index(name)] = degree, spread
    return HeadRequest(mean, width, **more)


def at(name: str) -> int:
    return ATTRIBUTES.index(name)


def tied_to(name: str) -> set[str]:
    return {name} | set(COMPOSED.get(name, ())) | {whole for whole, parts in COMPOSED.items() if name in parts}


@pytest.fixture(scope="module")
def anybody(head):
    """People of whom nothing was asked."""
    return [imagine_params(head, request(), seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def open_readings(head):
    """Readings of women and men of whom nothing else was asked, by 0.0 and 1.0."""
    return {
        man: read_attributes_batch(head, [imagine_params(head, request(man=man), seed) for seed in SEEDS])
        for man in (0.0, 1.0)
    }


@pytest.fixture(scope="module")
def readings_of(head):
    """Readings of 200 people of the prior of each sex: the population in which a trait is one."""
    gauge = gauge_of(head)
    return {sex: gauge.read(head.sample(200, 5, sex).astype(float)) for sex in ("F", "M")}


def among(readings_of, faces, head, sex: str, name: str):
    """Where heads stand among people of a sex, in their SDs."""
    gauge = gauge_of(head)
    people = readings_of[sex][:, gauge.index(name)]
    read = gauge.read(np.stack([face.identity for face in faces]))[:, gauge.index(name)]
    return (read - people.mean()) / people.std()


@pytest.mark.parametrize("sex", ["F", "M"])
@pytest.mark.parametrize("degree", [1.0, -1.0])
@pytest.mark.parametrize(
    "name", ["nose_width", "face_length", "jaw_squareness", "eye_size", "lid_hooding", "heaviness", "chin_height"]
)
def test_a_named_attribute_is_seen_among_people_of_its_sex_and_the_others_stay(
    head, readings_of, open_readings, name, degree, sex
):
    man = float(sex == "M")
    faces = [imagine_params(head, request({name: degree}, man=man), seed) for seed in SEEDS]
    z = degree * among(readings_of, faces, head, sex, name)
    assert z.min() > 0.25 and (z > 0.5).mean() >= 0.75 and 1.2 < z.mean() < (5.3 if name == "heaviness" else 2.1)
    drift = np.abs((read_attributes_batch(head, faces) - open_readings[man]).mean(0))
    others = [k for k, n in enumerate(ATTRIBUTES) if SHAPE[k] and n not in tied_to(name)]
    assert drift[others].mean() < 0.36  # the last digits of a processor move it by .02


@pytest.mark.parametrize("name", ["asymmetry", "age"])
def test_what_has_no_side_or_is_an_axis_is_met_too(head, name):
    low, high = (
        read_attributes_batch(head, [imagine_params(head, request({name: d}), seed) for seed in SEEDS])[:, at(name)]
        for d in (-1.5, 1.5)
    )
    assert high.min() > 1.0 and low.max() < -0.5 and low.max() < high.min()


def test_more_is_asked_by_stronger_words(head, readings_of):
    z = [
        among(readings_of, [imagine_params(head, request({"nose_length": d}, man=1.0), s) for s in SEEDS], head, "M", n)
        for d, n in ((0.5, "nose_length"), (1.0, "nose_length"), (2.0, "nose_length"))
    ]
    slight, plain, very = (each.mean() for each in z)
    assert 0.4 < slight < plain - 0.4 < very - 0.8


def test_a_trait_of_a_woman_or_man_left_open_is_one_among_all(head):
    for degree in (1.0, -1.0):
        for name in ("jaw_width", "nose_size", "neck_width"):
            faces = [imagine_params(head, request({name: degree}), seed) for seed in SEEDS]
            read = gauge_of(head).read(np.stack([f.identity for f in faces]))[:, gauge_of(head).index(name)]
            assert (degree * read).min() > 0.4


def test_a_trait_of_the_surface_shows_at_the_landmarks(head, readings_of):
    for name, measure in (("nose_width", "nose_base_width"), ("chin_height", "chin_drop"), ("jaw_width",) * 2):
        shown_at = "jaw_outline_width" if measure == "jaw_width" else measure
        for degree in (1.0, -1.0):
            faces = [imagine_params(head, request({name: degree}, man=0.0), seed) for seed in SEEDS]
            assert np.mean(degree * among(readings_of, faces, head, "F", shown_at)) > 0.7


def test_several_attributes_are_met_at_once(head, readings_of):
    asked = {"nose_width": 1.0, "jaw_width": -1.0, "upper_lip_fullness": 1.0, "forehead_height": -1.0}
    faces = [imagine_params(head, request(asked | {"freckles": 1.5}, man=0.0), seed) for seed in SEEDS]
    for name, degree in asked.items():
        assert (degree * among(readings_of, faces, head, "F", name)).min() > 0.8
    assert read_attributes_batch(head, faces)[:, at("freckles")].min() > 1.0


def test_a_slight_degree_is_large_enough_to_be_seen_and_0_is_average(head):
    read = read_attributes_batch(head, [imagine_params(head, request({"chin_height": 0.5}), seed) for seed in SEEDS])
    assert read[:, at("chin_height")].min() > 0.35 and read[:, at("chin_height")].max() < 1.5
    plain = read_attributes_batch(head, [imagine_params(head, request({"chin_height": 0.0}), seed) for seed in SEEDS])
    assert np.abs(plain[:, at("chin_height")]).max() < 1.2


def test_seeds_give_different_people_and_the_same_seed_the_same(head):
    asked = request({"nose_width": 1.5})
    one, again, other = (imagine_params(head, asked, seed) for seed in (3, 3, 4))
    assert np.array_equal(one.identity, again.identity) and np.array_equal(one.albedo, again.albedo)
    assert one.hair == again.hair
    apart = np.linalg.norm(head.neutral_vertices(one.identity) - head.neutral_vertices(other.identity), axis=1)
    assert apart.mean() > 2.0  # mm


def test_people_are_plausible(head):  # even with five parts that are huge or tiny at once
    hard = request({"nose_size": 2.0, "face_length": 2.0, "jaw_width": -2.0, "mouth_width": 2.0, "eye_spacing": -2.0})
    for seed in SEEDS:
        assert float((imagine_params(head, hard, seed).identity.astype(float) ** 2).sum()) < 235


@pytest.mark.slow
def test_sex_and_age_are_those_of_the_words(head):
    for sex, man in (("F", 0.0), ("M", 1.0)):
        for years in ((7, 9), (25, 30), (65, 75)):
            faces = [imagine_params(head, request(man=man, age_years=years), seed) for seed in range(4)]
            read = [read_face(head, face) for face in faces]
            assert all(years[0] - 3 <= r.age_years <= years[1] + 3 for r in read)
            if years[0] > 17:
                assert all((r.man > 0.5) == (sex == "M") for r in read)
            if sex == "F" or years[1] < 17:
                assert all(face.hair.beard == 0 and face.hair.style != "bald" for face in faces)


def test_the_traits_of_children_are_met_too(head):
    """Far from adults the readings bend: steps by the slopes of adults once led to heads without numbers."""
    asked = {"nose_size": -1.15, "nose_tip_elevation": 1.08, "nose_tip_width": -1.05}
    seeds = (*range(6), 45)
    kids = [imagine_params(head, request(asked, 0.3, man=0.0, age_years=(5, 5)), seed) for seed in seeds]
    plain = [imagine_params(head, request(man=0.0, age_years=(5, 5)), seed) for seed in seeds]
    found, usual = (read_attributes_batch(head, some) for some in (kids, plain))
    assert np.isfinite(found).all()
    places = [at(name) for name in asked]
    assert (np.sign([*asked.values()]) * (found.mean(0) - usual.mean(0))[places] > 0.35).all()


def test_a_beard_makes_a_man_where_the_sex_is_open(head):
    men = [read_face(head, imagine_params(head, request({"beard": 1.0}), seed)).man > 0.5 for seed in SEEDS]
    assert sum(men) >= 7


@pytest.mark.parametrize(
    ("asked", "low", "high"),
    [
        ({"hair_length": -2.0}, -2.0, -2.0),
        ({"hair_length": 1.3}, 0.9, 2.0),
        ({"hair_lightness": 1.0}, 0.6, 1.5),
        ({"hair_greyness": 1.5}, 1.0, 2.0),
        ({"skin_lightness": -2.0}, -2.8, -1.6),
        ({"iris_lightness": 1.0}, 1.0, 2.0),
        ({"brow_thickness": 1.5}, 2.2, 3.0),
    ],
)
def test_hair_and_skin_are_as_asked(head, asked, low, high):
    (name,) = asked
    read = read_attributes_batch(head, [imagine_params(head, request(asked, man=1.0), seed) for seed in SEEDS])
    assert read[:, at(name)].min() >= low - 0.05 and read[:, at(name)].max() <= high + 0.05


def test_an_emotion_and_named_units_shape_the_expression(head):
    named = np.zeros(52, bool)
    named[[ARKIT_NAMES.index("jawOpen"), ARKIT_NAMES.index("eyeLookUpLeft")]] = True
    weights = np.zeros(52)
    weights[ARKIT_NAMES.index("eyeLookUpLeft")] = 1.0
    made = imagine_params(head, request(emotion="surprise", expression=weights, expression_named=named), 0)
    assert made.expression[ARKIT_NAMES.index("browInnerUp")] > 0.4
    assert made.expression[ARKIT_NAMES.index("jawOpen")] == 0  # named off wins over the emotion
    left = made.joints[head.joint_names.index("left_eye")]
    assert left[0] == pytest.approx(-np.radians(30), abs=1e-4)  # up, about x
    assert not imagine_params(head, request(), 0).expression.any()


@pytest.mark.parametrize("years", [30.0, 60.0, 82.0])
def test_an_adult_age_is_met_whatever_comes_with_it(head, years):
    made = [imagine_params(head, request(man=seed % 2, age_years=(years, years)), seed) for seed in range(4)]
    assert all(head.axes.age_years(face.identity) == pytest.approx(years, abs=1.5) for face in made)


def test_a_movement_beside_a_feeling_leaves_the_feeling_to_be_seen():
    happy, sneer = emotion_expression("happiness", 0.5, 0), np.array([n.startswith("noseSneer") for n in ARKIT_NAMES])
    assert not is_most_like(np.where(sneer, 0.8, happy), "happiness")
    shown = beside_emotion(happy, sneer, 0.8 * sneer, "happiness")
    assert is_most_like(shown, "happiness") and 0.4 <= shown[sneer].min() < 0.8
    closed = np.array([n == "jawOpen" for n in ARKIT_NAMES])
    assert beside_emotion(happy, closed, 0.0 * closed, "happiness")[closed] == 0


# Edits


@pytest.mark.parametrize("degree", [1.0, -1.0])
@pytest.mark.parametrize(
    "name", ["nose_width", "jaw_width", "mouth_width", "eye_spacing", "forehead_slope", "eye_bags"]
)
def test_an_edit_moves_what_is_asked_and_keeps_the_rest(head, anybody, name, degree):
    for before in anybody[:4]:
        after = edit_params(head, before, request({name: degree}, is_edit=True))
        change = read_attributes(head, after) - read_attributes(head, before)
        assert 0.9 < degree * change[at(name)] < 2.2
        free = {*tied_to(name), *TIED_PARTS.get(name, ()), *JUMPS}
        others = [k for k, n in enumerate(ATTRIBUTES) if n not in free]
        assert np.abs(change[others]).max() < 0.8
        assert np.abs(change[others]).mean() < 0.1
        assert np.array_equal(after.expression, before.expression) and after.hair == before.hair
        rings = [NAMED["dark_circles"]] if name == "eye_bags" else []  # bags are seen by their shadow
        assert np.allclose(np.delete(after.albedo, rings), np.delete(before.albedo, rings), atol=1e-4 * len(rings))
        assert after.pose is before.pose and after.camera is before.camera and after.lighting is before.lighting


@pytest.mark.parametrize(
    "asked",
    [
        *(request({"nose_width": -1.0}, is_edit=True), request({"mouth_width": 1.0, "brow_ridge": -1.0}, is_edit=True)),
        *(request({"jaw_width": 1.5}, is_edit=True, keeps=True), request(age_years=(60, 65), is_edit=True, keeps=True)),
        request(millimetres=(MillimetreGoal("nose_height_nasion_subnasale", "change", -3.0),), is_edit=True),
    ],
)
def test_no_reading_that_an_edit_does_not_ask_for_moves_far(head, anybody, asked):
    gauge = gauge_of(head)
    slopes = gauge.gradient
    within = np.sqrt(np.maximum((slopes**2).sum(1) - (slopes @ head.axes.male) ** 2, 0.04))  # SD of one sex
    named = {n for k, n in enumerate(ATTRIBUTES) if asked.attribute_mean[k]}
    named |= {"nose_length"} if asked.millimetres else {"age"} if asked.age_years else set()
    free = {n for name in named for n in (*tied_to(name), *TIED_PARTS.get(name, ()), *EVEN)} | set(LANDMARK_MEASURES)
    for before in anybody[:4]:
        after = edit_params(head, before, asked)
        now = gauge_of(shaped(head, after.local)).read(after.identity[None])
        drift = np.abs(now - gauge.read(before.identity[None]))[0] / within
        assert max(drift[k] for k, n in enumerate(READINGS) if n not in {*free, *JUMPS}) < 0.4


def test_an_edit_that_asks_nothing_changes_nothing(head, anybody):
    before = anybody[0]
    after = edit_params(head, before, request(is_edit=True))
    assert np.array_equal(after.identity, before.identity) and np.array_equal(after.joints, before.joints)
    assert np.array_equal(after.albedo, before.albedo) and after.hair == before.hair


def test_an_edit_of_expression_keeps_identity_and_the_units_not_named(head, anybody):
    smiling = anybody[1].replace(expression=imagine_params(head, request(emotion="happiness"), 0).expression)
    named, weights = np.zeros(52, bool), np.zeros(52)
    named[ARKIT_NAMES.index("eyeBlinkLeft")], weights[ARKIT_NAMES.index("eyeBlinkLeft")] = True, 1.0
    wink = edit_params(head, smiling, request(expression=weights, expression_named=named, is_edit=True))
    assert np.array_equal(wink.identity, smiling.identity)
    changed = np.flatnonzero(wink.expression != smiling.expression)
    assert list(changed) == [ARKIT_NAMES.index("eyeBlinkLeft")]
    calm = edit_params(head, smiling, request(emotion="neutral", is_edit=True))
    assert not calm.expression.any()


def test_older_and_younger_move_the_age_and_a_child_becomes_a_child(head, anybody):
    for before in anybody[:3]:
        old = edit_params(head, before, request(age_years=(70, 75), is_edit=True))
        assert 68 < head.axes.age_years(old.identity) < 77
        assert read_attributes(head, old)[at("wrinkles")] > read_attributes(head, before)[at("wrinkles")]
        child = edit_params(head, before, request(age_years=(6, 9), is_edit=True))
        assert 5 < head.axes.age_years(child.identity) < 10


def test_the_sex_changes_when_asked_and_stays_when_not(head):
    man = imagine_params(head, request({"beard": 1.0}, man=1.0), 2)
    woman = edit_params(head, man, request(man=0.0, is_edit=True))
    assert read_face(head, woman).man < 0.5 and woman.hair.beard == 0
    wider = edit_params(head, man, request({"jaw_width": -1.5}, is_edit=True))
    assert read_face(head, wider).man > 0.5 and wider.hair == man.hair


def test_another_sex_brings_its_skin_and_hair_along(head):
    woman = imagine_params(head, request({"hair_length": 1.3}, man=0.0, age_years=(30, 30)), 3)
    man = edit_params(head, woman, request(man=1.0, is_edit=True))
    hair = [read_attributes(head, params)[at("hair_length")] for params in (woman, man)]
    assert hair[1] < hair[0] - 0.9
    beard = prior_of(head, 256).growth > 0.5  # where beards grow, skin gets darker than elsewhere
    light = [np.log(model_texture(head, params.albedo, 256).mean(-1) + 0.01) for params in (woman, man)]
    cheek = (prior_of(head, 256).mask > 0.9) & (prior_of(head, 256).growth < 0.05)
    change = light[1] - light[0]
    assert np.median(change[beard]) < np.median(change[cheek]) - 0.02
    back = edit_params(head, man, request(man=0.0, is_edit=True))
    lips = NAMED["lip_redness"]  # a man's are bare, and nobody asked for lipstick since
    assert np.delete(back.albedo, lips) == pytest.approx(np.delete(woman.albedo, lips), abs=1e-4)
    assert man.albedo[lips] <= woman.albedo[lips]


def test_hair_edits_reach_what_they_name_and_keep_the_rest(head):
    man = imagine_params(head, request({"hair_length": -1.0, "beard": 1.0, "hair_lightness": -1.0}, man=1.0), 0)
    shaved = edit_params(head, man, request({"beard": -1.0}, is_edit=True))
    assert shaved.hair.beard == 0 and shaved.hair.style == man.hair.style and shaved.hair.colour == man.hair.colour
    bald = edit_params(head, man, request({"hair_length": -2.0}, is_edit=True))
    assert bald.hair.style == "bald" and bald.hair.beard == man.hair.beard
    blond = edit_params(head, man, request({"hair_lightness": 1.0}, is_edit=True))
    assert read_attributes(head, blond)[at("hair_lightness")] > 0.5 and blond.hair.style == man.hair.style
    unknown = edit_params(head, man.replace(hair=None), request({"hair_length": 1.0}, is_edit=True))
    assert read_attributes(head, unknown)[at("hair_length")] >= 0.5 and unknown.hair.beard == 0


# Millimetres


@pytest.mark.parametrize(
    ("measure", "kind", "amount"),
    [
        ("nose_breadth", "change", -3.0),
        ("nose_breadth", "value", 40.0),
        ("lip_length", "percent", 10.0),
        ("bizygomatic_breadth", "min", 146.0),
        ("ear_length", "max", 55.0),
        ("neck_circumference", "change", 20.0),
    ],
)
def test_millimetres_are_met_and_other_measures_stay(head, anybody, measure, kind, amount):
    for before in anybody[:3]:
        goal = MillimetreGoal(measure, kind, amount)
        after = edit_params(head, before, request(millimetres=(goal,), is_edit=True))
        old, new = head.measure(before.identity), head.measure(after.identity)
        start, end = old[measure].value_mm, new[measure].value_mm
        wanted = {
            "change": start + amount,
            "value": amount,
            "percent": start * (1 + amount / 100),
            "min": max(start, amount),
            "max": min(start, amount),
        }[kind]
        assert end == pytest.approx(wanted, abs=MET_MM + 0.01)
        rest = [abs(new[n].value_mm - old[n].value_mm) for n in old if n != measure]
        assert np.median(rest) < 0.8  # mm


def test_two_measures_are_met_together(head, anybody):
    goals = (MillimetreGoal("nose_breadth", "change", 2.0), MillimetreGoal("lip_length", "change", -3.0))
    before = anybody[0]
    after = edit_params(head, before, request(millimetres=goals, is_edit=True))
    old, new = head.measure(before.identity), head.measure(after.identity)
    assert new["nose_breadth"].value_mm - old["nose_breadth"].value_mm == pytest.approx(2.0, abs=MET_MM)
    assert new["lip_length"].value_mm - old["lip_length"].value_mm == pytest.approx(-3.0, abs=MET_MM)


def test_impossible_and_contradictory_millimetres_are_told(head):
    huge = MillimetreGoal("nose_breadth", "value", 120.0)
    identity, unmet = meet_millimetres(head, np.zeros(head.sizes.identity), (huge,))
    assert unmet == [huge]
    assert head.measure(identity)["nose_breadth"].value_mm < 60
    wide, narrow = MillimetreGoal("nose_breadth", "min", 40.0), MillimetreGoal("nose_breadth", "max", 30.0)
    assert meet_millimetres(head, np.zeros(head.sizes.identity), (wide, narrow))[1]
    assert meet_millimetres(head, np.zeros(head.sizes.identity), (MillimetreGoal("third_eye", "value", 1.0),))[1]
