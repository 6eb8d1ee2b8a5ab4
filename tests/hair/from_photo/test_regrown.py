"""A photo's head gets a beard, another one, and none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from facegpt.face import Face
from facegpt.generate.look_of_hair import with_kept_colours
from facegpt.hair.from_photo.regrown import regrown
from facegpt.hair.whiskers import beard_share
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.types import Hair

DARK = (0.02, 0.015, 0.01)
SIDE = 512


@pytest.fixture(scope="module")
def places() -> dict[str, np.ndarray]:
    """Where a beard is dense, and where none grows, in the skin that a photo shows."""
    albedo = AlbedoModel.load()
    dense = np.asarray(Image.fromarray(albedo.growth["hair_density"][0]).resize((SIDE, SIDE))) / 255.0
    face = np.asarray(Image.fromarray(albedo.photo_mask).resize((SIDE, SIDE))) > 0.5
    return {"beard": face & (dense > 0.6), "bare": face & (dense < 0.01)}


@pytest.fixture
def skin() -> np.ndarray:
    """An even skin, a little lighter than most."""
    return np.dstack([np.full((SIDE, SIDE), value, np.uint8) for value in (205, 160, 140, 255)])


def beard(amount: float, colour=DARK, style="bald") -> Hair:
    return Hair(style, colour, 0.0, amount, 0.0)


def mean(skin, where) -> np.ndarray:
    return skin[where][:, :3].astype(float).mean(0)


def test_a_beard_grows_where_beards_grow_and_nowhere_else(head, skin, places):
    params = mean_head(head).params
    grown = regrown(skin, head, params, None, beard(0.8))
    assert mean(grown, places["beard"]).mean() < mean(skin, places["beard"]).mean() - 40  # of 255
    assert np.abs(mean(grown, places["bare"]) - mean(skin, places["bare"])).max() < 3
    assert (grown[..., 3] == skin[..., 3]).all()
    thicker = regrown(skin, head, params, None, beard(1.0))
    stubble = regrown(skin, head, params, None, beard(0.2))
    assert mean(thicker, places["beard"]).mean() < mean(stubble, places["beard"]).mean() - 15


def test_a_shave_gives_skin_in_the_tone_of_the_cheeks(head, skin, places):
    params = mean_head(head).params
    grown = regrown(skin, head, params, None, beard(1.0))
    shaved = regrown(grown, head, params, beard(1.0), beard(0.0))
    cheeks = mean(skin, places["bare"])
    assert np.abs(mean(shaved, places["beard"]) - cheeks).max() < 25
    assert mean(grown, places["beard"]).mean() < mean(shaved, places["beard"]).mean() - 40


def test_a_dyed_beard_has_its_colour(head, skin, places):
    params = mean_head(head).params
    grown = regrown(skin, head, params, None, beard(1.0))
    red = regrown(grown, head, params, beard(1.0), beard(1.0, (0.35, 0.06, 0.02)))
    before, after = mean(grown, places["beard"]), mean(red, places["beard"])
    assert after[0] - after[2] > before[0] - before[2] + 20


def test_a_photos_own_brows_grow_thicker_and_more_arched(head, skin):
    """Each brow a dark band, 6 mm high."""
    place, above = (plane.astype(np.float32).repeat(2, 0).repeat(2, 1) for plane in AlbedoModel.load().growth["brow"])
    band = (np.abs(above) < 3) & (place > 0.1) & (place < 0.9)
    photo = skin.copy()
    photo[band, :3] = (70, 50, 40)

    def darkness(**changes: float) -> np.ndarray:
        shown = regrown(photo, head, mean_head(head).params, Hair(), replace(Hair(), **changes))
        assert np.array_equal(shown[np.abs(above) > 16], photo[np.abs(above) > 16])
        return np.clip(1 - shown[..., :3].mean(-1) / skin[..., :3].mean(-1), 0, 1) * (np.abs(above) < 13)

    totals = [darkness(brow_thickness=sds).sum() for sds in (-2, 0, 2)]
    assert totals[0] < 0.75 * totals[1] and totals[2] > 1.3 * totals[1]
    top = (place > 0.5) & (place < 0.7)
    heights = [np.average(above[top], weights=darkness(brow_arch=sds)[top]) for sds in (-2, 0, 2)]
    assert np.diff(heights).min() > 0.7  # mm


def test_what_is_not_changed_stays_to_the_bit(head, skin):
    params = mean_head(head).params
    assert regrown(skin, head, params, beard(0.5), beard(0.5, style="bob")) is skin
    assert regrown(skin, head, params, beard(0.0, (0.3, 0.2, 0.1)), beard(0.0)) is skin


def test_an_edited_heads_scalp_has_roots_and_a_saved_ones_are_not_painted_twice(head, skin, tmp_path):
    face = replace(mean_head(head), photo_texture=skin)
    face = replace(face, params=face.params.replace(hair=Hair("short", DARK)))
    bald = replace(face, params=face.params.replace(hair=None))
    rooted = (np.abs(face.texture.astype(int) - skin)[..., :3] > 40).any(-1)
    assert 0.02 < rooted.mean() < 0.6
    assert (bald.texture == skin).all()
    face.save_folder(tmp_path / "kept")
    assert (Face.load(tmp_path / "kept", head).texture == face.texture).all()


def test_a_photos_own_brows_stay_where_hair_alone_turns_grey_and_grey_with_age(head, skin):
    before, params = replace(Hair(), colour=DARK, grey=0.03), mean_head(head).params
    asked, aged = replace(with_kept_colours(before), grey=0.9), replace(before, grey=0.9)
    assert np.array_equal(regrown(skin, head, params, before, asked), skin)
    dark = regrown(skin, head, params, before, replace(before, brow_colour=(0.01, 0.01, 0.01)))
    brows = np.abs(dark.astype(int) - skin)[..., :3].mean(-1) > 40
    greyed = regrown(dark, head, params, before, aged)
    assert greyed[brows][:, :3].mean() > dark[brows][:, :3].mean() + 10
    assert (greyed.astype(int) >= dark.astype(int) - 1).all()  # no brow is drawn where none was


def test_a_beard_that_turns_grey_with_age_gets_grey_hairs_where_it_grows_alone(head, skin):
    params, before = mean_head(head).params, replace(Hair(), colour=DARK, beard=0.8, moustache=0.8)
    goatee = regrown(skin, head, params, Hair(), replace(before, beard_shape="goatee"))
    own = np.abs(goatee.astype(int) - skin)[..., :3].mean(-1) > 8
    lighter = regrown(goatee, head, params, before, replace(before, grey=0.6)).astype(int) - goatee
    assert (lighter[own] > 20).any() and lighter[own].mean() > 1
    assert np.abs(lighter[~own]).mean() < 0.05 * np.abs(lighter[own]).mean()


def test_a_thinner_beard_is_the_photos_own_half_way_to_shaven_skin(head, skin):
    params, full, thin = mean_head(head).params, replace(beard(0.8), moustache=0.8), replace(beard(0.4), moustache=0.4)
    shown = regrown(skin, head, params, None, full)
    shaven, thinner = (regrown(shown, head, params, full, each).astype(float) for each in (beard(0.0), thin))
    between = (shown.astype(float) + shaven) / 2
    grown = np.abs(shown.astype(float) - shaven)[..., :3].mean(-1) > 20
    assert np.abs(thinner - between)[grown].mean() < 0.35 * np.abs(shown - shaven)[grown].mean()


def test_the_photos_own_moustache_stays_where_the_beard_alone_goes(head, skin):
    params = mean_head(head).params
    layers = AlbedoModel.load().growth["hair_density"][:2].astype(float) / 255
    beards, lip = (np.asarray(Image.fromarray(each).resize((SIDE, SIDE))) for each in layers)
    lip, jaw = (lip > 0.6) & (beards < 0.1), (beards > 0.6) & (lip < 0.01)
    worn = Hair("bald", DARK, 0.0, 0.5, 0.5)
    grown = regrown(skin, head, params, None, worn)
    after = regrown(grown, head, params, worn, replace(worn, beard=0.0))
    assert np.abs(after[lip][:, :3].astype(float) - grown[lip][:, :3]).mean() < 6  # of 255
    assert mean(after, jaw).mean() > mean(grown, jaw).mean() + 20


def test_a_goatee_keeps_the_chins_hair_and_bares_the_cheeks(head, skin):
    params = mean_head(head).params
    share = np.asarray(Image.fromarray(beard_share(head, "goatee").astype(np.float32)).resize((SIDE, SIDE)))
    dense = np.asarray(Image.fromarray(AlbedoModel.load().growth["hair_density"][0]).resize((SIDE, SIDE))) > 150
    grown = regrown(skin, head, params, None, beard(0.6))
    after = regrown(grown, head, params, beard(0.6), replace(beard(0.6), beard_shape="goatee"))
    chin, cheeks = dense & (share > 0.95), dense & (share < 0.02)
    assert np.abs(mean(after, chin) - mean(grown, chin)).max() < 8
    assert mean(after, cheeks).mean() > mean(grown, cheeks).mean() + 20
