"""Adapters that learn at a high rank and are kept at a low one."""

from __future__ import annotations

import torch
from safetensors.torch import save_file
from tiny_language import tiny_llama

from facegpt.language.model.lora import Adapters
from lab.runs.language.readers.words_adapter import RANK, mean_of
from lab.runs.language.together.low_rank import begin_as, of_rank

IDS = torch.tensor([[7, 20, 31, 45]])


def stirred(adapters: Adapters) -> Adapters:
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in adapters.parameters():
            parameter.copy_(0.05 * torch.randn_like(parameter))
    return adapters


def test_adapters_of_higher_rank_begin_with_what_those_of_lower_rank_do():
    base = tiny_llama().eval()
    low = stirred(Adapters(base, 3, 6.0, 2))
    expected = base(IDS).logits
    low.acting = False
    begin_as(high := Adapters(base, 8, 16.0), {f"adapters.{k}": v for k, v in low.state_dict().items()})
    assert torch.allclose(base(IDS).logits, expected, atol=1e-5)
    high.acting = False
    assert not torch.allclose(base(IDS).logits, expected, atol=1e-3)


def test_the_kept_rank_is_the_nearest_product_of_that_rank():
    adapters = stirred(Adapters(tiny_llama(), 6, 12.0))
    kept = of_rank(adapters.state_dict(), 2)
    for name, adapter in adapters.items():
        product = adapter.up @ adapter.down
        nearest = kept[f"{name}.up"] @ kept[f"{name}.down"]
        singular = torch.linalg.svdvals(product)
        assert kept[f"{name}.down"].shape[0] == 2
        assert torch.allclose((product - nearest).norm() ** 2, (singular[2:] ** 2).sum(), rtol=1e-3)


def test_at_full_rank_nothing_is_lost():
    adapters = stirred(Adapters(tiny_llama(), 4, 8.0))
    kept = of_rank(adapters.state_dict(), 4)
    for name, adapter in adapters.items():
        assert torch.allclose(kept[f"{name}.up"] @ kept[f"{name}.down"], adapter.up @ adapter.down, atol=1e-6)


def test_the_mean_of_two_runs_is_the_mean_of_what_their_adapters_add(tmp_path):
    files, products = [], []
    for seed in range(2):
        torch.manual_seed(seed)
        down, up = torch.randn(3, 12), torch.randn(9, 3)
        files.append(tmp_path / f"{seed}.safetensors")
        save_file({"words_adapters.a.down": down, "words_adapters.a.up": up, "face_row": torch.ones(4)}, files[-1])
        products.append(up @ down)
    found = mean_of(files)
    wanted = (products[0] + products[1]) / 2
    assert torch.allclose(found["words_adapters.a.up"] @ found["words_adapters.a.down"], wanted, atol=1e-5)
    assert found["words_adapters.a.down"].shape[0] <= RANK
