"""What is soft in children's faces beyond the identity: fat of the cheeks, low noses, wide eyes, a brow without bone.

The measures of children's skulls are the prior's (lab/runs/children); it has next to nothing of the soft parts, by
which people tell a child of six from one of twelve (Enlow, Essentials of Facial Growth, 2008). Amounts are set by eye.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from facegpt.morphable.makehuman.local_shapes import within_bounds

#: Local shapes of a child of three, mm.
SOFT_MM = {
    **{"cheek_fill": 5.5, "under_chin": 3.0, "upper_lip": 0.6, "lower_lip": 0.6, "brow_bone": -1.2},
    **{"eye_opening": 0.9, "nose_tip_rise": 1.2, "nose_root": -1.2, "nose_reach": -1.5},
    **{"chin_drop": -2.0, "jaw_corners": -2.0},
}
#: Their share at ages, years: MakeHuman's baby, from which the youngest are made, has half of them.
SHARES = (0.0, 1.0, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 22.0), (0.5, 0.6, 1.0, 1.0, 1.0, 1.0, 1.0, 0.6, 0.0)


def soft_mm(years: float | None) -> dict[str, float]:
    """The local shapes, mm by name, of somebody of an age in years; none where it is open."""
    share = 0.0 if years is None else float(np.interp(years, *SHARES))
    return within_bounds({name: share * mm for name, mm in SOFT_MM.items()})


def grown_mm(local_mm: Mapping[str, float], before: float | None, after: float | None) -> dict[str, float]:
    """The local shapes of a head that is made another age, years; None where an age is open, which is a grown-up's."""
    was, now = soft_mm(before), soft_mm(after)
    changed = {name: local_mm.get(name, 0.0) + now.get(name, 0.0) - was.get(name, 0.0) for name in {*was, *now}}
    return within_bounds({**local_mm, **changed})
