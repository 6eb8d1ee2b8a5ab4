"""The verb bench: speed, measured beside other software."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from facegpt.cli.parts import Answer
from facegpt_lab.verbs import measuring


def add(verbs: Any) -> None:
    """Declare the verb."""
    does = "measure speed beside other software"
    parser = measuring.add(verbs, "bench", run, does, "facegpt bench render --quick --json")
    measuring.add_quick(parser)
    told = "stages: a copy of yours of another program's ONNX network on a face crop, as 3DDFA-V2's, to run beside"
    parser.add_argument("--peer", type=Path, metavar="FILE", help=told)


def run(options: argparse.Namespace) -> Answer:
    """Run a benchmark, or list them."""
    from facegpt_lab.evaluate.registry import BENCHES

    return measuring.measured("bench", BENCHES, options)
