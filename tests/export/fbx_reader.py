"""A small reader of binary FBX for tests, written from descriptions of the format and not from the writer."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PLAIN = {b"C": "<?", b"Y": "<h", b"I": "<i", b"F": "<f", b"D": "<d", b"L": "<q"}
ARRAYS = {b"f": "<f4", b"d": "<f8", b"i": "<i4", b"l": "<i8", b"b": "?"}


@dataclass
class Element:
    name: str
    values: list[Any]
    inside: list[Element] = field(default_factory=list)

    def __getitem__(self, name: str) -> Element:
        (found,) = (each for each in self.inside if each.name == name)
        return found

    @property
    def array(self) -> NDArray:
        return self.values[0]

    @property
    def properties(self) -> dict[str, list[Any]]:
        """Values of Properties70, by name."""
        return {each.values[0]: each.values[4:] for each in self["Properties70"].inside}


class Fbx:
    """A file: its elements, its objects by number, and what hangs on what."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        assert self.data[:23] == b"Kaydara FBX Binary  \0\x1a\0"
        (self.version,) = struct.unpack_from("<I", self.data, 23)
        self.top, position = Element("", []), 27
        while (read := self._element(position)) is not None:
            element, position = read
            self.top.inside.append(element)
        self.objects = {each.values[0]: each for each in self.top["Objects"].inside}
        self.links = [tuple(each.values[1:]) for each in self.top["Connections"].inside]

    def _element(self, start: int) -> tuple[Element, int] | None:
        end, count, length = struct.unpack_from("<III", self.data, start)
        size = self.data[start + 12]
        if end == 0:
            return None
        position = start + 13 + size
        element = Element(self.data[start + 13 : position].decode(), [])
        inside = position + length
        for _ in range(count):
            value, position = self._value(position)
            element.values.append(value)
        assert position == inside
        while position < end:
            read = self._element(position)
            if read is None:
                position += 13
                break
            element.inside.append(read[0])
            position = read[1]
        assert position == end
        return element, end

    def _value(self, at: int) -> tuple[Any, int]:
        letter = self.data[at : at + 1]
        if letter in PLAIN:
            (value,) = struct.unpack_from(PLAIN[letter], self.data, at + 1)
            return value, at + 1 + struct.calcsize(PLAIN[letter])
        if letter in ARRAYS:
            count, packed, length = struct.unpack_from("<III", self.data, at + 1)
            raw = self.data[at + 13 : at + 13 + length]
            values = np.frombuffer(zlib.decompress(raw) if packed else raw, ARRAYS[letter])
            assert len(values) == count
            return values, at + 13 + length
        (length,) = struct.unpack_from("<I", self.data, at + 1)
        raw = self.data[at + 5 : at + 5 + length]
        return (raw.decode() if letter == b"S" else raw), at + 5 + length

    def named(self, kind: str, name: str, sort: str | None = None) -> Element:
        """The object of a kind, name and sort ("Model", "neck", "LimbNode")."""
        (found,) = (
            each
            for each in self.objects.values()
            if each.name == kind and each.values[1].split("\0\1")[0] == name and sort in (None, each.values[2])
        )
        return found

    def under(self, element: Element, kind: str | None = None) -> list[Element]:
        """What hangs on an object, in the file's order."""
        found = [self.objects[link[0]] for link in self.links if link[1] == element.values[0]]
        return [each for each in found if kind in (None, each.name)]
