"""A clip to a folder: files, going on after a kill, Ctrl-C, and what the verb says."""

from __future__ import annotations

import json
from importlib.util import find_spec

import numpy as np
import pytest
from glb_reader import Glb
from PIL import Image
from scripted_look import ScriptedLook, head_at, scripted_frames

from facegpt.api import FaceGPT
from facegpt.batch.clip import TrackSettings, track_to_folder
from facegpt.cli.main import main
from facegpt.conventions import ARKIT_NAMES
from facegpt.export.curves import read_curves_npz
from facegpt.export.livelink_csv import read_livelink
from facegpt.runtime.progress import watched
from facegpt.types import FaceGPTError
from facegpt.video.observation import RECORD
from facegpt.video.records import FRAMES, TakeFiles

pytestmark = pytest.mark.slow

FRAME_COUNT = 24
JAW = ARKIT_NAMES.index("jawOpen")
SETTINGS = TrackSettings(colours=False, overlay=False, fps=30.0)


def script_of(head):
    def script(number):
        weights = np.zeros(52, np.float32)
        weights[JAW] = 0.3 + 0.3 * np.sin(number / 4)
        return {"anna": head_at(head, 3.0 * number, expression=weights)}

    return script


class ScriptedModel(FaceGPT):
    """A model whose networks see what a script says; `stop_at` frames it raises `error`."""

    def with_look(self, look, stop_at=None, error=None):
        object.__setattr__(self, "_look", look)
        glimpse, begin = look.glimpse, look.find
        self.__dict__["looked"] = looked = []

        def watch(kind):
            def run(pixels, *rest, **more):
                number = int(pixels[0, 0, 0])
                if not more.get("thorough"):
                    looked.append(number)
                    if stop_at is not None and number >= stop_at:
                        raise error
                return kind(pixels, *rest, **more)

            return run

        look.glimpse, look.find = watch(glimpse), watch(begin)
        return self

    def face_look(self, quick=False):
        return self._look


def scripted_model(head, **how) -> ScriptedModel:
    return ScriptedModel(head).with_look(ScriptedLook(head, script_of(head)), **how)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Lossless frames that say their number."""
    folder = tmp_path_factory.mktemp("clip")
    for frame in scripted_frames(FRAME_COUNT):
        Image.fromarray(frame.pixels).save(folder / f"{frame.index}.png", compress_level=1)
    return folder


@pytest.fixture(scope="module")
def whole(head, clip, tmp_path_factory):
    """The folder of a run that nothing stopped, and its result."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, track_to_folder(scripted_model(head), clip, folder, SETTINGS)


def test_the_folder_holds_every_format_and_they_agree(whole):
    folder, result = whole
    assert result.state == "done"
    assert result.frames == FRAME_COUNT
    curves = read_curves_npz(folder / "curves.npz")
    live = read_livelink(folder / "livelink.csv")
    assert np.abs(live.expression - curves.expression).max() < 1e-6
    assert np.allclose(live.time_s, curves.time_s, atol=2e-4)
    glb = Glb(folder / "animation.glb").json
    sampler = glb["animations"][0]["samplers"][0]
    assert glb["accessors"][sampler["input"]]["count"] == FRAME_COUNT
    told = json.loads((folder / "curves.json").read_text())
    assert len(told["time_s"]) == FRAME_COUNT
    truth = 0.3 + 0.3 * np.sin(np.arange(FRAME_COUNT) / 4)
    assert np.corrcoef(curves.expression[:, JAW], truth)[0, 1] > 0.97
    assert (folder / "animation.usdz").is_file() == (find_spec("pxr") is not None)
    for name in ("curves.png", "contact_sheet.png"):
        assert Image.open(folder / name).size[0] > 300


