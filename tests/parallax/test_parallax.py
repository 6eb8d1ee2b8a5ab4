"""Several photos as geometry: known heads are found again from matches and from pictures, and nothing runs off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up_views import drawn, params_of, person, tracks_of

from facegpt.conventions import rotation_from_rotvec
from facegpt.morphable.base import face_region
from facegpt.parallax.adjust import Belief, adjusted
from facegpt.parallax.comparison import MATCHED, REASONS, SAME_SIDE, TOO_FAR, TOO_LITTLE_SKIN
from facegpt.parallax.flow import flow_between
from facegpt.parallax.person import PhotoOfPerson, agreement, compared, spread_of
from facegpt.types import Pose
from facegpt_lab.evaluate.judges.known_shape import Shapes

YAWS_DEG = (0.0, 28.0, -28.0)


def share(head, found: np.ndarray, true: np.ndarray) -> float:
    """Share of the deviation from the mean head that is given back, after a similarity."""
    rows = face_region(head)
    three = [head.mean_vertices + np.tensordot(z, head.identity_basis, 1) for z in (found, true, np.zeros_like(true))]
    return Shapes(*(np.asarray(one[rows], np.float64) for one in three)).share()


def guessed(head, views, seed: int = 0):
    """The views as photos fitted alone might have them: a mean head, poses a little wrong."""
    rng = np.random.default_rng(seed)
    out = []
    for one in views:
        turn = rotation_from_rotvec(rng.normal(0, 0.03, 3)) @ one.pose.rotation
        pose = Pose(turn, one.pose.translation + rng.normal(0, [2, 2, 20]))
        out.append(one.replace(identity=np.zeros_like(one.identity), pose=pose))
    return out


def population(head) -> Belief:
    return Belief(np.zeros(head.sizes.identity), np.eye(head.sizes.identity))


def test_matches_of_three_views_give_a_known_head_and_poses_back(head):
    true = person(head, 1)
    views = [params_of(head, true, yaw) for yaw in YAWS_DEG]
    found = adjusted(head, tracks_of(head, views, 0.2), guessed(head, views), population(head))
    assert share(head, found.scene.identity, true) > 0.6
    relative = [found.scene.rotation[j] @ found.scene.rotation[0].T for j in (1, 2)]
    for turn, j in zip(relative, (1, 2), strict=True):
        real = views[j].pose.rotation @ views[0].pose.rotation.T
        assert np.degrees(np.arccos((np.trace(turn @ real.T) - 1) / 2)) < 1.0
    assert np.nanmedian(found.residual_px) < 0.3


def test_matches_from_one_side_only_leave_the_belief_where_it_was(head):
    true = person(head, 2)
    views = [params_of(head, true, yaw) for yaw in (0.0, 0.4, -0.4)]
    found = adjusted(head, tracks_of(head, views, 0.3), guessed(head, views), population(head))
    assert np.linalg.norm(found.scene.identity) < 0.35 * np.linalg.norm(true)


def test_wrong_matches_are_few_and_do_not_count(head):
    true = person(head, 3)
    views = [params_of(head, true, yaw) for yaw in YAWS_DEG]
    tracks = tracks_of(head, views, 0.2)
    pixels = tracks.pixels.copy()
    wrong = np.random.default_rng(5).choice(len(pixels), len(pixels) // 8, replace=False)
    pixels[wrong, 1] += 25
    found = adjusted(head, replace(tracks, pixels=pixels), guessed(head, views), population(head))
    assert share(head, found.scene.identity, true) > 0.5


def test_an_expression_in_one_view_is_told_from_the_shape(head):
    true, expression = person(head, 4), np.zeros(head.sizes.expression, np.float32)
    expression[[3, 24]] = 0.25
    views = [params_of(head, true, yaw) for yaw in YAWS_DEG]
    views[1] = views[1].replace(expression=expression)
    found = adjusted(head, tracks_of(head, views, 0.2), guessed(head, views), population(head))
    assert share(head, found.scene.identity, true) > 0.55


def test_a_flow_finds_a_smooth_shift_to_a_fifth_of_a_texel():
    rng = np.random.default_rng(0)
    from scipy.ndimage import gaussian_filter, map_coordinates

    pattern = gaussian_filter(rng.normal(size=(120, 140)), 1.5).astype(np.float32) * 5
    rows, columns = np.indices(pattern.shape, np.float64)
    shift_x, shift_y = 2.5 + 1.5 * np.sin(rows / 30), -1.5 + np.cos(columns / 40)
    # `moved` shows at (y, x) + shift what `pattern` shows at (y, x), for slowly changing shifts
    moved = map_coordinates(pattern, [rows - shift_y, columns - shift_x], order=3).astype(np.float32)
    ones = np.ones_like(pattern)
    found = flow_between(pattern, ones, moved, ones).shift[20:-20, 20:-20]
    error = np.hypot(found[..., 0] - shift_x[20:-20, 20:-20], found[..., 1] - shift_y[20:-20, 20:-20])
    assert np.median(error) < 0.2


@pytest.fixture(scope="module")
def pictures(head):
    """Three pictures of a person in a skin of noise, with the poses of fits that took her for the mean head."""
    true = person(head, 7)
    views = [params_of(head, true, yaw) for yaw in YAWS_DEG]
    rng, photos = np.random.default_rng(1), []
    for k, one in enumerate(views):
        turn = rotation_from_rotvec(rng.normal(0, 0.015, 3)) @ one.pose.rotation
        guess = one.replace(identity=np.zeros_like(one.identity), pose=Pose(turn, one.pose.translation))
        photos.append(PhotoOfPerson(drawn(head, one, brightness=1 - 0.1 * k), guess))
    return true, photos


def test_pictures_of_an_unknown_head_give_much_of_what_sets_it_apart_back(head, pictures):
    true, photos = pictures
    count = head.sizes.identity
    found = agreement(head, photos, np.zeros(count), np.eye(count))
    assert found is not None and found.places > 500 and found.gain > 0.1
    assert share(head, found.identity, true) > 0.4
    assert (np.linalg.eigvalsh(np.eye(count) - found.covariance) > -1e-6).all()


def test_pictures_of_different_skins_say_nothing_together(head, pictures):
    true, photos = pictures
    count = head.sizes.identity
    strangers = [
        replace(one, image=drawn(head, params_of(head, true, yaw), seed=50 + k))
        for k, (one, yaw) in enumerate(zip(photos, YAWS_DEG, strict=True))
    ]
    assert agreement(head, strangers, np.zeros(count), np.eye(count)) is None


def test_one_photo_and_twice_the_same_one_say_nothing_together(head, pictures):
    _, photos = pictures
    count = head.sizes.identity
    for some in (photos[:1], [photos[0], photos[0]]):
        assert agreement(head, some, np.zeros(count), np.eye(count)) is None


def test_each_photo_is_told_why_it_was_not_matched(head, pictures):
    true, photos = pictures
    count = head.sizes.identity

    def reasons(some):
        found, each = compared(head, some, np.zeros(count), np.eye(count))
        assert all(one.reason in REASONS for one in each) and len(each) == len(some)
        return found, [one.reason for one in each]

    away = params_of(head, np.zeros(count), 100.0)
    profile = PhotoOfPerson(drawn(head, params_of(head, true, 100.0)), away)
    found, told = reasons([*photos, profile])
    assert found is not None and told == [MATCHED, MATCHED, MATCHED, TOO_FAR]
    assert reasons([photos[0], photos[0]]) == (None, [SAME_SIDE, SAME_SIDE])
    stranger = replace(photos[1], image=drawn(head, params_of(head, true, YAWS_DEG[1]), seed=50))
    assert reasons([photos[0], stranger]) == (None, [TOO_LITTLE_SKIN, TOO_LITTLE_SKIN])


def test_of_many_photos_those_are_matched_whose_turns_differ(head):
    mean = np.zeros(head.sizes.identity)
    yaws = [*np.linspace(-3, 3, 80), 30.0, -30.0, 15.0, -15.0, 85.0]
    chosen = spread_of([params_of(head, mean, yaw) for yaw in yaws])
    assert abs(yaws[chosen[0]]) < 4 and {80, 81, 82, 83} <= set(chosen) and 84 not in chosen and len(chosen) <= 7


def test_a_stranger_among_three_photos_is_left_out_of_the_match(head, pictures):
    true, photos = pictures
    count = head.sizes.identity
    stranger = replace(photos[2], image=drawn(head, params_of(head, true, YAWS_DEG[2]), seed=60))
    found = agreement(head, [*photos[:2], stranger], np.zeros(count), np.eye(count))
    assert found is not None and set(found.photos) == {0, 1} and found.refused == (2,)


def test_a_mirrored_photo_does_not_count(head, pictures):
    _, photos = pictures
    count = head.sizes.identity
    mirrored = replace(photos[2], image=np.ascontiguousarray(photos[1].image[:, ::-1]))
    found = agreement(head, [*photos[:2], mirrored], np.zeros(count), np.eye(count))
    assert found is not None and 2 not in found.photos and 2 in found.refused


def test_a_grey_and_darker_photo_counts_as_any_other(head, pictures):
    true, photos = pictures
    count = head.sizes.identity
    grey = replace(photos[1], image=(photos[1].image * 0.6).astype(np.uint8))
    found = agreement(head, [photos[0], grey, photos[2]], np.zeros(count), np.eye(count))
    assert found is not None and len(found.photos) == 3 and share(head, found.identity, true) > 0.35
