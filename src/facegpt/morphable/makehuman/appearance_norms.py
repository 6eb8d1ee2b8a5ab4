"""What usually goes with a sex and an age: lips, flush, shadows below the eyes and brows (hair: generate/worn_styles).

These are means for drawing people of whom the words say no more, in the units of skin.py and types.Hair; the
course over age is from the sources named, its steps are set by eye on the default head.
"""

from __future__ import annotations

import numpy as np


def usual_features(sex: str | None, age_years: float | None) -> dict[str, float]:
    """The usual lip_redness, dark_circles and flush (SDs) of a sex ("F", "M", None) and an age in years or None.

    Faces have the strongest contrast in young women: lips redden against the skin until about 20 and pale with age, and
    women's are redder (Russell 2009; Porcheron et al. 2013). Children have red cheeks and no shadows below the eyes.
    """
    age = 40.0 if age_years is None else age_years
    grown = float(np.interp(age, [10, 18], [0.0, 1.0]))
    lips = {"F": float(np.interp(age, [40, 75], [0.55, 0.9])), "M": -0.35, None: 0.0}[sex] * grown
    return {
        "lip_redness": lips + float(np.interp(age, [7, 20, 40, 60, 85], [0.15, 0.2, 0.0, -0.4, -0.8])),
        "dark_circles": float(np.interp(age, [10, 20, 40, 60, 85], [-1.2, -0.5, 0.0, 0.5, 0.9])),
        "flush": float(np.interp(age, [8, 14, 20], [0.6, 0.2, 0.0])),
    }


def usual_brows(man: bool, age_years: float) -> tuple[float, float]:
    """The usual brow_thickness and brow_arch (SDs over adults) of a sex and an age in years.

    Women's brows are thinner and higher in the middle; children's are thin, babies' hardly there, and women's grow thin
    again with age while men's do not.
    """
    if man:
        thickness = np.interp(age_years, [0, 2, 6, 12, 20, 60, 80], [-4.5, -3.6, -1.6, -0.8, 0.6, 0.7, 0.5])
        return float(thickness), float(np.interp(age_years, [12, 20], [-0.1, -0.4]))
    thickness = np.interp(age_years, [0, 2, 6, 12, 20, 50, 80], [-4.5, -3.7, -1.8, -1.3, -0.8, -1.0, -2.0])
    return float(thickness), float(np.interp(age_years, [12, 20], [0.1, 0.5]))


def usual_density(age_years: float) -> float:
    """How dense hair is at an age in years, beside a grown-up's: the down of babies is sparse."""
    return float(np.interp(age_years, [0, 1, 3], [0.3, 0.55, 1.0]))


def usual_masculinity(man: bool, dice: float, age_years: float = 30.0) -> float:
    """The masculinity (SDs within the sex) of somebody whose sex the words say and whose face they leave open.

    Who asks for a woman expects to see one at once, also when she is old, has short hair and wears no make-up: such
    faces come from the clear half of their sex, and old women's from further in it, as ears, lines and thin lips of age
    lean to a man's. dice: standard normal.
    """
    old = float(np.interp(age_years, [45, 75], [0.0, 0.8]))
    return 0.2 + 0.45 * abs(dice) if man else -0.35 - 0.55 * abs(dice) - old
