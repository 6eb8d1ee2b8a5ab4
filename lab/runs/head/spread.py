"""The covariance within a sex: published spreads and correlations of measures, as near to ICT's people as they allow.

In the space of the measures' gradients the covariance K is the solution of a small convex problem,

    min  Σ_ij w_ij (L K Lᵀ - C)_ij² + μ ‖K - I‖²   with  least ≤ K ≤ most  (eigenvalues),

by projected gradients with momentum (FISTA, Beck and Teboulle 2009). C holds the published correlations (w = 1), the
spreads (w = 2 on the diagonal) and, where nothing is published, the learnt correlations, shrunk (w small). Bounds and μ
matter: without them the solution fits the numbers exactly and the heads are monsters.
"""

from __future__ import annotations

import numpy as np

from lab.runs.shared.sources import Array

#: Weights of spreads and of unpublished correlations against a published correlation; pull towards ICT's covariance.
SPREAD_WEIGHT, UNKNOWN_WEIGHT, PULL = 2.0, 0.03, 0.03
#: Bounds of K's eigenvalues, in variances of ICT's people.
LEAST_VARIANCE, MOST_VARIANCE = 0.1, 4.0
ROUNDS = 4000
#: A measure without published correlations that spans what another one spans.
ALIAS = {"face_height_nasion_gnathion": "menton_sellion_length"}


def published_pairs(names: list[str], published: dict[tuple[str, str], float]) -> list[tuple[int, int, float]]:
    """Rows of `names` and their correlation, for every published pair and for aliases."""
    known = {(a, b): r for (a, b), r in published.items() if a in names and b in names}
    for (a, b), r in published.items():
        for alias, own in ALIAS.items():
            if alias in names and own in (a, b):
                other = b if a == own else a
                if other in names:
                    known[alias, other] = r
    return [(names.index(a), names.index(b), r) for (a, b), r in known.items()]


def wanted_correlation(model: Array, pairs: list[tuple[int, int, float]]) -> tuple[Array, Array]:
    """Correlations wanted (K, K) and their weights: published ones, else the model's, shrunk like those known."""
    spread = np.sqrt(np.diag(model))
    correlation = model / np.outer(spread, spread)
    ours = np.array([correlation[i, j] for i, j, _ in pairs])
    theirs = np.array([r for _, _, r in pairs])
    shrink = float(np.clip((ours * theirs).sum() / (ours * ours).sum(), 0.3, 1.0))
    wanted = np.eye(len(model)) + shrink * (correlation - np.eye(len(model)))
    weight = np.full(wanted.shape, UNKNOWN_WEIGHT)
    np.fill_diagonal(weight, SPREAD_WEIGHT)
    for i, j, r in pairs:
        wanted[i, j] = wanted[j, i] = r
        weight[i, j] = weight[j, i] = 1.0
    return wanted, weight


def fit_covariance(gradients: Array, given: Array, wanted: Array, weight: Array) -> Array:
    """Covariance (M, M) of the modes' coefficients.

    Args:
        gradients: (K, M) of each measure, in its published SD.
        given: (K, K) covariance that the measures have from elsewhere (the sexes' overlap, fixed modes).
        wanted: (K, K) C of the head of this file.
        weight: (K, K) w of the head of this file.
    """
    span = np.linalg.svd(gradients, full_matrices=False)[2].T
    small = gradients @ span
    identity = np.eye(span.shape[1])
    steepest = 2 * np.linalg.norm(small, 2) ** 4 * weight.max() + 2 * PULL
    found = ahead = identity
    momentum = 1.0
    for _ in range(ROUNDS):
        misfit = weight * (small @ ahead @ small.T + given - wanted)
        slope = 2 * small.T @ misfit @ small + 2 * PULL * (ahead - identity)
        values, vectors = np.linalg.eigh(ahead - slope / steepest)
        step = (vectors * np.clip(values, LEAST_VARIANCE, MOST_VARIANCE)) @ vectors.T
        faster = 0.5 * (1 + np.sqrt(1 + 4 * momentum * momentum))
        ahead = step + (momentum - 1) / faster * (step - found)
        found, momentum = step, faster
    values = np.linalg.eigvalsh(found)
    print(f"spread: eigenvalues {values[0]:.2f} … {values[-1]:.2f} of ICT's variances")
    return np.eye(gradients.shape[1]) + span @ (found - identity) @ span.T
