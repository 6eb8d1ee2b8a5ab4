"""What the verbs eval and bench share: a name, its report as a table, and the list of names without one."""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.cli.parts import DONE, Answer, add_verb, table
from facegpt.runtime.atomic_files import write_text

if TYPE_CHECKING:
    from facegpt_lab.evaluate.registry import Entry

#: What `facegpt eval` hands to those protocols that know it.
OPTIONS = ("folder", "workers", "sheet", "model", "output", "bench", "ablate", "peer")


def add(
    verbs: Any, name: str, run: Callable[[argparse.Namespace], Answer], does: str, example: str
) -> argparse.ArgumentParser:
    """Declare a verb that measures; of the options of a protocol none is said."""
    parser = add_verb(verbs, name, run, does, example)
    parser.add_argument("name", metavar="NAME", nargs="?", help="which one; without it, all are listed")
    told = "write the figures there too, as lab/figures/page.py reads them"
    parser.add_argument("--record", type=Path, metavar="FILE", help=told)
    parser.set_defaults(**dict.fromkeys(OPTIONS))
    return parser


def add_quick(parser: argparse.ArgumentParser) -> None:
    """Declare --quick."""
    parser.add_argument("--quick", action="store_true", help="a version that ends within a minute or two")


def measured(kind: str, entries: Mapping[str, Entry], options: argparse.Namespace) -> Answer:
    """Run the "eval" or "bench" that was named, or list the entries there are."""
    from facegpt_lab.evaluate import registry

    if options.name is None:
        lines = table(("name", "measures"), [(name, entry.measures) for name, entry in sorted(entries.items())])
        return Answer(DONE, {name: entry.measures for name, entry in entries.items()}, lines)
    said = {name: getattr(options, name) for name in OPTIONS}
    report = registry.run(kind, options.name, options.quick, **said)
    words = ["facegpt", kind, options.name, *([str(said["folder"])] if said["folder"] else [])]
    words += ["--quick"] * options.quick + (["--model", str(said["model"])] if said["model"] else [])
    words += ["--bench", str(said["bench"])] if said["bench"] else []
    words += ["--ablate"] if said["ablate"] else []
    words += ["--peer", "FILE"] if said["peer"] else []
    rows = [
        (row.metric, f"{row.value:.4g}", row.unit, "" if row.target is None else f"{row.target:.4g}", _met(row.met))
        for row in report.rows
    ]
    lines = table(("metric", "value", "unit", "target", ""), rows)
    if options.record is not None:
        _keep(options.record, report.as_dict(options.name, shlex.join(words)), entries[options.name].measures)
    return Answer(DONE, report.as_dict(options.name, shlex.join(words)), f"{options.name}: {report.data}\n{lines}")


def _keep(path: Path, record: dict[str, object], title: str) -> None:
    """Write a record as `lab/figures/page.py` reads it; the title of one that is there stays."""
    known = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    told = {"name": record["name"], "title": known.get("title", title), "date": date.today().isoformat()}
    write_text(path, json.dumps({**told, **record}, indent=1) + "\n")


def _met(met: bool | None) -> str:
    return {True: "met", False: "not met", None: ""}[met]
