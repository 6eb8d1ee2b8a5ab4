"""A disk that is nearly full."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path


def filled(disk: Path, left_bytes: int = 0) -> Path:
    """Fill a small disk until no more than `left_bytes` (in whole pages) are free; give the file that does it."""
    filler = disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", 0) as file:
        while True:
            file.write(bytes(4096))
    with filler.open("r+b") as file:
        file.truncate(max(0, filler.stat().st_size - left_bytes // 4096 * 4096))
    return filler


def enlarged(disk: Path) -> None:
    """Make room: the disk holds 128 MB from now on."""
    subprocess.run(["mount", "-o", "remount,size=128m", disk], check=True)
