"""Which network follows a person best: errors in blocks of time that it has not learnt from, and when one is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import torch

from facegpt.fitting.mediapipe_points import SURFACE
from facegpt.personal.tuning import Decoder
from facegpt.personal.tuning_frames import LIP_PAIRS, TuningFrames
from facegpt.types import Array

#: Another network is kept if the mean log of its errors over the old one's is below the first, by more than so many
#: standard errors over the blocks, and the log of none of the errors is above the last.
BETTER, SURE, NO_WORSE = -0.01, 1.0, 0.01


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far a followed person is off in each of B held-back blocks of time, (B,) each.

    Attributes:
        colour: log. points, lips, lids: from the detector's points and gaps between them, % of the face.
    """

    colour: Array
    points: Array
    lips: Array
    lids: Array

    def over(self, other: Agreement) -> Array:
        """Logs of these errors over another's, (4, B)."""
        pairs = [(getattr(self, each.name), getattr(other, each.name)) for each in fields(self)]
        return np.stack([np.log(np.maximum(a, 1e-6) / np.maximum(b, 1e-6)) for a, b in pairs])

    def means(self) -> dict[str, float]:
        """Of all blocks, by name."""
        return {each.name: float(getattr(self, each.name).mean()) for each in fields(self)}


def agreement(decoder: Decoder, frames: TuningFrames) -> Agreement:
    """How well the avatar, as `frames` place it, agrees with those of them that are held back."""
    frames = frames.chosen(frames.block > 0)
    with torch.no_grad():
        placed = decoder.placed(torch.from_numpy(np.asarray(frames.expression, np.float32)), frames)
        colour = decoder.colour_error(placed, frames).numpy()
        gaps = 100 * np.abs(decoder.gaps_px(placed, frames).numpy() - frames.gaps) / frames.size[:, None]
    off = np.abs(frames.points[:, 0, :SURFACE] - frames.detected[:, 0, :SURFACE]).mean((1, 2))
    off = 100 * off * frames.crops.shape[-1] / 2 / frames.size
    lips = len(LIP_PAIRS)
    values = (colour, off, gaps[:, :lips].mean(1), gaps[:, lips:].mean(1))
    blocks = np.unique(frames.block)
    return Agreement(*(np.array([value[frames.block == one].mean() for one in blocks]) for value in values))


def chosen(errors: Mapping[str, Agreement]) -> str:
    """The network to keep: the best of those surely better than the first of `errors` and in nothing worse, or that."""
    names = list(errors)
    better = {}
    for name in names[1:]:
        changes = errors[name].over(errors[names[0]])
        blocks = changes.mean(0)
        doubt = SURE * float(blocks.std(ddof=1)) / np.sqrt(len(blocks)) if len(blocks) > 1 else 0.0
        if blocks.mean() < min(BETTER, -doubt) and changes.mean(1).max() < NO_WORSE:
            better[name] = float(blocks.mean())
    return min(better, key=lambda name: better[name]) if better else names[0]
