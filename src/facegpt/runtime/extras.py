"""Packages that only some work needs: a sentence on how to get them, instead of a traceback."""

from __future__ import annotations

import importlib
from types import ModuleType

from facegpt.types import FaceGPTError

#: The module that each extra of this package brings, and the name of its package.
EXTRAS = {
    "pxr": ("usd", "usd-core"),
    "mitsuba": ("studio", "mitsuba"),
    "pillow_heif": ("heic", "pillow-heif"),
    "onnx": ("train", "onnx"),
    "pythonosc": ("live", "python-osc"),
    "mcp": ("mcp", "mcp"),
    "websockets": ("live", "websockets"),
    "fastapi": ("serve", "fastapi"),
    "uvicorn": ("serve", "uvicorn"),
    "python_multipart": ("serve", "python-multipart"),
}


def needed(module: str, work: str) -> ModuleType:
    """A module of an extra, imported.

    Args:
        module: one of EXTRAS, or a module inside it.
        work: what it is needed for, as the start of a sentence ("writing USD").

    Raises:
        FaceGPTError: if it is not installed; it says which extra brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        extra, package = EXTRAS[module.partition(".")[0]]
        raise FaceGPTError(f'{work} needs the package {package}; run: pip install "facegpt[{extra}]"') from error
