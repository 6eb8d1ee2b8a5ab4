"""Points that a person's networks put wrongly in every frame: found over the clip, so that they hide no movement."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scripted_look import ScriptedClip, ScriptedLook, head_at, scripted_frames

from facegpt.conventions import ARKIT_NAMES
from facegpt.video.place_errors import EYE_MM, LEAST_FRAMES, place_errors
from facegpt.video.records import TakeFiles
from facegpt.video.survey import survey
from facegpt.video.tracker import FaceTracker

LEFT, RIGHT, DOWN = (ARKIT_NAMES.index(name) for name in ("browOuterUpLeft", "browOuterUpRight", "browDownRight"))
RAISED = slice(12, 18)
COUNT = 40


class ErringLook(ScriptedLook):
    """Networks that put each point of this person a few pixels off, and tell nothing of brows."""

    def _seen(self, params):
        seen = super()._seen(params)
        random = np.random.default_rng(5)
        points, dense = seen.detection.points.copy(), seen.dense
        wrong = random.normal(0, 2.0, (len(dense.points_px), 2))
        points[:, :2] += wrong[:478]
        said = np.where([name.startswith("brow") for name in ARKIT_NAMES], 0.0, dense.expression)
        dense = replace(dense, points_px=dense.points_px + wrong, expression=said.astype(np.float32))
        return replace(seen, detection=replace(seen.detection, points=points), dense=dense)


def script(head):
    def play(number):
        weights = np.zeros(52, np.float32)
        weights[LEFT] = 0.8 if number in range(*RAISED.indices(COUNT)) else 0.0
        return {"anna": head_at(head, yaw=8 * np.sin(number / 5), expression=weights)}

    return play


@pytest.fixture(scope="module")
def anna(head):
    """The look and the person that a survey of the clip finds."""
    look = ErringLook(head, script(head))
    (found,) = survey(head, look, ScriptedClip(scripted_frames(COUNT)), colours=False)
    return look, found.person


def followed(head, look, person):
    tracker = FaceTracker(head, look, [person])
    return np.array([tracker.step(frame)[0]["expression"] for frame in scripted_frames(COUNT)])


def test_a_brow_that_is_raised_alone_is_followed_on_its_side(head, anna):
    look, person = anna
    with_places, without = followed(head, look, person), followed(head, look, replace(person, places=None))

    def alone(weights):
        return (
            weights[RAISED.start + 2 : RAISED.stop, LEFT].mean() - weights[RAISED.start + 2 : RAISED.stop, RIGHT].mean()
        )

    assert alone(with_places) > 0.5
    assert alone(with_places) > 1.3 * alone(without)
    still = np.delete(with_places, range(RAISED.start - 1, RAISED.stop + 3), axis=0)
    assert still[:, [LEFT, RIGHT, DOWN]].max() < 0.12


def test_lids_and_lips_keep_their_places_and_few_frames_say_nothing(head, anna):
    look, person = anna
    held = replace(person, places=None).held(head)
    near = np.linalg.norm(held.face.surface.mean[:, None] - held.eyes, axis=2).min(1) < EYE_MM
    assert near.sum() > 50
    assert np.abs(person.places[near]).max() == 0.0
    assert np.abs(person.places[~near]).max() > 1.0
    seen = [look.faces(frame.pixels)["anna"] for frame in scripted_frames(LEAST_FRAMES - 1)]
    assert place_errors(held, [(one.detection, one.dense, (640, 480)) for one in seen]) is None


def test_a_take_goes_on_with_the_places_that_it_began_with(anna, tmp_path):
    _, person = anna
    with TakeFiles(tmp_path) as files:
        files.begin()
        files.write_people([person], {})
        ((again,), _) = files.people()
    assert np.array_equal(again.places, person.places)
