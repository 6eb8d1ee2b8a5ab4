"""What `eval person` says of several photos of a person: the sums, and that it is the same person in all of them."""

import numpy as np
import pytest

from facegpt.types import DensePoints, IdentityBelief
from facegpt_lab.evaluate.photo_processes import plain
from facegpt_lab.evaluate.protocols import person
from facegpt_lab.evaluate.several import ablation
from facegpt_lab.synthesis.studio.scene import draw_scene


def recovered(share: float, error_mm: float = 1.0, surprise: float = 1.0) -> person.Recovered:
    return person.Recovered(share, share - 0.1, error_mm, 2.5, surprise)


def people() -> list[person.Person]:
    return [
        {1: recovered(0.2), 2: recovered(0.3), 4: recovered(0.5)},
        {1: recovered(0.4), 2: recovered(0.4), 4: recovered(0.5)},
    ]


def test_rows_are_means_over_people_and_the_gain_is_paired():
    rows = {row.metric: row for row in person.rows("points", people())}
    assert rows["points, 1 photo: recovered share of the deviation from the mean head"].value == pytest.approx(0.3)
    four = rows["points, 4 photos: recovered share of the deviation from the mean head"]
    assert four.value == pytest.approx(0.5) and four.target == person.TARGETS["points"] and four.met is False
    gain = rows["points: share gained by four photos over one"]
    assert gain.value == pytest.approx(0.2) and gain.met is True
    low, high = (rows[f"{gain.metric}, 95 % interval {end}"].value for end in ("from", "to"))
    assert low == pytest.approx(0.1) and high == pytest.approx(0.3)
    assert rows["points: vertex error of the mean head"].value == pytest.approx(2.5)


def test_errors_that_fall_by_the_root_have_a_ratio_of_one_and_true_doubts_too():
    one = {1: recovered(0.2, 2.0, 1.0), 2: recovered(0.3, 2.0 / np.sqrt(2), 1.0), 4: recovered(0.4, 2.0, 4.0)}
    rows = {row.metric: row.value for row in person.rows("points", [one, one])}
    root = "that over one photo's by the root of their number"
    assert rows[f"points, 2 photos: {root}"] == pytest.approx(1.0)
    assert rows[f"points, 4 photos: {root}"] == pytest.approx(2.0)  # no better than one photo
    told = "RMS of the identity's error over the SD that is told"
    assert rows[f"points, 1 photo: {told}"] == pytest.approx(1.0)
    assert rows[f"points, 4 photos: {told}"] == pytest.approx(2.0)


def test_what_was_kept_of_a_person_comes_back():
    one = people()[0]
    assert person.read_person({str(count): told for count, told in plain(one).items()}) == one
    assert person.read_person(None) is None


def test_groups_take_each_photo_once():
    for count, groups in person.GROUPS.items():
        assert all(len(group) == count for group in groups)
        assert sorted(k for group in groups for k in group) == list(range(person.PHOTOS))


def test_photos_of_a_person_share_shape_skin_eyes_and_hair_and_nothing_else_on_purpose():
    first, other = draw_scene(1, "photo", 512), draw_scene(2, "photo", 512)
    scene = person.same_person(other, first)
    assert np.array_equal(scene.identity, first.identity) and not np.array_equal(first.identity, other.identity)
    assert (scene.skin, scene.eyes, scene.hair) == (first.skin, first.eyes, first.hair)
    assert scene.seed == other.seed and scene.yaw_deg == other.yaw_deg and scene.lamps == other.lamps
    assert np.array_equal(scene.expression, other.expression) and scene.lens == other.lens


def test_ablation_tells_how_much_worse_heads_are_without_each_part():
    parts = {name: 0.5 + 0.1 * k for k, name in enumerate(ablation.PARTS)}
    people = [
        ablation.LeftOut(1.0, {ablation.WHOLE: 0.4, **parts}),
        ablation.LeftOut(1.0, {ablation.WHOLE: 0.6, **parts}),
    ]
    rows = {row.metric: row.value for row in ablation.rows(people)}
    assert rows["3 photos, nothing left out: share of the deviation given back"] == pytest.approx(0.5)
    assert rows["3 photos, matches left out: further away than with all"] == pytest.approx(0.2)
    assert rows["3 photos, matches left out: median distance of the face"] == pytest.approx(0.7)
    kept = ablation.read_left_out(plain(people[0]))
    assert kept == people[0] and ablation.read_left_out(None) is None


def test_without_its_belief_the_network_knows_no_identity():
    from facegpt.fitting.dense import known_identity

    belief = IdentityBelief(np.full(4, 0.5), 0.1 * np.eye(4))
    zeros = np.zeros(4, np.float32)
    dense = DensePoints(zeros, zeros, zeros, zeros + 1, zeros + 0.2, zeros, zeros, np.eye(3)[:2], belief=belief)
    mean, precision = known_identity(ablation.unbelieved(dense))
    assert np.allclose(mean, 0) and np.allclose(precision, np.eye(4))
