"""Numbers of people through crossings, absences and cuts; the head that frames share; the fit of one frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scripted_look import CAMERA, HEIGHT, WIDTH, ScriptedClip, ScriptedLook, descriptor, head_at, scripted_frames

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import head_vertices
from facegpt.video.cuts import CutDetector
from facegpt.video.frame_fit import fit_frame, held_head
from facegpt.video.observation import View, params_of, record_of
from facegpt.video.people import Keyframe, Person, matched
from facegpt.video.survey import survey
from facegpt.video.tracker import FaceTracker
from facegpt_lab.evaluate.clips.scores import angle_deg


def run(look, frames, people=None):
    """track_id and place of each face, frame by frame: {track_id: x in mm}."""
    tracker = FaceTracker(look.head, look, people)
    out = []
    for frame in frames:
        rows = tracker.step(frame)
        out.append({int(row["track_id"]): float(row["box"][[0, 2]].mean()) for row in rows})
    return tracker, out


def pixel_x(params) -> float:
    return float(CAMERA.project(params.pose.translation[None])[0, 0])


def test_two_people_who_cross_keep_their_numbers(head):
    """Anna goes right and Ben left; for some frames Ben is hidden behind Anna."""

    def script(number):
        shift = 8.0 * (number - 25)
        faces = {"anna": head_at(head, shift, 700.0)}
        if abs(number - 25) > 4:
            faces["ben"] = head_at(head, -shift, 900.0)
        return faces

    look = ScriptedLook(head, script)
    _, seen = run(look, scripted_frames(60))
    first, last = seen[0], seen[-1]
    assert set(first) == set(last) == {0, 1}
    left = min(first, key=first.get)  # Anna starts at the left
    assert last[left] == max(last.values())
    assert set().union(*seen) == {0, 1}


def test_who_comes_back_after_an_absence_has_the_old_number(head):
    def script(number):
        faces = {}
        if not 20 <= number < 70:
            faces["anna"] = head_at(head, 0.0 if number < 20 else 150.0)
        if number >= 40:
            faces["ben"] = head_at(head, -150.0)
        return faces

    _, seen = run(ScriptedLook(head, script), scripted_frames(100))
    assert set(seen[10]) == {0}
    assert seen[35] == {}
    assert set(seen[62]) == {1}
    assert set(seen[99]) == {0, 1}
    assert seen[99][0] > seen[99][1]


def test_after_a_cut_nobody_is_known_by_their_place(head):
    def script(number):
        return {"anna" if number < 30 else "ben": head_at(head)}

    tracker, seen = run(ScriptedLook(head, script), scripted_frames(50, shots=(30,)))
    assert tracker.cuts == 1
    assert set(seen[29]) == {0}
    assert set(seen[31]) == {1}


def test_a_cut_back_finds_the_same_person(head):
    def script(number):
        return {"ben" if 20 <= number < 40 else "anna": head_at(head, 60.0 * (number >= 40))}

    _, seen = run(ScriptedLook(head, script), scripted_frames(60, shots=(20, 40)))
    assert set(seen[10]) == set(seen[50]) == {0}
    assert set(seen[30]) == {1}


def test_a_short_loss_is_bridged_without_asking_who_it_is(head):
    def script(number):
        return {} if number in (15, 16) else {"anna": head_at(head, 2.0 * number)}

    look = ScriptedLook(head, script)
    _, seen = run(look, scripted_frames(19))
    asked = look.described
    assert set(seen[18]) == {0}
    assert asked <= 2  # when she came in, and once on the way


def test_who_was_hidden_for_a_second_is_found_soon_after(head):
    """Ben is behind Anna longer than the moment in which a lost face is waited for."""

    def script(number):
        faces = {"anna": head_at(head, 120.0)}
        if not 12 <= number < 42:
            faces["ben"] = head_at(head, -120.0)
        return faces

    _, seen = run(ScriptedLook(head, script), scripted_frames(50))
    assert set(seen[5]) == set(seen[48]) == {0, 1}
    assert seen[48][min(seen[5], key=seen[5].get)] == min(seen[48].values())


def test_who_is_alone_and_was_hidden_is_found_soon_after(head):
    def script(number):
        return {} if 20 <= number < 41 else {"anna": head_at(head)}

    _, seen = run(ScriptedLook(head, script), scripted_frames(50))
    assert seen[40] == {}
    assert set(seen[46]) == {0}


class CoveredLook(ScriptedLook):
    """The recognition network does not know who is half covered, in the frames from `first` to `last`."""

    def __init__(self, head, script, first, last):
        super().__init__(head, script)
        self.covered = range(first, last)

    def describe(self, pixels, detection):
        return descriptor("covered") if int(pixels[0, 0, 0]) in self.covered else super().describe(pixels, detection)


def test_who_comes_back_behind_a_hand_is_known_when_it_is_gone(head):
    """Anna is hidden for a second, and then half covered: nobody can tell who that is until the hand is away."""

    def script(number):
        return {} if 20 <= number < 50 else {"anna": head_at(head)}

    tracker, seen = run(CoveredLook(head, script, 50, 62), scripted_frames(90))
    assert set(seen[10]) == {0}
    assert set().union(*seen[70:]) == {0}
    assert set().union(*seen[54:62]) == {1}  # nobody knows yet
    assert tracker.people[1].distance(descriptor("covered")) == np.inf


def test_somebody_new_stays_new_while_another_is_away(head):
    def script(number):
        return {"anna": head_at(head)} if number < 20 else {"ben": head_at(head)} if number >= 50 else {}

    _, seen = run(CoveredLook(head, script, 50, 57), scripted_frames(90))
    assert set().union(*seen[56:]) == {1}


def shots_of_one_room(count, at):
    """Frames of two shots with the same colours; what stands left in one stands right in the other."""
    frames = scripted_frames(count)
    for frame in frames:
        half = frame.pixels[1:, : WIDTH // 2] if frame.index < at else frame.pixels[1:, WIDTH // 2 :]
        half[:] = 130
    return frames


def test_two_who_swap_places_between_shots_of_one_room_are_told_apart(head):
    def script(number):
        left, right = ("anna", "ben") if number < 20 else ("ben", "anna")
        return {left: head_at(head, -120.0), right: head_at(head, 120.0)}

    frames = shots_of_one_room(40, 20)
    detector = CutDetector()
    assert not any(detector.is_cut(frame.pixels) for frame in frames)  # colours tell nothing
    tracker, seen = run(ScriptedLook(head, script), frames)
    assert tracker.cuts == 1
    assert set(seen[10]) == set(seen[21]) == {0, 1}
    assert (seen[10][0] < seen[10][1]) == (seen[21][0] > seen[21][1])


def test_who_stays_where_the_light_changes_at_once_is_followed_on(head):
    tracker, seen = run(ScriptedLook(head, lambda number: {"anna": head_at(head)}), shots_of_one_room(30, 15))
    assert tracker.cuts == 0
    assert all(set(one) == {0} for one in seen)


def test_cuts_are_seen_and_movement_is_none():
    random = np.random.default_rng(0)
    scene = np.repeat(np.repeat(random.integers(0, 256, (12, 16, 3), dtype=np.uint8), 30, 0), 30, 1)
    other = np.repeat(np.repeat(random.integers(0, 120, (12, 16, 3), dtype=np.uint8), 30, 0), 30, 1)
    detector = CutDetector()
    moving = [detector.is_cut(np.roll(scene, 4 * k, 1)) for k in range(20)]
    darker = [detector.is_cut((np.roll(scene, 80, 1) * (1 - 0.01 * k)).astype(np.uint8)) for k in range(20)]
    assert not any(moving + darker)
    assert detector.is_cut(other)
    assert not detector.is_cut(other)


def test_faces_are_given_to_the_nearest_person_and_nobody_twice():
    anna, ben = Person(0, [descriptor("anna")]), Person(1, [descriptor("ben")])
    faces = [descriptor("ben"), descriptor("anna"), descriptor("anna") + 0.02, descriptor("carl")]
    assert matched(faces, [anna, ben]) == [ben, anna, None, None]


def test_keyframes_of_many_sides_know_more_than_each(head):
    """Two keyframes, each sure of one half of the identity: together they know both."""
    random = np.random.default_rng(1)
    truth = random.normal(0, 1, 10)
    halves = [np.diag([400.0] * 5 + [0.0] * 5), np.diag([0.0] * 5 + [400.0] * 5)]
    person = Person(0)
    for information in halves:
        alone = np.linalg.solve(np.eye(10) + information, information @ truth)
        person.add(Keyframe(information, alone, np.log(700.0), 4.0, 0.0, 0.0))
    assert np.abs(person.identity - truth).max() < 0.05
    assert person.focal_px == pytest.approx(700.0)


def test_a_known_head_gives_pose_and_expression_of_a_frame(head):
    """Exact points in, the parameters they were made from out."""
    identity = head.sample(1, 5)[0]
    weights = np.zeros(52, np.float32)
    for name, value in (("jawOpen", 0.5), ("mouthSmileLeft", 0.6), ("browInnerUp", 0.4)):
        weights[ARKIT_NAMES.index(name)] = value
    truth = head_at(head, 30.0, 750.0, 20.0, identity, weights)
    look = ScriptedLook(head, lambda number: {"anna": truth})
    seen = look.faces(scripted_frames(1)[0].pixels)["anna"]
    held = held_head(head, identity, CAMERA.focal_px)
    fit = fit_frame(held, seen.detection, seen.dense, (WIDTH, HEIGHT))
    again = fit_frame(held, seen.detection, seen.dense, (WIDTH, HEIGHT), fit)
    params = params_of(
        head, held, record_of(0, 0.0, 0, again, seen.detection.box, np.zeros(4), 1.0), View(WIDTH, HEIGHT), None, None
    )
    assert angle_deg(params.pose.rotation, truth.pose.rotation) < 0.7
    assert np.linalg.norm(params.pose.translation - truth.pose.translation) < 8.0
    for name in ("jawOpen", "mouthSmileLeft", "browInnerUp"):
        assert params.expression[ARKIT_NAMES.index(name)] == pytest.approx(weights[ARKIT_NAMES.index(name)], abs=0.1)
    assert params.camera.focal_px == pytest.approx(CAMERA.focal_px, rel=1e-6)


def test_lips_that_the_detector_sees_closed_are_not_left_apart(head):
    """The dense network lifts the upper lip by 3 mm, and is sure of nothing; the detector's inner lips meet."""
    weights = np.zeros(52, np.float32)
    weights[[ARKIT_NAMES.index(f"mouthUpperUp{side}") for side in ("Left", "Right")]] = 0.4
    wrong = head_at(head, 0.0, 600.0, expression=weights)
    seen = ScriptedLook(head, lambda number: {"anna": wrong}).faces(scripted_frames(1)[0].pixels)["anna"]
    dense = replace(seen.dense, sigma_px=np.full(len(seen.dense.points_px), 4.0))
    seen.detection.points[[178, 87, 14, 317, 402]] = seen.detection.points[[81, 82, 13, 312, 311]]
    held = held_head(head, np.zeros(60), CAMERA.focal_px)
    fit = fit_frame(held, seen.detection, dense, (WIDTH, HEIGHT))
    fit = fit_frame(held, seen.detection, dense, (WIDTH, HEIGHT), fit)
    row = record_of(0, 0.0, 0, fit, seen.detection.box, np.zeros(4), 1.0)
    found = params_of(head, held, row, View(WIDTH, HEIGHT), None, None)
    closed, apart = gap_mm(head, head_at(head)), gap_mm(head, wrong)
    assert gap_mm(head, found) - closed < 0.5 * (apart - closed)


