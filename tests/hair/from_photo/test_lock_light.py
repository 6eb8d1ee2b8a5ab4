"""Light and dye on a wide field of long hair, 400 mm in 200 pixels, seen from the front."""

import numpy as np
import pytest

from facegpt.hair.from_photo.lock_light import Sides, without_light

#: A camera 900 mm before the head: 200 × 200 pixels that show 400 mm.
FRONT = (450.0, 0.0, -99.5, 89550.0, 0.0, -450.0, -99.5, 89550.0, 0.0, 0.0, -1.0, 900.0)
SIDES = Sides.of(FRONT, (200, 200))
X, Y = np.meshgrid(np.arange(200) - 99.5, np.arange(200) - 99.5)  # half a millimetre a pixel, times 4
HAIR = ((np.abs(X) < 60) & (np.abs(Y) < 70) & ~((np.abs(X) < 25) & (Y > -30))).astype(float)


def out(tone, mixed=0.0):
    """What is left of the log of brightness (200, 200), where there is hair."""
    return without_light(np.repeat(tone[..., None], 3, -1), HAIR, SIDES, mixed).mean(-1)


def test_the_other_side_of_a_place_is_its_mirror_image():
    rows, columns = SIDES.other
    assert columns[80, 60] == pytest.approx(139, abs=1)
    assert rows[80, 60] == pytest.approx(80, abs=1)
    assert SIDES.side[100, 60] == -SIDES.side[100, 139] == pytest.approx(-1)


def test_a_head_lit_from_a_side_has_two_like_sides():
    for light in (0.6 * np.tanh(X / 10), X / 80):
        left = out(light)
        assert abs(left[(HAIR > 0) & (X < -28)].mean() - left[(HAIR > 0) & (X > 28)].mean()) < 0.1


def test_a_streak_that_runs_down_one_side_stays():
    streak = 1.0 * (np.abs(X - 45) < 5) * (Y > -30)
    left = out(streak)
    inside, beside = (HAIR > 0) & (streak > 0), (HAIR > 0) & (np.abs(X - 45) > 8) & (X > 28) & (Y > -30)
    assert left[inside].mean() - left[beside].mean() > 0.7


def test_gloss_that_runs_across_one_side_goes():
    band = 0.8 * (np.abs(Y + 50) < 9) * (X > 0)
    left = out(band)
    top = (HAIR > 0) & (np.abs(Y + 50) < 6) & (np.abs(X) > 10)
    assert abs(left[top & (X > 0)].mean() - left[top & (X < 0)].mean()) < 0.35


def test_light_tips_of_both_sides_stay_and_shade_below_goes():
    tips = 0.5 * np.tanh(Y / 25)
    rooted, tipped = (HAIR > 0) & (Y < -40), (HAIR > 0) & (Y > 40)
    wanted = tips[tipped].mean() - tips[rooted].mean()
    assert out(tips)[tipped].mean() - out(tips)[rooted].mean() > 0.7 * wanted
    assert abs(out(-tips)[tipped].mean() - out(-tips)[rooted].mean()) < 0.3 * wanted


def test_bleached_ends_are_as_light_as_both_sides_show_them():
    tips = 0.9 * np.clip((Y - 15) / 25, 0, 1)  # the upper two thirds have one colour
    left = out(tips)
    middle, tipped = (HAIR > 0) & (np.abs(Y + 15) < 10), (HAIR > 0) & (Y > 50)
    assert left[tipped].mean() - left[middle].mean() == pytest.approx(0.9, abs=0.2)
    lit = out(tips * (X > 0))  # one side alone may be lit
    assert lit[tipped & (X > 0)].mean() - lit[middle & (X > 0)].mean() < 0.45


def test_ends_that_turn_light_at_another_height_of_either_side_are_light():
    tips = 0.9 * np.clip((Y + np.where(X > 0, 25, -25) - 10) / 15, 0, 1)
    left = out(tips)
    rooted, tipped = (HAIR > 0) & (Y < -50), (HAIR > 0) & (Y > 55)
    assert left[tipped].mean() - left[rooted].mean() > 0.6


def test_pale_sides_and_a_dark_crown_stay_where_dark_and_white_hair_are_mixed():
    pale = 0.8 * np.tanh((np.abs(X) - 25) / 15)
    crown, beside = (HAIR > 0) & (np.abs(X) < 10), (HAIR > 0) & (np.abs(X) > 45)
    wanted = pale[beside].mean() - pale[crown].mean()
    for mixed, least, most in ((1.0, 0.7, 1.1), (0.0, 0.0, 0.6)):
        left = out(pale, mixed)
        assert least * wanted < left[beside].mean() - left[crown].mean() < most * wanted


def test_white_hair_that_differs_by_no_more_than_light_has_one_colour():
    shade = 0.15 * np.tanh((np.abs(X) - 25) / 15)
    left = out(shade, 1.0)
    assert left[HAIR > 0].std() < 0.3 * shade[HAIR > 0].std()
    darker_below = out(-0.8 * Y / 100, 1.0)
    assert np.abs(np.polyfit(Y[HAIR > 0], darker_below[HAIR > 0], 1)[0] * 100) < 0.25
