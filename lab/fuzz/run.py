"""Try broken inputs in a process that may die: `python -m lab.fuzz -n 100000 -o FOLDER`.

Input k of a seed is the same each time, so a run that was stopped goes on where it was, and `--only K` makes a finding
again. A finding is an exception other than FaceGPTError, a process that died, an input that takes longer than
LONGEST_S, or memory that grows by more than GROWTH_MB after the second thousand.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from facegpt.types import FaceGPTError
from lab.fuzz.inputs import Kind, kinds
from lab.fuzz.mutation import mutated

#: Longest time for one input, and what one process may grow by.
LONGEST_S, GROWTH_MB = 60.0, 300.0


def broken_input(every: tuple[Kind, ...], number: int, seed: int) -> tuple[Kind, str, bytes]:
    """Input `number`: its kind, ending and bytes."""
    rng = np.random.default_rng([seed, number])
    kind = every[number % len(every)]
    ending, data = kind.valid[int(rng.integers(len(kind.valid)))]
    other = kind.valid[int(rng.integers(len(kind.valid)))][1]
    return kind, ending, mutated(data, rng, other)


def work(pipe: Connection, first: int, count: int, seed: int) -> None:
    """Try inputs one after the other; tell each number before and what came of it after."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        every = kinds()
        for number in range(first, count):
            kind, ending, data = broken_input(every, number, seed)
            path = folder / f"input{ending}"
            path.write_bytes(data)
            pipe.send((number, kind.name, ending, None))
            pipe.send((number, kind.name, ending, outcome(kind, path)))
            if number % 1000 == 999:
                pipe.send((number, "memory", "", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}"))
    pipe.send(None)


def outcome(kind: Kind, path: Path) -> str:
    """Read one input: "" where it was read or refused with a sentence, else what went wrong."""
    try:
        kind.read(path)
    except FaceGPTError as error:
        return "" if str(error).strip() else "a refusal without a sentence"
    except MemoryError:
        return "MemoryError"
    except Exception:
        return traceback.format_exc(limit=-3)
    return ""


class Run:
    """A run in a folder: how far it is, and what was found."""

    def __init__(self, folder: Path, seed: int):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.seed = folder, seed
        self.place, self.list = folder / "next.txt", folder / "findings.jsonl"
        self.memory: list[float] = []

    @property
    def next(self) -> int:
        """The first input that was not tried."""
        return int(self.place.read_text()) if self.place.is_file() else 0

    def tried(self, number: int) -> None:
        """Note that an input is done."""
        if number % 200 == 199:
            self.place.write_text(str(number + 1))

    def found(self, number: int, kind: str, ending: str, what: str) -> None:
        """Keep a finding and its bytes."""
        with self.list.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"number": number, "kind": kind, "ending": ending, "what": what}) + "\n")
        print(f"{number} {kind}{ending}: {what.strip().splitlines()[-1]}", flush=True)

    def process(self, count: int) -> None:
        """Work with one process until it is done, dies or hangs."""
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        first = self.next
        process = multiprocessing.get_context("spawn").Process(target=work, args=(theirs, first, count, self.seed))
        process.start()
        theirs.close()
        last = (first, "start", "", None)
        patience = 300.0  # imports and kernels
        while True:
            try:
                if not ours.poll(patience):
                    self.found(*last[:3], f"no answer in {patience:.0f} s")
                    break
                told = ours.recv()
            except EOFError:
                self.found(*last[:3], "the process died")
                break
            if told is None:
                self.place.write_text(str(count))
                process.join()
                return
            last, patience = told, LONGEST_S
            self._take(told)
        process.kill()
        process.join()
        self.place.write_text(str(last[0] + 1))

    def _take(self, told: tuple[int, str, str, str | None]) -> None:
        number, kind, ending, what = told
        if kind == "memory":
            self.memory.append(float(what or 0))
            if len(self.memory) > 2 and self.memory[-1] - self.memory[1] > GROWTH_MB:
                self.found(number, kind, ending, f"memory grew from {self.memory[1]:.0f} to {self.memory[-1]:.0f} MB")
                self.memory = [self.memory[0], self.memory[-1]]
        elif what:
            self.found(number, kind, ending, what)
        elif what is not None:
            self.tried(number)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("-n", "--count", type=int, default=100_000, help="inputs in all")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/fuzz"), help="folder of the run; goes on there")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="write this input to the folder and try it alone")
    told = parser.parse_args()
    run = Run(told.output, told.seed)
    if told.only is not None:
        kind, ending, data = broken_input(kinds(), told.only, told.seed)
        path = told.output / f"{told.only}{ending}"
        path.write_bytes(data)
        print(path, kind.name, outcome(kind, path) or "read, or refused with a sentence")
        return
    while run.next < told.count:
        run.process(told.count)
    findings = len(run.list.read_text("utf-8").splitlines()) if run.list.is_file() else 0
    print(f"{told.count} inputs, {findings} findings, memory by the thousand: {[round(m) for m in run.memory]} MB")


if __name__ == "__main__":
    main()
