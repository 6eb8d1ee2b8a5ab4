"""Take the studio's pictures from a running server: `python -m lab.runs.studio_page.pictures URL FOLDER`."""

from __future__ import annotations

import argparse
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

DESK, PHONE = {"width": 1360, "height": 800}, {"width": 390, "height": 780}
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
#: Time for the head's pictures and the stage to be drawn without a graphics card, milliseconds.
DRAWN_MS = 8000


def head_from_photo(page: Any) -> None:
    """The bundled photo as a head, changed by words and turned."""
    example(page)
    page.get_by_role("textbox", name="Message").fill("ten years older")
    page.keyboard.press("Enter")
    page.wait_for_selector(".message.assistant .chip", timeout=300_000)
    page.wait_for_timeout(DRAWN_MS)
    page.evaluate("facegpt.viewer.stage.nudge(-22, 0)")


def comparison(page: Any) -> None:
    """The photo and the head, split."""
    example(page)
    page.get_by_role("button", name="Compare with the photo").click()
    page.get_by_role("radio", name="Split").check(force=True)
    page.get_by_role("tab", name="Look").click()


def measures(page: Any) -> None:
    """A head from words with its measurements."""
    page.get_by_role("textbox", name="Message").fill(
        "a young man with a full beard, curly black hair and a slight smile"
    )
    page.keyboard.press("Enter")
    page.wait_for_selector("canvas.canvas[data-head]", timeout=300_000)
    page.get_by_role("tab", name="Measures").click()
    page.get_by_role("button", name="Draw the main ones").click()


def pair(page: Any) -> None:
    """Two of four heads that fit the same words, and how far apart they are."""
    page.get_by_role("textbox", name="Message").fill("an elderly woman with a narrow nose, happily surprised")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Variations").click(timeout=300_000)
    page.wait_for_selector("nav.faces:not([hidden])", timeout=300_000)
    page.get_by_role("tab", name="Heads").click()
    page.wait_for_timeout(DRAWN_MS)
    page.locator("button[aria-label*='beside']").first.click()
    page.wait_for_selector("figure.legend:not([hidden])", timeout=300_000)


def phone(page: Any) -> None:
    """A phone with the sliders."""
    example(page)
    page.locator("#tabbar button", has_text="Face").click()
    page.get_by_role("button", name="Surprise").click()


def example(page: Any) -> None:
    """The bundled photo as a head."""
    page.get_by_role("button", name="Try it with this photo").click()
    page.wait_for_selector("canvas.canvas[data-head]", timeout=300_000)


PICTURES: dict[str, tuple[Callable[[Any], None], dict[str, int], str]] = {
    "studio_head": (head_from_photo, DESK, "dark"),
    "studio_compare": (comparison, DESK, "light"),
    "studio_measures": (measures, DESK, "dark"),
    "studio_pair": (pair, DESK, "light"),
    "studio_phone": (phone, PHONE, "dark"),
}


def main() -> None:
    """Take those that were named, or all."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(PICTURES)}; default: all")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for name in options.names or PICTURES:
            play, size, theme = PICTURES[name]
            page = browser.new_page(viewport=size, color_scheme=theme)
            page.set_default_timeout(300_000)
            page.goto(options.url)
            page.wait_for_selector("details[data-region]", state="attached", timeout=300_000)
            # Shadows are left out where the processor draws; pictures wait for them.
            page.evaluate("facegpt.viewer.stage.renderer.shadowMap.enabled = true")
            play(page)
            decoded = "(all) => Promise.all(all.map((each) => each.complete || each.decode().catch(() => {})))"
            page.locator(".log .card img").evaluate_all(decoded)
            page.wait_for_timeout(DRAWN_MS)
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            picture.save(options.folder / f"{name}.jpg", quality=90, optimize=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
