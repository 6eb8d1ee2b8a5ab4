"""The likeness of two faces: `python -m lab.runs.compare.fit FOLDER`, with the photos, studio and clips of readings.py.

The training people are fitted, the others say how well; clips only measure. Pairs of two portraits are no negatives:
their generator repeats people. Both classes weigh the same, and so does each source of pictures within its class.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.analyze.compare import OTHER, SAME
from facegpt.analyze.likeness import ASSET, LikenessModel, signs
from facegpt.assets import FOLDER, register
from facegpt.types import Array

#: Negatives drawn for each picture of a source; ridge; resamplings of people.
NEGATIVES, RIDGE, RESAMPLED = 40, 1.0, 40
#: Bins of the table of calibration.
BINS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)


@dataclass(frozen=True, eq=False)
class Pairs:
    """P pairs: `signs` (P, C), whether one person, the source of both, and both people (P, 2)."""

    signs: NDArray[np.float64]
    same: NDArray[np.bool_]
    source: NDArray[np.str_]
    people: NDArray[np.str_]

    def some(self, rows: Array) -> Pairs:
        """Some of the pairs."""
        return Pairs(self.signs[rows], self.same[rows], self.source[rows], self.people[rows])


def readings(folder: Path) -> dict[str, NDArray]:
    """All rows of the files, each with its source."""
    with (FOLDER / "photo_split.csv").open(newline="", encoding="utf-8") as file:
        kind = {f"photo {row['person']}": row["name"].split("/")[0] for row in csv.DictReader(file)}
    tables = []
    for name in ("photos", "studio", "clips"):
        with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
            table = {key: arrays[key] for key in arrays.files}
        table["source"] = np.array([kind.get(person, name) for person in table["person"]])
        tables.append(table)
    return {key: np.concatenate([table[key] for table in tables]) for key in tables[0]}


def pairs_of(rows: dict[str, NDArray], chosen: NDArray[np.bool_], seed: int = 0) -> Pairs:
    """All pairs of one person among chosen rows, and NEGATIVES of other people for each row."""
    rng, index, found = np.random.default_rng(seed), np.flatnonzero(chosen), []
    person, source = rows["person"], rows["source"]
    for a in index:
        others = index[person[index] != person[a]]
        if source[a] == "portraits":
            others = others[source[others] == "photos"]
        others = others[(source[others] == "studio") == (source[a] == "studio")]
        found += [(a, b) for b in index if b > a and person[a] == person[b]]
        found += [(a, b) for b in rng.choice(others, min(NEGATIVES, len(others)), replace=False)]
    pair = np.array(found)
    first, second = pair.T
    away = np.linalg.norm(rows["descriptor"][first] - rows["descriptor"][second], axis=1)
    told = [signs(d, *rows["conditions"][[a, b]]) for d, (a, b) in zip(away, pair, strict=True)]
    return Pairs(np.array(told), person[first] == person[second], source[first], person[pair])


def weighed(pairs: Pairs) -> NDArray[np.float64]:
    """Weights of pairs: each class the same, and each source within it; 1 on average."""
    weight = np.zeros(len(pairs.same))
    for same in (True, False):
        of_class = pairs.same == same
        for source in np.unique(pairs.source):
            where = of_class & (pairs.source == source)
            weight[where] = 1 / max(where.sum(), 1)
        weight[of_class] /= max(weight[of_class].sum(), 1e-9)
    return weight * len(weight) / 2


def regression(pairs: Pairs, extra: Array | None = None) -> NDArray[np.float64]:
    """Logistic regression: weights (C,). What pictures lack never makes the distance say more.

    extra: (P,) how often each pair counts.
    """
    weight = weighed(pairs) * (1 if extra is None else extra)
    used, count = np.arange(pairs.signs.shape[1]), (pairs.signs.shape[1] - 2) // 2
    while True:
        found = np.zeros(pairs.signs.shape[1])
        found[used] = newton(pairs.signs[:, used], pairs.same.astype(float), weight)
        slopes = found[-count:]
        if slopes.min() >= 0:
            return found
        used = used[used != len(found) - count + int(slopes.argmin())]


def newton(signs: Array, same: Array, weight: Array) -> NDArray[np.float64]:
    """Weights of a logistic regression by Newton's method; the first two columns are not drawn towards 0."""
    scale = np.maximum(signs.std(0), 1e-9)
    scale[0] = 1
    x, found, ridge = signs / scale, np.zeros(signs.shape[1]), RIDGE * np.eye(signs.shape[1])
    ridge[0, 0] = ridge[1, 1] = 1e-6
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(x @ found, -30, 30)))
        slope = x.T @ (weight * (same - chance)) - ridge @ found
        curve = (x * (weight * chance * (1 - chance))[:, None]).T @ x + ridge
        found = found + np.linalg.solve(curve, slope)
    return found / scale


