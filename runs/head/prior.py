"""The prior of identity: ICT's correlations, published means and spreads, whitened.

Coefficients w of the learnt modes are N(0, I) over ICT's people. Measures are linear in w, y = y0 + J w, so the shifts
to the published means of women and men and the covariance within a sex have closed forms. The pooled population,
half women and half men, is then whitened by a principal component analysis over the surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sources import Array

from facegpt.morphable.measure import MEASURES, Landmarks, measure_mm, reference

#: Measures that the calibration does not use: they follow from others or depend on parts that scans show badly.
NOT_CALIBRATED = ("nasal_root_breadth",)
#: Noise of a measure in the shifts and in the covariance, in standard deviations: measures agree only roughly.
SHIFT_NOISE, COVARIANCE_NOISE = 0.3, 0.09
#: Eigenvalues of the calibrated covariance stay within these bounds.
LEAST_VARIANCE, MOST_VARIANCE = 0.05, 4.5
#: Share of MakeHuman's own difference between the sexes that is added to what the measures say.
MALE_MACRO, MALE_RIDGE = 0.8, 30.0
SIZE = 60


@dataclass(frozen=True)
class Prior:
    """The calibrated, whitened prior on I components.

    Attributes:
        mean: (V, 3) mm, halfway between the average woman and man.
        basis: (I, V, 3) mm per SD. male: (I,) half the step from the average woman to the average man.
        project: (M, I) takes coefficients of the learnt modes to whitened identity.
    """

    mean: Array
    basis: Array
    male: Array
    project: Array


def measure_jacobian(landmarks: Landmarks, mean: Array, modes: Array, step: float = 0.5) -> tuple[Array, Array]:
    """Values (K,) on the mean and derivatives (K, M) of all measures, by central differences."""
    value = np.array([measure_mm(landmarks, mean)[n] for n in MEASURES])
    up, down = (measure_mm(landmarks, mean + sign * step * modes) for sign in (1, -1))
    return value, np.stack([(up[n] - down[n]) / (2 * step) for n in MEASURES])


def direction(field: Array, modes: Array, weight: Array, ridge: float = 1.0) -> Array:
    """Coefficients of the modes (M,) that best imitate a displacement field (V, 3) on weighted vertices."""
    ids = np.flatnonzero(weight > 0)
    root = np.sqrt(weight[ids])[:, None]
    design = (modes[:, ids] * root).reshape(len(modes), -1)
    gram = design @ design.T
    noise = ridge * 0.02 * np.trace(gram) / len(gram)
    return np.linalg.solve(gram + noise * np.eye(len(gram)), design @ (field[ids] * root).ravel())


def split_by_symmetry(modes: Array, mirror: Array) -> tuple[Array, int]:
    """Symmetric halves of the modes, then antisymmetric ones (2 M, V, 3), and M: mirror images are as likely."""
    reflected = modes[:, mirror] * [-1, 1, 1]
    return np.concatenate([0.5 * (modes + reflected), 0.5 * (modes - reflected)]), len(modes)


def target_covariance(model: Array, sd: Array, names: list[str], published: dict[tuple[str, str], float]) -> Array:
    """Covariance wanted within a sex: published SDs and correlations, else the model's, shrunk like those known."""
    spread = np.sqrt(np.diag(model))
    correlation = model / np.outer(spread, spread)
    known = [(names.index(a), names.index(b), r) for (a, b), r in published.items() if a in names and b in names]
    ours = np.array([correlation[i, j] for i, j, _ in known])
    theirs = np.array([r for _, _, r in known])
    shrink = float(np.clip((ours * theirs).sum() / (ours * ours).sum(), 0.3, 1.0))
    wanted = np.eye(len(names)) + shrink * (correlation - np.eye(len(names)))
    for i, j, r in known:
        wanted[i, j] = wanted[j, i] = r
    values, vectors = np.linalg.eigh(wanted)
    wanted = vectors @ np.diag(np.maximum(values, 0.02)) @ vectors.T
    wanted /= np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    return wanted * np.outer(sd, sd)


def calibrated_covariance(jacobian: Array, wanted: Array) -> Array:
    """Covariance (M, M) of the coefficients that gives the measures the wanted one and else stays at the identity."""
    model = jacobian @ jacobian.T
    back = jacobian.T @ np.linalg.inv(model + COVARIANCE_NOISE**2 * np.diag(np.diag(wanted)))
    sigma = np.eye(jacobian.shape[1]) + back @ (wanted - model) @ back.T
    values, vectors = np.linalg.eigh(sigma)
    print(f"prior: eigenvalues of the calibrated covariance {values[0]:.2f} … {values[-1]:.2f}")
    return vectors @ np.diag(np.clip(values, LEAST_VARIANCE, MOST_VARIANCE)) @ vectors.T


def calibrate(
    mean: Array,
    learnt: tuple[Array, int],
    weight: Array,
    landmarks: Landmarks,
    male_field: Array,
    published: dict[tuple[str, str], float],
) -> Prior:
    """Shift, spread and whiten the modes `learnt` (see split_by_symmetry); measures act on the symmetric ones only."""
    modes, even = learnt
    numbers = reference()
    use = [k for k, n in enumerate(MEASURES) if n not in NOT_CALIBRATED and {"F", "M"} <= set(numbers.get(n, {}))]
    names = [MEASURES[k] for k in use]
    women, men = (np.array([numbers[n][s] for n in names]) for s in "FM")
    middle, half = 0.5 * (men + women)[:, 0], 0.5 * (men - women)[:, 0]
    within = np.sqrt(0.5 * (men[:, 1] ** 2 + women[:, 1] ** 2))
    moved = np.zeros(len(modes))
    for _ in range(3):  # Gauss-Newton: measures are not quite linear
        value, jacobian = measure_jacobian(landmarks, mean + np.einsum("m,mvi->vi", moved, modes), modes)
        j = jacobian[use]
        j[:, even:] = 0
        back = j.T @ np.linalg.inv(j @ j.T + SHIFT_NOISE**2 * np.diag(within**2))
        moved = back @ (middle - value[use] + j @ moved)
    centre = mean + np.einsum("m,mvi->vi", moved, modes)
    male = MALE_MACRO * direction(male_field, modes, weight, MALE_RIDGE)
    male[even:] = 0
    male = male + back @ (half - j @ male)
    print(
        f"prior: the mean moves by {np.linalg.norm(moved):.1f} SD, "
        f"the sexes are {2 * np.linalg.norm(male):.1f} SD apart"
    )
    sigma = calibrated_covariance(j, target_covariance(j @ j.T, within, names, published))
    pooled = sigma + np.outer(male, male)
    values, vectors = np.linalg.eigh(pooled)
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    spread = np.einsum("ml,mvi->lvi", root, modes)
    flat = (spread * np.sqrt(weight)[None, :, None]).reshape(len(spread), -1)
    left, singular, _ = np.linalg.svd(flat, full_matrices=False)
    values_even = np.linalg.norm(left[:even, :SIZE], axis=0)
    print(f"prior: {int((values_even < 0.5).sum())} of {SIZE} components are asymmetries")
    left = left[:, :SIZE] * np.sign(left[np.abs(left[:, :SIZE]).argmax(0), np.arange(SIZE)])
    print(f"prior: {SIZE} components hold {(singular[:SIZE] ** 2).sum() / (singular**2).sum():.2%} of the variance")
    basis = np.einsum("ml,mvi->lvi", left, spread)
    project = np.linalg.inv(root) @ left
    return Prior(centre, basis, male @ project, project)
