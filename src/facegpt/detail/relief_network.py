"""The network of the skin's relief by onnxruntime: what `DetailNetwork` draws, without torch and its slopes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.assets import asset_path
from facegpt.detail.fold_groups import GROUPS
from facegpt.detail.observation import CHANNELS
from facegpt.detail.skin_window import HEIGHT, WIDTH, Maps
from facegpt.encode import onnx_graph
from facegpt.encode.onnx_graph import Graph
from facegpt.runtime.arrays import read_arrays
from facegpt.runtime.start.kept_networks import open_made
from facegpt.types import Array, AssetError

ASSET = "networks/detail.npz"
#: Features at each level; the first works at half the window's resolution.
FEATURES = (24, 40, 64, 96)
#: No displacement exceeds this, mm.
LARGEST_MM = 3.0
#: What comes with a network, beside its weights, and its shapes.
FIELDS = {
    **{name: (HEIGHT, WIDTH) for name in ("mask", "left")},
    **{name: (len(GROUPS), HEIGHT, WIDTH) for name in ("regions", "folds")},
}
Weights = Mapping[str, NDArray[np.float32]]


class ReliefNetwork:
    """Observations (CHANNELS, HEIGHT, WIDTH) → displacement (HEIGHT, WIDTH) mm. Safe to use from several threads.

    Attributes:
        mask: (HEIGHT, WIDTH), where detail may live. regions, folds: (K, HEIGHT, WIDTH), left: (HEIGHT, WIDTH): see
            DetailNetwork.
    """

    def __init__(self, path: Path) -> None:
        """Read the network of a file; it is opened when it is first run. Raises AssetError if there is none in it."""
        self._path, self._weights = path, read_weights(path)
        self.mask, self.left, self.regions, self.folds = (self._weights.pop(name) for name in FIELDS)

    @cached_property
    def _session(self) -> Any:
        programs = (Path(__file__), Path(onnx_graph.__file__))
        try:
            return open_made("relief", partial(written, self._weights), (self._path, *programs))
        except Exception as error:  # onnxruntime raises many kinds, all of its own
            raise AssetError(f"{self._path} holds no detail network ({error})") from None

    def displacement(self, channels: Array) -> Maps:
        """The displacement (HEIGHT, WIDTH), mm, before the mask. Raises AssetError if the network cannot be opened."""
        drawn = self._session.run(None, {"channels": with_slopes(channels)[None]})[0][0, 0]
        return np.asarray(LARGEST_MM * np.tanh(drawn / LARGEST_MM), np.float32)


def with_slopes(channels: Array) -> Maps:
    """Observations (C, H, W) with what a slope must be for the light to explain the brightness: (C + 2, H, W)."""
    slopes = channels[:3].mean(0) * channels[5:7]
    return np.concatenate([channels, slopes]).astype(np.float32, copy=False)


def read_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """The arrays of a network that training wrote (.safetensors), or of the shipped one (.npz, half the size).

    Raises:
        AssetError: if the file does not hold one.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        kept = read_arrays(path) if path.suffix == ".npz" else load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise AssetError(f"{path} holds no detail network ({error})") from None
    weights = {name: np.asarray(values, np.float32) for name, values in kept.items()}
    if any(name not in weights or weights[name].shape != shape for name, shape in FIELDS.items()):
        raise AssetError(f"{path} holds no detail network (it lacks {', '.join(FIELDS)} of the window's shape)")
    return weights


def written(weights: Weights) -> bytes:
    """The network as a file of onnxruntime's: channels and slopes in, the displacement before its limit out."""
    graph, count = Graph(), CHANNELS + 2
    # SpaceToDepth counts a block's pixels before the channels, torch's pixel_unshuffle the other way round.
    first = weights["enter.0.weight"]
    first = first.reshape(len(first), count, 4, 3, 3).transpose(0, 2, 1, 3, 4).reshape(first.shape)
    halved = graph.add("SpaceToDepth", "channels", blocksize=2)
    features = _block(graph, {**weights, "enter.0.weight": first}, "enter", halved)
    levels = [features]
    for k in range(len(FEATURES) - 1):
        features = graph.add("AveragePool", features, kernel_shape=[2, 2], strides=[2, 2])
        features = _block(graph, weights, f"down.{k}", features)
        levels.append(features)
    doubled = graph.keep(np.array([1, 1, 2, 2], np.float32))
    for k, level in enumerate(levels[-2::-1]):
        features = graph.add("Concat", graph.add("Resize", features, "", doubled), level, axis=1)
        features = _block(graph, weights, f"up.{k}", features)
    drawn = graph.add("DepthToSpace", _convolved(graph, weights, "leave", features), blocksize=2)
    return graph.written({"channels": (1, count, HEIGHT, WIDTH)}, drawn, (1, 1, HEIGHT, WIDTH))


def _block(graph: Graph, weights: Weights, name: str, features: str) -> str:
    """Two convolutions, each with SiLU."""
    for layer in (0, 2):
        features = _convolved(graph, weights, f"{name}.{layer}", features)
        features = graph.add("Mul", features, graph.add("Sigmoid", features))
    return features


def _convolved(graph: Graph, weights: Weights, name: str, features: str) -> str:
    weight, bias = (graph.keep(weights[f"{name}.{part}"]) for part in ("weight", "bias"))
    return graph.add("Conv", features, weight, bias, pads=[1, 1, 1, 1])


_chosen: list[Path] = []


def choose_file(path: Path | None) -> None:
    """Take the network of a file instead of the shipped one, in this process; None: the latter."""
    _chosen[:] = [] if path is None else [Path(path)]


def chosen_file() -> Path:
    """The file of the network in use."""
    return _chosen[0] if _chosen else asset_path(ASSET)


def relief_network() -> ReliefNetwork:
    """The network in use, opened once: the shipped one, or that of `network.use_network`."""
    return _opened(chosen_file())


@lru_cache(maxsize=2)
def _opened(path: Path) -> ReliefNetwork:
    return ReliefNetwork(path)
