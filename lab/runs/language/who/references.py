"""Make language/dialogue/reference_weights.csv: how much each sign counts for whom words mean.

A softmax over the choices of `facegpt.language.dialogue.who.references`, with a ridge, on the written conversations.
Deterministic; under a minute on one core.

    python -m lab.runs.language.who.references            # fit, score by five folds over conversations, write
    python -m lab.runs.language.who.references --dry      # without writing; --wrong lists what is read wrongly
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

import facegpt.language.dialogue.who.references as references
from facegpt.language.dialogue.who.cues import cues
from lab.runs.language.written_turns import NEW, Written, written_turns

#: How much a turn of the scored form counts.
OF_SCORED = 2.0
RIDGE, ITERATIONS, FOLDS = 1.0, 200, 5
FILE = Path(references.__file__).with_name("reference_weights.csv")
LEAST_WEIGHT = 0.02


def known(turns: list[Written]) -> list[tuple[Written, list[tuple[int, ...]], list[dict[str, float]], int]]:
    """Turns that mean somebody among several, with the choices, their features and the place of the right one."""
    docs = []
    for turn in turns:
        people = len(turn.cast.people)
        if people < 2 or not turn.who or max(turn.who) > people or turn.act in ("take", *NEW):
            continue
        found = cues(turn.text, turn.cast)
        options = references.choices(found, turn.cast)
        right = [k for k, each in enumerate(options) if set(each) == set(turn.who)]
        rows = [references.summed(references.features(each, found, turn.cast)) for each in options]
        docs.append((turn, options, rows, right[0] if right else -1))
    return docs


def fit(docs: list) -> dict[str, float]:
    """Weights by feature."""
    docs = [doc for doc in docs if doc[3] >= 0]
    names = sorted({name for _, _, rows, _ in docs for row in rows for name in row})
    place = {name: k for k, name in enumerate(names)}
    tables = []
    for turn, _, rows, right in docs:
        table = np.zeros((len(rows), len(names)))
        for k, row in enumerate(rows):
            for name, value in row.items():
                table[k, place[name]] = value
        tables.append((table, right, OF_SCORED if turn.scored else 1.0))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.5 * RIDGE * float(weights @ weights), RIDGE * weights
        for table, right, weight in tables:
            odds = table @ weights
            odds -= odds.max()
            share = np.exp(odds) / np.exp(odds).sum()
            total -= weight * float(np.log(share[right] + 1e-12))
            slope = slope + weight * (share @ table - table[right])
        return total, slope

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS})
    return dict(zip(names, found.x, strict=True))


def chosen(weights: dict[str, float], rows: list[dict[str, float]]) -> int:
    """The place of the choice with the highest score."""
    return int(np.argmax([sum(weights.get(n, 0.0) * v for n, v in row.items()) for row in rows]))


def main() -> None:
    """Fit, score, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dry", action="store_true")
    parser.add_argument("--wrong", action="store_true")
    options = parser.parse_args()
    docs = known(written_turns())
    right, reachable = [], np.mean([doc[3] >= 0 for doc in docs])
    for fold in range(FOLDS):
        weights = fit([doc for doc in docs if doc[0].talk % FOLDS != fold])
        for turn, choices, rows, place in docs:
            if turn.talk % FOLDS == fold:
                found = chosen(weights, rows)
                right.append((found == place, turn.scored))
                if options.wrong and found != place:
                    people = [(p.sex, p.names, p.group) for p in turn.cast.people]
                    print(
                        turn.talk, turn.act, repr(turn.text), turn.who, "read", choices[found], people, turn.cast.focus
                    )
    for form, of in (("told", False), ("scored", True)):
        each = [ok for ok, scored in right if scored == of]
        print(f"{form}: right {np.mean(each):.3f} of {len(each)} turns among several people")
    print(f"{reachable:.3f} among the choices")
    if options.dry:
        return
    weights = fit(docs)
    kept = sorted((name, weight) for name, weight in weights.items() if abs(weight) >= LEAST_WEIGHT)
    FILE.write_text("feature,weight\n" + "".join(f"{name},{weight:.3f}\n" for name, weight in kept), encoding="utf-8")
    print(f"{len(kept)} weights in {FILE.name}")


if __name__ == "__main__":
    main()
