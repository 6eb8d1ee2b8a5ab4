"""Does a caption find its photo? Its head, and the descriptors of photos, ranked by distance.

Each caption is tried with its own photo and 19 others, many times. The others are anybody's, or people of the same
looks: the nearest in age in their half of masculinity, once. By chance 1 of 20 is found
first, and the mean rank is 10.5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array

AMONG, TRIALS, RESAMPLES = 20, 50, 1000


@dataclass(frozen=True)
class Found:
    """Where N captions found their photos.

    Attributes:
        ranks: (N, trials), 1 is first.
    """

    ranks: NDArray[np.int64]

    def share(self, within: int) -> Array:
        """(N,) the share of a caption's trials in which its photo is among the first so many."""
        return np.asarray((self.ranks <= within).mean(1))

    def figures(self) -> dict[str, Array]:
        """(N,) of each figure that is reported."""
        return {"R@1": self.share(1), "R@5": self.share(5), "mean rank": self.ranks.mean(1)}


def candidates(count: int, seed: int, among: int = AMONG) -> NDArray[np.intp]:
    """Draw anybody's photos for each trial of N = count captions, the own one first: (N, TRIALS, among)."""
    rng = np.random.default_rng([seed, 20])
    out = np.empty((count, TRIALS, among), np.intp)
    for row in range(count):
        others = np.delete(np.arange(count), row)
        out[row] = [[row, *rng.permutation(others)[: among - 1]] for _ in range(TRIALS)]
    return out


def alike(looks: Array, among: int = AMONG) -> NDArray[np.intp]:
    """Take the photos of those who are nearest in age in the same half of masculinity: (N, 1, among).

    looks: (N, 2) masculinity and age, years. A half with fewer people than `among` lets there be so many only.
    """
    masculine, years = np.asarray(looks, float).T
    half = masculine > np.median(masculine)
    least = min(among, int(half.sum()), int((~half).sum()))
    off = np.where(half[:, None] == half, np.abs(years[:, None] - years), np.inf)
    np.fill_diagonal(off, -1)
    return np.asarray(np.argsort(off, 1, kind="stable")[:, None, :least])


def find(heads: Array, photos: Array, tried: NDArray[np.intp]) -> Found:
    """Rank the photos (N, 128) by their distance to each caption's head (N, 128); equal ones share the worse rank."""
    gaps = np.linalg.norm(np.asarray(heads)[:, None] - np.asarray(photos)[None], axis=2)
    own = np.take_along_axis(gaps[:, None], tried.reshape(len(gaps), 1, -1), 2).reshape(tried.shape)
    return Found((own[:, :, 1:] <= own[:, :, :1]).sum(2) + 1)


def centred(heads: Array, photos: Array, usual_head: Array, usual_photo: Array) -> tuple[Array, Array]:
    """Take off what heads, and photos, have in common (128,), as the photos learnt from tell it."""
    return np.asarray(heads) - usual_head, np.asarray(photos) - usual_photo


def interval(values: Array, statistic: Callable[[Array], float] = np.mean) -> tuple[float, float]:
    """The 95 % interval of a statistic of N captions' values, by a bootstrap over captions."""
    rng = np.random.default_rng(0)
    drawn = [float(statistic(values[rng.integers(0, len(values), len(values))])) for _ in range(RESAMPLES)]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return float(low), float(high)
