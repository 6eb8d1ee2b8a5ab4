"""The verb demo: the bundled photo becomes a head."""

from __future__ import annotations

import argparse
from typing import Any

from facegpt.cli import early
from facegpt.cli.parts import DONE, Answer, add_file_options, add_output, add_quality, add_verb, file_options
from facegpt.cli.reconstruct import told


def add(verbs: Any) -> None:
    """Declare the verb."""
    parser = add_verb(verbs, "demo", run, "make a 3D head from the bundled photo", "facegpt demo -o out")
    add_output(parser)
    add_quality(parser)
    add_file_options(parser)


def run(options: argparse.Namespace) -> Answer:
    """Reconstruct the photo, and say what to open."""
    early.check_output(options.output)
    early.loading(options)
    from facegpt.assets import asset_path
    from facegpt.batch.photos import reconstruct_files

    photo = asset_path("astronaut.png")
    how: dict[str, Any] = {"resume": False, "subfolders": False, "files": file_options(options)}
    outcomes = reconstruct_files([photo], options.output, options.quality, **how)
    answer = told(outcomes)
    if answer.code == DONE:
        text = (
            f"{answer.text}\n"
            f"Look at {options.output / 'preview.png'} and {options.output / 'overlay.png'}; open "
            f"{options.output / 'face.glb'} in Blender, a game engine or any glTF viewer and move the sliders."
        )
        answer = Answer(answer.code, answer.data, text)
    return answer
