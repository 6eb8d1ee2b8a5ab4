"""A photo seen in a mirror gives the head seen in a mirror, in the quality that looks least as well."""

from __future__ import annotations

import numpy as np
import pytest

import facegpt
from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.morphable.base import head_vertices

SWAPPED = [ARKIT_NAMES.index(mirror_arkit_name(name)) for name in ARKIT_NAMES]


def neutral(face) -> np.ndarray:
    params = face.params
    at_rest = params.replace(expression=np.zeros_like(params.expression), joints=np.zeros_like(params.joints))
    return head_vertices(face.model, at_rest)


@pytest.mark.parametrize("turned", [0, 40], ids=["as it is", "off the middle"])
def test_the_mirror_image_of_a_photo_gives_the_mirrored_head(astronaut, head, turned):
    photo = np.ascontiguousarray(astronaut[:, turned:])
    mirrored_photo = np.ascontiguousarray(photo[:, ::-1])
    (face,), (other,) = (facegpt.load().reconstruct(image, quality="fast") for image in (photo, mirrored_photo))
    weights, mirrored = face.params.expression, other.params.expression[SWAPPED]
    assert np.abs(weights - mirrored).max() < 0.1
    skin = np.unique(head.triangles[head.part == head.part_names.index("skin")])
    apart_mm = np.linalg.norm(neutral(face) - neutral(other)[head.mirror] * (-1, 1, 1), axis=1)[skin]
    assert apart_mm.mean() < 0.2
