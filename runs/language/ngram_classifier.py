"""Make assets/ngram_classifier.npz: the weights of wordings, from the training half of the corpus and the word lists.

Three logistic regressions with a ridge, for the sides of attributes, for emotion, movements and sex, and for numbers.
A denied feature speaks for the other side of an attribute with the same weight. Deterministic; one minute on one core.

    python runs/language/ngram_classifier.py
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

from facegpt.assets import FOLDER, register
from facegpt.conventions import ARKIT_NAMES
from facegpt.language.head_request import MILLIMETRE_KINDS
from facegpt.language.numbers import find_numbers
from facegpt.language.reading.ngrams.classifier import NGRAM_CLASSIFIER, NUMBERS, OTHERS, E, K, N, scale, turned_name
from facegpt.language.reading.ngrams.number_context import number_features_of, request_features_of
from facegpt.language.reading.ngrams.text_features import Feature, features_of
from facegpt.language.reading.normalise import normalised
from facegpt.language.reading.rules.repairs import names_faults
from facegpt.language.targets import ATTRIBUTES, EMOTIONS, MEASURES_SPOKEN, target_from_labels
from facegpt.synthesis.texts.captions_millimetres import draw_millimetres
from facegpt.synthesis.texts.corpus import load_corpus
from facegpt.synthesis.texts.dialogues import samples
from facegpt.synthesis.texts.lexicon import attribute_labels, emotions, looks, movements

Doc = tuple[str, dict[str, Any]]
RIDGE = {"looks": 1.0, "others": 0.5, "numbers": 0.3, "requests": 1.0}
ITERATIONS = 40
DRAWN_NUMBERS = 3000
DRAWN_REQUESTS = 4000
_LEAST_WEIGHT = 0.1
_UNIT = {name: k for k, name in enumerate(ARKIT_NAMES)}
_ATTRIBUTE = {name: k for k, name in enumerate(ATTRIBUTES)}


def lexicon_docs() -> Iterator[Doc]:
    """Every wording of the word lists as a text of its own, with its labels."""
    for name, entry in looks().items():
        for mark, phrases in entry.lists.items():
            if mark[0] not in "APE" or mark[1:] not in ("+", "-"):
                continue
            side = 1.0 if mark[1] == "+" else -1.0
            for phrase in phrases:
                attributes, others = attribute_labels(name, side * phrase.degree, phrase.more)
                labels = {"attributes": attributes, **others}
                if mark[0] != "A":
                    yield phrase.text, labels
                    continue
                if entry.person:
                    yield from ((form.format(phrase.text), labels) for form in ("a {} person", "{}", "he is {}"))
                for noun in entry.nouns:
                    yield f"a {phrase.text} {noun.text}", labels
                    yield f"the {noun.text} {'are' if noun.plural else 'is'} {phrase.text}", labels
    for name, entry in emotions().items():
        yield from ((phrase.text, {"emotion": name}) for phrases in entry.lists.values() for phrase in phrases)
    for entry, units in movements():
        for mark, phrases in entry.lists.items():
            for phrase in phrases if mark != "one" else ():
                yield (
                    phrase.text,
                    {"expression_off": units} if mark == "N" else {"expression": dict.fromkeys(units, 0.7)},
                )


def corpus_docs() -> list[Doc]:
    """The training sentences that speak of a face as it shall be: an edit may name what is there and unwanted."""
    records = [r for r in load_corpus("train") if r.labels.get("face", r.task != "describe")]
    return [(r.text, r.labels) for r in records if r.task != "edit" or not names_faults(normalised(r.text))]


def side_targets(labels: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """(2K,) which sides are named, high ones first, and (2K,) which of them are to be learnt."""
    said, learn = np.zeros(2 * K), np.ones(2 * K)
    for name, degree in labels.get("attributes", {}).items():
        at = _ATTRIBUTE[name]
        if degree:
            said[at if degree > 0 else K + at] = 1
        else:
            learn[[at, K + at]] = 0
    for name, side in labels.get("not", {}).items():
        said[_ATTRIBUTE[name] + (K if side > 0 else 0)] = 1
    related = [name for more, _, less in labels.get("relations", ()) for name in (more, less)]
    for name in (*labels.get("conflict", ()), *related):
        if name in _ATTRIBUTE:
            learn[[_ATTRIBUTE[name], K + _ATTRIBUTE[name]]] = 0
    return said, learn


def other_targets(labels: dict[str, Any]) -> np.ndarray:
    """(OTHERS,): emotion, units named, units off, woman, man."""
    said = np.zeros(OTHERS)
    said[EMOTIONS.index(labels.get("emotion", ""))] = 1
    for name, weight in labels.get("expression", {}).items():
        said[N + _UNIT[name] + (0 if weight > 0.05 else E)] = 1
    for name in labels.get("expression_off", ()):
        said[N + E + _UNIT[name]] = 1
    if labels.get("sex") in ("F", "M"):
        said[N + 2 * E + (labels["sex"] == "M")] = 1
    return said


def number_docs() -> Iterator[tuple[list[str], np.ndarray]]:
    """Each number of the training sentences, and of drawn ones, with its features and targets (NUMBERS,)."""
    rng = Random(5)
    drawn = [(k % 2 == 0, draw_millimetres(rng, k % 2 == 0)) for k in range(DRAWN_NUMBERS)]
    texts = [(r.text, r.labels, r.task) for r in load_corpus("train")]
    texts += [(text, labels, "edit" if edit else "imagine") for edit, (text, labels) in drawn]
    for text, labels, task in texts:
        spans = find_numbers(text)
        goals = target_from_labels(labels, text, task).millimetres if "mm" in labels else ()
        for k, span in enumerate(spans):
            said = np.zeros(NUMBERS)
            for goal in goals:
                if (goal.start, goal.end) == (span.start, span.end):
                    said[goal.measure] = 1
                    said[len(MEASURES_SPOKEN) + goal.kind] = 1
                    if MILLIMETRE_KINDS[goal.kind] in ("change", "percent"):
                        said[len(MEASURES_SPOKEN) + len(MILLIMETRE_KINDS) + (goal.sign > 0)] = 1
            yield number_features_of(text, spans, k), said


def vocabulary(texts: Sequence[set[str]], keep: Callable[[str, int], bool]) -> dict[str, int]:
    """Number the features that are met often enough."""
    counts = Counter(name for names in texts for name in names)
    return {name: k for k, name in enumerate(sorted(name for name, met in counts.items() if keep(name, met)))}


def matrix(texts: Sequence[set[str]], names: dict[str, int]) -> sp.csr_matrix:
    """Fill (texts, features) with each feature's scale."""
    cells = [
        (row, names[name], scale(name)) for row, text in enumerate(texts) for name in sorted(text) if name in names
    ]
    rows, columns, values = zip(*cells, strict=True)
    return sp.csr_matrix((values, (rows, columns)), (len(texts), len(names)))


