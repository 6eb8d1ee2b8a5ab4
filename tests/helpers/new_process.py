"""Programs run in a Python of their own."""

from __future__ import annotations

import subprocess
import sys


def printed_by(program: str) -> str:
    """What a program prints in a new process."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
