"""The age that a request for several people says once: "two old men: one bald, one bearded", "… in their sixties"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from facegpt.language.dialogue.who.counts import how_many
from facegpt.language.head_request import HeadRequest
from facegpt.language.patterns import has_word, word_set
from facegpt.language.reading.years import find_age

#: What people are together.
_TOGETHER = word_set("""
    couple pair twins triplets siblings brothers sisters parents grandparents spouses friends colleagues teenagers
    women men girls boys ladies children kids adults seniors
""")
#: What people are called of whom the same word tells how many they are.
_ONES = word_set("one first second third other another")
_CLAUSE = re.compile(r"[,;.]\s*")


def words_of_age_of_all(text: str, starts: Sequence[int]) -> str:
    """The words of a request that tell the age of everybody in it; "" where each has their own.

    Args:
        text: the request.
        starts: where people begin in it.
    """
    if len(starts) < 2:
        return ""
    head, last = text[: starts[0]].strip(" ,:;"), text[starts[-1] :]
    if head and (has_word(head, _TOGETHER) or how_many(head) > 1) and find_age(head) is not None:
        return head
    end = _CLAUSE.split(last.strip(" ,;.!"))[-1]
    of_a_group = has_word(head, _TOGETHER) and has_word(last.split(maxsplit=1)[0], _ONES) and end != last
    is_age = _is_plain_age(end) and all(find_age(text[a:b]) is None for a, b in pairwise(starts))
    return end if is_age and (of_a_group or has_word(end, ("their",))) else ""


def _is_plain_age(words: str) -> bool:
    found = find_age(words)
    return found is not None and found[2]


def with_age_of_all(
    requests: Sequence[HeadRequest], words: str, read: Callable[[str], HeadRequest]
) -> list[HeadRequest]:
    """Requests with the age that words tell of everybody, where theirs is open or wider ("a boy" of "twins of ten")."""
    years = read(words).age_years if words else None
    if years is None:
        return list(requests)
    return [replace(each, age_years=years) if _leaves_open(each, years) else each for each in requests]


def _leaves_open(request: HeadRequest, years: tuple[float, float]) -> bool:
    own = request.age_years
    return own is None or (own[0] <= years[0] and years[1] <= own[1])
