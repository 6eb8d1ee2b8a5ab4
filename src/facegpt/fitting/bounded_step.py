"""One step of a least-squares fit whose unknowns have bounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv

Floats = NDArray[np.float64]


def bounded_step(hessian: Floats, gradient: Floats, lower: Floats, upper: Floats, rounds: int = 12) -> Floats:
    """Minimise ½ dᵀHd + gᵀd over lower ≤ d ≤ upper by an active set (Nocedal and Wright 2006, sec. 16.5, simplified).

    Unknowns that would leave their bounds are held there; those that are held but would rather move inside are let go.
    lower ≤ 0 ≤ upper is needed; infinite bounds are allowed.
    """
    held = ((upper <= 0) & (gradient < 0)) | ((lower >= 0) & (gradient > 0)) | (upper <= lower)
    step = np.zeros_like(gradient)
    for _ in range(rounds):
        free = np.flatnonzero(~held)
        if len(free):
            right = gradient[free]
            if (at := np.flatnonzero(held & (step != 0))).size:
                right = right + hessian[free[:, None], at] @ step[at]
            step[free] = -dposv(hessian[free[:, None], free], right)[1]
        outside = ~held & ((step < lower - 1e-12) | (step > upper + 1e-12))
        step = np.minimum(np.maximum(step, lower), upper)
        if outside.any():
            held |= outside
            continue
        slope = hessian @ step + gradient
        wants_in = held & (upper > lower) & (((step <= lower) & (slope < -1e-9)) | ((step >= upper) & (slope > 1e-9)))
        if not wants_in.any():
            break
        held &= ~wants_in
    return step
