"""Calm motion out of what single frames say: a live filter without delay, and a smoother for files that looks ahead.

The live filter: every followed number (rotation, place, scale, 52 weights, 4 gaze angles, 27 of the light) is a random
walk that is measured with the variance that its fit states. How far the walk may go from one frame to the next adapts:
what differs from the expectation by more than noise can explain is believed to be movement, so that a blink or a
closing mouth passes at full height, while a face at rest rests. Rotations are filtered in the tangent space about the
last estimate. Files and streams that may wait: windows that adapt (calm_windows.py) for all but the light, which a
backward pass over the filter's model smooths (Rauch, Tung and Striebel 1965).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from facegpt.conventions import ARKIT_NAMES
from facegpt.video.adaptive_window import EASED, REACH
from facegpt.video.blinks import LiveBlinks, with_whole_blinks
from facegpt.video.calm_windows import CurveNoise, calmed_by_windows
from facegpt.video.observation import EXPRESSION, FOLLOWED, GAZE

Floats = NDArray[np.float64]
Item = TypeVar("Item")

#: A gap or a cut longer than this many seconds begins anew.
LONGEST_GAP_S = 0.4
#: The light's numbers behind the followed ones; as shares of the light's mean the SD of a frame's and of their walk in
#: a second; a difference of so many SDs is a lamp that was switched.
LIGHT, LIGHT_SD, LIGHT_WALK, SWITCHED = slice(FOLLOWED, FOLLOWED + 27), 0.03, 0.15, 6.0
#: Lips and lids move fastest: a smaller surprise counts as movement there.
FAST_UNITS = ("eyeBlinkLeft", "eyeBlinkRight", "mouthClose", "jawOpen", "mouthRollLower", "mouthRollUpper")
#: Poor cameras are noisier than fits state. By the fourth differences of so many frames, which motion hardly enters,
#: noise is taken to be up to so many times as large, where it is SURELY larger. Their lower quantile is read, which a
#: blink does not raise; 0.4538: that of |N(0, 1)|. The jaw, and lips that roll or close, are left alone: they tell
#: plosives.
HEARD, HEARD_LEAST, QUIET, QUIET_OF_NORMAL = 25, 8, 0.35, 0.4538
SURELY, MOST_NOISE, MOST_NOISE_OF_UNITS = 1.4, 3.0, 2.0


@dataclass(frozen=True)
class SmoothingSettings:
    """How calm the motion is made.

    Attributes:
        noise: measured SD over the SD that the fit states, by group: errors that change from frame to frame are only a
            part of what a fit does not know. Pose, weights, gaze.
        drift: SD of the walk at rest, a second, over the measured SD.
        surprise: SDs of the expected difference above which a difference is movement; fast_surprise: for FAST_UNITS.
        trend: sustained difference to one side, in SDs, above which it is movement, and its memory in frames.
    """

    noise: tuple[float, float, float] = (0.3, 0.12, 0.5)
    drift: float = 1.0
    surprise: float = 3.0
    fast_surprise: float = 2.0
    trend: float = 1.1
    trend_memory: float = 3.0


@dataclass
class _Step:
    """What the backward pass needs of one frame: the row, the estimate, its variance, and the prediction's variance."""

    row: NDArray[np.void]
    rotation: Floats
    values: Floats
    variance: Floats
    predicted: Floats


