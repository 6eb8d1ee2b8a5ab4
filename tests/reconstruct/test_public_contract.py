"""The promises of the public interface, kept on real photos with the embedded model: names, shapes, units and frames.

Each test takes the bundled photo, and where the optional data are there also photos of other people.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import facegpt
from facegpt import Face
from facegpt.assets import asset_path
from facegpt.conventions import ARKIT_NAMES

pytestmark = pytest.mark.slow

#: Photos of the optional data that are looked at besides the bundled one.
OTHERS = ("photo_001.jpg", "photo_023.jpg")


@pytest.fixture(scope="module")
def model():
    return facegpt.load(device="cpu")


@pytest.fixture(scope="module", params=["astronaut.png", *OTHERS])
def photo(request) -> Path:
    if request.param == "astronaut.png":
        return asset_path("astronaut.png")
    return request.getfixturevalue("shared_data") / "photos" / request.param


@pytest.fixture(scope="module")
def face(model, photo) -> Face:
    faces = model.reconstruct(photo, quality="fast")
    assert faces, f"no face was found in {photo.name}"
    return faces[0]


def test_the_vertices_are_a_head_in_millimetres(face):
    vertices, triangles = face.vertices(space="head"), face.triangles
    assert vertices.ndim == 2 and vertices.shape[1] == 3 and np.isfinite(vertices).all()
    assert triangles.shape[1] == 3 and triangles.min() >= 0 and triangles.max() < len(vertices)
    assert 130 < np.ptp(vertices[:, 0]) < 240  # mm wide, ears included
    assert 180 < np.ptp(vertices[:, 1]) < 400  # mm high, neck included
    depth = face.vertices(space="camera")[:, 2]
    assert (depth > 100).all() and (depth < 50_000).all()  # mm in front of the camera


def test_the_axes_are_those_of_the_head_frame(face):
    points = face.landmarks("ibug68", space="head")
    assert points.shape == (68, 3)
    assert points[45, 0] > points[36, 0]  # the left eye's outer corner is on the left: +x
    assert points[24, 1] > points[8, 1]  # brows above the chin: +y is up
    assert points[30, 2] > points[[0, 16], 2].max()  # the nose tip before the jaw's ends: +z is out of the face


def test_the_origin_is_midway_between_the_ears(model):
    """The jaw's first and last points lie near the tragi: their middle is the origin, within 25 mm."""
    ends = model.mean_face().landmarks("ibug68", space="head")[[0, 16]]
    assert np.abs(ends.mean(0)[0]) < 1 and np.linalg.norm(ends.mean(0)) < 45  # mm


def test_image_landmarks_are_the_projected_head_landmarks(face):
    for name, count in (("ibug68", 68), ("ibug68_contour", 68), ("aflw68", 68), ("mediapipe478", 478)):
        image = face.landmarks(name, space="image")
        assert image.shape == (count, 2)
        assert np.abs(face.project(face.landmarks(name, space="head")) - image).max() < 0.5  # px
        reach = max(face.photo.shape[:2])
        assert (image > -0.2 * reach).all() and (image < 1.2 * reach).all()


def test_the_landmarks_lie_where_the_detector_sees_the_face(model, face):
    """Mean distance from the detector's points below 4 % of the face's width."""
    seen = model.detector.detect(face.photo)[0]
    gap = np.linalg.norm(face.landmarks("mediapipe478")[:468] - seen.points[:468, :2], axis=1).mean()
    assert gap < 0.04 * (seen.box[2] - seen.box[0])
    np.testing.assert_allclose(face.box, seen.box, atol=0.1 * (seen.box[2] - seen.box[0]))


def test_the_contour_differs_from_the_fixed_jaw_only_at_the_jaw(face):
    fixed, contour = face.landmarks("ibug68"), face.landmarks("ibug68_contour")
    np.testing.assert_allclose(fixed[17:], contour[17:], atol=1e-6)


def test_blendshapes_are_the_52_arkit_names_in_0_to_1(face):
    assert sorted(face.blendshapes) == sorted(ARKIT_NAMES)
    assert all(0 <= weight <= 1 for weight in face.blendshapes.values())


def test_the_bundled_portrait_smiles(model):
    smile = model.reconstruct(asset_path("astronaut.png"), quality="fast")[0].blendshapes
    assert smile["mouthSmileLeft"] > 0.3 and smile["mouthSmileRight"] > 0.3
    assert smile["eyeBlinkLeft"] < 0.5 and smile["eyeBlinkRight"] < 0.5


def test_neutral_keeps_the_topology_and_drops_the_expression(face):
    rest = face.neutral()
    assert rest.vertices().shape == face.vertices().shape and max(rest.blendshapes.values()) == 0
    moved = np.abs(rest.vertices() - face.vertices()).max()
    assert moved > 0.2 or max(face.blendshapes.values()) < 0.05  # mm


def test_people_differ_from_each_other_and_from_the_mean(model, shared_data):
    """A mean head for everybody would keep every other promise."""
    photos = [asset_path("astronaut.png"), *(shared_data / "photos" / name for name in OTHERS)]
    heads = [model.reconstruct(photo, quality="fast")[0].neutral().vertices() for photo in photos]
    heads.append(model.mean_face().vertices())
    for k, first in enumerate(heads):
        for second in heads[:k]:
            assert np.sqrt(((first - second) ** 2).sum(1).mean()) > 1.0  # mm RMS


