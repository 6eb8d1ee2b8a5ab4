"""What usually goes with a sex and an age: lips, flush, shadows below the eyes, brows and the way hair is worn.

These are means and shares for drawing people of whom the words say no more, in the units of skin.py and types.Hair; the
course over age is from the sources named, its steps are set by eye on the default head.
"""

from __future__ import annotations

import numpy as np

#: Shares of styles among those who name none, by ("F" or "M", age in years): between two ages they change evenly.
STYLE_COURSE: dict[str, dict[float, dict[str, float]]] = {
    "F": {
        8.0: {"long": 0.3, "ponytail": 0.25, "braid": 0.2, "bob": 0.15, "bob_layered": 0.05, "curly": 0.05},
        25.0: {"long": 0.32, "ponytail": 0.08, "braid": 0.02, "bob": 0.26, "bob_layered": 0.2, "curly": 0.08}
        | {"short_parted": 0.02, "short_swept": 0.02},
        50.0: {"long": 0.16, "ponytail": 0.06, "bob": 0.34, "bob_layered": 0.28, "curly": 0.1}
        | {"short_parted": 0.02, "short_swept": 0.04},
        70.0: {"long": 0.08, "ponytail": 0.04, "bob": 0.38, "bob_layered": 0.32, "curly": 0.12}
        | {"short_parted": 0.02, "short_swept": 0.04},
    },
    "M": {
        8.0: {"short": 0.3, "short_tousled": 0.32, "short_parted": 0.16, "short_swept": 0.16, "cropped": 0.04}
        | {"curly": 0.02},
        22.0: {"bald": 0.02, "cropped": 0.2, "short": 0.22, "short_tousled": 0.19, "short_parted": 0.16}
        | {"short_swept": 0.16, "curly": 0.03, "long": 0.02},
        50.0: {"bald": 0.08, "cropped": 0.22, "short": 0.22, "short_tousled": 0.11, "short_parted": 0.21}
        | {"short_swept": 0.13, "curly": 0.02, "long": 0.01},
        80.0: {"bald": 0.24, "cropped": 0.24, "short": 0.2, "short_tousled": 0.05, "short_parted": 0.2}
        | {"short_swept": 0.06, "curly": 0.01},
    },
}
#: How many times as usual the style "curly" (an afro) is on dark and on light skin: skin_lightness, factor.
CURLY_BY_SKIN = ((-1.5, -0.8, -0.2), (3.0, 1.5, 0.1))


def usual_features(sex: str | None, age_years: float | None) -> dict[str, float]:
    """The usual lip_redness, dark_circles and flush (SDs) of a sex ("F", "M", None) and an age in years or None.

    Faces have the strongest contrast in young women: lips redden against the skin until about 20 and pale with age, and
    women's are redder (Russell 2009; Porcheron et al. 2013). Children have red cheeks and no shadows below the eyes.
    """
    age = 40.0 if age_years is None else age_years
    grown = float(np.interp(age, [10, 18], [0.0, 1.0]))
    lips = {"F": 0.55, "M": -0.35, None: 0.0}[sex] * grown
    return {
        "lip_redness": lips + float(np.interp(age, [7, 20, 40, 60, 85], [0.15, 0.2, 0.0, -0.4, -0.8])),
        "dark_circles": float(np.interp(age, [10, 20, 40, 60, 85], [-1.2, -0.5, 0.0, 0.5, 0.9])),
        "flush": float(np.interp(age, [8, 14, 20], [0.6, 0.2, 0.0])),
    }


def usual_brows(man: bool, age_years: float) -> tuple[float, float]:
    """The usual brow_thickness and brow_arch (SDs over adults) of a sex and an age in years.

    Women's brows are thinner and higher in the middle; children's are thin, and women's grow thin
    again with age while men's do not.
    """
    if man:
        thickness = np.interp(age_years, [6, 12, 20, 60, 80], [-1.6, -0.8, 0.6, 0.7, 0.5])
        return float(thickness), float(np.interp(age_years, [12, 20], [-0.1, -0.4]))
    thickness = np.interp(age_years, [6, 12, 20, 50, 80], [-1.8, -1.3, -0.8, -1.0, -2.0])
    return float(thickness), float(np.interp(age_years, [12, 20], [0.1, 0.5]))


def usual_styles(man: bool, age_years: float, skin_lightness: float = 0.0) -> dict[str, float]:
    """The shares (their sum is 1) of hair styles worn by a sex at an age in years and with a skin (SDs)."""
    course = STYLE_COURSE["M" if man else "F"]
    names = list(dict.fromkeys(name for shares in course.values() for name in shares))
    shares = {n: float(np.interp(age_years, list(course), [at.get(n, 0.0) for at in course.values()])) for n in names}
    shares["curly"] *= float(np.interp(skin_lightness, *CURLY_BY_SKIN))
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items() if share > 0}


def usual_masculinity(man: bool, dice: float) -> float:
    """The masculinity (SDs within the sex) of somebody whose sex the words say and whose face they leave open.

    Who asks for a woman expects to see one at once, also when she is old, has short hair and wears no make-up: such
    faces come from the clear half of their sex. dice: standard normal.
    """
    return 0.2 + 0.45 * abs(dice) if man else -0.35 - 0.55 * abs(dice)
