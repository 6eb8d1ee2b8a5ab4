"""How far eyes are open: of known heads, of pictures of them, and where nothing of them is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stand_in_dense import dense_of

from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.detect.geometry import LOWER_INNER_LIP, UPPER_INNER_LIP
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.fitting import fit_landmarks
from facegpt.fitting.embedded import embedded
from facegpt.fitting.eye_opening import LIDS, iris_heights, narrowing, opening, true_opening, wanted_gaps
from facegpt.fitting.occlusion import OCCLUDER
from facegpt.morphable.base import head_vertices
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import Detection, FaceParams, Mesh, Pose
from facegpt_lab.evaluate.judges import made_up_points

SIZE = 512
LID_UNITS = [f"{unit}{side}" for unit in ("eyeBlink", "eyeSquint", "eyeWide") for side in ("Left", "Right")]


def person(model, seed: int = 0, yaw_deg: float = 0.0, **units: float) -> FaceParams:
    identity = np.random.default_rng(seed).normal(size=model.sizes.identity).clip(-1.5, 1.5)
    expression = np.zeros(len(ARKIT_NAMES), np.float32)
    for name, value in units.items():
        expression[ARKIT_NAMES.index(name)] = value
    rotation = rotation_from_euler_deg(yaw_deg, 0, 0)
    pose = Pose(rotation, np.array([0.0, 0.0, 1000.0]) - rotation @ np.array([0, -10, 60]))
    return made_up_points.person(model, identity, expression, pose, made_up_points.camera_of(2000.0, SIZE))


def detection_of(model, params: FaceParams) -> Detection:
    placed = params.pose.apply(model.embedding("mediapipe478")(head_vertices(model, params)).astype(np.float64))
    points = np.column_stack([params.camera.project(placed), np.zeros(len(placed))])
    return Detection(points, np.zeros(len(ARKIT_NAMES)), 1.0, np.asarray(params.pose.rotation, np.float64))


def weights(params: FaceParams) -> dict[str, float]:
    return dict(zip(ARKIT_NAMES, params.expression.tolist(), strict=True))


def eye(height: float, width: float = 30.0) -> np.ndarray:
    """The 32 lid points (32, 3) mm of two eyes so high in the middle, in a plane that faces forward."""
    side = np.linspace(-1, 1, 9)
    arch = height / 2 * (1 - side**2)
    lower, upper = (np.column_stack([side * width / 2, sign * arch, 0 * side]) for sign in (-1, 1))
    one = np.concatenate([lower[:1], lower[1:8], lower[8:], upper[1:8]])
    apart = np.array([32.0, 0, 0])
    return np.concatenate([one - apart, one + apart])


def test_opening_is_height_over_width_from_the_front_and_narrowing_undoes_a_turn():
    points = eye(9.0)
    straight = opening(points[:, :2] * (1, -1), np.diag([1.0, -1, -1]))
    middle = 9.0 * (1 + 2 * (1 - 0.25**2)) / 3 / 30.0  # of the arch at -1/4, 0 and 1/4
    assert straight == pytest.approx([middle, middle])
    turn = rotation_from_euler_deg(40.0, 0, 0)
    seen = (points @ turn.T)[:, :2]
    assert opening(seen, turn) * narrowing(points, turn) == pytest.approx([middle, middle], rel=1e-6)


def test_what_networks_say_is_read_back_in_order_and_shut_is_shut():
    facing = np.diag([1.0, -1, -1])
    heights = np.array([0.5, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0])
    told = [true_opening(*[eye(h)[:, :2] * (1, -1)] * 2, facing, np.ones(2))[0] for h in heights]
    assert (np.diff(told) > 0).all()
    shut = np.full(7, -1.0)
    assert np.array_equal(wanted_gaps(eye(0.5)[:16, :2] * (1, -1), facing, told[0], shut, 30.0), shut)


def test_a_squint_is_as_open_as_it_looks():
    """Eyes of 30 mm by 2.7 mm, a man in the sun: the middle of the lids lies as far apart as that."""
    facing = np.diag([1.0, -1, -1])
    points = eye(2.7)[:16, :2] * (1, -1)
    seen = opening(np.concatenate([points, points]), facing)[0]
    found = wanted_gaps(points, facing, seen, np.full(7, -1.0), 30.0)
    assert found[3] == pytest.approx(2.7, abs=0.05)
    wider = wanted_gaps(points, facing, seen, np.full(7, -1.0), 33.0)
    assert wider[3] == pytest.approx(2.97, abs=0.05)  # a wider eye is as open by its own width


def test_lid_points_lie_where_the_head_draws_them(head):
    rng = np.random.default_rng(5)
    lids = embedded(head).lids
    for seed in range(4):
        units = {name: float(rng.uniform()) for name in (*LID_UNITS, "eyeLookDownLeft", "cheekSquintRight")}
        params = person(head, seed, **units)
        drawn = head.embedding("mediapipe478")(head_vertices(head, params))[LIDS]
        theta = np.concatenate([params.identity, params.expression]).astype(np.float64)
        assert np.abs(lids(theta) - drawn).max() < 0.01


@pytest.mark.parametrize("left, right", [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.0, 0.0)])
def test_each_eye_shuts_by_itself(head, left, right):
    truth = person(head, 2, eyeBlinkLeft=left, eyeBlinkRight=right)
    found = weights(fit_landmarks(head, detection_of(head, truth), SIZE, SIZE, dense=dense_of(head, truth)).params)
    for side, shut in (("Left", left), ("Right", right)):
        blink = found[f"eyeBlink{side}"]
        assert blink >= 0.9 if shut else blink < 0.3


def test_hidden_eyes_are_at_rest_and_the_same_in_the_mirror(head):
    truth = person(head, 3, eyeBlinkLeft=0.6, eyeSquintRight=0.8)
    seen = detection_of(head, truth)
    seen.points[468:, :2] += 9.0  # irises that nobody sees lie anywhere
    parts = np.zeros((32, 32, 7))
    parts[..., OCCLUDER] = 1.0
    dense = replace(dense_of(head, truth), parts=parts)
    found = weights(fit_landmarks(head, seen, SIZE, SIZE, dense=dense).params)
    moved = {name: value for name, value in found.items() if name in LID_UNITS or name.startswith("eyeLook")}
    assert all(value == 0 for value in moved.values()), moved


@pytest.mark.parametrize("yaw_deg, most", [(75.0, 0.05), (30.0, 1.0)])
def test_irises_that_the_detector_places_in_profile_turn_no_eyes(head, yaw_deg, most):
    truth = person(head, 5, yaw_deg=yaw_deg)
    seen = detection_of(head, truth)
    seen.points[468:, :2] += (6.0, -6.0)
    found = weights(fit_landmarks(head, seen, SIZE, SIZE, dense=dense_of(head, truth)).params)
    looks = [value for name, value in found.items() if name.startswith("eyeLook")]
    assert max(looks) <= most
    assert max(looks) > 0.2 or yaw_deg > 60  # from nearer the front they are believed


def test_an_eye_behind_a_hand_does_as_the_other(head):
    truth = person(head, 4, eyeBlinkLeft=1.0, eyeBlinkRight=1.0)
    seen, dense = detection_of(head, truth), dense_of(head, truth)
    inner = (seen.points[362, 0] + seen.points[133, 0]) / 2
    column = int((dense.crop[0, 0] * inner + dense.crop[0, 2] + 0.5) / dense.crop_px * 32)
    parts = dense.parts.copy()
    parts[:, column + 1 :] = np.eye(7)[OCCLUDER]  # the subject's left half
    found = weights(fit_landmarks(head, seen, SIZE, SIZE, dense=replace(dense, parts=parts)).params)
    assert found["eyeBlinkLeft"] == pytest.approx(found["eyeBlinkRight"], abs=0.02)
    assert found["eyeBlinkRight"] >= 0.9


@pytest.mark.parametrize("lowered_mm", [0.0, 1.5])
def test_eyes_show_as_much_iris_as_the_photo_where_their_corners_are_misplaced(head, lowered_mm):
    """A laugh moves the corners that eyeballs are placed by: eyes do not turn up under their lids for it."""
    truth = person(head, 6, eyeSquintLeft=0.6, eyeSquintRight=0.6, eyeBlinkLeft=0.2, eyeBlinkRight=0.2)
    seen = detection_of(head, truth)
    for middle, lower, upper in ((473, (380, 374, 373), (385, 386, 387)), (468, (153, 145, 144), (158, 159, 160))):
        low, high = (seen.points[list(lids), :2].mean(0) for lids in (lower, upper))
        start = 5 * (middle > 468) + 468
        seen.points[start : start + 5, :2] += low + 0.5 * (high - low) - seen.points[middle, :2]
    seen.points[[33, 133, 263, 362], 1] += lowered_mm * 2.0  # px a mm
    found = fit_landmarks(head, seen, SIZE, SIZE).params
    points = detection_of(head, found).points[:, :2]
    shown = iris_heights(points[LIDS], points[[473, 468]], np.asarray(found.pose.rotation))
    assert shown == pytest.approx(0.5, abs=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("units", [{}, {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}])
def test_a_drawn_face_gets_eyes_as_open_as_it_has(head, units):
    from facegpt.appearance.prior import model_texture, opacity
    from facegpt.conventions import linear_to_srgb
    from facegpt.render.portrait import draw_picture

    truth = person(head, 1, **units)
    colour = linear_to_srgb(model_texture(head, truth.albedo, 512))
    texture = np.round(np.dstack([colour, opacity(head, 512)]) * 255).astype(np.uint8)
    vertices = head_vertices(head, truth)
    mesh = Mesh(vertices, head.triangles, head.uv, head.uv_triangles, head.part, head.part_names, texture)
    drawn = draw_picture(mesh, truth.pose, truth.camera, default_studio_lighting())
    alpha = drawn[..., 3:] / 255.0
    picture = np.round(drawn[..., :3] * alpha + 160 * (1 - alpha)).astype(np.uint8)
    found = fit_landmarks(head, MediaPipeDetector().detect(picture)[0], SIZE, SIZE).params
    if units:
        assert min(weights(found)["eyeBlinkLeft"], weights(found)["eyeBlinkRight"]) >= 0.9
    else:
        seen = [opening(detection_of(head, p).points[LIDS, :2], np.asarray(p.pose.rotation)) for p in (truth, found)]
        assert seen[1] == pytest.approx(seen[0], rel=0.15)


@pytest.mark.parametrize("apart_mm", [0.3, 0.7])
def test_lips_touch_where_the_detector_has_them_hardly_apart(head, apart_mm):
    params = person(head, mouthLowerDownLeft=0.15, mouthLowerDownRight=0.15)
    seen = detection_of(head, params)
    rows = [list(UPPER_INNER_LIP), list(LOWER_INNER_LIP)]

    def gap_mm(apart_mm: float) -> float:
        points = seen.points.copy()
        px_per_mm = params.camera.focal_px / params.pose.translation[2]
        points[rows[0], :2] = points[rows, :2].mean(0) - [0, apart_mm * px_per_mm / 2]
        points[rows[1], :2] = points[rows[0], :2] + [0, apart_mm * px_per_mm]
        found = fit_landmarks(head, replace(seen, points=points), SIZE, SIZE, dense=dense_of(head, params)).params
        upper, lower = (head.embedding("mediapipe478")(head_vertices(head, found))[row] for row in rows)
        return float((upper - lower)[:, 1].mean())

    touching, hardly, parted = gap_mm(0.0), gap_mm(apart_mm), gap_mm(3.0)
    assert hardly - touching < 0.2 < parted - touching - 1.0
