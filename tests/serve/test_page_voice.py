"""The page hears a microphone and speaks: a made-up microphone plays vowels, a made-up voice a buzz."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")

from browsing import chromium, visited, wait_for_head
from fastapi import Request
from made_up_about import made_up_heads
from made_up_studio import MadeUpStudio, begin

from facegpt.animate.sound import Sound
from facegpt.animate.speech import SpeechStream
from facegpt.serve.routes import voice
from facegpt.serve.settings import Limits

pytestmark = pytest.mark.slow
#: Longest wait on a machine that may be busy, ms.
PATIENCE_MS = 120_000
RATE, PERIOD_S, SPEECH_S = 48000, 1.2, 6
#: Collects the weight of jawOpen of the head on the stage, and when it was so.
WATCH = """() => {
  globalThis.jaws = [];
  const look = () => {
    const mesh = facegpt.viewer.model.moving.find((one) => "jawOpen" in one.morphTargetDictionary);
    jaws.push([performance.now() / 1000, mesh.morphTargetInfluences[mesh.morphTargetDictionary.jawOpen]]);
    setTimeout(look, 25);
  };
  look();
}"""


def vowels() -> Sound:
    """An "ah" by source and filter for a third of each period, silence for the rest; three periods."""
    time = np.arange(int(3 * PERIOD_S * RATE)) / RATE
    turned = np.cumsum(120 * (1 + 0.03 * np.sin(2 * np.pi * 5 * time))) / RATE
    strength = [sum(1 / (1 + ((k * 120 - f) / 90) ** 2) for f in (750, 1200, 2500)) for k in range(1, 40)]
    tone = sum(s * np.sin(2 * np.pi * k * turned) for k, s in enumerate(strength, 1))
    on = np.clip(np.minimum(time % PERIOD_S - 0.3, 0.7 - time % PERIOD_S) / 0.05, 0, 1)
    return Sound((0.4 * tone / np.abs(tone).max() * on).astype(np.float32), RATE)


@pytest.fixture(scope="module")
def studio(tmp_path_factory) -> Iterator[MadeUpStudio]:
    made = MadeUpStudio(made_up_heads(tmp_path_factory.mktemp("heads")))

    def more(app: Any) -> None:
        app.state.engine = SimpleNamespace(limits=Limits())

        @app.post("/api/speech")
        async def speech(request: Request) -> dict[str, Any]:
            asked = await request.json()
            made.asked.append(("speech", asked))
            buzz = Sound((0.1 * np.sin(np.arange(SPEECH_S * RATE) * 0.02)).astype(np.float32), RATE)
            opened = {"names": ["jawOpen"], "weights": [[0.6]] * (60 * SPEECH_S)}
            return {"sound": base64.b64encode(buzz.wav()).decode(), "seconds": SPEECH_S, "fps": 60, **opened}

        app.include_router(voice.router)

    server = begin(made, more=more)
    yield made
    server.should_exit = True


@pytest.fixture(scope="module")
def page(studio, tmp_path_factory) -> Iterator[Any]:
    sound = vowels().write(tmp_path_factory.mktemp("sound") / "voice.wav")
    flags = [f"--use-file-for-fake-audio-capture={sound}", "--autoplay-policy=no-user-gesture-required"]
    with chromium(*flags) as browser, visited(browser, studio.url) as opened:
        opened.set_default_timeout(PATIENCE_MS)
        SpeechStream(RATE).push(np.zeros(RATE, np.float32))  # this process is the server, too
        opened.get_by_role("textbox", name="Message").fill("a woman of forty")
        opened.keyboard.press("Enter")
        wait_for_head(opened)
        opened.evaluate(WATCH)
        yield opened


def jaws(page: Any) -> tuple[np.ndarray, np.ndarray]:
    """When (N,), and how far the jaw was open (N,), since the last call."""
    seen = np.array(page.evaluate("() => jaws.splice(0)"))
    return seen[:, 0], seen[:, 1]


def test_the_mouth_follows_what_the_microphone_hears(page):
    page.locator("#tabbar button", has_text="Video").click()
    page.get_by_role("button", name="Speak for the head").click()
    page.get_by_text("ms behind").wait_for()
    jaws(page)
    found, opened, open_now = [], 0, False
    while opened < 3 and len(found) < 60:
        page.wait_for_timeout(int(1000 * PERIOD_S))
        found.append(jaws(page)[1])
        for weight in found[-1]:
            opened += weight > 0.05 and not open_now
            open_now = weight > (0.02 if open_now else 0.05)
    page.get_by_role("button", name="Stop listening").click()
    assert opened >= 3, "the vowels open the jaw, and the pauses shut it"
    assert np.quantile(np.concatenate(found), 0.1) < 0.02
    page.wait_for_timeout(300)
    jaws(page)
    page.wait_for_timeout(300)
    assert jaws(page)[1].max() < 0.01, "and the mouth rests when nobody listens any more"


def test_an_answer_is_said_aloud_by_the_head_on_the_stage(page, studio):
    page.locator("#tabbar button", has_text="Talk").click()
    head = page.get_attribute("canvas.canvas", "data-head")
    jaws(page)
    page.get_by_role("button", name="Say this aloud").last.click()
    page.wait_for_function("() => jaws.some(([, jaw]) => jaw > 0.5)")
    page.wait_for_function("() => jaws.at(-1)[1] < 0.01")
    when, jaw = jaws(page)
    spoken = when[jaw > 0.5]
    assert SPEECH_S - 3 < spoken[-1] - spoken[0] < SPEECH_S + 2, "seconds, as long as the sound"
    asked = [told for what, told in studio.asked if what == "speech"]
    assert asked == [{"text": "Here is a head.", "head": head}]


def test_answers_are_said_by_themselves_once_that_is_wanted(page, studio):
    page.get_by_role("button", name="Answers aloud").click()
    before = len([1 for what, _ in studio.asked if what == "speech"])
    page.get_by_role("textbox", name="Message").fill("make the mouth wider")
    page.keyboard.press("Enter")
    page.wait_for_function("() => jaws.at(-1)[1] > 0.5")
    page.get_by_role("button", name="Be quiet").first.click()
    page.wait_for_function("() => jaws.at(-1)[1] < 0.01")
    assert len([1 for what, _ in studio.asked if what == "speech"]) > before
    page.get_by_role("button", name="Answers aloud").click()


def test_no_microphone_is_said_in_a_sentence(page):
    page.locator("#tabbar button", has_text="Video").click()
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError')); }"
    )
    page.get_by_role("button", name="Speak for the head").click()
    page.get_by_text("No microphone was found.").wait_for()
