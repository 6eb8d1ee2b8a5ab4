"""The parts around a face: the map's frame, what lies outside a photo, and what a photo plainly shows."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from facegpt.assets import FOLDER
from facegpt.data.images import read_image
from facegpt.detect.mediapipe import MediaPipeDetector
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.encode.parts import BACKGROUND, BEARD, HAIR, MAP_PX, PARTS, SKIN, parts
from facegpt.types import IdentityBelief


@pytest.fixture(scope="module")
def astronaut():
    image = read_image(FOLDER / "astronaut.png").pixels
    return image, MediaPipeDetector().detect(image)[0].points


def test_probabilities_sum_to_one_and_pixels_come_back(astronaut):
    image, points = astronaut
    found = parts(image, points)
    assert found.probabilities.shape == (MAP_PX, MAP_PX, len(PARTS))
    assert np.allclose(found.probabilities.sum(-1), 1, atol=1e-4)
    places = np.array([[10.0, 20.0], [100.5, 60.25]])
    on_map = places @ found.to_map[:, :2].T + found.to_map[:, 2]
    assert np.allclose(found.to_photo(on_map), places, atol=1e-6)


def test_skin_is_between_the_eyes_and_hair_above_the_forehead(astronaut):
    image, points = astronaut
    found = parts(image, points)
    between = (points[33, :2] + points[263, :2]) / 2
    up = points[10, :2] - points[152, :2]
    assert (found.at(points[[1, 50, 280], :2]).argmax(-1) == SKIN).all()
    assert found.at((between + 0.75 * up)[None])[0, HAIR] > 0.5


def test_a_mirrored_photo_gives_the_mirrored_map(astronaut):
    image, points = astronaut
    width = image.shape[1]
    flipped = points.copy()
    flipped[:, 0] = width - 1 - points[:, 0]
    order = np.arange(478)
    order[[33, 263]] = [263, 33]
    one, other = parts(image, points), parts(np.ascontiguousarray(image[:, ::-1]), flipped[order])
    agree = (one.probabilities.argmax(-1) == other.probabilities[:, ::-1].argmax(-1)).mean()
    assert agree > 0.85


def test_outside_the_photo_there_is_background(astronaut):
    image, points = astronaut
    found = parts(image[:, : int(points[1, 0])], points)
    assert not found.seen.all()
    assert (found.probabilities[~found.seen][:, BACKGROUND] == 1).all()


def test_hair_about_the_jaw_is_beard_of_a_face_that_wears_one_and_hair_of_any_other(astronaut):
    image, points = astronaut
    detection = MediaPipeDetector().detect(image)[0]
    dense = DenseLandmarker().predict(image, detection)
    belief = IdentityBelief(np.zeros(1), np.eye(1), beard=0.0)
    bare, bearded = (
        parts(image, points, replace(dense, belief=replace(belief, beard=beard))).probabilities for beard in (0.0, 0.6)
    )
    grown = bearded[..., BEARD] - bare[..., BEARD]
    rows = np.flatnonzero((grown > 0.5).any(1))
    nose = detection.points[4, :2] @ parts(image, points).to_map[:, :2].T + parts(image, points).to_map[:, 2]
    assert len(rows) and rows.min() >= nose[1] - 1
    assert np.allclose(bearded[..., [HAIR, BEARD]].sum(-1), bare[..., [HAIR, BEARD]].sum(-1), atol=1e-5)
    assert (bearded[..., HAIR] > 0.5).sum() > 0.5 * (bare[..., HAIR] > 0.5).sum()


def test_a_face_that_was_taken_for_hair_is_kept_as_such(astronaut, monkeypatch):
    assert not parts(*astronaut).false_hair
    module = sys.modules[parts.__module__]
    monkeypatch.setattr(module, "looks_covered", lambda *_: True)
    monkeypatch.setattr(module, "false_hair", lambda belief, *_: belief > 0.5)
    found = parts(*astronaut)
    assert found.false_hair and found.probabilities[..., HAIR].max() <= 0.5
