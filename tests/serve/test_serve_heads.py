"""Heads through the server: made, changed, described, compared, given as files, kept, found, deleted."""

from __future__ import annotations

import io
import json
import struct
import zipfile

import numpy as np
import pytest
from PIL import Image

from facegpt.conventions import ARKIT_NAMES


def glb_document(data: bytes) -> dict:
    assert data[:4] == b"glTF" and struct.unpack("<I", data[8:12])[0] == len(data)
    length = struct.unpack("<I", data[12:16])[0]
    return json.loads(data[20 : 20 + length])


def test_a_photo_gives_all_its_faces_the_largest_first(server, photo):
    answer = server.client.post("/api/heads/photo", files={"photo": ("a.png", photo)}, data={"quality": "fast"})
    assert answer.headers["location"] == f"/api/jobs/{answer.json()['id']}"
    job = server.job(answer)
    assert job["state"] == "done", job
    heads = job["result"]["heads"]
    assert len(heads) == 2
    left, right = heads
    assert left["box"][0] < 100 < right["box"][0]
    assert left["image"] == {"width": 320, "height": 240}
    told = server.client.get(f"/api/heads/{left['id']}").json()
    assert told["measures"] == left["measures"] and told["saved"] is False


def test_pictures_of_a_photo_come_back_and_say_what_they_are(server, photo):
    made = server.client.post("/api/heads/photo", files={"photo": ("a.png", photo)}, data={"quality": "fast"})
    key = server.job(made)["result"]["heads"][0]["id"]
    for name, kind in (("photo", "image/jpeg"), ("preview", "image/png"), ("overlay", "image/png")):
        answer = server.client.get(f"/api/heads/{key}/files/{name}")
        assert answer.status_code == 200 and answer.headers["content-type"] == kind
        Image.open(io.BytesIO(answer.content)).verify()


def test_every_format_is_a_file_of_its_kind(server):
    key = server.head()["id"]
    files = {f["name"]: server.client.get(f"/api/heads/{key}/files/{f['name']}") for f in about(server)["formats"]}
    missing = {
        f["name"]
        for f in about(server)["formats"]
        if f["needs_photo"] or f["needs_detail"] or f["needs_doubt"] or f["needs_matches"]
    }
    assert missing == {"photo", "overlay", "relief", "doubt", "sureness", "matches"}
    assert {name for name, answer in files.items() if answer.status_code == 404} == missing
    assert all(files[name].status_code == 200 for name in files.keys() - missing)
    names = glb_document(files["glb"].content)["meshes"][0]["extras"]["targetNames"]
    assert sorted(names) == sorted(ARKIT_NAMES)
    assert files["ply"].content[:3] == b"ply" and files["params"].json()["format"] == "facegpt-params"
    for name in ("obj", "gltf", "folder"):
        with zipfile.ZipFile(io.BytesIO(files[name].content)) as bundle:
            assert bundle.testzip() is None and len(bundle.namelist()) >= 3
    assert files["glb"].headers["content-disposition"] == 'attachment; filename="head.glb"'


def about(server) -> dict:
    return server.client.get("/api/about").json()


def test_about_names_what_heads_are_changed_by(server):
    told = about(server)
    assert [unit["name"] for unit in told["expression_units"]] == list(ARKIT_NAMES)
    assert {"nose_width", "jaw_width"} <= {control["name"] for control in told["shape_controls"]}
    assert {unit["region"] for unit in told["expression_units"]} == {"brows", "cheeks", "eyes", "jaw", "mouth", "nose"}
    assert any(style["name"] == "bob" for style in told["hair_styles"]) and "ginger" in told["hair_colours"]


def test_words_give_as_many_different_heads_as_asked(server):
    heads = server.job(server.words("a man with a wide nose", count=2, seed=5))["result"]["heads"]
    widths = [{m["name"]: m["value_mm"] for m in head["measures"]} for head in heads]
    assert len(heads) == 2 and widths[0] != widths[1]
    again = server.job(server.words("a man with a wide nose", seed=6))["result"]["heads"][0]
    assert again["measures"] == heads[1]["measures"]  # the second one's seed


def test_an_edit_is_a_new_head_and_the_old_one_stays(server):
    old = server.head("a man")
    new = server.job(server.client.post(f"/api/heads/{old['id']}/edit", json={"text": "a wider nose"}))["result"]
    new = new["heads"][0]
    width = {h["id"]: next(m["value_mm"] for m in h["measures"] if m["name"] == "nose_breadth") for h in (old, new)}
    assert new["parent"] == old["id"] and width[new["id"]] > width[old["id"]] + 0.5
    assert server.client.get(f"/api/heads/{old['id']}").json()["measures"] == old["measures"]


