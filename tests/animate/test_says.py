"""Heads that say a text: the voice that is chosen, the lips, the sound beside the take; answers said aloud."""

from __future__ import annotations

import io
import json
import sys
import wave
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from stand_in import picture, stand_in_model
from stand_in_words import word_model

import facegpt.api
from facegpt.animate.speech import Voice
from facegpt.animate.speech.voices import chosen_voice, voice_of
from facegpt.cli.main import main
from facegpt.data.provenance import is_marked
from facegpt.face import Face
from facegpt.runtime.extras import install_line
from facegpt.types import FaceGPTError


@pytest.fixture
def chatting(monkeypatch, tmp_path):
    monkeypatch.setattr(facegpt.api, "load", lambda **_: word_model())
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    picture((40, 40, 120, 140)).save("anna.png")

    def chat(text: str, *options: str) -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        return main(["chat", *options, "-o", "out", "--json"])

    return chat


def no_voice(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "hibari", None)


def test_a_voice_is_the_heads_own_or_as_said():
    mean = stand_in_model().mean_face()

    class Imagines:
        def imagine(self, text):
            assert text == "an old man"
            return man

    class Told(Face):
        attributes = None

    man, woman = (Told(**{f.name: getattr(mean, f.name) for f in fields(mean) if f.init}) for _ in range(2))
    object.__setattr__(man, "attributes", {"age_years": 75.0, "masculinity": 1.0})
    object.__setattr__(man, "understood_parts", ["old"])
    object.__setattr__(woman, "attributes", {"age_years": 30.0, "masculinity": 0.0})
    own = chosen_voice(None, None, woman)
    assert own == voice_of(woman) and own.pitch_hz > voice_of(man).pitch_hz + 50
    assert chosen_voice(Imagines(), "an old man", woman) == voice_of(man) == chosen_voice(None, man)
    slower = chosen_voice(None, "speed=.8, pitch=150", woman)
    assert (slower.speed, slower.pitch_hz, slower.tract) == (0.8, 150, own.tract)
    assert chosen_voice(None, Voice(pitch_hz=99)).pitch_hz == 99
    object.__setattr__(man, "understood_parts", [])  # as of "a purple teapot"
    with pytest.raises(FaceGPTError, match="nobody is described"):
        chosen_voice(Imagines(), "an old man", woman)


@pytest.mark.parametrize(
    ("wish", "told"),
    [("pitch=9", "70 to 400"), ("loud=2", "no 'loud'"), ("pitch=high", "is a number"), ("speed=nan", "0.25 to 2")],
)
def test_voices_that_cannot_be_are_told(wish, told):
    with pytest.raises(FaceGPTError, match=told):
        chosen_voice(None, wish)


def test_lips_close_and_the_sound_is_as_long_as_the_motion(tmp_path):
    pytest.importorskip("hibari", reason="needs the extra voice")
    model = stand_in_model()
    take = model.animate(model.mean_face(), say="Mama.", alive=False)
    assert len(take) / take.fps == pytest.approx(take.sound.seconds, abs=0.05)
    jaw, close = (take.weights[:, take.names.index(name)] for name in ("jawOpen", "mouthClose"))
    assert jaw.max() > 0.1 and np.any((close > 0.02) & (np.abs(close - jaw) < 0.02))
    take.save(tmp_path / "take", video=False)
    with wave.open(str(tmp_path / "take" / "animation.wav")) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(take.sound.seconds, abs=0.01)


def test_the_verb_says_a_text_or_why_it_cannot(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(facegpt.api, "load", stand_in_model)
    monkeypatch.chdir(tmp_path)
    stand_in_model().mean_face().save("head")
    assert main(["animate", "head", "--say", " … ", "-o", "take"]) == 1
    assert "nothing to say" in capsys.readouterr().err
    for options in (["--words", "smiles", "--voice", "an old man"], ["--words", "smiles", "--emotion", "anger"]):
        with pytest.raises(SystemExit) as ended:
            main(["animate", "head", *options])
        assert ended.value.code == 2
    no_voice(monkeypatch)
    assert main(["animate", "head", "--say", "Hello.", "-o", "take"]) == 1
    assert install_line("voice") in capsys.readouterr().err and not Path("take").exists()


def test_an_answer_about_a_photo_offers_head_and_changed_photo(chatting, capsys):
    assert chatting("anna.png make the nose wider\n") == 0
    (turn,) = json.loads(capsys.readouterr().out)["turns"]
    (head,), (photo,) = turn["pictures"], turn["photos_changed"]
    assert Path(head).is_file() and is_marked(Path(photo).read_bytes())


def test_answers_are_said_aloud_into_files(chatting, capsys):
    pytest.importorskip("hibari", reason="needs the extra voice")
    pytest.importorskip("av", reason="needs the extra video")
    assert chatting("make a man\nmake the nose wider\n", "--speak") == 0
    first, second = json.loads(capsys.readouterr().out)["turns"]
    assert [Path(turn[kind]).is_file() for turn in (first, second) for kind in ("sound", "video")] == [True] * 4
    assert first["sound"] != second["sound"]


def test_speaking_without_the_extra_is_told_before_anything_is_loaded(chatting, monkeypatch, capsys):
    no_voice(monkeypatch)
    assert chatting("make a man\n", "--speak") == 1
    assert install_line("voice") in capsys.readouterr().err


def test_the_first_sentence_is_heard_before_the_second_is_made(monkeypatch, tmp_path):
    from facegpt.animate.speech import voice
    from facegpt.cli.speaking import Speaker
    from facegpt.runtime.sound import loudspeaker

    done = []

    def spoken(text, chosen):
        for name in text.split(". "):
            done.append(f"made {name}")
            yield voice.Spoken(np.zeros(160, np.float32), 16000, ())

    monkeypatch.setattr(voice, "sentences", spoken)
    monkeypatch.setattr(voice, "warm", lambda: None)
    monkeypatch.setattr(loudspeaker, "play", lambda samples, rate: done.append("heard"))
    files = Speaker(None, tmp_path).say("one. two", None)
    assert done == ["made one", "heard", "made two", "heard"]
    with wave.open(files["sound"]) as file:
        assert file.getnframes() == 320


def test_sentences_one_by_one_are_the_text_said_at_once():
    pytest.importorskip("hibari", reason="needs the extra voice")
    from facegpt.animate.speech import joined, sentences, speak

    text = "Bob came. My mother made a pie."
    pieces = list(sentences(text))
    whole, at_once = joined(pieces), speak(text)
    assert len(pieces) == 2
    assert np.array_equal(whole.samples, at_once.samples) and whole.phones == at_once.phones
    ends = [phone.end_s for phone in whole.phones]
    assert ends == sorted(ends) and ends[-1] <= len(whole.samples) / whole.rate + 0.1
