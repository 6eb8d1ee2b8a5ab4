"""Shadow, clipping, irises and borders, each beside a truth that is made by other means."""

import numpy as np
import pytest

from facegpt.appearance.exposure import declipped, dehued
from facegpt.appearance.light import nowhere_black
from facegpt.cielab import lab_from_linear
from facegpt.render.lighting import lighting_from_lamps, sh_basis
from facegpt.render.shelter import BOUNCED, Shelter, even_directions, sees
from facegpt_lab.evaluate.skin_light.skin_border import local_steps

WALL = np.array([[-200.0, -200.0, 0.0], [200.0, -200.0, 0.0], [200.0, 200.0, 0.0], [-200.0, 200.0, 0.0]])


def test_open_surface_gets_the_light_of_its_normal():
    normals = even_directions(30)
    shelter = Shelter(even_directions(64), np.ones((30, 64), np.float32))
    assert np.allclose(shelter.transfer(normals), sh_basis(normals), atol=1e-6)


def test_half_hidden_sky_halves_the_light_but_for_what_bounces():
    """A floor before an endless wall: by symmetry half of the sky is left, and the wall sends back its share."""
    towards = even_directions(2000)
    shelter = Shelter(towards, (towards[:, :1] > 0).T.astype(np.float32))
    up = np.array([[0.0, 1.0, 0.0]])
    light = lighting_from_lamps((), (1.0, 1.0, 1.0))
    got = (shelter.transfer(up) @ light)[0, 0]
    assert got == pytest.approx(0.5 + 0.5 * BOUNCED, abs=0.02)


def test_a_board_hides_the_lamp_behind_it():
    board = WALL * 0.2 + [0.0, 0.0, -60.0]
    vertices = np.concatenate([WALL, board, [[0.0, 0.0, 0.0], [150.0, 150.0, 0.0]]]).astype(np.float32)
    normals = np.tile(np.array([0.0, 0.0, -1.0], np.float32), (len(vertices), 1))
    quads = np.array([[0, 2, 1], [0, 3, 2]])
    triangles = np.concatenate([quads, quads + 4]).astype(np.int32)
    lit = sees(vertices, normals, triangles, np.array([0.0, 0.0, -1.0]))
    assert lit[8] < 0.1 and lit[9] > 0.9  # behind the board's middle, and 110 mm beside it
    slanted = sees(vertices, normals, triangles, np.array([0.9, 0.0, -0.436]))
    assert slanted[8] > 0.9  # the lamp shines past the board, which is 40 mm to each side and 60 mm above


def test_a_hard_lamp_leaves_nothing_black_and_lights_its_own_side_as_before():
    around, floor = even_directions(500), 0.12
    lamp = lighting_from_lamps((((0.9, 0.0, -0.3), (2.0, 1.6, 1.2)),), (0.05, 0.05, 0.05))
    before, after = sh_basis(around) @ lamp, sh_basis(around) @ nowhere_black(lamp)
    mean = before.mean(0)
    assert before.min() < 0 and (after > 0.9 * floor * mean).all()
    lit = (before > 1.5 * mean).all(1)
    assert np.allclose(after[lit], before[lit], rtol=0.12)


def test_a_light_from_everywhere_stays_as_it_is():
    soft = lighting_from_lamps((((0.9, 0.0, -0.3), (0.4, 0.3, 0.2)),), (0.8, 0.9, 1.0))
    assert np.allclose(nowhere_black(soft), soft, atol=1e-6)


def test_clipped_channel_gets_the_hue_of_the_skin():
    """Skin over-exposed by a stop and a half in red alone: what was cut off comes back, and no metal is left."""
    albedo, exposure = np.array([0.5, 0.3, 0.2]), 2.6
    seen = np.minimum(albedo * exposure, 1.0)
    residual = np.log(seen / albedo / exposure)[None, None]
    assert residual[0, 0, 0] < -0.2
    assert np.abs(residual + declipped(seen[None, None], residual)).max() < 0.06  # log units


def test_white_skin_without_any_colour_has_the_hue_of_the_statistics():
    residual = np.log(1 / np.array([[[0.9, 0.6, 0.5]]]))
    cleaned = residual + declipped(np.ones((1, 1, 3)), residual)
    assert np.ptp(cleaned) < 1e-5


def test_channels_within_their_limits_stay():
    colour = np.array([[[0.7, 0.4, 0.3]]])
    assert not declipped(colour, np.array([[[0.1, -0.4, 0.3]]])).any()


def test_black_has_no_hue_of_its_own_and_colours_keep_theirs():
    """A beard at sRGB levels 2, 5 and 4 is no green one; skin at a hundred times the light keeps its hue."""
    black, residual = np.array([[[0.0006, 0.0015, 0.0012]]]), np.array([[[-1.9, -1.0, -1.2]]])
    left = residual + dehued(black, residual)
    assert np.ptp(left) < 0.25 * np.ptp(residual) and left.mean() == pytest.approx(residual.mean())
    skin = np.array([[[0.4, 0.2, 0.15]]])
    assert np.abs(dehued(skin, residual)).max() < 0.02  # log units


def test_border_judge_tells_a_step_from_a_slope():
    y, x = np.mgrid[:96, :96]
    share = np.clip((x - 46) / 4, 0, 1)
    lab = np.stack([50 + 0.4 * x + 0.2 * y, 10 + 0 * x, 10 - 0.1 * y], -1).astype(float)
    mask = np.ones((96, 96), bool)
    assert local_steps(lab, share, mask).max() < 0.2
    lab[..., 0] += 5 * share
    assert np.median(local_steps(lab, share, mask)) == pytest.approx(5, abs=0.2)


def test_white_of_d65_is_white_in_lab():
    assert np.allclose(lab_from_linear(np.ones(3)), [100, 0, 0], atol=1e-6)
    assert lab_from_linear(np.array([0.2140, 0.2140, 0.2140]))[0] == pytest.approx(53.39, abs=0.05)  # sRGB 127.5
