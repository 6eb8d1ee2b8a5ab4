"""The server with the real model: a photo, words, a camera, a clip."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json

import numpy as np
import pytest
from PIL import Image
from serving import serving

from facegpt.data.provenance import is_marked
from facegpt.serve.settings import MODEL

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("real"), model=MODEL) as running:
        running.ready(300)
        yield running


@pytest.fixture(scope="module")
def pictures(astronaut) -> list[bytes]:
    """A camera that moves a little before a face."""
    found = []
    for k in range(8):
        data = io.BytesIO()
        Image.fromarray(np.roll(astronaut, 2 * k, axis=1)).save(data, format="JPEG")
        found.append(data.getvalue())
    return found


def test_a_photo_becomes_a_head_that_smiles(real, pictures):
    answer = real.client.post("/api/heads/photo", files={"photo": pictures[0]}, data={"quality": "fast"})
    (head,) = real.job(answer, 120)["result"]["heads"]
    assert head["blendshapes"]["mouthSmileLeft"] > 0.3 and head["confidence"] > 0.5
    x0, y0, x1, y1 = head["box"]
    assert 170 < (x0 + x1) / 2 < 280 and 50 < (y0 + y1) / 2 < 180
    drawn = real.client.get(f"/api/heads/{head['id']}/files/preview").content
    red, green, blue = np.asarray(Image.open(io.BytesIO(drawn)).convert("RGB"))[230:282, 230:282].mean((0, 1))
    assert red > green > blue  # skin


def test_a_camera_is_followed_picture_by_picture(real, pictures):
    websockets = pytest.importorskip("websockets")

    async def follow() -> list[dict]:
        address = real.url.replace("http", "ws") + "/api/live"
        async with websockets.connect(address) as socket:
            told = []
            for data in pictures[:4]:
                await socket.send(data)
                told.append(json.loads(await asyncio.wait_for(socket.recv(), 240)))  # the first starts a process
            async with websockets.connect(address) as second:
                busy = json.loads(await asyncio.wait_for(second.recv(), 60))["error"]
                assert busy["code"] == "busy" and "another page follows a camera" in busy["message"]
            for data in pictures[4:6]:  # two under way
                await socket.send(data)
                await asyncio.sleep(0.1)
            told += [json.loads(await asyncio.wait_for(socket.recv(), 60)) for _ in range(2)]
            for data in pictures[6:]:
                await socket.send(data)
                told.append(json.loads(await asyncio.wait_for(socket.recv(), 60)))
            await socket.send(b"no picture")
            told.append(json.loads(await asyncio.wait_for(socket.recv(), 60)))
            return told

    *frames, refused = asyncio.run(follow())
    assert all(len(frame["people"]) == 1 for frame in frames) and "error" in refused
    left = [frame["people"][0]["box"][0] for frame in frames]
    assert left[-1] - left[0] == pytest.approx(14, abs=3)  # the picture moved by 14 pixels
    assert frames[-1]["people"][0]["weights"]["mouthSmileLeft"] > 0.2


def test_a_photo_moves_along_with_a_camera(real, pictures):
    websockets = pytest.importorskip("websockets")
    answer = real.client.post("/api/heads/photo", files={"photo": pictures[0]}, data={"quality": "fast"})
    (head,) = real.job(answer, 240)["result"]["heads"]

    async def follow(key: str) -> list[dict]:
        async with websockets.connect(real.url.replace("http", "ws") + f"/api/live?photo={key}") as socket:
            told = []
            for data in pictures[:3]:
                with contextlib.suppress(websockets.ConnectionClosed):  # refused: why can still be read
                    await socket.send(data)
                told.append(json.loads(await asyncio.wait_for(socket.recv(), 240)))
                if "error" in told[-1]:
                    break
            return told

    moved = [frame["people"][0]["picture"] for frame in asyncio.run(follow(head["id"]))]
    photo = Image.open(io.BytesIO(pictures[0]))
    for picture in moved:
        data = base64.b64decode(picture.removeprefix("data:image/jpeg;base64,"))
        assert is_marked(data)
        shown = Image.open(io.BytesIO(data)).convert("RGB")
        assert shown.size == photo.size
        assert np.abs(np.asarray(shown, float) - np.asarray(photo.convert("RGB"), float)).mean() < 6
    (refused,) = asyncio.run(follow("nobody"))
    assert refused["error"]["code"] == "not_found"


def skin(real, clip: dict) -> bytes:
    """The texture file of the first person of a clip."""
    return real.client.get(f"/api/heads/{clip['people'][0]['head']['id']}/files/texture").content


def test_a_clip_becomes_a_moving_head(real, astronaut, tmp_path):
    av = pytest.importorskip("av")
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width = stream.height = 256
        stream.pix_fmt = "yuv420p"
        for k in range(6):
            pixels = np.ascontiguousarray(np.roll(astronaut, k, axis=1)[:256, 96:352])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode())
    refused = real.client.post("/api/clips", files={"clip": path.read_bytes()}, data={"quality": "best"})
    assert refused.status_code == 422 and "fast, balanced" in refused.json()["error"]["message"]
    quick = real.job(real.client.post("/api/clips", files={"clip": path.read_bytes()}, data={"quality": "fast"}), 240)
    clip = real.job(real.client.post("/api/clips", files={"clip": path.read_bytes()}), 240)["result"]["clip"]
    assert skin(real, quick["result"]["clip"]) != skin(real, clip)  # only the better one has the skin of the clip
    (person,) = clip["people"]
    curves = real.client.get(person["curves_url"]).json()
    assert len(curves["time_s"]) == len(curves["weights"]["jawOpen"]) == len(curves["head"]["yaw_deg"]) == 6
    assert real.client.get(person["glb_url"]).content[:4] == b"glTF"
    assert real.client.get(f"/api/clips/{clip['id']}/files/..%2F..%2Ffacegpt.sqlite").status_code == 404
    assert real.client.get(f"/api/heads/{person['head']['id']}").status_code == 200
    assert real.client.delete(f"/api/clips/{clip['id']}").json() == {"deleted": True}
    assert not (real.settings.folder / "clips" / clip["id"]).exists()


def test_a_personal_head_is_found_in_a_photo_and_described(real, head, pictures, astronaut):
    import facegpt
    from facegpt.encode.face_chips import face_chip
    from facegpt.encode.recognition import FaceRecognition, chips_to_tensor
    from facegpt.personal.avatar import Avatar
    from facegpt.personal.head import PersonalHead

    points = facegpt.load().reconstruct(astronaut, quality="fast", hair="none")[0].landmarks("ibug68")
    known = FaceRecognition()(chips_to_tensor(face_chip(astronaut, points)[None]))[0]
    key = "a" * 22
    anna = PersonalHead(head, "Anna", head.sample(1, 3)[0], np.zeros((head.sizes.vertices, 3), np.float32))
    skin = {
        "texture": np.full((64, 64, 4), 180, np.uint8),
        "roughness": np.full((64, 64), 128, np.uint8),
        "descriptor": known.detach().numpy(),
        "albedo": np.zeros(head.sizes.albedo, np.float32),
    }
    Avatar(name="Anna", head=anna, **skin).save(real.settings.folder / "avatars" / key)
    real.engine.store.add("avatars", key, {"id": key, "name": "Anna"}, saved=True)
    form = {"quality": "fast", "avatar": key}
    answer = real.client.post("/api/heads/photo", files={"photo": pictures[0]}, data=form)
    job = real.job(answer, 120)
    assert job["state"] == "done", job["error"]
    (found,) = job["result"]["heads"]
    assert found["avatar"] == key and found["blendshapes"]["mouthSmileLeft"] > 0.3
    said = real.job(real.client.post(f"/api/heads/{found['id']}/describe", json={}), 60)["result"]["text"]
    assert len(said.split()) > 5
    turned = real.client.post(f"/api/heads/{found['id']}/change", json={"expression": {"jawOpen": 0.7}})
    (child,) = real.job(turned, 60)["result"]["heads"]
    assert child["avatar"] == key and child["parent"] == found["id"]


def test_several_photos_become_one_person_and_a_photo_has_wrinkles_unless_fast(real, astronaut):
    data = []
    for pixels in (astronaut, astronaut[:, ::-1]):
        file = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, format="PNG")
        data.append(file.getvalue())
    files = [("photos", (f"{k}.png", one)) for k, one in enumerate([*data, b"no picture"])]
    told = real.job(real.client.post("/api/heads/person", files=files), 240)["result"]
    first, second = told["heads"]
    assert told["clearest"] in (first["id"], second["id"]) and first["detail"] and second["detail"]
    assert first["measures"] == second["measures"]  # one person at rest
    assert any("2.png" in sentence for sentence in told["advice"]) and first["advice"] == told["advice"]
    assert first["together"] == second["together"] == [first["id"], second["id"]]
    sure = real.client.get(f"/api/heads/{first['id']}/files/sureness").content
    assert len(np.unique(np.asarray(Image.open(io.BytesIO(sure))).reshape(-1, 3), axis=0)) > 20
    more = real.client.post("/api/heads/person", files=files[:1], data={"with": second["id"]})
    assert len(real.job(more, 240)["result"]["heads"]) == 3
    picture = real.client.get(f"/api/heads/{first['id']}/files/matches")
    assert picture.status_code == (200 if first["matches"] else 404)
    (fast,) = real.job(real.client.post("/api/heads/photo", files={"photo": data[0]}, data={"quality": "fast"}), 120)[
        "result"
    ]["heads"]
    assert not fast["detail"]
