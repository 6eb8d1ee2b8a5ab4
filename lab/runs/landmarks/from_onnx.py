"""Turn an exported network back into one to train on: `python -m lab.runs.landmarks.from_onnx CROPS OUT [ONNX]`.

CROPS is the folder `crops` of a run, OUT the network.safetensors to be written; ONNX is the package's file by default.
The export folds batch norms into the convolutions before them. Here each norm gets the mean and the variance of what
comes to it on training crops, and such a gain and shift that it changes nothing but adds the folded shift: in use the
network is the file's, and in training its norms begin where batches are. Seconds.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from facegpt.assets import asset_path
from facegpt.encode.dense_landmarks import ASSET, DenseLandmarker
from facegpt.encode.landmark_network import CROP, DenseLandmarkNetwork, lit
from facegpt.encode.stored_network import stored_network
from facegpt.morphable.makehuman import head as makehuman
from facegpt_lab.train.landmarks.crops import CropStore, Window, cut
from facegpt_lab.train.landmarks.training import mirror_of, whitened

#: Crops that the norms' statistics are taken from, and those on which both networks are compared.
CALIBRATED, COMPARED, AT_ONCE = 2048, 64, 256
#: Both networks may differ by this, pixels of the crop.
CLOSE_PX = 1e-2


def calibrate(network: DenseLandmarkNetwork, images: Tensor) -> None:
    """The network with every norm holding the statistics of its input over images (N, 3, H, W); it says the same."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    sums = [torch.zeros(3, norm.num_features, dtype=torch.float64) for norm in norms]

    def counting(total: Tensor) -> Any:
        def count(_: nn.Module, given: tuple[Tensor]) -> None:
            values = given[0].transpose(0, 1).flatten(1).double()
            total.add_(torch.stack([torch.full_like(total[0], values.shape[1]), values.sum(1), values.square().sum(1)]))

        return count

    hooks = [norm.register_forward_pre_hook(counting(total)) for norm, total in zip(norms, sums, strict=True)]
    with torch.no_grad():
        for batch in images.split(AT_ONCE):
            network(batch, torch.zeros(len(batch), 478, 2))
    for hook, norm, (count, first, second) in zip(hooks, norms, sums, strict=True):
        hook.remove()
        mean = first / count
        norm.running_mean = mean.float()
        norm.running_var = (second / count - mean.square()).clamp(min=1e-6).float()
        with torch.no_grad():
            norm.weight.copy_((norm.running_var + norm.eps).sqrt())
            norm.bias.add_(norm.running_mean)


def images_of(store: CropStore, count: int) -> Tensor:
    """Cut windows out of a store's crops as training does: (N, 3, 128, 128), whitened, none of them dark."""
    rng, mirror = np.random.default_rng(0), mirror_of(makehuman.load())
    rows = store.rows(np.sort(rng.choice(len(store), min(count, len(store)), replace=False)))
    return lit(whitened(cut(rows, Window.random(rng, len(rows["yaw_deg"]), CROP), mirror, CROP)["image"]))


def furthest_px(network: DenseLandmarkNetwork, path: Path, images: Tensor) -> float:
    """The largest distance in pixels between points by the network and by onnxruntime from the file."""
    detected = network.mean_points[None, :478].repeat(len(images), 1, 1) + 0.02 * torch.randn(len(images), 478, 2)
    with torch.no_grad():
        own = network(images, detected)
    run = DenseLandmarker(path)._session.run(["points"], {"image": images.numpy(), "detected": detected.numpy()})[0]
    return float(np.abs(own.points.numpy() - run).max()) * CROP / 2


def main() -> None:
    """Read, calibrate, compare with the file as it runs, and write."""
    path = Path(sys.argv[3]) if len(sys.argv) > 3 else asset_path(ASSET)
    torch.manual_seed(0)
    network, store = stored_network(path), CropStore(Path(sys.argv[1]))
    calibrate(network, images_of(store, CALIBRATED))
    apart = furthest_px(network, path, images_of(store, COMPARED))
    print(f"points differ from those of {path.name} by {apart:.1e} px at most, on {COMPARED} crops")
    if apart > CLOSE_PX:
        raise SystemExit("that is another network")
    tensors = {name: value.contiguous() for name, value in network.state_dict().items()}
    target = Path(sys.argv[2])
    part = target.with_suffix(".part")
    save_file(tensors, part, metadata={"sizes": json.dumps(asdict(network.sizes))})
    part.replace(target)


if __name__ == "__main__":
    main()
