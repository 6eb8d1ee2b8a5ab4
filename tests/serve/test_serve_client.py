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
from facegpt.client import RemoteFace, RemoteModel
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
    mean_mm, most_mm = model.distance_mm(face, wider)
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
    with pytest.raises(FaceGPTError, match="dae"):
        face.save(tmp_path / "a.dae")


def test_hair_is_written_as_finely_as_asked_or_left_out(model, tmp_path):
    face = model.imagine("a woman").change(hair={"style": "bob"})
    sizes = [face.save(tmp_path / f"{lod}.glb", hair_lod=lod)[0].stat().st_size for lod in (0, 2, None)]
    assert sizes[0] > sizes[1] > sizes[2]
    assert face.save(tmp_path / "again.glb")[0].stat().st_size == sizes[0]
    assert b'"hair"' in (tmp_path / "2.glb").read_bytes() and b'"hair"' not in (tmp_path / "None.glb").read_bytes()


def test_a_conversation_goes_on_with_its_heads(model):
    pieces = []
    first = model.chat([{"role": "user", "content": "make a man"}], on_text=pieces.append)
    assert first.faces and "".join(pieces).strip() == first.text
    messages = [{"role": "user", "content": "make a man"}, first.message, {"role": "user", "content": "a wider nose"}]
    second = model.chat(messages)
    assert second.faces[0].told["parent"] == first.faces[0].id


def say(model, messages: list, text: str, seed: int = 0):
    """Go on with a conversation: the answer, which becomes part of it."""
    messages.append({"role": "user", "content": text})
    reply = model.chat(messages, seed)
    messages.append(reply.message)
    return reply


def test_a_conversation_remembers_its_people_and_steps(model):
    messages: list = []
    (woman,), (man,) = (say(model, messages, text).faces for text in ("make a woman", "make a man"))
    (wider,) = say(model, messages, "make her nose wider").faces
    assert wider.told["parent"] == woman.id and man.id != wider.id
    (back,) = say(model, messages, "undo").faces
    assert back.measure()["nose_breadth"].value_mm == pytest.approx(woman.measure()["nose_breadth"].value_mm, abs=1e-3)


def test_what_sliders_changed_goes_on_in_the_conversation(model):
    messages: list = []
    (woman,) = say(model, messages, "make a woman").faces
    opened = woman.with_expression({"jawOpen": 0.4})
    messages[-1]["content"][-1]["face"] = opened
    (wider,) = say(model, messages, "a wider nose").faces
    assert wider.told["parent"] == opened.id and wider.blendshapes["jawOpen"] == pytest.approx(0.4, abs=1e-3)
    (back,) = say(model, messages, "undo").faces
    assert back.id == opened.id


def test_conversations_of_the_same_words_are_kept_apart(model):
    talks: list[list] = [[], []]
    heads = [say(model, talk, "make a woman", seed).faces[0] for seed, talk in enumerate(talks)]
    changed = [say(model, talk, "a wider nose").faces[0] for talk in talks]
    assert [face.told["parent"] for face in changed] == [head.id for head in heads]
    assert model.distance_mm(*changed)[0] > 0.5
    heads[0].delete()
    assert heads[0].id not in [face.id for face in say(model, talks[0], "undo").faces]
    assert [face.id for face in say(model, talks[1], "undo").faces] == [heads[1].id]


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
    with pytest.raises(FaceGPTError, match="quality"):
        model.track("nowhere.mp4", quality="best")


#: What the library has for its own parts, and what only makes sense where the model is: no names of a client.
INSIDE = {"changed", "decoder", "detector", "device", "face_look", "faces_in", "facts", "fit", "fit_colours", "head"}
INSIDE |= {"head_from", "landmarker", "language", "make_decoder", "make_detector", "make_landmarker", "make_language"}
INSIDE |= {"make_talker", "renderer", "scene", "seen", "talker", "texture", "tone"}
#: The same of a face: its model and meshes are in the files that `save` writes; a photo stays on the server.
INSIDE_FACE = {"attribute_sd", "detail_mesh", "displacement", "fitted", "glasses_mesh", "doubt", "image", "load"}
INSIDE_FACE |= {"detail", "mesh", "model", "photo", "photo_texture", "plot_detail", "proxies", "renderer", "rooted"}
INSIDE_FACE |= {"lit", "man", "relief_light", "save_folder", "scale_sd", "skin_seen", "time_s", "track_id"}


