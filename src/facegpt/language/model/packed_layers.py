"""Linear layers of a base whose weights stand in the order that oneDNN multiplies by: for reading alone, on processors.

torch multiplies by MKL, which brings the weights into its own order for every pass over a few tokens.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

#: Tokens of a pass for which the order of the weights is chosen; others take the same.
_TOKENS = 32


class PackedLinear(nn.Linear):
    """A linear layer (…, in) → (…, out) without a gradient: the layer that it was, but for rounding.

    Args:
        layer: on a processor. It is not changed.
    """

    def __init__(self, layer: nn.Linear) -> None:
        nn.Module.__init__(self)
        self.in_features, self.out_features, self.bias = layer.in_features, layer.out_features, layer.bias
        self._packed = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach().float(), _TOKENS)

    def __getattr__(self, name: str) -> Tensor | nn.Module:
        if name == "weight":  # whoever reads or saves a layer finds what it learnt
            return self._packed.to_dense()
        return super().__getattr__(name)

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        destination[f"{prefix}weight"] = self.weight

    def forward(self, x: Tensor) -> Tensor:
        """The layer's output."""
        return torch.ops.mkldnn._linear_pointwise(x, self._packed, self.bias, "none", [], "")


def can_pack() -> bool:
    """Whether this torch multiplies by packed weights."""
    names = ("_reorder_linear_weight", "_linear_pointwise")
    return torch.backends.mkldnn.is_available() and all(hasattr(torch.ops.mkldnn, name) for name in names)


def pack(base: nn.Module) -> None:
    """Put packed layers in the place of all linear layers of a base; hooks on these are lost."""
    places = [(part, name) for part in base.modules() for name, child in part.named_children() if _is_linear(child)]
    for part, name in places:  # none is held, so that each goes before the next is packed
        setattr(part, name, PackedLinear(getattr(part, name)))


def _is_linear(layer: nn.Module) -> bool:
    return type(layer) is nn.Linear
