"""What the verbs of the command line share: their result, their parser, tables. Only the standard library."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facegpt.data.stores import Place
    from facegpt.export.bundle import FileOptions

DONE, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class Answer:
    """What a verb gives: its exit code, and its result for programs (`data`, by --json) and for people (`text`)."""

    code: int
    data: Any
    text: str = ""


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the examples, and leaves the longest verb room beside its description."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28)
        self._action_max_length = 16


def add_verb(
    verbs: Any, name: str, run: Callable[[argparse.Namespace], Answer], does: str, example: str
) -> argparse.ArgumentParser:
    """Declare a verb: what it does in half a sentence, and an example."""
    parser = _described(verbs, name, does, example)
    parser.add_argument("--json", action="store_true", help="print a machine-readable result on stdout, nothing else")
    parser.set_defaults(run=run)
    return parser


def add_kinds(verbs: Any, name: str, does: str, example: str) -> Any:
    """Declare a verb that does nothing by itself; give where its kinds are declared, as verbs are."""
    parser = _described(verbs, name, does, example)
    parser.set_defaults(run=None)
    return parser.add_subparsers(metavar="KIND", title="kinds", required=True)


def _described(verbs: Any, name: str, does: str, example: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=does,
        description=f"{does[0].upper()}{does[1:]}.",
        epilog=f"Example:\n  {example}",
        formatter_class=HelpFormatter,
    )
    return parser


def add_output(parser: argparse.ArgumentParser, stored: bool = False, of_several: str = "") -> None:
    """Declare -o; stored: it may be the address of a store, too. of_several: how several heads of a photo are named."""
    told = "folder, or an address as s3://bucket/heads (default: out)" if stored else "folder (default: out)"
    kind = stored_place if stored else local_folder
    parser.add_argument("-o", "--output", type=kind, default=Path("out"), metavar="DIR", help=told + of_several)


def stored_place(text: str) -> Place:
    """Read the folder of results of a batch: a path, or an address (s3://…)."""
    if "://" not in text:  # needs no more than the standard library
        return Path(text)
    from facegpt.data.stores import place_of

    return place_of(text)


def local_folder(text: str) -> Path:
    """Read the folder of results of a verb that writes to this machine only."""
    if isinstance(stored_place(text), Path):
        return Path(text)
    raise argparse.ArgumentTypeError("a folder of this machine; reconstruct, analyze and imagine write to addresses")


def add_dress(parser: argparse.ArgumentParser, source: str) -> None:
    """Declare --hair, --glasses and, for photos, --headwear and --shirt; source: what shows them, "photo" or "clip"."""
    parser.add_argument(
        "--hair",
        default="auto",
        metavar="auto|none|STYLE",
        help=f"auto: the {source}'s own; none: a bald head; a style: that one in the {source}'s colour (default: auto)",
    )
    parser.add_argument(
        "--glasses",
        default="auto",
        metavar="auto|none|FRAME",
        help=f"auto: the {source}'s, where they are sure; none; round, oval, rectangular, square, aviator, cat_eye, "
        "browline or rimless (default: auto)",
    )
    if source == "photo":
        parser.add_argument(
            "--headwear",
            default="auto",
            choices=("auto", "none"),
            help="auto: the photo's cap, hood or scarf as cloth; none: the head without it (default: auto)",
        )
        parser.add_argument(
            "--shirt",
            default="auto",
            metavar="auto|none|COLOUR",
            help="auto: plain, in the colour of the photo's clothes; none: the neck fades out; a colour: a name or "
            "#rrggbb (default: auto)",
        )


def add_hair_lod(parser: argparse.ArgumentParser) -> None:
    """Declare --hair-lod."""
    parser.add_argument(
        "--hair-lod",
        type=lambda text: None if text == "none" else int(text),
        choices=(0, 1, 2, None),
        default=0,
        metavar="N",
        help="detail of the hair in 3D files: 0 (default), 1, 2 (a quarter of it) or none",
    )


def add_file_options(parser: argparse.ArgumentParser) -> None:
    """Declare --fbx, --dense and --visemes; `reconstruct` has --doubt, too."""
    parser.add_argument("--fbx", action="store_true", help="write FBX too (Unreal, Unity, Maya, 3ds Max, iClone)")
    told = "store every vertex of a morph target in GLB files, for readers that know no sparse accessors"
    parser.add_argument("--dense", action="store_true", help=told)
    told = "add the 15 viseme_* morph targets of game engines and talking avatars after the 52 units"
    parser.add_argument("--visemes", action="store_true", help=told)


def file_options(options: argparse.Namespace) -> FileOptions:
    """What --fbx, --dense and --visemes ask for."""
    from facegpt.export.bundle import FileOptions

    doubt = getattr(options, "doubt", False)
    if not options.visemes:
        return FileOptions(options.dense, options.fbx, doubt=doubt)
    from facegpt.animate.speech.visemes import viseme_shapes

    return FileOptions(options.dense, options.fbx, viseme_shapes(), doubt)


def add_quality(parser: argparse.ArgumentParser) -> None:
    """Declare --quality."""
    parser.add_argument(
        "--quality",
        choices=("fast", "balanced", "best"),
        default="balanced",
        help="fast: a typical skin; balanced: the skin of the photo; best: in double resolution (default: balanced)",
    )


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Declare --seed of verbs that make heads from words."""
    parser.add_argument(
        "--seed", type=natural, default=0, metavar="N", help="what the words leave open differs by seed (default: 0)"
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """Declare --device."""
    told = "where networks and renderer run: cpu, cuda, cuda:1, or auto for a GPU if there is one (default: cpu)"
    parser.add_argument("--device", type=_device, default="cpu", metavar="NAME", help=told)


def add_talker(parser: argparse.ArgumentParser) -> None:
    """Declare --talker and --talker-model."""
    told = "what says all that is not about faces: a folder of a model, or an address as http://localhost:8080/v1"
    parser.add_argument("--talker", metavar="FOLDER or URL", help=f"{told} (default: the small model inside)")
    parser.add_argument("--talker-model", metavar="NAME", help="name of the model at the address of --talker")


def add_expand(parser: argparse.ArgumentParser) -> None:
    """Declare --expand and --no-expand."""
    told = "let the talker spell out what the words name as plain attributes first (default: with a --talker)"
    parser.add_argument("--expand", action=argparse.BooleanOptionalAction, default=True, help=told)


def load_options(options: argparse.Namespace) -> dict[str, str]:
    """What `facegpt.load` is told of --device, --talker and --talker-model: nothing that was not given."""
    names = ("device", "talker", "talker_model")
    told = {name: getattr(options, name, None) for name in names}
    return {name: value for name, value in told.items() if value is not None and value != "cpu"}


def _device(text: str) -> str:
    """Read the name of a device."""
    if text == "cpu":  # needs no more than the standard library
        return text
    from facegpt.errors import FaceGPTError
    from facegpt.runtime.device import check_name

    try:
        return check_name(text)
    except FaceGPTError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive(text: str) -> int:
    """Read a number of 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def part_of(text: str) -> tuple[int, int]:
    """Read "I/N", the I-th of N parts, counted from 1."""
    first, slash, second = text.partition("/")
    if not (slash and first.isdecimal() and second.isdecimal() and 1 <= int(first) <= int(second)):
        raise argparse.ArgumentTypeError("must be I/N with I from 1 to N, as 2/8")
    return int(first), int(second)


def empty_part(part: tuple[int, int]) -> str:
    """What is told where a batch has fewer items than parts, so that this one's job has nothing to do."""
    return f"part {part[0]} of {part[1]} is empty: there is nothing to do"


def add_sharing(parser: argparse.ArgumentParser) -> None:
    """Declare how a batch is shared out among machines."""
    parser.add_argument(
        "--shard", type=part_of, default=(1, 1), metavar="I/N", help="the I-th of N parts, for jobs of a batch queue"
    )
    add_on(parser)


def add_on(parser: argparse.ArgumentParser) -> None:
    """Declare --on."""
    parser.add_argument(
        "--on",
        default="local",
        metavar="WHERE",
        help="local: this machine; ray, or ray://HOST:PORT: a Ray cluster (default: local)",
    )


def natural(text: str) -> int:
    """Read a number of 0 or more."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must be 0 or more")
    return number


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table as text."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)
