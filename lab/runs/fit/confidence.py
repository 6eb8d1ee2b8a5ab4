"""Find the rule of facegpt/fitting/confidence.py on pictures whose truth is known; it prints its numbers.

    python -m lab.runs.fit.confidence

Pictures that no evaluation uses are fitted by "fast" and "balanced". On pictures of the studio the log of each region's
mean error, on path-traced people under hard conditions the logs of the surface error and of the 68-point NME are
regressed on the signs of the fit. The slopes are shared by all; the levels are those of the studio's millimetres.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from facegpt.detect.base import Detector
from facegpt.fitting.confidence import REGIONS
from facegpt.fitting.landmark_fit import LandmarkSolution, landmark_solution
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.fitting.photo_fit import as_fit, refined_solution
from facegpt.fitting.scale import identity_covariance
from facegpt.types import Array, Detection, FaceParams
from facegpt_lab.evaluate.judges.known_shape import region_error_mm
from facegpt_lab.evaluate.photo_processes import in_processes
from facegpt_lab.evaluate.protocols.out_of_model import score
from facegpt_lab.evaluate.shared_networks import detector, head, whole_look
from facegpt_lab.evaluate.strata.pictures import STRATA, draw
from facegpt_lab.evaluate.studio_pictures import picture

#: Seeds of the studio's pictures, neither of training nor of evaluation; tuning people of `eval strata` who are seen
#: in every stratum, and those who are seen in one each.
FIRST_SEED, SEEDS = 930_000_000, 80
IN_ALL, IN_ONE = range(500, 503), range(600, 666)
NAMES = ("face", *REGIONS)
QUALITIES = ("fast", "balanced")
#: Strength of the ridge, in SDs of each sign; how much a path-traced picture counts beside a region of the studio's.
RIDGE, PATH_TRACED = 0.5, 3.0


@dataclass(frozen=True)
class Examples:
    """Fits whose error is of one kind: signs (N, S), logs of the errors (N,), how much each counts."""

    signs: Array
    errors: Array
    weight: float = 1.0


Told = dict[str, dict[str, tuple[list[float], float]]]


def main() -> None:
    """Fit the pictures and print the rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int)
    workers = parser.parse_args().workers
    jobs = [(name, person) for person in IN_ALL for name in STRATA]
    jobs += [(STRATA[7 * person % len(STRATA)], person) for person in IN_ONE]
    studio = in_processes(in_studio, range(FIRST_SEED, FIRST_SEED + SEEDS), "pictures of the studio", workers)
    traced = in_processes(path_traced, jobs, "path-traced pictures", workers)
    print_rule(studio, traced)


def print_rule(studio: list[Told], traced: list[Told]) -> None:
    """Print the rule that pictures of the studio and path-traced ones tell."""
    regions = [examples(studio, name) for name in NAMES]
    others = [examples(traced, kind, PATH_TRACED) for kind in ("surface", "points")]
    slopes = slopes_of([*regions, *others])
    left = [group.errors - group.signs @ slopes for group in regions]
    print("SLOPES =", tuple(round(float(value), 2) for value in slopes))
    print("LEVEL =", {name: round(float(rest.mean()), 2) for name, rest in zip(NAMES, left, strict=True)})
    print("SPREAD =", round(float(np.std([rest - rest.mean() for rest in left])), 2))


def in_studio(seed: int) -> Told:
    """The signs and the error in mm of each region, by quality, of one picture of the studio."""
    seen = picture(seed)
    if seen.detection is None:
        return {}
    told: Told = {}
    for quality in QUALITIES:
        params, signs = fitted(seen.photo.image, seen.detection, quality)
        error = region_error_mm(head(), params, seen.photo.params)
        told[quality] = {name: (signs[name], error[name]) for name in NAMES}
    return told


def path_traced(job: tuple[str, int]) -> Told:
    """The signs of the face with its surface error in mm and its NME in percent, by quality, of a stratum's person."""
    told: Told = {}
    sample = draw(*job)
    for quality in QUALITIES:
        finder: Detector = detector().quick if quality == "fast" else detector()
        faces = finder.detect(sample.image)
        if faces:
            params, signs = fitted(sample.image, faces[0], quality)
            found = score(sample, head(), params, faces[0].points[list(MEDIAPIPE_68), :2])
            told[quality] = {"surface": (signs["face"], found.fit[0]), "points": (signs["face"], found.nme_fit)}
    return told


def fitted(image: Array, detection: Detection, quality: str) -> tuple[FaceParams, dict[str, list[float]]]:
    """Fit a face; its parameters, and the signs of each region."""
    size, dense = (image.shape[1], image.shape[0]), whole_look(image, detection)
    start = landmark_solution(head(), detection, size, None, dense)
    if quality == "fast":
        return start.as_fit().params, rows_of(start, start.solution.hessian)
    refined = refined_solution(head(), start, image)
    return as_fit(start, refined).params, rows_of(start.with_state(refined.state), refined.hessian)


def rows_of(solution: LandmarkSolution, hessian: Array) -> dict[str, list[float]]:
    """The signs by region as numbers."""
    covariance = identity_covariance(np.linalg.inv(hessian), solution.face.surface.identity)
    return {name: list(one.row) for name, one in solution.signs(covariance).items()}


def examples(told: list[Told], kind: str, weight: float = 1.0) -> Examples:
    """All fits of both qualities with an error of this kind."""
    rows = [one[quality][kind] for one in told for quality in QUALITIES if quality in one]
    return Examples(np.array([signs for signs, _ in rows]), np.log([error for _, error in rows]), weight)


def slopes_of(groups: list[Examples]) -> Array:
    """Regress the errors of all groups on their signs with slopes (S,) in common; each group has a level of its own.

    A ridge shares the slope among signs that say the same (hidden points have large SDs); none may be negative.
    """
    roots = [np.sqrt(group.weight) for group in groups]
    rows = np.concatenate([r * (g.signs - g.signs.mean(0)) for r, g in zip(roots, groups, strict=True)])
    wanted = np.concatenate([r * (g.errors - g.errors.mean()) for r, g in zip(roots, groups, strict=True)])
    ridge = np.diag(RIDGE * np.sqrt(len(rows)) * rows.std(0))
    return np.asarray(nnls(np.concatenate([rows, ridge]), np.concatenate([wanted, np.zeros(len(ridge))]))[0])


if __name__ == "__main__":
    main()
