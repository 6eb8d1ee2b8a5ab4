"""What of an answer is said while it is made: what holds already before heads are, the rest word by word."""

from __future__ import annotations

import re
from collections.abc import Callable

_WORD = re.compile(r"\s*\S+\s*")


class Spoken:
    """What of an answer was said so far.

    Args:
        say: takes pieces of text; pieces of several words are passed on word by word.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self.text = say, ""

    def __call__(self, piece: str) -> None:
        """Say a piece of the answer."""
        self.text += piece
        words = _WORD.findall(piece) if len(piece.split()) > 1 else [piece]
        for word in filter(None, words):
            self._say(word)

    def begin(self, words: str) -> None:
        """Say the first words of an answer at once; nothing where it has begun already."""
        if not self.text and words:
            self(words)

    def up_to(self, whole: str) -> None:
        """Say of an answer what was not said yet; all of it where what was said is not how it begins."""
        said = "".join(self.text.split())
        if not "".join(whole.split()).startswith(said):
            self(f"\n{whole}")
            return
        at = 0
        for letter in said:  # spaces around what was said differ from the answer's
            at = whole.index(letter, at) + 1
        if rest := whole[at:] if self.text else whole:
            self(rest)
