"""What each piece beside the network earns: readings of held-out sentences with one piece left out at a time.

    python -m runs.language.ablation                      # all pieces, all held-out sentences
    python -m runs.language.ablation --only sides units --prefix lj-

The network reads every sentence once (with and without the words put right before it); pieces are then left out of what
follows. Printed for each piece: how many labels are lost without it, of how many, and of which kinds. Minus: it earns.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from copy import copy
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import torch

from facegpt.language.language_model import LanguageModel, load_language_model
from facegpt.language.reading import after_network
from facegpt.language.reading.after_network import read_after_network
from facegpt.language.reading.expression_rules import feelings, units
from facegpt.language.reading.ngrams import classifier, text_features
from facegpt.language.reading.rewordings import reworded
from facegpt.language.reading.rules import rules
from facegpt.language.reading.text_reading import Reading
from facegpt.synthesis.texts.corpus import load_corpus
from facegpt.train.words.corpus_examples import example_from
from facegpt.train.words.examples import TextExample
from facegpt.train.words.validate import Scores, score

Swap = tuple[Any, str, Callable[..., Any]]


def _nothing(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: copy(value)  # who asks may write into it


#: Piece → what stands in for its functions. A piece without swaps is left out by name (`read_after_network`, `read`).
PIECES: dict[str, tuple[Swap, ...]] = {
    "network alone": (),
    "all rules": (),
    "n-gram classifier": (),
    "rewordings": (),
    "spelling": (),
    "sayings": ((text_features, "in_plain_words", lambda text, *_: text),),
    "denials": ((rules, "find_denials", _nothing(())),),
    "averages": ((rules, "find_averages", _nothing(())),),
    "comparisons": ((rules, "find_comparisons", _nothing([])),),
    "sides": ((rules, "find_sides", lambda _: rules.Sided()),),
    "units": ((rules, "find_units", _nothing({})),),
    "action units": ((units, "find_action_units", _nothing({})), (feelings, "find_action_units", _nothing({}))),
    "strengths": ((rules, "_strengths", _nothing({})), (rules, "_intensity", _nothing(None))),
    "complaints": ((rules, "find_complaints", _nothing({})),),
    "repairs": ((rules, "find_repairs", _nothing({})),),
    "keeps": (
        (rules, "keeps_the_rest", _nothing(False)),
        (rules, "kept_attributes", _nothing(())),
        (rules, "find_asked", _nothing({})),
        (rules, "find_named", _nothing(frozenset())),
    ),
    "feelings": ((rules, "settled_emotion", lambda _, read: read),),
    "sex": ((rules, "probability_of_man", lambda request, _: request.man),),
    "sex and years of edits": (),
    "numbers put right": ((rules, "corrected", lambda _, goals: goals),),
    "ages": ((rules, "find_age", _nothing(None)), (classifier, "find_age", _nothing(None))),
    "places": (),
    "peoples": (),
}  # fmt: skip


@dataclass(frozen=True)
class Passed:
    """One sentence as the network read it: variant of its words → (log odds of a face, outputs, the words)."""

    example: TextExample
    variants: dict[str, tuple[float, Any, str]]


def passed(model: LanguageModel, example: TextExample) -> Passed:
    """Let the network read a sentence as it is, reworded, respelled and both."""
    faces = iter(example.faces)
    turns: list[dict[str, Any]] = [
        {**m, "content": [{"type": "face", "face": next(faces)} if p["type"] == "face" else p for p in m["content"]]}
        for m in example.messages
    ]
    done: dict[str, tuple[float, Any, str]] = {}
    found = {}
    for name, said in {
        "": turns,
        "rewordings": reworded(turns),
        "spelling": classifier.respelled(turns),
        "both": classifier.respelled(reworded(turns)),
    }.items():
        text = "\n".join(part["text"] for part in said[-1]["content"] if part["type"] == "text")
        if text not in done:
            encoded = model.processor(said)
            spans = [(0, start, end) for start, end in encoded.numbers]
            with torch.inference_mode():
                odds, out = model._pass(encoded, list(example.faces), [], example.is_about_a_face, spans)
            done[text] = (odds, out.request, text)
        found[name] = done[text]
    return Passed(example, found)


def read(model: LanguageModel, sentence: Passed, without: str) -> Reading:
    """The reading without one piece."""
    is_edit = bool(sentence.example.is_about_a_face)
    alone = without == "network alone"
    variant = "" if alone else {"rewordings": "spelling", "spelling": "rewordings"}.get(without, "both")
    odds, out, text = sentence.variants[variant]
    left_out = after_network.ALL if alone else (without,)
    return read_after_network(
        out, odds, text, model.model.config.thresholds, is_edit, face_before=is_edit, without=left_out
    )


def scored(model: LanguageModel, sentences: Sequence[Passed], without: str) -> Scores:
    """Score the readings of all sentences without one piece."""
    scores = Scores()
    with ExitStack() as swaps:
        for module, name, stand_in in PIECES.get(without, ()):
            swaps.enter_context(patch.object(module, name, stand_in))
        for sentence in sentences:
            score(scores, sentence.example, read(model, sentence, without))
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
    whole = scored(model, sentences, "")
    print(f"{len(sentences)} sentences, {sum(whole.counts().values())} labels")
    for name in options.only:
        kinds = lost(whole, scored(model, sentences, name))
        most = "; ".join(f"{kind} {value:+.0f}" for kind, value in kinds.items() if abs(value) >= 1)
        print(f"without {name}: {sum(kinds.values()):+.0f}  [{most}]", flush=True)


if __name__ == "__main__":
    main()
