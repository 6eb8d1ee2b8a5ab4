"""How large a head is in millimetres, and how sure that is.

A photo shows angles, not lengths: a big head far away looks like a small one nearby. Two things settle the size.
The head model's prior: size is part of identity, heads differ by a few percent. And the irises, whose visible diameter
varies little between people (11.71 ± 0.42 mm, so 3.6 %): their size in pixels measures the scale at the head in px per
mm. Both enter the fit (the iris as one more residual on log s), and the uncertainty is read off the posterior.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import IRIS_DIAMETER_MM, IRIS_DIAMETER_SD_MM
from facegpt.fitting.gauss_newton import POSE, Prior, Solution
from facegpt.fitting.linear_points import LinearPoints

Floats = NDArray[np.float64]

#: MediaPipe's horizontal iris diameter over the true one, and its SD between photos, both in log units: measured over
#: the portraits and photos of the optional data against the size that the head's prior gives.
DETECTOR_BIAS_LOG, DETECTOR_SD_LOG = 0.065, 0.05
#: Of an iris seen at an angle the detector's diameter is smaller than foreshortening says: its log falls by so much of
#: the log of the foreshortening again, with this SD, which both eyes share. Learnt on pictures whose scale is known, of
#: the studio and of path-traced heads of another model, which agree (lab/runs/fit/irises.py).
TURNED_BIAS, TURNED_SD = 0.40, 0.45
#: SD in pixels of a measured iris diameter, beside that.
DIAMETER_SD_PX = 0.5
#: Irises of fewer pixels across say nothing.
LEAST_PX = 3.0
#: What a fit knows of a person, by its true errors, over what it counts: neighbouring points and colours err alike.
#: Chosen on people of the studio of no evaluation: errors are 1.1 times the SDs with it, 1.4 times without.
TOLD_SHARE = 0.2


def iris_scale(rim_px: Floats, normals: Floats, shrink: Floats, trust: Floats) -> tuple[float, float] | None:
    """Measure the scale at the head (px per mm) and its relative SD from the irises' horizontal diameters.

    Args:
        rim_px: (2, 2, 2) per eye the rim points at image right and left, of an upright face.
        normals: (2, 3) unit direction in which each iris faces, camera frame: a turned disc looks narrow.
        shrink: (2,) scale at the eye over scale at the head's centre (perspective).
        trust: (2,) 0 for a closed eye, 1 for an open one.

    Returns:
        None when no eye can be trusted or the irises are below three pixels.
    """
    diameter_px, narrow, measured = by_foreshortening(rim_px, normals, shrink)
    usable = trust * np.clip((narrow - 0.5) / 0.3, 0.0, 1.0) * (diameter_px > LEAST_PX)
    if usable.max() < 0.2:
        return None
    turned_log = -np.log(narrow)
    measured = measured + TURNED_BIAS * turned_log
    share = usable / usable.sum()
    noise = np.sqrt((share**2 * (DIAMETER_SD_PX / diameter_px) ** 2).sum())
    disagree = 0.5 * abs(measured[0] - measured[1]) if usable.min() > 0.2 else 0.03
    angled = TURNED_SD * float(share @ turned_log)
    spreads = np.array([IRIS_DIAMETER_SD_MM / IRIS_DIAMETER_MM, DETECTOR_SD_LOG, noise, disagree, angled])
    relative_sd = np.linalg.norm(spreads)
    return float(np.exp(share @ measured)), float(relative_sd / np.sqrt(float(usable.max())))


def by_foreshortening(rim_px: Floats, normals: Floats, shrink: Floats) -> tuple[Floats, Floats, Floats]:
    """Of each iris (N,): its diameter in pixels, what its turn leaves of that (0..1), and the log scale they give.

    As `iris_scale` gets them; the log is that of px per mm at the head, the detector's usual bias off.
    """
    across = rim_px[:, 0] - rim_px[:, 1]
    diameter_px = np.maximum(np.linalg.norm(across, axis=1), 1e-6)
    turned = (normals[:, :2] * across).sum(1) / diameter_px
    narrow = np.sqrt(np.maximum(1 - turned**2, 0.05))
    return diameter_px, narrow, np.log(diameter_px / (narrow * shrink * IRIS_DIAMETER_MM)) - DETECTOR_BIAS_LOG


def scale_sd(points: LinearPoints, solution: Solution) -> float:
    """The posterior relative SD of the head's metric size.

    The Laplace approximation: the inverse of the Gauss-Newton Hessian at the solution is the covariance of all
    unknowns; it is projected on the direction of log size, the root-mean-square radius of the resting landmarks about
    their centre, a linear function of identity near the solution. Weights at their bounds count as free, so the value
    never flatters.
    """
    gradient = np.zeros(len(solution.hessian))
    gradient[POSE : POSE + points.identity] = size_gradient(points, solution.state.theta[: points.identity])
    variance = gradient @ np.linalg.solve(solution.hessian, gradient)
    return float(np.sqrt(np.maximum(variance, 0.0)))


def size_gradient(points: LinearPoints, identity: Floats) -> Floats:
    """Slope (I,) of the log size of a resting head, the RMS radius of its landmarks, along each identity parameter."""
    basis = points.basis[:, :, : points.identity]
    rest = points.mean + basis @ identity
    flat = rest - rest.mean(0)
    return np.asarray(np.einsum("lx,lxi->i", flat, basis) / (flat**2).sum(), np.float64)


def with_held_size(prior: Prior, points: LinearPoints, identity: Floats, log_sd: float) -> Prior:
    """A prior of the same shapes whose log size stays within `log_sd` of that of an identity (I,).

    Colours do not tell how large a head is: what a fit to them changes of it comes with shapes that go with size in the
    population. The size is linear in the identity to first order, so that the prior stays a Gaussian.
    """
    count, gradient = len(identity), size_gradient(points, identity)
    precision = prior.precision[:count, :count]
    held = precision + np.outer(gradient, gradient) / log_sd**2
    pulled = precision @ prior.mean[:count] + gradient * (gradient @ identity) / log_sd**2
    mean = prior.mean.copy()
    mean[:count] = np.linalg.solve(held, pulled)
    return replace(prior, mean=mean, identity_precision=held)


def identity_covariance(posterior: Floats, count: int) -> Floats:
    """The covariance (I, I) of the `count` identity parameters, all other unknowns free.

    posterior: (Q, Q) that of all unknowns, the inverse of the Hessian (Laplace).
    """
    return np.asarray(posterior[POSE : POSE + count, POSE : POSE + count])


def told_covariance(information: Floats) -> Floats:
    """The covariance (I, I) that is told of an identity of which so much is counted: (I, I) beyond N(0, 1)."""
    return np.asarray(np.linalg.inv(np.eye(len(information)) + TOLD_SHARE * information))
