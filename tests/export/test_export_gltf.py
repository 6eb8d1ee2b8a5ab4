"""The GLB file, read back by a reader of its own: names, units, targets, rig, texture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from glb_reader import Glb
from made_up_head import made_up_export, made_up_head, made_up_params, made_up_texture
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES
from facegpt.export.bundle import HeadExport, from_model
from facegpt.export.gltf.document import MAX_BYTES, glb_bytes, write_glb
from facegpt.morphable.base import at_rest, head_vertices
from facegpt.morphable.normals import vertex_normals
from facegpt.types import FaceGPTError, ShapeError

MODEL = made_up_head()


@pytest.fixture(scope="module")
def head() -> HeadExport:
    return made_up_export()


@pytest.fixture(scope="module")
def glb(head, tmp_path_factory) -> Glb:
    return Glb(write_glb(tmp_path_factory.mktemp("glb") / "face.glb", head))


def vertex_of_each_point(glb: Glb, head: HeadExport) -> NDArray[np.int64]:
    """(N,) the model's vertex that each vertex of the file is a copy of, found by its place."""
    gap = np.linalg.norm(glb.attribute("POSITION")[:, None] - head.neutral[None] / 1000, axis=2)
    assert gap.min(1).max() < 1e-6  # metres
    return gap.argmin(1)


def test_the_file_has_the_52_named_targets_in_order_and_starts_at_rest(glb):
    assert glb.target_names == list(ARKIT_NAMES)
    assert glb.mesh["weights"] == [0.0] * 52


def test_every_triangle_of_the_head_is_in_the_file_once_with_the_material_of_its_part(glb, head):
    materials = {"skin": ("skin",), "eyes": ("left_eye", "right_eye"), "teeth": ("upper_teeth", "lower_teeth")}
    materials |= {"tongue": ("tongue",), "lashes": ("lashes",)}
    vertex, count = vertex_of_each_point(glb, head), 0
    starts = dict(zip(materials, np.zeros(len(materials), int), strict=True))
    for primitive in glb.primitives():
        name = glb.json["materials"][primitive["material"]]["name"]
        starts[name], count = count, count + len(glb.numbers(primitive["attributes"]["POSITION"]))
    for name, parts in materials.items():
        wanted = head.triangles[np.isin(head.part, [head.part_names.index(part) for part in parts])]
        np.testing.assert_array_equal(vertex[glb.triangles(name) + starts[name]], wanted)
    assert sorted(material["name"] for material in glb.json["materials"]) == sorted(materials)


def test_all_that_moves_is_one_mesh_so_that_one_weight_opens_the_jaw_with_its_teeth(glb):
    moving = {glb.json["materials"][p["material"]]["name"] for p in glb.mesh["primitives"]}
    assert moving == {"skin", "teeth", "tongue", "lashes"}
    assert all(len(p["targets"]) == 52 for p in glb.mesh["primitives"])
    (eyes,) = (mesh for mesh in glb.json["meshes"] if mesh["name"] == "eyes")  # they turn by their joints only
    assert "extras" not in eyes and "weights" not in eyes and "targets" not in eyes["primitives"][0]


def test_all_meshes_hang_on_the_rig(glb):
    shown = [node for node in glb.json["nodes"] if "mesh" in node]
    assert [glb.json["meshes"][node["mesh"]]["name"] for node in shown] == ["face", "eyes"]
    assert all(node["skin"] == 0 for node in shown)


def test_each_target_at_weight_one_is_that_unit_of_the_model_within_a_micrometre(glb, head):
    vertex, base = vertex_of_each_point(glb, head), glb.attribute("POSITION")
    for name, delta in zip(ARKIT_NAMES, head.expression_basis, strict=True):
        wanted = (head.neutral + delta)[vertex] / 1000
        np.testing.assert_allclose(base + glb.target(name), wanted, rtol=0, atol=1e-6)


