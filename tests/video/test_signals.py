"""`facegpt track` in a process of its own that gets real signals: what was done stays, can be played, and goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from facegpt.export.curves import read_curves_npz
from facegpt.video.observation import RECORD
from facegpt.video.reading import open_clip

pytestmark = pytest.mark.slow

COUNT, ENOUGH = 500, 20


@pytest.fixture(scope="module")
def clip(astronaut, tmp_path_factory):
    """The bundled photo, which moves through the picture."""
    av = pytest.importorskip("av")
    path = tmp_path_factory.mktemp("clip") / "a.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264" if "libx264" in av.codecs_available else "mpeg4", rate=25)
        stream.width = stream.height = 320
        stream.pix_fmt = "yuv420p"
        for k in range(COUNT):
            shift = round(20 * np.sin(k / 6))
            pixels = np.ascontiguousarray(astronaut[:320, 60 - shift : 380 - shift])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode())
    return path


def started(clip, take) -> subprocess.Popen:
    """The command; it has followed some frames when this returns, and is not done."""
    words = [sys.executable, "-m", "facegpt", "track", str(clip), "-o", str(take), "--quality", "fast", "--json"]
    running = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # shells have it ignored in the background
    )
    frames, until = take / "frames.bin", time.monotonic() + 300
    while not frames.is_file() or frames.stat().st_size < ENOUGH * RECORD.itemsize:
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < until
        time.sleep(0.005)
    return running


def played(take) -> int:
    """How many pictures of the overlay can be played."""
    with open_clip(take / "overlay.mp4") as overlay:
        return len(list(overlay))


def finished(clip, take) -> dict:
    words = [sys.executable, "-m", "facegpt", "track", str(clip), "-o", str(take), "--quality", "fast", "--json"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_ctrl_c_leaves_an_overlay_that_plays_and_the_same_command_goes_on(clip, tmp_path):
    running = started(clip, tmp_path)
    running.send_signal(signal.SIGINT)
    out, errors = running.communicate(timeout=300)
    assert running.returncode == 130, errors
    told = json.loads(out)
    assert told["state"] == "stopped" and ENOUGH <= told["frames"] < COUNT
    assert played(tmp_path) == told["frames"]
    again = finished(clip, tmp_path)
    assert (again["state"], again["resumed"], again["frames"]) == ("done", told["frames"], COUNT)
    assert played(tmp_path) == COUNT


def test_after_a_kill_the_same_command_goes_on_and_no_frame_is_lost(clip, tmp_path):
    running = started(clip, tmp_path)
    running.kill()
    running.communicate(timeout=60)
    told = finished(clip, tmp_path)
    assert told["state"] == "done" and told["resumed"] >= ENOUGH - 1
    assert read_curves_npz(tmp_path / "curves.npz").frame.tolist() == list(range(COUNT))
    assert played(tmp_path) == COUNT
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
