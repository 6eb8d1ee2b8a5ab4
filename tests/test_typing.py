"""The public names carry types: a user's file passes `mypy --strict`, and what it gets is no Any."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import facegpt

PACKAGE = Path(facegpt.__file__).parent

USERS_CODE = """
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from typing_extensions import assert_type

import facegpt


def photos(model: facegpt.FaceGPT) -> None:
    faces = model.reconstruct("photo.jpg", quality="best")
    assert_type(faces, list[facegpt.Face])
    for image in (Path("a.jpg"), b"data", io.BytesIO(b""), Image.new("RGB", (8, 8)), np.zeros((8, 8, 3), np.uint8)):
        model.reconstruct(image)
    with open("a.jpg", "rb") as file:
        assert_type(model.see(file), list[facegpt.Face])
    seen = model.analyze("photo.jpg")
    assert_type(seen, list[facegpt.Seen])
    assert_type(seen[0].units, dict[str, float])
    assert_type(model.compare(seen[0], "b.jpg"), facegpt.Likeness)
    photo = facegpt.read_image("a.jpg")
    assert_type(photo, facegpt.Photo)
    assert_type(photo.pixels, NDArray[np.uint8])
    assert_type(model.reconstruct_person(["a.jpg", "b.jpg"]), facegpt.Face)
    assert_type(model.reconstruct_person_views([photo]), list[facegpt.Face])


def stream(model: facegpt.FaceGPT) -> None:
    def told(done: int, total: int | None) -> None:
        print(done, total)

    results = model.reconstruct_many((Path(f"{k}.jpg") for k in range(9)), workers=2, on_progress=told)
    assert_type(results, Iterator[facegpt.PhotoResult])
    for result in results:
        assert_type(result.faces, list[facegpt.Face])
        assert_type(result.error, facegpt.FaceGPTError | None)


def words(model: facegpt.FaceGPT) -> None:
    head = model.imagine("an old man", seed=1)
    assert_type(head, facegpt.Face)
    assert_type(model.imagine_many("a woman", 3), list[facegpt.Face])
    assert_type(model.edit("photo.jpg", "smile", face_index=1), facegpt.Face)
    assert_type(model.describe(head), str)
    assert_type(model.describe([head, head], "who is older?"), str)
    assert_type(head.understood, list[str])
    assert_type(head.ignored, list[str])
    reply = model.chat([{"role": "user", "content": "hello"}], on_text=print)
    assert_type(reply, facegpt.Reply)
    assert_type(reply.text, str)
    assert_type(reply.faces, list[facegpt.Face])
    assert_type(reply.message, dict[str, Any])


def one(face: facegpt.Face) -> None:
    assert_type(face.blendshapes, dict[str, float])
    assert_type(face.measure(), dict[str, facegpt.Measure])
    assert_type(face.measure()["nose_breadth"].value_mm, float)
    assert_type(face.attributes, dict[str, float])
    assert_type(face.neutral(), facegpt.Face)
    assert_type(face.params, facegpt.FaceParams)
    assert_type(face.params.camera, facegpt.Camera)
    assert_type(face.params.pose, facegpt.Pose)
    assert_type(face.triangles, NDArray[np.int32])
    assert_type(face.render(), NDArray[np.uint8])
    assert_type(face.overlay(), NDArray[np.uint8])
    assert_type(face.plot(), Image.Image)
    assert_type(face.save("out/"), tuple[Path, ...])
    assert_type(facegpt.Face.load("out/"), facegpt.Face)
    assert_type(face.confidence, float | None)
    corners: NDArray[np.floating[Any]] = face.vertices("camera")
    points: NDArray[np.floating[Any]] = face.landmarks("ibug68", space="image")
    print(corners.shape, points.shape, face.box.tolist())


def main() -> None:
    model = facegpt.load(device="cpu")
    assert_type(model, facegpt.FaceGPT)
    assert_type(model.mean_face(), facegpt.Face)
    assert_type(facegpt.__version__, str)
    assert_type(facegpt.ARKIT_NAMES, tuple[str, ...])
    try:
        photos(model)
    except facegpt.ImageError as error:
        print(error)
    except facegpt.FaceGPTError as error:
        print(error)
"""

WRONG_USE = """
import facegpt

model = facegpt.load(7)
model.reconstruct("photo.jpg", qualty="best")
model.imagine("a man").understood.append(1)
model.reconstruct_person(["a.jpg"])[0]
"""


#: `mypy --strict` without what only the insides use: to read torch takes six times as long as all the rest.
SETTINGS = """
[mypy]
strict = True
follow_imports = silent
[mypy-torch.*,transformers.*,onnxruntime.*,onnx.*,numba.*]
follow_imports = skip
"""


def checked(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    (folder / "users.py").write_text(code)
    (folder / "mypy.ini").write_text(SETTINGS)
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--no-error-summary", "users.py"]
    environment = {**os.environ, "MYPYPATH": str(PACKAGE.parent), "MYPY_CACHE_DIR": str(folder.parent / "cache")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_package_says_that_it_has_types():
    assert (PACKAGE / "py.typed").is_file()


@pytest.mark.slow
def test_a_users_file_passes_mypy_strict_and_wrong_use_does_not(tmp_path):
    pytest.importorskip("mypy")
    right, wrong = (tmp_path / name for name in ("right", "wrong"))
    for folder in (right, wrong):
        folder.mkdir()
    done = checked(right, USERS_CODE)
    assert done.returncode == 0, done.stdout + done.stderr
    done = checked(wrong, WRONG_USE)
    assert done.returncode == 1 and done.stdout.count("error:") >= 4, done.stdout + done.stderr
