"""Stage 2 of SPARK (Baert et al. 2024): the dense landmark network tuned to one person, with their avatar as decoder.

What the network reads off a picture stays; its last layers learn, without labels, from the person's own clips. The
points are taught by the person's head as the smoothed motion places it. The expression is decoded by the avatar: its
picture under the frame's light against the frame, its lips and lids against how far they are apart, and the smoothed
motion. What is learnt is kept only if it follows the frames better that were held back for checking.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from facegpt.assets import asset_path, load_arrays
from facegpt.conventions import ARKIT_NAMES, mirror_arkit_name, srgb_to_linear
from facegpt.encode.dense_landmarks import ASSET, POINTS_ASSET
from facegpt.encode.landmark_loss import point_loss
from facegpt.encode.landmark_network import MEAN_COLOUR, SD_COLOUR, DenseLandmarkNetwork, Reading
from facegpt.encode.stored_network import as_stored, stored_network
from facegpt.encode.stored_weights import stored_weights
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.personal.tuning_frames import LID_PAIRS, LIP_PAIRS, TuningFrames
from facegpt.render.base import Renderer, Topology, View
from facegpt.runtime import registry

log = logging.getLogger("facegpt")

#: Parameters that learn: the last layers of points, of the person's state and of the expression.
TUNED = (
    "point_head.own",
    "person_rest.1.weight",
    "person_rest.1.bias",
    "person_rest.3.weight",
    "person_rest.3.bias",
    "from_state.weight",
    "from_state.bias",
    "expression.weight",
    "expression.bias",
)
#: Side of the texture that the avatar is decoded with, texels.
TEXTURE_PX = 256
#: Added to linear radiance before a log; crops that are read at once.
_FLOOR, _AT_ONCE = 0.02, 32


@dataclass(frozen=True)
class TuningSettings:
    """How the network learns.

    Attributes:
        steps: of the points and the motion; decoded_steps: with pictures of the avatar too.
        batch, decoded_batch: crops a step. rate: of Adam, falling to a tenth.
        expression_sd: of the smoothed motion's weights. gap_sd: of gaps of the lips, share of the face's size, and
            lid_sd: of the lids, which are seen open by a slit where eyes are shut.
        colour_sd: of log colours. stay: how strongly parameters are drawn to what they were.
    """

    steps: int = 200
    decoded_steps: int = 80
    batch: int = 48
    decoded_batch: int = 8
    rate: float = 2e-3
    expression_sd: float = 0.08
    gap_sd: float = 0.008
    lid_sd: float = 0.03
    colour_sd: float = 0.15
    stay: float = 1e-3


class Decoder:
    """The avatar as what decodes expressions (B, 52): pictures, and gaps between lips and lids."""

    def __init__(self, head: MakeHumanHead, texture: NDArray[np.uint8]) -> None:
        self._head = head
        small = Image.fromarray(texture[..., :3]).resize((TEXTURE_PX, TEXTURE_PX), Image.Resampling.BOX)
        linear = srgb_to_linear(np.asarray(small) / 255.0).transpose(2, 0, 1)
        self._texture = torch.from_numpy(np.ascontiguousarray(linear, np.float32))[None]
        self._renderer: Renderer = registry.load("render")
        self._skin = head.part_names.index("skin")
        drawn = head.part != head.part_names.index("lashes") if "lashes" in head.part_names else head.part >= 0
        self._topology = Topology(
            torch.from_numpy(np.ascontiguousarray(head.triangles[drawn], np.int32)),
            torch.from_numpy(np.ascontiguousarray(head.uv, np.float32)),
            torch.from_numpy(np.ascontiguousarray(head.uv_triangles[drawn], np.int32)),
            torch.from_numpy(np.ascontiguousarray(head.part[drawn], np.uint8)),
        )
        marks = head.embedding("mediapipe478")
        dense = head.embedding("dense")
        self._dense = torch.from_numpy(dense.corners.astype(np.int64)), _tensor(dense.weights)
        pairs = torch.tensor([*LIP_PAIRS, *LID_PAIRS])
        self._corners = torch.from_numpy(marks.corners[pairs.ravel()].astype(np.int64))
        self._weights = _tensor(marks.weights[pairs.ravel()])

    def placed(self, expression: Tensor, frames: TuningFrames) -> Tensor:
        """Vertices (B, V, 3) mm in the frame of the cameras that see the frames' first views."""
        count = len(expression)
        identity = torch.zeros(count, self._head.sizes.identity)
        head = self._head.vertices(identity, expression, _tensor(frames.joints))
        return head @ _tensor(frames.rotation).transpose(1, 2) + _tensor(frames.place)[:, None]

    def points(self, placed: Tensor, frames: TuningFrames) -> Tensor:
        """The points of the embedding "dense" as the first views show them, (B, P, 2) crop units."""
        side = frames.crops.shape[-1]
        points = (placed[:, self._dense[0]] * self._dense[1][None, :, :, None]).sum(2)
        seen = points[..., :2] / points[..., 2:] * _tensor(frames.focal_px)[:, None, None]
        return (seen + _tensor(frames.principal_px)[:, None] + 0.5) * (2 / side) - 1

    def gaps_px(self, placed: Tensor, frames: TuningFrames) -> Tensor:
        """How far lips and lids are apart, (B, G), in pixels of the first views."""
        points = (placed[:, self._corners] * self._weights[None, :, :, None]).sum(2)
        seen = points[..., :2] / points[..., 2:] * _tensor(frames.focal_px)[:, None, None]
        seen = seen.unflatten(1, (-1, 2))
        return (seen[:, :, 0] - seen[:, :, 1]).norm(dim=-1)

    def colour_error(self, placed: Tensor, frames: TuningFrames) -> Tensor:
        """Mean distance (B,) of the log colours of the avatar's skin from the frames', brightness left aside."""
        side = frames.crops.shape[-1]
        view = View(_tensor(frames.focal_px), _tensor(frames.principal_px), side, side)
        drawn = self._renderer.render(placed, self._topology, self._texture, _tensor(frames.lighting), view)
        seen = torch.from_numpy(srgb_to_linear(frames.crops[:, 0] / 255.0).astype(np.float32)).permute(0, 2, 3, 1)
        sure = (drawn.part == self._skin) & (drawn.coverage > 0.99)
        weight = (sure * (_tensor(frames.visible) / 255)).detach()[..., None]
        off = torch.log(drawn.color + _FLOOR) - torch.log(seen + _FLOOR)
        total = weight.sum((1, 2)).clamp(min=1.0)
        off = off - ((off * weight).sum((1, 2)) / total).detach()[:, None, None]
        return (((off.square() + 1e-3).sqrt() * weight).sum((1, 2)) / total).mean(-1)


