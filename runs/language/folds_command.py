"""What the commands of readers that are scored on folds can be told."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any


def options(told: str | None, folds: int, **more: Callable[[str], Any]) -> argparse.Namespace:
    """Read the command line.

    `dry`: write nothing. `wrong`: print what is read wrongly. `folds`: how many are scored. more: name → type.
    """
    parser = argparse.ArgumentParser(description=told)
    parser.add_argument("--dry", action="store_true")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--folds", type=int, default=folds, help="folds that are scored")
    for name, kind in more.items():
        parser.add_argument(f"--{name}", type=kind)
    return parser.parse_args()
