"""The dense landmark network: a face's crop and a detector's points in; points, parts, identity and expression out.

The picture speaks first and alone; the detector's points come in as evidence of how far the first guess is off. A
network that starts from the detector's points learns to repeat them.

B batch, P dense points, D the detector's points (478). Crop units: the middle of the crop is (0, 0), its right lower
corner (1, 1); the image has CROP pixels along an edge, so one pixel is 2 / CROP.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn
from torch.nn import functional

#: Edge of the input image, pixels; classes of the parts of a face (synthesis/studio/sample.py).
CROP, PARTS = 128, 7
#: Points of the detector, the first rows of the dense ones.
DETECTED = 478
#: log sigma stays within these, in crop units: 0.16 px to half the crop and more.
LEAST_LOG_SIGMA, MOST_LOG_SIGMA = -6.0, 1.0
MEAN_COLOUR, SD_COLOUR = 0.45, 0.25
#: A crop whose brightest patch of LIT_PATCH px is darker than LIT (sRGB 0..1) is made brighter, at most so many times.
LIT, LIT_PATCH, MOST_LIT = 0.5, 16, 12.0
#: Offsets of the detector's points are cut here, crop units, and given to layers at about size 1.
FARTHEST_OFFSET, OFFSET_SCALE = 0.5, 8.0
#: Features of a point are read this far from the first guess to the place that the detector says.
READ_AT = 0.6


@dataclass(frozen=True)
class NetworkSizes:
    """Dimensions of the network.

    Attributes:
        points: P. identity, expression: of the head model.
        widths: channels at strides 4, 8, 16 and 32. blocks: residual blocks there.
        hidden: of the global state. pyramid: channels of the map that points are sampled from. embedding: of each
            point. summary: numbers that each point hands to the head of identity.
    """

    points: int
    identity: int = 60
    expression: int = 52
    widths: tuple[int, ...] = (32, 64, 128, 192)
    blocks: tuple[int, ...] = (0, 1, 1, 1)
    hidden: int = 384
    pyramid: int = 32
    embedding: int = 24
    summary: int = 6


@dataclass(frozen=True)
class NetworkOutput:
    """What the network says of B crops; indexing gives what it says of some of them.

    Attributes:
        points: (B, P, 2) crop units. log_sigma: (B, P) of one coordinate. first_points, first_log_sigma: the same
            by the picture alone, before the detector's points and the local refinement. visible: (B, P) logits.
        identity: (B, I). identity_log_sd: (B, I). expression: (B, E).
        parts: (B, PARTS, 32, 32) logits. grid: (B, C, 4, 4) features, the image tokens.
    """

    points: Tensor
    log_sigma: Tensor
    first_points: Tensor
    first_log_sigma: Tensor
    visible: Tensor
    identity: Tensor
    identity_log_sd: Tensor
    expression: Tensor
    parts: Tensor
    grid: Tensor

    def __getitem__(self, rows: slice) -> NetworkOutput:
        return NetworkOutput(*(getattr(self, each.name)[rows] for each in fields(self)))


@dataclass(frozen=True)
class Reading:
    """What the network has read of B crops before it speaks of points and person: what tuning to a person leaves.

    Attributes:
        local: (B, P, C) features at each point. offsets: (B, P, 2) of the detector's points from the first guess.
        state: (B, hidden). first: (B, P, 2), first_log_sigma: (B, P) by the picture alone.
        fine: (B, C, 32, 32) map that parts are told from. grid: (B, C, 4, 4), the image tokens.
    """

    local: Tensor
    offsets: Tensor
    state: Tensor
    first: Tensor
    first_log_sigma: Tensor
    fine: Tensor
    grid: Tensor


class Convolution(nn.Sequential):
    """Convolution, batch norm and, if wanted, ReLU."""

    def __init__(self, into: int, out: int, size: int = 3, stride: int = 1, active: bool = True) -> None:
        padding = (size - stride + 1) // 2 if stride > 1 else size // 2
        layers = [nn.Conv2d(into, out, size, stride, padding, bias=False), nn.BatchNorm2d(out)]
        super().__init__(*layers, *([nn.ReLU(inplace=True)] if active else []))


class Residual(nn.Module):
    """Two 3x3 convolutions added to their input (He et al. 2016, sec. 4.1)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = Convolution(channels, channels)
        self.second = Convolution(channels, channels, active=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to the same shape."""
        return functional.relu(x + self.second(self.first(x)))


class Trunk(nn.Module):
    """Image (B, 3, 128, 128) → maps at strides 4, 8, 16 and 32.

    The first layer reads patches of 8 px every 4 px: maps at stride 2 would cost more than all the rest.
    """

    def __init__(self, sizes: NetworkSizes) -> None:
        super().__init__()
        stages, into = [], 3
        for level, (width, blocks) in enumerate(zip(sizes.widths, sizes.blocks, strict=True)):
            first = Convolution(3, width, 8, 4) if level == 0 else Convolution(into, width, 3, 2)
            stages.append(nn.Sequential(first, *(Residual(width) for _ in range(blocks))))
            into = width
        self.stages = nn.ModuleList(stages)

    def forward(self, image: Tensor) -> list[Tensor]:
        """The maps of the stages, finest first."""
        maps = []
        for stage in self.stages:
            image = stage(image)
            maps.append(image)
        return maps


class Pyramid(nn.Module):
    """Maps of the trunk → one map (B, C, 32, 32) that knows the whole face (Lin et al. 2017)."""

    def __init__(self, widths: tuple[int, ...], channels: int) -> None:
        super().__init__()
        self.lateral = nn.ModuleList([nn.Conv2d(width, channels, 1) for width in widths])
        self.smooth = Convolution(channels, channels)

    def forward(self, maps: list[Tensor]) -> Tensor:
        """Add coarse maps to fine ones, from the coarsest on."""
        top = self.lateral[-1](maps[-1])
        for level in range(len(maps) - 2, -1, -1):
            top = functional.interpolate(top, scale_factor=2.0, mode="nearest") + self.lateral[level](maps[level])
        return self.smooth(top)


def sample_maps(maps: list[Tensor], points: Tensor) -> Tensor:
    """Read maps (B, C, H, W) at points (B, P, 2) in crop units: (B, P, sum of C), bilinear."""
    read = [functional.grid_sample(each, points[:, :, None], align_corners=False)[..., 0] for each in maps]
    return torch.cat(read, 1).transpose(1, 2)


def lit(image: Tensor) -> Tensor:
    """Make dark crops (B, 3, H, W), whitened colours, as bright as most: what is learnt in light serves there too."""
    colours = image * SD_COLOUR + MEAN_COLOUR
    brightest = functional.avg_pool2d(colours, LIT_PATCH).amax((1, 2, 3), keepdim=True)
    gain = (LIT / brightest.clamp(min=LIT / MOST_LIT)).clamp(min=1.0)
    return (colours * gain - MEAN_COLOUR) / SD_COLOUR


class PointHead(nn.Module):
    """Local features at each point → its correction, log sigma, visibility, a summary for identity, trust in offsets.

    Weights of the last layer are each point's own; a learnt embedding tells the shared layers which point it is.
    """

    def __init__(self, sizes: NetworkSizes, hidden: int = 96, last: int = 64) -> None:
        super().__init__()
        self.outputs = 5 + sizes.summary
        self.embedding = nn.Parameter(torch.randn(sizes.points, sizes.embedding) * 0.3)
        self.local = nn.Linear(sizes.pyramid + sizes.widths[0], hidden)
        self.context = nn.Sequential(nn.Linear(sizes.hidden, 48), nn.Linear(48, hidden))
        self.which = nn.Linear(sizes.embedding, hidden)
        self.off = nn.Linear(2, hidden, bias=False)
        self.mix = nn.Linear(hidden, last)
        self.own = nn.Parameter(torch.randn(sizes.points, last, self.outputs) * 0.02)

    def forward(self, features: Tensor, offsets: Tensor, state: Tensor) -> Tensor:
        """Map features (B, P, C), the detector's offsets (B, P, 2) and the state (B, hidden) to (B, P, outputs)."""
        which = self.which(self.embedding)[None]
        seen = self.local(features) + self.off(offsets * OFFSET_SCALE)
        mixed = functional.relu(seen + self.context(state)[:, None] + which)
        mixed = functional.relu(self.mix(mixed))
        # one product for each point, written as a batched matrix product over points
        return torch.bmm(mixed.transpose(0, 1), self.own).transpose(0, 1)


class DenseLandmarkNetwork(nn.Module):
    """The whole network; the buffers hold statistics of the training set (see train/landmarks/training.py).

    Attributes:
        mean_points: (P, 2). more_matrix: from offsets of the detector's points, flat, to those of the others.
    """

    mean_points: Tensor
    more_matrix: Tensor

    def __init__(self, sizes: NetworkSizes) -> None:
        super().__init__()
        self.sizes = sizes
        detected, width = 2 * DETECTED, sizes.widths[-1]
        self.trunk = Trunk(sizes)
        self.pyramid = Pyramid(sizes.widths, sizes.pyramid)
        self.reduce = Convolution(width, 64, 1)
        self.from_image = nn.Linear(64 * 16, sizes.hidden)
        self.look = nn.Sequential(nn.ReLU(), nn.Linear(sizes.hidden, sizes.hidden), nn.ReLU())
        self.from_points = nn.Sequential(nn.Linear(detected, 256), nn.ReLU(), nn.Linear(256, sizes.hidden))
        self.state = nn.Sequential(nn.ReLU(), nn.Linear(sizes.hidden, sizes.hidden), nn.ReLU())
        self.shift = nn.Linear(sizes.hidden, 2 * sizes.points)
        self.spread = nn.Linear(sizes.hidden, sizes.points)
        self.point_head = PointHead(sizes)
        summary = sizes.points * (2 + sizes.summary)
        self.person_first = nn.Linear(summary, 256)
        self.person_rest = nn.Sequential(nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU())
        self.forget = nn.Dropout(0.1)
        self.from_state = nn.Linear(sizes.hidden, 256)
        self.identity = nn.Linear(256, 2 * sizes.identity)
        self.expression = nn.Linear(256, sizes.expression)
        self.parts = nn.Conv2d(sizes.pyramid, PARTS, 1)
        self._small_start()
        self.register_buffer("mean_points", torch.zeros(sizes.points, 2))
        self.register_buffer("more_matrix", torch.zeros(detected, 2 * (sizes.points - DETECTED)))
        self.held: tuple[str, ...] = ()

    def hold(self, parts: tuple[str, ...]) -> None:
        """Keep these parts as they are in training: their weights, and what their norms know of pictures."""
        self.held = parts
        for part in parts:
            self.get_submodule(part).requires_grad_(False)

    def train(self, mode: bool = True) -> DenseLandmarkNetwork:
        """Change the mode of all parts that are not held."""
        super().train(mode)
        for part in self.held:
            self.get_submodule(part).train(False)
        return self

    def _small_start(self) -> None:
        for layer, deviation in ((self.shift, 0.002), (self.identity, 0.01), (self.expression, 0.01)):
            nn.init.normal_(layer.weight, 0.0, deviation)
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.from_state.weight)
        nn.init.zeros_(self.from_state.bias)
        nn.init.zeros_(self.spread.weight)
        nn.init.constant_(self.spread.bias, -3.5)

    def _offsets(self, first: Tensor, detected: Tensor, known: Tensor | None) -> Tensor:
        """How far the detector's points lie from the first guess, and by them the other points: (B, P, 2)."""
        flat = (detected - first[:, :DETECTED]).flatten(1).clamp(-FARTHEST_OFFSET, FARTHEST_OFFSET)
        if known is not None:
            flat = flat * known[:, None]
        return torch.cat([flat, flat @ self.more_matrix], 1).view_as(first)

    def forward(self, image: Tensor, detected: Tensor, known: Tensor | None = None) -> NetworkOutput:
        """Look at crops.

        Args:
            image: (B, 3, 128, 128), whitened colours.
            detected: (B, 478, 2) the detector's points in crop units.
            known: (B,) 1 where there are such points, 0 where the picture is all; None: they are there.
        """
        return self.tell(self.read(image, detected, known))

    def read(self, image: Tensor, detected: Tensor, known: Tensor | None = None) -> Reading:
        """Look at crops as `forward` does, without its last layers."""
        sizes = self.sizes
        maps = self.trunk(lit(image))
        fine = self.pyramid(maps)
        look = self.from_image(self.reduce(maps[-1]).flatten(1))
        alone = self.look(look)
        first = self.mean_points + self.shift(alone).view(-1, sizes.points, 2)
        first_spread = self.spread(alone)
        # places where features are read are not learnt through: gradients of bilinear reading are noise here
        guess = first.detach()
        offsets = self._offsets(guess, detected, known)
        state = self.state(look + self.from_points(offsets[:, :DETECTED].flatten(1) * OFFSET_SCALE))
        local = sample_maps([fine, maps[0]], guess + READ_AT * offsets)
        return Reading(local, offsets, state, first, first_spread, fine, maps[-1])

    def tell(self, reading: Reading) -> NetworkOutput:
        """Say what was read."""
        first, first_spread, state = reading.first, reading.first_log_sigma, reading.state
        local = self.point_head(reading.local, reading.offsets, state)
        points = first + 0.1 * local[..., :2] + torch.sigmoid(local[..., -1:]) * reading.offsets
        spread = first_spread + local[..., 2]
        # the same points about their own middle: where the crop sits says nothing of the person
        middle = points.mean(1, keepdim=True)
        summary = torch.cat([(points - middle) * 3.0, local[..., 4:-1]], -1)
        person = self.person_rest(self.person_first(self.forget(summary.flatten(1))) + self.from_state(state))
        identity, identity_log_sd = self.identity(person).chunk(2, 1)
        return NetworkOutput(
            points,
            spread.clamp(LEAST_LOG_SIGMA, MOST_LOG_SIGMA),
            first,
            first_spread.clamp(LEAST_LOG_SIGMA, MOST_LOG_SIGMA),
            local[..., 3],
            identity,
            identity_log_sd.clamp(-4.0, 1.0),
            self.expression(person),
            self.parts(reading.fine),
            reading.grid,
        )
