"""`facegpt bench head`: how large the default head is, how long it loads, and how long one face takes to evaluate.

Vertex calls are timed by the processor's clock of this process with one thread, so that other work on the machine
counts little.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from facegpt.assets import asset_path
from facegpt.morphable.makehuman import head as makehuman
from facegpt_lab.evaluate.registry import Report, Row, figure

LOADS, QUICK_LOADS, CALLS, QUICK_CALLS = 10, 3, 2000, 300
#: A person's face shows about this many units at a time.
ACTIVE_UNITS = 12


def bench(quick: bool) -> Report:
    """Size of the file and the mesh, time to load, time of a vertex call: the entry of `facegpt bench head`."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        loads = _milliseconds(makehuman.load, QUICK_LOADS if quick else LOADS)
        head = makehuman.load()
        calls = {name: _milliseconds(call, QUICK_CALLS if quick else CALLS) for name, call in _calls(head).items()}
    finally:
        torch.set_num_threads(threads)
    rows: list[Row] = [
        figure("file size", asset_path(makehuman.ASSET).stat().st_size / 1e6, "MB", at_most=12.0),
        figure("vertices", head.sizes.vertices, "", at_most=15_000),
        figure("load, checksum included", float(np.median(loads)), "ms", at_most=300.0),
    ]
    for name, times in calls.items():
        rows.append(figure(f"vertex call, {name}", float(np.median(times)), "ms", at_most=1.0))
    return Report("the default head, random people, one thread, medians", tuple(rows))


def _calls(head: makehuman.MakeHumanHead) -> dict[str, Callable[[], Tensor]]:
    """Vertex calls of one face: at rest, with an expression and turned eyes, and with every joint turned."""
    noise = torch.Generator().manual_seed(1)
    identity = torch.randn(1, head.sizes.identity, generator=noise)
    expression = torch.zeros(1, head.sizes.expression)
    expression[0, torch.randperm(head.sizes.expression, generator=noise)[:ACTIVE_UNITS]] = 0.4
    still = torch.zeros(1, head.sizes.joints, 3)
    gaze = still.clone()
    gaze[0, [head.joint_names.index("left_eye"), head.joint_names.index("right_eye")]] = 0.1

    def call(units: Tensor, joints: Tensor) -> Callable[[], Tensor]:
        @torch.no_grad()
        def run() -> Tensor:
            return head.vertices(identity, units, joints)

        return run

    return {
        "at rest": call(0 * expression, still),
        f"{ACTIVE_UNITS} units and turned eyes": call(expression, gaze),
        f"{ACTIVE_UNITS} units and every joint": call(expression, still + 0.1),
    }


def _milliseconds(step: Callable[[], object], rounds: int) -> list[float]:
    step()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        step()
        times.append(1e3 * (time.process_time() - start))
    return times
