"""Put the detail network into the package: python -m lab.runs.detail.pack NETWORK_FILE.

The network's weights as 16-bit floats, and with them where folds of each group run and what they look like (sculpted as
the examples are).
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from safetensors.torch import load_file
from scipy.ndimage import gaussian_filter

from facegpt.assets import FOLDER, register
from facegpt.detail.fold_groups import GROUPS, left_share
from facegpt.detail.relief_network import ASSET
from facegpt.detail.skin_window import HEIGHT, WIDTH, Maps
from facegpt_lab.synthesis.relief.folds import group_folds
from facegpt_lab.train.detail.examples import Studio
from facegpt_lab.train.detail.training import detail_mask

#: Sculptures over which the regions are averaged.
DRAWN = 24
#: The seeds of folds that a face gets which did not show its own, chosen by eye, and their depth beside a plain one's.
CHOSEN = {
    **{"forehead": (4, 1.5), "frown": (11, 1.5), "squint": (11, 1.2), "smile": (8, 1.0), "sneer": (4, 1.2)},
    **{"chin": (2, 1.0), "pucker": (4, 1.2)},
}


def regions(studio: Studio) -> Maps:
    """Where folds of each group run (K, HEIGHT, WIDTH) in 0..1: wide, since people differ."""
    found = np.zeros((len(GROUPS), HEIGHT, WIDTH), np.float32)
    for k, name in enumerate(GROUPS):
        for seed in range(DRAWN):
            rng = np.random.default_rng([5, seed])
            found[k] += np.abs(group_folds(studio.canvas, rng, name))
        found[k] = gaussian_filter(np.maximum(found[k], found[k][:, ::-1]), 7.0)
        found[k] = np.clip(found[k] / np.quantile(found[k], 0.95), 0, 1)
    return found


def folds(studio: Studio, mask: Maps) -> Maps:
    """What folds of each group look like on somebody (K, HEIGHT, WIDTH), mm."""
    found = []
    for name in GROUPS:
        seed, depth = CHOSEN[name]
        drawn = group_folds(studio.canvas, np.random.default_rng([6, seed]), name, 1.2)
        found.append(depth * gaussian_filter(drawn, 1.1) * mask)
    return np.stack(found)


def main() -> None:
    """Write and register the asset."""
    weights = {name: value for name, value in load_file(sys.argv[1]).items()}
    studio = Studio.ready()
    mask = detail_mask(studio.model, studio.open_to_light)
    buffers = {"mask": mask, "regions": regions(studio), "folds": folds(studio, mask)}
    buffers["left"] = left_share(studio.canvas.place[..., 0])
    weights |= {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in buffers.items()}
    np.savez_compressed(FOLDER / ASSET, **{name: value.half().numpy() for name, value in sorted(weights.items())})
    print(ASSET, (FOLDER / ASSET).stat().st_size, register(ASSET))


if __name__ == "__main__":
    main()
