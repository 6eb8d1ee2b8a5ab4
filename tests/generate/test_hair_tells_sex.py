"""Hair that nobody asked for tells whether a man or a woman was drawn, and a full smile bares teeth."""

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.choose_style import length_of
from facegpt.generate.draw_expression import with_full_smile
from facegpt.generate.draw_hair import TIED, Wearer, draw_hair
from facegpt.generate.sex import without_mans_cut
from facegpt.hair.presets import groom_of
from facegpt.language.hair_wish import HairWish
from facegpt.language.head_request import HeadRequest
from facegpt.language.looks.characters import with_look_of_character
from facegpt.language.targets import ATTRIBUTES


@pytest.mark.parametrize("years", [4.0, 30.0, 70.0])
def test_most_women_have_longer_hair_than_most_men(years):
    def short(man: bool) -> float:
        drawn = (draw_hair({}, Wearer(man, years), np.random.default_rng(seed)) for seed in range(60))
        return float(np.mean([length_of(groom_of(hair)) in ("none", "short") for hair in drawn]))

    assert short(man=True) > 0.85 and short(man=False) < 0.4


@pytest.mark.parametrize("years", [20.0, 40.0, 70.0])
def test_hair_of_most_women_shows_beside_the_face(years):
    """From the front tied hair hides behind the head, as a man's short hair does; who asks for it gets it."""
    grooms = [groom_of(draw_hair({}, Wearer(False, years), np.random.default_rng(seed))) for seed in range(60)]
    assert np.mean([groom.gather in TIED for groom in grooms]) < 0.1
    assert np.mean([groom.gather in TIED or length_of(groom) in ("none", "short") for groom in grooms]) < 0.25
    bun = draw_hair({}, Wearer(False, years), np.random.default_rng(0), HairWish({"kind": "bun"}))
    assert groom_of(bun).gather in TIED


def test_a_soldier_lends_his_cut_to_men_alone():
    def cut(man: float, said: dict[str, str]) -> str:
        nothing = np.zeros(len(ATTRIBUTES)), np.ones(len(ATTRIBUTES))
        words = HeadRequest(*nothing, man=man, character="soldier", hair=HairWish(said))
        return without_mans_cut(with_look_of_character(words), words, man > 0.5).hair.said.get("kind", "")

    assert cut(0.97, {}) == "crew" and cut(0.03, {}) == ""
    assert cut(0.03, {"kind": "buzz"}) == "buzz"


def test_a_full_smile_bares_teeth_unless_words_shut_the_mouth():
    smiles = np.array([name.startswith("mouthSmile") for name in ARKIT_NAMES])
    shown = with_full_smile(0.9 * smiles, smiles)
    assert shown[ARKIT_NAMES.index("mouthUpperUpLeft")] > 0.3 and shown[ARKIT_NAMES.index("jawOpen")] > 0.1
    assert np.array_equal(with_full_smile(0.6 * smiles, smiles), 0.6 * smiles)
    shut = smiles | (np.array(ARKIT_NAMES) == "mouthClose")
    assert np.array_equal(with_full_smile(0.9 * smiles, shut), 0.9 * smiles)


@pytest.mark.parametrize("man", [True, False])
def test_babies_have_little_hair_whoever_they_are(man):
    grooms = [groom_of(draw_hair({}, Wearer(man, 1.0), np.random.default_rng(seed))) for seed in range(60)]
    assert np.mean([length_of(groom) in ("none", "short") for groom in grooms]) > 0.7


@pytest.mark.parametrize("man", [True, False])
def test_an_afro_stands_off_whoever_wears_it(man):
    wish = HairWish({"kind": "afro"})
    heads = [draw_hair({}, Wearer(man, 30.0, "coily"), np.random.default_rng(seed), wish) for seed in range(20)]
    assert min(min(each.groom.top_mm, each.groom.sides_mm) for each in heads) > 30
