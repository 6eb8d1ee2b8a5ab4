"""Faces as input: the named numbers of a 3D face become a few tokens of a conversation. Photos: photo_tokens.py."""

from __future__ import annotations

from torch import Tensor, nn


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
