"""The verb personalize: clips of a person to a head of their own. It imports the standard library until it runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.cli import early
from facegpt.cli.heads import remarks_of
from facegpt.cli.parts import (
    DONE,
    INTERRUPTED,
    Answer,
    add_dress,
    add_file_options,
    add_output,
    add_verb,
    file_options,
)

if TYPE_CHECKING:
    from facegpt.animate.style import Style
    from facegpt.export.bundle import FileOptions
    from facegpt.personal.avatar import Avatar


def add(verbs: Any) -> None:
    """Declare the verb."""
    parser = add_verb(
        verbs,
        "personalize",
        run,
        "make a head of one's own from a few clips of a person",
        "facegpt personalize a.mp4 b.mp4 -o anna",
    )
    parser.add_argument("clips", metavar="CLIP", nargs="+", help="videos or folders of pictures of one person")
    add_output(parser)
    told = "their way of speaking too, from ten seconds or more: range, asymmetry, blinks, motion of the head"
    parser.add_argument("--style", metavar="CLIP", help=told)
    parser.add_argument("--name", help="of the person (default: that of the folder)")
    help_tune = "tune the landmark network to the person; kept where it follows them better (default: yes)"
    parser.add_argument("--tune", action=argparse.BooleanOptionalAction, default=True, help=help_tune)
    help_detail = "look for wrinkles and folds too, as a normal map and as folds that come with expressions"
    parser.add_argument("--detail", action="store_true", help=help_detail)
    add_dress(parser, "clip")
    add_file_options(parser)
    parser.add_argument(
        "--minutes", type=float, metavar="N", help="most time to take; more is told (default: all it takes)"
    )


def run(options: argparse.Namespace) -> Answer:
    """Make the avatar and save it."""
    early.check_clips([*options.clips, *([options.style] if options.style else [])])
    early.check_output(options.output)
    early.loading(options)
    import facegpt
    from facegpt.hair.accessories import Wishes
    from facegpt.personal.settings import PersonalizeSettings
    from facegpt.personal.tune import personalized

    settings = PersonalizeSettings(
        name=options.name or options.output.resolve().name,
        minutes=options.minutes,
        folder=options.output,
        detail=options.detail,
        wishes=Wishes(options.hair, options.glasses),
    )
    model = facegpt.load()
    style = None if options.style is None else _style(model, options.style)
    with remarks_of(options) as remarks:
        avatar = personalized(model, options.clips, settings, options.tune)
    files = [str(path) for path in _saved(avatar, options.output, file_options(options))]
    if style is not None:
        files.append(str(style.write(options.output / "style.json")))
    used = sum(source.used for source in avatar.sources)
    clips = "1 clip" if len(avatar.sources) == 1 else f"{len(avatar.sources)} clips"
    lines = [f"{avatar.name}: a head from {used} frames of {clips}, {options.output}"]
    if avatar.state == "stopped":
        lines.append("stopped: the folder holds the head as it was by then")
    data = {
        "name": avatar.name,
        "folder": str(options.output),
        "model_id": avatar.head.model_id,
        "state": avatar.state,
        "sources": [vars(source) for source in avatar.sources],
        "figures": avatar.figures,
        "remarks": list(remarks),
        "files": files,
    }
    return Answer(DONE if avatar.state == "done" else INTERRUPTED, data, "\n".join(lines))


def _style(model: Any, clip: str) -> Style:
    """The way of speaking of the person of a clip. Raises FaceGPTError if it is too short or shows nobody."""
    from facegpt.animate.animating import TALKING
    from facegpt.animate.style import style_from

    return style_from(model, clip, TALKING)


def _saved(avatar: Avatar, folder: Path, files: FileOptions) -> tuple[Path, ...]:
    """Save an avatar; where there is no room for it, in the system's folder for temporary files, and say so."""
    import tempfile

    from facegpt.errors import FaceGPTError

    try:
        return avatar.save(folder, files)
    except FaceGPTError as error:
        elsewhere = Path(tempfile.mkdtemp(prefix=f"facegpt_{folder.resolve().name}_"))
        try:
            avatar.save(elsewhere, files)
        except FaceGPTError:
            raise error from None
        raise FaceGPTError(f"{error}. The avatar is in '{elsewhere}': move it from there") from None
