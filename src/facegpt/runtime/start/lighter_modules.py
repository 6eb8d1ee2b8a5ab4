"""Steps of other packages that each start repeats and that no command needs, left out as their modules are loaded.

SciPy parses and writes anew the documentation of hundreds of functions when it is imported: a third of its import.
Numba makes its compiler ready, with some thirty modules and a thousand declarations, before it reads its first kernel
from the disk; the compiler does so itself when something is compiled. Versions that are not known stay as they are.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


class _NoDocs(defaultdict[str, list[Any]]):
    """Stands for SciPy's parsed documentation of a function: nothing is read, and an empty one is written."""

    def __init__(self, function: Any) -> None:
        super().__init__(list)

    def __str__(self) -> str:
        return "\n"  # its reader leaves the first line out


def _without_docs(module: ModuleType) -> None:
    module.FunctionDoc = _NoDocs  # type: ignore[attr-defined]


def _read_without_setting_up(caching: ModuleType) -> None:
    """Let numba's cache give machine code with ready what that calls: the memory manager, and functions that hash."""

    def load_overload(self: Any, signature: Any, target: Any) -> Any:
        from numba.core.runtime import rtsys
        from numba.cpython import hashing  # noqa: F401

        rtsys.initialize(target)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(signature, target)

    caching.Cache.load_overload = load_overload


def _without_lock_events(base: ModuleType) -> None:
    """Tell nobody of each call of LLVM: nobody listens, and kernels that are read make thirteen thousand of them."""
    base.ll.ffi.lib._lock._cblist.clear()


#: What is done to a module when it has been loaded, and the versions of its package for which that is right.
_LIGHTER: dict[str, tuple[str, Callable[[ModuleType], None]]] = {
    "scipy._lib._array_api": ("1.17.", _without_docs),
    "scipy._lib._util": ("1.17.", _without_docs),
    "numba.core.base": ("0.68.", _without_lock_events),
    "numba.core.caching": ("0.68.", _read_without_setting_up),
}


def lighten_modules() -> None:
    """Leave these steps out from here on in this process; modules that are loaded already stay as they are."""
    sys.meta_path.insert(0, _Finder())


class _Finder:
    """Finds the modules of _LIGHTER, with what is done to them after they are loaded."""

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in _LIGHTER:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Lightened(spec.loader)  # type: ignore[assignment]
        return spec


class _Lightened:
    """Loads a module as `inner` does, and takes its step out."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.inner.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = module.__loader__ = self.inner
        self.inner.exec_module(module)
        versions, lighten = _LIGHTER[module.__name__]
        if getattr(sys.modules[module.__name__.split(".")[0]], "__version__", "").startswith(versions):
            lighten(module)
