"""How well the network of eyewear tells wearers, by halves of the photos: `python -m lab.runs.eyewear.measure`.

python -m lab.runs.eyewear.measure --photos FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

from facegpt.encode.eyewear import SURE, eyewear
from lab.runs.eyewear.train import photos_of


def main() -> None:
    """Print wearers that are found and bare faces that get glasses, and the log odds nearest to each other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, required=True)
    for half in ("training", "validation"):
        seen = photos_of(parser.parse_args().photos, half).values()
        told = [(one.worn, eyewear(one.photo, one.points).worn) for one in seen]
        wearers, others = ([odds for worn, odds in told if worn is kind] for kind in (True, False))
        print(f"{half} half: found {sum(odds > SURE for odds in wearers)} of {len(wearers)}, least {min(wearers):.1f}; "
              f"false {sum(odds > SURE for odds in others)} of {len(others)}, most {max(others):.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
