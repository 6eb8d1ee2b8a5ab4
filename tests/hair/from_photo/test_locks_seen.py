"""Locks of a photo taken onto hair: heads whose locks are known are drawn, and found again from hair of one colour."""

import numpy as np
import pytest
from drawn_parts import map_of_drawn
from facing_params import SIDE, facing_params

from facegpt.cielab import lab_from_linear
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.encode.parts import MAP_PX, SKIN, FaceParts
from facegpt.face import Face
from facegpt.hair.from_photo.colour import GREYNESS
from facegpt.hair.from_photo.drawn_hair import DrawnHead, compared
from facegpt.hair.from_photo.locks_seen import EVEN, doubt_of, with_seen_locks
from facegpt.hair.locks import packed
from facegpt.hair.worn import worn
from facegpt.morphable.makehuman import head as makehuman
from facegpt.render.plots import draw_over
from facegpt.types import Hair, SeenLocks

COLOUR = (0.12, 0.075, 0.05)
#: A camera 900 mm before the head: 100 × 100 pixels that show 400 mm.
FRONT = (225.0, 0.0, -49.5, 44550.0, 0.0, -225.0, -49.5, 44550.0, 0.0, 0.0, -1.0, 900.0)


@pytest.fixture(scope="module")
def model():
    return makehuman.load()


def head_with(model, colour=COLOUR, locks=None, light_skin=2.0, style="bob"):
    params = facing_params(model, EVEN, hair=Hair(style, colour, locks=locks))
    params.albedo[0] = light_skin
    return Face(model, params)


def drawn_over_blue(face, colour=None):
    p, wall = face.params, np.full((SIDE, SIDE, 3), (40, 90, 200), np.uint8)
    if colour is not None:
        p = p.replace(hair=Hair(p.hair.style, colour))
    return draw_over(face.mesh, p.pose, p.camera, EVEN, wall, worn=worn(face.model, p))


def parts_of(face):
    """Which part each pixel shows, by drawing hair black and white."""
    bright, dark = (drawn_over_blue(face, (grey, grey, grey)).astype(int) for grey in (0.5, 0.005))
    hair = np.abs(bright - dark).sum(-1) > 150
    skin = (bright[..., 0] > bright[..., 2]) & ~hair
    return map_of_drawn(hair, skin), hair


def found(face, picture, parts, greyness=GREYNESS):
    head = DrawnHead(face.model, face.params, face.mesh)
    return with_seen_locks(head, face.params.hair, compared(head, picture, parts, EVEN), greyness)


def logs_with(of_place, hue=(1.0, 1.0, 1.0)):
    """Locks of a picture (100, 100) from a function of x and y, -1 at the left and the top … 1."""
    x, y = np.meshgrid(np.linspace(-1, 1, 100), np.linspace(-1, 1, 100))
    return SeenLocks(packed(of_place(x, y)[..., None] * np.array(hue)), (100, 100), FRONT)


def found_of(model, locks, colour=(0.06, 0.0375, 0.025)):
    """Pictures of hair that is found again where a photo shows hair with locks, of that photo, and where hair is."""
    truth = head_with(model, locks=locks)
    picture, (parts, hair) = drawn_over_blue(truth), parts_of(truth)
    again = head_with(model).params.replace(hair=found(head_with(model, colour), picture, parts))
    return drawn_over_blue(Face(model, again)), picture, hair


def logs_of(image):
    return np.log(srgb_to_linear(image / 255.0).mean(-1) + 1e-3)


def sides_of(hair):
    """Pixels of hair at the left and at the right of a picture."""
    left = np.arange(SIDE) < SIDE / 2
    return hair & left, hair & ~left


def test_light_from_one_side_is_not_taken_for_dye(model):
    shown, picture, hair = found_of(model, logs_with(lambda x, y: 0.5 * np.tanh(6 * x)))
    plain = drawn_over_blue(head_with(model))
    left, right = sides_of(hair)
    apart = [logs_of(each)[left].mean() - logs_of(each)[right].mean() for each in (picture, shown, plain)]
    assert abs(apart[1] - apart[2]) < 0.15 * abs(apart[0] - apart[2])


def test_a_copper_side_in_the_sun_beside_a_brown_one_in_shade_is_light(model):
    shown, picture, hair = found_of(model, logs_with(lambda x, y: 0.5 * np.tanh(6 * x), (1.5, 1.0, 0.5)))
    left, right = sides_of(hair)
    hues = [
        np.log(srgb_to_linear(each / 255.0)[..., 0] / srgb_to_linear(each / 255.0)[..., 2]) for each in (picture, shown)
    ]
    apart = [hue[left].mean() - hue[right].mean() for hue in hues]
    assert abs(apart[1]) < 0.25 * abs(apart[0])


def test_dark_roots_and_light_tips_are_found_again(model):
    shown, picture, hair = found_of(model, logs_with(lambda x, y: 0.4 * np.tanh(6 * (y + 0.2))))
    plain = drawn_over_blue(head_with(model))
    wanted, after = (logs_of(each)[hair] - logs_of(plain)[hair] for each in (picture, shown))
    assert np.corrcoef(after, wanted)[0, 1] > 0.7
    rows = np.nonzero(hair)[0]
    roots, tips = rows < np.quantile(rows, 0.3), rows > np.quantile(rows, 0.7)
    assert after[tips].mean() - after[roots].mean() > 0.5 * (wanted[tips].mean() - wanted[roots].mean())


