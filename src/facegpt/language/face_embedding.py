"""Faces as input: named numbers of a 3D face, or the detector's landmarks, become a few tokens of a conversation."""

from __future__ import annotations

import torch
from torch import Tensor, nn

#: Coordinates of a detection that become tokens: x, y, z of MediaPipe's 478 points.
LANDMARK_NUMBERS = 478 * 3


class TokensFromNumbers(nn.Module):
    """A small perceptron from one face's numbers to `tokens` embeddings, as large as the base's own (its RMS).

    Shapes: (N, F) → (N, tokens, D).
    """

    def __init__(self, inputs: int, tokens: int, size: int, hidden: int = 256, rms: float = 0.1) -> None:
        super().__init__()
        self.tokens, self.size = tokens, size
        self.first = nn.Linear(inputs, hidden)
        self.second = nn.Linear(hidden, tokens * size)
        self.norm = nn.LayerNorm(size)
        self.norm.weight.data.fill_(rms)

    def forward(self, numbers: Tensor) -> Tensor:
        """Embed a batch of faces."""
        hidden = nn.functional.gelu(self.first(numbers))
        return self.norm(self.second(hidden).unflatten(-1, (self.tokens, self.size)))


def normalised_landmarks(points: Tensor) -> Tensor:
    """Centre landmarks (N, 478, 3) in pixels and divide by their spread: (N, 1434), the same wherever the face is."""
    centred = points - points.mean(dim=1, keepdim=True)
    spread = centred[..., :2].pow(2).mean(dim=(1, 2), keepdim=True).sqrt().clamp_min(1e-6)
    return torch.flatten(centred / spread, 1)
