"""Single teeth, lashes of a length, and whites of the eyes that follow a photo's."""

from dataclasses import replace

import numpy as np
import pytest
from appearance.test_texture import LIGHT, photograph

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.eyes_and_teeth.lashes import (
    ACROSS,
    LOWER_LENGTH,
    MM,
    STRIPS,
    lash_length,
    usual_line,
    with_lashes,
)
from facegpt.appearance.eyes_and_teeth.usual_whites import eyeballs
from facegpt.appearance.eyes_and_teeth.whites import KEPT
from facegpt.appearance.prior import fine_mean, model_texture
from facegpt.appearance.texture import texture_from_photo
from facegpt.conventions import rotation_from_euler_deg, srgb_to_linear
from facegpt.encode.parts import SKIN, FaceParts
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman import head as makehuman
from facegpt.types import Camera, FaceParams, Pose

SIZE = 1024


@pytest.fixture(scope="module")
def head():
    return makehuman.load()


def enamel(head, name):
    """Places (N, 3) mm and green albedo (N,) of the texels of a strip of teeth, outside of the biting edge."""
    atlas = atlas_of(head, SIZE)
    strip = atlas.part == head.part_names.index(name)
    place, green = atlas.interpolate(head.mean_vertices)[strip], fine_mean(head, SIZE)[0][strip][:, 1]
    return place, green


def test_back_teeth_lie_in_the_dark_and_both_sides_alike(head):
    for name in ("upper_teeth", "lower_teeth"):
        place, green = enamel(head, name)
        levels = []
        for side in (1, -1):
            aside = place[:, 0] * side
            levels.append([np.quantile(green[(aside > a) & (aside < a + 2)], 0.9) for a in (1, 16, 21, 24)])
        front = np.array(levels)
        assert (np.diff(np.log(front), axis=1) < 0).all()
        assert (np.log(front[:, 2] / front[:, 0]) < -0.5).all()  # photos of smiles: .77 to 1.7 at 19 to 25 mm
        assert np.abs(np.log(front[0] / front[1])).max() < 0.1


def test_crowns_end_unevenly_and_between_them_is_dark(head):
    place, green = enamel(head, "upper_teeth")
    outside = place[:, 2] > np.quantile(place[:, 2], 0.5)
    low = {}
    for name, (near, far) in {"first": (2.0, 6.0), "second": (10.0, 14.0)}.items():
        crown = (np.abs(place[:, 0]) > near) & (np.abs(place[:, 0]) < far) & (green > 0.35) & outside
        low[name] = place[crown, 1].min()
    assert 0.4 < low["second"] - low["first"] < 1.6  # mm: lateral incisors are shorter
    edge = place[:, 1] < place[outside, 1].min() + 0.8
    between = green[edge & outside & (np.abs(np.abs(place[:, 0]) - 8.8) < 0.7)]
    assert np.median(between) < 0.1


def strips(side=2048):
    """Opacity (side, 64) of solid strips of lashes, which texels are theirs, and the height v of each row."""
    rows = 1 - (np.arange(side) + 0.5) / side
    lashes = np.zeros((side, 64), bool)
    for root, _, tip in STRIPS:
        lashes[(rows >= root) & (rows <= tip)] = True
    return np.where(lashes, 255, 0).astype(np.uint8), lashes, rows


def square(columns):
    """Pad columns (S, W) to a square: the strips of lashes lie at its right."""
    left, right = (round(end * len(columns)) for end in ACROSS)
    out = np.zeros((len(columns), len(columns)), columns.dtype)
    out[:, left:right] = columns[:, :1]
    return out


def test_lashes_of_half_the_length_end_half_as_far_from_the_lid():
    alpha, lashes, rows = strips()
    alpha, lashes = square(alpha), square(lashes)
    shorter = with_lashes(alpha, lashes, 0.5, 0.0)
    middle = round(np.mean(ACROSS) * len(alpha))
    for (_, edge, tip), share in zip(STRIPS, (0.5, 0.5 * LOWER_LENGTH), strict=True):
        strip = (rows >= edge) & (rows <= tip)
        reach = rows[strip][shorter[strip, middle] > 127].max() - edge
        assert reach == pytest.approx((tip - edge) * share, abs=0.001)
    assert (shorter[~lashes] == alpha[~lashes]).all()


def test_the_line_of_lashes_is_as_wide_as_asked_wider_at_the_temple_and_does_not_reach_beyond():
    alpha, lashes, rows = strips()
    hairless = square(np.where((rows[:, None] > STRIPS[0][1]) & lashes, 0, alpha).astype(np.uint8))
    drawn = [with_lashes(hairless, square(lashes), 1.0, width) for width in (0.0, 0.8, 1.6)]
    left, right = (round(end * len(rows)) for end in ACROSS)
    upper = (rows >= STRIPS[0][1]) & (rows <= STRIPS[0][2])
    widths = np.array([(one[upper, left:right] > 127).sum(0) / len(rows) / MM for one in drawn])
    assert (widths[0] <= 0.3).all()
    temple = int(0.8 * (right - left))
    assert widths[1:, temple] == pytest.approx([0.8 * 0.88, 1.6 * 0.88], abs=0.2)
    assert (widths[2, 10] < 0.6 * widths[2, temple]) and (widths[2, -1] < 0.3)


def test_men_have_shorter_lashes_in_a_thinner_line():
    assert lash_length(1.0) < lash_length(0.5) < lash_length(0.0)
    assert usual_line(1.0) < usual_line(0.0)


@pytest.mark.slow
def test_whites_follow_a_photos_by_the_share_that_is_kept(head):
    zeros = {name: np.zeros(getattr(head.sizes, name), np.float32) for name in ("identity", "expression", "albedo")}
    camera, joints = Camera(1500.0, (255.5, 255.5), 512, 512), np.zeros((head.sizes.joints, 3), np.float32)
    pose = Pose(rotation_from_euler_deg(0.0), np.array([0.0, 0.0, 600.0]))
    truth = FaceParams(head.model_id, joints=joints, pose=pose, lighting=LIGHT, camera=camera, **zeros)
    points = truth.camera.project(truth.pose.apply(head.embedding("mediapipe478")(head_vertices(head, truth))))
    sure = np.zeros((192, 192, 9), np.float32)
    sure[..., SKIN] = 1
    parts = FaceParts(sure, np.ones((192, 192), bool), np.array([[0.375, 0, 0], [0, 0.375, 0]]))
    parts = replace(parts, points=points)
    pale = eyeballs(atlas_of(head, SIZE).part, head.part_names)[0]
    tones = []
    for change in (np.zeros(3), np.array([0.3, 0.3, 0.1])):
        skin = model_texture(head, truth.albedo, SIZE) * np.exp(pale[..., None] * change)
        image = photograph(head, np.ascontiguousarray(skin.transpose(2, 0, 1)), truth)
        texture = texture_from_photo(image, head, truth, SIZE, parts=parts).texture
        tones.append(np.log(srgb_to_linear(np.median(texture[pale > 0.99][:, :3], 0) / 255.0)))
    told = tones[1] - tones[0]
    assert told.mean() == pytest.approx(KEPT[0] * 0.7 / 3, abs=0.06)
    assert told[0] - told[2] == pytest.approx(KEPT[1] * 0.2, abs=0.05)
