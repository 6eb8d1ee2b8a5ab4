"""The verb eval: quality, measured by one of the protocols."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from facegpt.cli.parts import Answer, positive
from facegpt_lab.verbs import measuring


def add(verbs: Any) -> None:
    """Declare the verb."""
    does = "measure quality by one of the protocols"
    parser = measuring.add(verbs, "eval", run, does, "facegpt eval photos --quick")
    own = "of `pope`, `llava_bench`: your copy (default: in $FACEGPT_DATA)"
    parser.add_argument("folder", metavar="DIR", nargs="?", type=Path, help=own)
    measuring.add_quick(parser)
    parser.add_argument("--workers", type=positive, metavar="N", help="processes (default: one a core, at most 8)")
    parser.add_argument(
        "--bench", choices=("v1", "v2"), help="of `text`, `edit`: version of the sentences (default: v1)"
    )
    ablated = "of `person`: what each kind of evidence adds, by leaving it out"
    parser.add_argument("--ablate", action="store_true", default=None, help=ablated)
    help_sheet = "a picture too, a .png (of `photos`, `likeness`, `lineup`, `synthetic`, `out_of_model`)"
    parser.add_argument("--sheet", type=Path, metavar="FILE", help=help_sheet)
    parser.add_argument("--model", type=Path, metavar="DIR", help="of `pope`, `llava_bench`: your trained model")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="of these: for answers (default: out)")


def run(options: argparse.Namespace) -> Answer:
    """Run a protocol, or list them."""
    from facegpt_lab.evaluate.registry import EVALS

    return measuring.measured("eval", EVALS, options)
