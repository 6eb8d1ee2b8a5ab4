"""What an edit leaves as it is: all that is not named ("and nothing else"), or parts by name ("the beard stays")."""

from __future__ import annotations

import re

from facegpt.language.patterns import joined, regex
from facegpt.language.reading.normalise import standardise_small_words
from facegpt.language.reading.rules.phrases import parts_in
from facegpt.language.targets import ATTRIBUTES

#: All that an edit does not name.
_ELSE = joined(r"""
    (?:(?:everything|anything|nothing|all|everyone|everybody|any(?:one|body)|every thing|any thing|what)[ _]+(?:else|
    other|besides|beyond|apart|remaining)|(?:the |all |its |her |his )*(?:rest|remainder|remaining)\b|
    balance everything|(?:all |every |any |each |no )(?:the )?others?(?: \w+){0,2}|the others?(?: (?!side)\w+){1,2}|
    the others\b|otherwise|everything i did not|everything (?:that )?(?:you|i|was|is|were|are) (?:are |was |were |have |
    had |am )?not|every(?:thing| \w+| single \w+) (?:\w+ ){0,3}(?:bar|but|except|save|apart|other than)|
    all (?:\w+ )?(?:bar|but|except|save|apart from)|the (?:approved|other) (?:parts?|bits?|things?))
""")
_SOMEBODY = (
    r"(?:face|head|guy|man|woman|person|everything|bloke|lad|lass|girl|boy|fellow|dude|lady|chap|features|again|one|"
    r"character|model)"
)
#: That it stays.
_STAY = joined(r"""
    (?:keep(?:s|ing)?|kept|leave|leaving|left|stay(?:s|ed|ing)?|remains?|same|unchang\w*|untouched|un ?altered|
    unaffected|identical|as (?:it|they|she|he|you|i|god|we|this)\b|as is|as before|alone|let (?:\w+ ){0,3}be|be\b|
    frozen|freez\w*|lock(?:ed|s)?|pinned|pin|fixed|held|hold(?:ing)?|steady|constant|preserv\w*|intact|put|fine|perfect|
    great|good|lovely|okay|ok|right|🔒|❄|🛑|🧊|✋|original|in force|equal|was (?:him|her|it)|signed off|approved|
    settled|final|sacred|off limits|out of (?:it|scope|bounds)|stand by|spot on|happy)
""")
#: What an edit may do to a part, and what it is told not to do.
_TOUCH = joined(r"""
    (?:touch|chang|alter|mov|modif|mess|meddl|fiddl|faff|budg|shift|tamper|disturb|tweak|adjust|edit|affect|interfer|
    play|differ|react|tinker|muck|fuss|retouch|rework|redo|be at|be different|wander|drift|stir|lay a (?:finger|hand)|
    put a finger)\w*
""")
_NOT = (
    r"(?:do not|not|never|no|nor|without|nothing|none|nobody|avoid|stop|refrain from|must not|may not|should not|"
    r"\bnot to)"
)
#: Wordings by which the rest of the head stays; any is enough.
_KEEPS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_ELSE}[^.;!?\n]{{0,40}}?(?:\b|(?=[🔒❄🛑🧊✋])){_STAY}",
        rf"\b{_STAY}\b[^.;!?\n,]{{0,30}}\b{_ELSE}",
        rf"\b{_NOT}\b (?:\w+ ){{0,4}}?{_TOUCH}",
        rf"\b{_ELSE}[^.;!?\n]{{0,20}}\b{_NOT}\b (?:\w+ ){{0,2}}{_TOUCH}",
        r"\b(?:nothing|naught|none)\b (?:\w+ ){0,2}?(?:else|more|besides|whatsoever|whatever|apart|except|other|others|"
        r"beyond)\b(?! than)|\bno others?\b(?! than)|\bno more(?=\s*[.;!?\n]|\s*$)",
        rf"\bnothing but (?:\w+ ){{1,3}}(?:is|are|may|should|can|to|must)\b|\bwithout (?:\w+ ){{0,2}}?{_ELSE}",
        r"\b(?:no|not one|not a|not any|zero|any)\b (?:\w+ ){0,1}?(?:other|further|additional|side|knock on|"
        r"concomitant|"
        r"collateral|extra|single) (?:\w+ )?(?:changes?|differences?|edits?|effects?|adjustments?|alterations?|"
        r"channels?|parts?|things?|features?|modifications?|tweaks?|surprises|points?|hairs?)\b",
        r"\bnot (?:one|a|another|any) (?:other |single |more )?(?:thing|jot|whit|iota)\b|"
        r"\bnot (?:one|a) (?:other |single )?(?:hair|inch|millimetre) (?:more|else|different|changed)\b",
        rf"(?:^|[.;:!?,\n]|\b(?:and|but|please|so|then|now)) *(?:\w+ )?only (?:\w+ly )?(?:the|his|her|their|your|my|"
        rf"its|this|that|{_TOUCH}|make|narrow|widen|raise|lower|thin|thicken|shorten|lengthen|"
        r"darken|lighten|reduce|enlarge)\b",
        r"^\W*(?:please )?(?:only|solely|merely) (?!kidding|like|a\b|an\b|look|been|got|had|saw|make|think|want|"
        r"give|do\b|so\b|wondering|tell|fix|another|some|slight|one of|need)\w+",
        rf"\b{_TOUCH} (?:nothing|none)\b|\bonly {_TOUCH}|\b{_TOUCH} only\b|\bjust (?:the|this|that|his|her|one)\b|"
        rf"\bbut only that\b|\bthat only\b",
        r"\b(?:that|this|it|those|these|\w+plasty|nose|eyes?|ears?|lips?|chin|jaw|brows?|eyebrows?|hair|skin|mouth|"
        r"neck|"
        r"forehead|cheeks?|cheekbones?|beard|tip|bridge|nostrils?) only(?=\s*[.;,:!?\n]|\s*$)",
        r"\b(?:confine|limit|restrict|reserve|isolate)\w*\b[^.;!?\n]{0,30}\bto\b|\bisolated\b|\bexactly one\b|"
        r"\bone (?:single )?(?:thing|change|correction|tweak|edit|hunk)\b|\bin all (?:particulars|respects)\b|"
        r"\b(?:in )?every other (?:respect|way|particular|regard|detail|thing|number|part|feature)\b",
        r"\bthat is (?:it|all)\b(?! wrong)|\bthats (?:it|all)\b|\b(?:and )?stop there\b|\bno more than that\b|"
        r"\bno funny business\b|\bhands off\b|\bwell alone\b|\ball else\b|\bceteris paribus\b|\bdo not go wild\b",
        rf"\b(?:same|identical|exact(?:ly the)? same) (?:\w+ ){{0,2}}?{_SOMEBODY}(?: \w+){{0,3}}?,? *(?:but|only|just|"
        rf"exactly|except|apart|bar|save)\b|^\W*(?:the )?(?:very |exact )?(?:same|identical) {_SOMEBODY}\b|"
        r"^\W*as before\b|\beverything the same\b|\b(?:let|leave) (?:\w+ ){1,4}be(?=\s*[.,;!?\n]|\s*$)|"
        r"\bkeep (?:the |her |his |their )*(?:\w+ )?(?:features|identity|likeness|face)\b|\bface stays\b",
        r"\b(?:keep|freeze|lock|pin|hold|preserve|leave) (?:\w+ ){0,2}?(?:everything|all|every|each|"
        r"(?:the|this|that|her|his) (?:face|head|man|woman|likeness) )",
        r"\beverything (?:\w+ )?(?:stays|remains|is (?:fine|perfect|approved|signed|locked|great|good))|"
        r"\b(?:approved|signed off|content|happy|good|fine|perfect|locked)\b (?:\w+ )?(?:apart from|bar|but for|"
        r"except|save|otherwise|with everything)",
        rf"\b(?:if|should) (?:you|a|an|any|anything|one|so much)\b[^.;!?\n]{{0,40}}\b{_TOUCH}[^.;!?\n]{{0,30}}"
        r"\b(?:notice|see|know|mad|cross|furious|sue|scream|else|besides|other)",
        rf"\b(?:notice|see|know|tell|spot) (?:it )?if\b[^.;!?\n]{{0,20}}\b{_TOUCH}",
        r"(?:==|\bequals?) before\b|\bexcept for\b[^.;!?\n]{0,20}\bthe same\b|\bas (?:she|he|it|they) (?:is|are|was)\b"
        r"(?= (?:and|but|apart|except|save))",
    )
)  # fmt: skip
#: Wordings that look alike and ask for nothing of the kind.
_NO_KEEP = regex(r"""
    \b(?:nothing|not) (?:to (?:smile|laugh|worry|be)|like|wrong|special|more than a)\b|
    \bthe (?:others?|rest) of (?:the )?(?:cast|team|group|class)\b|\beach other\b|\bone another\b|
    \bthe other (?:side|half|one|eye|ear|brow|corner|way|day|guy)\b|\bnone of the \w+\b|\bas it (?:gets|comes)\b|
    \bno(?:t|thing)? other than\b|\bamong others\b|\b(?:no|not (?:any|one)|without) (?:any )?(?:extra|
    further) (?:\w+ )?(?:length|width|height)\b|\bat rest\b|\brest (?:pose|position)\b|\bonly (?:\w+ )?(?:left|right)\b|
    \b(?:left|right) (?:\w+ ){0,3}only\b
""")
#: A clause that says what stays, from its verb on; and one that ends in it.
_KEPT = regex(r"""
    \b(?:keep(?:ing)?|leav(?:e|ing)|do not (?:touch|change|alter|move)|without (?:touching|changing|altering|moving)|
    not (?:touching|changing))\b(?P<what>(?:(?!\b(?:but|except|only|just|apart|other than|make|give|
    with)\b)[^.,;:!?\n]){0,60})
""")
_STAYS = regex(r"""
    (?:^|[.,;:!?\n]|\b(?:and|but|while|though))(?P<what>[^.,;:!?\n]{2,40}?)\b(?:(?:can |may |must |should |will |is to |
    to |has to )?(?:stays?|remains?|survives?)\b|(?:we|i|you) do not touch|
    (?:is|are) (?:fine|perfect|great|good|right)(?! (?:but|now))|(?:is|are) not to be touched|
    as (?:it|they) (?:is|are)\b)
""")
_SAME = re.compile(r"\b(?:the )?same (?P<what>[a-z]+)\b(?! (?:but|only))")
#: Words for hair on the face that name the part of an attribute.
_HAIRS = (
    (r"goatee|whiskers?|stubble|beard", "beard"), (r"tash|tache|moustache|mustache|\bmo\b", "moustache"),
    (r"freckles?", "freckles"), (r"wrinkles?", "wrinkles"), (r"\bbald\b", "hair"),
)  # fmt: skip
#: How the names of a part's attributes begin.
_BEGINS = {
    "lip": ("upper_lip", "lower_lip"), "upperlip": ("upper_lip",), "lowerlip": ("lower_lip",), "lid": ("lid_",),
    "cheekbone": ("cheekbone",), "cheek": ("cheek_",), "beard": ("beard",), "moustache": ("moustache",),
    "bridge": ("nose_bridge",), "tip": ("nose_tip",), "nostril": ("nostril",), "freckles": ("freckles",),
    "wrinkles": ("wrinkles",),
    **{part: (part + "_",) for part in ("nose", "eye", "brow", "mouth", "chin", "jaw", "ear", "forehead", "neck",
                                        "hair", "skin")},
}  # fmt: skip


def keeps_the_rest(text: str) -> bool:
    """Whether a plain text (`normalised`) of an edit says that all else stays."""
    words = _NO_KEEP.sub(" ", standardise_small_words(text))
    return any(pattern.search(words) for pattern in _KEEPS)


def kept_attributes(text: str) -> tuple[str, ...]:
    """The attributes of the parts that an edit says to keep and names nowhere else."""
    said = [m for pattern in (_KEPT, _STAYS, _SAME) for m in pattern.finditer(text)]
    rest = text
    for match in said:
        rest = rest[: match.start()] + " " * (match.end() - match.start()) + rest[match.end() :]
    parts = {part for m in said for part in _named(m["what"])} - set(_named(rest))
    return tuple(n for n in ATTRIBUTES if any(n.startswith(start) for part in parts for start in _BEGINS.get(part, ())))


def _named(text: str) -> list[str]:
    return [part for _, part in parts_in(text)] + [name for pattern, name in _HAIRS if re.search(pattern, text)]
