"""The network of relief goes on learning on real skin: `python -m facegpt_lab.train.detail.on_real_skin`.

Each step has pieces of sculptures, as `training` takes them, and pieces of photos without truth (real_skin.py). What is
written in the end lies between the network that was begun with and the one that was learnt: photos teach depth, and
what is between finds more of the sculptures' folds than both.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from facegpt.assets import asset_path
from facegpt.detail.network import DetailNetwork, read_network
from facegpt.detail.relief_network import ASSET
from facegpt.runtime.atomic_files import make_folder
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.evaluate.validation_photos import photos_of
from facegpt_lab.train.detail.photos import Looker, look_at
from facegpt_lab.train.detail.real_skin import RealSkin, real_skin_losses
from facegpt_lab.train.detail.training import SLOPES, Pieces, loss, scores
from facegpt_lab.train.loop import Loop, LoopSettings

#: Weight of absolute errors of slopes, and shares of sculptures' pieces with added folds and with things laid over.
ANGLES, ADDED, LAID = 200.0, 0.5, 0.3
#: Pieces a step of sculptures and of photos; of photos one in so many is held out, and these sculptures.
BATCH, PHOTOS, HELD_PHOTOS, HELD_SCULPTURES = 3, 2, 8, 24
BUFFERS = ("mask", "left", "regions", "folds")


@dataclass(frozen=True)
class RealSkinSettings:
    """How long and how fast: minutes, rate, weights of laid-on folds and of faces' halves, share of what was learnt."""

    minutes: float = 19.0
    rate: float = 6e-4
    laid: float = 1.0
    halves: float = 200.0
    share: float = 0.3


def learn(examples: Path, faces: list[Path], folder: Path, settings: RealSkinSettings) -> DetailNetwork:
    """Go on from the shipped network; a checkpoint is in the folder. examples: of `training`. faces: of `look_at`."""
    shipped = read_network(asset_path(ASSET))
    network = read_network(asset_path(ASSET)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    network.requires_grad_(True)
    mask = network.mask.numpy()
    pieces = Pieces(examples, BATCH, HELD_SCULPTURES, mask, added=ADDED, laid=LAID)
    held = faces[::HELD_PHOTOS]
    skin = RealSkin([file for file in faces if file not in held], pieces.files(), PHOTOS, mask)
    sculptures = pieces.all()[:HELD_SCULPTURES]
    judged = RealSkin(held, sculptures, 16, mask).draw(0)
    whole = pieces.validation()

    def compute(step: int) -> Mapping[str, Tensor]:
        channels, relief = pieces.draw(step)
        known = loss(network, channels, relief[:, 0], relief[:, 1], ANGLES)["total"]
        seen = real_skin_losses(network, skin.draw(step), SLOPES, ANGLES)
        total = known + settings.laid * seen["laid"] + settings.halves * seen["halves"]
        return {"total": total, "known": known, **seen}

    @torch.no_grad()
    def judge(_: int) -> dict[str, float]:
        told = real_skin_losses(network, judged, SLOPES, ANGLES)
        return {**scores(network, *whole), **{name: float(value) for name, value in told.items()}}

    rules = LoopSettings(10**6, settings.rate, 60, 0.01, 1.0, 50, 250, minutes=settings.minutes, average_from=0.6)
    Loop(network, compute, folder, rules).run(judge)
    return between(shipped, network, settings.share)


@torch.no_grad()
def between(one: DetailNetwork, other: DetailNetwork, share: float) -> DetailNetwork:
    """The network whose weights lie between those of two: 0 for the first, 1 for the second."""
    own, theirs = one.state_dict(), other.state_dict()
    mixed = {name: v if name in BUFFERS else v.lerp(theirs[name], share) for name, v in own.items()}
    found = DetailNetwork()
    found.load_state_dict(mixed)
    return found.eval().requires_grad_(False)


def main() -> None:
    """Look at the photos of the training half, learn, and write the network."""
    from safetensors.torch import save_file

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=RealSkinSettings.minutes)
    parser.add_argument("--share", type=float, default=RealSkinSettings.share)
    options = parser.parse_args()
    torch.set_num_threads(1)
    folder = make_folder(options.output)
    photos = [optional_data() / name for name, _ in photos_of("training")]
    faces = look_at(photos, Looker.ready(), read_network(asset_path(ASSET)).mask.numpy(), folder / "faces")
    found = learn(options.examples, faces, folder / "run", RealSkinSettings(options.minutes, share=options.share))
    values = {name: value.half().contiguous() for name, value in found.state_dict().items()}
    save_file(values, folder / "network.safetensors")


if __name__ == "__main__":
    main()
