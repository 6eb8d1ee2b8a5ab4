"""The hand-written sentences as training examples: which ones come with a face, and which teach when to answer with one."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.corpus_reader import Record
from facegpt.language.face_reading import FaceReading
from facegpt.language.processor import Message
from facegpt.language.targets import ATTRIBUTES
from facegpt.train.examples import TextExample

_FACE_LOOKS_WEIGHT = 0.3
_MOST_FACES = 5


def example_from(record: Record, text: str | None = None, copy: int = 0) -> TextExample:
    """Make one example of a record.

    Args:
        record: a line of the corpus. text: a variant of its text that means the same (typos, say).
        copy: number of the variant: others have other faces as input.
    """
    random = np.random.default_rng(zlib.crc32(f"{record.id}/{copy}".encode()))
    faces = tuple(_random_reading(random, record) for _ in range(_faces_before(record, random)))
    written = record.text if text is None else text
    content: list[Message] = [{"type": "face"} for _ in faces]
    return TextExample(
        messages=[{"role": "user", "content": [*content, {"type": "text", "text": written}]}],
        target=replace(record, text=written).target(),
        task=record.task,
        faces=faces,
        decides=_decides(record),
        key=f"{record.id}/{copy}",
    )


def _faces_before(record: Record, random: np.random.Generator) -> int:
    """Tell how many faces stand before the text. Half of the edits have none: the flag alone must do."""
    if record.task == "edit":
        return int(random.random() < 0.5)
    if record.task == "imagine" or not record.input:
        return 1 if record.task == "describe" else 0
    return min(int(record.input.get("faces", 1)), _MOST_FACES)


def _decides(record: Record) -> float:
    """Weigh a record for the decision to answer with a face; a bare situation could be either."""
    if record.task in ("chat", "describe"):
        return 1.0
    return 0.0 if record.category == "situation" else _FACE_LOOKS_WEIGHT


def _random_reading(random: np.random.Generator, record: Record) -> FaceReading:
    """Draw a person from the prior; the expression is the record's, else rest or a few units."""
    expression = np.zeros(len(ARKIT_NAMES))
    for name, weight in record.input.get("expression", {}).items():
        expression[ARKIT_NAMES.index(name)] = weight
    if not expression.any() and random.random() < 0.3:
        units = random.choice(len(ARKIT_NAMES), 5, replace=False)
        expression[units] = random.uniform(0, 1, 5)
    attributes = random.standard_normal(len(ATTRIBUTES))
    age_years, man = float(random.uniform(18, 80)), float(random.integers(2))
    return FaceReading(attributes, age_years=age_years, man=man, expression=expression)