def fit(features: sp.csr_matrix, said: np.ndarray, learn: np.ndarray, ridge: float, mirrored: bool) -> np.ndarray:
    """Fit (features + 1, outputs) weights of logistic regressions; the last row is the start.

    mirrored: the features are [as they stand, turned], outputs [high, low]; a turned one speaks for the other side.
    """
    half = features.shape[1] // 2
    ones = sp.csr_matrix(np.ones((features.shape[0], 1)))
    if mirrored:
        plain, turned, none = features[:, :half], features[:, half:], ones * 0
        stacked = sp.vstack([sp.hstack([plain, turned, ones, none]), sp.hstack([turned, plain, none, ones])]).tocsr()
        said, learn = (np.vstack([x[:, :K], x[:, K:]]) for x in (said, learn))
    else:
        stacked = sp.hstack([features, ones]).tocsr()
    back, size = stacked.T.tocsr(), (stacked.shape[1], said.shape[1])
    pull = np.full((size[0], 1), ridge)
    pull[-2 if mirrored else -1 :] = 1e-3

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(size)
        odds = stacked @ weights
        surprise = (learn * (np.logaddexp(0, odds) - said * odds)).sum()
        slope = back @ (learn * (1 / (1 + np.exp(-odds)) - said)) + pull * weights
        return surprise + 0.5 * (pull * weights**2).sum(), slope.ravel()

    first = np.zeros(size)
    first[-2 if mirrored else -1 :] = -4.0
    found = minimize(loss, first.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS, "maxcor": 6})
    weights = found.x.reshape(size)
    if mirrored:  # rows [plain, turned, start, turned start] for high become [plain, start] × [high, low]
        return np.block([[weights[:half], weights[half : 2 * half]], [weights[-2:-1], weights[-1:]]])
    return weights


def packed(name: str, names: dict[str, int], weights: np.ndarray) -> dict[str, np.ndarray]:
    """Pack weights as sparse rows of steps of 1/20."""
    steps = np.clip(np.round(weights[:-1] * 20), -127, 127).astype(np.int8)
    steps[np.abs(weights[:-1]) < _LEAST_WEIGHT] = 0
    said = np.flatnonzero(np.any(steps != 0, 1))
    every = [feature for feature, _ in sorted(names.items(), key=lambda item: item[1])]
    sparse = sp.csr_matrix(steps[said])
    return {
        f"{name}_features": np.frombuffer("\n".join(every[k] for k in said).encode("utf-8"), np.uint8),
        f"{name}_first": sparse.indptr.astype(np.int32),
        f"{name}_outputs": sparse.indices.astype(np.uint8),
        f"{name}_weights": sparse.data.astype(np.int8),
        f"{name}_start": weights[-1].astype(np.float32),
    }


