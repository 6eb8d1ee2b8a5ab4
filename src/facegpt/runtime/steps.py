"""Weights kept as whole numbers of 8 bits: the value of `name` is its number times `name.step`.

A step holds for a row or a column: its shape is that of the numbers, with 1 along the other axis. Files of
lab/runs/shared/steps.py are such; all other arrays of a file are left as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")
#: What the name of an array of steps ends with.
STEP = ".step"


def with_values(kept: Mapping[str, T]) -> dict[str, T]:
    """Multiply whole numbers by their steps: the arrays or tensors of a file by name, in float32 where they were whole.

    Raises:
        ValueError: if there are steps of nothing, or of another shape.
    """
    values: dict[str, T] = {name: value for name, value in kept.items() if not name.endswith(STEP)}
    for name in kept.keys() - values.keys():
        whole = values.get(name.removesuffix(STEP))
        if whole is None:
            raise ValueError(f"'{name}' is the step of nothing")
        try:
            value = whole * kept[name]  # type: ignore[operator]
        except RuntimeError as error:  # torch's word for shapes that do not fit
            raise ValueError(str(error)) from error
        if value.shape != whole.shape:  # type: ignore[attr-defined]
            raise ValueError(f"'{name}' has steps for another shape")
        values[name.removesuffix(STEP)] = value
    return values
