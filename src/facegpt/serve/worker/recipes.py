"""How heads were made, so that they can be made again without a part of what was said."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np

from facegpt.api import FaceGPT
from facegpt.face import Face
from facegpt.generate.understood import without
from facegpt.language.glasses_wish import GlassesWish
from facegpt.language.hair_wish import HairLength, HairWish
from facegpt.language.head_request import HeadRequest, MillimetreGoal
from facegpt.language.headwear_wish import HeadwearWish
from facegpt.language.targets import ATTRIBUTES

#: Heads whose making is remembered until they are put on the shelf.
MOST_NOTED = 64
_ARRAYS = {"attribute_mean": float, "attribute_spread": float, "expression": float, "expression_named": bool}


@dataclass(frozen=True)
class Recipe:
    """How a head was made: from a request in words, new or on another head, or by settings on another head.

    Attributes:
        request: what the words asked for; None for settings. seed: decided about what they leave open.
        settings: of a change by numbers, as `changes.with_settings` takes them.
        unused: what of the words a head cannot show.
        left_out: parts of the request that were taken out again, as `understood` calls them, and of what is unused.
    """

    request: HeadRequest | None = None
    seed: int = 0
    settings: dict[str, Any] | None = None
    unused: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def made(self, model: FaceGPT, before: Face | None) -> Face:
        """The head of a request, on the head `before` if it is a change of one."""
        assert self.request is not None
        part = without(self.request, [label for label in self.left_out if label not in self.unused])
        if before is None:
            face = model.head_from(part, self.seed, self.request)
        else:
            face = model.changed(before, part, self.seed)
        told = [label for label in self.unused if label not in self.left_out]
        return replace(face, ignored=list(dict.fromkeys([*told, *face.ignored])))

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        told: dict[str, Any] = {"seed": self.seed, "settings": self.settings}
        told |= {"unused": list(self.unused), "left_out": list(self.left_out)}
        return {**told, "request": None if self.request is None else _told(self.request)}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Recipe:
        """What `to_json` gave."""
        request = None if told["request"] is None else _read(told["request"])
        return cls(request, told["seed"], told["settings"], tuple(told["unused"]), tuple(told["left_out"]))


def _told(request: HeadRequest) -> dict[str, Any]:
    """A request as JSON."""
    told = {one.name: getattr(request, one.name) for one in fields(request)}
    for name in _ARRAYS:
        told[name] = np.asarray(told[name]).tolist()
    told["millimetres"] = [asdict(goal) for goal in request.millimetres]
    told["hair"] = {"said": dict(request.hair.said), "lengths": [asdict(length) for length in request.hair.lengths]}
    told["glasses"] = None if request.glasses is None else asdict(request.glasses)
    told["headwear"] = None if request.headwear is None else asdict(request.headwear)
    loaded: dict[str, Any] = json.loads(json.dumps(told, default=float))
    return loaded


def _read(told: dict[str, Any]) -> HeadRequest:
    """A request from JSON."""
    hair = HairWish(told["hair"]["said"], tuple(HairLength(**one) for one in told["hair"]["lengths"]))
    read: dict[str, Any] = {name: np.array(told[name], kind) for name, kind in _ARRAYS.items()}
    read |= {
        "millimetres": tuple(MillimetreGoal(**one) for one in told["millimetres"]),
        "age_years": None if told["age_years"] is None else tuple(told["age_years"]),
        "peoples": tuple(told["peoples"]),
        "glasses": None if told["glasses"] is None else GlassesWish(**told["glasses"]),
        "headwear": None if told["headwear"] is None else HeadwearWish(**told["headwear"]),
    }
    for name, others in (("attribute_mean", 0.0), ("attribute_spread", 0.0 if told["is_edit"] else 1.0)):
        younger = len(ATTRIBUTES) - len(read[name])  # rows of the table that came after the request was kept
        read[name] = np.concatenate([read[name], np.full(younger, others)])
    return HeadRequest(**{**told, **read, "hair": hair})


@dataclass
class Notes:
    """What a model made of which request.

    Attributes:
        model: notes here what it makes, from now on.
    """

    model: FaceGPT
    _made: OrderedDict[int, tuple[Face, Recipe, Face | None]] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        make, change = self.model.head_from, self.model.changed

        def head_from(request: HeadRequest, seed: int = 0, whole: HeadRequest | None = None) -> Face:
            return self.note(make(request, seed, whole), Recipe(whole or request, seed), None)

        def changed(face: Face, request: HeadRequest, seed: int = 0) -> Face:
            return self.note(change(face, request, seed), Recipe(request, seed), face)

        vars(self.model).update(head_from=head_from, changed=changed)  # before those of its class

    def note(self, face: Face, recipe: Recipe, before: Face | None) -> Face:
        """Note how a head was made, and on which other one."""
        self._made[id(face.params)] = face, recipe, before  # the face keeps the number of its parameters its own
        while len(self._made) > MOST_NOTED:
            self._made.popitem(last=False)
        return face

    def of(self, face: Face) -> tuple[Recipe, Face | None] | None:
        """How a head was made, and the head that it is a change of; None if that is not known."""
        noted = self._made.get(id(face.params))
        return None if noted is None else noted[1:]
