"""Whose face it is: what the reader says of one picture, of its mirror image, and of other people's pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from facegpt.assets import FOLDER
from facegpt.data.images import read_image
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.encode.identity import IdentityReader, identity_reader, knows_identity
from facegpt.morphable.base import face_region
from facegpt_lab.evaluate.judges.known_shape import shapes_of
from facegpt_lab.evaluate.protocols.person import same_person
from facegpt_lab.evaluate.shared_networks import whole_look
from facegpt_lab.evaluate.studio_pictures import look_at
from facegpt_lab.synthesis.studio.sample import StudioSettings, photograph
from facegpt_lab.synthesis.studio.scene import draw_scene

SETTINGS = StudioSettings("photo", 320)


@pytest.fixture(scope="module")
def astronaut():
    image = read_image(FOLDER / "astronaut.png").pixels
    detection = MediaPipeDetector().detect(image)[0]
    return image, detection, DenseLandmarker().predict(image, detection)


def test_the_covariance_is_one_and_never_says_less_than_the_population():
    values = np.linalg.eigvalsh(identity_reader().covariance)
    assert values.min() > 0 and values.max() < 1 + 1e-6


def test_a_picture_adds_a_belief_and_leaves_the_points_alone(astronaut):
    image, detection, dense = astronaut
    told = identity_reader().read(image, detection, dense)
    assert told.belief.mean.shape == (60,) and told.belief.covariance.shape == (60, 60)
    assert told.identity is dense.identity and told.points_px is dense.points_px


def test_descriptor_is_that_of_the_mirrored_face_too(astronaut):
    image, detection, _ = astronaut
    mirrored_image = np.ascontiguousarray(image[:, ::-1])
    mirrored = MediaPipeDetector().detect(mirrored_image)[0]
    one, other = identity_reader().describe(image, detection), identity_reader().describe(mirrored_image, mirrored)
    assert np.linalg.norm(one - other) < 0.2 * np.linalg.norm(one)


def test_the_mean_is_linear_in_what_the_networks_say(astronaut):
    image, detection, dense = astronaut
    weights = np.zeros((60 + 128, 60))
    weights[:60] = 2 * np.eye(60)
    none = np.zeros(3)
    reader = IdentityReader(weights, np.full(60, 0.5), np.eye(60), none, none, identity_reader().recognition)
    assert np.allclose(reader.read(image, detection, dense).belief.mean, 2 * dense.identity + 0.5)


def doubt_of(belief) -> float:
    """Trace of the covariance: how much of the population's variance stays open."""
    return float(np.trace(belief.covariance))


def test_doubt_rises_on_small_and_on_covered_faces(astronaut):
    image, detection, dense = astronaut
    large = doubt_of(identity_reader().read(image, detection, dense).belief)
    small = np.asarray(Image.fromarray(image).resize((64, 64), Image.Resampling.BOX))
    covered = image.copy()
    low, high = detection.points[:468, :2].min(0).astype(int), detection.points[:468, :2].max(0).astype(int)
    covered[(low[1] + high[1]) // 2 : high[1] + 20, low[0] - 20 : high[0] + 20] = (30, 60, 110)
    for harder in (small, covered):
        found = MediaPipeDetector().detect(harder)[0]
        told = identity_reader().read(harder, found, DenseLandmarker().predict(harder, found)).belief
        assert doubt_of(told) > large + 0.3 and np.linalg.eigvalsh(told.covariance).max() < 1 + 1e-6


def test_a_picture_that_says_less_is_the_same_picture_with_more_noise():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(4, 4))
    said, prior = rows @ rows.T, np.eye(4)
    seen = rng.normal(size=4)  # a measurement of precision `said`: the belief is the product with N(0, 1)
    covariance = np.linalg.inv(prior + said)
    reader = IdentityReader(prior, seen, covariance, np.array([1.0, 0, 0]), np.zeros(3), identity_reader().recognition)
    half = reader.believed(covariance @ said @ seen, np.array([np.log(0.5), 0, 0]))
    noisier = np.linalg.inv(prior + said / 2)
    np.testing.assert_allclose(half.covariance, noisier, atol=1e-10)
    np.testing.assert_allclose(half.mean, noisier @ said @ seen / 2, atol=1e-10)


def test_another_network_s_identity_is_not_read(tmp_path):
    assert knows_identity(DenseLandmarker())
    assert not knows_identity(object())
    assert not knows_identity(DenseLandmarker(changes={}, path=FOLDER / "dense_landmarks.onnx"))


@pytest.mark.slow
def test_people_never_seen_are_nearer_to_what_is_read_than_to_the_mean_head(head):
    shares = []
    for person in range(5):
        known = draw_scene(960_000_000 + 100 * person, "photo", 320)
        scene = same_person(draw_scene(known.seed + 1, "photo", 320), known)
        photo = photograph(scene, SETTINGS)
        seen = look_at(photo)
        if seen.detection is not None:
            mean = whole_look(photo.image, seen.detection).belief.mean
            shares.append(shapes_of(head, photo.params, mean, face_region(head)).share())
    assert len(shares) >= 3 and np.mean(shares) > 0.15


def test_a_mirrored_photo_gives_the_mirrored_belief(astronaut):
    image, detection, dense = astronaut
    landmarker = DenseLandmarker()
    flipped = np.ascontiguousarray(image[:, ::-1])
    seen = MediaPipeDetector().detect(flipped)[0]
    signs = landmarker.mirror.identity
    one = identity_reader().read(image, detection, dense, signs).belief
    other = identity_reader().read(flipped, seen, landmarker.predict(flipped, seen), signs).belief
    assert np.abs(one.mean - signs * other.mean).max() < 0.2
    assert np.abs(one.mean - signs * other.mean).mean() < 0.05
    assert np.allclose(one.covariance * np.outer(signs, signs), other.covariance, atol=0.02)
