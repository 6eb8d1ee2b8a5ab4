"""Several photos of one person: one identity for all, a pose, an expression and a light for each.

Each photo is fitted alone first. Its Gauss-Newton Hessian, with everything but the identity eliminated (Schur
complement), says how much that photo knows of each direction of the identity, so the fits can be fused in closed form:
a product of Gaussians in which the prior counts once. Then every photo is fitted again with that identity held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.gauss_newton import POSE, FitError, Prior
from facegpt.fitting.landmark_fit import LandmarkSolution, landmark_solution, with_identity
from facegpt.fitting.photo_fit import as_fit, refined_solution
from facegpt.fitting.photometric import Photometric
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.runtime.threads import one_thread
from facegpt.types import DensePoints, Detection, Fit

Floats = NDArray[np.float64]

#: The detector errs alike in all photos of a face, so N photos say as much as N to this power.
INDEPENDENCE = 0.8


@dataclass(frozen=True)
class Sighting:
    """One photo of the person.

    Attributes:
        image: (H, W, 3) uint8 sRGB. detection: of the person in it. focal_px: the focal length if it is known.
        dense: what the dense landmark network says of the face, or None.
    """

    image: NDArray[np.uint8]
    detection: Detection
    focal_px: float | None = None
    dense: DensePoints | None = None


@one_thread()
def fit_person(model: MakeHumanHead, sightings: Sequence[Sighting]) -> list[Fit]:
    """Fit one identity to several photos of a person, and to each its own pose, expression and light.

    Returns:
        A Fit for each sighting, as `fit_photo`; all have the same identity.

    Raises:
        FitError: if there is no sighting, or one has degenerate points.
    """
    if not sightings:
        raise FitError("there is no photo to fit the person to")
    starts = [
        landmark_solution(model, one.detection, (one.image.shape[1], one.image.shape[0]), one.focal_px, one.dense)
        for one in sightings
    ]
    alone = [refined_solution(model, start, one.image) for start, one in zip(starts, sightings, strict=True)]
    if len(sightings) == 1:
        return [as_fit(starts[0], alone[0])]
    count = model.sizes.identity
    said = [sight(start, found, count) for start, found in zip(starts, alone, strict=True)]
    identity = fuse([one.pull for one in said], [one.identity for one in said])
    doubt = np.linalg.inv(total_precision([one.information for one in said]))
    fits = []
    for start, one in zip(starts, sightings, strict=True):
        held = with_identity(start, identity)
        fits.append(replace(as_fit(held, refined_solution(model, held, one.image)), identity_covariance=doubt))
    return fits


@dataclass(frozen=True, eq=False)
class Said:
    """What one photo alone says of the person.

    Attributes:
        identity: (I,) the most probable one.
        pull: (I, I) how strongly the photo draws to it, with all that it was found with (a belief that counts more
            beside colours, a size that is held): what fusing rests on. information: (I, I) the photo's precision.
            Both with the population N(0, 1) taken off.
    """

    identity: Floats
    pull: Floats
    information: Floats


def sight(start: LandmarkSolution, found: Photometric, count: int) -> Said:
    """What a refined fit, begun from `start`, says of the `count` parameters of the identity."""
    theta, drawn = found.state.theta, found.hessian.copy()
    if found.found is not None:
        theta, precision = found.found
        rows = slice(POSE, POSE + len(theta))
        drawn[rows, rows] += precision - start.prior.precision
    pull, information = (identity_information(one, theta, start.prior, count) for one in (drawn, found.hessian))
    return Said(theta[:count], pull, information)


def identity_information(hessian: Floats, theta: Floats, prior: Prior, count: int) -> Floats:
    """What one photo alone says of the identity: its precision (I, I), the population N(0, 1) taken off.

    What the dense network knows of the identity is in the prior, so it counts as the photo's.
    Unknowns at their bounds are taken as known, all others as free.
    """
    free = np.ones(len(hessian), bool)
    shape = slice(POSE, POSE + len(theta))
    free[shape] = (theta > prior.lower + 1e-9) & (theta < prior.upper - 1e-9)
    inner = np.arange(POSE, POSE + count)
    free[inner] = False
    outer = np.flatnonzero(free)
    across = hessian[np.ix_(inner, outer)]
    known = hessian[np.ix_(inner, inner)] - across @ np.linalg.solve(hessian[np.ix_(outer, outer)], across.T)
    known = 0.5 * (known + known.T) - np.eye(count)
    values, vectors = np.linalg.eigh(known)
    return (vectors * np.maximum(values, 0.0)) @ vectors.T


def fuse(information: Sequence[Floats], identities: Sequence[Floats], independence: float = INDEPENDENCE) -> Floats:
    """Fuse most probable identities (I,), each found alone with the prior N(0, 1), into the one of all photos.

    A photo's own maximum z obeys (1 + A) z = b with A its information, so the data's part b is known; the parts add up.
    """
    eye = np.eye(len(identities[0]))
    share, total = len(information) ** (independence - 1), total_precision(information, independence)
    pull = share * np.sum([(eye + a) @ z for a, z in zip(information, identities, strict=True)], axis=0)
    return np.linalg.solve(total, pull)


def total_precision(information: Sequence[Floats], independence: float = INDEPENDENCE) -> Floats:
    """The inverse covariance (I, I) of the identity after all photos, the population in it once."""
    share = len(information) ** (independence - 1)
    return np.eye(len(information[0])) + share * np.sum(information, axis=0)
