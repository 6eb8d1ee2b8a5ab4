"""landmarks.json: named point sets, in pixels of the photo and in millimetres of the head frame."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from facegpt.runtime.atomic_files import write_text
from facegpt.types import FaceGPTError, Landmarks

FORMAT, VERSION = "facegpt-landmarks", 1
_KEYS = {"image": "image_px", "head": "head_mm"}


def write_landmarks(path: str | Path, landmarks: Iterable[Landmarks]) -> Path:
    """Write point sets as {"image_px": {name: [[x, y], …]}, "head_mm": {name: [[x, y, z], …]}}, to a ten-thousandth.

    Raises:
        FaceGPTError: if two sets share name and space, or the file cannot be written.
    """
    frames = "image: x right, y down, centre of the first pixel is (0, 0); head: +x the subject's left, +y up, +z front"
    document: dict = {"format": FORMAT, "version": VERSION, "frames": frames, "image_px": {}, "head_mm": {}}
    for points in landmarks:
        sets = document[_KEYS[points.space]]
        if points.name in sets:
            raise FaceGPTError(f"cannot write '{path}': two landmark sets are called '{points.name}'")
        sets[points.name] = np.round(np.asarray(points.points, np.float64), 4).tolist()
    text = json.dumps(document, allow_nan=False)
    return write_text(path, text.replace('"image_px"', '\n"image_px"').replace('"head_mm"', '\n"head_mm"') + "\n")


def read_landmarks(path: str | Path) -> tuple[Landmarks, ...]:
    """Read what `write_landmarks` wrote.

    Raises:
        FaceGPTError: if the file is missing, damaged or of another kind.
    """
    try:
        document = json.loads(Path(path).read_text("utf-8"))
        if document["format"] != FORMAT or document["version"] != VERSION:
            raise FaceGPTError(f"'{path}' is not a {FORMAT} file of version {VERSION}")
        return tuple(
            Landmarks(name, space, np.array(points, np.float64).reshape(len(points), 2 if space == "image" else 3))
            for space, key in _KEYS.items()
            for name, points in document[key].items()
        )
    except OSError as error:
        raise FaceGPTError(f"cannot read '{path}' ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FaceGPTError(f"'{path}' is damaged: it holds no landmarks that can be read") from error
