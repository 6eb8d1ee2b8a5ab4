"""Atomic writes, OBJ, the JSON files and the output folder."""

from __future__ import annotations

import errno
import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from made_up_head import made_up_export, made_up_head, made_up_params
from PIL import Image

from facegpt.conventions import ARKIT_NAMES
from facegpt.export.folder import Drawn, FaceFiles, write_folder
from facegpt.export.landmarks_json import read_landmarks, write_landmarks
from facegpt.export.obj import write_obj
from facegpt.export.params_json import (
    check_sizes,
    params_from_json,
    params_to_json,
    read_doubt,
    read_params,
    write_params,
)
from facegpt.morphable.base import head_vertices
from facegpt.runtime import atomic_files as atomic
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.types import FaceGPTError, IdentityDoubt, Landmarks, ShapeError

MODEL = made_up_head()
NAMES = {"params.json", "face.glb", "face.obj", "face.mtl", "texture.png", "overlay.png", "preview.png"}
NAMES |= {"landmarks.json"}


def face_files(seed: int = 0, photo: bool = True) -> FaceFiles:
    params = made_up_params(MODEL, seed)
    points = MODEL.embedding("ibug68")(head_vertices(MODEL, params))
    flat = params.camera.project(params.pose.apply(points))
    picture = np.full((12, 10, 4), 90, np.uint8)
    return FaceFiles(
        params,
        made_up_export(seed),
        (Landmarks("ibug68", "image", flat), Landmarks("ibug68", "head", points)),
        lambda: Drawn(picture, picture[..., :3] if photo else None),
    )


# --- atomic writes ---


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, interruption, step):
    target = tmp_path / "face.glb"
    write_bytes(target, b"old")

    def interrupt(*_):
        raise interruption

    monkeypatch.setattr(atomic.os, step, interrupt)
    expected = KeyboardInterrupt if isinstance(interruption, KeyboardInterrupt) else FaceGPTError
    with pytest.raises(expected):
        write_bytes(target, b"new")
    monkeypatch.undo()
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["face.glb"]


def test_a_full_disk_is_told_with_the_file_and_what_to_do(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(FaceGPTError, match=r"face\.glb.*No space left.*make room"):
        write_bytes(tmp_path / "face.glb", b"data")


def test_a_missing_folder_and_a_file_in_its_place_are_told_in_one_sentence(tmp_path):
    with pytest.raises(FaceGPTError, match="nowhere"):
        write_bytes(tmp_path / "nowhere" / "a.png", b"")
    (tmp_path / "file").write_text("x")
    with pytest.raises(FaceGPTError, match="file"):
        make_folder(tmp_path / "file")


@pytest.mark.skipif(os.name == "nt" or getattr(os, "geteuid", lambda: 1)() == 0, reason="needs a user whom modes bind")
def test_a_read_only_folder_is_told_in_one_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(FaceGPTError, match="Permission denied"):
        write_bytes(tmp_path / "a.png", b"")
    tmp_path.chmod(0o700)


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_written_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    write_bytes(tmp_path / "atomic", b"")
    assert stat.S_IMODE((tmp_path / "atomic").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_a_file_of_an_earlier_run_that_cannot_be_deleted_is_told(tmp_path):
    atomic.remove(tmp_path / "nothing.png")
    (tmp_path / "overlay.png").mkdir()
    with pytest.raises(FaceGPTError, match=r"overlay\.png"):
        atomic.remove(tmp_path / "overlay.png")


# --- OBJ ---


def read_obj(path: Path) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for line in path.read_text("utf-8").splitlines():
        key, *fields = line.split()
        found.setdefault(key, []).append(fields)
    return found


def test_obj_holds_the_posed_head_in_millimetres_in_the_models_order(tmp_path):
    head = made_up_export(2)
    text = read_obj(write_obj(tmp_path / "face.obj", head))
    np.testing.assert_allclose(np.array(text["v"], float), head.posed, atol=1e-4)  # mm
    np.testing.assert_allclose(np.array(text["vt"], float), head.uv, atol=1e-6)
    corners = np.array([[corner.split("/") for corner in face] for face in text["f"]], int) - 1
    order = np.argsort(head.part, kind="stable")
    np.testing.assert_array_equal(corners[..., 0], head.triangles[order])
    np.testing.assert_array_equal(corners[..., 1], head.uv_triangles[order])
    np.testing.assert_array_equal(corners[..., 2], head.triangles[order])
    assert [name for (name,) in text["g"]] == list(head.part_names)


def test_normals_of_an_obj_are_unit_and_point_the_way_of_their_triangles(tmp_path):
    text = read_obj(write_obj(tmp_path / "face.obj", made_up_export(2)))
    places, normals = np.array(text["v"], float), np.array(text["vn"], float)
    assert normals.shape == places.shape
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=2e-4)
    triangles = np.array([[corner.split("/")[0] for corner in face] for face in text["f"]], int) - 1
    a, b, c = (places[triangles[:, k]] for k in range(3))
    out = np.cross(b - a, c - a)
    length = np.linalg.norm(out, axis=1)
    real = length > 1e-3
    cosine = (normals[triangles].mean(1) * out)[real].sum(1) / length[real]
    assert (cosine > 0).mean() > 0.99


def test_obj_says_its_units_and_finds_its_material_and_texture(tmp_path):
    head = replace(made_up_export(), name="anna  lee\nv 0 0 0")
    path = write_obj(tmp_path / "head.obj", head)
    assert "millimetres" in path.read_text("utf-8").split("\nv ")[0]
    text, material = read_obj(path), read_obj(tmp_path / "head.mtl")
    assert text["mtllib"] == [["head.mtl"]] and text["usemtl"] == material["newmtl"]
    assert len(text["v"]) == len(head.posed)  # a line break in a name adds no vertex
    (texture,) = material["map_Kd"][0]
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / texture)), head.texture)


