"""Atlas and visibility: truth is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt.render.topology import edges_of, weld
from facegpt.render.uv import depth_map, rasterize_atlas, visible_points, visible_vertices
from facegpt.types import Camera

SQUARE_UV = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
SQUARE = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def wall(depth: float, half: float) -> np.ndarray:
    """A square (4, 3) that faces the camera."""
    return np.array([[-half, -half, depth], [-half, half, depth], [half, half, depth], [half, -half, depth]])


def test_every_texel_of_a_full_atlas_belongs_to_a_triangle():
    atlas = rasterize_atlas(SQUARE_UV, SQUARE, 37, 64)
    assert atlas.inside.all() and (atlas.triangle >= 0).all()
    np.testing.assert_allclose(atlas.barycentric.sum(-1), 1, atol=1e-6)


def test_texel_centres_have_the_convention_s_coordinates():
    atlas = rasterize_atlas(SQUARE_UV, SQUARE, 8, 16)
    uv = atlas.interpolate(SQUARE_UV, SQUARE)
    np.testing.assert_allclose(uv[0, 0], [0.5 / 16, 1 - 0.5 / 8], atol=1e-6)
    np.testing.assert_allclose(uv[7, 15], [15.5 / 16, 0.5 / 8], atol=1e-6)


def test_neighbouring_triangles_leave_no_empty_texel_inside_an_island():
    rng = np.random.default_rng(0)
    grid = np.stack(np.meshgrid(np.linspace(0, 1, 12), np.linspace(0, 1, 12)), -1)
    grid[1:-1, 1:-1] += rng.uniform(-0.03, 0.03, (10, 10, 2))
    here = np.arange(144).reshape(12, 12)
    a, b, c, d = (part.ravel() for part in (here[:-1, :-1], here[1:, :-1], here[1:, 1:], here[:-1, 1:]))
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    assert rasterize_atlas(grid.reshape(-1, 2), triangles, 256, 256).inside.all()


def test_the_margin_takes_the_nearest_point_of_the_border():
    uv = np.array([[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]])
    bare, padded = (rasterize_atlas(uv, SQUARE, 32, 32, margin=margin) for margin in (0, 3))
    assert bare.inside.sum() == 256 and padded.inside.sum() == 256
    assert (padded.triangle[13, 5:8] >= 0).all() and padded.triangle[13, 4] < 0
    np.testing.assert_allclose(padded.interpolate(uv, SQUARE)[13, 5], [0.25, 1 - 13.5 / 32], atol=1e-6)


def test_a_wall_hides_what_is_behind_it_and_not_what_is_before_or_beside_it():
    camera = Camera(100.0, (49.5, 49.5), 100, 100)
    depth = depth_map(wall(400.0, 60.0), SQUARE, camera)
    assert depth[50, 50] == pytest.approx(400.0, abs=1e-3) and np.isinf(depth[5, 5])
    points = np.array([[0, 0, 500.0], [0, 0, 400.5], [0, 0, 300.0], [0, 0, -300.0], [900.0, 0, 400.0]])
    np.testing.assert_array_equal(visible_points(points, depth, camera), [False, True, True, False, False])


def test_half_of_a_sphere_is_visible():
    polar, azimuth = np.meshgrid(np.linspace(0.02, np.pi - 0.02, 40), np.arange(80) * np.pi / 40, indexing="ij")
    across = np.sin(polar)
    points = np.stack([across * np.sin(azimuth), -np.cos(polar), -across * np.cos(azimuth)], -1).reshape(-1, 3)
    here = np.arange(3200).reshape(40, 80)
    a, b, c, d = (p.ravel() for p in (here[:-1], here[1:], np.roll(here[1:], -1, 1), np.roll(here[:-1], -1, 1)))
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    for x_mm in (0, 190, 2000):  # in the middle of the picture, across its edge, outside
        vertices, camera = points * 80 + [x_mm, 0, 600], Camera(400.0, (127.5, 127.5), 256, 256)
        seen = visible_vertices(vertices, triangles, camera)
        towards = -(points * vertices).sum(1) / np.linalg.norm(vertices, axis=1)  # cosine between normal and sight
        shown = np.round(camera.project(vertices)[:, 0]) < 256
        assert seen[shown & (towards > 0.15)].all() and not seen[~shown | (towards < 0)].any()


def test_each_edge_is_listed_once_with_the_vertices_across_it():
    edges, opposite, triangles, fold = edges_of(SQUARE)
    assert len(edges) == 5
    shared = np.flatnonzero(opposite[:, 1] >= 0)
    assert len(shared) == 1 and set(edges[shared[0]]) == {0, 2} and set(opposite[shared[0]]) == {1, 3}
    assert set(triangles[shared[0]]) == {0, 1} and fold[shared[0]] == 1


def test_welding_joins_vertices_that_share_a_place():
    doubled = np.concatenate([wall(400.0, 60.0), wall(400.0, 60.0)])
    split = np.array([[0, 1, 2], [4, 6, 7]], np.int32)
    assert len(edges_of(split)[0]) == 6 and len(edges_of(weld(doubled, split))[0]) == 5
