"""The teacher of one's own encoder, refined: pose and expression of frames on the colours that the avatar has there.

Each frame's pose and expression move a little, by Adam through the renderer, until the avatar's picture agrees with the
frame's, lips and lids are as far apart as they are seen, and the points stay near the detector's and near where they
were. Light and skin are held: they were found with the smoothed motion.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from facegpt.fitting.mediapipe_points import SURFACE
from facegpt.personal.tuning import Decoder
from facegpt.personal.tuning_frames import LIP_PAIRS, TuningFrames
from facegpt.types import Array

LIPS = len(LIP_PAIRS)


@dataclass(frozen=True)
class RefineSettings:
    """How frames are refined.

    Attributes:
        steps, batch: of Adam, frames at once. rates: of expression, turn (rad) and move (mm).
        colour_sd: of log colours. gap_sd, lid_sd: of gaps of lips and lids, point_sd: of points, share of the face.
        expression_sd, turn_sd, move_sd: how far the smoothed motion may be left (rad, mm).
    """

    steps: int = 24
    batch: int = 8
    rates: tuple[float, float, float] = (0.02, 0.002, 0.3)
    colour_sd: float = 0.04
    gap_sd: float = 0.008
    lid_sd: float = 0.03
    point_sd: float = 0.01
    expression_sd: float = 0.15
    turn_sd: float = 0.02
    move_sd: float = 3.0


def refined(
    frames: TuningFrames, decoder: Decoder, told: Callable[[float], None], settings: RefineSettings | None = None
) -> TuningFrames:
    """The frames, expression and points refined by drawing the person's head; `told` gets the share done, 0..1."""
    settings, count = settings or RefineSettings(), len(frames.size)
    expression, points = frames.expression.copy(), frames.points.copy()
    for begin in range(0, count, settings.batch):
        rows = np.arange(begin, min(begin + settings.batch, count))
        expression[rows], points[rows] = _refined(frames.chosen(rows), decoder, settings)
        told((begin + len(rows)) / count)
    return replace(frames, expression=expression, points=points)


def _refined(frames: TuningFrames, decoder: Decoder, settings: RefineSettings) -> tuple[Array, Array]:
    """Expression (B, 52) and points (B, V, P, 2) of some frames."""
    start = torch.from_numpy(np.asarray(frames.expression, np.float32))
    weights = start.clone().requires_grad_()
    turn, move = (torch.zeros(len(start), 3, requires_grad=True) for _ in range(2))
    rates = zip((weights, turn, move), settings.rates, strict=True)
    optimiser = torch.optim.Adam([{"params": [value], "lr": rate} for value, rate in rates], betas=(0.8, 0.95))
    detected = torch.from_numpy(frames.detected[:, 0, :SURFACE])
    size = torch.from_numpy((frames.size * 2 / frames.crops.shape[-1]).astype(np.float32))[:, None, None]
    before = decoder.points(decoder.placed(start, frames), frames)
    offset = (before[:, :SURFACE] - detected).mean(0, keepdim=True)  # where the head's points always lie
    for _ in range(settings.steps):
        placed = _moved(decoder.placed(weights.clamp(0, 1), frames), turn, move)
        off = (decoder.points(placed, frames)[:, :SURFACE] - detected - offset) / size / settings.point_sd
        gaps = (decoder.gaps_px(placed, frames) - _like(frames.gaps, off)) / _like(frames.size, off)[:, None]
        loss = decoder.colour_error(placed, frames) / settings.colour_sd + torch.log1p(off.square().sum(-1)).mean(1)
        loss = (
            loss + (gaps[:, :LIPS] / settings.gap_sd).abs().mean(1) + (gaps[:, LIPS:] / settings.lid_sd).abs().mean(1)
        )
        loss = loss + ((weights - start) / settings.expression_sd).square().mean(1)
        loss = loss + (turn / settings.turn_sd).square().sum(1) + (move / settings.move_sd).square().sum(1)
        optimiser.zero_grad()
        loss.sum().backward()
        optimiser.step()
    with torch.no_grad():
        final = weights.clamp(0, 1)
        shift = (decoder.points(_moved(decoder.placed(final, frames), turn, move), frames) - before).numpy()
    return final.numpy(), frames.points + _in_views(frames, shift)


def _in_views(frames: TuningFrames, shift: Array) -> Array:
    """A shift of points in the first views (B, P, 2) in all views (B, V, P, 2)."""
    back = np.linalg.inv(frames.to_crop[:, :1, :, :2])
    turned = frames.to_crop[..., :2] @ back
    return np.einsum("bvij,bpj->bvpi", turned, shift).astype(np.float32)


def _moved(placed: Tensor, turn: Tensor, move: Tensor) -> Tensor:
    """Heads (B, V, 3) turned about their own middle by small rotation vectors and moved."""
    middle = placed.mean(1, keepdim=True).detach()
    off = placed - middle
    return placed + torch.cross(turn[:, None].expand_as(off), off, dim=-1) + move[:, None]


def _like(values: Array, other: Tensor) -> Tensor:
    return torch.from_numpy(np.asarray(values)).to(other.dtype)
