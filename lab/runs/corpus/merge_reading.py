"""Apply a second reading of the corpus: JSONL lines {"id", "verdict", "labels", "why"}.

verdict: "agree"; "change" (labels replace those of the sentence) or "drop" (the sentence goes). Where several readers
read one sentence, the last file by name counts. What came of each is kept in reading.csv beside this script, so the
script may run several times; the counts go into docs/language-data.md, between "reading: begin" and "reading: end".

Run: python lab/runs/corpus/merge_reading.py FOLDER_OF_READINGS [--dry-run]
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.targets import ASKABLE, ATTRIBUTES, EMOTIONS, MEASURES_SPOKEN
from facegpt_lab.synthesis.text_targets import target_from_labels
from facegpt_lab.synthesis.texts.corpus import corpus_files

BEGIN, END = "<!-- reading: begin -->", "<!-- reading: end -->"
PAGE = Path(__file__).resolve().parents[3] / "docs" / "language-data.md"
RECORD = Path(__file__).with_name("reading.csv")
VERDICTS = ("agree", "change", "drop")


def read_readings(folder: Path) -> dict[str, dict[str, Any]]:
    """Read all readings; a line that cannot be used stops the run with its file and number."""
    readings: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
                if entry["verdict"] not in VERDICTS or (entry["verdict"] == "change" and "labels" not in entry):
                    raise ValueError(f"verdict '{entry['verdict']}'")
            except (ValueError, KeyError) as error:
                raise SystemExit(f"{path.name}, line {number}: {error}") from error
            readings[entry["id"]] = entry
    return readings


def problem(labels: dict[str, Any], text: str) -> str:
    """Say what is wrong with labels, or ""."""
    names = {*labels.get("attributes", {}), *labels.get("not", {})} - set(ATTRIBUTES)
    names |= {*labels.get("expression", {}), *labels.get("expression_off", ())} - set(ARKIT_NAMES)
    names |= {labels.get("emotion", ""), *labels.get("emotion_also", ())} - set(EMOTIONS)
    names |= {*labels.get("mm", {})} - set(MEASURES_SPOKEN)
    names |= {*labels.get("asks", ())} - set(ASKABLE)
    if names:
        return f"unknown names {sorted(names)}"
    if any(abs(d) not in (0, 0.5, 1, 1.5, 2) for d in labels.get("attributes", {}).values()):
        return "a degree outside 0, 0.5, 1, 1.5, 2"
    try:
        target_from_labels(labels, text)
    except (ValueError, KeyError, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def kinds_of_change(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Name what two readers disagree about."""
    found = []
    a, b = old.get("attributes", {}), new.get("attributes", {})
    if a.keys() - b.keys():
        found.append("an attribute less")
    if b.keys() - a.keys():
        found.append("an attribute more")
    both = a.keys() & b.keys()
    if any(a[k] * b[k] < 0 for k in both):
        found.append("an attribute's direction")
    elif any(abs(a[k] - b[k]) > 0.5 for k in both):
        found.append("a degree by more than half a step")
    elif any(a[k] != b[k] for k in both):
        found.append("a degree by half a step")
    for key, value in (*old.items(), *new.items()):
        if key != "attributes" and old.get(key) != new.get(key) and f"{key}" not in found and value is not None:
            found.append(key)
    return found


def judge(record: dict[str, Any], reading: dict[str, Any]) -> tuple[str, list[str]]:
    """The outcome of one reading: a verdict (or "unusable") and what was changed."""
    labels = reading.get("labels", record["labels"])
    if reading["verdict"] != "change" or labels == record["labels"]:
        return ("drop" if reading["verdict"] == "drop" else "agree"), []
    wrong = problem(labels, record["text"])
    if wrong:
        print(f"{record['id']}: {wrong}; kept as it was")
        return "unusable", []
    return "change", kinds_of_change(record["labels"], labels)


def apply(readings: dict[str, dict[str, Any]], outcomes: dict[str, tuple[str, list[str]]], dry: bool) -> int:
    """Rewrite the corpus files and fill `outcomes`; give the number of sentences that stay.

    A sentence whose change was applied in an earlier run keeps that outcome.
    """
    left, stay = set(readings), 0
    for path in corpus_files():
        old = path.read_text(encoding="utf-8").splitlines()
        new = []
        for line in old:
            record = json.loads(line)
            reading = readings.get(record["id"])
            left.discard(record["id"])
            verdict = ""
            if reading is not None:
                verdict, kinds = judge(record, reading)
                if not (verdict == "agree" and outcomes.get(record["id"], ("",))[0] == "change"):
                    outcomes[record["id"]] = (verdict, kinds)
            if reading is not None and verdict == "change":
                line = json.dumps({**record, "labels": reading["labels"]}, ensure_ascii=False)
            if verdict != "drop":
                new.append(line)
        stay += len(new)
        if new != old and not dry:
            path.write_text("\n".join(new) + "\n", encoding="utf-8")
    unknown = left - outcomes.keys()
    if unknown:
        print(f"{len(unknown)} readings of unknown sentences, such as {sorted(unknown)[:3]}")
    return stay


def load_outcomes() -> dict[str, tuple[str, list[str]]]:
    """Read what earlier runs found."""
    if not RECORD.exists():
        return {}
    with open(RECORD, newline="", encoding="utf-8") as file:
        return {row[0]: (row[1], row[2].split("|") if row[2] else []) for row in csv.reader(file)}


def save_outcomes(outcomes: dict[str, tuple[str, list[str]]]) -> None:
    """Keep the outcomes, one line a sentence: id, verdict, kinds."""
    with open(RECORD, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerows([key, verdict, "|".join(kinds)] for key, (verdict, kinds) in sorted(outcomes.items()))


def as_text(outcomes: dict[str, tuple[str, list[str]]], stay: int) -> str:
    """Put the counts into words and a table."""
    count = Counter(verdict for verdict, _ in outcomes.values() if verdict != "unusable")
    kinds = Counter(kind for _, found in outcomes.values() for kind in found)
    read, changed, dropped = sum(count.values()), count["change"], count["drop"]
    share = 100 * count["agree"] / max(read, 1)
    rows = [
        f"A second reader saw text and labels of {read:,} of {stay + dropped:,} sentences and judged the labels:",
        f"{count['agree']:,} ({share:.1f} %) stand, {changed:,} were changed, {dropped:,} were dropped.",
        *("", "| what was changed (a sentence may count more than once) | sentences |", "|---|---|"),
        *(f"| {kind} | {number} |" for kind, number in kinds.most_common()),
    ]
    return "\n".join(rows)


def write_page(text: str) -> None:
    """Put the counts into the data card."""
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Apply the readings of a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
    arguments = parser.parse_args()
    outcomes = load_outcomes()
    stay = apply(read_readings(arguments.folder), outcomes, arguments.dry_run)
    text = as_text(outcomes, stay)
    print(text)
    if not arguments.dry_run:
        save_outcomes(outcomes)
        write_page(text)


if __name__ == "__main__":
    main()
