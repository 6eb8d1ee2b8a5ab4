"""A request taken back within its own turn: "his hair longer. No wait, only the beard" asks for a longer beard.

So does one that was of somebody else: "give him a beard. No, I meant the other one". What stands before the change
of mind is withdrawn as far as what follows takes its place; sentences before it hold.
"""

from __future__ import annotations

import re

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.changing import beside_whom
from facegpt.language.dialogue.deciding import begins_to_ask
from facegpt.language.dialogue.takings import WORN
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.parts import PARTS, base_form
from facegpt.language.patterns import regex_any_case, word_set, words_in

#: What is left of a turn whose request is taken back and nothing else asked.
NOTHING = "never mind"
_MIND = regex_any_case(r"""
    [\s.,;:!?…–—-]*(?<=[\s.,;:!?…–—-])(?:(?:hmm+|oh|uh|ah|sorry|well|but|no|nah|nope)\W+)*
    (?:(?:no|nah)\W+(?:wait|actually|sorry|rather)|wait\W+(?:no|actually)|scratch that|strike that|
    (?<=[.,;!?…–—-] )(?:wait|actually|hmm+|actually\W+no|no\W+no|no(?=,? (?:just|only)\b)|or rather|
    i mean(?:t)?|on second thoughts?)(?=[\s,]))\b[\s,.:;…–—-]*
""")
_FORGET = regex_any_case(r"""
    \W*(?:just )?(?:forget (?:it|that|about it)|never ?mind|leave (?:it|that)(?: as it is)?|nothing|don't)\b.*
""")
#: Words before a change of mind that ask for nothing.
NO_REQUEST = word_set("no nope not oh hmm sorry wait yes ok okay well but hey and")
_LEAD = regex_any_case(r"^(?:(?:just|only|rather|instead|the other way|make (?:it|that))\W+)+")
_NOT = regex_any_case(r",?\s*\b(?:and )?not (?:the |his |her |their )?\w+\W*$")
_SMALL = word_set("the a an his her their its my this that some of on both please just only instead one")
_SENTENCE = re.compile(r"(?<=[.;!?])\s+")
_OWNERS, _ARTICLES = word_set("his her their its"), word_set("the my that this our his her their its")
_THING = re.compile(rf"\b(?:(?:an?|some|the|his|her) )?(?:{'|'.join(WORN)})\b", re.IGNORECASE)


def settled(text: str, cast: Cast = Cast()) -> str:  # noqa: B008
    """A turn as it stands after its last change of mind; any other turn as it is. cast: whom its words can mean."""
    found = list(_MIND.finditer(text))
    if not found or NO_REQUEST.issuperset(words_in(text[: found[-1].start()])):
        return text
    before, after = text[: found[-1].start()].strip(" ,.;-"), text[found[-1].end() :].strip()
    if _FORGET.fullmatch(after):
        return " ".join((*_SENTENCE.split(settled(before, cast))[:-1], NOTHING))
    denied, _, instead = after.partition(",") if after.lower().startswith("not ") else ("", "", after)
    after = _NOT.sub("", instead).strip(" .,!?")
    alone = _LEAD.sub("", after)
    of_whom = bool(mentions(alone, cast)) and not beside_whom(alone, cast)[1]
    doubtful = {"mean", "meant", "no"} >= {*words_in(found[-1][0])} - {"i"}
    if not after or (doubtful and not (of_whom or _is_part_alone(alone) or begins_to_ask(after))):
        return text  # "with a gap between his eyes, I mean wide-set ones" goes on about the same
    *kept, last = _SENTENCE.split(settled(before, cast))
    changed = _of_whom(last, alone, cast) if of_whom else _in_place(last, alone, _part_in(denied), alone != after)
    return " ".join((*kept, changed))


def _of_whom(last: str, whom: str, cast: Cast) -> str:
    """A sentence of others than it names first: "give both a beard" of "the bald one"."""
    named = mentions(last, cast)
    if not named:
        return f"{last} for {whom}"
    before, said, rest = last[: named[0].start].split(), last[named[0].start : named[0].end], last[named[0].end :]
    owns = said.lower() in _OWNERS and _part_in(rest.partition(" ")[2].partition(" ")[0])
    while before and before[-1].lower() in _ARTICLES:
        del before[-1]
    return " ".join((*before, f"{whom}{chr(39) + 's' if owns else ''}{rest}"))


def _in_place(last: str, after: str, denied: str, only: bool) -> str:
    """A sentence with what follows it in the place of what it names: a part, or a thing that is worn.

    denied: the part that does not count, or "". only: whether all parts that it lists give way: "only the beard".
    """
    own, was = _part_in(after), _part_in(last)
    if _is_part_alone(after):
        return _with_part(last, after, denied, only) if was else f"{last}: {after}"
    if re.match(r"(?:an?|some)\s", after, re.IGNORECASE) and _THING.search(last) and len(after.split()) <= 4:
        return _THING.sub(after, last, count=1)
    if was and not own and re.fullmatch(r"(?:(?:a (?:bit|little)|much|slightly) )?\w+er", after):
        return f"{after} {was}"
    return after


def _with_part(last: str, after: str, denied: str, only: bool) -> str:
    row = last.split()
    places = [k for k, word in enumerate(row) if _part_in(word) and (not denied or _part_in(word) == denied)]
    start = end = places[-1] if places else len(row)
    for place in reversed(places[:-1] if only else ()):
        if {*words_in(" ".join(row[place + 1 : start]))} <= _SMALL | {"and", "or"}:
            start = place
    while start and row[start - 1].lower() in _ARTICLES:
        start -= 1
    return " ".join((*row[:start], after, *row[end + 1 :]))


def _is_part_alone(text: str) -> bool:
    """Whether a text names a part of the face and nothing of how it is."""
    return bool(_part_in(text)) and not {word for word in words_in(text) if word not in PARTS} - _SMALL


def _part_in(text: str) -> str:
    """The last word of a text that names a part of the face, or ""."""
    found = [w for w in words_in(text) if PARTS.get(w, PARTS.get(base_form(w), "person")) != "person"]
    return found[-1] if found else ""
