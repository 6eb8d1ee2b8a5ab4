"""Room for clips: the language model goes while one is tracked, and is there again for the next words."""

from __future__ import annotations

import io
import time
import weakref
from dataclasses import replace

import numpy as np
import pytest
from serving import serving
from stand_in_words import WordList, word_model

import facegpt
from facegpt.serve.settings import MODEL
from facegpt.serve.worker.model import let_words_go

SAID = [{"role": "user", "content": "an old man with a wide nose"}]
#: The language model's float32 weights are some 540 MB.
AT_LEAST_MB = 400


def test_a_model_whose_words_went_says_the_same():
    model = replace(word_model(), make_language=WordList)
    before, gone = model.chat(SAID, 3), weakref.ref(model.language)
    let_words_go(model)
    assert gone() is None
    after = model.chat(SAID, 3)
    assert after.text == before.text
    assert np.array_equal(after.faces[0].params.identity, before.faces[0].params.identity)
    let_words_go(word_model())  # which has none yet


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("room"), model=MODEL) as running:
        running.ready(300)
        yield running


def film(pixels: np.ndarray, frames: int) -> bytes:
    """A clip of a picture that moves to and fro."""
    av = pytest.importorskip("av")
    data = io.BytesIO()
    with av.open(data, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=25)
        stream.width = stream.height = 256
        stream.pix_fmt = "yuv420p"
        for k in range(frames):
            moved = np.roll(pixels, round(6 * np.sin(k / 8)), axis=1)[:256, 96:352]
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(moved), format="rgb24")))
        out.mux(stream.encode())
    return data.getvalue()


@pytest.mark.slow
def test_a_clip_takes_the_room_of_words_and_talk_goes_on(real, astronaut):
    model, lane = facegpt.connect(real.url), real.engine.lanes["heads"]
    before = model.chat(SAID, 3)
    time.sleep(1.0)  # its memory is told after the answer
    held = lane.memory
    clip = real.client.post("/api/clips", files={"clip": film(astronaut, 250)}, data={"quality": "fast"}).json()["id"]
    end = time.monotonic() + 60
    while held - lane.memory < AT_LEAST_MB * 1e6:
        assert time.monotonic() < end, f"{held / 1e6:.0f} MB became {lane.memory / 1e6:.0f}"
        time.sleep(0.1)
    after = model.chat(SAID, 3)
    assert real.client.get(f"/api/jobs/{clip}").json()["state"] == "running"
    assert after.text == before.text
    assert after.faces[0].told["measures"] == before.faces[0].told["measures"]
    assert real.until(clip, ("done", "failed", "cancelled"))["state"] == "done"
