"""Denials that stand apart from what they deny: bans, ellipses, quantities, and what is said of other people.

"Banned: long necks", "the jaw is wide; the forehead is not", "no shortage of nose", "everybody has thick brows, she
does not have thick brows".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from facegpt.language.patterns import joined, regex
from facegpt.language.reading.rules.denied_traits import MISSING, SHED, Denied, sides
from facegpt.language.reading.rules.dimensions import MAIN_ATTRIBUTE
from facegpt.language.reading.rules.phrases import clauses, part_phrase, parts_in, says

_BAN = regex(r"""
    \b(?:bann?e?d?s?(?: on| from)?[^.:;,]{0,30}:|(?:ban|banned|forbidden|prohibited|not allowed|off the table|
    rejected)(?: (?:is|are))?:|(?:rule|rules|ruling|leave|leaves|leaving) out|skip|forget(?: about)?|veto|no to|
    say no to|i (?:do not|would not|really do not) (?:want|like|
    need)(?: either| (?:him|her|it) to have| to (?:see|have))?:?|
    things? i (?:do not want|hate)(?: either)?(?: (?:is|are))?:?|no more(?! than| and| no| or)|
    (?:had|have|seen) enough of|(?:sick|tired|bored|fed up)(?: and tired)? (?:of|with)|so over|keep away from|
    stay (?:away from|clear of)|(?:things? )to avoid(?: (?:is|are))?:?|
    (?:exclude[sd]?|excluding)(?: people| anyone| anybody)?(?: with)?|absence of|
    (?:he|she|they|it) (?:must|should|can|may|would|could) not have|
    i would rather (?:he|she|they|it) (?:did|does|do) not have|
    (?:avoid|no|not|do nots?|never|without|unwanted|dislikes?|red lines?):|
    i (?:hate|dislike|detest|can not stand))(?=[\s:])[\s:]*(?P<what>[^.;!?\n()]*)
""")
_BAN_ENDS = regex(r"""
    \b(?:but|otherwise|the rest|apart|only|just|else|everything|please|instead|because|she|he|they|since|so|one who|
    give|make|surprise|in|for)\b
""")
_BANNED = regex(r"""
    (?P<what>[^.;:!?\n,]{1,60}?) (?:is|are) (?:out(?! (?:of|to))|banned|forbidden|not allowed|off (?:the table|limits)|
    prohibited|a no(?: no)?|vetoed|unwelcome|not (?:wanted|welcome))\b
""")
_NOT_HERS = re.compile(
    r"\b(?:her|his|my|their) \w+ (?:who|that) (?:has|have|had|got) (?:the )?(?P<what>[^.;,\n]+),? not (?:her|him|"
    r"me|them|she|he)\b"
)
_LATER_NO = re.compile(
    r"(?:^|[.;:!?\n,])\s*(?P<what>[a-z]+ [a-z ]{3,24}?),? (?:no(?: way| thanks)?|nope|nah)(?=\s*(?:[.,;!\n]|$))"
)


def find_bans(text: str) -> Iterator[Denied]:
    """Read what is not wanted: "no to wide jaws and small eyes", "large eyes are out", "full brows, no"."""
    for match in _BAN.finditer(text):
        what = match["what"]
        end = _BAN_ENDS.search(what)
        what = what[: end.start()] if end else what
        yield from _each(re.split(r",|\band\b|\bor\b|\bnor\b|&", what), match.start(), match.start("what") + len(what))
    for pattern in (_BANNED, _LATER_NO):
        for match in pattern.finditer(text):
            yield from _each(re.split(r"\band\b|\bor\b", match["what"]), match.start("what"), match.end())

    for match in _NOT_HERS.finditer(text):
        yield from _each([match["what"]], match.start(), match.end())


def _each(items: Iterable[str], start: int, end: int) -> Iterator[Denied]:
    """Deny each of some things."""
    for item in items:
        item = re.sub(r"^\s*(?:any ?(?:body|one)|people|those|faces|men|women|a (?:man|woman|face)) with ", "", item)
        if re.search(r"\b(?:not|no|is|are|give|make|with)\b", item) or len(item.split()) > 6:
            continue
        for name, side, _ in sides(item, ""):
            yield Denied(name, side, -1.0 if name in SHED and side > 0 else 0.0, start, end)


# Ellipses: the adjective stands with another part

_ASIDE = r"(?:,? (?:on the other hand|however|though|by contrast|meanwhile|for (?:his|her|its|their) part|alas),?)?"
_IS_NOT = re.compile(
    rf"\b(?P<part>(?:upper |lower )?[a-z]+){_ASIDE} (?:(?:is|are|was|were|has|have|had|do|does|did) not|not|no)"
    r"(?: so| at all| really)?(?=\s*(?:[.,;!\n]|$))"
)
_BUT_NOT = re.compile(
    r"\b(?:but|and|just) not (?:the |his |her )?(?P<part>(?:upper |lower )?[a-z]+)(?=\s*(?:[.,;!\n]|$))"
)
_EXCEPT = regex(r"""
    \b(?:every\w*|all|the rest|features)\b[^.;!?\n]*\b(?:except|but|save|apart from|other than|aside from|bar|barring|
    excepting|with the exception of)(?: for)? (?:the |his |her |
    that )?(?P<part>(?:upper |lower )?[a-z]+)(?=\s*(?:[.,;!\n]|$))