def test_measures_are_in_millimetres_with_percentiles(face):
    measures = face.measure()
    eyes = measures["interpupillary_distance"]
    assert 50 < eyes.value_mm < 78 and 0 <= eyes.percentile <= 100
    assert all(np.isfinite(measure.value_mm) for measure in measures.values())


def test_attributes_are_in_their_ranges(face):
    found = face.attributes
    assert {"age_years", "masculinity", "heaviness", "skin_lightness"} <= set(found)
    assert 0 <= found["masculinity"] <= 1 and 0 <= found["heaviness"] <= 1
    assert 0 <= found["age_years"] <= 110 and 0 <= found["skin_lightness"] <= 100


def test_render_gives_the_head_with_alpha(face):
    drawn = face.render(size=256)
    assert drawn.shape == (256, 256, 4) and drawn.dtype == np.uint8
    assert 0.2 < (drawn[..., 3] > 127).mean() < 0.95 and drawn[0, 0, 3] == 0
    assert drawn[drawn[..., 3] > 250][:, :3].std() > 5  # there is something to see


def test_saving_gives_the_folder_and_loads_back_the_same(face, tmp_path):
    face.save(tmp_path / "head.glb")
    assert (tmp_path / "head.glb").read_bytes()[:4] == b"glTF"
    face.save(tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"params.json", "face.glb", "face.obj", "face.mtl", "texture.png"} <= names
    assert {"overlay.png", "preview.png", "landmarks.json"} <= names
    again = Face.load(tmp_path / "out")
    # Some processors round a last digit otherwise where the arrays of a sum lie otherwise in memory.
    np.testing.assert_allclose(again.vertices(), face.vertices(), rtol=0, atol=1e-5)
    assert again.blendshapes == face.blendshapes


def test_the_better_qualities_share_one_shape_and_take_the_photo_s_skin(model):
    faces = {q: model.reconstruct(asset_path("astronaut.png"), quality=q)[0] for q in ("fast", "balanced", "best")}
    np.testing.assert_array_equal(faces["balanced"].params.identity, faces["best"].params.identity)
    heads = [faces[q].neutral().vertices() for q in ("fast", "balanced")]
    assert np.linalg.norm(heads[0] - heads[1], axis=1).mean() < 4.0, (
        "mm: colours refine the landmark fit, not replace it"
    )
    assert [len(faces[q].texture) for q in ("fast", "balanced", "best")] == [1024, 1024, 2048]
    assert faces["fast"].photo_texture is None and faces["balanced"].photo_texture is not None


def test_a_picture_without_a_face_gives_none(model):
    assert model.reconstruct(np.full((240, 320, 3), 127, np.uint8), quality="fast") == []
    assert model.reconstruct(np.zeros((1, 1, 3), np.uint8)) == []


def command(*words) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "facegpt", *map(str, words)], capture_output=True, text=True)


def test_the_command_gives_json_alone_and_a_folder(tmp_path):
    done = command("reconstruct", asset_path("astronaut.png"), "-o", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["done"] == 1 and done.stderr == ""
    assert (tmp_path / "face.glb").exists()


def test_the_command_tells_a_missing_file_in_a_sentence(tmp_path):
    missing = command("reconstruct", "no-such-file.jpg", "-o", tmp_path)
    assert missing.returncode == 1 and missing.stdout == ""
    assert "no-such-file.jpg" in missing.stderr and "Traceback" not in missing.stderr


def test_the_demo_makes_a_head(tmp_path):
    done = command("demo", "-o", tmp_path)
    assert done.returncode == 0 and "face.glb" in done.stdout, done.stderr
    assert (tmp_path / "overlay.png").exists() and (tmp_path / "face.glb").exists()


def variants(folder: Path, image: Image.Image) -> dict[str, Path]:
    """Write the picture in the formats that people have; all show the same face in the same place."""
    blank, exif = Image.new("RGB", image.size, (90, 90, 90)), Image.Exif()
    exif[0x0112] = 6  # stored lying on its side
    grey16 = np.asarray(image.convert("L")).astype(np.uint16) * 257
    writers = {
        "cmyk.jpg": lambda path: image.convert("CMYK").save(path, quality=95),
        "sixteen_bits.png": lambda path: Image.fromarray(grey16).save(path),
        "alpha.png": lambda path: image.convert("RGBA").save(path),
        "palette.gif": lambda path: image.save(path, save_all=True, append_images=[blank, blank]),
        "animation.webp": lambda path: image.save(path, save_all=True, append_images=[blank], quality=95),
        "turned.jpg": lambda path: image.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=95),
        "scan.tif": lambda path: image.save(path, compression="tiff_lzw"),
    }
    for name, write in writers.items():
        write(folder / name)
    return {name: folder / name for name in writers}


def test_the_same_face_is_found_in_every_kind_of_file(model, tmp_path):
    image = Image.open(asset_path("astronaut.png")).convert("RGB")
    wanted = model.reconstruct(image, quality="fast")[0].box
    for name, path in variants(tmp_path, image).items():
        found = model.reconstruct(path, quality="fast")
        assert len(found) == 1, name
        np.testing.assert_allclose(found[0].box, wanted, atol=4, err_msg=name)  # px, of a face 110 px high
