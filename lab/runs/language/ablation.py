"""What each piece of exact code earns beside the network: readings of held-out sentences with one piece left out.

    python -m lab.runs.language.ablation                      # all pieces, all held-out sentences
    python -m lab.runs.language.ablation --only years codes --prefix lj-

The network reads every sentence once; pieces are then left out of what follows. Printed for each piece: how many labels
are lost without it, of how many, and of which kinds. Minus: it earns.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from facegpt.language.language_model import LanguageModel
from facegpt.language.loading import load_language_model
from facegpt.language.reading.after_network import ALL, read_after_network
from facegpt.language.reading.glasses_words import turns_without_glasses
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.train.words.corpus_examples import example_from
from facegpt_lab.train.words.examples import TextExample
from facegpt_lab.train.words.validate import Scores, score

#: Piece → what is left out of `read_after_network`.
PIECES: dict[str, Collection[str]] = {"all of them (the network alone)": ALL, **{name: (name,) for name in sorted(ALL)}}


@dataclass(frozen=True)
class Passed:
    """One sentence as the network read it: log odds of a face, outputs, the words."""

    example: TextExample
    odds: float
    out: Any
    text: str


def passed(model: LanguageModel, example: TextExample) -> Passed:
    """Let the network read a sentence."""
    faces = iter(example.faces)
    turns: list[dict[str, Any]] = [
        {**m, "content": [{"type": "face", "face": next(faces)} if p["type"] == "face" else p for p in m["content"]]}
        for m in example.messages
    ]
    turns = turns_without_glasses(turns)
    text = "\n".join(part["text"] for part in turns[-1]["content"] if part["type"] == "text")
    encoded = model.processor(turns)
    spans = [(0, start, end) for start, end in encoded.numbers]
    with torch.inference_mode():
        odds, out = model._pass(encoded, list(example.faces), [], example.is_about_a_face, spans)
    return Passed(example, odds, out.request, text)


def scored(model: LanguageModel, sentences: Sequence[Passed], without: Collection[str]) -> Scores:
    """Score the readings of all sentences without some pieces."""
    scores = Scores()
    for each in sentences:
        is_edit = bool(each.example.is_about_a_face)
        reading = read_after_network(each.out, each.odds, each.text, model.thresholds, is_edit, without)
        score(scores, each.example, reading)
    return scores


def lost(whole: Scores, part: Scores) -> dict[str, float]:
    """Labels gained (+) or lost (-) by kind; errors of degree and weight are means and left out."""
    before, after, counts = whole.means(), part.means(), whole.counts()
    kinds = [kind for kind in before if not kind.endswith("error")]
    sign = {kind: -1.0 if "false" in kind else 1.0 for kind in kinds}
    return {kind: sign[kind] * (after.get(kind, 0.0) - before[kind]) * counts[kind] for kind in kinds}


def main() -> None:
    """Print a line a piece."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=list(PIECES), default=list(PIECES))
    parser.add_argument("--prefix", nargs="+", default=[""], help="only sentences whose ids start so")
    options = parser.parse_args()
    model = load_language_model()
    records = [r for r in load_corpus("validation") if r.id.startswith(tuple(options.prefix))]
    sentences = [passed(model, example_from(record)) for record in records]
    whole = scored(model, sentences, ())
    print(f"{len(sentences)} sentences, {sum(whole.counts().values())} labels")
    for name in options.only:
        kinds = lost(whole, scored(model, sentences, PIECES[name]))
        most = "; ".join(f"{kind} {value:+.0f}" for kind, value in kinds.items() if abs(value) >= 1)
        print(f"without {name}: {sum(kinds.values()):+.0f}  [{most}]", flush=True)


if __name__ == "__main__":
    main()
