"""Several photos of one person: one identity for all, a pose, an expression and a light for each.

Each photo is fitted alone first. Its Gauss-Newton Hessian, with everything but the identity eliminated (Schur
complement), says how much that photo knows of each direction of the identity, so the fits can be fused in closed form:
a product of Gaussians in which the prior counts once. Then every photo is fitted again with that identity held.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.fitting.gauss_newton import POSE, FitError, Prior
from facegpt.fitting.landmark_fit import LandmarkSolution, landmark_solution, with_identity
from facegpt.fitting.photo_fit import as_fit, refined_solution, with_bite
from facegpt.fitting.photometric import Photometric
from facegpt.fitting.scale import told_covariance
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.runtime.side_by_side import in_order
from facegpt.runtime.threads import one_thread
from facegpt.types import DensePoints, Detection, Fit

Floats = NDArray[np.float64]

#: Fits of N photos of a face err alike, so that of the person's doubt N photos know as much as N to this power; what
#: they say of her adds up all the same, since nothing tells them apart.
INDEPENDENCE = 0.2


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


#: What the photos say of the identity beyond their own fits: it is given these with the fused identity held, that
#: identity (I,) and its covariance (I, I), and gives an identity and its covariance in their place, or None.
Together = Callable[[Sequence[LandmarkSolution], Floats, Floats], tuple[Floats, Floats] | None]


@one_thread()
def fit_person(model: MakeHumanHead, sightings: Sequence[Sighting], together: Together | None = None) -> list[Fit]:
    """Fit one identity to several photos of a person, and to each its own pose, expression and light.

    together: compares the photos with each other, once each was fitted alone.

    Returns:
        A Fit for each sighting, as `fit_photo`; all have the same identity.

    Raises:
        FitError: if there is no sighting, or one has degenerate points.
    """
    if not sightings:
        raise FitError("there is no photo to fit the person to")
    starts = [_bitten(model, one) for one in sightings]
    images = [one.image for one in sightings]
    alone = _refined(model, starts, images)
    if len(sightings) == 1:
        return [as_fit(starts[0], alone[0])]
    count = model.sizes.identity
    said = [sight(start, found, count) for start, found in zip(starts, alone, strict=True)]
    information = [one.information for one in said]
    identity, doubt = fuse(information, [one.identity for one in said]), joint_doubt(information)
    if together is not None:
        held = [with_identity(start, identity) for start in starts]
        identity, doubt = together(held, identity, doubt) or (identity, doubt)
    known = [with_identity(start, identity) for start in starts]
    found = zip(known, _refined(model, known, images), strict=True)
    return [replace(as_fit(start, refined), identity_covariance=doubt) for start, refined in found]


def _bitten(model: MakeHumanHead, one: Sighting) -> LandmarkSolution:
    """The landmark fit of one photo, its jaw shut where teeth meet."""
    size = one.image.shape[1], one.image.shape[0]
    start = landmark_solution(model, one.detection, size, one.focal_px, one.dense)
    return with_bite(start, one.image, one.detection.points)


def _refined(
    model: MakeHumanHead, starts: Sequence[LandmarkSolution], images: Sequence[NDArray[np.uint8]]
) -> list[Photometric]:
    """Each photo's fit refined on its colours, on all cores."""

    def refine(pair: tuple[LandmarkSolution, NDArray[np.uint8]]) -> Photometric:
        return refined_solution(model, *pair)

    return [refined for _, refined in in_order(refine, zip(starts, images, strict=True))]


@dataclass(frozen=True, eq=False)
class Said:
    """What one photo alone says of the person: a most probable identity (I,), and its precision beyond N(0, 1)."""

    identity: Floats
    information: Floats


def sight(start: LandmarkSolution, found: Photometric, count: int) -> Said:
    """What a refined fit, begun from `start`, says of the `count` parameters of the identity.

    Colours find it with a prior in which a belief counts more and the size is held. Neither is said of the person: the
    identity is moved to where the fit's own quadratic form, that of its Hessian, has its least value without them.
    """
    if found.found is None:
        return Said(
            found.state.theta[:count], identity_information(found.hessian, found.state.theta, start.prior, count)
        )
    theta, prior = found.found
    information = identity_information(found.hessian, theta, start.prior, count)
    beyond = slope(prior, theta, count) - slope(start.prior, theta, count)
    return Said(theta[:count] + np.linalg.solve(np.eye(count) + information, beyond), information)


def slope(prior: Prior, theta: Floats, count: int) -> Floats:
    """How steeply a prior rises along the identity (count,) at θ."""
    return np.asarray(prior.precision[:count, :count] @ (theta - prior.mean)[:count])


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


def fuse(information: Sequence[Floats], identities: Sequence[Floats]) -> Floats:
    """Fuse most probable identities (I,), each found alone with the prior N(0, 1), into the one of all photos.

    A photo's own maximum z obeys (1 + A) z = b with A its information, so the data's part b is known; the parts add up.
    """
    eye = np.eye(len(identities[0]))
    pull = np.sum([(eye + a) @ z for a, z in zip(information, identities, strict=True)], axis=0)
    return np.linalg.solve(eye + np.sum(information, axis=0), pull)


def joint_doubt(information: Sequence[Floats]) -> Floats:
    """The covariance (I, I) that is told of the identity after all photos."""
    return told_covariance(len(information) ** (INDEPENDENCE - 1) * np.sum(information, axis=0))
