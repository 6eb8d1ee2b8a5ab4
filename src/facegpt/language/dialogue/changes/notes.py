"""What of a request no head shows, with the reason, as users read it: only what they asked for, in plain sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

from facegpt.describe.lists import listed
from facegpt.language.dialogue.turns import is_person
from facegpt.language.dialogue.who.called import with_article
from facegpt.language.parts import PARTS, base_form
from facegpt.language.patterns import word_set
from facegpt.language.reading.beyond.shown_part import WORN_BY_NONE, ShownPart
from facegpt.language.reading.beyond.unread_words import carries
from facegpt.language.reading.beyond.unshown_network import REASONS
from facegpt.language.reading.clauses import UNREAD
from facegpt.language.reading.colours_of_parts import uncoloured

#: Words before one that describes: articles, copulas, degrees; a comma and a conjunction do the same.
_LEADS = word_set(
    "a an with and or more less very quite rather so too really slightly bit little looks look looking is be seem "
    "seems some no not have has having extremely super kind"
)
#: Words behind which stands what somebody has, and how many adjectives may stand between.
_HAVING, _ADJECTIVES = word_set("with wearing wears wear has have having in"), 2
#: Weeping, which a face shows without the water; "tear it up" and what is denied speak of none.
_TEARS = re.compile(
    r"(?<!not )(?<!don't )(?<!doesn't )(?<!never )(?<!without )(?<!no )"
    r"\b(?:cry(?:ing)?|cries|weep(?:s|ing)?|sob(?:s|bing)?|tears|tearful|teary)\b(?! (?:wolf|out for|apart|up))",
    re.IGNORECASE,
)
NO_TEARS = "tears are not drawn"
_WORD = re.compile(r"[^\W\d_][\w'’-]*|[,;:.!?]")


def not_shown(text: str, unread: Sequence[str] = (), part: ShownPart | None = None) -> list[str]:
    """All of a text that no head shows, each with the reason.

    unread: `clauses.Whole.unread`. part: what the network of words found of it.
    """
    known = uncoloured(text)
    told = " ".join(known).lower()
    known += [each for each in part.told if not _tells(told, each.rpartition(": ")[0])] if part is not None else []
    known = [each for each in known if not _is_part_alone(each.rpartition(": ")[0])]
    told = " ".join(known).lower()
    if (weeps := _TEARS.search(text)) and not _tells(told, weeps[0]):
        known, told = [*known, f"{weeps[0].lower()}: {NO_TEARS}"], f"{told} {weeps[0].lower()}"
    asked = (each for each in unread if not each.endswith(f": {UNREAD}") or is_asked(text, each.rpartition(": ")[0]))
    return [*known, *(each for each in asked if not _tells(told, each.rpartition(": ")[0]))]


def all_unshown(part: ShownPart) -> list[str]:
    """What of a turn by which nothing is changed no head shows: what was found of it, and what was said beside that."""
    beside = [f"{part.text}: {UNREAD}"] if part.told and part.text != part.of else []
    return [*part.told, *beside]


def is_asked(text: str, words: str) -> bool:
    """Whether words in which nothing was read ask for something: a whole clause, or one word where it describes.

    "Stick" of "stick out the tongue" and "died" of "her dog died" ask for no look by themselves.
    """
    if len(words.split()) > 1:
        return True
    row = [match[0].lower() for match in _WORD.finditer(text)]
    places = [k for k, word in enumerate(row) if word == words.lower()]
    return not places or any(_describes(row, k) for k in places)


def _describes(row: Sequence[str], place: int) -> bool:
    """Whether a word stands where adjectives do: behind what leads to one, before a part of the face or a person.

    So does a thing that somebody has, behind its own adjectives: "mascara" of "with heavy mascara".
    """
    before = row[place - 1] if place else ""
    alone = len([word for word in row if word[0].isalpha()]) == 1
    behind = _adjectives_end(row[place + 1 :])
    of_head = any(PARTS.get(w, PARTS.get(base_form(w), "")) != "" or is_person(w) for w in behind)
    return alone or of_head or before in _LEADS or before in (",", ";", ":") or _is_had(row[:place])


def _is_had(before: Sequence[str]) -> bool:
    """Whether the words before one lead to a thing that somebody has, with a few adjectives between."""
    described = 0
    while described < min(_ADJECTIVES, len(before)) and carries(before[-1 - described]):
        described += 1
    led = before[: len(before) - described]
    while led and led[-1] in ("a", "an", "some"):
        led = led[:-1]
    return bool(led) and led[-1] in _HAVING


def _adjectives_end(row: Sequence[str]) -> Sequence[str]:
    """The first words of a row up to its first closed-class word or stop: "black man" of "black man in a hat"."""
    end = next(
        (k for k, word in enumerate(row) if not (word[0].isalpha() and (carries(word) or is_person(word)))),
        len(row),
    )
    return row[:end]


def _is_part_alone(words: str) -> bool:
    """Whether words name a part of the face and its side, and nothing of how it is: it is there."""
    named = [word for word in re.findall(r"[^\W\d_]+", words.lower()) if word not in ("the", "a", "an", "her", "his")]
    sides = ("left", "right", "upper", "lower", "other", "both", "one")
    parts = [word for word in named if word not in sides]
    return len(parts) == 1 and PARTS.get(base_form(parts[0]), PARTS.get(parts[0], "person")) != "person"


def _tells(told: str, words: str) -> bool:
    """Whether some words are told already, as they are or by the noun in them ("put a hat on him": a hat)."""
    return any(re.search(rf"\b{re.escape(word)}\b", told) for word in words.lower().split() if len(word) > 2)


# In sentences


def in_sentences(things: Sequence[str]) -> str:
    """Say what of a request cannot be shown; "" where all can. things: of `not_shown`, each with its reason."""
    kinds: dict[str, list[str]] = {}
    for thing in things:
        what, _, why = thing.rpartition(": ")
        kinds.setdefault(why, []).append(what)
    unread, absent = kinds.pop(UNREAD, []), kinds.pop(WORN_BY_NONE, [])
    callings = kinds.pop(REASONS["role"], [])
    told = [f"I cannot show {listed(names, 'or')}: {_reason(why)}." for why, names in kinds.items()]
    if callings:
        told.append(
            f"What makes {listed([with_article(name) for name in callings], 'or')} is not seen on a head alone."
        )
    quoted = ['"' + words + '"' for words in unread]
    told += [f"I found nothing to show in {listed(quoted, 'or')}."] if quoted else []
    told += [f"The head wears no {name}." for name in absent]
    return " ".join(told)


def _reason(why: str) -> str:
    return {REASONS["worn"]: "this head does not have it"}.get(why, why)
