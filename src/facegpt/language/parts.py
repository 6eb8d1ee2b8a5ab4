"""Words for parts of the face, and plain forms of the words that stand beside them: "noses" nose, "wider" wide."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache


def _table(lines: str) -> dict[str, str]:
    """Read lines "meaning: word word" into word → meaning; a meaning is a word of itself."""
    pairs = (line.split(":") for line in lines.strip().splitlines())
    return {word: meaning.strip() for meaning, words in pairs for word in (meaning.strip(), *words.split())}


#: Parts of the face: one word for each, and others that mean the same.
PARTS = _table("""
nose: noses nosed schnoz conk hooter snout honker beezer schnozz proboscis nasal schnozzle snoot sniffer neb conker
bridge: bridges dorsum
tip: tips
nostril: nostrils
eye: eyes eyed peepers orbs peeper orb
lid: lids eyelid eyelids lidded
brow: brows eyebrow eyebrows browed
forehead: foreheads
mouth: mouths gob mouthed kisser cakehole piehole
lip: lips lipped
upperlip:
browridge:
lowerlip:
chin: chins chinned pogonion
jaw: jaws jawed mandible jawbone
jawline:
cheek: cheeks cheeked
cheekbone: cheekbones zygoma zygomas zygomata malar malars
face: faces faced visage mug features phiz physiognomy
head: heads skull noggin headed cranium bonce noddle
ear: ears eared lugs lugholes lug auricle auricles pinna pinnae
neck: necks necked throat
philtrum:
skin: complexion skinned
hair: haired locks
beard: beards bearded
moustache: mustache tache mustaches moustaches
iris: irises
temple: temples
corner: corners
hairline:
midface:
person: man woman guy girl boy lady bloke chap dude fella gentleman lad person male female gal
""")
ALIKE = _table("""
wide: widen widens widened widening widely wideness
broad: broaden broadening broadly
long: lengthen lengthened length lengthening elongate elongated
short: shorten shortened shortening
big: enlarge enlarged bigger biggest bigg
large: larger
small: shrink shrunk shrinking smal
thick: thicken thickened thickness
flat: flatten flattened
sharp: sharpen sharpened
high: heighten
deep: deepen
light: lighten lightened
dark: darken darkened
soft: soften softened
straight: straighten straightened
narrow: narrowed narrowing narow
eye: eyes
grey: gray greying graying
blond: blonde
""")


def with_joined_lips(text: str) -> str:
    """A text in lower case with "upper lip" and "lower lip" as one word each, as PARTS has them."""
    return text.lower().replace("upper lip", "upperlip").replace("lower lip", "lowerlip")


def last_part(words: Sequence[str], before: str = "") -> str:
    """The part of the face that some words name last; `before` where they name none."""
    return next((PARTS[word] for word in reversed(words) if PARTS.get(word, "person") != "person"), before)


@lru_cache(maxsize=20000)
def base_form(word: str) -> str:
    """The plain form of a word: "noses" nose, "wider" wide, "lengthen" long."""
    if word in PARTS and PARTS[word] != "person":
        return PARTS[word]
    if word in ALIKE:
        return ALIKE[word]
    if word.endswith("'s"):
        return base_form(word[:-2])
    for ending in ("iest", "ier"):
        if word.endswith(ending) and len(word) > 5:
            return word[: -len(ending)] + "y"
    for ending in ("est", "er"):
        stem = word[: -len(ending)]
        if word.endswith(ending) and stem in _GRADABLE:
            return _GRADABLE[stem]
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _forms(words: str) -> dict[str, str]:
    """The stems before "-er" of adjectives: "wide" wid, "big" bigg, "full" full."""
    table = {}
    for word in words.split():
        table[word[:-1] if word.endswith("e") else word] = word
        if word[-2:-1] in {*"aeiou"} and word[-1] in "bdgmnpt":
            table[word + word[-1]] = word
    return table


_GRADABLE = _forms(
    "wide broad long short big large small thick thin full flat sharp high low deep light dark soft straight narrow "
    "round square strong weak young old fat slim lean plump blunt tall close fair pale smooth loose tight fine bold "
    "crook hook slant red grey bright hard firm wee great steep rough stout taut puff bush stub"
)
