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
#: So many blinks tell how far the lids come; with fewer a usual one, of others, counts as one of them.
FEWEST, USUAL_TOP = 2, 0.7
#: At most so much are weights raised, and taken for those of open eyes.
MOST_GAIN, MOST_OPEN = 2.0, 0.15
#: From this share of a blink's height on a weight is raised in full; what is less may be noise of open eyes.
SURELY_CLOSING = 0.5
#: Frames that a stream remembers, and after how many it learns anew.
KEPT, LEARN_EVERY = 900, 10
#: Share of the way that is gone each frame to what was learnt anew: lids of open eyes do not jump.
EASE = 0.05


def with_whole_blinks(rows: NDArray[np.void]) -> NDArray[np.void]:
    """Records (N,) of one face with eyeBlink scaled so that the median blink shuts the eyes; as given without any."""
    weights = np.asarray(rows["expression"][:, _BLINKS], np.float64)
    open_eyes, heights = _blinks_seen(weights.mean(1), np.asarray(rows["time_s"], np.float64))
    if not len(heights):
        return rows
    out = rows.copy()
    out["expression"][:, _BLINKS] = _raised(weights, open_eyes, _expected(heights))
    return out


@dataclass
class LiveBlinks:
    """Scales the blinks of one face of a stream, as `with_whole_blinks` does those of a clip.

    It begins with a usual blink and learns from the blinks of the last KEPT frames.
    """

    _seen: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=KEPT))
    _found: tuple[float, float] = (0.0, USUAL_TOP)
    _learnt: tuple[float, float] = (0.0, USUAL_TOP)
    _since: int = 0

    def __call__(self, row: NDArray[np.void]) -> NDArray[np.void]:
        """A record with its blinks scaled by what is known so far."""
        weights = np.asarray(row["expression"][_BLINKS], np.float64)
        self._seen.append((float(row["time_s"]), float(weights.mean())))
        self._since += 1
        if self._since >= LEARN_EVERY:
            self._since = 0
            time_s, means = np.array(self._seen).T
            open_eyes, heights = _blinks_seen(means, time_s)
            self._learnt = open_eyes, _expected(heights)
        (open_eyes, top), (new_open, new_top) = self._found, self._learnt
        self._found = open_eyes + EASE * (new_open - open_eyes), top + EASE * (new_top - top)
        out = row.copy()
        out["expression"][_BLINKS] = _raised(weights, *self._found)
        return out


def _blinks_seen(weights: Floats, time_s: Floats) -> tuple[float, Floats]:
    """Of mean weights (N,) that of open eyes, and how far above it each blink comes."""
    open_eyes = float(min(np.quantile(weights, 0.1), MOST_OPEN)) if len(weights) else 0.0
    return open_eyes, weights[blink_tops(weights - open_eyes, time_s)] - open_eyes


def _expected(heights: Floats) -> float:
    """How far the lids come in a blink, by those that were seen, and by a usual one where they are few."""
    return float(np.median(heights if len(heights) >= FEWEST else [USUAL_TOP, *heights]))


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
