"""A face head that reads by definition: weights of each quantity are made from its definition's embedding.

Everything else is the packaged face head (`facegpt.language.model.face_head`). A quantity that was never trained is
read as soon as it has a line in `corpus/definitions.csv`. With `free`, each quantity has a part of its own besides.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.func import functional_call

from facegpt.language.model.face_head import FaceHead, FaceHeadOutput
from facegpt.language.targets import CLASSES

FILE = Path(__file__).parents[3] / "corpus/definitions.csv"
_LIKENESS, _SPREAD = 0.03, 0.03
_QUERY = 0.5
_POLES = ("low", "high")


@dataclass(frozen=True)
class Definitions:
    """Embeddings of what the quantities mean, centred, each of mean square 1.

    Attributes:
        middle: (K, D) mean of an attribute's two poles. side: (K, D) from the low pole to the high one.
        unit, emotion, measure, question: (E, D), (N, D), (M, D), (4, D).
    """

    middle: Tensor
    side: Tensor
    unit: Tensor
    emotion: Tensor
    measure: Tensor
    question: Tensor


def read_definitions(file: Path = FILE) -> list[dict[str, str]]:
    """The rows of the file: kind, name, and text of the low and the high pole (or the high one alone)."""
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def definitions_from(embedded: Tensor, kinds: list[str]) -> Definitions:
    """Sort and standardise the embeddings (rows, 2, D) of the file's lines."""
    of = {kind: embedded[[k for k, each in enumerate(kinds) if each == kind]] for kind in dict.fromkeys(kinds)}
    low, high = of["attribute"].unbind(1)
    single = {kind: of[kind][:, 1] for kind in ("unit", "emotion", "measure", "question")}
    middle, side = (low + high) / 2, (high - low) / 2
    common = torch.cat([middle, *single.values()]).mean(0)
    return Definitions(_unit(middle - common), _unit(side), *(_unit(each - common) for each in single.values()))


def _unit(x: Tensor) -> Tensor:
    return x / x.pow(2).mean(-1, keepdim=True).clamp_min(1e-8).sqrt()


