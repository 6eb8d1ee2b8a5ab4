"""Hair and corneas in the files: meshes, materials and joints of their own beside the head's."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pytest
from glb_reader import Glb
from made_up_head import made_up_export, made_up_head, made_up_params
from PIL import Image
from test_export_files import face_files
from test_export_validator import validate

from facegpt.conventions import srgb_to_linear
from facegpt.export.folder import write_folder
from facegpt.export.gltf.document import glb_bytes, write_glb
from facegpt.export.obj import write_obj
from facegpt.export.params_json import params_from_json, params_to_json
from facegpt.export.surface import surface_map
from facegpt.export.usd import write_usdz
from facegpt.morphable.proxies import RestProxy, posed
from facegpt.types import FaceGPTError, Hair, ShapeError

MODEL = made_up_head()
PARAMS = made_up_params(MODEL)


def card(name: str, joint: str, glass: bool) -> RestProxy:
    """A square of 60 mm above the head, half of its texture see-through."""
    corners = np.array([[-30, 0, 0], [30, 0, 0], [30, 60, 0], [-30, 60, 0]], np.float32)
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    texture = np.full((16, 16, 4), (90, 60, 30, 255), np.uint8)
    texture[8:, :, 3] = 0
    return RestProxy(
        name=name,
        vertices=corners + np.array([0, 100, 0], np.float32),
        normals=np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        triangles=triangles,
        uv=corners[:, :2] / 60 + np.array([0.5, 0]),
        uv_triangles=triangles,
        texture=texture,
        joint=joint,
        roughness=0.05 if glass else 0.55,
        glass=glass,
        open_to_light=np.array([1, 1, 0, 0], np.float32),
        head_open_to_light=np.full(MODEL.sizes.vertices, 1.0 if glass else 0.5, np.float32),
    )


@pytest.fixture(scope="module")
def head():
    rests = card("left_cornea", "left_eye", True), card("hair", "head", False)
    return replace(made_up_export(), worn=tuple(posed(rest, MODEL, PARAMS) for rest in rests))


@pytest.fixture(scope="module")
def glb(head, tmp_path_factory) -> Glb:
    return Glb(write_glb(tmp_path_factory.mktemp("worn") / "face.glb", head))


def part_of(glb: Glb, name: str) -> tuple[dict, dict]:
    """The primitive and the material of the node with this name."""
    (node,) = (node for node in glb.json["nodes"] if node["name"] == name)
    (primitive,) = glb.json["meshes"][node["mesh"]]["primitives"]
    assert node["skin"] == 0
    return primitive, glb.json["materials"][primitive["material"]]


def test_the_validator_finds_nothing(head, tmp_path):
    assert validate(write_glb(tmp_path / "face.glb", head))["issues"]["messages"] == []


def test_only_the_head_has_targets_and_all_nodes_are_in_the_scene(glb, head):
    assert [len(mesh["primitives"][0].get("targets", [])) for mesh in glb.json["meshes"]] == [52, 0, 0, 0]
    shown = {glb.json["nodes"][index]["name"] for index in glb.json["scenes"][0]["nodes"]}
    assert shown == {"neck", f"{head.name}_mesh", "eyes", "left_cornea", "hair"}


def test_hair_is_cut_out_and_two_sided_and_a_cornea_is_nearly_clear_and_smooth(glb):
    _, hair = part_of(glb, "hair")
    assert hair["alphaMode"] == "MASK" and hair["doubleSided"]
    _, glass = part_of(glb, "left_cornea")
    surface = glass["pbrMetallicRoughness"]
    assert glass["alphaMode"] == "BLEND" and surface["baseColorFactor"][3] < 0.1 and surface["roughnessFactor"] < 0.1


def test_worn_meshes_are_stored_at_rest_in_metres_on_their_joint_alone(glb, head):
    for proxy, joint in zip(head.worn, ("left_eye", "head"), strict=True):
        attributes = part_of(glb, proxy.name)[0]["attributes"]
        np.testing.assert_allclose(glb.numbers(attributes["POSITION"]), proxy.rest_vertices / 1000, atol=1e-6)
        joints, weights = glb.numbers(attributes["JOINTS_0"]), glb.numbers(attributes["WEIGHTS_0"])
        assert (joints[:, 0] == MODEL.joint_names.index(joint)).all() and (weights[:, 0] == 1).all()


def test_hair_is_darker_where_little_light_reaches_it_and_keeps_its_texture(glb, head):
    primitive, material = part_of(glb, "hair")
    color = glb.numbers(primitive["attributes"]["COLOR_0"])
    assert (color[:2, 0] == 255).all() and (color[2:, 0] < 128).all() and (color[:, 3] == 255).all()
    source = glb.json["textures"][material["pbrMetallicRoughness"]["baseColorTexture"]["index"]]["source"]
    picture = np.asarray(Image.open(io.BytesIO(glb.view(glb.json["images"][source]["bufferView"]))))
    np.testing.assert_array_equal(picture, head.hair.mesh.texture)


def test_tinted_hair_has_the_tint_in_its_vertex_colours_and_its_mean_in_the_obj(head, tmp_path):
    tint = np.array([[1, 1, 1], [0.5, 0.5, 0.5], [1, 0.8, 0.6], [0.5, 0.3, 0.1]], np.float32)
    tinted = replace(head, worn=(head.worn[0], replace(head.hair, tint=tint)))
    plain, colours = (
        glb.numbers(part_of(glb, "hair")[0]["attributes"]["COLOR_0"]).astype(float)
        for glb in (Glb(write_glb(tmp_path / f"{k}.glb", one)) for k, one in enumerate((head, tinted)))
    )
    np.testing.assert_allclose(colours[:, :3], plain[:, :3] * tint, atol=1)
    write_obj(tmp_path / "face.obj", tinted)
    picture = np.asarray(Image.open(tmp_path / "face_hair.png"))
    usual = srgb_to_linear(np.asarray(head.hair.mesh.texture)[0, 0, :3] / 255.0)
    np.testing.assert_allclose(srgb_to_linear(picture[0, 0, :3] / 255.0), usual * tint.mean(0), rtol=0.05)


def test_hair_shades_the_skin_in_the_occlusion_of_the_head(head):
    bare = np.asarray(Image.open(io.BytesIO(surface_map(replace(head, worn=()))))).astype(float)
    shaded = np.asarray(Image.open(io.BytesIO(surface_map(head)))).astype(float)
    used = shaded[..., 0] != bare[..., 0]
    assert used.mean() > 0.2
    np.testing.assert_allclose(shaded[used][:, 0], bare[used][:, 0] * 0.5, atol=12)
    np.testing.assert_array_equal(shaded[..., 1:], bare[..., 1:])


def test_without_hair_the_file_is_that_of_the_head_alone(head):
    one, two = glb_bytes(replace(head, worn=())), glb_bytes(made_up_export())
    assert one == two


def test_the_obj_has_the_hair_as_a_group_with_its_own_material_and_texture(head, tmp_path):
    path = write_obj(tmp_path / "face.obj", head)
    text = path.read_text("utf-8")
    before, after = text.split("usemtl hair\n")
    assert "newmtl hair" in path.with_suffix(".mtl").read_text("utf-8")
    assert Image.open(tmp_path / "face_hair.png").size == (16, 16)
    faces = np.array(
        [[int(c.split("/")[0]) for c in line.split()[1:]] for line in after.splitlines() if line[0] == "f"]
    )
    points = np.array([line.split()[1:] for line in before.splitlines() if line.startswith("v ")], float)
    np.testing.assert_allclose(points[faces.ravel() - 1], head.hair.mesh.vertices[[0, 1, 2, 0, 2, 3]], atol=1e-4)
    assert len(points) == len(head.posed) + 4


def test_the_folder_of_a_bald_head_keeps_no_hair_of_an_earlier_one(head, tmp_path):
    files = face_files()
    assert tmp_path / "face_hair.png" in write_folder(tmp_path, replace(files, head=head))
    assert (tmp_path / "face_hair.png").is_file()
    write_folder(tmp_path, files)
    assert not (tmp_path / "face_hair.png").exists()


def test_the_usdz_holds_the_worn_meshes_bound_to_the_skeleton(head, tmp_path):
    usd = pytest.importorskip("pxr.Usd", reason="usd-core is not installed (pip install -e '.[usd]')")
    from pxr import UsdGeom, UsdShade, UsdSkel

    stage = usd.Stage.Open(str(write_usdz(tmp_path / "face.usdz", head)))
    for proxy in head.worn:
        prim = stage.GetPrimAtPath(f"/face/{proxy.name}")
        np.testing.assert_allclose(UsdGeom.Mesh(prim).GetPointsAttr().Get(), proxy.rest_vertices / 1000, atol=1e-6)
        assert [str(path) for path in UsdSkel.BindingAPI(prim).GetSkeletonRel().GetTargets()] == ["/face/rig"]
        assert UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()[0]
    validation = pytest.importorskip("pxr.UsdValidation", reason="this usd-core has no validators")
    context = validation.ValidationContext(validation.ValidationRegistry().GetOrLoadAllValidators())
    assert [error.GetMessage() for error in context.Validate(stage)] == []


def test_hair_survives_the_parameter_file_exactly_and_old_files_have_none():
    hair = Hair("short_parted", (0.31, 0.123456789, 0.02), 0.25, 0.8, 0.3, -1.5, 2.0)
    text = params_to_json(PARAMS.replace(hair=hair))
    assert params_from_json(text).hair == hair
    document = json.loads(params_to_json(PARAMS))
    assert document.pop("hair") is None
    assert params_from_json(json.dumps(document)).hair is None


@pytest.mark.parametrize(
    "damage", ["bob", {"style": "bob"}, {"colour_linear_rgb": [1, 2]}, {"grey": "much"}, {"style": 7}]
)
def test_damaged_hair_in_a_parameter_file_is_named_in_the_error(damage):
    document = json.loads(params_to_json(PARAMS.replace(hair=Hair())))
    if isinstance(damage, dict) and len(damage) == 1 and damage != {"style": "bob"}:
        damage = document["hair"] | damage
    with pytest.raises((FaceGPTError, ShapeError), match=r"old\.json' is damaged"):
        params_from_json(json.dumps(document | {"hair": damage}), "old.json")
