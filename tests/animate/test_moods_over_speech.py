"""How something is said: moods in words and of a photo over speech, and what does not go together."""

from __future__ import annotations

import json

import numpy as np
import pytest
from stand_in import picture
from stand_in_words import word_model

import facegpt.api
from facegpt.animate.sound import Sound
from facegpt.cli.main import main
from facegpt.conventions import ARKIT_NAMES
from facegpt.errors import FaceGPTError

RATE = 16000
SMILE = ARKIT_NAMES.index("mouthSmileLeft")


@pytest.fixture
def model(monkeypatch, tmp_path):
    made = word_model()
    monkeypatch.setattr(facegpt.api, "load", lambda **_: made)
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    time = np.arange(RATE) / RATE
    buzz = sum(np.sin(2 * np.pi * 120 * k * time + np.sin(7 * time)) / k for k in range(1, 20))
    Sound((0.2 * buzz * ((time % 0.5) < 0.3)).astype(np.float32), RATE).write(tmp_path / "speech.wav")
    picture((40, 40, 120, 140)).save(tmp_path / "anna.png")
    return made


def test_words_colour_a_whole_speech(model):
    head = model.imagine("a woman")
    plain = model.animate(head, audio="speech.wav", alive=False)
    happy = model.animate(head, audio="speech.wav", alive=False, text="smiling")
    assert (happy.weights - plain.weights)[:, SMILE].min() > 0.1
    weaker = model.animate(head, audio="speech.wav", alive=False, text="smiling", speech={"intensity": 0.3})
    added = [(take.weights - plain.weights)[:, SMILE].mean() for take in (weaker, happy)]
    assert 0 < added[0] < 0.7 * added[1]


def test_moods_that_say_nothing_or_too_much_are_told(model):
    head = model.imagine("a woman")
    for how, said in (
        ({"text": " "}, "mood"),
        ({"text": "smiling", "like": "anna.png"}, "not both"),
        ({"text": "smiling", "speech": {"emotion": "anger"}}, "not both"),
    ):
        with pytest.raises(FaceGPTError, match=said):
            model.animate(head, audio="speech.wav", **how)
    with pytest.raises(FaceGPTError, match="over speech"):
        model.animate(head, words="smiles", text="smiling")


def test_the_verb_takes_a_photos_mood_and_a_transcript(model, capsys):
    pytest.importorskip("pocketsphinx", reason="needs the phonetic extra")
    base = ["animate", "anna.png", "--no-video", "-o", "take"]
    assert main([*base, "--audio", "speech.wav", "--like", "anna.png", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 30
    assert main([*base, "--audio", "speech.wav", "--transcript", "Whales sing in the ocean."]) == 1
    assert "isn't what is said" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--words", "smiles", "--text", "tired"], "--text is for speech"),
        (["--words", "smiles", "--like", "anna.png"], "--like is for speech"),
        (["--say", "Hello.", "--transcript", "Hello."], "--transcript tells what is said in a sound"),
    ],
)
def test_moods_and_transcripts_without_their_speech_are_wrong_use(model, capsys, options, said):
    with pytest.raises(SystemExit) as ended:
        main(["animate", "anna.png", *options])
    assert ended.value.code == 2 and said in capsys.readouterr().err
