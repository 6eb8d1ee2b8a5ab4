"""Hair that nobody asked for tells whether a man or a woman was drawn, and a full smile bares teeth."""

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.choose_style import length_of
from facegpt.generate.draw_expression import with_full_smile
from facegpt.generate.draw_hair import Wearer, draw_hair
from facegpt.hair.presets import groom_of


@pytest.mark.parametrize("years", [4.0, 30.0, 70.0])
def test_most_women_have_longer_hair_than_most_men(years):
    def short(man: bool) -> float:
        drawn = (draw_hair({}, Wearer(man, years), np.random.default_rng(seed)) for seed in range(60))
        return float(np.mean([length_of(groom_of(hair)) in ("none", "short") for hair in drawn]))

    assert short(man=True) > 0.85 and short(man=False) < 0.4


def test_a_full_smile_bares_teeth_unless_words_shut_the_mouth():
    smiles = np.array([name.startswith("mouthSmile") for name in ARKIT_NAMES])
    shown = with_full_smile(0.9 * smiles, smiles)
    assert shown[ARKIT_NAMES.index("mouthUpperUpLeft")] > 0.3 and shown[ARKIT_NAMES.index("jawOpen")] > 0.1
    assert np.array_equal(with_full_smile(0.6 * smiles, smiles), 0.6 * smiles)
    shut = smiles | (np.array(ARKIT_NAMES) == "mouthClose")
    assert np.array_equal(with_full_smile(0.9 * smiles, shut), 0.9 * smiles)
