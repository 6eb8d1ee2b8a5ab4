"""The FBX file, read back by a reader of its own and by ufbx: names, units, shapes, rig, pictures, motion."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fbx_reader import Fbx
from made_up_head import made_up_export
from PIL import Image
from scipy.spatial.transform import Rotation

from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.export.bundle import HeadExport, SkinDetail
from facegpt.export.fbx.document import write_fbx
from facegpt.export.fbx.motion import frame_rate
from facegpt.export.gltf.motion import HeadAnimation, joint_turns
from facegpt.types import FaceGPTError

#: Millimetres in a unit of the file.
MM = 10.0
TICKS = 46186158000


@pytest.fixture(scope="module")
def head() -> HeadExport:
    flat = np.full((64, 64, 3), (128, 128, 255), np.uint8)
    return replace(made_up_export(3), detail=SkinDetail(np.zeros((64, 64), np.float32), flat, flat, {}, {}))


@pytest.fixture(scope="module")
def motion() -> HeadAnimation:
    count = 25
    weights = np.zeros((count, 52))
    weights[:, ARKIT_NAMES.index("jawOpen")] = np.linspace(0, 1.2, count)
    turned = np.stack([rotation_from_euler_deg(30.0 * k / count, 10.0, -5.0) for k in range(count)])
    return HeadAnimation(np.arange(count) / 25, weights, joint_turns(turned, np.full((count, 2, 3), 0.1)))


@pytest.fixture(scope="module")
def path(head, tmp_path_factory) -> Path:
    return write_fbx(tmp_path_factory.mktemp("fbx") / "head.fbx", head)


@pytest.fixture(scope="module")
def fbx(path) -> Fbx:
    return Fbx(path)


def test_the_file_says_that_it_is_version_7400_in_centimetres_with_y_up(fbx):
    assert fbx.version == fbx.top["FBXHeaderExtension"]["FBXVersion"].values[0] == 7400
    settings = fbx.top["GlobalSettings"].properties
    assert settings["UnitScaleFactor"] == [1.0]  # centimetres a unit
    assert [settings[f"{axis}Axis"] for axis in ("Up", "Front", "Coord")] == [[1], [2], [0]]
    assert all(settings[f"{axis}AxisSign"] == [1] for axis in ("Up", "Front", "Coord"))


def test_the_mesh_is_the_person_at_rest_in_the_models_order(fbx, head):
    mesh = fbx.named("Geometry", "face", "Mesh")
    np.testing.assert_allclose(mesh["Vertices"].array.reshape(-1, 3) * MM, head.neutral, atol=1e-4)
    corners = mesh["PolygonVertexIndex"].array.reshape(-1, 3).copy()
    assert (corners[:, 2] < 0).all() and (corners[:, :2] >= 0).all()
    corners[:, 2] = -1 - corners[:, 2]
    np.testing.assert_array_equal(corners, head.triangles)
    layer = mesh["LayerElementUV"]
    np.testing.assert_array_equal(layer["UVIndex"].array.reshape(-1, 3), head.uv_triangles)
    np.testing.assert_allclose(layer["UV"].array.reshape(-1, 2), head.uv, atol=1e-6)
    normals = mesh["LayerElementNormal"]["Normals"].array.reshape(-1, 3)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)


def test_each_shape_at_100_percent_is_that_unit_of_the_model(fbx, head):
    (deformer,) = (each for each in fbx.under(fbx.named("Geometry", "face", "Mesh")) if each.values[2] == "BlendShape")
    channels = fbx.under(deformer)
    assert [channel.values[1].split("\0\1")[0] for channel in channels] == list(ARKIT_NAMES)
    for channel, wanted in zip(channels, head.expression_basis, strict=True):
        assert channel.properties["DeformPercent"] == [0.0] and channel["FullWeights"].array.tolist() == [100.0]
        (shape,) = fbx.under(channel)
        found = np.zeros_like(wanted)
        found[shape["Indexes"].array] = shape["Vertices"].array.reshape(-1, 3) * MM
        np.testing.assert_allclose(found, wanted, atol=1e-3)  # mm


def test_triangles_have_the_material_of_their_part_and_the_skin_its_texture(fbx, head):
    node = fbx.named("Model", "face", "Mesh")
    materials = [each.values[1].split("\0\1")[0] for each in fbx.under(node, "Material")]
    index = fbx.named("Geometry", "face", "Mesh")["LayerElementMaterial"]["Materials"].array
    for part, name in (("upper_teeth", "teeth"), ("left_eye", "eyes"), ("tongue", "tongue"), ("lashes", "lashes")):
        assert {materials[k] for k in index[head.part == head.part_names.index(part)]} == {name}
    texture = fbx.named("Texture", "texture")
    links = {(link[1], link[2]) for link in fbx.links if link[0] == texture.values[0]}
    skin, lashes = (fbx.named("Material", name).values[0] for name in ("skin", "lashes"))
    assert {(skin, "DiffuseColor"), (lashes, "DiffuseColor"), (lashes, "TransparentColor")} <= links
    assert (skin, "TransparentColor") not in links
    assert {link[2] for link in fbx.links if link[1] == skin and len(link) == 3} == {"DiffuseColor", "NormalMap"}
    (video,) = fbx.under(texture)
    picture = np.asarray(Image.open(io.BytesIO(video["Content"].values[0])))
    np.testing.assert_array_equal(picture, head.texture)
    assert video["RelativeFilename"].values == texture["RelativeFilename"].values == ["texture.png"]


def test_joints_stand_at_their_centres_and_clusters_hold_the_skin_weights(fbx, head):
    (skin,) = (each for each in fbx.under(fbx.named("Geometry", "face", "Mesh")) if each.values[2] == "Skin")
    found = np.zeros_like(head.skin_weights)
    for cluster in fbx.under(skin):
        (joint,) = fbx.under(cluster, "Model")
        index = head.joint_names.index(joint.values[1].split("\0\1")[0])
        found[cluster["Indexes"].array, index] = cluster["Weights"].array
        bound, seen = (cluster[name].array.reshape(4, 4) for name in ("TransformLink", "Transform"))
        np.testing.assert_allclose(bound[3, :3] * MM, head.joint_centres[index], atol=1e-4)
        np.testing.assert_allclose(seen @ bound, np.eye(4), atol=1e-9)
    np.testing.assert_allclose(found, head.skin_weights, atol=1e-5)
    for index, (name, parent) in enumerate(zip(head.joint_names, head.joint_parents, strict=True)):
        node = fbx.named("Model", name, "LimbNode")
        offset = head.joint_centres[index] - (head.joint_centres[parent] if parent >= 0 else 0)
        np.testing.assert_allclose(np.array(node.properties["Lcl Translation"]) * MM, offset, atol=1e-4)


def test_curves_hold_the_weights_in_percent_and_turn_the_joints_as_the_motion_does(head, motion, tmp_path):
    fbx = Fbx(write_fbx(tmp_path / "take.fbx", head, motion=motion))
    stack = fbx.named("AnimationStack", "take").properties
    assert stack["LocalStart"] == [0] and stack["LocalStop"] == [round(24 / 25 * TICKS)]
    driven = {(link[1], link[2]): link[0] for link in fbx.links if len(link) == 3}

    def curves(element, to: str) -> dict[str, np.ndarray]:
        node = driven[element.values[0], to]
        found = {at[2:]: fbx.objects[curve] for (owner, at), curve in driven.items() if owner == node}
        for curve in found.values():
            np.testing.assert_allclose(curve["KeyTime"].array / TICKS, motion.time_s, atol=1e-9)
        return {part: curve["KeyValueFloat"].array for part, curve in found.items()}

    for name in ("jawOpen", "tongueOut"):
        wanted = 100 * np.clip(motion.weights[:, ARKIT_NAMES.index(name)], 0, 1)
        percent = curves(fbx.named("Deformer", name, "BlendShapeChannel"), "DeformPercent")["DeformPercent"]
        np.testing.assert_allclose(percent, wanted, atol=1e-4)
    for name, turn in motion.turns.items():
        x, y, z = (curves(fbx.named("Model", name, "LimbNode"), "Lcl Rotation")[axis] for axis in "XYZ")
        about = [
            Rotation.from_euler(axis, angle[:, None], degrees=True) for axis, angle in (("z", z), ("y", y), ("x", x))
        ]
        apart = (about[0] * about[1] * about[2]) * Rotation.from_quat(turn).inv()
        assert np.degrees(apart.magnitude()).max() < 1e-3


def test_a_motion_without_a_frame_is_refused(head, motion, tmp_path):
    with pytest.raises(FaceGPTError, match="frame"):
        write_fbx(tmp_path / "a.fbx", head, motion=replace(motion, time_s=np.zeros(0)))


@pytest.mark.parametrize(("step", "rate"), [(1 / 30, 30.0), (1 / 24, 24.0), (1 / 60, 60.0), (1001 / 30000, 29.97)])
def test_the_frame_rate_is_that_of_the_times(step, rate):
    assert frame_rate(np.arange(40) * step) == pytest.approx(rate, abs=1e-3)


def test_an_unchanged_head_gives_the_same_bytes(head, path, tmp_path):
    assert write_fbx(tmp_path / "again.fbx", head).read_bytes() == path.read_bytes()


def test_ufbx_reads_the_rig_the_shapes_the_pictures_and_the_take(head, motion, tmp_path):
    ufbx = pytest.importorskip("ufbx", reason="needs pyufbx")
    scene = ufbx.load_file(str(write_fbx(tmp_path / "take.fbx", head, motion=motion)))
    assert scene.metadata.version == 7400 and scene.settings.unit_meters == 0.01
    assert scene.settings.frames_per_second == 25
    mesh = scene.find_node("face").mesh
    # pyufbx 0.0.7 hands out ufbx's 64-bit places as if they had 32 bits: they are the first half.
    places = np.frombuffer(mesh.vertex_positions.tobytes(), np.float64).reshape(-1, 3)
    np.testing.assert_allclose(places * MM, head.neutral[: len(places)], atol=1e-4)
    assert mesh.num_triangles == len(head.triangles) and {m.name for m in mesh.materials} >= {"skin", "teeth", "eyes"}
    assert [shape.name for shape in scene.blend_shapes] == list(ARKIT_NAMES)
    moved = (np.abs(head.expression_basis) > 5e-4).any(-1).sum(1)
    assert all(shape.num_offsets >= count for shape, count in zip(scene.blend_shapes, moved, strict=True))
    assert {cluster.name for cluster in mesh.skin_deformers[0].clusters} == set(head.joint_names)
    eye = head.joint_names.index("left_eye")
    place = np.asarray(scene.find_node("left_eye").node_to_world)[3, :3]
    np.testing.assert_allclose(place * MM, head.joint_centres[eye], atol=1e-4)
    assert {t.relative_filename for t in scene.textures} == {"texture.png", "normal.png"}
    assert all(Image.open(io.BytesIO(t.content)).size for t in scene.textures)
    (stack,) = scene.anim_stacks
    assert (stack.name, stack.time_begin) == ("take", 0) and stack.time_end == pytest.approx(24 / 25)
    assert max(curve.max_value for curve in scene.anim_curves) == 100 and len(scene.anim_curves) == 52 + 4 * 3
