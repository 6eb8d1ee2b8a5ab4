"""A take's files: another reader finds the curves that went in, and picture and sound begin together."""

from __future__ import annotations

import json

import numpy as np
import pytest
from glb_player import at_time
from glb_reader import Glb
from made_up_head import made_up_head, made_up_params

import facegpt.face
from facegpt.animate.animating import animated, settings_of
from facegpt.animate.curves import Curves
from facegpt.animate.motion import NECK_DEG, softly_limited, within_limits
from facegpt.animate.motion_files import read_motion
from facegpt.animate.sound import Sound, sound_of
from facegpt.animate.take import Take
from facegpt.api import FaceGPT
from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation
from facegpt.export.curves import read_curves_npz
from facegpt.face import Face
from facegpt.types import FaceGPTError

FPS, COUNT = 25.0, 40


@pytest.fixture(scope="module")
def face() -> Face:
    facegpt.face.TEXTURE_SIZE = 64
    head = made_up_head()
    return Face(head, made_up_params(head, seed=1))


@pytest.fixture(scope="module")
def curves() -> Curves:
    random = np.random.default_rng(5)
    time_s = np.arange(COUNT) / FPS
    weights = 0.5 + 0.5 * np.sin(2 * np.pi * (random.uniform(0.3, 2, 52) * time_s[:, None] + random.uniform(0, 1, 52)))
    turn = np.stack([20 * np.sin(time_s), 8 * np.cos(2 * time_s), 5 * time_s], 1)
    gaze = random.uniform(-8, 8, (1, 2, 2)) * np.sin(3 * time_s)[:, None, None]
    return Curves(ARKIT_NAMES, weights, FPS, turn, gaze).complete()


@pytest.fixture(scope="module")
def folder(face, curves, tmp_path_factory):
    place = tmp_path_factory.mktemp("take")
    Take(face, curves).save(place, video=False)
    return place


def test_the_animation_in_the_glb_has_the_curves(folder, curves):
    glb = Glb(folder / "animation.glb")
    (animation,) = (each for each in glb.json["animations"] if each["name"] == "take")
    node = next(
        k
        for k, node in enumerate(glb.json["nodes"])
        if "weights" in glb.json["meshes"][node.get("mesh", 0)] and "mesh" in node
    )
    names = glb.json["meshes"][glb.json["nodes"][node]["mesh"]]["extras"]["targetNames"]
    assert sorted(names) == sorted(ARKIT_NAMES)
    assert len(glb.numbers(animation["samplers"][0]["input"])) == COUNT
    for k in (0, 7, COUNT - 1):
        played = dict(zip(names, at_time(glb, "take", k / FPS)[node, "weights"], strict=True))
        assert np.abs([played[name] - curves.weights[k, j] for j, name in enumerate(ARKIT_NAMES)]).max() < 1e-6


def test_the_head_turns_as_far_as_the_curves_say(folder, curves):
    from scipy.spatial.transform import Rotation

    glb = Glb(folder / "animation.glb")
    joints = {node["name"]: k for k, node in enumerate(glb.json["nodes"]) if "name" in node}
    pose = at_time(glb, "take", 20 / FPS)
    whole = np.eye(3)
    for name in ("neck", "head"):
        whole = whole @ Rotation.from_quat(pose[joints[name], "rotation"]).as_matrix()
    turned = euler_deg_from_rotation(np.diag([1.0, -1.0, -1.0]) @ whole)
    assert np.abs(np.array(turned) - curves.turns[20]).max() < 0.05


@pytest.mark.parametrize("name", ["livelink.csv", "curves.json", "curves.npz", ""])
def test_each_file_of_a_take_plays_it_again(folder, curves, name):
    again = read_motion(folder / name if name else folder)
    assert again.fps == FPS
    assert np.abs(again.complete().weights - curves.weights).max() < 1e-4
    assert np.abs(again.turns - curves.turns).max() < 0.01
    assert np.abs(again.complete().gaze - curves.gaze).max() < 0.02


def test_curves_npz_has_the_names_that_are_promised(folder):
    with np.load(folder / "curves.npz") as arrays:
        assert {"names", "weights", "time_s", "pose", "gaze"} <= set(arrays.files)
        assert arrays["weights"].shape == (COUNT, 52)
        assert arrays["pose"].shape == (COUNT, 3, 4)
    assert read_curves_npz(folder / "curves.npz").fps == FPS
    assert json.loads((folder / "curves.json").read_text())["fps"] == FPS


def test_frames_are_faces_as_tracking_gives_them(face, curves):
    frames = list(Take(face, curves).frames())
    assert len(frames) == COUNT
    assert [one.time_s for one in frames] == pytest.approx(np.arange(COUNT) / FPS)
    assert frames[7].blendshapes["jawOpen"] == pytest.approx(curves.weights[7, ARKIT_NAMES.index("jawOpen")], abs=1e-6)
    assert euler_deg_from_rotation(frames[20].params.pose.rotation) == pytest.approx(curves.turns[20])
    assert np.array_equal(frames[7].params.identity, face.params.identity)


