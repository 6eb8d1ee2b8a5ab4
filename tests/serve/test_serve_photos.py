"""Photos through the server: what is seen, who is alike, the photo changed; over plain HTTP and by the client."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image
from stand_in import picture

import facegpt
from facegpt.data.provenance import is_marked
from facegpt.types import FaceGPTError

BOXES = ((20, 30, 100, 130), (180, 60, 240, 140))


@pytest.fixture(scope="module")
def model(server):
    return facegpt.connect(server.url)


@pytest.fixture(scope="module")
def head(model, photo):
    return model.reconstruct(photo, "fast")[0]


def pixels(data) -> np.ndarray:
    image = data if isinstance(data, Image.Image) else Image.open(io.BytesIO(data))
    return np.asarray(image.convert("RGB"))


def post(server, path: str, files: dict, **fields):
    return server.client.post(f"/api/photos/{path}", files=files, data=fields)


def test_what_is_seen_is_that_of_the_library(model, photo):
    from served_stand_in import model as stand_in

    own, seen = stand_in("cpu").analyze(photo), model.analyze(photo)
    assert len(seen) == len(own) == 2
    for here, there in zip(own, seen, strict=True):
        assert there.box == pytest.approx(here.box, abs=1e-3)
        assert there.points["ibug68"] == pytest.approx(here.points["ibug68"], abs=1e-3)
        assert there.pose.yaw_deg == pytest.approx(here.pose.yaw_deg, abs=1e-3)
        assert there.expression.name == here.expression.name and there.gaze["left"].open == here.gaze["left"].open
        assert there.row() == here.row() and there.age.years == pytest.approx(here.age.years, abs=1e-3)
        assert set(there.to_dict()) == set(here.to_dict()) and "points" not in there.to_dict(points=False)
        with pytest.raises(AttributeError, match="no 'dressed'"):
            _ = there.dressed
    assert model.analyze(np.full((64, 64, 3), 127, np.uint8)) == []


def test_points_are_left_out_where_they_are_not_wanted(server, photo):
    (first, _) = post(server, "analyze", {"photo": photo}, points="no").json()["faces"]
    assert "points" not in first and first["blendshapes"]["jawOpen"] >= 0


def test_two_photos_are_compared_and_doubt_is_told(model, photo):
    found = model.compare(photo, picture((100, 60, 170, 140)))
    assert found.same is None and found.interval == (0.0, 1.0) and np.isnan(found.distance)
    assert any("2 faces" in reason for reason in found.reasons) and str(found).startswith("not sure")
    second = model.analyze(photo)[1]
    assert model.compare(second, photo).boxes[0] == pytest.approx([*second.box], abs=25)
    with pytest.raises(FaceGPTError, match="picture"):
        model.compare(photo, b"no photo")


def test_a_photo_changes_where_its_face_is_and_says_so(server, photo):
    answer = post(server, "edit", {"photo": photo}, set="jawOpen=.8", face="1")
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png" and is_marked(answer.content)
    before, after = pixels(photo), pixels(answer.content)
    assert before.shape == after.shape
    differs = (before != after).any(-1)
    assert differs[60:160, 170:260].any() and not differs[:, :90].any()  # the second face alone
    assert json.loads(answer.headers["x-told"])["changed_share"] > 0


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "say what to change"),
        ({"set": "jawOpen"}, "jawOpen=.4"),
        ({"set": "jawWide=.4"}, "none of the 52"),
        ({"set": "jawOpen=4"}, "0 to 1"),
        ({"turn": "60,0"}, "25"),
        ({"turn": "left"}, "12,-5"),
        ({"text": "x" * 5000}, "4,000"),
        ({"text": "smile", "seed": "one"}, "whole number"),
        ({"set": "jawOpen=.4", "face": "7"}, "face_index|faces"),
    ],
)
def test_what_cannot_be_changed_is_told_in_a_sentence(server, photo, fields, told):
    import re

    answer = post(server, "edit", {"photo": photo}, **fields)
    assert answer.status_code == 422 and re.search(told, answer.json()["error"]["message"])


def test_the_client_gives_the_photo_back_and_leaves_nothing_behind(server, model, photo, head):
    from_photo = model.edit(photo, "a wider nose", give="photo")
    assert from_photo.size == (320, 240) and isinstance(from_photo, Image.Image)
    before = server.engine.store.count("heads")
    from_head = model.edit(head, "a wider nose", give="photo")
    assert from_head.size == (320, 240) and server.engine.store.count("heads") == before
    with pytest.raises(FaceGPTError, match="'head' or 'photo'"):
        model.edit(photo, "a wider nose", give="video")


def test_a_head_is_drawn_into_its_photo_whatever_became_of_it(model, head, photo):
    assert (pixels(head.in_photo()) == pixels(photo)).all()
    opened = head.with_expression({"jawOpen": 0.8})
    assert opened.told["photo_head"] == head.id == head.told["photo_head"]
    assert (pixels(opened.in_photo()) != pixels(photo)).any()
    assert (pixels(head.in_photo(yaw_deg=8)) != pixels(photo)).any()
    with pytest.raises(FaceGPTError, match="from no photo"):
        model.imagine("a man").in_photo()


def test_an_answer_about_a_photo_offers_the_changed_photo(server, model, photo):
    question = {"type": "text", "text": "a wider nose"}
    reply = model.chat([{"role": "user", "content": [{"type": "image", "image": photo}, question]}])
    assert len(reply.pictures) == len(reply.faces) > 0 and reply.pictures[0].size == (320, 240)
    assert model.chat([{"role": "user", "content": "make a man"}]).pictures == []


def test_addresses_are_shown_with_examples(server):
    page = server.client.get("/api/docs").text
    for address in ("/api/photos/analyze", "/api/photos/compare", "/api/photos/edit", "/api/clips/animate"):
        assert address in page
    assert "-F text=&#x27;make her laugh&#x27;" in page and "first=@" in page
