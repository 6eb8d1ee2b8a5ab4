"""How the albedo's arrays are stored: PNG, 8-bit planes, and a file whose bytes depend on nothing but the arrays."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import linear_to_srgb
from facegpt.types import Array


def save(path: Path, arrays: dict[str, NDArray]) -> None:
    """Write an .npz whose bytes depend on nothing but the arrays."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, values in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.array(values, order="C"), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(name + ".npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED)


def encode_mean(log: Array, opacity: Array) -> NDArray[np.uint8]:
    """Pack the mean as a PNG (sRGB and opacity)."""
    rgb = np.round(linear_to_srgb(np.exp(log)) * 255).astype(np.uint8)
    alpha = np.round(opacity * 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(np.dstack([rgb, alpha])).save(buffer, "PNG", optimize=True)
    return np.frombuffer(buffer.getvalue(), np.uint8)


def encode_basis(basis: Array) -> dict[str, NDArray]:
    """Quantise (A, H, W, 3) to planes (A, 3, H, W)."""
    values, scale = encode_planes(np.ascontiguousarray(np.moveaxis(basis, -1, 1)))
    return {"basis": values, "basis_scale": scale}


def encode_planes(planes: Array) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantise (N, ...) to int8 with one scale each."""
    scale = np.maximum(np.abs(planes).reshape(len(planes), -1).max(1), 1e-6) / 127
    return np.round(planes / scale.reshape(-1, *[1] * (planes.ndim - 1))).astype(np.int8), scale.astype(np.float32)
