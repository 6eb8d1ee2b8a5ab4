"""Score the language model on hand-written sentences of the corpus by the rules of FaceGPT-Bench.

The validation sentences are never learnt from, so thresholds and grammar are chosen on them; the benchmark's own
sentences stay unseen. A share of right labels on returned heads, as `facegpt eval text` and `facegpt eval edit` give.

    python runs/language/validate.py
    python runs/language/validate.py --split train --category negation comparison --wrong
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from facegpt.evaluate import edit, text
from facegpt.evaluate.protocol import Row
from facegpt.evaluate.text_system import Prior, Scored, by_group, default_heads, share, shares
from facegpt.language import load_language_model
from facegpt.language.corpus_reader import Record, load_corpus


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rows."""
    options = parser().parse_args(arguments)
    heads, ours = default_heads(), load_language_model()
    prior = Prior.draw(heads, options.prior)
    seeds = tuple(range(options.seeds))
    records = chosen(options.split, options.category)
    new = text.imagine_all(heads, prior, ours, [r for r in records if r.task == "imagine"], seeds, "imagine")
    changed = edit.edit_all(heads, prior, ours, [r for r in records if r.task == "edit"], seeds, "edit")
    if options.wrong:
        show_wrong([*new, *changed])
    print_rows("words to heads", [*text.own_rows(new), *text.spread_rows(heads, prior, new)] if new else [])
    print_rows("edits", edit.own_rows(changed) if changed else [])
    for name, group in by_group([*new, *changed], lambda record: record.category).items():
        right = share(shares(group, lambda record, point: True))
        print(f"all labels, {name} ({len(group)} sentences)  {right:.3f}")


def parser() -> argparse.ArgumentParser:
    """Give the options."""
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--split", default="validation", choices=("validation", "train"))
    found.add_argument("--category", nargs="*", help="of the sentences (default: all)")
    found.add_argument("--seeds", type=int, default=4, help="heads of each sentence (default: 4)")
    found.add_argument("--prior", type=int, default=1000, help="heads that give the reference (default: 1000)")
    found.add_argument("--wrong", action="store_true", help="print every label that is not right")
    return found


def chosen(split: str, categories: Sequence[str] | None) -> list[Record]:
    """Give the sentences of some categories that make or change a head."""
    return [r for r in load_corpus(split) if not categories or r.category in categories]


def show_wrong(scored: Sequence[Scored]) -> None:
    """Print each sentence with its wrong labels and how many of its heads miss them."""
    for each in scored:
        missed = [point for points in each.points for point in points if not point.right]
        names = sorted({f"{p.kind} {p.name} {sum(q.name == p.name for q in missed)}" for p in missed})
        if names:
            print(f"{each.record.category} | {each.record.text} | {each.record.labels} | {'; '.join(names)}")


def print_rows(title: str, rows: Sequence[Row]) -> None:
    """Print rows of a report."""
    print(f"\n{title}")
    for row in rows:
        print(f"  {row.metric}  {row.value:.3f} {row.unit}")


if __name__ == "__main__":
    sys.exit(main())
