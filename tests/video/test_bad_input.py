"""What goes wrong while a clip is tracked: black frames, a long absence, odd frame rates, one frame only, a camera
pulled out, a full disk, a pipe, Ctrl-C.

Elsewhere: no face and a kill (test_track_folder.py); damage, cut files, 4K frames and sound alone
(test_video_reading.py); people who cross, leave and come back (test_video_tracking.py); clips of two people
(personal/test_personalize.py).
"""

from __future__ import annotations

import errno
import io
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scripted_look import ScriptedLook, head_at, lossless_video, scripted_frames

from facegpt.api import FaceGPT
from facegpt.batch.clip import TrackSettings, track_live, track_to_folder
from facegpt.conventions import euler_deg_from_rotation
from facegpt.export.curves import read_curves_npz
from facegpt.types import FaceGPTError
from facegpt.video.decoding.stdin_copy import NAME, copied_stdin
from facegpt.video.look import FaceLook
from facegpt.video.pipeline import calmed
from facegpt.video.reading import open_clip
from facegpt.video.records import TakeFiles
from facegpt.video.tracker import FaceTracker

SETTINGS = TrackSettings(colours=False, overlay=False, fps=25.0)


class Scripted(FaceGPT):
    """A model whose networks see one head that moves a little; Ctrl-C comes in the frame `stop_at`."""

    def with_head(self, stop_at=None):
        look = ScriptedLook(self.head, lambda number: {"anna": head_at(self.head, 2.0 * number)})
        glimpse = look.glimpse

        def watched(pixels, window):
            if stop_at is not None and int(pixels[0, 0, 0]) >= stop_at:
                raise KeyboardInterrupt
            return glimpse(pixels, window)

        look.glimpse = watched
        object.__setattr__(self, "_look", look)
        return self

    def face_look(self, quick=False):
        return self._look


def as_stdin(monkeypatch, stream):
    monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": stream}))


def test_black_frames_lose_the_face_and_the_person_is_found_again(head):
    look = ScriptedLook(head, lambda number: {} if 8 <= number < 14 else {"anna": head_at(head, 2.0 * number)})
    tracker = FaceTracker(head, look)
    seen = [[int(row["track_id"]) for row in tracker.step(frame)] for frame in scripted_frames(34)]
    assert seen[:8] == [[0]] * 8
    assert seen[8:14] == [[]] * 6
    assert seen[-1] == [0]


def test_who_is_gone_for_a_minute_comes_back_as_the_same_person(head):
    """One frame a second, without anybody for 64 s; she comes back elsewhere, and is known by her descriptor."""

    def script(number):
        return {} if 6 <= number < 70 else {"anna": head_at(head, 0.0 if number < 6 else 120.0)}

    tracker = FaceTracker(head, ScriptedLook(head, script))
    frames = [replace(frame, time_s=float(frame.index)) for frame in scripted_frames(100)]
    seen = [[int(row["track_id"]) for row in tracker.step(frame)] for frame in frames]
    assert not any(seen[6:70])
    assert seen[-1] == [0]
    assert {number for one in seen for number in one} == {0}


@pytest.mark.parametrize(("rate", "count"), [(5, 10), (120, 40)])
def test_a_turn_is_followed_at_slow_and_fast_frame_rates(head, rate, count):
    """A head that turns by up to 20° within a second; each frame has its turn after smoothing."""

    def turn(number):
        return 20.0 * np.sin(np.pi * number / rate / 2)

    look = ScriptedLook(head, lambda number: {"anna": head_at(head, yaw=turn(number))})
    frames = (replace(frame, time_s=frame.index / rate) for frame in scripted_frames(count))
    tracker = FaceTracker(head, look)
    done = list(calmed(((frame, tracker.step(frame)) for frame in frames), "file"))
    assert [len(rows) for _, rows in done] == [1] * count
    off = [euler_deg_from_rotation(rows[0]["rotation"])[0] - turn(frame.index) for frame, rows in done]
    assert np.abs(off).max() < 2.0


def test_no_network_looks_for_faces_in_a_black_frame():
    look = FaceLook(lambda: None)
    look._light = look._thorough = None
    noise = np.random.default_rng(0).integers(0, 4, (48, 64, 3)).astype(np.uint8)
    assert look.find(noise) == look.find(noise, thorough=True) == []


