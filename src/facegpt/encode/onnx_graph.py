"""Networks written down for onnxruntime from weights that lie in files of our own, without a package for its format.

Only what such networks need of onnx.proto3 is written: nodes with whole numbers as attributes, and arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

#: Versions of the format and of its operators.
FORMAT, OPERATORS = 8, 13
#: Kinds of numbers (TensorProto.DataType).
_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
#: Kinds of attributes (AttributeProto.AttributeType): a whole number, several.
_INT, _INTS = 2, 7


@dataclass
class Graph:
    """A network as it is put together: each call adds one operation, or one array, and gives the name of its value."""

    _nodes: list[bytes] = field(default_factory=list)
    _arrays: list[bytes] = field(default_factory=list)

    def add(self, kind: str, *inputs: str, **attributes: int | Sequence[int]) -> str:
        """Add an operation on values; attributes are whole numbers, or several."""
        name = f"{kind}_{len(self._nodes)}"
        node = b"".join(_text(1, one) for one in inputs) + _text(2, name) + _text(4, kind)
        self._nodes.append(node + b"".join(_bytes(5, _attribute(key, value)) for key, value in attributes.items()))
        return name

    def keep(self, array: NDArray[np.generic]) -> str:
        """Add an array."""
        name = f"array_{len(self._arrays)}"
        values = np.ascontiguousarray(array)
        sizes = b"".join(_number(1, size) for size in array.shape)
        told = sizes + _number(2, _TYPES[values.dtype.name]) + _text(8, name) + _bytes(9, values.tobytes())
        self._arrays.append(told)
        return name

    def written(self, inputs: dict[str, Sequence[int | None]], output: str, shape: Sequence[int | None]) -> bytes:
        """The network's file: float32 inputs by their shapes, None for any size, and the one value that comes out."""
        graph = b"".join(_bytes(1, node) for node in self._nodes) + _text(2, "network")
        graph += b"".join(_bytes(5, array) for array in self._arrays)
        graph += b"".join(_bytes(11, _value(name, sizes)) for name, sizes in inputs.items())
        graph += _bytes(12, _value(output, shape))
        return _number(1, FORMAT) + _bytes(7, graph) + _bytes(8, _text(1, "") + _number(2, OPERATORS))


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, _INT)
    return _text(1, name) + b"".join(_number(8, one) for one in value) + _number(20, _INTS)


def _value(name: str, shape: Sequence[int | None]) -> bytes:
    """What is told of an input or output: its name, that it is of float32, and its shape."""
    sizes = [_text(2, f"{name}_{k}") if size is None else _number(1, size) for k, size in enumerate(shape)]
    tensor = _number(1, _TYPES["float32"]) + _bytes(2, b"".join(_bytes(1, size) for size in sizes))
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _text(number: int, text: str) -> bytes:
    return _bytes(number, text.encode())


def _bytes(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    """A whole number in sevens of bits, the lowest first; negative ones as of 64 bits."""
    left, out = value & (1 << 64) - 1, bytearray()
    while left > 127:
        out.append(left & 127 | 128)
        left >>= 7
    out.append(left)
    return bytes(out)
