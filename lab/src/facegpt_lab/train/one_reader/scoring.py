"""How much of what a text asks for is in a written request: facts by kind, and requests that are right as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from facegpt_lab.train.one_reader.examples import Example
from facegpt_lab.train.one_reader.written import facts_of

Facts = Mapping[tuple[str, ...], float | str]

#: By so much may a degree, a weight and a length (mm) differ; years by more.
_NEAR = {"attribute": 0.5, "unit": 0.35, "mm": 0.05, "hair_mm": 0.5, "age": 5.0}
#: Amounts smaller than this say "average": they have no side.
_NO_SIDE = 0.25


@dataclass
class Count:
    """Facts of one kind. wanted, written: how many. right: of those written, how many are wanted."""

    wanted: int = 0
    written: int = 0
    right: int = 0

    @property
    def f1(self) -> float:
        """2 · right / (wanted + written); 1 where there is nothing."""
        both = self.wanted + self.written
        return 2 * self.right / both if both else 1.0


def kind_of_fact(about: tuple[str, ...]) -> str:
    """The kind of a fact: "attribute", "act", "ask"."""
    return about[1].split(":")[0]


def is_right(about: tuple[str, ...], value: float | str, wanted: Facts, accepts: tuple[str, ...]) -> bool:
    """Whether a fact of a request is wanted: the same thing, on the same side, about as much of it."""
    if about not in wanted:
        return False
    told, kind = wanted[about], kind_of_fact(about)
    if kind == "emotion":
        return value == told or value in accepts
    if isinstance(value, str) or isinstance(told, str):
        return value == told
    if kind == "attribute":  # graded words are a judgement: the side counts, and no more than a step beside it
        same_side = (abs(told) < _NO_SIDE) == (abs(value) < _NO_SIDE) and told * value >= 0
        return same_side and abs(told - value) <= 2 * _NEAR[kind]
    return abs(told - value) <= _NEAR.get(kind, 0.0)


def score(examples: Iterable[Example], written: Iterable[tuple[str, ...]]) -> dict[str, float]:
    """F1 of each kind of facts, and the share of requests in which all are right ("whole")."""
    counts: dict[str, Count] = defaultdict(Count)
    whole, of = 0, 0
    for example, request in zip(examples, written, strict=True):
        wanted, said = facts_of(example.request), facts_of(request)
        right = {about for about, value in said.items() if is_right(about, value, wanted, example.accepts)}
        for about in wanted:
            counts[kind_of_fact(about)].wanted += 1
        for about in said:
            counts[kind_of_fact(about)].written += 1
            counts[kind_of_fact(about)].right += about in right
        whole, of = whole + (len(right) == len(said) == len(wanted)), of + 1
    found = {kind: round(count.f1, 4) for kind, count in sorted(counts.items())}
    return found | {"whole": round(whole / max(of, 1), 4)}
