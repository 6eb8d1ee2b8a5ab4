"""Photos given as bytes and as binary files: the same as from a path, and the same sentences."""

from __future__ import annotations

import io
import sys
import tempfile

import numpy as np
import pytest
from PIL import Image

from facegpt.data import images
from facegpt.data.images import read_image
from facegpt.types import ImageError


@pytest.fixture
def photo() -> Image.Image:
    """A picture of noise: no two of its corners are the same."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (16, 32, 3), np.uint8))


class Stream(io.RawIOBase):
    """A binary stream that cannot be rewound, as of a network."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = len(self.rest) if size < 0 else min(size, 1000)
        piece, self.rest = self.rest[:size], self.rest[size:]
        return piece


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "turned.jpg", "a.webp"])
def test_bytes_and_binary_files_give_the_same_photo_as_their_file(tmp_path, photo, name):
    exif = Image.Exif()
    exif[0x0112] = 6 if name == "turned.jpg" else 1
    exif.get_ifd(0x8769)[0xA405] = 50
    photo.resize((320, 160)).save(tmp_path / name, exif=exif)
    data, wanted = (tmp_path / name).read_bytes(), read_image(tmp_path / name)
    with (tmp_path / name).open("rb") as file, tempfile.SpooledTemporaryFile() as upload:
        upload.write(data)  # and it stands at its end
        sources = (data, bytearray(data), memoryview(data), io.BytesIO(data), file, upload, Stream(data))
        for source in sources:
            found = read_image(source)
            np.testing.assert_array_equal(found.pixels, wanted.pixels)
            assert found.focal_px == wanted.focal_px and found.original_size == wanted.original_size
            assert found.path is None
        assert not file.closed
        np.testing.assert_array_equal(read_image(file).pixels, wanted.pixels)  # again, from its start


def test_bytes_and_files_that_are_no_picture_give_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "notes.txt").write_text("hello")
    closed = io.BytesIO(b"x")
    closed.close()
    heic = b"\x00\x00\x00\x18ftypheic" + bytes(20)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with (tmp_path / "notes.txt").open() as text, (tmp_path / "notes.txt").open("rb") as binary:
        for source, says in (
            (b"", "the picture is empty"),
            (b"hello", "the picture is not a picture"),
            (heic, "needs the package pillow-heif"),
            (io.StringIO("hello"), "opened as text"),
            (text, "notes.txt' was opened as text"),
            (binary, "notes.txt' is not a picture"),
            (closed, "closed file"),
            (7, "not a int"),
        ):
            with pytest.raises(ImageError, match=says):
                read_image(source)


def test_a_stream_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(images, "MAX_STREAM_BYTES", 10_000)
    with pytest.raises(ImageError, match="save it to a file first"):
        read_image(Stream(bytes(20_000)))


def test_a_huge_picture_is_refused_from_bytes_too(monkeypatch):
    monkeypatch.setattr(images, "MAX_PIXELS", 10_000)
    data = io.BytesIO()
    Image.new("RGB", (200, 100)).save(data, "PNG")
    with pytest.raises(ImageError, match="200 × 100 pixels"):
        read_image(data.getvalue())
