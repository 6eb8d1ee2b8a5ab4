"""Heads and photos set in motion through the server, over plain HTTP and by the client."""

from __future__ import annotations

import io
import json
import wave

import numpy as np
import pytest

import facegpt
from facegpt.animate.curves import Curves
from facegpt.data.provenance import is_marked_video
from facegpt.types import FaceGPTError

pytest.importorskip("av", reason="needs the extra video")
CURVES = Curves(("jawOpen",), np.linspace(0, 0.6, 8)[:, None], fps=10)


@pytest.fixture(scope="module")
def model(server):
    return facegpt.connect(server.url)


@pytest.fixture(scope="module")
def head(model):
    return model.imagine("a woman")


def seconds_of(path) -> tuple[float, int]:
    """How long a video lasts, and how many sound tracks it has."""
    import av

    with av.open(str(path)) as container:
        return float(container.duration / 1e6), len(container.streams.audio)


def test_curves_move_a_head_and_come_back_as_they_were(model, head, tmp_path):
    take = model.animate(head, curves=CURVES, size=64)
    assert len(take) == 8 and take.fps == 10
    jaw = [frame.blendshapes["jawOpen"] for frame in take]
    assert jaw == pytest.approx(CURVES.weights[:, 0], abs=1e-3)
    names = {path.name for path in take.save(tmp_path)}
    assert {"video.mp4", "person_0_animation.glb", "person_0_livelink.csv", "person_0_curves.npz"} <= names
    assert seconds_of(tmp_path / "video.mp4") == (pytest.approx(0.8, abs=0.11), 0)
    assert not is_marked_video(tmp_path / "video.mp4")
    again = model.animate(head, curves=tmp_path / "person_0_curves.npz", gain=0.5, video=False)
    assert max(frame.blendshapes["jawOpen"] for frame in again) == pytest.approx(0.3, abs=1e-3)
    assert take.heads[0].told["chain"][0] == head.id  # the take's own copy of that head
    take.delete()
    assert head.measure()  # which it does not take with it


def test_sound_moves_lips_and_stays_with_them(model, head, tmp_path):
    rate = 16000
    tone = 0.4 * np.sin(np.arange(rate) * 0.05) * np.sin(np.arange(rate) * 0.001) ** 2
    take = model.animate(head, audio=(tone, rate), size=64, alive=False)
    take.save(tmp_path)
    seconds, sounds = seconds_of(tmp_path / "video.mp4")
    assert seconds == pytest.approx(1.0, abs=0.1) and sounds == 1
    with wave.open(str(tmp_path / "animation.wav")) as file:
        assert file.getnframes() == rate
    quiet = model.animate(head, audio=(np.zeros(rate), rate), video=False, alive=False)
    assert any("no voice" in remark for remark in quiet.remarks)


def test_words_move_a_head(model, head):
    take = model.animate(head, words="nods", video=False, seed=1)
    assert len(take) > 5 and np.ptp([frame.pitch_deg for frame in take]) > 2


def test_a_text_is_said_aloud(model, head, tmp_path):
    pytest.importorskip("hibari", reason="needs the extra voice")
    low, high = (model.animate(head, say="Mama.", voice=f"pitch={p}", size=64) for p in (90, 300))
    low.save(tmp_path)
    assert seconds_of(tmp_path / "video.mp4")[1] == 1 and "Mama." in low.name
    shut = [frame.blendshapes["mouthClose"] for frame in high]
    assert max(frame.blendshapes["jawOpen"] for frame in high) > 0.1 and max(shut) > 0
    with pytest.raises(FaceGPTError, match="nothing to say"):
        model.animate(head, say="…", video=False)
    with pytest.raises(FaceGPTError, match="pitch of a voice is 70 to 400"):
        model.animate(head, say="Mama.", voice="pitch=9000", video=False)


def test_a_photo_moves_by_itself_or_by_its_head(model, photo, tmp_path):
    take = model.animate(photo, curves=CURVES, give="photo", face_index=1)
    take.save(tmp_path)
    assert is_marked_video(tmp_path / "video.mp4") and seconds_of(tmp_path / "video.mp4")[0] > 0.6
    head = model.reconstruct(photo, "fast")[0].with_expression({"jawOpen": 0.2})
    assert model.animate(head, curves=CURVES, give="photo").told["overlay_url"]
    with pytest.raises(FaceGPTError, match="from no photo"):
        model.animate(model.imagine("a man"), curves=CURVES, give="photo")


def test_a_take_is_kept_found_and_deleted_as_clips_are(server, model, head):
    take = model.animate(head, curves=CURVES, video=False)
    kept = server.client.post(f"/api/clips/{take.id}/save", json={"name": "Opening"}).json()
    assert kept["saved"] and take.id in [one["id"] for one in server.client.get("/api/clips").json()["clips"]]
    take.delete()
    assert server.client.get(f"/api/clips/{take.id}").status_code == 404


def csv_of(name: str) -> dict:
    return {"curves": (name, io.BytesIO(b"time,jawOpen\n0,0\n0.1,0.5\n"))}


@pytest.mark.parametrize(
    ("fields", "files", "told"),
    [
        ({"words": "smiles"}, {}, "who moves"),
        ({"head": "HEAD"}, {}, "how it moves"),
        ({"head": "HEAD", "words": "smiles", "say": "hello"}, {}, "how it moves"),
        ({"head": "HEAD", "words": "smiles", "give": "hologram"}, {}, "give is one of"),
        ({"head": "HEAD", "words": "smiles", "fps": "fast"}, {}, "fps is a number of 1 to 240"),
        ({"head": "HEAD", "words": "x" * 4001}, {}, "4,000"),
    ],
)
def test_what_cannot_be_asked_is_told_at_once(server, head, fields, files, told):
    fields = {name: head.id if value == "HEAD" else value for name, value in fields.items()}
    answer = server.client.post("/api/clips/animate", data=fields, files=files or {"none": b""})
    assert answer.status_code == 422 and told in answer.json()["error"]["message"], answer.text


def test_faults_of_files_are_sentences_without_places(server, model, head, tmp_path):
    def fault(files: dict, **fields) -> str:
        job = server.job(server.client.post("/api/clips/animate", data={"head": head.id, **fields}, files=files))
        assert job["state"] == "failed"
        message = job["error"]["message"]
        assert str(server.settings.folder) not in message and job["error"]["code"] == "refused"
        return message

    assert "no curves" in fault(csv_of("motion.txt"))
    assert "sound" in fault({"audio": ("a.wav", b"no sound at all")})
    assert "emotion" in fault({"audio": ("a.wav", _wav())}, emotion="sarcasm")
    moved = server.job(
        server.client.post("/api/clips/animate", data={"head": head.id, "video": "no"}, files=csv_of("a.CSV"))
    )
    assert moved["state"] == "done", json.dumps(moved)
    with pytest.raises(FaceGPTError, match="no file"):
        model.animate(head, audio="nowhere.wav")
    with pytest.raises(FaceGPTError, match="one source of motion"):
        model.animate(head)
    with pytest.raises(FaceGPTError, match="knows no 'loud'"):
        model.animate(head, words="smiles", loud=True)


def _wav() -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(16000)
        file.writeframes(bytes(32000))
    return data.getvalue()
