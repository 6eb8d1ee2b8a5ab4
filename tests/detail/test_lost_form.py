"""Lost form: a drawn head's creases that its texture lacks come back; a lamp's one-sided shade stays out."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt, gaussian_filter

from facegpt.appearance.prior import model_texture
from facegpt.conventions import HEAD_TO_CAMERA_AXES, linear_to_srgb
from facegpt.detail.lost_form import believed, form_in, lost_form
from facegpt.detail.observation import observe
from facegpt.detail.shading import times
from facegpt.detail.skin_window import HEIGHT, SIDE, WIDTH, skin_window
from facegpt.face import Face
from facegpt.render.lighting import lighting_from_lamps
from facegpt.render.plots import draw_over
from facegpt.types import Camera, FaceParams, Pose

TEXELS = 1.8


def params_of(head):
    """The mean head 0.9 m before a camera, a lamp at its left."""
    lamp = ((-0.5, -0.4, -0.7), (0.7, 0.7, 0.7))
    return FaceParams(
        model_id=head.model_id,
        identity=np.zeros(head.sizes.identity, np.float32),
        expression=np.zeros(52, np.float32),
        joints=np.zeros((head.sizes.joints, 3), np.float32),
        pose=Pose(HEAD_TO_CAMERA_AXES, np.array([0.0, 0.0, 900.0])),
        albedo=np.zeros(head.sizes.albedo, np.float32),
        camera=Camera(1800.0, (299.5, 299.5), 600, 600),
        lighting=lighting_from_lamps((lamp,), (0.35, 0.35, 0.35)),
    )


def creases(head, left=True):
    """Log factor (HEIGHT, WIDTH) of dark lines beside the mouth, 4 mm wide, on both halves or on the right one."""
    place = skin_window(head).interpolate(head.mean_vertices)
    x, y = place[..., 0], place[..., 1]
    across = np.abs(x) - (30 + 0.4 * (-40 - y))
    line = np.exp(-((across / 2.5) ** 2)) * np.exp(-(((y + 40) / 12) ** 4)) * (place[..., 2] > 30)
    return (-0.4 * line * (left | (x < 0))).astype(np.float32)


def seen(head, painted, params):
    """What a picture of the head with a painted texture shows."""
    mesh = Face(head, params, photo_texture=painted).mesh
    black = np.zeros((600, 600, 3), np.uint8)
    return observe(head, draw_over(mesh, params.pose, params.camera, params.lighting, black), params)


def told(head, log_factor, hair=None):
    """The log of what `lost_form` finds of a factor that was painted on the photo's head and not on the fitted one.

    hair: (HEIGHT, WIDTH) 0..1, where the networks see some.
    """
    params = params_of(head)
    plain = np.round(255 * linear_to_srgb(model_texture(head, params.albedo, 2 * SIDE).clip(0, 1))).astype(np.uint8)
    plain = np.dstack([plain, np.full(plain.shape[:2], 255, np.uint8)])
    painted = times(plain, np.repeat(np.exp(log_factor)[..., None], 3, 2))
    return np.log(lost_form(replace(seen(head, painted, params), hair=hair), plain))


def test_creases_that_the_texture_lacks_come_back_and_nothing_else_does(head):
    truth = creases(head)
    found = told(head, truth) - told(head, np.zeros_like(truth))
    dark = truth < -0.2
    assert dark.sum() > 100
    assert 0.35 < found[dark].mean() / truth[dark].mean() < 1  # what is wider than the band is light's
    assert np.corrcoef(found.ravel(), truth.ravel())[0, 1] > 0.85


def test_what_one_half_alone_shows_comes_back_little(head):
    truth = creases(head, left=False)
    found = told(head, truth) - told(head, np.zeros_like(truth))
    dark = truth < -0.2
    assert found[dark].mean() / truth[dark].mean() < 0.15


def test_dark_lines_beside_hair_on_both_halves_are_its_shade_and_stay_out(head):
    truth, place = creases(head), skin_window(head).interpolate(head.mean_vertices)
    dark, line_mm = truth < -0.2, np.abs(place[..., 0]) - (30 + 0.4 * (-40 - place[..., 1]))
    beside, far = ((line_mm > first).astype(np.float32) for first in (5.0, 25.0))
    assert np.abs(told(head, truth, beside)[dark]).max() < 0.01
    plain = told(head, truth)[dark].mean()
    assert told(head, truth, far)[dark].mean() == pytest.approx(plain, rel=0.1) and plain < -0.1


def test_a_head_drawn_in_its_own_texture_has_lost_little(head):
    own, place = told(head, np.zeros((HEIGHT, WIDTH), np.float32)), skin_window(head).interpolate(head.mean_vertices)
    lids = head.embedding("ibug68")(head.mean_vertices)[36:48]
    bare = np.linalg.norm(place[:, :, None] - lids, axis=-1).min(-1) > 8  # mm: lashes are drawn before lids
    assert np.quantile(np.abs(own[bare]), 0.95) < 0.08  # what is left is the skin's shine


@pytest.mark.parametrize("softness", [4.0, 30.0])
def test_the_edge_of_a_lamps_shade_on_one_half_stays_out(softness):
    columns = np.arange(WIDTH, dtype=np.float32)[None] - 0.3 * WIDTH
    shade = np.repeat(-0.6 / (1 + np.exp(columns / softness)), HEIGHT, 0).astype(np.float32)
    found = form_in(shade, np.ones_like(shade), TEXELS)
    assert np.abs(found).max() < 0.05


def test_what_both_halves_show_comes_back_within_bounds_and_only_where_it_is_believed():
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    middle = (columns - (WIDTH - 1) / 2) ** 2 + (rows - 150) ** 2
    spot = np.exp(-middle / 2 / 3.0**2).astype(np.float32)
    ones = np.ones_like(spot)
    bright, dark = form_in(0.3 * spot, ones, TEXELS), form_in(-0.3 * spot, ones, TEXELS)
    assert 0.15 < bright.max() <= 0.3 and 0.15 < -dark.min() <= 0.3
    assert form_in(-9 * spot, ones, TEXELS).min() >= -1.2
    assert not form_in(spot, np.zeros_like(spot), TEXELS).any()


def test_lines_along_the_edges_of_nostrils_and_lips_come_back(head):
    params = params_of(head)
    plain = np.full((2 * SIDE, 2 * SIDE, 4), 255, np.uint8)
    weight, place = seen(head, plain, params).weight, skin_window(head).interpolate(head.mean_vertices)
    hidden = distance_transform_edt((weight > 0.05) | (place[..., 2] == 0))  # texels away from skin that is not seen
    edge = (weight > 0.3) & (hidden < 4) & (place[..., 1] < -5) & (np.abs(place[..., 0]) < 25) & (place[..., 1] > -60)
    truth = np.where(edge, -0.4, 0).astype(np.float32)
    found = told(head, truth) - told(head, np.zeros_like(truth))
    assert edge.sum() > 100
    assert found[edge].mean() / truth[edge].mean() > 0.3


def test_away_from_the_features_nothing_is_believed_beside_what_is_not_seen(head):
    place = skin_window(head).interpolate(head.mean_vertices)
    seen_from_mm = 60.0  # a hand covers a cheek from there on
    weight = ((np.abs(place[..., 0]) < seen_from_mm) & (place[..., 2] > 0)).astype(np.float32)
    view = SimpleNamespace(model=head, weight=weight, colour=np.full((*weight.shape, 3), 0.3, np.float32), hair=None)
    trust = believed(view, TEXELS)
    cheek = (weight > 0) & (np.abs(place[..., 1] + 20) < 10)
    assert trust[cheek & (np.abs(place[..., 0]) > seen_from_mm - 1)].max() < 0.1
    assert trust[cheek & (np.abs(place[..., 0]) < seen_from_mm - 6)].min() > 0.9


def test_faint_grain_of_one_half_comes_back_whole_and_strands_and_soft_edges_do_not():
    rng = np.random.default_rng(6)
    grain = 0.03 * rng.normal(size=(HEIGHT, WIDTH)).astype(np.float32)
    ones = np.ones_like(grain)
    left = np.zeros_like(grain)
    left[:, : WIDTH // 2] = gaussian_filter(grain, 0.8)[:, : WIDTH // 2]
    inner = np.s_[40:-40, 40 : WIDTH // 2 - 40]
    found = form_in(left, ones, TEXELS)
    assert 0.6 < found[inner].std() / left[inner].std() < 1.1
    columns = np.arange(WIDTH, dtype=np.float32)[None]
    strand = np.repeat(-0.8 * np.exp(-((columns - 90) ** 2) / 2 / 1.5**2), HEIGHT, 0).astype(np.float32)
    assert form_in(strand, ones, TEXELS).min() > -0.2
