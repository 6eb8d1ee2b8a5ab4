"""Where files that are fetched or made once are kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Where pulled files are kept: $FACEGPT_HOME, else the usual place for caches of the system."""
    if told := os.environ.get("FACEGPT_HOME"):
        return Path(told)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "facegpt"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "facegpt"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "facegpt"
