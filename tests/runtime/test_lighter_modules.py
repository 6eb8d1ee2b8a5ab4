"""Steps of other packages that commands leave out change nothing of what these packages compute."""

from __future__ import annotations

import numba
import numpy as np
import pytest
import scipy.ndimage
from new_process import printed_by

LIGHTEN = "from facegpt.runtime.start.lighter_modules import lighten_modules\nlighten_modules()\n"


def test_scipy_without_documentation_computes_the_same() -> None:
    program = (
        "import numpy as np, scipy.ndimage, scipy.signal, scipy.spatial, scipy.special, scipy.linalg, scipy.stats\n"
        "x = np.arange(12.0).reshape(3, 4)\n"
        "print(scipy.ndimage.gaussian_filter(x, 1.5).tolist())"
    )
    whole = scipy.ndimage.gaussian_filter(np.arange(12.0).reshape(3, 4), 1.5).tolist()
    assert printed_by(LIGHTEN + program) == str(whole)


@pytest.mark.skipif(not numba.__version__.startswith("0.68."), reason="numba reads its kernels as it is")
def test_kernels_that_are_kept_are_read_without_the_compiler_and_others_are_compiled(tmp_path) -> None:
    (tmp_path / "kept_kernel.py").write_text(
        "import numpy as np\nfrom numba import njit\n\n\n"
        "@njit(cache=True)\ndef solved(x, names):\n"
        "    known = {name: x.sum() for name in names}\n"
        "    return (x @ np.ones(len(x))).sum() + x.max() + known['b']\n",
        "utf-8",
    )
    use = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport numpy as np\nfrom kept_kernel import solved\n"
        "told = solved(2 * np.eye(3), ('a', 'b'))\n"
        "ready = 'numba.np.polynomial.polynomial_core' in sys.modules\n"
        "from numba import njit\n"
        "print(told, ready, njit(lambda x: x.argmin())(np.array([2.0, 1.0])))"
    )
    assert printed_by(use) == "14.0 True 1"  # compiled, and kept
    assert printed_by(LIGHTEN + use) == "14.0 False 1"


@pytest.mark.skipif(not numba.__version__.startswith("0.68."), reason="numba reads its kernels as it is")
def test_a_kernel_that_is_compiled_may_call_one_that_was_read(tmp_path) -> None:
    (tmp_path / "inner_kernel.py").write_text(
        "from numba import njit\n\n\n@njit(cache=True)\ndef doubled(x):\n    return 2 * x\n", "utf-8"
    )
    use = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nfrom numba import njit\nfrom inner_kernel import doubled\n"
        "first = doubled(3)\n"
        "@njit\ndef more(x):\n    return doubled(x) + 1\n"
        "print(first, more(4), more(0.5), sum(doubled.stats.cache_hits.values()))"
    )
    assert printed_by(use) == "6 9 2.0 0"  # compiled, and kept
    assert printed_by(LIGHTEN + use) == "6 9 2.0 2"
