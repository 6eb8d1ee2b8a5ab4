"""Every promise of encode/base.py, run for each registered encoder on the bundled photo and its mirror image."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.detect.geometry import canonical_face
from facegpt.encode.base import Landmarker
from facegpt.runtime import registry
from facegpt.types import DensePoints, Detection


@pytest.fixture(scope="module", params=registry.parts("encode"), ids=lambda part: part.name)
def encoder(request) -> Landmarker:
    return request.param.make()


@pytest.fixture(scope="module")
def face(astronaut) -> Detection:
    (found,) = registry.load("detect").detect(astronaut)
    return found


@pytest.fixture(scope="module")
def seen(encoder, astronaut, face) -> DensePoints:
    return encoder.predict(astronaut, face)


def test_is_an_encoder(encoder):
    assert isinstance(encoder, Landmarker)


def test_what_it_says_has_the_shapes_and_ranges_that_types_names(seen, head):
    points = len(head.embedding("dense").corners)
    assert seen.points_px.shape == (points, 2) and seen.sigma_px.shape == seen.visible.shape == (points,)
    assert seen.identity.shape == seen.identity_sd.shape == (head.sizes.identity,)
    assert seen.expression.shape == (len(ARKIT_NAMES),)
    assert seen.parts.ndim == 3 and seen.parts.shape[2] == 7 and seen.crop.shape == (2, 3)
    assert (seen.sigma_px > 0).all() and (seen.identity_sd > 0).all()
    for share in (seen.visible, seen.expression, seen.parts):
        assert share.min() >= 0 and share.max() <= 1
    np.testing.assert_allclose(seen.parts.sum(2), 1, atol=1e-4)
    assert all(np.isfinite(values).all() for values in (seen.points_px, seen.sigma_px, seen.identity))


def test_its_points_lie_where_the_detector_sees_them_within_the_spread_it_claims(seen, face):
    off = np.linalg.norm(seen.points_px[:468] - face.points[:468, :2], axis=1)
    width = np.ptp(face.points[:468, 0])
    assert np.median(np.maximum(off - 3 * seen.sigma_px[:468], 0)) < 0.02 * width  # px


def test_the_map_to_the_crop_holds_the_face(seen, face):
    inside = face.points[:468, :2] @ seen.crop[:, :2].T + seen.crop[:, 2]
    assert ((inside > -0.5) & (inside < seen.crop_px - 0.5)).all(1).mean() > 0.95


def test_a_mirrored_photo_shows_the_mirrored_face(encoder, astronaut, face, seen):
    mirrored = face.points[canonical_face().mirror] * (-1, 1, 1) + (astronaut.shape[1] - 1, 0, 0)
    photo = np.ascontiguousarray(astronaut[:, ::-1])
    other = encoder.predict(photo, Detection(mirrored, face.scores, face.confidence, face.rotation))
    turned = other.points_px[:468] * (-1, 1) + (astronaut.shape[1] - 1, 0)
    gap = np.linalg.norm(turned[canonical_face().mirror[:468]] - seen.points_px[:468], axis=1)
    assert np.median(gap) < np.maximum(0.01 * np.ptp(face.points[:468, 0]), np.median(seen.sigma_px))  # px


def test_it_is_the_same_from_call_to_call_and_leaves_the_photo_alone(encoder, astronaut, face, seen):
    before = astronaut.copy()
    again = encoder.predict(astronaut, face)
    np.testing.assert_array_equal(again.points_px, seen.points_px)
    np.testing.assert_array_equal(astronaut, before)
