"""The verb edit: a head, changed by words."""

from __future__ import annotations

import argparse
from typing import Any

from facegpt.cli import early, edit_photo, heads
from facegpt.cli.parts import (
    DONE,
    FAILED,
    Answer,
    add_device,
    add_expand,
    add_file_options,
    add_hair_lod,
    add_output,
    add_seed,
    add_talker,
    add_verb,
    load_options,
)

#: Measures that move by less than this are not told, mm.
TOLD_FROM_MM = 0.05


def add(verbs: Any) -> None:
    """Declare the verb."""
    example = (
        'facegpt edit anna.jpg "smile, and look at me" --photo -o anna_smiling\n'
        '  facegpt edit last "make the nose 3 mm narrower and close the mouth"\n'
        '  facegpt edit anna.jpg "ten years older, laughing" -o anna_older'
    )
    parser = add_verb(verbs, "edit", run, "change a head by words; what they don't name stays", example)
    heads.add_source(parser)
    parser.add_argument("text", metavar="TEXT", nargs="?", help="what to change")
    edit_photo.add_options(parser)
    add_seed(parser)
    add_hair_lod(parser)
    add_file_options(parser)
    add_device(parser)
    add_talker(parser)
    add_expand(parser)
    add_output(parser)


def run(options: argparse.Namespace) -> Answer:
    """Change the head and save it; --json tells which measures have moved."""
    if edit_photo.wanted(options):
        return edit_photo.run(options)
    early.check_head(options.source)
    early.check_output(options.output)
    heads.check_text(options.text, "the edit")
    early.check_device(options.device)
    early.loading(options)
    import facegpt.api
    from facegpt.language.talkers.expanding import spelled_out
    from facegpt.reconstruct.sources import chosen, faces_of

    model = facegpt.api.load(**load_options(options))
    with heads.remarks_of(options) as remarks:
        source = heads.find(options.source)
        before = chosen(faces_of(model, source), source, options.face, "--face ")
        text = spelled_out(model.talker, options.text, True) if options.expand and options.talker else options.text
        after = model.edit(before, text, options.seed)
    if not after.understood:
        data = {"source": options.source, "text": options.text, "read_as": text, "remarks": remarks}
        data |= {"understood": [], "understood_parts": [], "ignored": after.ignored, "unchanged": True, "heads": []}
        return Answer(FAILED, data, f"unchanged: {'; '.join(after.ignored)}")
    made = heads.saved(after, options.output, options)
    old, new = before.measure(), after.measure()
    moved = {name: new[name].value_mm - old[name].value_mm for name in new}
    data = {
        "source": options.source,
        "text": options.text,
        "read_as": text,
        "remarks": remarks,
        "understood": after.understood,
        "understood_parts": after.understood_parts,
        "ignored": after.ignored,
        "heads": [made],
        "changed_mm": {name: round(by, 2) for name, by in moved.items() if abs(by) >= TOLD_FROM_MM},
    }
    words = heads.told_of_words(after.understood, after.ignored)
    told = f"1 head in {options.output}; look at {options.output / 'preview.png'}\n{words}"
    return Answer(DONE, data, told)
