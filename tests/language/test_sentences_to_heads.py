"""Sentences read by the network alone and the exact code, measured on the heads that come of them."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.identities import OPEN_SEX
from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES

K = len(ATTRIBUTES)
PEOPLE = 60


def open_request(is_edit: bool = False, **more) -> HeadRequest:
    return HeadRequest(np.zeros(K), np.zeros(K) if is_edit else np.ones(K), is_edit=is_edit, **more)


@pytest.fixture(scope="module")
def request_of(shipped_words):
    return lambda text, is_edit=False: shipped_words.read(text, is_edit=is_edit).request


@pytest.fixture(scope="module")
def typical_mm(head):
    """Mean and SD of men's measures in mm, over heads of which nothing was asked."""
    men = [head.measure(imagine_params(head, open_request(man=1.0), seed).identity) for seed in range(PEOPLE)]
    values = {name: np.array([m[name].value_mm for m in men]) for name in men[0]}
    return {name: (v.mean(), v.std()) for name, v in values.items()}


def z_of(head, typical_mm, params, name):
    mean, sd = typical_mm[name]
    return (head.measure(params.identity)[name].value_mm - mean) / sd


def weights(request: HeadRequest) -> dict[str, float]:
    return dict(zip(ARKIT_NAMES, map(float, request.expression), strict=True))


def degree(request: HeadRequest, name: str) -> float:
    return float(request.attribute_mean[ATTRIBUTES.index(name)])


def test_a_nose_bigger_than_the_mouth_measures_so(head, typical_mm, request_of):
    asked = request_of("a man whose nose is wider than his mouth")
    zs = [imagine_params(head, asked, seed) for seed in range(4)]
    zs = [z_of(head, typical_mm, m, "nose_breadth") - z_of(head, typical_mm, m, "lip_length") for m in zs]
    assert np.mean(zs) > 0.5


def test_no_wide_nose_is_a_nose_below_the_average_in_millimetres(head, typical_mm, request_of):
    asked = request_of("a man whose nose is not wide")
    made = [imagine_params(head, asked, seed) for seed in range(4)]
    assert np.mean([z_of(head, typical_mm, m, "nose_breadth") for m in made]) < 0.3


def test_far_from_narrow_is_wide_in_millimetres(head, typical_mm, request_of):
    asked = request_of("a man whose mouth is far from narrow")
    made = [imagine_params(head, asked, seed) for seed in range(4)]
    assert np.mean([z_of(head, typical_mm, m, "lip_length") for m in made]) > 0.5


def test_a_wink_closes_one_eye(request_of):
    found = weights(request_of("winking with the left eye"))
    assert found["eyeBlinkLeft"] > 0.6 and found["eyeBlinkRight"] < found["eyeBlinkLeft"] - 0.2


def test_a_huge_grin_is_more_of_a_grin_than_barely_smiling(request_of):
    faint, huge = (weights(request_of(text))["mouthSmileLeft"] for text in ("barely smiling", "a huge grin"))
    assert 0.1 < faint < 0.55 < 0.8 < huge


def test_openings_have_their_size(request_of):
    slight, plain = (weights(request_of(f"mouth open{how}"))["jawOpen"] for how in (", slightly", ""))
    assert 0.1 < slight < plain - 0.15


def test_a_look_to_one_side_is_none_to_the_other(request_of):
    found = weights(request_of("looking up"))
    assert found["eyeLookUpLeft"] > 0.4 and found["eyeLookDownLeft"] < 0.1


def test_a_stronger_feeling_shows_more(request_of):
    slight, strong = (request_of(text).intensity for text in ("a little sad", "utterly sad, beside herself"))
    assert slight < strong - 0.2


def test_the_colour_of_eyes_says_nothing_of_the_skin(request_of):
    for text, colour in (("make her eyes blue", "blue"), ("make her eyes brown", "brown")):
        found = request_of(text, is_edit=True)
        assert found.irises == colour and abs(degree(found, "skin_lightness")) < 0.3


@pytest.mark.parametrize(
    ("text", "name", "side"),
    [
        ("give him prognathism", "chin_protrusion", 1),
        ("a patient with hypertelorism", "eye_spacing", 1),
        ("hardly any chin", "chin_height", -1),
        ("a lot of nose", "nose_size", 1),
        ("the chin is too small", "chin_height", 1),
    ],
)
def test_terms_and_turns_of_phrase_are_read(text, name, side, request_of):
    is_edit = text.startswith(("give", "the chin"))
    assert degree(request_of(text, is_edit), name) * side > 0.3


@pytest.mark.parametrize("text", ["an old man in a red hat", "an old man, blue scarf"])
def test_what_is_worn_changes_no_skin(text, request_of):
    found = request_of(text)
    assert abs(degree(found, "skin_redness")) < 0.4 and abs(degree(found, "skin_lightness")) < 0.4


def test_his_is_no_request_for_another_sex(request_of):
    assert request_of("make his nose smaller", is_edit=True).man == 0.5
    assert request_of("turn her into a man", is_edit=True).man > 0.5 + OPEN_SEX  # from where a sex counts as asked for


def test_all_else_is_kept_where_words_say_so(request_of):
    assert request_of("make the nose smaller, keep everything else", is_edit=True).keeps
    assert not request_of("make the nose smaller", is_edit=True).keeps


def test_closing_the_mouth_leaves_the_shape_alone(head, request_of):
    before = imagine_params(head, open_request(), 1)
    opened = before.replace(expression=np.eye(52, dtype=np.float32)[ARKIT_NAMES.index("jawOpen")])
    after = edit_params(head, opened, request_of("close the mouth", is_edit=True), 0)
    assert after.expression[ARKIT_NAMES.index("jawOpen")] < 0.1
    assert np.allclose(after.identity, before.identity, atol=0.1)


def test_another_age_alone_keeps_the_measures(head, typical_mm):
    before = imagine_params(head, open_request(man=1.0, age_years=(45.0, 45.0)), 3)
    after = edit_params(head, before, open_request(True, age_years=(33.0, 33.0), keeps=True), 0)
    assert abs(head.attributes(after.identity)["age_years"] - 33) < 4
    assert max(abs(z_of(head, typical_mm, after, m) - z_of(head, typical_mm, before, m)) for m in typical_mm) < 0.5


@pytest.mark.parametrize("name", ["nose_width", "jaw_squareness", "eye_size", "chin_height"])
def test_an_edit_moves_other_measures_little(head, typical_mm, name):
    mean = np.zeros(K)
    mean[ATTRIBUTES.index(name)] = 1.0
    before = imagine_params(head, open_request(man=1.0), 2)
    after = edit_params(head, before, HeadRequest(mean, np.zeros(K), is_edit=True), 0)
    moved = [abs(z_of(head, typical_mm, after, m) - z_of(head, typical_mm, before, m)) for m in typical_mm]
    assert np.mean(moved) < 0.2 and np.mean(np.array(moved) > 0.5) < 0.15


def test_who_is_shaved_keeps_the_hair_of_the_head(shipped_words):
    for text in ("shave him, please", "give the guy a close shave"):
        request = shipped_words.read(text, None, True).request
        assert degree(request, "hair_length") == 0 and "kind" not in request.hair.said
