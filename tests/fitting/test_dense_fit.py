"""The fit that a dense landmark network helps: heads whose truth is known because we made them."""

from dataclasses import replace

import numpy as np
import pytest
from stand_in_dense import dense_of

from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.face import Face
from facegpt.fitting import FitError, fit_landmarks
from facegpt.fitting.confidence import REGIONS, Signs, region_rows
from facegpt.fitting.dense import DenseSettings, dense_prior, dense_target
from facegpt.fitting.embedded import default_prior, densely_embedded, embedded
from facegpt.fitting.occlusion import HAIR, OCCLUDER, unhidden
from facegpt.metrics import angle_between_deg, recovered_share
from facegpt.morphable.base import face_region, head_vertices
from facegpt.types import DensePoints, Detection
from facegpt_lab.evaluate.judges import made_up_points

SIZE = made_up_points.SIZE_PX


def both(head, seed: int, **dense):
    truth = made_up_points.random_params(head, seed)
    detection = made_up_points.noisy_detection(head, truth, seed)
    return truth, detection, dense_of(head, truth, seed, **dense)


def test_precise_points_give_more_of_the_person_than_the_detector_s(head):
    region, shares = face_region(head), []
    for seed in range(6):
        truth, detection, dense = both(head, seed)
        fits = fit_landmarks(head, detection, SIZE, SIZE), fit_landmarks(head, detection, SIZE, SIZE, dense=dense)
        row = []
        for fit in fits:
            shapes = [
                head_vertices(head, truth.replace(identity=identity))[region]
                for identity in (fit.params.identity, truth.identity, 0 * truth.identity)
            ]
            row.append(recovered_share(*shapes))
        shares.append(row)
        assert angle_between_deg(fits[1].params.pose.rotation, truth.pose.rotation) < 3
    alone, helped = np.mean(shares, axis=0)
    assert helped > alone + 0.1, f"share recovered: {alone:.2f} by the detector's points, {helped:.2f} by dense ones"


def test_residuals_are_those_of_the_dense_points_in_their_order(head):
    _, detection, dense = both(head, 1)
    points = dense.points_px.copy()
    points[600] += 60
    fit = fit_landmarks(head, detection, SIZE, SIZE, dense=replace(dense, points_px=points))
    assert fit.residual_px.shape == (len(dense.points_px),)
    assert fit.residual_px.argmax() == 600


def test_points_that_the_network_is_unsure_of_or_cannot_see_move_the_head_less(head):
    _, detection, dense = both(head, 2, error_mm=0.3)
    chin = np.arange(478, 495)  # the jaw of ibug68, which the detector does not give
    moved = dense.points_px.copy()
    moved[chin, 1] += 8
    sigma, visible = dense.sigma_px.copy(), dense.visible.copy()
    sigma[chin] *= 20
    visible[chin] = 0.0
    straight = fit_landmarks(head, detection, SIZE, SIZE, dense=dense).params
    kinds = {
        "sure": replace(dense, points_px=moved),
        "unsure": replace(dense, points_px=moved, sigma_px=sigma),
        "hidden": replace(dense, points_px=moved, visible=visible),
    }
    shift = {}
    for name, kind in kinds.items():
        found = fit_landmarks(head, detection, SIZE, SIZE, dense=kind).params
        at = [
            p.camera.project(p.pose.apply(head.embedding("dense")(head_vertices(head, p))[chin]))
            for p in (found, straight)
        ]
        shift[name] = np.linalg.norm(at[0] - at[1], axis=1).mean()
    assert shift["unsure"] < 0.3 * shift["sure"]
    assert shift["hidden"] < shift["sure"]


def test_the_network_s_identity_is_not_shrunk_twice(head):
    population = default_prior(head.sizes.identity)
    _, _, dense = both(head, 3, known=0.4)
    whole = dense_prior(population, dense, DenseSettings(identity_evidence=1.0))
    none = dense_prior(population, dense, DenseSettings(identity_evidence=0.0))
    count = head.sizes.identity
    assert np.allclose(whole.mean[:count], dense.identity) and np.allclose(whole.sd[:count], dense.identity_sd)
    assert np.allclose(none.mean[:count], 0) and np.allclose(none.sd[:count], 1)


