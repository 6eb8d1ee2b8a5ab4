"""Reading a GGUF gives the weights that transformers' own reader gives, without the package that that one needs."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from facegpt.language.model.base import BaseModel, _convert
from facegpt.language.model.gguf_llama import read_weights
from facegpt.types import AssetError

gguf = pytest.importorskip("gguf")
LAYERS, WIDTH, INNER, HEADS, KV_HEADS, WORDS = 2, 64, 96, 4, 2, 40
Q8, Q4, F16 = gguf.GGMLQuantizationType.Q8_0, gguf.GGMLQuantizationType.Q4_1, gguf.GGMLQuantizationType.F16


def write_gguf(path, kind, architecture="llama", extra=()):
    """A made-up model of random weights, quantised by the package `gguf`, with a tokenizer of single letters."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("toy")
    writer.add_context_length(128)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(WORDS)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(["<unk>", "<s>", "</s>", *(chr(ord("A") + n) for n in range(WORDS - 4)), "AB"])
    writer.add_token_types([3, 3, 3] + [1] * (WORDS - 3))
    writer.add_token_merges(["A B"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    rng = np.random.default_rng(7)
    narrow = WIDTH // HEADS * KV_HEADS
    shapes = {"token_embd": (WORDS, WIDTH), "output_norm": (WIDTH,), **{name: (WIDTH,) for name in extra}}
    for n in range(LAYERS):
        shapes |= {
            f"blk.{n}.attn_q": (WIDTH, WIDTH),
            f"blk.{n}.attn_k": (narrow, WIDTH),
            f"blk.{n}.attn_v": (narrow, WIDTH),
        }
        shapes |= {f"blk.{n}.attn_output": (WIDTH, WIDTH), f"blk.{n}.ffn_down": (WIDTH, INNER)}
        shapes |= {f"blk.{n}.ffn_{part}": (INNER, WIDTH) for part in ("gate", "up")}
        shapes |= {f"blk.{n}.{part}_norm": (WIDTH,) for part in ("attn", "ffn")}
    for name, shape in shapes.items():
        values = rng.normal(size=shape).astype(np.float32)
        if len(shape) == 1:
            writer.add_tensor(f"{name}.weight", values)
        else:
            writer.add_tensor(f"{name}.weight", gguf.quantize(values, kind), raw_dtype=kind)
    for step in (writer.write_header_to_file, writer.write_kv_data_to_file, writer.write_tensors_to_file, writer.close):
        step()
    return path


@pytest.mark.skipif(importlib.util.find_spec("accelerate") is None, reason="transformers' reader needs accelerate")
@pytest.mark.parametrize("kind", [Q8, Q4, F16])
def test_weights_are_those_that_transformers_reads(tmp_path, kind):
    from transformers import AutoModelForCausalLM

    path = write_gguf(tmp_path / "toy.gguf", kind)
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file=path.name, dtype=torch.float32).state_dict()
    theirs.pop("lm_head.weight")  # tied to the embedding
    ours = read_weights(path, torch.float32)
    assert set(ours) == set(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_the_converted_folder_loads_as_a_language_model_of_the_same_weights(tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    path = write_gguf(tmp_path / "toy.gguf", Q8)
    _convert(path, tmp_path / "made", BaseModel("toy==1", "toy.gguf", "0" * 64, 1, "toy"))
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "made", dtype=torch.float16)
    state, read = model.state_dict(), read_weights(path, torch.float16)
    assert all(torch.equal(state[name], read[name]) for name in read)
    assert torch.equal(model.lm_head.weight, read["model.embed_tokens.weight"])
    assert AutoTokenizer.from_pretrained(tmp_path / "made").convert_tokens_to_ids("B") == 4
    source = json.loads((tmp_path / "made" / "source.json").read_text())
    assert source["size"] == (tmp_path / "made" / "model.safetensors").stat().st_size


def test_a_bare_install_converts_without_accelerate_and_says_nothing(tmp_path):
    write_gguf(tmp_path / "toy.gguf", Q4)
    code = (
        "import sys; sys.modules['accelerate'] = None\n"  # as if it were not installed
        "from pathlib import Path\n"
        "from facegpt.language.model.base import BaseModel, _convert\n"
        "_convert(Path('toy.gguf'), Path('made'), BaseModel('toy==1', 'toy.gguf', '0' * 64, 1, 'toy'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "made" / "model.safetensors").is_file()


def test_a_model_of_another_kind_is_refused(tmp_path):
    with pytest.raises(AssetError, match="'gemma'"):
        read_weights(write_gguf(tmp_path / "other.gguf", F16, architecture="gemma"), torch.float32)
    with pytest.raises(AssetError, match=r"blk\.0\.attn_sinks"):
        read_weights(write_gguf(tmp_path / "odd.gguf", F16, extra=("blk.0.attn_sinks",)), torch.float32)