def test_a_change_by_numbers_reads_back_and_leaves_the_rest(server):
    old = server.head("a woman")
    body = {
        "expression": {"jawOpen": 0.5},
        "gaze": {"x_deg": 15, "y_deg": -5},
        "controls": {"nose_width": 1.5},
        "skin": {"freckles": 1.0},
        "hair": {"style": "bob", "colour": "#804020"},
        "glasses": {"style": "round", "tint": "dark"},
    }
    new = server.job(server.client.post(f"/api/heads/{old['id']}/change", json=body))["result"]["heads"][0]
    assert new["controls"]["nose_width"] == pytest.approx(1.5, abs=0.05)
    assert new["skin"]["freckles"] == pytest.approx(1.0, abs=0.15)
    assert new["blendshapes"]["jawOpen"] == 0.5 and new["hair"]["style"] == "bob" and new["hair"]["colour"] == "#804020"
    assert new["blendshapes"]["eyeLookOutLeft"] > 0.3 > new["blendshapes"]["eyeLookInLeft"]  # x is the subject's left
    wider, larger = (abs(new["controls"][name] - old["controls"][name]) for name in ("nose_width", "head_size"))
    assert larger < 0.25 * wider
    assert old["glasses"] is None and new["glasses"]["style"] == "round" and new["glasses"]["darkness"] > 0.5
    bald = server.client.post(f"/api/heads/{new['id']}/change", json={"hair": None, "glasses": None})
    last = server.job(bald)["result"]["heads"][0]
    assert last["hair"]["style"] == "bald" and last["glasses"] is None


def test_a_beard_has_a_shape_and_a_length_and_temples_go_grey(server):
    old = server.head("a man")
    wanted = {"beard": 0.8, "beard_shape": "goatee", "beard_mm": 60, "temples": 0.7}
    new = server.job(server.client.post(f"/api/heads/{old['id']}/change", json={"hair": wanted}))["result"]["heads"][0]
    assert {name: new["hair"][name] for name in wanted} == wanted
    assert server.client.get("/api/about").json()["beard_shapes"] == ["full", "goatee", "chops"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"hair": {"beard_shape": "no_such"}}, "goatee"),
        ({"controls": {"no_such": 1}}, "no_such"),
        ({"hair": {"style": "no_such"}}, "no_such"),
        ({"hair": {"colour": "url(x)"}}, "colour"),
        ({"glasses": {"style": "no_such"}}, "no_such"),
        ({"expression": {"no_such": 0.5}}, "no_such"),
    ],
)
def test_names_that_are_none_are_said(server, body, word):
    key = server.head()["id"]
    job = server.job(server.client.post(f"/api/heads/{key}/change", json=body))
    assert job["state"] == "failed" and word in job["error"]["message"]


def test_a_description_measures(server):
    head = server.head()
    job = server.job(
        server.client.post(f"/api/heads/{head['id']}/describe", json={"question": "how wide is the nose?"})
    )
    width = next(m["value_mm"] for m in head["measures"] if m["name"] == "nose_breadth")
    assert f"{width:.1f}" in job["result"]["text"]


def test_compare_gives_millimetres_for_each_vertex_of_the_skin(server):
    a, b = server.head("a man"), server.head("a woman")
    answer = server.client.get(f"/api/heads/{a['id']}/distance/{b['id']}")
    apart = np.frombuffer(answer.content, "<f4")
    document = glb_document(server.client.get(f"/api/heads/{a['id']}/files/glb").content)
    accessor = document["meshes"][0]["primitives"][0]["attributes"]["POSITION"]
    assert len(apart) == document["accessors"][accessor]["count"]
    assert (
        0
        < float(answer.headers["x-mean-mm"])
        < float(answer.headers["x-max-mm"])
        == pytest.approx(apart.max(), abs=1e-3)
    )
    same = server.client.get(f"/api/heads/{a['id']}/distance/{a['id']}")
    assert not np.frombuffer(same.content, "<f4").any()


def test_saved_heads_are_found_by_their_words_and_deleted_with_their_files(server):
    job = server.job(server.words("a man with a wide nose"))
    head = job["result"]["heads"][0]
    key, folder = head["id"], server.settings.folder / "heads" / head["id"]
    assert server.client.get("/api/heads", params={"q": "wide quokka"}).json() == {"heads": []}
    server.client.post(f"/api/heads/{key}/save", json={"name": "Quokka 100%"})
    for words in ("quokka", "QUOKKA nose", "100%"):
        assert [one["id"] for one in server.client.get("/api/heads", params={"q": words}).json()["heads"]] == [key]
    assert server.client.get("/api/heads", params={"q": "1%0"}).json() == {"heads": []}  # % is no wildcard
    assert folder.is_dir()
    assert server.client.delete(f"/api/heads/{key}").json() == {"deleted": True}
    assert not folder.exists() and server.client.get(f"/api/heads/{key}").status_code == 404
    assert server.client.get(f"/api/heads/{key}/files/glb").status_code == 404
    assert server.client.get(f"/api/jobs/{job['id']}").status_code == 404  # its result told of the head
    database = b"".join(path.read_bytes() for path in server.settings.folder.glob("facegpt.sqlite*"))
    assert database and b"Quokka 100%" not in database and key.encode() not in database


