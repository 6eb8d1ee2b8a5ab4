"""How far a word moves a reading: from degrees ("slightly" 0.5, plain 1, "very" 2) to standard deviations of readings.

A trait that somebody takes the trouble to name is well outside the usual: people see 1.5 SD plainly, and half of it
only beside another head. Degrees count from what is usual of the sex: "a man with a long face" is long among men.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from facegpt.describe.grades import SEEN_AS_ONE

#: Degrees as they are read of words and the SDs among people of one sex that show them; between them straight lines.
#: Of 60 phrases the reader tells 1.0 of plain ones, 1.4 of "very" and 1.85 of "extremely" or "huge", whose labels are
#: 1, 2 and 3: it is drawn to the mean of what it learnt, and each grade must still be seen beside the one before.
_DEGREES = (0.2, 0.5, 1.0, 1.4, 1.85, 2.2, 3.0)
_SHOWN = _DEGREES, (0.2, 0.9, 1.85, 2.45, 3.15, 3.4, 3.6)
#: The same of the changes of an edit.
_SHOWN_CHANGE = _DEGREES, (0.2, 1.0, 1.85, 2.3, 3.0, 3.3, 3.8)
#: The same of skin: of a new head, and of a change. No local shape helps a colour, and less of it is seen.
_DEGREES_SKIN = (0.2, 0.5, 1.0, 1.5, 2.0, 3.0)
_SHOWN_SKIN = _DEGREES_SKIN, (0.2, 0.8, 1.75, 2.15, 2.5, 2.7)
_SHOWN_CHANGE_SKIN = _DEGREES_SKIN, (0.2, 0.65, 1.3, 1.8, 2.4, 3.3)
#: Where the words leave the sex open, a trait is one among all adults by at least this, SDs, and a slight one (degrees
#: up to _SLIGHT) no more than slight.
LEAST_AMONG_ALL, MOST_IF_SLIGHT, _SLIGHT = 0.7, 1.2, 0.75
#: No attribute is asked for further than this from the usual, SDs of adults.
MOST = 3.6
#: Words mean more of some traits than one SD of the prior shows (SEEN_AS_ONE says of two why): a double chin and hollow
#: cheeks are seen from 2 SD on, ears are seen edge-on from the front.
EMPHASIS = SEEN_AS_ONE | {"jawline_definition": 1.4, "cheek_fullness": 1.5}
EMPHASIS |= {"ear_size": 1.5, "ear_protrusion": 1.5}
#: The same of less of it, where that differs: a thin face is seen sooner than a fat one, and ears stay ears.
EMPHASIS_OF_LESS = {"heaviness": 2.3, "ear_size": 1.0, "ear_protrusion": 1.0}
#: What a change shows without emphasis, since the head from before lies beside it; more of it would move other traits.
SEEN_AS_CHANGE = frozenset(("ear_size", "ear_protrusion"))
#: Traits that are one part before or behind another. Depth is seen by its shade and, from half the side, as a third of
#: itself, so that it takes VISIBLE_MM to show, whatever the SD among people is; but no more than MOST_EMPHASIS of this.
DEPTHS = frozenset(
    (
        *("cheekbone_prominence", "nose_bridge_convexity", "nose_bridge_height", "eye_depth", "brow_ridge"),
        *("chin_protrusion", "chin_cleft", "mouth_corners"),
    )
)
VISIBLE_MM, MOST_EMPHASIS = 4.0, 1.8
#: Ages, years, from which words mean more by degrees, and from which in full: children lie outside the adults, by whose
#: SDs degrees count, and babies are round as they are.
_EMPHASIS_YEARS = 8.0, 18.0
#: Of a change words mean no more than this: what the head had before stays below it.
MOST_EMPHASIS_OF_CHANGE = 2.0
#: An attribute whose spread is below CLEAR_SPREAD is plainly named, and met to within MET_SPREAD, SDs.
CLEAR_SPREAD, MET_SPREAD = 0.75, 0.15
#: What a whole is made of, and the share of its degree that each part gets: a big nose is wide, long and stands out; a
#: heavy person shows it in the cheeks, along the jaw and at the neck; a hooked nose hangs and high cheekbones stand
#: over lean cheeks, as they are drawn and carved; a trait of the surface shows at the landmarks (landmark_measures.py).
#: Parts may have parts further down.
PARTS_OF = {
    "nose_size": {"nose_width": 0.8, "nose_length": 0.8, "nose_protrusion": 0.8},
    "eye_size": {"eye_width": 0.7, "eye_height": 0.7},
    "heaviness": {"cheek_fullness": 0.9, "neck_width": 0.9, "face_width": 0.6, "jaw_width": 0.7}
    | {"jawline_definition": -0.9},
    "face_length": {"chin_height": 0.4, "nose_length": 0.3},
    "nose_bridge_convexity": {"nose_tip_elevation": -0.5},
    "nose_crookedness": {"nose_bridge_convexity": 0.6, "nose_bridge_width": 0.8},  # healed breaks are broad and humped
    "cheekbone_prominence": {"cheek_fullness": -0.5},
    "nose_width": {"nose_base_width": 0.8},
    "nose_tip_elevation": {"tip_rise": 0.6},
    "nose_tip_width": {"nose_width": 0.4},
    "jaw_width": {"jaw_outline_width": 0.8, "jaw_squareness": 0.4},
    "jaw_squareness": {"jaw_outline_share": 0.7},
    "chin_width": {"chin_outline_width": 0.8},
    "chin_height": {"chin_drop": 0.8},
    "chin_protrusion": {"chin_reach": 0.7, "chin_height": 0.35},
    "eye_height": {"eye_opening_share": 0.7},
    "brow_height": {"brow_gap": 0.8},
}
_PART_SPREAD = 0.3
#: How dark rings below the eyes are beside the SDs of bags.
RINGS = 1.8


def emphasis_of(name: str, years: float | None, degree: float = 1.0, sd_mm: float | None = None) -> float:
    """How much more words mean by a degree of an attribute than it shows, for somebody of an age.

    sd_mm: what one SD of it is on the head, mm; None where that is not told.
    """
    most = EMPHASIS_OF_LESS.get(name, EMPHASIS.get(name, 1.0)) if degree < 0 else EMPHASIS.get(name, 1.0)
    if sd_mm is not None and name in DEPTHS:
        most = max(most, min(VISIBLE_MM / (shown(1.0) * sd_mm), MOST_EMPHASIS))
    share = 1.0 if years is None else float(np.interp(years, _EMPHASIS_YEARS, (0.0, 1.0)))
    return 1 + share * (most - 1)


def shown(degree: float, skin: bool = False) -> float:
    """The SDs that show a degree in a new head (skin: of a colour); a degree of about 0 (an average) stays."""
    return _stretched(degree, *(_SHOWN_SKIN if skin else _SHOWN))


def shown_change(degree: float, skin: bool = False) -> float:
    """The SDs that show a degree of change in an edited head (skin: of a colour)."""
    return _stretched(degree, *(_SHOWN_CHANGE_SKIN if skin else _SHOWN_CHANGE))


def _stretched(degree: float, degrees: tuple[float, ...], shown_as: tuple[float, ...]) -> float:
    size = abs(degree)
    return degree if size <= degrees[0] else float(np.sign(degree) * np.interp(size, degrees, shown_as))


def reading_for(
    degree: float, mean: float, within: float, plain: bool, among_all: bool = False, emphasis: float = 1.0
) -> float:
    """The reading, SDs of adults, that shows a degree in a person whose sex has `mean` (SD `within`).

    Args:
        degree: signed; about 0 is the average of the sex.
        mean: mean of the reading among people of the sex and age, SDs of adults.
        within: its SD among them.
        plain: whether the words name it plainly, so that it must be seen.
        among_all: whether it must also be seen among all adults, since the words leave the sex open.
        emphasis: factor of the SDs (EMPHASIS).
    """
    side, reading = float(np.sign(degree)), mean + within * emphasis * (shown(degree) if plain else degree)
    if plain and among_all and abs(degree) <= _DEGREES[0]:
        return degree  # average among all is the average of neither sex
    if plain and among_all:
        most = MOST if abs(degree) > _SLIGHT else MOST_IF_SLIGHT
        reading = side * float(np.clip(side * reading, LEAST_AMONG_ALL, most * emphasis))
    return float(np.clip(reading, mean - MOST * emphasis, mean + MOST * emphasis))


def rings_for(named: Mapping[str, tuple[float, float]], now: float = 0.0) -> dict[str, float]:
    """The darkness below the eyes that goes with bags that words name: they are seen by their shadow, not by 1 mm."""
    degree = named.get("eye_bags", (0.0, 0.0))[0]
    return {"dark_circles": now + RINGS * shown(degree, skin=True)} if abs(degree) > _DEGREES[0] else {}


def shown_step(degree: float, least: float) -> float:
    """Make a small step of hair long enough to be seen; an explicit 0 stays. Steps of hair are not SDs: LABELS.md."""
    return degree if abs(degree) <= _DEGREES[0] else float(np.sign(degree) * max(abs(degree), least))


def spread_for(spread: float) -> float:
    """The spread with which a named attribute is met, SDs."""
    return min(spread, MET_SPREAD) if spread < CLEAR_SPREAD else spread


def with_parts(named: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Add to named wholes the parts that show them, where the words leave these open: name → (degree, spread)."""
    found = dict(named)
    for whole, parts in PARTS_OF.items():
        if whole in named:
            degree = named[whole][0]
            found = {part: (share * degree, _PART_SPREAD) for part, share in parts.items()} | found
    return found