@dataclass
class LiveFilter:
    """The causal filter of one face: each frame is answered at once.

    Attributes:
        settings: how calm.
    """

    settings: SmoothingSettings = field(default_factory=SmoothingSettings)
    _last: _Step | None = None
    _blinks: LiveBlinks = field(default_factory=LiveBlinks)
    _trend: Floats = field(default_factory=lambda: np.zeros(LIGHT.stop))
    _heard: deque[Floats] = field(default_factory=lambda: deque(maxlen=HEARD))

    def __call__(self, row: NDArray[np.void]) -> NDArray[np.void]:
        """The record of a frame (see observation.py) with calmer values."""
        return self._blinks(written(self.step(row)))

    def step(self, row: NDArray[np.void]) -> _Step:
        """Take one record; what the backward pass needs of it."""
        noise = self._noise(row)
        last = self._last
        if last is None or not _continues(last.row, row):
            self._trend[:] = 0
            self._last = _Step(row, np.array(row["rotation"]), values_of(row), noise, noise)
            return self._last
        seconds = max(float(row["time_s"] - last.row["time_s"]), 1e-3)
        turned = Rotation.from_matrix(np.array(row["rotation"]) @ last.rotation.T).as_rotvec()
        difference = values_of(row) - last.values
        difference[:3] = turned
        if not row["light"].any():
            difference[LIGHT] = 0.0
        predicted = last.variance + noise * self._drift**2 * seconds
        predicted = predicted + self._movement(difference, predicted + noise)
        gain = predicted / (predicted + noise)
        change = gain * difference
        values = last.values + change
        values[:3] = 0.0
        rotation = Rotation.from_rotvec(change[:3]).as_matrix() @ last.rotation
        self._last = _Step(row, rotation, values, (1 - gain) * predicted, predicted)
        return self._last

    @property
    def _drift(self) -> Floats:
        """SD of each number's walk in a second, (89,), over its measured SD."""
        out = np.full(LIGHT.stop, self.settings.drift)
        out[LIGHT] = LIGHT_WALK / LIGHT_SD
        return out

    def _noise(self, row: NDArray[np.void]) -> Floats:
        """Variance (89,) of what a frame says."""
        pose, weights, looks = self.settings.noise
        share = np.concatenate([np.full(EXPRESSION.start, pose), np.full(52, weights), np.full(4, looks)])
        level = float(row["light"][0].mean())
        of_light = np.full(27, (LIGHT_SD * level) ** 2 if level else 1.0)
        stated = np.concatenate([np.asarray(row["variance"], np.float64) * share**2, of_light])
        self._heard.append(values_of(row))
        if len(self._heard) < HEARD_LEAST:
            return stated
        fourth = np.abs(np.diff(np.array(self._heard), 4, axis=0))
        heard = np.quantile(fourth, QUIET, axis=0) / (QUIET_OF_NORMAL * np.sqrt(70) * SURELY)
        return np.clip(heard**2, stated, stated * _most_noise() ** 2)

    def _movement(self, difference: Floats, expected: Floats) -> Floats:
        """Variance that movement adds to the walk, (89,): what noise cannot explain."""
        settings = self.settings
        surprise = difference / np.sqrt(expected)
        memory = np.exp(-1 / settings.trend_memory)
        self._trend = memory * self._trend + (1 - memory) * np.clip(surprise, -3, 3)
        sudden = np.abs(surprise) / _surprises(settings)
        steady = np.abs(self._trend) / settings.trend
        steady[LIGHT] = 0.0
        moving = np.maximum(sudden, steady) > 1
        return np.where(moving, np.maximum(difference**2, expected), 0.0)


def smoothed(rows: NDArray[np.void], settings: SmoothingSettings | None = None) -> NDArray[np.void]:
    """All records (N,) of one face, in the order of frames, smoothed with what comes before and after each.

    Blinks are whole (blinks.py).
    """
    if not len(rows):
        return rows.copy()
    live = LiveFilter(settings or SmoothingSettings())
    lit = np.array([written(step) for step in _backward([live.step(row) for row in rows])], rows.dtype)
    return with_whole_blinks(calmed_by_windows(rows, lit, CurveNoise()))


class FixedLag(Generic[Item]):
    """Smooths the faces of a stream, each frame with `ahead` frames after it, and hands the frames on in their order.

    Blinks are whole, as a stream learns them (blinks.py). At most 2 · ahead + 1 frames are held, and so many records
    of each face before them.
    """

    def __init__(self, ahead: int, settings: SmoothingSettings | None = None) -> None:
        self._ahead, self._settings = ahead, settings or SmoothingSettings()
        self._faces: dict[int, _HeldFace] = {}
        self._waiting: list[tuple[Item, list[int]]] = []

    def push(self, item: Item, rows: Sequence[NDArray[np.void]]) -> Iterator[tuple[Item, list[NDArray[np.void]]]]:
        """Take a frame with its records; those frames that are ready."""
        numbers = [int(row["track_id"]) for row in rows]
        for number, row in zip(numbers, rows, strict=True):
            face = self._faces.setdefault(number, _HeldFace(LiveFilter(self._settings)))
            face.steps.append(face.filter.step(row))
        self._waiting.append((item, numbers))
        if len(self._waiting) > 2 * self._ahead:
            yield from self._out(self._ahead)

    def flush(self) -> Iterator[tuple[Item, list[NDArray[np.void]]]]:
        """The frames that are left."""
        yield from self._out(len(self._waiting))

    def _out(self, count: int) -> Iterator[tuple[Item, list[NDArray[np.void]]]]:
        leaving = Counter(number for _, numbers in self._waiting[:count] for number in numbers)
        done = {number: iter(self._faces[number].out(leaves)) for number, leaves in leaving.items()}
        for item, numbers in self._waiting[:count]:
            yield item, [next(done[number]) for number in numbers]
        del self._waiting[:count]


