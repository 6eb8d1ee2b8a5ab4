"""FaceGPT-Bench v2 and its conversations: the files obey their schema, and are the files that the page in docs states.

No sentence of them is printed here: an assertion names the id.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_up_sentences import typed_in

from facegpt.conventions import ARKIT_NAMES

ROOT = Path(__file__).parents[2]
LANGUAGE = ROOT / "src" / "facegpt" / "language"
PROTOCOLS = ROOT / "lab" / "src" / "facegpt_lab" / "evaluate" / "protocols" / "words"
SENTENCES, TALK = PROTOCOLS / "facegpt_bench_v2.jsonl", PROTOCOLS / "facegpt_talk_v2.jsonl"

DEGREES = {-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2}
LABELS = {"attributes", "not", "relations", "age_years", "sex", "emotion", "emotion_also", "intensity", "expression"}
LABELS |= {"expression_off", "expression_keep", "mm", "keep", "face"}
EXPECT = {"action", "new", "edit", "restore", "take", "variations", "blend", "asks", "decline", "cannot", "no_number"}
EXPECT |= {"free_numbers", "says_any", "says_who"}
ASKS = {"measure", "yes_no", "expression", "compare", "compare_parts", "difference", "age", "unusual", "count"}
ACTIONS = {"new", "edit", "restore", "take", "variations", "blend", "none", "any"}


def column(path: Path, name: str) -> set[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row[name] for row in csv.DictReader(file)}


ATTRIBUTES = column(LANGUAGE / "attributes.csv", "name")
EMOTIONS = column(LANGUAGE / "emotions.csv", "name") | {"neutral"}
MEASURES = column(ROOT / "src" / "facegpt" / "assets" / "anthropometry.csv", "measure")


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def plain(text: str) -> str:
    """Lower case, words only: two texts that differ in punctuation are the same."""
    return re.sub(r"[^\w]+", " ", text.lower()).strip()


def wrong(labels: dict[str, Any]) -> list[str]:
    """What a set of labels says that the schema does not know."""
    units = [*labels.get("expression", ()), *labels.get("expression_off", ()), *labels.get("expression_keep", ())]
    emotions = [*labels.get("emotion_also", ()), *([labels["emotion"]] if "emotion" in labels else [])]
    return [
        *(set(labels) - LABELS),
        *({*labels.get("attributes", ()), *labels.get("not", ())} - ATTRIBUTES),
        *(str(degree) for degree in labels.get("attributes", {}).values() if degree not in DEGREES),
        *(set(units) - set(ARKIT_NAMES)),
        *(set(emotions) - EMOTIONS),
        *(set(labels.get("mm", ())) - MEASURES),
    ]


def heads_named(expect: dict[str, Any]) -> Iterator[str]:
    """The heads that must be there already when a turn is said."""
    yield from expect.get("edit", ())
    yield from expect.get("restore", ())
    if "take" in expect:
        yield from (expect["take"]["to"], expect["take"]["from"])
    yield from expect.get("blend", {}).get("of", ())
    if "variations" in expect:
        yield expect["variations"]["of"]


@pytest.mark.parametrize("path", [SENTENCES, TALK], ids=lambda path: path.stem)
def test_file_is_the_one_the_page_states(path: Path) -> None:
    page = (ROOT / "docs" / "facegpt-bench.md").read_text(encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()  # a checkout may change line ends
    assert digest in page
    ids = [record["id"] for record in read(path)]
    assert len(set(ids)) == len(ids)


def test_sentences_obey_the_schema() -> None:
    records = read(SENTENCES)
    assert len(records) == 600
    assert not [(record["id"], wrong(record["labels"])) for record in records if wrong(record["labels"])]


def test_every_attribute_is_asked_for_on_both_sides() -> None:
    sides = {
        (name, degree > 0)
        for record in read(SENTENCES)
        if record["category"] == "explicit_attribute"
        for name, degree in record["labels"].get("attributes", {}).items()
    }
    assert sides == {(name, side) for name in ATTRIBUTES for side in (False, True)}


def test_conversations_obey_the_schema() -> None:
    talks = read(TALK)
    assert len(talks) == 150
    for talk in talks:
        assert 3 <= len(talk["turns"]) <= 8, talk["id"]
        there: set[str] = set()
        for number, turn in enumerate(talk["turns"]):
            expect = turn["expect"]
            assert set(expect) <= EXPECT and expect["action"] in ACTIONS, talk["id"]
            there |= {person for photo in turn.get("photos", ()) for person in photo}
            assert set(heads_named(expect)) <= there, (talk["id"], number)
            assert all(version <= number for version in expect.get("restore", {}).values()), (talk["id"], number)
            for labels in (*expect.get("edit", {}).values(), *expect.get("new", {}).values()):
                assert not wrong({key: value for key, value in labels.items() if key != "from_photo"}), talk["id"]
            there |= {*expect.get("new", ()), *expect.get("variations", {}).get("heads", ())}
            there |= {expect["blend"]["head"]} if "blend" in expect else set()
            for asked in expect.get("asks", ()):
                assert asked["kind"] in ASKS, talk["id"]
                assert {*asked.get("heads", ()), asked.get("head", "p1")} - {"p1"} <= there, talk["id"]
                assert set(asked.get("names", ())) <= MEASURES | {"age_years"}, talk["id"]


def test_voices_are_snake_case() -> None:
    assert all(re.fullmatch(r"[a-z_]+", record["voice"]) for path in (SENTENCES, TALK) for record in read(path))


def test_no_training_text_is_a_sentence_of_the_set() -> None:
    files = sorted((ROOT / "corpus").rglob("*.jsonl"))
    if not files:
        pytest.skip("there is no training corpus in corpus/")
    blind = {plain(record["text"]): record["id"] for record in read(SENTENCES)}
    turns = ((turn["user"], talk["id"]) for talk in read(TALK) for turn in talk["turns"])
    blind |= {plain(text): name for text, name in turns}
    blind = {text: name for text, name in blind.items() if len(text.split()) > 5}
    records = (record for file in files for record in read(file))
    said = (text for record in records for text in typed_in(record))
    assert {blind.get(plain(text)) for text in said} == {None}, "take these out of the training corpus"
