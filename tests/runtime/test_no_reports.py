"""Nothing that runs networks reports to anybody or keeps a number of the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

USE = """
from facegpt.assets import asset_path
from facegpt.runtime.onnx_session import open_session
open_session(asset_path("face_detector.onnx"))
"""
#: Where onnxruntime sees tests or builds run it keeps quiet by itself.
QUIET_THERE = ("CI", "GITHUB_", "PYTEST", "TF_BUILD", "BUILD_", "JENKINS", "GITLAB", "ORT_")


def test_a_network_leaves_no_file_in_the_users_folders(tmp_path: Path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(QUIET_THERE)}
    homes = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    subprocess.run([sys.executable, "-c", USE], env={**kept, **homes}, check=True, timeout=120)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "numba" not in path.parts] == []
