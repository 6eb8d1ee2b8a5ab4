"""Locks stay off what a photo shows bare: before skin and before what is behind, not behind the head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facegpt.hair.bare_view import bare_from_json, bare_in_mirror, packed, packed_ways, unpacked
from facegpt.hair.groom import groom_from_json, groom_to_json
from facegpt.hair.lines.off_bare import _aside, _plainly_read_ways, off_bare, towards_seen, view_of
from facegpt.hair.photo_view import view_to_json
from facegpt.hair.plan import mirrored
from facegpt.types import FaceGPTError, Groom, SeenBare

SIZE = 200


def view(skin: tuple[slice, slice] | None = None, behind: tuple[slice, slice] | None = None) -> SeenBare:
    """A camera straight ahead at 1 m: the pixel (100 + x, 100 - y) shows the place (x, y, 0) mm."""
    masks = np.zeros((2, SIZE, SIZE), bool)
    for mask, where in zip(masks, (skin, behind), strict=True):
        if where is not None:
            mask[where] = True
    matrix = np.array([[1000.0, 0, 0, 0], [0, -1000, 0, 0], [0, 0, 0, 0]]) + np.outer(
        [100, 100, 1], [0, 0, -1.0, 1000.0]
    )
    return SeenBare(packed(*masks), (SIZE, SIZE), tuple(matrix.ravel().tolist()))


def falling(x: float, z: float, top: float = 90.0, bottom: float = -80.0, points: int = 18) -> np.ndarray:
    """One lock that hangs straight down."""
    y = np.linspace(top, bottom, points)
    return np.stack([np.full(points, x), y, np.full(points, z)], 1)[None].astype(np.float32)


def rows(low_mm: float, high_mm: float) -> slice:
    """Pixels of heights from low to high, mm."""
    return slice(int(100 - high_mm), int(100 - low_mm))


def test_a_lock_over_a_bare_forehead_ends_at_its_rim() -> None:
    bare = view(skin=(rows(-60, 70), slice(40, 160)))
    line, left = off_bare(falling(0, 10), bare, np.zeros(1))
    assert 50 < line[0, -1, 1] < 75  # the rim of what is bare lies at 70 mm
    assert left[0] < 0.3


def test_fine_locks_end_at_the_rim_itself() -> None:
    bare = view(skin=(rows(-60, 70), slice(40, 160)))
    ends = [off_bare(falling(0, 10), bare, np.array([c]), fine=True)[0][0, -1, 1] for c in (0.0, 0.5, 1.0)]
    assert min(ends) > 65 and np.ptp(ends) < 6
    assert off_bare(falling(0, 10), bare, np.ones(1))[0][0, -1, 1] < min(ends)


def test_a_lock_beside_the_face_moves_to_where_hair_is_seen() -> None:
    bare = view(skin=(rows(-100, 60), slice(40, 160)))
    line, left = off_bare(falling(52, 20), bare, np.zeros(1))
    assert left[0] == 1
    low = line[0, line[0, :, 1] < 20]
    assert low[:, 0].min() > 54 and low[:, 0].max() < 66  # the rim lies at 60 mm
    np.testing.assert_allclose(line[0, 0], falling(52, 20)[0, 0], atol=1e-3)  # roots stay


def test_a_lock_behind_the_neck_may_hang_where_skin_is_seen() -> None:
    bare = view(skin=(rows(-100, 60), slice(40, 160)))
    line, left = off_bare(falling(0, -90), bare, np.zeros(1))
    np.testing.assert_array_equal(line, falling(0, -90))
    assert left[0] == 1


def test_no_lock_hangs_before_what_is_seen_behind_the_head() -> None:
    bare = view(behind=(rows(-100, -40), slice(0, 200)))
    for z in (-90.0, 20.0):
        line, _ = off_bare(falling(50, z), bare, np.zeros(1))
        assert line[0, :, 1].min() > -60


def test_the_kernel_reads_as_plain_arrays_do() -> None:
    seen = view_of(view(skin=(rows(-60, 60), slice(40, 160)), behind=(rows(-90, -70), slice(0, 90))))
    lines = np.random.default_rng(2).uniform(-120, 120, (60, 9, 3))
    found = _aside(seen, lines)
    assert (found != 0).any((1, 2)).sum() > 20
    np.testing.assert_allclose(found, _plainly_read_ways(seen, lines, seen.aside, 1.0), atol=1e-4)


def test_locks_move_to_hair_that_the_photo_has_beside_them() -> None:
    ways = np.zeros((SIZE, SIZE, 2))
    ways[90:, 130:] = 15, 0  # pixels, a millimetre each
    bare = replace(view(skin=(rows(0, 5), slice(0, 5))), ways=packed_ways(ways))
    line = towards_seen(falling(50, 0), bare)
    np.testing.assert_allclose(line[0, 0], falling(50, 0)[0, 0])
    np.testing.assert_allclose(line[0, -5:, 0], 65, atol=1)
    np.testing.assert_allclose(towards_seen(falling(-50, 0), bare), falling(-50, 0), atol=0.3)


def test_locks_stay_where_no_photo_tells() -> None:
    line, left = off_bare(falling(0, 10), None, np.zeros(1))
    np.testing.assert_array_equal(line, falling(0, 10))
    assert left[0] == 1
    outside, _ = off_bare(falling(150, 10), view(behind=(rows(-100, 100), slice(0, 200))), np.zeros(1))
    np.testing.assert_array_equal(outside, falling(150, 10))


def test_the_mirror_image_of_a_head_has_the_mirror_image_of_what_is_bare() -> None:
    groom = Groom(bare=view(skin=(rows(-60, 60), slice(100, 160))))
    turned = np.array([-1, 1, 1])
    here, _ = off_bare(falling(52, 20), groom.bare, np.zeros(1))
    there, _ = off_bare(falling(-52, 20), mirrored(groom).bare, np.zeros(1))
    np.testing.assert_allclose(there * turned, here, atol=1e-3)
    assert bare_in_mirror(None) is None


def test_a_groom_is_saved_with_what_is_bare() -> None:
    groom = Groom(bare=view(skin=(rows(-60, 60), slice(40, 160)), behind=(rows(0, 20), slice(0, 30))))
    assert groom_from_json(groom_to_json(groom)) == groom
    assert groom_from_json(groom_to_json(Groom())) == Groom()
    assert unpacked(groom.bare).sum() == 120 * 120 + 20 * 30
    told = view_to_json(groom.bare)
    for damage in (
        {"picture": "???"},
        {"size": [9, 9]},
        {"projection": [0.0] * 12},
        {"projection": [1.0]},
        {"ways": "?"},
    ):
        with pytest.raises(FaceGPTError, match="damaged"):
            bare_from_json(told | damage)
