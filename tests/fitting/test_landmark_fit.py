"""The landmark fit on heads whose truth is known because we made them."""

import numpy as np
import pytest
from made_up_head import made_up_head

from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.detect.geometry import LOWER_INNER_LIP, UPPER_INNER_LIP
from facegpt.fitting import FitError, contour_landmarks, fit_landmarks, gaze
from facegpt.fitting.landmark_fit import eye_visibility
from facegpt.metrics import align, angle_between_deg
from facegpt.morphable.base import at_rest, head_vertices
from facegpt.types import Detection, FaceParams, Pose
from facegpt_lab.evaluate.judges import made_up_points

SIZE = 640


@pytest.fixture(scope="module")
def made_up():
    return made_up_head()


def person(
    model, seed: int, yaw_deg: float = 0.0, depth_mm: float = 900.0, px_per_mm: float = 2.0, **units
) -> FaceParams:
    rng = np.random.default_rng(seed)
    expression = np.zeros(len(ARKIT_NAMES), np.float32)
    for name, value in units.items():
        expression[ARKIT_NAMES.index(name)] = value
    rotation = rotation_from_euler_deg(yaw_deg, rng.uniform(-10, 10), rng.uniform(-20, 20))
    pose = Pose(rotation, np.array([10.0, 5.0, depth_mm]) - rotation @ np.array([0, -10, 60]))
    identity = np.clip(rng.normal(size=model.sizes.identity), -2, 2)
    return made_up_points.person(
        model, identity, expression, pose, made_up_points.camera_of(px_per_mm * depth_mm, SIZE)
    )


def detection(model, params: FaceParams, noise_mm: float = 0.0, seed: int = 0) -> Detection:
    """What a perfect detector sees, with smooth and independent errors of `noise_mm` each."""
    head = model.embedding("mediapipe478")(head_vertices(model, params)).astype(np.float64)
    rng = np.random.default_rng(seed)
    waves = np.sin(head @ rng.normal(size=(3, 2)) / 40 + rng.uniform(0, 6, 2)) * np.sqrt(2)
    error = noise_mm * (waves + rng.normal(size=(len(head), 2)))
    scale = params.camera.focal_px / params.pose.translation[2]
    points = params.camera.project(params.pose.apply(head)) + error * scale
    scores = np.clip(0.85 * params.expression + 0.03, 0, 1)  # right but for a tenth, as the real ones at best
    return Detection(np.column_stack([points, np.zeros(len(points))]), scores, 1.0, np.eye(3))


def fit(model, params: FaceParams, noise_mm: float = 0.0, focal: bool = False, seed: int = 0):
    return fit_landmarks(
        model, detection(model, params, noise_mm, seed), SIZE, SIZE, params.camera.focal_px if focal else None
    )


@pytest.mark.parametrize("yaw_deg", [0, 25, -45, 70])
@pytest.mark.parametrize("focal", [True, False])
def test_pose_of_a_known_head_is_found_again(head, yaw_deg, focal):
    truth = person(head, 1, yaw_deg)
    found = fit(head, truth, focal=focal).params
    vertices = truth.pose.apply(head_vertices(head, truth))
    again = found.pose.apply(head_vertices(head, found))
    # identity may tilt the whole head a little: the pose is judged by where it puts the skin
    scale = np.linalg.norm(truth.pose.translation) / np.linalg.norm(found.pose.translation)
    assert angle_between_deg(found.pose.rotation, truth.pose.rotation) < 2.0
    off_mm = np.linalg.norm(truth.camera.project(vertices) - found.camera.project(again), axis=1) / 2.0
    assert np.percentile(off_mm, 95) < 5.0
    assert 0.7 < scale < 1.4


def test_a_stated_focal_length_gives_the_distance(head):
    truth = person(head, 2, 15, depth_mm=600)
    found = fit(head, truth, focal=True)
    assert found.params.camera.focal_px == pytest.approx(truth.camera.focal_px, rel=0.03)
    assert found.params.pose.translation[2] == pytest.approx(truth.pose.translation[2], rel=0.08)


def test_weights_stay_within_their_bounds_and_the_tongue_in_the_mouth(head):
    for seed in range(5):
        found = fit(head, person(head, seed, 20 * seed - 40, jawOpen=1.0, mouthSmileLeft=1.0), noise_mm=2.0, seed=seed)
        expression = found.params.expression
        assert (expression >= 0).all() and (expression <= 1).all()
        assert (np.abs(found.params.identity) <= 4).all()
        assert expression[ARKIT_NAMES.index("tongueOut")] == 0
        assert expression[ARKIT_NAMES.index("mouthClose")] <= expression[ARKIT_NAMES.index("jawOpen")] + 0.05


