"""Learn whether a few words name somebody: weights of what the networks say, from corpus/somebody.csv.

python -m lab.runs.language.somebody    # some two minutes; writes language/dialogue/somebody.csv
"""

from __future__ import annotations

import csv

import numpy as np

from facegpt.language.dialogue.face_wanted import SIGNS, SOMEBODY_FILE, signs_of_somebody
from facegpt.language.loading import load_language_model
from facegpt.runtime.progress import Progress
from facegpt_lab.synthesis.texts.corpus import corpus_folder

#: Penalty of squared weights; Newton steps.
_DECAY, _STEPS = 0.02, 30


def main() -> None:
    """Read every text of the table, fit, print how many are right by five folds, and write the weights."""
    with (corpus_folder() / "somebody.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    language, found = load_language_model(), []
    with Progress("short texts", len(rows)) as progress:
        for k, row in enumerate(rows, start=1):
            found.append(signs_of_somebody(language, language.read(row["text"]), row["text"]))
            progress(k)
    signs, named = np.array(found), np.array([float(row["somebody"]) for row in rows])
    folds = np.arange(len(rows)) % 5
    right = [
        _says(_fit(signs[folds != k], named[folds != k]), signs[folds == k]) == (named[folds == k] > 0)
        for k in range(5)
    ]
    print(f"right by five folds: {np.concatenate(right).mean():.3f} of {len(rows)}")
    weights = _fit(signs, named)
    with SOMEBODY_FILE.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("sign", "weight"))
        table.writerows((name, f"{weight:.4f}") for name, weight in zip((*SIGNS, "constant"), weights, strict=True))


def _says(weights: np.ndarray, signs: np.ndarray) -> np.ndarray:
    return signs @ weights[:-1] + weights[-1] > 0


def _fit(signs: np.ndarray, named: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method; the last weight is the constant."""
    x = np.column_stack([signs, np.ones(len(signs))])
    penalty = _DECAY * len(x) * np.diag([*np.full(signs.shape[1], 0.01), 0.0])
    weights = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (probability - named) + penalty @ weights
        weights -= np.linalg.solve(
            (x * (probability * (1 - probability))[:, None]).T @ x + penalty + 1e-6 * np.eye(x.shape[1]), slope
        )
    return weights


if __name__ == "__main__":
    main()
