"""Sayings about how much there is of a part of the face, put in plain words before they are counted.

"A chin that goes on for ever", "hardly any lid", "cheekbones to stand a cup on", "a gap between the eyes to park a bus
in": there is no end of the pictures, but each says much or little of a part by the same few turns of phrase. What they
mean is in tables: a row for each part, a table for each turn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from facegpt.language.patterns import joined, regex
from facegpt.language.reading.normalise import fold_case

#: How a part is written → the part of the tables below.
_WRITTEN = {
    "upperlip": r"(?:upper|top) lip",
    "lowerlip": r"(?:lower|bottom|under) ?lip",
    "lip": r"lips?",
    "lid": r"(?:eye)?lids?",
    "brow": r"eyebrows?",
    "browridge": r"(?:brow|supra-?orbital) (?:ridge|bone|shelf|torus)",
    "forehead": r"foreheads?|brow",
    "cheekbone": r"cheek ?bones?|zygomas?|malars?",
    "cheek": r"cheeks?",
    "bridge": r"(?:nasal |nose )?bridge|bridge (?:of|to) (?:the|her|his) nose",
    "nose": r"nose|schnozz?|conk|hooter|snout|honker|beak",
    "nostril": r"nostrils?",
    "eye": r"eyes?|peepers",
    "mouth": r"mouth|gob|kisser",
    "chin": r"chin",
    "jaw": r"jaw|mandible",
    "ear": r"ears?|lugs?|auricles?|pinnae?",
    "neck": r"neck",
    "philtrum": r"philtrum",
    "face": r"face",
}
_PART = "|".join(f"(?P<{name}>{written})" for name, written in _WRITTEN.items())

#: There is a lot of it.
_MUCH = {
    "upperlip": "full upper lip", "lowerlip": "full lower lip", "lip": "full lips", "lid": "open visible eyelids",
    "brow": "thick eyebrows", "browridge": "heavy brow ridge", "forehead": "high forehead", "cheek": "full cheeks",
    "cheekbone": "prominent cheekbones", "bridge": "high bridge", "nose": "big nose", "nostril": "big nostrils",
    "eye": "big eyes", "mouth": "wide mouth", "chin": "big chin", "jaw": "wide jaw", "ear": "big ears",
    "neck": "long neck", "philtrum": "long philtrum", "face": "long face",
}  # fmt: skip
#: There is hardly any.
_SCANT = {
    "upperlip": "thin upper lip", "lowerlip": "thin lower lip", "lip": "thin lips", "lid": "hooded eyelids",
    "brow": "thin eyebrows", "browridge": "smooth brow ridge", "forehead": "low forehead", "cheek": "hollow cheeks",
    "cheekbone": "flat cheekbones", "bridge": "low bridge", "nose": "small nose", "nostril": "small nostrils",
    "eye": "small eyes", "mouth": "small mouth", "chin": "short receding chin", "jaw": "narrow jaw",
    "ear": "small ears", "neck": "short neck", "philtrum": "short philtrum",
}  # fmt: skip
#: It goes on for ever.
_ENDLESS = _MUCH | {"nose": "long nose", "chin": "long chin"}
#: Something could stand on it or be hung from it.
_HOLDS = _MUCH | {"nose": "prominent nose", "chin": "prominent chin", "neck": "thick neck"}
for _part in ("eye", "lid", "face"):
    del _HOLDS[_part]

_WITH = r"(?:that |which |who |, |so \w+ |(?:is|are|was|were) (?:so \w+ )?(?:that )?)*"
_LOTS = (
    r"\b(?:an? (?:awful |whole |hell of a )?lot of|lots of|loads of|tons of|heaps of|plenty of|an? (?:great|good) deal "
    r"of|an abundance of|acres of|miles of|yards of|no shortage of|no end of|(?:so|too) much|a quantity of) "
)
_HARDLY = (
    r"\b(?:(?:so|very|too|precious|remarkably|such) little|(?:hardly|barely|scarcely) (?:any|an?|much)(?: of an?)?|"
    r"(?:almost|next to|practically|virtually|basically|well nigh) no|not much(?: of an?)?|(?:hardly |barely |scarcely "
    r"|next to |not )(?:anything|nothing|much) (?:in the way )?of(?: an?)?|the merest|an? (?:mere |bare |poor )?(?:"
    r"hint|suggestion|rumou?r|apology|excuse) (?:of|for) an?|short of) "
)
_GOES_ON = joined(r"""
    ,? ?(?:that |which )?(?:just |simply |really )*(?:(?:go(?:es|ing)?|run(?:s|ning)?|went|
    stretch(?:es)?) on(?: and on)*(?: for ?ever| for days| for miles)?\b|for (?:days|miles|weeks)\b|
    (?:does ?n[o']t|do ?n[o']t|did ?n[o']t|never|won't) (?:quit|end|stop|ends|stops|ended)\b)
""")
_THERE = joined(rf"""
    [,:]? ?{_WITH}(?:(?:barely|hardly|scarcely|only just|almost not) (?:even )?(?:there|visible|noticeable|exists?|
    shows?|present)\b|(?:next to|almost|practically|virtually|basically|effectively|as good as|all but) (?:nothing|none|
    nonexistent|non-existent|absent|invisible|gone)\b|non-?existent\b|
    you(?:'d| would| could| might)? (?:easily )?(?:miss|overlook)\b|one (?:would|could) (?:easily )?(?:miss|overlook)\b)
""")
_ONE_COULD = r"(?:you|one|i|he|she|they|we|it|birds|a \w+)(?:'d| could| can| might| may| would) (?:\w+ly |almost )?"
_STAND = (
    r"(?:hang|park|land|rest|balance|stand|set|put|pitch|build|ski|drive|moor|sit|perch|stack|climb|play|project|shelter|"
    r"camp|picnic|trip|roost|nest|dine|serve|shovel|plough|crack|break|anchor|tether|hook|store|write|skate|launch)\b"
)
_COULD = rf",? ?(?:that |which |so \w+ (?:that )?)?{_ONE_COULD}{_STAND}"
_SWALLOWS = rf",? ?(?:that |which |so \w+ (?:that )?)?{_ONE_COULD}(?:fit|swallow|get|post|stuff|cram|shove|take|hold)\b"
_UPON = (
    rf"\b{_ONE_COULD}{_STAND}[^.,;:!?\n]{{0,40}}? (?:on|off|from|under|along|upon|across|with|over) (?:(?:the|his|her|"
    r"their|that|those|these|one|each|either|both|of|end|ends|tip) )+(?:@)\b"
)
#: Turns of phrase around a part ("@") and the table of what they say of it.
_TURNS: tuple[tuple[str, Mapping[str, str]], ...] = (
    (rf"{_HARDLY}(?:@)\b", _SCANT),
    (rf"{_LOTS}(?:@)\b(?! of)", _MUCH),
    (r"\bno (?:@) (?:to speak of|worth mentioning|worth the name|worth speaking of)\b", _SCANT),
    (rf"\b(?:@)\b{_GOES_ON}", _ENDLESS),
    (rf"\b(?:@)\b{_THERE}", _SCANT),
    (rf"\b(?:@)\b{_COULD}", _HOLDS),
    (_UPON, _HOLDS),
    (rf"\b(?:@)\b{_SWALLOWS}", {"mouth": "wide mouth"}),
)
#: Where a part goes: verbs, ways, and what each part is then. "In" needs a verb of its own.
_VERB = joined(r"""
    (?:stick|jut|poke|pop|bulge|come|stand|start|reach|project|push|thrust|protrude|go|slide|slope|fall|run|slip|drop|
    retreat|melt|back|shy|shrink|lean|tilt|rake|sweep|sink|dip|droop|slant|turn|tip|sag|point|hang|curve|curl|bend|
    swing|lift|rise|angle|flare|flap|fan|wing)(?:e?s|ing)?
""")
_DEGREE_AFTER = r"\b(?! (?:less|more|any|too|a (?:bit|little|touch)|slightly|further|so|and forth)\b)"
_GOES = r"(?: that| which)?,?(?: (?!is|are|was|were)\w+ \w+ and)? (?:\w+ly |just |all |both |also |really )?"
_FAR = r"(?: (?:right|straight|way|far|well|clean|a long way|a mile|miles|a lot|quite a way|\w+ly))?"
_WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "out": (
        rf"{_GOES}{_VERB}{_FAR} (?:out|outwards?|forwards?)",
        {"chin": "prominent chin", "forehead": "bulging forehead", "cheekbone": "prominent cheekbones",
         "nose": "prominent nose", "ear": "sticking-out ears"},
    ),
    "back": (
        rf"{_GOES}{_VERB}{_FAR} (?:off |away )?(?:back|backwards?|away|off)",
        {"chin": "receding chin", "forehead": "sloping forehead", "eye": "deep-set eyes"},
    ),
    "in": (
        rf"{_GOES}(?:cave|go|sink|fall|fold|curve|dip|drop|suck|draw|pinch)(?:e?s|n|ed|ing)?{_FAR} in(?:wards?)?"
        r"(?! (?:a|the|his|her|to)\b)",
        {"cheek": "hollow cheeks", "eye": "deep-set eyes"},
    ),
}  # fmt: skip
#: A measure under or over the average.
_AVERAGE = re.compile(
    r"\b(?:well |far |way |much )?(?P<side>under|below|beneath|short of|over|above|beyond|past)"
    r" (?:the )?(?:normal|average|usual|mean|norm|standard) (?P<what>length|width|breadth|thickness|fullness|size)\b"
)
_MEASURES = {
    "length": ("short", "long"), "width": ("narrow", "wide"), "breadth": ("narrow", "wide"),
    "thickness": ("thin", "thick"), "fullness": ("thin", "full"), "size": ("small", "big"),
}  # fmt: skip
#: What lies between two parts: turn of phrase, where it is wide, where it is narrow.
_GAP = r"(?:gap|space|spacing|distance|room|daylight|stretch|bit|way|drop|expanse|runway|skin|width)"
_BETWEEN: tuple[tuple[str, str, str], ...] = (
    (r"(?:between|from) (?:the |his |her |their |both |two |one )*eyes?\b(?! (?:and|to) (?:the |his |her )?"
     r"(?:eye)?brow)(?: to (?:the other|eye))?", "eyes set wide apart", "eyes set close together"),
    (r"(?:between|from|under|beneath|below) (?:the |his |her |their )?(?:nose|nostrils)(?: (?:and|to) (?:the |his |"
     r"her |their )?(?:mouth|(?:upper |top )?lips?))?", "long philtrum", "short philtrum"),
    (r"(?:between|from) (?:the |his |her |their )?(?:(?:eye)?brows? (?:and|to) (?:the |his |her |their )?(?:eye|lid)"
     r"\w*|eyes? (?:and|to) (?:the |his |her |their )?(?:eye)?brows?)", "high eyebrows", "low eyebrows"),
    (r"(?:between|from|below|under|beneath) (?:the |his |her |their )?(?:mouth|(?:lower |bottom )?lips?)(?: (?:and|to) "
     r"(?:the |his |her |their )?(?:end of (?:the |his |her )?)?chin)?", "long chin", "short chin"),
    (r"(?:between|from) (?:the |his |her |their )?(?:eye)?brows? (?:and|to) (?:the |his |her |their )?hair\w*",
     "high forehead", "low forehead"),
)  # fmt: skip
_WIDE = re.compile(
    r"\b(?:huge|big|wide|large|long|great|vast|enormous|massive|generous|ample|good|whole|considerable|miles|acres|"
    r"lots|loads|plenty|a lot|much|room for|bus|lorry|truck|enough|could|far|mile)\b"
)
_TIGHT = re.compile(
    r"\b(?:hardly|barely|scarcely|no|(?<!a )little|tiny|small|narrow|short|thin|not|nothing|only|finger|hair's|minute|"
    r"slim|scant|next to|couldn't|least)\b"
)
_TO_NOTHING = regex(r"""
    \b(?:taper|narrow|run|come|dwindle|shrink|go|end|fade)(?:s|es|ing|ed)?(?: \w+){0,3}? (?:to|into|in) (?:next to |
    almost |practically |hardly )?(?:nothing|a point|a tip|a dot|anything)(?: \w+){0,2}? (?:at|by|towards?|for) (?:the |
    his |her )?chin\b
""")
#: Longer texts are read as they stand: the turns look ahead.
_LONGEST = 4000


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Mapping[str, str]], ...]:
    ways = [(rf"\b(?:@)\b{way}{_DEGREE_AFTER}", table) for way, table in _WAYS.values()]
    return tuple((re.compile(turn.replace("@", _PART)), table) for turn, table in (*_TURNS, *ways))


def in_plain_words(text: str) -> str:
    """Put the sayings of a text in plain words; the rest stays, in lower case where one was found."""
    if len(text) > _LONGEST:
        return text
    lower = found = fold_case(text)
    found = _between(found)
    found = _TO_NOTHING.sub(" with a very narrow chin ", found)
    found = _AVERAGE.sub(_measured, found)
    for pattern, table in _patterns():
        found = pattern.sub(_plain_by(table), found)
    return text if found == lower else found


def _plain_by(table: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    def plain(match: re.Match[str]) -> str:
        part = next(name for name, written in match.groupdict().items() if written)
        return f" a really {table[part]} " if part in table else match.group()

    return plain


def _measured(match: re.Match[str]) -> str:
    less, more = _MEASURES[match["what"]]
    return less if re.search(r"under|below|beneath|short", match["side"]) else more


@lru_cache(maxsize=1)
def _gaps() -> tuple[tuple[re.Pattern[str], str, str], ...]:
    return tuple(
        (re.compile(rf"\b{_GAP}\b[^.;:!?\n]{{0,60}}?\b{between}"), wide, tight) for between, wide, tight in _BETWEEN
    )


def _between(text: str) -> str:
    """Put a gap between two parts in plain words, by what stands before it or else behind it of its size."""
    for pattern, wide, tight in _gaps():
        match = pattern.search(text)
        if not match:
            continue
        before = len(re.split(r"[.;:!?\n,]", text[: match.start()])[-1])
        after = len(re.split(r"[.;:!?\n,]|\band\b", text[match.end() :])[0])
        for start, end in ((match.start() - before, match.end()), (match.end(), match.end() + after)):
            sizes = [(found.start() + start, plain) for size, plain in ((_TIGHT, tight), (_WIDE, wide))
                     if (found := size.search(text[start:end]))]  # fmt: skip
            if sizes:
                return f"{text[: min(sizes[0][0], match.start())]} {sizes[0][1]} {text[end:]}"
    return text
