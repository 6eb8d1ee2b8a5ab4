"""How old a face looks, its beard, and what a belief about the identity makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.assets import FOLDER
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.data.images import read_image
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.encode.identity import identity_reader
from facegpt.encode.looks import DARKEST, LIGHTEST, READING_SD, Looks, LooksReader, looks_reader
from facegpt.morphable.makehuman.attributes import MIDDLE_YEARS, YEARS_PER_SD
from facegpt.types import IdentityBelief


def test_reading_is_the_exponential_of_a_linear_form_within_bounds():
    weights = np.array([[0.1, 0.0], [0.0, 0.1], [0.0, 1.0]])
    reader = LooksReader(weights, np.array([np.log(30.0), 0.0, 50.0]), np.array([1.0, 0.0]))
    assert tuple(vars(reader.read(np.array([1.0, 9.0]))).values()) == pytest.approx((30 * np.exp(0.1), 0.9, 59.0))
    assert reader.read(np.array([-50.0, -30.0])) == Looks(18, 0, DARKEST)
    assert reader.read(np.array([99.0, 99.0])) == Looks(88, 1, LIGHTEST)


def test_belief_is_conditioned_on_the_age_as_by_bayes_rule():
    """Beside the same Gaussian with one more row of evidence, solved by information form."""
    rng = np.random.default_rng(3)
    root = rng.normal(0, 0.5, (4, 4))
    covariance, mean, axis = root @ root.T + 0.1 * np.eye(4), rng.normal(0, 1, 4), np.array([0.6, 0.8, 0.0, 0.0])
    told = LooksReader(np.zeros((2, 1)), np.zeros(2), axis).believed(
        IdentityBelief(mean, covariance), Looks(60.0, 0.2, 55.0)
    )
    precision = np.linalg.inv(covariance) + np.outer(axis, axis) / READING_SD**2
    wanted = (60 - MIDDLE_YEARS) / YEARS_PER_SD
    truth = np.linalg.solve(precision, np.linalg.solve(covariance, mean) + axis * wanted / READING_SD**2)
    assert np.allclose(told.mean, truth) and np.allclose(told.covariance, np.linalg.inv(precision))
    assert (told.age_years, told.beard, told.skin_lightness) == (60, 0.2, 55)


def test_axis_is_the_heads(head):
    assert np.allclose(looks_reader().axis, head.axes.age, atol=1e-6)


def test_a_woman_of_41_looks_it(head):
    """Eileen Collins (born 1956) in NASA's portrait of 1999 or before."""
    image = read_image(FOLDER / "astronaut.png").pixels
    detection = MediaPipeDetector().detect(image)[0]
    belief = identity_reader().read(image, detection, DenseLandmarker().predict(image, detection)).belief
    assert 30 < belief.age_years < 50 and belief.beard < 0.15
    assert abs(head.axes.age_years(belief.mean) - belief.age_years) < 8


def test_a_skin_is_as_light_in_half_the_light_and_without_colour(head):
    """What the descriptor tells is the person's, where the pixels of the photo would say another skin."""
    image = read_image(FOLDER / "astronaut.png").pixels
    detection = MediaPipeDetector().detect(image)[0]
    linear, reader = srgb_to_linear(image / 255.0), identity_reader()
    darker = np.round(255 * linear_to_srgb(0.4 * linear)).astype(np.uint8)
    grey = np.repeat(np.round(image @ [0.299, 0.587, 0.114])[..., None], 3, -1).astype(np.uint8)
    told = [looks_reader().read(reader.describe(each, detection)).skin_lightness for each in (image, darker, grey)]
    assert 57 < told[0] < LIGHTEST and np.ptp(told) < 5
