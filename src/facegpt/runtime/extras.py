"""Packages that only some work needs: a sentence on how to get them, instead of a traceback."""

from __future__ import annotations

import importlib
import importlib.util
import re
from pathlib import Path
from types import ModuleType

from facegpt.errors import FaceGPTError

#: The module that each extra of this package brings, and the name of its package.
EXTRAS = {
    "av": ("video", "av"),
    "h5py": ("bfm", "h5py"),
    "pxr": ("usd", "usd-core"),
    "mitsuba": ("mitsuba", "mitsuba"),
    "pillow_heif": ("heic", "pillow-heif"),
    "onnx": ("train", "onnx"),
    "pythonosc": ("live", "python-osc"),
    "mcp": ("mcp", "mcp"),
    "websockets": ("live", "websockets"),
    "fastapi": ("serve", "fastapi"),
    "uvicorn": ("serve", "uvicorn"),
    "python_multipart": ("serve", "python-multipart"),
    "hibari": ("voice", "hibari-tts"),
    "faster_whisper": ("listen", "faster-whisper"),
    "sounddevice": ("microphone", "sounddevice"),
    "fsspec": ("stores", "fsspec"),
    "pocketsphinx": ("phonetic", "pocketsphinx"),
    "ray": ("ray", "ray"),
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
        raise _missing(module, work) from error


def check_installed(module: str, work: str) -> None:
    """Find out, without importing it, that a module of an extra is there.

    Raises:
        FaceGPTError: as `needed`.
    """
    try:
        found = importlib.util.find_spec(module)
    except (ImportError, ValueError):  # a name that was put out of the way
        found = None
    if found is None:
        raise _missing(module, work)


def install_line(extra: str, package: Path = Path(__file__).parents[1]) -> str:
    """The command that brings an extra, without "run": of the checkout that runs, else by the names of its packages.

    The package is on no index, so that its own name tells pip nothing.

    Args:
        extra: one of pyproject.toml's.
        package: folder of the package facegpt.
    """
    root = package.parents[1]
    if (root / "pyproject.toml").is_file():
        place = "." if root == Path.cwd() else root
        return f'pip install -e "{place}[{extra}]"'
    from importlib import metadata  # takes as long as the whole command line does otherwise

    wanted = [told for told in metadata.requires("facegpt") or () if re.search(rf"extra == ['\"]{extra}['\"]", told)]
    names = " ".join(f'"{told.partition(";")[0].strip()}"' for told in wanted)
    return f"pip install {names}"


def _missing(module: str, work: str) -> FaceGPTError:
    extra, package = EXTRAS[module.partition(".")[0]]
    return FaceGPTError(f"{work} needs the package {package}; run: {install_line(extra)}")
