"""The sentences of the folder corpus/, with a fixed split into training and validation.

The folder is part of the repository and not of the installed package: only training needs it.
"""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from facegpt.types import AssetError, FaceGPTError
from facegpt_lab.synthesis.text_targets import Target, target_from_labels

#: One id per line; written by lab/runs/corpus/split.py, which keeps near-duplicates on one side.
VALIDATION_FILE = "validation_ids.txt"
#: The table of files: their names say what is in them.
FILES = "files.csv"
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
        """The labels as arrays."""
        return target_from_labels(self.labels, self.text, self.task, edits_a_face=self.has_face_before)


def corpus_folder() -> Path:
    """Folder of the sentences: $FACEGPT_CORPUS, else `corpus/` of the checkout that this file lies in.

    Raises:
        FaceGPTError: if it is nowhere.
    """
    told = os.environ.get("FACEGPT_CORPUS")
    folder = Path(told) if told else Path(__file__).resolve().parents[5] / "corpus"
    if not (folder / FILES).is_file():
        raise FaceGPTError(
            f"the training sentences are not in '{folder}'; they are in the folder corpus/ of the source repository, "
            "not in the installed package: set the environment variable FACEGPT_CORPUS to that folder"
        )
    return folder


def corpus_files() -> list[Path]:
    """Files of sentences, in the order of files.csv (training data drawn from a seed depend on it)."""
    folder = corpus_folder()
    with (folder / FILES).open(newline="", encoding="utf-8") as table:
        return [folder / row["file"] for row in csv.DictReader(table)]


@lru_cache(maxsize=1)
def _read_all() -> tuple[tuple[Record, ...], frozenset[str]]:
    folder = corpus_folder()
    records = []
    for file in corpus_files():
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
