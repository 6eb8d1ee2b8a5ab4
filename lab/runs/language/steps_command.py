"""What the commands can be told of readers that keep the states of their texts in a folder and learn from them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

STEPS = ("states", "score", "fit")


def options(told: str | None, steps: Sequence[str] = STEPS, others: bool = False) -> argparse.Namespace:
    """Read the command line: `step` (one of some), `folder` of the states, `others` to take known ones from.

    Torch is kept to one thread, which is the fastest for networks of this size.
    """
    parser = argparse.ArgumentParser(description=(told or "").splitlines()[0])
    if steps:
        parser.add_argument("step", choices=tuple(steps))
    parser.add_argument("folder", type=Path)
    if others:
        parser.add_argument("--others", type=Path, nargs="*", default=())
    found = parser.parse_args()
    torch.set_num_threads(1)
    return found
