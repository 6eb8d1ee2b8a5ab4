"""What a face shows at rest is its own; what it does from there is its motion, and a face that never rests is left."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scripted_look import ScriptedClip, ScriptedLook, head_at, scripted_frames

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import head_vertices
from facegpt.video import habits
from facegpt.video.habits import habits_of, identity_with_habits, taken_off
from facegpt.video.records import TakeFiles
from facegpt.video.survey import survey
from facegpt.video.tracker import FaceTracker

JAW, BROW, SMILE, BLINK, LOOK = (
    ARKIT_NAMES.index(name) for name in ("jawOpen", "browDownLeft", "mouthSmileLeft", "eyeBlinkLeft", "eyeLookDownLeft")
)


def clip(count=40, brow=0.15, jaw=0.5, smile=0.0):
    """Weights of a face that speaks in two of three frames, with a brow and a smile that never move."""
    weights = np.zeros((count, 52))
    weights[:, BROW], weights[:, SMILE] = brow, smile
    weights[np.arange(count) % 3 > 0, JAW] = jaw
    return weights


def test_what_never_ends_is_a_habit_and_what_comes_and_goes_is_none():
    found = habits_of(clip(), clip(brow=0.2))
    assert found.fitted[BROW] == pytest.approx(0.15)
    assert found.said[BROW] == pytest.approx(0.2)
    assert found.fitted[JAW] == found.said[JAW] == 0.0
    assert np.flatnonzero(found.fitted).tolist() == [BROW]


def test_the_order_of_frames_does_not_matter():
    weights = clip() + np.random.default_rng(0).uniform(0, 0.02, (40, 52))
    mixed = np.random.default_rng(1).permutation(40)
    assert np.allclose(habits_of(weights, weights).fitted, habits_of(weights[mixed], weights[mixed]).fitted)


def test_a_performance_without_rest_has_no_habits():
    weights = clip(smile=0.7)
    weights[:, [ARKIT_NAMES.index(name) for name in ("mouthSmileRight", "browInnerUp", "mouthPucker")]] = 0.7
    assert habits_of(weights, weights) is None


def test_a_held_smile_is_no_habit():
    found = habits_of(clip(smile=0.45), clip(smile=0.45))
    assert found.fitted[SMILE] < 0.05
    assert found.fitted[BROW] > 0.1


def test_blinks_gaze_and_few_frames_say_nothing():
    weights = clip()
    weights[:, [BLINK, LOOK]] = 0.3
    found = habits_of(weights, weights)
    assert found.fitted[BLINK] == found.fitted[LOOK] == 0.0
    assert habits_of(clip(9), clip(9)) is None


def test_what_the_network_says_is_taken_as_beyond_the_habits():
    found = habits_of(clip(), clip())
    assert taken_off(np.full(52, 0.1), found)[BROW] == 0.0
    assert taken_off(np.full(52, 0.4), found)[BROW] == pytest.approx(0.25)
    assert taken_off(np.full(52, 0.4), found)[JAW] == pytest.approx(0.4)
    said = np.full(52, 0.3)
    assert taken_off(said, None) is said


def test_the_head_at_rest_comes_nearer_to_the_face_with_its_habits(head):
    """Without any expression the identity that is shown lies nearer to the frowning face than the one before."""
    weights = clip()
    weights[:, [ARKIT_NAMES.index(name) for name in ("browDownRight", "eyeWideLeft", "eyeWideRight")]] = 0.15
    found = habits_of(weights, weights)
    before = head.sample(1, 4)[0].astype(np.float64)
    after = identity_with_habits(head, before, found)
    zero, frowning, shown = (
        head_vertices(head, head_at(head, identity=z, expression=weights))
        for z, weights in ((before, np.zeros(52)), (before, found.fitted), (after, np.zeros(52)))
    )
    marks = head.embedding("mediapipe478")
    apart = [np.sqrt(np.square(marks(one) - marks(frowning)).mean()) for one in (zero, shown)]
    assert apart[1] < 0.8 * apart[0]


def filmed(head, weights):
    return ScriptedLook(head, lambda number: {"anna": head_at(head, expression=weights[number])})


def test_tracked_curves_count_from_the_face_at_rest(head):
    weights = clip(90).astype(np.float32)
    look, frames = filmed(head, weights), scripted_frames(90)
    people = [one.person for one in survey(head, look, ScriptedClip(frames), colours=False)]
    assert people[0].habits is not None

    def tracked(one):
        tracker = FaceTracker(head, look, [one])
        return np.array([tracker.step(frame)[0]["expression"] for frame in frames])

    with_habits, without = tracked(people[0]), tracked(replace(people[0], habits=None))
    assert with_habits[6::3, BROW].max() < 0.5 * without[6::3, BROW].min()
    opened = weights[:, JAW] > 0
    assert np.abs(with_habits[opened, JAW][4:] - 0.5).mean() < 0.1


def test_a_take_goes_on_with_the_habits_that_it_began_with(head, tmp_path):
    weights = clip(40).astype(np.float32)
    people = [one.person for one in survey(head, filmed(head, weights), ScriptedClip(scripted_frames(40)), False)]
    with TakeFiles(tmp_path) as files:
        files.begin()
        files.write_people([people[0], replace(people[0], number=1, habits=None)], {})
        again, _ = files.people()
    assert np.array_equal(habits.stored(again[0].habits), habits.stored(people[0].habits))
    assert again[1].habits is None
