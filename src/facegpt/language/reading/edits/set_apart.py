"""What a turn says of glasses, headwear and what is kept, set apart before a network reads the rest of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from facegpt.language.glasses_wish import GlassesWish
from facegpt.language.head_request import HeadRequest
from facegpt.language.headwear_wish import HeadwearWish
from facegpt.language.model.processor import Message
from facegpt.language.model.turn_parts import last_text
from facegpt.language.reading.edits.kept_parts import ALL_ELSE, kept_parts, without_kept
from facegpt.language.reading.glasses_words import glasses_wish, turns_without_glasses, with_last_text
from facegpt.language.reading.headwear_words import headwear_wish, turns_without_headwear


@dataclass(frozen=True)
class SetApart:
    """A conversation without what its last turn says of these.

    Attributes:
        turns: the rest. glasses, headwear: what is asked of them, None of nothing. kept: parts that stay.
    """

    turns: list[Message]
    glasses: GlassesWish | None = None
    headwear: HeadwearWish | None = None
    kept: tuple[str, ...] = ()

    @property
    def is_worn(self) -> bool:
        """Whether anything is said of glasses or headwear."""
        return self.glasses is not None or self.headwear is not None

    def joined_to(self, request: HeadRequest) -> HeadRequest:
        """A request of the rest with what was set apart."""
        kept = tuple(part for part in self.kept if part != ALL_ELSE)
        keeps = request.keeps or kept != self.kept
        return replace(request, glasses=self.glasses, headwear=self.headwear, kept=kept, keeps=keeps)


def set_apart(turns: Sequence[Message], is_edit: bool, reads: bool = True) -> SetApart:
    """Set apart what the last turn says of glasses, headwear and, where it changes a head, of what is kept.

    reads: False sets nothing apart.
    """
    rest = [*turns]
    if not reads:
        return SetApart(rest)
    glasses = glasses_wish(last_text(rest))
    if glasses is not None:  # their shapes and colours are no face's
        rest = turns_without_glasses(rest, is_edit)
    headwear = headwear_wish(last_text(rest))
    if headwear is not None:
        rest = turns_without_headwear(rest, is_edit)
    if not is_edit:
        return SetApart(rest, glasses, headwear)
    return SetApart(with_last_text(rest, without_kept), glasses, headwear, kept_parts(last_text(rest)))
