"""Take the canonical face out of MediaPipe's face_landmarker.task: points in mm, Procrustes weights, mirrored pairs.

    python -m lab.runs.detector.canonical_face face_landmarker.task src/facegpt/assets

The metadata inside is a protocol buffer (mediapipe face_geometry: GeometryPipelineMetadata). Two of its fields
matter: 1 is the mesh (its field 3 holds five floats a vertex: x, y, z in cm, u, v) and 2, repeated, is a vertex
index (1) with its weight (2) in the alignment of a face.
"""

from __future__ import annotations

import argparse
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

METADATA = "geometry_pipeline_metadata_landmarks.binarypb"
#: Centre, then right, top, left and bottom of each iris as seen in the image.
IRIS_MIRROR = [473, 476, 475, 474, 477, 468, 471, 470, 469, 472]


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Walk a protocol buffer: (field number, integer or raw bytes)."""
    position = 0

    def integer() -> int:
        nonlocal position
        value = shift = 0
        while True:
            byte = message[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(message):
        key = integer()
        if key & 7 == 0:
            yield key >> 3, integer()
            continue
        length = {1: 8, 5: 4}.get(key & 7) or integer()
        yield key >> 3, message[position : position + length]
        position += length


def read(metadata: bytes) -> dict[str, NDArray]:
    """Points_mm (468, 3), weights (468,) and mirror (478,) of the metadata."""
    floats: list[float] = []
    weights = np.zeros(468, np.float32)
    for number, content in fields(metadata):
        inner = list(fields(content)) if isinstance(content, bytes) else []
        if number == 1:
            floats += [struct.unpack("<f", value)[0] for key, value in inner if key == 3]  # type: ignore[arg-type]
        elif number == 2:
            entry = dict(inner)
            weights[entry[1]] = struct.unpack("<f", entry[2])[0]  # type: ignore[arg-type, index]
    points = np.array(floats, np.float32).reshape(-1, 5)[:, :3] * np.float32(10.0)
    distance = np.linalg.norm(points[:, None] * [-1.0, 1.0, 1.0] - points[None], axis=2)
    mirror = np.concatenate([distance.argmin(1), IRIS_MIRROR])
    if distance.min(1).max() > 1e-3 or not (mirror[mirror] == np.arange(478)).all():
        raise SystemExit("the canonical face is not symmetric: is this another version of the file?")
    return {"points_mm": points, "weights": weights, "mirror": mirror.astype(np.int16)}


def main() -> None:
    """Read the archive and write face_canonical.npz."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", type=Path, help="face_landmarker.task")
    parser.add_argument("output", type=Path, help="folder for face_canonical.npz")
    options = parser.parse_args()
    with zipfile.ZipFile(options.task) as archive:
        arrays = read(archive.read(METADATA))
    np.savez(options.output / "face_canonical.npz", **arrays)


if __name__ == "__main__":
    main()