def public(kind: type) -> set[str]:
    return {name for name in (*dir(kind), *kind.__dataclass_fields__) if not name.startswith("_")}


def test_every_name_of_the_library_is_one_of_the_client():
    assert public(facegpt.FaceGPT) - public(RemoteModel) - INSIDE == set()
    assert public(facegpt.Face) - public(RemoteFace) - INSIDE_FACE == set()


def parameters(kind: type, verb: str) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(getattr(kind, verb)).parameters)


@pytest.mark.parametrize("verb", sorted(name for name in public(facegpt.FaceGPT) - INSIDE))
def test_its_verbs_take_what_the_library_takes_with_the_same_defaults(verb):
    own, remote = parameters(facegpt.FaceGPT, verb), parameters(RemoteModel, verb)
    assert set(own) - set(remote) - {"how"} == set()
    for name in set(own) & set(remote):
        assert own[name].default == remote[name].default and own[name].kind == remote[name].kind, name
    shared = [name for name in own if name in remote]
    assert [name for name in remote if name in own] == shared


@pytest.mark.parametrize(
    "verb", ["landmarks", "neutral", "project", "render", "vertices", "with_detail", "with_glasses"]
)
def test_a_face_takes_what_a_face_of_the_library_takes(verb):
    own, remote = parameters(facegpt.Face, verb), parameters(RemoteFace, verb)
    assert [(p.name, p.default) for p in own.values()] == [(p.name, p.default) for p in remote.values()]


def test_folds_of_another_head_are_asked_of_the_server(server, model):
    smooth, other = model.imagine("a man"), model.imagine("a woman")
    with pytest.raises(FaceGPTError, match="no detail"):
        smooth.with_detail(folds_of=other)
    other.delete()
    with pytest.raises(FaceGPTError, match="no such head"):
        smooth.with_detail(folds_of=other)


def test_geometry_is_that_of_the_library(model):
    from served_stand_in import model as stand_in

    own, face = stand_in("cpu").imagine("a man", seed=2), model.imagine("a man", seed=2)
    assert np.allclose(face.vertices(), own.vertices(), atol=1e-3)  # mm
    assert np.allclose(face.vertices("camera"), own.vertices("camera"), atol=1e-3)
    assert np.array_equal(face.triangles, own.triangles)
    for name in ("ibug68", "mediapipe478"):
        assert np.allclose(face.landmarks(name), own.landmarks(name), atol=1e-3)  # pixels
    marks = face.landmarks("ibug68", "head")
    assert np.allclose(face.project(marks), face.landmarks("ibug68"), atol=0.5)
    assert np.allclose(face.neutral().vertices(), own.neutral().vertices(), atol=1e-3)
    assert face.params.model_id == own.params.model_id


def test_the_mean_head_is_that_of_the_library(model):
    own, face = facegpt.load().mean_face(), model.mean_face()
    assert np.allclose(face.vertices(), own.vertices(), atol=1e-3)
    assert set(face.blendshapes.values()) == {0.0}


def test_many_photos_give_a_result_each(model, photo):
    counts = []
    results = list(model.reconstruct_many(iter([photo, b"no photo"]), "fast", on_progress=lambda *n: counts.append(n)))
    assert [len(result.faces) for result in results] == [2, 0] and counts == [(1, None), (2, None)]
    assert results[0].error is None and isinstance(results[1].error, FaceGPTError)


def test_one_of_several_faces_is_spoken_of(model, photo):
    first, second = model.reconstruct(photo, "fast")
    assert model.edit(photo, "a wider nose", face_index=1).told["box"] != first.told["box"]
    with pytest.raises(FaceGPTError, match="face_index is at most 1"):
        model.edit(photo, "a wider nose", face_index=2)
    assert model.describe([first, second], "who has the wider nose?")


def test_neither_client_nor_web_process_load_torch():
    code = "import sys, facegpt.client, facegpt.serve.app, facegpt.cli.serve; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
