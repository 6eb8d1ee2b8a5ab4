"""A request taken back within its own turn: "his hair longer. No wait, only the beard" asks for a longer beard.

What stands before the change of mind is withdrawn as far as what follows takes its place; sentences before it hold.
"""

from __future__ import annotations

import re

from facegpt.language.dialogue.deciding import begins_to_ask
from facegpt.language.dialogue.takings import WORN
from facegpt.language.parts import PARTS, base_form
from facegpt.language.patterns import regex_any_case, word_set, words_in

#: What is left of a turn whose request is taken back and nothing else asked.
NOTHING = "never mind"
_MIND = regex_any_case(r"""
    [\s.,;:!?…–—-]*(?<=[\s.,;:!?…–—-])(?:(?:hmm+|oh|uh|ah|sorry|well|but)\W+)*
    (?:(?:no|nah)\W+(?:wait|actually|sorry|rather)|wait\W+(?:no|actually)|scratch that|strike that|
    (?<=[.,;!?…–—] )(?:wait|actually|hmm+|actually\W+no|no\W+no|or rather|i mean(?:t)?|on second thoughts?)
    (?=[\s,]))\b[\s,.:;…–—-]*
""")
_FORGET = regex_any_case(r"""
    \W*(?:just )?(?:forget (?:it|that|about it)|never ?mind|leave (?:it|that)(?: as it is)?|nothing|don't)\b.*
""")
_NO_REQUEST = word_set("no nope not oh hmm sorry wait yes ok okay well but hey and")
_LEAD = regex_any_case(r"^(?:(?:just|only|rather|instead|the other way|make (?:it|that))\W+)+")
_NOT = regex_any_case(r",?\s*\b(?:and )?not (?:the |his |her |their )?\w+\W*$")
_SMALL = word_set("the a an his her their its my this that some of on both please just only instead one")
_SENTENCE = re.compile(r"(?<=[.;!?])\s+")
_THING = re.compile(rf"\b(?:(?:an?|some|the|his|her) )?(?:{'|'.join(WORN)})\b", re.IGNORECASE)


def settled(text: str) -> str:
    """A turn as it stands after its last change of mind; any other turn as it is."""
    found = list(_MIND.finditer(text))
    if not found or _NO_REQUEST.issuperset(words_in(text[: found[-1].start()])):
        return text
    before, after = text[: found[-1].start()].strip(" ,.;"), text[found[-1].end() :].strip()
    if _FORGET.fullmatch(after):
        return " ".join((*_SENTENCE.split(settled(before))[:-1], NOTHING))
    after = _LEAD.sub("", _NOT.sub("", after)).strip(" .,!?")
    if not after or ("mean" in found[-1][0].lower() and not (_is_part_alone(after) or begins_to_ask(after))):
        return text  # "with a gap between his eyes, I mean wide-set ones" goes on about the same
    *kept, last = _SENTENCE.split(settled(before))
    return " ".join((*kept, _in_place(last, after)))


def _in_place(last: str, after: str) -> str:
    """A sentence with what follows it in the place of what it names: a part, or a thing that is worn."""
    own, was = _part_in(after), _part_in(last)
    if _is_part_alone(after):
        if not was:
            return f"{last}: {after}"
        return re.sub(rf"\b(?:(?:the|his|her|their|its) )?{was}\b", after, last, count=1, flags=re.IGNORECASE)
    if re.match(r"(?:an?|some)\s", after, re.IGNORECASE) and _THING.search(last) and len(after.split()) <= 4:
        return _THING.sub(after, last, count=1)
    if was and not own and re.fullmatch(r"(?:(?:a (?:bit|little)|much|slightly) )?\w+er", after):
        return f"{after} {was}"
    return after


def _is_part_alone(text: str) -> bool:
    """Whether a text names a part of the face and nothing of how it is."""
    return bool(_part_in(text)) and not {word for word in words_in(text) if word not in PARTS} - _SMALL


def _part_in(text: str) -> str:
    """The last word of a text that names a part of the face, or ""."""
    found = [w for w in words_in(text) if PARTS.get(w, PARTS.get(base_form(w), "person")) != "person"]
    return found[-1] if found else ""
