"""Beards of photos keep their tone: a head with a known beard is drawn, and a paler skin is given the photo's tone."""

import numpy as np
import pytest
from facing_params import SIDE, facing_params

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.prior import prior_of
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.encode.parts import BACKGROUND, BEARD, MAP_PX, SKIN, FaceParts
from facegpt.face import Face
from facegpt.face.pictures import over
from facegpt.hair.from_photo.beards.tone import with_photo_tone
from facegpt.morphable.makehuman import head as makehuman
from facegpt.render.lighting import lighting_from_lamps
from facegpt.types import Hair

LIGHT = lighting_from_lamps((((0.5, -0.5, -0.7), (0.6, 0.55, 0.5)),), (0.6, 0.6, 0.6))
SKIN_TONE, TEXELS = np.array([0.42, 0.27, 0.19]), 256


@pytest.fixture(scope="module")
def model():
    return makehuman.load()


def grows(model):
    return prior_of(model, TEXELS).growth > 0.3


def skin_with_beard(model, share):
    """A plain skin whose beard has this share of its light."""
    linear = np.broadcast_to(SKIN_TONE, (TEXELS, TEXELS, 3)).copy()
    linear[grows(model)] *= share
    opaque = np.full((TEXELS, TEXELS, 1), 255, np.uint8)
    return np.concatenate([np.round(linear_to_srgb(linear) * 255).astype(np.uint8), opaque], -1)


def photo_of(model, texture):
    face = Face(model, facing_params(model, LIGHT), np.zeros((SIDE, SIDE, 3), np.uint8), texture)
    return over(face, face.photo, face.params.camera)


def parts_of(model):
    """What each pixel of such a photo shows, by drawing the beard black and white."""
    seen = [photo_of(model, skin_with_beard(model, share)).astype(int) for share in (0.02, 1.0)]
    beard = np.abs(seen[0] - seen[1]).sum(-1) > 60
    skin = (seen[1].sum(-1) > 0) & ~beard
    x = np.minimum((np.arange(MAP_PX) + 0.5) * SIDE / MAP_PX, SIDE - 1).astype(int)
    told = np.zeros((MAP_PX, MAP_PX, 9), np.float32)
    for part, mask in ((BACKGROUND, ~beard & ~skin), (SKIN, skin), (BEARD, beard)):
        told[..., part] = mask[np.ix_(x, x)]
    scale = MAP_PX / SIDE
    to_map = np.array([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5]])
    return FaceParts(told, np.ones((MAP_PX, MAP_PX), bool), to_map)


def beard_beside_skin(model, texture):
    """The light of the chin's beard over that of the cheeks."""
    place = atlas_of(model, TEXELS).interpolate(np.asarray(model.mean_vertices))
    linear = srgb_to_linear(texture[..., :3] / 255.0).mean(-1)
    chin = grows(model) & (np.abs(place[..., 0]) < 20) & (place[..., 1] < -55) & (place[..., 2] > 60)
    cheek = ~grows(model) & (place[..., 1] > 0) & (place[..., 1] < 15) & (place[..., 2] > 60)
    return float(np.median(linear[chin]) / np.median(linear[cheek]))


def toned(model, truth, start, beard=0.6):
    return found(model, skin_with_beard(model, truth), skin_with_beard(model, start), beard).texture


def found(model, truth, start, beard=0.6, greyness=0.0):
    """What a photo of one skin makes of another, both (TEXELS, TEXELS, 4)."""
    photo, params = photo_of(model, truth), facing_params(model, LIGHT)
    return with_photo_tone(start, photo, model, params, parts_of(model), beard, greyness)


def glared(model, share, tint):
    """A skin whose beard has a share of its light, and on the left half of the chin as much more of each colour."""
    place = atlas_of(model, TEXELS).interpolate(np.asarray(model.mean_vertices))
    patch = grows(model) & (place[..., 0] > 4) & (place[..., 0] < 26) & (place[..., 1] < -55) & (place[..., 2] > 60)
    skin = skin_with_beard(model, share)
    linear = srgb_to_linear(skin[patch, :3] / 255.0) * tint
    skin[patch, :3] = np.round(linear_to_srgb(np.clip(linear, 0, 1)) * 255)
    return skin, patch


@pytest.mark.parametrize("start", [0.4, 0.7])
def test_a_beard_that_came_out_paler_is_as_dark_as_in_the_photo(model, start):
    assert beard_beside_skin(model, toned(model, 0.25, start)) == pytest.approx(0.25, rel=0.25)


def test_a_beard_that_is_right_stays(model):
    assert beard_beside_skin(model, toned(model, 0.3, 0.3)) == pytest.approx(0.3, rel=0.15)


