"""The light of each frame, of heads that were drawn in a light that is known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scripted_look import ScriptedLook, descriptor, head_at, scripted_frames

from facegpt.appearance.prior import model_texture, opacity
from facegpt.conventions import linear_to_srgb
from facegpt.export.curves import LIGHT_NAMES, read_curves_npz, write_curves_json, write_curves_npz
from facegpt.export.take_folder import take_of
from facegpt.morphable.base import head_vertices
from facegpt.render.lighting import lighting_from_lamps, sh_basis
from facegpt.render.plots import draw_over
from facegpt.types import Mesh
from facegpt.video.clip import ClipInfo
from facegpt.video.frame_light import FrameLights, known_skin
from facegpt.video.observation import View, params_of, stacked
from facegpt.video.people import Person
from facegpt.video.smoothing import smoothed
from facegpt.video.tracker import FaceTracker

LEFT, RIGHT = (
    np.asarray(lighting_from_lamps((((x, -0.3, -0.8), (0.7, 0.65, 0.6)),), (0.35, 0.35, 0.4))) for x in (-0.8, 0.8)
)


@pytest.fixture(scope="module")
def texture(head):
    albedo = np.zeros(head.sizes.albedo, np.float32)
    colour = linear_to_srgb(model_texture(head, albedo, 256))
    return np.round(np.dstack([colour, opacity(head, 256)]) * 255).astype(np.uint8)


def drawn(head, texture, params, light, wall=90):
    """A picture of a head in a light."""
    mesh = Mesh(
        head_vertices(head, params),
        head.triangles,
        head.uv,
        head.uv_triangles,
        head.part,
        head.part_names,
        texture,
    )
    background = np.full((480, 640, 3), wall, np.uint8)
    return draw_over(mesh, params.pose, params.camera, np.asarray(light, np.float32), background)


def towards_camera():
    """Directions that a face seen from the front has skin in."""
    out = np.random.default_rng(0).normal(size=(400, 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    return out[out[:, 2] < -0.5]


def change(one, other):
    """Log of how much brighter one light is than another in each direction, (N,)."""
    basis = sh_basis(towards_camera())
    return np.log((basis @ one).mean(1) / (basis @ other).mean(1))


@pytest.mark.parametrize("light", [0.6 * LEFT, 1.3 * LEFT, RIGHT, LEFT * np.array([1.0, 0.8, 0.6])])
def test_a_frame_tells_how_its_light_differs_from_another_s(head, texture, light):
    params = head_at(head, z_mm=600.0)
    skin = known_skin(head, params.identity, texture)
    usual = skin.light(drawn(head, texture, params, LEFT), params, LEFT)
    found = skin.light(drawn(head, texture, params, light), params, LEFT)
    assert np.abs(change(found, usual) - change(light, LEFT)).mean() < 0.12  # of 0.2 to 0.5
    basis = sh_basis(np.array([[0.0, 0.0, -1.0]]))
    tint, true_tint = (((basis @ a) / (basis @ b))[0] for a, b in ((found, usual), (light, LEFT)))
    assert tint / tint.mean() == pytest.approx(true_tint / true_tint.mean(), abs=0.04)


def test_what_hides_a_third_of_the_face_hardly_changes_its_light(head, texture):
    params = head_at(head, z_mm=600.0)
    skin, picture = known_skin(head, params.identity, texture), drawn(head, texture, params, LEFT)
    hidden = picture.copy()
    middle = params.camera.project(params.pose.apply(head_vertices(head, params))).mean(0)
    hidden[round(float(middle[1])) + 60 :] = (30, 60, 160)
    apart = change(skin.light(hidden, params, LEFT), skin.light(picture, params, LEFT))
    assert abs(apart.mean()) < 0.05 and np.abs(apart).max() < 0.2


def test_a_face_outside_of_the_picture_tells_nothing(head, texture):
    params = head_at(head, x_mm=4000.0)
    assert not known_skin(head, params.identity, texture).light(np.zeros((480, 640, 3), np.uint8), params, LEFT).any()


def test_a_clip_s_changing_light_is_followed_and_written(head, texture, tmp_path):
    """A lamp is turned down and up; a hand's width of frames is black. Curves say the light, JSON and NPZ alike."""
    count, black = 40, range(20, 23)
    lights = [LEFT * (1 + 0.3 * np.sin(k / 8)) for k in range(count)]
    params = head_at(head, z_mm=600.0)
    frames = scripted_frames(count)
    for k, frame in enumerate(frames):
        number = frame.pixels[0, 0].copy()
        frame.pixels[:] = drawn(head, texture, params, lights[k]) if k not in black else 0
        frame.pixels[0, 0] = number
    person = Person(0, [descriptor("anna")], identity=np.zeros(head.sizes.identity), focal_px=700.0, frozen=True)
    person.albedo, person.lighting = np.zeros(head.sizes.albedo, np.float32), np.asarray(LEFT, np.float32)
    look = ScriptedLook(head, lambda number: {"anna": params})
    tracker = FaceTracker(head, look, [person], lights=FrameLights(head, {0: texture}))
    rows = stacked([row for frame in frames for row in tracker.step(frame)])
    calm, seen = smoothed(rows)["light"], np.delete(np.arange(count), black)
    true, found = (np.array([change(light[k], light[0]).mean() for k in seen]) for light in (lights, calm))
    assert np.abs(found - true).max() < 0.1
    assert np.abs(np.diff(found, 2)).mean() < 2 * np.abs(np.diff(true, 2)).mean()
    take = take_of(head, ClipInfo("drawn", 640, 480, 30.0, count), View(640, 480), [person], {0: texture}, rows)
    curves = take.curves(0)
    assert np.allclose(curves.light[seen], calm[seen])
    assert np.allclose(curves.light[list(black)], LEFT)  # black frames tell nothing: the person's
    write_curves_npz(tmp_path / "a.npz", curves)
    assert np.allclose(read_curves_npz(tmp_path / "a.npz").light, curves.light, atol=1e-6)
    write_curves_json(tmp_path / "a.json", curves)
    told = json.loads((tmp_path / "a.json").read_text())
    assert "linear RGB" in told["units"]["light"]
    for k, name in enumerate(LIGHT_NAMES):
        assert np.allclose(told["light"][name]["g"], curves.light[:, k, 1], atol=1e-3)


