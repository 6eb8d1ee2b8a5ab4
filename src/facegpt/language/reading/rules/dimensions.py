"""Which attribute an adjective or a noun of size speaks of on a part: ("mouth", "narrow") is little of mouth_width.

Comparisons, averages and denials look up their parts here.
"""

from __future__ import annotations

import re

from facegpt.language.reading.ngrams.word_tables import base_form
from facegpt.language.reading.rules.phrases import part_phrase, says, word_set

#: Words in -er that compare nothing.
NOT_COMPARATIVES = word_set("""
    her lower upper other corner under over never ever after center either neither rather another together
    whether however moreover river father mother brother sister water number character temper finger hammer
    letter shoulder fewer cover paper power order player singer wrestler boxer sailor actor
""")
#: What "more chin" or "chin wins" speaks of where no adjective says it.
MAIN_ATTRIBUTE = {
    "nose": "nose_size", "mouth": "mouth_width", "eye": "eye_size", "ear": "ear_size", "chin": "chin_height",
    "jaw": "jaw_width", "jawline": "jaw_width", "forehead": "forehead_height", "head": "head_size",
    "face": "face_width", "neck": "neck_width", "cheek": "cheek_fullness", "cheekbone": "cheekbone_prominence",
    "brow": "brow_thickness", "lid": "lid_hooding", "lip": "upper_lip_fullness", "upperlip": "upper_lip_fullness",
    "lowerlip": "lower_lip_fullness", "philtrum": "philtrum_length", "nostril": "nostril_size", "beard": "beard",
    "moustache": "moustache", "hair": "hair_length", "bridge": "nose_bridge_height", "tip": "nose_tip_width",
    "skin": "skin_lightness", "temple": "forehead_width", "iris": "iris_lightness",
}  # fmt: skip
#: The dimension of a part that a kind of adjective speaks of: (part, kind) → attribute.
_KINDS = {
    "wide": "wide broad ample roomy", "long": "long elongated", "tall": "tall high lofty",
    "thick": "thick full heavy plump bushy fleshy fat generous lush lavish",
    "out": "far prominent protruding forward", "light": "light pale fair dark blond",
}  # fmt: skip
_DIMENSIONS = {
    **{("wide", p): f"{a}_width" for p, a in (
        ("nose", "nose"), ("mouth", "mouth"), ("face", "face"), ("jaw", "jaw"), ("jawline", "jaw"), ("chin", "chin"),
        ("forehead", "forehead"), ("neck", "neck"), ("temple", "forehead"), ("brow", "forehead"), ("eye", "eye"),
        ("cheekbone", "face"), ("bridge", "nose_bridge"), ("tip", "nose_tip"), ("cheek", "face"), ("lip", "mouth"))},
    **{("long", p): a for p, a in (
        ("nose", "nose_length"), ("face", "face_length"), ("chin", "chin_height"), ("neck", "neck_length"),
        ("eye", "eye_width"), ("philtrum", "philtrum_length"), ("forehead", "forehead_height"), ("ear", "ear_size"),
        ("hair", "hair_length"), ("beard", "beard"), ("mouth", "mouth_width"), ("head", "face_length"))},
    **{("tall", p): a for p, a in (
        ("forehead", "forehead_height"), ("eye", "eye_height"), ("chin", "chin_height"), ("face", "face_length"),
        ("brow", "brow_height"), ("cheekbone", "cheekbone_prominence"), ("nose", "nose_length"))},
    **{("thick", p): a for p, a in (
        ("upperlip", "upper_lip_fullness"), ("lowerlip", "lower_lip_fullness"), ("lip", "upper_lip_fullness"),
        ("brow", "brow_thickness"), ("neck", "neck_width"), ("cheek", "cheek_fullness"), ("lid", "lid_hooding"),
        ("beard", "beard"), ("face", "heaviness"), ("moustache", "moustache"))},
    **{("out", p): a for p, a in (
        ("nose", "nose_protrusion"), ("chin", "chin_protrusion"), ("ear", "ear_protrusion"),
        ("cheekbone", "cheekbone_prominence"))},
    **{("light", p): f"{p}_lightness" for p in ("skin", "hair", "iris")},
}  # fmt: skip
LESS = word_set("""
    small narrow short thin slim little low flat weak tiny dark slender lean skinny shallow stingy mean modest meagre
    miserly sparing ungenerous tight puny slight pinched
""")
_OPPOSITE = {"narrow": "wide", "thin": "thick", "slim": "wide", "slender": "wide", "short": "long", "low": "tall",
             "dark": "light", "skinny": "wide", "lean": "wide", "tight": "wide", "pinched": "wide",
             "flat": ""}  # fmt: skip
