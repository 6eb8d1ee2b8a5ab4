"""Clips as they come: rotated, of changing frame rate, damaged, cut short, of one frame, of none."""

from __future__ import annotations

import io
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from facegpt.video.clip import VideoError
from facegpt.video.reading import open_clip

av = pytest.importorskip("av")


def picture(number: int, width: int = 64, height: int = 48) -> np.ndarray:
    """A frame that says its number by its brightness, with a red corner at the top left."""
    pixels = np.full((height, width, 3), 20 + 3 * number, np.uint8)
    pixels[: height // 3, : width // 3] = (220, 20, 20)
    return pixels


def write_clip(path, frames, pts=None, rate=25, codec="mpeg4", rotation=None, options=None):
    with av.open(str(path), "w", options=options or {}) as out:
        stream = out.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = frames[0].shape[1], frames[0].shape[0], "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        if rotation is not None:
            stream.set_display_rotation(rotation)
        for k, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.time_base = Fraction(1, 1000)
            frame.pts = round(1000 * k / rate) if pts is None else pts[k]
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def test_times_follow_a_changing_frame_rate(tmp_path):
    pts = [0, 40, 80, 240, 250, 1000]
    path = write_clip(tmp_path / "a.mkv", [picture(k) for k in range(6)], pts)
    with open_clip(path) as clip:
        times = [frame.time_s for frame in clip]
    assert np.allclose(times, np.array(pts) / 1000, atol=2e-3)


@pytest.mark.parametrize("turn", [90, 180, -90])
def test_phones_rotation_is_applied(tmp_path, turn):
    path = write_clip(tmp_path / "a.mp4", [picture(k) for k in range(3)], rotation=turn)
    with open_clip(path) as clip:
        frame = next(iter(clip))
        upright = np.rot90(picture(0), turn // 90)  # what a player shows: turned counter-clockwise by that angle
        assert frame.pixels.shape == upright.shape
        assert (clip.info.width, clip.info.height) == (upright.shape[1], upright.shape[0])
        assert np.abs(frame.pixels.astype(int) - upright).mean() < 15


def test_large_frames_are_reduced_and_say_by_how_much(tmp_path):
    path = write_clip(tmp_path / "a.mp4", [picture(k, 3840, 2160) for k in range(2)])
    with open_clip(path) as clip:
        frames = list(clip)
    assert frames[0].pixels.shape == (720, 1280, 3)
    assert frames[0].scale == pytest.approx(1 / 3)
    assert clip.info.width == 3840


@pytest.mark.parametrize("rate", [5, 120])
def test_slow_and_fast_frame_rates(tmp_path, rate):
    path = write_clip(tmp_path / "a.mp4", [picture(k) for k in range(10)], rate=rate)
    with open_clip(path) as clip:
        times = [frame.time_s for frame in clip]
        assert clip.info.fps == pytest.approx(rate, rel=0.15)
    assert np.allclose(np.diff(times), 1 / rate, atol=2e-3)


def test_one_frame_is_a_clip(tmp_path):
    path = write_clip(tmp_path / "a.mp4", [picture(0)])
    with open_clip(path) as clip:
        assert len(list(clip)) == 1


def test_damage_in_the_middle_is_skipped_and_counted(tmp_path):
    path = write_clip(tmp_path / "a.mp4", [picture(k) for k in range(60)], codec="libx264")
    with av.open(str(path)) as container:
        packets = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    data = bytearray(path.read_bytes())
    for position, size in packets[20:24]:
        data[position : position + size] = bytes([255]) * size
    path.write_bytes(data)
    with open_clip(path) as clip:
        frames = list(clip)
    assert 40 <= len(frames) < 60
    assert clip.skipped > 0
    assert frames[-1].time_s > 2.0


def test_a_file_cut_short_gives_what_there_is(tmp_path):
    path = write_clip(tmp_path / "a.mkv", [picture(k, 320, 240) for k in range(60)])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with open_clip(path) as clip:
        frames = list(clip)
    assert 5 < len(frames) < 55
    assert clip.truncated


def test_sound_alone_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "a.wav"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        sound.rate = 8000
        out.mux(stream.encode(sound))
        out.mux(stream.encode())
    with pytest.raises(VideoError, match="no video"):
        open_clip(path)


@pytest.mark.parametrize("content", [b"", b"hello, this is no video at all", bytes(5000)])
def test_what_is_no_video_is_refused_in_a_sentence(tmp_path, content):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(VideoError, match=r"a\.mp4"):
        open_clip(path)


def test_a_missing_file_and_a_web_address_are_refused():
    with pytest.raises(VideoError, match="no file"):
        open_clip("nowhere.mp4")
    with pytest.raises(VideoError, match="web address"):
        open_clip("https://example.org/a.mp4")


def test_pictures_of_a_folder_come_in_the_order_of_their_numbers(tmp_path):
    for number in (10, 9, 1):
        Image.fromarray(picture(number)).save(tmp_path / f"frame_{number}.png")
    (tmp_path / "frame_2.png").write_bytes(b"broken")
    with open_clip(tmp_path, fps=10) as clip:
        frames = list(clip)
    assert [int(frame.pixels[-1, -1, 0]) for frame in frames] == [20 + 3 * n for n in (1, 9, 10)]
    assert clip.skipped == 1
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert [frame.time_s for frame in frames] == pytest.approx([0.0, 0.2, 0.3])


def test_stdin_is_read_as_it_comes(tmp_path, monkeypatch):
    path = write_clip(tmp_path / "a.mkv", [picture(k) for k in range(12)])
    stdin = type("Stdin", (), {"buffer": io.BytesIO(path.read_bytes())})
    monkeypatch.setattr("sys.stdin", stdin)
    with open_clip("-") as clip:
        assert not clip.info.rereadable
        assert len(list(clip)) == 12


def test_a_missing_package_is_named_in_one_sentence(tmp_path, monkeypatch):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"anything")
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    with pytest.raises(VideoError, match=r"run: pip install .*\[video\]"):
        open_clip(path)


def test_reading_holds_one_frame_at_a_time(tmp_path):
    import tracemalloc

    path = write_clip(tmp_path / "a.mp4", [picture(k % 60, 640, 480) for k in range(150)])
    tracemalloc.start()
    with open_clip(path) as clip:
        for _ in clip:
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * 640 * 480 * 3  # numpy's own memory is traced; all frames would be 150 of them
