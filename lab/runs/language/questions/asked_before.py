"""Make assets/networks/questions/asked_source.npz and asked_when.npz: what a question takes from the turns before it.

Softmax regressions with a ridge on the questions of the written conversations; what says when is learnt from
corpus/conversations/when_asked.csv as well. Run it after lab.runs.language.questions.asked_names. Deterministic;
seconds.

    python -m lab.runs.language.questions.asked_before            # fit, score by five folds over conversations, write
    python -m lab.runs.language.questions.asked_before --dry      # without writing; --wrong lists what is read wrongly
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from facegpt.describe.attribute_words import measure_of
from facegpt.describe.measure_words import MEASURES_OF
from facegpt.language.dialogue.questions.asked_before import (
    ASKED_SOURCE,
    ASKED_WHEN,
    SOURCES,
    WHEN,
    Offered,
    features_of_source,
    features_of_when,
    likeliest,
    offered,
)
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import folds_command, softmax
from lab.runs.language.written_turns import Written, written_turns

RIDGE, FOLDS, LEAST_WEIGHT, FEWEST = 0.3, 5, 0.06, 1
#: How much a wording of the table counts, a question that says nothing of when, a turn that is no question of a head.
OF_TABLE, OF_NOW, OF_OTHER = 2.0, 0.5, 0.1
#: What is no question about a head, if the turn has an act at all.
_OTHER = ("decline", "off_topic", "chat", "ability", "small_talk")


@dataclass(frozen=True)
class Doc:
    """A question, what it can take its names from, the sources that are right, and its fold."""

    text: str
    offer: Offered
    right: tuple[str, ...]
    fold: int
    when: str
    weight: float = 1.0


def named(asks: Iterable[str]) -> set[str]:
    """The names of a question with the measures that answer for them."""
    return {m for name in asks for m in (name, measure_of(name), *MEASURES_OF.get(name, ())) if m}


def question_docs(turns: Sequence[Written]) -> list[Doc]:
    """The questions that name something."""
    docs = []
    for turn in turns:
        asks = {*turn.asks} - {"count", "unusual"}
        if turn.act in _OTHER and turn.cast.people:
            docs.append(Doc(turn.text, offered(turn.text, turn.cast), ("none",), turn.talk % FOLDS, "", OF_OTHER))
        if turn.act not in ("question", "compare") or not turn.asks or not turn.cast.people:
            continue
        offer = offered(turn.text, turn.cast)
        right = tuple(s for s in SOURCES if s in offer.names and named(asks) & named(offer.names[s]))
        if not asks:  # "how many?", "what stands out?"
            right = ("own",) if "own" in offer.names else ("none",)
        docs.append(Doc(turn.text, offer, right, turn.talk % FOLDS, turn.when))
    return docs


def fit_sources(docs: Sequence[Doc]) -> tuple[dict[str, int], np.ndarray]:
    """Fit which source counts; of several that are right the first."""
    known = [doc for doc in docs if doc.right]
    rows = [features_of_source(doc.text, doc.offer) for doc in known]
    said = [SOURCES.index(doc.right[0]) for doc in known]
    return softmax.fit(rows, said, [doc.weight for doc in known], len(SOURCES), RIDGE, FEWEST)


def when_table() -> list[tuple[str, str]]:
    """(when, wording)."""
    with (corpus_folder() / "conversations" / "when_asked.csv").open(encoding="utf-8", newline="") as file:
        return [(row["when"], row["text"]) for row in csv.DictReader(file)]


def fit_when(docs: Sequence[Doc]) -> tuple[dict[str, int], np.ndarray]:
    """Fit what says when."""
    known = [(d.when or "now", d.text, OF_NOW if d.when in ("", "now") else OF_TABLE) for d in docs if d.weight == 1]
    known += [(when, text, OF_TABLE) for when, text in when_table()]
    rows = [features_of_when(text) for _, text, _ in known]
    return softmax.fit(rows, [WHEN.index(w) for w, *_ in known], [x for *_, x in known], len(WHEN), RIDGE, FEWEST)


def main() -> None:
    """Fit, score, write."""
    options = folds_command.options(__doc__, FOLDS)
    docs = question_docs(written_turns())
    right, first, others, when = [], [], [], []
    for fold in range(options.folds):
        rest, held = [d for d in docs if d.fold != fold], [d for d in docs if d.fold == fold]
        rows, weights = fit_sources(rest)
        scores = softmax.matrix([features_of_source(d.text, d.offer) for d in held], rows) @ weights
        when_rows, when_weights = fit_when(rest)
        whens = softmax.matrix([features_of_when(d.text) for d in held], when_rows) @ when_weights
        for doc, row, at in zip(held, scores, whens, strict=True):
            found, then = likeliest(row, doc.offer), WHEN[int(at.argmax())]
            if doc.weight < 1:
                others.append(found == "none")
                continue
            right.append(found in doc.right)
            first.append("own" in doc.right)
            when.append((doc.when or "now", then))
            if options.wrong and (found not in doc.right or then != when[-1][0]):
                print(repr(doc.text), doc.right, "read", found, dict(doc.offer.names), *when[-1])
    print(f"names right {np.mean(right):.3f} of {len(right)} questions; own words alone {np.mean(first):.3f}")
    told = [a == b for a, b in when if a != "now"]
    now = [a == b for a, b in when if a == "now"]
    print(f"as before right {np.mean(told):.3f} of {len(told)}, as now {np.mean(now):.3f} of {len(now)}")
    print(f"no question about a head {np.mean(others):.3f} of {len(others)}")
    if options.dry:
        return
    print(softmax.kept(*fit_sources(docs), LEAST_WEIGHT, ASKED_SOURCE))
    print(softmax.kept(*fit_when(docs), LEAST_WEIGHT, ASKED_WHEN))


if __name__ == "__main__":
    main()
