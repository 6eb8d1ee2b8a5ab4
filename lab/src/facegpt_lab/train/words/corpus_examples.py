"""The sentences of corpus/ as training examples: which come with a face, which teach when to answer with one."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.model.face_reading import FaceReading
from facegpt.language.model.processor import Message
from facegpt.language.targets import NETWORK_ATTRIBUTES
from facegpt_lab.synthesis.texts.corpus import Record
from facegpt_lab.train.words.examples import TextExample

_FACE_LOOKS_WEIGHT = 0.3
_MOST_FACES = 5


def example_from(record: Record, text: str | None = None, copy: int = 0) -> TextExample:
    """Make one example of a record.

    Args:
        record: a line of the corpus.
        text: a variant of its text that means the same (typos, say).
        copy: number of the variant: others have other faces as input.
    """
    key = f"{record.id}/{copy}"
    faces = random_faces(record.task, record.input, key)
    written = record.text if text is None else text
    content: list[Message] = [{"type": "face"} for _ in faces]
    return TextExample(
        messages=[{"role": "user", "content": [*content, {"type": "text", "text": written}]}],
        target=replace(record, text=written).target(),
        task=record.task,
        faces=faces,
        decides=_decides(record),
        key=key,
    )


def random_faces(task: str, given: Mapping[str, Any], key: str) -> tuple[FaceReading, ...]:
    """Draw the faces that stand before a text, the same for the same key.

    Args:
        task: "imagine", "edit", "describe" or "chat".
        given: what came with the text (the field `input` of a record).
        key: names the example.
    """
    random = np.random.default_rng(zlib.crc32(key.encode()))
    return tuple(random_reading(random, given) for _ in range(_faces_before(task, given, random)))


def _faces_before(task: str, given: Mapping[str, Any], random: np.random.Generator) -> int:
    """How many faces stand before a text. Half of the edits have none: the flag alone must do."""
    if task == "edit":
        return int(random.random() < 0.5)
    if task == "imagine" or not given:
        return 1 if task == "describe" else 0
    return min(int(given.get("faces", 1)), _MOST_FACES)


def _decides(record: Record) -> float:
    """Weigh a record for the decision to answer with a face; a bare situation could be either."""
    if record.task in ("chat", "describe"):
        return 1.0
    return 0.0 if record.category == "situation" else _FACE_LOOKS_WEIGHT


def random_reading(random: np.random.Generator, given: Mapping[str, Any]) -> FaceReading:
    """Draw a person from the prior; the expression is the one given, else rest or a few units."""
    expression = np.zeros(len(ARKIT_NAMES))
    for name, weight in given.get("expression", {}).items():
        expression[ARKIT_NAMES.index(name)] = weight
    if not expression.any() and random.random() < 0.3:
        units = random.choice(len(ARKIT_NAMES), 5, replace=False)
        expression[units] = random.uniform(0, 1, 5)
    attributes = random.standard_normal(len(NETWORK_ATTRIBUTES))
    age_years, man = float(random.uniform(18, 80)), float(random.integers(2))
    return FaceReading(attributes, age_years=age_years, man=man, expression=expression)
