"""What is wrong with a command, found before anything is loaded, and what is waited for when it is.

Paths, names and extras are checked with the standard library, photos by their first bytes, clips by their first frame.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from facegpt.cli import heads
from facegpt.data.stores import Place, is_address
from facegpt.errors import FaceGPTError, ImageError
from facegpt.runtime.device import NO_CUDA_BUILD
from facegpt.runtime.extras import check_installed
from facegpt.runtime.sharing import check_where


def check_output(folder: Place) -> None:
    """Find out that a folder can be made and written; a store is only looked for. Raises FaceGPTError."""
    if not isinstance(folder, Path):
        folder.exists()
        return
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    reason = "" if os.access(place, os.W_OK) else "it may not be written"
    if not place.is_dir():
        reason = f"'{place}' is a file"
    if reason:
        raise FaceGPTError(f"cannot make the output folder '{folder}' ({reason}); choose another place to write to")


def check_place(options: argparse.Namespace) -> None:
    """Find out that the cluster of `--on` answers, before anything else is looked at. Raises FaceGPTError."""
    check_where(options.on)


def check_photo(path: Place) -> None:
    """Find out that a file is a photo. Raises ImageError."""
    if not path.exists() and not str(path).startswith(("http://", "https://")):
        raise ImageError(f"there is no file '{path}'")
    from facegpt.data.images import check_photo

    check_photo(path)


def check_head(source: str) -> None:
    """Find out that a photo, a saved head or the last one is there. Raises FaceGPTError."""
    from facegpt.data.saved_heads import check_not_written_only, holds_heads, saved_in

    path = Path(heads.find(source))
    if path.is_dir():
        saved_in(path)
    elif not path.exists():
        raise FaceGPTError(f"there is no file '{path}'")
    elif not holds_heads(path):
        check_not_written_only(path)
        check_photo(path)


def check_clips(clips: Iterable[str], look_into: bool = True) -> None:
    """Raises FaceGPTError unless all clips are there and can be decoded.

    look_into: open each video file to find out; cameras, streams and folders are not opened.
    """
    from facegpt.video.sources import check_source

    files = [clip for clip in clips if is_address(clip) or not check_source(clip)]
    if files:
        check_installed("av", "reading videos")
    for clip in files:
        if look_into and Path(clip).is_file():
            from facegpt.video.reading import open_clip

            open_clip(clip).__exit__(None, None, None)


def check_avatar(folder: Path | None) -> None:
    """Find out that a folder holds an avatar of this version. Raises FaceGPTError."""
    if folder is not None:
        from facegpt.personal.about import read_about

        read_about(folder)


def check_device(name: str) -> None:
    """Find out that torch was built for GPUs where one was asked for, without importing it. Raises FaceGPTError."""
    found = importlib.util.find_spec("torch") if name.startswith("cuda") else None
    if found is None or found.origin is None:
        return
    spec = importlib.util.spec_from_file_location("torch_version", Path(found.origin).with_name("version.py"))
    if spec is None or spec.loader is None:
        return
    version = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(version)
    if getattr(version, "cuda", "") is None and getattr(version, "hip", None) is None:
        raise FaceGPTError(f"the device '{name}' cannot be used: {NO_CUDA_BUILD}; device 'cpu' works everywhere")


def check_receivers(options: argparse.Namespace) -> None:
    """Find out that what `--vmc`, `--livelink` and `--websocket` name can be sent to. Raises FaceGPTError."""
    from facegpt.runtime.address import address

    for receiver in (options.vmc, options.livelink):
        if receiver:
            address(receiver, 0)
    if options.vmc:
        check_installed("pythonosc", "live output by VMC")
    if options.websocket:
        check_installed("websockets", "live output by WebSocket")


def check_file(path: Path | None) -> None:
    """Find out that a file is there. Raises FaceGPTError."""
    if path is not None and not path.is_file():
        raise FaceGPTError(f"there is no file '{path}'")


def check_exists(path: Path | None) -> None:
    """Find out that a file or folder is there. Raises FaceGPTError."""
    if path is not None and not path.exists():
        raise FaceGPTError(f"there is no file or folder '{path}'")


def loading(options: argparse.Namespace) -> None:
    """Say what is waited for: libraries, and at the first use kernels, which are compiled once and kept.

    The kernels are compiled by other processes while libraries load here; a bar shows how far they are.
    """
    if not options.at_the_command:
        return
    from facegpt.runtime.start.compiling import compiling
    from facegpt.runtime.start.uncollected import uncollected

    with compiling() as first, uncollected():
        if not first and sys.stderr.isatty():
            print("loading …", file=sys.stderr, flush=True)
        importlib.import_module("facegpt.api")
