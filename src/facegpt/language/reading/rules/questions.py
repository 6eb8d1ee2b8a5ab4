"""Which traits a question is about, by its own adjectives: "are the nostrils large?", "does the forehead slope?"."""

from __future__ import annotations

import re

from facegpt.language.patterns import regex
from facegpt.language.reading.normalise import normalised
from facegpt.language.reading.rules.phrases import parts_in, says

#: Most traits that one question is taken to name.
_MOST = 4
_ASKING = regex(r"""
    \b(?:how|what|which|is|are|does|do|did|was|were|would you (?:call|say)|can you (?:tell|say)|tell me|whether|if|who|
    whose|has|have|the most|very|that|really|or (?:not|is it)|he|she|they|his|her|their|the|a|an|any|there|please|it)\b
""")
_EITHER = re.compile(r"\bor\b|,|;|\band\b|\?")


def asked_traits(question: str) -> tuple[str, ...]:
    """The attributes that a question names by an adjective and a part of the face, in order."""
    text = normalised(question)
    found: dict[str, None] = {}
    part = ""
    for piece in _EITHER.split(text):
        named = parts_in(piece)
        bare = " ".join(_ASKING.sub(" ", piece).split())
        if not bare or (not named and not part):
            continue
        about = bare if named else f"{part} {bare}"
        part = piece[named[-1][0] :].split()[0] if named else part
        for name, _, _ in says(about)[:2]:
            found[name] = None
    return tuple(found)[:_MOST]
