"""Readings of a head: each is checked by changing the mesh itself, not by the model's own controls."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.attribute_readings import (
    EVEN,
    SHAPE_ATTRIBUTES,
    SKIN_ATTRIBUTES,
    gauge_of,
    masculinity_among_all,
    masculinity_within,
)
from facegpt.describe.emotion_units import emotion_names
from facegpt.describe.emotions import rank_emotions
from facegpt.describe.hair_readings import HAIR_ATTRIBUTES, hair_colour, read_hair
from facegpt.generate.draw_expression import emotion_expression
from facegpt.language.targets import ATTRIBUTES
from facegpt.types import FaceGPTError, Hair


@pytest.fixture(scope="module")
def gauge(head):
    return gauge_of(head)


@pytest.fixture(scope="module")
def people(head):
    return head.sample(150, seed=99).astype(np.float64)


def _changed(gauge, move) -> dict[str, float]:
    """Raw values after moving the mean's vertices, minus before."""
    mean = np.asarray(gauge.model.mean_vertices, np.float64)
    before, after = gauge.shape.raw(mean[None]), gauge.shape.raw(move(mean.copy())[None])
    return {n: float(after[n][0] - before[n][0]) for n in before}


def _around(vertices, place, radius_mm: float):
    """A smooth bump (V, 1): 1 at a place, 0 beyond the radius."""
    apart = np.linalg.norm(vertices - place, axis=1)
    return np.clip(1 - (apart / radius_mm) ** 2, 0, 1)[:, None] ** 2


def _landmark(gauge, name: str):
    row = gauge.model.landmarks.row[name]
    return gauge.model.landmarks.points(np.asarray(gauge.model.mean_vertices, np.float64))[row]


def test_every_attribute_is_read_from_shape_skin_or_hair():
    assert sorted((*SHAPE_ATTRIBUTES, *SKIN_ATTRIBUTES, *HAIR_ATTRIBUTES)) == sorted(ATTRIBUTES)


def test_readings_of_adults_have_mean_0_and_sd_1(gauge, people):
    readings = gauge.read(people)
    assert np.abs(readings.mean(0)).max() < 0.35
    assert np.abs(readings.std(0) - 1).max() < 0.35


def test_the_linear_form_explains_the_readings_of_adults(gauge):
    linear = [k for k, n in enumerate(SHAPE_ATTRIBUTES) if n not in EVEN]
    assert np.median(gauge.r_squared[linear]) > 0.97
    assert gauge.r_squared[linear].min() > 0.75


def test_a_tip_pulled_forward_protrudes_and_moves_no_eye_or_jaw(gauge):
    tip = _landmark(gauge, "pronasale")
    change = _changed(gauge, lambda v: v + _around(v, tip, 14) * (0, 0, 3.0))
    assert change["nose_protrusion"] > 1.0  # mm
    for name in ("eye_width", "jaw_width", "mouth_width", "chin_height", "eye_spacing"):
        assert abs(change[name]) < 0.05


def test_a_wider_head_is_wider_everywhere_and_no_longer(gauge):
    change = _changed(gauge, lambda v: v * (1.1, 1, 1))
    for name in (
        "face_width",
        "jaw_width",
        "nose_width",
        "mouth_width",
        "chin_width",
        "forehead_width",
        "nose_tip_width",
    ):
        assert change[name] > 0.5
    for name in ("face_length", "chin_height", "nose_length"):
        assert abs(change[name]) < 0.01


def test_a_chin_pulled_down_is_longer_and_one_pulled_forward_protrudes(gauge):
    chin = _landmark(gauge, "menton")
    down = _changed(gauge, lambda v: v + _around(v, chin, 40) * (0, -4.0, 0))
    assert down["chin_height"] == pytest.approx(4.0, abs=0.3)
    assert down["face_length"] > 3.0
    forward = _changed(gauge, lambda v: v + _around(v, chin, 40) * (0, 0, 4.0))
    assert forward["chin_protrusion"] > 2.0


def test_fuller_cheeks_and_prominent_cheekbones_are_read_apart(gauge):
    def push(name: str, amount: float):
        place = gauge.shape._row[f"{name}_left"], gauge.shape._row[f"{name}_right"]
        mean = np.asarray(gauge.model.mean_vertices, np.float64)
        points = [gauge.shape._weights[k] @ mean[gauge.shape._corners[k]] for k in place]
        return lambda v: v + sum(_around(v, p, 14) * np.array([np.sign(p[0]) * 0.6, 0, 0.8]) * amount for p in points)

    cheek, bone = _changed(gauge, push("cheek", 3.0)), _changed(gauge, push("malar", 3.0))
    assert cheek["cheek_fullness"] > 0.7 and abs(cheek["cheekbone_prominence"]) < 0.5
    assert bone["cheekbone_prominence"] > 1.5 and abs(bone["cheek_fullness"]) < 0.5


