"""The clips of `eval track`: who moves how, filmed by what camera. Seeds for tuning and for testing are apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from facegpt.types import FaceGPTError
from facegpt_lab.evaluate.clips.curves import Motion, extreme, recorded, speech_like
from facegpt_lab.evaluate.clips.drawn import FLICKER, POOR, Filming
from facegpt_lab.evaluate.registry import optional_data

#: Seeds of people and motion to tune on, and to test on.
TUNING_SEED, SEED = 9_000, 7_000
#: Which of the recorded takes are tuned on, and tested on (by their place in the folder).
TUNING_TAKE, TEST_TAKE = 0, 1
#: Where the pieces of a take begin, frames: faces are pulled there, one after the other.
PIECES = (1480, 3280, 2080, 3000)


@dataclass(frozen=True)
class Part:
    """One clip: the motion's kind ("speech", "recorded", "extreme"), the camera, a hand before the face, the seed."""

    kind: str
    filming: Filming
    hand: bool
    seed: int


#: Kind, camera, hand: of each of the clips in turn.
_PARTS = (
    ("speech", Filming(), False),
    ("recorded", Filming(), False),
    ("speech", Filming(), True),
    ("extreme", Filming(), False),
    ("speech", POOR, False),
    ("recorded", FLICKER, False),
    ("extreme", Filming(), True),
    ("recorded", POOR, True),
)


def parts(count: int, seed: int = SEED) -> Iterator[Part]:
    """The first clips of the list; it begins anew, with other people, when it is through."""
    for k in range(count):
        yield Part(*_PARTS[k % len(_PARTS)], seed + k)


def motion_of(part: Part, frames: int, take: int = TEST_TAKE) -> Motion:
    """The motion of a clip; made-up speech where recorded takes are asked for and the optional data is not there."""
    if part.kind == "extreme":
        return extreme(frames, part.seed)
    file = _take(take) if part.kind == "recorded" else None
    if file is None:
        return speech_like(frames, part.seed)
    return recorded(file, frames, PIECES[part.seed % len(PIECES)], part.seed)


def _take(number: int) -> Path | None:
    """A recorded Live Link Face take of the optional data."""
    try:
        files = sorted((optional_data() / "livelink").glob("*.csv"))
    except FaceGPTError:
        return None
    return files[number % len(files)] if files else None
