"""Keeps a talker to the facts: lengths and percentiles that it says must stand in what it was told."""

from __future__ import annotations

import re
from collections.abc import Callable

_NUMBER = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(?:-\s*)?(mm|millimet\w+|cm|centimet\w+|in(?:ch(?:es)?)?\b|(?:st|nd|rd|th)?\s*percentile)",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_PER = {"c": 10.0, "i": 25.4}
_END = re.compile(r"(?<=[.!?\n])(?=\s)|(?<=\n)")
#: What is said where something was left out.
LEFT_OUT = "(A number that I did not measure was left out.)"


class CheckedSentences:
    """Takes pieces of text and hands on whole sentences, those with lengths that nobody measured left out.

    Args:
        say: called with each sentence. facts: the words that numbers may come from.
    """

    def __init__(self, say: Callable[[str], None], facts: str) -> None:
        self._say, self._rest, self._said, self._wrong = say, "", "", False
        self._known: set[float] = set()
        self.allow(facts)

    def allow(self, facts: str) -> None:
        """Let numbers of these words be said, too."""
        self._known |= {float(number) for number in _PLAIN.findall(facts)}

    def __call__(self, piece: str) -> None:
        """Take a piece."""
        *whole, self._rest = _END.split(self._rest + piece)
        for each in whole:
            self._take(each)

    def ended(self) -> str:
        """Hand on what is left; all that was said since the last end."""
        self._take(self._rest)
        if self._wrong:
            self._tell(f" {LEFT_OUT}" if self._said[-1:].strip() else LEFT_OUT)
        said, self._rest, self._said, self._wrong = self._said, "", "", False
        return said

    def _take(self, text: str) -> None:
        if all(self._is_known(number, unit) for number, unit in _NUMBER.findall(text)):
            self._tell(text)
        else:
            self._wrong = True

    def _tell(self, text: str) -> None:
        self._said += text
        if text:
            self._say(text)

    def _is_known(self, number: str, unit: str) -> bool:
        """Whether a number, in millimetres, stands in the facts as precisely as it is said."""
        plain = number.replace(",", ".")
        places = len(plain.partition(".")[2])
        per = _PER.get(unit.strip()[:1].lower(), 1.0)
        value, half = float(plain) * per, 0.5 * 10.0**-places * per
        return any(abs(value - known) <= half + 1e-9 for known in self._known)
