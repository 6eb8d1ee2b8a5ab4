"""Make assets/networks/questions/beyond_chat.npz: wishes for speech, films, files and pictures among all other turns.

A softmax regression with a ridge on corpus/chat/beyond.csv against the sentences of the corpus. Deterministic;
a minute.

    python -m lab.runs.language.beyond_chat            # fit, score by folds over the wordings, write
    python -m lab.runs.language.beyond_chat --dry      # without writing; --wrong lists what is read wrongly
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator

import numpy as np

from facegpt.language.dialogue.questions.beyond import BEYOND, KINDS, features_of_wish, kind_of
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import folds_command, softmax

RIDGE, FOLDS, LEAST_WEIGHT, FEWEST = 0.3, 5, 0.06, 2
#: Every so many sentences of the corpus are learnt from, and these next to them are scored.
EVERY = 4
#: Other sentences of the corpus that are wishes of these kinds, by their own words.
_UNLABELLED = frozenset(
    ("print", "export", "download", "video", "gif", "save", "say", "speak", "sing", "photo", "picture", "talk")
) | frozenset(("background", "animate", "file", "film", "image", "format", "movie", "clip"))


def wishes() -> list[tuple[str, str]]:
    """(text, kind) of the written wishes."""
    with (corpus_folder() / "chat" / "beyond.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["kind"]) for row in csv.DictReader(file)]


def others() -> list[str]:
    """Sentences of the corpus that are none: those with a word of such wishes are left out."""
    texts = dict.fromkeys(text for text in _texts() if not {*text.lower().split()} & _UNLABELLED)
    return list(texts)


def _texts() -> Iterator[str]:
    for path in sorted(corpus_folder().rglob("*.jsonl")):
        if "held_out" in path.parts:
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            said = [record.get("text"), record.get("user")]
            said += [turn.get("user") for turn in record.get("turns", ()) if isinstance(turn, dict)]
            yield from (text for text in said if isinstance(text, str) and len(text) < 160)


def fit(docs: list[tuple[str, str]]) -> tuple[dict[str, int], np.ndarray]:
    """Fit (text, kind)."""
    rows = [features_of_wish(text) for text, _ in docs]
    return softmax.fit(rows, [KINDS.index(kind) for _, kind in docs], [1.0] * len(docs), len(KINDS), RIDGE, FEWEST)


def read(docs: list[str], rows: dict[str, int], weights: np.ndarray) -> list[str]:
    """The kinds of texts."""
    scores = softmax.matrix([features_of_wish(text) for text in docs], rows) @ weights
    return [kind_of(each) for each in scores]


def main() -> None:
    """Fit, score, write."""
    options = folds_command.options(__doc__, FOLDS)
    asked, rest = wishes(), [(text, "none") for text in others()]
    learnt = rest[::EVERY]
    found: list[bool] = []
    for fold in range(options.folds):
        held = [doc for k, doc in enumerate(asked) if k % FOLDS == fold]
        fitted = fit([doc for k, doc in enumerate(asked) if k % FOLDS != fold] + learnt)
        kinds = read([text for text, _ in held], *fitted)
        found += [kind == right for kind, (_, right) in zip(kinds, held, strict=True)]
    fitted = fit(asked + learnt)
    other = [text for text, _ in rest[1::EVERY]]
    taken = [(text, kind) for text, kind in zip(other, read(other, *fitted), strict=True) if kind != "none"]
    if options.wrong:
        print(*taken, sep="\n")
    print(f"wishes found {np.mean(found):.3f} of {len(found)}; other turns taken for one {len(taken)} of {len(other)}")
    if not options.dry:
        print(softmax.kept(*fitted, LEAST_WEIGHT, BEYOND))


if __name__ == "__main__":
    main()
