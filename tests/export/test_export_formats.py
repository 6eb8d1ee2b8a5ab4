"""Which file a path asks for, and PLY, STL and .gltf read back by readers written from their specifications."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from glb_reader import Glb
from made_up_head import made_up_export, made_up_head, made_up_params, made_up_texture
from test_export_validator import validate

from facegpt.export.formats import file_ending
from facegpt.export.gltf.document import write_glb, write_gltf
from facegpt.export.ply import write_ply
from facegpt.export.stl import write_stl
from facegpt.face import Face
from facegpt.types import FaceGPTError

PLY_TYPES = {"float": "<f4", "uchar": "u1", "int": "<i4"}


@pytest.fixture(scope="module")
def head():
    return made_up_export(3)


@pytest.fixture(scope="module")
def face() -> Face:
    model = made_up_head()
    params = made_up_params(model, 3)
    return Face(model, params, photo_texture=made_up_texture(model, params))


# --- which file a path asks for ---


@pytest.mark.parametrize(
    "name", ["a.glb", "a.gltf", "a.usdz", "a.obj", "a.ply", "a.stl", "a.fbx", "a.json", "A.GLB", "x/a.PLY"]
)
def test_endings_of_written_formats_ask_for_a_file(name):
    assert file_ending(name) == "." + name.rsplit(".", 1)[1].lower()


@pytest.mark.parametrize("name", ["out", "out/", "anna.v2", "2024.05.17", "john.smith", "a.fbx/", ".hidden", "a.glb/"])
def test_other_names_ask_for_a_folder(name):
    assert file_ending(name) is None


@pytest.mark.parametrize("name", ["a.blend", "a.vrm", "a.DAE", "a.abc", "a.max", "a.usda", "a.3mf", "a.png", "a.JPG"])
def test_other_known_formats_are_refused_with_those_that_are_written_and_a_way_round(name, face, tmp_path):
    with pytest.raises(
        FaceGPTError, match=r"\.glb, \.gltf, \.fbx, \.usdz, \.obj, \.ply, \.stl and \.json.*; "
    ) as refusal:
        face.save(tmp_path / name)
    assert name in str(refusal.value) and not any(tmp_path.iterdir())


def test_the_way_to_alembic_names_blender_and_the_file_to_save(face, tmp_path):
    with pytest.raises(FaceGPTError, match=r"save 'head\.glb', which Blender opens .* exports ABC"):
        face.save(tmp_path / "head.abc")


def test_single_files_are_written_and_told_with_what_lies_beside_them(face, tmp_path):
    wanted = {
        **{"a.ply": {"a.ply"}, "b.STL": {"b.STL"}, "d.fbx": {"d.fbx"}},
        "c d.gltf": {"c d.gltf", "c d.bin", "c d_texture.png", "c d_surface.png", "c d_shirt.png"},
    }
    for name, files in wanted.items():
        folder = tmp_path / name.split(".")[0]
        assert {path.name for path in face.save(folder / name)} == files == {path.name for path in folder.iterdir()}


def test_a_folder_has_fbx_and_dense_targets_only_where_they_are_asked_for(face, tmp_path):
    sparse = [len(face.save(tmp_path / "a", fbx=fbx)) for fbx in (True, False)]
    assert sparse[0] == sparse[1] + 1 and not (tmp_path / "a" / "face.fbx").exists()  # what is old is removed
    usual = (tmp_path / "a" / "face.glb").stat().st_size
    face.save(tmp_path / "a", dense=True)
    assert (tmp_path / "a" / "face.glb").stat().st_size > usual
    (alone,) = face.save(tmp_path / "b.glb", dense=True)
    assert not any("sparse" in accessor for accessor in Glb(alone).json["accessors"])


def test_a_folder_of_any_name_can_be_asked_for(face, tmp_path):
    (tmp_path / "anna.v2").mkdir()
    assert (tmp_path / "anna.v2" / "params.json") in face.save(tmp_path / "anna.v2")
    assert (tmp_path / "scan.stl" / "params.json") in face.save_folder(tmp_path / "scan.stl")
    face.save(f"{tmp_path}/head.fbx/")
    assert (tmp_path / "head.fbx" / "face.glb").is_file()


# --- PLY ---


def read_ply(path: Path) -> tuple[list[str], dict[str, np.ndarray], np.ndarray]:
    """Comments, vertex properties by name and triangles of a binary PLY."""
    header, data = path.read_bytes().split(b"end_header\n", 1)
    lines = header.decode("ascii").splitlines()
    assert lines[:2] == ["ply", "format binary_little_endian 1.0"]
    comments = [line[8:] for line in lines if line.startswith("comment ")]
    (vertices,) = (int(line.split()[2]) for line in lines if line.startswith("element vertex"))
    (triangles,) = (int(line.split()[2]) for line in lines if line.startswith("element face"))
    fields = [line.split()[1:] for line in lines if line.startswith("property") and " list " not in line]
    kind = np.dtype([(name, PLY_TYPES[of]) for of, name in fields])
    assert "property list uchar int vertex_indices" in lines
    values = np.frombuffer(data, kind, vertices)
    faces = np.frombuffer(data, np.dtype([("n", "u1"), ("v", "<i4", 3)]), offset=vertices * kind.itemsize)
    assert len(faces) == triangles and (faces["n"] == 3).all()
    return comments, {name: values[name] for name in kind.names}, faces["v"]


def test_a_ply_holds_the_posed_head_in_millimetres_in_the_models_order(head, tmp_path):
    comments, vertex, triangles = read_ply(write_ply(tmp_path / "head.ply", head))
    np.testing.assert_array_equal(np.stack([vertex[a] for a in "xyz"], 1), head.posed.astype(np.float32))
    np.testing.assert_array_equal(triangles, head.triangles)
    assert any("millimetres" in line and "+y up" in line for line in comments)


def test_the_normals_of_a_ply_are_unit_length_and_point_out_of_the_skull(head, tmp_path):
    _, vertex, triangles = read_ply(write_ply(tmp_path / "head.ply", head))
    normal = np.stack([vertex[f"n{a}"] for a in "xyz"], 1)
    np.testing.assert_allclose(np.linalg.norm(normal, axis=1), 1, atol=1e-5)
    skull = np.intersect1d(np.unique(triangles[head.part == 0]), np.flatnonzero(head.posed[:, 1] > 40))
    assert ((normal * head.posed)[skull].sum(1) > 0).mean() > 0.98


def test_the_colours_of_a_ply_are_those_of_the_texture(head, tmp_path):
    texture = np.zeros((256, 256, 4), np.uint8)
    texture[..., 0] = np.arange(256)  # red grows with u, green with v; row 0 is v = 1
    texture[..., 1] = np.arange(256)[::-1, None]
    texture[..., 3] = 255
    _, vertex, _ = read_ply(write_ply(tmp_path / "head.ply", replace(head, texture=texture)))
    alone = np.flatnonzero(np.bincount(head.triangles.ravel(), minlength=len(head.posed)) > 0)
    pairs = dict(zip(head.triangles.ravel().tolist(), head.uv_triangles.ravel().tolist(), strict=True))
    on_seam = {v for v, t in zip(head.triangles.ravel(), head.uv_triangles.ravel(), strict=True) if pairs[int(v)] != t}
    inside = np.setdiff1d(alone, list(on_seam))
    uv = head.uv[[pairs[int(v)] for v in inside]]
    np.testing.assert_allclose(vertex["red"][inside], uv[:, 0] * 256, atol=2)
    np.testing.assert_allclose(vertex["green"][inside], uv[:, 1] * 256, atol=2)


# --- STL ---


def test_an_stl_holds_every_triangle_of_the_posed_head_with_its_normal(head, tmp_path):
    data = write_stl(tmp_path / "head.stl", head).read_bytes()
    assert not data.startswith(b"solid") and b"millimetres" in data[:80]
    assert int.from_bytes(data[80:84], "little") == len(head.triangles)
    assert len(data) == 84 + 50 * len(head.triangles)
    record = np.frombuffer(data[84:], np.dtype([("normal", "<f4", 3), ("corner", "<f4", (3, 3)), ("more", "<u2")]))
    np.testing.assert_array_equal(record["corner"], head.posed[head.triangles].astype(np.float32))
    a, b, c = record["corner"].astype(float).transpose(1, 0, 2)
    across = np.cross(b - a, c - a)
    area = np.linalg.norm(across, axis=1)
    real = area > 1e-6
    np.testing.assert_allclose(record["normal"][real], (across / area[:, None])[real], atol=1e-5)
    assert (record["more"] == 0).all()


# --- glTF with files beside it ---


def test_a_gltf_says_the_same_as_the_glb_with_its_numbers_and_pictures_beside_it(head, tmp_path):
    paths = write_gltf(tmp_path / "Anna Ü 1.gltf", head)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths}
    beside, inside = Glb(paths[0]), Glb(write_glb(tmp_path / "a.glb", head))
    for key in ("nodes", "skins", "meshes", "materials", "textures", "accessors", "scenes"):
        assert beside.json[key] == inside.json[key]
    for index in range(len(inside.json["accessors"])):
        np.testing.assert_array_equal(beside.numbers(index), inside.numbers(index))
    for index in range(len(inside.json["images"])):
        np.testing.assert_array_equal(np.asarray(beside.image(index)), np.asarray(inside.image(index)))


def test_the_validator_finds_nothing_in_a_gltf_whose_name_has_blanks(head, tmp_path):
    report = validate(write_gltf(tmp_path / "Anna Ü 1.gltf", head)[0])
    assert report["issues"]["messages"] == []
    assert {resource.get("pointer") for resource in report["info"]["resources"]} >= {"/buffers/0", "/images/0"}
