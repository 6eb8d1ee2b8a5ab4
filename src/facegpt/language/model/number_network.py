"""What the numbers of a turn are about, from the language model's states of the turn after those before it.

"One more millimetre" is of what the turn before changed, and in its direction. What it says joins the face head.
"""

from __future__ import annotations

from torch import Tensor, nn

from facegpt.language.head_request import MILLIMETRE_KINDS
from facegpt.language.model.face_head import NumberReader
from facegpt.language.targets import MEASURES_SPOKEN

WIDTH, DROPOUT, NOISE = 128, 0.25, 0.1


class NumberNetwork(nn.Module):
    """See the module's text.

    Args:
        size: of the states of a token, all layers.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.project = nn.Linear(size, WIDTH)
        self.is_edit = nn.Embedding(2, WIDTH)
        self.drop = nn.Dropout(DROPOUT)
        self.reader = NumberReader(WIDTH, len(MEASURES_SPOKEN), len(MILLIMETRE_KINDS), DROPOUT)

    def forward(
        self, states: Tensor, mask: Tensor, numbers: Tensor, is_edit: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Read numbers: logits (R, measures), (R, kinds), (R,) of a positive sign, (R,) of an age.

        Args:
            states: (B, T, layers, D) of the turns.
            mask: (B, T) bool, which tokens are there.
            numbers: (R, 3) turn, first token, token after the last.
            is_edit: (B,) bool, whether a given head is changed.
        """
        tokens = nn.functional.layer_norm(states, states.shape[-1:]).flatten(2)
        tokens = nn.functional.dropout(tokens, NOISE, self.training)
        seen = nn.functional.gelu(self.project(tokens)) + self.is_edit(is_edit.long())[:, None]
        return self.reader(self.drop(seen), mask, numbers)
