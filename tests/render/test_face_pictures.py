"""`Face.render` as a camera: where the head is seen, from how far, in which light, on which ground."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from facegpt.api import FaceGPT
from facegpt.conventions import rotation_from_euler_deg, srgb_to_linear
from facegpt.face import Face
from facegpt.face.pictures import own_view, usual_distance_mm
from facegpt.morphable.makehuman.head import load
from facegpt.render.default_view import default_view
from facegpt.types import FaceGPTError


@cache
def face(yaw_deg: float = 0.0, pitch_deg: float = 0.0) -> Face:
    """The mean head, bald, as a photo of it turned so would give it."""
    head = load()
    pose, camera = default_view(rotation_from_euler_deg(yaw_deg, pitch_deg))
    return Face(head, FaceGPT(head).mean_face().params.replace(pose=pose, camera=camera, hair=None, shirt=None))


def seen_box(picture) -> np.ndarray:
    """Width and height of what is drawn, pixels; the end of its neck fades."""
    rows, columns = np.nonzero(picture[..., 3] > 0)
    return np.array([np.ptp(columns) + 1, np.ptp(rows) + 1], float)


def projected_box(yaw_deg: float, pitch_deg: float, distance_mm: float) -> np.ndarray:
    """The same of a pinhole camera at that distance from the middle of the head, in units of its own."""
    turned = face().vertices() @ rotation_from_euler_deg(yaw_deg, pitch_deg).T
    turned = turned - (turned.min(0) + turned.max(0)) / 2 + [0, 0, distance_mm]
    flat = turned[:, :2] / turned[:, 2:]
    return np.ptp(flat, axis=0)


@pytest.mark.parametrize(
    ("yaw_deg", "pitch_deg", "distance_mm"), [(0, 0, 300), (0, 0, 5000), (40, 0, 500), (-70, 25, 900)]
)
def test_a_head_is_as_wide_and_high_as_a_pinhole_camera_sees_it(yaw_deg, pitch_deg, distance_mm):
    drawn = face().render(200, yaw_deg, pitch_deg, distance_mm=distance_mm)
    width, height = seen_box(drawn)
    truth = projected_box(yaw_deg, pitch_deg, distance_mm)
    assert width / height == pytest.approx(truth[0] / truth[1], rel=0.03)


def found_from(distance_mm: float) -> Face:
    """The mean head as a photo of its front taken from that far away would give it."""
    pose, camera = default_view(None, distance_mm)
    return replace(face(), params=face().params.replace(pose=pose, camera=camera), scale_sd=0.03)


@pytest.mark.parametrize("distance_mm", [500.0, 2500.0])
def test_a_head_is_as_broad_in_its_picture_as_in_its_photo(distance_mm):
    found = found_from(distance_mm)
    seen = np.ptp(found.project(found.vertices()), axis=0)
    width, height = seen_box(found.render(400))
    assert width / height == pytest.approx(seen[0] / seen[1], rel=0.01)
    other = seen_box(found.render(400, distance_mm=1100.0))
    assert abs(other[0] / other[1] / (seen[0] / seen[1]) - 1) > 0.015


def test_a_changed_head_is_seen_from_as_far_and_as_large():
    near, far = (Face(face().model, found_from(d).params.replace(pose=p, camera=c), scale_sd=0.03)
                 for d in (500.0, 2500.0) for p, c in [own_view(found_from(d))])  # fmt: skip
    for changed, distance_mm in ((near, 500.0), (far, 2500.0)):
        assert usual_distance_mm(changed) == pytest.approx(usual_distance_mm(found_from(distance_mm)), rel=0.05)
    sizes = [np.ptp(each.project(each.landmarks("mediapipe478", "head"))[:, 1]) for each in (near, far)]
    assert sizes[0] / sizes[1] == pytest.approx(1.0, abs=0.2)


def test_frames_of_a_clip_and_heads_of_no_photo_keep_one_distance():
    assert usual_distance_mm(face()) == usual_distance_mm(replace(found_from(600.0), track_id=1)) == 1100.0


def drawn_outline(picture) -> np.ndarray:
    """How far to the right the head reaches, by twentieths of its height: 0..1 of its width."""
    rows, columns = np.nonzero(picture[..., 3] > 0)
    return outline(np.stack([columns, rows], 1).astype(float))


def outline(points) -> np.ndarray:
    low, size = points.min(0), np.ptp(points, axis=0)
    x, y = ((points - low) / size).T
    return np.array([x[(y >= k / 20) & (y <= (k + 1) / 20)].max() for k in range(20)])


@pytest.mark.parametrize(("yaw_deg", "pitch_deg"), [(50, 30), (-50, 30), (50, -30)])
def test_positive_yaw_faces_image_right_and_positive_pitch_lowers_the_chin(yaw_deg, pitch_deg):
    drawn = drawn_outline(face().render(160, yaw_deg, pitch_deg))
    off = {}
    for other in ((yaw_deg, pitch_deg), (-yaw_deg, pitch_deg), (yaw_deg, -pitch_deg)):
        turned = face().vertices() @ rotation_from_euler_deg(*other).T
        turned = turned - (turned.min(0) + turned.max(0)) / 2 + [0, 0, 1100]
        off[other] = np.abs(outline(turned[:, :2] / turned[:, 2:]) - drawn).mean()
    assert off.pop((yaw_deg, pitch_deg)) < 0.5 * min(off.values())


def test_it_is_drawn_from_the_front_unless_its_photo_is_asked_for():
    assert np.abs(face(25.0, 10.0).render(96).astype(int) - face().render(96, 0.0, 0.0)).max() <= 1
    as_seen = face(25.0, 10.0).render(96, None, None)
    assert np.abs(as_seen.astype(int) - face().render(96, 25.0, 10.0)).max() <= 1
    assert np.abs(as_seen.astype(int) - face(25.0, 10.0).render(96, 0.0, 0.0)).mean() > 3
    assert np.abs(face(25.0, 10.0).render(96, 0.0).astype(int) - face().render(96)).max() <= 1


@pytest.mark.parametrize("background", [(200, 30, 60), "#c81e3c", np.full((64, 64, 3), (200, 30, 60), np.uint8)])
def test_a_background_is_seen_around_the_head_and_nothing_shines_through(background):
    drawn = face().render(64, background=background)
    assert (drawn[..., 3] == 255).all() and tuple(drawn[0, 0, :3]) == (200, 30, 60)
    alone = face().render(64)
    solid = alone[..., 3] == 255
    assert np.abs(drawn[solid].astype(int) - alone[solid]).max() <= 1


def test_lights_come_from_where_their_names_say():
    means = {}
    for light in ("left", "right", "even"):
        drawn = face().render(96, 0, 0, light=light).astype(float)
        weight = (drawn[..., 3] == 255).astype(float)
        half = [weight * (np.arange(96) < 48), weight * (np.arange(96) >= 48)]
        means[light] = [(drawn[..., 0] * part).sum() / part.sum() for part in half]
    assert means["left"][0] > 1.3 * means["left"][1] and means["right"][1] > 1.3 * means["right"][0]
    assert means["even"][0] == pytest.approx(means["even"][1], rel=0.03)


def test_a_face_is_about_as_bright_in_even_light_as_in_the_studio():
    bright = {}
    for light in ("studio", "even"):
        drawn = face().render(96, 0, 0, light=light)
        rows, columns = np.nonzero(drawn[..., 3] == 255)
        top, low = np.quantile(rows, (0.15, 0.75)).astype(int)
        left, right = np.quantile(columns, (0.3, 0.7)).astype(int)
        bright[light] = np.median(srgb_to_linear(drawn[top:low, left:right, 1] / 255.0))
    assert 1.0 < bright["even"] / bright["studio"] < 1.5  # even light has no shade


@pytest.mark.parametrize(
    "wrong",
    [{"light": "disco"}, {"light": np.zeros((3, 9))}, {"background": "no colour"}, {"background": (1, 2)},
     {"background": (0, 0, 300)}, {"distance_mm": 10.0}, {"yaw_deg": float("nan")}],
)  # fmt: skip
def test_what_there_is_not_is_said(wrong):
    with pytest.raises(FaceGPTError):
        face().render(32, **wrong)
