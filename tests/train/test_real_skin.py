"""Photos without truth: laid-on folds, and one half of a face that explains the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from facegpt.detail.network import DetailNetwork
from facegpt.detail.observation import CHANNELS
from facegpt.detail.skin_window import HEIGHT, WIDTH
from facegpt_lab.train.detail.examples import STORED
from facegpt_lab.train.detail.on_real_skin import RealSkinSettings, between, learn
from facegpt_lab.train.detail.real_skin import RealSkin, mirrored, real_skin_losses, unexplained
from facegpt_lab.train.detail.training import PIECE


def _folds() -> np.ndarray:
    rows, columns = np.mgrid[:PIECE, :PIECE].astype(np.float32)
    return (0.1 * np.sin(columns / 3) * np.sin(rows / 9)).astype(np.float32)


def _shaded(relief: np.ndarray, gain: float) -> torch.Tensor:
    """Channels (1, CHANNELS, PIECE, PIECE) of light from one side on a relief whose hollows are as bright."""
    channels = np.zeros((1, CHANNELS, PIECE, PIECE), np.float32)
    channels[:, 4], channels[:, 5] = 1, gain
    channels[:, :3] = 10 * gain * np.gradient(relief, axis=1)
    return torch.from_numpy(channels)


def test_true_relief_explains_light_and_its_negative_does_not() -> None:
    relief, trust = torch.from_numpy(_folds())[None], torch.ones(1, PIECE, PIECE)
    channels = _shaded(_folds(), 2.0)
    gained = float(unexplained(channels, relief, trust))
    assert gained < 0
    assert float(unexplained(channels, torch.zeros_like(relief), trust)) == 0
    assert float(unexplained(channels, -relief, trust)) > 0


def test_mark_on_one_half_is_not_explained_by_what_it_made_there() -> None:
    relief, trust = torch.from_numpy(_folds())[None], torch.ones(1, PIECE, PIECE)
    other_half = _shaded(np.zeros_like(_folds()), 2.0)
    assert float(unexplained(other_half, relief, trust)) > 0


def test_mirrored_twice_is_the_same() -> None:
    side = np.random.default_rng(2).standard_normal((STORED + 4, 6, 8)).astype(np.float32)
    np.testing.assert_array_equal(mirrored(mirrored(side)), side)
    assert mirrored(side)[5, 0, 0] == -side[5, 0, -1]


def test_symmetric_photo_gives_the_same_piece_on_both_halves(tmp_path: Path) -> None:
    half = np.random.default_rng(2).standard_normal((STORED + 1, HEIGHT, WIDTH // 2)).astype(np.float32)
    half[4], half[-1] = 1, 1
    whole = np.concatenate([half, half[..., ::-1]], -1)
    whole[5, :, WIDTH // 2 :] *= -1
    np.save(tmp_path / "photo.npy", whole.astype(np.float16))
    np.save(tmp_path / "folds.npy", np.random.default_rng(3).standard_normal(whole.shape).astype(np.float16))
    skin = RealSkin([tmp_path / "photo.npy"], [tmp_path / "folds.npy"], 3, np.ones((HEIGHT, WIDTH), np.float32))
    batch = skin.draw(4)
    torch.testing.assert_close(batch["plain"], batch["other"])
    assert batch["plain"].shape == (3, CHANNELS, PIECE, PIECE)
    assert not torch.equal(batch["plain"], batch["folded"])
    assert torch.equal(batch["folded"][:, 3:], batch["plain"][:, 3:])  # only light changes
    assert torch.isfinite(real_skin_losses(DetailNetwork(), batch, 2000.0, 200.0)["laid"])


def test_network_that_finds_just_the_laid_folds_costs_nothing() -> None:
    relief, smooth = torch.from_numpy(_folds())[None], _shaded(np.zeros((PIECE, PIECE), np.float32), 1.0)

    class Knows(DetailNetwork):
        def forward(self, channels: torch.Tensor) -> torch.Tensor:
            return torch.cat([0 * relief, 0 * relief, relief])

    ones = torch.ones(1, PIECE, PIECE)
    batch = {"plain": smooth, "other": smooth, "folded": _shaded(_folds(), 1.0), "laid": relief, "mask": ones}
    told = real_skin_losses(Knows(), {**batch, "trust": torch.ones(1, 2, PIECE, PIECE)}, 2000.0, 200.0)
    assert float(told["laid"]) == 0
    assert float(told["halves"]) == 0


def test_network_between_two_has_their_mean_weights_and_the_maps_of_the_first() -> None:
    one, other = DetailNetwork(), DetailNetwork()
    other.mask.fill_(0.5)
    mixed = between(one, other, 0.5)
    torch.testing.assert_close(mixed.leave.weight, (one.leave.weight + other.leave.weight) / 2)
    assert torch.equal(mixed.mask, one.mask)


def test_learning_goes_through_and_leaves_the_maps_alone(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    examples = tmp_path / "examples"
    examples.mkdir()
    for k in range(26):
        values = (0.1 * rng.standard_normal((STORED + 1, HEIGHT, WIDTH))).astype(np.float16)
        values[4] = 1
        np.save(examples / f"{k}.npy", values)
    faces = sorted(examples.glob("*.npy"))[:9]
    found = learn(examples, faces, tmp_path / "run", RealSkinSettings(minutes=1e-6))
    assert all(torch.isfinite(value).all() for value in found.state_dict().values())
