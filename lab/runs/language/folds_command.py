"""What the commands of readers that are scored on folds can be told."""

from __future__ import annotations

import argparse


def options(told: str | None, folds: int) -> argparse.Namespace:
    """Read the command line: `dry` (write nothing), `wrong` (print what is read wrongly), `folds` that are scored."""
    parser = argparse.ArgumentParser(description=told)
    parser.add_argument("--dry", action="store_true")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--folds", type=int, default=folds, help="folds that are scored")
    return parser.parse_args()