""")
_HAS_NOT = re.compile(
    r"(?:^|[.;,!\n]|\bbut\b)\s*(?:he|she|they|this one) (?:has|have|does|do|had|did) not(?=\s*[.,;!\n]|\s*$)"
)
_SEEN = 140


def find_ellipses(text: str) -> Iterator[Denied]:
    """Read denials without an adjective: "chin and jaw are broad, the forehead is not", "all big except the mouth"."""
    for pattern in (_IS_NOT, _BUT_NOT, _EXCEPT):
        for match in pattern.finditer(text):
            parts = parts_in(match["part"])
            before = text[max(match.start("part") - _SEEN, 0) : match.start("part")]
            if not parts or (pattern is _EXCEPT and re.search(r"\b(?:like|surprise|choose|average|normal)\b", before)):
                continue
            phrase = re.split(r"[.,;:!?\n]|\bbut\b|\band\b", before)[-1]
            inverted = () if parts_in(phrase) else says(f"{phrase.strip()} {part_phrase(parts[-1][1])}")
            said = tuple((name, side) for name, side, _ in inverted) or _last_said(before, parts[-1][1])
            for name, side in said:
                yield Denied(
                    name, side, 0.0, match.start() if pattern is _BUT_NOT else match.start("part"), match.end()
                )
    for match in _HAS_NOT.finditer(text):
        before = text[max(match.start() - _SEEN, 0) : match.start()]
        if re.search(r"\b(?:has|have|had|got|the)\b", before) and parts_in(before):
            start = max(match.start() - _SEEN, 0) + max(before.rfind("."), before.rfind("\n"), -1) + 1
            for name, side in _last_said(before, parts_in(before)[-1][1]):
                yield Denied(name, side, 0.0, start, match.end())


def _last_said(before: str, part: str) -> tuple[tuple[str, int], ...]:
    """What the last adjective of some words says of a part: what "is not" denies of it."""
    for word in re.findall(r"[a-z]+", before)[::-1]:
        if (
            not parts_in(word)
            and len(word) > 2
            and word not in ("the", "are", "was", "were", "has", "and", "other", "hand")
        ):
            said = says(f"{word} {part_phrase(part)}")
            if said and said[0][0] not in ("age", "heaviness"):
                return tuple((name, side) for name, side, _ in said)
    return ()


_NEITHER = regex(r"""
    \b(?:neither|none of) (?P<one>[a-z ]{3,20}?) (?:nor|and|or) (?P<other>[a-z ]{3,20}?) (?:is|are|was|were|
    (?:should|must|may|can|could|ought to|need) be|to be|looks?|(?:should |may |must )?come out) (?P<what>[^.,;!?\n]+)
""")


def find_neither(text: str) -> Iterator[Denied]:
    """Read "neither the ears nor the nose should be large"."""
    for match in _NEITHER.finditer(text):
        for _, part in parts_in(match["one"] + " " + match["other"]):
            for name, side, _ in says(f"{part_phrase(part)} {match['what']}"):
                yield Denied(name, side, 0.0, match.start(), match.end())


# Quantities: "no shortage of", "not blessed with"

_PART = (
    r"(?:a (?:lot|great deal) of |the |his |her |its |much |any |an? |such |great )*(?P<part>(?:upper |"
    r"lower )?[a-z]+)"
)
_SCARCE = joined(r"""
    (?:short (?:of|on|in)|shy of|starved of|bereft of|wanting in|deficient in|stingy with|
    stint\w*(?: \w+)? (?:on|of|in)|skimp\w* on|(?:shortage|lack|dearth|scarcity|want|absence|deficit|shortfall) of|
    lack(?:s|ing)?(?: in| for)?|short ?changed (?:on|in|for)|(?:want\w* |lack\w* )?for (?=nothing))
