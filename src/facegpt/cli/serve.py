"""The verb serve: a page and an API on this machine. Only the standard library is imported until it runs."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from facegpt.cli import early
from facegpt.cli.parts import DONE, Answer, add_device, add_talker, add_verb, natural, positive
from facegpt.runtime.extras import check_installed


def add(verbs: Any) -> None:
    """Declare the verb."""
    example = (
        "facegpt serve --open\n"
        "  curl -s localhost:8000/v1/chat/completions -H 'Content-Type: application/json' \\\n"
        '    -d \'{"messages": [{"role": "user", "content": "an old man, smiling"}]}\''
    )
    parser = add_verb(verbs, "serve", run, "open a page for photos, words and clips, and an API for programs", example)
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: this machine only)")
    parser.add_argument("--port", type=natural, default=8000, metavar="N", help="default: 8000; 0 takes a free one")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of saved heads (default: that of user data)")
    told = "who does not know it is refused; made and shown once where --host is not this machine (also $FACEGPT_TOKEN)"
    parser.add_argument("--token", metavar="TEXT", help=told)
    told = "a web page elsewhere that may ask this server, as https://example.org; may be repeated"
    parser.add_argument("--allow-origin", action="append", default=[], metavar="URL", help=told)
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    parser.add_argument("--queue", type=positive, metavar="N", help="jobs that wait at most (default: 16)")
    parser.add_argument("--rate", type=positive, metavar="N", help="requests of a client in 10 seconds (default: 120)")
    add_device(parser)
    add_talker(parser)


def run(options: argparse.Namespace) -> Answer:
    """Serve until Ctrl-C."""
    for module in ("fastapi", "uvicorn", "python_multipart"):
        check_installed(module, "the server")
    if options.data is not None:
        early.check_output(options.data)
    early.check_device(options.device)
    early.loading(options)
    from facegpt.runtime.device import check_name
    from facegpt.serve.run import default_folder, run_server
    from facegpt.serve.settings import Limits, ServeSettings

    for name in ("talker", "talker_model"):  # the model lives in a process of its own
        if value := getattr(options, name):
            os.environ[f"FACEGPT_{name.upper()}"] = value
    told = {"queue": options.queue, "requests": options.rate}
    settings = ServeSettings(
        folder=(options.data or default_folder()).resolve(),
        host=options.host,
        port=options.port,
        token=options.token or os.environ.get("FACEGPT_TOKEN") or None,
        origins=tuple(origin.rstrip("/") for origin in options.allow_origin),
        device=options.device if options.device == "cpu" else check_name(options.device),
        limits=Limits(**{name: value for name, value in told.items() if value is not None}),
    )
    run_server(settings, options.open)
    return Answer(DONE, {"folder": str(settings.folder)})