def test_targets_hold_positions_and_normals_and_are_stored_sparsely_where_that_is_smaller(glb):
    accessors, sparse = glb.json["accessors"], 0
    for target in (target for p in glb.mesh["primitives"] for target in p["targets"]):
        assert set(target) == {"POSITION", "NORMAL"}
        for index in target.values():
            moved = glb.numbers(index).any(1)
            sparse += "sparse" in accessors[index]
            assert ("sparse" in accessors[index]) == (0 < moved.sum() * 14 < len(moved) * 12)  # bytes of both
    assert sparse > 52
    assert all("sparse" not in accessors[index] for p in glb.primitives() for index in p["attributes"].values())


def test_what_readers_stumble_over_in_sparse_accessors_is_not_there(glb):
    """No byteOffset or no view of zeros: VTK. A view without a stride that several share: Babylon.js."""
    views = glb.json["bufferViews"]
    for accessor in glb.json["accessors"]:
        assert "bufferView" in accessor
        for part in ("indices", "values") if "sparse" in accessor else ():
            assert accessor["sparse"][part]["byteOffset"] == accessor["byteOffset"] == 0
            assert views[accessor["bufferView"]]["byteStride"] > 12 and not any(glb.view(accessor["bufferView"]))


def test_a_dense_file_says_the_same_without_sparse_accessors(tmp_path, head, glb):
    dense = Glb(write_glb(tmp_path / "dense.glb", replace(head, dense=True)))
    assert not any("sparse" in accessor for accessor in dense.json["accessors"])
    for name in ARKIT_NAMES:
        for what in ("POSITION", "NORMAL"):
            np.testing.assert_array_equal(dense.target(name, what), glb.target(name, what))


def angles_deg(a: NDArray, b: NDArray) -> NDArray:
    """Angles between vectors (N, 3)."""
    a, b = (np.asarray(n, float) / np.linalg.norm(n, axis=1, keepdims=True) for n in (a, b))
    return np.degrees(2 * np.arcsin(np.clip(np.linalg.norm(a - b, axis=1) / 2, 0, 1)))


def test_the_normals_of_a_target_are_those_of_the_head_that_makes_this_face(glb, head):
    vertex, rest = vertex_of_each_point(glb, head), glb.attribute("NORMAL")
    for name, delta in zip(ARKIT_NAMES, head.expression_basis, strict=True):
        wanted = vertex_normals(head.neutral + delta, head.triangles)[vertex]
        assert angles_deg(rest + glb.target(name, "NORMAL"), wanted).max() < 0.3


def test_the_normals_of_the_photos_face_are_within_three_degrees_on_average(glb, head):
    vertex, weights = vertex_of_each_point(glb, head), head.expression
    sums = zip(weights, ARKIT_NAMES, strict=True)
    morphed = glb.attribute("NORMAL") + sum(w * glb.target(name, "NORMAL") for w, name in sums)
    moved = head.neutral + np.tensordot(weights, head.expression_basis, 1)
    angle = angles_deg(morphed, vertex_normals(moved, head.triangles)[vertex])
    unmoved = angles_deg(glb.attribute("NORMAL"), vertex_normals(moved, head.triangles)[vertex])
    assert angle.mean() < 3 and angle.mean() < 0.5 * unmoved.mean()


def test_limits_written_for_positions_and_targets_are_the_true_ones(glb):
    positions = [p["attributes"]["POSITION"] for p in glb.primitives()]
    positions += [target["POSITION"] for p in glb.mesh["primitives"] for target in p["targets"]]
    for index in positions:
        values, accessor = glb.numbers(index), glb.json["accessors"][index]
        np.testing.assert_array_equal(np.float32(accessor["min"]), values.min(0))
        np.testing.assert_array_equal(np.float32(accessor["max"]), values.max(0))


