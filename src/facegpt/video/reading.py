"""Reading moving pictures: any source becomes upright sRGB frames with their times, one at a time (see clip.py)."""

from __future__ import annotations

import logging
import os
from functools import cache
from pathlib import Path

from facegpt.video.clip import LARGEST_PX, Clip, ClipSource
from facegpt.video.sources import check_source

log = logging.getLogger("facegpt")

#: Frame rate of folders of pictures, which say none.
FOLDER_FPS = 25.0


def open_clip(source: ClipSource, fps: float | None = None, largest_px: int = LARGEST_PX) -> Clip:
    """An open clip: a video file of any container, a folder of pictures, "-" (stdin), or the number of a camera.

    Args:
        source: as above; a text of digits is a camera unless there is a file of that name.
        fps: frame rate of a folder of pictures (default 25).
        largest_px: longer edge of the frames as read.

    Raises:
        VideoError: if it cannot be read; the message names it and says what to do.
    """
    if isinstance(source, int):
        return _container(source, largest_px)
    path, text = Path(source), os.fspath(source)
    if check_source(source):
        from facegpt.video.image_folder import FolderClip

        return FolderClip(path, fps or FOLDER_FPS, largest_px)
    if text.isdigit() and not path.exists():
        return _container(int(text), largest_px)
    return _container(text, largest_px)


def _container(source: str | int, largest_px: int) -> Clip:
    from facegpt.video.decoding.containers import ContainerClip

    clip = ContainerClip(source, largest_px)
    if clip.info.remark:
        _tell(clip.info.remark)
    return clip


@cache
def _tell(remark: str) -> None:
    """Say something of a clip, once: one that is looked through first is opened again."""
    log.warning(remark)
