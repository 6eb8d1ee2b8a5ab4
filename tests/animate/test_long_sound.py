"""Long sound: read and written in pieces as if at once, with its progress shown."""

from __future__ import annotations

import wave

import numpy as np
import pytest

from facegpt.animate import sound as sounds
from facegpt.animate.emphasis import loudness_db
from facegpt.animate.sound import Sound, sound_of
from facegpt.animate.speech import speech_curves
from facegpt.errors import FaceGPTError
from facegpt.runtime.progress import watched

RATE = 8000


def noise(seconds):
    return (0.3 * np.random.default_rng(1).standard_normal(seconds * RATE)).clip(-1, 1).astype(np.float32)


def test_sound_of_many_pieces_is_written_and_read_as_it_is(tmp_path):
    samples = noise(27)[:-3]  # no whole number of pieces
    read = sound_of(Sound(samples, RATE).write(tmp_path / "a.wav"))
    assert len(read.samples) == len(samples) and np.abs(read.samples - samples).max() < 1e-4


def test_a_file_that_ends_before_it_says_so_is_read_as_far_as_it_goes(tmp_path):
    path = Sound(noise(30), RATE).write(tmp_path / "a.wav")
    path.write_bytes(path.read_bytes()[: 44 + 2 * 15 * RATE])
    assert sound_of(path).seconds == pytest.approx(15)


def test_a_file_of_more_than_an_hour_is_refused_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(sounds, "LONGEST_S", 20.0)
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(bytes(2 * 60 * RATE))
    with pytest.raises(FaceGPTError, match="longer than an hour"):
        sound_of(tmp_path / "a.wav")


def test_loudness_of_half_the_sound_is_six_decibels_lower():
    sound = noise(4)
    sound[2 * RATE :] *= 0.5
    level = loudness_db(Sound(sound, RATE))
    assert np.median(level[20:180]) - np.median(level[220:380]) == pytest.approx(6.02, abs=0.3)


def test_long_sound_shows_its_progress_and_short_sound_none():
    told = []
    with watched(lambda label, done, total: told.append((label, done, total))):
        speech_curves(np.zeros(20 * RATE, np.float32), RATE, fps=10)
        assert not told
        speech_curves(np.zeros(130 * RATE, np.float32), RATE, fps=10)
    assert told[0] == ("hearing", 1, 13) and told[-1] == ("hearing", 13, 13)
