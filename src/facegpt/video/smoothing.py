"""Calm motion out of what single frames say: a live filter without delay, and a smoother for files that looks ahead.

Every followed number (rotation, place, scale, 52 weights, 4 gaze angles) is a random walk that is measured with the
variance that its fit states. How far the walk may go from one frame to the next adapts: what differs from the
expectation by more than noise can explain is believed to be movement, so that a blink or a closing mouth passes at
full height, while a face at rest rests. Files are smoothed by a second, backward pass over the same model (Rauch, Tung
and Striebel 1965). Rotations are filtered in the tangent space about the last estimate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from facegpt.conventions import ARKIT_NAMES
from facegpt.video.blinks import LiveBlinks, with_whole_blinks
from facegpt.video.observation import EXPRESSION, FOLLOWED, GAZE

Floats = NDArray[np.float64]
Item = TypeVar("Item")

#: A gap or a cut longer than this many seconds begins anew.
LONGEST_GAP_S = 0.4
#: Lips and lids move fastest: a smaller surprise counts as movement there.
FAST_UNITS = ("eyeBlinkLeft", "eyeBlinkRight", "mouthClose", "jawOpen", "mouthRollLower", "mouthRollUpper")


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

    noise: tuple[float, float, float] = (0.24, 0.10, 0.5)
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
    _trend: Floats = field(default_factory=lambda: np.zeros(FOLLOWED))

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
        predicted = last.variance + noise * self.settings.drift**2 * seconds
        predicted = predicted + self._movement(difference, predicted + noise)
        gain = predicted / (predicted + noise)
        change = gain * difference
        values = last.values + change
        values[:3] = 0.0
        rotation = Rotation.from_rotvec(change[:3]).as_matrix() @ last.rotation
        self._last = _Step(row, rotation, values, (1 - gain) * predicted, predicted)
        return self._last

    def _noise(self, row: NDArray[np.void]) -> Floats:
        pose, weights, looks = self.settings.noise
        share = np.concatenate([np.full(EXPRESSION.start, pose), np.full(52, weights), np.full(4, looks)])
        return np.asarray(row["variance"], np.float64) * share**2

    def _movement(self, difference: Floats, expected: Floats) -> Floats:
        """Variance that movement adds to the walk, (62,): what noise cannot explain."""
        settings = self.settings
        surprise = difference / np.sqrt(expected)
        memory = np.exp(-1 / settings.trend_memory)
        self._trend = memory * self._trend + (1 - memory) * np.clip(surprise, -3, 3)
        sudden = np.abs(surprise) / _surprises(settings)
        steady = np.abs(self._trend) / settings.trend
        moving = np.maximum(sudden, steady) > 1
        return np.where(moving, np.maximum(difference**2, expected), 0.0)


def smoothed(rows: NDArray[np.void], settings: SmoothingSettings | None = None) -> NDArray[np.void]:
    """All records (N,) of one face, in the order of frames, smoothed with what comes before and after each.

    Blinks are whole (blinks.py).
    """
    live = LiveFilter(settings or SmoothingSettings())
    steps = [live.step(row) for row in rows]
    return (
        with_whole_blinks(np.array([written(step) for step in _backward(steps)], rows.dtype)) if steps else rows.copy()
    )


class FixedLag(Generic[Item]):
    """Smooths the faces of a stream, each frame with `ahead` frames after it, and hands the frames on in their order.

    Blinks are whole, as a stream learns them (blinks.py). At most 2 · ahead + 1 frames are held.
    """

    def __init__(self, ahead: int, settings: SmoothingSettings | None = None) -> None:
        self._ahead, self._settings = ahead, settings or SmoothingSettings()
        self._filters: dict[int, LiveFilter] = {}
        self._blinks: dict[int, LiveBlinks] = {}
        self._waiting: list[tuple[Item, list[tuple[int, _Step]]]] = []

    def push(self, item: Item, rows: Sequence[NDArray[np.void]]) -> Iterator[tuple[Item, list[NDArray[np.void]]]]:
        """Take a frame with its records; those frames that are ready."""
        steps = []
        for row in rows:
            number = int(row["track_id"])
            steps.append((number, self._filters.setdefault(number, LiveFilter(self._settings)).step(row)))
        self._waiting.append((item, steps))
        if len(self._waiting) > 2 * self._ahead:
            yield from self._out(self._ahead)

    def flush(self) -> Iterator[tuple[Item, list[NDArray[np.void]]]]:
        """The frames that are left."""
        yield from self._out(len(self._waiting))

    def _out(self, count: int) -> Iterator[tuple[Item, list[NDArray[np.void]]]]:
        by_face: dict[int, list[_Step]] = {}
        for _, steps in self._waiting:
            for number, step in steps:
                by_face.setdefault(number, []).append(step)
        done = {number: iter(_backward(steps)) for number, steps in by_face.items()}
        for item, steps in self._waiting[:count]:
            yield item, [self._whole(number, written(next(done[number]))) for number, _ in steps]
        del self._waiting[:count]

    def _whole(self, number: int, row: NDArray[np.void]) -> NDArray[np.void]:
        """The record with whole blinks, by those that its person had before."""
        return self._blinks.setdefault(number, LiveBlinks())(row)


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
    """The followed numbers (62,) of a record, zeros in place of the rotation."""
    return np.concatenate(
        [np.zeros(3), row["place"], [row["log_scale"]], row["expression"], np.asarray(row["gaze"]).ravel()]
    )


def written(step: _Step) -> NDArray[np.void]:
    """A step as a record again; weights stay within 0..1."""
    row = step.row.copy()
    row["rotation"], row["place"], row["log_scale"] = step.rotation, step.values[3:5], step.values[5]
    row["log_depth"] = step.row["log_depth"] + step.row["log_scale"] - step.values[5]  # the focal length stays
    row["expression"] = np.clip(step.values[EXPRESSION], 0.0, 1.0)
    row["gaze"] = step.values[GAZE].reshape(2, 2)
    return row


def _continues(before: NDArray[np.void], after: NDArray[np.void]) -> bool:
    """Whether two records are of one shot without a long gap."""
    return bool(before["cut"] == after["cut"]) and float(after["time_s"] - before["time_s"]) <= LONGEST_GAP_S


def _surprises(settings: SmoothingSettings) -> Floats:
    out = np.full(FOLLOWED, settings.surprise)
    for name in FAST_UNITS:
        out[EXPRESSION.start + ARKIT_NAMES.index(name)] = settings.fast_surprise
    return out
