"""Which traits a question is about, by its own adjectives: "are the nostrils large?", "is the forehead high?"."""

from __future__ import annotations

import re

from facegpt.language.parts import base_form, last_part, with_joined_lips
from facegpt.language.patterns import words_in
from facegpt.language.trait_words import traits_of

#: Most traits that one question is taken to name.
_MOST = 4
_EITHER = re.compile(r"\bor\b|,|;|\band\b|\?")


def asked_traits(question: str) -> tuple[str, ...]:
    """The attributes that a question names by an adjective and a part of the face, in order."""
    found: dict[str, None] = {}
    part = ""
    for piece in _EITHER.split(with_joined_lips(question)):
        words = words_in(piece)
        part = last_part(words, part)
        for word in words:
            for name, _ in traits_of(part, base_form(word)):
                found[name] = None
    return tuple(found)[:_MOST]
