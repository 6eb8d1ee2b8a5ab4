"""Hair on reconstructed heads: asked for, found, or left off; the face is the same."""

from __future__ import annotations

import numpy as np
import pytest

import facegpt
from facegpt.assets import FOLDER
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
