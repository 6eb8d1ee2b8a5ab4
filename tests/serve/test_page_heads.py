"""The page in a real browser, before a made-up server: photos, sliders, undo, views, downloads."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")

from browsing import choose, chromium, skin_share, stage_pixels, visited, wait_for_head
from glb_reader import Glb
from made_up_about import made_up_heads
from made_up_studio import MadeUpStudio, begin
from PIL import Image

from facegpt.conventions import ARKIT_NAMES

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
def page(studio) -> Iterator[Any]:
    """One page for all tests here, as opening one takes seconds without a graphics card: each drops its own photo."""
    with chromium() as browser, visited(browser, studio.url) as opened:
        yield opened


def drop(page: Any, name: str = "photo.jpg") -> str:
    """Drop a file on the stage, as from a folder: the id of the head that comes of it."""
    before = page.evaluate("document.querySelector('canvas.canvas').dataset.head")
    _drop(page, name)
    return wait_for_head(page, before)


def _drop(page: Any, name: str) -> None:
    page.evaluate(
        """(name) => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array([255, 216, 255])], name, { type: "image/jpeg" }));
            const [x, y] = [200, 200];
            for (const kind of ["dragenter", "dragover", "drop"]) {
                const where = { dataTransfer: files, clientX: x, clientY: y, bubbles: true, cancelable: true };
                dispatchEvent(new DragEvent(kind, where));
            }
        }""",
        name,
    )


def tab(page: Any, name: str) -> None:
    page.locator("#tabbar button", has_text=name).click()


def set_slider(page: Any, unit: str, value: float) -> None:
    page.locator(f"input[data-unit={unit}]").evaluate(
        """(input, value) => {
            input.value = value;
            input.dispatchEvent(new Event("input", { bubbles: true }));
            input.dispatchEvent(new Event("change", { bubbles: true }));
        }""",
        value,
    )


def test_a_dropped_photo_becomes_a_head_that_a_slider_moves_and_undo_puts_back(page, studio):
    empty = stage_pixels(page)
    drop(page)
    seen = stage_pixels(page)
    assert skin_share(seen) > 0.35 > 0.25 > skin_share(empty)
    sent = [told for what, told in studio.asked if what == "photo"][-1]
    assert sent["quality"] == "balanced"
    assert np.abs(stage_pixels(page) - seen).mean() < 0.2, "a still head keeps still"
    tab(page, "Face")
    set_slider(page, "jawOpen", 1.0)
    opened = stage_pixels(page)
    assert np.abs(opened - seen).max(2).mean() > 1
    page.get_by_role("button", name="Undo").click()
    assert np.abs(stage_pixels(page) - seen).mean() < 0.5
    page.get_by_role("button", name="Redo").click()
    assert np.abs(stage_pixels(page) - opened).mean() < 0.5


def test_a_photo_can_be_pasted(page, studio):
    before = page.evaluate("document.querySelector('canvas.canvas').dataset.head")
    page.evaluate(
        """() => {
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array([255, 216, 255])], "pasted.jpg", { type: "image/jpeg" }));
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true }));
        }"""
    )
    wait_for_head(page, before)
    assert [told for what, told in studio.asked if what == "photo"][-1]["quality"] == "balanced"


def test_both_sides_move_together_unless_they_are_not_to(page):
    drop(page)
    tab(page, "Face")
    set_slider(page, "mouthSmileLeft", 0.6)
    assert page.evaluate("facegpt.studio.weights.mouthSmileRight") == pytest.approx(0.6)
    page.get_by_label("Both sides together").uncheck()
    set_slider(page, "mouthSmileLeft", 0.1)
    assert page.evaluate("facegpt.studio.weights.mouthSmileRight") == pytest.approx(0.6)


def test_two_faces_can_be_chosen_from(page):
    first = drop(page, "two.jpg")
    page.get_by_role("button", name="Face 2 of 2").click()
    second = wait_for_head(page, before=first)
    page.keyboard.press("Control+z")
    assert wait_for_head(page, before=second) == first


def test_a_slider_goes_into_the_downloaded_file_which_loads_again(page, studio, tmp_path):
    first = drop(page)
    tab(page, "Face")
    set_slider(page, "browInnerUp", 0.5)
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as coming:
        page.get_by_role("menuitem", name="Head for 3D tools").click()
    change = [told for what, told in studio.asked if what == "change"][-1]
    assert change == {"expression": {"browInnerUp": 0.5}, "ready": True}
    path = tmp_path / "head.glb"
    coming.value.save_as(path)
    assert set(Glb(path).target_names) == set(ARKIT_NAMES)
    wait_for_head(page, before=first)
    units = page.evaluate(
        """async (base64) => {
            const { HeadModel } = await import("/page/js/viewer/head_model.js");
            const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
            return (await HeadModel.parse(bytes.buffer)).units;
        }""",
        base64.b64encode(path.read_bytes()).decode(),
    )
    assert len(units) == 52


def test_the_picture_of_the_stage_has_head_and_backdrop(page, tmp_path):
    drop(page)
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as coming:
        page.get_by_role("menuitem", name="Picture .png").click()
    coming.value.save_as(tmp_path / "picture.png")
    picture = np.asarray(Image.open(tmp_path / "picture.png").convert("RGBA"), float)
    assert picture[..., 3].min() == 255
    height, width = picture.shape[:2]
    assert skin_share(picture[height // 4 : height // 2, width // 3 : 2 * width // 3, :3]) > 0.5


def side_of_the_middle(frame):
    """Where the head lies in a picture: the back of a head in profile is heavier than its face."""
    background = frame[:, :20].mean((0, 1))
    columns = np.nonzero(np.abs(frame - background).sum(-1) > 60)[1]
    off = columns.mean() / frame.shape[1] - 0.5
    return "" if abs(off) < 0.03 else "right" if off > 0 else "left"


def one_after_the_other(values):
    """What is said, without what is empty or said again."""
    said = [value for value in values if value]
    return [value for k, value in enumerate(said) if k == 0 or value != said[k - 1]]


def test_a_turntable_is_a_video_of_one_turn(page, tmp_path):
    av = pytest.importorskip("av")
    drop(page)
    page.get_by_role("button", name="Download").click()
    with page.expect_download(timeout=600_000) as coming:
        page.get_by_role("menuitem", name="Turntable video").click()
    path = tmp_path / coming.value.suggested_filename
    coming.value.save_as(path)
    with av.open(str(path)) as video:
        frames = [frame.to_ndarray(format="rgb24").astype(float) for frame in video.decode(video=0)]
    # A busy machine drops frames, so none of them is at a known angle.
    away = [np.abs(frame - frames[0]).mean() for frame in frames]
    assert len(frames) >= 6 and max(away) > 3, f"{len(frames)} frames, {max(away):.1f} levels: it turns"
    assert away[-1] < 0.6 * max(away), f"it comes round again: {np.round(away, 1)}"
    sides = one_after_the_other([side_of_the_middle(frame) for frame in frames])
    assert sides == ["right", "left"], "one profile, then the other, each once"


def test_looks_comparison_and_measures_are_drawn(page):
    drop(page)
    textured = stage_pixels(page)
    pictures = []
    for look in ("Clay", "Wires", "Normals"):
        choose(page, look)
        pictures.append(stage_pixels(page))
        assert np.abs(pictures[-1] - textured).max(2).mean() > 5
    warmth = [float((each[..., 0] - each[..., 2]).mean()) for each in (textured, pictures[0])]
    assert warmth[1] < 0.6 * warmth[0], "clay has no colour of skin"
    looks = page.locator(".stage-bar .segments")
    assert looks.evaluate("bar => bar.scrollWidth <= bar.clientWidth"), "some look is cut off"
    choose(page, "Wrinkles")
    page.get_by_text("This head's skin is smooth").wait_for()
    choose(page, "Texture")
    page.get_by_role("button", name="Compare with the photo").click()
    choose(page, "Split")
    assert page.get_by_role("slider", name="Split between photo and head").is_visible()
    page.get_by_role("button", name="Compare with the photo").click()
    tab(page, "Measures")
    page.get_by_role("checkbox", name="Draw nose breadth on the face").check()
    assert page.locator(".measure-labels span").inner_text() == "35.0 mm"


def test_the_photo_lies_where_the_head_is_projected(page, heads):
    """The page's camera against the package's own projection of the same points."""
    drop(page)
    page.get_by_role("button", name="Compare with the photo").click()
    told = json.loads((heads[0] / "head.json").read_text())
    points = np.array([[0.0, 0.0, 90.0], [60.0, -40.0, 30.0], [-55.0, 70.0, 10.0]])
    pose = np.array(told["camera"]["pose"])
    seen = points @ pose[:3, :3].T + pose[:3, 3]
    truth = told["camera"]["focal_px"] * seen[:, :2] / seen[:, 2:] + np.array(told["camera"]["principal"])
    found = page.evaluate(
        """async (points) => {
            const { Vector3 } = await import("/page/vendor/three.module.min.js");
            const { stage, photo } = facegpt.viewer;
            const [left, top, width] = ["left", "top", "width"].map((side) => parseFloat(photo.picture.style[side]));
            const scale = width / facegpt.studio.head.image.width;
            return points.map((point) => {
                const { x, y } = stage.project(new Vector3(...point).divideScalar(1000));
                return [(x - left) / scale - 0.5, (y - top) / scale - 0.5];
            });
        }""",
        points.tolist(),
    )
    assert np.abs(np.array(found) - truth).max() < 0.05


def test_two_heads_side_by_side_are_coloured_by_their_distance(page):
    drop(page, "two.jpg")
    page.get_by_role("button", name="Face 2 of 2").click()
    tab(page, "Heads")
    page.get_by_role("button", name="beside the current head").first.click()
    page.wait_for_selector("figure.legend:not([hidden])")
    assert "1.9 mm" in page.locator("figure.legend figcaption").inner_text()
    colours = stage_pixels(page)
    assert colours.std(axis=(0, 1)).min() > 15
    page.get_by_role("button", name="End comparison").click()
    assert page.locator("figure.legend").is_hidden()


def test_saved_heads_are_found_and_deleted(page, studio):
    drop(page)
    page.get_by_role("button", name="Save this head").click()
    page.get_by_label("Name").fill("Anna <b>of the north</b>")
    page.get_by_role("button", name="Save", exact=True).click()
    tab(page, "Heads")
    page.get_by_label("Search saved heads").fill("north")
    page.get_by_role("button", name="Open Anna <b>of the north</b>").first.wait_for()
    page.get_by_role("button", name="Delete Anna").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_text("No saved head fits these words.").wait_for()
    assert not [head for head in studio.heads.values() if head["saved"]]


@pytest.fixture
def new_page(page, studio) -> Iterator[Any]:
    """A page that nothing was done on, in the same browser."""
    with visited(page.context.browser, studio.url) as opened:
        yield opened


def test_the_page_forgets_a_deleted_head(new_page):
    page = new_page
    drop(page)
    first = wait_for_head(page)
    drop(page, "two.jpg")
    wait_for_head(page, first)
    page.get_by_role("button", name="Save this head").click()
    page.get_by_label("Name").fill("Bea")
    page.get_by_role("button", name="Save", exact=True).click()
    tab(page, "Heads")
    page.get_by_role("button", name="Delete Bea").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.wait_for_selector(f"canvas.canvas[data-head='{first}']")  # what was shown before it
    page.get_by_text("This head was deleted.").wait_for(state="attached")  # in the conversation
    page.get_by_role("button", name="Delete Bea").wait_for(state="detached")
    assert page.locator("nav.faces").is_hidden()
    assert page.get_by_role("button", name="Save this head").get_attribute("aria-pressed") == "false"
    assert page.locator("#head-title").inner_text() == "From a photo"
    assert page.evaluate("facegpt.studio.history.heads.length") == 1