def test_the_head_is_upright_in_metres_and_looks_along_plus_z(glb, head):
    size = np.ptp(glb.attribute("POSITION"), axis=0)
    assert 0.2 < size[1] < 0.35  # metres
    nose = MODEL.embedding("ibug68")(head.neutral)[30] / 1000
    assert glb.attribute("POSITION")[:, 2].max() - nose[2] < 0.01
    jaw = glb.target("jawOpen")
    assert jaw[:, 1].min() < -0.015 and jaw[:, 1].max() < 0.001  # the chin goes down, by more than 15 mm


def test_normals_are_unit_length_point_outwards_and_cross_the_seam(glb, head):
    normal, position = glb.attribute("NORMAL"), glb.attribute("POSITION")
    np.testing.assert_allclose(np.linalg.norm(normal, axis=1), 1, atol=1e-5)
    skin = np.unique(head.triangles[head.part == 0])
    vertex = vertex_of_each_point(glb, head)
    on_skull = np.isin(vertex, skin) & (position[:, 1] > 0) & (np.abs(normal[:, 1]) < 0.9)
    outwards = (normal * (position - [0, 0, 0])).sum(1)
    assert (outwards[on_skull] > 0).mean() > 0.98
    for copy in np.flatnonzero(np.bincount(vertex) > 1):  # a vertex with several uv keeps one normal
        assert np.ptp(normal[vertex == copy], axis=0).max() < 1e-6


def test_texture_coordinates_find_the_colour_that_the_model_has_there(glb, head):
    """glTF: u, v = 0, 0 is the first pixel of the image, so that v runs down."""
    picture = np.asarray(glb.picture("baseColorTexture").convert("RGB"), float)
    height, width = picture.shape[:2]
    seen = {}
    for part in ("eyes", "tongue", "teeth"):
        at = np.clip((glb.attribute("TEXCOORD_0", part) * (width, height)).astype(int), 0, (width - 1, height - 1))
        seen[part] = picture[at[:, 1], at[:, 0]]
    assert seen["eyes"][0].max() < 60  # vertex 0 of an eye is the middle of its pupil
    assert seen["teeth"].mean() > 180 > seen["tongue"].mean()
    assert (seen["tongue"][:, 0] > seen["tongue"][:, 1] + 40).all()  # red


def test_a_texture_with_holes_is_png_with_mask_and_one_without_is_jpeg(tmp_path, head, glb):
    assert glb.picture("baseColorTexture").mode == "RGBA"
    assert {m["name"] for m in glb.json["materials"] if m.get("alphaMode") == "MASK"} == {"lashes"}
    np.testing.assert_array_equal(np.asarray(glb.picture("baseColorTexture")), head.texture)
    opaque = head.texture.copy()
    opaque[..., 3] = 255
    solid = Glb(write_glb(tmp_path / "solid.glb", replace(head, texture=opaque)))
    assert solid.picture("baseColorTexture").format == "JPEG"
    assert not any("alphaMode" in material for material in solid.json["materials"])


def test_eyes_are_glossier_than_skin_in_the_roughness_texture(glb, head):
    rough = np.asarray(glb.picture("metallicRoughnessTexture"))
    assert rough[..., 2].max() == 0  # nothing is metal
    assert np.allclose(at_triangles(glb, rough, "skin")[:, 1] / 255, 0.6, atol=0.01)
    assert at_triangles(glb, rough, "eyes")[:, 1].max() / 255 < 0.2


def at_triangles(glb: Glb, picture: NDArray, part: str) -> NDArray:
    """(F, C) what a picture shows in the middle of each triangle of a part."""
    middle = (glb.attribute("TEXCOORD_0", part)[glb.triangles(part)].mean(1) * picture.shape[1::-1]).astype(int)
    return picture[middle[:, 1], middle[:, 0]]


def test_the_mouth_is_darker_than_the_face_in_the_occlusion_texture(glb, head):
    for material in glb.json["materials"]:
        surface = material["pbrMetallicRoughness"]
        assert material["occlusionTexture"]["index"] == surface["metallicRoughnessTexture"]["index"]
    packed = np.asarray(glb.picture("metallicRoughnessTexture"))
    assert at_triangles(glb, packed, "skin")[:, 0].min() == 255
    assert at_triangles(glb, packed, "tongue")[:, 0].max() / 255 < 0.7