def test_after_a_kill_no_frame_is_lost_or_looked_at_again(head, clip, whole, tmp_path):
    with pytest.raises(RuntimeError):
        track_to_folder(scripted_model(head, stop_at=13, error=RuntimeError("killed")), clip, tmp_path, SETTINGS)
    with (tmp_path / FRAMES).open("ab") as file:
        file.write(bytes(RECORD.itemsize // 3))  # a record that was being written
    model = scripted_model(head)
    result = track_to_folder(model, clip, tmp_path, SETTINGS)
    assert result.resumed == 13
    assert min(model.looked) == 13
    mine, theirs = (TakeFiles(folder).records() for folder in (tmp_path, whole[0]))
    assert mine["frame"].tolist() == theirs["frame"].tolist() == list(range(FRAME_COUNT))
    assert (mine["track_id"] == theirs["track_id"]).all()
    assert np.abs(mine["expression"] - theirs["expression"]).max() < 1e-3


def test_ctrl_c_leaves_files_that_can_be_used(head, clip, tmp_path):
    result = track_to_folder(scripted_model(head, stop_at=15, error=KeyboardInterrupt()), clip, tmp_path, SETTINGS)
    assert result.state == "stopped"
    assert len(read_curves_npz(tmp_path / "curves.npz").frame) == 15
    again = track_to_folder(scripted_model(head), clip, tmp_path, SETTINGS)
    assert (again.state, again.resumed) == ("done", 15)
    assert len(read_curves_npz(tmp_path / "curves.npz").frame) == FRAME_COUNT


def test_a_finished_take_is_not_tracked_again(head, clip, whole):
    model = scripted_model(head)
    result = track_to_folder(model, clip, whole[0], SETTINGS)
    assert model.looked == []
    assert result.resumed == FRAME_COUNT


def test_other_settings_begin_anew(head, clip, tmp_path):
    track_to_folder(scripted_model(head), clip, tmp_path, TrackSettings(False, overlay=False, fps=30.0, most_frames=6))
    result = track_to_folder(scripted_model(head), clip, tmp_path, TrackSettings(False, overlay=False, fps=15.0))
    assert result.resumed == 0


def test_a_clip_without_a_face_says_so(head, clip, tmp_path):
    model = ScriptedModel(head).with_look(ScriptedLook(head, lambda number: {}))
    with pytest.raises(FaceGPTError, match="no face was found"):
        track_to_folder(model, clip, tmp_path, SETTINGS)


def test_the_overlay_goes_on_when_everybody_has_left(head, clip, tmp_path):
    av = pytest.importorskip("av")
    model = ScriptedModel(head).with_look(ScriptedLook(head, lambda k: script_of(head)(k) if k < 8 else {}))
    track_to_folder(model, clip, tmp_path, TrackSettings(colours=False, fps=30.0))
    assert len(list(av.open(str(tmp_path / "overlay.mp4")).decode(video=0))) == FRAME_COUNT


def test_faces_come_frame_by_frame_with_number_and_time(head, clip):
    model = scripted_model(head)
    faces = list(model.track(clip, quality="fast"))
    assert [face.track_id for face in faces] == [0] * FRAME_COUNT
    assert np.allclose([face.time_s for face in faces], np.arange(FRAME_COUNT) / 25, atol=1e-6)
    assert all((face.params.identity == faces[0].params.identity).all() for face in faces)
    truth = script_of(head)(12)["anna"]
    assert np.abs(faces[12].box - box_of(head, truth)).max() < 5


def box_of(head, params):
    from facegpt.morphable.base import head_vertices

    points = head.embedding("mediapipe478")(head_vertices(head, params))[:468]
    seen = params.camera.project(params.pose.apply(points))
    return np.concatenate([seen.min(0), seen.max(0)])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["track", "nowhere.mp4"], "no file 'nowhere.mp4'"),
        (["track", "nowhere.mp4", "--vmc", "localhost"], "add --live"),
        (["track", "https://example.org/a.mp4"], "web address"),
    ],
)
def test_the_verb_refuses_in_a_sentence(arguments, said, capsys, tmp_path):
    assert main([*arguments, "-o", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err


def test_a_video_of_the_bundled_photo_is_tracked_from_the_command_line(astronaut, tmp_path, capsys):
    """The photo moves through the picture: the head follows it, at rest in itself; --json is all there is on stdout."""
    av = pytest.importorskip("av")
    shifts = [round(20 * np.sin(k / 3)) for k in range(14)]
    with av.open(str(tmp_path / "a.mp4"), "w") as out:
        stream = out.add_stream("libx264" if "libx264" in av.codecs_available else "mpeg4", rate=25)
        stream.width = stream.height = 320
        stream.pix_fmt = "yuv420p"
        for shift in shifts:
            pixels = np.ascontiguousarray(astronaut[:320, 60 - shift : 380 - shift])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode())
    assert main(["track", str(tmp_path / "a.mp4"), "-o", str(tmp_path / "take"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["frames"] == len(shifts)
    assert len(told["faces"]) == 1
    assert (tmp_path / "take" / "overlay.mp4").stat().st_size > 1000
    curves = read_curves_npz(tmp_path / "take" / "curves.npz")
    seen = curves.focal_px * curves.translation_mm[:, 0] / curves.translation_mm[:, 2]
    assert np.abs((seen - seen.mean()) - (np.array(shifts) - np.mean(shifts))).max() < 4.0
    assert np.ptp(curves.turn_deg, axis=0).max() < 6.0


def test_a_beginning_is_surveyed_and_drawn_alone(head, clip, tmp_path):
    model = scripted_model(head)
    told = []
    with watched(lambda label, done, total: told.append((label, done, total))):
        track_to_folder(model, clip, tmp_path, TrackSettings(False, overlay=False, fps=30.0, most_frames=6))
    assert {total for _, _, total in told} == {6}
    assert max(done for label, done, _ in told if label == "looking through the clip") == 6
    again = track_to_folder(scripted_model(head), clip, tmp_path, SETTINGS)
    assert (again.resumed, again.frames) == (0, FRAME_COUNT)  # its heads are told by all frames
