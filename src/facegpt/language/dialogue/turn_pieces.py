"""The parts of a turn: where requests go over into questions or back, and where one question follows another.

Clauses that leave somebody as is ("but keep him as he is") ask for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from facegpt.language.dialogue.deciding import begins_to_ask, is_verb, tells_to, wants_made, words_after_leads
from facegpt.language.dialogue.returning import STEPS_BACK
from facegpt.language.dialogue.turns import asks_for_new
from facegpt.language.patterns import regex_any_case, word_set

_COUNTRY = re.compile(r"\bU\.?S\b(?:\.(?=\s+[a-z]))?")
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=\S)")
#: What joins a part to the one before it.
_JOINT = re.compile(r"\s*(?:[,;]|\b(?:and|but|then)\b)(?:\s*(?:and|but|then|also)\b)*\s*", re.IGNORECASE)
#: Relative clauses: "a man, who is also tired".
_GOES_ON = frozenset(("also", "in"))
_AUXILIARIES = word_set("is are was does did has")
_SUBJECTS = word_set("he she it they there the his her their this that you my")
_MODALS, _PARTNERS = word_set("do can could will"), word_set("i you my they he she")
_ADVERBS = frozenset(("now", "please", "also"))
#: The most words of who or what a sentence is about, before it begins, and the first of them.
_OF_AN_ADDRESS, _DETERMINES = 3, word_set("the this that her his my")
_WHO = r"(?:(?!\b(?:and|but|while|then)\b)[^,.;!?])+?"
_AS_IS = r"untouched|unchanged|as (?:is|(?:he|she|it|they) (?:is|are|was|were))"
_LEFT_ALONE = regex_any_case(rf"""
    (?:[\s,;.]|\b(?:and|but|while|just|please)\b)*
    \b(?:leav(?:e|ing)\s+{_WHO}\s+(?:alone|be|out of (?:it|this)|{_AS_IS})|
    keep(?:ing)?\s+{_WHO}\s+(?:the same|{_AS_IS})|
    (?:don't|do not)\s+(?:touch|change)\s+{_WHO})(?=\s*(?:$|[,.;!?]|\b(?:and|but|while|then)\b))
""")
_FILLERS = regex_any_case(r"^\W*(?:(?:so|ok|okay|oh|well|hmm+|great|nice|cool|thanks|alright|right)\b[\s,.!]*)+(?=\w)")


def without_fillers(text: str) -> str:
    """A text without the words before it that say nothing: "ok make it wider" is "make it wider"."""
    return _FILLERS.sub("", text)


def sentences_of(text: str) -> list[str]:
    """The sentences of a text."""
    return _SENTENCE.split(text)


def cut_at_requests(text: str) -> list[str]:
    """A text cut before each verb of a request."""
    return [piece for piece, _ in _pieces(text, asking=False)]


def parts_of(text: str, stands_alone: Callable[[str], bool] = lambda piece: False) -> list[str]:
    """Cut a turn where it goes over from requests to questions or back, and between questions.

    stands_alone: whether a piece is a part by itself: small talk, a share of the last change.
    """
    parts: list[str] = []
    asking: list[bool | None] = []
    for sentence in sentences_of(text):
        glue = " "
        for piece, joiner in _pieces(sentence):
            is_asking = None if stands_alone(piece) else begins_to_ask(piece) and not asks_for_new(piece)
            apart = is_asking is not False or (bool(parts) and bool(STEPS_BACK.match(parts[-1])))
            if parts and asking[-1] == is_asking and not apart:
                parts[-1] = f"{parts[-1]}{glue}{piece}"
            else:
                parts.append(piece)
                asking.append(is_asking)
            glue = joiner
    return parts if len(parts) > 1 and all(re.search(r"\w", part) for part in parts) else [text]


def _pieces(sentence: str, asking: bool = True) -> list[tuple[str, str]]:
    """A sentence cut where a request begins, or with `asking` a question: each piece with what joins the next to it."""
    asks = asking and begins_to_ask(sentence)
    found = [each.span() for each in _JOINT.finditer(sentence) if _begins(sentence[each.end() :], asking, asks)]
    spans = [(start, end) for start, end in found if not _addresses(sentence[:start])]
    starts, ends = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(sentence)]
    joiners = [*(sentence[start:end] for start, end in spans), " "]
    rows = zip(starts, ends, joiners, strict=True)
    return [(sentence[a:b], joiner) for a, b, joiner in rows if re.search(r"\w", sentence[a:b])]


def _addresses(before: str) -> bool:
    """Whether the beginning of a sentence only says who or what it is about: "the girl, how old is she?"."""
    words = before.lower().split()
    return len(words) <= _OF_AN_ADDRESS and bool(words) and words[0] in _DETERMINES


def _begins(rest: str, asking: bool, asks: bool) -> bool:
    """Whether the rest of a sentence begins with a request, or with a question. asks: whether the sentence does."""
    words = re.findall(r"[^\W_]+", rest.lower()) if rest[:1].isalnum() else []
    while words and words[0] in _ADVERBS:
        del words[0]
    first, second, third = [*words, "", "", ""][:3]
    if (does := is_verb(first, second)) or not second or not asking:
        return does
    if asks and first in _AUXILIARIES:
        return True
    if first in _AUXILIARIES | _MODALS:
        return second in (_SUBJECTS if first in _AUXILIARIES else _PARTNERS)
    relative = first == "when" or (first == "who" and third in _GOES_ON)
    return not relative and "".join(words_after_leads(rest)).startswith(first) and begins_to_ask(rest)


def without_left_alone(text: str) -> str:
    """A change without the clauses that leave somebody as is; the text itself where nothing else is asked for."""
    rest = re.sub(r"^(?:and|but|then) ", "", _LEFT_ALONE.sub(" ", text).strip(" ,;."), flags=re.IGNORECASE)
    return rest if any(c.isalpha() for c in rest) and rest != text.strip(" ,;.") else text


def with_country(text: str) -> str:
    """A text in which the country US is no "us": "how many litres has a US gallon?" speaks of nobody here."""
    return text if text.isupper() else _COUNTRY.sub("USA", text)


def said_once(texts: Sequence[str]) -> list[str]:
    """The texts without the sentences that an earlier one of them has said."""
    said: set[str] = set()
    kept = []
    for text in filter(None, texts):
        sentences = sentences_of(text)
        repeats = said.intersection(sentences)
        kept.append(" ".join(each for each in sentences if each not in said) if repeats else text)
        said |= set(sentences)
    return [text for text in kept if text]


def without_remarks(
    parts: list[str], photos: bool, stands_alone: Callable[[str], bool], wishes: Callable[[str], bool]
) -> list[str]:
    """The parts without what introduces a photo before a question, and what is remarked after one."""
    tells = (begins_to_ask, wants_made, tells_to, wishes)
    kept = [
        part
        for k, part in enumerate(parts)
        if k == 0 or stands_alone(parts[k - 1]) or any(each(part) for each in tells)
    ]
    introduces = photos and len(kept) > 1 and not begins_to_ask(kept[0]) and "?" not in kept[0]
    return kept[1:] if introduces and begins_to_ask(kept[1]) else kept
