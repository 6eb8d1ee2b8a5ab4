"""Kill a command at random moments and run it again: `python -m lab.fuzz.interruptions OUT -n 50 -- COMMAND…`.

COMMAND writes into OUT (its `-o`). After each kill every file under OUT must be whole; what was finished must stand
untouched after the command has gone on; and the end must hold the same files as an undisturbed run. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
from PIL import Image

#: Files whose names begin so are work in progress.
UNFINISHED = (".", "part-")


def fault_of(path: Path) -> str:
    """What is wrong with a file that a run left; "" where it is whole or no format of ours."""
    try:
        if path.suffix == ".json":
            json.loads(path.read_text("utf-8"))
        elif path.suffix in (".png", ".jpg"):
            with Image.open(path) as image:
                image.load()
        elif path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                [arrays[name] for name in arrays.files]
        elif path.suffix == ".glb":
            data = path.read_bytes()
            if data[:4] != b"glTF" or int.from_bytes(data[8:12], "little") != len(data):
                return "its length is not the one that it says"
        elif path.suffix == ".csv" and not path.read_text("utf-8").endswith("\n"):
            return "its last line is cut"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def finished_files(folder: Path) -> dict[Path, tuple[int, int]]:
    """The finished files below a folder with size and time of change, ns."""
    files = [p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(UNFINISHED)]
    return {p: (p.stat().st_size, p.stat().st_mtime_ns) for p in files}


def complete_folders(folder: Path) -> dict[Path, int]:
    """Folders that hold a params.json, which is written last, with its time of change, ns."""
    return {path.parent: path.stat().st_mtime_ns for path in folder.rglob("params.json")}


def killed_after(command: list[str], seconds: float) -> bool:
    """Run a command in a group of its own and kill the group; False where it ended before."""
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True


def interrupted(command: list[str], output: Path, seconds: float) -> list[str]:
    """Kill a run once, look at what is there, let it go on to its end; what was wrong."""
    killed_after(command, seconds)
    faults = [f"{path}: {fault}" for path in finished_files(output) if (fault := fault_of(path))]
    before = complete_folders(output)
    again = subprocess.run(command, capture_output=True, text=True)
    if again.returncode:
        faults.append(f"going on failed: {again.stderr.strip().splitlines()[-1:]}")
    after = complete_folders(output)
    faults += [f"{path} was made again" for path, changed in before.items() if after.get(path) != changed]
    return faults


def main() -> None:
    """Read the command line and try."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("output", type=Path, help="the folder that the command writes; emptied before each try")
    parser.add_argument("-n", "--tries", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("command", nargs="+", help="after --")
    told = parser.parse_args()
    dice = random.Random(told.seed)
    shutil.rmtree(told.output, ignore_errors=True)
    begun = time.monotonic()
    subprocess.run(told.command, check=True, capture_output=True)
    whole, length = {p.relative_to(told.output) for p in finished_files(told.output)}, time.monotonic() - begun
    bad = 0
    for number in range(told.tries):
        shutil.rmtree(told.output, ignore_errors=True)
        moment = dice.uniform(0, length)
        faults = interrupted(told.command, told.output, moment)
        left = {p.relative_to(told.output) for p in finished_files(told.output)}
        faults += [f"{name} is missing" for name in sorted(map(str, whole - left))]
        bad += bool(faults)
        print(f"{number}: killed after {moment:.1f} of {length:.1f} s: {'; '.join(faults) or 'whole'}", flush=True)
    print(f"{told.tries} kills, {bad} with faults")


if __name__ == "__main__":
    main()
