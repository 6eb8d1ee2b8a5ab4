"""Open a head's GLB or FBX in real tools, measure it there, and save what they draw.

Three.js runs in headless Chromium (the npm package `three` in a node_modules folder), Blender as the Python module
`bpy` (any Python that has it). Prints a table and exits 1 if a check fails; a missing tool is named as skipped.

    python benchmarks/open_in_tools.py head.glb --out shots --node-modules node_modules --blender-python venv/bin/python

Pictures: one a pose, a sheet of all, and a row of STRIP (three.js: docs/images/threejs.jpg, Blender: blender.jpg).
"""

from __future__ import annotations

import argparse
import base64
import functools
import http.server
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
from PIL import Image

from facegpt.conventions import ARKIT_NAMES

HERE = Path(__file__).parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: A closer view of the face: the origin of a head is between its ears.
CLOSE = {"zoom": 2.2, "aim_y_m": -0.03}
SMILE = {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0}
POSES: list[dict] = [
    {"name": "rest"},
    {"name": "untextured", "untextured": True},
    {"name": "smile", "weights": SMILE},
    {"name": "jawOpen", "weights": {"jawOpen": 1.0}},
    {"name": "jawOpen_close", "weights": {"jawOpen": 1.0}, **CLOSE},
    {"name": "blink", "weights": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}},
    {"name": "turned", "yaw_deg": 35, "weights": {**SMILE, "jawOpen": 0.3}},
    {"name": "profile", "yaw_deg": 90},
    {"name": "close", **CLOSE},
    {"name": "tongue", "weights": {"jawOpen": 0.6, "tongueOut": 1.0}, "yaw_deg": 35, **CLOSE},
    {"name": "eyes_to_the_left", "joints": {"left_eye": [0, 0.4, 0], "right_eye": [0, 0.4, 0]}, **CLOSE},
    {"name": "head_nods", "joints": {"head": [0.35, 0, 0]}, "yaw_deg": 35},
]

#: Materials that every head has.
MATERIALS = {"skin", "mouth", "teeth", "tongue", "lashes", "eyes", "cornea"}
#: The poses of a tool's row of pictures, and the side of each there, pixels.
STRIP, STRIP_PX = ("rest", "smile", "jawOpen", "blink", "turned", "profile"), 240


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve the page, three.js and the head, and take the page's answer."""

    files: dict[str, Path]
    answer: dict
    done: threading.Event

    def translate_path(self, path: str) -> str:
        """Map /three/… to the package, the head and the poses to their files, all else to the page."""
        clean = path.split("?")[0]
        found = next((start for start in self.files if clean.startswith(start)), None)
        return str(self.files[found] / clean[len(found) :]) if found else str(HERE / "threejs" / "index.html")

    def do_POST(self) -> None:
        """Take the page's answer."""
        self.answer.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()
        self.done.set()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def poses_of(glb: Path) -> list[dict]:
    """All poses to draw: the fixed ones, and the photo's own from the extras of a GLB."""
    if glb.suffix != ".glb":
        return POSES
    data = glb.read_bytes()
    document = json.loads(data[20 : 20 + int.from_bytes(data[12:16], "little")])
    extras, joints = document["meshes"][0]["extras"], document["skins"][0]["joints"]
    weights = dict(zip(extras["targetNames"], extras["photoWeights"], strict=True))
    turns = zip(joints, extras["photoJointRotations"], strict=True)
    turned = {document["nodes"][joint]["name"]: vector for joint, vector in turns if any(vector)}
    return [*POSES, {"name": "photo", "weights": weights, "joints": turned}]


