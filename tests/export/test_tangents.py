"""Tangents of meshes with a normal map."""

from __future__ import annotations

import numpy as np

from facegpt.export.gltf.tangents import tangents_of

SQUARE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
FACING, INDEX = np.tile([0.0, 0, 1], (4, 1)), np.array([0, 1, 2, 0, 2, 3])


def test_a_tangent_runs_where_u_grows_and_knows_on_which_side_v_rises():
    along_x = tangents_of(SQUARE, FACING, SQUARE[:, :2], INDEX)
    np.testing.assert_allclose(along_x, np.tile([1.0, 0, 0, 1], (4, 1)), atol=1e-6)
    mirrored = tangents_of(SQUARE, FACING, SQUARE[:, :2] * [-1, 1], INDEX)
    np.testing.assert_allclose(mirrored, np.tile([-1.0, 0, 0, -1], (4, 1)), atol=1e-6)
    turned = tangents_of(SQUARE, FACING, SQUARE[:, 1::-1], INDEX)
    np.testing.assert_allclose(turned, np.tile([0.0, 1, 0, -1], (4, 1)), atol=1e-6)


def test_a_triangle_counts_by_its_angle_at_the_vertex_and_not_by_its_size():
    """As MikkTSpace weights them: a long triangle of 90° whose u runs along x, a short one of 90° with u along y."""
    places = np.array([[0, 0, 0], [9, 0, 0], [0, 9, 0], [-1, 0, 0], [0, -1, 0]], float)
    uv = np.array([[0, 0], [0.9, 0], [0, 0.9], [0, 0.1], [-0.1, 0]])
    found = tangents_of(places, np.tile([0.0, 0, 1], (5, 1)), uv, np.array([0, 1, 2, 0, 3, 4]))
    np.testing.assert_allclose(found[0, :3], [np.sqrt(0.5), np.sqrt(0.5), 0], atol=1e-6)
    np.testing.assert_allclose(found[[1, 4], :3], [[1, 0, 0], [0, 1, 0]], atol=1e-6)


def test_tangents_are_unit_and_upright_on_normals_even_without_texture():
    rng = np.random.default_rng(0)
    normals = rng.normal(size=(4, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    for uv in (rng.normal(size=(4, 2)), np.zeros((4, 2))):
        found = tangents_of(SQUARE, normals, uv, INDEX)
        np.testing.assert_allclose(np.linalg.norm(found[:, :3], axis=1), 1, atol=1e-5)
        np.testing.assert_allclose((found[:, :3] * normals).sum(1), 0, atol=1e-5)
        assert set(found[:, 3]) <= {-1.0, 1.0}
