"""What the face head of the language model speaks of, in the order of its arrays.

Attributes as in attributes.csv (K; those that the networks read come first), emotions as in EMOTIONS (N), measures as
in MEASURES_SPOKEN, questions as in ASKABLE (Q).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path

from facegpt.morphable.measure import MEASURES, reference


def _column(file: str, column: str) -> tuple[str, ...]:
    text = (resources.files("facegpt.language") / file).read_text(encoding="utf-8")
    return tuple(row[column] for row in csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def attribute_rows() -> Sequence[Mapping[str, str]]:
    """The rows of attributes.csv, then those of OWN_TABLE: what the networks read first.

    Columns: docs/add-an-attribute.md.
    """
    tables = [(resources.files("facegpt.language") / "attributes.csv").read_text(encoding="utf-8")]
    if own := os.environ.get(OWN_TABLE):
        tables.append(Path(own).read_text(encoding="utf-8"))
    rows = [row for text in tables for row in csv.DictReader(text.splitlines())]
    return sorted(rows, key=lambda row: row["read_by"] != NETWORK)


#: Environment variable: a file with more rows of attributes.csv, its header included.
OWN_TABLE = "FACEGPT_ATTRIBUTES"
#: `read_by` of what the networks have learnt to read; the rest is read by the words of its row.
NETWORK = "network"
#: What is said of an attribute. "not high" and "not low" rule one side out and leave the rest open.
CLASSES = ("open", "low", "average", "high", "not high", "not low")
ATTRIBUTES: tuple[str, ...] = tuple(row["name"] for row in attribute_rows())
#: The first of them, which the weights know.
NETWORK_ATTRIBUTES: tuple[str, ...] = tuple(row["name"] for row in attribute_rows() if row["read_by"] == NETWORK)
_OF_MEASURE = {row["measure"]: row["name"] for row in attribute_rows()}
#: "" (no emotion), the 22 of emotions.csv, "neutral" (a face at rest).
EMOTIONS: tuple[str, ...] = ("", *_column("emotions.csv", "name"), "neutral")
#: The measures of `face.measure()`, and one that people name and that is not among the published ones.
MEASURES_SPOKEN: tuple[str, ...] = tuple(dict.fromkeys((*MEASURES, "lower_face_height")))
#: What a question can be about.
ASKABLE: tuple[str, ...] = tuple(
    dict.fromkeys(("expression", "age_years", "unusual", "count", *NETWORK_ATTRIBUTES, *MEASURES_SPOKEN))
)
#: What people expect to move with what they name: whole → parts, the published table of docs/facegpt-bench.md. Edits
#: hold these attributes less than others, and the benchmark counts no move of theirs as a change that nobody asked for.
#: The two follow one rule on purpose: it is a convention, and no finding of the benchmark.
TIED_ATTRIBUTES: dict[str, frozenset[str]] = {
    "nose_size": frozenset({"nose_width", "nose_length", "nose_protrusion"}),
    "eye_size": frozenset({"eye_width", "eye_height"}),
    "heaviness": frozenset({"cheek_fullness", "jawline_definition", "face_width", "jaw_width", "neck_width"}),
    "face_length": frozenset({"chin_height", "forehead_height", "nose_length"}),
    "jaw_squareness": frozenset({"jaw_width", "chin_width"}),
    "brow_height": frozenset({"lid_hooding"}),
    "asymmetry": frozenset({"nose_crookedness"}),
    "age": frozenset({"wrinkles", "eye_bags", "jawline_definition", "cheek_fullness", "upper_lip_fullness"})
    | {"lower_lip_fullness", "ear_size", "hair_length", "hair_lightness", "hair_greyness"},
}


def attribute_of_measure(measure: str) -> str:
    """The attribute that a measure is the size of, or ""."""
    return _OF_MEASURE.get(measure, "") if measure else ""


def typical_mm(measure: str) -> float:
    """The average of a measure over adults in mm, 0 where no figure is published."""
    groups = reference().get(measure, {})
    return sum(mean for mean, _ in groups.values()) / len(groups) if groups else 0.0
