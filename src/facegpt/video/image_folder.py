"""A folder of pictures as a clip: numbered frames of a renderer, a camera or an editor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
from PIL import Image

from facegpt.data.images import read_image
from facegpt.types import ImageError
from facegpt.video.clip import ClipInfo, Frame, VideoError, reduced_size
from facegpt.video.sources import folder_pictures


class FolderClip:
    """A clip of the pictures in a folder, in the order of the numbers in their names (see `clip.Clip`)."""

    def __init__(self, folder: Path, fps: float, largest_px: int) -> None:
        """List the folder and read its first picture for the size. Raises VideoError if there is none."""
        if not fps > 0:
            raise VideoError(f"the frame rate of a folder of pictures must be above 0, not {fps}")
        self._files = sorted(folder_pictures(folder), key=lambda file: natural_key(file.name))
        if not self._files:
            raise VideoError(f"the folder '{folder}' holds no pictures")
        self._largest_px, self._fps = largest_px, fps
        self.skipped, self.truncated = 0, False
        width, height = self._first_size(folder)
        self.info = ClipInfo(str(folder), width, height, fps, len(self._files))

    def _first_size(self, folder: Path) -> tuple[int, int]:
        for file in self._files:
            try:
                return read_image(file).original_size
            except ImageError:
                continue
        raise VideoError(f"none of the pictures in '{folder}' can be read")

    def __iter__(self) -> Iterator[Frame]:
        index = 0
        for number, file in enumerate(self._files):
            try:
                photo = read_image(file)
            except ImageError:
                self.skipped += 1
                continue
            if photo.original_size != (self.info.width, self.info.height):
                self.skipped += 1  # a picture of another size is no frame of this sequence
                continue
            width, height, scale = reduced_size(self.info.width, self.info.height, self._largest_px)
            pixels = photo.pixels
            if pixels.shape[:2] != (height, width):
                pixels = np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BOX))
            yield Frame(index, number / self._fps, pixels, scale)
            index += 1

    def __enter__(self) -> FolderClip:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """A key by which frame_9 comes before frame_10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part.lower()) for part in re.split(r"(\d+)", name)]
