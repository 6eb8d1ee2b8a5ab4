"""What is added to the heads that words make: a small map from the state of `<FACE>`, learnt by rendering.

The head of a caption is drawn in the pose, camera and light of the captioned photo and compared with it: skin's
colours, the detector's points, and the recognition network's view (Tewari et al. 2017; here words, not pictures, say
whose head it is). With `contrast`, the head at rest in studio light must also be nearer to its own photo than to the
others of the step, by the recognition network (InfoNCE; van den Oord et al. 2018). Nothing is labelled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facegpt.encode.photo_view import Placing
from facegpt.language.model.photo_theta import EXPRESSION, CropTheta
from facegpt.render.lighting import default_studio_lighting
from facegpt_lab.train.captions.captioned_photos import CaptionedPhotos, theta_of_rows
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.photo_tokens.likeness import chip_squares
from facegpt_lab.train.photo_tokens.losses import PhotoLosses, srgb, total

#: Level of the backdrop of heads at rest, sRGB; side of their pictures, pixels.
BACKDROP, DRAWN_PX = 0.5, 96
#: Where a head at rest stands: mm from the camera, and mm in half a picture.
DISTANCE_MM, HALF_MM = 1000.0, 110.0
#: Temperature of the contrast, in squared distances of descriptors: two people are some 0.5 apart.
TEMPERATURE = 0.05


@dataclass(frozen=True)
class ResidualSettings:
    """How the map is learnt.

    Attributes:
        rank: principal components of the states that it sees; 0: none, so that all captions get the same.
        steps, batch, rate: of the descent.
        asked: photos of a step that the recognition network is asked about.
        prior: weight of the mean squared length of what is added, SDs.
        contrast: weight of the contrast between the photos of a step; 0: none.
        decay: of the map's weights.
        seed: of the photos' order.
    """

    rank: int = 8
    steps: int = 50
    batch: int = 8
    rate: float = 0.015
    asked: int = 4
    prior: float = 1.0
    contrast: float = 0.0
    decay: float = 0.05
    seed: int = 0


class CaptionResidual(nn.Module):
    """From states (N, layers, D) of `<FACE>` to what is added to identity (N, I) and albedo (N, A).

    Args:
        states: of the captions that are learnt from; they say which directions are seen, and are whitened.
        rank: how many of them. identity, albedo: I and A.
    """

    mean: Tensor
    axes: Tensor

    def __init__(self, states: Tensor, rank: int, identity: int, albedo: int) -> None:
        super().__init__()
        flat = states.flatten(1).double()
        mean, sd = flat.mean(0), flat.std(0).clamp_min(1e-3)
        scaled = (flat - mean) / sd
        _, size, right = torch.linalg.svd(scaled, full_matrices=False)
        rank = min(rank, len(flat) - 1)
        whitened = right[:rank].mT / (size[:rank] / math.sqrt(len(flat))).clamp_min(1e-6)
        self.register_buffer("mean", mean.float())
        self.register_buffer("axes", (whitened / sd[:, None]).float())
        self.weight = nn.Parameter(torch.zeros(rank, identity + albedo))
        self.bias = nn.Parameter(torch.zeros(identity + albedo))
        self.sizes = (identity, albedo)

    def seen(self, states: Tensor) -> Tensor:
        """What it sees of states: (N, rank), of variance 1 over the captions that are learnt from."""
        return ((states.flatten(1) - self.mean) @ self.axes).clamp(-4, 4)

    def forward(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Say what is added."""
        identity, albedo = (self.seen(states) @ self.weight + self.bias).split(self.sizes, 1)
        return identity, albedo


def supervised(photos: CaptionedPhotos) -> tuple[Tensor, Tensor]:
    """The heads of supervised sentences alone: the mean of those drawn, identity (N, I) and albedo (N, A)."""
    return photos.identity.mean(1), photos.albedo.mean(1)


def at_rest(identity: Tensor, albedo: Tensor) -> CropTheta:
    """Put N heads at rest before a camera, in studio light, all alike."""
    count, row = len(identity), torch.ones(len(identity))
    placing = Placing(
        torch.diag(torch.tensor([1.0, -1.0, -1.0])).expand(count, 3, 3),
        torch.zeros(count, 2),
        row * -math.log(HALF_MM),
        row * math.log(DISTANCE_MM),
    )
    light = torch.from_numpy(default_studio_lighting()).float().expand(count, 9, 3)
    expression = torch.zeros(count, EXPRESSION)
    return CropTheta(identity, expression, placing, torch.zeros(count, 2), albedo, light)


