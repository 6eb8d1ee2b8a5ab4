"""FaceGPT-Bench v1: the file obeys its own schema, and it is the file that the page in docs states."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from made_up_sentences import typed_in

from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name

ROOT = Path(__file__).parents[2]
LANGUAGE = ROOT / "src" / "facegpt" / "language"
BENCH = ROOT / "lab" / "src" / "facegpt_lab" / "evaluate" / "protocols" / "words" / "facegpt_bench_v1.jsonl"
PAGE = ROOT / "docs" / "facegpt-bench.md"

DEGREES = {-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2}
LABEL_KEYS = {
    "attributes",
    "not",
    "relations",
    "age_years",
    "sex",
    "emotion",
    "emotion_also",
    "intensity",
    "expression",
}
LABEL_KEYS |= {"expression_off", "mm", "keep", "face", "faces", "asks", "decline", "conflict"}
INPUT_KEYS = {"image", "faces", "head", "expression", "emotion", "intensity"}
#: Measures in mm that a sentence may name: the published ones of `face.measure()`.
MEASURES = {"nose_breadth", "nose_height_nasion_subnasale", "nose_protrusion", "lip_length", "philtrum_length"}
MEASURES |= {"interpupillary_distance", "inner_canthal_distance", "outer_canthal_distance", "palpebral_fissure_length"}
MEASURES |= {"bizygomatic_breadth", "bigonial_breadth", "head_circumference", "ear_length", "ear_breadth"}
MEASURES |= {"upper_vermilion_height", "lower_vermilion_height", "menton_sellion_length", "minimum_frontal_breadth"}
MEASURES |= {"nasal_root_breadth", "ear_protrusion", "neck_circumference"}
MIN_SENTENCES = {"situation": 40, "explicit_attribute": 25, "several_attributes": 25, "negation": 25, "comparison": 25}
MIN_SENTENCES |= {"edit": 25, "basic_expression": 25, "compound_expression": 25, "asymmetric_expression": 25}
MIN_SENTENCES |= {"chat_face_wanted": 25, "chat_face_not_wanted": 25, "millimetres": 10, "edit_millimetres": 10}
MIN_SENTENCES |= {"age_build_skin": 20, "contradictory": 10, "nonsense": 10}
#: The tasks that a category may hold; those not named here are "imagine".
TASK_OF = {"edit": "edit", "edit_expression": "edit", "edit_millimetres": "edit", "describe": "describe"}
TASK_OF |= {"chat_face_wanted": "chat", "chat_face_not_wanted": "chat"}


def read_column(path: Path, column: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row[column] for row in csv.DictReader(file)]


ATTRIBUTES = set(read_column(LANGUAGE / "attributes.csv", "name"))
EMOTIONS = set(read_column(LANGUAGE / "emotions.csv", "name"))
RECORDS = [json.loads(line) for line in BENCH.read_text(encoding="utf-8").splitlines()]
BY_CATEGORY = pytest.mark.parametrize("category", sorted({record["category"] for record in RECORDS}))


def page_of_v1() -> str:
    return PAGE.read_text(encoding="utf-8").split("\n## Version 2")[0]


def of(category: str) -> list[dict]:
    return [record for record in RECORDS if record["category"] == category]


def plain(text: str) -> str:
    """Lower case, words only: two texts that differ in punctuation are the same."""
    return re.sub(r"[^\w<>]+", " ", text.lower()).strip() or text


def count_labels(record: dict) -> int:
    """Count what can be right or wrong: a left-right pair of equal blendshapes is one label, `keep` is none."""
    labels = record["labels"]
    single = sum(key in labels for key in ("age_years", "sex", "emotion", "intensity", "face", "faces", "decline"))
    listed = sum(len(labels.get(key, ())) for key in ("attributes", "not", "relations", "mm", "asks"))
    units = [(min(name, mirror_arkit_name(name)), value) for name, value in labels.get("expression", {}).items()]
    off = [min(name, mirror_arkit_name(name)) for name in labels.get("expression_off", ())]
    return single + listed + len(set(units)) + len(set(off))


def categories() -> dict[str, tuple[int, int]]:
    """(sentences, labels) of each category."""
    sentences = Counter(record["category"] for record in RECORDS)
    labels: Counter[str] = Counter()
    for record in RECORDS:
        labels[record["category"]] += count_labels(record)
    return {name: (sentences[name], labels[name]) for name in sentences}


def test_attributes_and_emotions_have_unique_names_and_both_poles():
    names = read_column(LANGUAGE / "attributes.csv", "name")
    assert len(names) == len(set(names)) >= 45
    for column in ("group", "low_pole_words", "high_pole_words", "definition"):
        assert all(read_column(LANGUAGE / "attributes.csv", column)), column
    assert set(read_column(LANGUAGE / "attributes.csv", "measure")) <= MEASURES | {""}
    assert set(read_column(LANGUAGE / "attributes.csv", "tier")) == {"core", "extra"}
    assert set(read_column(LANGUAGE / "attributes.csv", "carrier")) == {"shape", "texture", "groom"}
    assert Counter(read_column(LANGUAGE / "emotions.csv", "kind")) == {"basic": 7, "compound": 15}


def test_there_are_enough_sentences_and_labels_in_every_category():
    counts = categories()
    assert sum(sentences for sentences, _ in counts.values()) >= 320
    assert sum(labels for _, labels in counts.values()) >= 700
    for name, least in MIN_SENTENCES.items():
        assert counts[name][0] >= least, name


def test_ids_and_texts_are_unique():
    assert len({record["id"] for record in RECORDS}) == len(RECORDS)
    texts = Counter(plain(record["text"]) for record in RECORDS)
    assert [text for text, count in texts.items() if count > 1] == []


def test_situations_cover_all_22_emotions_at_least_three_times():
    seen = Counter(record["labels"]["emotion"] for record in RECORDS if record["category"] == "situation")
    assert set(seen) == EMOTIONS
    assert min(seen.values()) >= 3


def test_both_poles_of_every_core_shape_attribute_are_asked_for():
    with (LANGUAGE / "attributes.csv").open(encoding="utf-8", newline="") as file:
        wanted = {r["name"] for r in csv.DictReader(file) if (r["tier"], r["carrier"]) == ("core", "shape")}
    asked = {(n, v > 0) for r in RECORDS for n, v in r["labels"].get("attributes", {}).items() if v}
    assert {(name, pole) for name in wanted for pole in (False, True)} - asked == set()


@BY_CATEGORY
def test_record_has_the_fields_of_the_schema(category):
    for record in of(category):
        assert {"id", "task", "category", "voice", "text", "labels"} <= set(record)
        assert set(record) <= {"id", "task", "category", "voice", "text", "labels", "input", "note"}
        assert re.fullmatch(r"b1-\d{4}", record["id"])
        assert record["task"] == TASK_OF.get(record["category"], "imagine")
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", record["voice"])
        assert record["text"].strip() == record["text"] != ""
        assert set(record["labels"]) <= LABEL_KEYS
        assert set(record.get("input", {})) <= INPUT_KEYS


@BY_CATEGORY
def test_labels_use_known_names_and_values_in_range(category):
    for record in of(category):
        labels = record["labels"]
        attributes, excluded = labels.get("attributes", {}), labels.get("not", {})
        assert set(attributes) | set(excluded) <= ATTRIBUTES
        assert set(attributes.values()) <= DEGREES
        assert set(excluded.values()) <= {-1, 1}
        for left, sign, right in labels.get("relations", ()):
            assert sign == ">" and ({left, right} <= ATTRIBUTES or {left, right} <= set(ARKIT_NAMES))
        low, high = labels.get("age_years", (0, 0))
        assert 0 <= low <= high <= 100
        assert labels.get("sex", "F") in {"F", "M"}
        assert {labels.get("emotion", "neutral"), *labels.get("emotion_also", ())} <= EMOTIONS | {"neutral"}
        assert labels.get("emotion") not in labels.get("emotion_also", ())
        assert 0 < labels.get("intensity", 1) <= 1
        assert set(labels.get("asks", ())) <= ATTRIBUTES | MEASURES | {"expression", "age_years", "unusual", "count"}
        assert set(labels.get("conflict", ())) <= ATTRIBUTES | set(ARKIT_NAMES) | {"emotion"}


@BY_CATEGORY
def test_expression_and_millimetre_labels_are_consistent(category):
    for record in of(category):
        labels = record["labels"]
        on, off = labels.get("expression", {}), labels.get("expression_off", [])
        worn = record.get("input", {}).get("expression", {})
        assert set(on) | set(off) | set(worn) <= set(ARKIT_NAMES)
        assert not set(on) & set(off)
        assert all(0 < weight <= 1 for weight in [*on.values(), *worn.values()])
        for measure, asked in labels.get("mm", {}).items():
            assert measure in MEASURES
            ((kind, value),) = asked.items()
            assert kind in {"change", "value", "min", "max", "percent"}
            assert kind in {"change", "percent"} or 1 < value < 700, "an absolute measure in mm"


@BY_CATEGORY
def test_face_and_keep_belong_to_their_tasks(category):
    for record in of(category):
        labels, wanted = record["labels"], {"chat_face_wanted": True, "chat_face_not_wanted": False}
        assert labels.get("face") is wanted.get(record["category"])
        if record["task"] == "edit":
            assert labels["keep"] is True
        if record["task"] == "describe":
            assert labels.get("asks") or labels.get("decline")
        assert bool(labels.get("conflict")) == (record["category"] == "contradictory")


def test_the_page_states_the_sha256_of_the_file():
    digest = hashlib.sha256(BENCH.read_bytes().replace(b"\r\n", b"\n")).hexdigest()  # a checkout may change line ends
    assert re.findall(r"\b[0-9a-f]{64}\b", page_of_v1()) == [digest]


def test_the_page_states_the_counts_of_the_file():
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \|", page_of_v1(), flags=re.MULTILINE)
    assert {name: (int(sentences), int(labels)) for name, sentences, labels in rows} == categories()


def test_no_training_sentence_is_a_sentence_of_the_benchmark():
    files = sorted((ROOT / "corpus").rglob("*.jsonl"))
    if not files:
        pytest.skip("there is no training corpus in corpus/")
    held_out = {plain(r["text"]): r["id"] for r in RECORDS if len(plain(r["text"]).split()) > 3}
    lines = (line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
    records = (json.loads(line) for line in lines)
    said = (text for record in records for text in typed_in(record))
    seen = {held_out.get(plain(text)) for text in said} - {None}
    assert seen == set(), "take these sentences of the benchmark out of the training corpus"
