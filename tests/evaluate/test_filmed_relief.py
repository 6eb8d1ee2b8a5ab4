"""What a relief explains of a clip's changing light, on frames whose relief, marks and noise are known."""

from __future__ import annotations

import numpy as np
import pytest

from facegpt_lab.evaluate.skin_relief.filmed_relief import Frames, shading_of, shares

SHAPE, COUNT = (48, 56), 40


def _frames(rng: np.random.Generator, turn: float, relief: float, noise: float) -> Frames:
    """Frames of a folded skin with marks, whose light swings by `turn` times its usual gain."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]].astype(np.float32)
    folds = relief * np.sin(columns / 2.0) * np.sin(rows / 3.0)
    swing = np.sin(np.arange(COUNT) * 0.9)[:, None, None]
    across = np.float32(0.5) * (1 + np.float32(turn) * swing) * np.ones(SHAPE, np.float32)
    motion = np.concatenate([np.ones((COUNT, 1)), rng.standard_normal((COUNT, 2))], 1).astype(np.float32)
    motion[:, 1:] -= motion[:, 1:].mean(0)
    empty = Frames(np.zeros((COUNT, *SHAPE), np.float32), across, 0.3 * across, motion, np.ones(SHAPE, bool))
    lasting = np.concatenate([folds[None], np.zeros((2, *SHAPE))]).astype(np.float32)
    marks = rng.standard_normal(SHAPE)
    light = shading_of(empty, lasting) + marks + noise * rng.standard_normal((COUNT, *SHAPE))
    return Frames(light.astype(np.float32), across, 0.3 * across, motion, empty.where)


def test_known_relief_in_turning_light_explains_all_but_the_noise() -> None:
    frames = _frames(np.random.default_rng(1), turn=1.0, relief=0.2, noise=0.01)
    clean = _frames(np.random.default_rng(1), turn=1.0, relief=0.2, noise=0.0).light
    noise_share = 0.01**2 / (0.01**2 + (clean - clean.mean(0)).var())
    told = shares(frames)
    assert told.lasting > 0.9 * (1 - noise_share)
    assert told.relief > 0.9 * (1 - noise_share)
    assert told.relit == pytest.approx(np.sqrt(0.5 / 1.5), abs=0.05)


def test_folds_in_steady_light_cannot_be_told_from_marks() -> None:
    told = shares(_frames(np.random.default_rng(1), turn=0.0, relief=0.2, noise=0.01))
    assert told.lasting < 0.05
    assert told.noise == pytest.approx(1.0, abs=0.1)


def test_skin_without_relief_gives_none() -> None:
    assert shares(_frames(np.random.default_rng(1), turn=1.0, relief=0.0, noise=0.05)).lasting < 0.05
