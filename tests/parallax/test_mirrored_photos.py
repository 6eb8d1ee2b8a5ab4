"""A photo that a mirror has turned round is found among others by its skin, which a random pattern stands for."""

from __future__ import annotations

import numpy as np
from made_up_views import SIDE, drawn, params_of, person
from scipy.ndimage import gaussian_filter

from facegpt.parallax.comparison import MIRRORED
from facegpt.parallax.mirrored import mirrored_rows, odd_rows
from facegpt.parallax.person import PhotoOfPerson, compared
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


def blurred(photo):
    """A photo too blurred to be matched place by place."""
    image, params = photo
    return gaussian_filter(image, (2.5, 2.5, 0)), params


def test_a_mirrored_photo_is_found_where_blur_leaves_nothing_to_match_and_nobody_turns(head):
    photos = [blurred(one) for one in (*photos_of(head, [0.0, 3.0, -2.0]), as_in_a_mirror(head, 2.0))]
    assert mirrored_rows(head, photos) == (3,)
    count = head.sizes.identity
    found, each = compared(head, [PhotoOfPerson(*one) for one in photos], np.zeros(count), np.eye(count))
    assert found is None and [one.reason == MIRRORED for one in each] == [False, False, False, True]


def test_blurred_photos_of_any_turn_are_not_taken_for_mirrored(head):
    assert mirrored_rows(head, [blurred(one) for one in photos_of(head, [0.0, 24.0, -20.0, 4.0])]) == ()


def more_alike(sides: list[int], strength: float = 0.1) -> np.ndarray:
    """What comparisons of photos of these sides give without errors."""
    more = strength * np.outer(sides, sides).astype(float)
    np.fill_diagonal(more, np.nan)
    return more


def test_the_fewer_ones_are_mirrored_and_of_as_many_the_first_is_true():
    assert odd_rows(more_alike([1, 1, 1, 1])) == ()
    assert odd_rows(more_alike([1, 1, -1, 1])) == (2,)
    assert odd_rows(more_alike([1, -1, -1, -1])) == (0,)
    assert odd_rows(more_alike([-1, 1])) == (1,)
    assert odd_rows(more_alike([1, -1, -1, 1])) == (1, 2)


def test_a_photo_that_nobody_can_compare_makes_no_other_one_mirrored():
    more = more_alike([-1, 1, 1, 1])
    more[2] = more[:, 2] = [0.02, 0.01, np.nan, -0.002]
    assert odd_rows(more) == (0,)


def test_doubtful_comparisons_name_nobody():
    assert odd_rows(more_alike([1, 1, -1], 0.004)) == ()
    noise = np.random.default_rng(0).normal(0, 0.01, (6, 6))
    assert odd_rows(more_alike([1] * 6) + noise + noise.T) == ()
    assert odd_rows(np.full((3, 3), np.nan)) == ()


def test_a_sentence_names_the_mirrored_photo():
    assert reversals([]) == []
    assert reversals(["b.jpg"])[0].startswith("b.jpg is mirrored")
