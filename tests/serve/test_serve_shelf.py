"""Where a worker keeps heads: what is taken from the folder is what was put there."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from facegpt.conventions import ARKIT_NAMES
from facegpt.detail.relief import Detail
from facegpt.detail.skin_window import HEIGHT, WIDTH
from facegpt.export.images import png_bytes
from facegpt.language.dialogue.cast import Cast
from facegpt.serve.links import Links, taken_apart
from facegpt.serve.worker import casts as casts_room
from facegpt.serve.worker import files
from facegpt.serve.worker import heads as heads_room
from facegpt.serve.worker.casts import Casts
from facegpt.serve.worker.changes import changed, changed_face
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import Task
from facegpt.types import FaceGPTError, IdentityDoubt


@pytest.fixture
def wrinkled(stand_in_face):
    """A head from a photo, with wrinkles that are known: waves of a tenth of a millimetre."""

    waves = 0.1 * np.sin(np.arange(WIDTH) / 5)[None].repeat(HEIGHT, 0).astype(np.float32)
    detail = Detail(waves, 0.5 * waves, np.linspace(0, 1, len(ARKIT_NAMES), dtype=np.float32), 0.3, share=0.8)
    texture = np.full((64, 64, 4), 200, np.uint8)
    photo = np.full((48, 64, 3), 90, np.uint8)
    return replace(stand_in_face, photo=photo, photo_texture=texture, detail=detail)


@pytest.fixture(scope="module")
def stand_in_face():
    from served_stand_in import model

    face = model("cpu").imagine("a man", 3)
    return face


@pytest.fixture
def shelf(tmp_path):
    from served_stand_in import model

    return Shelf(model("cpu"), tmp_path)


def test_a_head_with_wrinkles_comes_back_with_them(shelf, wrinkled, tmp_path):
    upload = tmp_path / "upload"
    upload.write_bytes(png_bytes(wrinkled.photo))
    told = shelf.put(wrinkled, upload, origin="photo")
    assert told["detail"] and told["detail_strength"] == 1.0
    files = {path.name for path in shelf.place(told["id"]).iterdir()}
    assert files == {
        "params.json",
        "texture.png",
        "relief.npz",
        "photo.upload",
        "head.json",
    }
    shelf._faces.clear()
    found = shelf.get(told["id"])
    assert np.abs(found.detail.static - wrinkled.detail.static).max() < 1e-4  # mm
    assert np.abs(found.displacement - wrinkled.displacement).max() < 2e-4
    assert found.detail.share == pytest.approx(0.8) and np.allclose(found.detail.seen, wrinkled.detail.seen)
    assert np.array_equal(found.photo_texture, wrinkled.photo_texture)
    assert np.array_equal(found.photo, np.asarray(Image.open(upload)))
    assert found.detail.own is None


def test_how_sure_a_head_is_is_known_after_it_left_the_memory(shelf, wrinkled, tmp_path):
    count = len(wrinkled.params.identity)
    doubt = IdentityDoubt(np.full(count, 0.5), 0.25 * np.eye(count), 0.2)
    told = shelf.put(replace(wrinkled, doubt=doubt), None, origin="photo")
    assert told["doubt"]
    shelf._faces.clear()
    found = shelf.get(told["id"])
    np.testing.assert_allclose(found.doubt.covariance, doubt.covariance, atol=1e-4)
    files.write_as(found, "sureness", tmp_path / "sure.png")
    assert Image.open(tmp_path / "sure.png").size == (512, 512)


def test_unreadable_photos_of_a_person_are_named_and_the_heads_know_each_other(shelf, wrinkled, tmp_path, monkeypatch):
    """The heads are made by a stand-in that takes every second photo."""
    paths = [tmp_path / f"{k}.upload" for k in range(4)]
    for k, path in enumerate(paths):
        path.write_bytes(b"no picture" if k == 1 else png_bytes(wrinkled.photo))

    def views(model, photos, *how):
        taken = [row for row, _ in enumerate(photos) if row != 1]
        heads = [replace(wrinkled, photo=wrinkled.photo) for _ in taken]
        advice_on = lambda names: [f"{names[0]}, {names[1]}, {names[2]}"]  # noqa: E731
        return SimpleNamespace(views=heads, photos=taken, match_picture=lambda: None, advice_on=advice_on)

    monkeypatch.setattr(heads_room, "person_views", views)
    monkeypatch.setattr(heads_room, "clearest", lambda views: views[-1])
    how = {"quality": "balanced", "detail": "", "glasses": "auto", "hair": "auto"}
    asked = {"photos": [str(path) for path in paths], "names": ["a.jpg", "b.jpg", "", "d.jpg"], **how}
    told = heads_room.from_person(shelf, Task("p", "person", asked, lambda *_: None))
    ids = [head["id"] for head in told["heads"]]
    assert all(head["together"] == ids for head in told["heads"]) and told["clearest"] == ids[-1]
    assert [head["text"] for head in told["heads"]] == ["a.jpg", "d.jpg"]
    broken, used = told["heads"][0]["advice"]
    assert "b.jpg" in broken and str(tmp_path) not in broken and used == "a.jpg, photo 3, d.jpg"


def test_a_head_that_wears_anothers_folds_keeps_its_own_relief(shelf, wrinkled):
    other = replace(wrinkled, detail=replace(wrinkled.detail, dynamic=-wrinkled.detail.static))
    worn = wrinkled.with_detail(0.5, folds_of=other)
    told = shelf.put(worn, None, origin="photo")
    shelf._faces.clear()
    found = shelf.get(told["id"])
    assert np.abs(found.displacement - worn.displacement).max() < 2e-4  # mm
    assert np.abs(found.detail.photographed() - wrinkled.detail.photographed()).max() < 2e-4


def test_wrinkles_are_made_as_deep_as_asked(wrinkled):
    deeper = changed_face(wrinkled, {"detail": 2.0})
    assert np.allclose(deeper.displacement, 2 * wrinkled.displacement, atol=1e-6)
    assert changed_face(wrinkled, {"detail": 0.0}).displacement.max() == 0


def test_a_head_is_folded_by_anothers_expressions_as_in_the_library(shelf, wrinkled):
    other = replace(wrinkled, detail=replace(wrinkled.detail, dynamic=3 * wrinkled.detail.static, invented=0.0))
    keys = [shelf.put(face)["id"] for face in (wrinkled.with_detail(1.5), other)]
    task = Task("t", "change", {"head": keys[0], "folds_of": keys[1]}, lambda told: None)
    (told,) = changed(shelf, task)["heads"]
    shelf._faces.clear()
    found = shelf.get(told["id"])
    assert told["parent"] == keys[0] and found.detail.strength == 1.5
    assert np.abs(found.detail.dynamic - other.detail.dynamic).max() < 2e-3  # mm
    truth = wrinkled.with_detail(1.5, folds_of=other)
    assert np.abs(found.detail.own - truth.detail.own).max() < 2e-3
    for expression in ({}, {"mouthSmileLeft": 1.0, "browInnerUp": 0.7}):
        seen, wanted = (face.neutral().with_expression(expression).displacement for face in (found, truth))
        assert np.abs(seen - wanted).max() < 2e-3


def test_a_head_without_wrinkles_says_so(stand_in_face):
    with pytest.raises(FaceGPTError, match="has no detail"):
        changed_face(stand_in_face, {"detail": 2.0})


def test_rest_is_rest(stand_in_face):
    smiling = changed_face(stand_in_face, {"expression": {"jawOpen": 0.5}, "gaze": {"x_deg": 20, "y_deg": 0}})
    resting = changed_face(smiling, {"neutral": True})
    assert np.allclose(resting.vertices(), stand_in_face.neutral().vertices(), atol=1e-4)
    assert set(resting.blendshapes.values()) == {0.0}


def said(text, *answers):
    """A conversation of one question, and its answer's text and heads if any."""
    told = [{"role": "user", "content": text}]
    parts = [
        [{"type": "text", "text": words}, *({"type": "face", "id": key} for key in heads)] for words, heads in answers
    ]
    return told + [{"role": "assistant", "content": content} for content in parts]


