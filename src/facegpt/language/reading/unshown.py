"""Things that words ask for and a head of this kind cannot show: hats, tattoos, clothes, a background.

The table holds what people name most; it does not hold everything. A thing that the words deny ("no hat") is not
asked for.
"""

from __future__ import annotations

import re
from functools import cache

from facegpt.language.reading.headwear_words import headwear_wish

#: Why what words take off does not come off.
WORN_BY_NONE = "the head wears none"
#: Why something is not shown → wordings: regular expressions of whole words, one or more alternatives a line.
_TABLE: dict[str, str] = {
    "not known to this head": r"""
        goggles|monocle|eye ?patch|contact lens(?:es)?
        wig|tiara|diadem|bonnet
        (?:a|golden|royal|jewelled|paper) crown|head ?bands?|headdress|wreath|ribbons?|hair ?(?:clip|pin|slide)s?
        ear-?rings?|(?:nose|lip|eyebrow|tongue) (?:rings?|studs?)|piercings?|pierced \w+|jewell?ery
        head ?phones|ear ?(?:buds|phones)|hearing aids?|(?:surgical|face|gas|ski|party) ?masks?|a mask(?! of)
        bandages?|make-?up|eye ?(?:liner|shadow)|mascara|blusher|(?:face|war) ?paint|(?:fake|false) \w*lashes
        scars?|scarred|tattoo(?:s|ed)?|birthmarks?|bruise[sd]?|pimples?|warts?|pockmark\w*|acne|zits?|moles?
        beauty (?:spot|mark)s?|vitiligo|burn marks?|black eye|bloodshot eyes|bloody|bleeding|wounds?|sweat(?:y|ing)?
        mud|(?<!in )(?<!to )(?<!back )tears(?! of)|glass eye|third eye|heterochromia
        (?:glowing|violet|purple|pink|red) eyes|(?:green|blue|purple|metallic|scaly)[- ]skin(?:ned)?
        (?:elf|elven|elvish|pointed|pointy|cat|animal|bunny) ears|horns|antlers|tusks|fangs|scales|fur|halo
        (?:gold(?:en)?|missing|crooked|buck|broken|rotten|chipped|stained|perfect|gapped) (?:front )?(?:teeth|tooth)
        (?:blue|dark|purple|black|bloodless)(?:r|er)?[- ](?:lips|lipstick)|rouge|garland
        lips (?:a (?:bit|little|shade) )?darker|darker lips
        missing (?:an? |two |three |some |the |(?:his|her) )?(?:front )?(?:tooth|teeth)
        braces|gap[- ]toothed|toothless|dentures|gap between \w+ (?:front )?teeth
    """,
    "a human head is made": r"""
        robots?|androids?|cyborgs?|orcs?|trolls?|ogres?|goblins?|(?:an?|the|as|like an?) el(?:f|ves)(?! ear)|centaurs?
        (?:space )?aliens?|zombies?|vampires?|werewol(?:f|ves)|mermaids?|fair(?:y|ies)|demons?|dragons?|minotaurs?
        skeletons?|gargoyles?|(?:an?|the) (?:talking )?(?:dog|cat|wolf|fox|lion|tiger|bear|monkey|ape|horse)\b(?! ear)
    """,
    "only the head is made": r"""
        (?:t-?)?shirt|jacket|suit|(?:a|his|bow|neck) ?tie|dress|coat|sweater|jumper|hoodie|uniform|armou?r|robes?|cloak
        cape|blouse|waistcoat|scarf|gloves?|apron|gown|costume|necklace|pendant|clothes|clothing|outfit|jeans|trousers
        (?:broad|narrow|wide|hunched|bare|muscular|square|strong|sloping)[- ]shoulder(?:s|ed)|boots
        hands|(?:his|her) hand|fingers? (?:on|in|to)|fists?|arms|legs|torso|(?:pot|beer) ?belly
        short(?= PERSON)|tall(?=,? (?:\w+ )?PERSON)|\w+ f(?:oo|ee)t(?: \w+)? tall|\d+ ?c?m tall
        cigar(?:ette)?s?|smoking|(?:holding|carrying) an? (?!few)(?:\w+ )?\w+|riding (?:an?|the) \w+
        (?:the|plain|blurred|white|dark|black|gr[ea]y|green|city|studio) background|backdrop|scenery|landscape
        in front of an? (?:\w+ )?\w+|(?:sitting|standing) (?:on|in|at|by) (?:an?|the)|on (?:a|the) (?:beach|street)
        in (?:the|an?) (?:rain|snow|desert|forest|street|office|park|garden|kitchen|bar)
    """,
    "the head is held straight": r"""
        (?:turn|tilt|tip|bow|cock|rotate|lean)(?:s|ed|ing)? (?:(?:the|his|her|their|its) )?(?:whole )?head(?! in ?to)
        head (?:\w+ )?(?:tilted|turned|bowed|cocked|thrown)|tilt(?:s|ed|ing)? (?:his|her|their|the) head|nod(?:s|ding)
        look(?:s|ing)? (?:back )?over (?:his|her|their) shoulder
    """,
    "both eyes are at one height": r"""
        (?:left|right|one) eye (?:\w+ ){0,2}(?:lower|higher|further (?:up|down))
        (?:move|shift|put) (?:the|his|her|one) (?:left |right )?eye (?:\w+ ){0,2}(?:lower|higher|up|down)
    """,
    "a head is made, not a picture": r"""
        (?:oil )?painting|water ?colou?r|cartoon|anime|manga|pixar|comic (?:book|strip)|in the style of|sketch
        photo-?realistic|hyper-?realistic|cinematic|bokeh|\d+k|hdr|black[- ]and[- ]white|sepia|close-?up
        (?:studio|soft|dramatic|rim|neon|stage|natural) light(?:ing)?|candle ?light|moonlight|spotlight|backlit
    """,
}
_PERSON = r"(?:m[ae]n|wom[ae]n|person|people|guy|girl|boy|lady|lad|bloke|fella|chap|dude|teen\w*|kid|child|figure)"
#: What is worn is not shown, whatever it is; but looks and expressions are said to be worn too.
_WORN = re.compile(
    r"\b(?:wearing|wears|wore|dressed in|clad in) (?:(?:an?|the|some) )?"
    r"(?P<what>(?!(?:[\w-]+ ){0,4}(?:sun|eye)?(?:glasses|spectacles|specs|shades|aviators|eyewear)\b)"
    r"(?!(?:\w+ ){0,2}(?:smile|grin|frown|scowl|smirk|expression|look|face|hair|beard|moustache|stubble)\b)"
    r"(?!(?:an?|the|some|his|her|their|your|my|it|no|down|thin|out|off)\b)[a-z][\w-]*"
    r"(?: (?!(?:and|with|or|but|that|in|on|to|at|for|as|of)\b)[a-z][\w-]*){0,2})",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:\b(?:no|not|without|never|minus|sans|lacks?|lacking|free of|devoid of|neither|nor)|n't)\b"
    r"(?:\s+[\w'-]+){0,3}\s*$",
    re.IGNORECASE,
)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Reason and pattern of each kind of things."""
    of_kinds = []
    for reason, lines in _TABLE.items():
        wordings = "|".join(line.strip() for line in lines.strip().splitlines()).replace("PERSON", _PERSON)
        of_kinds.append((reason, re.compile(rf"\b(?:{wordings})\b", re.IGNORECASE)))
    return (*of_kinds, ("only the head is made", _WORN))


def unshown(text: str) -> list[str]:
    """Things in a text that a head cannot show, each with the reason ("a hat: not known to this head"), in order."""
    places: list[tuple[int, int, str]] = []
    for reason, pattern in _patterns():
        for match in pattern.finditer(text):
            place = match.span("what" if "what" in pattern.groupindex else 0)
            if headwear_wish(text[place[0] : place[1]]) is None:
                places.append((*place, reason))
    found: dict[str, str] = {}
    reached = 0
    for start, end, reason in sorted(places, key=lambda place: (place[0], -place[1])):
        if start >= reached and not _DENIED.search(text[:start]):
            reached = end
            found.setdefault(" ".join(text[start:end].lower().split()), reason)
    return [f"{what}: {reason}" for what, reason in found.items()]
