"""The verb bench: speed, measured beside other software."""

from __future__ import annotations

import argparse
from typing import Any

from facegpt.cli.parts import Answer
from facegpt_lab.verbs import measuring


def add(verbs: Any) -> None:
    """Declare the verb."""
    does = "measure speed beside other software"
    parser = measuring.add(verbs, "bench", run, does, "facegpt bench render --quick --json")
    measuring.add_quick(parser)


def run(options: argparse.Namespace) -> Answer:
    """Run a benchmark, or list them."""
    from facegpt_lab.evaluate.registry import BENCHES

    return measuring.measured("bench", BENCHES, options)
