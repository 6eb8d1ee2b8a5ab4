"""The photo head: from the states of a photo's tokens and of `<FACE>` to a distribution over θ.

It sees several layers, the embedded tokens (layer 0) among them: what the encoder saw reaches it by that short way, and
the layers above add what the language model makes of it. One learnt query for each part of θ, joined with the state of
`<FACE>`, attends over the photo's own tokens, so that each of several faces is read by itself.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from facegpt.encode.photo_view import CELLS
from facegpt.language.model.face_head import Standardise
from facegpt.language.model.photo_theta import NUMBERS, SIZES

LEAST_LOG_SD, MOST_LOG_SD = -4.0, 1.5


class PhotoHeadOutput(NamedTuple):
    """mean, log_sd: (N, K) of the deviations that photo_theta.SLICES names."""

    mean: Tensor
    log_sd: Tensor


class PhotoHead(nn.Module):
    """See the module's text.

    Args:
        layers: how many layers' states it sees, the first of which is layer 0. size: D. tokens: S of one photo.
        width: its own D. heads: of its attentions. dropout, noise: in training, see face_head.Standardise.
    """

    sees: Tensor

    def __init__(
        self,
        layers: int,
        size: int,
        tokens: int,
        width: int = 192,
        heads: int = 4,
        dropout: float = 0.2,
        noise: float = 0.0,
    ) -> None:
        super().__init__()
        self.heads = heads
        self.standardise = Standardise(layers, size, noise)
        self.register_buffer("sees", torch.ones(layers))
        self.enter = nn.Linear(layers * size, width)
        self.place = nn.Parameter(torch.randn(tokens, width) * 0.1)
        self.enter_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.mix = nn.TransformerEncoderLayer(
            width, heads, 2 * width, dropout, "gelu", batch_first=True, norm_first=True
        )
        self.queries = nn.Parameter(torch.randn(len(SIZES), width) * 0.5)
        self.from_face = nn.Linear(layers * size, width)
        self.key, self.value = nn.Linear(width, width), nn.Linear(width, width)
        self.after = nn.Sequential(
            nn.LayerNorm(2 * width), nn.Linear(2 * width, width), nn.GELU(), nn.Linear(width, width), nn.GELU()
        )
        self.out = nn.ModuleDict({name: nn.Linear(width, 2 * numbers) for name, numbers in SIZES.items()})
        self._start_with_the_first_look()

    @torch.no_grad()
    def _start_with_the_first_look(self) -> None:
        """Before any training nothing deviates."""
        for layer in self.out.values():
            layer.weight.mul_(0.05)  # type: ignore[operator]
            layer.bias.zero_()  # type: ignore[operator]

    def see_layers(self, chosen: list[bool]) -> None:
        """Choose which of the layers are seen; the others count as their mean: the head without a language model."""
        self.sees.copy_(torch.tensor(chosen))

    def forward(self, states: Tensor, face: Tensor) -> PhotoHeadOutput:
        """Read N photos.

        Args:
            states: (N, S, layers, D) of each photo's tokens.
            face: (N, layers, D) of the `<FACE>` that asks for it.
        """
        together = self.standardise(torch.cat([states, face[:, None]], 1)) * self.sees[:, None]
        flat = together.flatten(2)
        tokens = self.mix(self.dropout(self.enter_norm(self.enter(flat[:, :-1]) + self.place)))
        query = self.queries + self.from_face(flat[:, -1])[:, None]
        q, k, v = (
            x.unflatten(-1, (self.heads, -1)).transpose(1, 2) for x in (query, self.key(tokens), self.value(tokens))
        )
        found = nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        geometry = tokens[:, CELLS:].mean(1, keepdim=True).expand_as(found)
        answers = self.after(torch.cat([found, geometry], 2))
        pieces = [layer(answers[:, k]).chunk(2, 1) for k, layer in enumerate(self.out.values())]
        mean, log_sd = (torch.cat(part, 1) for part in zip(*pieces, strict=True))
        assert mean.shape[1] == NUMBERS
        return PhotoHeadOutput(mean, log_sd.clamp(LEAST_LOG_SD, MOST_LOG_SD))