def test_conversations_that_hold_too_many_pixels_are_forgotten(shelf, stand_in_face, monkeypatch):
    monkeypatch.setattr(casts_room, "MOST_BYTES", 2 * 48 * 64 * 3)
    casts, talks = Casts(shelf), []
    for shade in (10, 20, 30):
        face = replace(stand_in_face, photo=np.full((48, 64, 3), shade, np.uint8), photo_texture=None)
        key = shelf.put(face, origin="words")["id"]
        casts.keep(said("a man"), "Here he is.", [key], Cast().with_new([face]))
        talks.append([*said("a man", ("Here he is.", [key])), {"role": "user", "content": "undo"}])
    assert ["cast" in casts.known(talk)[-2] for talk in talks] == [False, True, True]


def test_a_conversation_is_known_by_its_heads_and_not_by_its_words_alone(shelf, stand_in_face):
    casts = Casts(shelf)
    key = shelf.put(stand_in_face, origin="words")["id"]
    casts.keep(said("a man"), "Here he is.", [key], Cast().with_new([stand_in_face]))
    after = {"role": "user", "content": "undo"}
    assert "cast" in casts.known([*said("a man", ("Here  he is. ", [key])), after])[-2]
    assert "cast" not in casts.known([*said("a man", ("Here he is.", [])), after])[-2]
    assert "cast" not in casts.known([*said("a woman", ("Here he is.", [key])), after])[-2]
    photo = {"role": "user", "content": [{"type": "image", "image": b"1"}, {"type": "text", "text": "how old?"}]}
    casts.keep([photo], "About 30.", [], Cast().with_new([stand_in_face], photo=True))
    told = [photo, {"role": "assistant", "content": "About 30."}, after]
    assert "cast" in casts.known(told)[-2]
    other = {"role": "user", "content": [{"type": "image", "image": b"2"}, {"type": "text", "text": "how old?"}]}
    assert "cast" not in casts.known([other, *told[1:]])[-2]


