"""The numbers and pictures of a glTF file: one binary buffer, and the views and accessors that point into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from facegpt.render.scalar import KERNEL, ZERO
from facegpt.types import Array

FLOAT, UINT8, UINT16, UINT32 = 5126, 5121, 5123, 5125
VERTEX_DATA, INDEX_DATA = 34962, 34963
#: Bytes of a row of the zeros that sparse accessors start from.
_ZERO_ROW = 24


@dataclass(frozen=True)
class Picture:
    """A picture of the file: its name, its bytes, and "image/png" or "image/jpeg"."""

    name: str
    data: bytes
    mime: str


class Buffer:
    """What is gathered while a file is built; pictures stay apart until it is known whether they are embedded.

    Attributes:
        all_rows: whether `moves` stores every row, or only those that are not zero.
        parts: the numbers' bytes piece by piece, `size` in all; arrays are not copied, so that nobody may change them.
    """

    def __init__(self, all_rows: bool = False) -> None:
        self.all_rows = all_rows
        self.size = 0
        self.parts: list[bytes | memoryview] = []
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []
        self.pictures: list[Picture] = []
        self._zeros: dict[int, int] = {}

    def view(self, data: bytes | NDArray[Any], target: int | None = None) -> int:
        """Index of a new view of `data`, bytes or an array in one piece, which begins at a multiple of 4 bytes."""
        piece = data.data.cast("B") if isinstance(data, np.ndarray) and data.size else bytes(data)
        self.parts += [bytes(-self.size % 4), piece]
        self.size += -self.size % 4
        view = {"buffer": 0, "byteOffset": self.size, "byteLength": len(piece)}
        self.size += len(piece)
        self.views.append(view if target is None else {**view, "target": target})
        return len(self.views) - 1

    def dense(self, values: NDArray[Any], component: int, kind: str, target: int | None, limits: bool = False) -> int:
        """Index of a new accessor; `kind` is glTF's "SCALAR", "VEC2", …; `limits` adds min and max."""
        accessor = {"componentType": component, "count": len(values), "type": kind}
        accessor["bufferView"] = self.view(np.ascontiguousarray(values), target)
        return self._add(accessor, values if limits else None)

    def shares(self, values: NDArray[np.uint16], kind: str, target: int | None) -> int:
        """Index of a new accessor of numbers in 0..1 that are stored as shares of 65535."""
        index = self.dense(values, UINT16, kind, target)
        self.accessors[index]["normalized"] = True
        return index

    def moves(self, values: Array, limits: bool) -> int:
        """Index of a new accessor of (N, 3) float32: what a morph target adds, 0 in most rows.

        The rows that are not zero are stored as sparse ones where that takes less room, over a view of zeros. What
        the specification lets go is written out: without a view VTK starts from whatever is in memory, SharpGLTF and
        UnityGLTF refuse, and VTK reads none without a byteOffset of 0.
        """
        values = np.asarray(values, "<f4")
        moved = np.flatnonzero((values[:, 0] != 0) | (values[:, 1] != 0) | (values[:, 2] != 0))
        return self.moved_rows(moved, values[moved], len(values), limits)

    def moved_rows(self, moved: NDArray[np.intp], rows: Array, count: int, limits: bool) -> int:
        """As `moves`, by the numbers of the rows that are not zero and those (M, 3), of `count` in all."""
        index, component = (moved.astype("<u2"), UINT16) if count <= 0xFFFF else (moved.astype("<u4"), UINT32)
        rows = np.asarray(rows, "<f4")
        if len(moved) and (self.all_rows or index.nbytes + rows.nbytes >= 12 * count):
            values = np.zeros((count, 3), "<f4")
            values[moved] = rows
            return self.dense(values, FLOAT, "VEC3", VERTEX_DATA, limits)
        base = {"bufferView": self._zero_view(count), "byteOffset": 0}
        accessor: dict[str, Any] = {**base, "componentType": FLOAT, "count": count, "type": "VEC3"}
        if len(moved):
            indices = {"bufferView": self.view(index), "byteOffset": 0, "componentType": component}
            found = {"bufferView": self.view(rows), "byteOffset": 0}
            accessor["sparse"] = {"count": len(moved), "indices": indices, "values": found}
        return self._add(accessor, rows if limits else None, with_zero=len(moved) < count)

    def _zero_view(self, count: int) -> int:
        """Index of the view of `count` rows of zeros that accessors of so many rows share; made once.

        A row is as long as two vectors: Babylon.js copies a view with a stride for each accessor, and writes sparse
        rows of all accessors into one without.
        """
        if count not in self._zeros:
            self._zeros[count] = self.view(bytes(_ZERO_ROW * count), VERTEX_DATA)
            self.views[-1]["byteStride"] = _ZERO_ROW
        return self._zeros[count]

    def indices(self, index: NDArray[Any], count: int) -> int:
        """Index of a new accessor of triangle corners, in 16 bits where `count` vertices allow it."""
        narrow = count <= 0xFFFF
        return self.dense(
            np.asarray(index, "<u2" if narrow else "<u4"), UINT16 if narrow else UINT32, "SCALAR", INDEX_DATA
        )

    def picture(self, name: str, data: bytes, mime: str = "image/png") -> int:
        """Index of a new picture."""
        self.pictures.append(Picture(name, data, mime))
        return len(self.pictures) - 1

    def _add(self, accessor: dict[str, Any], bounded: NDArray[Any] | None, with_zero: bool = False) -> int:
        """Index of an accessor; bounded: (N, C) float32 whose limits it tells, with_zero: of rows of zeros as well."""
        if bounded is not None:
            rows = np.ascontiguousarray(bounded, np.float32)
            low, high = np.zeros((2, rows.shape[1]), np.float32)
            _limits(rows, with_zero, low, high)
            accessor |= {"min": low.tolist(), "max": high.tolist()}
        self.accessors.append(accessor)
        return len(self.accessors) - 1


@njit(**KERNEL)
def _limits(rows, with_zero, low, high):  # type: ignore[no-untyped-def]
    """Write the least and the largest of each column of rows (N, C), zeros among them where so told; 0 of no rows."""
    for k in range(rows.shape[1]):
        least = most = ZERO if with_zero or len(rows) == 0 else rows[0, k]
        for n in range(len(rows)):
            least, most = min(least, rows[n, k]), max(most, rows[n, k])
        low[k], high[k] = least, most
