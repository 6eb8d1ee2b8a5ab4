"""Words learnt by several processes that share out a base: the steps of one process, each with a half of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tiny_language import VOCABULARY, tiny_tokenizer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not torch.distributed.is_available() or not torch.distributed.is_gloo_available(),
        reason="torch was built without gloo",
    ),
]
WORKER = Path(__file__).with_name("words_worker.py")


def base_of_another_family(folder):
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(0)
    sizes = {"hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 4, "num_attention_heads": 4}
    ids = {"vocab_size": VOCABULARY, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    config = Qwen2Config(**sizes, **ids, num_key_value_heads=2, max_position_embeddings=512, tie_word_embeddings=True)
    Qwen2ForCausalLM(config).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


def worked(launcher, base, folder):
    folder.mkdir()
    paths = [str(WORKER.parent.parent), str(WORKER.parent.parent / "helpers"), *sys.path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *launcher, str(WORKER), str(base), str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The folders of a run of one process, and of one of two."""
    base = base_of_another_family(tmp_path_factory.mktemp("base"))
    folder = tmp_path_factory.mktemp("runs")
    two = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    return worked([], base, folder / "one"), worked(two, base, folder / "two")


def report(folder, rank=0):
    return json.loads((folder / f"report-{rank}.json").read_text(encoding="utf-8"))


def test_each_process_keeps_half_of_the_layers(runs):
    one, two = runs
    assert report(one)["shares"]["layers"] == 1.0
    shares = [report(two, rank)["shares"]["layers"] for rank in range(2)]
    assert sum(shares) == pytest.approx(1.0)
    assert max(shares) < 0.6


def test_two_halves_of_a_batch_teach_what_the_whole_does(runs):
    one, two = (load_file(folder / "learnt-0.safetensors") for folder in runs)
    assert one.keys() <= two.keys()
    assert all(not two[name].any() for name in two.keys() - one.keys())  # what a step doesn't reach has a mean of zero
    # Later gradients are of parameters that went a little apart: the first ones and the end are held together. A step
    # without faces leaves the face embedding alone in one process, and lets its momentum go on in several.
    missed = {name.split("/", 2)[2] for name in two.keys() - one.keys()}
    for name, value in one.items():
        if name.startswith("gradient/0/") or (name.startswith("parameter/") and name[10:] not in missed):
            torch.testing.assert_close(two[name], value, rtol=2e-3, atol=2e-5, msg=lambda text, n=name: f"{n}: {text}")


def test_replicas_of_what_is_learnt_stay_the_same(runs):
    _, two = runs
    first, second = (load_file(two / f"learnt-{rank}.safetensors") for rank in range(2))
    for name, value in first.items():
        assert torch.equal(second[name], value), name


def test_a_stopped_run_of_two_goes_on_to_the_same_end(runs):
    assert report(runs[1])["resumed"] < 1e-6


def test_the_whole_training_ends_in_a_model_that_loads(runs):
    from facegpt.language.loading import load_language_model

    for folder in runs:
        card = report(folder)["card"]
        assert card, "validation scores are missing"
        language = load_language_model(folder / "run" / "model")
        assert language.read("a woman with a big nose") is not None
    scores = [report(runs[1], rank)["card"] for rank in range(2)]
    assert scores[0] == scores[1]
