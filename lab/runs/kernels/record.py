"""Write the list of kernels that photos need: `python lab/runs/kernels/record.py`.

It reconstructs the bundled photo, and writes down each kernel that was called and the types of its arguments. To be run
after kernels have changed; a list that lags behind costs the first use some seconds, nothing else.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from numba.core.dispatcher import Dispatcher

from facegpt.cli.main import main
from facegpt.runtime.start.kernel_list import LIST

_ARRAY = re.compile(r"Array\((\w+), (\d), '([CFA])', False, aligned=True\)")


def short(match: re.Match[str]) -> str:
    """An array's type as numba's users write it."""
    dims = [":"] * int(match[2])
    if match[3] in "CF":
        dims[-1 if match[3] == "C" else 0] = "::1"
    return f"{match[1]}[{', '.join(dims)}]"


def size_of(kernel: Dispatcher) -> int:
    """Bytes that numba has kept of a kernel, its largest version."""
    start = f"{module_stem(kernel)}.{kernel.py_func.__name__}-"
    return max((file.stat().st_size for file in Path(kernel.stats.cache_path).glob(f"{start}*.nbc")), default=0)


def module_stem(kernel: Dispatcher) -> str:
    """The name of a kernel's file without its ending."""
    return Path(kernel.py_func.__code__.co_filename).stem


def called() -> Iterator[tuple[str, str, int, str]]:
    """Module, function, size of the code and types of all kernels that this process has called."""
    for module, content in sorted(sys.modules.items()):
        for name, value in sorted(vars(content).items()) if module.startswith("facegpt.") else ():
            if isinstance(value, Dispatcher) and value.py_func.__module__ == module:
                for types in value.overloads:
                    text = _ARRAY.sub(short, str(types))
                    if "omitted" not in text and "Dispatcher" not in text:
                        yield module, name, size_of(value), text


if __name__ == "__main__":
    photo = str(Path(sys.modules["facegpt"].__file__ or "").with_name("assets") / "astronaut.png")
    with tempfile.TemporaryDirectory() as place:
        os.environ["FACEGPT_HOME"] = f"{place}/nothing_kept"  # what makes kept tables is called
        for quality in ("fast", "balanced"):
            main(["reconstruct", photo, "-o", f"{place}/{quality}", "--quality", quality])
    rows = ["\t".join(map(str, row)) for row in called()]
    LIST.write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(rows)} kernels in {LIST}")
