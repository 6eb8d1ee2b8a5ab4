"""Make assets/networks/turn_acts.npz: what a turn of a conversation does, from the written conversations.

A softmax regression with a ridge on corpus/conversations and, at a lower weight, on the training sentences of the
corpus. Turns of the corpus that want no face have no act: they take the likeliest one without a face under a first fit.
Deterministic; about a minute on one core.

    python -m runs.language.turn_acts            # fit, score by five folds over conversations, write
    python -m runs.language.turn_acts --dry      # without writing; --wrong lists what is read wrongly
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

from facegpt.assets import FOLDER, register
from facegpt.language.dialogue.act_classifier import ACTS, MAKING, STEP, TURN_ACTS, Before, features_of_turn
from facegpt.language.dialogue.turns import asks_for_new
from facegpt.synthesis.texts.corpus import Record, corpus_folder, load_corpus

RIDGE, ITERATIONS, FOLDS = 0.3, 80, 5
#: How much a sentence of the corpus counts beside a turn of a conversation; features in fewer texts are left out.
OF_CORPUS, FEWEST = 0.25, 2
LEAST_WEIGHT = 0.06


@dataclass(frozen=True)
class Doc:
    """One turn: its features, act ("" where only its group is known), weight and fold."""

    text: str
    names: list[str]
    act: str
    weight: float = 1.0
    fold: int = -1


def conversation_docs() -> list[Doc]:
    """Every turn of corpus/conversations, its fold by conversation."""
    docs = []
    for file in sorted((corpus_folder() / "conversations").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            talk, people, last = json.loads(line), 0, ""
            for turn in talk["turns"]:
                photos = int(turn["given"].split()[-1]) if turn["given"] != "nothing" else 0
                act = act_of(turn)
                if turn["user"].strip():
                    names = features_of_turn(turn["user"], Before(people + photos, photos, last))
                    docs.append(Doc(turn["user"], names, act, 1.0, int(talk["id"].split("-")[1]) % FOLDS))
                who = turn["who"] if isinstance(turn["who"], list) else [turn["who"]]
                people = max([people + photos, *(k for k in who if k)] if act in MAKING else [people + photos])
                last = act
    return docs


def act_of(turn: dict) -> str:
    """The act of a written turn; what is taken from other heads is told apart."""
    source = turn.get("from")
    if source is None or turn["act"] not in ("new_head", "edit") or turn.get("parts") == ["expression"]:
        return turn["act"]
    if turn["act"] == "edit":
        return "take"
    return "blend" if isinstance(source, list) else "vary"


def sentence_docs() -> list[Doc]:
    """The training sentences of the corpus as turns: with a head at hand, or as the first."""
    docs = []
    for record in load_corpus("train"):
        people = 1 if record.has_face_before or record.task == "describe" else 0
        photos = people if record.input.get("image") else 0
        act = {"imagine": "new_head", "edit": "edit", "describe": "question"}.get(record.task, _of_chat(record))
        if record.labels.get("decline"):
            act = "decline"
        names = features_of_turn(record.text, Before(people, photos, "new_head" if people and not photos else ""))
        docs.append(Doc(record.text, names, act, OF_CORPUS))
        if act == "new_head" and not people and asks_for_new(record.text):  # the same after another head
            again = features_of_turn(record.text, Before(1 + len(record.text) % 2, 0, "new_head"))
            docs.append(Doc(record.text, again, act, OF_CORPUS))
        if not act and not people:
            again = features_of_turn(record.text, Before(1 + len(record.text) % 2, 0, "edit"))
            docs.append(Doc(record.text, again, act, OF_CORPUS))
    return docs


def _of_chat(record: Record) -> str:
    if not record.labels.get("face"):
        return ""
    return "edit" if record.has_face_before else "new_head"


def matrix(docs: Sequence[Doc], rows: dict[str, int]) -> sp.csr_matrix:
    """(D, features) of ones."""
    known = [[rows[name] for name in doc.names if name in rows] for doc in docs]
    first = np.cumsum([0, *map(len, known)])
    columns = np.concatenate([np.array(each, int) for each in known])
    return sp.csr_matrix((np.ones(len(columns), np.float32), columns, first), (len(docs), len(rows)))


def fit(docs: Sequence[Doc]) -> tuple[dict[str, int], np.ndarray]:
    """Fit the rows and (features, acts) weights of docs with acts."""
    counts = Counter(name for doc in docs for name in doc.names)
    rows = {name: k for k, name in enumerate(sorted(n for n, c in counts.items() if c >= FEWEST))}
    seen, said = matrix(docs, rows), np.zeros((len(docs), len(ACTS)), np.float32)
    said[np.arange(len(docs)), [ACTS.index(doc.act) for doc in docs]] = 1
    weight, back = np.array([[doc.weight] for doc in docs], np.float32), seen.T.tocsr()

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(len(rows), len(ACTS)).astype(np.float32)
        odds = seen @ weights
        odds -= odds.max(1, keepdims=True)
        total = np.log(np.exp(odds).sum(1, keepdims=True))
        surprise = float((weight * (total - (said * odds).sum(1, keepdims=True))).sum())
        slope = back @ (weight * (np.exp(odds - total) - said)) + RIDGE * weights
        return surprise + 0.5 * RIDGE * float((weights**2).sum()), slope.astype(np.float64).ravel()

    found = minimize(
        loss, np.zeros(len(rows) * len(ACTS)), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}
    )
    return rows, found.x.reshape(len(rows), len(ACTS))


def with_acts(docs: Sequence[Doc], rows: dict[str, int], weights: np.ndarray) -> list[Doc]:
    """Give turns without an act the likeliest one that makes no head."""
    scores = matrix(docs, rows) @ weights
    scores[:, [k for k, act in enumerate(ACTS) if act in MAKING]] = -np.inf
    return [
        doc if doc.act else Doc(doc.text, doc.names, ACTS[int(row.argmax())], doc.weight)
        for doc, row in zip(docs, scores, strict=True)
    ]


def main() -> None:
    """Fit, score, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry", action="store_true")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--folds", type=int, default=FOLDS, help="folds that are scored")
    options = parser.parse_args()
    talks, sentences = conversation_docs(), sentence_docs()
    known = [doc for doc in sentences if doc.act]
    sentences = with_acts(sentences, *fit([*talks, *known]))
    right, group, confused = [], [], Counter()
    for fold in range(options.folds):
        rows, weights = fit([*(doc for doc in talks if doc.fold != fold), *sentences])
        held = [doc for doc in talks if doc.fold == fold]
        for doc, row in zip(held, matrix(held, rows) @ weights, strict=True):
            found = ACTS[int(row.argmax())]
            right.append(found == doc.act)
            group.append((found in MAKING) == (doc.act in MAKING))
            confused[doc.act, found] += found != doc.act
            if options.wrong and found != doc.act:
                print(f"{doc.act:10} read as {found:10} {doc.text}")
    print(f"acts right {np.mean(right):.3f}, head or none {np.mean(group):.3f}, of {len(right)} turns")
    print(confused.most_common(25))
    if options.dry:
        return
    rows, weights = fit([*talks, *sentences])
    kept = np.flatnonzero(np.abs(weights).max(1) >= LEAST_WEIGHT)
    names = np.array(sorted(rows, key=rows.__getitem__), object)[kept]
    whole = np.clip(np.rint(weights[kept] / STEP), -127, 127).astype(np.int8)
    text = np.frombuffer("\n".join(names).encode("utf-8"), np.uint8)
    np.savez_compressed(FOLDER / TURN_ACTS, features=text, weights=whole)
    print(f"{len(kept)} features, {(FOLDER / TURN_ACTS).stat().st_size / 1e3:.0f} kB, sha256 {register(TURN_ACTS)}")


if __name__ == "__main__":
    main()
