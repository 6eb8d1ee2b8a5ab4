"""The solver on made-up linear points, where every truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from facegpt.conventions import rotation_from_euler_deg
from facegpt.fitting.bounded_step import bounded_step
from facegpt.fitting.gauss_newton import (
    FitError,
    Prior,
    State,
    Target,
    jacobian,
    project,
    solve,
)
from facegpt.fitting.linear_points import LinearPoints
from facegpt.metrics import angle_between_deg

IDENTITY, UNITS, COUNT = 20, 15, 300
PRINCIPAL = np.array([319.5, 239.5])


def smooth_field(rng, points):
    """A smooth displacement of ~3 mm over the points, without any rigid part."""
    field = np.sin(points @ rng.normal(size=(3, 3)) * 0.03 + rng.uniform(0, 6, 3)) * rng.normal(size=3) * 3
    centred = points - points.mean(0)
    rigid = np.stack([*(np.tile(a, (len(points), 1)).ravel() for a in np.eye(3)),
                      *(np.cross(a, centred).ravel() for a in np.eye(3))], 1)  # fmt: skip
    flat = field.ravel()
    return (flat - rigid @ np.linalg.lstsq(rigid, flat, rcond=None)[0]).reshape(field.shape)


@pytest.fixture(scope="module")
def points() -> LinearPoints:
    rng = np.random.default_rng(5)
    angle, height = rng.uniform(-1.3, 1.3, COUNT), rng.uniform(-80, 80, COUNT)
    mean = np.stack([70 * np.sin(angle), height, 90 * np.cos(angle) + rng.normal(size=COUNT) * 5], 1)
    basis = np.stack([smooth_field(rng, mean) for _ in range(IDENTITY + UNITS)], -1)
    return LinearPoints(mean, basis, IDENTITY)


@pytest.fixture(scope="module")
def prior() -> Prior:
    total = IDENTITY + UNITS
    return Prior(
        mean=np.zeros(total),
        sd=np.r_[np.ones(IDENTITY), np.full(UNITS, 0.25)],
        pull=np.zeros(total),
        lower=np.r_[np.full(IDENTITY, -4.0), np.zeros(UNITS)],
        upper=np.r_[np.full(IDENTITY, 4.0), np.ones(UNITS)],
    )


def true_state(seed: int, yaw_deg: float, pixels_per_mm: float = 2.0, depth_mm: float = 800.0) -> State:
    rng = np.random.default_rng(seed)
    theta = np.r_[rng.normal(size=IDENTITY), np.clip(rng.normal(size=UNITS) * 0.25, 0, 1)]
    rotation = rotation_from_euler_deg(yaw_deg, rng.uniform(-15, 15), rng.uniform(-90, 90))
    return State(rotation, rng.uniform(-80, 80, 2), np.log(pixels_per_mm), np.log(depth_mm), theta)


def seen(points: LinearPoints, state: State, noise_mm: float = 0.05, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(COUNT, 2)) * noise_mm * np.exp(state.log_scale)
    return project(points, state, PRINCIPAL) + noise


def target(points_px: np.ndarray, sigma_mm: float = 0.05, **more) -> Target:
    return Target(points_px, np.full(COUNT, sigma_mm), PRINCIPAL, floor_px=0.01, **more)


def test_jacobian_equals_finite_differences(points):
    state, small = true_state(1, 35.0), 1e-5
    _, exact = jacobian(points, state)
    for k in range(exact.shape[2]):
        step = np.zeros(exact.shape[2])
        step[k] = small
        ahead, behind = (project(points, state.moved(s), PRINCIPAL) for s in (step, -step))
        assert np.abs((ahead - behind) / (2 * small) - exact[:, :, k]).max() < 1e-5 * max(
            1, np.abs(exact[:, :, k]).max()
        )


@pytest.mark.parametrize("yaw_deg", [0, -30, 60, -75])
def test_known_pose_and_shape_are_found_again_from_their_projection(points, prior, yaw_deg):
    truth = true_state(2, yaw_deg)
    found = solve(points, target(seen(points, truth), focal_px=truth.focal_px), prior).state
    assert angle_between_deg(found.rotation, truth.rotation) < 0.5
    assert found.log_scale == pytest.approx(truth.log_scale, abs=0.02)
    assert np.sqrt(((points(found.theta) - points(truth.theta)) ** 2).sum(1).mean()) < 1.0  # mm


def test_unknown_focal_length_is_found_from_strong_perspective(points, prior):
    truth = true_state(3, 25, pixels_per_mm=2.5, depth_mm=350)
    found = solve(points, target(seen(points, truth)), prior).state
    assert found.focal_px == pytest.approx(truth.focal_px, rel=0.1)


def test_a_stated_focal_length_is_kept(points, prior):
    truth = true_state(3, 25)
    found = solve(points, target(seen(points, truth), focal_px=truth.focal_px), prior).state
    assert found.focal_px == pytest.approx(truth.focal_px, rel=0.05)


def test_bounds_hold_when_the_truth_lies_outside(points, prior):
    truth = true_state(4, 10)
    outside = np.r_[np.full(IDENTITY, 7.0), np.full(UNITS // 2, -0.8), np.full(UNITS - UNITS // 2, 1.9)]
    beyond = replace(truth, theta=outside)
    theta = solve(points, target(seen(points, beyond), sigma_mm=1.0), prior).state.theta
    assert (theta >= prior.lower).all() and (theta <= prior.upper).all()


def test_a_tenth_of_the_points_being_far_off_hardly_moves_the_pose(points, prior):
    truth = true_state(6, -20)
    spoilt = seen(points, truth, noise_mm=1.0)
    wrong = np.random.default_rng(7).choice(COUNT, COUNT // 10, replace=False)
    spoilt[wrong] += (60, -40)  # pixels: 36 mm
    clean = solve(points, target(seen(points, truth, noise_mm=1.0), sigma_mm=1.0), prior).state
    found = solve(points, target(spoilt, sigma_mm=1.0), prior).state
    assert angle_between_deg(found.rotation, clean.rotation) < 1.0


def test_a_face_of_forty_pixels_is_fitted(points, prior):
    truth = true_state(8, 15, pixels_per_mm=40 / 160)
    found = solve(points, target(seen(points, truth, noise_mm=1.0), sigma_mm=1.0), prior).state
    assert angle_between_deg(found.rotation, truth.rotation) < 3


def test_an_iris_that_says_the_head_is_larger_makes_it_larger(points, prior):
    truth = true_state(9, 0)
    free = solve(points, target(seen(points, truth)), prior).state
    told = solve(
        points, target(seen(points, truth), scale_px_per_mm=0.95 * np.exp(free.log_scale), scale_log_sd=1e-4), prior
    )
    assert told.state.log_scale == pytest.approx(free.log_scale + np.log(0.95), abs=1e-3)


@pytest.mark.parametrize("bad", ["one place", "a line", "not numbers"])
def test_degenerate_landmarks_are_refused_with_a_sentence(points, prior, bad):
    pixels = {
        "one place": np.full((COUNT, 2), 50.0),
        "a line": np.stack([np.linspace(0, 100, COUNT), np.linspace(0, 50, COUNT)], 1),
        "not numbers": np.full((COUNT, 2), np.nan),
    }[bad]
    with pytest.raises(FitError, match="detect the face again"):
        solve(points, target(pixels), prior)


def test_bounded_step_agrees_with_exhaustive_search():
    from scipy.optimize import lsq_linear

    rng = np.random.default_rng(10)
    for _ in range(20):
        rows, wanted = rng.normal(size=(30, 8)), rng.normal(size=30) * 3
        lower, upper = -rng.uniform(0, 0.5, 8), rng.uniform(0, 0.5, 8)
        step = bounded_step(rows.T @ rows, -rows.T @ wanted, lower, upper)
        best = lsq_linear(rows, wanted, (lower - 1e-12, upper + 1e-12), tol=1e-12).x
        assert np.abs(step - best).max() < 1e-5


def test_a_whole_covariance_of_the_identity_is_the_prior(points, prior):
    """With next to no evidence the answer is the prior's; what is known of one direction says what goes with it."""
    rng = np.random.default_rng(3)
    root = rng.normal(size=(IDENTITY, IDENTITY)) / 4
    covariance = root @ root.T + 0.1 * np.eye(IDENTITY)
    mean = np.r_[0.3 * rng.normal(size=IDENTITY), np.zeros(UNITS)]
    told = replace(prior, mean=mean, identity_precision=np.linalg.inv(covariance))
    assert np.allclose(np.linalg.inv(told.precision)[:IDENTITY, :IDENTITY], covariance)
    state = true_state(4, 10.0)
    unheard = solve(points, Target(seen(points, state), np.full(COUNT, 1.0), PRINCIPAL, evidence=1e-9), told)
    assert np.allclose(unheard.state.theta[:IDENTITY], mean[:IDENTITY], atol=1e-3)
    plain = replace(prior, identity_precision=np.diag(1 / prior.sd[:IDENTITY] ** 2))
    target = Target(seen(points, state), np.full(COUNT, 1.0), PRINCIPAL)
    one, other = (solve(points, target, each).state.theta for each in (prior, plain))
    assert np.allclose(one, other, atol=1e-9)


def test_a_whole_covariance_of_the_expression_stands_beside_that_of_the_identity(prior):
    rng = np.random.default_rng(4)
    root = rng.normal(size=(UNITS, UNITS)) / 4
    covariance = root @ root.T + 0.1 * np.eye(UNITS)
    told = replace(prior, expression_precision=np.linalg.inv(covariance))
    assert np.allclose(np.linalg.inv(told.precision)[IDENTITY:, IDENTITY:], covariance)
    assert np.array_equal(told.precision[:IDENTITY], prior.precision[:IDENTITY])
