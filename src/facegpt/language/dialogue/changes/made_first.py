"""Clauses that ask for heads of people who are there and for no change of them: "make heads of both, and …"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.turn_pieces import cut_at_requests
from facegpt.language.dialogue.turns import asks_for_new
from facegpt.language.dialogue.who.references import mentions
from facegpt.language.patterns import has_word, word_set
from facegpt.language.reading.beyond.unread_words import carries

#: What is made of a photo; what is said beside it that changes nothing of it.
_MADE = word_set("head heads bust busts model models mesh meshes avatar avatars portrait portraits")
_BESIDE = _MADE | word_set(
    "3d build create generate reconstruct render model first photo photos picture pictures image images him her them"
)
#: Between whom heads are of and what of them shall be different; what no list of people goes on behind.
_CLAUSE = re.compile(r"\s*,\s+(?:(?:and|but)\s+)?(?:with\s+)?|\s+(?:and|but|with)\s+(?:with\s+)?", re.IGNORECASE)
_TURNS, _BEFORE_WHOM = word_set("but with"), word_set("the only just my our")


def only_made(text: str, cast: Cast) -> tuple[int, ...]:
    """The people of photos whose heads a text asks for, and nothing else of them; () for any other text."""
    if not cast.people or not has_word(text, _MADE) or asks_for_new(text):
        return ()
    named = mentions(text, cast)
    who = tuple(dict.fromkeys(n for each in named for n in each.who))
    if not who or not all(cast.person(n).photo for n in who):
        return ()
    rest = text
    for each in sorted(named, key=lambda m: -m.start):
        rest = f"{rest[: each.start]} {rest[each.end :]}"
    rest = " ".join(word for word in rest.lower().split() if word.strip(".,!?") not in _BESIDE)
    return () if carries(rest) else who


def heads_first(pieces: Sequence[str], cast: Cast) -> bool:
    """Whether the first piece of a turn only asks for heads and the next ones for more: it is done by itself then."""
    return len(pieces) > 1 and bool(only_made(pieces[0], cast))


def with_heads_first(parts: Sequence[str], cast: Cast) -> list[str]:
    """The parts, cut where one asks for heads first and then for changes: "make heads of both, give him her nose".

    What is no request by itself ("…, the woman laughing") is cut off where several heads are asked for: a change of
    one of several must be read apart from whom the heads are of.
    """
    found: list[str] = []
    for part in parts:
        pieces = cut_at_requests(part)
        found += pieces if heads_first(pieces, cast) else _cut_at_clause(part, cast)
    return found


def _cut_at_clause(text: str, cast: Cast) -> list[str]:
    """A text cut behind the longest beginning that only asks for heads of several; whole where there is none."""
    cut = [text]
    for stop in _CLAUSE.finditer(text):
        before, rest = text[: stop.start()], text[stop.end() :].strip()
        if len(only_made(before, cast)) > 1 and (named := mentions(rest, cast)):
            begins = {*rest[: named[0].start].lower().split()} <= _BEFORE_WHOM  # "the woman laughing"
            cut = [before, f"make {rest}" if begins else rest]
        if has_word(stop[0], _TURNS):
            break
    return cut
