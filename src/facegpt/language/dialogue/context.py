"""One part of a turn with all that is known of it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from facegpt.language.dialogue import changing
from facegpt.language.dialogue.cast import Cast
from facegpt.language.dialogue.deciding import is_question
from facegpt.language.dialogue.maker import Maker, Reading
from facegpt.language.dialogue.messages import Turn
from facegpt.language.dialogue.questions.asked_before import names_in
from facegpt.language.dialogue.questions.sights_network import WORN, sight_named, sights_asked, worn_things
from facegpt.language.dialogue.turn_pieces import without_fillers
from facegpt.language.dialogue.who.references import meant
from facegpt.language.earlier import in_context
from facegpt.language.reading.beyond.shown_part import ShownPart, shown_part
from facegpt.language.reading.beyond.unread_words import carries
from facegpt.language.talkers.base import ToolCall
from facegpt.types import Array


@dataclass(frozen=True, eq=False)
class Context:
    """One part of a turn with all that is known.

    Attributes:
        model: makes and measures. text: this part.
        cast: the people. found: numbers of those whose photo comes with this turn.
        seed: of what words leave open. say: takes pieces of free speech.
        turns: the whole conversation with this turn, as it was given: what the talker is told.
        tools: what the client offers the talker, elements of OpenAI's `tools`.
        whole: whether this part is the whole turn. may_talk: whether the talker may be asked; not where it asks.
        begin: says the first words of what this part tells at once, if the answer has not begun.
    """

    model: Maker
    text: str
    cast: Cast
    found: tuple[int, ...]
    seed: int
    say: Callable[[str], None]
    turns: Sequence[Turn] = ()
    tools: Sequence[dict[str, Any]] = ()
    whole: bool = True
    may_talk: bool = True
    begin: Callable[[str], None] = lambda words: None

    def read(self, is_edit: bool) -> Reading:
        """Read the words, as a change of who is meant or as they are."""
        return self._edit if is_edit else self._plain

    @property
    def typed(self) -> str:
        """The words as they were typed: of a turn in another language all of them."""
        whole = self.turns[-1].text if self.turns else self.text
        return whole if self.whole or self.text not in whole else self.text

    @cached_property
    def who(self) -> tuple[int, ...]:
        """The numbers of those whom the words mean."""
        return meant(self.text, self.cast, self.states)

    @property
    def states(self) -> Array | None:
        """(tokens, layers, D) the language model's of the words, if they are known."""
        return getattr(self.read(False), "states", None)

    @cached_property
    def part(self) -> ShownPart:
        """What of the words a head can show, and what of them none shows."""
        return shown_part(self.model.language, without_fillers(self.text), carries)

    @cached_property
    def sights(self) -> tuple[str, ...]:
        """What the words ask of the photo beside the measured head, by the names of scene_words.SIGHTS."""
        sight = sight_named(self.text) or (WORN if worn_things(self.text) else "")
        if sight and is_question(self.text):
            return (sight,)
        plain, asked = changing.by_pronouns(self.text, self.cast), sights_asked(self.states)
        if not asked and plain != self.text and is_question(plain) and not names_in(plain):  # "the older man" is him
            reading = self.model.language.read(in_context(self.cast.earlier, plain), None, False)
            asked = sights_asked(getattr(reading, "states", None))
        request = self.read(False).request
        worn = {"glasses": request.glasses, "headwear": request.headwear}
        named = tuple(name for name, wish in worn.items() if wish is not None)
        return named if named and (asked or is_question(self.text)) else asked

    @cached_property
    def _edit(self) -> Reading:
        turns = in_context(self.cast.earlier, self.part.text)
        return self.model.language.read(turns, changing.told_of(self.model, self.cast, self.who[-1]), True)

    @cached_property
    def _plain(self) -> Reading:
        return self.model.language.read(in_context(self.cast.earlier, self.text), None, False)


@dataclass(frozen=True, eq=False)
class Done:
    """What came of a part of a turn.

    Attributes:
        text: the words. cast: the people then. shown: numbers of the heads to show.
        calls: tools of the client that the talker asks for.
    """

    text: str
    cast: Cast
    shown: tuple[int, ...] = ()
    calls: tuple[ToolCall, ...] = ()
