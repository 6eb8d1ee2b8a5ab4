"""The prior of identity: ICT's correlations, published means and spreads, whitened.

Coefficients w of the modes are N(0, I) over ICT's people. Measures are nearly linear in w, y = y0 + J w, so the shifts
to the published means of women and men have a closed form and the covariance within a sex a small convex problem
(spread.py). The population, half women and half men, is cut to I components that keep the surface and every measure,
its means are settled on samples, and it is whitened by a principal component analysis over the surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facegpt.morphable.measure import DERIVED, MEASURES, Landmarks, measure_mm, reference
from lab.runs.head.spread import fit_covariance, published_pairs, wanted_correlation
from lab.runs.shared.sources import Array

#: Noise of a measure in the shifts, in standard deviations: published measures agree only roughly with each other.
SHIFT_NOISE = 0.5
#: Share of MakeHuman's own difference between the sexes that is added to what the measures say.
MALE_MACRO, MALE_RIDGE = 0.8, 30.0
#: Variance within a sex along the difference of the sexes (in half differences): women and men overlap.
SEX_OVERLAP = 0.18
SIZE = 60
#: Measures weigh in the choice of components like this component of the surface; rounds on this many samples.
MEASURE_RANK, SETTLING_ROUNDS, SETTLING_SAMPLES = 20, 2, 1000


@dataclass(frozen=True)
class ModeSet:
    """Modes (M, V, 3) mm per SD: `free` learnt symmetric ones, then fixed symmetric ones up to `even`, then odd ones.

    The calibration may change the spread of the free ones only.
    """

    fields: Array
    free: int
    even: int


@dataclass(frozen=True)
class Prior:
    """The calibrated, whitened prior on I components.

    Attributes:
        mean: (V, 3) mm, halfway between the average woman and man.
        basis: (I, V, 3) mm per SD. male: (I,) half the step from the average woman to the average man.
    """

    mean: Array
    basis: Array
    male: Array


@dataclass(frozen=True)
class Published:
    """Published numbers of the measures used: rows of MEASURES, names, means of both sexes, half differences, SDs."""

    rows: list[int]
    names: list[str]
    middle: Array
    half: Array
    within: Array


def published_numbers() -> Published:
    """All measures with numbers for both sexes."""
    numbers = reference()
    rows = [k for k, n in enumerate(MEASURES) if n not in DERIVED and {"F", "M"} <= set(numbers.get(n, {}))]
    names = [MEASURES[k] for k in rows]
    women, men = (np.array([numbers[n][s] for n in names]) for s in "FM")
    within = np.sqrt(0.5 * (men[:, 1] ** 2 + women[:, 1] ** 2))
    return Published(rows, names, 0.5 * (men + women)[:, 0], 0.5 * (men - women)[:, 0], within)


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


def split_by_symmetry(modes: Array, mirror: Array) -> tuple[Array, Array]:
    """Symmetric and antisymmetric halves of the modes, (M, V, 3) each: mirror images are as likely."""
    reflected = modes[:, mirror] * [-1, 1, 1]
    return 0.5 * (modes + reflected), 0.5 * (modes - reflected)


def root_of(matrix: Array) -> Array:
    """Symmetric square root of a positive matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 1e-12))) @ vectors.T


def pull_back(jacobian: Array, covariance: Array, within: Array) -> Array:
    """The (M, K) operator from wanted changes of measures (mm) to the most probable coefficients."""
    spread = covariance @ jacobian.T
    return spread @ np.linalg.inv(jacobian @ spread + SHIFT_NOISE**2 * np.diag(within**2))


@dataclass(frozen=True)
class Population:
    """Women N(-male, within) and men N(+male, within) around `mean`, in coefficients of `fields` (M, V, 3)."""

    mean: Array
    fields: Array
    male: Array
    within: Array


def calibrated(
    mean: Array,
    modes: ModeSet,
    weight: Array,
    landmarks: Landmarks,
    male_field: Array,
    pairs: dict[tuple[str, str], float],
) -> Population:
    """Shift and spread the modes to the published numbers; `pairs` are the published correlations."""
    numbers, fields, size = published_numbers(), modes.fields, len(modes.fields)
    free = np.arange(size) < modes.free
    moved = np.zeros(size)
    for _ in range(3):  # Gauss-Newton: measures are not quite linear
        value, jacobian = measure_jacobian(landmarks, mean + np.tensordot(moved, fields, 1), fields)
        j = jacobian[numbers.rows]
        j[:, modes.even :] = 0
        back = pull_back(j * free, np.eye(size), numbers.within)
        moved = back @ (numbers.middle - value[numbers.rows] + j @ moved)
    male = MALE_MACRO * direction(male_field, fields, weight, MALE_RIDGE)
    male[modes.even :] = 0
    male = male + back @ (numbers.half - j @ male)
    gradients = j / numbers.within[:, None]
    given = gradients * ~free @ (gradients * ~free).T + SEX_OVERLAP * np.outer(gradients @ male, gradients @ male)
    learnt = gradients * free
    wanted, trust = wanted_correlation(learnt @ learnt.T, published_pairs(numbers.names, pairs))
    within = fit_covariance(learnt, given, wanted, trust) + SEX_OVERLAP * np.outer(male, male)
    print(f"prior: the mean moves by {np.linalg.norm(moved):.1f} SD")
    return Population(mean + np.tensordot(moved, fields, 1), fields, male, within)