def tuned_weights(
    frames: TuningFrames,
    decoder: Decoder,
    habits: NDArray[np.floating],
    told: Callable[[float], None],
    settings: TuningSettings | None = None,
) -> dict[str, NDArray[Any]]:
    """Teach the last layers: the arrays that take the place of the file's, by their names there.

    Args:
        frames: to learn from.
        decoder: the avatar.
        habits: (52,) taken off the expression before learning begins (see `without_habits`).
        told: told the share that is done.
        settings: how.
    """
    settings = settings or TuningSettings()
    weights = stored_weights(asset_path(ASSET))
    network = stored_network(asset_path(ASSET), weights)
    with torch.no_grad():
        network.expression.bias.sub_(torch.from_numpy(np.asarray(habits, np.float32)))
    learnt = {name: value for name, value in network.named_parameters() if name in TUNED}
    for name, value in network.named_parameters():
        value.requires_grad_(name in learnt)
    reading, points, expression = _read(network, frames)
    before = {name: value.detach().clone() for name, value in learnt.items()}
    optimiser = torch.optim.Adam(learnt.values(), settings.rate)
    total = settings.steps + settings.decoded_steps
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, total, settings.rate / 10)
    random = np.random.default_rng(0)
    for step in range(total):
        rows = torch.from_numpy(random.integers(0, len(points), settings.batch))
        out = network.tell(_some(reading, rows))
        loss = point_loss(out.points, out.log_sigma, points[rows])
        loss = loss + ((out.expression - expression[rows]) / settings.expression_sd).square().mean()
        if step >= settings.steps:
            loss = loss + _decoded_loss(network, decoder, frames, reading, random, settings)
        for name, value in learnt.items():
            loss = loss + settings.stay * (value - before[name]).square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        told((step + 1) / total)
    return dict(as_stored(weights, name, value) for name, value in learnt.items())


