"""Pictures as file bytes."""

from __future__ import annotations

import io
import struct
import weakref
import zlib

import numpy as np
from numba import njit
from numpy.typing import NDArray
from PIL import Image

from facegpt.export.bundle import HeadExport
from facegpt.render.scalar import KERNEL
from facegpt.runtime.arrays import unwritable

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: PNG's colour types by the number of channels: grey, RGB and RGBA.
_COLOUR_TYPES = {1: 0, 3: 2, 4: 6}


def png_bytes(image: NDArray[np.uint8 | np.uint16]) -> bytes:
    """Encode (H, W) grey, uint8 or uint16, (H, W, 3) or (H, W, 4) uint8 sRGB as PNG.

    Every row has Paeth's filter, and zlib looks for runs only: half the time of Pillow's level 1, a tenth smaller.
    """
    image = image[..., None] if image.ndim == 2 else image
    height, width, channels = image.shape
    samples = np.ascontiguousarray(image, ">u2" if image.dtype == np.uint16 else np.uint8).view(np.uint8)
    rows = np.empty((height, 1 + samples[0].size), np.uint8)
    _filter(unwritable(samples.reshape(height, -1)), samples.shape[2], rows)
    packer = zlib.compressobj(1, zlib.DEFLATED, 15, 9, zlib.Z_RLE)
    data = packer.compress(rows.data) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8 * image.itemsize, _COLOUR_TYPES[channels], 0, 0, 0)
    return _SIGNATURE + b"".join(_chunk(*each) for each in ((b"IHDR", head), (b"IDAT", data), (b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@njit(**KERNEL)
def _filter(flat, channels, rows):  # type: ignore[no-untyped-def]
    """Write the rows of an image (H, W · C) as what they differ by from Paeth's guess (PNG, 3rd ed., section 9.4).

    The edges are apart, and indices are not negative by their type: the inner loop then takes many bytes at once.
    """
    size, step, one = np.uint64(flat.shape[1]), np.uint64(channels), np.uint64(1)
    for y in range(flat.shape[0]):
        here, out = flat[y], rows[y]
        out[0] = 4
        if y == 0:
            for n in range(size):
                out[n + one] = here[n] - (here[n - step] if n >= step else np.uint8(0))
            continue
        over = flat[y - 1]
        for n in range(step):
            out[n + one] = here[n] - over[n]
        for n in range(step, size):
            left, above, corner = np.int16(here[n - step]), np.int16(over[n]), np.int16(over[n - step])
            by_left, by_above = np.int16(above - corner), np.int16(left - corner)
            by_corner = np.int16(by_left + by_above)
            to_left, to_above = np.int16(abs(by_left)), np.int16(abs(by_above))
            to_corner = np.int16(abs(by_corner))
            other = above if to_above <= to_corner else corner
            guess = other if (to_left > to_above) | (to_left > to_corner) else left
            out[n + one] = np.uint8(np.int16(here[n]) - guess)


#: Of pictures that live, by their id: what `kept_png` gives.
_kept: dict[int, bytes] = {}


def kept_png(image: NDArray[np.uint8]) -> bytes:
    """`png_bytes`, kept while the array lives: a head's hair goes into several files, and is never painted over."""
    if id(image) not in _kept:
        _kept[id(image)] = png_bytes(image)
        weakref.finalize(image, _kept.pop, id(image), None)
    return _kept[id(image)]


def jpeg_bytes(image: NDArray[np.uint8], quality: int = 92) -> bytes:
    """Encode (H, W, 3) uint8 sRGB as JPEG without chroma subsampling, which smears lips and lids."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def texture_file(head: HeadExport, max_bytes: int, png: bytes | None = None) -> tuple[bytes, str]:
    """Encode a head's texture for embedding: (bytes, MIME type), PNG if it has holes and JPEG if not.

    It is halved until it fits into `max_bytes`. `png` may hold the texture already encoded by `png_bytes`.
    """
    image, mime = Image.fromarray(head.texture), "image/png" if head.see_through else "image/jpeg"
    while True:
        pixels = np.asarray(image)
        if head.see_through:
            data = png if png is not None and image.size == head.texture.shape[1::-1] else png_bytes(pixels)
        else:
            data = jpeg_bytes(pixels[..., :3])
        if len(data) <= max_bytes or min(image.size) < 128:
            return data, mime
        image = image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX)
