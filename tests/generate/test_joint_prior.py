"""People from words: what is left open fits what is said, is common rather than extreme, and what is said holds."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

from facegpt.describe.hair_readings import read_hair
from facegpt.generate.choose_style import hanging_mm
from facegpt.generate.draw_hair import Wearer, draw_hair
from facegpt.generate.joint_prior import CURLS, EYES, Appearance, Said, draw_appearance
from facegpt.generate.request_to_head import imagine_params
from facegpt.generate.sex import drawn_as_man, share_of_men
from facegpt.generate.worn_styles import COILY, usual_styles
from facegpt.hair.presets import PRESETS, groom_of
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman.painted_hair import BROW_GONE
from facegpt.morphable.makehuman.peoples import LOOKS
from facegpt.morphable.makehuman.skin import skin_read

COUNT = 500
RED, BLOND, BLACK = (
    {"hair_lightness": light, "hair_redness": red} for light, red in ((-0.05, 1.1), (1.1, 0.0), (-1.9, 0.0))
)
BLUE, BROWN = ({"iris_lightness": light, "iris_hue": hue} for light, hue in (EYES["blue"], EYES["brown"]))
#: Readings of skin_lightness of CIE L* 56 and 46 of cheeks and forehead by white light.
TAN, DARK = 0.9, 0.0


def people(said: Said, count: int = COUNT) -> list[Appearance]:
    return [draw_appearance(said, np.random.default_rng(seed)) for seed in range(count)]


def skins(drawn: list[Appearance]) -> np.ndarray:
    return np.array([person.skin["skin_lightness"] for person in drawn])


def light_eyed(drawn: list[Appearance]) -> np.ndarray:
    return np.array([person.skin["iris_lightness"] > -0.25 for person in drawn])


def family(person: Appearance) -> str:
    return next(name for name, look in LOOKS.items() if look == person.look)


def request(attributes: dict[str, float] | None = None, **more) -> HeadRequest:
    mean, spread = np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES))
    for name, degree in (attributes or {}).items():
        mean[ATTRIBUTES.index(name)], spread[ATTRIBUTES.index(name)] = degree, 0.35
    return HeadRequest(mean, spread, **more)


def test_a_person_is_one_of_the_people_of_the_world():
    """Shares of the population by the World Population Prospects of 2022: sub-Saharan Africa 15 %, East and Southeast
    Asia 29 %, South Asia 25 %, Europe, North America and Australia 15 %."""
    count = Counter(map(family, people(Said(), 1500)))
    african = sum(count[name] for name in ("african", "east_african", "african_diaspora"))
    asian = count["east_asian"] + count["southeast_asian"]
    european = sum(count[name] for name in count if "european" in name or name == "british_isles")
    assert 0.12 < african / 1500 < 0.20 and 0.24 < asian / 1500 < 0.35
    assert 0.20 < count["south_asian"] / 1500 < 0.30 and 0.09 < european / 1500 < 0.18


def test_looks_of_which_nothing_is_said_vary_and_are_rarely_extreme():
    drawn = people(Said(), 1500)
    light, hair = skins(drawn), np.array([person.hair for person in drawn])
    assert np.quantile(light, 0.05) < -0.5 and np.quantile(light, 0.95) > 1.7 and 0.5 < np.median(light) < 1.3
    assert 0.7 < (hair[:, 0] < -0.9).mean() < 0.95  # hair is black or dark brown in most of the world
    assert (hair[:, 1] > 0.7).mean() < 0.02  # red hair: 1 to 2 % at most
    assert 0.04 < np.mean([person.skin["iris_hue"] > 0.4 for person in drawn]) < 0.12  # blue eyes: 8 to 10 % at most
    assert {person.curl for person in drawn} == set(CURLS)


def test_hair_and_eyes_of_europeans_hang_together_as_in_students():
    """Snee 1974: blue eyes have 74 % of the blond and 19 % of the black-haired; brown ones 6 and 63 %."""
    blond, black = (light_eyed(people(Said(("european",), colour))) for colour in (BLOND, BLACK))
    assert blond.mean() > 0.8 and black.mean() < blond.mean() - 0.3


@pytest.mark.parametrize(("said", "least", "eyes"), [(RED, 1.6, 0.45), (BLOND, 1.6, 0.6), (BLUE, 1.4, 1.0)])
def test_red_and_fair_hair_and_blue_eyes_go_with_fair_skin(said, least, eyes):
    drawn = people(Said(readings=said))
    assert np.median(skins(drawn)) > least and (skins(drawn) > TAN).mean() > 0.9 and (skins(drawn) < DARK).mean() < 0.02
    assert light_eyed(drawn).mean() >= eyes


def test_redheads_have_freckles_more_than_the_dark_haired():
    red, black = (np.mean([p.skin["freckles"] for p in people(Said(("european",), s))]) for s in (RED, BLACK))
    assert red > 0.4 > -0.5 > black


def test_dark_skin_goes_with_dark_hair_and_eyes_and_curls():
    drawn = people(Said(readings={"skin_lightness": -1.6}))
    assert light_eyed(drawn).mean() < 0.03 and np.mean([person.hair[0] < -0.9 for person in drawn]) > 0.97
    assert np.mean([person.curl in ("curly", "coily") for person in drawn]) > 0.85
    coily = people(Said(curl="coily"))
    assert np.mean([family(p) in ("african", "east_african", "african_diaspora", "pacific") for p in coily]) > 0.8


def test_whatever_is_said_holds_however_rare_it_is():
    peoples = ((), ("african",), ("east_asian", "british_isles"))
    for who, hair, eyes, skin, curl in itertools.product(peoples, (RED, BLOND), (BLUE, BROWN), (-2.0, 2.0), CURLS):
        readings = {**hair, **eyes, "skin_lightness": skin, "freckles": 1.5}
        person = draw_appearance(Said(who, readings, curl), np.random.default_rng(3))
        assert person.curl == curl and person.hair == tuple(hair.values())
        assert all(person.skin[name] == value for name, value in readings.items() if name in person.skin)


def test_the_same_seed_gives_the_same_person_and_a_person_stays_while_less_is_said_of_them():
    for seed in range(40):
        whole = Said(readings={**RED, **BLUE})
        one, again = (draw_appearance(whole, np.random.default_rng(seed)) for _ in range(2))
        assert one == again
        less = draw_appearance(Said(readings=RED), np.random.default_rng(seed), whole=whole)
        assert less.look == one.look and less.hair == one.hair


def test_children_of_two_peoples_lie_between_their_parents():
    mixed = people(Said(("african", "northern_european")))
    assert np.mean([person.curl in ("wavy", "curly") for person in mixed]) > 0.8
    ends = [np.median(skins(people(Said((name,))))) for name in ("african", "northern_european")]
    assert ends[0] + 0.4 < np.median(skins(mixed)) < ends[1] - 0.4


def test_children_have_fairer_hair_and_small_ones_no_freckles():
    def drawn(age: float) -> list[Appearance]:
        said = Said(("northern_european",))
        return [draw_appearance(said, np.random.default_rng(seed), age) for seed in range(200)]

    assert np.mean([p.hair[0] for p in drawn(4.0)]) > np.mean([p.hair[0] for p in drawn(30.0)]) + 0.2
    assert max(person.skin["freckles"] for person in drawn(1.0)) < 0.0


@pytest.mark.parametrize("curl", [*CURLS])
def test_men_mostly_have_short_hair_and_styles_go_with_the_curl(curl):
    shares = usual_styles(True, 38.0, curl)
    # A tail, a bun, or hair over the ears and beyond the jaw; locks and braids are worn short, too.
    long = sum(s for n, s in shares.items() if hanging_mm(PRESETS[n].groom) > 130 or PRESETS[n].family == "gathered")
    assert long < 0.1
    gathered = sum(share for name, share in shares.items() if PRESETS[name].family == "gathered")
    assert gathered < 0.015
    coily = sum(share for name, share in shares.items() if PRESETS[name].family == COILY)
    assert (coily > 0.5) if curl == "coily" else (coily < 0.05)


def test_babies_have_down_or_no_hair_and_neither_beards_nor_grown_up_hair():
    for seed, curl in itertools.product(range(30), CURLS):
        for man in (False, True):
            hair = draw_hair({}, Wearer(man, 0.3, curl), np.random.default_rng(seed))
            groom = groom_of(hair)
            assert max(groom.top_mm, groom.sides_mm, groom.back_mm) < 30 and groom.gather == "none"
            assert groom.density < 0.5 and hair.beard == hair.moustache == 0 and hair.grey < 0.02
            assert hair.brow_thickness < -1.2


def test_hair_that_one_sex_wears_tells_the_sex_that_words_leave_open():
    """Men go bald, women hardly ever; long hair is mostly women's (worn_styles.csv)."""
    bald, long, mohawk = (
        request(hair=HairWish(said)) for said in ({"kind": "bald"}, {"length": "long"}, {"kind": "mohawk"})
    )
    assert share_of_men(bald) > 0.85 and share_of_men(long) < 0.2
    assert np.mean([drawn_as_man(bald, {}, np.random.default_rng(seed)) for seed in range(60)]) > 0.75
    assert 0.3 < share_of_men(mohawk) < 0.7  # whom nobody of the table wears
    infant = request(age_years=(1.0, 1.0), hair=HairWish({"kind": "bald"}))
    assert share_of_men(infant) == pytest.approx(0.5, abs=0.1)


