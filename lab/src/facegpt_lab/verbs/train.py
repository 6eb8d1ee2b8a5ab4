"""The verb train. Only the standard library is imported until it is needed."""

from __future__ import annotations

import argparse
import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from facegpt.cli import early
from facegpt.cli.parts import DONE, Answer, add_device, add_kinds, add_verb, natural, positive


def add(verbs: Any) -> None:
    """Declare the verb and its kinds. `facegpt train --photos DIR` is short for the kind photos."""
    example = (
        "facegpt train --photos my_photos -o run\n  facegpt train words -o run\n  facegpt train words -o run --watch"
    )
    kinds = add_kinds(verbs, "train", "train the learnt parts (recipes of the shipped ones: lab/runs/)", example)
    _add_words(kinds)
    _add_landmarks(kinds)
    _add_photos(kinds)
    _add_detail(kinds)
    parser = verbs.choices["train"]
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    _add_photo_folder(parser)
    _add_run(parser)
    kinds.required = False
    unsaid = dict.fromkeys(("crops", "start", "count", "decoded", "views", "steps"))
    parser.set_defaults(run=run, wrong_use=parser.error, language="", joint_steps=0, **unsaid)


def run(options: argparse.Namespace) -> Answer:
    """Run `facegpt train` without a kind: with photos, or to watch them, it is the kind photos."""
    if options.photos is None and not options.watch:
        options.wrong_use("the following arguments are required: KIND, or --photos DIR")
    return _photos(options)


def _add_words(kinds: Any) -> None:
    example = (
        "facegpt train words -o run --minutes 60\n"
        "  facegpt train words --base ./SmolVLM-256M-Instruct --precision bfloat16 -o run\n"
        "  torchrun --nproc-per-node 8 -m -- facegpt train words --base ./Qwen3-8B --device cuda --precision bfloat16\n"
        "  facegpt train words -o run --watch"
    )
    parser = add_verb(kinds, "words", _words, "teach a language model to read requests for faces", example)
    parser.add_argument("--base", default="", metavar="MODEL", help="folder or name of another base language model")
    parser.add_argument("--start", type=Path, metavar="FILE", help="adapter to go on from (default: from the base)")
    parser.add_argument("--rate", type=float, metavar="R", help="learning rate (default: 6e-4; head alone: 1.5e-3)")
    parser.add_argument("--samples", type=natural, default=9500, metavar="N", help="generated texts (default: 9500)")
    parser.add_argument(
        "--one-in", type=positive, default=1, metavar="N", help="only every Nth sentence, beside all turns (default: 1)"
    )
    parser.add_argument("--head-only", action="store_true", help="with --start: adapters stay, the head learns on")
    parser.add_argument("--minutes", type=positive, metavar="N", help="of the adapters' stage at most (default: none)")
    parser.add_argument("--epochs", type=positive, default=3, metavar="N", help="of the adapters (default: 3)")
    help_tokens = "of a batch, of which each process of torchrun has one a step (default: 1100)"
    parser.add_argument("--tokens", type=positive, default=1100, metavar="N", help=help_tokens)
    add_device(parser)
    _add_run(parser)


def _words(options: argparse.Namespace) -> Answer:
    if options.watch:
        return _watch(options.output)
    _check(options)
    from facegpt_lab.train.words.training import WordsSettings, WordsTraining

    settings = WordsSettings(
        base=options.base,
        start=str(options.start or ""),
        head_only=options.head_only,
        head_rate=(options.rate if options.head_only else None) or WordsSettings.head_rate,
        adapter_rate=options.rate or WordsSettings.adapter_rate,
        samples=options.samples,
        one_in=options.one_in,
        adapter_epochs=options.epochs,
        minutes=float(options.minutes or 0),
        tokens=options.tokens,
        precision=options.precision,
        seed=options.seed,
        device=options.device,
    )
    training = WordsTraining(options.output, settings)
    card = training.run()
    if not training.processes.is_first:
        options.json = False  # of several processes the first one speaks
        return Answer(DONE, card)
    return _trained(options, card, "the validation sentences")


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
        "--photos", type=Path, metavar="FILE", help="faces of real photos (lab/runs/landmarks/photo_crops.py)"
    )
    help_more = "further crops, and their share of a batch (0 to 1); may be given again"
    parser.add_argument("--more", nargs=2, action="append", default=[], metavar=("SHARDS", "SHARE"), help=help_more)
    parser.add_argument("--start", type=Path, metavar="FILE", help="network.safetensors of another run to go on from")
    help_held = "part of the network that stays as it is: the language model reads the `trunk`; may be given again"
    parser.add_argument("--hold", action="append", default=[], metavar="PART", help=help_held)
    help_hard = "crops that are made hard, dark or covered, besides (default: 8000)"
    parser.add_argument("--hard", type=natural, default=8000, metavar="N", help=help_hard)
    help_looked = "crops of each folder that the detector looks at, 17 ms each; the others get made-up points (all)"
    parser.add_argument("--looked-at", type=positive, metavar="N", help=help_looked)
    help_rate = "the highest (default: 0.002; 0.001 does for --start)"
    parser.add_argument("--learning-rate", type=float, default=2e-3, metavar="RATE", help=help_rate)
    parser.add_argument("--count", type=positive, default=1_000_000, metavar="N", help="crops of a folder at most")
    parser.add_argument("--minutes", type=positive, metavar="N", help="stop after these (default: none)")
    parser.add_argument("--steps", type=positive, default=20_000, metavar="N", help="at most (default: 20000)")
    parser.add_argument("--batch", type=positive, default=64, metavar="N", help="crops of one step (default: 64)")
    parser.add_argument("--threads", type=positive, default=2, metavar="N", help="of the processor (default: 2)")
    _add_run(parser)


