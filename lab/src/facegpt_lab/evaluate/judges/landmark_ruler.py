"""Plain distances between the 68 iBUG and the 478 MediaPipe landmarks, as somebody from outside would take them.

Not all of them are from outside any more: the solver of shapes aims at some of the same distances, so that a trait
shows at the landmarks as well (describe/landmark_measures.py). AIMED_AT names those; the others follow from readings of
the surface. A ruler that nothing aims at is in surface_ruler.py.
"""

from __future__ import annotations

import numpy as np

from facegpt.types import Array

#: Distance of this ruler → the product's own name of the same distance, at which its solver aims.
AIMED_AT = {
    "nose_width": "nose_base_width",
    "jaw_width": "jaw_outline_width",
    "low_jaw_share": "jaw_outline_share",
    "chin_width": "chin_outline_width",
    "chin_height": "chin_drop",
    "chin_to_lip": "chin_reach",
    "eye_aspect": "eye_opening_share",
    "tip_rise": "tip_rise",
    "brow_gap": "brow_gap",
}


def landmark_distances(p: Array, q: Array) -> dict[str, float]:
    """Measures of a head at rest by its landmarks (68, 3) and (478, 3) mm: mm, and shares of the face's width."""

    def apart(one: int, other: int, of: Array = p) -> float:
        return float(np.linalg.norm(of[one] - of[other]))

    width, openings = apart(1, 15), [apart(*pair) for pair in ((37, 41), (38, 40), (43, 47), (44, 46))]
    eyes = (apart(36, 39) + apart(42, 45)) / 2
    tilt = (p[36, 1] - p[39, 1]) / apart(36, 39) + (p[45, 1] - p[42, 1]) / apart(42, 45)
    return {
        "face_width": width,
        "face_length": apart(27, 8),
        "aspect": apart(27, 8) / width,
        "mesh_width": apart(234, 454, q),
        "mesh_length": apart(10, 152, q),
        "jaw_width": apart(4, 12),
        "jaw_share": apart(4, 12) / width,
        "low_jaw_share": apart(5, 11) / width,
        "chin_height": p[57, 1] - p[8, 1],
        "chin_distance": apart(57, 8),
        "chin_width": apart(7, 9),
        "chin_to_nose": p[8, 2] - p[33, 2],
        "chin_to_lip": p[8, 2] - p[57, 2],
        "nose_width": apart(31, 35),
        "nose_share": apart(31, 35) / width,
        "nose_length": apart(27, 33),
        "bridge_length": apart(27, 30),
        "nose_depth": p[30, 2] - p[33, 2],
        "tip_depth": p[30, 2] - (p[31, 2] + p[35, 2]) / 2,
        "bridge_depth": p[27, 2] - (p[39, 2] + p[42, 2]) / 2,
        "tip_rise": p[30, 1] - p[33, 1],
        "eye_width": eyes,
        "eye_height": float(np.mean(openings)),
        "eye_aspect": float(np.mean(openings)) / eyes,
        "eye_gap": apart(39, 42),
        "eye_gap_share": apart(39, 42) / width,
        "eye_tilt": tilt / 2,
        "brow_height": ((p[19, 1] - p[37, 1]) + (p[24, 1] - p[44, 1])) / 2,
        "brow_gap": p[17:27, 1].mean() - p[36:48, 1].mean(),
        "mouth_width": apart(48, 54),
        "mouth_share": apart(48, 54) / width,
        "upper_lip": apart(51, 62),
        "lower_lip": apart(66, 57),
        "lips": apart(51, 57),
        "philtrum": apart(33, 51),
        "corners": (p[48, 1] + p[54, 1]) / 2 - p[62, 1],
        "forehead_height": apart(10, 9, q),
        "forehead_width": apart(54, 284, q),
    }
