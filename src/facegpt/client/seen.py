"""What a server sees on photos: faces, and how likely two photos show one person."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

#: What of a face is arrays, arrays by name, records of several facts, and such records by name.
_ARRAYS, _NAMED_ARRAYS = {"box", "embedding"}, {"points", "visibility", "point_sd"}
_RECORDS, _NAMED_RECORDS = {"pose", "expression", "age", "hair_colour", "occlusions"}, {"gaze"}


@dataclass(frozen=True, eq=False)
class RemoteSeen:
    """What a server saw on one face of a photo: the attributes of `facegpt.analyze.seen.Seen`, but for pictures.

    Attributes:
        told: the record, ready for JSON. upload: name and content of the photo. index: which face of it, 0 the largest.
    """

    told: dict[str, Any] = field(repr=False)
    upload: tuple[str, bytes | Path] = field(repr=False)
    index: int = 0

    def __getattr__(self, name: str) -> Any:
        """A fact by its name, in the form that the library has."""
        told = self.__dict__.get("told", {})
        if name == "row" or name not in told:
            raise AttributeError(f"a server tells no '{name}' of a face; it tells {', '.join(sorted(told))}")
        return _shaped(name, told[name])

    def to_dict(self, points: bool = True) -> dict[str, Any]:
        """All of it as numbers, words and lists. points: with the points and their visibility."""
        left_out = {"row"} if points else {"row", *_NAMED_ARRAYS}
        return {name: value for name, value in self.told.items() if name not in left_out}

    def row(self) -> dict[str, Any]:
        """One row of a table: the same in flat columns, without points."""
        return dict(self.told["row"])


def _shaped(name: str, value: Any) -> Any:
    """A fact of a record as arrays and attributes."""
    if value is None:
        return None
    if name in _ARRAYS or name in _NAMED_ARRAYS:
        import numpy as np

        return np.array(value) if name in _ARRAYS else {key: np.array(each) for key, each in value.items()}
    if name == "parts":
        return SimpleNamespace(shares=value)
    if name in _NAMED_RECORDS:
        return {key: SimpleNamespace(**each) for key, each in value.items()}
    return SimpleNamespace(**value) if name in _RECORDS else value


@dataclass(frozen=True)
class RemoteLikeness:
    """What a comparison of two photos says, as `facegpt.analyze.compare.Likeness`."""

    likelihood: float
    interval: tuple[float, float]
    distance: float
    same: bool | None
    reasons: tuple[str, ...] = ()
    boxes: tuple[Any, Any] = field(default=(None, None), repr=False)

    @classmethod
    def of(cls, told: dict[str, Any]) -> RemoteLikeness:
        """One of a server's record; a distance that it does not know is nan."""
        distance = float("nan") if told["distance"] is None else float(told["distance"])
        low, high = told["interval"]
        boxes = tuple(told["boxes"])
        return cls(told["likelihood"], (low, high), distance, told["same"], tuple(told["reasons"]), boxes)  # type: ignore[arg-type]

    def __str__(self) -> str:
        said = {True: "one person", False: "two people", None: "not sure"}[self.same]
        low, high = self.interval
        distance = "" if math.isnan(self.distance) else f", distance {self.distance:.2f}"
        return f"{said}: likelihood {self.likelihood:.2f} ({low:.2f} to {high:.2f}){distance}"
