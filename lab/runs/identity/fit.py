"""The reader of identities from readings: `python -m lab.runs.identity.fit STUDIO PHOTOS ICT`, files of readings.py.

Ridge regression of the identity on what the dense network says and on the descriptor; residuals of people left out
(FOLDS) are the doubt. Two more steps make it a belief about people outside: the descriptor's directions in which
photos and path-traced heads lie off the studio's as a whole count nothing, and the studio's wide population is
replaced by N(0, 1), with the share EVIDENCE of what a picture says beyond its population.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facegpt.assets import FOLDER, register
from facegpt.encode.identity import ASSET
from facegpt.morphable.base import face_region
from facegpt.types import Array
from facegpt_lab.evaluate.shared_networks import head

#: Ridge of what the network says and of the descriptor, per standardised feature: chosen on the tuning heads.
RIDGE_SAID, RIDGE_DESCRIPTOR, HEAVY = 4.0, 1.2, 1e4
FOLDS, EVIDENCE = 4, 0.85


@dataclass(frozen=True, eq=False)
class Readings:
    """said (N, I), descriptor (N, 128), target (N, I) and person (N,) of N photos."""

    said: Array
    descriptor: Array
    target: Array
    person: Array

    @property
    def features(self) -> Array:
        """(N, I + 128)."""
        return np.column_stack([self.said, self.descriptor]).astype(np.float64)

    def of(self, rows: Array) -> Readings:
        """Some of the photos."""
        return Readings(self.said[rows], self.descriptor[rows], self.target[rows], self.person[rows])


def regression(readings: Readings, off: Array) -> tuple[Array, Array]:
    """Weights (I + 128, I) and offset (I,); off (K, 128): differences of the descriptor that must say nothing."""
    features, target, count = readings.features, readings.target, readings.said.shape[1]
    mean, scale = features.mean(0), features.std(0)
    scale[:count], scale[count:] = scale[:count].mean(), scale[count:].mean()
    standard = (features - mean) / scale
    pull = np.diag(np.r_[np.full(count, RIDGE_SAID), np.full(len(mean) - count, RIDGE_DESCRIPTOR)])
    ways = np.linalg.qr((off / scale[count:]).T)[0]
    pull[count:, count:] += HEAVY * ways @ ways.T
    gram = standard.T @ standard + len(features) * pull
    weights = np.linalg.solve(gram, standard.T @ (target - target.mean(0))) / scale[:, None]
    return weights, target.mean(0) - mean @ weights


def left_out(readings: Readings, off: Array) -> Array:
    """Errors (N, I) of people that the regression has not seen."""
    fold, errors = readings.person % FOLDS, []
    for k in range(FOLDS):
        weights, offset = regression(readings.of(fold != k), off)
        rest = readings.of(fold == k)
        errors.append(rest.target - rest.features @ weights - offset)
    return np.concatenate(errors)


def under_population(weights: Array, offset: Array, doubt: Array, people: Array) -> dict[str, Array]:
    """The same belief with N(0, 1) for the studio's population of covariance `people` (I, I)."""
    precision = np.linalg.inv(doubt)
    values, vectors = np.linalg.eigh(precision - np.linalg.inv(people))
    said = (vectors * np.maximum(values, 0)) @ vectors.T
    covariance = np.linalg.inv(np.eye(len(doubt)) + EVIDENCE * said)
    gain = EVIDENCE * covariance @ precision
    arrays = {"weights": weights @ gain.T, "offset": gain @ offset, "covariance": covariance}
    return {name: value.astype(np.float32) for name, value in arrays.items()}


def main() -> None:
    """Fit, say how well, and write the package's file."""
    columns: dict[str, Array] = {}
    with np.load(sys.argv[1], allow_pickle=False) as arrays:
        columns = {name: arrays[name] for name in ("said", "descriptor", "target", "person")}
    readings, means = Readings(**columns), []
    for name in sys.argv[2:4]:
        with np.load(Path(name), allow_pickle=False) as arrays:
            means.append(arrays["descriptor"].mean(0) - readings.descriptor.mean(0))
    off = np.stack(means)
    errors, target = left_out(readings, off), readings.target
    doubt, people = errors.T @ errors / len(errors), target.T @ target / len(target)
    weights, offset = regression(readings, off)
    np.savez(FOLDER / ASSET, **under_population(weights, offset, doubt, people))
    basis = head().identity_basis[:, face_region(head())].reshape(len(doubt), -1).astype(np.float64)
    mm = basis @ basis.T
    share = 1 - np.sqrt(np.trace(doubt @ mm) / np.trace(people @ mm))
    print(
        f"{len(target)} photos of {len(set(readings.person.tolist()))} people; {share:.3f} of the RMS in mm explained"
    )
    print(register(ASSET))


if __name__ == "__main__":
    main()
