"""The page in a real browser, before a made-up server: conversation, camera, errors, clips, small screens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")

from browsing import PHONE, chromium, say, settle, shown, skin_share, stage_pixels, visited, wait_for_head
from made_up_about import made_up_heads
from made_up_studio import MadeUpStudio, begin

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def studio(tmp_path_factory) -> Iterator[MadeUpStudio]:
    made = MadeUpStudio(made_up_heads(tmp_path_factory.mktemp("heads")))
    server = begin(made)
    yield made
    server.should_exit = True


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def desk(browser, studio) -> Iterator[Any]:
    with visited(browser, studio.url) as opened:
        yield opened


@pytest.fixture
def page(desk) -> Any:
    """The one page of these tests, at the conversation and without messages about errors."""
    tab(desk, "Talk")
    for close in desk.get_by_role("button", name="Close message").all():
        close.click()
    return desk


def tab(page: Any, name: str) -> None:
    page.locator("#tabbar button", has_text=name).click()


def asked(studio: MadeUpStudio, verb: str) -> list[Any]:
    return [told for what, told in studio.asked if what == verb]


def test_words_become_a_head_with_chips_and_more_words_change_that_one(page, studio):
    first = say(page, "an old man, with a broad nose")
    last = page.locator(".message.assistant").last
    last.locator(".chip").first.wait_for()
    assert last.locator("p").first.inner_text().strip() == "Here is a head."
    chips = [" ".join(text.split()) for text in last.locator(".chip").all_inner_texts()]
    assert chips == ["an old man", "with a broad nose", "not used: hat: not known to this head"]
    say(page, "make the mouth wider")
    parts = [part for message in asked(studio, "chat")[-1]["messages"] for part in message["content"]]
    assert {"type": "face", "face": {"id": first}} in parts


def test_a_chip_is_taken_out_put_back_and_undone(page, studio):
    head = say(page, "a young woman, with red hair")
    card = page.locator(".message.assistant").last
    card.get_by_role("button", name="Take out: with red hair").click()
    bare = wait_for_head(page, head)
    assert asked(studio, "without")[-1] == {"parts": ["with red hair"], "of": head, "ready": True}
    assert card.locator(".chip.gone s").inner_text() == "with red hair"
    page.get_by_role("button", name="Undo").click()
    assert wait_for_head(page, bare) == head and card.locator(".chip.gone").count() == 0
    page.get_by_role("button", name="Redo").click()
    wait_for_head(page, head)
    card.get_by_role("button", name="Put back: with red hair").click()
    wait_for_head(page, bare)
    assert asked(studio, "without")[-1] == {"parts": [], "of": bare, "ready": True}
    assert card.locator(".chip.gone").count() == 0


def test_words_and_sliders_share_one_stack_of_steps(page):
    first = say(page, "a man of thirty")
    tab(page, "Face")
    page.get_by_role("button", name="Blink").click()
    tab(page, "Talk")
    second = say(page, "make him older")
    assert second != first
    page.get_by_role("button", name="Undo").click()
    wait_for_head(page, second)
    assert page.evaluate("facegpt.studio.weights.eyeBlinkLeft") == 1
    page.get_by_role("button", name="Undo").click()
    settle(page)
    assert page.evaluate("facegpt.studio.weights.eyeBlinkLeft ?? 0") == 0


def test_a_head_that_was_changed_by_hand_is_no_second_person_of_the_conversation(page, studio):
    """What sliders and undo made of the head that was spoken of stands in its place, not beside it."""
    first = say(page, "a man of thirty")
    tab(page, "Face")
    page.get_by_role("button", name="Blink").click()
    tab(page, "Talk")
    say(page, "make him older")

    def faces() -> list[tuple[str, str]]:
        spoken = [(told["role"], part) for told in asked(studio, "chat")[-1]["messages"] for part in told["content"]]
        return [(role, part["face"]["id"]) for role, part in spoken if part["type"] == "face"]

    (role, key) = faces()[-1]
    assert role == "assistant" and studio.heads[key]["parent"] == first
    assert first not in [id for _, id in faces()]
    older = shown(page)
    page.get_by_role("button", name="Undo").click()
    wait_for_head(page, older)
    say(page, "make him younger")
    assert faces()[-1] == ("assistant", key) and older not in [id for _, id in faces()]


def test_an_answer_can_be_stopped(page, studio):
    studio.pace_s = 1.0
    try:
        page.get_by_role("textbox", name="Message").fill("what is she like?")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Stop", exact=True).click()
        page.locator(".message.assistant p", has_text="(stopped)").wait_for()
    finally:
        studio.pace_s = 0.05


def test_html_in_words_is_text(page):
    title = page.title()
    words = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    say(page, words)
    assert page.locator(".message.user p").last.inner_text() == words
    assert page.locator(".log script, .log img[src='x']").count() == 0
    assert page.title() == title


def test_the_camera_gives_a_photo_and_is_followed_live(page, studio):
    page.get_by_role("button", name="Take a photo").click()
    page.locator("dialog video").evaluate(
        "async (video) => { while (!video.videoWidth) await new Promise((go) => setTimeout(go, 50)); }"
    )
    page.get_by_role("dialog").get_by_role("button", name="Take the photo").click()
    page.locator(".attached img").wait_for()
    page.get_by_role("button", name="Remove camera.jpg").click()
    say(page, "a woman of forty")
    tab(page, "Video")
    before = stage_pixels(page)
    count = len(asked(studio, "live"))
    page.get_by_role("button", name="Follow me").click()
    page.get_by_text("frames a second").wait_for()
    assert np.abs(stage_pixels(page) - before).max(2).mean() > 1, "the head opens its mouth as the server says"
    page.get_by_role("button", name="Stop following").click()
    assert len(asked(studio, "live")) > count
    assert np.abs(stage_pixels(page) - before).mean() < 0.5, "and rests afterwards"


def test_what_the_camera_recorded_becomes_a_clip_of_a_personal_head(page, studio):
    say(page, "a woman of fifty")
    woman = wait_for_head(page)
    tab(page, "Video")
    page.get_by_label("Who is in the clip, or before the camera").select_option("Anna")
    anna = wait_for_head(page, woman)
    assert anna == studio.avatars[0]["head"]["id"]
    page.get_by_role("button", name="Follow me").click()
    page.get_by_text("frames a second").wait_for()
    assert asked(studio, "followed")[-1] == studio.avatars[0]["id"]
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Stop, and make motion of it").click()
    wait_for_head(page, anna)
    sent = asked(studio, "clip")[-1]
    assert sent["avatar"] == studio.avatars[0]["id"] and sent["bytes"] > 1000
    assert page.get_by_role("button", name="Follow me").is_visible()
    page.get_by_label("Who is in the clip, or before the camera").select_option("")


def test_a_clip_is_scrubbed_on_a_timeline(page):
    say(page, "a boy of ten")
    tab(page, "Video")
    before = shown(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a clip").click()
    chooser.value.set_files([{"name": "clip.mp4", "mimeType": "video/mp4", "buffer": b"clip"}])
    wait_for_head(page, before)
    time = page.get_by_role("slider", name="Time")
    time.wait_for()
    start = stage_pixels(page)
    time.evaluate("(input) => { input.value = 0.25; input.dispatchEvent(new Event('input')); }")
    assert np.abs(stage_pixels(page) - start).max(2).mean() > 2
    assert "jaw open" in page.locator(".curve-names").inner_text()
    files = page.locator(".player a")
    assert files.all_inner_texts() == ["Animated GLB", "Overlay video"]
    assert files.first.get_attribute("href") == "/api/clips/a/files/person_0_animation.glb"


def test_what_goes_wrong_is_said_in_sentences(page, studio):
    for name, sentence in (("broken.jpg", "the file is damaged or not a picture"), ("none.jpg", "No face was found")):
        tab(page, "Talk")
        with page.expect_file_chooser() as chooser:
            page.locator(".stage-top button").first.click()
        chooser.value.set_files([{"name": name, "mimeType": "image/jpeg", "buffer": b"x"}])
        page.get_by_role("alert").get_by_text(sentence).wait_for()
        page.get_by_role("button", name="Close message").click()
    page.route("**/v1/chat/completions", lambda route: route.abort())
    page.get_by_role("textbox", name="Message").fill("an old man")
    page.keyboard.press("Enter")
    page.locator(".message.bad", has_text="does not answer").wait_for()
    page.unroute("**/v1/chat/completions")
    page.failed.clear()  # the browser itself writes of the request that was cut


def test_a_phone_shows_all_of_it_in_light(browser, studio):
    with visited(browser, studio.url, PHONE, color_scheme="light", has_touch=True, is_mobile=True) as page:
        say(page, "an old woman, smiling")
        assert skin_share(stage_pixels(page)) > 0.2
        for name in ("Face", "Shape", "Look", "Measures", "Heads", "Video", "Talk"):
            tab(page, name)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert page.evaluate("document.documentElement.dataset.theme") == "light"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_no_serious_fault(page, theme):
    """axe-core, where it is: its path in FACEGPT_AXE, or node_modules/axe-core in the checkout."""
    places = (os.environ.get("FACEGPT_AXE", ""), "node_modules/axe-core/axe.min.js")
    script = next((Path(place) for place in places if place and Path(place).is_file()), None)
    if script is None:
        pytest.skip("needs axe-core (npm install axe-core, or its axe.min.js in FACEGPT_AXE)")
    say(page, "an old woman, smiling")
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    page.evaluate(script.read_text("utf-8"))
    page.wait_for_timeout(300)
    settle(page)  # the colours of the theme are those that are drawn
    found = set()
    for name in ("Talk", "Face", "Shape", "Look", "Measures", "Heads", "Video"):
        tab(page, name)
        result = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        for fault in result["violations"]:
            if fault["impact"] in ("serious", "critical"):
                found |= {
                    (fault["id"], node["html"][:120], (node["failureSummary"] or "")[:200]) for node in fault["nodes"]
                }
    assert found == set()