class DefinitionHead(nn.Module):
    """See the module's text.

    Definitions go through the same first layer as the texts' tokens, so that a token that means the same is near from
    the start: each map begins as a multiple of the identity.

    Args:
        head: the packaged head. definitions: of all its quantities.
        free: whether a quantity also has weights of its own, which begin at zero.
    """

    def __init__(self, head: FaceHead, definitions: Definitions, free: bool = False) -> None:
        super().__init__()
        self.head, self.free = head, free
        for name, value in vars(definitions).items():
            self.register_buffer(name, value)
        width = head.enter.out_features
        names = (*_OF_SIDE, *_OF_MIDDLE, *_OTHERS, *(f"query {kind}" for kind, _ in _ASKING))
        self.maps = nn.ModuleDict({name: nn.Linear(width, width, bias=False) for name in names})
        self.bias = nn.ParameterDict({name: nn.Parameter(torch.zeros(())) for name in (*_OF_MIDDLE, *_OTHERS)})
        self._start(head)

    @torch.no_grad()
    def _start(self, head: FaceHead) -> None:
        """Near likeness, and with nothing said, as the packaged head begins."""
        for name, each in self.maps.items():
            nn.init.normal_(each.weight, std=_SPREAD * each.in_features**-0.5)
            scale = _QUERY if name.startswith("query") else (0.0 if name in _NOT_LIKE else _LIKENESS)
            each.weight += scale * torch.eye(each.in_features)
        self.bias["out open"].fill_(4.0)
        for name in ("asked", "gate", "number"):
            self.bias[name].fill_(-4.0)
        per_quantity = (head.votes, head.attribute_out, head.unit_out, head.measure_out)
        for parameter in (head.queries, *(own for each in per_quantity for own in each.parameters())):
            parameter.zero_()
        head.queries[self._general()] = torch.randn(len(self._general()), head.queries.shape[1]) * _QUERY
        head.number.out.bias[: head.sizes.measures] = 0.0

    def forward(
        self, states: Tensor, mask: Tensor, face_at: Tensor, is_edit: Tensor, numbers: Tensor
    ) -> FaceHeadOutput:
        """As FaceHead."""
        return functional_call(self.head, self._weights(), (states, mask, face_at, is_edit, numbers))

    def _weights(self) -> dict[str, Tensor]:
        """The head's parameters that belong to single quantities, by name."""
        code = {name: _unit(self.head.enter(getattr(self, name)) - self.head.enter.bias) for name in _GROUPS}
        return {**self._queries(code), **self._votes(code), **self._attributes(code), **self._others(code)}

    def _queries(self, code: dict[str, Tensor]) -> dict[str, Tensor]:
        own = self.head.queries
        general = own[self._general()]
        made = [self.maps[f"query {kind}"](code[name]) for kind, name in _ASKING]
        count = len(own) - len(general)
        named = torch.cat(made[:3]) + self._own(own[:count])
        asked = slice(4, 4 + len(made[3]))  # sex, age, emotion, decline stand before what is asked, "keep" behind
        middle = made[3] + self._own(general[asked])
        return {"queries": torch.cat([named, general[: asked.start], middle, general[asked.stop :]])}

    def _general(self) -> list[int]:
        s = self.head.sizes
        first = s.attributes + s.expression + s.measures
        return list(range(first, len(self.head.queries)))

    def _own(self, parameter: Tensor) -> Tensor:
        return parameter if self.free else torch.zeros_like(parameter)

    def _classes(self, code: dict[str, Tensor], where: str) -> tuple[Tensor, Tensor]:
        """Weights (K, width, classes) of an attribute's classes and their biases (classes,), "vote" or "out"."""
        middle, side = code["middle"], code["side"]
        said, less = self.maps[f"{where} said"](middle), self.maps[f"{where} side"](side)
        denied, not_side = self.maps[f"{where} not"](middle), self.maps[f"{where} not side"](side)
        by_class = {
            "open": self.maps[f"{where} open"](middle),
            "low": said - less,
            "average": self.maps[f"{where} average"](middle),
            "high": said + less,
            "not high": denied + not_side,
            "not low": denied - not_side,
        }
        bias = {name: self.bias[f"{where} {_BIAS[name]}"] for name in CLASSES}
        return torch.stack([by_class[name] for name in CLASSES], 2), torch.stack([bias[name] for name in CLASSES])

    def _votes(self, code: dict[str, Tensor]) -> dict[str, Tensor]:
        weight, bias = self._classes(code, "vote")
        unit, emotion = self.maps["unit vote"](code["unit"]), self.maps["emotion vote"](code["emotion"])
        rows = torch.cat([weight.transpose(1, 2).flatten(0, 1), unit, emotion])
        biases = [bias.repeat(len(weight)), self.bias["unit vote"].expand(len(unit))]
        biases.append(self.bias["emotion vote"].expand(len(emotion)))
        own = self.head.votes
        return {"votes.weight": rows + self._own(own.weight), "votes.bias": torch.cat(biases) + self._own(own.bias)}

    def _attributes(self, code: dict[str, Tensor]) -> dict[str, Tensor]:
        weight, bias = self._classes(code, "out")
        rest = [self.maps[name](code["middle"]) for name in ("size", "spread", "asked")]
        weight = torch.cat([weight, torch.stack(rest, 2)], 2)
        bias = torch.cat([bias, torch.stack([self.bias[name] for name in ("size", "spread", "asked")])])
        own = self.head.attribute_out
        return {
            "attribute_out.weight": weight + self._own(own.weight),
            "attribute_out.bias": bias.expand(len(weight), -1) + self._own(own.bias),
        }

    def _others(self, code: dict[str, Tensor]) -> dict[str, Tensor]:
        head = self.head
        unit = torch.stack([self.maps[name](code["unit"]) for name in ("gate", "weight")], 2)
        unit_bias = torch.stack([self.bias["gate"], self.bias["weight"]]).expand(len(unit), -1)
        measure = self.maps["asked"](code["measure"])[..., None]
        measure_bias = self.bias["asked"].expand(len(measure), 1)
        made = {
            "unit_out.weight": unit + self._own(head.unit_out.weight),
            "unit_out.bias": unit_bias + self._own(head.unit_out.bias),
            "measure_out.weight": measure + self._own(head.measure_out.weight),
            "measure_out.bias": measure_bias + self._own(head.measure_out.bias),
        }
        for k, name in enumerate(("expression", "age_years", "unusual", "count")):
            made[f"general_out.{name}.weight"] = self.maps["asked"](code["question"][k : k + 1])
            made[f"general_out.{name}.bias"] = self.bias["asked"][None]
        own = head.general_out["emotion"]  # its first row ("nothing is named") and intensity have no definition
        emotion = self.maps["emotion"](code["emotion"])[1:]
        made["general_out.emotion.weight"] = torch.cat([own.weight[:1], emotion, own.weight[-1:]])
        number = self.maps["number"](code["measure"])
        made["number.out.weight"] = torch.cat([number, head.number.out.weight[len(number) :]])
        bias = head.number.out.bias
        made["number.out.bias"] = torch.cat([self.bias["number"].expand(len(number)), bias[len(number) :]])
        return made


_OF_SIDE = ("vote side", "vote not side", "out side", "out not side")
_OF_MIDDLE = tuple(f"{where} {what}" for where in ("vote", "out") for what in ("open", "said", "average", "not"))
_OTHERS = ("size", "spread", "asked", "unit vote", "gate", "weight", "emotion vote", "emotion", "number")
_GROUPS = ("middle", "side", "unit", "emotion", "measure", "question")
_ASKING = (("attribute", "middle"), ("unit", "unit"), ("measure", "measure"), ("question", "question"))
_BIAS = {"open": "open", "low": "said", "average": "average", "high": "said", "not high": "not", "not low": "not"}
#: Of these likeness says nothing.
_NOT_LIKE = frozenset({"vote open", "out open", "size", "spread", "weight"})
