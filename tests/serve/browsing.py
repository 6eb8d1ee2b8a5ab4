"""A real browser for tests of the page: Chromium with a fake camera, and what is looked at on its stage."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

#: Draws without a graphics card; the camera is a moving pattern; nobody is asked for permission.
ARGUMENTS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
#: Small windows: every pixel is drawn by the processor.
DESK, PHONE = {"width": 820, "height": 560}, {"width": 360, "height": 640}


@contextmanager
def chromium(*more: str) -> Iterator[Any]:
    """A Chromium, with more arguments; tests are skipped where it or Playwright is missing."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright (pip install -e .[test])")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs Chromium (apt install chromium)")
    with api.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=path, args=[*ARGUMENTS, *more])
        yield browser
        browser.close()


@contextmanager
def visited(browser: Any, url: str, size: dict[str, int] = DESK, **context: Any) -> Iterator[Any]:
    """The page at `url`; fails if any request left this machine or any script failed.

    `page.failed`: messages of the console that were errors; a test that expects some clears it.
    """
    room = browser.new_context(viewport=size, reduced_motion="reduce", **context)  # no colour is seen half way
    page, asked = room.new_page(), []
    page.failed = []
    page.set_default_timeout(30_000)
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: page.failed.append(str(error)))
    page.on("console", lambda told: page.failed.append(told.text) if told.type == "error" else None)
    page.goto(url)
    page.wait_for_selector("canvas.canvas", state="attached")
    yield page
    abroad = [each for each in asked if not each.startswith((url, "data:", "blob:"))]
    failed = list(page.failed)
    room.close()
    assert abroad == []
    assert failed == [], failed


def wait_for_head(page: Any, before: str | None = None, seconds: float = 60) -> str:
    """Wait until a head (another than `before`) is on the stage: its id."""
    other = f":not([data-head='{before}'])" if before else ""
    page.wait_for_selector(f"canvas.canvas[data-head]{other}", timeout=1000 * seconds)
    settle(page)
    return str(page.get_attribute("canvas.canvas", "data-head"))


def shown(page: Any) -> str | None:
    """The id of the head on the stage."""
    return page.get_attribute("canvas.canvas", "data-head")


def say(page: Any, words: str) -> str:
    """Send words; the id of the head that comes of them."""
    before = shown(page)
    page.get_by_role("textbox", name="Message").fill(words)
    page.keyboard.press("Enter")
    wait_for_head(page, before)  # sliders that were moved are taken over first: that head is not yet the answer's
    page.get_by_role("button", name="Send", exact=True).wait_for(timeout=60_000)
    page.wait_for_function("() => document.querySelector('canvas.canvas').dataset.head === facegpt.studio.head.id")
    settle(page)
    return str(shown(page))


def settle(page: Any) -> None:
    """Wait until the stage has drawn what was last asked for."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate("() => { facegpt.viewer.stage.now(); }")


def stage_pixels(page: Any) -> NDArray[np.float64]:
    """(H, W, 3) what the stage shows, 0..255, without the bars that lie over its edges."""
    settle(page)
    box = page.locator("#stage").bounding_box()
    clip = {
        "x": box["x"] + 0.25 * box["width"],
        "y": box["y"] + 0.2 * box["height"],
        "width": 0.5 * box["width"],
        "height": 0.55 * box["height"],
    }
    data = page.screenshot(clip=clip)
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float64)


def skin_share(pixels: NDArray[np.float64]) -> float:
    """Share of pixels with the hue of skin: red over green over blue, neither grey nor glaring."""
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    skin = (red > green + 6) & (green > blue) & (red > 60) & (red - blue > 18) & (red - blue < 170)
    return float(skin.mean())


def choose(page: Any, name: str) -> None:
    """Choose one of several; by its own event, for on a busy machine a panel may still move below the mouse."""
    radio = page.get_by_role("radio", name=name)
    radio.evaluate("element => element.click()")
    page.wait_for_function("element => element.checked", arg=radio.element_handle())
