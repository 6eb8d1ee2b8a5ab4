"""What weight adds below the chin and at the neck beyond the identity: people see a fat face by these, not by cheeks.

The prior was learnt from slim adults, whose heavy faces are broad ones; fat lies under the chin, along the jaw and
round the neck (Coleman et al., The anatomy of the aging face, 2006). Amounts are set by eye.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from facegpt.morphable.makehuman.local_shapes import within_bounds

#: Local shapes, mm, of somebody who is called fat (a degree of 1), and the degree from which there is no more.
FAT_MM = {"under_chin": 7.0, "neck_breadth": 7.0, "jaw_corners": 3.5, "face_sides": 3.0, "cheek_fill": 1.0}
MOST_DEGREE = 1.4
#: Years from which weight lies there; children carry it in the cheeks, which the identity has.
FROM_YEARS = 14.0


def weighed_mm(local_mm: Mapping[str, float], degree: float, years: float | None) -> dict[str, float]:
    """The local shapes, mm by name, of a head whose weight words change by a degree; less takes off what is there."""
    share = float(np.clip(degree, -MOST_DEGREE, MOST_DEGREE))
    if share == 0.0 or (years is not None and years < FROM_YEARS):
        return dict(local_mm)
    now = {name: local_mm.get(name, 0.0) for name in FAT_MM}
    added = {name: now[name] + share * mm for name, mm in FAT_MM.items()}
    if share < 0:
        added = {name: min(now[name], max(mm, 0.0)) for name, mm in added.items()}
    return within_bounds({**local_mm, **added})
