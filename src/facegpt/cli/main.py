"""The command `facegpt`: one function a verb. Only the standard library is imported until a verb needs more."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facegpt import __version__
from facegpt.cli import chat as cli_chat
from facegpt.cli import heads as cli_heads
from facegpt.cli import synthesize as cli_train
from facegpt.cli import train as cli_learn
from facegpt.cli import words as cli_words
from facegpt.cli.parts import (
    DONE,
    FAILED,
    INTERRUPTED,
    WRONG_USE,
    Answer,
    HelpFormatter,
    add_device,
    add_output,
    add_verb,
    positive,
    table,
)

#: What `facegpt eval` hands to those protocols that know it.
_EVAL_OPTIONS = ("folder", "workers", "sheet", "model", "output")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and give its exit code: 0 done, 1 the work failed, 2 wrong use, 130 stopped by Ctrl-C."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.run is None:
        parser.print_help(sys.stderr)
        return WRONG_USE
    options.stdout = sys.stdout  # for verbs that answer while they run
    try:
        with contextlib.redirect_stdout(sys.stderr):  # whatever a library prints: stdout is for results only
            answer = options.run(options)
        _print_result(json.dumps(answer.data, indent=2, ensure_ascii=False) if options.json else answer.text)
        return answer.code
    except KeyboardInterrupt:
        print("facegpt: stopped", file=sys.stderr)
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


def _print_result(text: str) -> None:
    """Print to stdout, whatever characters its encoding lacks (Windows consoles, LANG=C)."""
    if text:
        encoding = sys.stdout.encoding or "utf-8"
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def _sentence(error: Exception) -> str | None:
    """Give the message of an error that is the user's to solve; None for a mistake of ours: it needs its traceback."""
    from facegpt.types import FaceGPTError

    if isinstance(error, FaceGPTError):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"'{error.filename}': {error.strerror}"
    if isinstance(error, MemoryError):
        return "the memory does not suffice; use fewer --workers or smaller photos"
    return None


def build_parser() -> argparse.ArgumentParser:
    """Declare every verb with its options and an example."""
    parser = argparse.ArgumentParser(
        prog="facegpt",
        description="Photos and words to rigged, textured, metric 3D heads. Everything runs on this machine.",
        epilog="Each verb has a --help of its own.\n\nExample:\n  facegpt demo -o out",
        formatter_class=HelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"facegpt {__version__}")
    parser.set_defaults(run=None)
    verbs = parser.add_subparsers(metavar="VERB", title="verbs")
    _add_demo(verbs)
    _add_reconstruct(verbs)
    cli_words.add_verbs(verbs)
    cli_chat.add_chat(verbs)
    cli_train.add_verbs(verbs)
    cli_learn.add_verbs(verbs)
    _add_models(verbs)
    _add_measuring(verbs, "eval", "measure quality by one of the protocols", "facegpt eval photos --quick")
    _add_measuring(verbs, "bench", "measure speed beside other software", "facegpt bench render --quick --json")
    return parser


def _add_quality(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--quality",
        choices=("fast", "balanced", "best"),
        default="balanced",
        help="fast: a typical skin; balanced: the skin of the photo; best: in double resolution (default: balanced)",
    )


def _add_demo(verbs: Any) -> None:
    parser = add_verb(verbs, "demo", _demo, "make a 3D head from the bundled photo", "facegpt demo -o out")
    add_output(parser)
    _add_quality(parser)


def _add_reconstruct(verbs: Any) -> None:
    parser = add_verb(
        verbs,
        "reconstruct",
        _reconstruct,
        "make a 3D head of each face in photos",
        "facegpt reconstruct anna.jpg -o anna\n  facegpt reconstruct holiday/ 'more/*.png' -o heads --workers 2",
    )
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help="a photo, a folder of photos or a pattern")
    add_output(parser)
    _add_quality(parser)
    add_device(parser)
    parser.add_argument("--workers", type=positive, metavar="N", help="processes (default: one a core, at most 8)")
    parser.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="leave out photos whose heads are there already, made from the same file and settings (default: yes)",
    )


def _add_models(verbs: Any) -> None:
    parser = add_verb(verbs, "models", _models_list, "list, check and fetch model files", "facegpt models list")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    add_verb(actions, "list", _models_list, "list every model file and check it", "facegpt models list --json")
    info = add_verb(actions, "info", _models_info, "tell all about one model file", "facegpt models info head")
    pull = add_verb(
        actions,
        "pull",
        _models_pull,
        "fetch a model file that is not part of the package, and check it",
        "facegpt models pull mediapipe-face-landmarker",
    )
    for action in (info, pull):
        action.add_argument("name", metavar="NAME", help="as `facegpt models list` has it")
    pull.add_argument("--base", metavar="URL", help="folder of a mirror (default: $FACEGPT_MODELS_URL, or the source)")


def _add_measuring(verbs: Any, kind: str, does: str, example: str) -> None:
    parser = add_verb(verbs, kind, _measure, does, example)
    parser.add_argument("name", metavar="NAME", nargs="?", help="which one; without it, all are listed")
    if kind == "eval":
        own = "of `pope`, `llava_bench`: your copy (default: in $FACEGPT_DATA)"
        parser.add_argument("folder", metavar="DIR", nargs="?", type=Path, help=own)
    parser.add_argument("--quick", action="store_true", help="a version that ends within a minute or two")
    if kind == "eval":
        parser.add_argument("--workers", type=positive, metavar="N", help="processes (default: one a core, at most 8)")
        help_sheet = "a picture too, a .png (of `photos`, `synthetic`, `out_of_model`)"
        parser.add_argument("--sheet", type=Path, metavar="FILE", help=help_sheet)
        parser.add_argument("--model", type=Path, metavar="DIR", help="of `pope`, `llava_bench`: your trained model")
        parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="of these: for answers (default: out)")
    parser.set_defaults(kind=kind, **dict.fromkeys(_EVAL_OPTIONS))


