"""Local shapes: where they move a head, how they are kept in files, and that a face stays whole with them."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from facegpt.conventions import ARKIT_NAMES
from facegpt.export.params_json import params_from_json, params_to_json
from facegpt.face import Face
from facegpt.fitting.mediapipe_points import BROWS, LEFT_LIDS, RIGHT_LIDS
from facegpt.language.dialogue.made_heads import mean_head
from facegpt.morphable.base import head_vertices, joint_places
from facegpt.morphable.makehuman.local_shapes import LOCAL_SHAPES, RIGID, local_fields, shaped, takes_local_shapes
from facegpt.types import FaceGPTError


@pytest.fixture(scope="module")
def params(head):
    return mean_head(head).params


def test_one_millimetre_moves_the_farthest_vertex_one_millimetre_and_no_tooth_or_eyeball(head):
    fields = local_fields(head)
    assert np.linalg.norm(fields, axis=2).max(1) == pytest.approx(np.ones(len(LOCAL_SHAPES)), abs=1e-4)
    still = [k for k, shape in enumerate(LOCAL_SHAPES.values()) if not shape.eye]
    for part in RIGID:
        rows = np.unique(head.triangles[head.part == head.part_names.index(part)])
        assert not fields[still][:, rows].any(), part


def test_left_and_right_are_mirror_images_except_where_a_nose_bends(head):
    fields = dict(zip(LOCAL_SHAPES, local_fields(head), strict=True))
    one_sided = {"left_eye_height": "right_eye_height", "right_eye_height": "left_eye_height"}
    for name, field in fields.items():
        mirrored = fields[one_sided.get(name, name)][head.mirror] * (-1, 1, 1)
        sign = -1 if name == "nose_bend" else 1
        assert np.abs(field - sign * mirrored).max() < 0.08, name  # the mesh is symmetrical within some 0.1 mm


@pytest.mark.parametrize("name", LOCAL_SHAPES)
def test_no_triangle_of_the_skin_turns_over_at_either_end(head, name):
    skin = head.triangles[head.part == head.part_names.index("skin")]

    def normals(vertices):
        a, b, c = (vertices[skin[:, k]].astype(float) for k in range(3))
        cross = np.cross(b - a, c - a)
        return cross / np.linalg.norm(cross, axis=1, keepdims=True)

    before = normals(head.mean_vertices)
    for mm in (LOCAL_SHAPES[name].least, LOCAL_SHAPES[name].most):
        after = normals(shaped(head, {name: mm}).mean_vertices)
        assert (before * after).sum(1).min() > 0, (name, mm)


def test_a_head_with_local_shapes_is_the_head_and_their_sum(head, params):
    local, weights = {"nose_hump": 3.0, "ears_out": -2.0}, np.zeros(52, np.float32)
    weights[ARKIT_NAMES.index("jawOpen")] = 0.6
    plain = params.replace(expression=weights)
    names = list(LOCAL_SHAPES)
    expected = sum(mm * local_fields(head)[names.index(name)] for name, mm in local.items())
    moved = head_vertices(head, plain.replace(local=local)) - head_vertices(head, plain)
    assert np.abs(moved - expected).max() < 1e-3
    both = torch.tensor(np.stack([params.identity] * 2)), torch.tensor(np.stack([weights] * 2)), torch.zeros(2, 4, 3)
    assert np.abs(shaped(head, local).vertices(*both)[1].numpy() - head_vertices(head, plain) - expected).max() < 1e-3


def test_larger_eyes_close_as_far_as_others(head, params):
    lids = head.embedding("mediapipe478")

    def gap(local, blink):
        weights = np.zeros(52, np.float32)
        weights[[ARKIT_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right")]] = blink
        points = lids(head_vertices(head, params.replace(expression=weights, local=local)))
        return float(points[386, 1] - points[374, 1])

    assert gap({"eye_opening": 2.0}, 0.0) > gap({}, 0.0) + 2.0
    assert gap({"eye_opening": 2.0}, 1.0) == pytest.approx(gap({}, 1.0), abs=0.05)


@pytest.mark.parametrize("side", ["left", "right"])
def test_one_eye_moves_whole_with_its_joint_and_the_brow_and_the_other_eye_stand_still(head, params, side):
    moved = params.replace(local={f"{side}_eye_height": 1.0})
    change = head_vertices(head, moved) - head_vertices(head, params)
    ball = np.unique(head.triangles[head.part == head.part_names.index(f"{side}_eye")])
    lids, others = (LEFT_LIDS, RIGHT_LIDS) if side == "left" else (RIGHT_LIDS, LEFT_LIDS)
    points = head.embedding("mediapipe478")
    assert change[ball] == pytest.approx(np.tile([0, 1, 0], (len(ball), 1)), abs=1e-3)
    assert points(change)[list(lids), 1].min() > 0.85
    assert np.abs(points(change)[[*others, *BROWS]]).max() < 0.25
    gone = joint_places(shaped(head, moved.local), params.identity) - joint_places(head, params.identity)
    row = head.joint_names.index(f"{side}_eye")
    assert gone[row] == pytest.approx([0, 1, 0], abs=1e-3) and not np.delete(gone, row, 0).any()


def test_a_model_is_shaped_once_and_back_again(head):
    one = shaped(head, {"chin_cleft": 2.0})
    assert shaped(one, {"chin_cleft": 2.0}) is one
    assert shaped(one, {}) is head and shaped(one, None) is head and shaped(head, {"chin_cleft": 0.0}) is head
    two = shaped(one, {"nose_hump": 2.0})
    assert np.array_equal(two.mean_vertices, shaped(head, {"nose_hump": 2.0}).mean_vertices)
    with pytest.raises(FaceGPTError, match="no local shape 'horns'"):
        shaped(head, {"horns": 1.0})


def test_other_head_models_refuse_them():
    other = SimpleNamespace(model_id="ict-facekit/1")
    assert not takes_local_shapes(other)
    with pytest.raises(FaceGPTError, match="takes no local shapes"):
        shaped(other, {"nose_hump": 1.0})


def test_they_are_saved_and_loaded_and_files_without_them_still_load(params):
    text = params_to_json(params.replace(local={"nose_hump": 2.25}))
    assert json.loads(text)["local_mm"] == {"nose_hump": 2.25}
    assert params_from_json(text).local == {"nose_hump": 2.25}
    assert "local_mm" not in params_to_json(params)
    assert params_from_json(params_to_json(params)).local == {}


@pytest.mark.parametrize("damaged", ['{"horns": 1.0}', '{"nose_hump": 80}', '{"nose_hump": true}', "[1]"])
def test_a_damaged_file_is_refused_by_name(params, damaged):
    text = params_to_json(params.replace(local={"nose_hump": 2.25})).replace('{"nose_hump": 2.25}', damaged)
    with pytest.raises(FaceGPTError, match=r"hers\.json.*damaged"):
        params_from_json(text, "hers.json")


def test_a_face_measures_and_saves_what_it_shows(head, params, tmp_path):
    plain, eared = Face(head, params), Face(head, params.replace(local={"ears_out": 8.0}))
    assert eared.measure()["ear_protrusion"].value_mm > plain.measure()["ear_protrusion"].value_mm + 4
    assert Face(eared.model, params).model is head
    (written, *_) = eared.save(tmp_path / "eared.obj")
    lines = (line.split()[1:4] for line in written.read_text().splitlines() if line.startswith("v "))
    vertices = np.array([[float(number) for number in line] for line in lines])[: head.sizes.vertices]
    assert np.abs(vertices - eared.vertices()).max() < 1e-3
    assert np.linalg.norm(vertices - plain.vertices(), axis=1).max() == pytest.approx(8.0, abs=1e-2)
