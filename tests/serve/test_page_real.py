"""The page before the real server and model: a photo is dropped, a head is seen, words change it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")

from browsing import choose, chromium, skin_share, stage_pixels, visited, wait_for_head

import facegpt

pytestmark = pytest.mark.slow
#: How long a head is waited for: on a machine that is new to it, kernels are compiled first.
PATIENCE_S = 240
PHOTO = Path(facegpt.__file__).parent / "serve" / "page" / "examples" / "astronaut.jpg"


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """A server of its own on a free port, as a user starts it."""
    folder = tmp_path_factory.mktemp("store")
    command = [sys.executable, "-m", "facegpt", "serve", "--port", "0", "--data", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert server.stdout is not None
        told = ""
        while not (found := re.search(r"http://\S+?(?=/?\s)", told)):
            line = server.stdout.readline()
            assert line, f"the server ended: {told}"
            told += line
        yield found[0]
    finally:
        server.terminate()
        server.wait(20)


def test_a_photo_becomes_a_head_and_a_control_of_shape_changes_it(address):
    with chromium() as browser, visited(browser, address) as page:
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        assert paint < 5000, "milliseconds, on a machine that may be busy"
        choose(page, "Fast")
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a photo").click()
        chooser.value.set_files(PHOTO)
        first = wait_for_head(page, seconds=PATIENCE_S)
        seen = stage_pixels(page)
        assert skin_share(seen) > 0.25
        page.locator("#tabbar button", has_text="Shape").click()
        page.locator("input[data-control=nose_width]").evaluate(
            "(input) => { input.value = 3; input.dispatchEvent(new Event('change', { bubbles: true })); }"
        )
        wait_for_head(page, before=first, seconds=PATIENCE_S)
        assert np.abs(stage_pixels(page) - seen).max(2).mean() > 0.5
        widths = page.evaluate(
            "facegpt.studio.history.steps.map(({ head }) =>"
            " head.measures.find(({ name }) => name === 'nose_breadth').value_mm)"
        )
        assert widths[1] > widths[0] + 2


def test_the_page_is_small():
    sizes = [path.stat().st_size for path in (PHOTO.parents[1]).rglob("*") if path.is_file()]
    assert sum(sizes) < 2_000_000
