"""What every evaluation and benchmark gives: rows of figures with units and targets; and the list of all of them.

A new one is a file in this folder with a function `(quick: bool) -> Report`, and a line in the table below. It may take
more of the command line's options: `workers` (processes), `sheet` (file for a picture), `folder` (the user's copy of a
published set), `model` (folder of a trained model) and `output` (folder for what it writes).
"""

from __future__ import annotations

import importlib
import inspect
import math
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from facegpt.types import FaceGPTError


@dataclass(frozen=True)
class Row:
    """One figure: `value` in `unit`; `met`: whether it keeps to the `side` of `target` (None where there is none)."""

    metric: str
    value: float
    unit: str
    target: float | None = None
    met: bool | None = None
    side: str | None = None


def figure(metric: str, value: float, unit: str, *, at_most: float | None = None, at_least: float | None = None) -> Row:
    """Make a row that is judged: a value must be finite and on the right side of its target."""
    value = float(value)
    if at_most is None and at_least is None:
        return Row(metric, value, unit)
    kept = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    target, side = (at_most, "at most") if at_least is None else (at_least, "at least")
    return Row(metric, value, unit, target, kept, side)


@dataclass(frozen=True)
class Report:
    """What one evaluation gives: on which data (a sentence), and its rows."""

    data: str
    rows: tuple[Row, ...]

    def as_dict(self, name: str, command: str) -> dict[str, object]:
        """The record that `--json` prints; JSON knows no infinity, so a value that is no number becomes null."""
        rows = [{**asdict(row), "value": row.value if math.isfinite(row.value) else None} for row in self.rows]
        return {"name": name, "data": self.data, "command": command, "rows": rows}


@dataclass(frozen=True)
class Entry:
    """A line of the table: where the function is ("module:function") and what it measures."""

    place: str
    measures: str

    def load(self) -> Callable[..., Report]:
        """Import the function; only now, because some need a lot."""
        module, function = self.place.split(":")
        return getattr(importlib.import_module(module), function)


