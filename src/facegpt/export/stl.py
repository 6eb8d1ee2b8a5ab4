"""STL (binary): the head as in the photo (posed) as bare triangles in millimetres, for slicers and CAD.

All parts of the head, without hair and corneas. The neck is open: a slicer closes it, or cut it flat first.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facegpt.export.bundle import HeadExport
from facegpt.runtime.atomic_files import make_folder, write_bytes

#: 80 bytes that no reader takes for the text format, which starts with "solid".
_HEADER = b"FaceGPT head; units: millimetres; +x its left, +y up, +z out of the face"
_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def write_stl(path: str | Path, head: HeadExport) -> Path:
    """Write the posed head (F triangles in mm) as one binary STL.

    Raises:
        FaceGPTError: if the folder cannot be written.
    """
    path = Path(path)
    make_folder(path.parent)
    triangles = np.zeros(len(head.triangles), _TRIANGLE)
    corners = np.asarray(head.posed, np.float64)[head.triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(across, axis=1, keepdims=True)
    triangles["normal"] = across / np.where(length > 0, length, 1)  # zero for a collapsed one, as the format wants
    triangles["corners"] = corners
    count = len(triangles).to_bytes(4, "little")
    return write_bytes(path, _HEADER.ljust(80) + count + triangles.tobytes())
