"""The page as a person uses it for a while: long words, slow files, several faces, reloads, clips, the camera."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")

from browsing import choose, chromium, say, stage_pixels, visited, wait_for_head
from made_up_about import made_up_heads
from made_up_studio import ADVICE, MadeUpStudio, begin
from PIL import Image

pytestmark = pytest.mark.slow
LONG = (
    "a Donaudampfschifffahrtsgesellschaftskapitän"
    + "sch" * 40
    + " with a weathered face, a broad nose and a grey beard " * 3
)
SIZES = [(1280, 800), (1440, 900), (390, 844), (360, 640)]


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


@pytest.fixture
def page(browser, studio) -> Iterator[Any]:
    studio.pace_s, studio.glb_s = 0.05, 0.0
    with visited(browser, studio.url) as opened:
        opened.wait_for_function("() => globalThis.facegpt?.studio.about")
        yield opened


def tab(page: Any, name: str) -> None:
    bar = "[...document.querySelectorAll('#tabbar button')]"
    page.evaluate(f"(name) => {bar}.find((each) => each.textContent === name).click()", name)


def choose_photos(page: Any, *names: str) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a photo").click()
    chooser.value.set_files([{"name": name, "mimeType": "image/jpeg", "buffer": b"x"} for name in names])


def outside(page: Any) -> list[list[Any]]:
    """What can be pressed or read and lies beside the window, with its left and right edge."""
    return page.evaluate(
        """() => [...document.querySelectorAll(
                "button, a, select, textarea, .panel, .stage, #head-title, .chip, .message p, .toast, .clips li")]
            .filter((each) => !each.closest("[hidden], .unseen, .ideas, .skip, .faces") && each.getClientRects().length)
            .map((each) => [each.textContent.slice(0, 40), each.getBoundingClientRect()])
            .filter(([, box]) => box.left < -1 || box.right > innerWidth + 1)
            .map(([text, box]) => [text, Math.round(box.left), Math.round(box.right)])"""
    )


def asked(studio: MadeUpStudio, verb: str) -> list[Any]:
    return [told for what, told in studio.asked if what == verb]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_long_words_push_nothing_off_the_screen(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    say(page, LONG)
    page.evaluate(
        """() => {
            const units = facegpt.studio.about.expression_units.map(({ name }) => [name, 0.5]);
            facegpt.studio.pose({ weights: Object.fromEntries(units) });
            facegpt.studio.step("Laugh");
        }"""
    )
    before = page.get_attribute("canvas.canvas", "data-head")
    page.evaluate("() => facegpt.studio.change({ controls: { nose_width: 2 } }, 'Nose width')")
    wait_for_head(page, before)
    page.evaluate("(name) => facegpt.studio.save(name)", "Anna" * 30)
    page.wait_for_selector(".toast")
    title = page.locator("#head-title").inner_text() if width > 760 else ""
    assert len(title) <= 62 and title.startswith("AnnaAnna"[: len(title)])
    for name in ("Talk", "Face", "Shape", "Look", "Measures", "Heads", "Video"):
        tab(page, name)
        assert outside(page) == [], name
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_the_old_head_keeps_its_name_until_the_new_one_is_there(page, studio):
    say(page, "a man of thirty")
    studio.glb_s = 1.5
    page.evaluate(
        """() => {
            globalThis.seen = [];
            const look = () => {
                const { studio } = facegpt, canvas = document.querySelector("canvas.canvas");
                const [work, title] = [".progress", "#head-title"].map((place) => document.querySelector(place));
                const drawn = canvas.dataset.head;
                seen.push([studio.head.id === drawn, work.hidden, drawn, title.textContent]);
                setTimeout(look, 40);
            };
            look();
        }"""
    )
    old = page.get_attribute("canvas.canvas", "data-head")
    new = say(page, "a woman of sixty")
    seen = page.evaluate("() => seen")
    assert all(same for same, *_ in seen), "the head that is named is the one that is drawn"
    assert {name for _, _, head, name in seen if head == old} == {"a man of thirty"}
    assert any(not hidden for _, hidden, head, _ in seen if head == old), "until then the work is seen to go on"
    page.wait_for_function("() => document.querySelector('.progress').hidden")
    assert new == page.evaluate("facegpt.studio.head.id")


def test_faces_are_shown_as_they_come(page, studio):
    studio.pace_s = 2.0
    page.evaluate(
        """() => {
            globalThis.seen = [];
            facegpt.studio.on("faces", (heads) => {
                const { head } = document.querySelector("canvas.canvas").dataset;
                seen.push([heads.length, facegpt.studio.work !== null, head]);
            });
        }"""
    )
    choose_photos(page, "six.jpg")
    first = wait_for_head(page)
    page.wait_for_function("() => document.querySelectorAll('nav.faces .card').length === 6")
    page.wait_for_function("() => document.querySelector('.progress').hidden")
    assert page.evaluate("seen")[:2] == [[1, True, first], [2, True, first]], "one by one, while others are made"
    assert page.get_attribute("canvas.canvas", "data-head") == first
    assert page.locator("nav.faces [aria-current]").get_attribute("data-head") == first
    assert page.locator(".result").last.get_attribute("data-version") == first, "the card is of the head on the stage"
    loaded = (
        "() => [...document.querySelectorAll('nav.faces img')].every((img) => img.complete && img.naturalWidth > 0)"
    )
    page.wait_for_function(loaded)
    box, stage = (page.locator(place).bounding_box() for place in ("nav.faces", "#stage"))
    assert box["x"] >= stage["x"] and box["x"] + box["width"] <= stage["x"] + stage["width"]


def test_several_photos_of_one_person_become_one_head(page, studio):
    choose_photos(page, "a.jpg", "b.jpg", "c.jpg")
    page.get_by_role("dialog").get_by_role("button", name="One person").click()
    shown = wait_for_head(page)
    assert asked(studio, "person")[-1] == ["a.jpg", "b.jpg", "c.jpg"]
    page.get_by_text("the head of the person in your photos").wait_for()
    assert studio.heads[shown]["origin"] == "photo"


def choose_more(page: Any, place: Any, *names: str) -> None:
    with page.expect_file_chooser() as chooser:
        place.get_by_role("button", name="Add photos").click()
    chooser.value.set_files([{"name": name, "mimeType": "image/jpeg", "buffer": b"x"} for name in names])


def test_a_head_says_which_photo_is_missing_and_takes_it_even_after_a_reload(page, studio):
    choose_photos(page, "a.jpg", "b.jpg")
    page.get_by_role("dialog").get_by_role("button", name="One person").click()
    first = wait_for_head(page)
    page.locator(".message.assistant").get_by_text(ADVICE).wait_for()
    choose_more(page, page.locator(".message.assistant"), "left.jpg")
    second = wait_for_head(page, first)
    assert (asked(studio, "person")[-1], asked(studio, "with")[-1]) == (["left.jpg"], first)
    page.reload()
    wait_for_head(page)
    page.get_by_role("button", name="How sure each place is").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text(ADVICE).wait_for()
    choose_more(page, dialog, "right.jpg", "up.jpg")
    wait_for_head(page, second)
    assert (asked(studio, "person")[-1], asked(studio, "with")[-1]) == (["right.jpg", "up.jpg"], second)
    assert page.get_by_role("dialog").count() == 0


def test_how_sure_each_place_is_is_painted_on_the_head_until_another_look_is_chosen(page):
    choose_photos(page, "a.jpg", "b.jpg")
    page.get_by_role("dialog").get_by_role("button", name="One person").click()
    wait_for_head(page)
    before = stage_pixels(page).astype(float)
    page.get_by_role("button", name="How sure each place is").click()
    page.get_by_role("dialog").get_by_role("button", name="On the head").click()
    page.get_by_text("Each place may lie elsewhere by").wait_for()
    page.wait_for_function("() => facegpt.viewer.model.skin.material.map?.image?.width > 0")
    assert np.abs(stage_pixels(page) - before).mean() > 1
    choose(page, "Texture")
    page.get_by_text("Each place may lie elsewhere by").wait_for(state="hidden")


STATE = """() => ({
    head: facegpt.studio.head?.id, at: facegpt.studio.history.at,
    title: document.querySelector("#head-title").textContent,
    steps: facegpt.studio.history.steps.map(({ head, label, gaze }) => [head.id, label, gaze]),
    weights: Object.fromEntries(Object.entries(facegpt.studio.weights).filter(([, value]) => value > 1e-3)),
    messages: [...document.querySelectorAll(".message")].map((each) => each.textContent.trim()),
    cards: [...document.querySelectorAll(".result")].map((each) => each.dataset.version),
    faces: [...document.querySelectorAll("nav.faces:not([hidden]) .card")].map((each) => each.dataset.head),
})"""


def test_a_reload_changes_nothing(page, studio):
    choose_photos(page, "two.jpg")
    wait_for_head(page)
    first = say(page, "an old man, with a broad nose")
    card = page.locator(".message.assistant").last
    card.get_by_role("button", name="Take out: with a broad nose").click()
    wait_for_head(page, first)
    tab(page, "Face")
    page.get_by_role("button", name="Surprise").click()
    page.get_by_role("button", name="Blink").click()
    page.get_by_role("button", name="Undo").click()
    page.wait_for_timeout(500)
    before = page.evaluate(STATE)
    page.reload()
    wait_for_head(page)
    page.wait_for_function("() => document.querySelectorAll('.result').length === 2")
    assert page.evaluate(STATE) == before and before["weights"]["browInnerUp"] == pytest.approx(0.85)
    page.get_by_role("button", name="Redo").click()
    assert page.evaluate("facegpt.studio.weights.eyeBlinkLeft") == 1
    tab(page, "Talk")
    count = len(asked(studio, "chat"))
    say(page, "make him older")
    spoken = asked(studio, "chat")[count]["messages"]
    assert [message["role"] for message in spoken] == ["user", "assistant", "user"], "the conversation goes on"
    page.get_by_role("button", name="Begin anew").click()
    page.get_by_role("dialog").get_by_role("button", name="Begin anew").click()
    page.wait_for_function(
        "() => globalThis.facegpt?.studio.about && !facegpt.studio.head && !document.querySelector('.message')"
    )


def test_a_head_that_is_gone_leaves_the_rest(page, studio):
    first = say(page, "a man of thirty")
    second = say(page, "make him older")
    page.wait_for_timeout(500)
    del studio.heads[second]
    page.reload()
    assert wait_for_head(page) == first
    page.get_by_text("This head is no longer kept.").wait_for()


def test_a_job_that_runs_is_followed_after_a_reload(page, studio):
    studio.pace_s = 1.5
    choose_photos(page, "photo.jpg")
    page.wait_for_function("() => facegpt.studio.work?.job")
    page.wait_for_timeout(500)
    job = page.evaluate("facegpt.studio.work.job")
    page.reload()
    page.wait_for_function("() => globalThis.facegpt?.studio.about")
    studio.jobs[job] |= {"state": "done", "result": {"heads": [studio.head("photo", 0)]}}
    assert wait_for_head(page) in studio.heads


def test_a_head_is_opened_by_the_address_that_answers_hold(page, studio):
    head, key = studio.head("words", 1, text="a man"), "A" * 22
    studio.heads[key], studio.folders[key] = {**head, "id": key, "chain": [key]}, studio.folders[head["id"]]
    page.goto(f"{studio.url}/heads/{key}")
    assert wait_for_head(page) == key
    assert page.evaluate("location.pathname") == "/"


def follow_a_clip(page: Any, name: str = "clip.mp4") -> None:
    tab(page, "Video")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a clip").click()
    chooser.value.set_files([{"name": name, "mimeType": "video/mp4", "buffer": b"clip"}])
    page.get_by_role("slider", name="Time").wait_for()


def scrub(page: Any, share: float) -> np.ndarray:
    page.get_by_role("slider", name="Time").evaluate(
        "(input, share) => { input.value = share; input.dispatchEvent(new Event('input')); }", share
    )
    return stage_pixels(page)


def test_a_clip_outlives_edits_and_plays_on_any_head(page, studio):
    say(page, "a boy of ten")
    follow_a_clip(page)
    own = wait_for_head(page)
    tab(page, "Talk")
    other = say(page, "make him older, with a beard")
    tab(page, "Video")
    assert page.locator(".player").is_visible() and other != own
    still = scrub(page, 0.0)
    assert np.abs(scrub(page, 0.25) - still).max(2).mean() > 2, "it moves the other head"
    assert page.get_attribute("canvas.canvas", "data-head") == other
    page.get_by_role("button", name="Show its own head").click()
    assert wait_for_head(page, other) == own
    page.get_by_role("button", name="Close the clip").click()
    assert page.locator(".player").is_hidden()
    page.get_by_role("button", name="Open clip.mp4").click()
    page.get_by_role("slider", name="Time").wait_for()
    page.wait_for_timeout(500)
    page.reload()
    wait_for_head(page)
    tab(page, "Video")
    page.get_by_role("button", name="Open clip.mp4").wait_for()
    assert page.locator(".player").is_visible()
    assert all("404" in text for text in page.failed)
    page.failed.clear()  # the made-up studio has no video of the clip


def test_the_camera_is_seen_while_its_picture_is_out_of_view(page, studio):
    """The browser's made-up camera shows a moving pattern on green: no two frames are the same, and none is black."""
    say(page, "a woman of forty")
    tab(page, "Video")
    page.get_by_role("button", name="Follow me").click()
    page.get_by_text("frames a second").wait_for()
    tab(page, "Talk")
    page.wait_for_timeout(1000)
    count = len(asked(studio, "live"))
    page.wait_for_timeout(4000)
    frames = [np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), float) for data in asked(studio, "live")[count:]]
    tab(page, "Video")
    page.get_by_role("button", name="Stop following").click()
    assert len(frames) >= 2 and all(frame[..., 1].mean() > 60 for frame in frames)
    assert max(np.abs(frame - frames[0]).mean() for frame in frames[1:]) > 0.2


def test_what_was_being_asked_is_not_lost(page, studio):
    studio.pace_s = 3.0
    page.get_by_role("textbox", name="Message").fill("what is she like?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop", exact=True).wait_for()
    page.reload()
    page.wait_for_function("() => document.querySelector('textarea')?.value === 'what is she like?'")
    assert json.loads(page.evaluate("sessionStorage.getItem('studio-session')"))["talk"]["log"] == []
