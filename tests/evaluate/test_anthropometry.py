"""Random heads beside published measurements of people, and whether the evaluation sees what is wrong."""

import numpy as np
import pytest

from facegpt.morphable.measure import MEASURES
from facegpt_lab.evaluate.protocols import anthropometry


@pytest.fixture(scope="module")
def people(head):
    return anthropometry.population(head, 2000)


def test_means_spreads_and_correlations_of_2000_heads_of_each_sex_are_the_published_ones(people):
    assert len(anthropometry.published()) == 64 and len(anthropometry.correlations()) == 78
    for row in anthropometry.rows(people):
        assert row.met is not False, row


@pytest.mark.parametrize(
    "change, kind",
    [
        (lambda mm: mm + 0.06 * mm.mean(), "means"),
        (lambda mm: mm.mean() + 1.5 * (mm - mm.mean()), "spreads"),
        (lambda mm: np.random.default_rng(0).permutation(mm), "correlations"),
    ],
)
def test_one_wrong_measure_is_seen_and_named(people, change, kind):
    wrong = {
        sex: {name: change(mm) if name == "head_circumference" else mm for name, mm in measured.items()}
        for sex, measured in people.items()
    }
    missed = [row for row in anthropometry.rows(wrong) if row.met is False]
    assert missed and all(row.metric.startswith(kind) for row in missed)
    assert any("head_circumference" in row.metric for row in missed)


def test_every_published_correlation_is_of_measures_that_the_head_has():
    assert {name for first, second, _ in anthropometry.correlations() for name in (first, second)} <= set(MEASURES)
    assert all(-1 < r < 1 for *_, r in anthropometry.correlations())
