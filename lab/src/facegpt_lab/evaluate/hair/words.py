"""`facegpt eval hair`: hair that words ask for, read off pictures of the heads that come out.

hair_words_v1.jsonl holds sentences that nothing was learnt from; those near a training sentence were thrown out by a
program (lab/runs/language/hair/blind.py). Each says which family, length and colour a fair reader accepts; what it
leaves open is not asked. An edit starts from a head that wears a named style.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import numpy as np

from facegpt.face import Face
from facegpt.generate.hair_colours import DYES, NATURAL, colour_named
from facegpt.types import Hair
from facegpt_lab.evaluate.hair.picture_judge import LENGTHS, Seen, look_at
from facegpt_lab.evaluate.registry import Report, figure
from facegpt_lab.evaluate.shared_networks import model

SENTENCES = "hair_words_v1.jsonl"
QUICK_COUNT = 8
_KINDS = ("family", "length", "colour")


@dataclass(frozen=True)
class Asked:
    """One sentence: task "imagine" or "edit"; start: style and colour of the head that is edited; accept: by kind."""

    text: str
    task: str
    start: dict[str, str]
    accept: dict[str, list[Any]]


def sentences() -> list[Asked]:
    """The blind sentences."""
    text = (resources.files("facegpt_lab.evaluate.hair") / SENTENCES).read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    return [Asked(row["text"], row["task"], row.get("start", {}), row["accept"]) for row in rows]


def judged(asked: Asked, seen: Seen) -> dict[str, bool]:
    """Kind → whether the picture shows what is asked; kinds that the sentence leaves open are absent."""
    shows = {"family": seen.families[0], "length": LENGTHS.index(seen.length), "colour": seen.colours[0]}
    return {kind: shows[kind] in asked.accept[kind] for kind in _KINDS if asked.accept.get(kind)}


def made(asked: Asked, seed: int) -> Face:
    """The head that a sentence gives."""
    if asked.task == "imagine":
        return model().imagine(asked.text, seed=seed)
    return model().edit(started(asked.start, seed), asked.text, seed=seed)


def started(start: dict[str, str], seed: int) -> Face:
    """A head that wears a style in a colour."""
    face = model().imagine("a man" if seed % 2 else "a woman", seed=seed)
    name = start["colour"]
    grey = {"grey": 0.9, "white": 1.0}.get(name, 0.0)
    own = (face.params.hair or Hair()).colour
    colour = colour_named(name) if name in DYES or name in NATURAL else own
    return replace(face, params=face.params.replace(hair=Hair(style=start["style"], colour=colour, grey=grey)))


def evaluate(quick: bool = False) -> Report:
    """Run the protocol: shares of right families, lengths and colours, and of sentences with all of them right."""
    chosen = sentences()[:: len(sentences()) // QUICK_COUNT] if quick else sentences()
    results = [judged(asked, look_at(made(asked, seed))) for seed, asked in enumerate(chosen)]
    rows = []
    for kind in _KINDS:
        right = [result[kind] for result in results if kind in result]
        rows.append(figure(f"{kind} right", 100 * float(np.mean(right)) if right else np.nan, "%"))
    every = [value for result in results for value in result.values()]
    whole = [all(result.values()) for result in results]
    rows.append(figure("asked of hair, right", 100 * float(np.mean(every)), "%", at_least=90.0))
    rows.append(figure("sentences with all of it right", 100 * float(np.mean(whole)), "%"))
    return Report(f"{len(chosen)} blind sentences, read off pictures from three sides", tuple(rows))
