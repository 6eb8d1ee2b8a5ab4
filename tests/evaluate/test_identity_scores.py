"""What `eval identity` counts: chances of being nearer, distances that no move or size changes, rows with targets."""

import numpy as np
import pytest

from facegpt_lab.evaluate.photo_processes import plain
from facegpt_lab.evaluate.protocols import identity


def test_the_area_is_the_share_of_pairs_in_order():
    assert identity.auc(np.array([1.0, 2.0]), np.array([3.0, 4.0])) == 1.0
    assert identity.auc(np.array([3.0]), np.array([1.0, 5.0])) == 0.5
    assert identity.auc(np.array([2.0]), np.array([2.0])) == 0.5


def people(spread: float) -> list[identity.Seen]:
    """Three people whose photos differ by `spread` in the parameters."""
    rng = np.random.default_rng(0)
    out = []
    for _ in range(3):
        person = rng.normal(size=60)
        photos = person + spread * rng.normal(size=(identity.PHOTOS, 60))
        smile = np.stack([person, person])
        out.append(identity.Seen({q: photos for q in identity.QUALITIES}, {q: smile for q in identity.QUALITIES}))
    return out


def test_people_who_stay_themselves_are_told_apart_and_a_smile_that_moves_nothing_is_nothing():
    rows = {row.metric: row for row in identity.rows(people(0.01), "fast")}
    assert rows["fast: verification AUC, neutral head in mm"].value == 1.0
    assert rows["fast: verification AUC, parameters"].met is True
    assert rows["fast: RMS that a smile moves the neutral head"].value == pytest.approx(0, abs=1e-6)
    assert rows["fast: RMS between photos of one person (median)"].value < 0.1


def test_what_was_kept_of_a_person_comes_back():
    one = people(0.1)[0]
    told = identity.read_seen(plain(one))
    assert np.allclose(told.photos["fast"], one.photos["fast"]) and np.allclose(told.smile["fast"], one.smile["fast"])
    assert identity.read_seen(None) is None
