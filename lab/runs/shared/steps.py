"""Write weights as whole numbers of 8 bits with steps (facegpt/runtime/steps.py).

    python -m lab.runs.shared.steps             # all files of FILES that hold floats still, in place

Matrices keep one step a row. The two thin matrices of a low-rank adapter are turned first, so that each row of the one
and column of the other belong to one singular value s of their product; a step of c/√s then gives every direction the
same part in the error of the product. How large that error may be is a share of the size of the product, or of the row.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from facegpt.assets import FOLDER, register
from facegpt.runtime.arrays import read_arrays
from facegpt.runtime.steps import STEP
from facegpt.types import Array

#: Root mean square error of a row or of a product, as a share of its root mean square.
ERROR = 0.005
#: Matrices with fewer numbers stay as they are.
LEAST = 4096
_MOST = 127
_READERS = ("act", "attribute", "conditions", "hair", "people", "strengths", "unshown", "versions", "whom")
FILES = (
    "language_adapter.safetensors",
    "turn_adapter.safetensors",
    "networks/feelings_adapter.safetensors",
    *(f"networks/{name}_network.npz" for name in _READERS),
    "networks/looks/characters_network.npz",
    *(f"networks/questions/{name}_network.npz" for name in ("asked", "question", "sights")),
)


def in_rows(weights: Array, error: float = ERROR) -> tuple[Array, Array]:
    """Whole numbers (…, N, M) int8 and steps (…, N, 1) float32 of matrices (…, N, M)."""
    size = np.sqrt(np.square(weights, dtype=np.float64).mean(-1, keepdims=True))
    step = np.maximum(size * error * np.sqrt(12), np.abs(weights).max(-1, keepdims=True) / _MOST)
    step = np.where(step > 0, step, 1).astype(np.float32)
    return _whole(weights, step), step


def of_product(down: Array, up: Array, error: float = ERROR) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Whole numbers and steps of `down` (R, I) and of `up` (O, R), whose product up · down is kept."""
    left, right = np.linalg.qr(up.astype(np.float64)), np.linalg.qr(down.T.astype(np.float64))
    u, s, vt = np.linalg.svd(left[1] @ right[1].T)
    root = np.sqrt(s)
    new_down, new_up = (right[0] @ vt.T * root).T, left[0] @ u * root
    even = error * np.sqrt(12 * np.square(s).sum() / (len(s) * (len(up) + down.shape[1])))
    step = even / np.maximum(root, 1e-3 * root[0] + 1e-12)
    down_step = np.maximum(step[:, None], np.abs(new_down).max(1, keepdims=True) / _MOST).astype(np.float32)
    up_step = np.maximum(step[None], np.abs(new_up).max(0, keepdims=True) / _MOST).astype(np.float32)
    return (_whole(new_down, down_step), down_step), (_whole(new_up, up_step), up_step)


def _whole(values: Array, step: Array) -> Array:
    # Row by row in memory: safetensors writes arrays as they lie there.
    return np.ascontiguousarray(np.clip(np.rint(values / step), -_MOST, _MOST).astype(np.int8))


def in_steps(arrays: Mapping[str, Array], error: float = ERROR) -> dict[str, Array]:
    """The arrays of a file with every larger matrix of floats in whole numbers; adapters are `….down` and `….up`."""
    return dict(_kept(arrays, error))


def _kept(arrays: Mapping[str, Array], error: float) -> Iterator[tuple[str, Array]]:
    for name, value in arrays.items():
        pair = f"{name.removesuffix('.down')}.up"
        if name.endswith(".down") and pair in arrays:
            parts = of_product(value.astype(np.float32), arrays[pair].astype(np.float32), error)
            for each, (whole, step) in zip((name, pair), parts, strict=True):
                yield from ((each, whole), (each + STEP, step))
        elif name.endswith(".up") and f"{name.removesuffix('.up')}.down" in arrays:
            continue
        elif value.dtype.kind == "f" and value.ndim > 1 and value.size >= LEAST:
            whole, step = in_rows(value.astype(np.float32), error)
            yield from ((name, whole), (name + STEP, step))
        else:
            yield name, value


def pack(path: Path) -> None:
    """Write a file of floats anew in whole numbers."""
    if path.suffix == ".npz":
        np.savez_compressed(path, **in_steps(read_arrays(path)))
        return
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file

    with safe_open(path, "np") as file:
        about = file.metadata()
    save_file(in_steps(load_file(path)), path, metadata=about)


def holds_floats(path: Path) -> bool:
    """Whether no array of a file has steps yet."""
    if path.suffix == ".npz":
        with np.load(path) as file:
            return not any(name.endswith(STEP) for name in file.files)
    from safetensors import safe_open

    with safe_open(path, "np") as file:
        return not any(name.endswith(STEP) for name in file.keys())  # noqa: SIM118


def main() -> None:
    """Pack what is not packed."""
    for name in FILES:
        path = FOLDER / name
        if holds_floats(path):
            before = path.stat().st_size
            pack(path)
            print(name, f"{before / 1e6:.2f} -> {path.stat().st_size / 1e6:.2f} MB", register(name))


if __name__ == "__main__":
    sys.exit(main())
