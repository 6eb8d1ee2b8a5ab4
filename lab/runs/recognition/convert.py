"""Make face_recognition.npz from the face-api recognition net (MIT).

    python -m lab.runs.recognition.convert MODEL_FOLDER

MODEL_FOLDER is the folder `model` of the npm package @vladmandic/face-api@1.7.15. The weights are kept as that package
has them (8 bit with a scale and an offset for most tensors); only the container changes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from facegpt.assets import FOLDER, register

ASSET = "face_recognition.npz"


def read_tensors(folder: Path) -> dict[str, np.ndarray]:
    """Read each tensor as stored; a quantised one also gives `name:scale` and `name:min` (value = min + scale·q)."""
    manifest = json.loads((folder / "face_recognition_model-weights_manifest.json").read_text())[0]
    data = b"".join((folder / path).read_bytes() for path in manifest["paths"])
    tensors: dict[str, np.ndarray] = {}
    offset = 0
    for entry in manifest["weights"]:
        quantization = entry.get("quantization")
        dtype = np.dtype(quantization["dtype"] if quantization else entry["dtype"])
        count = int(np.prod(entry["shape"]))
        values = np.frombuffer(data, dtype, count, offset).reshape(entry["shape"])
        offset += count * dtype.itemsize
        if quantization is None:
            values = values.astype(np.float16)
        else:
            tensors[entry["name"] + ":scale"] = np.float32(quantization["scale"])
            tensors[entry["name"] + ":min"] = np.float32(quantization["min"])
        tensors[entry["name"]] = values
    if offset != len(data):
        raise ValueError(f"{folder}: {len(data) - offset} bytes of weights are left over; is this version 1.7.15?")
    return tensors


def main() -> None:
    """Convert and register the asset."""
    np.savez_compressed(FOLDER / ASSET, **dict(sorted(read_tensors(Path(sys.argv[1])).items())))
    print(ASSET, (FOLDER / ASSET).stat().st_size, register(ASSET))


if __name__ == "__main__":
    main()
