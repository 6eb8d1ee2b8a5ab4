"""The verb synthesize: training data with true labels. Only the standard library is imported until it is needed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from facegpt.cli import early
from facegpt.cli.parts import (
    DONE,
    Answer,
    add_kinds,
    add_output,
    add_sharing,
    add_verb,
    empty_part,
    natural,
    positive,
)
from facegpt.runtime.extras import check_installed


def add(verbs: Any) -> None:
    """Declare the verb and its kinds."""
    does = "make training data whose labels are true by construction"
    kinds = add_kinds(verbs, "synthesize", does, "facegpt synthesize words --count 20000 --workers 2 -o words")
    _add_words(kinds)
    _add_photos(kinds)


def _add_words(kinds: Any) -> None:
    parser = add_verb(
        kinds,
        "words",
        _words,
        "descriptions, edits, questions and conversations about faces, as WebDataset shards",
        "facegpt synthesize words --count 20000 --seed 1 --workers 2 -o words",
    )
    _add_stream(parser, 10_000, "samples")


def _add_stream(parser: argparse.ArgumentParser, count: int, what: str) -> None:
    """Declare what all kinds share: how many of a stream of samples, and where they go."""
    parser.add_argument("--count", type=positive, default=count, metavar="N", help=f"{what} (default: {count})")
    parser.add_argument("--seed", type=natural, default=0, metavar="N", help=f"another seed, other {what} (default: 0)")
    told = "processes (default: 1, or one a core of a cluster)"
    parser.add_argument("--workers", type=positive, metavar="N", help=told)
    add_sharing(parser)
    add_output(parser)


def _words(options: argparse.Namespace) -> Answer:
    early.check_place(options)
    early.check_output(options.output)
    from facegpt_lab.synthesis.texts.text_shards import synthesize_words

    how = {"on": options.on, "part": options.shard}
    card = synthesize_words(options.output, options.count, options.seed, options.workers, **how)
    return _told(options, card, f"{options.count} samples in {options.output}; what they are is in card.json there")


def _told(options: argparse.Namespace, card: dict[str, Any], whole: str) -> Answer:
    """What is told of the whole, or of a part while others are missing."""
    if card["complete"]:
        return Answer(DONE, card, whole)
    if not card["shards"]:
        return Answer(DONE, card, empty_part(options.shard))
    part, parts = options.shard
    written = f"part {part} of {parts}: {len(card['shards'])} shards in {options.output}"
    return Answer(DONE, card, f"{written}; card.json is completed when all parts are there")


def _add_photos(kinds: Any) -> None:
    parser = add_verb(
        kinds,
        "photos",
        _photos,
        "pictures of faces with every point, parameter and part known, as WebDataset shards",
        "facegpt synthesize photos --count 1000 --seed 1 --workers 2 -o photos",
    )
    _add_stream(parser, 1000, "pictures")
    framings = "upright face crops, or whole pictures (default: crop)"
    parser.add_argument("--framing", choices=("crop", "photo"), default="crop", help=framings)
    parser.add_argument("--size", type=positive, metavar="PX", help="side of the pictures (default: 144, photos 512)")
    parser.add_argument(
        "--engine", choices=("numba", "mitsuba"), default="numba", help="mitsuba takes about a second a picture"
    )
    parser.add_argument("--maps", action="store_true", help="with depth, normals and parts at full size")
    turned = "heads turned by so many degrees to either side, evenly, instead of as photos have them"
    parser.add_argument("--yaw", type=float, nargs=2, metavar=("FROM", "TO"), help=turned)
    parser.add_argument("--skins", type=Path, metavar="FILE", help="skins unwrapped from photos, to be worn too")
    parser.add_argument("--photos", type=Path, metavar="DIR", help="folder with portraits/ and photos/ for backdrops")


def _photos(options: argparse.Namespace) -> Answer:
    early.check_place(options)
    early.check_output(options.output)
    early.check_exists(options.photos)
    early.check_file(options.skins)
    if options.engine == "mitsuba":
        check_installed("mitsuba", "path-traced pictures")
    early.loading(options)
    from facegpt_lab.synthesis.studio.sample import StudioSettings
    from facegpt_lab.synthesis.studio.shards import synthesize_photos

    settings = StudioSettings(
        framing=options.framing,
        size_px=options.size or (144 if options.framing == "crop" else 512),
        engine=options.engine,
        maps=options.maps,
        photo_skins=str(options.skins.resolve()) if options.skins else "",
        photos=str(options.photos.resolve()) if options.photos else "",
        yaw_deg=None if options.yaw is None else (options.yaw[0], options.yaw[1]),
    )
    how = {"settings": settings, "on": options.on, "part": options.shard}
    card = synthesize_photos(options.output, options.count, options.seed, options.workers, **how)
    text = f"{options.count} pictures in {options.output}; what they are is in card.json there, a few in sheet.jpg"
    return _told(options, card, text)
