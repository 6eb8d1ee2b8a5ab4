"""Average adapter files with weights: the mean of two runs is better than either (lab/runs/language/README.md).

python lab/runs/language/mean.py ONE 0.4 OTHER 0.6 -o MEAN
python lab/runs/language/mean.py ONE 0.5 OTHER 0.5 --only face_head. -o MEAN     # all other parts are those of ONE
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save_file

from facegpt.language.model.part_files import read_parts


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the mean; what a file says of itself comes from the first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", metavar="FILE WEIGHT", help="files and their weights, in turn")
    parser.add_argument("--only", default="", metavar="START", help="average parts whose names start so")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args(arguments)
    files, weights = options.parts[::2], [float(weight) for weight in options.parts[1::2]]
    if len(files) != len(weights) or abs(sum(weights) - 1) > 1e-6:
        parser.error("give a weight after each file; the weights must add up to 1")
    tensors = [read_parts(Path(file), "file") for file in files]
    with safe_open(files[0], "pt") as first:
        about = first.metadata()
    mean = {
        name: sum(w * each[name].float() for w, each in zip(weights, tensors, strict=True)).to(value.dtype)
        if name.startswith(options.only) and all(name in each for each in tensors)
        else value
        for name, value in tensors[0].items()
    }
    save_file(mean, options.output, metadata=about)


if __name__ == "__main__":
    sys.exit(main())
