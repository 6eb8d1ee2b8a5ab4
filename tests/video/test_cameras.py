"""Cameras that stall or are pulled out, through ffmpeg's reader: a file stands in for the device."""

from __future__ import annotations

import errno

import pytest
from scripted_look import ScriptedLook, head_at, lossless_video, scripted_frames

from facegpt.api import FaceGPT
from facegpt.batch.clip import TrackSettings, track_live, track_to_folder
from facegpt.export.curves import read_curves_npz
from facegpt.video.decoding import containers
from facegpt.video.reading import open_clip

COUNT = 24


class Scripted(FaceGPT):
    """A model whose networks see one head that moves a little."""

    def face_look(self, quick=False):
        return ScriptedLook(self.head, lambda number: {"anna": head_at(self.head, 2.0 * number)})


class Device:
    """A container whose packets are interrupted by errors: {number of the packet: errno of each}."""

    def __init__(self, container, interruptions):
        self._container, self._interruptions, self._count = container, interruptions, 0
        self._packets = None

    def __getattr__(self, name):
        return getattr(self._container, name)

    def demux(self, stream):
        self._packets = self._packets or self._container.demux(stream)
        while True:
            waiting = self._interruptions.get(self._count, [])
            if waiting:
                number = waiting.pop()
                raise OSError(number, "the device says so")
            self._count += 1
            packet = next(self._packets, None)
            if packet is None:
                return
            yield packet


@pytest.fixture
def camera(tmp_path, monkeypatch):
    """Make camera 0 a file of COUNT frames with interruptions."""
    lossless_video(tmp_path / "a.mkv", [frame.pixels for frame in scripted_frames(COUNT)])
    opened = containers.ContainerClip._open

    def made(interruptions):
        monkeypatch.setattr(containers, "_camera", lambda number: (str(tmp_path / "a.mkv"), None))
        monkeypatch.setattr(
            containers.ContainerClip, "_open", lambda clip, source: Device(opened(clip, source), interruptions)
        )

    return made


def test_a_camera_that_has_nothing_yet_is_waited_for(camera):
    camera({5: [errno.EAGAIN] * 120, 9: [errno.EAGAIN] * 70})
    with open_clip(0) as clip:
        assert len(list(clip)) == COUNT
        assert not clip.truncated and clip.skipped == 0


def test_a_camera_that_is_silent_for_long_counts_as_gone(camera, monkeypatch):
    monkeypatch.setattr(containers, "LONGEST_SILENCE_S", 0.05)
    camera({12: [errno.EAGAIN] * 1_000_000})
    with open_clip(0) as clip:
        assert 0 < len(list(clip)) < COUNT
        assert clip.truncated


@pytest.mark.slow
def test_a_camera_that_is_pulled_out_leaves_a_take_that_can_be_read(head, camera, tmp_path):
    camera({14: [errno.ENODEV] * 1000})
    result = track_to_folder(Scripted(head), 0, tmp_path / "take", TrackSettings(colours=False))
    assert result.state == "done" and result.truncated and 5 < result.frames < COUNT
    assert len(read_curves_npz(tmp_path / "take" / "curves.npz").frame) == result.frames


def test_a_camera_that_is_pulled_out_ends_a_live_session_with_all_that_came(head, camera):
    camera({14: [errno.ENODEV] * 1000})
    sent = []
    told = track_live(Scripted(head), 0, lambda number, *_: sent.append(number), lambda line: None)
    assert 5 < told["frames"] < COUNT and len(sent) == told["frames"]
