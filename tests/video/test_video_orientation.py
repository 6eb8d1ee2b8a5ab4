"""Clips that are mirrored, flipped, transposed or turned by their display matrix."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
from test_video_reading import write_clip

from facegpt.video.decoding.upright import from_matrix
from facegpt.video.reading import open_clip

pytest.importorskip("av")

#: Matrices (a, b, c, d) and where the marked corner (stored at the top left) and the wide side are shown:
#: x' = a x + c y, y' = b x + d y, as ISO/IEC 14496-12 defines it.
SHOWN = {
    "as stored": ((1, 0, 0, 1), "top left", False),
    "left and right": ((-1, 0, 0, 1), "top right", False),
    "up and down": ((1, 0, 0, -1), "bottom left", False),
    "half a turn": ((-1, 0, 0, -1), "bottom right", False),
    "transposed": ((0, 1, 1, 0), "top left", True),
    "a quarter clockwise": ((0, 1, -1, 0), "top right", True),
    "a quarter counter-clockwise": ((0, -1, 1, 0), "bottom left", True),
    "transposed about the other diagonal": ((0, -1, -1, 0), "bottom right", True),
}
CORNERS = {"top left": (0, 0), "top right": (0, -1), "bottom left": (-1, 0), "bottom right": (-1, -1)}


def marked(height: int = 64, width: int = 96) -> np.ndarray:
    """A grey frame with a white block at the top left, wider than tall."""
    pixels = np.full((height, width, 3), 60, np.uint8)
    pixels[: height // 4, : width // 2] = 230
    return pixels


def with_matrix(path, numbers):
    """A clip whose track header has the matrix (a, b, c, d), written into its bytes."""
    write_clip(path, [marked()] * 3)
    data = bytearray(path.read_bytes())
    a, b, c, d = numbers
    at = data.index(b"tkhd") + 4 + 40  # of version 0: 40 bytes stand before the matrix
    matrix = [a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30]
    data[at : at + 36] = b"".join(number.to_bytes(4, "big", signed=True) for number in matrix)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", SHOWN)
def test_a_clip_is_shown_as_its_display_matrix_says(tmp_path, kind):
    numbers, corner, transposed = SHOWN[kind]
    with open_clip(with_matrix(tmp_path / "a.mp4", numbers)) as clip:
        frame = next(iter(clip))
        assert (clip.info.height, clip.info.width) == frame.pixels.shape[:2] == ((96, 64) if transposed else (64, 96))
        a, b, c, d = numbers
        assert clip.info.mirrored == (a * d - b * c < 0)
    shown = {name: int(frame.pixels[place][0]) for name, place in CORNERS.items()}
    assert max(shown, key=shown.get) == corner
    assert min(shown[corner] - value for name, value in shown.items() if name != corner) > 100
    block = np.argwhere(frame.pixels[..., 0] > 150)
    assert (np.ptp(block[:, 0]) > np.ptp(block[:, 1])) == transposed


@pytest.mark.parametrize("kind", SHOWN)
def test_a_mirror_and_a_turn_say_the_same_as_the_matrix(kind):
    found = from_matrix(np.array([[*SHOWN[kind][0][:2], 0], [*SHOWN[kind][0][2:], 0], [0, 0, 1]]))
    picture = np.arange(24, dtype=np.uint8).reshape(4, 6)
    turned = np.rot90(picture[:, ::-1] if found.mirrored else picture, found.turn_deg // 90)
    assert np.array_equal(found.apply(picture), turned)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs the program ffmpeg, as a second opinion")
@pytest.mark.parametrize("kind", SHOWN)
def test_ffmpeg_shows_the_same(tmp_path, kind):
    path = with_matrix(tmp_path / "a.mp4", SHOWN[kind][0])
    with open_clip(path) as clip:
        ours = next(iter(clip)).pixels
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    theirs = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.uint8)
    assert np.abs(theirs.reshape(ours.shape).astype(int) - ours).mean() < 3
