"""The dense landmark network back from its ONNX file, for tuning; and what was tuned, by the file's own names.

Batch norms are folded into the convolutions before them when the file is written: here each adds the folded shift and
changes nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from facegpt.encode.landmark_network import Convolution, DenseLandmarkNetwork, NetworkSizes
from facegpt.encode.stored_weights import HALF, PREFIX, StoredWeights, stored_weights
from facegpt.types import AssetError


def stored_network(path: Path, weights: StoredWeights | None = None) -> DenseLandmarkNetwork:
    """The network of a file. Raises AssetError if it is of another make."""
    weights = weights or stored_weights(path)
    known = {name.removesuffix(HALF): torch.from_numpy(a.astype(np.float32)) for name, a in weights.arrays.items()}
    network = DenseLandmarkNetwork(NetworkSizes(len(known[f"{PREFIX}mean_points"]))).eval()
    own = network.state_dict()
    named = {name.removeprefix(PREFIX): value for name, value in known.items() if name.startswith(PREFIX)}
    named |= {f"point_head.{name}.weight": known[key].T.contiguous() for name, key in weights.products.items()}
    layers = [module for module in network.modules() if isinstance(module, Convolution)]
    with torch.no_grad():
        for layer, name in zip(layers, weights.convolutions, strict=True):
            convolution, norm = norm_of(layer)
            convolution.weight.copy_(known[name])
            norm.bias.copy_(known[f"onnx::Conv_{int(name.rsplit('_', 1)[1]) + 1}"])
            norm.running_var.fill_(1 - norm.eps)
        for name, value in named.items():
            own[name].copy_(value)
    folded = ("trunk.", "smooth.", "reduce.")
    left = {name for name in own if name not in named and not any(part in name for part in folded)}
    if left:
        raise AssetError(f"'{path}' is of another make of network: it has no {', '.join(sorted(left))}")
    return network


def norm_of(layer: Convolution) -> tuple[nn.Conv2d, Any]:
    """Convolution and norm of a layer."""
    return layer[0], layer[1]  # type: ignore[return-value]


def as_stored(weights: StoredWeights, parameter: str, value: Tensor) -> tuple[str, NDArray[Any]]:
    """A tuned parameter as the file has it: its name there, and its numbers in the file's type."""
    name = weights.name_of(parameter)
    array = value.detach().numpy()
    array = array.T if name.startswith("onnx::MatMul") else array
    return name, np.ascontiguousarray(array, weights.arrays[name].dtype)
