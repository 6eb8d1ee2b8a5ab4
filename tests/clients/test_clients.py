"""Programs that people use open the files: names, millimetres, textures and the clip are as the face says.

Each client is skipped where it is not installed: the Python ones come with `pip install -e ".[clients]"`, those of
JavaScript and the Khronos validator by npm (see test_export_validator.py; `.ci/run` fetches them).
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files_of_heads import FRAMES, RATE, YAW_DEG, Heads, written
from PIL import Image

from facegpt.conventions import ARKIT_NAMES

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
SECONDS = (FRAMES - 1) / RATE
#: Materials that have the head's texture, and those of what it wears.
OF_HEAD, WORN = {"skin", "mouth", "teeth", "tongue", "lashes", "eyes"}, {"hair"}
VALIDATOR = """
const validator = require('gltf-validator'), fs = require('fs');
validator.validateBytes(new Uint8Array(fs.readFileSync(process.argv[1])))
    .then(report => console.log(JSON.stringify(report.issues.messages)));
"""


@pytest.fixture(scope="module")
def heads(tmp_path_factory) -> Heads:
    pytest.importorskip("pxr", reason="needs usd-core")
    return written(tmp_path_factory.mktemp("heads"))


def node(package: str, *command: str | Path) -> Any:
    """What a script of node prints as JSON; skipped without node or the package."""
    modules = Path(os.environ.get("FACEGPT_GLTF_VALIDATOR", HERE.parent / "node_modules"))
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (modules / package).is_dir():
        pytest.skip(f"no {package} in {modules}: set FACEGPT_GLTF_VALIDATOR to a node_modules folder")
    words = [str(modules) if word == "MODULES" else str(word) for word in command]
    environment = {**os.environ, "NODE_PATH": str(modules)}
    run = subprocess.run(["node", *words], capture_output=True, text=True, env=environment, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout.strip().splitlines()[-1])


def check_played(clip: dict[str, float]) -> None:
    """In the middle of the take the jaw is half open and the head turned to its left."""
    assert clip["seconds"] == pytest.approx(SECONDS, abs=1e-3)
    assert clip["jawOpen"] == pytest.approx(0.5, abs=0.02)
    assert clip["yaw_deg"] == pytest.approx(YAW_DEG, abs=0.5)


# --- JavaScript ---


@pytest.mark.parametrize("name", ["demo.glb", "dense.glb", "glasses.glb", "take.glb"])
def test_the_khronos_validator_has_nothing_to_say(heads, name):
    assert node("gltf-validator", "-e", VALIDATOR, heads.folder / name) == []


@pytest.mark.parametrize(
    "name", ["demo.glb", "dense.glb", "glasses.glb", "take.glb", "demo.fbx", "glasses.fbx", "take.fbx"]
)
def test_three_js(heads, name):
    script = HERE / "open_in_three.mjs"
    found = node("three", script, "MODULES", heads.folder / name, *heads.chin, SECONDS / 2)
    assert found["names"] == list(ARKIT_NAMES) and found["same_names"]
    assert found["gap_mm"] < 0.01 and found["chin_mm"] == pytest.approx(heads.chin_mm, abs=0.01)
    assert {tuple(size) for material, size in found["textures"].items() if material in OF_HEAD} == {heads.texture}
    assert set(found["textures"]) >= OF_HEAD | WORN
    assert ("glasses_frame" in found["materials"]) == name.startswith("glasses")
    if name.startswith("take"):
        check_played(found["clips"]["take"])
    elif name.endswith("glb"):
        assert set(found["clips"]) == {"rest", "expression"}


@pytest.mark.parametrize("name", ["demo.glb", "dense.glb", "glasses.glb", "take.glb"])
def test_babylon_js(heads, name):
    script = HERE / "open_in_babylon.mjs"
    found = node("@babylonjs", script, "MODULES", heads.folder / name, *heads.chin, SECONDS / 2)
    assert found["names"] == list(ARKIT_NAMES)
    assert found["gap_mm"] < 0.01 and found["chin_mm"] == pytest.approx(heads.chin_mm, abs=0.01)
    assert set(found["textures"]) >= OF_HEAD | WORN and min(found["textures"].values()) > 1000  # bytes
    if name == "take.glb":
        check_played(found["clips"]["take"])


# --- Python ---


@pytest.mark.parametrize("name", ["demo.glb", "dense.glb", "glasses.glb"])
def test_trimesh(heads, name):
    trimesh = pytest.importorskip("trimesh")
    scene = trimesh.load(heads.folder / name)
    skin = scene.geometry["face"]
    assert skin.metadata["targetNames"] == list(ARKIT_NAMES)
    assert skin.visual.material.baseColorTexture.size == heads.texture
    points = np.concatenate([each.vertices for each in scene.geometry.values()])
    assert np.linalg.norm(1000 * points - heads.chin, axis=1).min() < 0.01
    faces = {key: len(each.faces) for key, each in scene.geometry.items()}
    assert sum(count for key, count in faces.items() if key.startswith(("face", "eyes"))) == heads.triangles


#: In a process of its own: beside the other programs' libraries it has crashed.
READ_BY_ASSIMP = """
import sys
import assimp_py, numpy as np
scene = assimp_py.import_file(sys.argv[1], assimp_py.Process_Triangulate)
points = np.concatenate([np.asarray(mesh.vertices, float).reshape(-1, 3) for mesh in scene.meshes])
alike = [len(mesh.normals) == len(mesh.vertices) for mesh in scene.meshes]
textured = sum(bool(material.get("TEXTURES")) for material in scene.materials)
np.savez(sys.argv[2], points=points, alike=alike, textured=textured)
"""


@pytest.mark.parametrize(
    "name", ["demo.glb", "dense.glb", "glasses.glb", "take.glb", "demo.fbx", "take.fbx", "demo.obj"]
)
def test_assimp(heads, name, tmp_path):
    pytest.importorskip("assimp_py")
    subprocess.run([sys.executable, "-c", READ_BY_ASSIMP, heads.folder / name, tmp_path / "read.npz"], check=True)
    with np.load(tmp_path / "read.npz") as read:
        points, alike, textured = read["points"], read["alike"], int(read["textured"])
    scale = {"glb": 1000.0, "fbx": 10.0, "obj": 1.0}[name[-3:]]  # mm a unit; OBJ is as in the photo, the others at rest
    if not name.endswith("obj"):
        assert np.linalg.norm(scale * points - heads.chin, axis=1).min() < 0.01
    assert 200 < np.ptp(scale * points[:, 1]) < 500  # mm, with the beginning of the shoulders
    assert alike.all() and len(alike)
    assert textured >= 2


def vtk_places(file: Path, clip: int | None = None, seconds: float = 0.0) -> np.ndarray:
    """(N, 3) mm: all vertices as VTK's reader gives them. Updated twice, it would show the last primitive twice."""
    io_geometry = pytest.importorskip("vtkmodules.vtkIOGeometry", reason="needs vtk")
    numpy_support = pytest.importorskip("vtkmodules.util.numpy_support")
    reader = io_geometry.vtkGLTFReader()
    reader.SetFileName(str(file))
    reader.SetFrameRate(round(RATE))
    reader.UpdateInformation()
    if clip is not None:
        reader.EnableAnimation(clip)
    reader.UpdateTimeStep(seconds)
    leaves, found = reader.GetOutput().NewIterator(), []
    while not leaves.IsDoneWithTraversal():
        found.append(1000 * numpy_support.vtk_to_numpy(leaves.GetCurrentDataObject().GetPoints().GetData()))
        leaves.GoToNextItem()
    return np.concatenate(found)


