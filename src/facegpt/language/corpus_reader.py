"""The hand-written sentences of the folder corpus/, with a fixed split into training and validation."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

from facegpt.language.targets import Target, target_from_labels
from facegpt.types import AssetError, FaceGPTError

#: One id per line; written by runs/corpus/split.py, which keeps near-duplicates on one side.
VALIDATION_FILE = "validation_ids.txt"
SPLITS = ("train", "validation", "all")


@dataclass(frozen=True)
class Record:
    """One line of the corpus (LABELS.md).

    Attributes:
        id, text, task, category, voice, labels: the fields of the line.
        input: what came with the text, such as {"image": True}, {"head": True}, {"faces": 2} or {"emotion": "anger"}.
    """

    id: str
    text: str
    task: str
    category: str
    voice: str
    labels: dict[str, Any]
    input: dict[str, Any] = field(default_factory=dict)

    @property
    def has_face_before(self) -> bool:
        """Whether a face came with the text (a photo, a head): then its numbers are changes of that face."""
        return self.task == "edit" or bool(self.input)

    def target(self) -> Target:
        """Turn the labels into arrays."""
        return target_from_labels(self.labels, self.text, self.task, edits_a_face=self.has_face_before)


@lru_cache(maxsize=1)
def _read_all() -> tuple[tuple[Record, ...], frozenset[str]]:
    folder = resources.files("facegpt.language") / "corpus"
    records = []
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".jsonl"):
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                fields = json.loads(line)
            except json.JSONDecodeError as error:
                raise AssetError(f"{file.name}, line {number} is not JSON: {error}") from error
            fields.pop("note", None)
            records.append(Record(**fields))
    held_out = (folder / VALIDATION_FILE).read_text(encoding="utf-8").split()
    return tuple(records), frozenset(held_out)


def load_corpus(split: str = "train") -> list[Record]:
    """Read the sentences of one split: "train", "validation" (about 8 %) or "all".

    The validation sentences have no near-duplicate among the training ones, and templates use the training side only.
    """
    if split not in SPLITS:
        raise FaceGPTError(f"split must be one of {', '.join(SPLITS)}, not '{split}'")
    records, held_out = _read_all()
    if split == "all":
        return list(records)
    return [record for record in records if (record.id in held_out) == (split == "validation")]
