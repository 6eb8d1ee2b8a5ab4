"""Every promise of render/base.py, run for each registered renderer. Truth is worked out by hand or by geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from renderer_scenes import (
    FOCAL,
    QUAD,
    SIZE,
    at_pixels,
    coloured_light,
    quad,
    smooth_texture,
    sphere,
    view,
    white_light,
)

from facegpt.render.base import Lobe, Rendered, Topology, View
from facegpt.render.lighting import sh_basis
from facegpt.types import ShapeError

# Geometry ---------------------------------------------------------------------------------------------------------


def test_a_quad_covers_exactly_the_pixels_inside_it(renderer):
    eye = view()
    image = renderer.render(quad(3.5, 6.5, 20.5, 11.5, eye), QUAD, smooth_texture(), white_light(), eye)
    expected = torch.zeros(SIZE, SIZE)
    expected[7:12, 4:21] = 1
    torch.testing.assert_close(image.coverage[0], expected, atol=1e-4, rtol=0)
    assert ((image.triangle[0] >= 0) == (expected > 0)).all()


def test_row_0_is_the_top_and_y_points_down(renderer):
    eye = view()
    image = renderer.render(quad(0.5, 0.5, 5.5, 3.5, eye), QUAD, smooth_texture(), white_light(), eye)
    rows, columns = torch.nonzero(image.triangle[0] >= 0).unbind(1)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (1, 3, 1, 5)


def test_a_pixel_that_an_edge_cuts_is_covered_by_its_area(renderer):
    eye = view()
    image = renderer.render(quad(4.2, 6.5, 20.9, 11.5, eye), QUAD, smooth_texture(), white_light(), eye)
    row = image.coverage[0, 9]
    assert row[4].item() == pytest.approx(0.3, abs=1e-4)
    assert row[21].item() == pytest.approx(0.4, abs=1e-4)
    assert image.coverage.sum().item() == pytest.approx(16.7 * 5, abs=1e-2)


@pytest.mark.parametrize("degrees", [10, 30, 45, 70])
def test_a_turned_square_covers_its_area(renderer, degrees):
    eye, turn = view(64), math.radians(degrees)
    corners = [
        (math.cos(turn + k * math.pi / 2) * 20 + 31.3, -math.sin(turn + k * math.pi / 2) * 20 + 31.6) for k in range(4)
    ]
    image = renderer.render(at_pixels(corners, [300.0] * 4, eye), QUAD, smooth_texture(), white_light(), eye)
    assert image.coverage.sum().item() == pytest.approx(800.0, abs=4.0)


def test_a_sphere_covers_the_area_of_its_outline(renderer):
    vertices, topology = sphere(40, 80, 50.0, 400.0)
    image = renderer.render(vertices, topology, smooth_texture(), white_light(), view(64, 150.0))
    outline_radius = 150.0 * 50.0 / math.sqrt(400.0**2 - 50.0**2)
    assert image.coverage.sum().item() == pytest.approx(math.pi * outline_radius**2, rel=0.01)
    assert image.coverage.min() >= 0 and image.coverage.max() <= 1


def test_depth_of_a_slanted_plane_is_that_of_the_plane(renderer):
    eye = view()
    vertices = quad(2.0, 2.0, 28.0, 28.0, eye, depths=(150.0, 150.0, 400.0, 400.0))
    image = renderer.render(vertices, QUAD, smooth_texture(), white_light(), eye)
    a, b, c = vertices[0, :3].double()
    normal = torch.linalg.cross(b - a, c - a)
    rows, columns = torch.nonzero(image.triangle[0] >= 0).unbind(1)
    ray = torch.stack([(columns - 15.5) / FOCAL, (rows - 15.5) / FOCAL, torch.ones(len(rows))], 1).double()
    expected = (normal @ a) / (ray @ normal)
    torch.testing.assert_close(image.depth[0, rows, columns].double(), expected, atol=0.02, rtol=0)


def test_texture_coordinates_are_perspective_correct(renderer):
    eye = view()
    vertices = quad(2.0, 2.0, 28.0, 28.0, eye, depths=(100.0, 100.0, 400.0, 400.0))
    image = renderer.render(vertices, QUAD, smooth_texture(), white_light(), eye)
    # Half-way across the image between depths 100 and 400, 1/z is 1/160: a fifth of the way along the surface.
    assert image.uv[0, 15, 15, 0].item() == pytest.approx(0.2, abs=1e-4)


def test_barycentrics_depth_and_uv_belong_together(renderer):
    vertices, topology = sphere(10, 20, 60.0, 300.0)
    image = renderer.render(vertices, topology, smooth_texture(), white_light(), view())
    drawn = image.triangle[0] >= 0
    corners = vertices[0][topology.triangles[image.triangle[0][drawn].long()].long()]
    weights = image.barycentric[0][drawn]
    torch.testing.assert_close(weights.sum(1), torch.ones(len(weights)), atol=1e-5, rtol=0)
    point = (weights[:, :, None] * corners).sum(1)
    torch.testing.assert_close(point[:, 2], image.depth[0][drawn], atol=1e-3, rtol=0)
    rows, columns = torch.nonzero(drawn).unbind(1)
    torch.testing.assert_close(point[:, 0] / point[:, 2] * FOCAL + 15.5, columns.float(), atol=1e-3, rtol=0)
    torch.testing.assert_close(point[:, 1] / point[:, 2] * FOCAL + 15.5, rows.float(), atol=1e-3, rtol=0)


def test_normals_of_a_sphere_point_away_from_its_centre(renderer):
    vertices, topology = sphere(40, 80, 50.0, 400.0)
    image = renderer.render(vertices, topology, smooth_texture(), white_light(), view(64, 300.0))
    drawn = image.triangle[0] >= 0
    rows, columns = torch.nonzero(drawn).unbind(1)
    depth = image.depth[0][drawn]
    point = torch.stack([(columns - 31.5) / 300 * depth, (rows - 31.5) / 300 * depth, depth - 400.0], 1)
    cosine = (image.normal[0][drawn] * point / point.norm(dim=1, keepdim=True)).sum(1)
    assert cosine.min().item() > math.cos(math.radians(1.0))


def test_the_nearer_surface_hides_the_farther(renderer):
    eye = view()
    both = torch.cat([quad(2.5, 2.5, 20.5, 20.5, eye, (300.0,) * 4), quad(10.5, 10.5, 28.5, 28.5, eye)], 1)
    triangles = torch.cat([QUAD.triangles, QUAD.triangles + 4])
    topology = Topology(triangles, torch.cat([QUAD.uv, QUAD.uv]), triangles)
    image = renderer.render(both, topology, smooth_texture(), white_light(), eye)
    assert image.depth[0, 15, 15].item() == pytest.approx(200.0, abs=1e-3)
    assert image.depth[0, 5, 5].item() == pytest.approx(300.0, abs=1e-3)
    assert image.triangle[0, 15, 15] >= 2 and image.triangle[0, 5, 5] < 2


def test_a_surface_seen_from_behind_is_drawn(renderer):
    eye = view()
    turned = Topology(QUAD.triangles.flip(1).contiguous(), QUAD.uv, QUAD.uv_triangles.flip(1).contiguous())
    image = renderer.render(quad(3.5, 6.5, 20.5, 11.5, eye), turned, smooth_texture(), white_light(), eye)
    assert image.coverage.sum().item() == pytest.approx(85.0, abs=1e-2)


def test_the_part_is_that_of_the_triangle_seen(renderer):
    eye = view()
    both = torch.cat([quad(2.5, 2.5, 20.5, 20.5, eye, (300.0,) * 4), quad(10.5, 10.5, 28.5, 28.5, eye)], 1)
    triangles = torch.cat([QUAD.triangles, QUAD.triangles + 4])
    part = torch.tensor([7, 7, 0, 0], dtype=torch.uint8)
    topology = Topology(triangles, torch.cat([QUAD.uv, QUAD.uv]), triangles, part)
    image = renderer.render(both, topology, smooth_texture(), white_light(), eye)
    assert image.part.dtype == torch.uint8 and image.part.shape == (1, SIZE, SIZE)
    assert (image.part[0, 5, 5], image.part[0, 15, 15], image.part[0, 0, 0]) == (7, 0, 255)


def test_without_named_parts_the_part_is_255(renderer):
    eye = view()
    image = renderer.render(quad(3.5, 6.5, 20.5, 11.5, eye), QUAD, smooth_texture(), white_light(), eye)
    assert image.part.dtype == torch.uint8 and (image.part == 255).all()


# Light and texture ------------------------------------------------------------------------------------------------


def test_ambient_white_shows_exactly_the_albedo(renderer):
    eye = view()
    texture = torch.tensor([0.2, 0.5, 0.8]).reshape(1, 3, 1, 1).expand(1, 3, 8, 8)
    vertices, topology = sphere(20, 40, 50.0, 300.0)
    image = renderer.render(vertices, topology, texture, white_light(), eye)
    expected = image.coverage[0, :, :, None] * torch.tensor([0.2, 0.5, 0.8])
    torch.testing.assert_close(image.color[0], expected, atol=1e-5, rtol=0)


def test_a_facing_plane_is_lit_by_the_nine_coefficients(renderer):
    eye = view()
    light = torch.randn(1, 9, 3, generator=torch.Generator().manual_seed(1)) * 0.1 + white_light()
    image = renderer.render(quad(3.5, 6.5, 20.5, 11.5, eye), QUAD, torch.ones(1, 3, 8, 8), light, eye)
    expected = sh_basis(np.array([0.0, 0.0, -1.0])) @ light[0].numpy()
    np.testing.assert_allclose(image.color[0, 9, 9].numpy(), expected, atol=1e-5)


def test_light_below_zero_is_dark(renderer):
    eye = view()
    image = renderer.render(quad(3.5, 6.5, 20.5, 11.5, eye), QUAD, smooth_texture(), -white_light(), eye)
    assert image.color.abs().max() == 0 and image.coverage.max() == 1


def test_row_0_of_the_texture_is_v_equal_1(renderer):
    eye = view()
    texture = torch.linspace(1, 0, 16).reshape(1, 1, 16, 1).expand(1, 3, 16, 16)
    image = renderer.render(quad(-0.5, -0.5, 31.5, 31.5, eye), QUAD, texture, white_light(), eye)
    assert image.uv[0, 0, 0, 1] > 0.95 and image.color[0, 0, 0, 0] > 0.95
    assert image.uv[0, 31, 0, 1] < 0.05 and image.color[0, 31, 0, 0] < 0.05


def test_a_magnified_texture_is_bilinear(renderer):
    eye = view()
    texture = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(2))
    image = renderer.render(quad(-0.5, -0.5, 31.5, 31.5, eye), QUAD, texture, white_light(), eye)
    expected = torch.nn.functional.interpolate(texture, size=(32, 32), mode="bilinear", align_corners=False)
    torch.testing.assert_close(image.color[0].permute(2, 0, 1), expected[0], atol=1e-4, rtol=0)


def test_a_minified_texture_is_averaged(renderer):
    eye = view()
    checks = (torch.arange(256)[:, None] + torch.arange(256)) % 2
    texture = checks.float().expand(1, 3, 256, 256)
    image = renderer.render(quad(-0.5, -0.5, 31.5, 31.5, eye), QUAD, texture, white_light(), eye)
    torch.testing.assert_close(image.color[0], torch.full((32, 32, 3), 0.5), atol=1e-3, rtol=0)


def test_a_highlight_is_brightest_where_the_normal_halves_light_and_view(renderer):
    vertices, topology = sphere(60, 120, 50.0, 4000.0)
    eye = view(64, 2000.0)
    lobe = Lobe(torch.tensor([[-4.0, 0.0, -3.0]]), torch.tensor([[0.5, 0.3, 0.1]]), torch.tensor([40.0]))
    dark = torch.zeros(1, 9, 3)
    image = renderer.render(vertices, topology, smooth_texture(), dark, eye, lobe).color[0]
    # From afar the view is along z: half-way between (-4, 0, -3) / 5 and (0, 0, -1) lies (-1, 0, -2) / √5.
    row, column = divmod(int(image[:, :, 0].argmax()), 64)
    pixels_per_radius = 2000.0 * 50.0 / 4000.0
    assert column - 31.5 == pytest.approx(-pixels_per_radius / math.sqrt(5), abs=1.0)
    assert row - 31.5 == pytest.approx(0.0, abs=1.0)
    torch.testing.assert_close(image.amax((0, 1)), torch.tensor([0.5, 0.3, 0.1]), atol=0.01, rtol=0)


def test_a_highlight_on_a_plane_has_the_stated_profile(renderer):
    eye = view()
    light = Lobe(torch.tensor([[0.0, 0.0, -1.0]]), torch.ones(1, 3), torch.tensor([300.0]))
    image = renderer.render(quad(-0.5, -0.5, 31.5, 31.5, eye), QUAD, smooth_texture(), torch.zeros(1, 9, 3), eye, light)
    # The lamp is behind the camera: at a pixel, the half vector leaves the normal by half the angle of its ray.
    angle = math.atan(math.hypot(4 - 15.5, 20 - 15.5) / FOCAL) / 2
    expected = math.exp(300.0 * (math.cos(angle) - 1))
    assert image.color[0, 20, 4].tolist() == pytest.approx([expected] * 3, abs=1e-4)


def test_a_highlight_adds_to_the_diffuse_colour(renderer):
    vertices, topology = sphere(12, 24, 40.0, 300.0)
    lobe = Lobe(torch.tensor([[-0.5, -0.6, -0.6]]), torch.tensor([[0.4, 0.3, 0.2]]), torch.tensor([12.0]))
    scene = vertices, topology, smooth_texture()
    plain = renderer.render(*scene, coloured_light(), view()).color
    gloss = renderer.render(*scene, torch.zeros(1, 9, 3), view(), lobe).color
    both = renderer.render(*scene, coloured_light(), view(), lobe).color
    assert gloss.max() > 0.3
    torch.testing.assert_close(both, plain + gloss, atol=1e-5, rtol=0)


# Hard cases -------------------------------------------------------------------------------------------------------


def test_an_empty_scene_is_empty(renderer):
    nothing = torch.zeros(0, 3, dtype=torch.int32)
    topology = Topology(nothing, torch.zeros(1, 2), nothing)
    image = renderer.render(torch.zeros(1, 3, 3), topology, smooth_texture(), white_light(), view())
    assert image.color.abs().max() == 0 and image.coverage.max() == 0 and image.triangle.max() == -1
    assert image.color.shape == (1, SIZE, SIZE, 3)


@pytest.mark.parametrize("depth", [-200.0, 0.5, 0.0])
def test_what_lies_behind_the_near_plane_is_not_drawn(renderer, depth):
    corners = torch.tensor([[[-9.0, -9.0, depth], [0.0, 9.0, depth], [9.0, -9.0, depth]]])
    topology = Topology(torch.tensor([[0, 1, 2]], dtype=torch.int32), torch.zeros(3, 2), QUAD.uv_triangles[:1])
    image = renderer.render(corners, topology, smooth_texture(), white_light(), view())
    assert image.coverage.max() == 0 and torch.isfinite(image.color).all()


def test_a_triangle_that_crosses_the_near_plane_is_clipped(renderer):
    # A floor 50 mm below the camera, from 100 mm behind it to 1 km ahead: it fills the image below the horizon.
    floor = torch.tensor([[[-1e6, 50.0, -100.0], [1e6, 50.0, -100.0], [0.0, 50.0, 1e6]]])
    topology = Topology(torch.tensor([[0, 1, 2]], dtype=torch.int32), torch.zeros(3, 2), QUAD.uv_triangles[:1])
    image = renderer.render(floor, topology, smooth_texture(), white_light(), view())
    assert (image.triangle[0, :16] < 0).all() and (image.triangle[0, 17:] == 0).all()
    assert image.depth[0, 31, 16].item() == pytest.approx(50.0 * FOCAL / 15.5, rel=1e-3)
    assert torch.isfinite(image.color).all()


def test_degenerate_triangles_draw_nothing_and_break_nothing(renderer):
    eye = view()
    vertices = quad(3.5, 6.5, 20.5, 11.5, eye)
    extra = torch.tensor([[0, 0, 1], [2, 2, 2], [0, 1, 0]], dtype=torch.int32)
    topology = Topology(torch.cat([QUAD.triangles, extra]), QUAD.uv, torch.cat([QUAD.uv_triangles, extra]))
    vertices.requires_grad_()
    image = renderer.render(vertices, topology, smooth_texture(), coloured_light(), eye)
    image.color.sum().backward()
    assert image.coverage.sum().item() == pytest.approx(85.0, abs=1e-2)
    assert torch.isfinite(image.color).all() and torch.isfinite(vertices.grad).all()


def test_a_mesh_partly_outside_the_image_is_cut_at_its_border(renderer):
    eye = view()
    image = renderer.render(quad(-50.0, 6.5, 90.0, 11.5, eye), QUAD, smooth_texture(), white_light(), eye)
    assert image.coverage.sum().item() == pytest.approx(5 * SIZE, abs=1e-2)


def test_neighbouring_triangles_leave_no_gap(renderer):
    generator = torch.Generator().manual_seed(4)
    grid = torch.stack(torch.meshgrid(torch.arange(9.0), torch.arange(9.0), indexing="xy"), -1) * 8 - 1.0
    grid[1:-1, 1:-1] += torch.rand(7, 7, 2, generator=generator) * 4 - 2
    here = torch.arange(81).reshape(9, 9)
    a, b, c, d = (part.reshape(-1) for part in (here[:-1, :-1], here[1:, :-1], here[1:, 1:], here[:-1, 1:]))
    triangles = torch.cat([torch.stack([a, b, c], 1), torch.stack([a, c, d], 1)]).int()
    eye = view(62)
    vertices = at_pixels([tuple(p) for p in grid.reshape(-1, 2).tolist()], [500.0] * 81, eye)
    image = renderer.render(
        vertices, Topology(triangles, torch.rand(81, 2), triangles), smooth_texture(), white_light(), eye
    )
    assert image.coverage[0, 1:-1, 1:-1].min() == 1


@pytest.mark.parametrize(
    "wrong",
    ["vertices", "few vertices", "texture", "empty texture", "lighting", "uv", "focal", "centre", "size", "lobe"],
)
def test_arrays_that_do_not_fit_are_refused_with_a_sentence(renderer, wrong):
    eye, texture, light = view(), smooth_texture(), white_light()
    vertices, topology, lobe = quad(3.5, 6.5, 20.5, 11.5, eye).expand(2, 4, 3), QUAD, None
    three = torch.ones(3)
    if wrong == "vertices":
        vertices = vertices[..., :2]
    elif wrong == "few vertices":
        vertices = vertices[:, :3]
    elif wrong.endswith("texture"):
        texture = texture[:, :1] if wrong == "texture" else texture[..., :0]
    elif wrong == "lighting":
        light = light[:, :4]
    elif wrong == "uv":
        topology = Topology(QUAD.triangles, QUAD.uv[:2], QUAD.uv_triangles)
    elif wrong == "lobe":
        lobe = Lobe(torch.ones(1, 2), torch.ones(1, 3), torch.ones(1))
    else:
        size = 1 << 16 if wrong == "size" else SIZE
        centre = three[None] if wrong == "centre" else eye.principal_px
        eye = View(three if wrong == "focal" else eye.focal_px, centre, SIZE, size)
    with pytest.raises(ShapeError, match="must"):
        renderer.render(vertices, topology, texture, light, eye, lobe)


def test_images_of_a_batch_are_those_of_single_calls(renderer):
    vertices, topology = sphere(8, 16, 50.0, 300.0)
    batch = torch.cat([vertices, vertices + torch.tensor([10.0, -5.0, 30.0])])
    eye = View(torch.tensor([100.0, 130.0]), torch.tensor([[15.5, 15.5], [12.0, 18.0]]), 24, SIZE)
    textures, light = torch.cat([smooth_texture(seed=1), smooth_texture(seed=2)]), coloured_light().expand(2, 9, 3)
    both = renderer.render(batch, topology, textures, light, eye)
    for b in range(2):
        one_eye = View(eye.focal_px[b : b + 1], eye.principal_px[b : b + 1], 24, SIZE)
        single = renderer.render(batch[b : b + 1], topology, textures[b : b + 1], light[b : b + 1], one_eye)
        torch.testing.assert_close(both.color[b], single.color[0])
        torch.testing.assert_close(both.coverage[b], single.coverage[0])
    assert isinstance(both, Rendered) and both.color.shape == (2, 24, SIZE, 3)
