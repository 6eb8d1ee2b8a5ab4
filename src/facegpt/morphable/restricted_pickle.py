"""Pickle files as plain arrays, without running what they ask for.

A pickle is a program. This reader lets it build dictionaries, lists, texts, numbers, and stand-ins of numpy arrays,
scipy's sparse matrices and chumpy's arrays; any other class or function is refused by name. Stand-ins hold what the
file says of them and become arrays afterwards, so that not even numpy's own unpickling runs.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from facegpt.types import AssetError

#: Kinds of numbers and texts that an array may hold.
_KINDS = "biufSU"

#: How many objects a pickle may remember; heads remember some thousands.
MOST_KEPT = 1 << 20


class _StandIn:
    """An object that only keeps its state."""

    state: Any = None

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Dtype(_StandIn):
    """numpy.dtype(name, align, copy), whose state has the byte order second."""

    def made(self) -> np.dtype:
        name = self.arguments[0].decode() if isinstance(self.arguments[0], bytes) else str(self.arguments[0])
        found = np.dtype(name)
        if found.kind not in _KINDS:
            raise ValueError(f"arrays of '{name}'")
        order = self.state[1] if self.state else "="
        return found.newbyteorder(">" if order == ">" else "<")


class _Array(_StandIn):
    """numpy.ndarray as its __reduce__ has it: state (version, shape, dtype, in Fortran's order, bytes)."""

    def made(self) -> NDArray:
        _, shape, kind, fortran, data = self.state
        raw = data.encode("latin-1") if isinstance(data, str) else bytes(data)
        flat = np.frombuffer(raw, kind.made())
        return flat.reshape(tuple(int(n) for n in shape), order="F" if fortran else "C")


class _Csc(_StandIn):
    """A compressed sparse matrix; state: its attributes."""

    make = sparse.csc_matrix

    def made(self) -> NDArray:
        told = {str(key).lstrip("_"): plain(value) for key, value in self.state.items()}
        return type(self).make((told["data"], told["indices"], told["indptr"]), shape=tuple(told["shape"])).toarray()


class _Csr(_Csc):
    make = sparse.csr_matrix


class _Chumpy(_StandIn):
    """chumpy.ch.Ch: its value is the attribute x."""

    def made(self) -> NDArray:
        return np.asarray(plain(self.state["x"]))


class _Selected(_StandIn):
    """chumpy.reordering.Select: entries idxs of the flattened a, in a shape."""

    def made(self) -> NDArray:
        chosen = np.asarray(plain(self.state["a"])).ravel()[np.asarray(plain(self.state["idxs"])).astype(np.int64)]
        shape = self.state.get("preferred_shape")
        return chosen if shape is None else chosen.reshape(tuple(int(n) for n in shape))


def _scalar(kind: _Dtype, data: Any) -> Any:
    raw = data.encode("latin-1") if isinstance(data, str) else bytes(data)
    return np.frombuffer(raw, kind.made())[0]


def _reconstructed(cls: type, *_: Any) -> Any:
    if not (isinstance(cls, type) and issubclass(cls, _StandIn)):
        raise pickle.UnpicklingError("an object of no known class")
    return cls()


def _encoded(text: str, encoding: str = "latin1") -> bytes:
    return text.encode(encoding)


_ALLOWED: dict[tuple[str, str], Any] = {
    **{(module, "_reconstruct"): _reconstructed for module in ("numpy.core.multiarray", "numpy._core.multiarray")},
    **{(module, "scalar"): _scalar for module in ("numpy.core.multiarray", "numpy._core.multiarray")},
    **{("numpy", "ndarray"): _Array, ("numpy", "dtype"): _Dtype},
    **{(f"scipy.sparse.{module}", "csc_matrix"): _Csc for module in ("csc", "_csc")},
    **{(f"scipy.sparse.{module}", "csr_matrix"): _Csr for module in ("csr", "_csr")},
    **{("chumpy.ch", "Ch"): _Chumpy, ("chumpy", "Ch"): _Chumpy, ("chumpy.reordering", "Select"): _Selected},
    **{(module, "_reconstructor"): _reconstructed for module in ("copy_reg", "copyreg")},
    **{(module, "object"): _StandIn for module in ("__builtin__", "builtins")},
    **{(module, "set"): frozenset for module in ("__builtin__", "builtins")},
    **{("_codecs", "encode"): _encoded, ("collections", "OrderedDict"): dict},
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        found = _ALLOWED.get((module, name))
        if found is None:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which is no array")
        return found


def plain(value: Any) -> Any:
    """Arrays in place of stand-ins, in dictionaries and lists too."""
    if isinstance(value, _StandIn):
        return value.made() if hasattr(value, "made") else None
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(each) for each in value)
    return value


def _check_memo(data: bytes) -> None:
    """Raise ValueError for a place of the memo that is far out: the unpickler makes room up to there, gigabytes."""
    for opcode, place, _ in pickletools.genops(data):
        if opcode.name in ("PUT", "BINPUT", "LONG_BINPUT") and int(place or 0) > MOST_KEPT:
            raise ValueError(f"it remembers an object at place {place}")


def read_pickle(path: Path) -> Any:
    """What a pickle file holds, as plain arrays, dictionaries, lists, texts and numbers.

    Raises:
        AssetError: if it is no pickle, or asks for anything but arrays: nothing of that kind is run.
    """
    try:
        data = path.read_bytes()
        _check_memo(data)
        return plain(_Reader(io.BytesIO(data), encoding="latin1").load())
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise AssetError(f"{path} cannot be read as a pickle of plain arrays: {error}") from error
    except (OSError, ImportError, LookupError, UnicodeError, MemoryError, OverflowError, RecursionError) as error:
        raise AssetError(f"{path} cannot be read ({error})") from error
