"""Words for a people: found where a person is meant, and plausible in skin, hair and shape."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.describe.hair_readings import read_hair
from facegpt.generate.draw_hair import Wearer, draw_hair, years_with_grey
from facegpt.generate.joint_prior import Said, draw_appearance
from facegpt.hair.presets import PRESETS
from facegpt.language.reading.peoples_words import find_peoples
from facegpt.morphable.makehuman.peoples import LOOKS, leaning, look_of
from facegpt.morphable.makehuman.skin import skin_sample, skin_set


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("an East Asian woman", ["east_asian"]),
        ("an old Chinese man, tired", ["east_asian"]),
        ("a South Asian bus driver", ["south_asian"]),
        ("Southeast-Asian girl, 12", ["southeast_asian"]),
        ("an American Indian chief", ["native_american"]),
        ("a woman from Ethiopia", ["east_african"]),
        ("Latina, 25", ["latin_american"]),
        ("white, male, 40", ["european"]),
        ("bus driver, 50, black, in a cap", ["african_diaspora"]),
        ("a tired woman, white, curly hair", ["european"]),
        ("a Black British woman", ["african_diaspora"]),
        ("a black Nigerian man", ["african"]),
        ("half Japanese, half Irish boy", ["east_asian", "british_isles"]),
        ("a German-Turkish guy", ["middle_eastern"]),
    ],
)
def test_a_people_is_found_where_a_person_is_meant(text, families):
    assert list(find_peoples(text)) == families


@pytest.mark.parametrize(
    "text",
    ["a woman with black hair", "white-haired man", "a Roman nose", "a man with a French braid", "not an Asian man",
     "a black and white photo of a man", "he looks as if he ate Indian food", "man in black, a person",
     "she went to Italy", "black eyed girl", "a man with a long beard, black, thick", "short hair, white",
     "turkey on her plate"],
)  # fmt: skip
def test_things_colours_and_denials_are_no_people(text):
    assert find_peoples(text) == ()


def test_skins_are_in_the_order_in_which_they_are_measured(head):
    lightness = {}
    for name in ("african", "south_asian", "middle_eastern", "east_asian", "northern_european"):
        found = []
        for seed in range(12):
            told = dict(draw_appearance(Said((name,)), np.random.default_rng(seed)).skin)
            skin = skin_set(head.albedo, told, skin_sample(head.albedo, 1, seed, "F", 30.0, told["skin_lightness"])[0])
            found.append(head.skin_lightness(skin))
        lightness[name] = float(np.mean(found))
    assert list(lightness) == sorted(lightness, key=lightness.__getitem__)
    assert lightness["african"] < 40 < 50 < lightness["east_asian"]  # CIE L*


def test_the_shape_leans_to_the_people_and_keeps_sex_age_and_weight(head):
    mean = 1.0 * head.axes.male
    covariance = np.eye(len(mean))
    for name, macro in (("east_asian", "asian"), ("african", "african"), ("middle_eastern", "caucasian")):
        leant, narrowed = leaning(head, mean, covariance, LOOKS[name])
        shares = head.ancestry.shares(leant)
        assert max(shares, key=shares.__getitem__) == macro
        for axis in (head.axes.male, head.axes.age, head.axes.heavy):
            assert axis @ leant == pytest.approx(axis @ mean, abs=1e-6)
        assert np.linalg.eigvalsh(narrowed).min() > 0.1


def test_hair_goes_with_the_people():
    def drawn(name: str, man: bool = False) -> list:
        people = [draw_appearance(Said((name,)), np.random.default_rng(seed)) for seed in range(60)]
        wearers = [Wearer(man, 25.0, person.curl, person.hair) for person in people]
        return [draw_hair({}, wearer, np.random.default_rng(seed)) for seed, wearer in enumerate(wearers)]

    asian = [read_hair(hair)["hair_lightness"] for hair in drawn("east_asian")]
    assert np.quantile(asian, 0.95) < -0.9
    nordic = [read_hair(hair)["hair_lightness"] for hair in drawn("northern_european")]
    assert np.mean(np.array(nordic) > 0.3) > 0.35
    african = [PRESETS[hair.style].family for hair in drawn("african", man=True)]
    assert np.mean([family in ("bald", "shaved", "coily_afro_locs") for family in african]) > 0.7
    assert "coily_afro_locs" not in {PRESETS[hair.style].family for hair in drawn("east_asian")}


def test_parents_of_two_peoples_meet_in_the_middle():
    both = look_of(("african", "northern_european"))
    assert LOOKS["african"].skin[0] < both.skin[0] < LOOKS["northern_european"].skin[0]
    assert look_of(()) is None


def test_grey_hair_without_an_age_is_that_of_somebody_past_fifty():
    grey = {"hair_greyness": (1.0, 0.3)}
    years = [years_with_grey(grey, dice) for dice in np.linspace(0.01, 0.99, 50)]
    said = [age for age in years if age is not None]
    assert len(said) >= 40 and min(said) > 50 and max(said) < 77
    assert years_with_grey({}, 0.5) is None and years_with_grey(grey | {"age": (1.0, 0.3)}, 0.5) is None