def test_a_photo_is_forgotten_with_its_job_unless_a_head_shows_it(server):
    empty = io.BytesIO()
    Image.new("RGB", (64, 64), (127, 127, 127)).save(empty, format="PNG")
    job = server.job(server.client.post("/api/heads/photo", files={"photo": ("a.png", empty.getvalue())}))
    assert job["state"] == "failed" and job["error"]["code"] == "no_face"
    assert list((server.settings.folder / "spool").iterdir()) == []


def without(server, head: dict, parts: list[str], of: dict | None = None) -> dict:
    """The result of a job that makes a head again."""
    body = {"parts": parts, **({} if of is None else {"of": of["id"]})}
    job = server.job(server.client.post(f"/api/heads/{head['id']}/without", json=body))
    assert job["state"] == "done", job
    return job["result"]


def measure(head: dict, name: str) -> float:
    return next(each["value_mm"] for each in head["measures"] if each["name"] == name)


def test_words_are_taken_out_and_put_back_exactly(server):
    head = server.head("a woman with a wide nose, smiling")
    plain = server.head("a woman, smiling")  # the same seed: all that the other words did
    nose = next(part["label"] for part in head["understood"] if part["label"].startswith("nose_width"))
    (rest,) = without(server, head, [nose])["heads"]
    assert rest["left_out"] == [nose] and nose not in [part["label"] for part in rest["understood"]]
    assert rest["measures"] == plain["measures"] and rest["blendshapes"] == head["blendshapes"]
    assert (rest["text"], rest["origin"], rest["parent"]) == (head["text"], "words", None)
    (back,) = without(server, rest, [])["heads"]
    assert back["measures"] == head["measures"] and back["understood"] == head["understood"]


def test_what_was_done_after_the_words_is_done_again(server):
    head = server.head("a man with a wide nose, smiling")
    job = server.job(server.client.post(f"/api/heads/{head['id']}/edit", json={"text": "make the nose wider"}))
    (edited,) = job["result"]["heads"]
    turned = {"expression": {"jawOpen": 0.5}}
    (last,) = server.job(server.client.post(f"/api/heads/{edited['id']}/change", json=turned))["result"]["heads"]
    assert last["chain"] == [head["id"], edited["id"], last["id"]]
    nose = next(part["label"] for part in head["understood"] if part["label"].startswith("nose_width"))
    told = without(server, last, [nose], of=head)
    (again,) = told["heads"]
    assert again["chain"] == [told["replaced"][key] for key in last["chain"]]
    narrower = measure(last, "nose_breadth") - measure(again, "nose_breadth")
    (first,) = without(server, head, [nose])["heads"]
    assert narrower == pytest.approx(measure(head, "nose_breadth") - measure(first, "nose_breadth"), abs=0.3)
    assert narrower > 1 and again["blendshapes"] == last["blendshapes"]
    assert server.client.get(f"/api/heads/{again['parent']}").json()["text"] == "make the nose wider"
    unknown = server.client.post(f"/api/heads/{head['id']}/without", json={"parts": ["a hat"]})
    assert "no part 'a hat'" in server.job(unknown)["error"]["message"]
    by_settings = server.client.post(f"/api/heads/{last['id']}/without", json={"parts": []})
    assert "by settings" in server.job(by_settings)["error"]["message"]


def test_several_photos_of_a_person_are_larger_than_any_other_form(server, photo):
    noise = np.random.default_rng(0).integers(0, 255, (700, 700, 3), np.uint8)
    noise[..., 0] = 0  # nothing red: no face
    data = io.BytesIO()
    Image.fromarray(noise).save(data, format="PNG")
    assert len(data.getvalue()) > 1_000_000  # bytes: more than a body of words may have
    files = [("photos", ("a.png", data.getvalue())), ("photos", ("b.png", data.getvalue()))]
    job = server.job(server.client.post("/api/heads/person", files=files))
    assert job["state"] == "failed" and "face" in job["error"]["message"]
    assert server.client.post("/api/heads/person", files=[("photo", photo)]).status_code == 422
    assert server.client.post("/api/heads/person", files=[("photos", photo)] * 201).status_code == 422
    from_words = {"with": server.head()["id"]}
    answer = server.client.post("/api/heads/person", files=[("photos", photo)], data=from_words)
    assert answer.status_code == 422 and "no photo" in answer.json()["error"]["message"]
    unknown = {"with": "x" * 22}
    assert server.client.post("/api/heads/person", files=[("photos", photo)], data=unknown).status_code == 404


def test_a_head_is_drawn_as_large_as_asked(server):
    key = server.head()["id"]
    answer = server.client.get(f"/api/heads/{key}/render", params={"size": 64})
    assert answer.headers["content-type"] == "image/png"
    picture = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert picture.shape == (64, 64, 4) and 0.1 < (picture[..., 3] > 128).mean() < 0.9
    assert server.client.get(f"/api/heads/{key}/render", params={"size": 8000}).status_code == 422


def test_what_has_no_wrinkles_gets_none_deeper(server):
    head = server.head()
    job = server.job(server.client.post(f"/api/heads/{head['id']}/change", json={"detail": 2.0}))
    assert head["detail_strength"] is None and "no detail" in job["error"]["message"]
