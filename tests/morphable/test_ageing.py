"""Growing up and growing old: lines of one's own, a child's skull, and readings that know nothing of either."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.ageing import GROUPS
from facegpt.morphable.makehuman.albedo import ALBEDO_SIZE, NAMED, AlbedoModel
from facegpt.morphable.makehuman.appearance_norms import usual_brows, usual_features
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.makehuman.skin import skin_sample, skin_set

SIZE = 256
#: Head circumference of girls and boys of 7 years, mm (Rollins et al. 2010, medians 51.3 and 52.1 cm).
AT_SEVEN_MM = {"F": 513.0, "M": 521.0}
#: What lines take from red, green and blue (logarithm) over their mean: foreheads and cheeks of ten photographed old
#: people, light and dark, SD over people .05, .02, .06.
PHOTOGRAPHED_LINES = (0.825, 1.034, 1.141)


@pytest.fixture(scope="module")
def albedo() -> AlbedoModel:
    return AlbedoModel.load()


@pytest.fixture(scope="module")
def head() -> MakeHumanHead:
    return makehuman.load()


def lines_of(albedo: AlbedoModel, skin: np.ndarray) -> np.ndarray:
    """The log change (SIZE, SIZE) that age makes on a face (A,), 0 everywhere if it makes none."""
    person = np.asarray(skin, np.float32)[None]
    change = albedo.ageing.change(person, person[:, NAMED["wrinkles"]], SIZE)
    return np.zeros((SIZE, SIZE)) if change is None else change[0].mean(0)


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of two planes where either shows something."""
    shown = (np.abs(one) > 0.01) | (np.abs(other) > 0.01)
    return float(np.corrcoef(one[shown], other[shown])[0, 1])


def test_the_mean_skin_and_younger_ones_have_no_lines_of_their_own(albedo):
    young = skin_sample(albedo, 1, seed=3, age=20)[0]
    assert not lines_of(albedo, np.zeros(ALBEDO_SIZE)).any() and not lines_of(albedo, young).any()


def test_lines_deepen_with_age(albedo):
    skin = skin_sample(albedo, 1, seed=3, age=60)[0]
    skins = [skin_set(albedo, {"wrinkles": amount}, skin) for amount in (0.5, 1.5, 3.0)]
    deepest = [lines_of(albedo, each).min() for each in skins]
    assert -0.05 > deepest[0] > deepest[1] > deepest[2] > -1.5
    heights = [albedo.height_mm(each, 512).min() for each in skins]
    assert heights[0] > heights[1] > heights[2]  # mm, grooves


@pytest.mark.parametrize("tone", [1.0, 0.0, -1.0])
def test_lines_darken_each_channel_as_those_of_photographed_old_people(albedo, tone):
    skin = skin_sample(albedo, 1, seed=3, age=75)[0]
    skin[0] = tone
    smooth, lined = skin.copy(), skin.copy()
    smooth[NAMED["wrinkles"]], lined[NAMED["wrinkles"]] = 0.0, 2.0
    textures = [albedo.texture(torch.as_tensor(each, dtype=torch.float32)[None], 512)[0] for each in (smooth, lined)]
    lost = (textures[0].log() - textures[1].log()).numpy()
    thin = lost - gaussian_filter(lost, (0, 6, 6))
    of_lines = thin[:, thin.mean(0) > 0.2].mean(1)
    np.testing.assert_allclose(of_lines / of_lines.mean(), PHOTOGRAPHED_LINES, atol=0.06)


def test_two_old_people_have_other_lines_and_one_keeps_theirs_on_another_skin(albedo):
    skins = skin_sample(albedo, 8, seed=5, age=75)
    planes = [lines_of(albedo, skin) for skin in skins]
    pairs = [alike(planes[i], planes[j]) for i in range(8) for j in range(i)]
    assert np.mean(pairs) < 0.75
    edited = skin_set(albedo, {"skin_redness": 1.5, "freckles": 1.0}, skins[0])
    assert alike(planes[0], lines_of(albedo, edited)) > 0.95


def test_every_group_is_drawn_twice_and_stays_on_the_skin(albedo):
    planes = albedo.ageing.planes
    assert planes.shape[:2] == (len(GROUPS), 2)
    assert (np.abs(planes).max((2, 3)) > 0.4).all()
    irises = ((albedo.regions & 16) > 0).repeat(2, 0).repeat(2, 1)
    assert not planes[..., irises].any()


def test_what_comes_with_an_age_leaves_the_readings_alone(head):
    axes, person = head.axes, head.sample(1, 8, "F", age=30.0)[0]
    for years in (7.0, 14.0, 30.0, 60.0, 80.0):
        aged = axes.with_age(person, years)
        assert axes.age_years(aged) == pytest.approx(years, abs=0.2)
        assert axes.heaviness(aged) == pytest.approx(axes.heaviness(person), abs=0.01)
        assert np.allclose(axes.with_age(aged, 30.0), axes.with_age(person, 30.0), atol=0.02)


@pytest.mark.parametrize("sex", ["F", "M"])
def test_a_child_of_seven_has_the_head_of_a_child_of_seven(head, sex):
    around = [head.measure(z)["head_circumference"].value_mm for z in head.sample(60, 4, sex, age=7.0)]
    assert np.mean(around) == pytest.approx(AT_SEVEN_MM[sex], rel=0.03)


def test_usual_looks_go_with_age_and_sex():
    assert usual_features("F", 25)["lip_redness"] > usual_features("M", 25)["lip_redness"]
    assert usual_features("F", 80)["lip_redness"] < usual_features("F", 25)["lip_redness"]
    assert usual_brows(True, 30)[0] > usual_brows(False, 30)[0] > usual_brows(False, 80)[0]
