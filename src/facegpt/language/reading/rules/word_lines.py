"""Word tables of the rules: lines "meaning: wording | wording", the meanings in the steps of LABELS.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

Row = tuple[re.Pattern[str], dict[str, float]]


def rows(lines: str, short: Mapping[str, str] | None = None) -> tuple[Row, ...]:
    """Read a table of wordings, each a regular expression of whole words.

    A line that begins with a space goes on with the one before. The rarer and longer wordings stand first, for the
    first row that matches counts.

    Args:
        lines: "hair_lightness 1, hair_redness 0.5: strawberry blonde? | ..." and so on.
        short: pieces that wordings share: "{TO}" stands for short["TO"].
    """
    found: list[tuple[str, str]] = []
    for line in lines.strip("\n").splitlines():
        if line.startswith(" "):
            found[-1] = (found[-1][0], f"{found[-1][1].rstrip(' |')}|{line.strip(' |')}")
        else:
            meaning, wordings = line.split(": ", 1)
            found.append((meaning, wordings))
    return tuple((_pattern(wordings, short or {}), _degrees(meaning)) for meaning, wordings in found)


def _pattern(wordings: str, short: Mapping[str, str]) -> re.Pattern[str]:
    full = re.sub(r"\{([A-Z]+)\}", lambda match: f"(?:{short[match[1]]})", wordings)
    return re.compile(rf"(?<![a-z])(?:{'|'.join(each.strip() for each in full.split(' | '))})(?![a-z])")


def _degrees(meaning: str) -> dict[str, float]:
    pairs = (each.split() for each in meaning.split(","))
    return {name: float(degree) for name, degree in pairs}


def first(table: tuple[Row, ...], words: str) -> Iterator[tuple[str, float]]:
    """(attribute, degree) of the first row that matches."""
    yield from next((says for pattern, says in table if pattern.search(words)), {}).items()


def alternatives(words: str) -> str:
    """Join the words of a list, regular expressions parted by spaces or, where there is one, by " | "."""
    parts = words.split(" | ") if " | " in words else words.split()
    return "|".join(" ".join(part.split()) for part in parts)
