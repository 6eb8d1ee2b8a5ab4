"""Parts of other packages that a command never uses, loaded only when something asks for what is in them.

torch reads its definitions for tracing and exporting whenever it is imported, a third of what its import costs, and
transformers imports torch's compiler. Nothing that the command does traces. A deferred module is an empty one in
`sys.modules`; the first name that is looked up in it loads it, so that programs which do need it work as before.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Lock, get_ident
from types import ModuleType
from typing import Any

from facegpt.runtime.start.kept_code import keep_code_of_dataclasses
from facegpt.runtime.start.lighter_modules import lighten_modules

#: What is deferred, in the order in which torch loads it; a later one needs those before it.
TRACING = ("torch._meta_registrations", "torch.export", "torch._dynamo")
#: A part of the compiler that transformers imports for a class, of which it makes an object when it traces.
_INDEXING, _INDEX = "torch._dynamo._trace_wrapped_higher_order_op", "TransformGetItemToIndex"
#: What else is deferred: of torch, and of any version.
UNUSED = (
    *("torch.quantization", "torch.optim", "torch.profiler", "torch.testing"),
    *("torch.masked", "torch.nn.intrinsic", "torch.hub", "torch.utils.data"),
)
ELSE = (
    *("torch.distributions", "unittest.mock", "yaml"),
    *("numpy.f2py", "numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars"),  # the last two: texts for help()
    *("scipy._lib.array_api_compat.numpy", "scipy.spatial.transform"),  # the first: for arrays of other packages
)
#: Whose import means that torch is going to trace.
TRACES = ("torch._dynamo", "torch._inductor", "torch.onnx._internal", "torch.fx.experimental.symbolic_shapes")
#: Versions of torch whose order of imports is known to allow it; others are loaded as they are.
KNOWN_TORCH = ("2.13.",)
#: What the import system and inspection look up in any module, and few modules have: asking for it loads nothing.
OF_IMPORTS = frozenset(
    f"__{name}__" for name in ("path", "file", "cached", "wrapped", "warningregistry", "annotations", "test", "main")
)

#: Longest that a thread waits for a module that another one loads, s: that one may in turn wait for an import that this
#: one is in the middle of, which nobody is told of.
LONGEST_WAIT_S = 20.0


def defer_modules() -> None:
    """Defer what commands don't use, from here on in this process; modules that are loaded already stay."""
    keep_code_of_dataclasses()
    lighten_modules()
    names = (*((*TRACING, _INDEXING, *UNUSED) if _torch_version().startswith(KNOWN_TORCH) else ()), *ELSE)
    sys.meta_path.insert(0, _Finder(names))


def _torch_version() -> str:
    """The version of torch by its file, without importing it; "" where there is none."""
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return ""
    text = Path(spec.origin).with_name("version.py").read_text(encoding="utf-8")
    told = [line for line in text.splitlines() if line.startswith("__version__ =")]
    return told[0].split("=")[1].strip(" '\"") if told else ""


@dataclass(eq=False)
class _Loading:
    """A deferred module that a thread is loading. thread: its number. done: set when it is loaded, or has failed."""

    thread: int = field(default_factory=get_ident)
    done: Event = field(default_factory=Event)


#: The modules that are being loaded, by name, and what threads wait for; nothing is loaded under the lock of both.
_under_way: dict[str, _Loading] = {}
_waits_for: dict[int, _Loading] = {}
_changes = Lock()


class _Deferred(ModuleType):
    """A module that is not loaded yet."""

    def __getattr__(self, name: str) -> Any:
        if name in OF_IMPORTS:
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        if (stands_in := _STAND_INS.get((self.__name__, name))) and not _compiles():
            return stands_in
        _load(self)
        return getattr(self, name)


def _compiles() -> bool:
    """Whether torch's compiler is loaded, or being so."""
    return not isinstance(sys.modules.get("torch._dynamo"), _Deferred)


def _mark(function: Any = None, *_: Any, **__: Any) -> Any:
    """Stands for decorators that tell torch's compiler something about a function: there is no compiler yet."""
    return function if callable(function) else _mark


def _index(*arguments: Any) -> Any:
    """Makes an object of the class that is deferred."""
    _load(sys.modules[_INDEXING])
    return getattr(sys.modules[_INDEXING], _INDEX)(*arguments)


#: What deferred modules give for names that others ask for as soon as they are imported.
_STAND_INS: dict[tuple[str, str], Any] = {
    **{("torch._dynamo", name): _mark for name in ("disable", "allow_in_graph", "assume_constant_result")},
    (_INDEXING, _INDEX): _index,
}


class _HalfLoaded(ModuleType):
    """A deferred module that a thread is loading: the others wait for its end before they see what is in it."""

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("__"):
            _wait_for(ModuleType.__getattribute__(self, "__name__"))
        return ModuleType.__getattribute__(self, name)  # it may be of that class by now, and no instance of this one


class _Later:
    """Makes a deferred module instead of loading it; `inner` is what would load it."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Deferred(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing yet."""


class _Finder:
    """Finds each of some modules once, as deferred ones."""

    def __init__(self, names: Sequence[str]) -> None:
        self._left = set(names)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in self._left:
            if name.startswith(TRACES):
                _load_tracing()
            return None
        self._left.discard(name)
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Later(spec.loader)  # type: ignore[assignment]
        return spec


def _load(module: ModuleType) -> None:
    """Load a deferred module, after those that it needs."""
    if module.__name__ in (*TRACING, _INDEXING):
        _load_tracing(until=module.__name__)
    _run(module)


def _load_tracing(until: str = "") -> None:
    for name in TRACING:
        if name == until:
            return
        if isinstance(module := sys.modules.get(name), _Deferred | _HalfLoaded):
            _run(module)


def _run(module: ModuleType) -> None:
    """Load one module, or wait for the thread that does."""
    name, spec = module.__name__, module.__spec__
    with _changes:
        begins = isinstance(module, _Deferred) and spec is not None and isinstance(spec.loader, _Later)
        if begins:
            module.__class__ = _HalfLoaded
            _under_way[name] = _Loading()
    if not begins:
        _wait_for(name)
        return
    try:
        spec.loader = module.__loader__ = spec.loader.inner  # type: ignore[union-attr]
        spec.loader.exec_module(module)  # type: ignore[union-attr]
    finally:
        with _changes:
            module.__class__ = ModuleType
            _under_way.pop(name).done.set()


def _wait_for(name: str) -> None:
    """Wait until no other thread loads the module, unless that one waits for this thread."""
    me = get_ident()
    with _changes:
        loading = _under_way.get(name)
        if loading is None or _waits_in_the_end_for(loading, me):
            return
        _waits_for[me] = loading
    loading.done.wait(LONGEST_WAIT_S)
    with _changes:
        _waits_for.pop(me, None)


def _waits_in_the_end_for(loading: _Loading | None, thread: int) -> bool:
    """Whether a thread loads this module, or one that the thread which does so waits for."""
    while loading is not None:
        if loading.thread == thread:
            return True
        loading = _waits_for.get(loading.thread)
    return False
