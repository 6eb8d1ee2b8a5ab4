"""The heads of a written conversation turn by turn, as far as its labels tell: movements, and what was asked."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from facegpt.conventions import ARKIT_NAMES
from facegpt.generate.draw_expression import emotion_expression
from facegpt.language.targets import attribute_of_measure
from facegpt_lab.synthesis.text_targets import PLAIN_INTENSITY

Weights = dict[str, float]


@dataclass(frozen=True)
class Version:
    """A head as it came or after a change. turn: which. worn: expression weights. asked: changes of attributes, SDs."""

    turn: int
    worn: Weights
    asked: Weights


class HeadsSoFar:
    """Each head as it came and after each change that still holds; what the last change of anybody asked.

    Attributes:
        said: changes of attributes by the last turn that made or changed a head, SDs.
    """

    def __init__(self) -> None:
        self._versions: dict[Hashable, list[Version]] = {}
        self.said: Weights = {}

    def came(self, head: Hashable, turn: int, said: Mapping[str, Any] | None = None) -> None:
        """Note a head that a turn brings, with its labels."""
        self._versions[head] = [Version(turn, worn_after({}, said or {}), self._asked(said))]

    def changed(self, head: Hashable, turn: int, said: Mapping[str, Any] | None = None) -> None:
        """Note a change, with its labels."""
        if head not in self._versions:
            self._versions[head] = [Version(0, {}, {})]
        after = Version(turn, worn_after(self.worn(head), said or {}), self._asked(said))
        self._versions[head].append(after)

    def put_back(self, head: Hashable, turn: int) -> None:
        """Note that a head is as it was after a turn; later changes no longer hold."""
        versions = self._versions.get(head, [])
        self._versions[head] = versions[: 1 + sum(each.turn <= turn for each in versions[1:])]

    def worn(self, head: Hashable) -> Weights:
        """What it wears."""
        return dict(self._versions[head][-1].worn) if self._versions.get(head) else {}

    def wore(self, head: Hashable) -> tuple[Weights, ...]:
        """What it wore as it came and after each change but the last, in order."""
        return tuple(each.worn for each in self._versions.get(head, [])[:-1])

    def asked(self, head: Hashable) -> tuple[Weights, ...]:
        """What was asked of its attributes when it came and by each change, in order."""
        return tuple(each.asked for each in self._versions.get(head, []))

    def _asked(self, said: Mapping[str, Any] | None) -> Weights:
        self.said = asked_of_attributes(said or {})
        return self.said


def worn_after(worn: Mapping[str, float], said: Mapping[str, Any]) -> Weights:
    """Expression weights after a change with these labels; a feeling ends what was worn, and has its typical units."""
    kept = {unit: w for unit, w in worn.items() if unit not in said.get("expression_off", ())}
    if "emotion" in said:
        felt = emotion_expression(said["emotion"], said.get("intensity", PLAIN_INTENSITY))
        kept = {unit: float(w) for unit, w in zip(ARKIT_NAMES, felt, strict=True) if w > 0}
    return kept | dict(said.get("expression", {}))


def asked_of_attributes(said: Mapping[str, Any]) -> Weights:
    """Changes of attributes in labels, those in millimetres among them as one SD."""
    found = {
        attribute: 1.0 if next(iter(goal.values())) > 0 else -1.0
        for measure, goal in said.get("mm", {}).items()
        if goal.keys() & {"change", "percent"} and (attribute := attribute_of_measure(measure))
    }
    return found | {name: float(degree) for name, degree in said.get("attributes", {}).items()}