def test_turns_are_drawn_in_softly_and_small_ones_stay():
    far = np.linspace(-120, 120, 2001)
    limited = softly_limited(np.stack([far] * 3, 1), NECK_DEG)
    assert (np.abs(limited) <= NECK_DEG).all()
    assert (np.diff(limited, axis=0) >= 0).all() and np.abs(np.diff(limited, 2, axis=0)).max() < 0.01
    small = np.abs(far) < 0.7 * NECK_DEG[2]
    assert np.array_equal(limited[small, 2], far[small])
    curves = Curves(("jawOpen",), np.zeros((3, 1)), FPS, np.array([[0.0, 0, 0], [90, 0, 0], [0, 0, 0]]))
    assert "held within" in within_limits(curves)[1]
    assert within_limits(Curves(("jawOpen",), np.zeros((3, 1)), FPS, np.zeros((3, 3))))[1] == ""


def test_picture_and_sound_begin_together(face, tmp_path):
    """The jaw drops and a tone begins at 0.6 s: in the video both are there within a frame."""
    av = pytest.importorskip("av")
    rate, onset = 16_000, 0.6
    samples = np.zeros(int(1.2 * rate))
    samples[int(onset * rate) :] = 0.5 * np.sin(2 * np.pi * 440 * np.arange(len(samples) - int(onset * rate)) / rate)
    weights = np.zeros((30, 1))
    weights[int(onset * FPS) :] = 1.0
    (tmp_path / "a.wav").write_bytes(Sound(samples.astype(np.float32), rate).wav())
    for k, sound in enumerate((Sound(samples.astype(np.float32), rate), tmp_path / "a.wav")):
        path = Take(face, Curves(("jawOpen",), weights, FPS), sound).video(tmp_path / f"{k}.mp4", 64)
        with av.open(str(path)) as container:
            heard, at = [], []
            for frame in container.decode(audio=0):
                values = np.abs(frame.to_ndarray()).max(0)
                heard.append(values)
                at.append(float(frame.time) + np.arange(len(values)) / frame.sample_rate)
        begins = np.concatenate(at)[np.flatnonzero(np.concatenate(heard) > 0.1)[0]]
        with av.open(str(path)) as container:
            pictures = [(float(f.time), f.to_ndarray(format="rgb24").astype(float)) for f in container.decode(video=0)]
        moved = [t for t, picture in pictures if np.abs(picture - pictures[0][1]).mean() > 0.5]
        assert len(pictures) == 30
        assert begins == pytest.approx(onset, abs=1 / FPS)
        assert moved[0] == pytest.approx(onset, abs=1 / FPS)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0.mp4", "1.mp4", "a.wav"]  # nothing half-written is left


def test_a_file_of_sound_is_copied_beside_the_animation(face, curves, tmp_path):
    Take(face, curves, Sound(np.zeros(1600, np.float32), 16_000)).save(tmp_path, video=False)
    assert sound_of(tmp_path / "animation.wav").rate == 16_000
    Take(face, curves).save(tmp_path, video=False)
    assert not (tmp_path / "animation.wav").exists()


@pytest.mark.parametrize("channels", [1, 2])
def test_samples_come_back_from_wav_files(tmp_path, channels):
    import wave

    values = np.random.default_rng(0).integers(-20_000, 20_000, (4000, channels)).astype("<i2")
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(values.tobytes())
    sound = sound_of(tmp_path / "a.wav")
    assert (sound.rate, sound.samples.dtype) == (8000, np.float32)
    assert np.abs(sound.samples - values.mean(1) / 32768).max() < 1e-4
    given = sound_of((values, 8000))
    assert np.abs(given.samples - values.mean(1) / 32767).max() < 1e-4


@pytest.mark.parametrize("text", ["this is no sound", ""])
def test_a_wav_that_is_a_text_is_refused_in_a_sentence(tmp_path, text):
    pytest.importorskip("av")
    path = tmp_path / "speech.wav"
    path.write_text(text)
    with pytest.raises(FaceGPTError, match=r"speech\.wav.* cannot be read as sound"):
        sound_of(path)


def test_one_source_of_motion_is_wanted(face):
    model = FaceGPT(made_up_head())
    nothing = dict.fromkeys(("audio", "say", "driver", "curves", "words"))
    with pytest.raises(FaceGPTError, match="one source of motion"):
        animated(model, face, nothing, settings_of({}))
    with pytest.raises(FaceGPTError, match="curves and words"):
        model.animate(face, words="nods", curves="a.csv")
    with pytest.raises(FaceGPTError, match="no 'loud'"):
        model.animate(face, words="nods", loud=1)
    with pytest.raises(FaceGPTError, match="only a photo"):
        model.animate(face, curves=Curves(("jawOpen",), np.zeros((2, 1)), 30.0), give="photo")
    with pytest.raises(FaceGPTError, match="no frame"):
        model.animate(face, curves=Curves(("jawOpen",), np.zeros((0, 1)), 30.0))