@pytest.mark.parametrize("name", ["demo.glb", "glasses.glb", "dense.glb", "take.glb"])
def test_vtk_opens_the_head_and_plays_the_take(heads, name):
    io_geometry = pytest.importorskip("vtkmodules.vtkIOGeometry", reason="needs vtk")
    reader = io_geometry.vtkGLTFReader()
    reader.SetFileName(str(heads.folder / name))
    reader.Update()
    assert reader.GetNumberOfTextures() >= 3  # colour and surface of the head, colour of the hair
    names = [reader.GetAnimationName(k) for k in range(reader.GetNumberOfAnimations())]
    before = vtk_places(heads.folder / name)
    chin = np.linalg.norm(before - heads.chin, axis=1).argmin()
    assert np.linalg.norm(before[chin] - heads.chin) < 0.01
    if name != "take.glb":
        assert names == ["rest", "expression"]
        np.testing.assert_allclose(vtk_places(heads.folder / name, 0), before, atol=1e-3)  # all sliders at 0
        return
    assert names == ["take"] and reader.GetAnimationDuration(0) == pytest.approx(SECONDS, abs=1e-3)
    after = vtk_places(heads.folder / name, 0, SECONDS)
    assert np.linalg.norm(after[chin] - before[chin]) == pytest.approx(heads.chin_mm, abs=0.05)


