"""Parts of the face that words tell to stay: "do not touch the mouth", "leave his ears alone", "the nose stays".

What stays is no change, so its words are left out of what is read for changes; its measures are held. Hair has a slot
of its own for it (hair_words.csv: keep).
"""

from __future__ import annotations

import re

from facegpt.language.parts import PARTS
from facegpt.language.patterns import words_in

#: What stands for an age or a look that is to stay: "keep him old".
STATE = "look"
#: What stands for all that words do not name: "leave everything else".
ALL_ELSE = "all else"
#: A part that can stay → its group in attributes.csv.
_GROUPS = {
    **dict.fromkeys(("nose", "bridge", "tip", "nostril"), "nose"),
    **dict.fromkeys(("eye", "lid"), "eyes"),
    **dict.fromkeys(("brow", "browridge"), "brows"),
    **dict.fromkeys(("mouth", "lip", "upperlip", "lowerlip", "philtrum"), "mouth"),
    **dict.fromkeys(("jaw", "jawline"), "jaw"),
    **dict.fromkeys(("cheek", "cheekbone"), "cheeks"),
    **{"forehead": "forehead", "chin": "chin", "ear": "ears", "neck": "neck"},
}
_WORN = ("glasses", "sunglasses", "spectacles", "specs", "hat", "cap", "beanie", "hood", "turban", "headscarf", "scarf")
_NAMES = "|".join(sorted((*(word for word, part in PARTS.items() if part in _GROUPS), *_WORN), key=len, reverse=True))
_PART = rf"(?:(?:the|this|that|his|her|their|its|my|your)\s+)?(?:(?:upper|lower|whole|entire)\s+)?(?:{_NAMES})\b"
_LIST = rf"{_PART}(?:(?:\s*,\s*(?:and\s+|or\s+|nor\s+)?|\s+(?:and|or|nor)\s+){_PART})*"
_PAIR = rf"{_PART}(?:\s+and\s+{_PART})?"
_AS_IS = (
    r"(?:(?:exactly |just )?as (?:it|they)(?: (?:is|are|was|were)|['’](?:s|re))(?: now)?|as is|alone|untouched"
    r"|unchanged|unaltered|intact|in peace|the same|the way (?:it|they) (?:is|are|was|were))"
)
_SURFACE = (
    r"(?:the|his|her|their|those|all)\s+(?:(?:the|his|her)\s+)?(?:wrinkles|lines|freckles|skin(?: colou?r)?|age|look|"
    r"expression|smile|moles|dimples)"
)
_END = r"(?=\s*(?:$|[,.;:!?\n]|\b(?:but|and|while|please)\b))"
_STAYS = re.compile(
    rf"(?:\b(?:do not|don['’]?t|never|not|without)\s+(?:touch|chang|alter|mov|modify|affect|adjust|edit"
    rf"|mess(?:\s+with)?|tamper\s+with|fiddle\s+with)(?:e|ing)?\s+(?P<denied>{_LIST})(?:\s+at all)?"
    rf"|\b(?:keep|keeping|leave|leaving|preserve)\s+(?P<held>{_LIST})(?:\s+{_AS_IS}{_END}|(?=\s*(?:$|[,.;:!?\n]|but\b)))"
    rf"|\b(?:keep|keeping)\s+(?P<state>(?:(?:him|her|them)\s+(?:looking\s+)?(?:as\s+)?[a-z]+"
    rf"(?:\s+as\s+(?:he|she|they)\s+(?:is|are)(?:\s+now)?)?)|{_SURFACE}(?:\s+{_AS_IS})?){_END}"
    rf"|\b(?:keep|keeping|leave|leaving)\s+(?P<all>(?:everything|all|anything)(?:\s+else)?|the\s+rest"
    rf"|(?:the|his|her|their)\s+(?:face|rest))(?:\s+{_AS_IS})?{_END}"
    rf"|(?:the\s+)?\b(?P<rest>rest|everything\s+else|all\s+else)\s+(?:(?:should|must|is to|has to)\s+)?"
    rf"(?:(?:stays?|remains?)(?:\s+{_AS_IS})?|{_AS_IS}){_END}"
    rf"|(?P<still>{_PAIR})\s+(?:(?:should|must|is to|are to|has to|have to)\s+)?(?:(?:stays?|remains?)"
    rf"(?:\s+(?:put|{_AS_IS}))?|untouched|unchanged){_END})",
    re.IGNORECASE,
)
#: Words of joining that are left over where a clause is taken out.
_JOINT = re.compile(
    r"^[\s,;:]*(?:(?:and|but|while|please)\b[\s,;:]*)*|[\s,;:]*(?:\b(?:and|but|while)\b[\s,;:]*)*$", re.I
)
_LIST_GOES_ON = re.compile(
    r"\s*(?:,|\bor\b|\band\b|\bnor\b)\s*(?:(?:the|his|her|their)\s+)?(?:hair|beard|moustache)", re.I
)


def kept_parts(text: str) -> tuple[str, ...]:
    """The groups of attributes.csv, STATE or ALL_ELSE that a text tells to stay: ("mouth",); () for none."""
    found: dict[str, None] = {}
    for match in _STAYS.finditer(text):
        if match["state"] or match["all"] or match["rest"]:
            found[STATE if match["state"] else ALL_ELSE] = None
            continue
        words = words_in(match["denied"] or match["held"] or match["still"])
        found |= dict.fromkeys(_GROUPS[PARTS[word]] for word in words if PARTS.get(word) in _GROUPS)
    return tuple(found)


def without_kept(text: str) -> str:
    """A text without what it tells to stay; as it is where nothing else is left."""
    rest, after = "", 0
    for match in _STAYS.finditer(text):
        if _LIST_GOES_ON.match(text, match.end()):
            continue
        rest, after = f"{rest} {text[after : match.start()]}", match.end()
    rest = _JOINT.sub("", f"{rest} {text[after:]}").strip(" .!?")
    return re.sub(r"\s*,(?:\s*,)+", ",", rest) if re.search(r"\w", rest) else text