def _demo(options: argparse.Namespace) -> Answer:
    from facegpt.assets import asset_path
    from facegpt.batch import reconstruct_files

    photo = asset_path("astronaut.png")
    outcomes = reconstruct_files([photo], options.output, options.quality, resume=False, subfolders=False)
    answer = _told(outcomes)
    if answer.code == DONE:
        text = (
            f"{answer.text}\n"
            f"Look at {options.output / 'preview.png'} and {options.output / 'overlay.png'}; open "
            f"{options.output / 'face.glb'} in Blender, a game engine or any glTF viewer and move the sliders."
        )
        answer = Answer(answer.code, answer.data, text)
    return answer


def _reconstruct(options: argparse.Namespace) -> Answer:
    from functools import partial

    from facegpt.batch import default_model, reconstruct_files
    from facegpt.data.files import find_photos
    from facegpt.runtime.device import choose_device

    photos = find_photos(options.photos, options.output)
    one = photos == [Path(text) for text in options.photos] and len(photos) == 1
    how: dict[str, Any] = {"resume": options.resume, "workers": options.workers, "subfolders": not one}
    if options.device != "cpu":  # chosen here: one that cannot be used fails before the first photo
        how["make_model"] = partial(default_model, choose_device(options.device))
    outcomes = reconstruct_files(photos, options.output, options.quality, **how)
    return _told(outcomes)


def _told(outcomes: Sequence[Any]) -> Answer:
    """Sum up a batch: what was made goes to stdout, what failed to stderr. Its last head is the last one made."""
    if made := [outcome.faces[0]["folder"] for outcome in outcomes if outcome.faces]:
        cli_heads.remember(Path(made[-1]))
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    lines = []
    for outcome in outcomes:
        if outcome.status != "failed":
            heads = "1 head" if len(outcome.faces) == 1 else f"{len(outcome.faces)} heads"
            there = " (there already)" if outcome.status == "skipped" else ""
            lines.append(f"{outcome.photo}: {heads} in {outcome.folder}{there}")
    if failed:
        counts = f" {len(failed)} of {len(outcomes)} photos failed:" if len(outcomes) > 1 else ""
        print(
            f"facegpt:{counts}", *(outcome.error for outcome in failed), sep="\n  " if counts else " ", file=sys.stderr
        )
    data = {
        "photos": [outcome.as_dict() for outcome in outcomes],
        **{status: sum(o.status == status for o in outcomes) for status in ("done", "skipped", "failed")},
    }
    return Answer(FAILED if failed else DONE, data, "\n".join(lines))


def _models_list(options: argparse.Namespace) -> Answer:
    from facegpt.model_files import MODEL_FILES, part_rows, part_tables

    rows, parts = [{"kind": "file", **entry.as_dict()} for entry in MODEL_FILES], part_rows()
    lines = [(r["name"], _size(r["size_bytes"]), r["licence"], r["status"], r["purpose"]) for r in rows]
    damaged = any(row["status"] in ("damaged", "missing") for row in rows)
    text = "model files\n" + table(("name", "size", "licence", "status", "purpose"), lines)
    for kind, of_kind in part_tables(parts).items():
        text += f"\n\n{kind}\n" + table(("name", "package", "status", "purpose"), of_kind)
    return Answer(FAILED if damaged else DONE, rows + parts, text)


def _models_info(options: argparse.Namespace) -> Answer:
    from facegpt.model_files import find_model_file

    row = find_model_file(options.name).as_dict()
    return Answer(DONE, row, "\n".join(f"{key:12} {value}" for key, value in row.items()))


def _models_pull(options: argparse.Namespace) -> Answer:
    from facegpt.model_files import find_model_file, pull
    from facegpt.runtime.progress import Progress

    entry = find_model_file(options.name)
    with Progress(entry.name, entry.size) as advance:
        path = pull(entry, options.base, advance)
    return Answer(DONE, entry.as_dict(), f"{entry.name}: {path} (its sha256 is right)")


def _measure(options: argparse.Namespace) -> Answer:
    from facegpt.evaluate import registry as protocol

    if options.name is None:
        entries = protocol.EVALS if options.kind == "eval" else protocol.BENCHES
        lines = table(("name", "measures"), [(name, entry.measures) for name, entry in sorted(entries.items())])
        return Answer(DONE, {name: entry.measures for name, entry in entries.items()}, lines)
    told = {name: getattr(options, name) for name in _EVAL_OPTIONS}
    report = protocol.run(options.kind, options.name, options.quick, **told)
    words = ["facegpt", options.kind, options.name, *([str(told["folder"])] if told["folder"] else [])]
    words += ["--quick"] * options.quick + (["--model", str(told["model"])] if told["model"] else [])
    rows = [
        (row.metric, f"{row.value:.4g}", row.unit, "" if row.target is None else f"{row.target:.4g}", _met(row.met))
        for row in report.rows
    ]
    lines = table(("metric", "value", "unit", "target", ""), rows)
    return Answer(DONE, report.as_dict(options.name, shlex.join(words)), f"{options.name}: {report.data}\n{lines}")


def _met(met: bool | None) -> str:
    return {True: "met", False: "not met", None: ""}[met]


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else f"{size_bytes / 1e3:.1f} kB"
