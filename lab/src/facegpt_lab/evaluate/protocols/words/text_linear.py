"""A rival for the rows of FaceGPT-Bench: the frozen base language model with a linear head on its mean-pooled states.

Ridge regression of what the labels say on the mean of the last hidden states over a text, one for new heads and one for
edits (lab/runs/language/linear_head.py). It reads no millimetres, relations or denials.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.targets import EMOTIONS, NETWORK_ATTRIBUTES
from facegpt.types import Array, AssetError
from facegpt_lab.evaluate.judges.ability import base_of
from facegpt_lab.evaluate.protocols.words.text_baselines import RivalReading, last_text, request_of
from facegpt_lab.synthesis.text_targets import Target

#: Weights: `<task>_weights` (D + 1, outputs), `<task>_scale` (2, D), `<task>_from` (4,) thresholds.
ASSET = "language_linear.npz"
K, N, E = len(NETWORK_ATTRIBUTES), len(EMOTIONS), len(ARKIT_NAMES)
AT_ONCE = 32
_MAN, _AGE, _EMOTION, _UNITS = K, K + 1, K + 4, K + 4 + N
OUTPUTS = K + 4 + N + E
_CENTURY = 100.0


def targets_of(target: Target) -> Array:
    """What the head is to say of one text, (OUTPUTS,): degrees, sex, age (named, from, to), emotion, units."""
    out = np.zeros(OUTPUTS)
    out[:K] = target.attribute_mean * target.attribute_mask
    out[_MAN] = target.sex
    if target.age_mask:
        out[_AGE : _AGE + 3] = 1.0, target.age_years[0] / _CENTURY, target.age_years[1] / _CENTURY
    out[_EMOTION + target.emotion] = 1.0
    out[_UNITS:] = target.expression * target.expression_gate
    return out


@dataclass(frozen=True)
class Linear:
    """One ridge regression.

    Attributes:
        mean, sd: (D,) of the states. weights: (D + 1, OUTPUTS), the last row is the constant.
        least: from which size a degree, a sex, an age and a unit count as said.
    """

    mean: Array
    sd: Array
    weights: Array
    least: Array

    @staticmethod
    def from_arrays(arrays: Mapping[str, Array], task: str) -> Linear:
        """Read the arrays of one task ("imagine" or "edit")."""
        scale = arrays[f"{task}_scale"].astype(float)
        return Linear(scale[0], scale[1], arrays[f"{task}_weights"].astype(float), arrays[f"{task}_from"].astype(float))

    def __call__(self, states: Array) -> Array:
        """Predict (B, OUTPUTS) from pooled states (B, D)."""
        standard = (states - self.mean) / self.sd
        return standard @ self.weights[:-1] + self.weights[-1]

    def reading(self, out: Array, is_edit: bool) -> RivalReading:
        """The reading of one prediction (OUTPUTS,)."""
        degrees = {name: float(out[k]) for k, name in enumerate(NETWORK_ATTRIBUTES) if abs(out[k]) >= self.least[0]}
        degrees = {name: float(np.sign(degree) * max(abs(degree), 1.0)) for name, degree in degrees.items()}
        sexed, aged = abs(out[_MAN]) >= self.least[1] and not is_edit, out[_AGE] >= self.least[2] and not is_edit
        low, high = np.sort(np.clip(out[_AGE + 1 : _AGE + 3] / max(float(out[_AGE]), 0.3), 0.01, 1.0)) * _CENTURY
        units = out[_UNITS:] >= self.least[3]
        request = request_of(
            degrees,
            {},
            is_edit,
            man=float(out[_MAN] > 0) if sexed else 0.5,
            age_years=(float(low), float(high)) if aged else None,
            expression=np.where(units, np.clip(2 * out[_UNITS:], 0, 1), 0.0),
            expression_named=units,
            emotion=EMOTIONS[int(out[_EMOTION : _EMOTION + N].argmax())],
        )
        return RivalReading(request)


class LinearHead:
    """Reads a text by the frozen base and a linear head.

    Args:
        ours: a language model on the same base.

    Raises:
        AssetError: if the weights are missing.
    """

    name = "frozen LM, linear head"

    def __init__(self, ours: Any) -> None:
        from facegpt_lab.assets import load_arrays

        arrays = load_arrays(ASSET)
        self.heads = {task == "edit": Linear.from_arrays(arrays, task) for task in ("imagine", "edit")}
        self.base, self.tokenizer = base_of(ours), ours.processor.tokenizer
        if self.heads[False].mean.shape[0] != self.base.config.hidden_size:
            raise AssetError(f"{ASSET} was made for another base model")

    def read(self, text: Any, face: Any = None, is_edit: bool = False) -> RivalReading:
        """Read a text, or the last message of a conversation."""
        head = self.heads[is_edit]
        return head.reading(head(pooled_states(self.base, self.tokenizer, [last_text(text)]))[0], is_edit)


def pooled_states(base: Any, tokenizer: Any, texts: Sequence[str]) -> Array:
    """The mean (B, D) of the last hidden states over each text, without its first token (an attention sink)."""
    import torch

    rows = []
    for start in range(0, len(texts), AT_ONCE):
        ids = [tokenizer("\n" + text)["input_ids"][:512] for text in texts[start : start + AT_ONCE]]
        longest = max(map(len, ids))
        padded = torch.tensor([row + [0] * (longest - len(row)) for row in ids])
        with torch.inference_mode():
            states = base.model(input_ids=padded, use_cache=False).last_hidden_state.float().numpy()
        rows += [states[k, 1 : len(row)].mean(0) for k, row in enumerate(ids)]
    return np.stack(rows)
