"""A photo that a mirror has turned round is found among others by its skin, which a random pattern stands for."""

from __future__ import annotations

import numpy as np
from made_up_views import SIDE, drawn, params_of, person

from facegpt.parallax.mirrored import mirrored_rows
from facegpt.reconstruct.photo_choice import reversals


def photos_of(head, yaws_deg: list[float]):
    """Photos of one person, and the heads that they were drawn from."""
    true = person(head, 3, 0.5)
    views = [params_of(head, true, yaw) for yaw in yaws_deg]
    return [(drawn(head, one), one) for one in views]


def as_in_a_mirror(head, yaw_deg: float):
    """The photo of that turn flipped, with the head that a fit would see: turned the other way."""
    ((image, _),) = photos_of(head, [yaw_deg])
    return np.ascontiguousarray(image[:, ::-1]), params_of(head, person(head, 3, 0.5), -yaw_deg)


def test_true_photos_are_not_taken_for_mirrored(head):
    assert mirrored_rows(head, photos_of(head, [0.0, 20.0, -20.0])) == ()


def test_a_mirrored_photo_among_others_is_found(head):
    photos = [*photos_of(head, [0.0, 20.0]), as_in_a_mirror(head, 20.0)]
    assert photos[-1][0].shape == (SIDE, SIDE, 3)
    assert mirrored_rows(head, photos) == (2,)


def test_a_mirrored_photo_that_the_others_are_compared_with_is_found(head):
    assert mirrored_rows(head, [as_in_a_mirror(head, 0.0), *photos_of(head, [20.0, -20.0])]) == (0,)


def test_a_sentence_names_the_mirrored_photo():
    assert reversals([]) == []
    assert reversals(["b.jpg"])[0].startswith("b.jpg is mirrored")
