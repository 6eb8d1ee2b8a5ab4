"""Hair painted on the skin: where it lies, how dark it makes the skin, and that brows follow thickness and arch."""

import numpy as np
import pytest

from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.morphable.makehuman.painted_hair import groom_texture
from facegpt.types import Hair, ShapeError

SIZE = 512
BLACK = (0.012, 0.010, 0.009)


@pytest.fixture(scope="module")
def skin() -> np.ndarray:
    """A plain light skin, so that what is painted is what is dark: (512, 512, 3) linear RGB."""
    return np.full((SIZE, SIZE, 3), [0.45, 0.28, 0.20], np.float32)


@pytest.fixture(scope="module")
def density() -> np.ndarray:
    """Where beard, moustache and scalp hair grow: (3, 512, 512) in 0..1."""
    small = AlbedoModel.load().growth["hair_density"] / 255
    return small.repeat(2, axis=1).repeat(2, axis=2)


def _cover(skin: np.ndarray, hair: Hair) -> np.ndarray:
    """Share (H, W) of the skin's brightness that hair takes away; brows left out."""
    painted = groom_texture(skin, hair, keep_brows=True)
    return 1 - painted.mean(-1) / skin.mean(-1)


def test_a_clean_shaven_bald_head_with_its_own_brows_stays_as_it_is(skin):
    assert np.array_equal(groom_texture(skin, Hair(), keep_brows=True), skin)


def test_the_same_hair_gives_the_same_texels(skin):
    hair = Hair("cropped", BLACK, 0.4, 0.8, 0.6, 1.0, -1.0)
    assert np.array_equal(groom_texture(skin, hair), groom_texture(skin, hair))


def test_a_beard_covers_more_of_the_chin_the_fuller_it_is(skin, density):
    inside = density[0] > 0.9
    cover = [_cover(skin, Hair("bald", BLACK, 0.0, amount))[inside].mean() for amount in (0.15, 0.3, 0.6, 1.0)]
    assert np.all(np.diff(cover) > 0.05) and cover[1] < 0.55 and cover[3] > 0.75


def test_each_kind_of_hair_stays_where_it_grows(skin, density):
    from scipy.ndimage import maximum_filter

    for layer, hair in enumerate(
        (Hair("bald", BLACK, 0.0, 1.0), Hair("bald", BLACK, 0.0, 0.0, 1.0), Hair("cropped", BLACK))
    ):
        cover = _cover(skin, hair)
        far = maximum_filter(density[layer], 71) == 0  # strands are at most some 15 mm long
        assert cover[density[layer] > 0.9].mean() > 0.6
        assert cover[far].max() < 0.02


def test_grey_hair_is_lighter(skin, density):
    dark, grey = (groom_texture(skin, Hair("cropped", BLACK, share)) for share in (0.0, 1.0))
    scalp = density[2] > 0.9
    assert grey[scalp].mean() > 4 * dark[scalp].mean()
    assert np.ptp(grey[scalp].mean(0)) < 0.05  # without hue


def test_thick_brows_cover_more_and_arched_ones_reach_higher(skin):
    place, above = (plane.astype(np.float32).repeat(2, 0).repeat(2, 1) for plane in AlbedoModel.load().growth["brow"])

    def darkness(thickness: float, arch: float) -> np.ndarray:
        painted = groom_texture(skin, Hair("bald", BLACK, brow_thickness=thickness, brow_arch=arch))
        return np.clip(1 - painted.mean(-1) / skin.mean(-1), 0, 1) * (np.abs(above) < 12)

    totals = [darkness(t, 0).sum() for t in (-2, 0, 2)]
    assert totals[0] < 0.8 * totals[1] and totals[2] > 1.25 * totals[1]
    middle = (place > 0.5) & (place < 0.7)
    heights = [np.average(above[middle], weights=darkness(0, a)[middle]) for a in (-2, 0, 2)]
    assert np.diff(heights).min() > 0.7  # mm


def test_brows_of_the_least_thickness_are_gone_and_leave_no_colour_of_hair(skin):
    fair, dark = (groom_texture(skin, Hair("bald", c, brow_thickness=-5.0)) for c in ((0.6, 0.45, 0.2), BLACK))
    assert np.allclose(fair, dark, atol=1e-6)
    thin = groom_texture(skin, Hair("bald", BLACK, brow_thickness=-3.0))
    faint = groom_texture(skin, Hair("bald", BLACK, brow_thickness=-4.0))
    assert np.abs(faint - dark).max() < np.abs(thin - dark).max()


def test_a_finer_texture_shows_the_same_beard(density):
    hair = Hair("cropped", BLACK, 0.2, 0.7, 0.7)
    skins = [np.full((side, side, 3), [0.45, 0.28, 0.20], np.float32) for side in (512, 1024)]
    coarse, fine = (groom_texture(s, hair).mean(-1) for s in skins)
    gap = np.abs(fine.reshape(512, 2, 512, 2).mean((1, 3)) - coarse)
    assert gap.mean() < 0.02  # linear; single strands differ


def test_a_texture_of_another_shape_is_refused(skin):
    with pytest.raises(ShapeError):
        groom_texture(skin[:300], Hair("cropped"))