def _landmarks(options: argparse.Namespace) -> Answer:
    if options.watch:
        return _watch(options.output)
    _check(options)
    from facegpt_lab.train.landmarks.training import HARD_SHARE, LandmarkSettings, train_from_shards

    settings = LandmarkSettings(
        steps=options.steps,
        minutes=float(options.minutes or 0),
        batch=options.batch,
        learning_rate=options.learning_rate,
        threads=options.threads,
        precision=options.precision,
        seed=options.seed,
        start=str(options.start or ""),
        held=tuple(options.hold),
        looked_at=options.looked_at,
        hard=(options.hard, HARD_SHARE),
    )
    more = [(Path(shards), _share(share)) for shards, share in options.more]
    card = train_from_shards(
        options.crops, options.validation, options.output, settings, options.count, more, options.photos
    )
    return _trained(options, card, "the validation crops")


def _share(text: str) -> float:
    """Read a share of a batch."""
    from facegpt.errors import FaceGPTError

    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise FaceGPTError(f"the share of further crops is a number from 0 to below 1, not '{text}'")
    return share


def _add_photos(kinds: Any) -> None:
    example = (
        "facegpt train photos --photos my_photos -o run\n"
        "  facegpt train photos --photos my_photos -o run --watch\n"
        "  facegpt synthesize photos --count 5000 --workers 2 -o crops\n"
        "  facegpt train photos crops --photos my_photos -o run"
    )
    does = "teach the language model to see faces: by photos without labels, and by the studio's crops"
    parser = add_verb(kinds, "photos", _photos, does, example)
    help_crops = (
        "folder of `facegpt synthesize photos`: learns from the start (default: goes on from the shipped tokens)"
    )
    parser.add_argument("crops", type=Path, nargs="?", metavar="SHARDS", help=help_crops)
    _add_photo_folder(parser)
    parser.add_argument("--language", default="", metavar="MODEL", help="adapter, or folder of `facegpt train words`")
    parser.add_argument(
        "--start", type=Path, metavar="FILE", help="photo_tokens.safetensors of another run to go on from"
    )
    help_count = "crops of the studio to look at (default: 3000; without SHARDS 400, which it makes)"
    parser.add_argument("--count", type=positive, metavar="N", help=help_count)
    help_decoded = "RUN/crops of `facegpt train landmarks` on the same SHARDS: takes its detections over"
    parser.add_argument("--decoded", type=Path, metavar="DIR", help=help_decoded)
    parser.add_argument("--views", type=positive, metavar="N", help="of each face in a photo (default: 5)")
    parser.add_argument("--steps", type=positive, metavar="N", help="on photos (default: 1200; without SHARDS 200)")
    parser.add_argument("--joint-steps", type=natural, default=0, metavar="N", help="with sentences, at the end (0)")
    _add_run(parser)


def _add_photo_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--photos", type=Path, metavar="DIR", help="folder of photos, yours or anybody's, without labels"
    )


def _photos(options: argparse.Namespace) -> Answer:
    if options.watch:
        return _watch(options.output)
    _check(options)
    from facegpt.errors import FaceGPTError
    from facegpt_lab.train.photo_tokens.training import ADAPTED, SHIPPED, PhotosSettings, PhotosTraining

    if options.crops is None and options.photos is None:
        raise FaceGPTError("there is nothing to learn from: give a folder of photos (--photos DIR), crops, or both")
    usual = PhotosSettings() if options.crops else ADAPTED
    settings = replace(
        usual,
        language=options.language,
        start=str(options.start or usual.start),
        decoded=str(options.decoded or ""),
        crops=options.count or usual.crops,
        views=options.views or usual.views,
        photo_steps=options.steps or usual.photo_steps,
        joint_steps=options.joint_steps,
        precision=options.precision,
        seed=options.seed,
    )
    card = PhotosTraining(options.output, options.crops, options.photos, settings).run()
    if settings.start:
        return Answer(DONE, card, _adapted(options.output, card, settings.start == SHIPPED))
    return _trained(options, card, "held-out faces")


