"""Modes that no scan taught: what MakeHuman's macros have beyond ICT's people, and four places that ICT keeps still.

ICT's identity modes come from registered scans, in which points slide along smooth skin alike on everybody. Measures
between such points (temples, ridges of the philtrum, base of the nostrils, fold above the chin) therefore spread less
than in people. One small smooth shift for each gives the spread back without bending the surface elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facegpt.morphable.measure import Landmarks, measure_mm
from lab.runs.head.prior import direction
from lab.runs.shared.sources import Array

#: Macro → SDs at which the whole of what the learnt modes miss of it is reached.
MACROS: dict[str, float] = {"child": 4.0, "old": 3.0, "african": 3.0, "asian": 3.0}
#: Measure → landmark that is shifted (on both sides, if it has sides), direction on the left, reach and SD in mm.
LOCAL: dict[str, tuple[str, tuple[float, float, float], float, float]] = {
    "minimum_frontal_breadth": ("frontotemporale", (1, 0, 0), 28.0, 5.0),
    "philtrum_width": ("crista_philtri", (1, 0, 0), 5.0, 1.2),
    "subnasal_width": ("subalare", (1, 0, 0), 6.0, 1.3),
    "cutaneous_lower_lip_height": ("sublabiale", (0, -1, 0), 10.0, 1.7),
}
#: Ridge of the macros on the learnt modes.
MACRO_RIDGE = 4.0


def local_fields(mean: Array, landmarks: Landmarks) -> Array:
    """Smooth shifts (4, V, 3) mm around the landmarks of LOCAL; one SD changes its measure by the SD given there."""
    points, row, fields = landmarks.points(mean), landmarks.row, []
    for measure, (stem, along, reach, sd) in LOCAL.items():
        names = [(stem, along)] if stem in row else []
        names = names or [(f"{stem}_left", along), (f"{stem}_right", (-along[0], along[1], along[2]))]
        field = np.zeros_like(mean)
        for name, way in names:
            near = np.exp(-((mean - points[row[name]]) ** 2).sum(1) / (2 * reach**2))
            field += near[:, None] * np.array(way, float)
        up, down = (measure_mm(landmarks, mean + sign * 0.5 * field)[measure] for sign in (1, -1))
        fields.append(field * sd / (up - down))
    return np.stack(fields)


def macro_fields(fields: Sequence[Array], learnt: Array, weight: Array) -> Array:
    """What the learnt symmetric modes (M, V, 3) miss of the macros of MACROS, in their order: (4, V, 3) mm per SD."""
    missing = []
    for field, sds in zip(fields, MACROS.values(), strict=True):
        known = np.tensordot(direction(field, learnt, weight, MACRO_RIDGE), learnt, 1)
        missing.append((field - known) / sds)
    return np.stack(missing)


def symmetric(fields: Array, mirror: Array) -> Array:
    """The symmetric part of fields (K, V, 3)."""
    return 0.5 * (fields + fields[:, mirror] * [-1, 1, 1])
