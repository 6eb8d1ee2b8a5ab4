"""Modules that commands never use stay out of memory, and are whole for whoever asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import transformers
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


@pytest.mark.skipif(not transformers.__version__.startswith("5.24."), reason="transformers is loaded whole")
def test_transformers_loads_neither_the_compiler_nor_what_shares_models_out() -> None:
    program = (
        "from transformers import AutoModelForCausalLM, GenerationMixin, LlamaConfig, PreTrainedModel\n"
        "sizes = {'hidden_size': 8, 'intermediate_size': 8, 'vocab_size': 8}\n"
        "told = LlamaConfig(num_hidden_layers=1, num_attention_heads=2, **sizes, bos_token_id=0, eos_token_id=7)\n"
        "model = AutoModelForCausalLM.from_config(told)\n"
        "print(model.generate(torch.tensor([[1, 2]]), max_new_tokens=3, min_new_tokens=3).shape[1])\n"
        "print([name in sys.modules for name in ('torch._dynamo.convert_frame', 'torch.distributed.tensor', 'sympy')])"
    )
    assert printed(program).split("\n") == ["5", "[False, False, False]"]


def test_functions_are_marked_for_a_compiler_that_is_not_there() -> None:
    program = (
        "double = torch.compiler.disable(lambda x: 2 * x)\n"
        "@torch.compiler.disable(recursive=False)\n"
        "def more(x): return double(x) + 1\n"
        "print(more(torch.ones(1)).tolist(), 'torch._dynamo.convert_frame' in sys.modules)"
    )
    assert printed(program) == "[3.0] False"


@pytest.mark.slow
def test_a_class_of_the_compiler_that_was_imported_before_it_makes_what_it_makes() -> None:
    program = (
        "from torch._dynamo._trace_wrapped_higher_order_op import TransformGetItemToIndex\n"
        "before = 'torch._dynamo.convert_frame' in sys.modules\n"
        "row = torch.arange(3)\n"
        "with TransformGetItemToIndex(): print(torch.vmap(lambda k: row[k])(torch.tensor([2, 0])).tolist())\n"
        "print(before, 'torch._dynamo.convert_frame' in sys.modules)"
    )
    assert printed(program).split("\n") == ["[2, 0]", "False True"]


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


def printed_of_modules(folder: Path, program: str, **texts: str) -> str:
    """What a program prints in a new process where modules of these texts are deferred and imported."""
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    start = (
        "import sys, threading, time\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from facegpt.runtime.start import deferred_modules\n"
        f"sys.path.insert(0, {str(folder)!r})\n"
        f"sys.meta_path.insert(0, deferred_modules._Finder({tuple(texts)!r}))\n"
    )
    return printed_by(start + "".join(f"import {name}\n" for name in texts) + program)


def test_a_thread_sees_no_module_that_another_one_has_half_loaded(tmp_path: Path) -> None:
    text = "import time\nfirst = 1\ntime.sleep(0.3)\ndef told(): return first + last\nlast = 2\n"
    program = (
        "with ThreadPoolExecutor(3) as pool:\n"
        "    late = [pool.submit(lambda name=name: (time.sleep(0.1 * (name != 'told')), getattr(slow, name))[1])\n"
        "            for name in ('told', 'last', 'first')]\n"
        "    print(late[0].result()(), late[1].result(), late[2].result(), hasattr(slow, 'other'), type(slow).__name__)"
    )
    assert printed_of_modules(tmp_path, program, slow=text) == "3 2 1 False module"


def test_threads_that_need_each_others_modules_do_not_wait_forever(tmp_path: Path) -> None:
    one = "import time, two\nhere = 1\ntime.sleep(0.2)\nthere = getattr(two, 'here', None)\n"
    program = (
        "with ThreadPoolExecutor(2) as pool:\n"
        "    begun = time.perf_counter()\n"
        "    found = [pool.submit(lambda module=module: module.there).result for module in (one, two)]\n"
        "    print([each() for each in found], time.perf_counter() - begun < 5)"
    )
    assert printed_of_modules(tmp_path, program, one=one, two=one.replace("two", "one")) == "[1, 1] True"


def test_a_module_that_cannot_be_loaded_fails_without_holding_others_up(tmp_path: Path) -> None:
    program = (
        "def ask():\n"
        "    try: return broken.name\n"
        "    except Exception as error: return type(error).__name__\n"
        "with ThreadPoolExecutor(2) as pool:\n"
        "    print(sorted(each.result() for each in [pool.submit(ask) for _ in range(2)]))"
    )
    text = "import time\ntime.sleep(0.2)\nraise ValueError('no')\n"
    assert printed_of_modules(tmp_path, program, broken=text) == "['AttributeError', 'ValueError']"
