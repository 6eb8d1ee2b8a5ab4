"""What a denial speaks of: traits by words of their own ("a hump"), parts that are missing, adjectives of a part."""

from __future__ import annotations

import re
from dataclasses import dataclass

from facegpt.language.reading.rules.phrases import part_phrase, parts_in, says, word_set

FILLERS = word_set("""
    a an the any of his her its their much real proper visible single one trace hint sign sort kind bit even to
    him them me at all either please thanks thank you there is are has have having had that this those these
    great ounce scrap speck inch discernible apparent whole or in on it she he they i want give make let be been
    do does
""")
#: A part that is not there: attribute → degree.
MISSING: dict[str, dict[str, float]] = {
    "chin": {"chin_protrusion": -1.5},
    "jaw": {"jaw_width": -1.0, "jawline_definition": -1.0},
    "jawline": {"jawline_definition": -1.0},
    "cheekbone": {"cheekbone_prominence": -1.2},
    "cheek": {"cheek_fullness": -1.2},
    "neck": {"neck_length": -1.5},
    "lip": {"upper_lip_fullness": -1.5, "lower_lip_fullness": -1.5},
    "upperlip": {"upper_lip_fullness": -1.5},
    "lowerlip": {"lower_lip_fullness": -1.5},
    "brow": {"brow_thickness": -2.0},
    "hair": {"hair_length": -2.0},
    "bridge": {"nose_bridge_height": -1.2},
    "nose": {"nose_size": -1.5},
    "tip": {"nose_protrusion": -1.0},
    "forehead": {"forehead_height": -1.5},
    "beard": {"beard": -1.0},
    "moustache": {"moustache": -1.0},
}
#: Of these "none" is plain: no freckles are few freckles.
SHED = word_set("""
    beard moustache freckles wrinkles eye_bags chin_cleft asymmetry nose_crookedness hair_greyness
""")
#: Things on a face by words of their own: pattern → (attribute, side).
THINGS: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = (
    (r"\bfacial hair\b", (("beard", 1), ("moustache", 1))),
    (r"\b(?:beard|stubble|whiskers?|bearded|goatee|five o'clock shadow)\b", (("beard", 1),)),
    (r"\b(?:moustaches?|mustaches?|tache)\b", (("moustache", 1),)),
    (r"\bfreckle[sd]?\b|\bspots?\b", (("freckles", 1),)),
    (r"\b(?:line|crease|dent|split|groove|notch)\b.*\bchin\b", (("chin_cleft", 1),)),
    (r"\b(?:wrinkle[sd]?|(?<!frown )lines?(?! up)|lined|creases?|crow's feet|laughter lines)\b", (("wrinkles", 1),)),
    (r"\bhypertelori\w+|\btelecanth\w+", (("eye_spacing", 1),)),
    (r"\bhypotelori\w+", (("eye_spacing", -1),)),
    (r"\bptosis\b|\bptotic\b|\bblepharoptosis\b", (("lid_hooding", 1),)),
    (
        r"\bretrogna\w+|\bmicrogna\w+|\b(?:mandibular|jaw|chin) (?:retrusion|recession|deficiency)\b",
        (("chin_protrusion", -1),),
    ),
    (r"\bprogna\w+|\bmandibular (?:protrusion|excess)\b", (("chin_protrusion", 1),)),
    (r"\bproptosis\b|\bexophthalm\w+", (("eye_depth", -1),)),
    (r"\benophthalm\w+", (("eye_depth", 1),)),
    (r"\bmacroceph\w+", (("head_size", 1),)),
    (r"\bmicroceph\w+", (("head_size", -1),)),
    (r"\bmacrotia\b", (("ear_size", 1),)),
    (r"\bmicrotia\b", (("ear_size", -1),)),
    (r"\bmicrostomia\b", (("mouth_width", -1),)),
    (r"\bmacrostomia\b", (("mouth_width", 1),)),
    (r"\bdeviation of the (?:bridge|nose|septum)\b|\bdeviated septum\b", (("nose_crookedness", 1),)),
    (r"\b(?:eye )?bags\b|\bpuffiness\b", (("eye_bags", 1),)),
    (r"\b(?:hump|bumps?|hook)\b", (("nose_bridge_convexity", 1),)),
    (r"\bdip\b", (("nose_bridge_convexity", -1),)),
    (r"\blean(?:s|ing)? (?:to|either|left|right)\b", (("nose_crookedness", 1),)),
    (r"\b(?:cleft|dimpled chin|dimple in (?:the|his|her) chin|dimple)\b", (("chin_cleft", 1),)),
    (r"\bjowls?\b|\bdouble chin\b", (("jawline_definition", -1),)),
    (r"\b(?:grey|gray|greys|white) hairs?\b|\bgone (?:grey|gray)\b", (("hair_greyness", 1),)),
    (r"\bcorners? (?:to|on|in) (?:the|that|his|her) jaw\b", (("jaw_squareness", 1),)),
    (r"\bounce (?:on|to spare|of (?:fat|flesh))\b|\bspare tyre\b", (("heaviness", 1),)),
)


@dataclass(frozen=True)
class Denied:
    """One trait that is denied.

    Attributes:
        attribute: its name. side: -1 or 1, the side that is denied.
        degree: what is meant instead, signed SDs, where that is plain; 0 where the rest is open.
        start, end: characters of the denial in the plain text.
    """

    attribute: str
    side: int
    degree: float
    start: int
    end: int


#: Parts named by two words, and hair by its place.
_COMPOUNDS: tuple[tuple[str, dict[str, float]], ...] = (
    (r"\bnose bridge\b|\bbridge (?:to|on) (?:the|his|her) nose\b", {"nose_bridge_height": -1.2}),
    (r"\bbrow ridges?\b|\bbrow bones?\b", {"brow_ridge": -1.0}),
    (r"\bhairs?\b(?: \w+){0,3} (?:chin|jaw|cheeks?)\b", {"beard": -1.0}),
    (r"\bhairs?\b(?: \w+){0,3} (?:eye)?brows?\b", {"brow_thickness": -2.0}),
    (r"\bhairs?\b(?: \w+){0,3} (?:lip|nose)\b", {"moustache": -1.0}),
    (r"\bhairs?\b(?: \w+){0,3} face\b", {"beard": -1.0, "moustache": -1.0}),
)


def missing(what: str) -> dict[str, float]:
    """What a denied part without any adjective means: attribute → degree."""
    for pattern, meant in _COMPOUNDS:
        if re.search(pattern, what):
            return meant
    words = [word for word in re.findall(r"[a-z]+", what) if word not in FILLERS]
    parts = parts_in(what)
    if not parts or len(words) > len(" ".join(part_phrase(p) for _, p in parts).split()):
        return {}
    return {name: degree for _, part in parts for name, degree in MISSING.get(part, {}).items()}


def sides(what: str, part: str) -> tuple[tuple[str, int, float], ...]:
    """Look up what is denied: by the words themselves, or said of the part named before."""
    named = things(what)
    if named:
        return named
    what = " ".join(what.split())
    if not what:
        return ()
    bare = " ".join(word for word in what.split() if word not in FILLERS)
    return (says(f"{part_phrase(part)} {what}") if part else ()) or says(what) or says(bare)


def things(what: str) -> tuple[tuple[str, int, float], ...]:
    """Look up things that have words of their own: "stubble", "a hump"."""
    found = next((pairs for pattern, pairs in THINGS if re.search(pattern, what)), ())
    return tuple((name, side, 1.0) for name, side in found)
