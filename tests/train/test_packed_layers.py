"""Linear layers with packed weights are the layers that they were."""

from __future__ import annotations

import pytest
import torch
from tiny_language import stirred, tiny_reader_of_faces
from torch import nn

from facegpt.language.model.lora import Adapters
from facegpt.language.model.packed_layers import PackedLinear, can_pack, pack

pytestmark = pytest.mark.skipif(not can_pack(), reason="this torch multiplies by no packed weights")


@torch.no_grad()
@pytest.mark.parametrize("tokens", [1, 32, 200])
@pytest.mark.parametrize("bias", [True, False])
def test_a_packed_layer_gives_the_product_of_double_precision(tokens, bias):
    layer, x = nn.Linear(96, 160, bias), torch.randn(2, tokens, 96)
    exact = x.double() @ layer.weight.double().T + (layer.bias.double() if bias else 0.0)
    assert torch.allclose(PackedLinear(layer)(x).double(), exact, atol=1e-5)


@torch.no_grad()
def test_who_reads_or_saves_a_packed_model_finds_what_it_learnt():
    plain = nn.Sequential(nn.Linear(8, 12), nn.Sequential(nn.Linear(12, 4, bias=False)))
    saved = {name: value.clone() for name, value in plain.state_dict().items()}
    pack(plain)
    assert all(isinstance(layer, PackedLinear) for layer in (plain[0], plain[1][0]))
    assert torch.equal(plain[0].weight, saved["0.weight"])
    assert plain.state_dict().keys() == saved.keys()
    assert all(torch.equal(value, saved[name]) for name, value in plain.state_dict().items())


@torch.no_grad()
def test_a_base_in_float16_is_packed_as_it_was_written(tmp_path):
    written = nn.Sequential(nn.Linear(8, 12)).half()
    weight = written[0].weight.float().clone()
    pack(written)
    assert torch.equal(written.float()[0].weight, weight)


@torch.no_grad()
def test_adapters_act_on_packed_layers(tmp_path):
    plain = tiny_reader_of_faces(tmp_path / "plain").base.eval()
    adapters, ids = stirred(Adapters(plain, 3)), torch.tensor([[1, 20, 21, 22]])
    wanted, silent = plain(ids).logits, _silent(plain, adapters, ids)
    assert not torch.allclose(wanted, silent, atol=1e-3)

    layers = tiny_reader_of_faces(tmp_path / "packed").base.eval()
    layers.load_state_dict(plain.state_dict())
    pack(layers.base_model)
    again = Adapters(layers, 3)
    again.load_state_dict(adapters.state_dict())
    assert torch.allclose(layers(ids).logits, wanted, atol=1e-4)
    assert torch.allclose(_silent(layers, again, ids), silent, atol=1e-4)


def _silent(model: nn.Module, adapters: Adapters, ids: torch.Tensor) -> torch.Tensor:
    with adapters.acting_if(False):
        return model(ids).logits
