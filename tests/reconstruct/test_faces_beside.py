"""What networks are shown of one of several faces of a photo: nothing of those beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import facegpt
from facegpt.data.images import Photo
from facegpt.reconstruct.photo import faces_seen
from facegpt.reconstruct.seen_face import SeenFace


@pytest.fixture(scope="module")
def alone(astronaut) -> SeenFace:
    """A head that is seen in a photo of its own (240 × 240 px)."""
    return next(iter(faces_seen(facegpt.load(), Photo(np.ascontiguousarray(astronaut[10:250, 105:345])))))


@pytest.mark.parametrize("axis", [1, 0])
def test_what_is_seen_of_a_head_is_the_same_whatever_stands_beside_it(alone, axis):
    size = alone.photo.pixels.shape[0]
    middle = (alone.detection.box[:2] + alone.detection.box[2:])[1 - axis] / 2
    away = np.zeros(3)
    away[1 - axis] = 2 * (size - middle)  # the middle between both faces is where the first picture ends
    other = replace(alone.detection, points=alone.detection.points + away)
    noise = np.random.default_rng(2).integers(0, 256, alone.photo.pixels.shape, dtype=np.uint8)
    for beside in (alone.photo.pixels, noise):
        picture = Photo(np.concatenate([alone.photo.pixels, beside], axis))
        seen = replace(alone, photo=picture, others=(other,)).parts
        assert np.abs(seen.probabilities - alone.parts.probabilities).max() < 0.01
        assert np.array_equal(seen.seen, alone.parts.seen)