def test_a_hump_makes_the_bridge_convex_and_a_shifted_bridge_is_crooked(gauge):
    bridge = (_landmark(gauge, "nasion") + _landmark(gauge, "pronasale")) / 2
    assert _changed(gauge, lambda v: v + _around(v, bridge, 16) * (0, 0, 2.0))["nose_bridge_convexity"] > 0.8
    shifted = _changed(gauge, lambda v: v + _around(v, bridge, 16) * (2.0, 0, 0))
    assert shifted["nose_crookedness"] > 1.0
    assert shifted["asymmetry"] > 0.05


def test_raised_outer_corners_tilt_the_eyes_up_and_leave_them_apart_as_they_were(gauge):
    def lift(v):
        return v + sum(_around(v, _landmark(gauge, f"exocanthion_{s}"), 12) * (0, 2.0, 0) for s in ("left", "right"))

    change = _changed(gauge, lift)
    assert change["eye_tilt"] > 2.0  # degrees
    assert abs(change["eye_spacing"]) < 0.05


def test_the_mean_head_is_symmetric(gauge):
    raw = gauge.shape.raw(np.asarray(gauge.model.mean_vertices, np.float64)[None])
    assert raw["asymmetry"][0] < 0.1  # mm
    assert raw["nose_crookedness"][0] < 0.1


def test_masculinity_within_a_sex_is_0_for_its_mean(head):
    half_step = float(np.linalg.norm(head.axes.male))
    assert masculinity_within(head, np.array(half_step), "M") == pytest.approx(0, abs=1e-9)
    assert masculinity_among_all(head, 1.0, "F") == pytest.approx(-half_step + np.sqrt(1 - half_step**2))


@pytest.mark.parametrize(("lightness", "redness"), [(-2, 0), (-1, 0), (0, 0), (0, 1), (1, 0), (0, -1), (1, 1)])
def test_hair_colour_reads_as_it_was_made(lightness, redness):
    read = read_hair(Hair(colour=hair_colour(lightness, redness)))
    assert read["hair_lightness"] == pytest.approx(lightness, abs=0.25)
    assert read["hair_redness"] == pytest.approx(redness, abs=0.3)


def test_hair_readings_follow_the_steps_of_the_labels():
    bald = read_hair(Hair(style="bald"))
    assert bald["hair_length"] == -2 and bald["beard"] == -1 and bald["moustache"] == -1
    grown = read_hair(Hair(style="long", beard=0.3, grey=1.0))
    assert grown["hair_length"] >= 1 and grown["beard"] == pytest.approx(0.5) and grown["hair_greyness"] == 2


# Emotions


@pytest.mark.parametrize("name", emotion_names())
def test_the_typical_face_of_each_emotion_is_recognised(name):
    assert name in [n for n, _ in rank_emotions(emotion_expression(name, 0.9))[:2]]


@pytest.mark.parametrize("name", ["happiness", "sadness", "surprise", "fear", "anger", "disgust", "contempt"])
@pytest.mark.parametrize("intensity", [0.35, 0.7, 1.0])
def test_basic_emotions_are_recognised_at_every_intensity_and_in_every_person(name, intensity):
    found = [rank_emotions(emotion_expression(name, intensity, seed))[0][0] for seed in range(10)]
    assert found.count(name) >= 9


def test_people_show_an_emotion_differently_but_the_same_seed_alike():
    one, same, other = (emotion_expression("sadness", 0.7, seed) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert np.abs(one - other).max() > 0.02
    assert one.min() >= 0 and one.max() <= 1


def test_emotions_grow_with_intensity_and_contempt_is_one_sided():
    faint, full = emotion_expression("happiness", 0.35), emotion_expression("happiness", 1.0)
    smile = ARKIT_NAMES.index("mouthSmileLeft")
    assert 0.2 < faint[smile] < full[smile]
    contempt = dict(zip(ARKIT_NAMES, emotion_expression("contempt", 1.0), strict=True))
    assert contempt["mouthSmileRight"] > 0.4 and contempt["mouthSmileLeft"] == 0


def test_a_face_at_rest_is_neutral_and_an_unknown_emotion_is_refused():
    assert rank_emotions(np.zeros(len(ARKIT_NAMES)))[0][0] == "neutral"
    assert not emotion_expression("neutral").any()
    with pytest.raises(FaceGPTError, match="no emotion 'hunger'"):
        emotion_expression("hunger")
