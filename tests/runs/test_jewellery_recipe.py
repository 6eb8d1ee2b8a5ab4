"""The recipe of networks/jewellery.npz: that it reads windows as the product does, and what it prints of pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facegpt.assets import load_arrays
from facegpt.detect.windows import Photo, Window
from facegpt.encode.parts import MAP_PX, PARTS, FaceParts
from facegpt.reconstruct.left_out.jewellery import EAR_FRAME, opinions_at_ear
from facegpt.reconstruct.left_out.jewellery_network import ASSET
from lab.runs.left_out.cut_jewellery import BARE, Seen, Views, _add
from lab.runs.left_out.learn_ears import FALSE, Weights, bound_of, by_picture
from lab.runs.left_out.learn_jewellery import THIRDS, Head, as_taught, features_of, save, told

SIDE = 240


def shipped(third: int) -> Head:
    """The head of ears of one third, out of the shipped file."""
    arrays = load_arrays(ASSET)
    head = Head(arrays["ear_first"].shape[1]).eval()
    with torch.no_grad():
        for name in ("first", "second", "last"):
            for suffix, values in (("", getattr(head, name).weight), ("_bias", getattr(head, name).bias)):
                every = arrays[f"ear_{name}{suffix}"].astype(np.float32)
                values.copy_(torch.from_numpy(np.split(every, THIRDS)[third]))
    return head


def test_a_window_of_the_recipe_is_told_as_the_product_tells_it(head):
    random = np.random.default_rng(2)
    photo = Photo(random.integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8))
    beliefs = random.dirichlet(np.ones(len(PARTS)), (MAP_PX, MAP_PX)).astype(np.float32)
    parts = FaceParts(
        beliefs, np.ones((MAP_PX, MAP_PX), bool), np.array([[MAP_PX / SIDE, 0, 0], [0, MAP_PX / SIDE, 0]])
    )
    window, views = Window(100, 120, 110, 0.2, True), Views()
    seen = Seen("photos/photo_001.jpg", photo, parts, head, None, True)
    _add(views, seen, window, EAR_FRAME, BARE, random, (False, False), np.full(7, np.nan))
    own = {name: np.stack(values) for name, values in vars(views).items()}
    arrays = load_arrays(ASSET)
    taught = as_taught(EAR_FRAME, features_of(own["colours"]), own, (arrays["mean"], arrays["sd"]))
    odds = [told(shipped(third), EAR_FRAME, taught)[0] for third in range(THIRDS)]
    np.testing.assert_allclose(odds, opinions_at_ear(photo, parts, window), atol=5e-3)


def test_the_bound_is_exceeded_by_the_share_that_is_allowed():
    bare = np.random.default_rng(0).exponential(2.0, (300, 113)) - 5
    bounds = np.array([bound_of(each) for each in bare])
    assert np.exp(-(bounds.mean() + 5) / 2) == pytest.approx(FALSE, rel=0.2)
    surest = np.quantile(bare, 1 - FALSE, axis=1)
    assert bounds.std() < surest.std()


def test_the_regression_finds_weights_that_made_its_examples():
    random, weights = np.random.default_rng(1), np.array([1.5, -0.8, 0.0])
    numbers = random.normal(size=(20000, 3))
    worn = random.random(20000) < 1 / (1 + np.exp(-(numbers @ weights - 0.5)))
    model = Weights.learnt(numbers, worn)
    assert model.odds(np.zeros((1, 3)))[0] == pytest.approx(-0.5, abs=0.08)
    np.testing.assert_allclose(model.odds(np.eye(3)) - model.odds(np.zeros((1, 3))), weights, atol=0.08)


def test_a_picture_is_told_by_its_surer_ear():
    odds, worn = np.array([1.0, 3.0, 2.0]), np.array([True, False, False])
    surest, there, taught = by_picture(odds, worn, np.array([True, True, False]), np.array(["a", "a", "b"]))
    assert surest.tolist() == [3, 2]
    assert there.tolist() == [True, False]
    assert taught.tolist() == [True, False]


def test_the_same_arrays_give_the_same_file(tmp_path):
    arrays = {"mean": np.arange(5.0), "sd": np.ones((2, 3), np.float16)}
    save(tmp_path / "a.npz", arrays)
    save(tmp_path / "b.npz", arrays)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with np.load(tmp_path / "a.npz") as file:
        assert all((file[name] == values).all() for name, values in arrays.items())
