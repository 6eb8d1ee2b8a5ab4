"""Kernels that a process compiled without calling them are read, and compute the same, where they are called."""

from __future__ import annotations

import numba
import pytest
from new_process import printed_by

KERNELS = """
import numpy as np
from numba import njit


@njit(cache=True)
def longer(x, of):
    return x if x > of else of + len(np.zeros(3))


@njit(cache=True)
def inner(x):
    total = 0.0
    for value in x:
        total += longer(value, 1.0)
    return total


@njit(cache=True, nogil=True)
def outer(x, factor):
    if len(x) < 2:
        raise ValueError("too few")
    return factor * x.sum() + inner(x)
"""


@pytest.mark.skipif(not numba.__version__.startswith("0.68."), reason="numba compiles as ever")
def test_kernels_compiled_alone_compute_what_others_do(tmp_path) -> None:
    (tmp_path / "some_kernels.py").write_text(KERNELS, "utf-8")
    begin = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
    alone = (
        "from facegpt.runtime.start.kernels_alone import compile_alone\n"
        "print(compile_alone({('some_kernels', 'outer'), ('some_kernels', 'inner')}))\n"
        "from facegpt.runtime.start.compiling import compile_kernel\n"
        "compile_kernel('some_kernels', 'outer', '(float64[::1], int64)')\n"
        "compile_kernel('some_kernels', 'inner', '(float64[::1],)')\n"
    )
    assert printed_by(begin + alone) == "True"
    kept = {file.name.split("-")[0] for file in (tmp_path / "__pycache__").glob("*.nbi")}
    assert kept == {"some_kernels.inner", "some_kernels.outer"}  # what they call is part of them
    use = (
        "import numpy as np\nfrom some_kernels import inner, longer, outer\n"
        "x = np.array([0.5, 2.0, 3.0])\n"
        "told = outer(x, 2), inner(x), longer(0.0, 1.0)\n"
        "try:\n    outer(x[:1], 2)\n"
        "except ValueError as error:\n"
        "    print(error, *told, *(sum(k.stats.cache_hits.values()) for k in (outer, inner)))"
    )
    lighten = "from facegpt.runtime.start.lighter_modules import lighten_modules\nlighten_modules()\n"
    for start in (begin, begin + lighten):  # 2 (0.5 + 2 + 3) and 4 + 2 + 3
        assert printed_by(start + use) == "too few 20.0 9.0 4.0 1 1"


@pytest.mark.skipif(not numba.__version__.startswith("0.68."), reason="numba compiles as ever")
def test_kernels_that_are_kept_already_are_read_by_who_compiles_alone(tmp_path) -> None:
    (tmp_path / "some_kernels.py").write_text(KERNELS, "utf-8")
    begin = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
    lighten = "from facegpt.runtime.start.lighter_modules import lighten_modules\nlighten_modules()\n"
    compiled = "from some_kernels import inner, outer\ninner.compile('(float64[::1],)')\n"
    printed_by(begin + compiled + "outer.compile('(float64[::1], int64)')")
    alone = (
        "from facegpt.runtime.start.kernels_alone import compile_alone\n"
        "compile_alone({('some_kernels', 'outer'), ('some_kernels', 'inner')})\n"
    )
    for start in (begin, begin + lighten):
        told = "print(len(inner.overloads), sum(inner.stats.cache_hits.values()))"
        assert printed_by(start + alone + compiled + told) == "1 1"
