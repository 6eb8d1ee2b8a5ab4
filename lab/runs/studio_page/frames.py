"""What a frame of the studio costs the page: `python -m lab.runs.studio_page.frames URL` (a running server).

JavaScript and layout of the main thread are counted in CPU time of that thread, so that a busy machine and a slow
graphics driver count for little: a browser with a graphics card spends the same there. Frames a second are those of
this machine, by the processor where there is no card.
"""

from __future__ import annotations

import argparse
import json
import shutil
from typing import Any

from lab.runs.studio_page.pictures import ARGUMENTS, example

FRAMES = 12
#: A small stage: where the processor draws, that must not be all that is measured.
STAGE = {"width": 900, "height": 300}
#: What is on the stage: draw calls, triangles, and bytes of its pictures, of the morphs' tables and of all meshes.
SCENE = """() => {
    const { stage, model } = facegpt.viewer, { renderer } = stage;
    renderer.info.autoReset = false;
    renderer.info.reset();
    stage.now();
    const { calls, triangles } = renderer.info.render, pictures = new Map();
    let meshes = 0, morphs = 0;
    for (const mesh of model.meshes) {
        const { geometry, material } = mesh;
        const used = Object.values(material).filter((value) => value?.isTexture && value.image);
        for (const { source, image } of used) pictures.set(source, image);
        for (const each of Object.values(geometry.attributes)) meshes += each.array.byteLength;
        meshes += geometry.index?.array.byteLength ?? 0;
        const { position = [] } = geometry.morphAttributes, kinds = Object.keys(geometry.morphAttributes).length;
        morphs += 16 * kinds * position.length * geometry.attributes.position.count;
    }
    const size = [...pictures.values()].reduce((sum, image) => sum + 4 * image.width * image.height * 4 / 3, 0);
    renderer.info.autoReset = true;
    const mb = { pictures_mb: size / 1e6, morphs_mb: morphs / 1e6, vertices_mb: meshes / 1e6 };
    return { calls, triangles, meshes: model.meshes.length, programs: renderer.info.programs.length, ...mb };
}"""
#: Frames one after the other, each waiting for the graphics; what each does before it is `act`.
PLAY = """async ([act, count]) => {
    const { stage } = facegpt.viewer, gl = stage.renderer.getContext(), pixel = new Uint8Array(4), long = [];
    const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration)));
    observer.observe({ entryTypes: ["longtask"] });
    const input = document.querySelector("input[data-unit=jawOpen]"), spent = [];
    const drag = (value) => { input.value = value; input.dispatchEvent(new Event("input", { bubbles: true })); };
    const acts = {
        still: () => stage.now(),
        turn: (k) => { stage.nudge(1, 0); stage.now(); },
        drag: (k) => { drag((k % 20) / 20); stage.now(); },
    };
    const begun = performance.now();
    for (let k = 0; k < count; k++) {
        const start = performance.now();
        acts[act](k);
        spent.push(performance.now() - start);
        gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
        await new Promise((go) => setTimeout(go));
    }
    observer.disconnect();
    spent.sort((a, b) => a - b);
    const seconds = (performance.now() - begun) / 1000;
    return { median_ms: spent[count >> 1], most_ms: spent.at(-1), long_tasks: long.length, seconds };
}"""


def measured(page: Any, act: str) -> dict[str, float]:
    """Frames with something done before each: wall time of the page's own work, and CPU of its thread a frame."""
    line = page.context.new_cdp_session(page)
    line.send("Performance.enable", {"timeDomain": "threadTicks"})

    def counted() -> dict[str, float]:
        return {each["name"]: each["value"] for each in line.send("Performance.getMetrics")["metrics"]}

    page.evaluate(PLAY, [act, 2])
    before = counted()
    told = page.evaluate(PLAY, [act, FRAMES])
    after = counted()
    told = {"own_ms": told["median_ms"], "slowest_ms": told["most_ms"], "long_tasks": told["long_tasks"]} | {
        "frames_a_second_here": FRAMES / told["seconds"]
    }
    for name in ("ScriptDuration", "TaskDuration", "LayoutDuration", "RecalcStyleDuration"):
        told[f"cpu_{name[:-8].lower()}_ms"] = 1000 * (after[name] - before[name]) / FRAMES
    line.detach()
    return {name: round(value, 2) for name, value in told.items()}


def main() -> None:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    options = parser.parse_args()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = browser.new_page(viewport=STAGE)
        page.set_default_timeout(300_000)
        page.goto(options.url)
        page.wait_for_selector("details[data-region]", state="attached")
        page.get_by_role("radio", name="Fast").check(force=True)
        example(page)
        scene = page.evaluate(SCENE)
        told = {"scene": {name: round(value, 1) for name, value in scene.items()}}
        for act in ("still", "turn", "drag"):
            told[act] = measured(page, act)
        browser.close()
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
