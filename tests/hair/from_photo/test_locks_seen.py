"""Locks of a photo taken onto hair: heads whose locks are known are drawn, and found again from hair of one colour."""

import numpy as np
import pytest
from drawn_parts import map_of_drawn
from facing_params import SIDE, facing_params

from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.encode.parts import MAP_PX, SKIN, FaceParts
from facegpt.face import Face
from facegpt.hair.from_photo.drawn_hair import DrawnHead, compared
from facegpt.hair.from_photo.locks_seen import EVEN, as_on_skin, with_seen_locks
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


def found(face, picture, parts):
    head = DrawnHead(face.model, face.params, face.mesh)
    return with_seen_locks(head, face.params.hair, compared(head, picture, parts, EVEN))


def test_a_light_left_side_and_dark_roots_are_found_again(model):
    x, y = np.meshgrid(np.linspace(-1, 1, 100), np.linspace(-1, 1, 100))
    logs = np.repeat((0.5 * np.tanh(6 * x) + 0.3 * np.tanh(6 * (y + 0.2)))[..., None], 3, -1)
    truth = head_with(model, locks=SeenLocks(packed(logs), (100, 100), FRONT))
    picture, (parts, hair) = drawn_over_blue(truth), parts_of(truth)
    plain = head_with(model, (0.06, 0.0375, 0.025))  # too dark, and all alike
    again = head_with(model, locks=None).params.replace(hair=found(plain, picture, parts))
    shown = drawn_over_blue(Face(model, again))
    wanted, before, after = (
        np.log(srgb_to_linear(image[hair] / 255.0).mean(-1) + 1e-3)
        for image in (picture, drawn_over_blue(plain), shown)
    )
    assert np.abs(after - wanted).mean() < 0.35 * np.abs(before - wanted).mean()
    assert np.corrcoef(after, wanted)[0, 1] > 0.9


def test_hair_that_is_alike_stays_as_it_is(model):
    face = head_with(model)
    picture, (parts, _) = drawn_over_blue(face), parts_of(face)
    hair = found(face, picture, parts)
    assert np.log(np.array(hair.colour) / COLOUR) == pytest.approx(0.0, abs=0.06)
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


def test_brown_read_off_slicked_hair_on_brown_skin_is_dark_and_other_hair_is_as_read():
    brown, light = np.array([0.25, 0.12, 0.07]), np.array([0.45, 0.28, 0.20])
    read, grey, dyed = np.array([0.17, 0.09, 0.06]), np.array([0.13, 0.12, 0.11]), np.array([0.5, 0.3, 0.15])
    assert as_on_skin(read, brown).mean() < 0.4 * read.mean()
    assert as_on_skin(grey, brown, greyness=0.02).mean() < 0.5 * grey.mean()  # nobody so young is grey
    for albedo, skin in ((read, light), (grey, brown), (dyed, brown)):
        assert as_on_skin(albedo, skin) == pytest.approx(albedo)


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
    assert found(face, picture, nothing) == face.params.hair
