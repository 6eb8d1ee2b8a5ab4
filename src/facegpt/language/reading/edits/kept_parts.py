"""Parts of the face that words tell to stay: "do not touch the mouth", "leave his ears alone", "the nose stays".

What stays is no change, so its words are left out of what is read for changes; its measures are held, and of hair all
that can be seen (generate/kept_hair.py). Where the words go on about what stays ("keep the hair but make it darker"),
hair has a slot of its own (hair_words.csv: keep).
"""

from __future__ import annotations

import re

from facegpt.language.parts import PARTS
from facegpt.language.patterns import words_in

#: What stands for an age or a look that is to stay: "keep him old".
STATE = "look"
#: What stands for all that words do not name: "leave everything else".
ALL_ELSE = "all else"
#: What of hair can stay; names in `HeadRequest.kept`.
HAIR, HAIR_COLOUR, BEARD, MOUSTACHE = "hair", "hair colour", "beard", "moustache"
#: The lines of a skin that are to stay.
WRINKLES = "wrinkles"
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
_HAIRS = r"(?:hair(?:style|cut|do)?(?: colou?r)?|beard|stubble|goatee|m[ou]+stache|gr[ae]ys?)"
_OWN = r"(?:the|this|that|his|her|their|its|my|your)"
_HAIR = rf"(?:{_OWN}\s+(?:(?!(?:and|or|but|with|in|of)\b)[a-z-]+\s+){{0,2}}{_HAIRS}|hair|beard|moustache)\b"
_FACE = rf"(?:(?:the|this|that|his|her|their|its|my|your)\s+)?(?:(?:upper|lower|whole|entire)\s+)?(?:{_NAMES})\b"
_PART = rf"(?:{_FACE}|{_HAIR})"
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
#: Words behind what stays that speak of it once more.
_OF_IT = re.compile(r"\b(?:it|them)\b", re.IGNORECASE)
_HAIR_COLOUR = re.compile(r"\bhair colou?r\b|\bgr[ae]ys?$", re.IGNORECASE)


def kept_parts(text: str) -> tuple[str, ...]:
    """What a text tells to stay: groups of attributes.csv, HAIR and its like, STATE, ALL_ELSE; () for none."""
    found: dict[str, None] = {}
    for match in _stays_in(text):
        if match["state"] or match["all"] or match["rest"]:
            state = WRINKLES if re.search(r"\b(?:wrinkles|lines)\b", match["state"] or "") else STATE
            found[state if match["state"] else ALL_ELSE] = None
            continue
        for part in re.split(r"\s*(?:,|\band\b|\bor\b|\bnor\b)\s*", match["denied"] or match["held"] or match["still"]):
            found |= dict.fromkeys(_named(part))
    return tuple(found)


def _named(part: str) -> list[str]:
    """What a part that stays is called: "his long grey beard" is a beard."""
    if _HAIR_COLOUR.search(part):
        return [HAIR_COLOUR]
    words = words_in(part)
    hairs = {"hair": HAIR, "hairstyle": HAIR, "haircut": HAIR, "hairdo": HAIR, "stubble": BEARD, "goatee": BEARD}
    for word in words[-1:]:
        if name := hairs.get(word, PARTS.get(word) if PARTS.get(word) in (BEARD, MOUSTACHE) else None):
            return [name]
    return [_GROUPS[PARTS[word]] for word in words if PARTS.get(word) in _GROUPS]


def _stays_in(text: str) -> list[re.Match[str]]:
    """Where a text tells what stays; hair of which it says more ("keep the hair but make it darker") is not told so."""
    found = list(_STAYS.finditer(text))
    return [m for m in found if not (re.search(_HAIRS, m[0], re.I) and _OF_IT.search(text, m.end()))]


def without_kept(text: str) -> str:
    """A text without what it tells to stay; as it is where nothing else is left."""
    rest, after = "", 0
    for match in _stays_in(text):
        rest, after = f"{rest} {text[after : match.start()]}", match.end()
    rest = _JOINT.sub("", f"{rest} {text[after:]}").strip(" .!?")
    return re.sub(r"\s*,(?:\s*,)+", ",", rest) if re.search(r"\w", rest) else text
