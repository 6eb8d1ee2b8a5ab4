"""What pictures of a photo that parameters keep share: their bytes as text, their size and their projection."""

from __future__ import annotations

import base64
import binascii
import math
import zlib
from dataclasses import asdict
from typing import Any

import numpy as np

from facegpt.morphable.base import MorphableModel
from facegpt.morphable.proxies import head_motion
from facegpt.types import Array, FaceGPTError, FaceParams, SeenBare, SeenLocks

#: Longest side of pictures that are read, pixels.
MOST_SIDE = 512


def text_of(data: bytes) -> str:
    """Bytes packed as text."""
    return base64.b64encode(zlib.compress(data, 9)).decode("ascii")


def bytes_of(text: str, size: int) -> bytes | None:
    """The bytes of a text, `size` of them; None if there are others or none."""
    try:
        data = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), size + 1)
    except (binascii.Error, zlib.error, ValueError):
        return None
    return data if len(data) == size else None


def view_to_json(seen: SeenBare | SeenLocks) -> dict[str, Any]:
    """A record as names with values, ready for json."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(seen).items()}


def is_size(size: object) -> bool:
    """Whether json holds a height and a width of a picture that is read."""
    return isinstance(size, list) and len(size) == 2 and all(type(v) is int and 0 < v <= MOST_SIDE for v in size)


def are_numbers(values: object, count: int) -> bool:
    """Whether json holds so many finite numbers."""
    if not isinstance(values, list) or len(values) != count:
        return False
    return all(type(v) in (int, float) and math.isfinite(v) for v in values)


def check_seen(projection: Array | list[float], what: str, source: str) -> None:
    """Raise FaceGPTError, which names `source`, if a projection sees `what` from no place."""
    if abs(np.linalg.det(np.reshape(projection, (3, 4))[:, :3])) < 1e-9:
        raise FaceGPTError(f"'{source}' is damaged: {what} seen from nowhere")


def projection_of(model: MorphableModel, params: FaceParams, intrinsics: Array) -> tuple[float, ...]:
    """The 3 × 4 matrix, row by row, from the head at rest, mm, to pixels that intrinsics (3, 3) tell."""
    turn, shift = head_motion(model, params)
    rotation = np.asarray(params.pose.rotation)
    moved = rotation @ shift + np.asarray(params.pose.translation)
    whole = intrinsics @ np.column_stack([rotation @ turn, moved])
    return tuple(float(f"{v:.8g}") for v in whole.ravel())
