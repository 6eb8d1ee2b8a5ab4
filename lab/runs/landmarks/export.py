"""Write a trained network as the package's dense_landmarks.onnx: `python -m lab.runs.landmarks.export RUN [FILE]`.

RUN is the folder of `facegpt train landmarks`. With FILE the network goes there and nothing is registered. Needs the
package onnx.
"""

from __future__ import annotations

import sys
from pathlib import Path

from facegpt.assets import FOLDER, register
from facegpt.encode.dense_landmarks import ASSET
from facegpt.morphable.makehuman import head as makehuman
from facegpt_lab.train.landmarks.export import export_onnx, load_network
from facegpt_lab.train.landmarks.training import mirror_of


def main() -> None:
    """Export, and register the file unless it goes elsewhere."""
    network = load_network(Path(sys.argv[1]) / "network.safetensors")
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else FOLDER / ASSET
    export_onnx(network, target, mirror_of(makehuman.load()).identity)
    print(target.name, f"{target.stat().st_size / 1e6:.2f} MB", register(ASSET) if len(sys.argv) == 2 else "")


if __name__ == "__main__":
    main()
