"""Comparisons between attributes ("a nose bigger than the mouth") as values that keep them.

Both sides are counted in standard deviations from what is usual of the sex and age that is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

#: How far the first exceeds the second, SDs: clearly seen, and not a caricature.
MARGIN = 1.3
#: The spread that marks a value as settled: it is met as it is.
SETTLED_SPREAD = 0.05
#: Where the pair as a whole lies is left open, with this SD. No value is further from the usual than MOST.
_LEVEL_SD, _MOST = 0.35, 2.2


def settle(
    relations: Sequence[tuple[str, str]],
    named: Mapping[str, tuple[float, float]],
    means: Mapping[str, float],
    rng: np.random.Generator,
) -> dict[str, tuple[float, float]]:
    """`named` with values (reading, SETTLED_SPREAD) for what is compared.

    Args:
        relations: (more, less) pairs of attributes.
        named: attribute → (mean, spread) that the words name.
        means: reading that is usual of an attribute for the sex and age; 0 where it is missing.
        rng: draws where an open pair lies.
    """
    found = dict(named)
    for more, less in relations:
        high, low = (found[n][0] - means.get(n, 0.0) if n in found else None for n in (more, less))
        if high is None and low is None:
            level = float(np.clip(_LEVEL_SD * rng.standard_normal(), -0.6, 0.6))
            high, low = level + MARGIN / 2, level - MARGIN / 2
        elif high is None:
            high = float(low or 0.0) + MARGIN
        elif low is None:
            low = high - MARGIN
        elif high - low < MARGIN:
            short = (MARGIN - high + low) / 2
            high, low = high + short, low - short
        for name, value in ((more, float(high)), (less, float(low or 0.0))):
            found[name] = (means.get(name, 0.0) + float(np.clip(value, -_MOST, _MOST)), SETTLED_SPREAD)
    return found


def changes_for(
    relations: Sequence[tuple[str, str]],
    changes: Mapping[str, float],
    now: Mapping[str, float],
    means: Mapping[str, float],
) -> dict[str, float]:
    """`changes` (attribute → change of its reading) with what makes a head's comparisons true.

    The first attribute moves; the second as well where that would be too far.
    """
    found = dict(changes)
    for more, less in relations:
        if more not in now or less not in now:
            continue
        high, low = (now[n] - means.get(n, 0.0) + found.get(n, 0.0) for n in (more, less))
        short = MARGIN - (high - low)
        if short > 0:
            own = min(short, max(1.0, short / 2))
            found[more] = found.get(more, 0.0) + own
            found[less] = found.get(less, 0.0) - (short - own)
    return found
