"""Where a photo shows no hair, packed for parameters: two masks, of bare skin and of what is behind the head."""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

from facegpt.types import Array, FaceGPTError, SeenBare

#: Longest side of masks that are read, pixels; side of the grid of ways, and how many steps a pixel has there.
MOST_SIDE, WAYS_SIDE, STEPS = 512, 48, 4


def packed(skin: NDArray[np.bool_], behind: NDArray[np.bool_]) -> str:
    """Two masks (h, w) as text."""
    return base64.b64encode(zlib.compress(np.packbits(np.stack([skin, behind])).tobytes(), 9)).decode("ascii")


def unpacked(bare: SeenBare, source: str = "this hair") -> NDArray[np.bool_]:
    """The masks (2, h, w) of skin and of what is behind; FaceGPTError, which names `source`, if they cannot be read."""
    height, width = bare.size
    size = -(-2 * height * width // 8)
    bits = np.unpackbits(np.frombuffer(_bytes(bare.picture, size, source), np.uint8), count=2 * height * width)
    return bits.reshape(2, height, width).astype(bool)


def packed_ways(ways: Array) -> str:
    """Ways (s, s, 2), x and y in pixels, as text; "" where there are none."""
    small = zoom(ways, (WAYS_SIDE / len(ways), WAYS_SIDE / ways.shape[1], 1), order=1, grid_mode=True, mode="nearest")
    steps = np.clip(np.round(small * STEPS), -127, 127).astype(np.int8)
    return base64.b64encode(zlib.compress(steps.tobytes(), 9)).decode("ascii") if steps.any() else ""


def unpacked_ways(bare: SeenBare, source: str = "this hair") -> NDArray[np.float32] | None:
    """The ways (WAYS_SIDE, WAYS_SIDE, 2), x and y in pixels, over all of the masks; None where there are none."""
    if not bare.ways:
        return None
    data = _bytes(bare.ways, 2 * WAYS_SIDE**2, source)
    return np.frombuffer(data, np.int8).reshape(WAYS_SIDE, WAYS_SIDE, 2).astype(np.float32) / np.float32(STEPS)


def _bytes(text: str, size: int, source: str) -> bytes:
    """The bytes of a text, so many."""
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), size + 1)
    except (binascii.Error, zlib.error, ValueError):
        data = b""
    if len(data) != size:
        raise FaceGPTError(f"'{source}' is damaged: where its photo shows no hair cannot be read")
    return data


def bare_to_json(bare: SeenBare) -> dict[str, Any]:
    """A record as names with values, ready for json; `bare_from_json` gives the same again."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(bare).items()}


def bare_from_json(content: object, source: str = "this hair") -> SeenBare:
    """Read what `bare_to_json` wrote. Raises FaceGPTError if it is something else; `source` names the file."""
    if not isinstance(content, dict) or content.keys() != {"picture", "size", "projection", "ways"}:
        raise FaceGPTError(f"'{source}' is damaged: it does not hold where its photo shows no hair")
    picture, size, projection, ways = (content[name] for name in ("picture", "size", "projection", "ways"))
    sides = isinstance(size, list) and len(size) == 2 and all(type(v) is int and 0 < v <= MOST_SIDE for v in size)
    numbers = projection if isinstance(projection, list) else []
    right = len(numbers) == 12 and all(type(v) in (int, float) and math.isfinite(v) for v in numbers)
    if not isinstance(picture, str) or not isinstance(ways, str) or not sides or not right:
        raise FaceGPTError(f"'{source}' is damaged: where its photo shows no hair holds values that it cannot have")
    if abs(np.linalg.det(np.reshape(projection, (3, 4))[:, :3])) < 1e-9:
        raise FaceGPTError(f"'{source}' is damaged: its hair is seen from nowhere")
    bare = SeenBare(picture, (size[0], size[1]), tuple(map(float, projection)), ways)
    unpacked(bare, source), unpacked_ways(bare, source)
    return bare


def bare_in_mirror(bare: SeenBare | None) -> SeenBare | None:
    """The same for the mirror image of a head."""
    if bare is None:
        return None
    matrix = np.reshape(bare.projection, (3, 4)) * (-1, 1, 1, 1)
    return replace(bare, projection=tuple(matrix.ravel().tolist()))
