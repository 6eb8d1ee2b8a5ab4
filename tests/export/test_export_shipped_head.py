"""The default head as GLB: what an animator relies on, measured in the file."""

from __future__ import annotations

import numpy as np
import pytest
from glb_reader import Glb
from test_export_validator import validate

from facegpt.conventions import ARKIT_NAMES, HEAD_TO_CAMERA_AXES
from facegpt.export.bundle import from_model
from facegpt.export.gltf.document import MAX_BYTES, write_glb
from facegpt.morphable.makehuman import head as makehuman
from facegpt.types import Camera, FaceParams, Pose


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    model = makehuman.load()
    sizes, rng = model.sizes, np.random.default_rng(4)
    params = FaceParams(
        model_id=model.model_id,
        identity=rng.normal(size=sizes.identity).astype(np.float32),
        expression=np.zeros(sizes.expression, np.float32),
        joints=np.zeros((sizes.joints, 3), np.float32),
        pose=Pose(HEAD_TO_CAMERA_AXES, np.array([0.0, 0.0, 500.0])),
        albedo=np.zeros(sizes.albedo, np.float32),
        lighting=np.zeros((9, 3), np.float32),
        camera=Camera(700.0, (255.5, 255.5), 512, 512),
    )
    coarse = rng.integers(60, 200, (256, 256, 4)).repeat(8, 0).repeat(8, 1)  # 2048², as hard to compress as a photo
    texture = np.clip(coarse + rng.normal(size=(2048, 2048, 1)) * 3, 0, 255).astype(np.uint8)
    return write_glb(tmp_path_factory.mktemp("shipped") / "face.glb", from_model(model, params, texture))


@pytest.fixture(scope="module")
def glb(path):
    return Glb(path)


def test_the_validator_finds_no_error_and_no_warning(path):
    issues = validate(path)["issues"]
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]


def test_the_file_is_at_most_12_megabytes_with_a_2048_texture(path):
    assert path.stat().st_size <= MAX_BYTES == 12_000_000


def test_the_head_has_human_size_in_metres_and_its_origin_between_the_ears(glb):
    low, high = glb.attribute("POSITION").min(0), glb.attribute("POSITION").max(0)
    width, height, depth = high - low
    assert 0.2 < height < 0.35 and 0.12 < width < 0.22 and 0.15 < depth < 0.3
    assert abs(low[0] + high[0]) < 0.02 and low[1] < -0.05 and 0.08 < high[1] < 0.18


def test_every_unit_moves_something_but_not_everything(glb):
    for name in ARKIT_NAMES:
        moved = np.linalg.norm(glb.target(name), axis=1) > 1e-4  # 0.1 mm
        assert 3 < moved.sum() < 0.8 * len(moved), name


def test_the_jaw_opens_downwards_and_a_smile_widens_the_mouth(glb):
    jaw, position = glb.target("jawOpen"), glb.attribute("POSITION")
    chin = np.linalg.norm(jaw, axis=1).argmax()
    assert -0.06 < jaw[chin, 1] < -0.015  # 15 to 60 mm
    for side, name in ((1, "mouthSmileLeft"), (-1, "mouthSmileRight")):
        delta = glb.target(name)
        corner = np.linalg.norm(delta, axis=1).argmax()
        assert side * position[corner, 0] > 0.01  # on its own side of the face
        assert delta[corner, 1] > 0.001 or side * delta[corner, 0] > 0.001
