"""Which photos of a person are taken of many, and what is said of those that are missing."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.parallax.comparison import CONTRADICTS, TOO_FAR, Compared
from facegpt.reconstruct.photo_choice import advice, crowds, faceless, refusals, sources, spare, spread_out, unsure
from facegpt.reconstruct.unmatched import UNKNOWN, ShownFace, why_none, why_refused
from facegpt.types import Detection


def face(yaw_deg: float, width: float = 200.0) -> Detection:
    points = np.zeros((478, 3))
    points[1] = [width, width * 1.3, 0]
    return Detection(points, np.zeros(52), 1.0, rotation_from_euler_deg(yaw_deg, 0, 0))


def test_of_two_hundred_photos_twelve_are_taken_that_are_turned_differently():
    yaws = [*np.random.default_rng(0).normal(0, 3, 196), 35.0, -35.0, 20.0, -20.0]
    chosen = spread_out([face(yaw) for yaw in yaws], 12)
    assert len(chosen) == 12 == len(set(chosen)) and chosen == sorted(chosen)
    assert {196, 197, 198, 199} <= set(chosen)


def test_a_large_face_is_taken_before_a_small_one_of_the_same_turn():
    faces = [face(0), face(30, 40), face(30), face(-30), face(-30, 40)]
    assert spread_out(faces, 3) == [0, 2, 3]


def test_a_soft_photo_and_a_pulled_face_give_way_to_sharp_calm_ones_of_nearly_the_same_turn():
    pulled = face(-30)
    pulled.scores[ARKIT_NAMES.index("jawOpen")] = pulled.scores[ARKIT_NAMES.index("mouthFunnel")] = 0.9
    looking = face(28)  # gaze moves no skin of the cheeks
    looking.scores[[ARKIT_NAMES.index(name) for name in ARKIT_NAMES if name.startswith("eyeLook")]] = 1.0
    faces = [face(0), face(30), looking, pulled, face(-26)]
    assert spread_out(faces, 3, [0.1, 0.005, 0.1, 0.1, 0.1]) == [0, 2, 4]


def test_a_soft_photo_of_a_side_that_no_other_shows_is_taken():
    assert spread_out([face(0), face(2), face(-3), face(40)], 2, [0.1, 0.1, 0.1, 0.02]) == [0, 3]


def test_of_very_many_names_a_sentence_tells_how_many_there_are():
    (sentence,) = spare([f"{k}.jpg" for k in range(188)], 12)
    assert "0.jpg" in sentence and "183 more photos" in sentence and len(sentence) < 200


def test_few_photos_are_all_taken():
    assert spread_out([face(0), face(0.1)], 12) == [0, 1]


@pytest.mark.parametrize(
    ("yaws", "says"),
    [((0, 3, -4), "from the front"), ((0, 25), "the person's right"), ((0, -25), "the person's left")],
)
def test_what_is_missing_is_said_in_a_sentence(yaws, says):
    (sentence,) = advice([rotation_from_euler_deg(yaw, 0, 0) for yaw in yaws])
    assert says in sentence


def test_nothing_is_said_where_nothing_is_missing():
    assert advice([rotation_from_euler_deg(yaw, 0, 0) for yaw in (0, 25, -25)]) == []


def test_photos_that_do_not_match_are_named_with_a_reason_each():
    assert refusals([]) == []
    told = refusals([("b.jpg", "it is small"), ("c.jpg", "it is turned")])
    assert [one.startswith(name) for one, name in zip(told, ("b.jpg", "c.jpg"), strict=True)] == [True, True]
    assert told[1].endswith("it is turned")


def shown(name, yaw=0.0, px=300.0, sharpness=0.1, **weights):
    return ShownFace(name, rotation_from_euler_deg(yaw, 0, 0), {"jawOpen": 0.0, **weights}, px, sharpness)


@pytest.mark.parametrize(
    ("odd", "says"),
    [
        (shown("odd", yaw=80), "turned 80° away from b"),
        (
            shown("odd", 10, jawOpen=1.0, mouthSmileLeft=1.0, mouthSmileRight=1.0, cheekPuff=0.5),
            "another one than in a (jaw open and mouth smile)",
        ),
        (shown("odd", 10, px=40), "small, 40 px"),
        (shown("odd", 10, sharpness=0.01), "out of focus"),
        (shown("odd", 10), UNKNOWN),
    ],
)
def test_a_photo_that_does_not_match_has_one_reason(odd, says):
    assert says in why_refused(odd, [shown("a", -30), shown("b")])


@pytest.mark.parametrize(
    ("photos", "says"),
    [
        ((shown("a"), shown("b", 2)), "the same side, at most 2°"),
        ((shown("a", -40), shown("b", 40)), "turned 80° and more"),
        (
            (shown("a"), shown("b", 30, jawOpen=1.0, mouthPucker=1.0, browInnerUp=1.0, cheekPuff=1.0)),
            "expressions differ",
        ),
        ((shown("a"), shown("b", 30, px=30)), "b: its face is small"),
        ((shown("a"), shown("b", 30)), UNKNOWN),
    ],
)
def test_where_nothing_matches_one_reason_is_told(photos, says):
    assert says in why_none(photos)


def test_every_photo_that_counts_less_is_named():
    assert faceless(["a.jpg", "b.jpg"])[0].startswith("no face was found in a.jpg and b.jpg, so they were")
    assert "d.jpg was left out: the 12 others" in spare(["d.jpg"], 12)[0]
    assert crowds([("e.jpg", 2)])[0].startswith("e.jpg shows 2 faces")
    assert "those of f.jpg" in sources("f.jpg", 2, ["hair"])[0] and sources("f.jpg", 1, ["hair"]) == []
    assert "glasses" not in sources("f.jpg", 2, ["hair"])[0] and "hair" not in sources("f.jpg", 2, [])[0]
    assert "hair and glasses are fitted" in sources("f.jpg", 3, ["hair", "glasses"])[0]


def test_what_the_matching_found_is_told_where_nothing_of_the_photo_explains_it():
    found = Compared(CONTRADICTS, 20.0, 300, 2.0, -0.1)
    assert "contradicts the others" in why_refused(shown("odd", 10), [shown("a", -30), shown("b")], found)
    assert "small" in why_refused(shown("odd", 10, px=40), [shown("a", -30), shown("b")], found)
    assert "turned 70°" in why_refused(shown("odd", 10), [shown("b")], Compared(TOO_FAR, 70.0))
    assert "as where a face moves" in why_none([shown("a"), shown("b", 30)], [found, found])


def test_matches_that_lie_far_off_make_the_shape_less_sure_and_that_is_said():
    assert unsure(1.0) == []
    assert "1.6 times less closely" in unsure(1.6)[0] and "less sure" in unsure(1.6)[0]