GRADED = (
    *_KINDS.values(),
    "noticeable conspicuous striking imposing substantial considerable",
    "big large huge small little tiny enormous strong deep great giant massive",
)
#: Adjectives of size that name no dimension: a noun beside them may.
GENERIC = word_set(
    "noticeable conspicuous striking imposing substantial considerable big large great small little tiny huge "
    "enormous more less much giant massive strong"
)
#: Of these a part has more by being bigger.
_SHOWY = word_set("noticeable conspicuous striking imposing substantial considerable remarkable")
#: Nouns of a dimension: the adjective that they stand for.
_NOUNS = {"width": "wide", "breadth": "wide", "broadness": "wide", "wideness": "wide", "height": "tall",
          "tallness": "tall", "length": "long", "thickness": "thick", "fullness": "thick", "plumpness": "thick",
          "fatness": "thick", "bushiness": "thick", "prominence": "prominent", "projection": "prominent",
          "jut": "prominent", "protrusion": "prominent", "profile": "prominent"}  # fmt: skip
NOUN = re.compile(r"\b(?P<noun>" + "|".join(_NOUNS) + r")(?:wise)?\b|\b(?P<out>(?:stick|jutt?|pok|project)ing out)\b")
#: Names of parts and verbs that look like adjectives of size.
_NO_SIZES = frozenset({"lower", "upper", "means", "meant", "great", "little bit"})
_SLIPS = {"biger": "big", "widder": "wide", "fater": "fat", "thiner": "thin", "longger": "long", "broder": "broad"}


def comparative_base(word: str) -> str:
    """The adjective of a comparative, also of one that is misspelt or Scots: "widder" wide, "langer" long."""
    base = base_form(_SLIPS.get(word, word))
    return {"lang": "long", "langer": "long", "braid": "broad", "braider": "broad", "wee": "small"}.get(base, base)


def dimension_of(text: str) -> str:
    """The adjective of the last noun of a dimension in some words, or ""."""
    found = [m for m in NOUN.finditer(text)]
    return (_NOUNS[found[-1]["noun"]] if found[-1]["noun"] else "prominent") if found else ""


def is_graded(word: str, part: str) -> bool:
    """Whether a word says how much there is of a part."""
    base = comparative_base(word)
    return is_size(base) or bool(says(f"{base} {part_phrase(part)}"))


def is_size(word: str) -> bool:
    """Whether a word is an adjective of size, of whatever part."""
    base = comparative_base(word)
    return word not in _NO_SIZES and (base in LESS or any(base in kind.split() for kind in GRADED))


def attribute_of(part: str, word: str) -> tuple[str, int]:
    """The attribute that an adjective speaks of on a part, and its side: ("mouth", "small") → mouth_width, -1."""
    base = comparative_base(word) if word else ""
    side = -1 if base in LESS else 1
    kind = next((k for k, words in _KINDS.items() if _OPPOSITE.get(base, base) in words.split()), "")
    listed = _DIMENSIONS.get((kind, part), "")
    if listed:
        return listed, side
    said = says(f"{base} {part_phrase(part)}") if base and base not in _SHOWY else ()
    if said and said[0][0] not in ("heaviness", "age"):
        return said[0][0], said[0][1]
    return MAIN_ATTRIBUTE.get(part, ""), side


def ordered(one: str, other: str, side: int) -> tuple[str, str] | None:
    """Order two attributes: the first has more where `side` is 1; None where one is unknown."""
    if not one or not other:
        return None
    return (one, other) if side > 0 else (other, one)