def in_threejs(glb: Path, poses: list[dict], out: Path, node_modules: Path, seconds: float, size: int = 640) -> dict:
    """Measure and draw the head in three.js: the page's report. Pictures go to out/threejs_POSE.png."""
    browser = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if glb.suffix != ".glb":
        return {"skipped": "the page opens GLB; FBX is opened by tests/clients"}
    if browser is None or not (node_modules / "three").is_dir():
        return {"skipped": "no Chromium" if browser is None else f"no package 'three' in {node_modules}"}
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / "poses.json").write_text(json.dumps(poses), "utf-8")
        shutil.copy(glb, Path(temporary) / "head.glb")
        Handler.files = {"/three/": node_modules / "three"}
        Handler.files |= {f"/{name}": Path(temporary) / name for name in ("poses.json", "head.glb")}
        Handler.answer, Handler.done = {}, threading.Event()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=temporary))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        flags = ["--headless=new", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        url = f"http://127.0.0.1:{server.server_port}/?size={size}"
        page = subprocess.Popen(
            [browser, *flags, f"--user-data-dir={temporary}/profile", url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        finished = Handler.done.wait(seconds)
        page.terminate()
        page.wait()
        server.shutdown()
    if not finished or "error" in Handler.answer:
        return {"error": Handler.answer.get("error", f"no answer in {seconds:.0f} s")}
    for name, picture in Handler.answer["pictures"].items():
        (out / f"threejs_{name}.png").write_bytes(base64.b64decode(picture.split(",")[1]))
    return Handler.answer["report"]


def in_blender(glb: Path, poses: list[dict], out: Path, python: str | None, size: int = 480) -> dict:
    """Measure and draw the head in Blender: the report. Pictures go to out/blender_POSE.png."""
    if python is None or subprocess.run([python, "-c", "import bpy"], capture_output=True).returncode:
        return {"skipped": "no Python with the module 'bpy' (--blender-python)"}
    (out / "poses.json").write_text(json.dumps(poses), "utf-8")
    command = [python, str(HERE / "blender_open.py"), str(glb), str(out / "poses.json"), str(out), str(size)]
    run = subprocess.run(command, capture_output=True, text=True)
    (out / "poses.json").unlink()
    lines = [line for line in run.stdout.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {"error": run.stderr[-800:]}


def difference(out: Path, tool: str, one: str, two: str) -> float:
    """Mean difference of two pictures of a tool, in 0..255 per channel."""
    a, b = (np.asarray(Image.open(out / f"{tool}_{name}.png").convert("RGB"), float) for name in (one, two))
    return float(np.abs(a - b).mean())


def checks(tool: str, report: dict, out: Path) -> list[tuple[str, str, bool]]:
    """What must hold in every tool: (promise, what was seen, kept)."""
    ratio = report["chin_moves_m"] / report["chin_target_m"]
    smile = difference(out, tool, "rest", "smile")
    found = [
        ("the same sliders on what moves", f"{report['meshes']} meshes", report["same_sliders"]),
        ("the 52 names first", str(len(report["names"])), report["names"][:52] == list(ARKIT_NAMES)),
        ("its materials by name", " ".join(report["materials"]), set(report["materials"]) >= MATERIALS),
        ("height 0.2 to 0.35 m", f"{report['height_m']:.3f} m", 0.2 < report["height_m"] < 0.35),
        ("jawOpen moves the chin once", f"{ratio:.3f} x its target", abs(ratio - 1) < 0.01 and report["chin_down"]),
        ("four joints", " ".join(report["joints"]), {"neck", "head", "left_eye", "right_eye"} <= set(report["joints"])),
        ("a texture is bound", str(report["texture"]), bool(report["texture"])),
        ("the smile changes the picture", f"{smile:.2f} of 255", smile > 0.1),
    ]
    if tool == "threejs":
        shows = difference(out, tool, "rest", "untextured")
        found.append(("the texture changes the picture", f"{shows:.2f} of 255", shows > 2))
    return found


def sheet(out: Path, tool: str, poses: list[dict], columns: int = 5) -> None:
    """Join a tool's pictures into out/TOOL_sheet.png."""
    paths = [out / f"{tool}_{pose['name']}.png" for pose in poses]
    tiles = [Image.open(path).convert("RGB").resize((360, 360)) for path in paths if path.exists()]
    whole = Image.new("RGB", (360 * columns, 360 * -(-len(tiles) // columns)), (128, 128, 128))
    for k, tile in enumerate(tiles):
        whole.paste(tile, (360 * (k % columns), 360 * (k // columns)))
    whole.save(out / f"{tool}_sheet.png")


def strip(out: Path, tool: str) -> None:
    """Join the pictures of STRIP into out/TOOL.jpg."""
    row = Image.new("RGB", (STRIP_PX * len(STRIP), STRIP_PX))
    for k, name in enumerate(STRIP):
        tile = Image.open(out / f"{tool}_{name}.png").convert("RGB")
        row.paste(tile.resize((STRIP_PX, STRIP_PX), Image.Resampling.LANCZOS), (STRIP_PX * k, 0))
    row.save(out / f"{tool}.jpg", quality=88, optimize=True)


def main() -> int:
    """Run both tools and print the table: 1 if a check failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("glb", type=Path)
    parser.add_argument("--out", type=Path, default=Path("open_in_tools"))
    parser.add_argument("--node-modules", type=Path, default=Path("node_modules"))
    parser.add_argument("--blender-python")
    parser.add_argument("--size", type=int, default=480, help="side of each picture, pixels")
    parser.add_argument("--seconds", type=float, default=180, help="how long to wait for the browser")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    poses = poses_of(options.glb)
    reports = {
        "threejs": in_threejs(options.glb, poses, options.out, options.node_modules, options.seconds, options.size),
        "blender": in_blender(
            options.glb.resolve(), poses, options.out.resolve(), options.blender_python, options.size
        ),
    }
    broken = 0
    for tool, report in reports.items():
        if "skipped" in report or "error" in report:
            broken += "error" in report
            print(f"{tool:8} {report}")
            continue
        print(f"{tool:8} version {report.get('three') or report.get('blender')}, loaded in {report['load_ms']:.0f} ms")
        for promise, seen, kept in checks(tool, report, options.out):
            broken += not kept
            print(f"{tool:8} {'ok' if kept else 'BROKEN':7}{promise:34}{seen}")
        sheet(options.out, tool, poses)
        strip(options.out, tool)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
