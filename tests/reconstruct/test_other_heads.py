"""The bundled photo with heads that are not the default one: every promise of a Face, on points alone."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
from made_up_user_heads import WRITERS

import facegpt
from facegpt.api import FaceGPT
from facegpt.conventions import ARKIT_NAMES
from facegpt.face import Face
from facegpt.morphable.linear_head import LinearHead
from facegpt.morphable.transfer import carried_albedo

LANDMARKS = ("ibug68", "ibug68_contour", "mediapipe478")


@pytest.fixture(scope="module")
def usual(astronaut):
    return facegpt.load().reconstruct(astronaut, quality="fast")[0]


@pytest.fixture(scope="module", params=sorted(WRITERS))
def made_up(request, astronaut, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEGPT_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(carried_albedo, "SIZE", 256)  # texels a side, to save time
        path = WRITERS[request.param](tmp_path_factory.mktemp("file"))
        head = LinearHead(importlib.import_module(f"facegpt.morphable.{request.param}").read(path))
        yield FaceGPT(head).reconstruct(astronaut, quality="balanced")[0]


@pytest.fixture(scope="module")
def ict(shared_data, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACEGPT_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("FACEGPT_ICT_MODEL", str(shared_data / "ict_facekit.npz"))
        yield facegpt.load("ict")


@pytest.fixture(scope="module")
def ict_face(ict, astronaut):
    return ict.reconstruct(astronaut, quality="balanced")[0]


def check_promises(face, folder):
    vertices = face.vertices()
    assert np.isfinite(vertices).all() and face.triangles.max() < len(vertices)
    points = face.landmarks("ibug68", space="head")
    assert points[45, 0] > points[36, 0] and points[24, 1] > points[8, 1]
    assert points[30, 2] > points[[0, 16], 2].max()
    for name in LANDMARKS:
        projected = face.project(face.landmarks(name, space="head"))
        assert np.abs(projected - face.landmarks(name)).max() < 0.5  # px
    assert sorted(face.blendshapes) == sorted(ARKIT_NAMES)
    assert all(0 <= value <= 1 for value in face.blendshapes.values())
    assert 45 < face.measure()["interpupillary_distance"].value_mm < 80
    assert {"age_years", "masculinity", "heaviness", "skin_lightness"} <= set(face.attributes)
    picture = face.render(size=128)
    assert picture.shape == (128, 128, 4) and picture[..., 3].mean() > 20
    face.save(folder / "head.glb")
    assert (folder / "head.glb").read_bytes()[:4] == b"glTF"
    face.save(folder / "out")
    names = {path.name for path in (folder / "out").iterdir()}
    assert {"params.json", "face.glb", "face.obj", "overlay.png", "preview.png", "landmarks.json"} <= names
    again = Face.load(folder / "out", face.model)
    assert np.abs(again.vertices() - vertices).max() < 1e-3  # mm


@pytest.mark.slow
def test_a_made_up_head_keeps_every_promise(made_up, tmp_path):
    check_promises(made_up, tmp_path)


@pytest.mark.slow
def test_a_made_up_head_lies_on_the_face(made_up, usual):
    """Its people differ in few ways, so it is near and no more: within a tenth of the face's width."""
    width = np.ptp(usual.landmarks("ibug68")[:, 0])
    gap = np.linalg.norm(made_up.landmarks("ibug68") - usual.landmarks("ibug68"), axis=1)
    assert gap.mean() < 0.1 * width


@pytest.mark.slow
def test_ict_keeps_every_promise(ict_face, tmp_path):
    check_promises(ict_face, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", LANDMARKS)
def test_landmarks_of_ict_lie_within_a_few_pixels_of_the_default_heads(ict_face, usual, name):
    gap = np.linalg.norm(ict_face.landmarks(name) - usual.landmarks(name), axis=1)
    assert gap.mean() < 2.0 and gap.max() < 6.0  # px, on a face 90 px wide


@pytest.mark.slow
def test_ict_smiles_where_the_photo_does(ict_face):
    smile = [ict_face.blendshapes[f"mouthSmile{side}"] for side in ("Left", "Right")]
    assert min(smile) > 0.4
    rest = ict_face.neutral()
    assert max(rest.blendshapes.values()) == 0
    moved = np.linalg.norm(rest.vertices() - ict_face.vertices(), axis=1).max()
    assert moved > 3.0  # mm


@pytest.mark.slow
def test_ict_finds_no_face_in_a_grey_picture(ict):
    assert ict.reconstruct(np.full((240, 320, 3), 127, np.uint8), quality="fast") == []


@pytest.mark.slow
def test_ict_takes_the_tone_of_the_skin_from_the_photo(ict, ict_face, astronaut):
    """The astronaut is fair; the mean of the prior is not."""
    mean = ict.mean_face().attributes["skin_lightness"]
    fast = ict.reconstruct(astronaut, quality="fast")[0]
    assert ict_face.attributes["skin_lightness"] > mean + 5  # CIE L*
    assert fast.attributes["skin_lightness"] > mean + 5
