"""The verb train. Only the standard library is imported until it is needed."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import Any

from facegpt.cli_parts import DONE, Answer, add_kinds, add_verb, natural, positive


def add_verbs(verbs: Any) -> None:
    """Declare the verb and its kinds."""
    example = "facegpt train words -o run\n  facegpt train words -o run --watch"
    kinds = add_kinds(verbs, "train", "train the learnt parts (recipes of the shipped ones: runs/)", example)
    _add_words(kinds)
    _add_landmarks(kinds)


def _add_words(kinds: Any) -> None:
    example = (
        "facegpt train words -o run --minutes 60\n"
        "  facegpt train words --base ./SmolVLM-256M-Instruct --precision bfloat16 -o run\n"
        "  facegpt train words -o run --watch"
    )
    parser = add_verb(kinds, "words", _words, "teach a language model to read wishes for faces", example)
    parser.add_argument("-o", "--output", type=Path, default=Path("run"), metavar="DIR", help="folder (default: run)")
    parser.add_argument("--base", default="", metavar="MODEL", help="folder or name of another base language model")
    parser.add_argument("--samples", type=natural, default=9500, metavar="N", help="generated texts (default: 9500)")
    parser.add_argument("--minutes", type=positive, metavar="N", help="of the adapters' stage at most (default: none)")
    parser.add_argument("--epochs", type=positive, default=3, metavar="N", help="of the adapters (default: 3)")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32", help="(default: float32)")
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help="of everything drawn (default: 0)")
    parser.add_argument("--watch", action="store_true", help="show the curves of the run in DIR, until Ctrl-C")


def _words(options: argparse.Namespace) -> Answer:
    if options.watch:
        return _watch(options.output)
    from facegpt.train.words import WordsSettings, WordsTraining

    settings = WordsSettings(
        base=options.base,
        samples=options.samples,
        adapter_epochs=options.epochs,
        adapter_minutes=float(options.minutes or 0),
        precision=options.precision,
        seed=options.seed,
    )
    card = WordsTraining(options.output, settings).run()
    scores = "\n".join(f"  {name}: {value:.3f}" for name, value in card["validation"].items())
    return Answer(DONE, card, f"trained in {options.output}; on the validation sentences:\n{scores}")


def _add_landmarks(kinds: Any) -> None:
    example = (
        "facegpt synthesize photos --count 100000 --workers 2 -o photos\n"
        "  facegpt synthesize photos --count 1000 --seed 90 -o unseen\n"
        "  facegpt train landmarks photos --validation unseen --minutes 65 -o run\n"
        "  facegpt train landmarks photos --validation unseen -o run --watch"
    )
    parser = add_verb(kinds, "landmarks", _landmarks, "train the dense landmark network on the studio's crops", example)
    parser.add_argument("crops", type=Path, metavar="SHARDS", help="folder of `facegpt synthesize photos`")
    parser.add_argument("--validation", type=Path, required=True, metavar="SHARDS", help="crops with other seeds")
    parser.add_argument(
        "--errors", type=Path, metavar="FILE", help="the detector's errors (runs/landmarks/detector_errors.py)"
    )
    parser.add_argument(
        "--photos", type=Path, metavar="DIR", help="crops of real photos (runs/landmarks/photo_crops.py)"
    )
    parser.add_argument("--start", type=Path, metavar="FILE", help="network.safetensors of another run to go on from")
    parser.add_argument("-o", "--output", type=Path, default=Path("run"), metavar="DIR", help="folder (default: run)")
    parser.add_argument("--count", type=positive, default=1_000_000, metavar="N", help="crops to read at most")
    parser.add_argument("--minutes", type=positive, metavar="N", help="stop after these (default: none)")
    parser.add_argument("--steps", type=positive, default=20_000, metavar="N", help="at most (default: 20000)")
    parser.add_argument("--batch", type=positive, default=64, metavar="N", help="crops of one step (default: 64)")
    parser.add_argument("--threads", type=positive, default=2, metavar="N", help="of the processor (default: 2)")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32", help="(default: float32)")
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help="of everything drawn (default: 0)")
    parser.add_argument("--watch", action="store_true", help="show the curves of the run in DIR, until Ctrl-C")


def _landmarks(options: argparse.Namespace) -> Answer:
    if options.watch:
        return _watch(options.output)
    from facegpt.train.landmarks import LandmarkSettings, train_from_shards

    settings = LandmarkSettings(
        steps=options.steps,
        minutes=float(options.minutes or 0),
        batch=options.batch,
        threads=options.threads,
        precision=options.precision,
        seed=options.seed,
        start=str(options.start or ""),
    )
    card = train_from_shards(
        options.crops, options.validation, options.output, settings, options.errors, options.count, options.photos
    )
    scores = "\n".join(f"  {name}: {value:.3f}" for name, value in card["validation"].items())
    return Answer(DONE, card, f"trained in {options.output}; on the validation crops:\n{scores}")


def _watch(folder: Path) -> Answer:
    """Draw the curves of the stage that was logged last, again whenever its log grows."""
    from facegpt.train.log import newest_log, watch

    path = newest_log(folder)
    with contextlib.suppress(KeyboardInterrupt):
        for text in watch(path):
            print(text, file=sys.stderr, flush=True)
    return Answer(DONE, {"log": str(path)})
