"""Glasses in the files: one node that can be taken off, with a material for each of its surfaces."""

from __future__ import annotations

import numpy as np
import pytest
from dressed_people import person
from glb_reader import Glb
from test_export_validator import validate

from facegpt.export.gltf.document import write_glb
from facegpt.export.hair_chain import with_hair
from facegpt.export.obj import write_obj
from facegpt.export.usd import write_usdz
from facegpt.types import Glasses

LOOK = Glasses("square", colour=(0.3, 0.02, 0.02), darkness=0.8)


@pytest.fixture(scope="module")
def dressed(head):
    params = person(head, "bald").replace(glasses=LOOK, shirt=None)
    return with_hair(head, params, np.full((64, 64, 4), 255, np.uint8), 0, as_strands=False)


@pytest.fixture(scope="module")
def glb(dressed, tmp_path_factory) -> Glb:
    return Glb(write_glb(tmp_path_factory.mktemp("glasses") / "face.glb", dressed))


def test_the_validator_finds_nothing(dressed, tmp_path):
    assert validate(write_glb(tmp_path / "face.glb", dressed))["issues"]["messages"] == []


def test_glasses_are_one_node_whose_lenses_are_blended_and_whose_frame_is_solid(glb, dressed, head):
    (node,) = (node for node in glb.json["nodes"] if node["name"] == "glasses")
    primitives = glb.json["meshes"][node["mesh"]]["primitives"]
    looks = {glb.json["materials"][p["material"]]["name"]: glb.json["materials"][p["material"]] for p in primitives}
    assert {"glasses_frame", "glasses_lenses"} <= set(looks) and len(looks) == len(primitives)
    lenses, frame = looks["glasses_lenses"], looks["glasses_frame"]
    assert lenses["alphaMode"] == "BLEND" and lenses["doubleSided"] and "alphaMode" not in frame
    assert lenses["pbrMetallicRoughness"]["baseColorFactor"][3] == pytest.approx(LOOK.darkness)
    assert frame["pbrMetallicRoughness"]["baseColorFactor"] == pytest.approx([*LOOK.colour, 1.0])
    triangles = 0
    for primitive in primitives:
        joints, weights = (glb.numbers(primitive["attributes"][name]) for name in ("JOINTS_0", "WEIGHTS_0"))
        assert (joints[:, 0] == head.joint_names.index("head")).all() and (weights[:, 0] == 1).all()
        normals = glb.numbers(primitive["attributes"]["NORMAL"])
        assert np.linalg.norm(normals, axis=1) == pytest.approx(1.0, abs=1e-3)
        triangles += len(glb.numbers(primitive["indices"])) // 3
    assert triangles == len(dressed.glasses.mesh.triangles) < 12_000


def test_the_obj_has_them_as_an_object_of_their_own_with_a_group_a_part(dressed, tmp_path):
    path = write_obj(tmp_path / "face.obj", dressed)
    before, after = path.read_text("utf-8").split("o glasses\n")
    groups = {line[2:] for line in after.splitlines() if line.startswith("g ")}
    assert {"left_rim", "right_lens", "bridge", "left_temple"} <= groups
    points = [line for line in (before + after).splitlines() if line.startswith("v ")]
    faces = [line.split()[1:] for line in after.splitlines() if line.startswith("f ")]
    corners = np.array([[corner.split("//") for corner in face] for face in faces], int)
    assert (corners[..., 0] == corners[..., 1]).all()  # a normal a vertex
    assert corners.min() == len(dressed.posed) + 1 and corners.max() == len(points)
    assert "newmtl glasses_lenses" in path.with_suffix(".mtl").read_text("utf-8")


def test_usd_has_them_as_a_mesh_with_a_material_for_each_surface(dressed, tmp_path):
    usd = pytest.importorskip("pxr.Usd", reason="needs usd-core")
    stage = usd.Stage.Open(str(write_usdz(tmp_path / "face.usdz", dressed)))
    mesh = stage.GetPrimAtPath("/face/glasses")
    assert mesh.IsValid() and {child.GetName() for child in mesh.GetChildren()} >= {"glasses_frame", "glasses_lenses"}
    shader = stage.GetPrimAtPath("/face/glasses_lenses_material/surface")
    assert shader.GetAttribute("inputs:opacity").Get() == pytest.approx(LOOK.darkness)
