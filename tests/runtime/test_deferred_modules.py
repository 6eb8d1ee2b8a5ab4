"""Modules that commands never use stay out of memory, and are whole for whoever asks for them."""

from __future__ import annotations

import pytest
import torch
from new_process import printed_by

from facegpt.runtime.start.deferred_modules import KNOWN_TORCH

pytestmark = pytest.mark.skipif(not torch.__version__.startswith(KNOWN_TORCH), reason="torch is loaded whole")


def printed(program: str) -> str:
    """What a program prints in a new process that has deferred its modules."""
    start = "from facegpt.runtime.start.deferred_modules import defer_modules\ndefer_modules()\nimport sys, torch\n"
    return printed_by(start + program)


def test_torch_computes_without_its_tracing() -> None:
    program = (
        "x = torch.arange(4.0).requires_grad_(); (x @ x).backward()\n"
        "print(x.grad.tolist(), 'torch._prims' in sys.modules, 'torch._decomp' in sys.modules)"
    )
    assert printed(program) == "[0.0, 2.0, 4.0, 6.0] False False"


@pytest.mark.slow
def test_who_asks_for_tracing_gets_it_whole() -> None:
    program = (
        "network = torch.nn.Linear(3, 2)\n"
        "told = torch.export.export(network, (torch.ones(1, 3),)).module()(torch.ones(1, 3))\n"
        "print(torch.equal(told, network(torch.ones(1, 3))), 'torch._decomp' in sys.modules)\n"
        "print(torch.compile(lambda x: 2 * x + 1, backend='eager')(torch.ones(2)).tolist())"
    )
    assert printed(program).split("\n") == ["True True", "[3.0, 3.0]"]


@pytest.mark.slow
def test_compiling_alone_loads_what_it_needs() -> None:
    program = (
        "print(torch.compile(lambda x: 2 * x + 1, backend='eager')(torch.ones(2)).tolist(), "
        "'torch._decomp' in sys.modules)"
    )
    assert printed(program) == "[3.0, 3.0] True"


def test_optimisers_are_there_when_they_are_asked_for() -> None:
    program = (
        "x = torch.ones(2, requires_grad=True); steps = torch.optim.SGD([x], lr=0.25)\n"
        "known = 'torch.optim.sgd' in sys.modules\n"
        "from torch.optim.lr_scheduler import StepLR\n"
        "StepLR(steps, 1); x.sum().backward(); steps.step(); print(x.tolist(), known)"
    )
    assert printed(program) == "[0.75, 0.75] True"


def test_names_with_underscores_load_a_module_like_any_other() -> None:
    program = (
        "from scipy.spatial.transform import Rotation\n"
        "print(Rotation.from_matrix([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]).as_rotvec(degrees=True).round(3).tolist())\n"
        "import torch.profiler; later = type(sys.modules['torch.profiler'])\n"
        "print(hasattr(torch.profiler, '__path__'), type(sys.modules['torch.profiler']) is later)"
    )
    assert printed(program).split("\n") == ["[0.0, 0.0, 90.0]", "True True"]
