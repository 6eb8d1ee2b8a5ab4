"""The page's view of the photo itself, and heads set in motion, in a real browser before a made-up server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")

from browsing import PHONE, choose, chromium, visited, wait_for_head
from made_up_about import made_up_heads
from made_up_studio import MadeUpStudio, begin
from test_page_heads import drop, tab

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def heads(tmp_path_factory) -> list[Path]:
    return made_up_heads(tmp_path_factory.mktemp("heads"))


@pytest.fixture(scope="module")
def studio(heads) -> Iterator[MadeUpStudio]:
    made = MadeUpStudio(heads)
    server = begin(made)
    yield made
    server.should_exit = True


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(studio, browser) -> Iterator[Any]:
    with visited(browser, studio.url) as opened:
        yield opened


def move(page: Any, label: str, value: float) -> None:
    page.locator("#panel-photo .slider", has_text=label).locator("input").evaluate(
        """(input, value) => {
            input.value = value;
            input.dispatchEvent(new Event("input", { bubbles: true }));
            input.dispatchEvent(new Event("change", { bubbles: true }));
        }""",
        value,
    )


def drawn(page: Any, head: str) -> None:
    page.wait_for_selector(f"#panel-photo img[alt='The photo after'][data-head='{head}']")


def shade(page: Any) -> float:
    """How bright the middle of the changed photo is, 0..1."""
    return page.evaluate("""() => {
        const img = document.querySelector("#panel-photo img[alt='The photo after']");
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
        const ink = canvas.getContext("2d");
        ink.drawImage(img, 0, 0);
        return ink.getImageData(img.naturalWidth / 2, img.naturalHeight / 2, 1, 1).data[0] / 255;
    }""")


def test_the_photo_follows_sliders_and_words_and_can_be_kept(studio, page):
    first = drop(page)
    tab(page, "Photo")
    drawn(page, first)
    before = shade(page)
    move(page, "Open mouth", 0.5)
    opened = wait_for_head(page, first)
    drawn(page, opened)
    page.wait_for_function("document.querySelector(\"#panel-photo img[alt='The photo after']\").complete")
    assert shade(page) < 0.7 * before
    move(page, "Turn", 10)
    page.wait_for_timeout(900)
    assert [told for what, told in studio.asked if what == "in_photo"][-1]["yaw_deg"] == "10"
    page.get_by_label("What to change in the photo").fill("make her laugh")
    page.get_by_label("What to change in the photo").press("Enter")
    drawn(page, wait_for_head(page, opened))
    assert [told for what, told in studio.asked if what == "edit"][-1]["text"] == "make her laugh"
    with page.expect_download() as download:
        page.get_by_role("link", name="Download PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_the_line_between_before_and_after_is_dragged(page):
    drawn_of = drop(page)
    tab(page, "Photo")
    drawn(page, drawn_of)
    page.get_by_label("Before and after").fill("80")
    cut = page.locator("#panel-photo img[alt='The photo after']").evaluate("e => e.parentElement.style.clipPath")
    assert "80%" in cut


def test_a_head_from_words_has_no_photo_and_says_so(page):
    page.get_by_role("textbox", name="Message").fill("a man")
    page.get_by_role("textbox", name="Message").press("Enter")
    wait_for_head(page)
    tab(page, "Photo")
    assert page.get_by_text("Make a head from a photo first").is_visible()
    assert not page.get_by_label("What to change in the photo").is_visible()


def test_an_answer_leads_to_the_photo(page):
    first = drop(page)
    page.get_by_role("textbox", name="Message").fill("make her laugh")
    page.get_by_role("textbox", name="Message").press("Enter")
    changed = wait_for_head(page, first)
    page.get_by_role("button", name="In the photo").click()
    drawn(page, changed)


def test_words_text_and_sound_set_the_head_in_motion(studio, page, tmp_path):
    head = drop(page)
    tab(page, "Video")
    page.get_by_label("What the head does or says").fill("nods")
    page.locator(".animate").get_by_label("Move the photo itself").check()
    page.get_by_role("button", name="Animate", exact=True).click()
    page.wait_for_selector(".player:not([hidden])")
    asked = [told for what, told in studio.asked if what == "animate"][-1]
    assert (asked["head"], asked["words"], asked["give"]) == (head, "nods", "photo")
    assert page.get_by_text("not read: hum").is_visible() and page.get_by_role("link", name="Sound").is_visible()
    (tmp_path / "speech.wav").write_bytes(b"RIFF")
    choose(page, "Sound")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a sound").click()
    chooser.value.set_files(tmp_path / "speech.wav")
    page.locator(".animate").get_by_label("Move the photo itself").uncheck()
    page.get_by_role("button", name="Animate", exact=True).click()
    page.wait_for_timeout(1500)
    asked = [told for what, told in studio.asked if what == "animate"][-1]
    assert (asked["audio"], asked["give"]) == ("speech.wav", "head")


def test_all_panels_fit_a_phone(studio, browser):
    with visited(browser, studio.url, PHONE) as page:
        drop(page)
        for name in ("Photo", "Video", "Heads"):
            tab(page, name)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            box = page.locator("#tabbar button", has_text=name).bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"] + 1


def test_the_camera_moves_the_photo_itself(studio, page):
    drop(page)
    tab(page, "Video")
    part = page.locator("section.live")
    part.get_by_label("Move the photo itself").check()
    part.get_by_role("button", name="Follow me").click()
    part.get_by_alt_text("The photo, moved").wait_for()
    part.get_by_role("button", name="Stop following").click()
    part.get_by_alt_text("The photo, moved").wait_for(state="hidden")


def test_a_clip_of_somebody_moves_the_photo(studio, page):
    drop(page)
    tab(page, "Video")
    choose(page, "Clip")
    with page.expect_file_chooser() as asked_for:
        page.locator(".animate").get_by_role("button", name="Choose a clip").click()
    asked_for.value.set_files({"name": "me.mp4", "mimeType": "video/mp4", "buffer": b"a clip"})
    page.locator(".animate").get_by_text("me.mp4").wait_for()
    page.locator(".animate").get_by_label("Move the photo itself").check()
    page.get_by_role("button", name="Animate", exact=True).click()
    page.wait_for_selector(".player:not([hidden])")
    sent = [told for what, told in studio.asked if what == "animate"][-1]
    assert (sent["driver"], sent["give"]) == ("me.mp4", "photo")
