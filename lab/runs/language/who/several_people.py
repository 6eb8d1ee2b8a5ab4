"""Make several_people.npz beside this file: where in a request another person begins.

A softmax over each word of a text, learnt from the marked requests of corpus/conversations/several_people.txt and from
the training descriptions of the corpus: alone, where nobody else begins, and joined by the ways of the marked ones.
Deterministic; under a minute on one core.

    python -m lab.runs.language.who.several_people            # fit, score by five folds over the marked texts, write
    python -m lab.runs.language.who.several_people --dry      # without writing; --wrong lists what is cut wrongly
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from facegpt.language.dialogue.who.counts import how_many
from facegpt.language.dialogue.who.people_network import FIRST, FURTHER, places
from facegpt_lab.synthesis.texts.corpus import corpus_folder, load_corpus
from lab.runs.language import folds_command, softmax
from lab.runs.language.who.places_by_words import SEVERAL_PEOPLE, features_of_places, words_of
from lab.runs.language.written_turns import written_turns

RIDGE, FOLDS, LEAST_WEIGHT, FEWEST = 0.2, 5, 0.06, 2
#: How many descriptions of one person are learnt from, at how much weight a word; how many are joined.
ALONE, OF_ALONE, JOINED, OF_JOINED, LONGEST = 700, 0.6, 250, 0.3, 14
#: How much a marked request counts; how often its parts are put in place of those of another.
OF_MARKED, MIXED = 3.0, 4
_OPENINGS = ("", "", "make ", "two people: ", "Please make ", "two heads, ", "I need ", "draw ", "now ")
_JOINTS = (" and ", ", and ", ", ", "; ", ". ", " + ", " n ", ", plus ", " next to ", ", then ", " / ", ": ")

Marked = tuple[str, list[int]]


def unmarked(line: str) -> Marked:
    """A text without its marks, and the places that they mark."""
    text, marks = "", []
    for piece in re.split(r"(\| |// )", line):
        if piece == "| ":
            marks.append(len(text))
        elif piece != "// ":
            text += piece
    return text, marks


def marked_texts() -> list[Marked]:
    """The requests with marks; those of one person have none."""
    lines = (corpus_folder() / "conversations" / "several_people.txt").read_text("utf-8").splitlines()
    return [unmarked(line) for line in lines if line.strip()]


def others() -> tuple[list[Marked], list[Marked]]:
    """Texts in which nobody else begins, and descriptions that are joined."""
    rng = np.random.default_rng(0)
    alone = [r.text for r in load_corpus("train") if r.task == "imagine"]
    starts = re.compile(r"(?:an?|her|his|the|one)\b", re.IGNORECASE)
    short = [text.strip(" .!") for text in alone if len(text.split()) <= LONGEST and starts.match(text)]
    alone = [str(text) for text in rng.choice(alone, ALONE, replace=False)]
    folder = corpus_folder() / "conversations"
    turns = set[str]()
    for file in sorted((*folder.glob("*.jsonl"), *folder.glob("last_turns/*.jsonl"))):
        talks = [json.loads(line)["turns"] for line in file.read_text("utf-8").splitlines()]
        turns |= {t["user"] for talk in talks for t in talk if t["act"] == "new_head" and isinstance(t["who"], int)}
    turns |= {turn.text for turn in written_turns() if turn.scored and turn.act == "new_head" and turn.new == 1}
    joined = []
    for _ in range(JOINED):
        text, marks = str(rng.choice(_OPENINGS)), []
        joint = str(rng.choice(_JOINTS))
        for k in range(2 + int(rng.random() < 0.2)):
            text += joint if k else ""
            marks.append(len(text))
            said = str(rng.choice(short))
            text += said if rng.random() < 0.4 else said[:1].lower() + said[1:]
        joined.append((text, marks))
    return [(text, []) for text in (*alone, *sorted(turns)) if words_of(text)], joined


def mixed(texts: Sequence[Marked]) -> list[Marked]:
    """Requests with the openings and joints of some and the people of others."""
    rng = np.random.default_rng(1)
    ends = re.compile(r"(?:[\s,;:.&+/(-]|\b(?:and|plus|n|while|vs|then|next to|Second|Suspect|the other))*$")
    people = [[text[a:b] for a, b in pairwise([*marks, len(text)])] for text, marks in texts]
    said = [ends.sub("", part) for parts in people for part in parts]
    made = []
    for (text, marks), parts in zip(texts, people, strict=True):
        for _ in range(MIXED):
            new, places_ = text[: marks[0]], []
            for part in parts:
                places_.append(len(new))
                joint = ends.search(part)
                new += str(rng.choice(said)) + (joint[0] if joint else "")
            made.append((new, places_))
    return made


def rows_of(texts: Sequence[Marked], weight: float) -> tuple[list[list[str]], list[int], list[float]]:
    """Features, class and weight of each word; the first person of a text of one is not marked."""
    names: list[list[str]] = []
    said: list[int] = []
    for text, marks in texts:
        words = words_of(text)
        names += features_of_places(words)
        said += [FIRST if w.start in marks[:1] else FURTHER if w.start in marks else 0 for w in words]
    return names, said, [weight] * len(said)


def fit(*groups: tuple[Sequence[Marked], float]) -> tuple[dict[str, int], np.ndarray]:
    """Fit the rows and (features, 3) weights."""
    each = [rows_of(texts, weight) for texts, weight in groups]
    names, said, weight = ([value for rows in each for value in rows[k]] for k in range(3))
    return softmax.fit(names, said, weight, 3, RIDGE, FEWEST)


def right(rows: dict[str, int], weights: np.ndarray, texts: Sequence[Marked], wrong: bool = False) -> list[bool]:
    """Whether each text is cut where it is marked."""
    found = []
    for text, marks in texts:
        words = words_of(text)
        odds = softmax.matrix(features_of_places(words), rows) @ weights
        cut = [words[k].start for k in places(odds, how_many(text))]
        found.append(cut == (marks if len(marks) > 1 else []))
        if wrong and not found[-1]:
            print([text[a:b] for a, b in pairwise([0, *cut, len(text)])])
    return found


def main() -> None:
    """Fit, score, write."""
    options = folds_command.options(__doc__, FOLDS)
    requests, (alone, joined) = marked_texts(), others()
    marked = [(text, marks) for text, marks in requests if marks]
    alone += [(text, marks) for text, marks in requests if not marks]
    scores: tuple[list[bool], list[bool]] = ([], [])
    for fold in range(options.folds):
        kept = [each for k, each in enumerate(marked) if k % FOLDS != fold]
        single = [each for k, each in enumerate(alone) if k % FOLDS != fold]
        found = fit((kept, OF_MARKED), (mixed(kept), 1.0), (single, OF_ALONE), (joined, OF_JOINED))
        scores[0].extend(right(*found, marked[fold::FOLDS], options.wrong))
        scores[1].extend(right(*found, alone[fold::FOLDS], options.wrong))
    for name, each in zip(("several people", "one person"), scores, strict=True):
        print(f"{name}: cut rightly {np.mean(each):.3f} of {len(each)} texts")
    if not options.dry:
        found = fit((marked, OF_MARKED), (mixed(marked), 1.0), (alone, OF_ALONE), (joined, OF_JOINED))
        print(softmax.kept(*found, LEAST_WEIGHT, SEVERAL_PEOPLE))


if __name__ == "__main__":
    main()
