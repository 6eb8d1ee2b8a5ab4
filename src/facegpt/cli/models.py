"""The verb models: what is inside the package, and what can be fetched."""

from __future__ import annotations

import argparse
from typing import Any

from facegpt.cli.parts import DONE, FAILED, Answer, add_verb, table


def add(verbs: Any) -> None:
    """Declare the verb and its actions; without one it lists."""
    parser = add_verb(verbs, "models", run, "list, check and fetch model files", "facegpt models list")
    actions = parser.add_subparsers(metavar="ACTION", title="actions")
    add_verb(actions, "list", run, "list every model file and check it", "facegpt models list --json")
    info = add_verb(actions, "info", _info, "tell all about one model file", "facegpt models info head")
    pull = add_verb(
        actions,
        "pull",
        _pull,
        "fetch a model file that is not part of the package, and check it",
        "facegpt models pull mediapipe-face-landmarker",
    )
    own = add_verb(
        actions,
        "add",
        _add,
        "remember your own file of a head model that is not part of the package (docs/head-models.md)",
        "facegpt models add flame generic_model.pkl",
    )
    own.add_argument("name", metavar="NAME", help="ict, gnm, flame or bfm")
    own.add_argument("path", metavar="PATH", help="its file, or for ict the folder FaceXModel")
    for action in (info, pull):
        action.add_argument("name", metavar="NAME", help="as `facegpt models list` has it")
    pull.add_argument("--base", metavar="URL", help="folder of a mirror (default: $FACEGPT_MODELS_URL, or the source)")


def run(options: argparse.Namespace) -> Answer:
    """List every model file and every part that plugs in."""
    from facegpt.models.files import MODEL_FILES, part_rows, part_tables

    rows, parts = [{"kind": "file", **entry.as_dict()} for entry in MODEL_FILES], part_rows()
    lines = [(r["name"], _size(r["size_bytes"]), r["licence"], r["status"], r["purpose"]) for r in rows]
    damaged = any(row["status"] in ("damaged", "missing") for row in rows)
    text = "model files\n" + table(("name", "size", "licence", "status", "purpose"), lines)
    for kind, of_kind in part_tables(parts).items():
        text += f"\n\n{kind}\n" + table(("name", "package", "status", "purpose"), of_kind)
    return Answer(FAILED if damaged else DONE, rows + parts, text)


def _info(options: argparse.Namespace) -> Answer:
    from facegpt.models.files import find_model_file

    row = find_model_file(options.name).as_dict()
    return Answer(DONE, row, "\n".join(f"{key:12} {value}" for key, value in row.items()))


def _pull(options: argparse.Namespace) -> Answer:
    from facegpt.models.files import find_model_file, pull
    from facegpt.runtime.progress import Progress

    entry = find_model_file(options.name)
    with Progress(entry.name, entry.size, in_bytes=True) as advance:
        path = pull(entry, options.base, advance)
    return Answer(DONE, entry.as_dict(), f"{entry.name}: {path} (its sha256 is right)")


def _add(options: argparse.Namespace) -> Answer:
    from facegpt.morphable.user_files import add_file, find_user_head

    found, head = add_file(options.name, options.path), find_user_head(options.name)
    data = {"name": head.name, "model_id": found.model_id, "path": options.path, "licence": head.licence}
    text = f"{head.title} ({found.model_id}): {found.summary()}\nLicence: {head.licence}.\n"
    text += f"Use it with facegpt.load({head.name!r})."
    return Answer(DONE, {**data, "summary": found.summary()}, text)


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else f"{size_bytes / 1e3:.1f} kB"