def test_half_of_the_network_s_evidence_is_the_square_root_of_its_likelihood(head):
    """N(m, s²) / N(0, 1) is the likelihood; prior · likelihood^½ by completing the square on a grid."""
    population = default_prior(head.sizes.identity)
    _, _, dense = both(head, 4, known=0.6)
    half = dense_prior(population, dense, DenseSettings(identity_evidence=0.5))
    z = np.linspace(-8, 8, 20001)
    m, s = float(dense.identity[0]), float(dense.identity_sd[0])
    density = np.exp(-0.5 * z**2 + 0.5 * (-0.5 * ((z - m) / s) ** 2 + 0.5 * z**2))
    mean = (z * density).sum() / density.sum()
    assert half.mean[0] == pytest.approx(mean, abs=1e-3)
    assert half.sd[0] == pytest.approx(np.sqrt(((z - mean) ** 2 * density).sum() / density.sum()), abs=1e-3)


def test_points_that_do_not_fit_the_head_are_refused_with_a_sentence(head):
    _, detection, dense = both(head, 5)
    with pytest.raises(FitError, match="points"):
        fit_landmarks(head, detection, SIZE, SIZE, dense=replace(dense, points_px=dense.points_px[:-3]))
    broken = dense.points_px.copy()
    broken[7] = np.nan
    with pytest.raises(FitError, match="not numbers"):
        fit_landmarks(head, detection, SIZE, SIZE, dense=replace(dense, points_px=broken))


def test_dense_and_detected_points_turn_about_the_same_place(head):
    assert np.array_equal(densely_embedded(head).surface.centre, embedded(head).surface.centre)


def test_what_lies_before_the_face_is_found_where_the_crop_says(head):
    _, _, dense = both(head, 6)
    parts = dense.parts.copy()
    parts[10, 20] = np.eye(7)[OCCLUDER]
    parts[25, 5] = np.eye(7)[HAIR]
    turn = np.array([[0.0, 0.25, 3.0], [-0.25, 0.0, 124.0]])  # a crop that lies on its side
    dense = replace(dense, parts=parts, crop=turn)

    def photo_px(row: int, column: int) -> np.ndarray:
        return np.linalg.solve(turn[:, :2], np.array([4 * column + 1.5, 4 * row + 1.5]) - turn[:, 2])

    places = np.stack([photo_px(10, 20), photo_px(25, 5), photo_px(15, 15), photo_px(50, 20)])
    seen = unhidden(dense, places)
    assert seen[:2] == pytest.approx([0, 0], abs=1e-6)
    assert seen[2] == seen[3] == 1  # skin; outside the crop


@pytest.mark.parametrize(
    "worse", [{"sigma_mm": 4.0}, {"residual_mm": 3.0}, {"hidden": 1.0}, {"spread_mm": 3.0}, {"moved_mm": 8.0}]
)
def test_confidence_falls_with_each_sign_of_an_error(worse):
    calm = Signs(1.0, 0.5, 0.0, 1.0, 1.0)
    doubtful = replace(calm, **worse)
    assert doubtful.expected_mm > calm.expected_mm
    assert 0 <= doubtful.confidence < calm.confidence <= 1


def test_every_region_has_points_of_its_own_and_a_confidence(head):
    rows = region_rows(len(densely_embedded(head).surface.mean))
    assert tuple(rows) == REGIONS
    assert len(np.unique(np.concatenate(list(rows.values())))) == sum(map(len, rows.values()))
    rest = head.embedding("dense")(head.mean_vertices)
    skin = np.concatenate([rest[:468], rest[478:]])
    assert np.abs(skin[rows["ears"], 0]).min() > 50  # mm from the middle
    assert skin[rows["jaw"], 1].mean() < skin[rows["mouth"], 1].mean() < skin[rows["cheeks"], 1].mean()
    assert skin[rows["cheeks"], 1].max() < skin[rows["brows"], 1].max()
    _, detection, dense = both(head, 7)
    fit = fit_landmarks(head, detection, SIZE, SIZE, dense=dense)
    face = Face.fitted(head, fit, np.zeros((SIZE, SIZE, 3), np.uint8), None)
    assert tuple(face.region_confidence) == REGIONS
    doubtful = fit_landmarks(head, detection, SIZE, SIZE, dense=replace(dense, sigma_px=4 * dense.sigma_px))
    assert 0 <= doubtful.confidence["face"] < face.confidence <= 1