def test_gain_and_rate(face, curves):
    model = FaceGPT(made_up_head())
    take = model.animate(face, curves=curves, gain=0.5, fps=50)
    assert take.fps == 50 and len(take) == 2 * COUNT - 1
    jaw = ARKIT_NAMES.index("jawOpen")
    assert np.abs(take.weights[::2, jaw] - 0.5 * curves.weights[:, jaw]).max() < 1e-6


def test_sound_moves_the_mouth_while_it_lasts_and_goes_along(face, shared_data, tmp_path):
    path = shared_data / "speech" / "librivox_0870.wav"
    model, sound = FaceGPT(made_up_head()), sound_of(path)
    take = model.animate(face, audio=path, seed=1)
    assert take.fps == 30 and len(take) / take.fps == pytest.approx(sound.seconds, abs=0.1)
    mouth = take.weights[:, [k for k, name in enumerate(ARKIT_NAMES) if name.startswith(("jaw", "mouth"))]]
    assert mouth.max() > 0.2
    assert take.pose[:, 1].std() > 0.3  # the head goes along
    take.save(tmp_path, video=False)
    assert sound_of(tmp_path / "animation.wav").seconds == pytest.approx(sound.seconds, abs=1e-3)
    lips = model.animate(face, audio=(sound.samples, sound.rate), alive=False)
    assert np.abs(lips.pose).max() == 0
    with pytest.raises(FaceGPTError):
        model.animate(face, audio=path, speech={"mouth": 9.0})


def test_a_long_video_that_was_stopped_goes_on_where_it_was(face, tmp_path, monkeypatch):
    """One minute is drawn, the next one fails: the second run draws the rest alone, and the video is whole."""
    av = pytest.importorskip("av")
    from facegpt.animate import long_video
    from facegpt.animate.drawing import HeadPainter

    monkeypatch.setattr(long_video, "PIECE_S", 0.4)
    jaw = 0.5 + 0.5 * np.sin(np.arange(30) / 3)
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(19_200) / 16_000)
    take = Take(face, Curves(("jawOpen",), jaw[:, None], FPS), Sound(tone.astype(np.float32), 16_000))
    plain, drawn, stop_at = HeadPainter.frame, [], [15]

    def frame(self, motion, k):
        if k >= stop_at[0]:
            raise KeyboardInterrupt
        drawn.append(k)
        return plain(self, motion, k)

    monkeypatch.setattr(HeadPainter, "frame", frame)
    with pytest.raises(KeyboardInterrupt):
        take.video(tmp_path / "a.mp4", 64)
    assert not (tmp_path / "a.mp4").exists()
    stop_at[0] = 99
    drawn.clear()
    path = take.video(tmp_path / "a.mp4", 64)
    assert sorted(drawn) == list(range(10, 30))
    with av.open(str(path)) as container:
        times = [float(frame.time) for frame in container.decode(video=0)]
    with av.open(str(path)) as container:
        heard = sum(frame.samples for frame in container.decode(audio=0))
    assert times == pytest.approx(np.arange(30) / FPS, abs=1e-3)
    assert heard / 16_000 == pytest.approx(1.2, abs=0.15)
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
    monkeypatch.setattr(long_video, "PIECE_S", 60.0)
    whole = take.video(tmp_path / "b.mp4", 64)
    pictures = []
    for each in (path, whole):
        with av.open(str(each)) as container:
            pictures.append([f.to_ndarray(format="rgb24").astype(float) for f in container.decode(video=0)])
    assert max(np.abs(a - b).mean() for a, b in zip(*pictures, strict=True)) < 2


def test_pieces_of_another_take_are_not_taken(face, tmp_path, monkeypatch):
    pytest.importorskip("av")
    from facegpt.animate import long_video

    monkeypatch.setattr(long_video, "PIECE_S", 0.4)
    takes = [Take(face, Curves(("jawOpen",), np.full((30, 1), jaw), FPS)) for jaw in (0.0, 0.8)]
    assert takes[0]._key(64, None) != takes[1]._key(64, None) != takes[1]._key(32, None)
    (tmp_path / ".a.pieces").mkdir()
    (tmp_path / ".a.pieces" / "take.sha256").write_text(takes[0]._key(64, None))
    (tmp_path / ".a.pieces" / "00000000.mp4").write_text("another take")
    assert takes[1].video(tmp_path / "a.mp4", 64).stat().st_size > 500
