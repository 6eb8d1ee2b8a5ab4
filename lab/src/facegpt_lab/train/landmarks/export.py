"""The trained dense landmark network as an ONNX file: weights in float16, sums in float32."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from facegpt.encode.landmark_network import CROP, DETECTED, DenseLandmarkNetwork, NetworkSizes
from facegpt.runtime.extras import needed
from facegpt.types import FaceGPTError

OUTPUTS = ("points", "log_sigma", "visible", "identity", "identity_log_sd", "expression", "parts", "grid")
#: Weight arrays with fewer numbers than this stay in float32.
_SMALL = 256


def load_network(path: Path) -> DenseLandmarkNetwork:
    """Load network.safetensors of a training."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        sizes = json.loads((file.metadata() or {}).get("sizes", "null"))
        if sizes is None:
            raise FaceGPTError(f"'{path}' is not a dense landmark network")
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    sizes = {name: tuple(value) if isinstance(value, list) else value for name, value in sizes.items()}
    network = DenseLandmarkNetwork(NetworkSizes(**sizes))
    network.load_state_dict(tensors)
    return network.eval()


class _Outputs(nn.Module):
    """The network with the outputs of the ONNX file, in their order."""

    def __init__(self, network: DenseLandmarkNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor, detected: Tensor) -> tuple[Tensor, ...]:
        """What OUTPUTS names."""
        out = self.network(image, detected)
        return tuple(getattr(out, name) for name in OUTPUTS)


def export_onnx(network: DenseLandmarkNetwork, path: Path, identity_mirror: NDArray[np.floating]) -> None:
    """Write the network, for any number of faces at once; needs the package onnx.

    Args:
        network: in evaluation mode; batch norms are folded into the convolutions before them.
        path: of the file, which appears only whole.
        identity_mirror: (I,) what a mirror does to the sign of each coefficient; kept in the file's metadata.
    """
    onnx = needed("onnx", "writing the network")
    part = path.with_suffix(".part")
    inputs = (torch.zeros(2, 3, CROP, CROP), torch.zeros(2, DETECTED, 2))
    names = ["image", "detected"]
    axes = {name: {0: "faces"} for name in (*names, *OUTPUTS)}
    with torch.no_grad():
        torch.onnx.export(
            _Outputs(network).eval(),
            inputs,
            part,
            input_names=names,
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    model = onnx.load(part)
    weights_as_float16(model)
    entry = model.metadata_props.add()
    entry.key, entry.value = "identity_mirror", " ".join(f"{sign:g}" for sign in identity_mirror)
    onnx.checker.check_model(model)
    onnx.save(model, part)
    part.replace(path)


def weights_as_float16(model: object) -> None:
    """Store large float32 weights as float16, each with a cast back that the runtime does once at loading."""
    from onnx import TensorProto, helper, numpy_helper

    graph = model.graph  # type: ignore[attr-defined]
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _SMALL:
            continue
        name, values = tensor.name, numpy_helper.to_array(tensor)
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    for node in reversed(casts):
        graph.node.insert(0, node)


def export_windows(network: nn.Module, windows: Tensor, outputs: list[str], path: Path) -> None:
    """Write a network of windows (B, 3, H, W), named "image", as ONNX with weights in float16; needs onnx."""
    onnx = needed("onnx", "writing the network")
    part = path.with_suffix(".part")
    names: dict[str, list[str]] = {"input_names": ["image"], "output_names": outputs}
    axes = {name: {0: "faces"} for name in ("image", *outputs)}
    how = {"dynamic_axes": axes, "opset_version": 17, "dynamo": False}
    with torch.no_grad():
        torch.onnx.export(network.eval(), (windows,), part, **how, **names)  # type: ignore[arg-type]
    model = onnx.load(part)
    weights_as_float16(model)
    onnx.checker.check_model(model)
    onnx.save(model, part)
    part.replace(path)
