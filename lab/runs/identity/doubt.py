"""How much less a small, hidden or covered face says.

`python -m lab.runs.identity.doubt STUDIO...`, files of readings.py.

The reader is as it is shipped; of what it says of a picture beyond the population, the share exp(slopes · evidence)
counts, relative to the usual picture. The slopes are the most likely ones of people whom the reader has not seen:
their true identities under the Gaussians that it then believes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from facegpt.assets import FOLDER, load_arrays, register
from facegpt.encode.identity import ASSET
from facegpt.types import Array
from lab.runs.identity.readings import PLAIN


class Pictures:
    """What the reader says of pictures, in the axes of its covariance, where everything stands alone.

    drawn, true: (N, I) what a picture draws to, times its precision beyond the population `said` (I,), and the truth.
    evidence: (N, 3). plain: (N,) whether it is one as the studio makes them.
    """

    def __init__(self, files: list[Path]) -> None:
        loaded = [np.load(file, allow_pickle=False) for file in files]
        names = ("said", "descriptor", "target", "evidence", "kind")
        column = {name: np.concatenate([one[name] for one in loaded]).astype(float) for name in names}
        shipped = load_arrays(ASSET)
        mean = np.column_stack([column["said"], column["descriptor"]]) @ shipped["weights"] + shipped["offset"]
        precision, axes = np.linalg.eigh(np.linalg.inv(shipped["covariance"].astype(float)))
        self.said, self.drawn, self.true = precision - 1, (mean @ axes) * precision, column["target"] @ axes
        self.evidence, self.plain = column["evidence"], column["kind"] == PLAIN

    def surprise(self, told: Array) -> float:
        """Mean negative log likelihood of the truth, for (4,) slopes and a level."""
        share = np.exp(np.clip(self.evidence @ told[:3] + told[3], -5, 3))[:, None]
        precision = 1 + share * self.said
        error = self.true - share * self.drawn / precision
        return float((0.5 * precision * error**2 - 0.5 * np.log(precision)).sum(1).mean())


def main() -> None:
    """Learn the slopes and add them to the package's file."""
    pictures = Pictures([Path(name) for name in sys.argv[1:]])
    found = minimize(pictures.surprise, np.zeros(4), method="BFGS")
    level = minimize(lambda only: pictures.surprise(np.r_[0, 0, 0, only]), np.zeros(1), method="BFGS")
    learnt = {"slopes": found.x[:3], "usual": pictures.evidence[pictures.plain].mean(0)}
    arrays = load_arrays(ASSET) | {name: value.astype(np.float32) for name, value in learnt.items()}
    np.savez(FOLDER / ASSET, **arrays)
    print(f"slopes {learnt['slopes'].round(2)}, usual {learnt['usual'].round(3)}")
    print(f"log likelihood of a person: {level.fun - found.fun:.2f} above one share for all")
    print(register(ASSET))


if __name__ == "__main__":
    main()
