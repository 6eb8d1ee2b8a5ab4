"""The encoder tuned to a person: what decodes, what is learnt, and when it is kept."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.face import Face
from facegpt.fitting.mediapipe_points import SURFACE
from facegpt.personal.choice import Agreement, chosen
from facegpt.personal.head import PersonalHead
from facegpt.personal.known import adapter_of, known_person
from facegpt.personal.marks import own_marks
from facegpt.personal.teacher import _in_views
from facegpt.personal.tuning import Decoder, TuningSettings, tuned_weights, without_habits
from facegpt.personal.tuning_frames import (
    LID_PAIRS,
    LIP_PAIRS,
    TuningFrames,
    _followed_clips,
    block_of,
    params_in_crop,
)
from facegpt.types import Camera, FaceParams, Pose

JAW = ARKIT_NAMES.index("jawOpen")
SIDE = 400
CAMERA = Camera(620.0, ((SIDE - 1) / 2, (SIDE - 1) / 2), SIDE, SIDE)


@pytest.fixture(scope="module")
def own(head):
    random = np.random.default_rng(2)
    bumps = np.sin(head.mean_vertices @ random.normal(0, 0.03, (3, 3))) * 1.5
    return PersonalHead(head, "Anna", random.normal(0, 0.5, head.sizes.identity), bumps)


def posed(own, jaw: float) -> FaceParams:
    weights = np.zeros(52, np.float32)
    weights[JAW] = jaw
    pose = Pose(rotation_from_euler_deg(10.0, 4.0, 8.0), np.array([12.0, -8.0, 650.0]))
    joints = np.zeros((own.sizes.joints, 3), np.float32)
    none, light = np.zeros(own.sizes.identity, np.float32), np.zeros((9, 3), np.float32)
    light[0] = 3.0
    return FaceParams(own.model_id, none, weights, joints, pose, np.zeros(own.sizes.albedo, np.float32), light, CAMERA)


def crop_map(roll: float = 0.14, scale: float = 0.007) -> np.ndarray:
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]]) * scale
    return np.column_stack([turn, -turn @ [SIDE / 2 + 10, SIDE / 2 - 6]])


def frames_of(own, jaws, views: int = 2) -> TuningFrames:
    """Frames without pictures whose geometry is exact."""
    maps = [crop_map(), crop_map(0.05, 0.0066)][:views]
    rows = []
    for jaw in jaws:
        params = posed(own, jaw)
        face = Face(own, params)
        dense = face.project(own.embedding("dense")(face.vertices()))
        found = face.landmarks("mediapipe478")
        in_crop = params_in_crop(params, maps[0])
        scale = in_crop.camera.focal_px / params.camera.focal_px
        pairs = np.array([*LIP_PAIRS, *LID_PAIRS])
        rows.append(
            {
                "crops": np.random.default_rng(int(100 * jaw)).integers(0, 255, (views, 3, 128, 128), dtype=np.uint8),
                "detected": np.stack([(found @ m[:, :2].T + m[:, 2]).astype(np.float32) for m in maps]),
                "points": np.stack([(dense @ m[:, :2].T + m[:, 2]).astype(np.float32) for m in maps]),
                "to_crop": np.stack(maps),
                "said": params.expression,
                "expression": params.expression,
                "gaps": scale * np.linalg.norm(found[pairs[:, 0]] - found[pairs[:, 1]], axis=1),
                "size": np.array(scale * np.sqrt(np.prod(np.ptp(found[:SURFACE], axis=0)))),
                "visible": np.full((128, 128), 255, np.uint8),
                "rotation": in_crop.pose.rotation,
                "place": in_crop.pose.translation,
                "focal_px": np.array(in_crop.camera.focal_px),
                "principal_px": np.array(in_crop.camera.principal_px),
                "joints": params.joints,
                "lighting": params.lighting,
                "block": np.array(0),
            }
        )
    return TuningFrames(**{name: np.stack([row[name] for row in rows]) for name in rows[0]})


def test_the_decoder_sees_what_a_face_projects(own):
    frames = frames_of(own, (0.0, 0.5))
    decoder = Decoder(own, np.full((64, 64, 4), 180, np.uint8))
    placed = decoder.placed(torch.from_numpy(frames.expression), frames)
    assert np.abs(decoder.points(placed, frames).numpy() - frames.points[:, 0]).max() < 1e-4  # crop units
    assert np.abs(decoder.gaps_px(placed, frames).numpy() - frames.gaps).max() < 0.01  # px


def test_the_decoders_error_is_least_at_the_frames_own_expression(own):
    random = np.random.default_rng(0)
    texture = np.dstack([random.integers(90, 220, (64, 64, 3), dtype=np.uint8), np.full((64, 64), 255, np.uint8)])
    decoder, frames = Decoder(own, texture), frames_of(own, (0.4,))
    from facegpt.conventions import linear_to_srgb
    from facegpt.render.base import View

    placed = decoder.placed(torch.from_numpy(frames.expression), frames)
    view = View(*(torch.from_numpy(v.astype(np.float32)) for v in (frames.focal_px, frames.principal_px)), 128, 128)
    light = torch.from_numpy(frames.lighting)
    drawn = decoder._renderer.render(placed, decoder._topology, decoder._texture, light, view).color
    frames.crops[:, 0] = np.round(linear_to_srgb(drawn.numpy().clip(0, 1)) * 255).transpose(0, 3, 1, 2)
    errors = []
    for jaw in (0.2, 0.4, 0.6):
        weights = torch.from_numpy(frames.expression).clone()
        weights[:, JAW] = jaw
        errors.append(float(decoder.colour_error(decoder.placed(weights, frames), frames)))
    assert errors[1] < 0.6 * min(errors[0], errors[2])


def test_a_shift_in_one_view_is_the_same_shift_on_the_face_in_another(own):
    frames = frames_of(own, (0.1,))
    moved = np.random.default_rng(1).normal(0, 3, (1, frames.points.shape[2], 2))  # px of the picture
    first = np.einsum("bij,bpj->bpi", frames.to_crop[:, 0, :, :2], moved)
    second = np.einsum("bij,bpj->bpi", frames.to_crop[:, 1, :, :2], moved)
    assert _in_views(frames, first)[:, 1] == pytest.approx(second, abs=1e-5)


def test_habits_are_taken_off_what_the_network_says():
    habits = np.linspace(0, 0.3, 52)
    random = np.random.default_rng(3)
    crops = random.random((1, 3, 128, 128)).astype(np.float32)
    detected = random.normal(0, 0.3, (1, 478, 2)).astype(np.float32)
    before, after = (
        DenseLandmarker(changes=c).run(crops, detected)["expression"] for c in ({}, without_habits(habits))
    )
    assert before - after == pytest.approx(habits[None], abs=1e-5)


@pytest.mark.slow
def test_what_is_learnt_is_nearer_to_its_teacher_and_can_be_loaded(own, head):
    """The teacher opens the jaw by 0.5 where the network sees noise; the network then says so too, in few bytes."""
    from facegpt.api import load
    from facegpt.personal.avatar import Avatar

    frames = frames_of(own, (0.5, 0.45))
    settings = TuningSettings(steps=60, decoded_steps=3, batch=8, decoded_batch=2, rate=4e-3, stay=0.0)
    decoder = Decoder(own, np.full((64, 64, 4), 180, np.uint8))
    weights = tuned_weights(frames, decoder, np.zeros(52), lambda share: None, settings)
    crops, detected = frames.crops[:, 0] / 255.0, frames.detected[:, 0]
    said = [DenseLandmarker(changes=c).run(crops, detected) for c in ({}, weights)]
    for name, truth in (("expression", frames.expression), ("points", frames.points[:, 0])):
        errors = [np.abs(one[name] - truth).mean() for one in said]
        assert errors[1] < 0.7 * errors[0], name
    adapter = adapter_of(weights, np.full(52, 0.1))
    assert sum(array.nbytes for array in adapter.values()) < 5e6
    rough, texture = np.full((8, 8), 200, np.uint8), np.full((64, 64, 4), 180, np.uint8)
    avatar = Avatar("Anna", own, texture, rough, np.zeros(128), np.zeros(head.sizes.albedo), adapter=adapter)
    known = known_person(load(), avatar)
    told = known.landmarker.run(crops, detected)
    assert np.array_equal(told["expression"], said[1]["expression"])


def errors_of(colour, points, lips, lids, blocks=(1.0, 1.02)) -> Agreement:
    return Agreement(*(value * np.array(blocks) for value in (colour, points, lips, lids)))


def test_only_what_follows_held_back_frames_better_is_kept():
    common = errors_of(0.2, 0.7, 0.8, 0.5)
    assert chosen({"common": common, "a": common}) == "common"
    assert chosen({"common": common, "a": errors_of(0.19, 0.69, 0.75, 0.5)}) == "a"
    assert chosen({"common": common, "a": errors_of(0.21, 0.5, 0.5, 0.5)}) == "common"  # its colours got worse
    assert chosen({"common": common, "a": errors_of(0.19, 0.69, 0.5, 0.52)}) == "common"  # its lids did
    both = {"a": errors_of(0.19, 0.69, 0.75, 0.5), "b": errors_of(0.18, 0.6, 0.7, 0.5)}
    assert chosen({"common": common, **both}) == "b"


def test_what_is_better_at_times_only_is_not_kept():
    common = errors_of(0.2, 0.7, 0.8, 0.5)
    assert chosen({"common": common, "a": errors_of(0.2, 0.7, 0.8, 0.5, (0.7, 1.25))}) == "common"
    assert chosen({"common": common, "a": errors_of(0.2, 0.7, 0.8, 0.5, (0.93, 0.97))}) == "a"


def test_frames_for_checking_lie_apart_from_those_that_are_learnt_from():
    blocks = [block_of(share) for share in np.linspace(0, 0.999, 1000)]
    assert set(blocks) == {0, 1, 2, None}
    learnt = np.flatnonzero([one == 0 for one in blocks])
    for number in (1, 2):
        held = np.flatnonzero([one == number for one in blocks])
        assert np.ptp(held) == len(held) - 1  # one piece of time
        assert np.abs(held[:, None] - learnt).min() >= 45
    assert 0.5 < len(learnt) / 1000 < 0.7


@pytest.mark.parametrize(
    ("frames", "followed"), [([75] * 16, 16), ([300] * 4, 4), ([300] * 9, 4), ([40], 1), ([300, 0, 0], 3), ([0], 1)]
)
def test_of_many_short_clips_all_are_learnt_from_and_of_many_long_ones_some(frames, followed):
    chosen_clips = _followed_clips(frames)
    assert len(chosen_clips) == followed
    assert all(frames[number] == count for number, count in chosen_clips.items())
    assert 0 in chosen_clips and (len(frames) == 1 or len(frames) - 1 in chosen_clips)


def test_points_slide_to_where_they_are_seen_on_this_face_and_lids_and_lips_stay(own):
    """The detector sees a point of the cheek 2 mm further along the skin than everybody's point, in every frame."""
    frames, cheek = frames_of(own, np.linspace(0, 0.4, 16)), 50
    plain = own.embedding("mediapipe478")
    rest = plain(own.mean_vertices)
    shifted = rest.copy()
    along = rest[101] - rest[cheek]  # towards another point of the cheek
    shifted[cheek] += 2 * along / np.linalg.norm(along)
    for row in range(len(frames.size)):
        placed = shifted @ frames.rotation[row].T + frames.place[row]
        seen = placed[:, :2] / placed[:, 2:] * frames.focal_px[row] + frames.principal_px[row]
        still = rest @ frames.rotation[row].T + frames.place[row]
        before = still[:, :2] / still[:, 2:] * frames.focal_px[row] + frames.principal_px[row]
        lips = [*LIP_PAIRS[0]]
        frames.detected[row, 0, [cheek, *lips]] = frames.points[row, 0, [cheek, *lips]]
        frames.detected[row, 0, cheek] += ((seen - before) / 64)[cheek]
        frames.detected[row, 0, lips] += 0.05
    marks = own_marks(own, frames)
    moved = marks(own.mean_vertices) - rest
    assert np.linalg.norm(moved[cheek]) == pytest.approx(2.0, abs=0.7)
    assert moved[cheek] @ along / np.linalg.norm(along) / np.linalg.norm(moved[cheek]) > 0.9
    still = np.ones(478, bool)
    still[cheek] = False
    assert np.linalg.norm(moved[still], axis=1).max() < 0.4  # as fine as places on a triangle are tried
    assert moved[[*LIP_PAIRS[0]]] == pytest.approx(0, abs=1e-6)
    worn = own.with_marks(marks)
    assert worn.model_id == own.model_id
    assert np.array_equal(worn.embedding("mediapipe478").corners, marks.corners)
    assert np.array_equal(worn.embedding("dense").corners, own.embedding("dense").corners)