def test_joints_stand_at_their_centres_and_bind_matrices_undo_them(glb, head):
    nodes, skin = glb.json["nodes"], glb.json["skins"][0]
    assert [nodes[j]["name"] for j in skin["joints"]] == ["neck", "head", "left_eye", "right_eye"]
    inverse = glb.numbers(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
    parent = {child: j for j in skin["joints"] for child in nodes[j].get("children", [])}
    for k, j in enumerate(skin["joints"]):
        place, node = np.zeros(3), j
        while node is not None:
            place, node = place + nodes[node]["translation"], parent.get(node)
        np.testing.assert_allclose(place, head.joint_centres[k] / 1000, atol=1e-6)
        np.testing.assert_allclose(inverse[k] @ [*place, 1], [0, 0, 0, 1], atol=1e-6)


def test_skin_weights_sum_to_one_and_the_eyes_follow_their_own_joints(glb, head):
    joints, weights = glb.attribute("JOINTS_0"), glb.attribute("WEIGHTS_0")
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-6)
    assert joints.max() < 4 and (joints[weights == 0] == 0).all()
    vertex = vertex_of_each_point(glb, head)
    full = np.zeros((len(vertex), 4))
    np.add.at(full, (np.arange(len(vertex))[:, None], joints), weights)
    np.testing.assert_allclose(full, head.skin_weights[vertex], atol=1e-6)


def test_the_weights_of_the_photo_are_kept_beside_the_names(glb, head):
    np.testing.assert_allclose(glb.mesh["extras"]["photoWeights"], head.expression, atol=1e-5)
    np.testing.assert_allclose(glb.mesh["extras"]["photoJointRotations"], head.joint_rotations, atol=1e-5)


def test_weights_and_joints_of_the_photo_give_the_posed_head(glb, head):
    """Pose the file as a viewer does (morph, then skin) and compare with the model's own answer."""
    weights = np.array(glb.mesh["extras"]["photoWeights"])
    morphed = glb.attribute("POSITION").astype(float) + sum(
        w * glb.target(name) for w, name in zip(weights, ARKIT_NAMES, strict=True)
    )
    skin, nodes = glb.json["skins"][0], glb.json["nodes"]
    inverse = glb.numbers(skin["inverseBindMatrices"]).reshape(-1, 4, 4).transpose(0, 2, 1)
    world: dict[int, NDArray] = {}
    parent = {child: j for j in skin["joints"] for child in nodes[j].get("children", [])}
    for k, j in enumerate(skin["joints"]):
        local = np.eye(4)
        vector = torch.as_tensor(glb.mesh["extras"]["photoJointRotations"][k], dtype=torch.float64)
        x, y, z = vector.tolist()
        local[:3, :3] = torch.linalg.matrix_exp(torch.tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]])).numpy()
        local[:3, 3] = nodes[j]["translation"]
        world[j] = world[parent[j]] @ local if j in parent else local
    matrices = np.stack([world[j] @ inverse[k] for k, j in enumerate(skin["joints"])])
    blend = np.einsum("nk,nkxy->nxy", glb.attribute("WEIGHTS_0"), matrices[glb.attribute("JOINTS_0")])
    posed = np.einsum("nxy,ny->nx", blend, np.hstack([morphed, np.ones((len(morphed), 1))]))[:, :3]
    wanted = head.posed[vertex_of_each_point(glb, head)] / 1000
    np.testing.assert_allclose(posed, wanted, atol=5e-6)  # metres; extras are rounded to five digits


