"""The verb mcp: the verbs as tools for assistants, over standard input and output."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import Any

from facegpt.cli.parts import DONE, Answer, add_device, add_talker, add_verb, load_options


def add(verbs: Any) -> None:
    """Declare the verb."""
    example = (
        "facegpt mcp -o heads\n"
        '  in the settings of an assistant: {"mcpServers": {"facegpt": {"command": "facegpt", "args": ["mcp"]}}}'
    )
    does = "give assistants the verbs as tools (Model Context Protocol, on standard input and output)"
    parser = add_verb(verbs, "mcp", run, does, example)
    told = "folder of the heads that are made (default: facegpt-heads in this folder)"
    parser.add_argument("-o", "--output", type=Path, default=Path("facegpt-heads"), metavar="DIR", help=told)
    add_device(parser)
    add_talker(parser)


def run(options: argparse.Namespace) -> Answer:
    """Serve until the assistant hangs up. Standard output carries the protocol and nothing else."""
    import facegpt.api
    from facegpt.cli.mcp.tools import HeadTools, make_server

    told = load_options(options)
    server = make_server(HeadTools(lambda: facegpt.api.load(**told), options.output.resolve()))
    import anyio

    with contextlib.redirect_stdout(options.stdout):  # the SDK takes it, and sends what others print to stderr
        anyio.run(server.run_stdio_async)
    return Answer(DONE, {})
