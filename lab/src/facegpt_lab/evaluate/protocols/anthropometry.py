"""`facegpt eval anthropometry`: random heads beside published measurements of people: means, spreads, correlations.

The head's prior was calibrated to these very numbers (lab/runs/head), so this says that the calibration holds on drawn
heads, not that it holds for people of other populations: the numbers are of US soldiers and US Europeans. Means and
spreads: assets/anthropometry.csv. Correlations within a sex: ANSUR II (Gordon et al. 2014; a US government work, public
domain), computed from the public individual records, 6,068 people.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.measure import DERIVED, MEASURES, measure_mm, reference
from facegpt.runtime.progress import Progress
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import head

#: Heads of each sex; with --quick.
HEADS, QUICK_HEADS, _CHUNK = 2000, 400, 200
SEXES = "FM"
#: A mean may be off by this share or so many mm, whichever is more; a spread by this share; a correlation by this.
MEAN_SHARE, MEAN_MM, SPREAD_SHARE, CORRELATION_SLACK = 0.05, 1.0, 0.30, 0.20

#: Sex → measure → (N,) mm.
Population = Mapping[str, Mapping[str, NDArray[np.float64]]]


@dataclass(frozen=True)
class Miss:
    """One published number: what it is of, and how far the heads are from it as a share of what is allowed."""

    name: str
    share: float


def population(model: MakeHumanHead, count: int) -> Population:
    """Measure `count` random heads of each sex."""
    found: dict[str, dict[str, NDArray[np.float64]]] = {}
    with Progress("heads", len(SEXES) * count) as show:
        for seed, sex in enumerate(SEXES):
            drawn, parts = model.sample(count, seed, sex), []
            for start in range(0, count, _CHUNK):
                parts.append(measure_mm(model.landmarks, model.neutral_vertices(drawn[start : start + _CHUNK])))
                show(seed * count + min(start + _CHUNK, count))
            found[sex] = {name: np.concatenate([part[name] for part in parts]) for name in MEASURES}
    return found


def published() -> list[tuple[str, str, float, float]]:
    """Every verified number: measure, sex, mean mm, SD mm."""
    return [
        (name, sex, *groups[sex])
        for name, groups in reference().items()
        for sex in SEXES
        if sex in groups and name not in DERIVED
    ]


def correlations() -> list[tuple[str, str, float]]:
    """Published correlations within a sex: two measures and r."""
    text = (resources.files("facegpt_lab.evaluate.judges") / "anthropometry_correlation.csv").read_text(
        encoding="utf-8"
    )
    return [(row["measure_a"], row["measure_b"], float(row["r"])) for row in csv.DictReader(text.splitlines())]


def mean_misses(people: Population) -> list[Miss]:
    """How far the means are off."""
    return [
        Miss(f"{name}, {sex}", abs(people[sex][name].mean() - mean) / max(MEAN_SHARE * mean, MEAN_MM))
        for name, sex, mean, _ in published()
    ]


def spread_misses(people: Population) -> list[Miss]:
    """How far the standard deviations are off."""
    return [
        Miss(f"{name}, {sex}", abs(people[sex][name].std() / sd - 1) / SPREAD_SHARE) for name, sex, _, sd in published()
    ]


def correlation_misses(people: Population) -> list[Miss]:
    """How far the correlations within a sex, mean of both, are off."""
    misses = []
    for first, second, wanted in correlations():
        found = np.mean([np.corrcoef(people[sex][first], people[sex][second])[0, 1] for sex in SEXES])
        misses.append(Miss(f"{first} and {second}", abs(found - wanted) / CORRELATION_SLACK))
    return misses


def rows(people: Population) -> list[Row]:
    """Means, spreads and correlations: how many are kept, the worst of them, and the usual miss."""
    out: list[Row] = []
    for kind, allowed, misses in (
        ("means", f"{MEAN_SHARE:.0%} or {MEAN_MM:.0f} mm", mean_misses(people)),
        ("spreads", f"{SPREAD_SHARE:.0%}", spread_misses(people)),
        ("correlations within a sex", f"{CORRELATION_SLACK}", correlation_misses(people)),
    ):
        out += _rows_of(kind, allowed, misses)
    return out


def _rows_of(kind: str, allowed: str, misses: Sequence[Miss]) -> list[Row]:
    worst = max(misses, key=lambda miss: miss.share)
    kept, usual = (float(np.mean(each)) for each in ([m.share <= 1 for m in misses], [m.share for m in misses]))
    return [
        figure(f"{kind} kept within {allowed}, of {len(misses)}", kept, "share", at_least=1.0),
        figure(f"{kind}: worst miss over what is allowed ({worst.name})", worst.share, "ratio", at_most=1.0),
        figure(f"{kind}: mean miss over what is allowed", usual, "ratio"),
    ]


def evaluate(quick: bool = False) -> Report:
    """Draw heads of the default model and set their measures beside the published ones."""
    count, measures = QUICK_HEADS if quick else HEADS, len({name for name, *_ in published()})
    data = (
        f"{count} random heads of each sex; {measures} measures published for US soldiers and US Europeans, "
        "to which the head's prior was calibrated"
    )
    return Report(data, tuple(rows(population(head(), count))))
