"""Locks as a photo shows them: packed and read again, seen by the photo's camera, drawn, and written to files."""

import numpy as np
import pytest

from facegpt.conventions import linear_of_bytes
from facegpt.errors import FaceGPTError
from facegpt.hair.grow import grown
from facegpt.hair.locks import OCTAVES, locks_from_json, packed, tint_of, unpacked
from facegpt.hair.photo_view import view_to_json
from facegpt.hair.presets import PRESETS
from facegpt.morphable.makehuman import head as makehuman
from facegpt.types import Hair, SeenLocks

#: A camera 800 mm before the head, x right and y down, 100 × 80 pixels.
FRONT = (400.0, 0.0, -50.0, 40000.0, 0.0, -400.0, -40.0, 32000.0, 0.0, 0.0, -1.0, 800.0)


def halves(left=0.5, right=-0.5, spread=0.0):
    """Locks that are as many logs brighter on the picture's right half, the head's left."""
    logs = np.zeros((80, 100, 3))
    logs[:, 50:], logs[:, :50] = left, right
    return SeenLocks(packed(logs), (80, 100), FRONT, spread)


def test_what_is_packed_is_read_again_within_a_fiftieth_of_an_octave():
    rng = np.random.default_rng(1)
    coarse = rng.uniform(-0.3, 0.3, (20, 25, 3)).repeat(4, 0).repeat(4, 1)
    logs = coarse - coarse.mean(-1, keepdims=True) + rng.uniform(-1, 1, (80, 100, 1))
    read = unpacked(SeenLocks(packed(logs), (80, 100), FRONT))
    assert np.abs(read.mean(-1) - logs.mean(-1)).max() < OCTAVES * np.log(2) / 127
    flat = np.broadcast_to([0.1, 0.0, -0.1], (80, 100, 3)) + 0.2
    assert np.abs(unpacked(SeenLocks(packed(flat), (80, 100), FRONT)) - flat).max() < 0.02


def test_a_place_has_the_colour_of_the_pixel_that_sees_it():
    places = np.array([[60.0, 20.0, 80.0], [-60.0, 20.0, 80.0]])
    ahead = np.broadcast_to([0.0, 0.0, 1.0], (2, 3))
    np.testing.assert_allclose(
        tint_of(halves(), places, ahead, np.arange(2)), np.exp([[0.5] * 3, [-0.5] * 3]), rtol=0.02
    )


def test_hair_behind_is_smooth_and_its_locks_differ_at_random():
    lock = np.arange(400)
    places = np.stack([np.full(400, 90.0), np.linspace(-20, 40, 400), np.full(400, -60.0)], 1)
    behind = np.broadcast_to([0.0, 0.0, -1.0], (400, 3))
    logs = np.log(tint_of(halves(spread=0.2), places, behind, lock))
    assert np.std(logs[:, 0]) == pytest.approx(0.2, rel=0.15)


def test_locks_come_back_from_json():
    locks = halves(spread=0.1)
    assert locks_from_json(view_to_json(locks)) == locks


@pytest.mark.parametrize(
    "change",
    [{"picture": "x"}, {"size": [80, 99]}, {"size": [80]}, {"projection": [1.0] * 12}, {"spread": "a"}, {"more": 1}],
)
def test_damaged_locks_are_told(change):
    with pytest.raises(FaceGPTError, match="anna"):
        locks_from_json(view_to_json(halves()) | change, "anna.json")


def test_hair_keeps_its_mean_colour_and_is_lighter_on_the_lighter_side():
    model, groom, colour = makehuman.load(), PRESETS["bob"].groom, (0.1, 0.06, 0.04)
    person = np.zeros(model.sizes.identity, np.float32)
    plain = grown(groom, model, person, 2, Hair("bob", colour))
    tinted = grown(groom, model, person, 2, Hair("bob", colour, locks=halves(0.4, -0.4)))
    left = (tinted.normals[:, 2] > 0.5) & (tinted.vertices[:, 0] > 25)
    right = (tinted.normals[:, 2] > 0.5) & (tinted.vertices[:, 0] < -25)
    assert np.log(tinted.tint[left].mean() / tinted.tint[right].mean()) == pytest.approx(0.8, abs=0.1)
    bright = linear_of_bytes(tinted.texture[..., :3]).mean() / linear_of_bytes(plain.texture[..., :3]).mean()
    assert bright * tinted.tint[left].mean() == pytest.approx(np.exp(0.4), rel=0.05)