def test_a_clip_of_one_frame_is_a_take_of_one_frame(head, tmp_path):
    folder = tmp_path / "clip"
    folder.mkdir()
    for frame in scripted_frames(1):
        Image.fromarray(frame.pixels).save(folder / "0.png")
    result = track_to_folder(Scripted(head).with_head(), folder, tmp_path / "take", SETTINGS)
    assert (result.state, result.frames) == ("done", 1)
    assert len(read_curves_npz(tmp_path / "take" / "curves.npz").frame) == 1


def test_a_full_disk_is_told_in_a_sentence(tmp_path):
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    with TakeFiles(tmp_path) as files:
        files.begin()
        files._file.close()
        files._file = Full()
        with pytest.raises(FaceGPTError, match=r"No space left.*make room"):
            files.append(0, 0.0, [])


def test_a_camera_that_is_pulled_out_ends_the_clip_with_what_came(tmp_path, monkeypatch):
    data = lossless(tmp_path / "a.mkv", 20)

    class Unplugged(io.BytesIO):
        def read(self, size=-1):
            if self.tell() > len(data) // 2:
                raise OSError(errno.ENODEV, "No such device")
            return super().read(min(size, 4096))

        def seekable(self):
            return False

    as_stdin(monkeypatch, Unplugged(data))
    with open_clip("-") as clip:
        frames = list(clip)
    assert 3 < len(frames) < 20
    assert clip.truncated


def test_a_file_that_is_played_live_loses_no_frames_to_a_slow_start(head, tmp_path):
    """The first frame takes longer than the whole clip: networks are loaded in it."""
    folder = tmp_path / "clip"
    folder.mkdir()
    for frame in scripted_frames(7):
        Image.fromarray(frame.pixels).save(folder / f"{frame.index}.png", compress_level=1)
    model, sent = Scripted(head).with_head(), []
    find = model.face_look().find

    def slow(pixels, thorough=False):
        time.sleep(4.0)
        return find(pixels, thorough)

    model.face_look().find = slow
    told = track_live(model, folder, lambda number, *_: sent.append(number), lambda line: None, fps=2.0)
    assert told["late"] == 0
    assert sent == [0] * told["frames"] == [0] * 7


def test_an_empty_pipe_is_refused_in_a_sentence(tmp_path, monkeypatch):
    as_stdin(monkeypatch, io.BytesIO(b""))
    with pytest.raises(FaceGPTError, match="nothing came through stdin"):
        copied_stdin(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_comes_through_a_pipe_has_an_overlay_and_goes_on_where_it_was_stopped(head, tmp_path, monkeypatch):
    data, take = lossless(tmp_path / "a.mkv", 14), tmp_path / "take"
    settings = TrackSettings(colours=False)
    as_stdin(monkeypatch, io.BytesIO(data))
    stopped = track_to_folder(Scripted(head).with_head(stop_at=9), "-", take, settings)
    assert (stopped.state, stopped.frames) == ("stopped", 9)
    assert (take / NAME).is_file()
    as_stdin(monkeypatch, io.BytesIO(data))
    whole = track_to_folder(Scripted(head).with_head(), "-", take, settings)
    assert (whole.state, whole.resumed) == ("done", 9)
    assert len(read_curves_npz(take / "curves.npz").frame) == 14
    assert (take / "overlay.mp4").stat().st_size > 1000
    assert not (take / NAME).exists()


@pytest.mark.slow
def test_after_ctrl_c_the_video_without_sound_can_be_played(head, tmp_path):
    lossless(tmp_path / "a.mkv", 8)
    take = tmp_path / "take"
    stopped = track_to_folder(
        Scripted(head).with_head(stop_at=5), tmp_path / "a.mkv", take, TrackSettings(colours=False)
    )
    assert (stopped.state, stopped.frames) == ("stopped", 5)
    with open_clip(take / "overlay.mp4") as clip:
        assert not clip.info.has_sound
        assert len(list(clip)) == 5


def lossless(path, count) -> bytes:
    """A video of frames that say their number."""
    return lossless_video(path, [frame.pixels for frame in scripted_frames(count)]).read_bytes()


def test_ffmpeg_s_threads_never_wait_for_python_to_log():
    """With any level of PyAV's log its threads need the interpreter's lock, and a freed container waits for them."""
    import av.logging

    from facegpt.video.decoding.containers import pyav

    pyav()
    assert av.logging.get_level() is None
