"""What an edit complains of: "the chin is too small" asks for a bigger one, "the nose sticks out too much" for less."""

from __future__ import annotations

import re
from collections.abc import Iterator

from facegpt.language.reading.rules.phrases import clauses, part_phrase, parts_in, says

#: Size of the change, SDs, by the words of degree in the clause.
PLAIN, STRONG, SLIGHT = 1.0, 1.5, 0.5
_TOO = re.compile(r"\btoo (?P<what>(?:much )?[a-z]+(?: apart)?)")
_MUCH = re.compile(
    r"(?P<verb>[a-z]+(?: (?:out|up|down|in|back|forward|together|apart))?) (?:far )?too (?:much|far|hard)\b"
)
_AMOUNT = re.compile(r"\btoo (?:much|many|little|few) (?!space|room)(?P<part>[a-z]+)")
_STRONG = re.compile(r"\b(?:way|far|much|by a mile|by far|by a long way|really) too\b|\bby a (?:mile|lot|long way)\b")
_SLIGHT = re.compile(r"\b(?:a (?:bit|little|touch|shade|tad)|slightly|somewhat)\b")
_NOT = re.compile(r"\b(?:not|never|isn't) (?:at all )?(?:too|far too)\b|\bnone too\b")
#: After "too" these make no trait.
_NO_TRAIT = frozenset(
    {"much", "many", "far", "hard", "perfect", "pretty", "good", "generic", "late", "soon", "bad"}
) | {
    "soft",
    "severe",
}
#: Attributes of the whole person: not what is meant of a part.
_WHOLE = ("heaviness", "masculinity", "age")


def find_complaints(text: str) -> dict[str, float]:
    """Find what a plain text complains of: attribute → signed change, SDs, that puts it right."""
    found: dict[str, float] = {}
    subject = ""
    for start, end in clauses(text):
        clause = text[start:end]
        named = [part for _, part in parts_in(clause)]
        subject = named[-1] if named else subject
        later = [part for _, part in parts_in(text[end:])]
        if _NOT.search(clause):
            continue
        size = STRONG if _STRONG.search(text[start : end + 20]) else SLIGHT if _SLIGHT.search(clause) else PLAIN
        for name, side in _blamed(clause, subject or next(iter(later), "")):
            found.setdefault(name, -side * size)
    return found


def _blamed(clause: str, subject: str) -> Iterator[tuple[str, int]]:
    """The attributes and sides of which a clause has too much."""
    amount = _AMOUNT.search(clause)
    if amount and parts_in(amount["part"]):
        less = re.search(r"\btoo (?:little|few)\b", clause)
        yield from ((name, -side if less else side) for name, side, _ in says(f"big {amount['part']}"))
        return
    before = [part for _, part in parts_in(clause)]
    about = part_phrase(before[0]) if before else part_phrase(subject) if subject else ""
    if verb := _MUCH.search(clause):
        said = says(f"the {about} {verb['verb']}") if about else ()
        yield from ((name, side) for name, side, _ in said)
    elif match := _TOO.search(clause):
        words = match["what"].removeprefix("much ").split()
        if words[0] in _NO_TRAIT and words != ["far", "apart"]:
            return
        said = says(f"{' '.join(words)} {about}" if words[0] == "far" else f"{words[0]} {about}".strip())
        yield from ((name, side) for name, side, _ in said if not about or name not in _WHOLE)
