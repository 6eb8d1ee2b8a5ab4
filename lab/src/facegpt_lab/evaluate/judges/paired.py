"""Two methods on the same photos: the interval of their difference or ratio, by a paired bootstrap over photos."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from facegpt.types import Array
from facegpt_lab.evaluate.registry import Row, figure

_DRAWS = 1000


def interval(name: str, statistic: Callable[[NDArray[np.intp]], float], count: int, unit: str) -> list[Row]:
    """The 95 % interval of a statistic of `count` photos; it is asked for the value over any list of them."""
    rng = np.random.default_rng(0)
    low, high = np.nanpercentile([statistic(rng.integers(0, count, count)) for _ in range(_DRAWS)], (2.5, 97.5))
    return [
        figure(f"{name}, 95 % interval from", float(low), unit),
        figure(f"{name}, 95 % interval to", float(high), unit),
    ]


def mean_of_picks(values: Array) -> Callable[[NDArray[np.intp]], float]:
    """The statistic "mean of the values (N,)" for `interval`; values that are not numbers are left out."""
    return lambda picks: float(np.nanmean(np.asarray(values)[picks]))


def rank_correlation(first: Array, second: Array) -> float:
    """Spearman's correlation of two lists; what is equal shares its rank."""
    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])
