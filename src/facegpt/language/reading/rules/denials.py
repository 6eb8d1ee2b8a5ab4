"""What a sentence denies: "not a big nose", "without freckles", "anything but thin lips", "neither long nor short".

A plain denial rules one side out and leaves the rest open. A litotes ("far from slim", "nobody would call it small")
means the other side. A missing part ("no chin") means as little of it as a head can have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from facegpt.language.patterns import joined, regex
from facegpt.language.reading.rules.bans import find_bans, find_ellipses, find_neither, find_quantities, of_others
from facegpt.language.reading.rules.denied_traits import SHED, missing, sides, things
from facegpt.language.reading.rules.denied_traits import Denied as Denied
from facegpt.language.reading.rules.phrases import clauses, part_phrase, parts_in

#: The other side of a litotes, SDs; and of a part that is missing.
OPPOSITE_DEGREE = 1.0

_WOULD = r"(?:would|could|will|can|might|should|did|had)"
_CALL = r"(?:call|called|describe|say|accuse|mistake|take|find|use)"
#: Denials that mean the opposite.
_LITOTES = joined(rf"""
    anything but|(?:very |so |a long way |pretty )?far from(?: being| having)?|nowhere near|by no means|in no way|
    not (?:a bit|at all|in the (?:least|slightest)(?: bit)?|the least(?: bit)?|even remotely|remotely|exactly|precisely|
    what (?:you|i|one|anyone|people|most people)(?: would|'d)? (?:call|describe as))(?: what you would call)?|
    (?:nobody|no one|not one person|no soul) (?:{_WOULD} |had |has |is )?(?:ever |really |going to )*{_CALL}(?: of)?|
    (?:you|one|i|we|people) {_WOULD} (?:not|never|hardly|scarcely) (?:ever |really |
    possibly )?{_CALL}(?: (?:her|him|them|it) of(?: having| being)?)?|
    (?:you|one) (?:will|would|can) not (?:find|catch|see) (?:her|him|them) with|could not (?:possibly )?be less|
    less than|(?:the )?(?:very |exact |complete )?(?:opposite|reverse|contrary) of|
    hardly what (?:you|i|one)(?: would|'d)? call|hardly|scarcely|barely
""")
#: Denials that leave the rest open.
_DENIALS = (
    r"neither|nor|never|without(?: any| having)?|not(?: too| so| very| that| all that| overly| to| too much|"
    r" particularly| "
    r"especially| "
    r"terribly| really| such| one of those| any| much of)*|no(?! one\b)|minus|sans|lacking|lacks|devoid of|free "
    r"of|avoid(?:ing)?|"
    r"nothing|spare (?:him|her|me|us|them)|(?:anything|everything|everyone|anyone) (?:except|save|but)|"
    r"instead of|steer clear of"
)
_CUE = re.compile(rf"\b(?:(?P<litotes>{_LITOTES})|(?P<denial>{_DENIALS}))\b")
#: Words that look like denials of a trait and are none.
_NO_DENIAL = regex(r"""
    \b(?:not (?:so much|only|just|merely|simply|to mention|sure|necessarily|until|because|for|unlike|without|un\w+|
    in\w+ly|insignificant|inconsiderable|forget|know|think|care|mind|matter|touch|change|alter|move|changing|sure|yet|
    even a smile|even smiling|believe|understand|help|stop|wait|tell|decide|more than|as|like (?:me|you|that|this))\b|
    no \w{3,}er than|never (?:seen|heard|known|said|mind)|no (?:doubt|wonder|matter|less|longer|other|idea|problem|need|
    changes?|good|bigger|smaller|wider|narrower|longer|shorter|more than|stranger|change)\b|
    nothing (?:else|like|other|more)\b|if not\b|why not\b|or not\b|not an? [a-z]+,? (?:it is|its|that is) an?\b|
    never (?:\w+ ){0,3}[a-z]{2,}er\b|not (?:\w+ )?(?:as|so) \w+ as\b|nowhere near (?:as|so)\b|
    less than (?:the|his|her|their|its|half|\d)|not (?:two|three|four|five) |
    not look (?:his|her|their) \w+ ?\w* (?:years|age)|(?:not|never) (?:take|taken|see the|come back|say|speak|stay|
    lean)\b(?! (?:to|either))|not (?:fully|completely|entirely|wholly|totally|by much|a lot of room|slept|eaten|
    all there)\b|no (?:teeth|glasses|hats?|make ?up|scars?|tattoos?|piercings?|earrings?|jewell?ery|eyelashes|lashes|
    smile|expression|muscles?|colour|color|lean|space|room|gap|distance|length|width|fillers?|background|
    \w+ \w{3,}er than)\b|nothing (?:special|further|going on|to report|remarkable|unusual|much|out of the ordinary|
    lines up|pinched)\b|no more (?:and|than|no|or)\b|not (?:the|his|her) \w+ (?:of|who|that)\b|whether\b|never mind\b|
    without (?:changing|touching|altering|moving|making|losing|leaving)\b|
    (?:hardly|barely|scarcely) (?:\w+ing|open|closed|shut|parted|there)\b|rather than (?:on|the (?:left|right))\b)
""")
_ALMOST = re.compile(r"\bto (?:almost|next to|practically|virtually)?\s*$")
_TAIL = re.compile(r"\b(?:and|with|plus|because|so that|just|only|instead|which|who|rather|for all|if|when|than)\b")
_STRONG = regex(r"""
    \b(?:at all|in the (?:least|slightest)|by any (?:means|stretch\w*(?: of the imagination)?)|whatsoever|exactly|
    by a long (?:way|shot|chalk)|in any way|what (?:you|i|one|anyone|they)(?: would|'d)? (?:call|describe as)|
    to speak of|worth (?:mentioning|the name)|the way (?:people|you) think)\b
""")
_AFTER = regex(r"""
    (?P<what>[^.;:!?\n,]{1,80}?)(?:\s*\?\s*(?:no\b|nope|nah|not (?:him|her|them|this one|really|at all|a bit|on this))|
    \s*[?,:]\s*(?:quite |exactly |just |rather |more )?the (?:opposite|reverse|contrary)\b(?! of))|
    (?P<what_last>[^.;:!?\n,]{1,80}?) (?:is|are|was|would be) the last (?:thing|word|adjective)s?\b(?P<of>[^.;:!?\n,]*)|
    (?P<what_not>[a-z ]{3,30}?) (?:he|she|it|they) (?:is|are|was) (?:certainly |definitely )?not(?=\s*[.,;!\n]|\s*$)
""")
#: Words that a denial reaches.
_REACH = {"no": 6, "not": 7}
_REVERSED = re.compile(
    r"\W*(?:and |but |rather |quite |just |exactly |it is |they |it |go |goes )*(?:the )?(?:very )?"
    r"(?:reverse|opposite|contrary|other way)\b"
)


def find_denials(text: str) -> list[Denied]:
    """Find what a plain text (`normalised`) denies."""
    found = [*_behind(text), *find_bans(text), *find_ellipses(text), *find_neither(text), *find_quantities(text)]
    taken = [(d.start, d.end) for d in found]
    subject, was, sentence = "", "", -1
    for start, end in clauses(text):
        if "." in text[max(sentence, 0) : start] or "\n" in text[max(sentence, 0) : start]:
            subject = ""
        sentence, clause = end, text[start:end]
        if re.match(r"\s*or\b", clause) and was:
            found += _about(clause, (0, 0), text[start:], subject, was == "litotes", start, end)
        cues = [m for m in _CUE.finditer(clause) if _denies(clause, m)]
        for k, cue in enumerate(cues):
            if any(a <= start + cue.start() < b for a, b in taken):
                continue
            stop = cues[k + 1].start() if k + 1 < len(cues) else len(clause)
            what = clause[cue.end() : stop]
            tail = _TAIL.search(what, 3)
            what = _reach(what[: tail.start()] if tail else what, cue.group())
            place = (start + cue.start(), start + cue.end() + len(what))
            strong = cue.lastgroup == "litotes" or _STRONG.search(what) or _REVERSED.match(text, end)
            found += _about(what, (cue.start(), cue.end()), text[start:], subject, bool(strong), *place)
        was = (cues[-1].lastgroup or "") if cues else ""
        parts = parts_in(clause)
        subject = parts[-1][1] if parts else subject
    return [*_settled(found), *of_others(text, found)]


def _placed_hair(what: str, before: str) -> str:
    """Say where hair is denied, if its part was named before: "on his chin no hair", "eyebrow almost no hair"."""
    parts = parts_in(before)
    near = parts and not re.search(r"\band\b|,", before[parts[-1][0] :])
    if near and parts[-1][1] in ("brow", "chin", "cheek") and re.match(r"\s*hairs?\b", what):
        return re.sub(r"\bhairs?\b.*", f"hair on {part_phrase(parts[-1][1])}", what)
    return what


def _denies(clause: str, cue: re.Match[str]) -> bool:
    """Whether a word of denial denies a trait here."""
    if cue.group() == "nor" and re.search(r"er $", clause[: cue.start()]):
        return False  # "langer nor his nose"
    return not _NO_DENIAL.match(clause, cue.start()) and not (
        cue.group() == "nothing" and _ALMOST.search(clause[: cue.start()])
    )


def _reach(what: str, cue: str) -> str:
    """Cut what is denied to the words that a denial reaches: after "no" and "without" to the first part of a face."""
    words = list(re.finditer(r"\S+", what))
    longest = _REACH["no" if re.match(r"no\b|without|never|nothing|lack|minus|sans", cue) else "not"]
    end = words[longest - 1].end() if len(words) > longest else len(what)
    if re.match(r"no\b|without|minus|sans|lack", cue):
        parts = [m for m in words if parts_in(m.group().strip(","))]
        first = next((m for m in parts if not re.match(r"(?:upper|lower|top|bottom)\b", m.group())), None)
        if (
            first is not None
            and "facial" not in what
            and not re.match(r"\s*(?:or|nor|at|on(?! top)|in)\b", what[first.end() :])
        ):
            named = re.match(r" (?:bridge|ridge|bone|tip|muscles?)s?\b", what[first.end() :])
            end = min(end, first.end() + (named.end() if named else 0))
    return what[:end]


def _behind(text: str) -> Iterator[Denied]:
    """Read denials that follow what they deny: "tubby? no", "bug-eyed he isn't", "small is the last word for it"."""
    for match in _AFTER.finditer(text):
        what = match["what"] or match["what_last"] or match["what_not"]
        about = what + " " + (match["of"] or "")
        if len(about.split()) > 8 or _CUE.search(what):
            continue
        for name, side, degree in sides(about, ""):
            yield Denied(name, side, -side * min(degree, OPPOSITE_DEGREE), match.start(), match.end())


def _about(
    what: str, cue: tuple[int, int], text: str, subject: str, opposite: bool, start: int, end: int
) -> Iterator[Denied]:
    """Read what a denial speaks of: alternatives ("or", "nor"), each about its own part or the one named before.

    Args:
        what: the words that are denied.
        cue: where the denial stands in `text`.
        text: from the beginning of its clause on.
        subject: the part that was named last before the clause, or "".
        opposite: whether the other side is meant.
        start: of the whole denial in the plain text.
        end: of the whole denial.
    """
    before = parts_in(text[: cue[0]])
    sentence = re.split(r"[.!?\n]", text[cue[1] :])[0]
    after = [part for _, part in parts_in(sentence)]
    about = before[-1][1] if before else subject
    for one in re.split(r"\b(?:or|nor)\b|/", what):
        one = _STRONG.sub(" ", one)
        absent = {} if things(one) else missing(_placed_hair(one, text[: cue[0]]))
        for name, degree in absent.items():
            yield Denied(name, 1, degree, start, end)
        if absent:
            continue
        named = bool(parts_in(one))
        said = sides(one, "" if named else about) or (() if named or not after else sides(one, after[0]))
        for name, side, degree in said:
            means = -side * min(max(degree, 0.8), 1.2) if opposite else -1.0 if name in SHED and side > 0 else 0.0
            yield Denied(name, side, means, start, end)


def _settled(found: list[Denied]) -> list[Denied]:
    """Make "neither long nor short" an average, and keep one denial of each attribute and side."""
    kept: dict[tuple[str, int], Denied] = {}
    for each in found:
        old = kept.get((each.attribute, each.side))
        if old is None or (each.degree and not old.degree):
            kept[each.attribute, each.side] = each
    for (name, side), each in list(kept.items()):
        other = kept.get((name, -side))
        if other is not None and not each.degree and not other.degree:
            kept[name, side] = Denied(name, 0, 0.0, each.start, each.end)
    return list(kept.values())
