"""Hair lies over ears that a photo doesn't show, outside of them, and leaves alone those that it shows."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.glasses.skin import NearSkin
from facegpt.hair.bare_view import packed
from facegpt.hair.body import body_of
from facegpt.hair.lines.guides import pushed_out
from facegpt.hair.lines.over_ears import covered, over_ears
from facegpt.morphable.makehuman.head import load
from facegpt.types import SeenBare

HEAD = load()
BODY = body_of(HEAD, np.zeros(HEAD.sizes.identity, np.float32))
SIZE = 240


def seen(*bare: tuple[float, float], turn_deg: float = 0.0) -> SeenBare:
    """A photo from 1 m, whose camera stands to the head's left by an angle; skin from one x to another is bare, mm."""
    skin = np.zeros((2, SIZE, SIZE), bool)
    for low, high in bare:
        skin[0, :, int(120 + low) : int(120 + high)] = True
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    turned = np.array([[c, 0, -s, 0], [0, 1, 0, 0], [s, 0, c, 0]])
    ahead = np.array([0, 0, 0, 1000.0]) - turned[2]
    matrix = np.stack([1000 * turned[0], -1000 * turned[1], 0 * ahead]) + np.outer([120, 120, 1], ahead)
    return SeenBare(packed(*skin), (SIZE, SIZE), tuple(matrix.ravel().tolist()))


def curtain(away: float = 98.0) -> tuple[np.ndarray, np.ndarray]:
    """Locks (N, K, 3) that hang straight down at both sides of the head, and their layers (N,)."""
    rng = np.random.default_rng(3)
    count = 300
    y = np.linspace(90, -150, 18)
    x = np.repeat([-1.0, 1.0], count) * (away + 6 * rng.random(2 * count))
    z = rng.uniform(-45, 18, 2 * count)
    at = np.broadcast_arrays(x[:, None], y[None], z[:, None])
    return np.stack(at, -1).astype(np.float32), rng.random(2 * count)


def hidden_from_front(lines: np.ndarray, side: float) -> float:
    """The share of an ear's skin with hair before it, as it is seen from straight ahead."""
    skin = HEAD.mean_vertices[np.unique(BODY.triangles)]
    near = (side * skin[:, 0] > 74) & (np.abs(skin[:, 1] + 4) < 26) & (skin[:, 2] > -36)
    fine = np.concatenate([lines[:, :-1] + t * np.diff(lines, axis=1) for t in np.linspace(0, 1, 8)]).reshape(-1, 3)
    return float(np.mean([((np.abs(fine - p)[:, :2] < 3).all(1) & (fine[:, 2] > p[2])).any() for p in skin[near]]))


@pytest.mark.parametrize("turn_deg", [0.0, 25.0, -25.0])
def test_hair_lies_over_ears_that_are_not_seen_and_outside_of_them(turn_deg: float) -> None:
    lines, layer = curtain()
    over = over_ears(lines, BODY, seen((-40, 40), turn_deg=turn_deg), layer)
    clear = pushed_out(over, BODY.distance, 1.0)
    for side in (-1.0, 1.0):
        assert hidden_from_front(lines, side) < 0.2
        assert hidden_from_front(clear, side) > 0.5
    near = clear[(np.abs(clear[..., 1] + 4) < 34) & (np.abs(clear[..., 2] + 14) < 24)]
    assert np.quantile(NearSkin(HEAD, HEAD.mean_vertices).distance(near), 0.01) > -0.5  # mm, of a grid of 5 mm
    np.testing.assert_array_equal(over[:, 0], lines[:, 0])
    low = over[:, lines[0, :, 1] < -80]
    np.testing.assert_allclose(low, lines[:, lines[0, :, 1] < -80], atol=0.5)


def test_ears_that_a_photo_shows_stay_free() -> None:
    lines, layer = curtain()
    np.testing.assert_array_equal(covered(BODY.ears, seen((-95, 95))), [False, False])
    np.testing.assert_array_equal(over_ears(lines, BODY, seen((-95, 95)), layer), lines)
    np.testing.assert_array_equal(over_ears(lines, BODY, None, layer), lines)
    np.testing.assert_array_equal(covered(BODY.ears, seen((-65, 95))), [False, True])  # the left one is bare


def test_an_ear_that_the_face_hides_goes_as_the_other_does() -> None:
    here = seen((-110, 110), turn_deg=35.0)  # the right ear lies behind the face
    np.testing.assert_array_equal(covered(BODY.ears, here), [False, False])
    left_covered = seen((-110, 25), turn_deg=35.0)
    np.testing.assert_array_equal(covered(BODY.ears, left_covered), [True, True])


def test_the_mirror_image_of_a_body_has_the_mirror_image_of_its_ears() -> None:
    other = body_of(HEAD, np.zeros(HEAD.sizes.identity, np.float32), mirrored=True)
    np.testing.assert_allclose(other.ears, BODY.ears, atol=0.5)  # the mean head is even
    assert (BODY.ears[0, :, 0] > 0).all() and (BODY.ears[1, :, 0] < 0).all()
