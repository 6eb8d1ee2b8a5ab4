"""The compiled plan of a groom is the plain one, and hair grows once for all its colours."""

from dataclasses import fields, replace

import numpy as np
import pytest

from facegpt.hair.grow import grown
from facegpt.hair.plan import growth, mirrored, plainly_planned, planned
from facegpt.hair.presets import PRESETS
from facegpt.hair.scalp import Scalp, scalp_of
from facegpt.morphable.makehuman.head import load
from facegpt.types import Hair

HEAD = load()
WHOLE = scalp_of(HEAD)
#: Every eighth place of the scalp: the plain plan of all of them takes half a second a style.
SCALP = Scalp(*(np.ascontiguousarray(getattr(WHOLE, each.name)[::8]) for each in fields(WHOLE)))


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_compiled_plan_is_the_plain_one(name):
    rng = np.random.default_rng(3)
    usual = PRESETS[name].groom
    thin = replace(mirrored(usual), hairline=tuple(rng.normal(0, 20, 11)), recession=0.5, crown_thinning=0.6)
    for groom, cut_off in ((usual, 0.0), (thin, 4.5)):
        found, expected = (plan(SCALP, groom, cut_off) for plan in (planned, plainly_planned))
        for field in fields(found):
            assert np.abs(getattr(found, field.name) - getattr(expected, field.name)).max() < 1e-9, field.name
    grows, length = growth(SCALP, usual)
    expected = plainly_planned(SCALP, usual)
    assert np.abs(grows - expected.grows).max() < 1e-9
    assert np.abs(length - expected.length).max() < 1e-9


def test_a_groom_in_another_colour_is_the_same_mesh():
    groom, nobody = PRESETS["bob"].groom, np.zeros(HEAD.sizes.identity, np.float32)
    dark, fair = (grown(groom, HEAD, nobody, 1, Hair("bob", colour)) for colour in ((0.02,) * 3, (0.5, 0.4, 0.2)))
    assert dark.vertices is fair.vertices
    assert dark.texture[..., :3].mean() < fair.texture[..., :3].mean()