def spread(pairs: Pairs, seed: int = 1) -> NDArray[np.float64]:
    """Covariance (C, C) of the weights when other people are drawn: the bootstrap over people."""
    rng, people = np.random.default_rng(seed), np.unique(pairs.people)
    found = []
    for _ in range(RESAMPLED):
        drawn = rng.integers(0, len(people), len(people))
        times = dict(zip(people, np.bincount(drawn, minlength=len(people)), strict=True))
        often = np.array([times[a] * times[b] if a != b else times[a] for a, b in pairs.people], float)
        found.append(regression(pairs, often))
    return np.cov(np.array(found).T)


def between_sources(pairs: Pairs, weights: Array) -> float:
    """SD between sources of what has to be added to the log odds so that each is right as a whole."""
    offsets = []
    for source in np.unique(pairs.source):
        part = pairs.some(pairs.source == source)
        log_odds, y, weight, offset = part.signs @ weights, part.same.astype(float), weighed(part), 0.0
        for _ in range(30):
            chance = 1 / (1 + np.exp(-np.clip(log_odds + offset, -30, 30)))
            offset += (weight @ (y - chance)) / max(weight @ (chance * (1 - chance)), 1e-6)
        offsets.append(offset)
    return float(np.std(offsets, ddof=1))


def judged(name: str, pairs: Pairs, model: LikenessModel) -> Iterator[str]:
    """Lines on how often pairs are told wrongly, and how well likelihoods are calibrated."""
    chance = 1 / (1 + np.exp(-np.clip(pairs.signs @ model.weights, -30, 30)))
    same, other = chance[pairs.same], chance[~pairs.same]
    yield f"{name}: {len(same)} pairs of one person, {len(other)} of two"
    yield f"  two told as one {(other >= 0.5).mean():.2%}, one told as two {(same < 0.5).mean():.2%} at even odds"
    yield f"  two told as one {(other >= SAME).mean():.2%}, one told as two {(same <= OTHER).mean():.2%} as shipped;"
    unsure = [((each > OTHER) & (each < SAME)).mean() for each in (other, same)]
    yield f"  not sure: {unsure[0]:.2%} of two, {unsure[1]:.2%} of one"
    weight, off = weighed(pairs), 0.0
    for low, high in pairwise(BINS):
        rows = (chance >= low) & (chance < high) if high < 1 else chance >= low
        if weight[rows].sum() > 0:
            said = float(np.average(chance[rows], weights=weight[rows]))
            true = float(np.average(pairs.same[rows], weights=weight[rows]))
            off += float(weight[rows].sum() / weight.sum()) * abs(said - true)
            yield f"    said {said:.3f}, true {true:.3f} ({rows.sum()} pairs)"
    yield f"  expected calibration error {off:.3f}"


def main(folder: str) -> None:
    """Fit, say how well, and write the package's file."""
    rows = readings(Path(folder))
    training = pairs_of(rows, rows["split"] == "training")
    weights = regression(training)
    model = LikenessModel(weights, spread(training), between_sources(training, weights))
    print("weights", np.round(weights, 2), "doubt", round(model.doubt, 2))
    small = rows["conditions"][:, 0] < 60
    tests = {"training": rows["split"] == "training"}
    for source in ("photos", "studio", "clips"):
        tests[f"held out, {source}"] = (rows["split"] != "training") & (rows["source"] == source)
    tests["held out, photos and portraits"] = (rows["split"] == "validation") & (rows["source"] != "studio")
    tests["held out, small"] = tests["held out, photos and portraits"] & small
    for name, chosen in tests.items():
        print(*judged(name, pairs_of(rows, chosen), model), sep="\n")
    np.savez(FOLDER / ASSET, **{name: np.float32(value) for name, value in vars(model).items()})
    print(register(ASSET))


if __name__ == "__main__":
    main(sys.argv[1])