# --- params.json ---


def assert_same_params(a, b):
    for name in ("identity", "expression", "joints", "albedo", "lighting"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), strict=True)
    np.testing.assert_array_equal(a.pose.rotation, b.pose.rotation)
    np.testing.assert_array_equal(a.pose.translation, b.pose.translation)
    assert (a.model_id, a.camera) == (b.model_id, b.camera)


def test_parameters_load_back_to_the_same_numbers_and_the_same_vertices(tmp_path):
    params = made_up_params(MODEL, 9)
    loaded = read_params(write_params(tmp_path / "params.json", params))
    assert_same_params(params, loaded)
    np.testing.assert_array_equal(head_vertices(MODEL, params), head_vertices(MODEL, loaded))


@settings(max_examples=60, deadline=None)
@given(arrays.arrays(np.float32, 7, elements=st.floats(-30, 30, width=32)))
def test_every_float32_survives_the_text(values):
    params = made_up_params(MODEL).replace(identity=values)
    loaded = params_from_json(params_to_json(params)).identity
    assert loaded.dtype == np.float32
    assert loaded.tobytes() == values.tobytes()


def test_the_file_is_readable_json_with_weights_by_name(tmp_path):
    params = made_up_params(MODEL, 3)
    text = params_to_json(params)
    document = json.loads(text)
    assert document["expression"]["jawOpen"] == pytest.approx(float(params.expression[24]))
    assert len(text.splitlines()) == len(document) + 2
    assert max(len(str(number)) for number in document["identity"]) < 16  # 0.1, not 0.10000000149011612


def test_a_number_that_is_not_finite_is_not_saved():
    params = made_up_params(MODEL)
    with pytest.raises(FaceGPTError, match="identity"):
        params_to_json(params.replace(identity=np.array([np.nan], np.float32)))


