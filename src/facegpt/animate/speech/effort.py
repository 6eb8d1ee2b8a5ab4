"""How loudly each moment is spoken, beside the speaker's own loud moments: louder vowels open the mouth further."""

from __future__ import annotations

import numpy as np

from facegpt.types import Array

#: Jaw opening grows with loudness (Geumann 2001, Schulman 1989: about half as far again for 15 dB).
_PER_DB, _ORDINARY_DB = 0.03, 5.0
_LEAST, _MOST = 0.5, 1.25
_SMOOTH_S = 0.1


def effort(samples: Array, rate: int, time_s: Array) -> Array:
    """Factor of openness (T,) at times (T,) of a sound: 1 at 5 dB below its loud moments, 0.5 to 1.25.

    The recording's own level does not matter.
    """
    hop = max(rate // 100, 1)
    frames = np.asarray(samples[: len(samples) // hop * hop], np.float64).reshape(-1, hop)
    if not len(frames):
        return np.ones(len(time_s))
    width = int(_SMOOTH_S * 100)
    window = np.hanning(width + 2)[1:-1]
    power = np.convolve((frames**2).mean(1), window / window.sum(), "same")
    level_db = 10 * np.log10(power + 1e-10)
    loud_db = np.percentile(level_db[level_db > level_db.max() - 30], 90)
    factor = np.clip(1 + _PER_DB * (level_db - loud_db + _ORDINARY_DB), _LEAST, _MOST)
    return np.interp(time_s, (np.arange(len(frames)) + 0.5) * hop / rate, factor)
