"""How far a person's eyes shut when they blink, seen over a whole clip: a blink is meant to be one.

Networks keep a slit where lids meet, more of it in a blurred or small face, and what they say of open eyes is a little
off for each person. Both show in a clip: blinks come and go within a third of a second and mostly shut the eye.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES

Floats = NDArray[np.float64]

_BLINKS = [ARKIT_NAMES.index("eyeBlink" + side) for side in ("Left", "Right")]
#: A blink's lids have fallen to half this many seconds before and after its middle, and have come so far at least.
HALF_S, LEAST_RISE = 0.25, 0.25
#: So many blinks tell how far the lids come; at most so much are weights raised, and taken for those of open eyes.
FEWEST, MOST_GAIN, MOST_OPEN = 2, 2.0, 0.15
#: From this share of a blink's height on a weight is raised in full; what is less may be noise of open eyes.
SURELY_CLOSING = 0.5
#: Frames that a stream remembers, and after how many it learns anew.
KEPT, LEARN_EVERY = 900, 10
#: How far a blink is expected to come in a stream before any was seen, which counts as one blink that was.
USUAL_TOP = 0.7


def with_whole_blinks(rows: NDArray[np.void]) -> NDArray[np.void]:
    """Records (N,) of one face with eyeBlink so scaled that the median blink shuts the eyes; few blinks change none."""
    weights = np.asarray(rows["expression"][:, _BLINKS], np.float64)
    found = _measured(weights.mean(1), np.asarray(rows["time_s"], np.float64))
    if found is None:
        return rows
    out = rows.copy()
    out["expression"][:, _BLINKS] = _raised(weights, *found)
    return out


@dataclass
class LiveBlinks:
    """The same for one face of a stream: by a usual blink, and by those of the last half minute."""

    _seen: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=KEPT))
    _found: tuple[float, float] = (0.0, USUAL_TOP)
    _since: int = 0

    def __call__(self, row: NDArray[np.void]) -> NDArray[np.void]:
        """A record with its blinks scaled by what is known so far."""
        weights = np.asarray(row["expression"][_BLINKS], np.float64)
        self._seen.append((float(row["time_s"]), float(weights.mean())))
        self._since += 1
        if self._since >= LEARN_EVERY:
            self._since = 0
            time_s, means = np.array(self._seen).T
            self._found = _expected(means, time_s)
        out = row.copy()
        out["expression"][_BLINKS] = _raised(weights, *self._found)
        return out


def _measured(weights: Floats, time_s: Floats) -> tuple[float, float] | None:
    """Of mean weights (N,) that of open eyes, and how far above it the median blink comes; None of few blinks."""
    if not len(weights):
        return None
    open_eyes = float(min(np.quantile(weights, 0.1), MOST_OPEN))
    tops = blink_tops(weights - open_eyes, time_s)
    if len(tops) < FEWEST:
        return None
    return open_eyes, float(np.median(weights[tops]) - open_eyes)


def _expected(weights: Floats, time_s: Floats) -> tuple[float, float]:
    """The same of a stream: what is usual counts as one blink among those that were seen."""
    open_eyes = float(min(np.quantile(weights, 0.1), MOST_OPEN))
    tops = blink_tops(weights - open_eyes, time_s)
    return open_eyes, float(np.median([USUAL_TOP, *(weights[tops] - open_eyes)]))


def _raised(weights: Floats, open_eyes: float, top: float) -> Floats:
    """Weights so raised that `top` becomes 1; small ones, which are noise as well, hardly."""
    above = np.maximum(weights - open_eyes, 0.0)
    gain = np.clip(1 / top, 1.0, MOST_GAIN)
    sure = np.minimum(above / (SURELY_CLOSING * top), 1.0) ** 2
    return np.clip(above * (1 + (gain - 1) * sure), 0.0, 1.0)


def blink_tops(weights: Floats, time_s: Floats) -> list[int]:
    """Frames (of N) in the middle of a blink, of the mean weight of both eyes over that of open eyes."""
    tops: list[int] = []
    for k in np.flatnonzero(weights > LEAST_RISE):
        near = slice(*np.searchsorted(time_s, [time_s[k] - HALF_S, time_s[k] + HALF_S]))
        before, after = weights[near.start : k], weights[k + 1 : near.stop]
        falls = len(before) and len(after) and max(before.min(), after.min()) < 0.5 * weights[k]
        if falls and weights[k] >= weights[near].max() and (not tops or time_s[k] - time_s[tops[-1]] > HALF_S):
            tops.append(int(k))
    return tops
