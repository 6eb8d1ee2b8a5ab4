"""The verb edit with --photo: the photo again, changed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from facegpt.cli import early, heads
from facegpt.cli.parts import DONE, FAILED, Answer, load_options


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what gives a photo back."""
    parser.set_defaults(wrong_use=parser.error)
    group = parser.add_argument_group("the photo again, changed (photo.png, mask.png, before_after.png)")
    group.add_argument(
        "--photo", action="store_true", help="change the photo itself; TEXT may be left out with the rest"
    )
    group.add_argument(
        "--set", type=_weights, default={}, metavar="jawOpen=.4,…", help="weights of ARKit units, 0 to 1"
    )
    group.add_argument("--au", type=_weights, default={}, metavar="1=.6,L12=.4,…", help="action units; L, R: one side")
    group.add_argument("--like", metavar="PHOTO", help="the expression of another photo's largest face")
    told = "turn the head by degrees: to its left (image right), and down; at most 25"
    group.add_argument("--turn", type=_pair, metavar="YAW,PITCH", help=told)
    told = "look into the camera, or so many degrees to its left and up"
    group.add_argument("--gaze", type=_gaze, metavar="camera|X,Y", help=told)
    told = "another skin: a picture of the size of the head's texture.png, or a layer to lay over it"
    group.add_argument("--retexture", type=Path, metavar="PICTURE", help=told)
    group.add_argument("--morph", metavar="PHOTO", help="go towards another photo's face")
    group.add_argument("--at", type=_share, default=0.5, metavar="SHARE", help="how far, 0 to 1 (default: .5)")


def wanted(options: argparse.Namespace) -> bool:
    """Whether the photo is to be given back. Exits with 2 if that is not said, but needed, or nothing is asked."""
    asked = bool(
        options.set or options.au or options.like or options.turn or options.gaze or options.morph or options.retexture
    )
    if asked and not options.photo:
        options.wrong_use(
            "--set, --au, --like, --turn, --gaze, --retexture and --morph change a photo: say --photo as well"
        )
    if options.text is None and not (options.photo and asked):
        options.wrong_use(
            "say what to change: words, or with --photo one of --set, --au, --like, --turn, --gaze, --morph …"
        )
    return bool(options.photo)


def run(options: argparse.Namespace) -> Answer:
    """Change the photo and save it."""
    from facegpt.errors import FaceGPTError

    if Path(options.source).is_dir() or options.source.endswith(".json"):
        raise FaceGPTError(f"'{options.source}' is a saved head; to change a photo, name the photo itself")
    early.check_photo(Path(options.source))
    for other in filter(None, (options.like, options.morph)):
        early.check_photo(Path(other))
    check_asked(options)
    early.check_file(options.retexture)
    early.check_output(options.output)
    if options.text is not None:
        heads.check_text(options.text, "the edit")
    early.check_device(options.device)
    early.loading(options)
    import facegpt.api
    from facegpt.picture.editing import edit_photo, expression_of
    from facegpt.picture.morph import morph_photos
    from facegpt.picture.wishes import PhotoWishes

    model = facegpt.api.load(**load_options(options))
    with heads.remarks_of(options) as remarks:
        if options.morph:
            changed = morph_photos(model, options.source, options.morph, options.at, options.face)
        else:
            expression = expression_of(model, options.like) if options.like else None
            wishes = PhotoWishes(options.set, options.au, options.turn, options.gaze, expression, options.retexture)
            changed = edit_photo(model, options.source, options.text, wishes, options.seed, options.face)
    data: dict[str, Any] = {"source": options.source, "text": options.text, "remarks": remarks}
    data |= {"understood": changed.understood, "understood_parts": changed.understood_parts}
    data |= {"ignored": changed.ignored}
    if not changed.mask.any():
        why = "; ".join(changed.ignored) or "nothing in the photo moves by it"
        return Answer(FAILED, data | {"unchanged": True}, f"unchanged: {why}")
    names = changed.save(options.output)
    share = float((changed.mask > 0).mean())
    data |= {"folder": str(options.output), "files": names, "changed_share": round(share, 4)}
    lines = [f"the changed photo is {options.output / 'photo.png'}; its metadata say that it was changed"]
    if changed.understood:
        lines.append(f"understood: {'; '.join(changed.understood)}")
    return Answer(DONE, data, "\n".join([*lines, *(f"not shown: {thing}" for thing in changed.ignored)]))


def check_asked(options: argparse.Namespace) -> None:
    """Find out before anything is loaded that the head has what is asked. Raises FaceGPTError."""
    from facegpt.picture.wishes import PhotoWishes, check_turn

    _ = PhotoWishes(options.set, options.au).weights
    if options.turn:
        check_turn(*options.turn)


def _weights(text: str) -> dict[str, float]:
    from facegpt.picture.wishes import read_weights

    try:
        return read_weights(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"write names and weights, as jawOpen=.4,browInnerUp=.6, not '{text}'"
        ) from None


def _pair(text: str) -> tuple[float, float]:
    from facegpt.picture.wishes import read_pair

    try:
        return read_pair(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"write two numbers of degrees, as 12,-5, not '{text}'") from None


def _gaze(text: str) -> str | tuple[float, float]:
    return text if text == "camera" else _pair(text)


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("must be 0 to 1")
    return share
