"""What a moving picture is here: its frames with their times, and what it says of itself.

Convention: `time_s` is the presentation time in seconds since the first frame that was read, from the stream's own time
stamps, so that a variable frame rate stays what it is. Pixels are square and upright (turned and mirrored as players
show them), and sRGB whatever the clip's dynamic range (see hdr.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from types import TracebackType
from typing import Protocol, Union

import numpy as np
from numpy.typing import NDArray

from facegpt.errors import VideoError as VideoError

#: What `open_clip` takes: a path of a file or of a folder of pictures, "-" for stdin, or the number of a camera.
ClipSource = Union[str, "os.PathLike[str]", int]

#: Frames with a longer edge than this are read reduced: the networks look at no more.
LARGEST_PX = 1280


@dataclass(frozen=True)
class ClipInfo:
    """What a clip says of itself.

    Attributes:
        name: how the user named it.
        width, height: of a whole frame, upright and with square pixels, before any reduction.
        fps: mean frame rate, frames a second.
        frames: how many there should be, as far as the file says so; None for cameras and streams.
        rotation_deg: how far the frames were turned counter-clockwise to stand upright (0, 90, 180, 270), after they
            were mirrored.
        has_sound: whether there is a sound track.
        rereadable: whether it can be opened again and shows the same frames.
        mirrored: whether the file says that left and right change places.
        hdr: "HLG" or "PQ" for high dynamic range, which is read as sRGB; else "".
    """

    name: str
    width: int
    height: int
    fps: float
    frames: int | None
    rotation_deg: int = 0
    has_sound: bool = False
    rereadable: bool = True
    mirrored: bool = False
    hdr: str = ""

    @property
    def remark(self) -> str:
        """A sentence on how the frames were changed to be read, where a user should know; else ""."""
        if not self.hdr:
            return ""
        return (
            f"'{self.name}' is HDR ({self.hdr}): colours are read as sRGB with the reference white of ITU-R BT.2408 "
            "(203 cd/m²) as white; brighter highlights are white"
        )


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a clip.

    Attributes:
        index: 0, 1, … of the frames that could be read. time_s: see the convention above.
        pixels: (H, W, 3) uint8 sRGB, reduced if the whole frame is large.
        scale: pixels here per pixel of the whole frame, at most 1.
    """

    index: int
    time_s: float
    pixels: NDArray[np.uint8]
    scale: float = 1.0


class Clip(Protocol):
    """An open clip. Iterating gives its frames once; leaving the context closes it.

    Attributes:
        info: what it says of itself.
        skipped: packets and frames that were damaged and left out so far.
        truncated: whether the file ended before it said it would.
    """

    info: ClipInfo
    skipped: int
    truncated: bool

    def __iter__(self) -> Iterator[Frame]: ...

    def __enter__(self) -> Clip: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class FirstFrames:
    """The beginning of an open clip as if the clip ended there; opening and closing stay with the clip.

    Args:
        clip: an open clip.
        most: frames that are read at the most.
    """

    def __init__(self, clip: Clip, most: int) -> None:
        self._clip, self._most = clip, most
        frames = clip.info.frames
        self.info = replace(clip.info, frames=most if frames is None else min(frames, most))

    def __iter__(self) -> Iterator[Frame]:
        return islice(iter(self._clip), self._most)


def reduced_size(width: int, height: int, largest_px: int) -> tuple[int, int, float]:
    """Width, height and factor of frames (width, height) whose longer edge is at most `largest_px`."""
    scale = min(1.0, largest_px / max(width, height, 1))
    small = max(1, round(width * scale)), max(1, round(height * scale))
    return *small, (small[0] / width if scale < 1 else 1.0)