def test_a_head_asked_for_without_brows_has_none_thin_ones_stay_and_thick_ones_are_beyond_the_usual():
    """The corpus labels "no brows at all" -2 and "thin brows" -1 (corpus/LABELS.md); Hair says when none are left."""
    for seed, man in itertools.product(range(5), (False, True)):
        drawn = [
            draw_hair({"brow_thickness": step}, Wearer(man, 30, "wavy"), np.random.default_rng(seed)).brow_thickness
            for step in (-2.0, -1.0, 1.0)
        ]
        assert drawn[0] == BROW_GONE[0] and BROW_GONE[1] < drawn[1] < -1 and drawn[2] >= 2


def test_heads_from_words_have_what_was_drawn_together(head):
    """The skins of blond boys of seven, of whom the words say no more, and of women with blue eyes."""
    boy = request(man=1.0, age_years=(7.0, 7.0), hair=HairWish({"colour": "blond"}))
    woman = request({"iris_lightness": 1.0}, man=0.0)
    for asked in (boy, woman):
        read = [skin_read(head.albedo, imagine_params(head, asked, seed).albedo) for seed in range(16)]
        assert np.median([each["skin_lightness"] for each in read]) > 1.3
        assert min(each["skin_lightness"] for each in read) > -0.2
    assert all(read_hair(imagine_params(head, boy, seed).hair)["hair_lightness"] > 0.6 for seed in range(4))


def test_dark_skin_and_blue_eyes_are_made_where_both_are_said(head):
    asked = request({"skin_lightness": -1.0, "iris_lightness": 1.0}, man=1.0)
    for seed in range(6):
        read = skin_read(head.albedo, imagine_params(head, asked, seed).albedo)
        assert read["skin_lightness"] < -0.9 and read["iris_lightness"] > 0.9 and read["iris_hue"] > 0.8
