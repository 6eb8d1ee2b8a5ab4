"""Each one-trait sentence of `facegpt eval traits` with what both rulers say of it, a line a sentence and ruler.

    python benchmarks/words_by_landmarks.py

The figures with their intervals, and which of them the product's solver aims at: `facegpt eval traits`.
"""

from __future__ import annotations

import facegpt
from facegpt_lab.evaluate.protocols.traits import RULERS, measure_all, rows


def main() -> None:
    """Print the mean shift of every measure, SDs to the named side, and the shares that are right."""
    shown = measure_all(facegpt.load(), quick=False)
    for sentence in dict.fromkeys(one.sentence for one in shown):
        for ruler in RULERS:
            own = [one for one in shown if one.sentence == sentence and one.ruler == ruler]
            print(f"{sentence:34s} {ruler:10s}", ", ".join(f"{one.measure} {one.shift.mean():+.1f}" for one in own))
    for row in rows(shown):
        if row.target is not None:
            print(f"{row.value:.3f}  {row.metric}")


if __name__ == "__main__":
    main()
