"""Train the face head alone, mostly on turns: how strong a movement should be, said of what the face shows.

Sentences that stand alone are a share of what is learnt from, so that they are not forgotten; drawn turns that move
nothing, claims and turns without labels are thinned out. Needs the states below the adapters, which are kept in FOLDER.

    python -m runs.language.turns_leg START FOLDER --minutes 25 --share 0.08   # nearly turns alone
    python -m runs.language.turns_leg START FOLDER --minutes 22 --share 0.75
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path

import torch

from facegpt.train.words import training
from facegpt.train.words.examples import EncodedExample
from facegpt.train.words.training import WordsSettings, WordsTraining, repeats_of

TURNS, DRAWN = ("turn/", "claim/"), ("turn/weight", "turn/terse")
#: Shares of the drawn follow-ups that move nothing and of the claims; of turns that say nothing of a head; of samples.
OF_FOLLOW_UPS, OF_SILENT, OF_SAMPLES = 1 / 3, 1 / 6, 1 / 20
#: Only to see where it stands while it runs.
OF_VALIDATION = 1 / 8


def among(key: str, share: float) -> bool:
    """Whether a text is of a share of all, by its key alone."""
    return zlib.crc32(key.encode()) % 1000 < 1000 * share


def is_kept(example: EncodedExample, share: float) -> bool:
    """Whether a text is learnt from. share: of the sentences that stand alone."""
    key, target = example.example.key, example.example.target
    if not key.startswith(TURNS):
        return among(key, OF_SAMPLES if key.startswith("sample/") else share)
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

    def __init__(self, folder: Path, settings: WordsSettings, share: float) -> None:
        self.share = share
        super().__init__(folder, settings)

    def _texts(self) -> list[EncodedExample]:
        return [each for each in super()._texts() if is_kept(each, self.share)]

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
    TurnsLeg(options.folder, settings, options.share).run()


if __name__ == "__main__":
    main()
