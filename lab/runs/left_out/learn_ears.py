"""How likely something is at an ear by the numbers of its pixels and by the network, and what is said of pictures.

learn_jewellery.py calls these; the weights and the bound that they print are those of
facegpt.reconstruct.left_out.at_ears.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array

#: Weight of the prior on weights, and steps of Newton's method; parts into which the training half is cut.
RIDGE, STEPS, PARTS = 8.0, 40, 6
#: Share of bare pictures of which jewellery may be said; share of them that tells how the surest ones fall off.
FALSE, TAIL = 0.015, 0.2


def said_of_ears(
    numbers: Array,
    worn: NDArray[np.bool_],
    taught: NDArray[np.bool_],
    names: NDArray[np.str_],
    person: NDArray[np.intp],
) -> None:
    """Print weights learnt of the training half, and what they say of parts of it left out, and of the other half.

    Args:
        numbers: (N, 8) of ears, those of pixels nan where the photo is too coarse; the last the network's log odds, of
            the training half by one that was not taught by the picture.
        worn: (N,) what is there.
        taught: (N,) of the training half.
        names: (N,) of pictures.
        person: (N,) who is on them; parts have whole people.
    """
    seen = ~np.isnan(numbers).any(1)
    numbers, worn, taught, names = numbers[seen], worn[seen], taught[seen], names[seen]
    part = np.array([zlib.crc32(str(one).encode()) % PARTS for one in person[seen]])
    odds = np.zeros(len(numbers))
    for each in range(PARTS):
        model = Weights.learnt(numbers[taught & (part != each)], worn[taught & (part != each)])
        odds[taught & (part == each)] = model.odds(numbers[taught & (part == each)])
    model = Weights.learnt(numbers[taught], worn[taught])
    odds[~taught] = model.odds(numbers[~taught])
    for name, values in (("MEAN", model.mean), ("SD", model.sd), ("WEIGHTS", model.weights), ("BIAS", model.bias)):
        print(name, np.round(values, 4).tolist())
    said_of_pictures(odds, worn, taught, names)


class Weights:
    """A logistic regression: usual numbers and their spread, weights, and what is added."""

    def __init__(self, mean: Array, sd: Array, weights: Array, bias: float) -> None:
        self.mean, self.sd, self.weights, self.bias = mean, sd, weights, bias

    @classmethod
    def learnt(cls, numbers: Array, worn: NDArray[np.bool_]) -> Weights:
        """The likeliest one, with a ridge."""
        mean, sd = numbers.mean(0), numbers.std(0) + 1e-6
        rows = np.column_stack([(numbers - mean) / sd, np.ones(len(numbers))])
        ridge = RIDGE * np.append(np.ones(numbers.shape[1]), 1e-6)
        weights = np.zeros(rows.shape[1])
        for _ in range(STEPS):
            share = 1 / (1 + np.exp(-rows @ weights))
            bend = (rows * (share * (1 - share))[:, None]).T @ rows + np.diag(ridge)
            weights -= np.linalg.solve(bend, rows.T @ (share - worn) + ridge * weights)
        return cls(mean, sd, weights[:-1], float(weights[-1]))

    def odds(self, numbers: Array) -> Array:
        """Log odds (N,)."""
        return np.asarray((numbers - self.mean) / self.sd @ self.weights + self.bias)


def said_of_pictures(odds: Array, worn: NDArray[np.bool_], taught: NDArray[np.bool_], names: NDArray[np.str_]) -> None:
    """Print the bound that the training half's bare pictures give, and what it says of both halves."""
    told, there, of_taught = by_picture(odds, worn, taught, names)
    bound = bound_of(told[of_taught & ~there])
    print(f"bound {bound:.2f}")
    for half, rows in (("training, left out", of_taught), ("validation", ~of_taught)):
        right, false = told[rows & there] > bound, told[rows & ~there] > bound
        area = (told[rows & there][:, None] > told[rows & ~there]).mean()
        print(f"{half}: {right.sum()} of {right.size}, {false.sum()} of {false.size} falsely; area {area:.3f}")


def by_picture(
    odds: Array, worn: NDArray[np.bool_], taught: NDArray[np.bool_], names: NDArray[np.str_]
) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
    """The surest window of each picture, whether any shows jewellery, and whether it is of the training half."""
    each = [names == name for name in np.unique(names)]
    reduced = [
        np.array([reduce(values[rows]) for rows in each])
        for values, reduce in ((odds, max), (worn, any), (taught, any))
    ]
    return reduced[0], reduced[1], reduced[2]


def bound_of(bare: Array) -> float:
    """The log odds that a share FALSE of bare pictures exceeds, if the upper ones of all fall off exponentially.

    One or two pictures of a hundred would tell otherwise; the tail that is fitted rests on TAIL of them.
    """
    start = np.quantile(bare, 1 - TAIL)
    return float(start + (bare[bare > start] - start).mean() * np.log(TAIL / FALSE))
