"""How much memory a process takes. Nothing here loads torch, for what users start does not either."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import facegpt
from facegpt.assets import asset_path
from facegpt.runtime.processes import THREAD_SETTINGS


def peak_memory_mb() -> float | None:
    """The largest resident size that this process has had, MB; None where the system does not tell.

    Linux counts it anew for each program in /proc; the figure of getrusage there includes whoever started it.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        lines = [line.split() for line in status.read_text("ascii", "replace").splitlines()]
        found = [float(line[1]) * 1024 / 1e6 for line in lines if line and line[0] == "VmHWM:"]
        if found:
            return found[0]
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, else KiB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def peak_of_user(quality: str) -> float | None:
    """Peak memory, MB, of a new process in which a head of the bundled photo is made and saved, as users do."""
    told = told_by(__name__, quality)
    return None if told == "None" else float(told)


def told_by(module: str, *arguments: str, threads: int = 1) -> str:
    """The last line that a module prints in a process of its own whose libraries use so many threads."""
    settings = os.environ | dict.fromkeys(THREAD_SETTINGS, str(threads))
    command = (sys.executable, "-m", module, *arguments)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, env=settings)
    return done.stdout.splitlines()[-1]


def main(quality: str) -> None:
    """Make and save a head of the bundled photo; print the peak memory of this process."""
    with tempfile.TemporaryDirectory() as folder:
        facegpt.load().reconstruct(asset_path("astronaut.png"), quality)[0].save(folder)
    print(peak_memory_mb())


if __name__ == "__main__":
    main(sys.argv[1])
