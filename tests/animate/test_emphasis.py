"""Speech moves more than lips: nods and brows where it is loud, blinks where it pauses, stillness in silence."""

from __future__ import annotations

import numpy as np

from facegpt.animate.curves import Curves
from facegpt.animate.emphasis import accents_s, emphasised, loudness_db, pauses_s
from facegpt.animate.sound import Sound
from facegpt.conventions import ARKIT_NAMES

RATE = 16_000
BURSTS = (1.0, 1.9, 2.8, 5.0, 5.8)


def spoken(seconds=8.0, silent=False) -> Sound:
    """Noise that is loud for a moment at known times, soft between them, and silent from 3.4 to 4.4 s."""
    time_s = np.arange(int(seconds * RATE)) / RATE
    envelope = 0.05 + sum(np.exp(-(((time_s - at) / 0.08) ** 2)) for at in BURSTS)
    envelope[(time_s > 3.4) & (time_s < 4.4)] = 0.0
    noise = np.random.default_rng(0).standard_normal(len(time_s)) * 0.2
    return Sound((noise * envelope * (not silent)).astype(np.float32), RATE)


def still() -> Curves:
    return Curves(ARKIT_NAMES, np.zeros((240, 52)), 30.0)


def test_accents_and_pauses_are_where_they_were_put():
    level = loudness_db(spoken())
    assert np.abs(accents_s(level) - BURSTS).max() < 0.06
    (pause,) = pauses_s(level)
    assert abs(pause - 3.4) < 0.2


def test_the_head_nods_on_accents_and_rests_in_the_pause():
    pitch = np.abs([emphasised(still(), spoken(), seed)[0].turns[:, 1] for seed in range(20)]).mean(0)
    near = np.min(np.abs(still().time_s[:, None] - BURSTS), axis=1) < 0.15
    assert pitch[near].mean() > 4 * pitch[~near].mean()
    assert pitch[int(3.5 * 30) : int(4.4 * 30)].max() < 0.05
    brows = emphasised(still(), spoken(), 2)[0].weights[:, ARKIT_NAMES.index("browInnerUp")]
    assert brows.max() <= 0.4


def test_a_seed_is_a_performance_and_silence_moves_nothing():
    one, again, other = (emphasised(still(), spoken(), seed)[0].turns for seed in (1, 1, 2))
    assert np.array_equal(one, again) and not np.array_equal(one, other)
    assert np.abs(emphasised(still(), spoken(silent=True), 1)[0].turns).max() == 0
    assert np.abs(emphasised(still(), Sound(np.zeros(0, np.float32), RATE), 1)[0].turns).max() == 0
