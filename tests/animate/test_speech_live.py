"""A head that follows a microphone: a file in its place, a microphone that is none, and frames in time."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

from facegpt.animate.sound import Sound
from facegpt.animate.speech import SpeechSettings, speech_frames
from facegpt.animate.speech.live import speak_live
from facegpt.cli.main import main
from facegpt.conventions import ARKIT_NAMES
from facegpt.errors import FaceGPTError
from facegpt.language.dialogue.made_heads import mean_head

RATE = 16000
BLINKS = [ARKIT_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right")]


@pytest.fixture(scope="module")
def vowels():
    """Two buzzing vowels with a pause between them, 1.2 s."""
    time_s = np.arange(int(1.2 * RATE)) / RATE
    buzz = sum(np.sin(2 * np.pi * 120 * k * time_s) / k for k in range(1, 20))
    on = ((time_s % 0.6) > 0.1) & ((time_s % 0.6) < 0.4)
    return (0.2 * buzz * on).astype(np.float32)


@pytest.fixture(scope="module")
def face(head):
    return mean_head(head)


class Receiver:
    def __init__(self):
        self.weights, self.rows = [], []

    def __call__(self, number, row, params, time_s, model):
        assert number == 0
        self.weights.append(np.asarray(params.expression))
        self.rows.append(row)


def test_a_file_played_as_microphone_gives_the_frames_of_the_file_in_time(face, vowels, tmp_path):
    received = Receiver()
    live = speak_live(face, Sound(vowels, RATE).write(tmp_path / "voice.wav"), received, SpeechSettings(fps=30))
    wanted = np.concatenate(list(speech_frames([vowels], RATE, SpeechSettings(fps=30))))
    assert len(received.weights) == live.frames > 30
    assert np.abs(np.array(received.weights) - wanted[: live.frames]).max() < 0.02
    told = live.as_dict()
    assert told["delay_ms"] < 160  # 95 ms on a machine that is not busy
    assert 1.1 < told["seconds"] < 3


def test_eyes_blink_beside_the_speech(face, vowels, tmp_path):
    from facegpt.animate.idle import CALM

    received, long = Receiver(), np.tile(vowels, 3)
    path = Sound(long, RATE).write(tmp_path / "voice.wav")
    speak_live(face, path, received, SpeechSettings(fps=30), CALM, seed=1)
    assert np.array(received.weights)[:, BLINKS].max() > 0.4
    assert {"gaze", "confidence"} <= set(received.rows[0].dtype.names)


def test_a_microphone_is_followed_until_the_time_is_over(face, vowels, monkeypatch):
    class InputStream:
        def __init__(self, rate, step, channels, dtype, callback):
            for _ in range(40):
                callback(np.zeros((step, 1), np.float32), step, None, None)

        def start(self):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    monkeypatch.setitem(sys.modules, "sounddevice", types.SimpleNamespace(InputStream=InputStream))
    received = Receiver()
    live = speak_live(face, "mic", received, SpeechSettings(fps=30), seconds=0.3)
    assert 3 <= live.frames == len(received.weights) <= 12


def test_no_microphone_is_said_in_a_sentence(face, monkeypatch):
    def refuses(*_, **__):
        raise OSError("no default input device")

    monkeypatch.setitem(sys.modules, "sounddevice", types.SimpleNamespace(InputStream=refuses))
    with pytest.raises(FaceGPTError, match=r"no microphone can be heard.*sound file"):
        speak_live(face, "mic", lambda *_: None)


@pytest.mark.parametrize(
    "options",
    [
        ["--audio", "mic"],
        ["--words", "smiles", "--live"],
        ["--audio", "a.wav", "--vmc", "localhost"],
        ["--audio", "mic", "--live", "--photo"],
    ],
)
def test_options_that_do_not_go_together_are_wrong_use(options, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["animate", "last", *options])
    assert ended.value.code == 2
    assert "--live" in capsys.readouterr().err
