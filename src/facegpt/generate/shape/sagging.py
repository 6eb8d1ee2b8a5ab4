"""What sinks, thins and grows in a grown-up's face with the years, beyond the identity: lids, bags, lips, jowls, ears.

The prior's axis of age is a mean of fitted people and moves hardly a millimetre in ten years. Skin and fat sink, lips
thin (Iblher et al. 2008), ears grow by .2 mm a year (Heathcote 1995). Amounts are set by eye.
"""

from __future__ import annotations

from collections.abc import Mapping

from facegpt.morphable.makehuman.local_shapes import within_bounds

#: Local shapes, mm, that ten years bring from SAGS_FROM on, and the years after which faces sink no further.
SAG_MM = {
    **{"lid_hood": 0.5, "eye_bags": 0.6, "eye_opening": -0.15, "upper_lip": -0.4, "lower_lip": -0.35},
    **{"under_chin": 1.0, "chin_breadth": 0.6, "nose_drop": 0.5, "ear_growth": 0.8, "temples": -0.6},
}
SAGS_FROM, SAGS_UP_TO = 16.0, 85.0


def sagged_mm(local_mm: Mapping[str, float], before: float, after: float) -> dict[str, float]:
    """The local shapes, mm by name, of a head that was `before` and is made `after` years old."""
    was, now = (min(max(years, SAGS_FROM), SAGS_UP_TO) for years in (before, after))
    decades = (now - was) / 10
    if not decades:
        return dict(local_mm)
    return within_bounds({**local_mm, **{n: local_mm.get(n, 0.0) + decades * mm for n, mm in SAG_MM.items()}})
