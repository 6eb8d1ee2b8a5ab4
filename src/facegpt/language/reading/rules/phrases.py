"""Pieces of a sentence for the rules of grammar: plain spelling, clauses, parts of the face, what a phrase says.

What "a big nose" or "jaw wide" says by itself is what the n-gram classifier reads in it; the rules then turn it,
compare it or leave it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from facegpt.language.reading.keywords import find_keywords
from facegpt.language.reading.ngrams.classifier import K, load_ngram_classifier
from facegpt.language.reading.ngrams.word_tables import PARTS
from facegpt.language.targets import ATTRIBUTES

#: A phrase says what has these log odds at least, and not much less than what it says most clearly.
_SAID, _AS_CLEAR = -1.3, 1.8
#: Words that say something of a person and of little else.
_OF_PEOPLE = {
    **{word: {"age": 1.0} for word in ("old", "elderly", "old man", "old woman", "aged")},
    **{word: {"skin_lightness": -1.0} for word in ("dark", "dark person", "brown")},
    **{word: {"heaviness": 1.0} for word in ("big", "big man", "large")},
}
#: Words of a phrase that can stand before a person.
_SHORT = 3
_JOINED = {"upper lip": "upperlip", "top lip": "upperlip", "lower lip": "lowerlip", "bottom lip": "lowerlip"}
_PART_WORDS = {**PARTS, "mouths": "mouth", "cheekbone": "cheekbone", "freckle": "skin", "hairs": "hair",
               "neb": "nose", "forhead": "forehead", "forehed": "forehead", "foreheed": "forehead", "mooth": "mouth",
               "een": "eye", "ers": "ear", "earz": "ear", "nares": "nostril", "alae": "nostril", "malar": "cheekbone",
               "palpebral": "eye", "vermilion": "lip", "vermillion": "lip",
               "fissure": "eye", "fissures": "eye"}  # fmt: skip
_NOT_PARTS = frozenset({"person", "features", "her", "midface"})
_CONTRACTED = (
    (r"\bcan(?:no|')?t\b|\bcannot\b", "can not"),
    (r"\bwon'?t\b", "will not"),
    (r"\bdo(?:se?n'?t|sent|esen'?t|snae|snt)\b|\bdisnae\b", "does not"),
    (r"\b(?:shoudn|shudn|shuldn|shouldn|shoul?den|shudden)'?t\b", "should not"),
    (r"\b(?:coudn|cudn|culdn)'?t\b", "could not"),
    (r"\b(?:woudn|wudn|wuldn)'?t\b", "would not"),
    (r"\b(?:arn|aren|ar'n)'?t\b", "are not"),
    (r"\b(?:isen|isin|is'n)'?t\b", "is not"),
    (r"\b(?:wasen|was'n|wosn)'?t\b", "was not"),
    (r"\b(?:hasen|haven|havn|hav'n)'?t\b", "has not"),
    (r"\bmus(?:n|tn)'?t\b", "must not"),
    (r"\bdinn?ae?\b|\bdunna\b", "do not"),
    (r"\binn(?:a|it)\b", "is not"),
    (r"\b(is|was|has|does|did|have|are|would|could|should)(?:na|nae)\b", r"\1 not"),
    (r"\b(?:cannae|canna)\b", "can not"),
    (r"\bnae\b", "no"),
    (r"\blang(?= (?:chin|nose|face|neck|hair|beard|neb|heid))", "long"),
    (r"\bwith?uot\b|\bwithou\b|\bwihout\b|\bw/o\b", "without"),
    (
        r"(?<=[a-z]) (?:n|an|'n'|&)(?= (?:the|his|her|hers?|their|my|a|its|no|not|has|is|got|does|did|thin|big|"
        r"small)\b)",
        " and",
    ),
    (r"\b(?:cuz|coz|cos|becuz|bcos)\b", "because"),
    (r"\b(do|does|did|is|are|was|were|has|have|had|could|would|should|must|need)n'?t\b", r"\1 not"),
    (r"\bain'?t\b", "is not"),
    (r"\b(he|she|it|that|there|what|here|who)'s\b", r"\1 is"),
    (r"\b(they|you|we)'re\b", r"\1 are"),
    (r"\b(nose|mouth|chin|jaw|face|head|forehead|neck|skin|hair|brow|lip|beard|bridge|tip|gob|neb)'s\b", r"\1 is"),
    (r"\b(one|body)'s\b", r"\1 is"),
)
#: What ends a clause.
BREAK = re.compile(
    r"[.;:!?\n()\[\]]|(?<!\d),|\s[-–—]+\s|"
    r"(?<!anything )(?<!everything )(?<!thing )(?<!anyone )(?<!anybody )(?<!everyone )\bbut\b|\bthough\b|"
    r"\balthough\b|\byet\b|\bwhile\b|\bwhereas\b"
)


#: "The upper" where lips are spoken of.
_BARE_LIP = re.compile(
    r"\b(?P<whose>the|her|his|its|their|than)(?P<gap> )(?P<which>upper|lower|top|bottom)\b(?! (?:lip|one|half|jaw|"
    r"face|"
    r"lid|eyelid|part|third|teeth|of|edge|row|heavy|knot|hat|bun|button|and lower|corner))"
)


def word_set(words: str) -> frozenset[str]:
    """Give the words of a list."""
    return frozenset(words.split())


def plain(text: str) -> str:
    """Write a text in lower case with contractions in full; hyphens between words become spaces."""
    lower = text.replace("’", "'").replace("‘", "'").lower()
    for pattern, full in _CONTRACTED:
        lower = re.sub(pattern, full, lower)
    lower = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", lower)
    if "lip" in lower or "vermil" in lower:
        lower = re.sub(
            r"\b(upper|top|lower|bottom) ones\b(?= (?:an?|is|only|more|much|not|barely|thin|full)\b)",
            r"\1 lip is",
            lower,
        )
        lower = re.sub(r"\b(upper|top|lower|bottom) ones?\b", r"\1 lip", lower)
        lower = _BARE_LIP.sub(r"\g<whose>\g<gap>\g<which> lip", lower)
    return re.sub(r"[ \t]+", " ", lower)


def clauses(text: str) -> list[tuple[int, int]]:
    """Give (start, end) of the clauses of a plain text."""
    found, start = [], 0
    for match in BREAK.finditer(text):
        if text[start : match.start()].strip():
            found.append((start, match.start()))
        start = match.end()
    return found + ([(start, len(text))] if text[start:].strip() else [])


def parts_in(text: str) -> list[tuple[int, str]]:
    """Give the parts of the face that a plain text names: (place, part) in order."""
    found = []
    joined = re.sub(r"\b(upper|top|lower|bottom) lip\b", lambda m: m.group().replace(" ", "_"), text)
    for match in re.finditer(r"[a-z_]+", joined):
        word = match.group()
        part = _JOINED.get(word.replace("_", " "), _PART_WORDS.get(word, ""))
        if part and part not in _NOT_PARTS:
            found.append((match.start(), part))
    return found


def part_phrase(part: str) -> str:
    """Write a part as people say it."""
    return {"upperlip": "upper lip", "lowerlip": "lower lip"}.get(part, part)


@lru_cache(maxsize=4096)
def says(phrase: str) -> tuple[tuple[str, int, float], ...]:
    """Look up what a phrase says of a head by itself: (attribute, side -1 or 1, degree), the clearest first."""
    found = _counted(phrase)
    if not found and not parts_in(phrase) and len(phrase.split()) <= _SHORT:
        found = _counted(f"a {phrase} person") or _counted(f"a {phrase} man")
    if found:
        return found
    listed = find_keywords(phrase).attributes or _OF_PEOPLE.get(re.sub(r"^(?:an? |the )", "", phrase), {})
    return tuple((name, 1 if degree > 0 else -1, abs(degree)) for name, degree in listed.items() if degree)


def _counted(phrase: str) -> tuple[tuple[str, int, float], ...]:
    evidence = load_ngram_classifier().read(phrase)
    found = []
    for k in range(K):
        side = 1 if evidence.high[k] >= evidence.low[k] else -1
        odds = float(max(evidence.high[k], evidence.low[k]))
        if odds > _SAID:
            found.append((odds, ATTRIBUTES[k], side, float(evidence.degree[k])))
    found.sort(reverse=True)
    return tuple((name, side, degree) for odds, name, side, degree in found if odds > found[0][0] - _AS_CLEAR)
