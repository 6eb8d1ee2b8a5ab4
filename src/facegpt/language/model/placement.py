"""Tensors inside records, moved from device to device."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from torch import Tensor, device

Record = TypeVar("Record")


def moved(value: Record, where: device | str) -> Record:
    """A copy on a device of a tensor, or of a tuple, dictionary or dataclass with tensors; other values stay."""
    given: Any = value  # what type comes out is what came in, which mypy cannot follow
    if isinstance(given, Tensor):
        given = given.to(where)
    elif isinstance(given, dict):
        given = {name: moved(each, where) for name, each in given.items()}
    elif isinstance(given, tuple):
        parts = [moved(each, where) for each in given]
        given = type(given)(*parts) if hasattr(given, "_fields") else type(given)(parts)
    elif is_dataclass(given) and not isinstance(given, type):
        given = type(given)(**{field.name: moved(getattr(given, field.name), where) for field in fields(given)})
    return given  # type: ignore[no-any-return]
