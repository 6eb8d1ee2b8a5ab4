"""A photo's head loses the hair of its scalp: what is left is even skin, and a photo keeps its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import maximum_filter, minimum_filter

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.prior import model_texture, prior_of
from facegpt.cielab import lab_from_linear
from facegpt.conventions import linear_of_bytes
from facegpt.hair.from_photo.bared import grown_back
from facegpt.hair.from_photo.regrown import regrown
from facegpt.hair.painted import hair_on_texels, paint_scalp
from facegpt.hair.presets import groom_of
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.render.srgb_bytes import bytes_of_linear
from facegpt.types import Hair

SIDE, GRID = 1024, 256
SHORT, BALD = Hair("short", (0.012, 0.009, 0.007)), Hair("bald", (0.012, 0.009, 0.007))
#: How far below the hairline its shade and strands reach in what a photo shows, mm, and how dark it is there.
SHADE_MM, SHADED = 10.0, 0.35


@pytest.fixture(scope="module")
def params(head):
    return mean_head(head).params


@pytest.fixture(scope="module")
def haired(head, params) -> np.ndarray:
    """A skin whose scalp shows dark hair, with the shade of its rim on the forehead and the temples."""
    linear = np.array(model_texture(head, params.albedo, SIDE))
    linear = paint_scalp(head, linear, groom_of(SHORT), SHORT)
    cover, inside = (plane.repeat(4, 0).repeat(4, 1) for plane in hair_on_texels(head, groom_of(SHORT)))
    strands = 0.5 + 0.5 * (np.random.default_rng(1).random(SIDE) < 0.5)
    shade = SHADED * np.clip(1 + inside / SHADE_MM, 0, 1) * (cover < 0.5) * strands
    opacity = np.full((SIDE, SIDE), 255, np.uint8)
    return np.dstack([bytes_of_linear(linear * (1 - shade[..., None]).astype(np.float32)), opacity])


@pytest.fixture(scope="module")
def bald(head, params, haired) -> np.ndarray:
    return regrown(haired, head, params, SHORT, BALD)


def tones(texture) -> np.ndarray:
    """L*a*b* (GRID, GRID, 3) of a texture."""
    step = len(texture) // GRID
    linear = linear_of_bytes(texture[..., :3]).reshape(GRID, step, GRID, step, 3)
    return lab_from_linear(linear.mean((1, 3)))


def places(head) -> dict[str, np.ndarray]:
    """Texels of the scalp, of the rim of its hair on the face, of the forehead and of what lies far from the hair."""
    prior, (_, inside) = prior_of(head, GRID), hair_on_texels(head, groom_of(SHORT))
    height = atlas_of(head, GRID).interpolate(np.asarray(head.mean_vertices, np.float32))[..., 1]
    bare = (prior.mask > 0.9) & (np.maximum.reduce([prior.brows, prior.lips, prior.growth]) < 0.01) & ~prior.eyes
    return {
        "scalp": inside > 5,
        "rim": bare & (inside > -8) & (inside < 0),
        "forehead": bare & (height > 50) & (inside < -15),
        "far": maximum_filter(inside, 25) < -60,
    }


def test_dark_hair_on_the_scalp_and_its_shade_on_forehead_and_temples_become_the_foreheads_skin(head, haired, bald):
    where, before, after = places(head), tones(haired), tones(bald)
    forehead = np.median(before[where["forehead"]], 0)
    for name, shown, most in (("scalp", 20, 3), ("rim", 4, 3)):
        assert where[name].sum() > 100
        was, now = (np.linalg.norm(each[where[name]] - forehead, axis=-1) for each in (before, after))
        assert was.mean() > shown  # what the photo shows there is hair
        assert now.mean() < most and np.quantile(now, 0.98) < 2 * most


def test_a_bald_scalp_has_no_edge_along_its_hairline(head, bald):
    light, inside = tones(bald)[..., 0], hair_on_texels(head, groom_of(SHORT))[1]
    prior = prior_of(head, GRID)
    front = (prior.brows < 0.01) & (np.abs(inside) < 12) & (np.abs(np.arange(GRID) - GRID / 2) < 60)
    steps = np.abs(np.diff(light, axis=0))[front[1:] & front[:-1]]
    assert len(steps) > 500 and np.quantile(steps, 0.99) < 2.5  # L* from one row of texels to the next


def test_what_lies_far_from_the_hair_stays_to_the_bit(head, haired, bald):
    far = places(head)["far"].repeat(4, 0).repeat(4, 1)
    assert far.mean() > 0.15 and np.array_equal(bald[far], haired[far])


def test_where_hair_stays_the_skin_stays_to_the_bit(head, params, haired):
    receding = replace(SHORT, groom=replace(groom_of(SHORT), recession=0.9))
    found = regrown(haired, head, params, SHORT, receding)
    before, after = (hair_on_texels(head, groom_of(each))[0] for each in (SHORT, receding))
    stays = minimum_filter(after, 3).repeat(4, 0).repeat(4, 1) > 0.5
    assert np.array_equal(found[stays], haired[stays])
    gone = (before > 0.9) & (after < 0.01)
    assert gone.sum() > 200
    assert tones(found)[gone][:, 0].mean() > tones(haired)[gone][:, 0].mean() + 15  # L*
    assert regrown(haired, head, params, SHORT, replace(SHORT, colour=(0.3, 0.2, 0.1))) is haired


def test_a_photo_keeps_the_skin_about_its_hair_and_takes_what_else_is_changed(head, params, haired, bald):
    told = head, params.identity, SHORT, BALD, haired
    assert np.array_equal(grown_back(bald, *told), haired)
    tanned = bald.copy()
    tanned[..., :3] = bytes_of_linear(0.8 * linear_of_bytes(bald[..., :3]))
    kept = grown_back(tanned, *told)
    off = linear_of_bytes(kept[..., :3]) - 0.8 * linear_of_bytes(haired[..., :3])
    assert np.abs(off).mean() < 0.004 and not np.array_equal(kept, haired)


def test_a_beard_stays_where_the_hair_of_the_scalp_goes(head, params, haired):
    grows = (prior_of(head, GRID).growth > 0.97) & (hair_on_texels(head, groom_of(SHORT))[1] > -30)  # beside the ears
    seen = haired.copy()
    seen[grows.repeat(4, 0).repeat(4, 1), :3] = 30  # a black beard
    before, after = (replace(each, beard=0.9, moustache=0.9) for each in (SHORT, BALD))
    found = regrown(seen, head, params, before, after)
    assert grows.sum() > 100
    assert np.quantile(np.abs(tones(found)[grows] - tones(seen)[grows]).max(-1), 0.95) < 6
    assert tones(found)[places(head)["scalp"], 0].mean() > tones(seen)[places(head)["scalp"], 0].mean() + 20
