"""The network from log-mel features to articulation: causal convolutions over time, in numpy, as the sound comes.

It hears DELAY vectors (60 ms) beyond the moment whose mouth it gives, so that lips can close before the sound.
Trained by lab/runs/speech/train.py; docs/model-cards/speech.md says on what.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from facegpt import assets
from facegpt.animate.speech.features import SILENT
from facegpt.animate.speech.phones import TRACKS
from facegpt.types import Array

ASSET = "networks/speech.npz"
#: Vectors heard after the moment that is drawn.
DELAY = 3
#: Each layer sees a vector and those once and twice so many before it: 17 vectors (340 ms) in all.
DILATIONS = (1, 1, 2, 4)


class ArticulationNetwork:
    """One listener of one sound: keeps of each layer's input what its convolution reaches back to.

    Silence is heard before the sound, and what it gives is the rest from which tracks are counted.
    """

    def __init__(self, arrays: dict[str, Array] | None = None) -> None:
        """arrays: trained weights by name, by default the shipped ones."""
        self._weights = _shipped() if arrays is None else arrays
        widths = [self._weights[f"layers.{layer}.weight"].shape[1] for layer in range(len(DILATIONS))]
        self._held = [np.zeros((2 * d, width), np.float32) for d, width in zip(DILATIONS, widths, strict=True)]
        self._rest = np.zeros(len(TRACKS))
        self._rest = self.push(np.full((1 + 2 * sum(DILATIONS), widths[0]), SILENT, np.float32))[-1]

    def push(self, features: Array) -> Array:
        """Take feature vectors (n, 80), give articulation (n, 9): row i belongs to DELAY vectors before vector i."""
        hidden = features
        for layer, dilation in enumerate(DILATIONS):
            seen = np.concatenate([self._held[layer], hidden])
            self._held[layer] = seen[len(seen) - 2 * dilation :]
            kernel, bias = self._weights[f"layers.{layer}.weight"], self._weights[f"layers.{layer}.bias"]
            made = sum(seen[k * dilation : k * dilation + len(hidden)] @ kernel[:, :, k].T for k in range(3)) + bias
            made = np.maximum(made, 0.0)
            hidden = made if hidden.shape != made.shape else hidden + made
        raw = hidden @ self._weights["leave.weight"].T + self._weights["leave.bias"]
        tracks = 0.5 * (1.0 + np.tanh(0.5 * raw[:, : len(TRACKS)]))
        found: Array = np.maximum(tracks - self._rest, 0.0) / (1 - self._rest)
        return found


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Array]:
    return {name: array.astype(np.float32) for name, array in assets.load_arrays(ASSET).items()}
