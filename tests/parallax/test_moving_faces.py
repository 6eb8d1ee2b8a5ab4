"""Heads from frames of a face that moves: matched in groups of like expression, believed as far as they foretell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up_views import drawn, params_of, person
from test_parallax import population, share

from facegpt.conventions import ARKIT_NAMES, rotation_from_rotvec
from facegpt.parallax.comparison import SAME_SIDE
from facegpt.parallax.moving import clip_agreement, clip_compared, fused_clips, like_groups
from facegpt.parallax.person import PhotoOfPerson
from facegpt.types import Pose

SMILE = [ARKIT_NAMES.index(f"mouthSmile{side}") for side in ("Left", "Right")]
YAWS_DEG = (0.0, 24.0, -24.0, 12.0, -12.0)


def worn(head, one, weight: float):
    """The same view with a smile."""
    expression = np.zeros(head.sizes.expression, np.float32)
    expression[SMILE] = weight
    return one.replace(expression=expression)


def frames_of(head, true, weights=(0.0, 0.5), seeds=None) -> list[PhotoOfPerson]:
    """Frames of a turning head at rest and smiling, with the poses of fits that took it for the mean head."""
    rng, out = np.random.default_rng(1), []
    for k, (weight, yaw) in enumerate((w, y) for w in weights for y in YAWS_DEG):
        view = worn(head, params_of(head, true, yaw + 2 * weight), weight)
        turn = rotation_from_rotvec(rng.normal(0, 0.015, 3)) @ view.pose.rotation
        guess = view.replace(identity=np.zeros_like(view.identity), pose=Pose(turn, view.pose.translation))
        out.append(PhotoOfPerson(drawn(head, view, 0 if seeds is None else seeds[k]), guess))
    return out


@pytest.fixture(scope="module")
def clip(head):
    true = person(head, 7)
    return true, frames_of(head, true)


def test_frames_are_grouped_by_expression_and_differ_in_pose(head):
    mean = np.zeros(head.sizes.identity)
    views = [worn(head, params_of(head, mean, yaw), w) for w in (0.0, 0.9) for yaw in np.linspace(-25, 25, 9)]
    groups = like_groups(head, views)
    assert len(groups) == 2
    for group in groups:
        smiling = {bool(views[k].expression[SMILE[0]]) for k in group}
        turned = [k % 9 for k in group]
        assert len(smiling) == 1 and max(turned) - min(turned) >= 6
    assert bool(views[groups[0][0]].expression[SMILE[0]]) != bool(views[groups[1][0]].expression[SMILE[0]])


def test_a_clip_of_a_face_that_moves_gives_much_of_its_shape_back(head, clip):
    true, frames = clip
    found = clip_agreement(head, frames, population(head))
    assert found is not None and found.residual_px < 0.5 and found.residual_px < found.before_px
    assert share(head, found.identity, true) > 0.3


def test_frames_that_show_other_skins_leave_the_belief(head, clip):
    true, _ = clip
    strangers = frames_of(head, true, seeds=range(50, 60))
    assert clip_agreement(head, strangers, population(head)) is None


def test_a_clip_without_a_turn_of_the_head_moves_the_belief_little_or_not(head, clip):
    true, frames = clip
    found = clip_agreement(head, [frames[0], replace(frames[0]), frames[5]], population(head))
    assert found is None or share(head, found.identity, true) > -0.1


def test_a_clip_whose_head_does_not_turn_is_told_so(head, clip):
    _, frames = clip
    assert clip_compared(head, [frames[0], frames[5], replace(frames[0])], population(head)) == (None, SAME_SIDE)


def test_two_clips_count_the_belief_once(head, clip):
    _, frames = clip
    found = clip_agreement(head, frames, population(head))
    assert found is not None
    belief = population(head)
    identity, precision = fused_clips([found, found], belief)
    beyond = found.precision - belief.precision
    assert np.allclose(precision, belief.precision + 2 * beyond)
    assert np.allclose(identity, found.identity, atol=1e-6)
