"""`facegpt eval likeness`: its figures are what they say, on heads and photos that were made up."""

import json
from dataclasses import replace

import numpy as np
import pytest

from facegpt_lab.evaluate.hair.photo_heads import Likeness, heads_of, judge, read_likeness
from facegpt_lab.evaluate.photo_processes import plain
from facegpt_lab.evaluate.protocols import likeness

COUNT = 24


def people(noise_bald: float, noise_haired: float, seed: int = 0) -> list[Likeness]:
    """Photos of as many people, and heads whose descriptors are the photo's with some noise."""
    rng = np.random.default_rng(seed)
    found = []
    for person in range(COUNT):
        own = rng.normal(size=128).astype(np.float32)
        bald, haired = (
            (own + rng.normal(0, noise, (2, 128))).astype(np.float32) for noise in (noise_bald, noise_haired)
        )
        found.append(Likeness(f"{person}.jpg", person, own, bald, haired, haired, 0.9, 1.0, 1.0, "fitted"))
    return found


def told(found: list[Likeness]) -> dict[str, likeness.Row]:
    return {row.metric: row for row in likeness.rows(found)}


def test_hair_that_brings_heads_nearer_to_their_photos_is_a_gain_whose_interval_leaves_out_0():
    rows = told(people(8.0, 0.5))
    assert rows["likeness, with hair: AUC"].value == 1
    assert rows["likeness, bald: AUC"].value < 0.95
    gain = rows["likeness, with hair: AUC"].value - rows["likeness, bald: AUC"].value
    assert rows["AUC gained by hair"].value == pytest.approx(gain)
    assert rows["AUC gained by hair, 95 % interval from"].met
    low, high = (rows[f"AUC gained by hair, 95 % interval {end}"].value for end in ("from", "to"))
    assert low < gain < high
    assert rows["heads that hair brings nearer to their photo"].value == 1


def test_hair_that_changes_nothing_is_no_gain():
    alike = [replace(one, haired=one.bald) for one in people(8.0, 0.5)]
    rows = told(alike)
    assert rows["AUC gained by hair"].value == 0
    assert not rows["AUC gained by hair, 95 % interval from"].met  # 0 is in the interval
    assert np.isnan(rows["heads that hair brings nearer to their photo"].value)  # nobody's hair was judged


def test_hair_that_makes_another_person_is_a_loss():
    assert told(people(0.5, 8.0))["AUC gained by hair"].value < -0.05


def test_borders_and_silhouettes_are_counted_by_the_face():
    found = people(1.0, 1.0)
    found[0] = replace(found[0], border=5.0, skin_border=2.5, iou=0.3)
    found[1] = replace(found[1], border=2.1)
    rows = told(found)
    with_features = rows["faces whose colour steps by 2 ΔE or less at the photo's border"]
    without = rows["the same without lips, brows and lids, which have edges of their own"]
    assert with_features.value == pytest.approx(22 / 24) and not with_features.met
    assert without.value == pytest.approx(23 / 24) and without.met
    assert rows["IoU of head and hair with the parts seen"].value == pytest.approx((23 * 0.9 + 0.3) / 24)


def test_the_sheet_shows_the_worst_of_each_figure_and_nobody_twice():
    found = people(1.0, 1.0)
    found[3] = replace(found[3], dressed=found[3].dressed + 10)
    found[5] = replace(found[5], iou=0.2, skin_border=9.0)
    found[7] = replace(found[7], skin_border=8.0)
    found[9] = replace(found[9], iou=0.4)
    names = [one.name for one in likeness.worst(found, 5)]
    assert names[:2] == ["3.jpg", "5.jpg"]
    assert {"7.jpg", "9.jpg"} <= set(names[2:])
    assert len(set(names)) == len(names) == 5


def test_what_was_judged_comes_back_from_its_file_as_it_was():
    one = people(1.0, 1.0)[0]
    again = read_likeness(json.loads(json.dumps(plain(one))))
    assert np.array_equal(again.haired, one.haired) and again.haired.dtype == np.float32
    assert again.distance == one.distance
    assert read_likeness(None) is None


@pytest.mark.slow
def test_a_head_agrees_with_its_photo_better_with_its_hair_on(astronaut):
    from facegpt.data.images import read_image
    from facegpt.reconstruct.photo import bald_head, faces_seen
    from facegpt_lab.evaluate.hair.photo import loaded

    seen = next(iter(faces_seen(loaded(), read_image(astronaut))))
    bald, shown = bald_head(loaded(), seen, "balanced")
    heads = heads_of(seen, bald, shown)
    with_hair, without = judge("a", 0, heads), judge("a", 0, replace(heads, haired=bald, dressed=bald))
    assert with_hair.iou > without.iou + 0.1
    assert np.array_equal(without.haired, without.bald) and not np.array_equal(with_hair.haired, with_hair.bald)
    assert with_hair.distance < 0.6  # descriptors of one person are nearer than that (the network's own bound)