""")
_PLENTY = joined(r"""
    (?:(?:over|well )?(?:blessed|endowed|gifted|burdened|overburdened|troubled|overloaded|generous|lavish|supplied|
    provided|rich|favoured) (?:with|in|by)|much (?:of an?|in the way of|by way of|to speak of in the way of)|
    (?:a (?:lot|great deal) of|plenty of|an abundance of|a surplus of)|(?:a (?:lot|great deal)|much) going on in)
""")
_NOT = r"(?:no|not|never|hardly|scarcely|without|nobody|no one)"
_NOT_SCARCE = regex(rf"""
    \b(?:{_NOT}\b[^.,;]{{0,30}}?|(?:nobody|no one|never|not)\b[^.;]*?(?:accus|call|describ|sa[iy]|
    complain)[^.;]*?) {_SCARCE} {_PART}|\bwant\w* for nothing (?:in|when|as|
    where)\b[^.;]{{0,25}}? (?P<want>[a-z]+)(?=\s*(?:[.,;!]|$))
""")
_NOT_PLENTY = re.compile(rf"\b{_NOT}\b(?! only)[^.,;]{{0,20}}? ?{_PLENTY} {_PART}")
#: What plenty of a part means where its usual attribute alone is not all of it.
_MUCH = {
    "chin": {"chin_height": 1.0, "chin_protrusion": 1.0},
    "lip": {"upper_lip_fullness": 1.0, "lower_lip_fullness": 1.0},
    "nose": {"nose_size": 1.2},
}


def find_quantities(text: str) -> Iterator[Denied]:
    """Read quantities that are denied: "no shortage of eyebrow" is much of it, "not blessed with lips" little."""
    for match in _NOT_SCARCE.finditer(text):
        for _, part in parts_in(match["part"] or match["want"])[-1:]:
            default = {MAIN_ATTRIBUTE[part]: 1.2} if part in MAIN_ATTRIBUTE else {}
            for name, degree in _MUCH.get(part, default).items():
                yield Denied(name, -1, degree, match.start(), match.end())
    for match in _NOT_PLENTY.finditer(text):
        for _, part in parts_in(match["part"])[-1:]:
            for name, degree in MISSING.get(part, {}).items():
                yield Denied(name, 1, max(0.75 * degree, -1.2), match.start(), match.end())


# Other people: what they are said to have, and the one that is asked for has not

_OTHERS = regex(r"""
    \b(?:every ?(?:one|body|1|single one|face|woman|man)|all (?:the|of|these|those|my|your|our)|most (?:people|of)|
    others?|they (?:all|always)|(?:you|u|i|we) (?:all )?(?:keep|always|usually|only ever|get|make|made)|people|the last|
    (?:his|her|my|our) (?:\w+ )?(?:brother|sister|cousin|mum|mother|dad|father|family|uncle|aunt)s?|mice|elephants)\b
""")


def of_others(text: str, denied: Iterable[Denied]) -> Iterator[Denied]:
    """The clauses that say of other people what is denied here, as denials, so that they count for nothing."""
    traits = {(each.attribute, each.side): each for each in denied if each.side}
    cut = [(start + a, start + b) for start, end in clauses(text) for a, b in _pieces(text[start:end])]
    for start, end in cut:
        piece = text[start:end]
        if not _OTHERS.search(piece) or re.search(r"\b(?:not|no)\b", piece):
            continue
        for _, part in parts_in(piece):
            for trait in _last_said(piece, part)[:2]:
                if trait in traits and not traits[trait].start <= start < traits[trait].end:
                    yield Denied(*trait, traits[trait].degree, start, end)


def _pieces(clause: str) -> list[tuple[int, int]]:
    cuts = [0, *(m.end() for m in re.finditer(r"\b(?:because|so|since|and)\b", clause)), len(clause)]
    return [(a, b) for a, b in pairwise(cuts) if clause[a:b].strip()]
