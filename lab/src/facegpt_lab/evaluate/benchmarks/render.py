"""`facegpt bench render`: milliseconds of the CPU renderer beside others, interleaved in one run with equal threads.

Every round runs each contestant once, so that what else the machine does falls on all alike. With one thread the time
is the processor's (of all threads of the process), with more it is the clock's.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from facegpt.render.numba_cpu.renderer import NumbaRenderer
from facegpt.render.reference import ReferenceRenderer
from facegpt_lab.evaluate.benchmarks.render_peers import (
    Contestant,
    Task,
    deodr,
    deodr_kernels,
    make_task,
    mitsuba,
    mitsuba_problem,
    ours,
)
from facegpt_lab.evaluate.registry import Report, Row, figure

OURS = "facegpt, numba"
#: How many times faster forward and backward together should be at 256 px, one image, one thread.
TARGETS = {"DEODR": 2.0, "plain torch": 8.0, "mitsuba, direct, 16 spp": 100.0}


@dataclass(frozen=True)
class Race:
    """The times of one task: milliseconds per batch and round, (N,) by contestant, forward and forward + backward."""

    size: int
    batch: int
    threads: int
    forward_ms: dict[str, np.ndarray]
    both_ms: dict[str, np.ndarray]

    def ratio(self, name: str) -> tuple[float, float, float]:
        """How many times longer than ours forward + backward take: the median of the rounds and the quartiles."""
        count = len(self.both_ms[name])
        low, middle, high = np.percentile(self.both_ms[name] / self.both_ms[OURS][:count], [25, 50, 75])
        return float(middle), float(low), float(high)


def contestants(task: Task, threads: int) -> list[Contestant]:
    """Set up all that are installed; the slow ones for single images only."""
    found = [
        ours(task, NumbaRenderer(threads), OURS),
        ours(task, ReferenceRenderer(), "plain torch"),
    ]
    makers: list[Callable[[], Contestant]] = [lambda: deodr(task), lambda: deodr_kernels(task)]
    if task.batch == 1 and not mitsuba_problem():
        makers.append(lambda: mitsuba(task, threads))
    elif task.batch == 1:
        print(f"not raced: {mitsuba_problem()}", file=sys.stderr)
    for make in makers:
        try:
            found.append(make())
        except ImportError as error:
            print(f"not raced: {error}", file=sys.stderr)
    return found


def race(size: int, batch: int, threads: int, seconds: float) -> Race:
    """Run the contestants in turn until the time is used up, at least three rounds; the slowest skip some rounds."""
    torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    found = contestants(make_task(size, batch), threads)
    forward: dict[str, list[float]] = {c.name: [] for c in found}
    both: dict[str, list[float]] = {c.name: [] for c in found}
    for contestant in found:
        contestant.both()
        contestant.both()
    end = time.perf_counter() + seconds
    rounds = 0
    while rounds < 3 or time.perf_counter() < end:
        for contestant in found:
            if rounds >= 3 and np.median(both[contestant.name]) > 0.1 * seconds:
                continue
            for run, times in ((contestant.forward, forward), (contestant.both, both)):
                start = clock()
                run()
                times[contestant.name].append(clock() - start)
        rounds += 1
    forward_ms = {name: np.array(times) * 1e3 for name, times in forward.items()}
    return Race(size, batch, threads, forward_ms, {name: np.array(times) * 1e3 for name, times in both.items()})


def table(races: list[Race]) -> str:
    """Format races as a Markdown table: medians, and how many times longer than ours with the quartiles."""
    lines = ["| px | batch | threads | renderer | forward ms | forward + backward ms | times ours (quartiles) |"]
    lines.append("|---|---|---|---|---|---|---|")
    for found in races:
        for name in found.both_ms:
            middle, low, high = found.ratio(name)
            times = f"{np.median(found.forward_ms[name]):.2f} | {np.median(found.both_ms[name]):.2f}"
            head = f"| {found.size} | {found.batch} | {found.threads} | {name} "
            lines.append(f"{head}| {times} | {middle:.1f} ({low:.1f} to {high:.1f}) |")
    return "\n".join(lines)


def rows(races: list[Race]) -> tuple[Row, ...]:
    """Figures of races; the targets are judged at 256 px, one image, one thread."""
    found: list[Row] = []
    for each in races:
        where = f"{each.size} px, batch {each.batch}, {each.threads} thread{'s' if each.threads > 1 else ''}"
        found.append(figure(f"forward, {where}", float(np.median(each.forward_ms[OURS])), "ms"))
        found.append(figure(f"forward + backward, {where}", float(np.median(each.both_ms[OURS])), "ms"))
        for name in each.both_ms:
            if name != OURS:
                judged = TARGETS.get(name) if (each.size, each.batch, each.threads) == (256, 1, 1) else None
                metric = f"{name} / ours, forward + backward, {where}"
                found.append(figure(metric, each.ratio(name)[0], "times", at_least=judged))
    return tuple(found)


def run_races(quick: bool, report: Callable[[str], None]) -> list[Race]:
    """Run one race when quick, else all: three sizes, one image and sixteen, one thread; and 256 px with two."""
    plans = (
        [(256, 1, 1)] if quick else [(s, b, 1) for s in (128, 256, 512) for b in (1, 16)] + [(256, 1, 2), (256, 16, 2)]
    )
    races = []
    for size, batch, threads in plans:
        report(f"racing at {size} px, batch {batch}, {threads} thread(s)")
        races.append(race(size, batch, threads, seconds=10.0 if quick else 30.0))
    return races


def bench(quick: bool) -> Report:
    """Race the renderers: the entry of `facegpt bench render`."""
    races = run_races(quick, lambda line: print(line, file=sys.stderr))
    print(table(races), file=sys.stderr)
    return Report("the mean of the default head, frontal, its own texture, about a third of the image", rows(races))
