"""How dense hair of a photo is, against mixtures of hair and skin that are painted."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_parts import seen_of
from facing_params import SIDE

from facegpt.conventions import linear_to_srgb
from facegpt.encode.parts import HAIR, MAP_PX
from facegpt.hair.from_photo.colour import hair_colour
from facegpt.hair.from_photo.density import seen_density, with_density
from facegpt.hair.plan import planned
from facegpt.hair.presets import PRESETS
from facegpt.hair.scalp import scalp_of
from facegpt.types import Groom

SKIN = np.array([0.55, 0.32, 0.22])
WHITE = np.array([0.5, 0.48, 0.44])
BROWN, BLACK = np.array([0.08, 0.05, 0.03]), np.array([0.01, 0.009, 0.008])


@pytest.fixture(scope="module")
def short(model, params):
    return seen_of(model, params, PRESETS["short"].groom)


def painted(parts, hair, share, shade=1.0, rng=None):
    """A picture of skin with hair, of which the upper rows are hair to a share only, in a shade and with glints."""
    rows = (np.arange(SIDE) * MAP_PX // SIDE).clip(0, MAP_PX - 1)
    is_hair = parts.probabilities[np.ix_(rows, rows)].argmax(-1) == HAIR
    upper = np.arange(SIDE)[:, None] < np.quantile(np.nonzero(is_hair)[0], 0.5)
    image = np.where(is_hair[..., None], hair, SKIN)
    image = np.where((is_hair & upper)[..., None], share * hair + (1 - share) * SKIN, image)
    image = np.where(is_hair[..., None], image * shade, image)
    if rng is not None:
        image = image + 0.03 * (is_hair & (rng.random(is_hair.shape) < 0.2))[..., None]
    return np.round(linear_to_srgb(np.clip(image, 0, 1)) * 255).astype(np.uint8)


def density(model, params, short, picture):
    found = seen_density(picture, model, params, short[1], short[0])
    return None if found is None else found.density


@pytest.mark.parametrize("hair", [WHITE, WHITE / 2], ids=["white", "grey"])
def test_hair_that_lets_the_skin_through_is_thin_and_other_hair_is_not(model, params, short, hair):
    found = [density(model, params, short, painted(short[1], hair, share)) for share in (0.55, 0.75, 1.0)]
    assert found[0] < 0.55 and found[0] < found[1] < 0.85 and found[2] > 0.95


@pytest.mark.parametrize("hair", [BROWN, BLACK], ids=["brown", "black"])
def test_dark_hair_is_never_called_thin_for_its_gloss_looks_as_skin(model, params, short, hair):
    assert density(model, params, short, painted(short[1], hair, 0.75)) > 0.9


def test_shade_and_glints_do_not_thin_hair(model, params, short):
    rng = np.random.default_rng(3)
    assert density(model, params, short, painted(short[1], WHITE, 1.0, shade=0.6)) > 0.9
    assert density(model, params, short, painted(short[1], BLACK, 1.0, rng=rng)) > 0.9


def test_hair_of_the_skins_own_colour_and_bald_heads_tell_nothing(model, params, short):
    assert density(model, params, short, painted(short[1], 0.95 * SKIN, 1.0)) is None
    seen, parts = seen_of(model, params, None)
    assert seen_density(painted(short[1], WHITE, 1.0), model, params, parts, seen) is None
    assert with_density(Groom(density=0.7), None).density == 0.7


def test_skin_that_shows_through_makes_grey_hair_no_brown(model, params, short):
    picture = painted(short[1], WHITE / 2, 0.55)
    dense = seen_density(picture, model, params, short[1], short[0])
    light, own = params.lighting, short[0].hair
    plain = hair_colour(picture, short[1], light, own, 0.2).albedo
    freed = hair_colour(picture, short[1], light, own, 0.2, (dense.alone, 1 - dense.density)).albedo
    assert np.log(freed[0] / freed[2]) < np.log(plain[0] / plain[2])
    assert dense.alone == pytest.approx(WHITE / 2, rel=0.35)


def test_thin_hair_thins_on_top_more_than_at_the_sides(model):
    scalp = scalp_of(model)
    full, thin = (planned(scalp, Groom(density=share)) for share in (1.0, 0.3))
    top, side = full.top > 0.9, (full.top < 0.1) & (full.grows > 0.9)
    assert (thin.grows / full.grows.clip(1e-6))[top & (full.grows > 0.9)].mean() < 0.55
    assert (thin.grows / full.grows.clip(1e-6))[side].mean() > 0.65
