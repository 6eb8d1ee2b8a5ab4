"""Confidence: what is said of a fit grows with what is not known, and the spread is that of heads drawn by hand."""

import numpy as np
import pytest

from facegpt.fitting.confidence import signs
from facegpt.fitting.gauss_newton import POSE
from facegpt.fitting.linear_points import LinearPoints
from facegpt.fitting.point_spread import expression_mm, identity_spread_mm
from facegpt.fitting.scale import identity_covariance
from facegpt.metrics import similarity_transform

IDENTITY, EXPRESSION, POINTS = 4, 3, 468


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(0)
    return LinearPoints(rng.normal(0, 50, (POINTS, 3)), rng.normal(0, 1, (POINTS, 3, IDENTITY + EXPRESSION)), IDENTITY)


def hessian(scale: float = 1.0):
    rng = np.random.default_rng(1)
    root = rng.normal(0, 1, (POSE + IDENTITY + EXPRESSION,) * 2)
    return scale * (root @ root.T + 20 * np.eye(len(root)))


def covariance_of(scale: float = 1.0):
    return identity_covariance(np.linalg.inv(hessian(scale)), IDENTITY)


def test_the_spread_is_that_of_heads_drawn_from_the_posterior_and_laid_on_the_found_one(points):
    told = identity_spread_mm(points, covariance_of(), np.arange(POINTS))
    covariance = np.linalg.inv(hessian())[POSE : POSE + IDENTITY, POSE : POSE + IDENTITY]
    drawn = np.random.default_rng(2).multivariate_normal(np.zeros(IDENTITY), covariance, 1500)
    off = []
    for identity in drawn:
        head = points.mean + points.basis[:, :, :IDENTITY] @ identity
        factor, rotation, shift = similarity_transform(head, points.mean)
        off.append(((factor * head @ rotation.T + shift - points.mean) ** 2).sum(1))
    assert np.allclose(told, np.sqrt(np.mean(off, 0)), rtol=0.15)


def test_a_move_of_the_whole_head_is_no_expression(points):
    turn = np.cross([0.02, -0.01, 0.03], points.mean - points.mean.mean(0)) + [1.0, -2.0, 3.0] + 0.01 * points.mean
    basis = points.basis.copy()
    basis[:, :, IDENTITY] = turn
    moved = expression_mm(LinearPoints(points.mean, basis, IDENTITY), np.eye(7)[IDENTITY], np.arange(POINTS))
    assert moved.max() < 1e-6


@pytest.mark.parametrize("worse", ["sigma_px", "residual_px", "visible", "covariance", "theta"])
def test_confidence_falls_with_whatever_tells_an_error(points, worse):
    plain = {
        "theta": np.zeros(7),
        "covariance": covariance_of(),
        "sigma_px": np.ones(POINTS),
        "residual_px": np.ones((POINTS, 2)),
        "visible": np.full(POINTS, 0.8),
    }
    changed = {
        "theta": np.array([0, 0, 0, 0, 5.0, 5.0, 5.0]),
        "covariance": covariance_of(0.02),
        "sigma_px": np.full(POINTS, 3.0),
        "residual_px": np.full((POINTS, 2), 3.0),
        "visible": np.full(POINTS, 0.3),
    }
    before = signs(points, **plain, px_per_mm=1.0)
    after = signs(points, **(plain | {worse: changed[worse]}), px_per_mm=1.0)
    for name, own in before.items():
        assert after[name].confidence < own.confidence
        assert 0 <= after[name].confidence <= 1