def damaged(**changes: object) -> str:
    document = json.loads(params_to_json(made_up_params(MODEL)))
    return json.dumps({key: value for key, value in {**document, **changes}.items() if value != "gone"})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        ("[1, 2]", "no face parameters"),
        ("[" * 100_000, "JSON"),
        (damaged(format="something else"), "no face parameters"),
        (damaged(version=2), "version 2"),
        (damaged(identity="gone"), "'identity' is missing"),
        (damaged(identity=["a"]), "not a number"),
        (damaged(identity=[True]), "not a number"),
        (damaged(identity=[10**400]), "identity"),
        (damaged(identity=[1e300]), "too large"),
        (damaged(identity=[float("nan")]), "JSON"),
        (damaged(identity=5), "'identity' has a single number"),
        (damaged(albedo=0.5), "'albedo' has a single number"),
        (damaged(joints_rotvec_rad=1), "'joints_rotvec_rad' has a single number"),
        (damaged(joints_rotvec_rad=[0, 0, 0]), "'joints_rotvec_rad' has the shape"),
        (damaged(identity=[0.0, 1000.0]), "'identity' holds 1000, which no face has"),
        (damaged(identity=[-1000.0, 0.0]), "'identity' holds -1000"),
        (damaged(albedo=[1e6]), "'albedo' holds"),
        (damaged(expression=dict.fromkeys(ARKIT_NAMES, 40)), "'expression' holds 40"),
        (damaged(joints_rotvec_rad=[[0, 0, 100]]), "'joints_rotvec_rad' holds 100"),
        (damaged(pose_rotation=[[2, 0, 0], [0, 2, 0], [0, 0, 2]]), "no rotation"),
        (damaged(pose_rotation=[[1, 0, 0], [0, 1, 0], [0, 0, -1]]), "no rotation"),
        (damaged(pose_rotation=5), "'pose_rotation' has a single number"),
        (damaged(pose_translation_mm=[0, 0, 1e12]), "'pose_translation_mm' holds"),
        (damaged(lighting_sh9_rgb=[[1e9] * 3] * 9), "'lighting_sh9_rgb' holds"),
        (damaged(camera_focal_px=1e20), "'camera_focal_px' holds"),
        (damaged(camera_width=10**9, camera_height=10**9), "too large"),
        (damaged(hair={"style": "bob", "colour_linear_rgb": [9, 0, 0]}), "'colour_linear_rgb' holds 9"),
        (damaged(hair={"style": "bob", "colour_linear_rgb": 9}), "'colour_linear_rgb' has a single number"),
        (damaged(identity=[[1.0, 2.0]]), "shape"),
        (damaged(joints_rotvec_rad=[[0, 0, 0], [0, 0]]), "different lengths"),
        (damaged(expression={"jawOpen": 1}), "52 ARKit names"),
        (damaged(lighting_sh9_rgb=[[0, 0, 0]]), "shape"),
        (damaged(pose_rotation=None), "pose_rotation"),
        (damaged(camera_focal_px=-1), "above zero"),
        (damaged(camera_width="640"), "above zero"),
        (damaged(model_id=7), "model_id"),
    ],
)
def test_a_damaged_file_is_told_with_its_name_and_what_is_wrong(tmp_path, text, complaint):
    path = tmp_path / "broken.json"
    path.write_text(text, "utf-8")
    with pytest.raises(FaceGPTError, match=rf"(?s)broken\.json.*{complaint}"):
        read_params(path)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_text_with_any_piece_cut_out_or_overwritten_loads_or_is_refused_with_a_sentence(data):
    text = params_to_json(made_up_params(MODEL))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 200)))
    filling = data.draw(st.text(st.sampled_from('0123456789eE+-.,:"[]{} ntf'), max_size=8))
    try:
        params_from_json(text[:start] + filling + text[end:])
    except FaceGPTError as refusal:
        assert "these parameters" in str(refusal)


def test_a_missing_file_a_folder_and_a_picture_are_no_parameters(tmp_path):
    (tmp_path / "photo.json").write_bytes(b"\xff\xd8\xff\xe0 not text")
    for name in ("nothing.json", ".", "photo.json"):
        with pytest.raises(FaceGPTError):
            read_params(tmp_path / name)


def test_parameters_with_another_number_of_weights_are_refused():
    with pytest.raises(ShapeError, match="52"):
        params_to_json(made_up_params(MODEL).replace(expression=np.zeros(3, np.float32)))


def test_parameters_of_another_length_or_model_are_told_with_both_numbers():
    params = made_up_params(MODEL)
    check_sizes(params, MODEL)
    with pytest.raises(ShapeError, match=r"my\.json.*'identity' has 3 entries.*has 10"):
        check_sizes(params.replace(identity=np.zeros(3, np.float32)), MODEL, "my.json")
    with pytest.raises(ShapeError, match="belong"):
        check_sizes(params.replace(model_id="someone-else/1"), MODEL)


# --- landmarks.json ---


def test_landmarks_load_back_by_name_and_frame(tmp_path):
    sets = face_files().landmarks
    loaded = read_landmarks(write_landmarks(tmp_path / "landmarks.json", sets))
    assert [(points.name, points.space) for points in loaded] == [("ibug68", "image"), ("ibug68", "head")]
    for before, after in zip(sets, loaded, strict=True):
        np.testing.assert_allclose(after.points, before.points, atol=1e-4)


