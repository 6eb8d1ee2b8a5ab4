"""The verbs of words: imagine, edit, describe. Only the standard library is imported until a verb needs more."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.cli import heads as cli_heads
from facegpt.cli.parts import DONE, Answer, add_device, add_output, add_verb, load_options, natural, positive

if TYPE_CHECKING:
    from facegpt.face import Face


def add_verbs(verbs: Any) -> None:
    """Declare the verbs."""
    _add_imagine(verbs)
    _add_edit(verbs)
    _add_describe(verbs)


def _add_seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=natural, default=0, metavar="N", help="what the words leave open differs by seed (default: 0)"
    )


def _add_imagine(verbs: Any) -> None:
    example = (
        'facegpt imagine "an elderly woman with a narrow nose, happily surprised"\n'
        '  facegpt imagine "a heavy man in his forties, crooked nose, stubble" --count 4 --seed 7 -o suspects'
    )
    parser = add_verb(verbs, "imagine", _imagine, "make a 3D head from words", example)
    parser.add_argument("text", metavar="TEXT", help="what the face looks like, and what it does")
    parser.add_argument(
        "--count", type=positive, default=1, metavar="N", help="so many people who fit the words, and a sheet of them"
    )
    _add_seed(parser)
    add_device(parser)
    add_output(parser)


def _add_edit(verbs: Any) -> None:
    example = (
        'facegpt edit last "make the nose 3 mm narrower and close the mouth"\n'
        '  facegpt edit anna.jpg "ten years older, laughing" -o anna_older'
    )
    parser = add_verb(verbs, "edit", _edit, "change a head by words; what they don't name stays", example)
    parser.add_argument("source", metavar="SOURCE", help=cli_heads.SOURCE_HELP)
    parser.add_argument("text", metavar="TEXT", help="what to change")
    _add_seed(parser)
    add_device(parser)
    add_output(parser)


def _add_describe(verbs: Any) -> None:
    example = 'facegpt describe anna.jpg\n  facegpt describe last "how wide is the nose?"'
    parser = add_verb(verbs, "describe", _describe, "say what is measured and seen on a head", example)
    parser.add_argument("source", metavar="SOURCE", help=cli_heads.SOURCE_HELP)
    parser.add_argument("question", metavar="QUESTION", nargs="?", help="what to say; without it, what stands out")


def _imagine(options: argparse.Namespace) -> Answer:
    import facegpt.api
    from facegpt.runtime.atomic_files import make_folder

    _check_text(options.text)
    make_folder(options.output)
    faces = facegpt.api.load(**load_options(options)).imagine_many(options.text, options.count, options.seed)
    several = len(faces) > 1
    folders = [options.output / f"head_{k}" if several else options.output for k in range(len(faces))]
    heads = [
        _saved(face, folder) | {"seed": options.seed + k}
        for k, (face, folder) in enumerate(zip(faces, folders, strict=True))
    ]
    data = {"text": options.text, "remarks": _remarks(options.text), "heads": heads}
    if not several:
        return Answer(DONE, data, f"1 head in {options.output}; look at {options.output / 'preview.png'}")
    path = cli_heads.write_picture(options.output / "sheet.png", cli_heads.sheet(faces))
    return Answer(DONE, data | {"sheet": str(path)}, f"{len(faces)} heads in {options.output}; look at {path}")


def _edit(options: argparse.Namespace) -> Answer:
    import facegpt.api

    _check_text(options.text, "the edit")
    model = facegpt.api.load(**load_options(options))
    before = cli_heads.find_heads(model, options.source)[0]
    after = model.edit(before, options.text, options.seed)
    head = _saved(after, options.output)
    old, new = before.measure(), after.measure()
    changed = {
        n: round(new[n].value_mm - old[n].value_mm, 2) for n in new if abs(new[n].value_mm - old[n].value_mm) >= 0.05
    }
    data = {"source": options.source, "text": options.text, "remarks": _remarks(options.text), "heads": [head]}
    return Answer(
        DONE, data | {"changed_mm": changed}, f"1 head in {options.output}; look at {options.output / 'preview.png'}"
    )


def _describe(options: argparse.Namespace) -> Answer:
    import facegpt.api

    if options.question is not None:
        _check_text(options.question, "the question")
    model = facegpt.api.load()
    faces = cli_heads.find_heads(model, options.source)
    text = model.describe(faces if options.question else faces[0], options.question)
    measures = {n: {"value_mm": m.value_mm, "percentile": m.percentile} for n, m in faces[0].measure().items()}
    data = {"source": options.source, "question": options.question, "text": text, "faces": len(faces)}
    return Answer(DONE, data | {"measures": measures, "attributes": faces[0].attributes}, text)


def _saved(face: Face, folder: Path) -> dict[str, Any]:
    """Save a head, remember it as the last one, and give what --json says of it."""
    files = face.save(folder)
    cli_heads.remember(folder)
    return {"folder": str(folder), "files": [path.name for path in files]}


def _check_text(text: str, what: str = "the description") -> None:
    """Find out that there is nothing to read before anything is loaded."""
    from facegpt.language.reading.prompts import read_prompt

    read_prompt(text, what)


def _remarks(text: str) -> list[str]:
    from facegpt.language.reading.prompts import read_prompt

    return list(read_prompt(text).remarks)
