"""What is said in other words before a text is read: terms of medicine, exchanges, and things that no head shows.

"Swap the smile for a frown" is "a frown and no smile", "prognathism" a jutting chin, and a red hat is left out, so that
it reddens no skin. What is left out is told to the user by `unshown.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from facegpt.language.patterns import regex_any_case
from facegpt.language.reading.glasses_words import without_glasses

#: Terms of medicine → plain words, by stem.
MEDICAL: dict[str, str] = {
    r"(?:mandibular )?prognath(?:ism|ia|ic(?: jaw)?)": "a jutting chin",
    r"(?:mandibular )?(?:micro|retro)gnath(?:ism|ia|ic(?: jaw| chin)?)": "a receding chin",
    r"hypertelorism": "wide-set eyes",
    r"hypotelorism": "close-set eyes",
    r"exophthalm(?:os|us|ic eyes)|proptosis": "bulging eyes",
    r"enophthalm(?:os|us)": "deep-set eyes",
    r"dermatochalasis|blepharochalasis|blepharoptosis": "hooded eyes with heavy lids",
    r"(?:senile )?ptosis(?: of (?:the|both|his|her) (?:upper )?(?:eye)?lids)?": "hooded eyes with heavy lids",
    r"micr(?:o|)stomia": "a small mouth",
    r"macrostomia": "a wide mouth",
    r"macroch(?:ei|i)lia": "full lips",
    r"microch(?:ei|i)lia": "thin lips",
    r"microtia": "small ears",
    r"macrotia": "big ears",
    r"prominauris|otapostasis|prominent pinnae": "ears that stick out",
    r"macrocephal(?:y|ia|ic)": "a big head",
    r"microcephal(?:y|ia|ic)": "a small head",
    r"brachycephal(?:y|ic)": "a wide face",
    r"dolichocephal(?:y|ic)": "a long narrow face",
    r"rhinophyma": "a big nose with a bulbous tip",
    r"saddle nose": "a scooped nose with a low bridge",
    r"alopecia(?: totalis)?": "a bald head",
    r"ephelides": "freckles",
    r"facial erythema|rosacea": "red cheeks",
    r"cachex(?:ia|ic)": "hollow cheeks and a bony face",
    r"(?:facial )?adiposity": "a fat face",
    r"masseter(?:ic)? hypertrophy": "a wide square jaw",
    r"epicanthi?c? folds?": "hooded eyes",
    r"periorbital (?:o?edema|puffiness)": "bags under the eyes",
    r"rhytid(?:es|s)": "wrinkles",
    r"ectropion": "drooping outer corners of the eyes",
    r"lagophthalmos": "eyes that are open",
    r"trismus": "a closed mouth",
}
#: An exchange: what goes, what comes.
_EXCHANGE = regex_any_case(r"""
    \b(?:swap|trade|replace|exchange|switch|change|turn)\s+(?:(?:the|that|this|her|his|their|
    its)\s+)?(?P<out>(?:big |little |broad )?
    (?:smile|grin|frown|scowl|smirk|laugh|glare|pout|sneer|look of \w+))\s+(?:for|with|by|against|
    in ?to)\s+(?P<come>[^.;,!?]+)|
    \b(?P<come2>(?:an? )?(?:\w+ )?(?:smile|grin|frown|scowl|smirk|glare|pout|sneer|sad look|
    sad face))\s+(?:instead of|in place of|rather than)\s+(?:the|that|a|her|his)\s+(?P<out2>smile|grin|frown|
    scowl|smirk|laugh|glare|pout|sneer)
""")
#: Rest, in other words.
_CALMS = regex_any_case(r"""
    \b(?:calm|settle|cool)(?:s|ed)? (?:him|her|it|them|the \w+)(?: right)? down\b|\b(?:calm|relax|
    neutrali[sz]e) (?:him|her|it|them|(?:the|his|her) (?:face|features|expression))\b|
    \b(?:wipe|take|remove|clear) (?:the|that|any|his|her|all) (?:expression|emotion)s?(?: (?:off|from)(?: (?:his|
    her|the) face)?)?|\bno expression\b|\bblank (?:face|expression)\b|\bpoker face\b
