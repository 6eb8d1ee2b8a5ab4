"""What the language model is told of the turns before the last: the user's words, and what came of each in a few words.

"Another 4", "not so dark" and "the other eye" say nothing alone. The turns before stand before them as in any chat, the
answers replaced by notes ("less hair lightness", "head circumference in mm"), so that what was understood once is told
to every later turn, whatever its words were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES

#: So many turns before the last are told, so many characters of each, and so many things that came of it.
MOST_TURNS, LONGEST, MOST_NOTED = 3, 200, 5
#: Changes smaller than this share of the largest are not noted.
_LEAST_SHARE = 0.3


@dataclass(frozen=True)
class Earlier:
    """A turn before the last. text: what was typed. note: what came of it (`note_of_labels`, `note_of_request`)."""

    text: str
    note: str


def in_context(earlier: Sequence[Earlier], text: str) -> list[dict[str, Any]]:
    """A conversation ([{"role", "content"}]) that ends with a turn of the user, the turns before it in short."""
    turns: list[dict[str, Any]] = []
    for each in earlier[-MOST_TURNS:]:
        turns += [{"role": "user", "content": each.text[:LONGEST]}, {"role": "assistant", "content": each.note}]
    return [*turns, {"role": "user", "content": text}]


def note_of_labels(act: str, labels: Mapping[str, Any], asks: Iterable[str] = ()) -> str:
    """What came of a turn, by its labels (LABELS.md).

    Args:
        act: what it did, told where nothing else is: "undo", "small talk".
        labels: of the head made or changed.
        asks: names of what was asked.
    """
    units = dict(labels.get("expression", {})) | dict.fromkeys(labels.get("expression_off", ()), 0.0)
    lengths = {name: next(iter(goal.items())) for name, goal in labels.get("mm", {}).items()}
    return _note(act, lengths, labels.get("attributes", {}), units, labels.get("emotion", ""), asks)


def note_of_request(act: str, request: HeadRequest | None, asks: Iterable[str] = ()) -> str:
    """The same by what was read of a head."""
    if request is None:
        return _note(act, {}, {}, {}, "", asks)
    degrees = np.asarray(request.attribute_mean)
    least = _LEAST_SHARE * float(np.abs(degrees).max(initial=0.0))
    named = {ATTRIBUTES[k]: float(degrees[k]) for k in np.flatnonzero(np.abs(degrees) > least)}
    units = {ARKIT_NAMES[k]: float(request.expression[k]) for k in np.flatnonzero(request.expression_named)}
    lengths = {goal.measure: (goal.kind, goal.amount) for goal in request.millimetres}
    return _note(act, lengths, named, units, request.emotion, asks)


def _note(
    act: str,
    lengths: Mapping[str, tuple[str, float]],
    attributes: Mapping[str, float],
    units: Mapping[str, float],
    emotion: str,
    asks: Iterable[str],
) -> str:
    said = []
    for name, (kind, amount) in lengths.items():
        way = _way(amount) if kind in ("change", "percent") else "set"
        said.append(f"{way} {_plain(name)} in mm")
    for name in sorted(attributes, key=lambda name: -abs(attributes[name])):
        said.append(f"{_way(attributes[name])} {_plain(name)}")
    said += [f"{_plain(name)}" if weight > 0 else f"no {_plain(name)}" for name, weight in _both_sides(units).items()]
    said += [emotion] if emotion else []
    said += [f"{_plain(name)}?" for name in dict.fromkeys(asks)]
    return ", ".join(said[:MOST_NOTED]) or _plain(act)


def _way(change: float) -> str:
    return "more" if change > 0 else "less" if change < 0 else "average"


def _both_sides(units: Mapping[str, float]) -> dict[str, float]:
    """Units by name; those that both sides wear are one, without its side."""
    found: dict[str, float] = {}
    for name in sorted(units):
        mirrored = mirror_arkit_name(name)
        both = mirrored != name and mirrored in units and (units[name] > 0) == (units[mirrored] > 0)
        found.setdefault(name.removesuffix("Left").removesuffix("Right") if both else name, units[name])
    return found


def _plain(name: str) -> str:
    """A name in words: "nose_width", "eyeBlinkLeft"."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).replace("_", " ").strip()
