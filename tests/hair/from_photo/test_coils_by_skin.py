"""Coily hair is as likely as it is on a skin; what strands show clearly outweighs that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.hair.from_photo.traits import KINDS, HairTraits
from facegpt.hair.from_photo.wearers import as_skinned
from facegpt.hair.presets import FAMILIES

COILY, FAMILY = KINDS.index("coily"), FAMILIES.index("coily_afro_locs")


class Seen:
    """Hair that hangs so far, mm below the ears' tops, on both sides."""

    def __init__(self, hang_mm: float):
        self.lowest_mm = (40.0 - hang_mm, 40.0 - hang_mm)
        self.cut = self.shows_nape = False
        self.beside_mm = np.full((2, 7), 20.0)


def read_as_coily(share: float) -> HairTraits:
    """Hair that strands and outline call coily, else straight, by so much."""
    families = np.full(len(FAMILIES), (1 - share) / (len(FAMILIES) - 1))
    families[FAMILY] = share
    return HairTraits(np.array([1 - share, 0.0, 0.0, share]), families)


def test_doubtful_coils_are_straight_on_light_and_coily_on_dark_skin():
    unsure = read_as_coily(0.4)
    told = [as_skinned(unsure, lightness, Seen(20)).kinds[COILY] for lightness in (30.0, 36.0, 42.0, 50.0, 60.0)]
    assert told == sorted(told, reverse=True)
    assert told[0] > 0.8 and told[-1] < 0.15


def test_strands_that_are_sure_outweigh_skin():
    assert as_skinned(read_as_coily(0.02), 33.0, Seen(20)).kinds.argmax() == KINDS.index("straight")
    assert as_skinned(read_as_coily(0.97), 60.0, Seen(20)).kinds[COILY] > 0.6


def test_locs_that_hang_keep_their_likelihood_on_light_skin():
    told = read_as_coily(0.6)
    assert np.allclose(as_skinned(told, 60.0, Seen(150)).kinds, told.kinds)
    locs, coils = (as_skinned(replace(told, plaited=chance), 60.0, Seen(150)).kinds[COILY] for chance in (0.98, 0.02))
    assert locs > 0.55 and coils < 0.2


def test_skin_that_is_not_known_tells_nothing():
    told = read_as_coily(0.6)
    assert as_skinned(told, None, Seen(20)) is told


@pytest.mark.parametrize("lightness", [30.0, 45.0, 60.0])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_likelihoods_sum_to_one_and_styles_of_coils_are_a_part_of_all_coils(share, lightness):
    family_alone = HairTraits(read_as_coily(share).kinds, read_as_coily(0.9).families)
    for told in (read_as_coily(share), family_alone):
        found = as_skinned(told, lightness, Seen(20))
        assert found.kinds.sum() == pytest.approx(1) and found.families.sum() == pytest.approx(1)
        assert found.families[FAMILY] <= found.kinds[COILY] + 1e-9