def degrees(docs: Sequence[Doc], read: Sequence[list[Feature]], names: Sequence[str]) -> np.ndarray:
    """Mean degree of each feature where its text names one attribute or all alike, in steps of 1/50, drawn to 1."""
    sums, counts = defaultdict(float), Counter()
    for (_, labels), features in zip(docs, read, strict=True):
        sizes = [abs(degree) for degree in labels.get("attributes", {}).values() if degree]
        if not sizes or max(sizes) - min(sizes) > 0.3:
            continue
        for feature in {f.name: f for f in features}.values():
            sums[feature.name] += min(max(np.mean(sizes) / feature.degree, 0.4), 2.2)
            counts[feature.name] += 1
    return np.array([round(50 * (sums[name] + 1.0) / (counts[name] + 1)) for name in names], np.uint8)


def build_looks(docs: Sequence[Doc], read: Sequence[list[Feature]], ridge: float) -> dict[str, np.ndarray]:
    """Fit the sides of the attributes, and the degrees."""
    read = [[f for f in features if not f.owned] for features in read]
    names = vocabulary([{f.name for f in features} for features in read], _is_kept)
    halves = [matrix([{f.name for f in fs if f.turned == turned} for fs in read], names) for turned in (False, True)]
    said, learn = (np.array(rows) for rows in zip(*(side_targets(labels) for _, labels in docs), strict=True))
    arrays = packed("looks", names, fit(sp.hstack(halves).tocsr(), said, learn, ridge, True))
    return arrays | {"degrees": degrees(docs, read, bytes(arrays["looks_features"]).decode().split("\n"))}


def _is_kept(name: str, met: int) -> bool:
    """Parts with their adjective and words count from the first meeting, runs of words from the second."""
    return met >= (3 if "~" in name else 2 if " " in name else 1)


def build_others(docs: Sequence[Doc], read: Sequence[list[Feature]], ridge: float) -> dict[str, np.ndarray]:
    """Fit emotions, movements and sex."""
    texts = [{turned_name(f) for f in features if "=" not in f.name} for features in read]
    names = vocabulary(texts, lambda name, met: met >= (3 if "~" in name or "|" in name else 2))
    said = np.array([other_targets(labels) for _, labels in docs])
    return packed("others", names, fit(matrix(texts, names), said, np.ones_like(said), ridge, False))


def build_numbers(ridge: float) -> dict[str, np.ndarray]:
    """Fit the measures, kinds and signs of numbers."""
    around, said = zip(*number_docs(), strict=True)
    texts = [set(features) for features in around]
    names = vocabulary(texts, lambda name, met: met >= 2)
    targets = np.array(said)
    return packed("numbers", names, fit(matrix(texts, names), targets, np.ones_like(targets), ridge, False))


def build_requests(ridge: float) -> dict[str, np.ndarray]:
    """Fit whether the answer to a text has a face."""
    texts, said, weight = [], [], []
    for record in load_corpus("train"):
        if record.category != "situation":
            texts.append(set(request_features_of(record.text, record.has_face_before)))
            said.append(bool(record.labels.get("face", record.task != "describe")))
            weight.append(1.0 if record.task in ("chat", "describe") else 0.3)
    for sample, _ in zip(samples(seed=7), range(DRAWN_REQUESTS), strict=False):
        if sample.face is not None:
            texts.append(
                set(request_features_of(sample.text, bool(sample.input or sample.history) or sample.task == "edit"))
            )
            said.append(bool(sample.face))
            weight.append(0.3)
    names = vocabulary(texts, lambda name, met: met >= 2)
    targets, learn = np.array(said, float)[:, None], np.array(weight)[:, None]
    return packed("requests", names, fit(matrix(texts, names), targets, learn, ridge, False))


def all_docs() -> list[Doc]:
    """The training sentences, the word lists, and texts with numbers, in which words name no attribute."""
    rng = Random(6)
    return [*corpus_docs(), *lexicon_docs(), *(draw_millimetres(rng, k % 2 == 0) for k in range(DRAWN_NUMBERS // 4))]


def build() -> dict[str, np.ndarray]:
    """Fit all three tables."""
    docs = all_docs()
    read = [features_of(text) for text, _ in docs]
    return {
        **build_looks(docs, read, RIDGE["looks"]),
        **build_others(docs, read, RIDGE["others"]),
        **build_numbers(RIDGE["numbers"]),
        **build_requests(RIDGE["requests"]),
        "english": np.frombuffer("\n".join(english_words()).encode("utf-8"), np.uint8),
    }


def english_words() -> list[str]:
    """The words that are one token of the base model: common English, which no slip is corrected from."""
    from transformers import AutoTokenizer

    from facegpt.language.model.base import cached_base

    tokens = AutoTokenizer.from_pretrained(cached_base()).get_vocab()
    words = (token[1:] for token in tokens if token.startswith("\u0120"))
    return sorted({word for word in words if len(word) > 2 and word.isascii() and word.isalpha() and word.islower()})


def main() -> None:
    """Write and register the asset."""
    arrays = build()
    np.savez_compressed(FOLDER / NGRAM_CLASSIFIER, **arrays)
    print(NGRAM_CLASSIFIER, register(NGRAM_CLASSIFIER), (FOLDER / NGRAM_CLASSIFIER).stat().st_size, "bytes")


if __name__ == "__main__":
    main()
