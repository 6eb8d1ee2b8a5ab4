"""The few records of a TFLite file that a conversion needs: operators, tensors and their numbers.

Read with the package flatbuffers, which onnxruntime brings along; field numbers are those of TFLite's schema.fbs.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from flatbuffers import number_types
from flatbuffers.table import Table
from numpy.typing import NDArray

#: Builtin operators by number (schema.fbs: BuiltinOperator).
NAMES = {0: "add", 2: "concatenation", 3: "conv_2d", 4: "depthwise_conv_2d", 54: "prelu"}
CUSTOM = 32


class Record:
    """One table of the file; fields are asked for by number."""

    def __init__(self, data: bytes, position: int) -> None:
        self._table = Table(data, position)

    def _offset(self, field: int) -> int:
        return int(self._table.Offset(4 + 2 * field))

    def number(self, field: int, kind: Any = number_types.Int32Flags, default: int = 0) -> int:
        """A number; `default` where the file leaves it out."""
        offset = self._offset(field)
        return int(self._table.Get(kind, offset + self._table.Pos)) if offset else default

    def text(self, field: int) -> str:
        """A string; empty where the file has none."""
        offset = self._offset(field)
        return self._table.String(offset + self._table.Pos).decode() if offset else ""

    def record(self, field: int) -> Record:
        """A table within."""
        return Record(self._table.Bytes, self._table.Indirect(self._offset(field) + self._table.Pos))

    def records(self, field: int) -> list[Record]:
        """A list of tables."""
        offset = self._offset(field)
        start = self._table.Vector(offset)
        return [
            Record(self._table.Bytes, self._table.Indirect(start + 4 * k)) for k in range(self._table.VectorLen(offset))
        ]

    def array(self, field: int, kind: str) -> NDArray[Any]:
        """A list of numbers; empty where the file has none."""
        offset = self._offset(field)
        if not offset:
            return np.zeros(0, kind)
        return np.frombuffer(self._table.Bytes, kind, self._table.VectorLen(offset), self._table.Vector(offset))


@dataclass(frozen=True)
class Operator:
    """One step: its kind (NAMES, or the custom one's own name), tensors by number, and its settings."""

    kind: str
    inputs: list[int]
    outputs: list[int]
    record: Record


class TfliteFile:
    """The first graph of a file with float32 weights."""

    def __init__(self, data: bytes) -> None:
        model = Record(data, struct.unpack_from("<I", data)[0])
        graph = model.records(2)[0]
        self._tensors, self._buffers = graph.records(0), model.records(4)
        kinds = [self._kind(code) for code in model.records(1)]
        self.inputs, self.outputs = (graph.array(field, "<i4").tolist() for field in (1, 2))
        self.operators = [
            Operator(
                kinds[step.number(0, number_types.Uint32Flags)],
                step.array(1, "<i4").tolist(),
                step.array(2, "<i4").tolist(),
                step,
            )
            for step in graph.records(3)
        ]

    @staticmethod
    def _kind(code: Record) -> str:
        number = max(code.number(0, number_types.Int8Flags), code.number(3))
        return code.text(1) if number == CUSTOM else NAMES[number]

    def shape(self, tensor: int) -> list[int]:
        """Shape of a tensor, channels last."""
        return self._tensors[tensor].array(0, "<i4").tolist()

    def values(self, tensor: int) -> NDArray[np.float32]:
        """The stored numbers of a tensor."""
        record = self._tensors[tensor]
        if record.number(1, number_types.Int8Flags):
            raise ValueError(f"tensor {tensor} is not float32")
        data = self._buffers[record.number(2, number_types.Uint32Flags)].array(0, "u1")
        return data.view("<f4").reshape(self.shape(tensor))