def test_hair_that_darkens_downwards_on_both_sides_is_in_shade(model):
    shown, picture, hair = found_of(model, logs_with(lambda x, y: -0.4 * np.tanh(3 * (y + 0.2))))
    plain = drawn_over_blue(head_with(model))
    wanted, after = (logs_of(each)[hair] - logs_of(plain)[hair] for each in (picture, shown))
    rows = np.nonzero(hair)[0]
    roots, tips = rows < np.quantile(rows, 0.3), rows > np.quantile(rows, 0.7)
    assert abs(after[tips].mean() - after[roots].mean()) < 0.35 * abs(wanted[tips].mean() - wanted[roots].mean())


def test_hair_that_is_alike_stays_as_it_is(model):
    face = head_with(model)
    picture, (parts, _) = drawn_over_blue(face), parts_of(face)
    hair = found(face, picture, parts)
    assert np.log(np.array(hair.colour) / COLOUR) == pytest.approx(0.0, abs=0.2)  # brown hair is usually redder
    assert hair.locks.spread < 0.05


def test_most_of_the_hue_of_the_photos_light_is_not_taken_for_the_hairs(model):
    face = head_with(model)
    picture, (parts, _) = drawn_over_blue(face), parts_of(face)
    warm = np.array([1.0, 0.8, 0.6])
    linear = srgb_to_linear(picture / 255.0) * warm
    lit = np.round(255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055))
    hair = found(face, lit.astype(np.uint8), parts)
    changed = np.log(np.array(hair.colour) / COLOUR)
    assert np.ptp(changed) < 0.4 * np.ptp(np.log(warm))


#: Linear RGB of lights: warm, cool, dim.
LIGHTS = ((1.2, 1.0, 0.75), (0.85, 1.0, 1.2), (0.45, 0.45, 0.45))


@pytest.mark.parametrize(
    ("truth", "first", "greyness"),
    [
        ((0.27, 0.265, 0.26), (0.20, 0.13, 0.08), 0.7),  # neutral grey hair that was taken for brown
        ((0.50, 0.46, 0.41), (0.45, 0.44, 0.43), 0.7),  # white hair is a little yellow
        ((0.30, 0.20, 0.11), (0.25, 0.24, 0.23), 0.0),  # blond hair that was taken for grey
        ((0.012, 0.010, 0.009), (0.012, 0.010, 0.009), 0.0),
    ],
)
def test_hair_of_a_known_colour_has_it_in_any_light_whatever_it_was_taken_for_first(model, truth, first, greyness):
    known, face = head_with(model, truth), head_with(model, first)
    even, (parts, _) = srgb_to_linear(drawn_over_blue(known) / 255.0), parts_of(known)
    head = DrawnHead(face.model, face.params, face.mesh)
    for light in LIGHTS:
        lit = np.round(255 * linear_to_srgb(np.clip(even * np.array(light), 0, 1))).astype(np.uint8)
        told = with_seen_locks(head, face.params.hair, compared(head, lit, parts, EVEN), greyness).colour
        assert np.linalg.norm(lab_from_linear(told) - lab_from_linear(truth)) < 4


def test_short_hair_in_light_that_falls_from_above_is_as_dark_as_it_is(model):
    colour = (0.05, 0.04, 0.034)
    truth = head_with(model, colour, style="short")
    even, (parts, hair) = drawn_over_blue(truth), parts_of(truth)
    rows = np.flatnonzero(hair.any(1))
    share = np.clip((np.arange(len(even)) - rows[0]) / (3 * np.ptp(rows)), 0, 1)[:, None, None]
    lit = linear_to_srgb(np.clip(srgb_to_linear(even / 255.0) * (1.0 - 0.8 * share), 0, 1))  # cheeks see less of it
    again = found(head_with(model, colour, style="short"), np.round(255 * lit).astype(np.uint8), parts)
    assert abs(np.log(np.mean(again.colour) / np.mean(colour))) < 0.22


def test_hair_that_the_photo_does_not_show_has_no_locks(model):
    face = head_with(model)
    picture, (parts, _) = drawn_over_blue(face), parts_of(face)
    nothing = FaceParts(np.eye(9, dtype=np.float32)[np.full((MAP_PX, MAP_PX), SKIN)], parts.seen, parts.to_map)
    again = found(face, picture, nothing)
    assert again.locks is None
    assert abs(np.log(np.mean(again.colour) / np.mean(COLOUR))) < 0.6


def test_tied_hair_that_looks_like_the_skin_below_it_is_doubted():
    skin, sides = np.array([0.18, 0.11, 0.07]), np.zeros(2)
    tied, loose = (Hair(style, COLOUR) for style in ("bun_low", "bob"))
    for_tied, for_loose = (doubt_of(hair, 0.9 * skin, skin, sides).brightness for hair in (tied, loose))
    assert for_tied > 2 * for_loose  # what was read may be the scalp between combed strands
    black = np.array([0.02, 0.018, 0.017])
    assert doubt_of(tied, black, skin, sides).brightness < 1.1 * doubt_of(loose, black, skin, sides).brightness


def test_salt_and_pepper_stays_dark_and_white(model):
    pale_sides = logs_with(lambda x, y: 1.2 * np.tanh(10 * (np.abs(x) - 0.22)))
    truth = head_with(model, (0.16, 0.145, 0.13), pale_sides, style="short_parted")
    picture, (parts, hair) = drawn_over_blue(truth), parts_of(truth)
    bare = head_with(model, (0.25, 0.23, 0.21), style="short_parted")
    again = bare.params.replace(hair=found(bare, picture, parts, greyness=0.6))
    told, wanted = (
        lab_from_linear(srgb_to_linear(each[hair] / 255.0))[:, 0]
        for each in (drawn_over_blue(Face(model, again)), picture)
    )
    assert abs(np.median(told) - np.median(wanted)) < 4
    spread = [np.ptp(np.quantile(each, (0.1, 0.9))) for each in (told, wanted)]
    assert spread[0] > 0.7 * spread[1] > 20
    assert np.sqrt(np.mean((told - wanted) ** 2)) < 6
