"""Motion from a clip of somebody: followed frame by frame, and told from how that person's own face is at rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from facegpt.animate.curves import Curves, evened
from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation
from facegpt.morphable.base import MorphableModel
from facegpt.runtime.progress import Progress
from facegpt.types import Array, FaceGPTError
from facegpt.video.clip import ClipSource
from facegpt.video.look import FaceLook
from facegpt.video.pipeline import track_faces
from facegpt.video.reading import open_clip

#: A face that is seen in fewer frames than this drives nobody.
LEAST_FRAMES = 5
#: Share of a clip's frames that its calmest moments are, and the most that a weight has at rest: beyond it is a
#: face that is made all the time, and no habit (video/habits.py).
CALM_SHARE, MOST_AT_REST = 0.2, 0.35
_BLINKS = [k for k, name in enumerate(ARKIT_NAMES) if name.startswith("eyeBlink")]
LOOKS = [k for k, name in enumerate(ARKIT_NAMES) if name.startswith("eyeLook")]


class FollowingModel(Protocol):
    """What following a clip needs of a model."""

    @property
    def head(self) -> MorphableModel:
        """The head model."""
        ...

    def face_look(self, quick: bool = False) -> FaceLook:
        """The networks that look at frames."""
        ...


@dataclass
class _Seen:
    """What was seen of one person."""

    time_s: list[float] = field(default_factory=list)
    weights: list[Array] = field(default_factory=list)
    turn_deg: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Driving:
    """The motion of one person of a clip, from its first frame on, and when they are first and last seen, seconds."""

    curves: Curves
    first_s: float
    last_s: float


def driving_curves(model: FollowingModel, clip: ClipSource, fps: float | None = None) -> list[Curves]:
    """The motion of each person of a clip: the curves of `driving_motion`."""
    return [one.curves for one in driving_motion(model, clip, fps)]


def driving_motion(
    model: FollowingModel, clip: ClipSource, fps: float | None = None, label: str = "following the driver"
) -> list[Driving]:
    """The motion of each person of a clip, from its first frame; who is seen most comes first.

    Frames without the face are interpolated. Only numbers are kept, so that memory hardly grows with the clip.

    Args:
        model: follows the clip.
        clip: as `open_clip` takes it.
        fps: of the curves; by default the clip's own rate.
        label: of the progress that is shown.

    Raises:
        FaceGPTError: if the clip cannot be read (VideoError), or shows no face.
    """
    with open_clip(clip) as opened:
        rate, total = opened.info.fps, opened.info.frames or 0
    people: dict[int, _Seen] = {}
    with Progress(label, total) as progress:
        for one in track_faces(model.head, model.face_look(), clip, "file", colours=False):
            seen = people.setdefault(one.track_id, _Seen())
            seen.time_s.append(one.time_s)
            seen.weights.append(np.array(one.params.expression, np.float32))
            seen.turn_deg.append(euler_deg_from_rotation(one.params.pose.rotation))
            progress(one.frame.index + 1, max(total, one.frame.index + 1))
    long = [seen for seen in people.values() if len(seen.time_s) >= LEAST_FRAMES]
    if not long:
        raise FaceGPTError(f"no face was found in '{clip}' that could be followed")
    by_length = sorted(long, key=lambda seen: -len(seen.time_s))
    return [Driving(_even(seen, fps or rate), seen.time_s[0], seen.time_s[-1]) for seen in by_length]


def _even(seen: _Seen, fps: float) -> Curves:
    """At an even rate, from the clip's first frame on: before the face came it is as it came."""
    times, weights, turn = np.array(seen.time_s), np.array(seen.weights), np.array(seen.turn_deg)
    if times[0] > 0:
        times, weights, turn = np.r_[0.0, times], np.r_[weights[:1], weights], np.r_[turn[:1], turn]
    return evened(times, weights, fps, turn)


def from_rest(curves: Curves, gain: float = 1.0) -> Curves:
    """The same motion told from how the face is in its calmest moments, so that another face keeps its own.

    What a weight has at rest becomes 0, and 1 stays 1. Turns and gaze count from rest as well.

    Args:
        curves: complete ones, of a whole clip.
        gain: what the weights are multiplied with afterwards, within 0..1.
    """
    whole = curves.complete()
    weights = whole.weights
    calm = calm_frames(weights)
    told = np.clip(beyond_rest(weights, np.median(weights[calm], axis=0)) * gain, 0.0, 1.0)
    gaze = whole.gaze - np.median(whole.gaze[calm], axis=0)
    turn = whole.turns - np.median(whole.turns[calm], axis=0)
    return Curves(ARKIT_NAMES, told, whole.fps, turn, gaze).complete()


def beyond_rest(weights: Array, rest: Array) -> Array:
    """Weights (..., 52) told from a face at rest (52,): what one has there becomes 0, and 1 stays 1; looks stay."""
    rest = np.minimum(rest, MOST_AT_REST)
    rest[LOOKS] = 0.0
    return np.asarray(np.clip((weights - rest) / (1 - rest), 0.0, 1.0))


def calm_frames(weights: Array) -> Sequence[int]:
    """Frames (C,) in which a face (T, 52) shows the least, those of blinks left out."""
    shown = np.delete(weights, [*_BLINKS, *LOOKS], axis=1).sum(1)
    open_eyed = weights[:, _BLINKS].max(1) < 0.5
    among = np.flatnonzero(open_eyed) if open_eyed.any() else np.arange(len(weights))
    count = max(1, round(CALM_SHARE * len(among)))
    return among[np.argsort(shown[among], kind="stable")[:count]].tolist()
