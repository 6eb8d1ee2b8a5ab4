"""The command `facegpt`: the table of its verbs, and how one is run and ends.

A verb is a module of this folder: its `add(verbs)` declares the verb with its options and an example, and its
`run(options)` carries it out. A new one is a file and a word in VERBS, or an entry point of another package
(plugged.py). Only the standard library is imported until a verb runs, and only the module of the verb that was asked
for.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from facegpt import __version__
from facegpt.cli import plugged
from facegpt.cli.parts import FAILED, INTERRUPTED, WRONG_USE, HelpFormatter
from facegpt.runtime.start.deferred_modules import defer_modules

#: The verbs, in the order of the help; each is the module of that name, here or in facegpt-lab (plugged.py).
VERBS = (
    "demo",
    "reconstruct",
    "imagine",
    "edit",
    "describe",
    "analyze",
    "compare",
    "chat",
    "track",
    "animate",
    "personalize",
    "serve",
    "mcp",
    "synthesize",
    "train",
    "models",
    "eval",
    "bench",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and give its exit code: 0 done, 1 the work failed, 2 wrong use, 130 stopped by Ctrl-C."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    parser = build_parser(words[0]) if words and not words[0].startswith("-") else build_parser(listing=True)
    options = parser.parse_args(words)
    if options.run is None:
        parser.print_help(sys.stderr)
        return WRONG_USE
    options.stdout = sys.stdout  # for verbs that answer while they run
    options.at_the_command = arguments is None
    if options.at_the_command and words[0] not in plugged.LAB_VERBS:  # the laboratory traces networks
        defer_modules()
    try:
        with contextlib.redirect_stdout(sys.stderr):  # whatever a library prints: stdout is for results only
            answer = options.run(options)
        _print_result(json.dumps(answer.data, indent=2, ensure_ascii=False) if options.json else answer.text)
        return answer.code
    except KeyboardInterrupt:
        print("facegpt: stopped; files that are there are whole, and the same command makes the rest", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as in `facegpt … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        print(f"facegpt: {sentence}", file=sys.stderr)
        return FAILED


def build_parser(verb: str | None = None, listing: bool = False) -> argparse.ArgumentParser:
    """Declare verbs with their options and examples.

    Args:
        verb: this one alone; all of VERBS where there is none of that name.
        listing: for the help: verbs of other packages are not looked up.
    """
    parser = argparse.ArgumentParser(
        prog="facegpt",
        description="Photos and words to rigged, textured, metric 3D heads. Everything runs on this machine.",
        epilog="Each verb has a --help of its own.\n\nExample:\n  facegpt demo -o out",
        formatter_class=HelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"facegpt {__version__}")
    parser.set_defaults(run=None)
    verbs = parser.add_subparsers(metavar="VERB", title="verbs")
    if verb is None or not _declare(verbs, verb):
        for name in VERBS:
            _declare(verbs, name, look_up=not listing and verb is None)
    return parser


def _declare(verbs: Any, name: str, look_up: bool = True) -> bool:
    """Declare one verb; False if there is none of that name."""
    if name in VERBS and name not in plugged.LAB_VERBS:
        import_module(f"facegpt.cli.{name}").add(verbs)
    elif look_up and (module := plugged.find(name)) is not None:
        module.add(verbs)
    elif name in plugged.LAB_VERBS:
        plugged.list_only(verbs, name)
    else:
        return False
    return True


def _print_result(text: str) -> None:
    """Print to stdout, whatever characters its encoding lacks (Windows consoles, LANG=C)."""
    if text:
        encoding = sys.stdout.encoding or "utf-8"
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def _sentence(error: Exception) -> str | None:
    """The message of an error that is the user's to solve; None for a mistake of ours: it needs its traceback."""
    from facegpt.errors import FaceGPTError

    if isinstance(error, FaceGPTError):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"'{error.filename}': {error.strerror}"
    if isinstance(error, MemoryError):
        return "the memory does not suffice; use fewer --workers or smaller photos"
    return None
