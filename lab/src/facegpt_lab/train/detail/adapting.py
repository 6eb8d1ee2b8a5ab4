"""`facegpt train detail --photos FOLDER`: the shipped network of the skin's relief goes on learning, from photos alone.

Half of each step is photos, whose light the relief is to explain (photo_loss.py); the other half is sculptures with
known relief, which keep marks of the skin from becoming shape. The light of a photo was estimated on the coarse head.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from facegpt.assets import asset_path
from facegpt.detail.network import DetailNetwork, read_network
from facegpt.detail.relief_network import ASSET
from facegpt.runtime.atomic_files import make_folder, write_text
from facegpt.runtime.progress import Progress
from facegpt_lab.train.detail.photo_loss import WEIGHTS, photo_loss
from facegpt_lab.train.detail.photos import Looker, look_at
from facegpt_lab.train.detail.training import Pieces, loss, make_examples, scores
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.photo_tokens.photo_folder import training_photos

#: First seed of the sculptures that a run makes, and the most by which their reliefs are deepened.
OWN_SEED, DEEPEST = 40_000, 2.2
#: Of so many photos one is kept for validation; and of sculptures these.
KEPT_OUT, HELD_SCULPTURES = 8, 4
NETWORK = "detail.safetensors"


@dataclass(frozen=True)
class DetailSettings:
    """How the network goes on learning.

    Attributes:
        start: network to go on from, "" for the shipped one.
        sculptures: that are made beside the photos.
        steps: in all. batch: pieces of sculptures in a step, and of photos.
        rate: of learning. photo_weight: of photos beside sculptures.
        left_out: term of the loss on photos that does not count, or "photos" or "sculptures"; "" for none.
        precision: "float32" or "bfloat16". seed: of everything drawn.
    """

    start: str = ""
    sculptures: int = 60
    steps: int = 600
    batch: int = 2
    rate: float = 5e-4
    photo_weight: float = 1.0
    left_out: str = ""
    precision: str = "float32"
    seed: int = 0


class DetailTraining:
    """One run in a folder; a run that was stopped goes on where it was.

    Args:
        folder: for what was seen, sculptures, log, checkpoint and the result.
        photos: folder of people's photos.
        settings: as they were when it began.
    """

    def __init__(self, folder: Path, photos: Path, settings: DetailSettings) -> None:
        self.folder, self.settings = folder, settings
        found = training_photos(photos, folder)
        make_folder(folder)
        torch.manual_seed(settings.seed)
        self.network = read_network(Path(settings.start) if settings.start else asset_path(ASSET))
        mask = self.network.mask.numpy()
        seen = look_at(found, Looker.ready(), mask, folder / "faces")
        held = [file for k, file in enumerate(seen) if k % KEPT_OUT == 0][: max(len(seen) - 1, 1)]
        ordered = [*held, *(file for file in seen if file not in held)] if len(seen) > 1 else [*seen, *seen]
        self.photos = Pieces(ordered, settings.batch, len(held), mask, grain=False)
        make_examples(folder / "sculptures", OWN_SEED, settings.sculptures, DEEPEST)
        self.sculptures = Pieces(folder / "sculptures", settings.batch, HELD_SCULPTURES, mask)

    def run(self) -> dict[str, Any]:
        """Train and save; give the card."""
        from safetensors.torch import save_file

        s = self.settings
        before = self.validate()
        self.network.requires_grad_(True)
        loop = LoopSettings(s.steps, s.rate, min(30, s.steps // 4 + 1), save_every=100, average_from=0.6)
        loop = replace(loop, precision=s.precision, seed=s.seed)
        with Progress("training the detail", s.steps) as show:

            def report(step: int) -> dict[str, float]:
                show(step)
                return self.validate()

            Loop(self.network, self.losses, self.folder / "detail", loop).run(report)
        self.network.eval().requires_grad_(False)
        faces = {"photos": len(self.photos.all()), "sculptures": len(self.sculptures.all())}
        card = {"settings": asdict(s), "faces": faces, "before": before, "validation": self.validate()}
        part = self.folder / f"{NETWORK}.part"
        save_file({name: value.half().contiguous() for name, value in self.network.state_dict().items()}, part)
        part.replace(self.folder / NETWORK)
        write_text(self.folder / "card.json", json.dumps(card, indent=2) + "\n")
        return card

    def losses(self, step: int) -> dict[str, Tensor]:
        """Compute the losses of a step."""
        s = self.settings
        channels, wanted = self.sculptures.draw(step)
        known = loss(self.network, channels, wanted[:, 0], wanted[:, 1])
        channels, wanted = self.photos.draw(step)
        weights = {name: value for name, value in WEIGHTS.items() if name != s.left_out}
        seen = photo_loss(self.network, channels, wanted[:, 0], wanted[:, 1], weights)
        shares = (0.0 if s.left_out == "sculptures" else 1.0, 0.0 if s.left_out == "photos" else s.photo_weight)
        total = shares[0] * known["total"] + shares[1] * seen["total"]
        return {**seen, "sculptures": known["total"], "total": total}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """What held-out photos cost, and how well held-out sculptures are found."""
        return {
            **on_photos(self.network, *self.photos.validation()),
            **scores(self.network, *self.sculptures.validation()),
        }


def on_photos(network: DetailNetwork, channels: Tensor, trust: Tensor) -> dict[str, float]:
    """The loss on whole photos, and the share of it that is the light left unexplained."""
    mask = network.mask[None]
    told = [photo_loss(network, c[None], t[None], mask) for c, t in zip(channels, trust, strict=True)]
    return {name: float(torch.stack([each[name] for each in told]).mean()) for name in ("total", "photometric")}
