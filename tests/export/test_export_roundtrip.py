"""A head with a strong expression, turned joints and hair, saved and played back: the same head, and its parts.

The player is a plain reader of its own (tests/helpers/glb_player.py); the truth is the head model.
"""

from __future__ import annotations

import numpy as np
import pytest
from glb_player import at_time, posed
from glb_reader import Glb
from test_export_validator import validate

import facegpt
from facegpt.conventions import ARKIT_NAMES
from facegpt.face import Face
from facegpt.morphable.normals import vertex_normals
from facegpt.types import Hair

#: The parts of the head that each material stands for.
PARTS = {
    **{"skin": ("skin", "left_socket", "right_socket"), "mouth": ("mouth",), "teeth": ("upper_teeth", "lower_teeth")},
    **{"tongue": ("tongue",), "lashes": ("lashes",), "eyes": ("left_eye", "right_eye")},
}
#: No two of these bend the same lid: such pairs the head model corrects, and a file of 52 targets cannot.
EXPRESSION = {
    **{"jawOpen": 0.5, "mouthSmileLeft": 0.8, "mouthSmileRight": 0.6, "browInnerUp": 0.5, "tongueOut": 0.4},
    **{"eyeBlinkLeft": 0.6, "eyeLookDownRight": 0.8},
}


@pytest.fixture(scope="module")
def face() -> Face:
    start = facegpt.load().mean_face()
    identity = start.model.sample(1, seed=11, sex="M")[0].astype(np.float32)
    expression = np.array([EXPRESSION.get(name, 0) for name in ARKIT_NAMES], np.float32)
    joints = np.array([[0.1, 0, 0.05], [-0.05, 0.3, 0], [0.1, 0.25, 0], [0.12, 0.2, 0]], np.float32)
    params = start.params.replace(identity=identity, expression=expression, joints=joints, hair=Hair("bob"))
    return Face(start.model, params)


@pytest.fixture(scope="module")
def path(face, tmp_path_factory):
    return face.save(tmp_path_factory.mktemp("roundtrip") / "head.glb")[0]


@pytest.fixture(scope="module")
def glb(path) -> Glb:
    return Glb(path)


def corners(glb: Glb, part: str, values: np.ndarray) -> np.ndarray:
    """(F, 3, 3) values of the vertices at the corners of a part's triangles, in the file's order."""
    (primitive,) = glb.primitives(part)
    return values[glb.numbers(primitive["indices"]).reshape(-1, 3).astype(int)]


def of_part(face: Face, part: str, values: np.ndarray) -> np.ndarray:
    """The same of the head model: triangles keep their order within a material."""
    numbers = [face.model.part_names.index(name) for name in PARTS[part]]
    return values[face.triangles[np.isin(face.model.part, numbers)]]


