"""`facegpt.connect`: the names of the library, over a server."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import facegpt
from facegpt.types import FaceGPTError


@pytest.fixture(scope="module")
def model(server):
    return facegpt.connect(server.url)


def test_a_photo_in_any_form_gives_its_heads(model, photo, tmp_path):
    (tmp_path / "a.png").write_bytes(photo)
    stages = []
    faces = model.reconstruct(tmp_path / "a.png", "fast", on_progress=lambda stage, share: stages.append(stage))
    assert len(faces) == 2 and stages
    array = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))
    assert [face.box for face in model.reconstruct(array, "fast")] == [face.box for face in faces]
    assert model.reconstruct(np.full((64, 64, 3), 127, np.uint8)) == []


def test_words_edits_and_measures_are_those_of_the_library(model):
    from served_stand_in import model as stand_in

    own = stand_in("cpu").imagine("a man with a wide nose", seed=4)
    face = model.imagine("a man with a wide nose", seed=4)
    assert {n: m.value_mm for n, m in face.measure().items()} == pytest.approx(
        {n: m.value_mm for n, m in own.measure().items()}, abs=0.01
    )
    assert face.blendshapes == pytest.approx(own.blendshapes, abs=1e-4) and face.understood == own.understood
    wider = model.edit(face, "a wider nose")
    assert wider.measure()["nose_breadth"].value_mm > face.measure()["nose_breadth"].value_mm
    mean_mm, most_mm = model.compare(face, wider)
    assert 0 < mean_mm < most_mm
    assert face.with_expression({"jawOpen": 0.4}).blendshapes["jawOpen"] == pytest.approx(0.4)
    assert "nose" in model.describe(face, "how wide is the nose?")


def test_files_are_those_that_the_library_reads(model, tmp_path):
    face = model.imagine("a woman")
    (params,) = face.save(tmp_path / "a.json")
    assert facegpt.Face.load(params).blendshapes == pytest.approx(face.blendshapes, abs=1e-4)
    assert face.save(tmp_path / "a.glb")[0].read_bytes()[:4] == b"glTF"
    names = {path.name for path in face.save(tmp_path / "anna.obj")}
    assert {"anna.obj", "anna.mtl", "anna_texture.png"} <= names
    assert "mtllib anna.mtl" in (tmp_path / "anna.obj").read_text()
    assert "anna_texture.png" in (tmp_path / "anna.mtl").read_text()
    document = json.loads(next(p for p in face.save(tmp_path / "b.gltf") if p.suffix == ".gltf").read_text())
    assert all((tmp_path / one["uri"]).is_file() for one in (*document["buffers"], *document["images"]) if "uri" in one)
    assert "face.glb" in {path.name for path in face.save(tmp_path / "folder")}
    with pytest.raises(FaceGPTError, match="fbx"):
        face.save(tmp_path / "a.fbx")


def test_a_conversation_goes_on_with_its_heads(model):
    pieces = []
    first = model.chat([{"role": "user", "content": "make a man"}], on_text=pieces.append)
    assert first.faces and "".join(pieces).strip() == first.text
    messages = [{"role": "user", "content": "make a man"}, first.message, {"role": "user", "content": "a wider nose"}]
    second = model.chat(messages)
    assert second.faces[0].told["parent"] == first.faces[0].id


def test_kept_heads_are_found_again(model):
    face = model.imagine("a man").keep("Zebedee")
    assert [one.id for one in model.heads("zebedee")] == [face.id]
    face.delete()
    assert model.heads("zebedee") == []
    with pytest.raises(facegpt.FaceGPTError, match="no such head"):
        model.edit(face, "older")


def test_faults_are_sentences(server, model):
    with pytest.raises(FaceGPTError, match="does not answer"):
        facegpt.connect("http://127.0.0.1:9")
    with pytest.raises(FaceGPTError, match="http://"):
        facegpt.connect("localhost:8000")
    with pytest.raises(FaceGPTError, match="quality"):
        model.reconstruct(b"x", "finest")
    with pytest.raises(FaceGPTError, match="no file"):
        model.track("nowhere.mp4")


def test_its_verbs_take_what_the_library_takes(model):
    for verb in ("reconstruct", "imagine", "imagine_many", "edit", "describe", "chat", "track", "personalize"):
        own = list(inspect.signature(getattr(facegpt.FaceGPT, verb)).parameters)
        remote = list(inspect.signature(getattr(type(model), verb)).parameters)
        assert (
            own[: 2 if verb in ("track", "personalize") else 3]
            == remote[: 2 if verb in ("track", "personalize") else 3]
        )


def test_neither_client_nor_web_process_load_torch():
    code = "import sys, facegpt.client, facegpt.serve.app, facegpt.cli.serve; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
