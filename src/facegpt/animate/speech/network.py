"""The network from log-mel features to articulation: two gated recurrent layers, run forward in numpy, step by step.

It hears DELAY vectors (60 ms) beyond the moment whose mouth it gives, so that lips can close before the sound.
Trained by runs/speech/train.py; docs/model-cards/speech.md says on what.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from facegpt import assets
from facegpt.animate.speech.phones import TRACKS
from facegpt.types import Array

ASSET = "networks/speech.npz"
#: Vectors heard after the moment that is drawn.
DELAY = 3


class ArticulationNetwork:
    """One listener of one sound: keeps what it has heard so far."""

    def __init__(self, arrays: dict[str, Array] | None = None) -> None:
        """arrays: trained weights by name, by default the shipped ones."""
        self._weights = _shipped() if arrays is None else arrays
        self._states = [
            np.zeros(self._weights[f"layers.{layer}.weight_hh_l0"].shape[1], np.float32) for layer in range(2)
        ]

    def push(self, features: Array) -> Array:
        """Take feature vectors (n, 80), give articulation (n, 9): row i belongs to DELAY vectors before vector i."""
        of = self._weights
        hidden = np.maximum(features @ of["enter.weight"].T + of["enter.bias"], 0.0)
        heard = []
        for layer in range(2):
            hidden, self._states[layer] = _gated(of, f"layers.{layer}", hidden, self._states[layer])
            heard.append(hidden)
        raw = np.concatenate(heard, 1) @ of["leave.weight"].T + of["leave.bias"]
        return _sigmoid(raw[:, : len(TRACKS)])


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Array]:
    return {name: array.astype(np.float32) for name, array in assets.load_arrays(ASSET).items()}


def _gated(of: dict[str, Array], name: str, inputs: Array, state: Array) -> tuple[Array, Array]:
    """A gated recurrent layer (Cho et al. 2014, gates in PyTorch's order): (n, D) → (n, H) and the last state."""
    size = len(state)
    given = inputs @ of[f"{name}.weight_ih_l0"].T + of[f"{name}.bias_ih_l0"]
    turned, bias = of[f"{name}.weight_hh_l0"].T.copy(), of[f"{name}.bias_hh_l0"]
    out = np.empty((len(inputs), size), np.float32)
    for step, here in enumerate(given):
        there = state @ turned + bias
        gates = _sigmoid(here[: 2 * size] + there[: 2 * size])
        fresh = np.tanh(here[2 * size :] + gates[:size] * there[2 * size :])
        state = fresh + gates[size:] * (state - fresh)
        out[step] = state
    return out, state


def _sigmoid(x: Array) -> Array:
    return 0.5 * (1.0 + np.tanh(0.5 * x))