def test_without_a_network_the_detector_s_points_give_a_confidence_too(head):
    _, detection, _ = both(head, 8)
    fit = fit_landmarks(head, detection, SIZE, SIZE)
    assert set(fit.confidence) == {"face", *REGIONS} - {"ears"}


@pytest.mark.slow
def test_a_hand_that_the_network_sees_is_not_painted_on_the_head(head, astronaut):
    from facegpt.appearance.texture import texture_from_photo
    from facegpt.detect.mediapipe import MediaPipeDetector

    detection = MediaPipeDetector().detect(astronaut)[0]
    params = fit_landmarks(head, detection, *astronaut.shape[1::-1]).params
    dense = dense_of(head, params)
    x, y = (detection.points[425, :2] + 0.5) * 32 / astronaut.shape[1]  # a cheek, in cells
    parts = dense.parts.copy()
    parts[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2] = np.eye(7)[OCCLUDER]
    open_face = texture_from_photo(astronaut, head, params, 256, dense)
    covered = texture_from_photo(astronaut, head, params, 256, replace(dense, parts=parts))
    lost = (open_face.confidence > 0.9) & (covered.confidence < 0.6)
    assert lost.sum() > 0.01 * (open_face.confidence > 0.9).sum()


def at(detection: Detection, shift, yaw_deg: float = 0.0) -> Detection:
    """The detection with its points elsewhere in the photo, of a face turned so."""
    points = detection.points.astype(float)
    points[:, :2] += shift
    return replace(detection, points=points, rotation=rotation_from_euler_deg(yaw_deg, 0, 0))


def test_network_and_detector_are_weighed_alike_wherever_in_the_photo_the_face_is(head):
    _, detection, dense = both(head, 3)
    face, settings = densely_embedded(head), DenseSettings()
    middle = np.array([(SIZE - 1) / 2] * 2)
    shift = np.array([1500.0, -200.0])
    moved = replace(dense, points_px=dense.points_px.astype(float) + shift)
    home = replace(dense, points_px=dense.points_px.astype(float))
    here = dense_target(home, at(detection, 0.0), face, middle, settings)
    there = dense_target(moved, at(detection, shift), face, middle, settings)
    np.testing.assert_allclose(there.points_px - shift, here.points_px, atol=1e-6)


def test_in_profile_the_detector_s_points_say_nothing_beside_the_network_s(head):
    _, detection, dense = both(head, 3)
    face, settings, middle = densely_embedded(head), DenseSettings(), np.array([(SIZE - 1) / 2] * 2)
    moved = {}
    for yaw_deg in (0, 30, -50, 75, -90):
        found, elsewhere = (
            dense_target(dense, at(detection, shift, yaw_deg), face, middle, settings) for shift in (0.0, 5.0)
        )
        moved[yaw_deg] = np.abs(found.points_px - elsewhere.points_px).max()
    assert moved[0] > 1, "pixels, of the five by which the detector was moved"
    assert moved[30] == moved[0]
    assert moved[-50] == pytest.approx(0.5 * moved[0])
    assert moved[75] == moved[-90] == 0


def test_only_units_that_move_much_of_the_face_wait_for_the_network(head):
    """At rest a jaw may move by its own SD, a brow by the other; a jaw that is seen open is less sure of how far."""
    prior = densely_embedded(head).prior
    weights = np.zeros(52)
    weights[ARKIT_NAMES.index("jawOpen")] = 0.5
    dense = DensePoints(
        np.zeros((1, 2)), np.ones(1), np.ones(1), np.zeros(0), np.ones(0), weights, np.zeros((4, 4, 7)), np.eye(2, 3)
    )
    settings = DenseSettings(expression_sd=0.15, large_sd=0.02, expression_gain=0.6)
    kept = {name: getattr(prior, name)[-52:] for name in ("mean", "sd", "pull", "lower", "upper")}
    sd = dense_prior(replace(prior, **kept), dense, settings).sd
    assert sd[ARKIT_NAMES.index("cheekPuff")] == pytest.approx(0.02)
    assert sd[ARKIT_NAMES.index("browInnerUp")] == pytest.approx(0.15)
    assert sd[ARKIT_NAMES.index("jawOpen")] == pytest.approx(np.hypot(0.02, 0.3))