def gap_mm(head, params) -> float:
    points = head.embedding("mediapipe478")(head_vertices(head, params))
    return float(np.linalg.norm(points[13] - points[14]))


def test_a_reduced_frame_gives_the_camera_of_the_whole_one():
    camera = View(640, 360, 1 / 3).camera(500.0)
    assert (camera.width, camera.height, camera.focal_px) == (1920, 1080, pytest.approx(1500.0))
    assert camera.principal_px == pytest.approx((959.5, 539.5))


def test_a_survey_knows_who_is_in_a_clip_and_keeps_their_heads(head):
    random = np.random.default_rng(3)
    heads = {"anna": random.normal(0, 0.8, 60), "ben": random.normal(0, 0.8, 60)}

    def script(number):
        faces = {"anna": head_at(head, -120.0, 700.0, 25 * np.sin(number / 8), heads["anna"])}
        if number > 30:
            faces["ben"] = head_at(head, 120.0, 800.0, -10.0, heads["ben"])
        return faces

    found = survey(head, ScriptedLook(head, script), ScriptedClip(scripted_frames(80)), colours=False)
    assert [one.person.number for one in found] == [0, 1]
    assert all(one.person.frozen for one in found)
    for one, truth in zip(found, (heads["anna"], heads["ben"]), strict=True):
        mean, own, true = (head.neutral_vertices(z) for z in (0 * truth, one.person.identity, truth))
        assert np.linalg.norm(own - true, axis=1).mean() < 0.7 * np.linalg.norm(mean - true, axis=1).mean()


def test_going_on_from_records_gives_the_same_numbers(head):
    def script(number):
        return {"anna": head_at(head, 3.0 * number), "ben": head_at(head, -150.0, 800.0)}

    frames = scripted_frames(40)
    people = [Person(k, [descriptor(n)], [], np.zeros(60), 700.0, frozen=True) for k, n in enumerate(("anna", "ben"))]
    whole = FaceTracker(head, ScriptedLook(head, script), people)
    rows = [whole.step(frame) for frame in frames]
    later = FaceTracker(head, ScriptedLook(head, script), people)
    later.resume(rows[24], frames[24].pixels)
    for k in range(25, 40):
        for one, other in zip(rows[k], later.step(frames[k]), strict=True):
            assert one["track_id"] == other["track_id"]
            assert np.abs(one["expression"] - other["expression"]).max() < 1e-3
            assert np.abs(one["rotation"] - other["rotation"]).max() < 1e-4
