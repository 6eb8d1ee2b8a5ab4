"""Keep the blind sentences of `facegpt eval hair` that are near no sentence or wording learnt from.

Near: rare words overlap by more than half (lab/runs/corpus/split.py), or four words in a row are the same.

    python -m lab.runs.language.hair.blind      # rewrites evaluate/hair/hair_words_v1.jsonl with those that stay
"""

from __future__ import annotations

import json
import re
from collections import Counter
from math import log
from pathlib import Path

import facegpt_lab.evaluate.hair.words as protocol
from facegpt_lab.synthesis.texts.corpus import load_corpus
from lab.runs.corpus.split import OVERLAP, words
from lab.runs.language.hair.texts import CATEGORIES, wordings

RUN = 4


def runs_of(text: str) -> set[tuple[str, ...]]:
    """Runs of RUN words of a text."""
    row = re.findall(r"[^\W_]+", text.lower())
    return {tuple(row[k : k + RUN]) for k in range(len(row) - RUN + 1)}


def is_near(text: str, learnt: list[str], weight: dict[str, float]) -> str:
    """The text learnt from that a sentence is near, or ""."""
    bag, own = words(text), runs_of(text)
    mass = sum(weight.get(word, 9.0) for word in bag)
    for other in learnt:
        there = words(other)
        shared = sum(weight.get(word, 9.0) for word in bag & there)
        if shared > OVERLAP * max(mass, sum(weight.get(word, 9.0) for word in there)) or own & runs_of(other):
            return other
    return ""


def main() -> None:
    """Rewrite the file."""
    path = Path(protocol.__file__).with_name(protocol.SENTENCES)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    learnt = [r.text for r in load_corpus("all") if r.category in CATEGORIES] + [w.text for w in wordings()]
    count = Counter(word for text in learnt for word in words(text))
    weight = {word: log(len(learnt) / n) for word, n in count.items()}
    kept = []
    for row in rows:
        if near := is_near(row["text"], learnt, weight):
            print(f"out: {row['text']!r} is near {near!r}")
        else:
            kept.append(row)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept), encoding="utf-8")
    print(f"{len(kept)} of {len(rows)} stay")


if __name__ == "__main__":
    main()
