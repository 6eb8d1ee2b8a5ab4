"""Steps of other packages that each start repeats and that no command needs, left out as their modules are loaded.

SciPy parses and writes anew the documentation of hundreds of functions when it is imported: a third of its import.
Numba makes its compiler ready, with some thirty modules and a thousand declarations, before it reads its first kernel
from the disk, and with each kernel it imports the modules of all functions that are part of it; the compiler does so
itself when something is compiled. Transformers imports what trains one model on many machines. Versions that are not
known stay as they are.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

#: How numba's names of the functions begin that Python calls.
_CALLED_BY_PYTHON = "_ZN7cpython"
#: In machine code that hashes, as the start of a name.
_HASHES = b"_numba_hashsecret"


class _NoDocs(defaultdict[str, list[Any]]):
    """Stands for SciPy's parsed documentation of a function: nothing is read, and an empty one is written."""

    def __init__(self, function: Any) -> None:
        super().__init__(list)

    def __str__(self) -> str:
        return "\n"  # its reader leaves the first line out


def _without_docs(module: ModuleType) -> None:
    module.FunctionDoc = _NoDocs  # type: ignore[attr-defined]


def _read_without_setting_up(caching: ModuleType) -> None:
    """Let numba's cache give machine code with ready what most of it calls: the memory manager."""

    def load_overload(self: Any, signature: Any, target: Any) -> Any:
        from numba.core.runtime import rtsys

        rtsys.initialize(target)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(signature, target)

    caching.Cache.load_overload = load_overload


class _LaterCache:
    """Stands for a function's cache on the disk until its first call: half of the functions are parts of others."""

    def __init__(self, make: Callable[[Any], Any], function: Any) -> None:
        self._make, self._function = make, function

    def __getattr__(self, name: str) -> Any:
        if "_made" not in vars(self):
            self._made = self._make(self._function)
        return getattr(self._made, name)


def _look_for_caches_later(caching: ModuleType) -> None:
    """Let numba make a function's cache when it is called, and try once a folder whether it may be written."""
    make, ensure = caching.FunctionCache, caching._CacheLocator.ensure_cache_path
    known: set[str] = set()

    def ensure_cache_path(self: Any) -> None:
        if (path := self.get_cache_path()) not in known:
            ensure(self)
            known.add(path)

    def cache_of(function: Any) -> _LaterCache:
        return _LaterCache(make, function)

    caching._CacheLocator.ensure_cache_path = ensure_cache_path
    caching.FunctionCache = cache_of  # type: ignore[attr-defined]


def _lighter_caches(caching: ModuleType) -> None:
    _read_without_setting_up(caching)
    _look_for_caches_later(caching)


def _without_modules_of_functions(environment: ModuleType) -> None:
    """Let numba read the environment of a function that is part of a kernel without importing that one's module.

    An environment holds Python objects for code that calls Python, and names its module for the next file.
    """

    def rebuild(module: str, constants: list[Any], name: str) -> Any:
        if (known := environment.lookup_environment(name)) is not None:
            return known
        loaded = sys.modules.get(module)
        made = environment.Environment({"__name__": module} if loaded is None else vars(loaded))
        made.consts[:] = constants
        made.env_name = name
        environment.Environment._memo[name] = made
        return made

    environment._rebuild_env = rebuild  # type: ignore[attr-defined]
    rebuild.__module__, rebuild.__qualname__ = environment.__name__, "_rebuild_env"  # as which it is pickled


def _without_lock_events(base: ModuleType) -> None:
    """Tell nobody of each call of LLVM: nobody listens, and kernels that are read make thirteen thousand of them."""
    base.ll.ffi.lib._lock._cblist.clear()


def _read_code_alone(codegen: ModuleType) -> None:
    """Let numba leave the bitcode of a function that it reads as bytes until something is compiled with it.

    A function is kept as machine code, which runs, and as bitcode, which numba parses to list its names. The name that
    Python calls is in all of them.
    """
    library, jit = codegen.CPUCodeLibrary, codegen.JITCodeLibrary
    read_whole, linked, pointer = (
        library._unserialize.__func__,
        library._get_module_for_linking,
        jit.get_pointer_to_function,
    )

    def unserialize(cls: Any, generator: Any, state: Any) -> Any:
        name, kind, data = state
        if kind != "object":
            return read_whole(cls, generator, state)
        self = generator.create_library(name)
        self.enable_object_caching()
        code, self._bitcode = data
        if _HASHES in code:
            from numba.cpython import hashing  # noqa: F401  (makes known to LLVM what the code hashes with)
        self._set_compiled_object(code)
        self._finalize_final_module()
        return self

    def parse(self: Any) -> None:
        if (bitcode := self.__dict__.pop("_bitcode", None)) is not None:
            self._shared_module = codegen.ll.parse_bitcode(bitcode)
            self._codegen._engine._load_defined_symbols(self._shared_module)

    def module_for_linking(self: Any) -> Any:
        parse(self)
        return linked(self)

    def pointer_to(self: Any, name: str) -> int:
        if name.startswith(_CALLED_BY_PYTHON) and "_bitcode" in self.__dict__:
            self._codegen._engine._defined_symbols.add(name)
        else:
            parse(self)
        return pointer(self, name)  # type: ignore[no-any-return]

    library._unserialize = classmethod(unserialize)
    library._get_module_for_linking = module_for_linking
    jit.get_pointer_to_function = pointer_to


def _without_distributed(import_utils: ModuleType) -> None:
    """Let transformers leave out what shares a model out among machines: 300 modules of torch and sympy."""
    import_utils.is_torch_distributed_available = lambda: False  # type: ignore[attr-defined]


#: What is done to a module when it has been loaded, and the versions of its package for which that is right.
_LIGHTER: dict[str, tuple[str, Callable[[ModuleType], None]]] = {
    "scipy._lib._array_api": ("1.17.", _without_docs),
    "scipy._lib._util": ("1.17.", _without_docs),
    "numba.core.base": ("0.68.", _without_lock_events),
    "numba.core.environment": ("0.68.", _without_modules_of_functions),
    "numba.core.caching": ("0.68.", _lighter_caches),
    "numba.core.codegen": ("0.68.", _read_code_alone),
    "transformers.utils.import_utils": ("5.24.", _without_distributed),
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
