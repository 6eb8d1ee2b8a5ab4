"""The 68 points of 300W-LP and AFLW2000-3D, which are not those of ibug68.

Those sets were annotated by fitting the Basel Face Model (Zhu et al. 2016), whose 68 vertices lie elsewhere: the jaw up
to 26 mm further back, where the face turns into the neck. Points of this set are for comparing with those annotations;
photos that people annotated (300-W, LFPW) follow ibug68.
"""

from __future__ import annotations

import csv
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import asset_path
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.surface import Surface
from facegpt.types import LandmarkEmbedding

Floats = NDArray[np.float64]

NAME = "aflw68"
#: Offsets in mm, head frame, from the ibug68 points of the mean head.
ASSET = "tables/aflw68_convention.csv"


def aflw68_offsets() -> Floats:
    """Offsets (68, 3) mm, head frame, of the points from ibug68's on the mean head."""
    with asset_path(ASSET).open(newline="", encoding="utf-8") as file:
        return np.array([[float(row[f"d{axis}_mm"]) for axis in "xyz"] for row in csv.DictReader(file)])


@lru_cache(maxsize=4)
def aflw68_embedding(model: MorphableModel) -> LandmarkEmbedding:
    """The points on the skin of a head model: each at the place of the mean head nearest to its ibug68 point moved."""
    mean = np.asarray(model.mean_vertices, np.float64)
    return nearest_on_skin(model, model.embedding("ibug68")(mean) + aflw68_offsets(), NAME)


def nearest_on_skin(model: MorphableModel, points: Floats, name: str) -> LandmarkEmbedding:
    """Places on the skin of the mean head nearest to points (L, 3) mm, as an embedding called `name`."""
    triangles = np.asarray(model.triangles)[model.part == model.part_names.index("skin")]
    chosen, weights = Surface(model.mean_vertices, triangles).places(points)
    return LandmarkEmbedding(name, triangles[chosen].astype(np.int64), weights)