@pytest.mark.parametrize("time_s", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("part", PARTS)
def test_the_clip_gives_the_head_of_the_photo_within_a_tenth_of_a_millimetre(face, glb, part, time_s):
    (primitive,) = glb.primitives(part)
    found = corners(glb, part, posed(glb, primitive, at_time(glb, "expression", time_s)) * 1000)
    gap = np.linalg.norm(found - of_part(face, part, face.vertices(space="head")), axis=-1)
    assert gap.max() < 0.1  # mm


def test_the_clip_carries_hair_and_corneas_along(face, glb):
    pose = at_time(glb, "expression", 0.5)
    for proxy in face.proxies:
        (node,) = (node for node in glb.json["nodes"] if node["name"] == proxy.name)
        (primitive,) = glb.json["meshes"][node["mesh"]]["primitives"]
        found = posed(glb, primitive, pose)[glb.numbers(primitive["indices"])[:, 0]] * 1000
        np.testing.assert_allclose(found, proxy.mesh.vertices[proxy.mesh.triangles.ravel()], atol=0.1)  # mm


@pytest.mark.parametrize("part", PARTS)
def test_opened_the_head_is_at_rest_whatever_clip_comes_first(face, glb, part):
    (primitive,) = glb.primitives(part)
    for pose in ({}, at_time(glb, glb.json["animations"][0]["name"], 0.0)):
        found = corners(glb, part, posed(glb, primitive, pose) * 1000)
        np.testing.assert_allclose(found, of_part(face, part, face.neutral().vertices()), atol=0.01)  # mm


def test_the_first_clip_leaves_weights_and_rotations_to_the_animator(glb):
    assert [clip["name"] for clip in glb.json["animations"]] == ["rest", "expression"]
    keyed = {channel["target"]["path"] for channel in glb.json["animations"][0]["channels"]}
    assert not keyed & {"weights", "rotation"}


def test_weights_kept_beside_the_names_are_those_of_the_clip(face, glb):
    clip = at_time(glb, "expression", 0.0)
    (weights,) = (value for (_, path), value in clip.items() if path == "weights")
    np.testing.assert_allclose(glb.mesh["extras"]["photoWeights"], weights, atol=1e-5)
    np.testing.assert_allclose(weights, face.params.expression, atol=1e-6)


def test_the_targets_are_the_52_names_in_their_order(glb):
    assert glb.target_names == list(ARKIT_NAMES)
    assert len(glb.mesh["extras"]["photoWeights"]) == 52


def test_materials_nodes_and_pictures_have_their_names(glb):
    assert [material["name"] for material in glb.json["materials"]] == [*PARTS, "cornea", "hair", "shirt"]
    shown = [node["name"] for node in glb.json["nodes"] if "mesh" in node]
    assert shown == ["face_mesh", "eyes", "left_cornea", "right_cornea", "hair", "shirt"]
    assert {image["name"] for image in glb.json["images"]} == {"texture", "surface", "hair", "hair_normal", "shirt"}
    used = {p["material"] for p in glb.primitives()}
    assert used == set(range(len(glb.json["materials"])))


def test_only_lashes_and_hair_are_cut_out_and_only_corneas_are_clear(glb):
    modes = {material["name"]: material.get("alphaMode", "OPAQUE") for material in glb.json["materials"]}
    solid = dict.fromkeys((*PARTS, "shirt"), "OPAQUE")
    assert modes == solid | {"lashes": "MASK", "hair": "MASK", "cornea": "BLEND"}


def test_only_meshes_that_move_have_targets_and_names(glb):
    for mesh in glb.json["meshes"]:
        count = {len(primitive.get("targets", [])) for primitive in mesh["primitives"]}
        assert count == ({len(glb.target_names)} if mesh["name"] == "face" else {0})
        assert ("extras" in mesh) == (mesh["name"] == "face")


def angles_deg(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Angles between vectors (N, 3)."""
    a, b = (n / np.linalg.norm(n, axis=-1, keepdims=True) for n in (a.astype(float), b.astype(float)))
    return np.degrees(2 * np.arcsin(np.clip(np.linalg.norm(a - b, axis=-1) / 2, 0, 1)))


@pytest.mark.parametrize(
    "weights",
    [
        EXPRESSION,
        {"jawOpen": 1.0, "mouthFunnel": 0.5},
        {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0, "cheekSquintLeft": 1.0, "cheekSquintRight": 1.0},
        {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0, "eyeSquintLeft": 1.0, "browDownLeft": 1.0, "browDownRight": 1.0},
        *({name: 1.0} for name in ARKIT_NAMES[::6]),
    ],
)
def test_morphed_normals_are_those_of_the_morphed_head_within_three_degrees(face, glb, weights):
    rest = face.neutral()
    expression = np.array([weights.get(name, 0) for name in ARKIT_NAMES], np.float32)
    truth = Face(rest.model, rest.params.replace(expression=expression)).vertices()
    normals = vertex_normals(truth, face.triangles)
    of = {name: weights.get(name, 0.0) for name in ARKIT_NAMES}
    of |= {name: of[name.split("_")[0]] * of[name.split("_")[1]] for name in glb.target_names[52:]}
    used = [name for name in glb.target_names if of[name]]
    for part in ("skin", "mouth", "teeth", "tongue"):
        added = sum(of[name] * glb.target(name, "NORMAL", part) for name in used)
        found = corners(glb, part, glb.attribute("NORMAL", part) + added)
        wanted = of_part(face, part, normals)
        turned = angles_deg(corners(glb, part, glb.attribute("NORMAL", part)), wanted) > 1  # degrees: others are easy
        angle = angles_deg(found, wanted)
        assert angle.mean() < 3 and (not turned.any() or angle[turned].mean() < 3), (part, angle.mean())


def test_the_validator_has_nothing_to_report(path):
    report = validate(path)
    assert report["issues"]["messages"] == []
    assert report["info"]["animationCount"] == 2 and report["info"]["materialCount"] == 8
