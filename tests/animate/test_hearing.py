"""Speech in: when somebody has finished, and what goes to the recogniser. The recogniser is a stand-in."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

from facegpt.animate.speech import hearing
from facegpt.cli.main import main
from facegpt.errors import FaceGPTError

RATE, STEP = 48000, 960


def pieces(*levels_s):
    """20-ms pieces of noise of given levels, each for so many seconds."""
    rng = np.random.default_rng(0)
    for level, seconds in levels_s:
        for _ in range(round(seconds * RATE / STEP)):
            yield (level * rng.standard_normal(STEP)).astype(np.float32)


def test_listening_ends_with_the_pause_after_somebody_spoke():
    heard = hearing.utterance(pieces((0.001, 1), (0.1, 1.5), (0.001, 0.4), (0.1, 1), (0.001, 20)), RATE)
    assert len(heard) / RATE == pytest.approx(1 + 1.5 + 0.4 + 1 + hearing.PAUSE_S, abs=0.1)


def test_if_nobody_speaks_nothing_is_heard():
    assert not len(hearing.utterance(pieces((0.001, 60)), RATE))
    assert hearing.text_of(np.zeros(0), RATE, "nowhere") == ""


def test_the_recogniser_hears_sixteen_kilohertz_and_its_pieces_are_put_together(tmp_path, monkeypatch):
    heard = []

    class WhisperModel:
        def __init__(self, folder, **how):
            assert how["local_files_only"]  # nothing is fetched

        def transcribe(self, sound, **_):
            heard.append(sound)
            return [types.SimpleNamespace(text=" make him "), types.SimpleNamespace(text=" smile.")], None

    monkeypatch.setitem(sys.modules, "faster_whisper", types.SimpleNamespace(WhisperModel=WhisperModel))
    (tmp_path / "model.bin").write_bytes(b"")
    hearing._model.cache_clear()
    assert hearing.text_of(np.ones(RATE, np.float32), RATE, tmp_path) == "make him smile."
    assert len(heard[0]) == pytest.approx(16000, rel=0.02)
    hearing._model.cache_clear()


def test_a_folder_without_a_model_is_told(tmp_path, capsys):
    with pytest.raises(FaceGPTError, match=r"no Whisper model.*model\.bin"):
        hearing.check_model(tmp_path)
    assert main(["chat", "--listen", str(tmp_path)]) == 1
    assert "holds no Whisper model" in capsys.readouterr().err