@pytest.mark.parametrize("name", ["demo.usdz", "take.usdz"])
def test_usd_has_no_fault_and_moves_the_chin(heads, name):
    from pxr import Usd, UsdSkel

    validation = pytest.importorskip("pxr.UsdValidation")
    stage = Usd.Stage.Open(str(heads.folder / name))
    faults = validation.ValidationContext(validation.ValidationRegistry().GetOrLoadAllValidators()).Validate(stage)
    assert [fault.GetErrorAsString() for fault in faults] == []
    mesh = stage.GetPrimAtPath("/face/mesh")
    assert list(UsdSkel.BindingAPI(mesh).GetBlendShapesAttr().Get()) == list(ARKIT_NAMES)
    rest = 1000 * np.array(mesh.GetAttribute("points").Get())
    chin = np.linalg.norm(rest - heads.chin, axis=1).argmin()
    shape = UsdSkel.BlendShape(stage.GetPrimAtPath("/face/mesh/jawOpen"))
    row = list(shape.GetPointIndicesAttr().Get()).index(chin)
    assert 1000 * np.linalg.norm(shape.GetOffsetsAttr().Get()[row]) == pytest.approx(heads.chin_mm, abs=0.01)
    if name == "take.usdz":
        weights = UsdSkel.Animation(stage.GetPrimAtPath("/face/rig/take")).GetBlendShapeWeightsAttr()
        assert len(weights.GetTimeSamples()) == FRAMES and stage.GetTimeCodesPerSecond() == RATE
        assert weights.Get(stage.GetEndTimeCode())[ARKIT_NAMES.index("jawOpen")] == pytest.approx(1)


@pytest.mark.parametrize("name", ["demo.fbx", "glasses.fbx", "take.fbx"])
def test_ufbx(heads, name):
    ufbx = pytest.importorskip("ufbx", reason="needs pyufbx")
    scene = ufbx.load_file(str(heads.folder / name))
    assert [shape.name for shape in scene.blend_shapes] == list(ARKIT_NAMES)
    assert scene.find_node("face").mesh.num_triangles == heads.triangles
    pictures = {t.relative_filename: Image.open(io.BytesIO(t.content)).size for t in scene.textures}
    assert pictures["texture.png"] == heads.texture and "hair.png" in pictures
    assert {material.name for material in scene.materials} >= OF_HEAD | WORN
    assert (scene.find_node("glasses") is not None) == name.startswith("glasses")
    if name == "take.fbx":
        (stack,) = scene.anim_stacks
        assert stack.time_end - stack.time_begin == pytest.approx(SECONDS, abs=1e-4)
        assert {curve.num_keyframes for curve in scene.anim_curves} == {FRAMES}