def test_an_open_jaw_a_smile_and_a_blink_are_seen(head):
    truth = person(head, 3, 5, jawOpen=0.6)
    found = fit(head, truth, noise_mm=0.5).params.expression
    assert found[ARKIT_NAMES.index("jawOpen")] == pytest.approx(0.6, abs=0.2)
    smile = fit(head, person(head, 3, 5, mouthSmileLeft=0.8, mouthSmileRight=0.8), noise_mm=0.5).params.expression
    assert smile[ARKIT_NAMES.index("mouthSmileLeft")] > 0.4
    blink = fit(head, person(head, 3, 5, eyeBlinkLeft=0.9, eyeBlinkRight=0.9), noise_mm=0.5).params.expression
    assert blink[ARKIT_NAMES.index("eyeBlinkLeft")] > 0.5


def test_serious_and_smiling_give_the_same_neutral_head_within_a_millimetre(head):
    """The skin of the face, heads laid over each other rigidly, without alignment of scale."""
    skin = np.unique(head.triangles[head.part == head.part_names.index("skin")])
    face = skin[head.mean_vertices[skin, 2] > 20]
    errors = []
    for seed in range(8):
        units = {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "cheekSquintLeft": 0.4, "cheekSquintRight": 0.4}
        pair = [
            fit(head, person(head, seed, 8), noise_mm=0.5, seed=2 * seed),
            fit(head, person(head, seed, -5, **units), noise_mm=0.5, seed=2 * seed + 1),
        ]
        serious, smiling = (head_vertices(head, at_rest(head, one.params))[face] for one in pair)
        errors.append(np.sqrt(((align(serious, smiling, scale=False) - smiling) ** 2).sum(1).mean()))
    assert np.median(errors) < 1.0


def found_look(head, truth: FaceParams, side_deg: float, up_deg: float) -> tuple[np.ndarray, np.ndarray]:
    """Where a fit finds both eyes, told so far from the camera, to look, (side, up) degrees; and where the camera is.

    Irises of eyes that look into the camera are told 9 degrees outwards and 4.6 too low, as on portraits.
    """
    eyes = [head.joint_names.index(name) for name in ("left_eye", "right_eye")]
    middle = head.mean_vertices[head.triangles[head.part == head.part_names.index("left_eye")]].mean((0, 1)) * (0, 1, 1)
    to_camera = -np.asarray(truth.pose.rotation).T @ truth.pose.apply(middle[None])[0]
    camera = np.degrees([np.arctan2(to_camera[0], to_camera[2]), np.arcsin(to_camera[1] / np.linalg.norm(to_camera))])
    side, up = camera + np.array([side_deg, up_deg - 4.6])
    joints = truth.joints.copy()
    joints[eyes] = np.radians([[-up, side + sign * gaze.STRAIGHT_SIDE_DEG, 0] for sign in (1, -1)])
    turns = np.degrees(fit(head, truth.replace(joints=joints)).params.joints[eyes]).mean(0)
    return np.array([turns[1], -turns[0]]), camera


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_eyes_that_look_nearly_into_the_camera_look_into_it(head, seed):
    look, camera = found_look(head, person(head, seed, 10), 2.0, 1.5)
    assert np.abs(look - camera).max() < 4


@pytest.mark.parametrize("side_deg", [-18, 18])
def test_eyes_turned_far_aside_stay_there_and_are_not_turned_up(head, side_deg):
    look, camera = found_look(head, person(head, 4), side_deg, 0.0)
    assert look - camera == pytest.approx([1.1 * side_deg, 0], abs=6)


def test_the_more_irises_are_raised_the_further_eyes_look_up(head):
    looks = [found_look(head, person(head, 4), 0.0, up_deg)[0][1] for up_deg in (-8, -4, 0, 4, 8)]
    assert (np.diff(looks) > 0).all() and looks[-1] - looks[0] > 16


def test_the_far_eye_of_a_turned_head_is_not_believed():
    near_only = eye_visibility(rotation_from_euler_deg(60))
    assert near_only.tolist() == [0.0, 1.0]
    assert eye_visibility(rotation_from_euler_deg(0)).tolist() == [1.0, 1.0]


def test_a_closed_eye_follows_the_open_one():
    angles = gaze.combine(np.array([[20.0, 5.0], [-35.0, 28.0]]), np.array([1.0, 0.0]))
    assert np.allclose(angles[0], [20, 5])
    assert angles[1, 1] == pytest.approx(5)
    assert angles[0, 0] - angles[1, 0] == pytest.approx(2 * gaze.STRAIGHT_SIDE_DEG)


def test_closed_eyes_look_straight_ahead_and_then_no_lid_follows():
    angles = gaze.combine(np.array([[20.0, 5.0], [-35.0, 28.0]]), np.zeros(2))
    assert all(weight == 0 for weight in gaze.look_weights(angles).values())


