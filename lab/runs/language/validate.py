"""Score the language model on sentences of the corpus by the rules of FaceGPT-Bench.

The validation sentences are never learnt from, so thresholds and grammar are chosen on them; the benchmark's own
sentences stay unseen. A share of right labels on returned heads, as `facegpt eval text` and `facegpt eval edit` give.

    python lab/runs/language/validate.py
    python lab/runs/language/validate.py --split train --category negation comparison --wrong
    python lab/runs/language/validate.py --sentences fresh.jsonl  # sentences of your own, labelled likewise
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from facegpt.api import load
from facegpt.language import load_language_model
from facegpt_lab.evaluate.protocols.words import chat, edit, text
from facegpt_lab.evaluate.protocols.words.text_system import (
    Heads,
    Prior,
    Scored,
    by_group,
    default_heads,
    share,
    shares,
)
from facegpt_lab.evaluate.registry import Row
from facegpt_lab.synthesis.texts.corpus import Record, load_corpus


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rows."""
    options = parser().parse_args(arguments)
    heads, ours = default_heads(), load_language_model()
    prior = Prior.draw(heads, options.prior)
    seeds = tuple(range(options.seeds))
    records = chosen(options)
    new = text.imagine_all(heads, prior, ours, [r for r in records if r.task == "imagine"], seeds, "imagine")
    changed = edit.edit_all(heads, prior, ours, [r for r in records if r.task == "edit"], seeds, "edit")
    turns = conversations(heads, prior, [r for r in records if r.task == "chat"])
    if options.wrong:
        show_wrong([*new, *changed])
        show_wrong_turns(turns)
    print_rows("words to heads", [*text.own_rows(new), *text.spread_rows(heads, prior, new)] if new else [])
    print_rows("edits", edit.own_rows(changed) if changed else [])
    print_rows("conversations", chat.face_rows(turns) if turns else [])
    for name, group in by_group([*new, *changed], lambda record: record.category).items():
        right = share(shares(group, lambda record, point: True))
        print(f"all labels, {name} ({len(group)} sentences)  {right:.3f}")


def parser() -> argparse.ArgumentParser:
    """The options."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--split", default="validation", choices=("validation", "train"))
    found.add_argument("--sentences", nargs="*", type=Path, help="files of records (LABELS.md) instead of the corpus")
    found.add_argument("--category", nargs="*", help="of the sentences (default: all)")
    found.add_argument("--seeds", type=int, default=4, help="heads of each sentence (default: 4)")
    found.add_argument("--prior", type=int, default=1000, help="heads that give the reference (default: 1000)")
    found.add_argument("--wrong", action="store_true", help="print every label that is not right")
    return found


def chosen(options: argparse.Namespace) -> list[Record]:
    """The sentences of some categories."""
    records = read_files(options.sentences) if options.sentences else load_corpus(options.split)
    return [r for r in records if not options.category or r.category in options.category]


def read_files(files: Sequence[Path]) -> list[Record]:
    """Read records, one a line."""
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    fields = [{k: v for k, v in json.loads(line).items() if k != "note"} for line in lines]
    return [Record(**each) for each in fields]


def conversations(heads: Heads, prior: Prior, records: Sequence[Record]) -> list[chat.Turn]:
    """Answer turns of chat without speaking: whether a face comes is decided before."""
    model = load()
    language = model.language
    return chat.talk_all(replace(model, make_language=lambda: chat.Reads(language)), heads, prior, records)


def show_wrong(scored: Sequence[Scored]) -> None:
    """Print each sentence with its wrong labels and how many of its heads miss them."""
    for each in scored:
        missed = [point for points in each.points for point in points if not point.right]
        names = sorted({f"{p.kind} {p.name} {sum(q.name == p.name for q in missed)}" for p in missed})
        if names:
            print(f"{each.record.category} | {each.record.text} | {each.record.labels} | {'; '.join(names)}")


def show_wrong_turns(turns: Sequence[chat.Turn]) -> None:
    """Print each turn with a face too many or too few."""
    for each in turns:
        if bool(each.reply.faces) != bool(each.record.labels.get("face")):
            print(f"{each.record.category} | {each.record.text} | {each.record.input} | {each.record.labels}")


def print_rows(title: str, rows: Sequence[Row]) -> None:
    """Print rows of a report."""
    print(f"\n{title}")
    for row in rows:
        print(f"  {row.metric}  {row.value:.3f} {row.unit}")


if __name__ == "__main__":
    sys.exit(main())
