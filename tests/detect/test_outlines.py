"""Outlines against shapes whose inside is known."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.detect.outlines import distance_outside, distance_to_points, in_hull, in_polygon

PLACES = np.random.default_rng(0).uniform(-2, 2, (4000, 2))


def test_a_polygon_with_a_notch_and_level_edges_holds_what_lies_in_it():
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [0.0, 0.0], [-1.0, 1.0]])
    x, y = PLACES.T
    assert np.array_equal(in_polygon(PLACES, corners), (np.abs(x) < 1) & (y > -1) & (y < np.abs(x)))
    assert np.array_equal(in_polygon(PLACES, corners[::-1]), in_polygon(PLACES, corners))  # either way round
    closed = np.concatenate([corners, corners[:1]])
    assert np.array_equal(in_polygon(PLACES, closed), in_polygon(PLACES, corners))


def test_a_hull_holds_a_disc_and_keeps_the_shape_of_the_places():
    around = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    points = np.concatenate([np.stack([np.cos(around), np.sin(around)], -1), 0.3 * PLACES[:50]])
    radius = np.linalg.norm(PLACES, axis=1)
    clear = np.abs(radius - 1) > 1e-3
    inside = in_hull(PLACES.reshape(40, 100, 2), points)
    assert inside.shape == (40, 100)
    assert np.array_equal(inside.ravel()[clear], (radius < 1)[clear])


def test_distances_to_a_square_are_those_of_geometry():
    square = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    places = np.array([[0.0, 0.0], [0.9, 0.0], [3.0, 0.0], [4.0, 5.0], [1.0, 0.5]])
    assert distance_outside(places, square) == pytest.approx([-1.0, -0.1, 2.0, 5.0, 0.0])


def test_the_nearest_point_is_found():
    points = np.array([[0.0, 0.0], [3.0, 4.0]], np.float32)
    assert distance_to_points(np.array([[3.0, 0.0], [3.0, 4.5]]), points) == pytest.approx([3.0, 0.5])


def test_a_negative_distance_means_inside():
    corners = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [0.0, 0.0], [-1.0, 1.0]])
    assert np.array_equal(distance_outside(PLACES, corners) < 0, in_polygon(PLACES, corners))
