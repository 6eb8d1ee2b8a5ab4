"""The public interface: load, reconstruct, and what a Face gives, draws and saves."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from stand_in import HEAD, picture, stand_in_model

import facegpt
from facegpt import Face, FaceGPTError, ImageError
from facegpt.conventions import ARKIT_NAMES
from facegpt.data import images
from facegpt.export.landmarks_json import read_landmarks
from facegpt.types import IdentityDoubt, SkinSeen


@pytest.fixture(scope="module")
def model():
    return stand_in_model()


@pytest.fixture(scope="module")
def face(model) -> Face:
    return model.reconstruct(picture((100, 60, 180, 150)))[0]


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, facegpt; sys.exit(any(m in sys.modules for m in ('numpy', 'torch', 'PIL', 'numba')))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_every_public_name_is_there_and_wrong_ones_are_told():
    for name in facegpt.__all__:
        assert getattr(facegpt, name) is not None
    assert set(facegpt.__all__) <= set(dir(facegpt))
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        facegpt.nonsense  # noqa: B018


def test_faces_come_largest_first(model):
    faces = model.reconstruct(picture((10, 10, 60, 60), (100, 20, 220, 160), (240, 30, 300, 100)))
    widths = [face.box[2] - face.box[0] for face in faces]
    assert len(faces) == 3 and widths == sorted(widths, reverse=True)
    assert 100 < faces[0].box[[0, 2]].mean() < 220  # the middle of the largest rectangle, px


def test_forty_faces_are_all_found(model):
    boxes = [(40 * (k % 8) + 4, 44 * (k // 8) + 4, 40 * (k % 8) + 28 + k // 8, 44 * (k // 8) + 38) for k in range(40)]
    assert len(model.reconstruct(picture(*boxes), quality="fast")) == 40


def test_fit_and_texture_are_told_what_the_landmark_network_says(model):
    said = []

    class Landmarker:
        def predict(self, image, detection):
            return "what it says", detection.points[0, 0]

    def listening(function):
        def called(*arguments, dense, **parts):
            said.append(dense)
            return function(*arguments)

        return called

    heard = replace(model, fit=listening(model.fit), texture=listening(model.texture), make_landmarker=Landmarker)
    face = heard.reconstruct(picture((100, 60, 180, 150)))[0]
    assert said == [("what it says", 100)] * 2
    assert face.confidence is None and face.region_confidence == {}  # the stand-in for the fit tells none


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (5, 400), (320, 240)])
def test_no_face_gives_an_empty_list(model, size):
    assert model.reconstruct(picture(size=size)) == []


def test_path_pil_image_and_array_give_the_same(model, tmp_path):
    image = picture((100, 60, 180, 150))
    image.save(tmp_path / "a.png")
    found = [
        model.reconstruct(s)[0].params for s in (image, np.asarray(image), tmp_path / "a.png", str(tmp_path / "a.png"))
    ]
    for params in found[1:]:
        np.testing.assert_array_equal(params.identity, found[0].identity)
        assert params.camera == found[0].camera


def test_the_focal_length_of_the_file_reaches_the_fit(model, tmp_path):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = 50
    picture((100, 60, 180, 150)).save(tmp_path / "a.jpg", exif=exif, quality=95)
    found = model.reconstruct(tmp_path / "a.jpg")[0].params.camera.focal_px
    assert found == pytest.approx(400 * 50 / 43.2666, rel=1e-3)  # px; the diagonal is 400 px


def test_landmarks_of_a_huge_photo_are_in_its_own_pixels(model, monkeypatch, tmp_path):
    """Kept at a quarter of its sides, it must give the same place as when it is kept whole."""
    image = picture((600, 400, 1000, 900), size=(1600, 1200))
    image.save(tmp_path / "a.png")
    whole = model.reconstruct(tmp_path / "a.png")[0]
    monkeypatch.setattr(images, "KEPT_PIXELS", 400 * 300)
    small = model.reconstruct(tmp_path / "a.png")[0]
    assert small.photo.shape == (300, 400, 3) and small.params.camera.width == 1600
    origins = [face.project(np.zeros((1, 3))) for face in (whole, small)]
    np.testing.assert_allclose(*origins, atol=4)  # px of the whole photo, so one of the small one
    assert small.overlay().shape[2] == 3


def test_wrong_arguments_give_a_sentence(model, face):
    for call, says in (
        (lambda: model.reconstruct(picture(), quality="super"), "one of fast, balanced, best, not 'super'"),
        (lambda: facegpt.load("nobody"), "no head model 'nobody'"),
        (lambda: facegpt.load(device="tpu"), "device 'tpu'"),
        (lambda: face.landmarks("ibug5"), "there are: ibug68"),
        (lambda: face.landmarks("ibug68", "world"), "'image' or 'head'"),
        (lambda: face.vertices("world"), "'head' or 'camera'"),
        (lambda: face.measure(), "'made-up-head/1' does not tell the measure"),
    ):
        with pytest.raises(FaceGPTError, match=says):
            call()
    with pytest.raises(ImageError, match=r"no file .*no-such-file\.jpg"):
        model.reconstruct("no-such-file.jpg")


def test_a_folder_that_holds_no_avatar_is_refused(model, tmp_path):
    with pytest.raises(FaceGPTError, match="avatar"):
        next(model.track("clip.mp4", avatar=tmp_path))
    with pytest.raises(FaceGPTError, match="avatar"):
        model.reconstruct(np.zeros((64, 64, 3), np.uint8), avatar=tmp_path)


def test_image_landmarks_are_the_projected_head_landmarks(face):
    for name, count in (("ibug68", 68), ("ibug68_contour", 68), ("aflw68", 68), ("mediapipe478", 478)):
        head, image = face.landmarks(name, "head"), face.landmarks(name, "image")
        assert head.shape == (count, 3) and image.shape == (count, 2)
        np.testing.assert_allclose(face.project(head), image, atol=1e-6)


def test_camera_vertices_project_where_head_vertices_do(face):
    by_hand = face.params.camera.project(face.vertices("camera"))
    np.testing.assert_allclose(by_hand, face.project(face.vertices("head")), atol=1e-9)


def test_neutral_is_the_same_person_without_expression(face):
    rest = face.neutral()
    assert max(rest.blendshapes.values()) == 0 and not rest.params.joints.any()
    np.testing.assert_array_equal(rest.params.identity, face.params.identity)
    assert np.abs(rest.vertices() - face.vertices()).max() > 0.2  # mm
    assert rest.neutral().vertices() == pytest.approx(rest.vertices())


def test_blendshapes_carry_the_arkit_names_and_the_weights(face):
    assert tuple(face.blendshapes) == ARKIT_NAMES
    assert list(face.blendshapes.values()) == pytest.approx(list(face.params.expression))


def test_what_a_face_gives_may_be_changed_without_changing_the_face(face):
    before = face.vertices()
    face.vertices()[:] = 0
    np.testing.assert_array_equal(face.vertices(), before)


def test_repr_tells_where_the_face_is_and_what_it_does(face):
    assert "px at (" in repr(face) and face.params.model_id in repr(face) and len(repr(face)) < 200


def test_render_gives_a_head_on_nothing_that_fills_the_picture(face):
    drawn = face.with_shirt(None).render(size=96)
    assert drawn.shape == (96, 96, 4) and drawn.dtype == np.uint8
    rows, columns = np.nonzero(drawn[..., 3] > 0)  # the end of the neck fades
    assert max(np.ptp(rows), np.ptp(columns)) > 0.8 * 96 and not drawn[0, 0, 3]
    assert rows.min() > 0 and rows.max() < 95 and columns.min() > 0 and columns.max() < 95


def test_the_overlay_covers_the_face_and_leaves_the_rest(model):
    face = model.reconstruct(picture((130, 80, 170, 130)))[0]
    around = face.overlay()
    assert around.shape[2] == 3 and np.abs(around[0, 0].astype(int) - 127).max() <= 2
    changed = np.abs(around.astype(int) - (255, 0, 0)).max(2) > 20
    assert changed[around.shape[0] // 2, around.shape[1] // 2]


def test_plot_gives_a_picture(face, model):
    assert isinstance(face.plot(), Image.Image) and face.plot().width > face.plot().height
    assert model.mean_face().plot().size == (512, 512)


def test_a_head_from_no_photo_has_its_own_picture_and_no_overlay(model, tmp_path):
    mean = model.mean_face()
    assert max(mean.blendshapes.values()) == 0 and not mean.params.identity.any()
    assert mean.image.shape == (512, 512, 3)
    x0, y0, x1, y1 = mean.box
    assert 0 < x0 < x1 < 511 and 0 < y0 < y1 < 511
    inside = mean.image[int(y0) : int(y1), int(x0) : int(x1)]
    assert inside.std() > 5 and (mean.image[0, 0] == mean.image[0, -1]).all()
    mean.save(tmp_path / "mean")
    assert not (tmp_path / "mean" / "overlay.png").exists() and (tmp_path / "mean" / "face.glb").exists()


def test_the_folder_holds_every_file(face, tmp_path):
    paths = face.save(tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {path.name for path in paths}
    assert {"params.json", "face.glb", "face.obj", "face.mtl", "texture.png"} <= names
    assert {"overlay.png", "preview.png", "landmarks.json"} <= names
    saved = {(marks.name, marks.space): marks.points for marks in read_landmarks(tmp_path / "out" / "landmarks.json")}
    np.testing.assert_allclose(saved["ibug68", "image"], face.landmarks("ibug68"), atol=1e-3)
    assert len(saved) == 8


def test_single_files_are_written_by_their_ending(face, tmp_path):
    face.save(tmp_path / "a.glb")
    assert (tmp_path / "a.glb").read_bytes()[:4] == b"glTF"
    written = {"b.OBJ", "b.mtl", "b_texture.png", "b_shirt.png"}
    assert {path.name for path in face.save(tmp_path / "b.OBJ")} == written
    face.save(str(tmp_path / "c.json"))
    assert json.loads((tmp_path / "c.json").read_text())["model_id"] == face.params.model_id
    assert {p.name for p in tmp_path.iterdir()} == {"a.glb", *written, "c.json"}


def test_a_saved_face_loads_back_with_the_same_vertices_and_texture(face, tmp_path):
    face.save(tmp_path / "out")
    for place in (tmp_path / "out", str(tmp_path / "out" / "params.json")):
        again = Face.load(place, model=HEAD())
        np.testing.assert_array_equal(again.vertices(), face.vertices())
        np.testing.assert_array_equal(again.landmarks("mediapipe478"), face.landmarks("mediapipe478"))
        np.testing.assert_array_equal(again.texture, face.texture)
    assert again.photo is None and again.image.shape == (240, 320, 3)


def test_a_saved_face_loads_back_with_what_the_fit_left_open_of_the_person(face, tmp_path):
    count = face.model.sizes.identity
    rows = np.random.default_rng(4).normal(size=(count, count))
    covariance = np.linalg.inv(np.eye(count) + rows @ rows.T)
    told = replace(face, doubt=IdentityDoubt(np.sqrt(np.diag(covariance)), covariance))
    told.save(tmp_path / "out")
    told.save(tmp_path / "head.json")
    for place in ("out", "head.json"):
        again = Face.load(tmp_path / place, model=HEAD()).doubt
        np.testing.assert_allclose(again.covariance, covariance, atol=1e-6)
        np.testing.assert_allclose(again.sd, told.doubt.sd, atol=1e-4)


def test_how_much_of_the_skin_was_seen_survives_being_saved_and_loaded(face, tmp_path):
    told = replace(face, skin_seen=SkinSeen(0.625, 0.2, True))
    told.save_folder(tmp_path / "anna")
    again = Face.load(tmp_path / "anna", face.model)
    assert again.skin_seen == told.skin_seen
    again.save(tmp_path / "again.json")
    assert json.loads((tmp_path / "again.json").read_text("utf-8"))["skin"] == {
        "seen": 0.625, "mirrored": 0.2, "grey": True
    }  # fmt: skip
    assert Face.load(tmp_path / "again.json", face.model).skin_seen == told.skin_seen


@pytest.mark.parametrize("skin", [3, {}, {"seen": 2, "mirrored": 0}, {"seen": 0.5, "mirrored": 0.2, "grey": "so"}])
def test_a_damaged_share_of_the_skin_is_refused_with_a_sentence(face, tmp_path, skin):
    face.save(tmp_path / "anna.json")
    content = json.loads((tmp_path / "anna.json").read_text("utf-8"))
    (tmp_path / "anna.json").write_text(json.dumps({**content, "skin": skin}), "utf-8")
    with pytest.raises(FaceGPTError, match=r"skin|grey"):
        Face.load(tmp_path / "anna.json", face.model)


def test_loading_what_is_not_there_or_of_another_model_gives_a_sentence(face, tmp_path):
    with pytest.raises(FaceGPTError, match=r"params\.json"):
        Face.load(tmp_path)
    with pytest.raises(FaceGPTError, match="nothing"):
        Face.load(tmp_path / "nothing")
    face.save(tmp_path / "out")
    with pytest.raises(FaceGPTError, match="no head model 'made-up-head/1'"):
        Face.load(tmp_path / "out")
    (tmp_path / "out" / "texture.png").write_bytes(b"no picture")
    with pytest.raises(FaceGPTError, match=r"texture\.png"):
        Face.load(tmp_path / "out", model=HEAD())


def test_a_face_on_somebodys_own_head_says_whose_head_to_give(face, tmp_path):
    face.save(tmp_path / "out")
    file = tmp_path / "out" / "params.json"
    file.write_text(file.read_text("utf-8").replace("made-up-head/1", "made-up-head/1+anna-1a2b3c"), "utf-8")
    for model in (None, HEAD()):
        with pytest.raises(FaceGPTError, match=r"anna-1a2b3c.*load_avatar"):
            Face.load(tmp_path / "out", model=model)


def test_saving_where_it_cannot_be_gives_a_sentence(face, tmp_path):
    (tmp_path / "file").write_text("in the way")
    for place in ("file/out", "file/a.glb", "file/a.obj", "file/a.json"):
        with pytest.raises(FaceGPTError, match="file"):
            face.save(tmp_path / place)
