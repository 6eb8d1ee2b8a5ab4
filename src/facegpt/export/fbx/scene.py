"""The objects of an FBX file, what hangs on what, and what the file says of itself.

Convention: centimetres (the unit of FBX: UnitScaleFactor 1), +y up, the face towards +z, v of texture coordinates up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from facegpt.export.fbx.records import CREATED, FILE_ID, Long, Record, record

#: A second in the time of FBX.
TICKS_A_SECOND = 46_186_158_000
#: What an mm of the head is in the file.
UNITS_A_MM = 0.1
#: Number of each frame rate that FBX knows by name; others are written out.
_RATES = {120: 1, 100: 2, 60: 3, 50: 4, 48: 5, 30: 6, 25: 10, 24: 11, 96: 15, 72: 16}
_OWN_RATE = 14


class Scene:
    """What is gathered while a file is built. Objects are known by their numbers; 0 is the scene itself."""

    def __init__(self) -> None:
        self._objects: list[Record] = []
        self._links: list[Record] = []

    def add(self, kind: str, name: str, label: str, sort: str, inside: Sequence[Record] = ()) -> int:
        """Number of a new object, for example ("Model", "neck", "Model", "LimbNode")."""
        number = 1_000_000 + len(self._objects)
        self._objects.append(record(kind, Long(number), f"{name}\0\1{label}", sort, inside=inside))
        return number

    def link(self, child: int, parent: int, to: str | None = None) -> None:
        """Hang an object on another, or on a property of it."""
        ends = Long(child), Long(parent)
        self._links.append(record("C", "OO", *ends) if to is None else record("C", "OP", *ends, to))

    def records(self, span: tuple[Long, Long], rate: float, take: str) -> list[Record]:
        """The whole file; span: first and last tick; take: name of what is played, or ""."""
        own = [("ActiveAnimStackName", "KString", "", "", take)] if take else []
        document = record("Document", Long(1), "", "Scene", inside=[properties(*own), record("RootNode", Long(0))])
        counts = {"GlobalSettings": 1, **Counter(each.name for each in self._objects)}
        definitions = [record("Version", 100), record("Count", sum(counts.values()))]
        definitions += [record("ObjectType", kind, inside=[record("Count", n)]) for kind, n in counts.items()]
        return [
            _header(),
            record("FileId", FILE_ID),
            record("CreationTime", CREATED),
            record("Creator", _creator()),
            record("GlobalSettings", inside=[record("Version", 1000), _settings(span, rate)]),
            record("Documents", inside=[record("Count", 1), document]),
            record("References"),
            record("Definitions", inside=definitions),
            record("Objects", inside=self._objects),
            record("Connections", inside=self._links),
            record("Takes", inside=[record("Current", take), *([_take(take, span)] if take else [])]),
        ]


def properties(*each: tuple[Any, ...]) -> Record:
    """Properties of an object: (name, kind, label, flags, *values)."""
    return record("Properties70", inside=[record("P", *values) for values in each])


def number(name: str, value: float) -> tuple[Any, ...]:
    """An FBX property that holds one number: (name, kind, label, flags, value)."""
    return name, "Number", "", "A", float(value)


def colour(name: str, rgb: Sequence[float]) -> tuple[Any, ...]:
    """A property of a colour (3,) 0..1."""
    return name, "Color", "", "A", *(float(value) for value in rgb)


def whole(name: str, value: int, kind: str = "int") -> tuple[Any, ...]:
    """A property of a whole number, or of an "enum"."""
    return name, kind, "Integer" if kind == "int" else "", "", int(value)


def ticks(seconds: float) -> Long:
    """A time in the units of FBX."""
    return Long(round(float(seconds) * TICKS_A_SECOND))


def _creator() -> str:
    return f"facegpt {version('facegpt')}"


def _header() -> Record:
    stamp = {"Version": 1000, "Year": 1970, "Month": 1, "Day": 1, "Hour": 10, "Minute": 0, "Second": 0}
    stamp["Millisecond"] = 0  # Assimp wants all of them
    empty = ("Title", "Subject", "Author", "Keywords", "Revision", "Comment")
    about = [
        record("Type", "UserData"),
        record("Version", 100),
        record("MetaData", inside=[record("Version", 100), *(record(name, "") for name in empty)]),
        properties(("Original|ApplicationName", "KString", "", "", _creator())),
    ]
    return record(
        "FBXHeaderExtension",
        inside=[
            record("FBXHeaderVersion", 1003),
            record("FBXVersion", 7400),
            record("EncryptionType", 0),
            record("CreationTimeStamp", inside=[record(name, value) for name, value in stamp.items()]),
            record("Creator", _creator()),
            record("SceneInfo", "GlobalInfo\0\1SceneInfo", "UserData", inside=about),
        ],
    )


def _settings(span: tuple[Long, Long], rate: float) -> Record:
    axes = {"UpAxis": 1, "FrontAxis": 2, "CoordAxis": 0, "OriginalUpAxis": 1}
    both = [each for name, axis in axes.items() for each in (whole(name, axis), whole(f"{name}Sign", 1))]
    known = _RATES.get(round(rate)) if abs(rate - round(rate)) < 1e-3 else None
    return properties(
        *both,
        ("UnitScaleFactor", "double", "Number", "", 1.0),
        ("OriginalUnitScaleFactor", "double", "Number", "", 1.0),
        whole("TimeMode", known or _OWN_RATE, "enum"),
        ("TimeSpanStart", "KTime", "Time", "", span[0]),
        ("TimeSpanStop", "KTime", "Time", "", span[1]),
        ("CustomFrameRate", "double", "Number", "", -1.0 if known else float(rate)),
    )


def _take(name: str, span: tuple[Long, Long]) -> Record:
    inside = [record("FileName", f"{name}.tak"), record("LocalTime", *span), record("ReferenceTime", *span)]
    return record("Take", name, inside=inside)
