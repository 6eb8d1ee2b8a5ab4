"""Displacements turn normals as geometry does: planes with known bumps, the head's own skin, meshes cut fine."""

import numpy as np
import pytest

from facegpt.detail.skin_window import HEIGHT, LEFT, SIDE, TOP, WIDTH, SkinWindow, skin_geometry, skin_window
from facegpt.detail.subdivision import CUTS, Subdivision
from facegpt.detail.tangent_normals import normal_map, tangent_normals, vertex_tangents
from facegpt.export.detail_files import relief_picture
from facegpt.morphable.normals import vertex_normals
from facegpt.types import Mesh, ShapeError

#: The plane's texture runs 0.5 mm a texel across and 0.8 mm a texel down; its normal is +z.
ACROSS_MM, DOWN_MM = 0.5, 0.8


def plane():
    """A square of two triangles that fills the whole atlas; (window, vertices)."""
    wide, high = SIDE * ACROSS_MM, SIDE * DOWN_MM
    vertices = np.array([[0, 0, 0], [wide, 0, 0], [wide, high, 0], [0, high, 0]], np.float32)
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    rows, columns = np.mgrid[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH]
    u, v = (columns + 0.5) / SIDE, 1 - (rows + 0.5) / SIDE
    lower = u >= v
    corner = np.where(lower[..., None], np.stack([1 - u, u - v, v], -1), np.stack([1 - v, u, v - u], -1))
    triangle = np.where(lower, 0, 1).astype(np.int32)
    return SkinWindow(triangle, corner.astype(np.float32), triangles, uv, triangles, np.ones(2, bool)), vertices


def wave(length_mm, depth_mm, along):
    """A sine (HEIGHT, WIDTH) mm on the plane along x or y, and its true slope there."""
    rows, columns = np.mgrid[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH]
    place = (columns + 0.5) * ACROSS_MM if along == "x" else (SIDE - rows - 0.5) * DOWN_MM
    k = 2 * np.pi / length_mm
    return (depth_mm * np.sin(k * place)).astype(np.float32), depth_mm * k * np.cos(k * place)


@pytest.mark.parametrize(("along", "axis"), [("x", 0), ("y", 1)])
def test_a_wave_on_a_plane_has_the_normals_of_its_analytic_slope(along, axis):
    window, vertices = plane()
    displacement, slope = wave(20.0, 0.6, along)
    normal = skin_geometry(window, vertices).displaced_normal(displacement)
    true = np.zeros_like(normal)
    true[..., axis], true[..., 2] = -slope, 1
    true /= np.linalg.norm(true, axis=-1, keepdims=True)
    inner = np.s_[2:-2, 2:-2]
    off = np.degrees(np.arccos(np.clip((normal * true).sum(-1)[inner], -1, 1)))
    assert np.degrees(np.arctan(slope.max())) > 10 and off.max() < 0.5  # degrees


def test_the_normal_map_of_a_plane_has_the_signs_of_mikktspace():
    window, vertices = plane()
    displacement, slope = wave(30.0, 0.5, "y")
    local = tangent_normals(window, vertices, displacement)
    rising = slope > 0.05  # higher towards +v: the normal leans to -v, so green is below a half
    assert (local[rising][:, 1] < 0).all() and (local[slope < -0.05][:, 1] > 0).all()
    assert np.abs(local[..., 0]).max() < 1e-3
    displacement, slope = wave(30.0, 0.5, "x")
    local = tangent_normals(window, vertices, displacement)
    assert (local[slope > 0.05][:, 0] < 0).all() and (local[slope < -0.05][:, 0] > 0).all()


def test_a_sphere_that_is_blown_up_evenly_keeps_its_normals(head):
    geometry = skin_geometry(skin_window(head), head.mean_vertices)
    even = np.full((HEIGHT, WIDTH), 0.7, np.float32)
    inside = skin_window(head).triangle >= 0
    assert np.abs(geometry.displaced_normal(even) - geometry.normal)[inside].max() < 1e-5


def test_slopes_on_the_head_are_those_of_its_surface(head):
    """A displacement that is a coordinate of the head has that coordinate's tangential direction as its gradient."""
    window = skin_window(head)
    geometry = skin_geometry(window, head.mean_vertices)
    place = window.interpolate(head.mean_vertices)
    cheek = np.s_[170:230, 40:90]
    for axis in range(3):
        unit = np.eye(3)[axis]
        true = unit - (geometry.normal * unit).sum(-1, keepdims=True) * geometry.normal
        off = np.linalg.norm(geometry.gradient(np.ascontiguousarray(place[..., axis])) - true, axis=-1)
        assert np.median(off[cheek]) < 0.12  # smooth normals lean by some degrees from those of the triangles


