"""The parts of a turn: where requests go over into questions or back, and where one question follows another.

"His twin, but with hair" does two things, one after the other: it makes or shows a head, and changes it. Clauses that
leave somebody as is ("but keep him as he is") ask for nothing.
"""

from __future__ import annotations

import re

from facegpt.language.dialogue.returning import STEPS_BACK
from facegpt.language.dialogue.turns import asks_for_new
from facegpt.language.patterns import joined, regex_any_case

_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=\S)")
_LEAD = r"(?:(?:and|but|so|ok|okay|oh|well|now|also|then|please|thanks|great|nice|cool|just)\b\W*)*"
_VERB = r"(?:make|give|turn|change|add|open|close|shut|raise|lower|set|put|take|remove|undo)\b"
_TOLD = joined(r"""
    (?:tell me,? (?:how|what|the|her|his|its|which|who|why)|say (?:how|what|why|who)|
    give me (?:how|what|the|her|his|its)|(?:tell|write|sing) (?:me|us) (?:an?|some))\b
""")
_ASKED = joined(r"""
    (?:who(?:se)?(?! (?:is|was|has|looks?) (?:also|in)\b)|which|where|what(?:'?s| is| are| does| do| did| was| colou?r)|
    why (?!(?:not|don't)\b)\w+ \w+|how (?:old|wide|long|big|broad|far|tall|high|thick|many|much|do|does|did|can)|
    (?:is|are|was|were|does|did|has) (?:he|she|it|they|there|the|his|her|their|this|that|you|my)|
    (?:do|can|could|will) (?:I|you|my|they))\b
""")
#: Where a part begins behind what joins it to the one before: a question, or a request.
_GOES_OVER = regex_any_case(rf"""
    \s*(?:[,;]|\b(?:and|but|then)\b)(?:\s*(?:and|but|then|also)\b)*\s*(?:(?P<ask>(?=(?:now |also )?(?:{_TOLD}|
    {_ASKED})))|(?=(?:now |please |also )?{_VERB}))
""")
_DOES = regex_any_case(rf"^\W*(?:{_LEAD}(?:(?:can|could|would|will) you\W+)?)*{_VERB.replace('make|give|', '')}")
_BUT = regex_any_case(
    r"[\s,;]*\b(?:but|only|except|just|though)\s+(?:this time\s+|now\s+)?(?=(?:with|without|wearing|having)\b)"
)
_WITH = regex_any_case(r"\W*(?:with|without|wearing|having)\b")
#: Acts that give a head of those who are there.
OF_SOMEBODY = ("vary", "blend", "new_head", "back")
_WHO = r"(?:(?!\b(?:and|but|while|then)\b)[^,.;!?])+?"
_AS_IS = r"untouched|unchanged|as (?:is|(?:he|she|it|they) (?:is|are|was|were))"
_LEFT_ALONE = regex_any_case(rf"""
    (?:[\s,;.]|\b(?:and|but|while|just|please)\b)*
    \b(?:leav(?:e|ing)\s+{_WHO}\s+(?:alone|be|out of (?:it|this)|{_AS_IS})|
    keep(?:ing)?\s+{_WHO}\s+(?:the same|{_AS_IS})|
    (?:don't|do not)\s+(?:touch|change)\s+{_WHO})(?=\s*(?:$|[,.;!?]|\b(?:and|but|while|then)\b))
""")
_FILLERS = regex_any_case(r"^\W*(?:(?:so|ok|okay|oh|well|hmm+|great|nice|cool|thanks|alright|right)\b[\s,.!]*)+(?=\w)")
_ASKS = regex_any_case(
    rf"^\W*{_LEAD}(?:(?:roughly|about|exactly|approximately)\W+)?(?:{_TOLD}|who|whose|why(?! (?:not|don't))|"
    r"what(?! (?:if|about|would))|whats|which|how(?! about)|is|are|was|does|did|has|do (?:they|i|my|you))\b"
)


def begins_to_ask(text: str) -> bool:
    """Whether a part of a turn begins as a question, or as a wish to be told something."""
    return bool(_ASKS.match(text))


def tells_to(text: str) -> bool:
    """Whether a part of a turn tells, or asks politely, to do something to a head: "can you take off his hat?"."""
    return bool(_DOES.match(text))


def without_fillers(text: str) -> str:
    """A text without the words before it that say nothing: "ok make it wider" is "make it wider"."""
    return _FILLERS.sub("", text)


def sentences_of(text: str) -> list[str]:
    """The sentences of a text."""
    return _SENTENCE.split(text)


def cut_at_requests(text: str) -> list[str]:
    """A text cut before each verb of a request."""
    cuts = [found for found in _GOES_OVER.finditer(text) if found["ask"] is None]
    return _cut(text, [(found.start(), found.end()) for found in cuts])


def parts_of(text: str) -> list[str]:
    """Cut a turn where it goes over from requests to questions or back, and between questions."""
    parts: list[str] = []
    asking: list[bool] = []
    for sentence in sentences_of(text):
        glue = " "
        for piece, joiner in _pieces(sentence):
            is_asking = begins_to_ask(piece) and not asks_for_new(piece)
            apart = is_asking or (bool(parts) and bool(STEPS_BACK.match(parts[-1])))
            if parts and asking[-1] == is_asking and not apart:
                parts[-1] = f"{parts[-1]}{glue}{piece}"
            else:
                parts.append(piece)
                asking.append(is_asking)
            glue = joiner
    return parts if len(parts) > 1 and all(re.search(r"\w", part) for part in parts) else [text]


def _pieces(sentence: str) -> list[tuple[str, str]]:
    """A sentence cut where another part can begin: each piece with what joins the next one to it."""
    spans = [(found.start(), found.end()) for found in _GOES_OVER.finditer(sentence)]
    pieces = _cut(sentence, spans)
    joiners = [sentence[start:end] for start, end in spans] if len(pieces) == len(spans) + 1 else []
    return list(zip(pieces, [*joiners, *[" "] * (len(pieces) - len(joiners))], strict=True))


def _cut(text: str, spans: list[tuple[int, int]]) -> list[str]:
    """What stands between some spans, without pieces that have no word."""
    starts, ends = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(text)]
    return [text[a:b] for a, b in zip(starts, ends, strict=True) if re.search(r"\w", text[a:b])]


def cut_but_with(text: str) -> tuple[str, str] | None:
    """A text before and from "with", where "but" or "only" leads to it; None for others, and for somebody new."""
    found = _BUT.search(text)
    start = "" if found is None else text[: found.start()]
    if found is None or not any(c.isalpha() for c in start) or asks_for_new(start):
        return None
    return start, text[found.end() :]


def begins_with_with(text: str) -> bool:
    """Whether a text says only what somebody has or wears: "with a beard"."""
    return bool(_WITH.match(text))


def without_left_alone(text: str) -> str:
    """A change without the clauses that leave somebody as is; the text itself where nothing else is asked for."""
    rest = re.sub(r"^(?:and|but|then) ", "", _LEFT_ALONE.sub(" ", text).strip(" ,;."), flags=re.IGNORECASE)
    return rest if any(c.isalpha() for c in rest) and rest != text.strip(" ,;.") else text
