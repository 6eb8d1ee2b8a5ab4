"""Painting on somebody's skin in a clip: where marks land, what light falls on them, and what stays as it was."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from facegpt.conventions import linear_to_srgb, rotation_from_euler_deg, srgb_to_linear
from facegpt.export.retexture import Retexturer, read_paint
from facegpt.morphable.base import head_vertices
from facegpt.render.lighting import default_studio_lighting
from facegpt.render.portrait import draw_picture
from facegpt.types import Camera, DensePoints, FaceGPTError, FaceParams, Mesh, Pose

SIDE, SIZE = 320, 256
CAMERA = Camera(560.0, ((SIDE - 1) / 2, (SIDE - 1) / 2), SIDE, SIDE)


@pytest.fixture(scope="module")
def skin(head):
    """A plain brown skin, opaque everywhere."""
    return np.full((SIZE, SIZE, 4), (190, 140, 115, 255), np.uint8)


@pytest.fixture(scope="module")
def params(head):
    weights = np.zeros(52, np.float32)
    weights[25] = 0.3
    light = 0.8 * np.asarray(default_studio_lighting(), np.float32)
    sizes = head.sizes
    return FaceParams(
        head.model_id,
        np.zeros(sizes.identity, np.float32),
        weights,
        np.zeros((sizes.joints, 3), np.float32),
        Pose(rotation_from_euler_deg(14.0, -6.0, 4.0), np.array([5.0, 0.0, 620.0])),
        np.zeros(sizes.albedo, np.float32),
        light.astype(np.float32),
        CAMERA,
    )


@pytest.fixture(scope="module")
def frame(head, skin, params):
    """The head in its own skin before a grey wall: what a camera would see."""
    h = head
    mesh = Mesh(head_vertices(h, params), h.triangles, h.uv, h.uv_triangles, h.part, h.part_names, skin)
    drawn = draw_picture(mesh, params.pose, CAMERA, params.lighting)
    alpha = drawn[..., 3:] / 255.0
    return np.round(drawn[..., :3] * alpha + 120 * (1 - alpha)).astype(np.uint8)


def marked(head, skin, point68: int) -> tuple[np.ndarray, np.ndarray]:
    """The skin with a small blue dot, and where on the surface it is: (triangle's corners, weights)."""
    embedding = head.embedding("ibug68")
    corners, weights = embedding.corners[point68], embedding.weights[point68]
    row = next(k for k, t in enumerate(head.triangles) if set(t) == set(corners))
    order = [list(head.triangles[row]).index(c) for c in corners]
    uv = (np.asarray(weights)[:, None] * head.uv[head.uv_triangles[row][order]]).sum(0)
    column, line = uv[0] * SIZE - 0.5, (1 - uv[1]) * SIZE - 0.5
    y, x = np.mgrid[:SIZE, :SIZE]
    share = np.exp(-((x - column) ** 2 + (y - line) ** 2) / (2 * 2.0**2))[..., None]
    out = skin.copy()
    out[..., :3] = np.round(skin[..., :3] * (1 - share) + np.array([20, 40, 220]) * share)
    return out, point68


@pytest.mark.parametrize("point68", [28, 29, 30, 8])
def test_a_mark_lands_where_its_place_on_the_surface_is_seen(head, skin, params, frame, point68):
    texture, _ = marked(head, skin, point68)
    painted = Retexturer(head, skin, texture).paint(frame, params)
    changed = np.abs(painted.astype(float) - frame).sum(-1)
    truth = params.camera.project(params.pose.apply(head.embedding("ibug68")(head_vertices(head, params))))[point68]
    y, x = np.mgrid[:SIDE, :SIDE]
    near = changed * (np.hypot(x - truth[0], y - truth[1]) < 12)
    found = np.array([(near * x).sum(), (near * y).sum()]) / near.sum()
    assert np.linalg.norm(found - truth) < 1.0  # px


def test_paint_is_lit_as_the_skin_below_it(head, skin, params, frame):
    """Skin painted evenly lighter is brighter by the same factor in light and in shadow."""
    linear = srgb_to_linear(skin[..., :3] / 255.0)
    texture = np.dstack([np.round(linear_to_srgb(np.clip(1.3 * linear, 0, 1)) * 255).astype(np.uint8), skin[..., 3]])
    painted = Retexturer(head, skin, texture).paint(frame, params)
    marks = params.camera.project(params.pose.apply(head.embedding("ibug68")(head_vertices(head, params))))
    ratio = srgb_to_linear(painted / 255.0).mean(-1) / np.maximum(srgb_to_linear(frame / 255.0).mean(-1), 1e-3)
    for place in (marks[[2, 31]].mean(0), marks[[14, 35]].mean(0), marks[[19, 24]].mean(0) - [0, 15]):
        column, row = np.rint(place).astype(int)
        assert ratio[row - 2 : row + 3, column - 2 : column + 3].mean() == pytest.approx(1.3, abs=0.06)


def test_the_same_skin_changes_nothing(head, skin, params, frame):
    assert np.array_equal(Retexturer(head, skin, skin.copy()).paint(frame, params), frame)


def test_what_is_in_front_of_the_face_and_around_it_stays(head, skin, params, frame):
    """The network sees a hand over the left half of the picture."""
    green = skin.copy()
    green[..., :3] = (60, 160, 60)
    parts = np.zeros((32, 32, 7), np.float32)
    parts[:, :16, 6], parts[:, 16:, 1] = 1.0, 1.0
    crop = np.column_stack([np.eye(2) * 128 / SIDE, np.zeros(2)])
    none = np.zeros(1)
    dense = DensePoints(np.zeros((1, 2)), none, none, none, none, none, parts, crop, crop_px=128)
    covered = frame.copy()
    covered[:, : SIDE // 2] = (40, 60, 150)  # its colours are not skin's either
    painted = Retexturer(head, skin, green).paint(covered, params, dense)
    moved = np.abs(painted.astype(int) - covered).sum(-1)
    assert moved[:-4, : SIDE // 2 - 12].max() <= 3
    assert moved[SIDE // 2, SIDE // 2 + 30] > 30
    assert moved[:20].max() == 0  # the wall


def test_edges_are_soft(head, skin, params, frame):
    """At the outline the change fades over a pixel or so, and nothing is painted outside."""
    green = skin.copy()
    green[..., :3] = (60, 160, 60)
    painted = Retexturer(head, skin, green).paint(frame, params)
    changed = np.abs(painted.astype(float) - frame).max(-1)
    outside = gaussian_filter((np.abs(frame.astype(int) - 120).max(-1) > 2).astype(float), 2.0) < 0.02
    assert changed[outside].max() <= 1


# Files


def save(path, array, mode=None):
    Image.fromarray(array, mode).save(path)
    return path


def test_a_layer_with_holes_is_laid_over_the_skin(tmp_path, skin):
    layer = np.zeros((SIZE, SIZE, 4), np.uint8)
    layer[10:20, 10:20] = (200, 0, 0, 255)
    layer[30:40, 30:40] = (200, 0, 0, 128)
    found = read_paint(save(tmp_path / "layer.png", layer), skin)
    assert np.array_equal(found[0, 0], skin[0, 0])
    assert tuple(found[15, 15]) == (200, 0, 0, 255)
    mixed = linear_to_srgb((srgb_to_linear(200 / 255) * 128 + srgb_to_linear(190 / 255) * 127) / 255) * 255
    assert found[35, 35, 0] == pytest.approx(mixed, abs=1)


def test_a_whole_texture_takes_its_place(tmp_path, skin):
    other = np.random.default_rng(0).integers(0, 255, (SIZE, SIZE, 3), dtype=np.uint8)
    found = read_paint(save(tmp_path / "other.png", other), skin)
    assert np.abs(found[..., :3].astype(int) - other).max() <= 1


def test_what_cannot_be_painted_with_is_refused_with_the_reason(tmp_path, skin):
    with pytest.raises(FaceGPTError, match=r"100 × 80 pixels, the avatar's texture 256 × 256"):
        read_paint(save(tmp_path / "small.png", np.zeros((80, 100, 3), np.uint8)), skin)
    with pytest.raises(FaceGPTError, match="no file"):
        read_paint(tmp_path / "missing.png", skin)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with pytest.raises(FaceGPTError, match=r"broken\.png"):
        read_paint(tmp_path / "broken.png", skin)
    with pytest.raises(FaceGPTError, match="8 bits"):
        read_paint(save(tmp_path / "deep.png", np.zeros((SIZE, SIZE), np.uint16)), skin)
