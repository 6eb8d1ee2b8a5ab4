"""Data files of the package, each checked against its sha256 when it is opened. What they are: assets/README.md."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.runtime.arrays import read_arrays
from facegpt.runtime.start.kept_arrays import kept_arrays
from facegpt.types import AssetError

FOLDER = Path(__file__).parent
CHECKSUMS = FOLDER / "SHA256SUMS.json"
#: From how many bytes on a file of arrays is kept unpacked, and how many such files are.
LARGE_BYTES, MOST_UNPACKED = 1_500_000, 12


def asset_path(name: str, folder: Path = FOLDER) -> Path:
    """The path of a data file after checking its sha256.

    Raises:
        AssetError: if the file is missing, not listed, or its content differs from the one released.
    """
    return _checked(name, folder)[0]


def _checked(name: str, folder: Path) -> tuple[Path, str]:
    """The path of a data file after checking its sha256, and that. Raises AssetError as `asset_path`."""
    path = folder / name
    if not path.is_file():
        raise AssetError(f"the data file {path} is missing; reinstall facegpt")
    listed = json.loads((folder / CHECKSUMS.name).read_text(encoding="utf-8")).get(name)
    if listed is None:
        raise AssetError(f"the data file {path} is not listed in {CHECKSUMS.name}; reinstall facegpt")
    if hashlib.sha256(path.read_bytes()).hexdigest() != listed:
        raise AssetError(f"the data file {path} is damaged (its sha256 is not the one released); reinstall facegpt")
    return path, listed


def load_arrays(name: str, folder: Path = FOLDER) -> dict[str, NDArray]:
    """Load every array of an .npz data file, checked, without pickle.

    A large one is kept unpacked in the cache folder: that is read ten times as fast.
    """
    path, listed = _checked(name, folder)
    if path.stat().st_size < LARGE_BYTES:
        return read_arrays(path)

    def unpacked() -> list[NDArray]:
        arrays = read_arrays(path)
        return [np.frombuffer("\n".join(arrays).encode(), np.uint8), *arrays.values()]

    names, *arrays = kept_arrays("unpacked", listed, MOST_UNPACKED, unpacked)
    return dict(zip(names.tobytes().decode().split("\n"), arrays, strict=True))


def load_features(name: str) -> tuple[dict[str, int], NDArray]:
    """The row of each feature of a regression, and its weights (features, …): from lab/runs/language/softmax.py."""
    arrays = load_arrays(name)
    names = bytes(arrays["features"]).decode("utf-8").split("\n")
    return {feature: row for row, feature in enumerate(names)}, arrays["weights"]


def register(name: str, folder: Path = FOLDER) -> str:
    """Write the sha256 of a freshly built data file into the list, and give it. For build scripts only."""
    sums_path = folder / CHECKSUMS.name
    sums = json.loads(sums_path.read_text(encoding="utf-8")) if sums_path.exists() else {}
    sums[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    sums_path.write_text(json.dumps(dict(sorted(sums.items())), indent=2) + "\n", encoding="utf-8")
    return sums[name]
