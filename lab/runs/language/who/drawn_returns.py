"""Turns that put a head back, drawn from the chains of changes in written conversations.

After a turn of a conversation somebody asks for a head of some steps ago ("back two"), or by what was changed ("before
the beard"), at times for what was taken back again; corpus/conversations/returns.txt has the wordings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from facegpt.language.earlier import Earlier, note_of_labels
from facegpt.language.parts import PARTS
from facegpt_lab.synthesis.texts.corpus import corpus_folder

_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}
_MOST = max(_NUMBERS)


@dataclass(frozen=True)
class Drawn:
    """A return. back: the steps that the head lies back, negative for doing again. now: which version it is before."""

    text: str
    earlier: tuple[Earlier, ...]
    act: str
    last: str
    back: int
    now: int


@lru_cache(maxsize=1)
def frames() -> dict[str, tuple[str, ...]]:
    """The wordings by kind."""
    lines = (corpus_folder() / "conversations" / "returns.txt").read_text("utf-8").splitlines()
    pairs = [line.split(": ", 1) for line in lines if not line.startswith("#")]
    return {kind: tuple(text for name, text in pairs if name == kind) for kind, _ in pairs}


def draw_returns(
    said: Sequence[str], now: int, earlier: tuple[Earlier, ...], last: str, rng: Random
) -> Iterator[Drawn]:
    """One return to a version of a head, and at times one that does it again.

    Args:
        said: the words that each version came by.
        now: which of them it is.
        earlier: the turns before.
        last: the act before.
        rng: draws.
    """
    if now < 2:
        return
    things = {kind: _things(said, now, kind) for kind in ("before", "with")}
    kind = rng.choice(["steps", *(kind for kind in things if things[kind])])
    back = rng.randint(2, min(now, _MOST)) if kind == "steps" else 0
    thing = ""
    if kind != "steps":
        back, thing = rng.choice(things[kind])
    text = rng.choice(frames()[kind]).format(n=_NUMBERS.get(back, ""), x=back, thing=thing)
    yield Drawn(text, earlier, "back" if back == now else "undo", last, back, now)  # as the written ones are called
    if rng.random() < 0.3:
        after = (*earlier, Earlier(text, note_of_labels("undo", {}, ())))
        plain = back == 1 or rng.random() < 0.4
        words = frames()["again"][0] if plain else rng.choice(frames()["again"][1:])
        again = 1 if plain else back
        yield Drawn(words.format(n=_NUMBERS.get(back, ""), x=back), after, "redo", "undo", -again, now - back)


def _things(said: Sequence[str], now: int, kind: str) -> list[tuple[int, str]]:
    """(steps back, the part that tells it) of the versions that one change alone tells."""
    parts = [{word for word in re.findall(r"[a-z]+", text.lower()) if _is_part(word)} for text in said]
    found = []
    for k in range(1, now + 1):
        own = parts[k] - set().union(*(parts[j] for j in range(1, len(said)) if j != k))
        back = now - k + (kind == "before")
        found += [(back, word) for word in sorted(own) if back > 0]
    return found


def _is_part(word: str) -> bool:
    return PARTS.get(word, "person") != "person"
