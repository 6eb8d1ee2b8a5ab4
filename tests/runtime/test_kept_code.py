"""Dataclasses whose code comes from an earlier process are what Python makes of them, and read nothing damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from new_process import printed_by

PROGRAM = """
from facegpt.runtime.start.kept_code import keep_code_of_dataclasses
keep_code_of_dataclasses()
import builtins, dataclasses
compiled = []
whole = builtins.compile
builtins.compile = lambda text, *how, **more: compiled.append(text) or whole(text, *how, **more)

@dataclasses.dataclass(frozen=True, order=True)
class Point:
    x: float
    y: float = 2.0
    names: list = dataclasses.field(default_factory=list)

@dataclasses.dataclass
class Other:
    x: int = 3

told = Point(1.0), Point(1.0) == Point(1.0, 2.0, []), Point(1.0) < Point(2.0), Other(4).x, Other().x
try:
    Point(1.0).x = 2.0
except dataclasses.FrozenInstanceError as error:
    print(*told, error, len(compiled) > 0)
"""
TOLD = "Point(x=1.0, y=2.0, names=[]) True True 4 3 cannot assign to field 'x' "


def test_code_of_dataclasses_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path))
    assert printed_by(PROGRAM) == TOLD + "True"
    assert printed_by(PROGRAM) == TOLD + "False"


def test_a_damaged_file_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path))
    printed_by(PROGRAM)
    (kept,) = (tmp_path / "code").iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    assert printed_by(PROGRAM) == TOLD + "True"
    assert printed_by(PROGRAM) == TOLD + "False"
