"""Make assets/networks/questions/glossary.npz: whether a turn asks about a term of the glossary, or only uses it.

It writes docs/reference/glossary.md from the entries as well.

A softmax regression with a ridge on the frames of corpus/chat/glossary.csv and on the turns of the corpus that name a
term, which use it. Terms are masked, so that those of the glossary need no wordings of their own. Some seconds.

    python -m lab.runs.language.questions.glossary            # fit, score by folds over the frames, write
    python -m lab.runs.language.questions.glossary --dry      # without writing; --wrong lists what is read wrongly
"""

from __future__ import annotations

import csv
from collections.abc import Sequence

import numpy as np

from facegpt.language.dialogue.questions.glossary import ASKS, GLOSSARY, TERM, masked_terms, terms
from facegpt.language.dialogue.regression import STEP, scores_of, shares_of
from facegpt.language.dialogue.set_answers import features_of_remark
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import folds_command, softmax
from lab.runs.language.questions.set_answers import others

RIDGE, FOLDS, LEAST_WEIGHT = 0.3, 5, 0.06
#: How much a frame counts beside a turn of the corpus that names a term; every so many of these are held out.
OF_FRAME, EVERY = 6.0, 3
Doc = tuple[str, int]
_HEAD = (
    "# Glossary",
    "",
    "Terms of this program and of its field. `facegpt chat` answers with these sentences "
    "(`language/dialogue/questions/glossary.csv`).",
    "",
    "| term | meaning |",
    "|---|---|",
)


def frames() -> list[Doc]:
    """(masked text, whether it asks) of the written frames."""
    with (corpus_folder() / "chat" / "glossary.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"].replace("{term}", TERM), int(row["asks"])) for row in csv.DictReader(file)]


def uses() -> list[Doc]:
    """The turns of the corpus that name a term, less those that a frame that asks is made of."""
    asking = {text.lower().strip(" ?") for text, asks in frames() if asks}
    masked = (masked_terms(text) for text, _ in others())
    return [(text, 0) for text, found in masked if found and text.lower().strip(" ?") not in asking]


def fit(docs: Sequence[Doc], counts: Sequence[float]) -> tuple[dict[str, int], np.ndarray]:
    """Fit the rows and (features, 2) weights."""
    return softmax.fit([features_of_remark(text) for text, _ in docs], [asks for _, asks in docs], counts, 2, RIDGE)


def read(texts: Sequence[str], rows: dict[str, int], weights: np.ndarray) -> list[float]:
    """How likely each text asks."""
    return [float(shares_of(scores_of(features_of_remark(text), rows, weights / STEP))[1]) for text in texts]


def page() -> str:
    """docs/reference/glossary.md: the entries as chat tells them, by their first names."""
    first = {answer: name for name, answer in reversed(terms().items())}
    rows = sorted((name, answer) for answer, name in first.items())
    return "\n".join([*_HEAD, *(f"| {name} | {answer.replace('|', '/')} |" for name, answer in rows), ""])


def main() -> None:
    """Fit, score, write."""
    options = folds_command.options(__doc__, FOLDS)
    said, turns = frames(), uses()
    learnt, held_turns = [doc for k, doc in enumerate(turns) if k % EVERY], turns[::EVERY]
    right: list[bool] = []
    for fold in range(options.folds):
        kept = [doc for k, doc in enumerate(said) if k % FOLDS != fold]
        held = [doc for k, doc in enumerate(said) if k % FOLDS == fold]
        fitted = fit([*kept, *learnt], [OF_FRAME] * len(kept) + [1.0] * len(learnt))
        found = read([text for text, _ in held], *fitted)
        right += [(share >= ASKS) == bool(asks) for share, (_, asks) in zip(found, held, strict=True)]
        if options.wrong:
            wrong = [doc[0] for doc, good in zip(held, right[-len(held) :], strict=True) if not good]
            print(*wrong, sep="\n")
    fitted = fit([*said, *learnt], [OF_FRAME] * len(said) + [1.0] * len(learnt))
    taken = sum(share >= ASKS for share in read([text for text, _ in held_turns], *fitted))
    print(f"frames right {np.mean(right):.3f} of {len(said)}; other turns taken {taken} of {len(held_turns)}")
    (corpus_folder().parent / "docs" / "reference" / "glossary.md").write_text(page(), encoding="utf-8")
    fitted = fit([*said, *turns], [OF_FRAME] * len(said) + [1.0] * len(turns))
    if not options.dry:
        print(softmax.kept(*fitted, LEAST_WEIGHT, GLOSSARY))


if __name__ == "__main__":
    main()
