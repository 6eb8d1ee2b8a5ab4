"""Heads that the language model sees: the way from a photo to faces, with a model that repeats the encoder's look."""

import numpy as np
import pytest
import torch

import facegpt
from facegpt.api import FaceGPT
from facegpt.assets import asset_path
from facegpt.data.images import read_image
from facegpt.encode.photo_view import CropGeometry, PhotoView
from facegpt.language.model.photo_theta import NUMBERS, theta_of
from facegpt.metrics import landmark_nme_percent
from facegpt.types import FaceGPTError

PHOTO = asset_path("astronaut.png")


class FirstLook:
    """A language model that has nothing to add to what the encoder saw."""

    def __init__(self, head):
        self.geometry = CropGeometry(head)

    def see(self, views):
        view = PhotoView.joined(list(views))
        return theta_of(torch.zeros(len(view), NUMBERS), view, self.geometry.place(view)), None


@pytest.fixture(scope="module")
def model():
    plain = facegpt.load()
    return FaceGPT(plain.head, make_landmarker=plain.make_landmarker, make_language=lambda: FirstLook(plain.head))


def test_a_seen_head_lies_where_the_detector_has_the_face(model):
    faces = model.see(PHOTO)
    assert len(faces) == 1
    picture = np.asarray(read_image(PHOTO).pixels)
    detection = model.detector.detect(picture)[0]
    nme = landmark_nme_percent(faces[0].landmarks("mediapipe478")[:468], detection.points[:468, :2])
    assert nme < 4  # of the box's size; the network's points and the detector's differ by habit
    assert faces[0].blendshapes["mouthSmileLeft"] > 0.3  # she smiles


def test_a_picture_without_a_face_gives_no_heads_and_asks_for_no_language_model(model):
    blind = FaceGPT(model.head, make_landmarker=model.make_landmarker, make_language=lambda: pytest.fail("asked"))
    assert blind.see(np.full((64, 64, 3), 127, np.uint8)) == []


def test_a_head_that_the_network_was_not_trained_for_is_refused(model):
    with pytest.raises(FaceGPTError, match="default head"):
        FaceGPT(model.head, make_language=lambda: FirstLook(model.head)).see(PHOTO)
