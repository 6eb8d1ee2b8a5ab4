"""Somebody with a head of their own in clips: who they are, what follows them, and what is said of strangers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scripted_look import CAMERA, ScriptedClip, ScriptedLook, descriptor, head_at, scripted_frames

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import head_vertices
from facegpt.personal.avatar import Avatar
from facegpt.personal.head import PersonalHead
from facegpt.personal.known import known_person, opened
from facegpt.types import FaceGPTError
from facegpt.video.frame_fit import fit_frame, held_head, known_head
from facegpt.video.observation import View, params_of, record_of
from facegpt.video.people import KnownPerson, person_of
from facegpt.video.survey import StrangersError, survey
from facegpt.video.tracker import FaceTracker
from facegpt_lab.evaluate.clips.scores import lip_gap_mm

JAW = ARKIT_NAMES.index("jawOpen")


@pytest.fixture(scope="module")
def anna(head) -> KnownPerson:
    """A head that the default one cannot make: every vertex lies off by up to 3 mm."""
    random = np.random.default_rng(4)
    waves = random.normal(0, 0.03, (6, 3))
    bumps = 2.5 * np.sin(head.mean_vertices @ waves.T).mean(1, keepdims=True) * [0.6, 0.6, 1.0]
    own = PersonalHead(head, "Anna", random.normal(0, 0.5, head.sizes.identity), bumps)
    texture = np.full((64, 64, 4), 160, np.uint8)
    return KnownPerson("Anna", own, descriptor("anna"), texture, np.zeros(head.sizes.albedo))


class PersonalLook(ScriptedLook):
    """As ScriptedLook, where anna is seen with her own head."""

    def __init__(self, head, own, script) -> None:
        super().__init__(head, script)
        self._own = own

    def head_of(self, params):
        return self._own if params.model_id == self._own.model_id else self.head


def two_people(head, own):
    def script(number):
        weights = np.zeros(52, np.float32)
        weights[JAW] = 0.2 + 0.2 * np.sin(number / 3)
        return {
            "anna": head_at(own, 140.0 + number, yaw=12 * np.sin(number / 5), expression=weights),
            "ben": head_at(head, -140.0, 900.0),
        }

    return script


def test_who_has_a_head_of_their_own_is_followed_with_it_and_the_others_are_not(head, anna):
    script = two_people(head, anna.head)
    look = PersonalLook(head, anna.head, script)
    frames = scripted_frames(30)
    found = survey(head, look, ScriptedClip(frames), False, None, anna)
    people = [one.person for one in found]
    me = next(person for person in people if person.known is anna)
    other = next(person for person in people if person is not me)
    assert me.focal_px == pytest.approx(CAMERA.focal_px, rel=0.05)  # of a known head a clip tells it well
    tracker = FaceTracker(head, look, people)
    rows = {int(row["track_id"]): row for frame in frames for row in tracker.step(frame)}
    params = params_of(anna.head, tracker.head(me), rows[me.number], View(640, 480), None, None)
    truth = script(29)["anna"]
    off = head_vertices(anna.head, params) - head_vertices(anna.head, truth)
    front = anna.head.mean_vertices[:, 2] > 60
    assert np.linalg.norm(off[front], axis=1).mean() < 0.5  # mm
    assert params.model_id == anna.head.model_id
    assert tracker.head(other).identity.shape == (head.sizes.identity,)
    assert other.model(head) is head


def test_a_stream_knows_them_from_the_first_frame(head, anna):
    look = PersonalLook(head, anna.head, two_people(head, anna.head))
    people = [person_of(anna, 0)]
    tracker = FaceTracker(head, look, people)
    for frame in scripted_frames(8):
        rows = tracker.step(frame)
    where = {int(row["track_id"]): float(row["box"][[0, 2]].mean()) for row in rows}
    assert where[0] > 320  # anna stands to the right in the picture
    assert people[0].known is anna
    assert np.all(people[0].identity == 0)


def test_a_clip_without_them_says_how_far_its_faces_are(head, anna):
    look = ScriptedLook(head, lambda number: {"ben": head_at(head)})
    with pytest.raises(StrangersError, match=r"Anna is not in 'scripted': the nearest face is 1\.\d\d away"):
        survey(head, look, ScriptedClip(scripted_frames(4)), False, None, anna)


def test_a_clip_without_faces_says_so(head, anna):
    look = ScriptedLook(head, lambda number: {})
    with pytest.raises(StrangersError, match="no face was found"):
        survey(head, look, ScriptedClip(scripted_frames(4)), False, None, anna)


def test_the_tuned_network_looks_at_nobody_else(head, anna):
    asked = []

    class Asked(PersonalLook):
        def follow(self, pixels, one, tuned=None):
            asked.append((one.window.x > 320, tuned))
            return super().follow(pixels, one, tuned)

    mine = replace(anna, landmarker=object())
    tracker = FaceTracker(head, Asked(head, anna.head, two_people(head, anna.head)), [person_of(mine, 0)])
    for frame in scripted_frames(5):
        tracker.step(frame)
    assert {right for right, _ in asked} == {True, False}
    assert all((tuned is mine.landmarker) == right for right, tuned in asked)


def avatar_of(known: KnownPerson, **changes) -> Avatar:
    rough = np.full((8, 8), 200, np.uint8)
    return Avatar(known.name, known.head, known.texture, rough, known.descriptor, known.albedo, **changes)


def test_avatars_of_another_head_model_are_refused(head, anna):
    class Other:
        model_id = "makehuman-head/1"

    with pytest.raises(FaceGPTError, match="default head"):
        opened(avatar_of(anna), Other())
    older = PersonalHead(head, "Anna", np.zeros(head.sizes.identity), np.zeros_like(head.mean_vertices))
    older.base = Other()
    with pytest.raises(FaceGPTError, match="personalize"):
        opened(replace(avatar_of(anna), head=older), head)


def test_an_adapter_for_another_network_is_refused(anna):
    from facegpt.api import load

    wrong = {"network": np.zeros(32, np.uint8), "weights/network.expression.bias": np.zeros(52, np.float32)}
    with pytest.raises(FaceGPTError, match="personalize"):
        known_person(load(), avatar_of(anna, adapter=wrong))


@pytest.mark.parametrize("tuned", [False, True])
def test_the_detector_says_how_far_lips_are_apart_unless_the_network_was_tuned_to_them(anna, tuned):
    """The network parts the lips of a known head by 3 mm and is sure of it; the detector's inner lips meet."""
    weights = np.zeros(52, np.float32)
    weights[[ARKIT_NAMES.index(f"mouthUpperUp{side}") for side in ("Left", "Right")]] = 0.4
    parted = head_at(anna.head, 0.0, 600.0, expression=weights)
    look = PersonalLook(anna.head.base, anna.head, lambda number: {"anna": parted})
    seen = look.faces(scripted_frames(1)[0].pixels)["anna"]
    seen.detection.points[[178, 87, 14, 317, 402]] = seen.detection.points[[81, 82, 13, 312, 311]]
    held = known_head(anna.head, CAMERA.focal_px, np.full(52, 0.02) if tuned else None)
    fit = fit_frame(held, seen.detection, seen.dense, (640, 480))
    row = record_of(0, 0.0, 0, fit, seen.detection.box, np.zeros(4), 1.0)
    left = lip_gap_mm(anna.head, params_of(anna.head, held, row, View(640, 480), None, None))
    apart = lip_gap_mm(anna.head, parted)
    assert apart > 2.5  # mm
    assert left > 0.7 * apart if tuned else left < 0.5 * apart


def test_a_known_heads_lips_close_where_they_are_seen_closed(head, anna):
    """The solver's common belief leaves a gap; the lips' own points then close it."""
    from facegpt.fitting.gauss_newton import State, Target, project
    from facegpt.fitting.lids import with_settled_lips

    face = held_head(anna.head, np.zeros(head.sizes.identity), 700.0).face
    theta = np.zeros(52)
    theta[JAW] = 0.05
    state = State(np.diag([1.0, -1.0, -1.0]), np.zeros(2), np.log(0.9), np.log(800.0), theta)
    seen = project(face.surface, replace(state, theta=np.zeros(52)), np.zeros(2))
    target = Target(seen, np.ones(len(seen)), np.zeros(2))
    closed = with_settled_lips(face.surface, state, target)
    gap = [project(face.surface, one, np.zeros(2))[[13, 14], 1] for one in (state, closed)]
    rest = seen[14, 1] - seen[13, 1]
    assert abs(gap[1][1] - gap[1][0] - rest) < 0.4 * abs(gap[0][1] - gap[0][0] - rest)
