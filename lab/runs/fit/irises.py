"""How far off the detector's irises are, by how far they face aside: `python -m lab.runs.fit.irises`.

Pictures whose scale is known: the studio's (seeds as of confidence.py) and path-traced heads of tuning people. What
each iris says of the log of the scale, by foreshortening alone, is regressed on the log of that foreshortening, with a
level for each kind of picture and Student-t errors that grow with it. Prints TURNED_BIAS and TURNED_SD of
fitting/scale.py. Needs FACEGPT_DATA and mitsuba.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from facegpt.fitting import landmark_fit, scale
from facegpt.morphable.base import face_region
from facegpt.types import Array, Camera, Detection, Pose
from facegpt_lab.evaluate.protocols.out_of_model import make_sample, make_scene
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.evaluate.shared_networks import detector, head, whole_look
from facegpt_lab.evaluate.studio_pictures import picture
from facegpt_lab.synthesis.studio.ict_person import IctHead
from lab.runs.fit.confidence import FIRST_SEED

STUDIO, TRACED, FIRST_TRACED = 160, 90, 31000
#: Irises of eyes less open, and more foreshortened, say nothing here. Degrees of freedom of the errors.
LEAST_TRUST, LEAST_NARROW, TAIL = 0.5, 0.4, 4.0


def irises(image: Array, detection: Detection, true_log: float, kind: int) -> list[tuple[float, ...]]:
    """Of each iris that is seen: error of the log scale, -log of the foreshortening, size in pixels, kind."""
    told = []
    plain = scale.iris_scale

    def watched(rim_px: Array, normals: Array, shrink: Array, trust: Array) -> tuple[float, float] | None:
        for eye in range(2):
            one = scale.by_foreshortening(rim_px[eye : eye + 1], normals[eye : eye + 1], shrink[eye : eye + 1])
            diameter_px, narrow, log_scale = (float(value[0]) for value in one)
            if trust[eye] > LEAST_TRUST and narrow > LEAST_NARROW and diameter_px > scale.LEAST_PX:
                told.append((log_scale - true_log, -np.log(narrow), diameter_px, kind))
        return plain(rim_px, normals, shrink, trust)

    landmark_fit.iris_scale = watched
    try:
        size = (image.shape[1], image.shape[0])
        landmark_fit.landmark_solution(head(), detection, size, None, whole_look(image, detection))
    finally:
        landmark_fit.iris_scale = plain
    return told


def log_scale(pose: Pose, camera: Camera, middle: Array) -> float:
    """The log of px per mm at a point (3,) of the head."""
    return float(np.log(camera.focal_px / pose.apply(middle[None])[0, 2]))


def studio() -> list[tuple[float, ...]]:
    """Irises of pictures of the studio."""
    middle, told = head().mean_vertices[face_region(head())].mean(0), []
    for seed in range(FIRST_SEED, FIRST_SEED + STUDIO):
        seen = picture(seed)
        if seen.detection is not None:
            truth = seen.photo.params
            told += irises(seen.photo.image, seen.detection, log_scale(truth.pose, truth.camera, middle), 0)
    return told


def traced() -> list[tuple[float, ...]]:
    """Irises of path-traced heads of another model."""
    data, told = optional_data(), []
    ict = IctHead(data / "ict_facekit.npz")
    for seed in range(FIRST_TRACED, FIRST_TRACED + TRACED):
        sample = make_sample(seed, data)
        for detection in detector().detect(sample.image)[:1]:
            scene = make_scene(seed, ict, data)
            middle = scene.person.neutral[ict.landmark_vertices].mean(0)
            told += irises(sample.image, detection, log_scale(scene.pose, scene.camera, middle), 1)
    return told


def main() -> None:
    """Regress, and print the numbers."""
    error, turned, diameter_px, kind = np.array([*studio(), *traced()]).T

    def misfit(unknowns: Array) -> float:
        level = np.where(kind == 0, unknowns[0], unknowns[1])
        spread = np.sqrt(
            np.exp(2 * unknowns[3]) + (scale.DIAMETER_SD_PX / diameter_px) ** 2 + (np.exp(unknowns[4]) * turned) ** 2
        )
        off = (error - level + unknowns[2] * turned) / spread
        return float((np.log(spread) + (TAIL + 1) / 2 * np.log1p(off**2 / TAIL)).sum())

    found = minimize(misfit, [0, 0, 0.3, -3, -2], method="Nelder-Mead", options={"maxiter": 5000}).x
    print(f"{len(error)} irises: levels {found[0]:.3f} (studio), {found[1]:.3f} (traced); SD {np.exp(found[3]):.3f}")
    print(f"TURNED_BIAS, TURNED_SD = {found[2]:.2f}, {np.exp(found[4]):.2f}")


if __name__ == "__main__":
    main()
