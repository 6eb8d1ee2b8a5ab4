"""A clip to a folder with a head of one's own: files of that head, going on after a stop, and repainted skin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from glb_reader import Glb
from PIL import Image
from scripted_look import ScriptedLook, descriptor, head_at, scripted_frames

from facegpt.api import FaceGPT
from facegpt.batch.clip import TrackSettings, track_to_folder
from facegpt.conventions import ARKIT_NAMES
from facegpt.detail.network import detail_network
from facegpt.detail.relief import Detail
from facegpt.detail.skin_window import HEIGHT, WIDTH
from facegpt.export.curves import read_curves_npz
from facegpt.export.take_pictures import OverlayPainter
from facegpt.personal.avatar import Avatar
from facegpt.personal.head import PersonalHead
from facegpt.render.lighting import lighting_from_lamps
from facegpt.types import FaceGPTError
from facegpt.video.records import TakeFiles

pytestmark = pytest.mark.slow

FRAMES = 12
JAW = ARKIT_NAMES.index("jawOpen")


class ScriptedModel(FaceGPT):
    """A model whose networks see what a script says."""

    def face_look(self, quick=False):
        return self.__dict__["look"]


@pytest.fixture(scope="module")
def avatar(head) -> Avatar:
    own = PersonalHead(head, "Anna", np.zeros(head.sizes.identity), np.zeros_like(head.mean_vertices))
    texture = np.full((64, 64, 4), (180, 140, 120, 255), np.uint8)
    rough = np.full((8, 8), 200, np.uint8)
    return Avatar("Anna", own, texture, rough, descriptor("anna"), np.zeros(head.sizes.albedo, np.float32))


@pytest.fixture(scope="module")
def model(head) -> ScriptedModel:
    def script(number):
        weights = np.zeros(52, np.float32)
        weights[JAW] = 0.3 + 0.2 * np.sin(number / 3)
        return {"anna": head_at(head, 2.0 * number, expression=weights)}

    made = ScriptedModel(head)
    made.__dict__["look"] = ScriptedLook(head, script)
    return made


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    for frame in scripted_frames(FRAMES):
        Image.fromarray(frame.pixels).save(folder / f"{frame.index}.png", compress_level=1)
    return folder


def settings(avatar, **changes) -> TrackSettings:
    return replace(TrackSettings(colours=False, overlay=False, fps=30.0, avatar=avatar), **changes)


def test_files_are_of_the_persons_own_head_and_work_goes_on_with_it(model, avatar, clip, tmp_path, monkeypatch):
    glimpse = model.__dict__["look"].glimpse

    def until_stopped(pixels, *rest, **more):
        if int(pixels[0, 0, 0]) >= 6:
            raise KeyboardInterrupt
        return glimpse(pixels, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(model.__dict__["look"], "glimpse", until_stopped)
        assert track_to_folder(model, clip, tmp_path, settings(avatar)).state == "stopped"
    result = track_to_folder(model, clip, tmp_path, settings(avatar))
    assert result.resumed == 6
    curves = read_curves_npz(tmp_path / "curves.npz")
    assert curves.model_id == avatar.head.model_id
    assert np.all(curves.identity == 0)
    truth = 0.3 + 0.2 * np.sin(np.arange(FRAMES) / 3)
    assert np.abs(curves.expression[:, JAW] - truth).mean() < 0.05
    people, textures = TakeFiles(tmp_path).people()
    assert people[0].known is None  # who it is comes from the avatar, not from the folder
    assert np.array_equal(textures[0], avatar.texture)


@pytest.fixture(scope="module")
def lined(avatar) -> Avatar:
    """The same person, whose forehead and cheeks are deeply furrowed whatever she does, deeper when the jaw opens."""
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
    waves = 0.4 * np.sin(rows / 3).repeat(WIDTH, 1).astype(np.float32) * detail_network().mask.numpy()
    return replace(avatar, detail=Detail(waves, np.zeros_like(waves), np.zeros(52, np.float32), invented=0.8))


def test_the_relief_of_an_avatar_is_in_the_files_of_its_clip(model, avatar, lined, clip, tmp_path):
    track_to_folder(model, clip, tmp_path, settings(lined, most_frames=6))
    glbs = [Glb(tmp_path / f"{name}.glb").json for name in ("animation", "animation_detail")]
    mapped = [any("normalTexture" in one for one in glb["materials"]) for glb in glbs]
    assert mapped == [True, False]  # as a map, and as geometry
    for glb in glbs:
        assert glb["meshes"][0]["extras"]["targetNames"] == list(ARKIT_NAMES)
        assert {channel["target"]["path"] for channel in glb["animations"][0]["channels"]} >= {"weights"}
    track_to_folder(model, clip, tmp_path, settings(avatar, most_frames=6))
    assert not (tmp_path / "animation_detail.glb").exists()


def test_the_overlay_of_a_clip_shows_the_relief_in_the_frames_light(lined):
    face = lined.face()
    light = lighting_from_lamps((((0.2, -0.9, -0.4), (0.8, 0.8, 0.8)),), (0.1, 0.1, 0.1))
    params, frame = face.params.replace(lighting=light), np.full((480, 480, 3), 90, np.uint8)
    params = params.replace(camera=params.camera.scaled(480 / params.camera.width))
    drawn = [
        OverlayPainter({0: lined.head}, {0: lined.texture}, reliefs).draw(frame, [(0, params)], 1.0).astype(int)
        for reliefs in ({}, {0: lined.detail}, {0: lined.detail.strengthened(0.0)})
    ]
    changed = np.abs(drawn[1] - drawn[0]).max(-1) > 8
    assert 0.005 < changed.mean() < 0.2  # furrows on the skin, which is some tenth of the picture
    assert not changed[:20].any()
    assert (drawn[2] - drawn[0]).min() >= -2  # smoothed: light is let back into hollows, and taken from nowhere


def test_another_avatar_begins_anew(model, avatar, clip, tmp_path):
    track_to_folder(model, clip, tmp_path, settings(avatar, most_frames=6))
    other = replace(avatar, texture=avatar.texture // 2)
    assert track_to_folder(model, clip, tmp_path, settings(other, most_frames=8)).resumed == 0


def test_a_clip_is_repainted_in_its_own_size(model, avatar, clip, tmp_path):
    av = pytest.importorskip("av")
    paint = np.zeros((64, 64, 4), np.uint8)
    paint[:, :, 2], paint[:, :, 3] = 200, 255
    Image.fromarray(paint).save(tmp_path / "blue.png")
    track_to_folder(model, clip, tmp_path / "out", settings(avatar, retexture=tmp_path / "blue.png"))
    frames = [f.to_ndarray(format="rgb24") for f in av.open(str(tmp_path / "out" / "retextured.mp4")).decode(video=0)]
    assert len(frames) == FRAMES
    assert frames[0].shape == (480, 640, 3)
    plain = np.asarray(Image.open(clip / "0.png"))
    changed = np.abs(frames[0].astype(int) - plain).max(-1) > 30
    assert changed[200:280, 280:360].mean() > 0.5
    assert changed[:40].mean() < 0.01


def test_a_clip_that_was_stopped_is_repainted_as_far_as_it_was_followed(model, avatar, clip, tmp_path):
    av = pytest.importorskip("av")
    Image.fromarray(np.full((64, 64, 4), 255, np.uint8)).save(tmp_path / "white.png")
    changes = {"retexture": tmp_path / "white.png", "most_frames": 6}
    track_to_folder(model, clip, tmp_path / "out", settings(avatar, **changes))
    assert len(list(av.open(str(tmp_path / "out" / "retextured.mp4")).decode(video=0))) == 6


def test_a_picture_of_another_size_stops_before_the_tracking(model, avatar, clip, tmp_path):
    Image.fromarray(np.zeros((32, 32, 3), np.uint8)).save(tmp_path / "small.png")
    with pytest.raises(FaceGPTError, match="32 × 32"):
        track_to_folder(model, clip, tmp_path / "out", settings(avatar, retexture=tmp_path / "small.png"))
    assert not (tmp_path / "out").exists()
