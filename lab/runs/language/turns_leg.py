"""Train the face head alone, mostly on turns: how strong a movement should be, said of what the face shows.

Sentences that stand alone are a share of what is learnt from, so that they are not forgotten; drawn turns that move
nothing, claims and turns without labels are thinned out. Needs the states below the adapters, which are kept in FOLDER.

    python -m lab.runs.language.turns_leg START FOLDER --minutes 25 --share 0.08   # nearly turns alone
    python -m lab.runs.language.turns_leg START FOLDER --minutes 22 --share 0.75
    python -m lab.runs.language.turns_leg START FOLDER --minutes 20 --share 0.22 --turns 0.3 --fresh xa xb wd  # new
"""

from __future__ import annotations

import argparse
import zlib
from dataclasses import dataclass
from pathlib import Path

import torch

from facegpt_lab.train.words import training
from facegpt_lab.train.words.examples import EncodedExample
from facegpt_lab.train.words.training import WordsSettings, WordsTraining, repeats_of

TURNS, DRAWN = ("turn/", "claim/"), ("turn/weight", "turn/terse")
#: Shares of the drawn follow-ups that move nothing and of the claims; of turns that say nothing of a head; of samples.
OF_FOLLOW_UPS, OF_SILENT, OF_SAMPLES = 1 / 3, 1 / 6, 1 / 20
#: Only to see where it stands while it runs.
OF_VALIDATION = 1 / 8


def among(key: str, share: float) -> bool:
    """Whether a text is of a share of all, by its key alone."""
    return zlib.crc32(key.encode()) % 1000 < 1000 * share


@dataclass(frozen=True)
class Kept:
    """What is learnt from.

    Attributes:
        share: of the sentences that stand alone. turns: of the written turns.
        fresh: ids of sentences and conversations that are all learnt from start so.
    """

    share: float = 0.75
    turns: float = 1.0
    fresh: tuple[str, ...] = ()


def is_kept(example: EncodedExample, kept: Kept) -> bool:
    """Whether a text is learnt from."""
    key, target = example.example.key, example.example.target
    fresh = key.removeprefix(TURNS[0]).removeprefix(TURNS[1]).startswith(kept.fresh)
    if not key.startswith(TURNS):
        return fresh or among(key, OF_SAMPLES if key.startswith("sample/") else kept.share)
    if not fresh and not among(key, kept.turns):
        return False
    if key.startswith(DRAWN):
        return True
    if key.startswith("turn/follow/"):
        return among(key, OF_FOLLOW_UPS) or bool(target.expression_gate.any())
    if key.startswith("claim/"):
        return among(key, OF_FOLLOW_UPS)
    return target.known > 0 or among(key, OF_SILENT)


def turns_more_often(example: EncodedExample) -> int:
    """How often a text comes in one round: a written turn that moves something twice as often."""
    key = example.example.key
    if key.startswith(DRAWN):
        return 1
    moves = key.startswith("turn/") and bool(example.example.target.expression_gate.any())
    return repeats_of(example) * (2 if moves else 1)


class TurnsLeg(WordsTraining):
    """The training of words on a share of its texts."""

    def __init__(self, folder: Path, settings: WordsSettings, kept: Kept) -> None:
        self.kept = kept
        super().__init__(folder, settings)

    def _texts(self) -> list[EncodedExample]:
        return [each for each in super()._texts() if is_kept(each, self.kept)]

    def _corpus(self, split: str) -> list[EncodedExample]:
        records = super()._corpus(split)
        return records[:: round(1 / OF_VALIDATION)] if split == "validation" else records


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("start", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=22.0)
    parser.add_argument("--share", type=float, default=0.75, help="of the sentences that stand alone")
    parser.add_argument("--turns", type=float, default=1.0, help="share of the written turns")
    parser.add_argument("--fresh", nargs="*", default=(), help="ids that are all kept start so")
    options = parser.parse_args()
    torch.set_num_threads(1)
    training.repeats_of = turns_more_often
    settings = WordsSettings(
        start=str(options.start),
        head_only=True,
        samples=24_000,
        seed=6,
        precision="bfloat16",
        head_rate=3e-4,
        finish_epochs=30,
        minutes=options.minutes,
    )
    TurnsLeg(options.folder, settings, Kept(options.share, options.turns, tuple(options.fresh))).run()


if __name__ == "__main__":
    main()