""")
_COLOUR = (
    r"(?:pale|pal|red|redd|pink|blue|dark|purple|rosy|cherry|ruby|crimson|scarlet|black|white|bloodless|"
    r"colourless|colorless)(?:r|er)?"
)
#: Things worn, painted on or grown that would be read for something of the face: with the words that belong to them.
_THING = r"""
    (?:sun|eye|reading )?glasses|spectacles|goggles|monocle|eye ?patch|hats?|cap|helmets?|beanie|beret|fez|turban|
    hijab|head ?scarf|
    bandann?a|veil|wig|tiara|diadem|crown|head ?band|headdress|wreath|garland|ribbons?|bow|hair ?(?:clip|pin|
    slide)s?|ear-?rings?|
    nose ring|piercings?|jewell?ery|head ?phones|hearing aid|(?:surgical|face|gas|ski|party) ?mask|bandages?|
    make-?up|lipstick|lip ?gloss|
    eye ?(?:liner|shadow)|mascara|blusher|rouge|foundation|(?:face|war) ?paint|scars?|tattoos?|birthmark|scarf|
    shawl|necklace|
    t?-?shirt|jacket|tie|dress|coat|sweater|jumper|hoodie|uniform|cloak|cape|gown
"""
_WORN = regex_any_case(rf"""
    (?:,?\s*\b(?:and|with|wearing|wears|in|under|who wears|put on|put|add|has|have))?\s*\b(?:an?|the|some|his|her|
    their|two|no)\s+
    (?:(?!\b(?:and|with|nose|eyes|lips|mouth|face|chin|jaw|head|hair|beard|skin)\b)[\w-]+\s+){{0,3}}?(?:{_THING})\b
    (?:\s+(?:on|in|over|around|across|of|above|along)\s+(?:(?:the|his|her|their|one|it|him)\s+)?(?:(?:left|right|upper|lower)\s+)?
    (?:head|hair|cheeks?|neck|face|lips?|eyes?|eyebrows?|brows?|forehead|nose|chin|ears?|flowers(?: in (?:his|
    her) hair)?|leaves|laurel|him|her|it))?|
    \b(?:lipstick|make-?up|mascara|eye ?(?:liner|shadow)|rouge|blusher|glasses)\b
""")
_LIP_COLOUR = regex_any_case(rf"""
    (?P<shape>\b(?:thin|full|thick|plump|big|small|wide|narrow|fleshy)(?:,| and| but)?[ ])?(?:very |rather |
    quite |so |more |bright |deep )?
    \b{_COLOUR}(?:,| and)?[- ]lip(?:s|ped)?\b|
    \b(?:(?:his|her|the|their)\s+)?lips?(?:\s+(?:a |an )?(?:are|is|look|looks|should be|to be|get|be|bit|little|
    much|shade|more|very|of|that are))*\s+
    (?:(?:a|an|very|more|much|bit|little|shade) )*{_COLOUR}\b
""")
#: Turns of the head, which these heads don't do: left out, and told.
_POSE = regex_any_case(r"""
    \b(?:turn|tilt|tip|bow|cock|rotate|nod|lean|swivel|twist)(?:s|ed|ing)?\s+(?:(?:the|his|her|their|
    its)\s+)?(?:whole )?head\b[^.;,]*|
    \b(?:the|his|her|their|its)?\s*head\s+(?:turned|tilted|tipped|bowed|cocked|rotated)\b[^.;,]*
""")


@lru_cache(maxsize=1)
def _medical() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (
            re.compile(
                rf"\b(?:an? |some |the |his |her )?(?:mild |severe |slight |marked |bilateral )?(?:{stem})\b", re.I
            ),
            plain,
        )
        for stem, plain in MEDICAL.items()
    )


def reword(text: str) -> str:
    """Say a text in words that can be read; one without anything of this kind comes back as it is."""
    text = without_glasses(text)
    said = _CALMS.sub("a neutral expression, face at rest", _EXCHANGE.sub(_exchanged, text))
    for pattern, plain in _medical():
        said = pattern.sub(plain, said)
    said = _LIP_COLOUR.sub(lambda match: f"{match['shape']}lips" if match["shape"] else "", said)
    said = _POSE.sub("", said)
    bare = _WORN.sub(" ", said)
    said = re.sub(r"\s{2,}", " ", bare) if bare != said else said
    return said.strip() or "a person"


def _exchanged(match: re.Match[str]) -> str:
    goes, comes = match["out"] or match["out2"], match["come"] or match["come2"]
    noun = goes.split()[-1] if goes.split()[0] != "look" else goes
    return f"{comes.strip()}, no {noun}"


def reworded(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reword the last user turn of a conversation ([{"role", "content"}], a text or a list of parts)."""
    said = [dict(turn) for turn in turns]
    last = next((turn for turn in reversed(said) if turn.get("role") == "user"), None)
    if last is None:
        return said
    content = last.get("content")
    if isinstance(content, str):
        last["content"] = reword(content)
    elif isinstance(content, (list, tuple)):
        last["content"] = [{**p, "text": reword(p["text"])} if p.get("type") == "text" else p for p in content]
    return said
