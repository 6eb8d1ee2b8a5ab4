"""The talker inside the package: the base language model with all adapters silent."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from facegpt.language.talkers.base import Message, Spoken, without_pictures

#: Where a sentence ends.
_END = re.compile(r"[.!?](?=\s)")
#: A run of so many words that comes so often in an answer is a circle: the answer ends there.
RUN, MOST_RUNS = 4, 4


class Speaks(Protocol):
    """What this needs of a language model: `LanguageModel.spoken`, and how many tokens a text has."""

    def spoken(self, messages: Any, say: Callable[[str], None]) -> tuple[str, list[float]]:
        """Answer a conversation, with the log-probability of each token."""
        ...

    def count_tokens(self, text: str) -> int:
        """How many tokens a text has."""
        ...


class _CircleError(Exception):
    """The answer repeats itself."""


class EmbeddedTalker:
    """Speaks with the base of the package's language model. It sees no pictures and is too small for facts and tools.

    Args:
        language: gives the words.
    """

    name = "the small model inside the package"
    sees = takes_facts = False

    def __init__(self, language: Speaks) -> None:
        self._language = language

    def speak(self, messages: Sequence[Message], say: Callable[[str], None], tools: Sequence[Any] = ()) -> Spoken:
        """Answer a conversation, until its end or until it goes in circles; see `Talker.speak`."""
        told: list[str] = []

        def take(piece: str) -> None:
            told.append(piece)
            say(piece)
            if goes_in_circles("".join(told)):
                raise _CircleError

        try:
            text, likely = self._language.spoken(without_pictures(messages), take)
        except _CircleError:
            return Spoken("".join(told), sure=-math.inf)
        first = text[: found.end()] if (found := _END.search(text)) else text
        of_first = likely[: self._language.count_tokens(first)]
        return Spoken(text, sure=min(of_first, default=0.0))


def goes_in_circles(text: str) -> bool:
    """Whether the last words of a text came often before."""
    words = text.lower().split()
    run = words[-RUN:]
    if len(run) < RUN:
        return False
    return sum(words[k : k + RUN] == run for k in range(len(words) - RUN + 1)) >= MOST_RUNS
