"""Weights of a Llama-like model out of a GGUF file, under the names and in the row order that transformers wants."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facegpt.types import AssetError

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

#: llama.cpp's names of the tensors outside and inside block N, and what transformers calls them.
_OUTSIDE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
_IN_BLOCK = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_BLOCK = re.compile(r"blk\.(\d+)\.(\w+)")
#: Follows from the settings, which hold the base of the rotary positions.
_LEFT_OUT = frozenset(["rope_freqs.weight"])


def read_weights(gguf: Path, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Dequantised weights of the causal language model in `gguf`, by their names in transformers.

    Args:
        gguf: a file of the architecture "llama", quantised in any way that the package `gguf` knows.
        dtype: of the result; the arithmetic is in float32.

    Raises:
        AssetError: if it is a model of another architecture, or has a tensor that such a model lacks.
    """
    import torch
    from gguf import GGUFReader, dequantize

    reader = GGUFReader(gguf)
    architecture = _setting(reader, gguf, "general.architecture")
    if architecture != "llama":
        raise AssetError(f"'{gguf}' is a model of the architecture '{architecture}'; only 'llama' can be read")
    heads = {
        "attn_q": _setting(reader, gguf, "llama.attention.head_count"),
        "attn_k": _setting(reader, gguf, "llama.attention.head_count_kv"),
    }
    weights = {}
    for tensor in reader.tensors:
        if tensor.name in _LEFT_OUT:
            continue
        values = dequantize(tensor.data, tensor.tensor_type)
        block = _BLOCK.match(tensor.name)
        if block and block[2] in heads:
            values = _halves_apart(values, heads[block[2]])
        weights[_name(tensor.name, gguf)] = torch.from_numpy(values.copy()).to(dtype)  # a copy: the file is mapped
    return weights


def _setting(reader: Any, gguf: Path, key: str) -> Any:
    field = reader.get_field(key)
    if field is None:
        raise AssetError(f"'{gguf}' does not say its {key}")
    raw = field.parts[field.data[0]]
    return bytes(raw).decode("utf-8") if raw.dtype == "uint8" else int(raw[0])


def _name(tensor: str, gguf: Path) -> str:
    stem, _, kind = tensor.rpartition(".")
    block = _BLOCK.fullmatch(stem)
    if block and block[2] in _IN_BLOCK:
        return f"model.layers.{block[1]}.{_IN_BLOCK[block[2]]}.{kind}"
    if stem in _OUTSIDE:
        return f"{_OUTSIDE[stem]}.{kind}"
    raise AssetError(f"'{gguf}' has a tensor '{tensor}' that a Llama has not")


def _halves_apart(rows: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows of a query or key projection with the two halves of each head one after the other.

    llama.cpp turns neighbouring rows by one angle (rotary positions), transformers rows half a head apart.
    """
    pairs = rows.reshape(heads, rows.shape[0] // heads // 2, 2, *rows.shape[1:])
    return pairs.swapaxes(1, 2).reshape(rows.shape)
