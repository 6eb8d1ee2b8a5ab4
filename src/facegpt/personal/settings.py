"""How a head of one's own is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from facegpt.hair.accessories import AS_SEEN, Wishes


@dataclass(frozen=True)
class PersonalizeSettings:
    """How an avatar is made.

    Attributes:
        name: of the person, or None for that of the first clip.
        minutes: most time to take, or None.
        folder: where GROWING is drawn while the head grows, or None.
        colours: refine the shape by colours.
        detail: look for the relief of the skin too: wrinkles, and folds that come with expressions.
        wishes: which hair and glasses the head wears, by default what the clips show.
    """

    name: str | None = None
    minutes: float | None = None
    folder: Path | None = None
    colours: bool = True
    detail: bool = False
    wishes: Wishes = AS_SEEN
