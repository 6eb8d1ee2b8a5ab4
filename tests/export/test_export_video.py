"""Written videos: picture and sound start together, colours come back."""

from __future__ import annotations

import shutil
import subprocess
from fractions import Fraction

import numpy as np
import pytest

from facegpt.export.video_file import VideoFile
from facegpt.video.reading import open_clip

av = pytest.importorskip("av")

RATE, FPS = 48_000, 30
#: Sound with its container: taken over as it is, or encoded anew.
SOUNDS = [("aac", "mp4"), ("libmp3lame", "mkv"), ("pcm_s16le", "mov"), ("libopus", "mkv")]


def clapper(path, codec, fps=FPS):
    """A clip of two seconds with a flash and a beep at its second second."""
    sound = np.zeros(2 * RATE, np.float32)
    sound[RATE : RATE + RATE // 20] = 0.8 * np.sin(np.arange(RATE // 20) * 2 * np.pi * 1000 / RATE)
    with av.open(str(path), "w") as out:
        video, audio = out.add_stream("libx264", rate=fps), out.add_stream(codec, rate=RATE, layout="mono")
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for k in range(2 * fps):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 250 if k >= fps else 5, np.uint8), format="rgb24")
            frame.pts, frame.time_base = k, Fraction(1, fps)
            out.mux(video.encode(frame))
        out.mux(video.encode())
        resampler = av.AudioResampler(audio.codec_context.format.name, "mono", RATE)
        for start in range(0, len(sound), 960):
            frame = av.AudioFrame.from_ndarray(sound[None, start : start + 960], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            for piece in resampler.resample(frame):
                out.mux(audio.encode(piece))
        out.mux(audio.encode())
    return path


def starts_s(path):
    """When the flash is seen, and when the beep is heard."""
    with av.open(str(path)) as container:
        flash = next(f.time for f in container.decode(video=0) if f.to_ndarray(format="gray").mean() > 128)
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()[0]) > 0.1)
            if len(loud):
                return flash, frame.time + loud[0] / frame.sample_rate
    raise AssertionError("there is no beep")


@pytest.mark.parametrize(("codec", "ending"), SOUNDS)
def test_picture_and_sound_stay_together(tmp_path, codec, ending):
    source = clapper(tmp_path / f"source.{ending}", codec)
    with open_clip(source) as clip, VideoFile(tmp_path / "a.mp4", clip.info.fps, source) as file:
        for frame in clip:
            file.add(frame.pixels, frame.time_s)
    flash, beep = starts_s(tmp_path / "a.mp4")
    assert flash == pytest.approx(1.0, abs=1e-3)
    assert beep == pytest.approx(1.0, abs=0.01)
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert [float(stream.start_time * stream.time_base) for stream in container.streams] == [0.0, 0.0]
        heard = sum(frame.samples for frame in container.decode(audio=0)) / RATE
    assert heard == pytest.approx(2.0, abs=0.05)  # to its end


@pytest.mark.parametrize("fps", [15, 30])
def test_the_first_picture_is_at_zero(tmp_path, fps):
    with VideoFile(tmp_path / "a.mp4", fps) as file:
        for k in range(20):
            file.add(np.full((48, 64, 3), 10 * k, np.uint8), k / fps)
    with av.open(str(tmp_path / "a.mp4")) as container:
        times = [(packet.pts, packet.dts) for packet in container.demux(video=0) if packet.size]
    assert times[0] == (0, 0)
    assert all(shown == decoded for shown, decoded in times)  # no list of edits is needed


@pytest.mark.parametrize("size", [(48, 64), (720, 1280)])  # players guess the matrix of untagged files by their size
def test_colours_come_back_and_are_tagged(tmp_path, size):
    colours = ((224, 172, 140), (30, 120, 60), (200, 30, 40))
    with VideoFile(tmp_path / "a.mp4", 25) as file:
        for k, colour in enumerate(colours):
            file.add(np.full((*size, 3), colour, np.uint8), k / 25)
    with open_clip(tmp_path / "a.mp4") as clip:
        ours = [frame.pixels[20, 20] for frame in clip]
    assert np.abs(np.array(ours, int) - colours).max() <= 4
    if shutil.which("ffmpeg"):
        command = ["ffmpeg", "-v", "error", "-i", str(tmp_path / "a.mp4"), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
        theirs = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.uint8)
        assert np.abs(theirs.reshape(3, *size, 3)[:, 20, 20].astype(int) - colours).max() <= 4