def heads_described(losses: PhotoLosses, identity: Tensor, albedo: Tensor) -> Tensor:
    """Describe heads at rest by the recognition network: (N, 128). Differentiable."""
    return losses.likeness.look(heads_drawn(losses, identity, albedo)).descriptor


def heads_drawn(losses: PhotoLosses, identity: Tensor, albedo: Tensor) -> Tensor:
    """Draw heads at rest, from the front, as the recognition network wants them: (N, S, S, 3) sRGB."""
    theta = at_rest(identity, albedo)
    points = losses.geometry.points(identity.detach(), theta.expression)
    squares = chip_squares(losses.geometry.project(points, theta.placing, theta.optical)[:, :478])
    drawn, _ = losses.draw(theta, DRAWN_PX, *squares)
    empty = drawn.detach().sum(3, keepdim=True) == 0
    return torch.where(empty, torch.full_like(drawn, BACKDROP), srgb(drawn.clamp(0, 1)))


class ResidualTraining:
    """Learns a map from captioned photos.

    Args:
        photos: to learn from. losses: draw and compare. settings: how.
    """

    def __init__(self, photos: CaptionedPhotos, losses: PhotoLosses, settings: ResidualSettings) -> None:
        self.photos, self.compare, self.settings = photos, losses, settings
        self.start = supervised(photos)
        self.map = CaptionResidual(photos.state, settings.rank, self.start[0].shape[1], self.start[1].shape[1])

    def losses(self, step: int) -> dict[str, Tensor]:
        """Compute the losses of a step on photos drawn by seed and step."""
        s = self.settings
        rng = np.random.default_rng([s.seed, step, 5])
        rows = torch.from_numpy(rng.permutation(len(self.photos))[: s.batch])
        return self.losses_of(rows)

    def losses_of(self, rows: Tensor) -> dict[str, Tensor]:
        """Compute them on given photos."""
        s, examples = self.settings, self.photos.examples.rows(rows)
        added = self.map(self.photos.state[rows])
        identity, albedo = (start[rows] + change for start, change in zip(self.start, added, strict=True))
        theta = replace(theta_of_rows(self.photos.theta, rows), identity=identity, albedo=albedo)
        found = {
            "landmarks": self.compare.landmarks(theta, examples.view),
            "photo": self.compare.photometric(theta, examples.picture, examples.skin),
        }
        if s.asked:
            some = torch.arange(len(rows))[: s.asked]
            found |= self.compare.alike(theta_of_rows(theta, some), examples.rows(some))
        told = total(found)
        told["added"] = torch.stack([change.square().mean() for change in added]).sum()
        told["total"] = told["total"] + s.prior * told["added"]
        if s.contrast:
            drawn = heads_described(self.compare, identity, albedo)
            told["contrast"] = contrast(drawn, self.photos.descriptor[rows])
            told["total"] = told["total"] + s.contrast * told["contrast"]
        return told

    def run(self, folder: Path) -> CaptionResidual:
        """Learn, from the folder's checkpoint if there is one."""
        s = self.settings
        loop = LoopSettings(
            s.steps, s.rate, warmup=10, weight_decay=s.decay, every=10, save_every=20, average_from=0.6, seed=s.seed
        )
        Loop(self.map, self.losses, folder, loop).run()
        return self.map.eval()


def contrast(heads: Tensor, photos: Tensor) -> Tensor:
    """How unlikely it is that each head (N, 128) is taken for its own photo (N, 128) among all N, nats.

    What all heads, and all photos, have in common counts for nothing.
    """
    gaps = torch.cdist(heads - heads.mean(0), photos - photos.mean(0)).square()
    return functional.cross_entropy(-gaps / TEMPERATURE, torch.arange(len(heads)))


@torch.no_grad()
def fitted_to_heads(photos: CaptionedPhotos, rank: int, penalty: float = 0.2) -> CaptionResidual:
    """Solve for the map whose heads are nearest to those of `fast` (ridge): what the states can tell, not rendered.

    penalty: of the weights, as a share of the photos' number.
    """
    start, heads = supervised(photos), (photos.theta.identity, photos.theta.albedo)
    told = CaptionResidual(photos.state, rank, start[0].shape[1], start[1].shape[1])
    wanted = torch.cat([head - words for head, words in zip(heads, start, strict=True)], 1)
    told.bias.copy_(wanted.mean(0))
    seen = told.seen(photos.state)
    normal = seen.mT @ seen + penalty * len(photos) * torch.eye(seen.shape[1])
    told.weight.copy_(torch.linalg.solve(normal, seen.mT @ (wanted - told.bias)))
    return told.eval()
