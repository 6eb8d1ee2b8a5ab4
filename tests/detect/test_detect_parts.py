"""The parts of the detector against what can be worked out by hand: windows, anchors, suppression, geometry."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.conventions import euler_deg_from_rotation, rotation_from_euler_deg
from facegpt.detect import blazeface, geometry, light, search
from facegpt.detect.windows import Photo, Window


def ramps(width: int, height: int) -> np.ndarray:
    """A picture whose red is twice its x and whose green is twice its y, in pixels: halving it loses nothing."""
    y, x = np.mgrid[:height, :width]
    return np.stack([2 * x, 2 * y, np.zeros_like(x)], 2).astype(np.uint8)


@pytest.mark.parametrize("side", [20.0, 50.0, 75.0])
@pytest.mark.parametrize("roll_deg", [0.0, 33.0, 90.0, -160.0])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_crop_shows_each_place_where_to_photo_says_it_is(side, roll_deg, mirrored):
    window = Window(60.3, 58.7, side, np.radians(roll_deg), mirrored)
    crop = Photo(ramps(120, 118)).crop(window, 32) * 255.0 / 2.0
    row, column = np.mgrid[:32, :32]
    places = window.to_photo(np.stack([(column + 0.5) / 32, (row + 0.5) / 32], 2))
    assert np.abs(crop[0] - places[..., 0]).max() < 1e-3
    assert np.abs(crop[1] - places[..., 1]).max() < 1e-3


def test_outside_the_photo_is_black_or_repeats_the_edge():
    photo = Photo(np.full((40, 40, 3), 200, np.uint8))
    window = Window(-0.5, 19.5, 40.0)
    black, repeated = photo.crop(window, 20), photo.crop(window, 20, repeat_border=True)
    assert (black[:, :, :9] == 0).all()
    assert np.allclose(black[:, :, 10:], 200 / 255)
    assert np.allclose(repeated, 200 / 255)


def test_shrinking_averages_rather_than_skips():
    """A fine checkerboard becomes grey."""
    board = np.repeat((np.indices((512, 512)).sum(0) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2)
    crop = Photo(board).crop(Window.around(512, 512), 64)
    assert np.abs(crop - 0.5).max() < 0.01


def test_depth_scales_with_the_window():
    moved = Window(10.0, 20.0, 50.0, 0.4).to_photo(np.array([[0.5, 0.5, 0.1]]))
    assert np.allclose(moved, [[10.0, 20.0, 5.0]])


def test_there_are_896_anchors_as_the_paper_says():
    assert blazeface.ANCHORS.shape == (896, 2)
    assert np.allclose(blazeface.ANCHORS[0], 0.5 / 16)
    assert np.allclose(blazeface.ANCHORS[-1], 7.5 / 8)
    assert np.allclose(blazeface.ANCHORS.mean(0), 0.5)


def test_overlapping_boxes_are_averaged_by_score_and_others_kept():
    def box(x, y, size):
        return np.concatenate([[[x, y], [x + size, y + size]], np.full((6, 2), x)])

    merged = blazeface.merge_overlapping(
        np.array([box(0.0, 0.0, 1.0), box(0.1, 0.0, 1.0), box(3.0, 3.0, 1.0)]), np.array([0.9, 0.3, 0.5]), 0.3
    )
    assert np.allclose(merged.scores, [0.9, 0.5])
    assert np.allclose(merged.points[0, 0], [0.1 * 0.3 / 1.2, 0.0])
    assert np.allclose(merged.points[1, 0], [3.0, 3.0])


def test_intersection_over_union_of_known_squares():
    square = np.array([[0.0, 0.0], [2.0, 2.0]])
    others = np.array([square, square + 1.0, square + 5.0])
    assert np.allclose(blazeface.intersection_over_union(square, others), [1.0, 1.0 / 7.0, 0.0])


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (500, 4000), (641, 640)])
def test_tiles_cover_the_photo_and_a_small_face_lies_whole_in_one(width, height):
    sides = search.tile_sides(width, height, 40.0)
    assert min(sides) * search.LEAST_SHARE == pytest.approx(40.0)
    windows = [window for _, window in search.tiles(width, height, sides[-1])]
    generator = np.random.default_rng(0)
    for x, y in generator.uniform([30, 30], [width - 30, height - 30], (200, 2)):
        inside = [max(abs(w.x - x), abs(w.y - y)) + 30 <= w.side / 2 + 1.0 for w in windows]
        assert any(inside)


def test_no_tiles_are_needed_if_only_large_faces_count():
    assert search.tile_sides(640, 480, 100.0) == []


@pytest.mark.parametrize("angles", [(0, 0, 0), (35, -12, 20), (-70, 20, 170)])
def test_rotation_and_size_of_the_turned_canonical_face_come_back(angles):
    face = geometry.canonical_face()
    rotation = rotation_from_euler_deg(*angles)
    points = face.points @ rotation.T * 2.5 + [300, 200, 0]
    points = np.concatenate([points, points[:10]])
    assert np.allclose(euler_deg_from_rotation(geometry.head_rotation(points)), angles, atol=1e-6)
    assert geometry.align(points)[1] == pytest.approx(2.5)
    assert geometry.deviation_mm(points) < 1e-6


def test_the_roll_of_the_eye_line_is_the_roll_of_the_head():
    face = geometry.canonical_face()
    points = face.points @ rotation_from_euler_deg(0, 0, 25).T
    assert np.degrees(geometry.eye_line_roll_rad(points)) == pytest.approx(25)
    upright = geometry.derolled(points, np.radians(25))
    assert np.allclose(upright, face.points @ rotation_from_euler_deg(0, 0, 0).T, atol=1e-9)


def test_mirroring_the_canonical_face_gives_it_back():
    face = geometry.canonical_face()
    assert np.allclose((face.points * [-1, 1, 1])[face.mirror[:468]], face.points, atol=1e-3)
    assert (face.mirror[face.mirror] == np.arange(478)).all()


def test_stretched_levels_use_the_whole_range():
    dark = np.random.default_rng(0).integers(5, 25, (64, 64, 3), dtype=np.uint8)
    name, stretched = next(light.variants(dark, dark))
    assert name == "levels stretched"
    assert stretched.min() == 0
    assert stretched.max() == 255
    assert 90 < np.median(stretched) < 140