def test_damaged_landmarks_are_told_by_name(tmp_path):
    for text in ("{", "[]", '{"format": "x"}', '{"format": "facegpt-landmarks", "version": 1}'):
        (tmp_path / "l.json").write_text(text)
        with pytest.raises(FaceGPTError, match=r"l\.json"):
            read_landmarks(tmp_path / "l.json")
    twice = (Landmarks("a", "image", np.zeros((1, 2))), Landmarks("a", "image", np.zeros((1, 2))))
    with pytest.raises(FaceGPTError, match="two landmark sets"):
        write_landmarks(tmp_path / "l.json", twice)


# --- the folder ---


def test_the_folder_holds_the_promised_files_and_no_others(tmp_path):
    paths = write_folder(tmp_path / "new" / "out", face_files())
    assert {path.name for path in paths} == NAMES == {path.name for path in (tmp_path / "new" / "out").iterdir()}
    assert "map_Kd texture.png" in (tmp_path / "new" / "out" / "face.mtl").read_text("utf-8")
    for name in ("overlay.png", "preview.png", "texture.png"):
        Image.open(tmp_path / "new" / "out" / name).load()


def test_a_second_face_replaces_the_first_and_leaves_other_files_alone(tmp_path):
    write_folder(tmp_path, face_files(1))
    (tmp_path / "notes.txt").write_text("mine")
    second = face_files(2, photo=False)
    paths = write_folder(tmp_path, second)
    assert {path.name for path in tmp_path.iterdir()} == (NAMES - {"overlay.png"}) | {"notes.txt"}
    assert {path.name for path in paths} == NAMES - {"overlay.png"}
    assert_same_params(read_params(tmp_path / "params.json"), second.params)


def test_ctrl_c_between_files_leaves_only_whole_files(tmp_path, monkeypatch):
    real, count = atomic.os.replace, iter(range(100))

    def stop_at_the_third(source, target):
        if next(count) == 2:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(atomic.os, "replace", stop_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path, face_files())
    assert len(list(tmp_path.iterdir())) == 2
    assert not (tmp_path / "params.json").exists()  # written last: its presence means that the rest is complete


# --- how sure the identity is ---


def made_up_covariance(count: int) -> np.ndarray:
    rows = np.random.default_rng(5).normal(size=(count, count))
    return np.linalg.inv(np.eye(count) + rows @ rows.T)


def test_the_covariance_of_the_identity_comes_back_as_far_as_it_is_written(tmp_path):
    params = made_up_params(MODEL)
    covariance = made_up_covariance(len(params.identity))
    doubt = IdentityDoubt(np.sqrt(np.diag(covariance)), covariance)
    found = read_doubt(write_params(tmp_path / "params.json", params, doubt=doubt))
    np.testing.assert_allclose(found.covariance, covariance, atol=1e-6)
    np.testing.assert_allclose(found.sd, doubt.sd, atol=1e-4)
    np.testing.assert_array_equal(found.covariance, found.covariance.T)
    assert_same_params(read_params(tmp_path / "params.json"), params)


def test_files_without_a_covariance_or_without_any_doubt_are_read_as_before(tmp_path):
    params = made_up_params(MODEL)
    sd = np.full(len(params.identity), 0.5)
    old = read_doubt(write_params(tmp_path / "old.json", params, doubt=IdentityDoubt(sd)))
    assert old.covariance is None and np.allclose(old.sd, 0.5)
    none = read_doubt(write_params(tmp_path / "words.json", params))
    assert none.sd is None and none.covariance is None


def test_a_damaged_covariance_is_told(tmp_path):
    params = made_up_params(MODEL)
    count = len(params.identity)
    path = write_params(tmp_path / "broken.json", params, doubt=IdentityDoubt(covariance=np.eye(count)))
    document = json.loads(path.read_text("utf-8"))
    for wrong, says in (
        ([1.0], "expected"),
        ([99.0] * (count * (count + 1) // 2), "holds 99"),
        ([-1.0] * (count * (count + 1) // 2), "covariance of nothing"),
    ):
        path.write_text(json.dumps(document | {"identity_covariance": wrong}), "utf-8")
        with pytest.raises(FaceGPTError, match=rf"broken\.json.*{says}"):
            read_doubt(path)
