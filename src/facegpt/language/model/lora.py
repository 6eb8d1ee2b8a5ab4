"""Low-rank adapters (Hu et al. 2021) on linear layers of a base model whose own parameters stay as they are.

They can be silent for a pass, as activated adapters are (Greenewald et al. 2025): what a base says of other matters is
then its own, word for word.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

#: The linear layers of a decoder block that get an adapter: attention and feed-forward.
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")

#: A text of a batch, or some tokens of one.
Row = int | tuple[int, slice]


class LowRank(nn.Module):
    """The product of two thin matrices: x (…, in) → scale · x Aᵀ Bᵀ (…, out); zero at the start."""

    def __init__(self, inputs: int, outputs: int, rank: int, scale: float) -> None:
        super().__init__()
        self.down = nn.Parameter(torch.empty(rank, inputs))
        self.up = nn.Parameter(torch.zeros(outputs, rank))
        self.scale = scale
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        """What is added to the layer's output."""
        return (x @ self.down.T * self.scale) @ self.up.T

    def add_to(self, output: Tensor, x: Tensor) -> None:
        """Add it in place, of x (T, in) to output (T, out): half the time of a sum, but nothing learns from it."""
        output.addmm_(x @ self.down.T, self.up.T, alpha=self.scale)


class Adapters(nn.ModuleDict):
    """One LowRank for each chosen linear layer. They act by hooks, so the base keeps its names and its weights.

    Args:
        base: the model to adapt.
        rank: of each adapter. alpha: its scale is alpha / rank.
        first_layer: blocks before this one get none.
        targets: endings of the names of the layers.

    Attributes:
        of_layers: the adapter of a linear layer, by its decoder layer and its own name.
    """

    def __init__(
        self,
        base: nn.Module,
        rank: int = 16,
        alpha: float = 32.0,
        first_layer: int = 0,
        targets: Iterable[str] = TARGETS,
    ) -> None:
        super().__init__()
        self.acting = True
        self._row: Row | None = None
        self.of_layers: dict[tuple[int, str], LowRank] = {}
        endings = tuple(targets)
        for name, layer in base.named_modules():
            if isinstance(layer, nn.Linear) and name.endswith(endings) and _in_decoder(name, first_layer):
                adapter = LowRank(layer.in_features, layer.out_features, rank, alpha / rank)
                self[name.replace(".", "/")] = adapter
                self.of_layers[_place(name)] = adapter
                layer.register_forward_hook(self._hook(adapter))

    def _hook(self, adapter: LowRank) -> Any:
        def add(_: nn.Module, arguments: tuple[Tensor, ...], output: Tensor) -> Tensor | None:
            if not self.acting:
                return None
            if self._row is None:
                return output + adapter(arguments[0])
            adapter.add_to(output[self._row], arguments[0][self._row])
            return None

        return add

    @contextmanager
    def acting_if(self, wanted: bool, row: Row | None = None) -> Iterator[None]:
        """Inside, the adapters act or are silent; afterwards as before.

        Args:
            wanted: whether they act.
            row: the only text of a batch, or the only tokens of one, that they act on (where nothing is learnt);
                None: all.
        """
        before, (self.acting, self._row) = (self.acting, self._row), (wanted, row)
        try:
            yield
        finally:
            self.acting, self._row = before


def _in_decoder(name: str, first_layer: int) -> bool:
    """Whether "model.layers.12.mlp.up_proj" is in a decoder block from `first_layer` on; no vision tower's."""
    parts = name.split(".")
    if any("vision" in part or "visual" in part for part in parts) or "layers" not in parts:
        return False
    return _place(name)[0] >= first_layer


def _place(name: str) -> tuple[int, str]:
    """The decoder layer of "model.layers.12.mlp.up_proj" and its own name there."""
    parts = name.split(".")
    return int(parts[parts.index("layers") + 1]), parts[-1]