def _adapted(folder: Path, card: dict[str, Any], shipped: bool) -> str:
    """What learning from photos changed, and how to use it."""
    before, after = card["validation before the photos"], card["validation"]
    measures = {
        "landmarks": "distance to the detector's points, SDs",
        "photo": "colours of the skin, |log ratio|",
        "identity": "distance of the person",
        "perceptual": "distance of features",
        "points": "points of renders, mm",
    }
    known = [(text, before[name], after[name]) for name, text in measures.items() if name in after]
    lines = [f"  {text}: {old:.3f} -> {new:.3f}" for text, old, new in known]
    file = folder / "photo_tokens.safetensors"
    return "\n".join(
        [
            f"trained in {folder}; on held-out faces, {'shipped' if shipped else 'start'} -> now:",
            *lines,
            "Use it:",
            "  from facegpt.language.model.photo_asset import load_photo_parts",
            "  model = facegpt.load()",
            f'  load_photo_parts(model.language.model, Path("{file}"))',
            '  faces = model.see("me.jpg")',
        ]
    )


def _add_detail(kinds: Any) -> None:
    example = "facegpt train detail --photos my_photos -o run\n  facegpt train detail --photos my_photos -o run --watch"
    does = "teach the network of wrinkles and folds: by photos without labels, beside sculpted skin"
    parser = add_verb(kinds, "detail", _detail, does, example)
    _add_photo_folder(parser)
    help_start = "network to go on from (default: the shipped one)"
    parser.add_argument("--start", type=Path, metavar="FILE", help=help_start)
    parser.add_argument("--steps", type=positive, default=600, metavar="N", help="(default: 600)")
    help_count = "sculptures that it makes (default: 60)"
    parser.add_argument("--count", type=positive, default=60, metavar="N", help=help_count)
    _add_run(parser)


def _detail(options: argparse.Namespace) -> Answer:
    if options.watch:
        return _watch(options.output)
    _check(options)
    from facegpt.errors import FaceGPTError
    from facegpt_lab.train.detail.adapting import NETWORK, DetailSettings, DetailTraining

    if options.photos is None:
        raise FaceGPTError("there is nothing to learn from: give a folder of photos (--photos DIR)")
    settings = DetailSettings(
        start=str(options.start or ""),
        sculptures=options.count,
        steps=options.steps,
        precision=options.precision,
        seed=options.seed,
    )
    card = DetailTraining(options.output, options.photos, settings).run()
    before, after = card["before"], card["validation"]
    measures = {
        "photometric": "light of held-out photos left unexplained",
        "correlation": "sculptures, correlation of displacements",
        "slope_error_share": "sculptures, error of slopes over theirs",
    }
    lines = [f"  {text}: {before[name]:.3f} -> {after[name]:.3f}" for name, text in measures.items()]
    file = options.output / NETWORK
    use = [
        "Use it:",
        "  from facegpt.detail.network import use_network",
        f'  use_network(Path("{file}"))',
        '  face = facegpt.load().reconstruct("me.jpg", detail="normal")[0]',
    ]
    return Answer(DONE, card, "\n".join([f"trained in {options.output}; before -> now:", *lines, *use]))


def _add_run(parser: argparse.ArgumentParser) -> None:
    """Declare what all kinds of training share."""
    parser.add_argument("-o", "--output", type=Path, default=Path("run"), metavar="DIR", help="folder (default: run)")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32", help="(default: float32)")
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help="of everything drawn (default: 0)")
    parser.add_argument("--watch", action="store_true", help="show the curves of the run in DIR, until Ctrl-C")


def _trained(options: argparse.Namespace, card: dict[str, Any], on: str) -> Answer:
    scores = "\n".join(f"  {name}: {value:.3f}" for name, value in card["validation"].items())
    return Answer(DONE, card, f"trained in {options.output}; on {on}:\n{scores}")


def _check(options: argparse.Namespace) -> None:
    """Find out that photos are there and the output can be written. Raises FaceGPTError."""
    early.check_output(options.output)
    early.check_exists(getattr(options, "photos", None))


def _watch(folder: Path) -> Answer:
    """Draw the curves of the stage that was logged last, again whenever its log grows."""
    from facegpt_lab.train.log import newest_log, watch

    path = newest_log(folder)
    with contextlib.suppress(KeyboardInterrupt):
        for text in watch(path):
            print(text, file=sys.stderr, flush=True)
    return Answer(DONE, {"log": str(path)})
