"""Processes that share out work end when their parent is killed, and tidy up before they do."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from facegpt.runtime.processes import Pool

#: Gives two processes work without an end, and works itself for ever.
PARENT = """
import sys, time
from pathlib import Path
from facegpt.runtime.processes import Pool

def {work}

if __name__ == "__main__":
    with Pool(2) as pool:
        for name in ("one", "two"):
            pool.submit(beat, str(Path(sys.argv[1], name)))
        time.sleep(600)
"""
#: Work that hears signals, and work that does not: its main thread waits inside a lock for longer than the test.
IN_PYTHON = """beat(path):
    try:
        while True:
            open(path, "a").write("x")
            time.sleep(0.05)
    finally:
        Path(path + ".tidied").touch()
"""
IDLE = """beat(path):
    import threading

    def write():
        while True:
            open(path, "a").write("x")
            time.sleep(0.05)

    threading.Thread(target=write, daemon=True).start()
"""


def wait_for(happened, seconds: float) -> bool:
    """Whether it happens within the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.1)
    return False


def at_rest(files: list[Path]) -> bool:
    """Whether nobody has written to the files for a second, twenty times what a living process leaves between."""
    before = [file.stat().st_size for file in files]
    time.sleep(1)
    return [file.stat().st_size for file in files] == before


@pytest.mark.parametrize("work", [IN_PYTHON, IDLE], ids=["busy", "idle"])
@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_processes_end_when_their_parent_is_killed(tmp_path, work, end):
    script = tmp_path / "parent.py"
    script.write_text(PARENT.replace("{work}", work))
    files = [tmp_path / "one", tmp_path / "two"]
    parent = subprocess.Popen([sys.executable, script, tmp_path])
    try:
        assert wait_for(lambda: all(file.exists() for file in files), 120), "the processes did not start"
    finally:
        getattr(parent, end)()  # kill: SIGKILL, which leaves the parent no time for anything
        parent.wait()
    assert wait_for(lambda: at_rest(files), 60), "the processes outlive their parent"
    if work is IN_PYTHON and sys.platform != "win32":
        assert all(file.with_name(file.name + ".tidied").exists() for file in files)


def test_processes_that_are_idle_take_their_leave():
    with Pool(2) as pool:
        assert [pool.submit(abs, -k).result(60) for k in range(3)] == [0, 1, 2]
        processes = list(pool._executor._processes.values())
    assert processes and {process.exitcode for process in processes} == {0}  # by no signal


def test_work_that_nobody_waits_for_ends_at_once():
    begun = time.monotonic()
    with Pool(1) as pool:
        assert pool.submit(abs, -1).result(60) == 1
        left = pool.submit(time.sleep, 600)
        while not left.running():
            time.sleep(0.01)
    assert time.monotonic() - begun < 60