def test_a_unit_that_moves_nothing_and_a_model_with_more_joints_are_written_too(tmp_path, head):
    basis = np.array(head.expression_basis)
    basis[3] = 0
    wide = np.random.default_rng(0).dirichlet(np.ones(6), len(head.neutral))
    many = replace(
        head,
        expression_basis=basis,
        joint_names=(*head.joint_names, "jaw", "hat"),
        joint_parents=(*head.joint_parents, 1, 1),
        joint_centres=np.vstack([head.joint_centres, np.zeros((2, 3))]),
        joint_rotations=np.zeros((6, 3)),
        skin_weights=wide,
    )
    glb = Glb(write_glb(tmp_path / "many.glb", many))
    assert not glb.target(ARKIT_NAMES[3]).any()
    joints, weights = glb.attribute("JOINTS_0"), glb.attribute("WEIGHTS_0")
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-6)
    strongest = wide[vertex_of_each_point(glb, head)].argmax(1)
    np.testing.assert_array_equal(joints[:, 0], strongest)


@pytest.mark.slow
def test_more_than_65535_vertices_are_indexed_with_32_bits(tmp_path, head):
    times = 1 + 0xFFFF // len(np.unique(head.triangles[head.part == 0]))
    shift = (np.arange(times) * len(head.neutral))[:, None, None]
    big = replace(
        head,
        neutral=np.tile(head.neutral, (times, 1)),
        posed=np.tile(head.posed, (times, 1)),
        skin_weights=np.tile(head.skin_weights, (times, 1)),
        expression_basis=np.tile(head.expression_basis, (1, times, 1)),
        triangles=(head.triangles + shift).reshape(-1, 3),
        uv_triangles=np.tile(head.uv_triangles, (times, 1)),
        part=np.tile(head.part, times),
    )
    glb = Glb(write_glb(tmp_path / "big.glb", big))
    skin = head.triangles[head.part == 0]
    assert len(glb.attribute("POSITION", "skin")) > 0xFFFF == 65535
    last = glb.triangles("skin")[-len(skin) :]
    np.testing.assert_allclose(glb.attribute("POSITION", "skin")[last], head.neutral[skin] / 1000, atol=1e-6)


@pytest.mark.slow
def test_a_texture_that_would_break_the_size_limit_is_halved(head):
    noise = np.random.default_rng(0).integers(0, 256, (2048, 2048, 4), np.uint8)
    assert len(glb_bytes(replace(head, texture=noise))) <= MAX_BYTES


def test_an_unchanged_head_gives_the_same_bytes(head):
    assert glb_bytes(head) == glb_bytes(made_up_export())


def test_the_export_of_a_model_is_its_own_rest_and_pose():
    params = made_up_params(MODEL, 5)
    head = from_model(MODEL, params, made_up_texture(MODEL, params))
    np.testing.assert_array_equal(head.posed, head_vertices(MODEL, params))
    np.testing.assert_array_equal(head.neutral, head_vertices(MODEL, at_rest(MODEL, params)))
    assert np.abs(head.posed - head.neutral).max() > 0.5  # mm: the two differ


def test_arrays_that_do_not_fit_are_refused_by_name(head):
    with pytest.raises(ShapeError, match="uv_triangles"):
        replace(head, uv_triangles=head.uv_triangles[:-1])
    with pytest.raises(ShapeError, match="uint8"):
        replace(head, texture=head.texture.astype(np.float32))
    with pytest.raises(ShapeError, match="finite"):
        replace(head, neutral=np.full_like(head.neutral, np.nan))
    with pytest.raises(ShapeError, match="belong"):
        params = made_up_params(MODEL)
        from_model(MODEL, params.replace(model_id="someone-else/1"), head.texture)


def test_normals_of_a_cube_point_along_its_corners():
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d), (a, b, d), (b, c, d))])
    np.testing.assert_allclose(vertex_normals(corners, triangles), corners / np.sqrt(3), atol=1e-6)


def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path, head):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(FaceGPTError, match="taken"):
        write_glb(tmp_path / "taken" / "face.glb", head)
