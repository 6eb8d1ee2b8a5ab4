"""Scan-to-mesh error against shapes whose distances are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from facegpt.conventions import rotation_from_rotvec
from facegpt_lab.evaluate.judges.scan import Surface, scan_to_mesh_mm

COORDINATE = st.floats(-5, 5)


def sphere(radius: float, count: int = 3000) -> Surface:
    """Points spread evenly on a sphere (Fibonacci lattice), triangulated by their convex hull."""
    k = np.arange(count) + 0.5
    polar, turn = np.arccos(1 - 2 * k / count), np.pi * (1 + 5**0.5) * k
    points = np.stack([np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)], 1)
    return Surface(points * radius, ConvexHull(points).simplices)


@given(st.lists(COORDINATE, min_size=3, max_size=3))
def test_the_closest_point_of_a_triangle_is_no_farther_than_any_sampled_point_of_it(point):
    corners = np.array([[0.0, 0, 0], [3, 0, 0], [0, 2, 1]])
    found = Surface(corners, np.array([[0, 1, 2]])).closest(np.array([point]))[0]
    u, v = np.meshgrid(np.linspace(0, 1, 60), np.linspace(0, 1, 60))
    inside = (u + v) <= 1
    u, v = u[inside, None], v[inside, None]
    sampled = corners[0] * (1 - u - v) + corners[1] * u + corners[2] * v
    least = np.linalg.norm(sampled - point, axis=1).min()
    distance = np.linalg.norm(found - point)
    assert least - 0.06 <= distance <= least + 1e-9


def test_a_sphere_1_mm_too_large_is_1_mm_off_when_its_size_counts_and_exact_when_scale_is_aligned():
    mesh, rng = sphere(81.0), np.random.default_rng(0)
    scan = rng.normal(0, 1, (400, 3))
    scan *= 80.0 / np.linalg.norm(scan, axis=1, keepdims=True)
    marks = np.eye(3) * 80.0
    metric = scan_to_mesh_mm(scan, mesh, marks, marks * 81 / 80, scale=False)
    similar = scan_to_mesh_mm(scan, mesh, marks, marks * 81 / 80, scale=True)
    assert metric.mean() == pytest.approx(1.0, abs=0.1)  # mm; the hull's facets lie slightly inside the sphere
    assert similar.max() < 0.15


def test_a_moved_and_turned_copy_of_a_surface_has_no_error():
    mesh = sphere(60.0)
    bumpy = Surface(mesh.vertices * (1 + 0.1 * np.sin(mesh.vertices / 9).sum(1, keepdims=True)), mesh.triangles)
    turn, shift = rotation_from_rotvec([0.3, -0.2, 0.5]), np.array([40.0, -10, 5])
    scan = bumpy.vertices[::7] @ turn.T + shift
    marks = bumpy.vertices[[10, 900, 1700, 2500]]
    assert scan_to_mesh_mm(scan, bumpy, marks @ turn.T + shift, marks, scale=False).max() < 1e-3