def test_bare_faces_and_cheeks_stay(model):
    start = skin_with_beard(model, 0.7)
    assert np.array_equal(toned(model, 0.25, 0.7, beard=0.1), start)
    changed = (toned(model, 0.25, 0.7) != start).any(-1)
    assert not changed[prior_of(model, TEXELS).growth == 0].any()


def test_a_beard_s_tone_ends_without_an_edge(model):
    before, after = (
        np.log(srgb_to_linear(skin[..., :3] / 255.0)).mean(-1)
        for skin in (skin_with_beard(model, 0.7), toned(model, 0.25, 0.7))
    )
    growth, lips = prior_of(model, TEXELS).growth, prior_of(model, TEXELS).lips
    rim, middle = (growth > 0) & (growth < 0.1) & (lips == 0), growth > 0.6
    darker = before - after
    assert np.median(darker[middle]) > 0.4  # log units
    assert np.mean(darker[rim]) < 0.3 * np.median(darker[middle])


def test_where_no_beard_is_seen_nothing_changes(model):
    start, params = skin_with_beard(model, 0.7), facing_params(model, LIGHT)
    nothing = FaceParts(np.eye(9, dtype=np.float32)[np.full((MAP_PX, MAP_PX), BACKGROUND)], np.ones((192, 192), bool),
                        np.eye(2, 3))  # fmt: skip
    same = with_photo_tone(start, photo_of(model, start), model, params, nothing, 0.9).texture
    assert np.array_equal(same, start)


def test_a_glare_on_a_beard_is_taken_for_no_paler_hair(model):
    skin, patch = glared(model, 0.2, (2.4, 2.5, 2.7))
    chin = grows(model) & np.fliplr(patch) & ~patch

    def brighter(texture):
        light = srgb_to_linear(texture[..., :3] / 255.0).mean(-1)
        return float(np.median(light[patch]) / np.median(light[chin]))

    assert brighter(skin) > 2.2
    assert brighter(found(model, skin, skin).texture) < 1.6
    assert brighter(found(model, skin, skin, greyness=0.4).texture) > 2.0  # an old man's chin is grey


def test_a_coloured_rim_makes_no_beard_bluer_than_grey(model):
    skin, patch = glared(model, 0.3, (0.8, 0.9, 1.9))
    own = srgb_to_linear(found(model, skin, skin).texture[patch, :3] / 255.0).mean(0)
    seen = srgb_to_linear(skin[patch, :3] / 255.0).mean(0)
    assert seen[2] > 1.3 * seen[1]
    assert own[2] < 1.1 * own[1] and own[1] < 1.1 * own[0]


def test_a_beard_is_painted_no_paler_than_it_is_seen(model):
    dark = skin_with_beard(model, 0.15)
    seen = found(model, dark, dark)
    assert np.allclose(seen.colour, SKIN_TONE * 0.15, rtol=0.35)
    pale = Hair("buzz", (0.3, 0.28, 0.25), grey=0.5, beard=0.5)
    assert seen.of_hair(pale).of_beard.colour == seen.colour and seen.of_hair(pale).colour == pale.colour
    black = Hair("buzz", (0.01, 0.01, 0.01), beard=0.5)
    assert seen.of_hair(black) == black


def test_a_beard_goes_on_as_dense_as_it_is_beside(model):
    """A goatee: the jaws are seen bare, so what nobody sees below them is bare, and below the chin it is not."""
    place = atlas_of(model, TEXELS).interpolate(np.asarray(model.mean_vertices))
    skin, middle = skin_with_beard(model, 0.15), np.abs(place[..., 0]) < 25
    skin[~middle] = skin_with_beard(model, 1.0)[~middle]
    density = found(model, skin, skin).density
    low = grows(model) & (place[..., 1] < -75)
    assert np.median(density[low & (np.abs(place[..., 0]) < 12)]) > 0.6
    assert np.median(density[low & (np.abs(place[..., 0]) > 45)]) < 0.2


def test_dark_spots_of_a_beard_are_clumps_and_no_holes(model):
    skin = skin_with_beard(model, 0.5)
    spots = grows(model) & (np.indices((TEXELS, TEXELS)) % 5 == 0).all(0)
    skin[spots] = skin_with_beard(model, 0.08)[spots]
    between = grows(model) & (np.indices((TEXELS, TEXELS)) % 5 == 2).all(0)

    def darker(texture):
        light = srgb_to_linear(texture[..., :3] / 255.0).mean(-1)
        return float(np.log(np.median(light[between]) / np.median(light[spots])))

    assert darker(skin) > 1.7
    assert 0.2 < darker(found(model, skin, skin).texture) < 0.9