#: Protocols of quality (`facegpt eval NAME`) and of speed (`facegpt bench NAME`).
EVALS: dict[str, Entry] = {
    "detection": Entry(
        "facegpt_lab.evaluate.protocols.detection:recall", "faces found in turned, small, dark and covered photos"
    ),
    "false_faces": Entry(
        "facegpt_lab.evaluate.protocols.detection:false_faces", "what is taken for a face in pictures without any"
    ),
    "landmarks": Entry(
        "facegpt_lab.evaluate.protocols.landmarks:evaluate", "points of the dense network beside MediaPipe's"
    ),
    "photos": Entry(
        "facegpt_lab.evaluate.protocols.photos:evaluate", "colours, outline and likeness of heads from real photos"
    ),
    "likeness": Entry(
        "facegpt_lab.evaluate.protocols.likeness:evaluate", "heads with the photo's hair: likeness, border, silhouette"
    ),
    "lineup": Entry("facegpt_lab.evaluate.lineup:evaluate", "a head among three others of like age, sex and hair"),
    "hair": Entry("facegpt_lab.evaluate.hair.photo:evaluate", "hair of photos: known grooms, real photos"),
    "glasses": Entry(
        "facegpt_lab.evaluate.protocols.worn:evaluate_glasses",
        "glasses of photos, and drawn into photos: found, outline",
    ),
    "coverings": Entry(
        "facegpt_lab.evaluate.protocols.worn:evaluate_coverings",
        "caps and scarves of photos, and drawn: found, outline",
    ),
    "lids": Entry("facegpt_lab.evaluate.protocols.lids:evaluate", "eyes of heads: as far open as in the photo?"),
    "mirrors": Entry(
        "facegpt_lab.evaluate.protocols.mirrors:evaluate", "does a photo in a mirror give the head in a mirror?"
    ),
    "beards": Entry(
        "facegpt_lab.evaluate.protocols.beards:evaluate", "how far a painted beard moves the head of a photo"
    ),
    "strata": Entry(
        "facegpt_lab.evaluate.protocols.strata:evaluate",
        "one hard condition at a time: is the better quality the worse one?",
    ),
    "person": Entry(
        "facegpt_lab.evaluate.protocols.person:evaluate", "one head from one, two and four photos of a person"
    ),
    "identity": Entry(
        "facegpt_lab.evaluate.protocols.identity:evaluate", "is a person's head the same in another photo, or smiling?"
    ),
    "photo_back": Entry(
        "facegpt_lab.evaluate.changed_photos.photo_back:evaluate", "changed photos: as asked, the same person?"
    ),
    "photo": Entry(
        "facegpt_lab.evaluate.protocols.photo_forward:evaluate", "heads seen without fitting, beside fitted ones"
    ),
    "hair_words": Entry("facegpt_lab.evaluate.hair.words:evaluate", "hair that words ask for, read off pictures"),
    "text": Entry(
        "facegpt_lab.evaluate.protocols.words.text:evaluate", "FaceGPT-Bench: heads from words, beside rivals"
    ),
    "languages": Entry(
        "facegpt_lab.evaluate.protocols.words.languages:evaluate", "German and Spanish wishes, read beside English ones"
    ),
    "traits": Entry(
        "facegpt_lab.evaluate.protocols.traits:evaluate", "one-trait sentences measured by two rulers from outside"
    ),
    "edit": Entry("facegpt_lab.evaluate.protocols.words.edit:evaluate", "FaceGPT-Bench: heads changed by words"),
    "chat": Entry(
        "facegpt_lab.evaluate.protocols.words.chat:evaluate",
        "FaceGPT-Bench: faces on request, true answers, ability kept",
    ),
    "plain": Entry(
        "facegpt_lab.evaluate.protocols.words.plain:evaluate",
        "plain prompts through chat beside the talker alone",
    ),
    "talk": Entry(
        "facegpt_lab.evaluate.protocols.words.talk:evaluate",
        "FaceGPT-Bench: the right head, answer and number, turn by turn",
    ),
    "synthetic": Entry(
        "facegpt_lab.evaluate.protocols.synthetic:evaluate", "known heads of the default model found again"
    ),
    "anthropometry": Entry(
        "facegpt_lab.evaluate.protocols.anthropometry:evaluate", "random heads beside published measurements of people"
    ),
    "aflw2000": Entry("facegpt_lab.evaluate.published.landmarks68:aflw2000", "68 points on your copy of AFLW2000-3D"),
    "pts": Entry("facegpt_lab.evaluate.published.landmarks68:pts", "68 points on your photos with .pts files"),
    "now": Entry("facegpt_lab.evaluate.published.now:evaluate", "neutral shape on your copy of the NoW challenge"),
    "realy": Entry(
        "facegpt_lab.evaluate.published.realy:evaluate", "regions of the face on your copy of the REALY benchmark"
    ),
    "pope": Entry(
        "facegpt_lab.evaluate.published.pope:evaluate",
        "objects seen that are not there, before and after, on your POPE",
    ),
    "llava_bench": Entry(
        "facegpt_lab.evaluate.published.llava_bench:evaluate", "open questions about pictures, before and after"
    ),
    "out_of_model": Entry(
        "facegpt_lab.evaluate.protocols.out_of_model:evaluate", "shape of rendered people of another head model"
    ),
    "detail": Entry(
        "facegpt_lab.evaluate.protocols.detail:evaluate", "wrinkles and folds found in photos, beside the truth"
    ),
    "relight": Entry(
        "facegpt_lab.evaluate.skin_light.relight:evaluate", "a photo's skin in another light, its irises and its border"
    ),
    "skin_faults": Entry(
        "facegpt_lab.evaluate.skin_faults.photos:evaluate",
        "burns, cracks, second lips, dots and odd hues on photos' skins",
    ),
    "track": Entry("facegpt_lab.evaluate.protocols.track:evaluate", "motion found in clips, beside MediaPipe's"),
    "rigid": Entry(
        "facegpt_lab.evaluate.protocols.rigid:evaluate", "does the skull stay still while the face moves in clips?"
    ),
    "animate": Entry(
        "facegpt_lab.evaluate.protocols.animate:evaluate", "animated heads followed again: the asked curves?"
    ),
    "speech": Entry(
        "facegpt_lab.evaluate.protocols.speech:evaluate", "mouths from sound beside filmed ones, rules and openfacefx"
    ),
    "personalize": Entry(
        "facegpt_lab.evaluate.protocols.personalize:evaluate",
        "heads of one's own and tuned networks on clips never seen",
    ),
    "intersections": Entry(
        "facegpt_lab.evaluate.protocols.intersections:evaluate", "lips, lids, teeth, tongue through each other"
    ),
}
BENCHES: dict[str, Entry] = {
    "head": Entry(
        "facegpt_lab.evaluate.benchmarks.head:bench", "size of the default head, time to load it and to evaluate a face"
    ),
    "fit": Entry("facegpt_lab.evaluate.benchmarks.fit:bench", "each step from a photo to a head"),
    "batch": Entry(
        "facegpt_lab.evaluate.benchmarks.batch:bench", "many photos: one process, two, and nodes of a Ray cluster"
    ),
    "start": Entry("facegpt_lab.evaluate.benchmarks.start:bench", "what a user waits for before anything happens"),
    "stages": Entry(
        "facegpt_lab.evaluate.benchmarks.stages:bench", "photo, stage by stage: from its file to the saved folder"
    ),
    "detail": Entry(
        "facegpt_lab.evaluate.benchmarks.detail:bench", "what wrinkles and folds add: time, memory, size of files"
    ),
    "detection": Entry("facegpt_lab.evaluate.protocols.detection:speed", "milliseconds of finding a face"),
    "language": Entry(
        "facegpt_lab.evaluate.benchmarks.language:bench", "imagine and chat beside the base language model alone"
    ),
    "render": Entry(
        "facegpt_lab.evaluate.benchmarks.render:bench", "drawing forwards and backwards, beside other renderers"
    ),
}


