"""The motion of a face as plain curves at an even rate: what every source of motion gives.

Units: weights 0..1, degrees, frames a second. Frame k is at k / fps seconds. Left and right are the subject's; yaw,
pitch and roll as in conventions.py. The eyes' directions count from straight ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import PchipInterpolator

from facegpt.conventions import ARKIT_NAMES
from facegpt.fitting.gaze import LOOK_FULL_DEG
from facegpt.types import Array, FaceGPTError

#: Frames a second of motion that nobody gave a rate.
FPS = 30.0
#: Rates of cameras; a measured one that is nearer than this share of it is taken for one of these.
USUAL_RATES, NEAR_RATE = (23.976, 24.0, 25.0, 29.97, 30.0, 48.0, 50.0, 59.94, 60.0, 100.0, 120.0), 0.002
#: Curves of a longer take than this many frames are refused: an hour at 120 frames a second.
MOST_FRAMES = 432_000


@dataclass(frozen=True, eq=False)
class Curves:
    """T frames of motion.

    Attributes:
        names: N of weights, the 52 of ARKIT_NAMES or some of them.
        weights: (T, N) 0..1.
        fps: frames a second.
        turn_deg: (T, 3) yaw, pitch and roll of the head; None where the source does not say.
        gaze_deg: (T, 2, 2) left and right eye, (towards the subject's left, up) from straight ahead; None where the
            eyeLook* weights say it.
    """

    names: tuple[str, ...]
    weights: Array
    fps: float
    turn_deg: Array | None = None
    gaze_deg: Array | None = None

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def time_s(self) -> Array:
        """(T,) seconds from the first frame."""
        return np.arange(len(self.weights)) / self.fps

    @property
    def turns(self) -> Array:
        """(T, 3) yaw, pitch and roll; zeros where the source does not say."""
        return np.zeros((len(self), 3)) if self.turn_deg is None else np.asarray(self.turn_deg, np.float64)

    @property
    def gaze(self) -> Array:
        """(T, 2, 2) degrees: the eyes' directions, by the eyeLook* weights where nothing else says them."""
        if self.gaze_deg is not None:
            return np.asarray(self.gaze_deg, np.float64)
        return gaze_of_looks(self.all_weights())

    def all_weights(self) -> Array:
        """(T, 52) in the order of ARKIT_NAMES: what no curve names is 0. Raises FaceGPTError for a name of no unit."""
        strange = [name for name in self.names if name not in ARKIT_NAMES]
        if strange:
            raise FaceGPTError(f"'{strange[0]}' is none of the 52 ARKit blend shapes")
        weights = np.zeros((len(self.weights), len(ARKIT_NAMES)))
        weights[:, [ARKIT_NAMES.index(name) for name in self.names]] = np.asarray(self.weights)
        return weights

    def complete(self) -> Curves:
        """The same with all 52 weights, within 0..1, the turns and the gaze said, and the eyeLook* weights of that."""
        gaze, weights = self.gaze, np.clip(self.all_weights(), 0.0, 1.0)
        if self.gaze_deg is not None:
            weights[:, _LOOKS.ravel()] = looks_of_gaze(gaze)
        return Curves(ARKIT_NAMES, weights, self.fps, self.turns, gaze)

    def at_rate(self, fps: float) -> Curves:
        """The same motion at another rate."""
        if abs(fps - self.fps) < 1e-9 or not len(self):
            return self
        whole = self.complete()
        return evened(whole.time_s, whole.weights, fps, whole.turn_deg, whole.gaze_deg)

    def with_gain(self, gain: float) -> Curves:
        """The same with weights times `gain`, within 0..1; head and eyes stay."""
        return self if gain == 1 else replace(self, weights=np.clip(np.asarray(self.weights) * gain, 0.0, 1.0))


#: Where each eye's eyeLook* weights stand: (left, right) × (Out, In, Up, Down).
_LOOKS = np.array(
    [[ARKIT_NAMES.index(f"eyeLook{way}{side}") for way in ("Out", "In", "Up", "Down")] for side in ("Left", "Right")]
)


def gaze_of_looks(weights: Array) -> Array:
    """The eyes' directions (T, 2, 2), degrees from straight ahead, that weights (T, 52) say."""
    looks = np.asarray(weights, np.float64)[:, _LOOKS]
    side = (looks[..., 0] - looks[..., 1]) * np.array([1.0, -1.0])
    return LOOK_FULL_DEG * np.stack([side, looks[..., 2] - looks[..., 3]], -1)


def looks_of_gaze(gaze_deg: Array) -> Array:
    """The eight eyeLook* weights (T, 8) of directions (T, 2, 2): those of the left eye, then the right one's."""
    share = np.asarray(gaze_deg, np.float64) / LOOK_FULL_DEG
    out = share[..., 0] * np.array([1.0, -1.0])
    four = np.stack([out, -out, share[..., 1], -share[..., 1]], -1)
    return np.clip(four, 0.0, 1.0).reshape(len(four), 8)


def evened(
    time_s: Array,
    weights: Array,
    fps: float | None = None,
    turn_deg: Array | None = None,
    gaze_deg: Array | None = None,
) -> Curves:
    """Curves at an even rate of motion that was sampled at any times; what is missing in between is interpolated.

    Piecewise cubic and monotone between samples (Fritsch and Carlson 1980), so that nothing overshoots.

    Args:
        time_s: (N,) in any order; the first frame is at the earliest.
        weights: (N, 52); NaN where a value was lost.
        fps: of the result; by default the rate of the samples.
        turn_deg: (N, 3) degrees, or None.
        gaze_deg: (N, 2, 2) degrees, or None.

    Raises:
        FaceGPTError: if there is no frame, or more than an hour of them.
    """
    times, order = np.unique(np.asarray(time_s, np.float64), return_index=True)
    if not len(times):
        raise FaceGPTError("there is no frame of motion in it")
    times = times - times[0]
    fps = fps or rate_of(times)
    count = int(np.floor(times[-1] * fps + 1e-3)) + 1
    if count > MOST_FRAMES:
        raise FaceGPTError(f"the motion lasts {times[-1] / 60:.0f} minutes; cut it into pieces of an hour at most")
    at = np.minimum(np.arange(count) / fps, times[-1])
    turn = None if turn_deg is None else _between(times, _unwrapped(np.asarray(turn_deg, np.float64)[order]), at)
    gaze = None if gaze_deg is None else _between(times, np.asarray(gaze_deg, np.float64)[order], at)
    values = _between(times, np.asarray(weights, np.float64)[order], at)
    return Curves(ARKIT_NAMES, np.clip(values, 0.0, 1.0), fps, turn, gaze)


def rate_of(time_s: Array) -> float:
    """Frames a second of rising times: one over the usual step, a camera's rate where it is near one."""
    if len(time_s) < 2:
        return FPS
    rate = 1.0 / float(np.median(np.diff(time_s)))
    near = min(USUAL_RATES, key=lambda usual: abs(usual - rate))
    return near if abs(near - rate) < max(NEAR_RATE * near, 1e-3) else rate


def _unwrapped(degrees: Array) -> Array:
    known = np.isfinite(degrees).all(1)
    out = degrees.copy()
    out[known] = np.degrees(np.unwrap(np.radians(degrees[known]), axis=0))
    return out


def _between(times: Array, values: Array, at: Array) -> Array:
    """Values (N, …) at `times`, at other times (M,): (M, …); NaN is interpolated, and 0 where nothing is known."""
    flat = values.reshape(len(times), -1)
    out = np.zeros((len(at), flat.shape[1]))
    whole = np.isfinite(flat).all(0)
    if len(times) > 1 and whole.any():
        out[:, whole] = PchipInterpolator(times, flat[:, whole])(at)
    elif whole.any():
        out[:, whole] = flat[:1, whole]
    for column in np.flatnonzero(~whole):
        known = np.isfinite(flat[:, column])
        if known.sum() > 1:
            inside = np.clip(at, times[known][0], times[known][-1])
            out[:, column] = PchipInterpolator(times[known], flat[known, column])(inside)
        elif known.any():
            out[:, column] = flat[known, column][0]
    return out.reshape(len(at), *values.shape[1:])
