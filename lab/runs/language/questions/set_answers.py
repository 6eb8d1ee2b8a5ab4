"""Make assets/networks/questions/set_answers.npz: which set answer fits a turn, if any.

A softmax regression with a ridge on corpus/chat/set_answers.csv against the other sentences of the corpus, and against
the questions of corpus/conversations/seen_in_photos.csv and what stands from "you" on in turns.
Deterministic; half a minute, five times that for the folds.

    python -m lab.runs.language.questions.set_answers            # fit, score by folds over the wordings, write
    python -m lab.runs.language.questions.set_answers --dry      # without writing; --wrong lists what is read wrongly
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from facegpt.language.dialogue.deciding import is_question
from facegpt.language.dialogue.regression import shares_of
from facegpt.language.dialogue.set_answers import (
    INSULT,
    NONE,
    OF_AN_INSULT,
    SET_ANSWERS,
    SURE,
    answers,
    features_of_remark,
    place_of,
)
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from lab.runs.language import folds_command, softmax

RIDGE, FOLDS, LEAST_WEIGHT, ITERATIONS = 0.3, 5, 0.06, 40
#: Features that no wording has count from so many other sentences on.
FEWEST = 15
#: Every so many sentences of the corpus are learnt from, and these next to them are scored.
EVERY, LONGEST = 6, 160
#: How much a wording counts beside another sentence; those of keys with more than so many count less, so that all of a
#: key count as this many.
OF_WORDING, MOST = 4.0, 60
#: Acts of written turns that set answers may fit; other sentences of the corpus that ask for what other verbs do.
_MAY_FIT = ("small_talk", "ability", "decline")
_UNLABELLED = frozenset(
    ("print", "export", "download", "video", "gif", "save", "say", "speak", "sing", "photo", "picture", "talk", "hello")
) | frozenset(
    ("background", "animate", "file", "film", "image", "format", "movie", "clip", "profile", "thanks", "thank", "hi")
)
Doc = tuple[str, str]


def wordings() -> list[Doc]:
    """(text, key) of the written turns."""
    with (corpus_folder() / "chat" / "set_answers.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["key"]) for row in csv.DictReader(file)]


def both_ways(docs: Sequence[Doc]) -> list[Doc]:
    """Turns, and questions with their mark as well as without it: that some writer set one says nothing of the key."""
    whole = {text for text, _ in docs}
    other = {
        text.removesuffix("?") if text.endswith("?") else f"{text}?": key for text, key in docs if is_question(text)
    }
    return [*docs, *((text, key) for text, key in other.items() if text not in whole)]


def of_photos() -> list[Doc]:
    """Questions for what a photo shows beside the head: answers of another kind, that share words with set ones."""
    with (corpus_folder() / "conversations" / "seen_in_photos.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"], NONE) for row in csv.DictReader(file) if row["sight"] != "nothing"]


def ends_of(docs: Sequence[Doc]) -> list[Doc]:
    """What turns without insults say from "you" on, which `without_insults` looks at: each with their commonest key."""
    keys: dict[str, Counter[str]] = {}
    for text, key in docs:
        for match in re.finditer(r"(?<=\s)(?:you|u)\b", text if key != INSULT else "", re.IGNORECASE):
            keys.setdefault(text[match.start() :], Counter())[key] += 1
    whole = {text for text, _ in docs}
    short = [end for end in keys if len(end.split()) <= OF_AN_INSULT and end not in whole]
    return [(end, keys[end].most_common(1)[0][0]) for end in short]


def others() -> list[Doc]:
    """Sentences of the corpus that no set answer fits: those that one may fit are left out."""
    texts = dict.fromkeys(text for text in _texts() if not {*text.lower().split()} & _UNLABELLED)
    return [(text, NONE) for text in texts]


def _texts() -> Iterator[str]:
    for path in sorted(corpus_folder().rglob("*.jsonl")):
        if "held_out" in path.parts:
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            turns = [turn for turn in record.get("turns", ()) if isinstance(turn, dict)]
            said = [record.get("text") if record.get("voice") != "small_talk" else None, record.get("user")]
            said += [turn.get("user") for turn in turns if _act_of(turn) not in _MAY_FIT]
            yield from (text for text in said if isinstance(text, str) and len(text) < LONGEST)


def _act_of(turn: dict[str, object]) -> object:
    expected = turn.get("expect")
    return turn.get("act") or (expected.get("act") if isinstance(expected, dict) else None)


def fit(docs: Sequence[Doc]) -> tuple[dict[str, int], np.ndarray]:
    """Fit the rows and (features, keys) weights of (text, key)."""
    counts = Counter(key for _, key in docs)
    weight = [OF_WORDING * min(1.0, MOST / counts[key]) if key != NONE else 1.0 for _, key in docs]
    names = [features_of_remark(text) for text, _ in docs]
    often = Counter(name for each in names for name in each)
    own = {name for each, (_, key) in zip(names, docs, strict=True) if key != NONE for name in each}
    names = [[name for name in each if name in own or often[name] >= FEWEST] for each in names]
    return softmax.fit(
        names, [place_of(key) for _, key in docs], weight, len(answers()) + 1, RIDGE, iterations=ITERATIONS
    )


def read(texts: Sequence[str], rows: dict[str, int], weights: np.ndarray) -> list[tuple[str, float]]:
    """The likeliest key of each text beside none, and how likely it is."""
    scores = softmax.matrix([features_of_remark(text) for text in texts], rows) @ weights
    keys = (NONE, *answers())
    return [(keys[1 + int(share[1:].argmax())], float(share[1:].max())) for share in map(shares_of, scores)]


def main() -> None:
    """Fit, score, write."""
    options = folds_command.options(__doc__, FOLDS)
    said, rest = [*wordings(), *of_photos()], others()
    learnt = rest[::EVERY]
    learnt += ends_of([*said, *learnt])
    for fold in range(options.folds):
        held = [doc for k, doc in enumerate(said) if k % FOLDS == fold]
        fitted = fit([*both_ways([doc for k, doc in enumerate(said) if k % FOLDS != fold]), *learnt])
        _tell(held, read([text for text, _ in held], *fitted), options.wrong)
    fitted = fit([*both_ways(said), *learnt])
    other = [text for text, _ in rest[1::EVERY]]
    found = read(other, *fitted)
    taken = [(text, *each) for text, each in zip(other, found, strict=True) if each[1] >= SURE]
    if options.wrong:
        print(*taken, sep="\n")
    print(f"other turns taken for one {len(taken)} of {len(other)}")
    if not options.dry:
        print(softmax.kept(*fitted, LEAST_WEIGHT, SET_ANSWERS))


def _tell(held: Sequence[Doc], found: Sequence[tuple[str, float]], wrong: bool) -> None:
    """How many wordings get their answer."""
    few = [k for k, (_, key) in enumerate(held) if key not in (NONE, "speech", "film", "file", "surroundings")]
    ok = [found[k][0] == held[k][1] for k in few]
    sure = [found[k][1] >= SURE for k in few]
    lost = [a and not b for a, b in zip(sure, ok, strict=True)]
    print(f"key right {np.mean(ok):.3f}, sure {np.mean(sure):.3f}, surely another {np.mean(lost):.3f} of {len(few)}")
    for (text, right), (key, share) in zip(held, found, strict=True):
        if wrong and key != right:
            print(f"{right:16} read as {key:16} {share:.2f} {text}")


if __name__ == "__main__":
    main()
