"""Find the rule of facegpt/fitting/confidence.py on pictures of the studio whose truth is known; it prints its numbers.

    python -m runs.fit.confidence --count 400

Pictures that no evaluation uses are fitted by "balanced" with the dense network; the log of each region's mean error is
then regressed on its signs (SD of the points, misfit, hidden share), the slopes shared by all regions.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.optimize import nnls

from facegpt.evaluate.photo_processes import in_processes
from facegpt.evaluate.protocols.synthetic import study
from facegpt.fitting.confidence import REGIONS

#: Seeds of these pictures: neither those of training nor of evaluation.
FIRST_SEED = 930_000_000
NAMES = ("face", *REGIONS)
#: Strength of the ridge, in SDs of each sign.
RIDGE = 1.0


def main() -> None:
    """Fit the pictures and print the rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=400)
    count = parser.parse_args().count
    found = [one["balanced"] for one in in_processes(study, range(FIRST_SEED, FIRST_SEED + count), "pictures") if one]
    signs = np.array([[one.signs[name] for name in NAMES] for one in found])  # (N, R, 3)
    errors = np.log([[one.error_mm[name] for name in NAMES] for one in found])
    slopes, levels, spread = fit_rule(signs, errors)
    print(f"{len(found)} of {count} faces found")
    print("SLOPES =", tuple(round(float(value), 2) for value in slopes))
    print("LEVEL =", {name: round(float(value), 2) for name, value in zip(NAMES, levels, strict=True)})
    print("SPREAD =", round(float(spread), 2))


def fit_rule(signs: np.ndarray, errors: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Regress errors (N, R) on signs (N, R, S): slopes (S,), a level for each region (R,), SD of what is left.

    A ridge shares the slope among signs that say the same (hidden points have large SDs); none may be negative.
    """
    middle_signs, middle = signs.mean(0), errors.mean(0)
    rows, wanted = (signs - middle_signs).reshape(-1, signs.shape[2]), (errors - middle).ravel()
    ridge = np.diag(RIDGE * np.sqrt(len(rows)) * rows.std(0))
    slopes = nnls(np.concatenate([rows, ridge]), np.concatenate([wanted, np.zeros(len(ridge))]))[0]
    return slopes, middle - middle_signs @ slopes, float((wanted - rows @ slopes).std())


if __name__ == "__main__":
    main()
