"""Several clips of a person: each is adjusted alone, and their mean is the person's."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scripted_look import ScriptedLook, head_at, scripted_frames

from facegpt.fitting.landmark_fit import landmark_solution
from facegpt.metrics import vertex_error_mm
from facegpt.personal import clip_by_clip
from facegpt.personal.bundle import SAME_IDENTITY, bundle, points_cost, share_of, started
from facegpt.personal.clip_by_clip import in_common, parted, refine_parts, with_belief, with_matches
from facegpt.personal.colours import ColourFit
from facegpt.personal.looking import choose_keyframes
from facegpt.personal.shape_space import shape_space
from facegpt.personal.views import view_of
from facegpt.video.survey import sightings_in

CLIPS, FRAMES = 6, 2


@pytest.fixture(scope="module")
def space(head):
    return shape_space(head)


@pytest.fixture(scope="module")
def identity(head):
    return head.sample(1, 8)[0]


@pytest.fixture(scope="module")
def person(head, space, identity):
    """Six clips of two frames each, with the points of a head whose shape is known."""
    look = ScriptedLook(
        head, lambda number: {"anna": head_at(head, z_mm=600.0, yaw=5 * number - 25, identity=identity)}
    )
    views = []
    for number, frame in enumerate(scripted_frames(CLIPS * FRAMES)):
        seen = next(iter(look.faces(frame.pixels).values()))
        solution = landmark_solution(head, seen.detection, (640, 480), None, seen.dense)
        views.append(view_of(solution, number // FRAMES, space.identity, np.zeros(52)))
    return bundle(space, started(space, views, identity, np.full(CLIPS, np.log(700.0))), 2)


def moved(person, by, seed=3):
    """The person with a shape that is off by a random vector of this length."""
    off = np.random.default_rng(seed).normal(size=len(person.shape))
    return replace(person, shape=person.shape + by * off / np.linalg.norm(off))


def worn(space, parts):
    """The parts with views that are adjusted to their own shapes."""
    return [bundle(space, one, 3, hold_shape=True) for one in parts]


def test_every_clip_is_in_one_part_and_views_keep_their_order(person):
    parts = parted(person)
    assert len(parts) == 4
    assert [view for part in parts for view in part.views] == list(person.views)
    owners = [{view.clip for view in part.views} for part in parts]
    assert sum(map(len, owners)) == CLIPS == len(set.union(*owners))


def test_one_clip_alone_is_left_as_it_is(space, person):
    alone = replace(person, views=person.views[:FRAMES])
    assert parted(alone) == [alone]
    assert in_common(space, [alone]) is alone


def test_errors_of_clips_that_point_opposite_ways_cancel_and_views_follow(head, space, person):
    """Two clips err by several millimetres each; the truth is the shape that they err about."""
    halves = [replace(person, views=person.views[:6]), replace(person, views=person.views[6:])]
    wrong = [moved(halves[0], 20.0), moved(halves[1], -20.0)]
    points = head.embedding("dense").corners.ravel()
    truth = space.neutral(person.shape)[points]
    off = [vertex_error_mm(space.neutral(one.shape)[points], truth).mean() for one in wrong]
    assert min(off) > 1.0  # mm
    common = in_common(space, wrong)
    assert vertex_error_mm(space.neutral(common.shape)[points], truth).mean() < 1e-3  # mm
    stale = replace(common, views=tuple(view for one in worn(space, wrong) for view in one.views))
    assert points_cost(space, in_common(space, worn(space, wrong))) < points_cost(space, stale)


def test_a_part_counts_by_its_views(space, person):
    few, many = replace(moved(person, 8.0), views=person.views[:2]), replace(person, views=person.views[2:])
    common = in_common(space, [few, many])
    assert np.linalg.norm(common.shape - person.shape) == pytest.approx(8.0 * 2 / len(person.views), rel=1e-3)


def test_colours_that_lead_one_clip_away_leave_it_to_its_points(space, person, monkeypatch):
    """The first clip's colours turn its head inside out from the second round on; the others' change nothing."""
    light = ColourFit(np.zeros((5, 3)), [np.zeros((9, 3))] * FRAMES)

    def led_away(space, part, pictures, prior, blurs_mm, **_):
        for number in range(len(blurs_mm)):
            far = number > 0 and part.views[0].clip == 0
            yield (moved(part, 300.0) if far else part), replace(light, lights=[np.zeros((9, 3))] * len(part.views))

    monkeypatch.setattr(clip_by_clip, "refine_by_colours", led_away)
    parts = [replace(person, views=person.views[:2]), replace(person, views=person.views[2:])]
    rounds = list(refine_parts(space, parts, [None] * len(person.views), np.zeros((5, 3)), (3.0, 2.0, 1.0)))
    assert len(rounds) == 3 + 1
    for common, fit in rounds[:3]:
        assert np.allclose(common.shape, person.shape)
        assert len(fit.lights) == len(person.views)


def test_more_clips_have_more_keyframes_up_to_a_limit(head, identity):
    look = ScriptedLook(head, lambda number: {"anna": head_at(head, z_mm=600.0, yaw=number - 17, identity=identity)})
    seen = [one for frame in scripted_frames(36) for one in sightings_in(head, look, frame)]
    assert [len(choose_keyframes([seen] * clips)) for clips in (1, 2, 4, 16)] == [32, 32, 64, 64]


def test_what_matches_say_of_the_identity_counts_once_in_each_clip(space, person):
    identity, precision = np.full(space.identity, 0.3), 5 * np.eye(space.identity)
    told = with_belief(person, identity, precision)
    for clip in range(CLIPS):
        own = [view for view in told.views if view.clip == clip]
        counted = share_of(own, SAME_IDENTITY) * np.sum([view.identity_precision for view in own], axis=0)
        assert np.allclose(np.eye(space.identity) + counted, precision)
    sure = with_belief(person, identity, 1e6 * np.eye(space.identity))
    assert np.allclose(bundle(space, sure, 2).shape[: space.identity], identity, atol=0.02)


def test_clips_whose_frames_show_no_skin_leave_the_person_as_it_was(space, person):
    shown = [
        SimpleNamespace(sighting=SimpleNamespace(frame=frame, seen=SimpleNamespace(dense=None)))
        for frame in scripted_frames(CLIPS * FRAMES)
    ]
    found, said, sentences = with_matches(space, person, shown, [f"{clip}.mp4" for clip in range(CLIPS)])
    assert found is person and said == []
    assert [f"'{clip}.mp4'" in one for clip, one in enumerate(sentences)] == [True] * CLIPS