def without_habits(habits: NDArray[np.floating]) -> dict[str, NDArray[Any]]:
    """The array that makes the network say less by `habits` (52,): what it reads off a person's face at rest."""
    weights = stored_weights(asset_path(ASSET))
    name = weights.name_of("expression.bias")
    return {name: (weights.arrays[name] - habits).astype(weights.arrays[name].dtype)}


def _decoded_loss(
    network: DenseLandmarkNetwork,
    decoder: Decoder,
    frames: TuningFrames,
    reading: Reading,
    random: np.random.Generator,
    settings: TuningSettings,
) -> Tensor:
    """Colours, lips and lids of the avatar with the expression that the network says of some frames' first views."""
    rows = random.integers(0, len(frames.size), settings.decoded_batch)
    some, first = frames.chosen(rows), torch.from_numpy(rows * frames.crops.shape[1])
    own = network.tell(_some(reading, first)).expression
    mirrored = network.tell(_some(reading, first + len(reading.state) // 2)).expression
    placed = decoder.placed(((own + mirrored[:, _mirrored_units()]) / 2).clamp(0, 1), some)
    off = (decoder.gaps_px(placed, some) - _tensor(some.gaps)) / _tensor(some.size)[:, None]
    gaps = (off[:, : len(LIP_PAIRS)] / settings.gap_sd).abs().mean() + (
        off[:, len(LIP_PAIRS) :] / settings.lid_sd
    ).abs().mean()
    return gaps + decoder.colour_error(placed, some).mean() / settings.colour_sd


def _tensor(values: NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, np.float32))


def _read(network: DenseLandmarkNetwork, frames: TuningFrames) -> tuple[Reading, Tensor, Tensor]:
    """What the frozen layers read off all views, those of the mirror images behind; their points and expressions."""
    crops, detected, points = (
        torch.from_numpy(values.reshape(-1, *values.shape[2:]))
        for values in (frames.crops, frames.detected, frames.points)
    )
    swap = torch.from_numpy(load_arrays(POINTS_ASSET)["mirror"].astype(np.int64))
    other = torch.tensor([-1.0, 1.0])
    detected = torch.cat([detected, detected[:, swap[: detected.shape[1]]] * other])
    points = torch.cat([points, points[:, swap] * other])
    expression = _tensor(np.repeat(frames.expression, frames.crops.shape[1], 0))
    parts = list[Reading]()
    with torch.no_grad():
        for k in range(0, len(detected), _AT_ONCE):
            rows = torch.arange(k, min(k + _AT_ONCE, len(detected)))
            batch = crops[rows % len(crops)].float() / 255
            batch = torch.where((rows < len(crops))[:, None, None, None], batch, batch.flip(3))
            reading = network.read((batch - MEAN_COLOUR) / SD_COLOUR, detected[rows])
            corner = reading.fine[:, :, :1, :1]  # the maps are not kept: nothing that is tuned reads them
            parts.append(replace(reading, local=reading.local.half(), fine=corner, grid=reading.state))
    whole = Reading(*(torch.cat([getattr(part, field.name) for part in parts]) for field in fields(Reading)))
    return whole, points, torch.cat([expression, expression[:, _mirrored_units()]])


def _some(reading: Reading, rows: Tensor) -> Reading:
    """Rows of a reading; its maps are left out."""
    part = Reading(*(getattr(reading, field.name)[rows] for field in fields(Reading)))
    return replace(part, local=part.local.float())


@cache
def _mirrored_units() -> Tensor:
    return torch.tensor([ARKIT_NAMES.index(mirror_arkit_name(name)) for name in ARKIT_NAMES])