def test_relatives_of_a_head_stay_who_they_are(shelf):
    """Also those that are told to come from it: only what a client puts in a head's place is that head changed."""
    faces = [shelf.model.imagine("a woman", seed) for seed in range(3)]
    first = shelf.put(faces[0], origin="words")["id"]
    ids = [first, *(shelf.put(face, origin="edit", parent=first)["id"] for face in faces[1:])]
    talk = said("a woman", ("Here she is.", ids[:1]))
    more = {"role": "user", "content": "two variations of her"}
    casts = Casts(shelf)
    casts.keep([*talk, more], "Here they are.", ids[1:], Cast().with_new(faces))
    answer = said("", ("Here they are.", ids[1:]))[-1]
    known = casts.known([*talk, more, answer, {"role": "user", "content": "make the first one older"}])[-2]["cast"]
    assert [person.face is face for person, face in zip(known.people, faces, strict=True)] == [True] * 3
    moved = shelf.put(shelf.model.imagine("a woman", 9), origin="change", parent=ids[2])["id"]
    answer["content"][-1]["id"] = moved
    known = casts.known([*talk, more, answer, {"role": "user", "content": "make her older"}])[-2]["cast"]
    assert [shelf.key_of(person.face) for person in known.people] == [*ids[:2], moved]


def test_the_video_of_a_turn_shows_the_head_from_each_side_in_turn(tmp_path, stand_in_face, monkeypatch):
    av = pytest.importorskip("av")
    monkeypatch.setattr(files, "TURN_PX", 64)
    monkeypatch.setattr(files, "TURN_FRAMES", 12)
    shares: list = []
    task = Task("a", "turntable", {}, lambda told: shares.append(told["progress"]))
    files._write_turntable(stand_in_face, tmp_path / "turn.mp4", task)
    with av.open(str(tmp_path / "turn.mp4")) as video:
        frames = [frame.to_ndarray(format="rgb24").astype(float) for frame in video.decode(video=0)]
    assert len(frames) == 12 and shares[0] == 0.0
    views = [stand_in_face.render(64, 30.0 * k, 0.0, "grey")[..., :3].astype(float) for k in range(12)]
    for k, frame in enumerate(frames):
        nearest = min(range(12), key=lambda other: np.abs(views[other] - frame).mean())
        assert nearest == k, "each frame is the view of its angle"


def test_heads_are_found_by_the_links_of_a_text():
    links, keys = Links("http://localhost:8000/", "a token"), ["A" * 22, "b-_4" * 5 + "cd"]
    heads = [{"id": key, "text": "a [man] (old)\nand tall"} for key in keys]
    text = f"Here they are.{links.block(heads)}"
    assert taken_apart(text) == ("Here they are.", keys)
    assert taken_apart(f"{text}\n\nAnd more.")[1] == keys
    shown = text.replace("](", " (").replace("![", "").replace("[", "")  # a client that shows markdown as plain text
    assert taken_apart(shown)[1] == keys
    assert taken_apart(f"see {links.to(keys[0])}, please") == ("see , please", keys[:1])
    assert taken_apart("https://example.org/heads/short and /heads/") == (
        "https://example.org/heads/short and /heads/",
        [],
    )
    assert links.block([]) == "" and "\n" not in links.block(heads[:1]).split("](")[0].strip()


@pytest.mark.parametrize("matched", [True, False])
def test_a_head_of_several_photos_keeps_the_picture_of_what_was_matched(
    shelf, wrinkled, tmp_path, monkeypatch, matched
):
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) if matched else None
    upload = tmp_path / "upload"
    upload.write_bytes(png_bytes(wrinkled.photo))
    found = SimpleNamespace(
        views=[wrinkled],
        photos=[0],
        match_picture=lambda: picture,
        advice_on=lambda names: [f"one more than {names[0]}"],
    )
    monkeypatch.setattr(heads_room, "person_views", lambda _, photos, *how: (list(photos), found)[1])
    payload = {"photos": [str(upload)], "names": ["a.png"], "quality": "fast", "detail": "", "glasses": "auto"}
    task = Task("job", "person", payload | {"hair": "auto"}, lambda _: None)
    told = heads_room.from_person(shelf, task)
    (head,) = told["heads"]
    file = shelf.place(head["id"]) / "files" / "matches.png"
    assert head["matches"] is matched and file.is_file() is matched
    assert not matched or np.array_equal(np.asarray(Image.open(file)), picture)
