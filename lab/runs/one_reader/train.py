"""Teach the one reader: `python -m lab.runs.one_reader.train FOLDER [--device cuda]`; writes FOLDER/reader.safetensors.

A stopped run goes on with the same command. `--dry-run` takes two minutes on a processor: it learns 64 texts by heart.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from facegpt_lab.train.one_reader.model import ReaderSettings
from facegpt_lab.train.one_reader.training import (
    ReaderTraining,
    checked_examples,
    evaluated,
    precision_of,
    train_reader,
)


def main() -> None:
    """Train, and write the scores on held-out texts into FOLDER/scores.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--base", type=Path, help="folder of another causal model")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rank", type=int, default=64, help="of the adapters; 0: the whole base learns")
    parser.add_argument("--first-layer", type=int, default=0, help="layers below have no adapters and run once forward")
    parser.add_argument("--minutes", type=float, default=25.0)
    parser.add_argument("--tokens", type=int, default=16_000, help="of a batch")
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checked", type=int, default=2000, help="held-out texts in the end; 0: all")
    parser.add_argument("--save-every", type=int, default=500, help="steps between checkpoints")
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    how = ReaderTraining(
        options.minutes,
        options.tokens,
        options.rate,
        device=options.device,
        precision=precision_of(options.device),
        seed=options.seed,
        save_every=options.save_every,
    )
    if options.dry_run:
        how = replace(how, minutes=1.0, tokens=800, most=64, checked=16)
    adapted = ReaderSettings(options.rank, 2.0 * max(options.rank, 1), options.first_layer)
    reader = train_reader(options.folder, adapted, how, options.base)
    scores = evaluated(reader, checked_examples(16 if options.dry_run else options.checked))
    (options.folder / "scores.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(scores))


if __name__ == "__main__":
    main()