@dataclass
class _HeldFace:
    """One face of a stream: its filter, blinks and noise, and steps of which the first `before` were handed on."""

    filter: LiveFilter
    steps: list[_Step] = field(default_factory=list)
    before: int = 0
    blinks: LiveBlinks = field(default_factory=LiveBlinks)
    noise: CurveNoise = field(default_factory=CurveNoise)

    def out(self, count: int) -> list[NDArray[np.void]]:
        """The next so many records, smoothed by all that are held."""
        rows = np.array([step.row for step in self.steps])
        lit = np.array([written(step) for step in _backward(self.steps)], rows.dtype)
        calm = calmed_by_windows(rows, lit, self.noise)[self.before : self.before + count]
        gone = max(self.before + count - REACH - EASED, 0)
        self.steps, self.before = self.steps[gone:], self.before + count - gone
        return [self.blinks(row) for row in calm]


def _backward(steps: list[_Step]) -> list[_Step]:
    """Rauch, Tung and Striebel's pass over steps of the filter."""
    out = list(steps)
    for k in range(len(steps) - 2, -1, -1):
        now, after = steps[k], out[k + 1]
        if not _continues(now.row, after.row):
            continue
        share = now.variance / steps[k + 1].predicted
        difference = after.values - now.values
        difference[:3] = Rotation.from_matrix(after.rotation @ now.rotation.T).as_rotvec()
        change = share * difference
        values = now.values + change
        values[:3] = 0.0
        rotation = Rotation.from_rotvec(change[:3]).as_matrix() @ now.rotation
        out[k] = _Step(now.row, rotation, values, now.variance, now.predicted)
    return out


def values_of(row: NDArray[np.void]) -> Floats:
    """The followed numbers (62,) of a record, zeros in place of the rotation, and its light (27,)."""
    looks, light = (np.asarray(row[name], np.float64).ravel() for name in ("gaze", "light"))
    return np.concatenate([np.zeros(3), row["place"], [row["log_scale"]], row["expression"], looks, light])


def written(step: _Step) -> NDArray[np.void]:
    """A step as a record again; weights stay within 0..1."""
    row = step.row.copy()
    row["rotation"], row["place"], row["log_scale"] = step.rotation, step.values[3:5], step.values[5]
    row["log_depth"] = step.row["log_depth"] + step.row["log_scale"] - step.values[5]  # the focal length stays
    row["expression"] = np.clip(step.values[EXPRESSION], 0.0, 1.0)
    row["gaze"], row["light"] = step.values[GAZE].reshape(2, 2), step.values[LIGHT].reshape(9, 3)
    return row


def _continues(before: NDArray[np.void], after: NDArray[np.void]) -> bool:
    """Whether two records are of one shot without a long gap."""
    return bool(before["cut"] == after["cut"]) and float(after["time_s"] - before["time_s"]) <= LONGEST_GAP_S


@cache
def _most_noise() -> Floats:
    """(89,) by how much the SD of each number may be larger than its fit states."""
    out = np.ones(LIGHT.stop)
    out[: EXPRESSION.start] = MOST_NOISE
    out[EXPRESSION] = MOST_NOISE_OF_UNITS
    for name in FAST_UNITS:
        out[EXPRESSION.start + ARKIT_NAMES.index(name)] = MOST_NOISE if "Blink" in name else 1.0
    return out


def _surprises(settings: SmoothingSettings) -> Floats:
    out = np.full(LIGHT.stop, settings.surprise)
    out[LIGHT] = SWITCHED
    for name in FAST_UNITS:
        out[EXPRESSION.start + ARKIT_NAMES.index(name)] = settings.fast_surprise
    return out
