"""Words for the shirt that a head's neck ends in: "give him a red shirt", "his jumper dark green", "no shirt"."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import ImageColor

from facegpt.language.patterns import DENIALS, TAKING, word_set

_SHIRTS = word_set("shirt t-shirt tshirt jumper sweater pullover blouse")
_BEFORE_COLOUR = word_set("dark light deep pale bright")
#: Where the words of a shirt begin: "a", "his"; what leads to it, and what joins it to what follows.
_OWNED = word_set("a an the his her their some another any")
_JOINS = frozenset(("and", ","))
_LEADS = word_set("give gives put puts on in with wear wears wearing make him her them has and")


@dataclass(frozen=True)
class ShirtWish:
    """A shirt that words ask for: its colour, a name of CSS, or None to take it off.

    said: the words for it, with what leads to them. rest: what else is said.
    """

    colour: str | None
    said: str
    rest: str


def shirt_wish(text: str) -> ShirtWish | None:
    """What a text asks of a shirt; None where it names none, or none of a colour."""
    row = text.replace(",", " , ").split()
    words = [word.lower().strip(".!?") for word in row]
    place = next((k for k, word in enumerate(words) if word in _SHIRTS), None)
    if place is None:
        return None
    start = next((k for k in range(place, -1, -1) if words[k] in _OWNED), max(0, place - 2))
    behind = [word for word in words[place + 1 : place + 2] if word in ImageColor.colormap]  # "make his shirt purple"
    colours = behind or [word for word in words[start:place] if word in ImageColor.colormap]
    off = {*words[:place]} & (DENIALS | TAKING) or words[place + 1 : place + 2] == ["off"]
    if not colours and not off:
        return None
    shades = [word for word in words[start:place] if word in _BEFORE_COLOUR]
    shaded = f"{shades[0]}{colours[-1]}" if shades and colours else ""
    while start and words[start - 1] in _LEADS | TAKING:
        start -= 1
    after = place + 1 + len(behind)
    while after < len(row) and words[after] in _JOINS | {"off", "on"}:
        after += 1
    lead = row[:start] if after == len(row) else row[: _lead_end(words, start, place)]
    rest = " ".join([*lead, *row[after:]]).replace(" ,", ",").strip(" ,")
    colour = (shaded if shaded in ImageColor.colormap else colours[-1]) if colours else None
    return ShirtWish(colour, " ".join(row[max(0, start - 1) : after]), rest)


def _lead_end(words: list[str], start: int, place: int) -> int:
    """How far the words before a shirt lead to what follows it, too: "give him a red shirt and a hat"."""
    return next((k for k in range(place, start, -1) if words[k] in _OWNED), start)
