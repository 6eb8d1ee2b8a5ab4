"""A folder that is the only place where pip looks for wheels, and wheels made up in it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest


def only_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip looks for wheels; what is pulled goes to tmp_path / "home"."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("FACEGPT_HOME", str(tmp_path / "home"))
    return folder


def put_wheel(shelf: Path, files: dict[str, bytes], name: str = "toybase") -> None:
    """Lay a wheel of version 1.0 that holds these files on the shelf."""
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    with zipfile.ZipFile(shelf / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        for path, content in {**files, f"{name}-1.0.dist-info/METADATA": about}.items():
            wheel.writestr(path, content)
        wheel.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{name}-1.0.dist-info/RECORD", "")
