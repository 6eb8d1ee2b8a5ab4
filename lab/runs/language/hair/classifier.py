"""Make assets/networks/hair_classifier.npz: what words ask of hair, from corpus/hair and the other training sentences.

Softmax regressions with a ridge, one a slot of hair_words.csv, all in one fit on the texts of texts.py.
Deterministic; about two minutes on one core.

    python -m lab.runs.language.hair.classifier            # fit, score on the held-out sentences, write
    python -m lab.runs.language.hair.classifier --on       # the shipped one learns on from the last file
    python -m lab.runs.language.hair.classifier --dry      # without writing; --wrong lists what is read wrongly
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from random import Random

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

from facegpt.assets import FOLDER, register
from facegpt.language.reading.hair.classifier import (
    HAIR_CLASSIFIER,
    OUTPUTS,
    STEPS,
    HairClassifier,
    load_hair_classifier,
)
from facegpt.language.reading.hair.features import hair_features, scale
from lab.runs.language.hair.texts import Doc, added_texts, hair_docs, training_docs

#: How many other texts come beside those of the last file where the shipped one learns on.
OTHERS = 9000
RIDGE, ITERATIONS = 0.03, 150
#: The ridge of changes where the shipped one learns on: smaller ones pull along what the new texts do not speak of.
ON_RIDGE = 0.2
LEAST_WEIGHT = 1.5 / STEPS


def targets(docs: Sequence[Doc]) -> tuple[np.ndarray, np.ndarray]:
    """(D, OUTPUTS) what is said, and (D, OUTPUTS) the weight of learning it."""
    said, learn = np.zeros((len(docs), len(OUTPUTS)), np.float32), np.ones((len(docs), len(OUTPUTS)), np.float32)
    for row, doc in enumerate(docs):
        for k, (slot, value) in enumerate(OUTPUTS):
            name = slot.removeprefix("of ")
            said[row, k] = doc.said.get(slot) == value or (slot.startswith("of ") and name in doc.vetoes)
            if doc.learn is not None and slot not in doc.learn and not (slot.startswith("of ") and name in doc.vetoes):
                learn[row, k] = 0
        learn[row] *= doc.weight
    return said, learn


def fit(features: sp.csr_matrix, said: np.ndarray, learn: np.ndarray, begun: np.ndarray | None = None) -> np.ndarray:
    """Fit (features + 1, OUTPUTS) weights; the last row is the start. One softmax a slot, with "nothing said" as 0.

    begun: weights to go on from and to stay near.
    """
    stacked = sp.hstack([features, sp.csr_matrix(np.ones((features.shape[0], 1), np.float32))]).tocsr()
    back, size = stacked.T.tocsr(), (stacked.shape[1], len(OUTPUTS))
    names = list(dict.fromkeys(slot for slot, _ in OUTPUTS))
    group = np.array([names.index(slot) for slot, _ in OUTPUTS])
    pool = sp.csr_matrix((np.ones(len(group), np.float32), (np.arange(len(group)), group)))
    first = [list(group).index(k) for k in range(len(names))]
    pull = np.full((size[0], 1), RIDGE if begun is None else ON_RIDGE, np.float32)
    pull[-1] = 1e-3

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        change = flat.reshape(size).astype(np.float32)
        odds = np.clip(stacked @ (change if begun is None else begun + change), -30, 30)
        raised = np.exp(odds)
        total = 1 + raised @ pool
        surprise = (learn[:, first] * np.log(total)).sum() - (learn * said * odds).sum()
        slope = back @ (learn * (raised / total[:, group] - said)) + pull * change
        return float(surprise + 0.5 * (pull * change**2).sum()), slope.astype(np.float64).ravel()

    start = np.zeros(size)
    start[-1] = -4.0 if begun is None else 0.0
    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS, "maxcor": 6})
    return found.x.reshape(size) if begun is None else begun + found.x.reshape(size)


def learnt(docs: Sequence[Doc], begun: HairClassifier | None = None) -> HairClassifier:
    """Fit a classifier, or let one learn on."""
    read = [hair_features(doc.text, doc.is_edit) for doc in docs]
    counts = Counter(name for names in read for name in names)
    old = set() if begun is None else set(begun.rows)
    kept = sorted(old | {n for n, met in counts.items() if met >= (3 if "~" in n or " " in n else 2)})
    rows = {name: k for k, name in enumerate(kept)}
    cells = [(row, rows[name], scale(name)) for row, names in enumerate(read) for name in sorted(names) if name in rows]
    at, columns, scales = zip(*cells, strict=True)
    matrix = sp.csr_matrix((np.array(scales, np.float32), (at, columns)), (len(docs), len(rows)))
    before = None
    if begun is not None:
        before = np.zeros((len(rows) + 1, len(OUTPUTS)), np.float32)
        before[[rows[name] for name in begun.rows]] = begun.weights[list(begun.rows.values())] / STEPS
        before[-1] = begun.start
    weights = fit(matrix, *targets(docs), before)
    steps = np.clip(np.round(weights[:-1] * STEPS), -127, 127).astype(np.int8)
    steps[np.abs(weights[:-1]) < LEAST_WEIGHT] = 0
    said = np.flatnonzero(np.any(steps != 0, 1))
    return HairClassifier({kept[k]: j for j, k in enumerate(said)}, steps[said], weights[-1].astype(np.float32))


def packed(classifier: HairClassifier) -> dict[str, np.ndarray]:
    """The arrays of the asset."""
    sparse = sp.csr_matrix(classifier.weights)
    return {
        "features": np.frombuffer("\n".join(classifier.rows).encode("utf-8"), np.uint8),
        "first": sparse.indptr.astype(np.int32),
        "outputs": sparse.indices.astype(np.uint8),
        "weights": sparse.data.astype(np.int8),
        "start": classifier.start.astype(np.float32),
    }


def score(classifier: HairClassifier, docs: Sequence[Doc], wrong: bool) -> None:
    """Print the share of slots and of sentences read right on held-out sentences."""
    hits, named, told, whole = 0, 0, 0, 0
    for doc in docs:
        said = dict(classifier.read(doc.text, doc.is_edit)[0].said)
        hits += sum(said.get(slot) == value for slot, value in doc.said.items())
        named, told = named + len(doc.said), told + len(said)
        whole += said == doc.said
        if wrong and said != doc.said:
            print(f"{doc.text!r}\n    said {doc.said}\n    read {said}")
    print(f"{len(docs)} sentences: recall {hits / named:.3f}, precision {hits / max(told, 1):.3f}", end=", ")
    print(f"all right {whole / len(docs):.3f}")


def main() -> None:
    """Fit, score on the held-out sentences, write and register the asset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry", action="store_true", help="do not write the asset")
    parser.add_argument(
        "--on", action="store_true", help="let the shipped one learn on from the last file of corpus/hair"
    )
    parser.add_argument("--wrong", action="store_true", help="list what is read wrongly")
    options = parser.parse_args()
    docs = training_docs()
    begun = load_hair_classifier() if options.on else None
    if options.on:
        new = added_texts()
        others = [doc for doc in docs if doc.text not in new]
        docs = [*(doc for doc in docs if doc.text in new), *Random(0).sample(others, OTHERS)]
    print(len(docs), "texts")
    classifier = learnt(docs, begun)
    score(classifier, hair_docs("validation"), options.wrong)
    if not options.dry:
        np.savez_compressed(FOLDER / HAIR_CLASSIFIER, **packed(classifier))
        print(HAIR_CLASSIFIER, register(HAIR_CLASSIFIER), (FOLDER / HAIR_CLASSIFIER).stat().st_size, "bytes")


if __name__ == "__main__":
    main()
