"""A compiler that gives what is kept on the disk of listed kernels, and nothing else, in half of the time.

For processes that compile kernels and call none. Numba makes of each function that a kernel calls what it makes of the
kernel: it optimises it, writes its machine code, and wraps it for callers in Python and in C. Nobody calls them from
there, and their code is optimised again where it is part of the kernel's. Versions that are not known compile as ever.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

#: Versions of numba whose compiler is known to be made so.
KNOWN_NUMBA = ("0.68.",)


def compile_alone(kernels: Collection[tuple[str, str]]) -> bool:
    """Write machine code of these kernels (module, function) alone in this process; False where numba is not known."""
    import numba

    if not numba.__version__.startswith(KNOWN_NUMBA):
        return False
    _without_wrappers(kernels)
    _without_code_of_others(kernels)
    _compared_at_once()
    _with_variables_listed_at_once()
    return True


def _without_wrappers(kernels: Collection[tuple[str, str]]) -> None:
    """Wrap no function for C, and for Python the kernels alone."""
    from numba.core import dispatcher

    def customized(self: Any, flags: Any) -> Any:
        function = self.py_func
        flags.no_cfunc_wrapper = True
        if (function.__module__, function.__qualname__) not in kernels:
            flags.no_cpython_wrapper = True
        return flags

    _replace(vars(dispatcher)["_FunctionCompiler"], _customize_flags=customized)


def _without_code_of_others(kernels: Collection[tuple[str, str]]) -> None:
    """Leave functions that are no kernels as they are when lowered: linked into kernels, they are optimised there."""
    from numba.core.caching import Cache
    from numba.core.codegen import CPUCodeLibrary, JITCPUCodegen
    from numba.core.cpu import CPUContext, _dynfunc

    executable, optimize = CPUContext.get_executable, CPUCodeLibrary._optimize_final_module
    finalize, save = CPUCodeLibrary._finalize_final_module, Cache.save_overload

    def is_kernel(fndesc: Any) -> bool:
        return (fndesc.modname, fndesc.qualname) in kernels

    def get_executable(self: Any, library: Any, fndesc: Any, env: Any) -> Any:
        if is_kernel(fndesc):
            library.is_kernel = True
            return executable(self, library, fndesc, env)
        name = fndesc.qualname.split(".")[-1]
        return _dynfunc.make_function(fndesc.lookup_module(), name, "not to be called", 0, env, (library,))

    def optimize_final_module(self: Any) -> None:
        if hasattr(self, "is_kernel"):
            optimize(self)

    def finalize_final_module(self: Any) -> None:
        read = getattr(self, "_compiled_object", None) is not None  # from the disk: its addresses are asked for
        if read or hasattr(self, "is_kernel"):
            finalize(self)
        else:
            self._finalize_dynamic_globals()
            self._verify_declare_only_symbols()
            self._finalized = True

    def save_overload(self: Any, sig: Any, data: Any) -> None:
        if is_kernel(data.fndesc):
            save(self, sig, data)

    _replace(CPUContext, get_executable=get_executable)
    _replace(CPUCodeLibrary, _optimize_final_module=optimize_final_module, _finalize_final_module=finalize_final_module)
    _replace(Cache, save_overload=save_overload)
    # About numbers in some languages, once for each function.
    _replace(JITCPUCodegen, _check_llvm_bugs=lambda self: None)


def _compared_at_once() -> None:
    """Compare settings of the compiler by what was set of them, before all their defaults are looked up."""
    from numba.core.targetconfig import TargetConfig

    slowly = TargetConfig.__eq__

    def equal(self: Any, other: Any) -> Any:
        return (type(self) is type(other) and self._values == other._values) or slowly(self, other)

    _replace(TargetConfig, __eq__=equal, __hash__=lambda self: hash(tuple(sorted(self.options))))


def _with_variables_listed_at_once() -> None:
    """Remember which types of values hold no variables: most are names and places in the source."""
    from numba.core.ir import Inst, Var

    without: set[type] = set()

    def gather(value: Any, found: list[Any]) -> None:
        if type(value) in without:
            return
        if isinstance(value, Var):
            found.append(value)
        elif isinstance(value, Inst):
            found.extend(value.list_vars())
        elif isinstance(value, list | tuple | dict):
            for each in value.values() if isinstance(value, dict) else value:
                gather(each, found)
        else:
            without.add(type(value))

    def listed(self: Any, value: Any) -> list[Any]:
        found: list[Any] = []
        gather(value, found)
        return found

    _replace(Inst, _rec_list_vars=listed)


def _replace(of: Any, **methods: Any) -> None:
    for name, method in methods.items():
        setattr(of, name, method)
