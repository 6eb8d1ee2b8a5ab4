"""Voices of the server: texts said aloud, and a microphone's sound as frames of a mouth."""

from __future__ import annotations

import base64
import io
import json
import wave

import numpy as np
import pytest

from facegpt.animate.speech import SpeechSettings, speech_frames
from facegpt.conventions import ARKIT_NAMES

RATE = 16000


@pytest.fixture(scope="module")
def buzz():
    time = np.arange(2 * RATE) / RATE
    tone = sum(np.sin(2 * np.pi * 120 * k * time + np.sin(7 * time)) / k for k in range(1, 20))
    return np.round(6000 * tone * ((time % 0.6) < 0.3)).astype("<i2")


def listen(server, query, pieces):
    """Send pieces; all answers that come until as many frames are there as can be, or the server ends it."""
    client = pytest.importorskip("websockets.sync.client")
    answers = []
    with client.connect(f"{server.url.replace('http', 'ws')}/api/voice?{query}") as socket:
        try:
            for piece in pieces:
                socket.send(piece.tobytes())
        except Exception as over:  # refused before all was sent: the answer lies there
            assert "closed" in type(over).__name__.lower(), over
        try:
            while not (answers and ("error" in answers[-1] or frames_of(answers) >= 60 * 1.85)):
                answers.append(json.loads(socket.recv(timeout=60)))
        except Exception as over:
            assert "closed" in type(over).__name__.lower(), over
    return answers


def frames_of(answers):
    return sum(len(each.get("weights", ())) for each in answers)


def test_a_microphones_pieces_become_the_frames_of_the_sound(server, buzz):
    answers = listen(server, f"rate={RATE}", np.split(buzz, 100))
    assert [each["first"] for each in answers] == list(np.cumsum([0, *[len(a["weights"]) for a in answers[:-1]]]))
    assert answers[0]["names"] == list(ARKIT_NAMES) and answers[0]["fps"] == 60
    made = np.array([row for each in answers for row in each["weights"]])
    wanted = np.concatenate(list(speech_frames([buzz.astype(np.float32) / 32768], RATE, SpeechSettings(60))))
    assert np.abs(made - wanted[: len(made)]).max() < 2e-3 and made.max() > 0.05


@pytest.mark.parametrize(
    ("query", "said"),
    [("rate=many", "numbers"), ("rate=10", "samples a second"), ("mouth=9", "0.2 to 2"), ("emotion=hungry", "hungry")],
)
def test_settings_that_cannot_be_are_told_and_end_the_session(server, buzz, query, said):
    answers = listen(server, query, [buzz[:100]])
    assert said in answers[-1]["error"]["message"]


def test_a_text_is_said_by_a_head(server):
    pytest.importorskip("hibari", reason="needs the voice extra")
    head = server.head("a woman")
    asked = {"text": "Bob paid for it.", "head": head["id"]}
    told = server.client.post("/api/speech", json=asked, timeout=240).json()
    with wave.open(io.BytesIO(base64.b64decode(told["sound"]))) as file:
        seconds = file.getnframes() / file.getframerate()
    assert abs(seconds - told["seconds"]) < 0.01 and abs(len(told["weights"]) / told["fps"] - seconds) < 0.05
    jaw = np.array(told["weights"])[:, told["names"].index("jawOpen")]
    assert jaw.max() > 0.1


def test_a_text_without_words_and_a_head_that_is_gone_are_told(server):
    pytest.importorskip("hibari", reason="needs the voice extra")
    nothing = server.client.post("/api/speech", json={"text": "…"}, timeout=240)
    assert nothing.status_code == 422 and "nothing to say" in nothing.json()["error"]["message"]
    gone = server.client.post("/api/speech", json={"text": "Hello.", "head": "A" * 22}, timeout=240)
    assert gone.status_code == 404
