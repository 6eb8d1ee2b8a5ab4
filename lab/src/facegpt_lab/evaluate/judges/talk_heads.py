"""Did a turn of conversation make, change or put back the right heads, and no others? Geometry before and after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from facegpt.language.targets import ATTRIBUTES
from facegpt_lab.evaluate.judges.score_labels import Case, Point, Population, score
from facegpt_lab.evaluate.judges.talk_answers import Seen

#: Rest vertices and weights that are the same as before; heads that are not alike, mm.
SAME_RMS_MM, SAME_WEIGHT, UNLIKE_MM = 0.1, 0.02, 0.3
_OF_EMOTION = ("emotion", "emotion or also", "emotion group")


@dataclass(frozen=True)
class Changes:
    """What a turn did to the heads of a conversation.

    Attributes:
        before, after: name → head. changed: names of those that differ. new: new heads, in order.
        shown: names of known heads that came with the answer. faces: how many heads came with it.
        history: name → turn (0: as given or first made) → head.
    """

    before: Mapping[str, Seen]
    after: Mapping[str, Seen]
    changed: frozenset[str]
    new: Sequence[Seen] = ()
    shown: frozenset[str] = frozenset()
    faces: int = 0
    history: Mapping[str, Mapping[int, Seen]] = field(default_factory=dict)


@dataclass(frozen=True)
class Yardstick:
    """The prior: by sex ("F", "M", "") and the usual distance of two of its heads at rest, mm RMS."""

    populations: Mapping[str, Population]
    apart_mm: float


def apart_mm(one: Seen, other: Seen) -> float:
    """The distance of two heads at rest, RMS over vertices."""
    return float(np.sqrt(((one.rest - other.rest) ** 2).sum(1).mean()))


def is_same(one: Seen, other: Seen) -> bool:
    """Whether two heads are the same at rest and wear the same."""
    worn = np.abs(one.shown.expression - other.shown.expression).max()
    return apart_mm(one, other) <= SAME_RMS_MM and bool(worn <= SAME_WEIGHT)


def faults(expect: Mapping[str, Any], changes: Changes, prior: Yardstick, sexes: Mapping[str, str]) -> list[str]:
    """What is wrong with the heads of a turn, in words; [] where all is right.

    Args:
        expect: of the turn.
        changes: what it did.
        prior: for z.
        sexes: name → "F", "M" or "".
    """
    action = expect["action"]
    if action == "any":
        return []
    judge = {
        "none": _none, "new": _new, "edit": _edit, "restore": _restore, "take": _take, "variations": _variations,
        "blend": _blend,
    }[action]  # fmt: skip
    return judge(expect, changes, prior, sexes)


def labels_wrong(labels: Mapping[str, Any], seen: Seen, prior: Yardstick, sex: str, before: Seen | None) -> list[str]:
    """The labels that a head does not keep; a feeling counts as right when a near one of its group is shown."""
    known = {key: value for key, value in labels.items() if key != "from_photo"}
    people = prior.populations[labels.get("sex", sex) if before is None else sex]
    points = score(Case(known, seen.shown, people, before.shown if before else None))
    felt = [point.right for point in points if point.kind in _OF_EMOTION]
    wrong = [_named(point) for point in points if not point.right and point.kind not in _OF_EMOTION]
    return wrong + (["emotion"] if felt and not any(felt) else [])


def _named(point: Point) -> str:
    return f"{point.kind} {point.name}"


def _stray(changes: Changes, allowed: Sequence[str]) -> list[str]:
    return [f"{name} was changed" for name in sorted(changes.changed - set(allowed))]


def _none(expect: Mapping[str, Any], changes: Changes, prior: Yardstick, sexes: Mapping[str, str]) -> list[str]:
    found = _stray(changes, ())
    return found + (["a head came"] if changes.faces or changes.new else [])


def _new(expect: Mapping[str, Any], changes: Changes, prior: Yardstick, sexes: Mapping[str, str]) -> list[str]:
    found = _stray(changes, ())
    from_photo = [name for name, labels in expect["new"].items() if labels.get("from_photo")]
    found += [f"{name} was not shown" for name in from_photo if name not in changes.shown]
    wanted = [labels for name, labels in expect["new"].items() if name not in from_photo]
    if len(changes.new) != len(wanted):
        return [*found, f"{len(changes.new)} new heads, not {len(wanted)}"]
    for labels, seen in zip(wanted, changes.new, strict=True):
        found += labels_wrong(labels, seen, prior, labels.get("sex", ""), None)
    return found


def _edit(expect: Mapping[str, Any], changes: Changes, prior: Yardstick, sexes: Mapping[str, str]) -> list[str]:
    found = _stray(changes, [*expect["edit"]]) + (["a new head came"] if changes.new else [])
    for name, labels in expect["edit"].items():
        if name not in changes.after:
            found.append(f"{name} is not there")
        elif not labels:
            found += [] if name in changes.changed else [f"{name} was not changed"]
        else:
            found += labels_wrong(labels, changes.after[name], prior, sexes.get(name, ""), changes.before[name])
    return found


def _restore(expect: Mapping[str, Any], changes: Changes, prior: Yardstick, sexes: Mapping[str, str]) -> list[str]:
    found = _stray(changes, [*expect["restore"]]) + (["a new head came"] if changes.new else [])
    for name, turn in expect["restore"].items():
        versions = changes.history.get(name, {})
        known = [n for n in versions if n <= turn]
        if name not in changes.after or not known:
            found.append(f"{name} is not there")
        elif not is_same(changes.after[name], versions[max(known)]):
            found.append(f"{name} is not as after turn {turn}")
    return found


def _take(expect: Mapping[str, Any], changes: Changes, prior: Yardstick, sexes: Mapping[str, str]) -> list[str]:
    to, source, names = (expect["take"][key] for key in ("to", "from", "attributes"))
    found = _stray(changes, [to]) + (["a new head came"] if changes.new else [])
    if to not in changes.after or source not in changes.after:
        return [*found, "a head is not there"]
    columns = [ATTRIBUTES.index(name) for name in names]
    z = prior.populations[""].z
    aim = z(changes.before[source].shown)[columns]
    was, now = (np.abs(z(heads[to].shown)[columns] - aim).mean() for heads in (changes.before, changes.after))
    return found + ([] if now <= was / 2 else [f"{to} did not take it"])


def _variations(expect: Mapping[str, Any], changes: Changes, prior: Yardstick, sexes: Mapping[str, str]) -> list[str]:
    wanted = expect["variations"]
    found = _stray(changes, ())
    if len(changes.new) != len(wanted["heads"]) or wanted["of"] not in changes.before:
        return [*found, f"{len(changes.new)} new heads, not {len(wanted['heads'])}"]
    source = changes.before[wanted["of"]]
    found += ["too far" for head in changes.new if apart_mm(head, source) > prior.apart_mm / 2]
    all_heads = [source, *changes.new]
    pairs = [(a, b) for k, a in enumerate(all_heads) for b in all_heads[k + 1 :]]
    found += ["two are alike" for a, b in pairs if apart_mm(a, b) < UNLIKE_MM]
    if "sex" in wanted:
        for head in changes.new:
            found += labels_wrong({"sex": wanted["sex"]}, head, prior, "", None)
    return found


def _blend(expect: Mapping[str, Any], changes: Changes, prior: Yardstick, sexes: Mapping[str, str]) -> list[str]:
    found = _stray(changes, ())
    of = expect["blend"]["of"]
    if len(changes.new) != 1 or any(name not in changes.before for name in of):
        return [*found, f"{len(changes.new)} new heads, not one"]
    first, second = (changes.before[name] for name in of)
    gap = apart_mm(first, second)
    near = all(apart_mm(changes.new[0], each) < gap for each in (first, second))
    return found + ([] if near else ["it is not between them"])
