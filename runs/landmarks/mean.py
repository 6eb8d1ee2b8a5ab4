"""Mix two networks of one training: `python runs/landmarks/mean.py RUN EARLIER SHARE OUT`.

OUT/network.safetensors gets SHARE of the network in RUN and the rest of the file EARLIER, a copy of that run's
network.safetensors from before; the batch norms take their statistics anew from RUN's crops. RUN also holds errors.npz
or finds it beside it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from facegpt.morphable import makehuman
from facegpt.train.landmarks import LandmarkSettings, LandmarkTraining
from facegpt.train.landmarks_crops import CropStore
from facegpt.train.landmarks_errors import DetectorErrors
from facegpt.train.landmarks_export import load_network


def main() -> None:
    """Mix, take statistics, validate and write."""
    run, earlier, share, out = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4])
    beside = run.parent / "errors.npz"
    errors = DetectorErrors.load(beside if beside.is_file() else run / "errors.npz")
    crops, unseen = CropStore(run / "crops"), CropStore(run / "validation")
    settings = LandmarkSettings(lift_steps=0)
    training = LandmarkTraining(out, crops, unseen, makehuman.load(), errors, settings)
    first = load_network(earlier).state_dict()
    last = load_network(run / "network.safetensors").state_dict()
    training.network.load_state_dict(
        {name: first[name].lerp(last[name], share) if first[name].is_floating_point() else last[name] for name in last}
    )
    print(training.finish())


if __name__ == "__main__":
    main()
