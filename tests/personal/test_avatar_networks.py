"""A head of one's own with the shipped networks: in a photo, in a clip, repainted. No stand-ins: rooms meet here."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scripted_look import lossless_video

from facegpt.api import FaceGPT, load
from facegpt.assets import asset_path
from facegpt.cli.main import main
from facegpt.detail.relief import Detail
from facegpt.detail.skin_window import HEIGHT, WIDTH
from facegpt.encode.dense_landmarks import ASSET
from facegpt.encode.stored_weights import stored_weights
from facegpt.export.curves import read_curves_npz
from facegpt.personal.avatar import Avatar, load_avatar
from facegpt.personal.head import PersonalHead
from facegpt.personal.known import adapter_of
from facegpt.video.reading import open_clip

pytestmark = pytest.mark.slow

SHIFTS = [0, 8, 16, 20, 12, 2]


@pytest.fixture(scope="module")
def model() -> FaceGPT:
    return load()


@pytest.fixture(scope="module")
def avatar(model, astronaut, tmp_path_factory):
    """The folder of an avatar: the bundled photo's head of the fast fit, its skin one colour; a network of its own."""
    face = model.reconstruct(astronaut, quality="fast")[0]
    own = PersonalHead(model.head, "Eileen", face.params.identity, np.zeros_like(model.head.mean_vertices))
    stored = stored_weights(asset_path(ASSET))
    bias = stored.name_of("expression.bias")
    descriptor = model.face_look().describe(astronaut, model.detector.detect(astronaut)[0])
    texture, rough = np.full((256, 256, 4), (190, 140, 120, 255), np.uint8), np.full((8, 8), 200, np.uint8)
    adapter = adapter_of({bias: stored.arrays[bias]}, np.full(52, 0.15))
    made = Avatar("Eileen", own, texture, rough, descriptor, face.params.albedo, adapter=adapter)
    folder = tmp_path_factory.mktemp("avatar")
    made.save(folder)
    return folder


@pytest.fixture(scope="module")
def clip(astronaut, tmp_path_factory):
    """Six pictures of the photo's upper part, which moves to the side by SHIFTS."""
    path = tmp_path_factory.mktemp("clip") / "moving.mkv"
    return lossless_video(path, [astronaut[:320, 60 - shift : 380 - shift] for shift in SHIFTS])


@pytest.mark.parametrize("quality", ["fast", "balanced"])
def test_a_photo_shows_the_persons_own_head_where_the_face_is(model, avatar, astronaut, quality):
    face = model.reconstruct(astronaut, quality=quality, avatar=avatar)[0]
    assert face.params.model_id.startswith(model.head.model_id + "+eileen")
    assert not face.params.identity.any()
    seen = model.detector.detect(astronaut)[0].points[:468, :2]
    off = np.linalg.norm(face.landmarks("mediapipe478")[:468] - seen, axis=1)
    assert off.mean() < 0.02 * np.ptp(seen, axis=0).max()


def test_a_photo_of_an_avatar_wears_the_shirt_that_is_asked_for(model, avatar, astronaut):
    def shirt(asked: str):
        return model.reconstruct(astronaut, quality="fast", avatar=avatar, shirt=asked)[0].params.shirt

    assert shirt("none") is None
    red, green, blue = shirt("#ff0000").colour
    assert red > 10 * max(green, blue)
    assert shirt("auto") is not None


def test_a_face_wears_the_relief_of_its_avatar_in_photos_and_clips(model, avatar, astronaut, clip):
    waves = np.tile(0.2 * np.sin(np.arange(WIDTH) / 4), (HEIGHT, 1)).astype(np.float32)
    lined = replace(load_avatar(avatar, model.head), detail=Detail(waves, waves, np.zeros(52, np.float32), 0.0))
    for detail in (None, "normal", "mesh"):
        face = model.reconstruct(astronaut, detail=detail, avatar=lined)[0]
        assert np.array_equal(face.detail.static, waves) and face.detail_mesh == (detail == "mesh")
    assert model.reconstruct(astronaut, detail="off", avatar=lined)[0].detail is None
    assert all(np.array_equal(face.detail.static, waves) for face in model.track(clip, avatar=lined))


def test_a_clip_is_followed_with_the_own_head_and_painted(avatar, clip, tmp_path, capsys):
    layer = np.zeros((256, 256, 4), np.uint8)
    layer[:] = (40, 60, 200, 255)
    Image.fromarray(layer).save(tmp_path / "blue.png")
    take, command = tmp_path / "take", ["track", str(clip), "--avatar", str(avatar), "--json"]
    assert main([*command, "--retexture", str(tmp_path / "blue.png"), "-o", str(take)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [face["frames"] for face in told["faces"]] == [len(SHIFTS)]
    curves = read_curves_npz(take / "curves.npz")
    assert "+eileen" in curves.model_id
    seen = curves.focal_px * curves.translation_mm[:, 0] / curves.translation_mm[:, 2]
    assert np.abs((seen - seen.mean()) - (np.array(SHIFTS) - np.mean(SHIFTS))).max() < 4.0
    frames = [picture(path) for path in (clip, take / "retextured.mp4")]
    middle = np.s_[130:160, 150:190]  # the face's
    redness = [float(frame[middle][..., 0].mean()) - float(frame[middle][..., 2].mean()) for frame in frames]
    assert redness[0] > 10 > -10 > redness[1]


def picture(path) -> np.ndarray:
    """The first picture of a video, (H, W, 3) int."""
    with open_clip(path) as opened:
        return next(iter(opened)).pixels.astype(int)
