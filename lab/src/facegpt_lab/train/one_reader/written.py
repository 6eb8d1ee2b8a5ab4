"""Labels as a written request, and back: (LABELS.md, and `expect` of conversations) ↔ pieces of the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from facegpt_lab.train.one_reader.grammar import Position
from facegpt_lab.train.one_reader.table import (
    ASKED_LOOKS,
    DEGREES,
    END,
    WEIGHTS,
    kind_of,
    numbers,
    value_of,
)

Labels = Mapping[str, Any]


def request_of_record(task: str, labels: Labels) -> tuple[str, ...]:
    """The request that a sentence of the corpus is: its task as the act, then its labels.

    What one piece cannot say (`conflict`, `note`, `emotion_also`) is left out.
    """
    act = {"describe": "describe", "chat": "chat", "edit": "edit"}.get(task, "imagine")
    return (*_known([f"act:{act}", *items_of(labels)]), END)


def request_of_turn(expect: Labels, places: Mapping[str, int]) -> tuple[str, ...] | None:
    """The request that a turn of a conversation is.

    Args:
        expect: its labels in the scored form (corpus/conversations).
        places: number of each head in the order in which they came, those of this turn too.

    Returns:
        None where the turn leaves open what it does, or names more heads than the table has.
    """
    action = expect["action"]
    if action == "any" or max(places.values(), default=0) > 9:
        return None
    said = [f"act:{action}"]
    for name, labels in (*expect.get("new", {}).items(), *expect.get("edit", {}).items()):
        said += [f"head:{places[name]}", *items_of(labels)]
    for name, state in expect.get("restore", {}).items():
        said += ["restore", f"head:{places[name]}", *_digits(state)]
    said += list(_between_heads(expect, places))
    for ask in expect.get("asks", ()):
        said += list(_ask(ask, places))
    said += [f"flag:{name}" for name in ("decline", "cannot") if expect.get(name)]
    return (*_known(said), END)


def _between_heads(expect: Labels, places: Mapping[str, int]) -> Iterator[str]:
    if take := expect.get("take"):
        for to in _listed(take["to"]):
            yield from ("take", f"head:{places[to]}", f"head:{places[_listed(take['from'])[0]]}")
            yield from (f"attribute:{name}" for name in take.get("attributes", ()))
    if vary := expect.get("variations"):
        yield from ("vary", f"head:{places[vary['of']]}", *(f"head:{places[name]}" for name in vary["heads"]))
    if blend := expect.get("blend"):
        yield from ("blend", f"head:{places[blend['head']]}", *(f"head:{places[name]}" for name in blend["of"]))


def _ask(ask: Labels, places: Mapping[str, int]) -> Iterator[str]:
    heads = _listed(ask.get("head")) + list(ask.get("heads", ()))
    yield f"ask:{ask['kind']}"
    yield from (f"head:{places[name]}" for name in heads)
    yield from (_name(name) for name in ask.get("names", ()))
    yield from (f"unit:{name}" for name in ask.get("units", ()))
    if "attribute" in ask:
        yield from (f"attribute:{ask['attribute']}", f"degree:{ask['pole']:g}")
    if "at" in ask:
        yield from ("ask_at", *_digits(ask["at"]))
    if "above_mm" in ask:
        yield from ("ask_above", *_digits(ask["above_mm"]))


def items_of(labels: Labels) -> list[str]:
    """The labels of one head as pieces, always in the same order."""
    said: list[str] = [f"sex:{labels['sex']}"] if labels.get("sex") else []
    if years := labels.get("age_years"):
        said += ["age", *_digits(years[0]), *_digits(years[1])]
    for name, degree in sorted(labels.get("attributes", {}).items()):
        said += [f"attribute:{name}", _nearest("degree", degree, DEGREES)]
    for name, side in sorted(labels.get("not", {}).items()):
        said += ["not", f"attribute:{name}", _nearest("degree", side, DEGREES)]
    for more, _, less in labels.get("relations", ()):
        said += ["relation", _unit_or_attribute(more), _unit_or_attribute(less)]
    if emotion := labels.get("emotion"):
        said += [f"emotion:{emotion}"]
        said += [_nearest("weight", labels["intensity"], WEIGHTS)] if "intensity" in labels else []
    for name, weight in sorted(labels.get("expression", {}).items()):
        said += [f"unit:{name}", _nearest("weight", weight, WEIGHTS)]
    for key, field in (("off", "expression_off"), ("hold", "expression_keep")):
        for name in sorted(labels.get(field, ())):
            said += [key, f"unit:{name}"]
    for name, goal in sorted(labels.get("mm", {}).items()):
        said += [piece for kind, x in goal.items() for piece in ("mm", f"measure:{name}", f"kind:{kind}", *_digits(x))]
    said += [f"hair:{slot}={value}" for slot, value in sorted(labels.get("hair", {}).items())]
    for name, goal in sorted(labels.get("hair_mm", {}).items()):
        said += [p for kind, x in goal.items() for p in ("hair_mm", f"region:{name}", f"kind:{kind}", *_digits(x))]
    said += ["flag:keep"] if labels.get("keep") else []
    said += [f"flag:{'face' if labels['face'] else 'no_face'}"] if "face" in labels else []
    said += ["faces", *_digits(labels["faces"])] if "faces" in labels else []
    said += ["ask:other", *(_name(name) for name in labels["asks"])] if labels.get("asks") else []
    return said + (["flag:decline"] if labels.get("decline") else [])


def _known(said: Sequence[str]) -> list[str]:
    """Without items that a table has no piece for (a style of hair that was renamed, say): whole items are left out."""
    place, kept, item = numbers(), list[str](), list[str]()
    position = Position()
    for piece in (*said, END):
        if _begins_item(piece, position) and item:
            kept += item if all(each in place for each in item) else []
            item = []
        item.append(piece)
        position.step(piece)
    return kept


def _begins_item(piece: str, position: Position) -> bool:
    """Whether a piece begins an item where it stands, rather than fill a slot of the one before."""
    kind = kind_of(piece)
    return kind == "act" or not position.holds(kind)


def _name(name: str) -> str:
    if name in ASKED_LOOKS:
        return f"look:{name}"
    return f"attribute:{name}" if f"attribute:{name}" in numbers() else f"measure:{name}"


def _unit_or_attribute(name: str) -> str:
    return f"unit:{name}" if f"unit:{name}" in numbers() else f"attribute:{name}"


def _nearest(kind: str, value: float, steps: Sequence[float]) -> str:
    return f"{kind}:{min(steps, key=lambda step: abs(step - value)):g}"


def _digits(value: float) -> list[str]:
    return [*(f"digit:{digit}" for digit in f"{value:g}"), "stop"]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]


# Back


def facts_of(request: Sequence[str]) -> dict[tuple[str, ...], float | str]:
    """A request as facts: what each is about → how much of it, or which.

    ("1", "attribute", "nose_width") → 1.0; the first part is the head's number, "" where none is named. Two requests
    that mean the same have the same facts, whatever the order of their items.
    """
    facts: dict[tuple[str, ...], float | str] = {("", "act"): value_of(request[0])} if request else {}
    head = ""
    for item in items_in(request[1:]):
        kind, rest = kind_of(item[0]), [*item[1:]]
        if kind == "head":
            head = value_of(item[0])
        elif kind in ("attribute", "unit"):
            facts[head, kind, value_of(item[0])] = float(value_of(rest[0]))
        elif kind == "not":
            facts[head, "not", value_of(rest[0])] = float(value_of(rest[1]))
        elif kind in ("sex", "emotion"):
            facts[head, kind] = value_of(item[0])
        elif kind == "hair":
            slot, _, value = value_of(item[0]).partition("=")
            facts[head, "hair", slot] = value
        elif kind in ("mm", "hair_mm"):
            facts[head, kind, value_of(rest[0]), value_of(rest[1])] = _number(rest[2:])
        elif kind == "age":
            cut = rest.index("stop")
            facts[head, "age", "from"], facts[head, "age", "to"] = _number(rest[: cut + 1]), _number(rest[cut + 1 :])
        else:
            facts[(head, *(each for each in item if each != "stop"))] = ""
    return facts


def items_in(said: Sequence[str]) -> Iterator[list[str]]:
    """A request's pieces after its act, item by item."""
    position, item = Position(), list[str]()
    position.step("act:none")
    for piece in said:
        if not position.holds(kind_of(piece)) and item:
            yield item
            item = []
        if piece == END:
            return
        item.append(piece)
        position.step(piece)


def _number(digits: Sequence[str]) -> float:
    text = "".join(value_of(piece) for piece in digits if piece != "stop")
    try:
        return float(text)
    except ValueError:
        return float("nan")
