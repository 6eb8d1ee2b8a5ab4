"""The container of binary FBX 7.4: a tree of named records, each with values and with records inside it.

A record is: where it ends in the file, how many values it has, how long they are (three uint32), its name, the values,
the records inside it, and an empty record behind those. Arrays are deflated.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 7400
_MAGIC = b"Kaydara FBX Binary  \x00\x1a\x00"
#: These belong together: readers may check the first two ends of a file against the time that stands in it.
FILE_ID = bytes.fromhex("28b32aebb624ccc2bfc8b02aa92bfcf1")
CREATED = "1970-01-01 10:00:00:000"
_FOOT_ID = bytes.fromhex("fabcab09d0c8d466b176fb831cf7267e")
_END = bytes.fromhex("f85a8c6adef5d97eece90ce3758f290b")
_EMPTY = bytes(13)
#: Letter of each kind of array.
_ARRAYS = {"float64": b"d", "float32": b"f", "int32": b"i", "int64": b"l"}
#: Shorter arrays are stored as they are, bytes.
_SMALL = 128


class Long(int):
    """A whole number that is stored in 64 bits; others take 32."""


@dataclass(frozen=True)
class Record:
    """A record: bool, int, Long, float, str, bytes and arrays of numbers are its values."""

    name: str
    values: Sequence[Any] = ()
    inside: Sequence[Record] = ()


def record(name: str, *values: Any, inside: Sequence[Record] = ()) -> Record:
    """A record of these values."""
    return Record(name, values, inside)


def file_bytes(records: Iterable[Record]) -> bytes:
    """The whole file."""
    data = bytearray(_MAGIC + struct.pack("<I", VERSION))
    for each in records:
        _append(data, each)
    data += _EMPTY + _FOOT_ID + bytes(4)
    data += bytes(16 - len(data) % 16)
    return bytes(data + struct.pack("<I", VERSION) + bytes(120) + _END)


def _append(data: bytearray, each: Record) -> None:
    """Write a record at the end of the file's bytes so far."""
    name, start = each.name.encode(), len(data)
    values = b"".join(_encoded(value) for value in each.values)
    data += bytes(12) + bytes([len(name)]) + name + values
    for child in each.inside:
        _append(data, child)
    if each.inside or not each.values:
        data += _EMPTY
    struct.pack_into("<III", data, start, len(data), len(each.values), len(values))


def _encoded(value: Any) -> bytes:
    """A value behind the letter of its kind."""
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, bool):
        return struct.pack("<c?", b"C", value)
    if isinstance(value, Long):
        return struct.pack("<cq", b"L", value)
    if isinstance(value, int):
        return struct.pack("<ci", b"I", value)
    if isinstance(value, float):
        return struct.pack("<cd", b"D", value)
    text, letter = (value.encode(), b"S") if isinstance(value, str) else (bytes(value), b"R")
    return struct.pack("<cI", letter, len(text)) + text


def _array(values: NDArray[Any]) -> bytes:
    raw = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
    stored = zlib.compress(raw, 6) if len(raw) > _SMALL else raw
    letter = _ARRAYS[values.dtype.name]
    return struct.pack("<cIII", letter, values.size, int(len(raw) > _SMALL), len(stored)) + stored