def find(kind: str, name: str) -> Entry:
    """Look up an evaluation ("eval") or benchmark ("bench"). Raises FaceGPTError with the names there are."""
    table = EVALS if kind == "eval" else BENCHES
    if name not in table:
        raise FaceGPTError(f"there is no {kind} '{name}'; there are: {', '.join(sorted(table)) or 'none yet'}")
    return table[name]


def run(kind: str, name: str, quick: bool, **options: object) -> Report:
    """Run one. Options that are None are left to it. Raises FaceGPTError if it knows one of the others not."""
    function = find(kind, name).load()
    told = {option: value for option, value in options.items() if value is not None}
    for option in told:
        if option not in inspect.signature(function).parameters:
            said = f"takes no folder ('{told[option]}')" if option == "folder" else f"has no option --{option}"
            raise FaceGPTError(f"{kind} {name} {said}")
    return function(quick, **told)


def optional_data() -> Path:
    """Find the folder of photos and clips that is not part of the package: $FACEGPT_DATA, or shared/data nearby.

    Raises:
        FaceGPTError: if it is nowhere.
    """
    told = os.environ.get("FACEGPT_DATA")
    here = Path(__file__).resolve()
    places = [Path(told)] if told else [parent / "shared" / "data" for parent in here.parents]
    for place in places:
        if place.is_dir():
            return place
    raise FaceGPTError("this needs the optional data; set the environment variable FACEGPT_DATA to its folder")


def own_copy(name: str, where_from: str) -> Path:
    """Find a published set in the optional data: FOLDER/name, FOLDER being $FACEGPT_DATA.

    Raises:
        FaceGPTError: if it is not there, with where to get it.
    """
    folder = optional_data() / name
    if not folder.is_dir():
        raise FaceGPTError(f"there is no '{folder}'; get {where_from}")
    return folder
