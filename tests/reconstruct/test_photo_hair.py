"""Hair on reconstructed heads: asked for, found, or left off; the face is the same."""

from __future__ import annotations

import numpy as np
import pytest
from stand_in import picture, stand_in_model

import facegpt
from facegpt.assets import FOLDER
from facegpt.data.images import read_image
from facegpt.reconstruct.photo import faces_seen
from facegpt.types import FaceGPTError, SkinSeen

PHOTO = FOLDER / "astronaut.png"


def test_hair_never_changes_the_face_and_can_be_left_off():
    model = facegpt.load()
    found, bald, asked = (model.reconstruct(PHOTO, "fast", hair=hair)[0] for hair in ("auto", "none", "bob"))
    assert found.params.hair is not None and found.params.worn is not None
    assert bald.params.hair is None
    assert bald.skin_seen == SkinSeen(0.0, 0.0, None)  # fast paints nothing from the photo, whatever grows on the head
    assert asked.params.hair is not None and asked.params.hair.style == "bob"
    for face in (found, asked):
        assert np.array_equal(face.vertices(), bald.vertices())


def test_a_style_that_is_not_there_is_refused_before_the_work():
    with pytest.raises(FaceGPTError, match="helmet"):
        facegpt.load().reconstruct(PHOTO, "fast", hair="helmet")


def test_each_face_of_a_photo_knows_of_the_others():
    photo = read_image(picture((20, 60, 100, 150), (110, 60, 190, 150), (210, 60, 300, 170)))
    seen = list(faces_seen(stand_in_model(), photo))
    assert [len(one.others) for one in seen] == [2, 2, 2]
    for one in seen:
        assert all(other is not one.detection for other in one.others)
