"""Where a photo shows no hair, packed for parameters: two masks, of bare skin and of what is behind the head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

from facegpt.hair.photo_view import are_numbers, bytes_of, check_seen, is_size, text_of
from facegpt.types import Array, FaceGPTError, SeenBare

#: Side of the grid of ways, and how many steps a pixel has there.
WAYS_SIDE, STEPS = 48, 4


def packed(skin: NDArray[np.bool_], behind: NDArray[np.bool_]) -> str:
    """Two masks (h, w) as text."""
    return text_of(np.packbits(np.stack([skin, behind])).tobytes())


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
    return text_of(steps.tobytes()) if steps.any() else ""


def unpacked_ways(bare: SeenBare, source: str = "this hair") -> NDArray[np.float32] | None:
    """The ways (WAYS_SIDE, WAYS_SIDE, 2), x and y in pixels, over all of the masks; None where there are none."""
    if not bare.ways:
        return None
    data = _bytes(bare.ways, 2 * WAYS_SIDE**2, source)
    return np.frombuffer(data, np.int8).reshape(WAYS_SIDE, WAYS_SIDE, 2).astype(np.float32) / np.float32(STEPS)


def _bytes(text: str, size: int, source: str) -> bytes:
    """The bytes of a text, so many."""
    if (data := bytes_of(text, size)) is None:
        raise FaceGPTError(f"'{source}' is damaged: where its photo shows no hair cannot be read")
    return data


def bare_from_json(content: object, source: str = "this hair") -> SeenBare:
    """Read what `view_to_json` wrote. Raises FaceGPTError if it is something else; `source` names the file."""
    if not isinstance(content, dict) or content.keys() != {"picture", "size", "projection", "ways"}:
        raise FaceGPTError(f"'{source}' is damaged: it does not hold where its photo shows no hair")
    picture, size, projection, ways = (content[name] for name in ("picture", "size", "projection", "ways"))
    right = is_size(size) and are_numbers(projection, 12)
    if not isinstance(picture, str) or not isinstance(ways, str) or not right:
        raise FaceGPTError(f"'{source}' is damaged: where its photo shows no hair holds values that it cannot have")
    check_seen(projection, "its hair is", source)
    bare = SeenBare(picture, (size[0], size[1]), tuple(map(float, projection)), ways)
    unpacked(bare, source), unpacked_ways(bare, source)
    return bare


def bare_in_mirror(bare: SeenBare | None) -> SeenBare | None:
    """The same for the mirror image of a head."""
    if bare is None:
        return None
    matrix = np.reshape(bare.projection, (3, 4)) * (-1, 1, 1, 1)
    return replace(bare, projection=tuple(matrix.ravel().tolist()))
