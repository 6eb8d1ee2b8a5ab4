"""Scores of detail: a light that is fitted again explains a photo better than one that nobody fitted."""

import json

import numpy as np
import pytest

from facegpt.appearance.light import ambient_light
from facegpt.detail.skin_window import HEIGHT, WIDTH
from facegpt.types import FaceGPTError
from facegpt_lab.evaluate.photo_processes import plain
from facegpt_lab.evaluate.protocols.detail import PARTS
from facegpt_lab.evaluate.skin_relief.another_light import Relit, lined_rows
from facegpt_lab.evaluate.skin_relief.motion import Swept
from facegpt_lab.evaluate.skin_relief.parted_folds import SMILE, Sitter, judged, weights
from facegpt_lab.evaluate.skin_relief.photos import Looked, light_again, photo_rows, photometric
from facegpt_lab.evaluate.skin_relief.score import ReliefScore
from facegpt_lab.evaluate.skin_relief.sculptures import Found, Mistaken, correlation
from facegpt_lab.evaluate.skin_relief.worn_things import with_thing
from facegpt_lab.synthesis.relief.other_folds import other_living_skin
from facegpt_lab.train.detail.examples import Studio
from facegpt_lab.train.detail.one_person import Shown


def test_a_light_fitted_again_explains_the_skin():
    seen = Studio.ready().example(3).observation
    none = np.zeros((HEIGHT, WIDTH), np.float32)
    light = light_again(seen, none)
    assert light.shape == (9, 3)
    assert photometric(seen, none, light) < 0.8 * photometric(seen, none, np.asarray(ambient_light()))


def test_things_are_drawn_across_the_face_and_nowhere_else():
    grey = np.full((200, 160, 3), 150, np.uint8)
    for seed in range(6):
        drawn = with_thing(grey, (60.0, 60.0, 120.0, 140.0), np.random.default_rng(seed))
        changed = np.abs(drawn.astype(int) - grey).max(-1) > 8
        rows, columns = np.nonzero(changed)
        assert drawn.shape == grey.shape and changed.sum() > 60 and not np.array_equal(drawn, grey)
        assert rows.min() > 40 and columns.min() > 40 and columns.max() < 140 and (rows.max() - rows.min()) > 40


def test_of_lined_people_the_share_of_the_true_folds_gain_is_told():
    half = {name: (0.4, 0.3, 0.2) for name in ("photo skin", "another view, photo skin")}
    rows = {row.metric: row.value for row in lined_rows([Relit(half, half, half)] * 2)}
    shares = [value for name, value in rows.items() if "share" in name]
    assert len(shares) == 2 and np.allclose(shares, 50)


def test_photos_are_summed_up_without_those_that_show_no_skin():
    good = Looked((0.4, 0.3, 0.2), (0.2, 0.1), (0.5, 0.5), (1.0, 0.5))
    worse = Looked((0.4, 0.5, 0.2), (0.2, 0.1), (0.5, 0.6), (1.0, 0.5))
    blind = Looked((float("nan"),) * 3, (float("nan"),) * 2, (0.5, 0.5), (1.0, 0.5))
    values = [row.value for row in photo_rows([good, worse, blind])]
    assert np.allclose(values[:2], [0, 50], atol=1e-9)  # one a quarter better, one as much worse; half at best
    assert values[4] == 50 and abs(values[5] - 0.05) < 1e-9 and values[7] == 0.5
    with pytest.raises(FaceGPTError):
        photo_rows([blind])


def test_the_judge_of_parted_folds_knows_right_from_wrong(head):
    one = other_living_skin(head, np.random.default_rng(3), 45.0)
    shows, other = weights(SMILE), weights({"browDown*": 0.8})
    trust = np.ones((HEIGHT, WIDTH), np.float32)
    photo = Shown(0.4 * one.relief(shows), trust, shows, shows)
    people = [Sitter(one, photo, other, 45.0)]
    right = judged(people, lambda total, *_: (0.4 * one.static, total - 0.4 * one.static))
    wrong = judged(people, lambda total, *_: (total, np.zeros_like(total)))
    assert right.made < 1e-6 and abs(right.left) < 1e-3 and abs(right.kept - 1) < 1e-3
    assert wrong.made == 1 and wrong.other >= 1 and abs(wrong.left - 1) < 1e-6 and abs(wrong.kept - 1) < 1e-6


def moments(one, two):
    return np.array([len(one), one.sum(), two.sum(), (one**2).sum(), (two**2).sum(), (one * two).sum()])


def test_sums_of_single_heads_give_the_correlation_over_all():
    rng = np.random.default_rng(0)
    heads = [(one, 0.6 * one + rng.normal(k, 1, len(one))) for k in range(3) for one in [rng.normal(k, 1 + k, 500)]]
    together = np.corrcoef(*(np.concatenate(side) for side in zip(*heads, strict=True)))[0, 1]
    assert abs(correlation([moments(*head) for head in heads]) - together) < 1e-9


def relit(lined):
    errors = {name: (0.4, 0.3, 0.2) for name in ("photo skin", "another view, photo skin")}
    folds = {**errors, "photo skin": (0.5, 0.4, 0.1)}
    return Relit(errors, errors, folds, lined)


@pytest.mark.parametrize(
    ("part", "results"),
    [
        ("sculptures", [{"detail": Found(ReliefScore(1.0, 0.9, 8.0, 6.0, 0.5), np.arange(6.0) ** 2 + 7, 0.2)}]),
        ("marks", [Mistaken(0.5, 2.0, 0.3)]),
        ("things", [Mistaken(0.5, 2.0, 0.3), Mistaken(0.1, 3.0, 0.2)]),
        ("photos", [Looked((0.4, 0.3, 0.2), (0.2, 0.1), (0.5, 0.5), (1.0, 0.5)), None]),
        ("parted", [np.random.default_rng(1).normal(0, 1, (8, 8)) ** 2 + 9 * np.eye(8), None]),
        ("sweep", [Swept(0.5, 2.0)]),
        ("another light", [relit(False), relit(True), None]),
    ],
)
def test_what_an_evaluation_kept_gives_the_same_figures(part, results):
    part = PARTS[part]
    kept = [part.read(json.loads(json.dumps(plain(one)))) for one in results]
    for fresh, again in zip(part.rows(results), part.rows(kept), strict=True):
        assert fresh.metric == again.metric and np.array_equal(fresh.value, again.value, equal_nan=True)