def test_where_a_frame_does_not_tell_the_light_is_the_person_s(head):
    person = Person(0, [descriptor("anna")], identity=np.zeros(head.sizes.identity), focal_px=700.0, frozen=True)
    look = ScriptedLook(head, lambda number: {"anna": head_at(head)})
    row = FaceTracker(head, look, [person]).step(scripted_frames(1)[0])[0]
    held, view = person.held(head), View(640, 480)
    assert np.allclose(params_of(head, held, row, view, None, LEFT).lighting, LEFT)
    lit = row.copy()
    lit["light"] = RIGHT
    assert np.allclose(params_of(head, held, lit, view, None, LEFT).lighting, RIGHT)


def test_hidden_frames_keep_the_light_and_a_lamp_that_is_switched_is_followed_at_once(head):
    person = Person(0, [descriptor("anna")], identity=np.zeros(head.sizes.identity), focal_px=700.0, frozen=True)
    look = ScriptedLook(head, lambda number: {"anna": head_at(head)})
    tracker = FaceTracker(head, look, [person])
    rows = stacked([row for frame in scripted_frames(30) for row in tracker.step(frame)])
    rows["light"][:15], rows["light"][15:] = LEFT, 2 * LEFT
    rows["light"][5:9] = 0
    calm = smoothed(rows)["light"]
    assert np.allclose(calm[:14], LEFT, atol=0.05 * LEFT[0].max())
    assert np.allclose(calm[16:], 2 * LEFT, atol=0.1 * LEFT[0].max())
