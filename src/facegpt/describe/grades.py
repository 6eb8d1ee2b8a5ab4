"""How much of a trait a head has, in four grades: slightly, clearly, very, extremely.

The same bounds hold for what is measured on a head and for what words ask of it, so that a head is told back as it was
asked for. Each grade ends half way between what two words show in a new head (generate/degrees.py): plain ones
1.85 SDs, "very" 2.45, "extremely" and "huge" 3.15.
"""

from __future__ import annotations

from bisect import bisect_right
from statistics import NormalDist

#: SDs from which a trait is clear, very much so, and extremely so.
CLEAR, VERY, EXTREME = 1.35, 2.15, 2.8
GRADES = ("slightly", "clearly", "very", "extremely")
#: How many SDs of a reading people take for one: weight spreads wider among people than among those whom the prior was
#: learnt from, and a crooked nose is 1 mm off at 1 SD.
SEEN_AS_ONE = {"heaviness": 2.55, "nose_crookedness": 8.0}
#: Poles of attributes without an adjective, with words for little and much of them.
_THINGS = {
    "freckles": ("a few ", "many "),
    "wrinkles": ("a few ", "many "),
    "bags under the eyes": ("slight ", "heavy "),
    "double chin": ("slight ", "heavy "),
    "clear skin": ("rather ", "very "),
}
#: Percentiles nearer to an end than this say no more.
_LEAST = 1e-9


def grade_of(sds: float, name: str = "") -> str:
    """The word of GRADES for a signed distance from the usual, SDs; name: of an attribute, or "" of a measure."""
    return GRADES[bisect_right((CLEAR, VERY, EXTREME), abs(sds) / SEEN_AS_ONE.get(name, 1.0))]


def sds_of(percentile: float) -> float:
    """The signed SDs from the middle of a percentile, 0..100."""
    return NormalDist().inv_cdf(min(max(percentile / 100, _LEAST), 1 - _LEAST))


def graded(name: str, degree: float, pole: str) -> str:
    """The words of a pole with its grade: "extremely square jaw", "ears very close to the head"; degree: SDs."""
    grade, slight = grade_of(degree, name), abs(degree) < 1
    if pole in _THINGS:
        little, much = _THINGS[pole]
        return f"{little if slight else much if grade != GRADES[0] else ''}{pole}"
    if " that " in pole:
        far = "a little" if slight else {"slightly": "", "clearly": "clearly"}.get(grade, f"{grade} far")
        return f"{pole} {far}".strip()
    how = "rather " if slight else f"{grade} " if grade != GRADES[0] else ""
    part, is_place, _ = pole.partition(" to the ")
    start, _, last = part.rpartition(" ")
    return f"{start} {how}{last}{pole[len(part) :]}" if is_place else f"{how}{pole}"