def test_the_normal_map_gives_the_displaced_normals_back(head):
    window, rng = skin_window(head), np.random.default_rng(0)
    geometry = skin_geometry(window, head.mean_vertices)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    displacement = (0.3 * np.sin(rows / rng.uniform(4, 6)) * np.cos(columns / 5)).astype(np.float32)
    picture = normal_map(head, head.mean_vertices, displacement)
    assert picture.shape == (SIDE, SIDE, 3) and tuple(picture[0, 0]) == (128, 128, 255)
    local = picture[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] / 127.5 - 1
    normals = vertex_normals(head.mean_vertices, head.triangles)
    tangent = window.interpolate(vertex_tangents(window, head.mean_vertices, normals))
    normal = window.interpolate(normals)
    decoded = local[..., :1] * tangent + local[..., 1:2] * np.cross(normal, tangent) + local[..., 2:] * normal
    decoded /= np.maximum(np.linalg.norm(decoded, axis=-1, keepdims=True), 1e-9)
    inside = window.triangle >= 0
    off = np.degrees(np.arccos(np.clip((decoded * geometry.displaced_normal(displacement)).sum(-1), -1, 1)))[inside]
    assert np.quantile(off, 0.99) < 1.5  # degrees: eight bits


def test_another_size_is_refused(head):
    with pytest.raises(ShapeError, match="336"):
        skin_geometry(skin_window(head), head.mean_vertices).displaced_normal(np.zeros((10, 10), np.float32))


def coarse_mesh(head):
    return Mesh(head.mean_vertices, head.triangles, head.uv, head.uv_triangles, head.part, head.part_names)


def test_the_fine_mesh_is_the_coarse_one_where_nothing_is_displaced(head):
    cut = Subdivision.of(coarse_mesh(head))
    vertices = cut.vertices(head.mean_vertices, np.zeros((HEIGHT, WIDTH), np.float32))
    skin = int((head.part == 0).sum())
    assert len(cut.triangles) == skin * CUTS**2 + (len(head.triangles) - skin)
    nearest = np.linalg.norm(vertices[::97][:, None] - head.mean_vertices[None], axis=-1).min(1)
    assert nearest.max() < 12 and len(cut.uv_triangles) == len(cut.triangles)
    old, new = head.mean_vertices[head.triangles].mean(1), vertices[cut.triangles].mean(1)
    assert np.abs(np.sort(old[:, 1])[[0, -1]] - np.sort(new[:, 1])[[0, -1]]).max() < 5


def test_values_spread_over_the_fine_mesh_are_those_of_its_corners(head):
    cut = Subdivision.of(coarse_mesh(head))
    assert np.allclose(cut.spread(np.asarray(head.skin_weights)).sum(1), 1, atol=1e-6)
    corners = cut.mix.max(1) == 1  # new points that are vertices of the coarse head
    places = cut.spread(head.mean_vertices)[: len(cut.mix)][corners]
    assert np.allclose(places, head.mean_vertices[cut.corner[corners, cut.mix[corners].argmax(1)]])
    seams = np.unique(np.stack([cut.triangles.ravel(), cut.uv_triangles.ravel()]), axis=1).shape[1]
    assert seams < 1.1 * (len(cut.mix) + len(cut.others))  # few points have two places in the atlas


def test_the_fine_mesh_has_no_cracks_and_is_as_deep_as_told(head):
    cut = Subdivision.of(coarse_mesh(head))
    flat, raised = (cut.vertices(head.mean_vertices, np.full((HEIGHT, WIDTH), d, np.float32)) for d in (0.0, 0.5))
    moved = np.linalg.norm(raised - flat, axis=1)
    assert abs(moved.max() - 0.5) < 1e-3
    skin = cut.triangles[cut.part == 0]
    edges = np.sort(skin[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    borders = (np.unique(edges, axis=0, return_counts=True)[1] == 1).sum()
    coarse = np.sort(head.triangles[head.part == 0][:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    assert borders == CUTS * (np.unique(coarse, axis=0, return_counts=True)[1] == 1).sum()


def test_the_picture_of_a_relief_is_red_where_it_stands_out_and_blue_where_it_lies_in():
    relief = np.zeros((HEIGHT, WIDTH), np.float32)
    relief[10:20, 30:40], relief[100:110, 50:60] = 0.5, -0.5
    shown = relief_picture(relief).astype(int)
    assert shown.shape == (SIDE, SIDE, 3)
    out, into = shown[TOP + 15, LEFT + 35], shown[TOP + 105, LEFT + 55]
    assert out[0] > 2 * out[2] and into[2] > 2 * into[0]
    flat = shown[0, 0]
    assert np.ptp(flat) < 15 and (shown != flat).any(2).sum() == 200
