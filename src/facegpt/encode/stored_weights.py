"""The weights in a network's ONNX file, by name, and the file with some of them changed.

The file's few kinds of records are read here, so that tuning needs no package for a format that onnxruntime reads too.
Weights are changed in the file's own bytes before onnxruntime sees them: what it is told to replace later it has folded
away by then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.types import AssetError

PREFIX, HALF = "network.", "_half"
#: Kinds of numbers in the file (TensorProto.DataType) that weights have.
_TYPES = {1: np.float32, 10: np.float16}
#: Numbers of the fields that are read: of the model, the graph, a node and a tensor (onnx.proto3).
_GRAPH, _NODE, _INITIALIZER = 7, 1, 5
_INPUT, _NAME, _KIND = 1, 3, 4
_SIZES, _TYPE, _TENSOR_NAME, _DATA = 1, 2, 8, 9


@dataclass(frozen=True)
class StoredWeights:
    """A network's file.

    Attributes:
        arrays: of each weight, by its name in the file. convolutions: names of the folded ones' weights, in order.
        products: by layer, the names of nameless matrices.
    """

    arrays: dict[str, NDArray[Any]]
    convolutions: tuple[str, ...]
    products: dict[str, str]

    def name_of(self, parameter: str) -> str:
        """What the file calls a parameter of the network; products are stored transposed."""
        layer = parameter.removeprefix("point_head.").removesuffix(".weight")
        name = self.products.get(layer, PREFIX + parameter)
        return name if name in self.arrays else name + HALF


def stored_weights(path: Path) -> StoredWeights:
    """Read a file. Raises AssetError if it is damaged or another kind of file."""
    try:
        graph = dict(_fields(path.read_bytes()))[_GRAPH]
        arrays, convolutions, products = {}, [], {}
        for field, value in _fields(graph):
            if field == _INITIALIZER:
                name, array, _ = _tensor(value)
                arrays[name] = array.copy()
            elif field == _NODE:
                kind, name, inputs = _node(value)
                if kind == "Conv" and not inputs[1].startswith(PREFIX):
                    convolutions.append(inputs[1])
                if kind == "MatMul" and inputs[1].startswith("onnx::"):
                    products[name.split("/")[-2]] = inputs[1]
    except (OSError, KeyError, IndexError, ValueError) as error:
        raise AssetError(f"'{path}' is no network that can be read ({error})") from None
    return StoredWeights(arrays, tuple(convolutions), products)


def changed_file(path: Path, changes: dict[str, NDArray[Any]]) -> bytes:
    """What is in a file when some weights take the place of others of the same name, type and shape.

    Raises:
        AssetError: if the file is damaged or has no such weights.
    """
    data, left = bytearray(path.read_bytes()), set(changes)
    try:
        for field, value in _fields(dict(_fields(data))[_GRAPH]):
            if field != _INITIALIZER:
                continue
            name, array, raw = _tensor(value)
            if name in left:
                wanted = np.asarray(changes[name])
                if (wanted.dtype, wanted.shape) != (array.dtype, array.shape):
                    there = f"in '{path}' {array.dtype} {array.shape}"
                    raise AssetError(f"the weights '{name}' are {wanted.dtype} {wanted.shape}, {there}")
                raw[:] = wanted.tobytes()
                left.discard(name)
    except (KeyError, IndexError, ValueError) as error:
        raise AssetError(f"'{path}' is no network that can be read ({error})") from None
    if left:
        raise AssetError(f"'{path}' has no weights {', '.join(sorted(left))}")
    return bytes(data)


def _fields(data: bytes | bytearray | memoryview) -> Iterator[tuple[int, Any]]:
    """Number and value of each field of a protocol buffer: integers, or the bytes of all else."""
    view, at = memoryview(data), 0
    while at < len(view):
        key, at = _varint(view, at)
        field, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(view, at)
            yield field, value
            continue
        size = {1: 8, 5: 4}.get(wire)
        if size is None:
            if wire != 2:
                raise ValueError(f"a field of the unknown kind {wire}")
            size, at = _varint(view, at)
        if at + size > len(view):
            raise ValueError("it ends early")
        yield field, view[at : at + size]
        at += size


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = view[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _tensor(data: memoryview) -> tuple[str, NDArray[Any], memoryview]:
    """Name and numbers of a weight, and the bytes that these are."""
    sizes: list[int] = []
    kind, name, raw = 0, "", memoryview(b"")
    for field, value in _fields(data):
        if field == _SIZES:
            sizes += [value] if isinstance(value, int) else _varints(value)
        elif field == _TYPE:
            kind = value
        elif field == _TENSOR_NAME:
            name = bytes(value).decode()
        elif field == _DATA:
            raw = value
    return name, np.frombuffer(raw, _TYPES[kind]).reshape(sizes), raw


def _varints(data: memoryview) -> list[int]:
    out, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        out.append(value)
    return out


def _node(data: memoryview) -> tuple[str, str, list[str]]:
    """Kind, name and inputs of a node."""
    kind, name, inputs = "", "", []
    for field, value in _fields(data):
        if field == _INPUT:
            inputs.append(bytes(value).decode())
        elif field == _NAME:
            name = bytes(value).decode()
        elif field == _KIND:
            kind = bytes(value).decode()
    return kind, name, inputs
