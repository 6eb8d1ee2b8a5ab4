"""What can be read as a clip, as far as its name tells: before anything that decodes is loaded."""

from __future__ import annotations

import os
from pathlib import Path

from facegpt.errors import VideoError

#: What counts as a picture of a folder's sequence.
PICTURE_SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".avif"))

#: Endings of names that are clips where a photo or a head may stand as well.
CLIP_SUFFIXES = frozenset((".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".3gp"))

#: Files of curves in the folder of a take.
_CURVES = ("curves.npz", "curves.json", "livelink.csv")


def is_clip(source: object) -> bool:
    """Whether something that stands where a photo or a head may is a clip, by its name."""
    return isinstance(source, (str, os.PathLike)) and Path(source).suffix.lower() in CLIP_SUFFIXES


def is_take(source: object) -> bool:
    """Whether it is the folder of a take: it holds curves, or its people's folders do, and no head."""
    if not isinstance(source, (str, os.PathLike)) or not Path(source).is_dir():
        return False
    path = Path(source)
    folders = (path, *path.glob("person_*"))
    return not (path / "params.json").exists() and any((one / name).is_file() for one in folders for name in _CURVES)


def check_source(source: str | os.PathLike[str]) -> bool:
    """Find out that a clip is there: a file, a folder of pictures, "-" (stdin) or the number of a camera.

    Returns:
        Whether it is a folder of pictures, which needs no decoder.

    Raises:
        VideoError: if it is not; the message names it and says what to do.
    """
    path, text = Path(source), os.fspath(source)
    if text.startswith(("http://", "https://")):
        raise VideoError(f"'{text}' is a web address; nothing is downloaded here, so save the video to a file first")
    if path.is_dir():
        if not folder_pictures(path):
            raise VideoError(f"the folder '{path}' holds no pictures")
        return True
    if text != "-" and not path.exists() and not text.isdigit():
        raise VideoError(f"there is no file '{text}'")
    if text != "-" and path.is_file() and path.stat().st_size == 0:
        raise VideoError(f"'{text}' is empty")
    return False


def folder_pictures(folder: Path) -> list[Path]:
    """The pictures in a folder, in no order."""
    return [f for f in folder.iterdir() if f.suffix.lower() in PICTURE_SUFFIXES and not f.name.startswith(".")]
