"""The skin's relief: known sculptures found again, marks left alone, photos explained, folds moved without tearing.

Sculptures that the network was not trained on (other seeds of the same sculptor) give angles and correlations; people
of the ICT head with folds by another sculptor, path traced under two lights, give the error after a change of light
(skin_relief/another_light.py). Each figure stands beside that of the coarse head, and of shape from shading per photo;
and beside what can be reached at all: by the true relief without what 2 mm do not show, by a relief that is free to
explain every shade of a photo, and by the true folds in another light.

Each head, photo or person is a job of its own, whose figures are kept: a run that was stopped goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facegpt_lab.evaluate.photo_processes import Kept, in_processes, plain
from facegpt_lab.evaluate.registry import Report, Row
from facegpt_lab.evaluate.skin_relief.another_light import Relit, draw_sheet, relit, relit_rows
from facegpt_lab.evaluate.skin_relief.motion import Swept, parted, parted_rows, swept, swept_rows
from facegpt_lab.evaluate.skin_relief.photos import Looked, identify, look, photo_rows
from facegpt_lab.evaluate.skin_relief.sculptures import (
    SEED,
    Found,
    Mistaken,
    laid_over,
    laid_rows,
    marked,
    marked_rows,
    sculpture,
    sculpture_rows,
)
from facegpt_lab.evaluate.validation_photos import validation_photos

#: How many of each part, whole and quick; of people in another light, of each of two kinds.
COUNTS = {"another light": (4, 0), "photos": (24, 3), "sculptures": (24, 6), "marks": (12, 3), "things": (12, 3),
          "parted": (24, 4), "sweep": (12, 2)}  # fmt: skip
#: What tells a job: its part, and a seed, the name of a photo, or a seed and whether the person is lined.
Key = Any


@dataclass(frozen=True)
class Part:
    """One part of the evaluation.

    Attributes:
        measure: one head, photo or person. read: makes a result of its JSON. rows: sum up many results.
    """

    measure: Callable[[Key], Any]
    read: Callable[[Any], Any]
    rows: Callable[[Sequence[Any]], list[Row]]


#: In the order in which they are worked on, the longest first.
PARTS = {
    "another light": Part(relit, lambda told: told and Relit(**told), relit_rows),
    "photos": Part(look, lambda told: told and Looked(**told), photo_rows),
    "sculptures": Part(sculpture, lambda told: {name: Found.read(one) for name, one in told.items()}, sculpture_rows),
    "marks": Part(marked, lambda told: Mistaken(**told), marked_rows),
    "things": Part(laid_over, lambda told: Mistaken(**told), laid_rows),
    "parted": Part(parted, lambda told: told and np.array(told), parted_rows),
    "sweep": Part(swept, lambda told: Swept(**told), swept_rows),
}
#: In which order they are told.
TOLD = ("sculptures", "marks", "things", "photos", "parted", "sweep", "another light")


@dataclass(frozen=True)
class Job:
    """One head, photo or person of one part."""

    part: str
    key: Key


def evaluate(quick: bool = False, workers: int | None = None, sheet: Path | None = None) -> Report:
    """Run all parts; the quick version leaves out the path-traced people. sheet: file for pictures of these."""
    counts = {part: count[quick] for part, count in COUNTS.items()}
    jobs = [Job(part, key) for part in PARTS for key in _keys(part, counts[part])]
    told = in_processes(measured, jobs, "detail", workers, Kept("detail", lambda told: told, _identified))
    rows = []
    for part in TOLD:
        results = [PARTS[part].read(one) for job, one in zip(jobs, told, strict=True) if job.part == part]
        rows += PARTS[part].rows(results) if results else []
    if sheet is not None:
        draw_sheet([job.key for job in jobs if job.part == "another light"], sheet)
    said = f"{counts['sculptures']} sculpted heads, {counts['photos']} validation photos"
    return Report(said if quick else f"{said}, path-traced ICT people with another sculptor's folds", tuple(rows))


def _keys(part: str, count: int) -> Sequence[Key]:
    if part == "another light":
        return [(seed, lined) for lined in (False, True) for seed in range(count)]
    if part == "photos":
        names = [name for name, _ in validation_photos()]
        return names[:: max(len(names) // count, 1)][:count]
    return range(SEED, SEED + count) if part != "sweep" else range(count)


def measured(job: Job) -> Any:
    """Measure one job, as JSON has it."""
    return plain(PARTS[job.part].measure(job.key))


def _identified(job: Job) -> str:
    return f"{job.part} {identify(job.key) if job.part == 'photos' else job.key}"
