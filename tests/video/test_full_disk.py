"""A real disk that is full while a clip is tracked: told in a sentence, and nothing that was done is lost."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from scripted_look import ScriptedLook, head_at, scripted_frames
from small_disk import enlarged, filled

from facegpt.api import FaceGPT
from facegpt.batch.clip import TrackSettings, track_to_folder
from facegpt.export.curves import read_curves_npz
from facegpt.export.video_file import VideoFile
from facegpt.types import FaceGPTError
from facegpt.video.reading import open_clip
from facegpt.video.records import TakeFiles

COUNT = 24
SETTINGS = TrackSettings(colours=False, overlay=False, fps=25.0)


class Scripted(FaceGPT):
    """A model whose networks see one head that moves a little."""

    def face_look(self, quick=False):
        return ScriptedLook(self.head, lambda number: {"anna": head_at(self.head, 2.0 * number)})


@pytest.fixture
def clip(tmp_path):
    folder = tmp_path / "clip"
    folder.mkdir()
    for frame in scripted_frames(COUNT):
        Image.fromarray(frame.pixels).save(folder / f"{frame.index:02d}.png", compress_level=1)
    return folder


def noise(count: int):
    """Pictures that do not compress, with their times."""
    random = np.random.default_rng(0)
    return [(random.integers(0, 255, (240, 320, 3), dtype=np.uint8), k / 25) for k in range(count)]


def test_a_video_on_a_full_disk_is_told_and_what_was_written_is_played(small_disk):
    pytest.importorskip("av")
    filled(small_disk, left_bytes=2_000_000)

    def written(path):
        with VideoFile(path, 25.0) as file:
            for pixels, time_s in noise(200):
                file.add(pixels, time_s)

    with pytest.raises(FaceGPTError, match=r"cannot write '.*overlay\.mp4' \(No space left.*make room.*can be played"):
        written(small_disk / "overlay.mp4")
    with open_clip(small_disk / "overlay.mp4") as clip:
        assert 25 < len(list(clip)) < 200
    assert {path.name for path in small_disk.iterdir()} == {"filler", "overlay.mp4"}


def test_a_video_that_is_there_stays_whole_when_a_new_one_finds_no_room(small_disk):
    pytest.importorskip("av")
    path = small_disk / "overlay.mp4"
    with VideoFile(path, 25.0) as file:
        for pixels, time_s in noise(10):
            file.add(pixels, time_s)
    before = path.read_bytes()
    filled(small_disk)
    with pytest.raises(FaceGPTError, match="make room"), VideoFile(path, 25.0) as file:
        for pixels, time_s in noise(60):
            file.add(pixels, time_s)
    assert path.read_bytes() == before


LIMITED = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from facegpt.export.video_file import VideoFile
from facegpt.types import FaceGPTError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
random = np.random.default_rng(0)
try:
    with VideoFile(Path(sys.argv[1]), 25.0) as file:
        for k in range(200):
            file.add(random.integers(0, 255, (240, 320, 3), dtype=np.uint8), k / 25)
except FaceGPTError as error:
    print(error)
"""


def test_a_video_beyond_the_largest_file_is_told_and_what_was_written_is_played(tmp_path):
    pytest.importorskip("av")
    done = subprocess.run([sys.executable, "-c", LIMITED, tmp_path / "a.mp4"], capture_output=True, text=True)
    assert "File too large" in done.stdout and "make room" in done.stdout, done.stderr
    with open_clip(tmp_path / "a.mp4") as clip:
        assert 10 < len(list(clip)) < 200
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_a_disk_that_fills_while_frames_are_followed_costs_no_frame(head, clip, small_disk):
    filled(small_disk, left_bytes=6 * 4096)
    with pytest.raises(FaceGPTError, match=r"frames\.bin' \(No space left.*make room"):
        track_to_folder(Scripted(head), clip, small_disk / "take", SETTINGS)
    kept = len(TakeFiles(small_disk / "take").records())
    assert 3 < kept < COUNT
    enlarged(small_disk)
    result = track_to_folder(Scripted(head), clip, small_disk / "take", SETTINGS)
    assert (result.state, result.resumed, result.frames) == ("done", kept, COUNT)
    assert read_curves_npz(small_disk / "take" / "curves.npz").frame.tolist() == list(range(COUNT))


def test_a_disk_that_fills_while_files_are_written_costs_no_frame(head, clip, small_disk):
    filled(small_disk, left_bytes=200_000)
    with pytest.raises(FaceGPTError, match="make room"):
        track_to_folder(Scripted(head), clip, small_disk / "take", SETTINGS)
    enlarged(small_disk)
    result = track_to_folder(Scripted(head), clip, small_disk / "take", SETTINGS)
    assert (result.state, result.resumed) == ("done", COUNT)
    assert not [path for path in (small_disk / "take").iterdir() if path.name.startswith(".")]
