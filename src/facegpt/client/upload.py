"""Files and photos as they are sent."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from facegpt.types import FaceGPTError


def existing(path: str | os.PathLike[str]) -> Path:
    """A file that is there. Raises FaceGPTError."""
    if not Path(path).is_file():
        raise FaceGPTError(f"there is no file '{os.fspath(path)}'")
    return Path(path)


def photo_upload(image: Any) -> tuple[str, bytes | Path]:
    """A name and the content of a photo in any of the forms that the library takes."""
    if isinstance(image, (str, os.PathLike)):
        return Path(image).name, existing(image)
    if isinstance(image, (bytes, bytearray, memoryview)):
        return "photo", bytes(image)
    if hasattr(image, "read"):
        return "photo", bytes(image.read())
    from PIL import Image

    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    data = io.BytesIO()
    picture.save(data, format="PNG")
    return "photo.png", data.getvalue()
