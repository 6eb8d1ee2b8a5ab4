"""Make assets/networks/questions/asked_names.npz: what a question is about, from wordings of names and questions.

Deterministic; under a minute on one core.

    python -m lab.runs.language.questions.asked_names            # fit, score on the scored conversations, write
    python -m lab.runs.language.questions.asked_names --dry      # without writing; --wrong lists what is read wrongly
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator

from facegpt.describe.attribute_words import measure_of
from facegpt.describe.measure_words import MEASURES_OF
from facegpt.language.dialogue.questions import asked_names as asked
from facegpt.language.dialogue.questions.asked_names import ASKED_NAMES, features_of_question
from facegpt_lab.synthesis.texts.corpus import corpus_folder, load_corpus
from lab.runs.language.questions.named_questions import names_of_texts
from lab.runs.language.softmax import as_bytes, fit, kept

RIDGE, LEAST_WEIGHT, OF_CORPUS = 0.1, 0.06, 0.5


def wordings() -> list[tuple[str, str]]:
    """(name, wording) of the table."""
    with (corpus_folder() / "conversations" / "measure_words.csv").open(encoding="utf-8", newline="") as file:
        return [(row["name"], phrase) for row in csv.DictReader(file) for phrase in row["phrases"].split(";")]


def corpus_questions(names: set[str]) -> Iterator[tuple[str, str]]:
    """(name, question) where the corpus asks for one thing, and what is written for each name."""
    found = [(r.labels.get("asks", ()), r.text) for r in load_corpus("train") if r.task in ("describe", "chat")]
    folder = corpus_folder() / "conversations"
    for file in sorted((*folder.glob("*.jsonl"), *folder.glob("last_turns/*.jsonl"))):
        for line in file.read_text("utf-8").splitlines():
            turns = json.loads(line)["turns"]
            for turn in turns if file.parent == folder else turns[-1:]:
                if isinstance(turn["labels"], dict) and turn["act"] in ("question", "compare"):
                    found.append((turn["labels"].get("asks", ()), turn["user"]))
    found += [((name,), text) for name, text in names_of_texts()]
    for asks, text in found:
        if len(asks) == 1:
            name = asks[0] if asks[0] in names else measure_of(asks[0])
            if name in names:
                yield name, text


def scored() -> Iterator[tuple[str, list[set[str]]]]:
    """(question, right measures of each thing asked) of the scored conversations that may be looked at."""
    for stem in ("scored", "second", "third"):
        file = corpus_folder() / "conversations" / "development" / f"{stem}.jsonl"
        for line in file.read_text("utf-8").splitlines():
            talk = json.loads(line)
            if stem != "scored" and int(talk["id"].split("-")[1]) % 2:
                continue
            for turn in talk["turns"]:
                asks = turn["expect"].get("asks", ())
                if asks and all("names" in each and "above_mm" not in each for each in asks):
                    yield turn["user"], [set(each["names"]) for each in asks]


def main() -> None:
    """Fit, score, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry", action="store_true")
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    table = wordings()
    names = sorted({name for name, _ in table})
    docs = [(name, text, 1.0) for name, text in table]
    docs += [(name, text, OF_CORPUS) for name, text in corpus_questions(set(names))]
    rows, weights = fit(
        [features_of_question(text) for _, text, _ in docs],
        [names.index(name) for name, _, _ in docs],
        [weight for *_, weight in docs],
        len(names),
        RIDGE,
    )
    if not options.dry:
        print(kept(rows, weights, LEAST_WEIGHT, ASKED_NAMES, names=as_bytes(names)))
        asked.load_name_classifier.cache_clear()
    right = []
    for text, wanted in scored():
        found = asked.asked_names(text)
        measures = {m for name in found for m in MEASURES_OF.get(name, (measure_of(name) or name,))} | {*found}
        right.append(all(each & measures for each in wanted))
        if options.wrong and not right[-1]:
            print(repr(text), wanted, "read", found)
    print(f"{sum(right)} of {len(right)} questions right")


if __name__ == "__main__":
    main()
