"""Pictures for people, light, and the renderer's manners: threads, in-place changes, kernels against the oracle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from facegpt.api import load
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.morphable.proxies import Proxy
from facegpt.render import drawn, portrait
from facegpt.render.base import AMBIENT_WHITE, Topology, View
from facegpt.render.lighting import SHEEN, default_studio_lighting, dominant_lobe, lighting_from_lamps, sh_basis
from facegpt.render.numba_cpu.drawing import announce_compilation
from facegpt.render.numba_cpu.renderer import NumbaRenderer
from facegpt.render.portrait import draw_picture
from facegpt.render.texture_levels import Levels
from facegpt.types import Camera, Mesh, Pose

CAMERA = Camera(200.0, (31.5, 31.5), 64, 64)
POSE = Pose(np.diag([1.0, -1.0, -1.0]), np.array([0.0, 0.0, 400.0]))


def card(texture: np.ndarray | None) -> Mesh:
    """A square of 80 mm that faces the camera, in the head frame."""
    vertices = np.array([[-40.0, -40, 0], [40, -40, 0], [40, 40, 0], [-40, 40, 0]])
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    uv = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    return Mesh(vertices, triangles, uv, triangles, np.zeros(2, np.uint8), ("skin",), texture)


def plain(rgba: tuple[int, int, int, int]) -> np.ndarray:
    return np.full((16, 16, 4), rgba, np.uint8)


def ambient() -> np.ndarray:
    light = np.zeros((9, 3), np.float32)
    light[0] = AMBIENT_WHITE
    return light


def test_a_picture_shows_the_texture_s_colour_on_a_transparent_background():
    picture = draw_picture(card(plain((200, 120, 40, 255))), POSE, CAMERA, ambient())
    assert picture.shape == (64, 64, 4) and picture.dtype == np.uint8
    assert picture[0, 0, 3] == 0 and picture[32, 32, 3] == 255
    np.testing.assert_allclose(picture[32, 32, :3].astype(int), [200, 120, 40], atol=8)  # a faint highlight is added


@pytest.mark.parametrize("yaw_deg", [0.0, 90.0])
def test_a_head_is_drawn_in_the_window_that_it_fills_as_in_the_whole_picture(monkeypatch, yaw_deg):
    head, samples = load().mean_face(), []
    kept = drawn.draw_in_window

    def counted(*told):
        found = kept(*told)
        samples.append(found[0].coverage.size)
        return found

    monkeypatch.setattr(drawn, "draw_in_window", counted)
    windowed = head.render(160, yaw_deg)
    monkeypatch.setattr(drawn, "draw_in_window", lambda *told: None)
    whole = head.render(160, yaw_deg)
    assert samples[0] < 0.85 * 320**2
    assert np.abs(windowed.astype(int) - whole).max() <= 2 and (windowed != whole).mean() < 1e-3


@pytest.mark.parametrize("grey", [0.05, 0.3])
def test_skin_in_a_photos_light_sends_back_its_sheen_and_nothing_else_does(grey):
    texture = plain((*(3 * [round(255 * float(linear_to_srgb(grey)))]), 255))
    texture[8:, :, :3] = round(255 * float(linear_to_srgb(grey / 4)))  # a dark half
    skin, teeth = card(texture), replace(card(texture), part_names=("teeth",))
    with_it, without = (
        srgb_to_linear(draw_picture(skin, POSE, CAMERA, ambient(), shiny_skin=False, sheen=on)[..., :3] / 255.0)
        for on in (True, False)
    )
    both = np.s_[16:48, 20:44]
    assert with_it[both].mean() - without[both].mean() == pytest.approx(SHEEN, rel=0.1)  # of all the light: white
    light, dark = with_it[20, 32] / without[20, 32], with_it[44, 32] / without[44, 32]
    np.testing.assert_allclose(light, dark, rtol=0.15)  # hollows send back less
    pictures = [draw_picture(teeth, POSE, CAMERA, ambient(), sheen=on) for on in (True, False)]
    np.testing.assert_array_equal(*pictures)


def test_head_up_is_image_up():
    texture = plain((255, 255, 255, 255))
    texture[8:] = (0, 0, 0, 255)
    picture = draw_picture(card(texture), POSE, CAMERA, ambient())
    assert picture[20, 32, 0] > 200 and picture[44, 32, 0] < 60


def test_a_half_transparent_surface_mixes_with_what_is_behind_it():
    back, front = card(plain((255, 255, 255, 255))), card(None)
    vertices = np.concatenate([back.vertices, front.vertices + np.array([0, 0, 20])])
    triangles = np.concatenate([back.triangles, front.triangles + 4])
    texture = np.concatenate([plain((255, 255, 255, 255)), plain((0, 0, 0, 128))], 1)
    uv = np.concatenate([back.uv * [0.4, 1] + [0.05, 0], front.uv * [0.4, 1] + [0.55, 0]])
    mesh = Mesh(vertices, triangles, uv, triangles, np.zeros(4, np.uint8), ("skin",), texture)
    picture = draw_picture(mesh, POSE, CAMERA, ambient())
    assert srgb_to_linear(picture[32, 32, 0] / 255) == pytest.approx(1 - 128 / 255, abs=0.05)


def test_a_mesh_without_texture_is_grey_and_lit_from_the_left():
    angle = np.linspace(-1.2, 1.2, 21)
    strip = np.stack([60 * np.sin(angle), np.zeros(21), 60 * np.cos(angle)], 1)
    vertices = np.concatenate([strip - np.array([0, 50, 0]), strip + np.array([0, 50, 0])])
    low = np.arange(20)
    triangles = np.concatenate([np.stack([low, low + 1, low + 22], 1), np.stack([low, low + 22, low + 21], 1)])
    part = np.zeros(40, np.uint8)
    mesh = Mesh(vertices, triangles.astype(np.int32), np.zeros((42, 2)), triangles, part, ("skin",), None)
    picture = draw_picture(mesh, POSE, CAMERA).astype(int)
    assert picture[32, 14, 0] > picture[32, 50, 0] + 30
    assert abs(picture[32, 14, 0] - picture[32, 14, 2]) < 30


def test_a_lamp_of_strength_1_shows_about_the_albedo_on_a_surface_that_faces_it():
    towards = np.array([0.6, 0.0, -0.8])
    light = lighting_from_lamps(((tuple(towards), (1.0, 1.0, 1.0)),))
    assert sh_basis(towards) @ light == pytest.approx(np.ones(3), abs=0.07)
    assert (np.abs(sh_basis(-towards) @ light) < 0.1).all()
    assert default_studio_lighting().shape == (9, 3)


def small_scene():
    triangles = torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32)
    topology = Topology(triangles, torch.rand(4, 2, generator=torch.Generator().manual_seed(0)), triangles)
    vertices = torch.tensor([[[-40.0, -40, 400], [-40, 40, 380], [40, 40, 400], [40, -40, 420]]])
    eye = View(torch.tensor([200.0]), torch.tensor([[31.5, 31.5]]), 64, 64)
    return vertices, topology, torch.rand(1, 3, 32, 32), torch.from_numpy(default_studio_lighting())[None], eye


def test_the_dominant_lobe_of_one_lamp_is_that_lamp():
    light = lighting_from_lamps((((-0.6, -0.64, -0.48), (0.9, 0.6, 0.3)),), (0.4, 0.4, 0.4))
    lobe = dominant_lobe(torch.from_numpy(light)[None], torch.tensor([0.5]), torch.tensor([0.5]))
    towards = lobe.direction[0] / lobe.direction[0].norm()
    assert towards.tolist() == pytest.approx([-0.6, -0.64, -0.48], abs=1e-5)
    assert lobe.color[0].tolist() == pytest.approx([0.45, 0.30, 0.15], abs=1e-4)
    assert lobe.sharpness.item() == pytest.approx(32.0)


def test_images_and_gradients_do_not_depend_on_the_number_of_threads():
    vertices, topology, texture, light, eye = small_scene()
    results = []
    for threads in (1, 3):
        leaves = [vertices.clone().requires_grad_(), texture.clone().requires_grad_(), light.clone().requires_grad_()]
        image = NumbaRenderer(threads).render(leaves[0], topology, leaves[1], leaves[2], eye)
        image.color.square().sum().backward()
        results.append([image.color, image.coverage, image.depth, *(leaf.grad for leaf in leaves)])
    for one, three in zip(*results, strict=True):
        torch.testing.assert_close(one, three, atol=1e-4, rtol=1e-4)


def test_calls_from_several_threads_at_once_give_the_same_images():
    vertices, topology, texture, light, eye = small_scene()
    renderer = NumbaRenderer(2)
    expected = renderer.render(vertices, topology, texture, light, eye).color
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda _: renderer.render(vertices, topology, texture, light, eye).color, range(16))
        for image in found:
            torch.testing.assert_close(image, expected)


def test_a_change_in_place_before_the_backward_pass_is_an_error_and_not_a_wrong_gradient():
    vertices, topology, texture, light, eye = small_scene()
    moved = vertices.requires_grad_() * 1.0
    image = NumbaRenderer(1).render(moved, topology, texture, light, eye)
    with torch.no_grad():
        moved += 1.0
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        image.color.sum().backward()


def worn(mesh: Mesh, glass: bool = False, left: float = 1.0) -> Proxy:
    """A mesh as something worn, facing the camera, under which `left` of the light reaches the head."""
    count = len(mesh.vertices)
    normals, weights = np.tile(np.array([0.0, 0, 1]), (count, 1)), np.ones((count, 1))
    return Proxy(
        "worn", mesh, normals, mesh.vertices, normals, weights, 0.5, glass, np.ones(count), np.full(4, left, np.float32)
    )


def moved(mesh: Mesh, z: float) -> Mesh:
    return replace(mesh, vertices=mesh.vertices + np.array([0, 0, z]))


def test_what_is_worn_shows_before_the_head_and_not_behind_it():
    skin, hair = card(plain((220, 180, 150, 255))), card(plain((20, 160, 20, 255)))
    before = draw_picture(skin, POSE, CAMERA, ambient(), worn=[worn(moved(hair, 10))])
    behind = draw_picture(skin, POSE, CAMERA, ambient(), worn=[worn(moved(hair, -10))])
    assert before[32, 32, 1] > 120 > before[32, 32, 0]
    assert behind[32, 32, 0] > 200


def test_solid_layers_hide_each_other_whatever_the_order_of_their_triangles():
    near, far = moved(card(None), 20.0), moved(card(None), 10.0)
    texture = np.concatenate([plain((20, 160, 20, 255)), plain((160, 20, 20, 255))], 1)
    halves = [near.uv * [0.4, 1] + [0.05, 0], far.uv * [0.4, 1] + [0.55, 0]]
    vertices, uv = np.concatenate([near.vertices, far.vertices]), np.concatenate(halves)
    first = np.concatenate([near.triangles, far.triangles + 4])
    for triangles in (first, first[::-1]):
        hair = Mesh(vertices, triangles, uv, triangles, np.zeros(4, np.uint8), ("hair",), texture)
        picture = draw_picture(
            moved(card(plain((255, 255, 255, 255))), -20.0), POSE, CAMERA, ambient(), worn=[worn(hair)]
        )
        assert picture[32, 32, 1] > 120 > picture[32, 32, 0]


def test_rough_hair_has_less_of_a_highlight():
    skin, hair = card(plain((120, 90, 70, 255))), worn(moved(card(plain((30, 26, 24, 255))), 10))
    hair = replace(hair, tangents=np.tile([1.0, 0.0, 0.0], (4, 1)))
    lamp = lighting_from_lamps((((0.0, 0.0, -1.0), (1.5, 1.5, 1.5)),))
    smooth, half, rough = (
        draw_picture(skin, POSE, CAMERA, lamp, worn=[replace(hair, roughness=r)])[32, 32, 0].astype(int)
        for r in (0.5, 0.8, 1.0)
    )
    assert smooth > half + 3 and half > rough + 3


def test_hair_before_the_head_shades_it():
    skin, beside = card(plain((200, 200, 200, 255))), moved(card(plain((0, 0, 0, 0))), 10.0)
    shaded = draw_picture(skin, POSE, CAMERA, ambient(), worn=[worn(beside, left=0.5)])
    bare = draw_picture(skin, POSE, CAMERA, ambient())
    assert srgb_to_linear(shaded[32, 32, 0] / 255) == pytest.approx(
        0.5 * srgb_to_linear(bare[32, 32, 0] / 255), rel=0.1
    )


def slit(height: float, behind: float) -> Mesh:
    """Two lips of skin, so far apart, and a wall of teeth so far behind them, mm; all of one colour."""
    rows = [(height / 2, 40.0, 0.0), (-40.0, -height / 2, 0.0), (-40.0, 40.0, -behind)]
    vertices = np.array(
        [[x, y, z] for low, high, z in rows for x, y in ((-40, low), (40, low), (40, high), (-40, high))]
    )
    triangles = np.array([[4 * k + i for i in three] for k in range(3) for three in ((0, 1, 2), (0, 2, 3))], np.int32)
    uv = np.full((len(vertices), 2), 0.5)
    part = np.array([0, 0, 0, 0, 1, 1], np.uint8)
    return Mesh(vertices, triangles, uv, triangles, part, ("skin", "upper_teeth"), plain((200, 200, 200, 255)))


@pytest.mark.parametrize("height", [4.0, 10.0, 16.0])
def test_teeth_are_lit_by_what_of_the_sky_they_see_between_the_lips(height):
    """In the middle of a long slit that is, with the cosine, the sine of half the angle that it opens.

    What hides the rest is lit as well: no less than the sky alone is left, and no more than between white walls.
    """
    close = Camera(1600.0, (63.5, 63.5), 128, 128)
    picture = srgb_to_linear(draw_picture(slit(height, 8.0), POSE, close, ambient())[..., :3] / 255.0)
    lips, teeth = picture[4].mean(), picture[63:65, 40:88].mean()
    sky = height / np.hypot(height, 2 * 8.0)
    albedo = srgb_to_linear(200 / 255)
    assert 0.88 * sky < teeth / lips < 1.12 * sky / (1 - albedo * (1 - sky))


def eye_in_skin(albedo: int) -> Mesh:
    """Two squares of 80 mm, the right half of each an eyeball of that grey, sRGB."""
    vertices = np.array([[-40.0, -40, 0], [0, -40, 0], [40, -40, 0], [40, 40, 0], [0, 40, 0], [-40, 40, 0]])
    triangles = np.array([[0, 1, 4], [0, 4, 5], [1, 2, 3], [1, 3, 4]], np.int32)
    part = np.array([0, 0, 1, 1], np.uint8)
    uv = (vertices[:, :2] + 40) / 80
    return Mesh(vertices, triangles, uv, triangles, part, ("skin", "left_eye"), plain((albedo,) * 3 + (255,)))


def test_a_black_pupil_mirrors_a_little_of_the_light_and_black_skin_none(monkeypatch):
    picture = draw_picture(eye_in_skin(0), POSE, CAMERA, ambient(), shiny_skin=False)
    monkeypatch.setattr(portrait, "VEIL", 0.0)
    without = draw_picture(eye_in_skin(0), POSE, CAMERA, ambient(), shiny_skin=False)
    gained = srgb_to_linear(picture[32, 44, :3] / 255.0) - srgb_to_linear(without[32, 44, :3] / 255.0)
    assert gained == pytest.approx(0.006, abs=0.0015)
    assert (picture[:, :30] == without[:, :30]).all()


def test_a_plain_mesh_hides_its_lashes():
    mesh = replace(card(None), part_names=("lashes",))
    assert draw_picture(mesh, POSE, CAMERA)[..., 3].max() == 0


def test_kernels_that_are_on_disk_are_not_announced_again(capsys):
    draw_picture(card(plain((200, 120, 40, 255))), POSE, CAMERA, ambient())
    announce_compilation.cache_clear()
    capsys.readouterr()
    announce_compilation()
    assert capsys.readouterr().err == ""


def test_arrays_are_drawn_as_tensors_are():
    vertices, topology, texture, light, eye = small_scene()
    wanted = NumbaRenderer(1).render(vertices, topology, texture, light, eye)
    arrays = Topology(*(tensor.numpy() for tensor in (topology.triangles, topology.uv, topology.uv_triangles)))
    camera = Camera(200.0, (31.5, 31.5), 64, 64)
    found = NumbaRenderer(1).render_arrays(vertices[0].numpy(), arrays, texture[0].numpy(), light[0].numpy(), camera)
    for name in ("color", "coverage", "depth", "normal", "triangle", "barycentric"):
        assert np.array_equal(getattr(found, name), getattr(wanted, name)[0].numpy())


def test_slivers_and_broken_numbers_do_no_harm():
    generator = torch.Generator().manual_seed(3)
    vertices = torch.randn(1, 300, 3, generator=generator) * torch.tensor([60.0, 60.0, 1e-5]) + torch.tensor(
        [0, 0, 400.0]
    )
    vertices[0, ::3, 1] = vertices[0, 1::3, 1]  # slivers
    vertices[0, 290:] = torch.nan
    vertices[0, 280:290, 0] = torch.inf
    triangles = torch.arange(300, dtype=torch.int32).reshape(100, 3)
    topology = Topology(triangles, torch.rand(300, 2, generator=generator), triangles)
    _, _, texture, light, eye = small_scene()
    vertices.requires_grad_()
    image = NumbaRenderer(1).render(vertices, topology, texture, light, eye)
    image.color.sum().backward()
    assert torch.isfinite(image.color).all() and torch.isfinite(image.coverage).all()


def test_a_portrait_is_darker_where_the_face_hides_the_light_and_nowhere_brighter():
    face = load().mean_face()
    rotation = np.diag([1.0, -1.0, -1.0])
    pose = Pose(rotation, np.array([0.0, 0.0, 900.0]))
    camera, even = Camera(900.0, (127.5, 127.5), 256, 256), lighting_from_lamps((), (1.0, 1.0, 1.0))
    plain, portrait = (
        draw_picture(face.mesh, pose, camera, even, supersample=1, as_portrait=each).astype(int)
        for each in (False, True)
    )
    solid = portrait[..., 3] == 255
    assert (portrait - plain)[solid, :3].max() <= 1

    def change(name: str, rows: slice) -> float:
        """Mean change of the levels around landmarks."""
        points = np.rint(camera.project(pose.apply(face.landmarks(name, "head")[rows]))).astype(int)
        return float(np.mean([(portrait - plain)[y, x, :3].mean() for x, y in points]))

    assert change("ibug68", slice(39, 43, 3)) < change("ibug68", slice(29, 30)) - 5  # eyes' inner corners, nose


def test_a_texture_is_halved_across_strands_alone_where_only_these_are_finer_than_pixels():
    stripes = np.zeros((64, 128, 4), np.float32)
    stripes[:, ::2] = [0.8, 0.4, 0.2, 1.0]
    levels = Levels(stripes)
    assert levels.at(1.0, 1.0).shape == (64, 128, 4)
    half = levels.at(2.5, 0.5)
    assert half.shape == (64, 64, 4)
    np.testing.assert_allclose(half[..., 3], 0.5)
    np.testing.assert_allclose(half[..., :3], np.broadcast_to(np.float32([0.8, 0.4, 0.2]), (64, 64, 3)), rtol=1e-5)
    assert levels.at(1000.0, 1000.0).shape == (32, 32, 4)  # no smaller


def test_a_highlight_is_left_out_where_what_is_worn_makes_the_head_dull():
    """The left corners of a card are below painted roots: light comes back from its right half alone as before."""
    skin, lamp = card(plain((40, 30, 25, 255))), default_studio_lighting()
    flat = draw_picture(skin, POSE, CAMERA, lamp, worn=[worn(moved(skin, -10))], shiny_skin=False).astype(int)
    shiny = draw_picture(skin, POSE, CAMERA, lamp, worn=[worn(moved(skin, -10))]).astype(int)
    left = np.where(skin.vertices[:, 0] < 0, 0, 1).astype(np.float32)
    roots = replace(worn(moved(skin, -10)), head_shine=left)
    found = draw_picture(skin, POSE, CAMERA, lamp, worn=[roots]).astype(int)
    drawn = np.flatnonzero(shiny[32, :, 3] == 255)
    first, last = drawn[1], drawn[-2]
    assert (shiny[32, drawn, 0] - flat[32, drawn, 0]).min() > 4
    assert abs(found[32, first, 0] - flat[32, first, 0]) <= 2
    assert abs(found[32, last, 0] - shiny[32, last, 0]) <= 2