def reduced(people: Population, modes: ModeSet, weight: Array, landmarks: Landmarks) -> Population:
    """Keep SIZE whitened components: those of the surface, and the directions of measures, fixed modes and sex."""
    root = root_of(people.within + np.outer(people.male, people.male))
    back = np.linalg.inv(root)
    spread = np.tensordot(root, people.fields, 1)
    flat = (spread * np.sqrt(weight)[None, :, None]).reshape(len(spread), -1)
    numbers = published_numbers()
    _, jacobian = measure_jacobian(landmarks, people.mean, people.fields)
    jacobian[:, modes.even :] = 0
    measures = root @ jacobian[numbers.rows].T / numbers.within
    fixed = back[:, modes.free : modes.even]
    kept = np.concatenate([measures, fixed, (back @ people.male)[:, None]], 1)
    singular = np.linalg.svd(flat, compute_uv=False)
    left = np.linalg.svd(np.concatenate([flat, singular[MEASURE_RANK] * kept], 1), full_matrices=False)[0][:, :SIZE]
    share = ((left.T @ flat) ** 2).sum() / (flat**2).sum()
    print(f"prior: {SIZE} components hold {share:.2%} of the variance of the surface")
    within = left.T @ back @ people.within @ back @ left
    return Population(people.mean, np.tensordot(left.T, spread, 1), left.T @ back @ people.male, within)


def settled(people: Population, landmarks: Landmarks, mirror: Array) -> Population:
    """Correct the means of both sexes on samples, because measures are not linear. Returns the shifted population."""
    numbers = published_numbers()
    used = np.unique(landmarks.corners)
    place = np.zeros(people.fields.shape[1], int)
    place[used] = np.arange(len(used))
    own = Landmarks(list(landmarks.row), place[landmarks.corners], landmarks.weights)
    fields, mean = people.fields[:, used], people.mean[used]
    even = (people.fields * people.fields[:, mirror] * [-1, 1, 1]).sum((1, 2)) > 0
    noise = np.random.default_rng(1).standard_normal((SETTLING_SAMPLES, len(fields)))
    noise = np.concatenate([noise, -noise]) @ root_of(people.within)
    middle, male = np.zeros(len(fields)), people.male
    for _ in range(SETTLING_ROUNDS):
        women, men = (measure_mm(own, mean + np.tensordot(middle + sign * male + noise, fields, 1)) for sign in (-1, 1))
        women_mm, men_mm = (np.array([group[n].mean() for n in numbers.names]) for group in (women, men))
        _, jacobian = measure_jacobian(own, mean + np.tensordot(middle, fields, 1), fields)
        back = pull_back(jacobian[numbers.rows] * even, people.within, numbers.within)
        middle = middle + back @ (numbers.middle - 0.5 * (women_mm + men_mm))
        male = male + back @ (numbers.half - 0.5 * (men_mm - women_mm))
    return Population(people.mean + np.tensordot(middle, people.fields, 1), people.fields, male, people.within)


def whitened(people: Population, weight: Array) -> Prior:
    """The population as N(0, I): components in order of the surface that they move."""
    root = root_of(people.within + np.outer(people.male, people.male))
    spread = np.tensordot(root, people.fields, 1)
    flat = (spread * np.sqrt(weight)[None, :, None]).reshape(len(spread), -1)
    turn = np.linalg.svd(flat, full_matrices=False)[0]
    turn = turn * np.sign(turn[np.abs(turn).argmax(0), np.arange(len(turn))])
    male = turn.T @ np.linalg.solve(root, people.male)
    apart = 2 * np.linalg.norm(male) / np.sqrt(1 - male @ male)
    print(f"prior: the average woman and man are {apart:.1f} SD (within a sex) apart")
    return Prior(people.mean, np.tensordot(turn.T, spread, 1), male)


def build_prior(
    mean: Array,
    modes: ModeSet,
    weight: Array,
    landmarks: Landmarks,
    male_field: Array,
    pairs: dict[tuple[str, str], float],
    mirror: Array,
) -> Prior:
    """Calibrate, cut, settle and whiten (see the head of this file)."""
    people = calibrated(mean, modes, weight, landmarks, male_field, pairs)
    return whitened(settled(reduced(people, modes, weight, landmarks), landmarks, mirror), weight)
