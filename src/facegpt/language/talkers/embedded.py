"""The talker inside the package: the base language model with all adapters silent."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from facegpt.language.talkers.base import Message, Spoken, text_of, without_pictures

#: Where a sentence ends.
_END = re.compile(r"[.!?](?=\s)")
#: A run of so many words that comes so often in an answer is a circle: the answer ends there.
RUN, MOST_RUNS = 4, 4
#: The longest answer, tokens. Words of so many letters count as what a sentence says; one of so many of them, of which
#: no more than this share is new, says nothing new, and so many such sentences end an answer.
MOST_TOKENS, LETTERS, FEWEST, NEW, MOST_KNOWN = 256, 4, 5, 0.2, 2
#: Words after which a question is answered at the end of a paragraph: what the small model adds is worth less.
ENOUGH = 40
_FULL = re.compile(r"[^\n]*?[.!?][\"'”’)\]*]*(?=\s)\s*|[^\n]*\n\s*")


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
        asked = next((text_of(each["content"]) for each in reversed(messages) if each["role"] == "user"), "")
        told = _WholeSentences(say, ENOUGH if "?" in asked else math.inf)
        try:
            text, likely = self._language.spoken(without_pictures(messages), told)
        except _CircleError:
            return Spoken(told.ended(cut=True), sure=-math.inf)
        first = text[: found.end()] if (found := _END.search(text)) else text
        of_first = likely[: self._language.count_tokens(first)]
        return Spoken(told.ended(cut=len(likely) >= MOST_TOKENS), sure=min(of_first, default=0.0))


class _WholeSentences:
    """Passes an answer on sentence by sentence, without those that say nothing new. Raises _CircleError at circles.

    Args:
        say: takes the sentences.
        enough: words from which the end of a paragraph ends the answer.
    """

    def __init__(self, say: Callable[[str], None], enough: float = math.inf) -> None:
        self._enough = enough
        self._say, self._heard, self._held, self._told = say, "", "", ""
        self._known, self._repeats = set[str](), 0

    def __call__(self, piece: str) -> None:
        self._heard += piece
        self._held += piece
        while found := _FULL.match(self._held):
            self._held = self._held[found.end() :]
            self._tell(found[0])
        at_end = self._told.endswith("\n\n") and len(self._told.split()) >= self._enough
        if at_end or self._repeats >= MOST_KNOWN or goes_in_circles(self._heard):
            raise _CircleError

    def ended(self, cut: bool) -> str:
        """The whole answer; cut: its last sentence is not whole, and told only where there is no other."""
        rest, self._held = self._held, ""
        if not (cut and self._told and not re.search(r"[.!?]\W*$", rest)):
            self._tell(rest)
        return self._told.rstrip() if cut else self._told

    def _tell(self, sentence: str) -> None:
        said = [word for word in re.findall(r"\w+", sentence.lower()) if len(word) >= LETTERS]
        fresh = {*said} - self._known
        if len(said) >= FEWEST and len(fresh) <= NEW * len({*said}):
            self._repeats += 1
            return
        self._known |= fresh
        self._told += sentence
        self._say(sentence)


def goes_in_circles(text: str) -> bool:
    """Whether the last words of a text came often before."""
    words = text.lower().split()
    run = words[-RUN:]
    if len(run) < RUN:
        return False
    return sum(words[k : k + RUN] == run for k in range(len(words) - RUN + 1)) >= MOST_RUNS