def test_eyes_that_plainly_cross_stay_crossed():
    angles = gaze.combine(np.array([[-25.0, 0.0], [25.0, 0.0]]), np.ones(2))
    assert angles[1, 0] - angles[0, 0] > 40


def test_scale_uncertainty_is_a_few_percent_and_covers_the_error(head):
    ratios = []
    for seed in range(12):
        truth = person(head, seed, 10)
        found = fit(head, truth, noise_mm=0.5, seed=seed)
        size = [np.linalg.norm(np.ptp(head_vertices(head, at_rest(head, p)), axis=0)) for p in (found.params, truth)]
        ratios.append(np.log(size[0] / size[1]) / found.scale_sd)
        assert 0.01 < found.scale_sd < 0.08
    assert np.sqrt(np.mean(np.square(ratios))) < 2.5


def test_residuals_tell_how_far_each_point_is_missed(head):
    truth = person(head, 5, 20)
    found = fit(head, truth)
    assert found.residual_px.shape == (478,)
    assert found.residual_px[:468].mean() < 2.0
    off = detection(head, truth)
    off.points[10, :2] += 40
    moved = fit_landmarks(head, off, SIZE, SIZE)
    assert moved.residual_px[10] > 40


def test_a_face_of_forty_pixels_keeps_its_pose(head):
    truth = person(head, 6, 20, px_per_mm=40 / 160)
    found = fit(head, truth, noise_mm=1.0)
    assert angle_between_deg(found.params.pose.rotation, truth.pose.rotation) < 5


@pytest.mark.parametrize("points", ["one place", "not numbers", "too few"])
def test_degenerate_detections_are_refused_with_a_sentence(made_up, points):
    bad = {"one place": np.full((478, 3), 5.0), "not numbers": np.full((478, 3), np.nan), "too few": np.zeros((68, 3))}
    with pytest.raises(FitError):
        fit_landmarks(made_up, Detection(bad[points], np.zeros(52), 1.0, np.eye(3)), SIZE, SIZE)


def test_a_focal_length_that_is_no_length_is_refused(made_up):
    with pytest.raises(FitError, match="focal length"):
        fit_landmarks(made_up, detection(made_up, person(made_up, 1)), SIZE, SIZE, focal_px=0.0)


def test_the_same_detection_gives_the_same_fit(made_up):
    truth = person(made_up, 7, 10)
    first, second = fit(made_up, truth), fit(made_up, truth)
    assert np.array_equal(first.params.identity, second.params.identity)


def test_contour_equals_the_fixed_landmarks_but_for_the_jaw(head):
    truth = person(head, 8, 35)
    fixed = head.embedding("ibug68")(head_vertices(head, truth))
    contour = contour_landmarks(head, truth)
    assert np.allclose(contour[17:], fixed[17:], atol=1e-4)
    assert contour.shape == (68, 3)


def test_on_a_turned_head_the_far_jaw_moves_out_to_the_outline_and_the_near_one_stays(head):
    truth = person(head, 8, 45)  # turned towards the subject's left: the left jaw (9-16) is the far one
    rotation = rotation_from_euler_deg(45)
    truth = truth.replace(pose=Pose(rotation, truth.pose.translation))
    fixed, contour = (
        truth.camera.project(truth.pose.apply(points))
        for points in (head.embedding("ibug68")(head_vertices(head, truth)), contour_landmarks(head, truth))
    )
    outwards = contour[:17, 0] - fixed[:17, 0]
    assert outwards[13:16].max() > 2.0  # pixels to image right
    assert np.abs(outwards[:4]).max() < 2.0


def inner_lips_mm(face_points, up=(82, 13, 312), low=(87, 14, 317)):
    return float(np.linalg.norm(face_points[list(up)] - face_points[list(low)], axis=1).mean())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_closed_lips_close_and_open_ones_stay_open(head, seed):
    points = head.embedding("mediapipe478")
    at_mean = inner_lips_mm(points(head.mean_vertices))
    for jaw in (0.0, 0.3):
        truth = person(head, seed, jawOpen=jaw)
        seen = detection(head, truth, noise_mm=0.7, seed=seed)
        upper, lower = list(UPPER_INNER_LIP), list(LOWER_INNER_LIP)
        if not jaw:  # where lips touch, the detector's points of both lie on one another
            seen.points[upper, :2] = seen.points[lower, :2] = (seen.points[upper, :2] + seen.points[lower, :2]) / 2
        found = fit_landmarks(head, seen, SIZE, SIZE).params
        gap = inner_lips_mm(points(head_vertices(head, found)))
        if jaw:
            assert abs(gap / inner_lips_mm(points(head_vertices(head, truth))) - 1) < 0.2
        else:
            assert gap < at_mean + 0.6  # the mean head's lips are closed
