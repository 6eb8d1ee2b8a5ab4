"""The recognition network by onnxruntime: the same descriptors as of `FaceRecognition` in half the time, no slopes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import asset_path
from facegpt.encode import onnx_graph
from facegpt.encode.face_chips import CHIP_PX
from facegpt.encode.onnx_graph import Graph
from facegpt.runtime.onnx_session import open_session
from facegpt.runtime.start.kept_networks import open_made
from facegpt.types import Array

if TYPE_CHECKING:
    from facegpt.encode.recognition import FaceRecognition, Layer, Residual

#: The network's weights, and the numbers of a descriptor.
WEIGHTS, DESCRIPTOR = "face_recognition.npz", 128


class FaceDescriber:
    """Chips (B, 150, 150, 3) uint8 sRGB → descriptors (B, 128) float32. Safe to call from several threads."""

    def __init__(self, device: str = "cpu", network: FaceRecognition | None = None) -> None:
        """Write the network down and open it. device: "cpu", or "cuda:N"; network: with other weights."""
        own, programs = asset_path(WEIGHTS), (Path(__file__), Path(onnx_graph.__file__))
        self._session = (
            open_made("describer", _own_network, (own, *programs), device=device)
            if network is None
            else open_session(written(network), device=device)
        )

    def __call__(self, chips: NDArray[np.uint8]) -> Array:
        """Describe chips: of one person's pictures descriptors are mostly less than 0.6 apart."""
        planes = np.ascontiguousarray(np.asarray(chips).transpose(0, 3, 1, 2), np.float32)
        return np.asarray(self._session.run(None, {"chips": planes})[0])


@lru_cache(maxsize=2)
def face_describer(device: str = "cpu") -> FaceDescriber:
    """The package's network; the same object each time for a device."""
    return FaceDescriber(device)


def _own_network() -> bytes:
    from facegpt.encode.recognition import FaceRecognition

    return written(FaceRecognition())


def written(network: FaceRecognition) -> bytes:
    """The network as a file of onnxruntime's."""
    graph, side = Graph(), CHIP_PX
    chips = graph.add("Sub", "chips", graph.keep(network.mean.numpy()))
    stem = _convolved(graph, graph.add("Mul", chips, graph.keep(np.array([1 / 255], np.float32))), network.stem)
    features = graph.add("MaxPool", graph.add("Relu", stem), kernel_shape=[3, 3], strides=[2, 2])
    side, count = _side(_side(side, network.stem.weight.shape[2]), 3), len(network.stem.weight)
    for each in network.blocks:
        block = cast("Residual", each)
        out = _convolved(graph, graph.add("Relu", _convolved(graph, features, block.first)), block.second)
        if block.down:  # what the two ways have less of is zero in them
            features = graph.add("AveragePool", features, kernel_shape=[2, 2], strides=[2, 2])
            more, wider = len(block.second.weight) - count, side // 2 - _side(side, 3)
            out = _padded(graph, out, 0, wider)
            features = _padded(graph, features, more, 0)
            side, count = side // 2, count + more
        features = graph.add("Relu", graph.add("Add", out, features))
    mean = graph.add("ReduceMean", features, axes=[2, 3], keepdims=0)
    descriptor = graph.add("MatMul", mean, graph.keep(network.last.numpy()))
    return graph.written({"chips": (None, 3, CHIP_PX, CHIP_PX)}, descriptor, (None, DESCRIPTOR))


def _side(before: int, filter_px: int) -> int:
    """What every second place of a filter leaves of a side."""
    return (before - filter_px) // 2 + 1


def _convolved(graph: Graph, features: str, layer: Layer) -> str:
    weight, bias = (graph.keep(values.detach().cpu().numpy()) for values in (layer.weight, layer.bias))
    return graph.add("Conv", features, weight, bias, strides=[layer.stride] * 2, pads=[layer.padding] * 4)


def _padded(graph: Graph, features: str, channels: int, sides: int) -> str:
    """The features with so many zeros after their channels, and after their rows and columns."""
    if not (channels or sides):
        return features
    return graph.add("Pad", features, graph.keep(np.array([0, 0, 0, 0, 0, channels, sides, sides])))
