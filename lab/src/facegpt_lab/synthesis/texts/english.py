"""Small pieces of English for captions: articles, grades, comparatives, people, ages, openings, slips of the pen.

Every word means something (a noun that names a sex sets it, a word for an age sets the years) or stands in every kind
of caption alike, so that nothing can be concluded from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random
from typing import Any

Labels = dict[str, Any]

GRADES: dict[float, tuple[str, ...]] = {
    0.5: (
        *("slightly", "a bit", "a little", "somewhat", "a touch", "mildly", "faintly", "a tad", "kind of", "sort of"),
        *("a wee bit", "just slightly", "subtly", "a hint", "a shade", "barely noticeably", "ever so slightly"),
    ),
    1.0: ("", "", "", "", "", "", "noticeably", "clearly", "distinctly", "visibly", "definitely", "notably"),
    1.5: (
        "rather",
        "really",
        "pretty",
        "decidedly",
        "strikingly",
        "markedly",
        "quite noticeably",
        "unusually",
        "proper",
    ),
    2.0: (
        *("very", "extremely", "super", "incredibly", "hugely", "exceptionally", "absurdly", "ridiculously", "so very"),
        *("enormously", "massively", "insanely", "wildly", "remarkably", "very very", "extraordinarily", "hella"),
    ),
}
#: Grades of a comparative: "a bit wider".
STEPS: dict[float, tuple[str, ...]] = {
    0.5: (
        "a bit",
        "slightly",
        "a touch",
        "a little",
        "a tad",
        "a hair",
        "somewhat",
        "a smidge",
        "a little bit",
        "marginally",
    ),
    1.0: ("", "", "", "", "", "noticeably", "clearly", "visibly"),
    1.5: ("quite a bit", "a good deal", "considerably", "rather", "significantly", "a fair bit"),
    2.0: ("much", "a lot", "way", "far", "lots", "a great deal", "so much", "massively", "vastly", "loads"),
}

_IRREGULAR = {
    "big": "bigger",
    "fat": "fatter",
    "thin": "thinner",
    "flat": "flatter",
    "slim": "slimmer",
    "little": "smaller",
}
_IRREGULAR |= {"red": "redder", "wet": "wetter", "dim": "dimmer", "bad": "worse", "far apart": "further apart"}
_IRREGULAR |= {"close together": "closer together", "well apart": "further apart", "low": "lower", "wee": "smaller"}
_ER = frozenset(
    [
        *(
            "wide",
            "broad",
            "long",
            "short",
            "high",
            "low",
            "narrow",
            "small",
            "large",
            "tall",
            "thick",
            "full",
            "round",
        ),
        *(
            "sharp",
            "soft",
            "strong",
            "weak",
            "deep",
            "heavy",
            "heavier",
            "square",
            "pointy",
            "plump",
            "puffy",
            "chubby",
        ),
        *(
            "lean",
            "fine",
            "tight",
            "smooth",
            "straight",
            "dark",
            "light",
            "pale",
            "fair",
            "ruddy",
            "rosy",
            "grey",
            "old",
        ),
        *("young", "bushy", "hairy", "hefty", "tiny", "lofty", "steep", "stubby", "blunt", "slender", "boxy", "flabby"),
        *(
            "manly",
            "girly",
            "skinny",
            "bony",
            "stout",
            "chunky",
            "tubby",
            "scrawny",
            "burly",
            "meaty",
            "hollow",
            "gaunt",
        ),
        *(
            "droopy",
            "perky",
            "saggy",
            "baggy",
            "beady",
            "bulgy",
            "shallow",
            "fleshy",
            "pouty",
            "juicy",
            "dense",
            "shaggy",
        ),
        *(
            "neat",
            "craggy",
            "wrinkly",
            "freckly",
            "crooked",
            "wonky",
            "bumpy",
            "hooked",
            "clean",
            "crisp",
            "taut",
            "loose",
        ),
        *(
            "slack",
            "doughy",
            "jowly",
            "squat",
            "beefy",
            "sturdy",
            "spindly",
            "dainty",
            "podgy",
            "stocky",
            "pudgy",
            "lanky",
        ),
    ]
) - {"hooked", "crooked", "heavier"}


def comparative(adjective: str) -> str:
    """Comparative of an adjective: "wider" for "wide", "more prominent" for "prominent"."""
    if adjective in _IRREGULAR:
        return _IRREGULAR[adjective]
    if adjective not in _ER:
        return f"more {adjective}"
    if adjective.endswith("e"):
        return adjective + "r"
    if adjective.endswith("y") and adjective[-2] not in "aeo":
        return adjective[:-1] + "ier"
    return adjective + "er"


def article(words: str) -> str:
    """Put "a" or "an" before words, by their first letter."""
    first = words[:1].lower()
    vowel = (
        first in "aeio" or (first == "u" and not re.match(r"(?i)u(ni|su|k\b)", words)) or words[:4].lower() == "hour"
    )
    return f"{'an' if vowel or words[:2] in ('18', '80', '8-', '11') else 'a'} {words}"


def graded(rng: Random, words: str, degree: float, base: float = 1.0) -> str:
    """Put a grade before an adjective whose own degree is `base`, so that the whole has `degree`."""
    if base != 1.0 or degree == base:
        grade = rng.choice(GRADES[1.0]) if base == 1.0 else ""
    else:
        grade = rng.choice(GRADES[degree])
    return f"{grade} {words}".strip()


def draw_degree(rng: Random) -> float:
    """Draw a size 0.5, 1, 1.5 or 2 SDs as people name them: mostly plain."""
    return rng.choices((0.5, 1.0, 1.5, 2.0), (0.22, 0.5, 0.13, 0.15))[0]


def joined(rng: Random, parts: Sequence[str], last: str = "and") -> str:
    """Join with commas and a last "and" (or "with", or only commas)."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    end = rng.choice((f", {last} ", f" {last} ", f" {last} ", ", "))
    return ", ".join(parts[:-1]) + end + parts[-1]
