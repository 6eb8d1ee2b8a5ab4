"""Products of many small matrices with wide ones: numpy calls BLAS once for each, which takes several times longer."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def add_products(out: NDArray, start: int, left: NDArray, right: NDArray, rows: NDArray[np.int64]) -> None:
    """Add left[n] @ right[rows[n]] to out[n, :, start : start + Q].

    Shapes: out (N, D, ≥ start + Q), left (N, D, C), right (M, C, Q), rows (N,). Loops over plain rows use the
    processor's wide registers.
    """
    wide = right.shape[2]
    for n in range(len(out)):
        for d in range(out.shape[1]):
            line = out[n, d, start : start + wide]
            for c in range(right.shape[1]):
                share, row = left[n, d, c], right[rows[n], c]
                for q in range(wide):
                    line[q] += share * row[q]
