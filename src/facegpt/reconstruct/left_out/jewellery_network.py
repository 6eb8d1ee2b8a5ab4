"""The network that sees jewellery, as onnxruntime runs it: first layers of the recogniser, and two layers of our own.

Those first layers (a quarter of the picture's side, 32 channels) know edges and gleams of real photos; a few thousand
drawn earrings and necklaces taught the rest (lab/runs/left_out/README.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from facegpt.assets import asset_path, load_arrays
from facegpt.encode import onnx_graph
from facegpt.encode.face_describer import WEIGHTS
from facegpt.encode.onnx_graph import Graph
from facegpt.runtime.start.kept_networks import open_made

if TYPE_CHECKING:
    from facegpt.encode.recognition import Layer, Residual

ASSET = "networks/jewellery.npz"
#: Blocks of the recogniser that are used; what is told of each cell beside their channels: beliefs and places.
BLOCKS, AROUND = 3, 7
#: Pixels between cells, and the middle of the first one, px from the picture's edge.
STEP_PX, FIRST_PX = 4, 5.5


@lru_cache(maxsize=4)
def jewellery_network(where: str, device: str = "cpu") -> Any:
    """The network for "ear" or "neck": colours (B, 3, H, W) 0..255 and around (B, 7, h, w) → log odds (B, N, h, w)."""
    sources = (asset_path(ASSET), asset_path(WEIGHTS), Path(__file__), Path(onnx_graph.__file__))
    return open_made(f"jewellery {where}", lambda: _written(where), sources, device=device)


def cells(length_px: int) -> int:
    """How many cells a side of so many pixels has: a filter of 7 at every second place, the best of three of these."""
    return ((length_px - 7) // 2 + 1 - 3) // 2 + 1


def _written(where: str) -> bytes:
    from facegpt.encode.recognition import FaceRecognition

    network, graph, arrays = FaceRecognition(), Graph(), load_arrays(ASSET)
    own = {name: arrays[f"{where}_{name}"].astype(np.float32) for name in ("first", "second", "last")}
    own |= {f"{name}_bias": arrays[f"{where}_{name}_bias"].astype(np.float32) for name in ("first", "second", "last")}
    count = own["last"].shape[0]
    colours = graph.add("Sub", "colours", graph.keep(network.mean.numpy()))
    colours = graph.add("Mul", colours, graph.keep(np.array([1 / 255], np.float32)))
    features = graph.add("Relu", _convolved(graph, colours, network.stem))
    features = graph.add("MaxPool", features, kernel_shape=[3, 3], strides=[2, 2])
    for each in list(network.blocks)[:BLOCKS]:
        block = cast("Residual", each)
        out = graph.add("Relu", _convolved(graph, features, block.first))
        features = graph.add("Relu", graph.add("Add", _convolved(graph, out, block.second), features))
    mean, sd = (arrays[name].astype(np.float32).reshape(1, -1, 1, 1) for name in ("mean", "sd"))
    features = graph.add("Div", graph.add("Sub", features, graph.keep(mean)), graph.keep(sd))
    seen = graph.add("Concat", features, "around", axis=1)
    first = graph.add("Conv", seen, *_kept(graph, own, "first"), pads=[1] * 4)
    second = graph.add(
        "Conv", graph.add("Relu", first), *_kept(graph, own, "second"), pads=[2] * 4, dilations=[2, 2], group=count
    )
    last = graph.add("Conv", graph.add("Relu", second), *_kept(graph, own, "last"), group=count)
    inputs: dict[str, Sequence[int | None]] = {"colours": (None, 3, None, None), "around": (None, AROUND, None, None)}
    return graph.written(inputs, last, (None, count, None, None))


def _kept(graph: Graph, arrays: dict[str, Any], name: str) -> tuple[str, str]:
    return graph.keep(arrays[name]), graph.keep(arrays[f"{name}_bias"])


def _convolved(graph: Graph, features: str, layer: Layer) -> str:
    weight, bias = (graph.keep(values.detach().cpu().numpy()) for values in (layer.weight, layer.bias))
    return graph.add("Conv", features, weight, bias, strides=[layer.stride] * 2, pads=[layer.padding] * 4)
