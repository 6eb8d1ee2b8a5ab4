"""The verb reconstruct: photos, folders and patterns become heads."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.cli import early, one_person
from facegpt.cli.heads import remember
from facegpt.cli.parts import (
    DONE,
    FAILED,
    Answer,
    add_device,
    add_dress,
    add_file_options,
    add_output,
    add_quality,
    add_sharing,
    add_verb,
    empty_part,
    file_options,
    positive,
)

if TYPE_CHECKING:
    from facegpt.batch.photos import Outcome
    from facegpt.data.stores import Place

#: Frames of glasses, by name.
FRAMES = ("round", "oval", "rectangular", "square", "aviator", "cat_eye", "browline", "rimless")


def add(verbs: Any) -> None:
    """Declare the verb."""
    parser = add_verb(
        verbs,
        "reconstruct",
        run,
        "make a 3D head of each face in photos",
        "facegpt reconstruct anna.jpg -o anna\n  facegpt reconstruct holiday/ 'more/*.png' -o heads --workers 2\n"
        "  facegpt reconstruct holiday/ -o heads --shard 2/8\n"
        "  facegpt reconstruct front.jpg left.jpg right.jpg --one-person -o anna",
    )
    told = "a photo, a folder, a pattern, an archive or an address (s3://…)"
    parser.add_argument("photos", nargs="+", metavar="PHOTO", help=told)
    add_output(parser, stored=True, of_several="; several heads of a photo are face_0, the largest, face_1, …")
    add_quality(parser)
    parser.add_argument(
        "--detail",
        choices=("off", "normal", "mesh"),
        help="normal: wrinkles and folds, as maps and in the GLB; mesh: also as geometry "
        "(default: normal; off with --quality fast)",
    )
    add_dress(parser, "photo")
    add_file_options(parser)
    told = "also draw how unsure each place of the head is (doubt.png); with --one-person, also which places of the "
    parser.add_argument("--doubt", action="store_true", help=told + "skin were matched (matches.png)")
    add_device(parser)
    parser.add_argument("--avatar", type=Path, metavar="DIR", help="of a person: their face wears their own head")
    told = "all photos show one person: one head from them all; best turned to both sides"
    parser.add_argument("--one-person", action="store_true", help=told)
    parser.add_argument("--workers", type=positive, metavar="N", help="processes (default: one a core, at most 8)")
    add_sharing(parser)
    parser.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="leave out photos whose heads are there already, made from the same file and settings (default: yes)",
    )


def run(options: argparse.Namespace) -> Answer:
    """Make the heads of all photos; a single one writes straight into the output folder."""
    from functools import partial

    from facegpt.data.files import find_photos
    from facegpt.data.stores import place_of
    from facegpt.errors import FaceGPTError

    early.check_place(options)
    photos = find_photos(options.photos, options.output)
    one = photos == [place_of(text) for text in options.photos] and len(photos) == 1
    _check_choices(options)
    if refused := _refused(photos, [place_of(text) for text in options.photos], options.output):
        return refused
    if options.one_person:
        here = [photo for photo in photos if isinstance(photo, Path)]
        if len(here) < len(photos) or not isinstance(options.output, Path):
            raise FaceGPTError("--one-person takes photos and a folder of this machine")
        return one_person.run(options, here)
    early.check_output(options.output)
    early.loading(options)
    from facegpt.batch.photos import default_model, reconstruct_files
    from facegpt.runtime.device import choose_device

    how: dict[str, Any] = {"resume": options.resume, "workers": options.workers, "subfolders": not one}
    how |= {"shard": options.shard, "on": options.on}
    how |= {"detail": options.detail, "files": file_options(options)}
    if options.hair != "auto":
        how["hair"] = options.hair
    if options.glasses != "auto":
        how["glasses"] = options.glasses
    if options.headwear != "auto":
        how["headwear"] = options.headwear
    if options.shirt != "auto":
        how["shirt"] = options.shirt
    if options.avatar is not None:
        from facegpt.personal.avatar import load_avatar

        load_avatar(options.avatar)  # one that cannot be read fails before the first photo
        how["avatar"] = options.avatar
    if options.device != "cpu":  # chosen here: one that cannot be used fails before the first photo
        how["make_model"] = partial(default_model, choose_device(options.device))
    outcomes = reconstruct_files(photos, options.output, options.quality, **how)
    answer = told(outcomes)
    return answer if outcomes else replace(answer, text=empty_part(options.shard))


def _check_choices(options: argparse.Namespace) -> None:
    """Find out that what was chosen is there. Raises FaceGPTError."""
    from facegpt.errors import FaceGPTError

    if options.hair not in ("auto", "none"):
        from facegpt.hair.presets import PRESETS

        if options.hair not in PRESETS:
            styles = ", ".join(PRESETS)
            raise FaceGPTError(f"hair is 'auto', 'none' or a style, not '{options.hair}'; styles: {styles}")
    if options.glasses not in ("auto", "none", *FRAMES):
        frames = ", ".join(FRAMES)
        raise FaceGPTError(f"glasses are 'auto', 'none' or a frame, not '{options.glasses}'; frames: {frames}")
    if options.shirt not in ("auto", "none"):
        from facegpt.bust.colours import shirt_like

        shirt_like(options.shirt)
    if options.one_person and options.quality == "fast":
        raise FaceGPTError("--one-person needs --quality balanced or best")
    if options.one_person and options.avatar is not None:
        raise FaceGPTError("--one-person makes a head of its own: leave out --avatar")
    early.check_avatar(options.avatar)
    early.check_device(options.device)


def _refused(photos: Sequence[Place], named: Sequence[Place], output: Place) -> Answer | None:
    """The answer where none of the photos can be read; one that was named and is not there is told beside others."""
    from facegpt.errors import FaceGPTError

    errors: dict[Place, str] = {}
    for photo in photos if len(photos) == 1 else [place for place in named if place in photos]:
        try:
            if len(photos) == 1 or (isinstance(photo, Path) and not photo.exists()):
                early.check_photo(photo)
        except FaceGPTError as error:
            errors[photo] = str(error)
    others = "; it is left out" if len(errors) < len(photos) else ""
    for message in errors.values():
        print(f"facegpt: {message}{others}", file=sys.stderr)
    if others or not photos:
        return None
    failed = {"status": "failed", "faces": [], "seconds": 0.0}
    told = [{"photo": str(p), "folder": str(output), **failed, "error": message} for p, message in errors.items()]
    return Answer(FAILED, {"photos": told, "done": 0, "skipped": 0, "failed": len(told)})


def told(outcomes: Sequence[Outcome]) -> Answer:
    """The verb's answer for a batch, a line a photo; prints failures to stderr and remembers the last head made."""
    here = [outcome for outcome in outcomes if isinstance(outcome.folder, Path)]
    if made := [outcome.faces[0]["folder"] for outcome in here if outcome.faces]:
        remember(Path(made[-1]))
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    lines = []
    for outcome in outcomes:
        if outcome.status != "failed":
            heads = "1 head" if len(outcome.faces) == 1 else f"{len(outcome.faces)} heads"
            there = " (there already)" if outcome.status == "skipped" else ""
            lines.append(f"{outcome.photo}: {heads} in {outcome.folder}{there}")
            lines += [f"  {remark}" for remark in outcome.remarks]
            for face in outcome.faces:
                of = f"{face['name']}: " if face["name"] else ""
                lines += [f"  {of}{sentence}" for sentence in (*face.get("drawn", ()), *face.get("ignored", ()))]
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
