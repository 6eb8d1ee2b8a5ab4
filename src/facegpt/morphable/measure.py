"""Distances on a head in millimetres, by the landmarks of physical anthropometry, and their place in the population.

Landmarks are points of the surface chosen once on the mean head (lab/runs/head/landmarks.py) and are the same on every
head. Measures are taken on the neutral head without hair. Definitions: Weinberg et al. 2016 (3D Facial Norms) and
Gordon et al. 2014 (ANSUR II); numbers: assets/anthropometry.csv.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import lru_cache
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from facegpt import assets
from facegpt.types import Array, Measure

REFERENCE = "anthropometry.csv"
#: Straight distances between two landmarks; a side is added to landmarks that have one.
DISTANCES: dict[str, tuple[str, str]] = {
    "bizygomatic_breadth": ("zygion_left", "zygion_right"),
    "bigonial_breadth": ("gonion_left", "gonion_right"),
    "minimum_frontal_breadth": ("frontotemporale_left", "frontotemporale_right"),
    "head_breadth": ("euryon_left", "euryon_right"),
    "head_length": ("glabella", "opisthocranion"),
    "menton_sellion_length": ("sellion", "menton"),
    "face_height_nasion_gnathion": ("nasion", "menton"),
    "lower_face_height": ("subnasale", "menton"),
    "nose_height_nasion_subnasale": ("nasion", "subnasale"),
    "nasal_bridge_length": ("nasion", "pronasale"),
    "nose_protrusion": ("subnasale", "pronasale"),
    "nose_breadth": ("alare_left", "alare_right"),
    "nasal_ala_length": ("alar_curvature_left", "pronasale"),
    "subnasal_width": ("subalare_left", "subalare_right"),
    "nasal_root_breadth": ("maxillofrontale_left", "maxillofrontale_right"),
    "interpupillary_distance": ("pupil_left", "pupil_right"),
    "inner_canthal_distance": ("endocanthion_left", "endocanthion_right"),
    "outer_canthal_distance": ("exocanthion_left", "exocanthion_right"),
    "palpebral_fissure_length": ("endocanthion_left", "exocanthion_left"),
    "lip_length": ("cheilion_left", "cheilion_right"),
    "upper_lip_height": ("subnasale", "stomion"),
    "philtrum_length": ("subnasale", "labrale_superius"),
    "philtrum_width": ("crista_philtri_left", "crista_philtri_right"),
    "upper_vermilion_height": ("labrale_superius", "stomion"),
    "lower_vermilion_height": ("stomion", "labrale_inferius"),
    "cutaneous_lower_lip_height": ("labrale_inferius", "sublabiale"),
    "ear_length": ("superaurale_right", "subaurale_right"),
    "ear_breadth": ("preaurale_right", "postaurale_right"),
    "ear_protrusion": ("mastoid_right", "ear_edge_right"),
}
#: Tape lengths along a chain of landmarks: (name of the chain, closed).
TAPES: dict[str, tuple[str, bool]] = {
    "head_circumference": ("head_ring", True),
    "neck_circumference": ("neck_ring", True),
    "bitragion_chin_arc": ("chin_arc", False),
    "bitragion_submandibular_arc": ("submandibular_arc", False),
}
#: Differences in height.
HEIGHTS: dict[str, tuple[str, str]] = {"tragion_top_of_head": ("vertex", "tragion_right")}
MEASURES: tuple[str, ...] = (*DISTANCES, *TAPES, *HEIGHTS)
#: Measures whose numbers are arithmetic on published ones: good enough for a percentile, not for calibration or tests.
DERIVED: tuple[str, ...] = ("lower_face_height",)


class Landmarks:
    """The measuring points of a head: names with a triangle of vertices and weights each; chains end in a number."""

    def __init__(self, names: Iterable[str], corners: NDArray[np.integer], weights: Array) -> None:
        self.corners, self.weights = np.asarray(corners, np.int64), np.asarray(weights, np.float64)
        self.row = {str(name): k for k, name in enumerate(names)}
        numbered = [(name.rpartition("_"), k) for name, k in self.row.items()]
        rows = sorted((start, int(end), k) for (start, _, end), k in numbered if end.isdigit())
        self._chains = {name: [k for start, _, k in rows if start == name] for name, _, _ in rows}

    def points(self, vertices: Array) -> Array:
        """Evaluate on vertices (..., V, 3): (..., N, 3)."""
        return np.einsum("...ncx,nc->...nx", np.asarray(vertices)[..., self.corners, :], self.weights)

    def chain(self, name: str) -> list[int]:
        """The rows of the chain `name`_0, `name`_1 and so on."""
        return self._chains.get(name, [])


def measure_mm(landmarks: Landmarks, vertices: Array) -> dict[str, Array]:
    """Measure neutral heads (..., V, 3) in mm: each measure is (...,) mm."""
    points = landmarks.points(vertices)
    row = landmarks.row

    def between(a: str, b: str) -> Array:
        return points[..., row[a], :] - points[..., row[b], :]

    found = {name: np.linalg.norm(between(a, b), axis=-1) for name, (a, b) in DISTANCES.items()}
    for name, (chain, closed) in TAPES.items():
        path = points[..., landmarks.chain(chain), :]
        path = np.concatenate([path, path[..., :1, :]], -2) if closed else path
        found[name] = np.linalg.norm(np.diff(path, axis=-2), axis=-1).sum(-1)
    for name, (a, b) in HEIGHTS.items():
        found[name] = np.abs(between(a, b)[..., 1])
    return found


@lru_cache(maxsize=1)
def reference() -> dict[str, dict[str, tuple[float, float]]]:
    """Read the published numbers: measure → {"M": (mean_mm, sd_mm), "F": …} (or "both")."""
    table: dict[str, dict[str, tuple[float, float]]] = {}
    with open(assets.asset_path(REFERENCE), newline="", encoding="utf-8") as file:
        for line in csv.DictReader(file):
            table.setdefault(line["measure"], {})[line["sex"]] = (float(line["mean_mm"]), float(line["sd_mm"]))
    return table


def mean_mm(name: str, sex: str | None = None) -> float:
    """The mean of a measure among adults, of one `sex` ("F" or "M") or of both in equal parts; NaN for no numbers."""
    groups = reference().get(name, {})
    kept = [groups[sex]] if sex in groups else list(groups.values())
    return sum(mean for mean, _ in kept) / len(kept) if kept else float("nan")


def percentile(name: str, value_mm: float, sex: str | None = None) -> float:
    """The percentile 0..100 of a measure among adults: of one `sex` ("F" or "M"), or of both in equal parts.

    Both sexes are taken as normal distributions. NaN for a measure without published numbers.
    """
    groups = reference().get(name, {})
    chosen = [groups[sex]] if sex in groups else list(groups.values())
    if not chosen:
        return float("nan")
    below = [0.5 * (1 + erf((value_mm - mean) / sd / sqrt(2))) for mean, sd in chosen]
    return 100.0 * sum(below) / len(below)


def measures(landmarks: Landmarks, vertices: Array, sex: str | None = None) -> dict[str, Measure]:
    """Measure one neutral head (V, 3) in mm and place it among adults (see `percentile`)."""
    values = measure_mm(landmarks, vertices)
    return {name: Measure(float(mm), percentile(name, float(mm), sex)) for name, mm in values.items()}
