"""`facegpt bench batch`: photos a minute of a batch on one process, on two, and on nodes of a Ray cluster.

A rate counts from the moment when each process has saved its first photo (its model is loaded and its kernels are
there) to the last photo. The nodes are processes of Ray on this machine with one core each, so that two of them stand
for two machines.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from facegpt.assets import asset_path
from facegpt.batch.photos import RECORD, reconstruct_files
from facegpt.runtime.sharing import LOCAL
from facegpt_lab.evaluate.benchmarks.memory import peak_memory_mb
from facegpt_lab.evaluate.registry import Report, Row, figure

#: Photos of a run; a few more than the processes load in.
PHOTOS, QUICK_PHOTOS = 24, 10
#: Rows that the costs of the page on many photos are worked out from (lab/figures/costs.py).
RATE, MEMORY, ROOM = "one process", "most memory of one process", "files of a head"
#: Least gain of a second node, most overhead of Ray on one, photos of a large collection.
LEAST_GAIN, MOST_OVERHEAD, LARGE = 1.8, 0.10, 1_000_000


def bench(quick: bool) -> Report:
    """Rates of the same photos, run after run; where Ray is not installed its rows are missing."""
    os.environ["OMP_NUM_THREADS"] = "1"
    count = QUICK_PHOTOS if quick else PHOTOS
    with tempfile.TemporaryDirectory() as folder:
        photos = _copies(Path(folder), count)
        with _on_core(0):
            alone = _rate(photos, Path(folder) / "alone", LOCAL, 1)
        rows = [figure(RATE, alone, "photos/min")]
        memory, room = peak_memory_mb(), _bytes_below(Path(folder) / "alone") / count / 1e6
        rows += [figure(MEMORY, memory, "MB")] if memory is not None else []
        rows.append(figure(ROOM, room, "MB"))
        rows.append(figure("two processes", _rate(photos, Path(folder) / "two", LOCAL, 2), "photos/min"))
        rows += _on_ray(photos, Path(folder), alone)
    rows.append(figure(f"{LARGE:,} photos, by one process's rate", LARGE / alone / 60, "hours of a core"))
    return Report("the bundled photo in other bounds, `balanced`, saved with all files; one thread each", tuple(rows))


def _on_ray(photos: list[Path], folder: Path, alone: float) -> list[Row]:
    with contextlib.suppress(ImportError):
        rates = []
        for nodes in (1, 2):
            with _cluster(nodes) as address:
                rates.append(_rate(photos, folder / f"nodes_{nodes}", address, nodes))
        return [
            figure("Ray, one node of one core", rates[0], "photos/min"),
            figure("Ray, two nodes of one core", rates[1], "photos/min"),
            figure("two nodes over one", rates[1] / rates[0], "ratio", at_least=LEAST_GAIN),
            figure("overhead of Ray on one node", alone / rates[0] - 1, "share", at_most=MOST_OVERHEAD),
        ]
    return []


@contextlib.contextmanager
def _cluster(nodes: int) -> Iterator[str]:
    """A cluster of nodes of one core each on this machine: its address."""
    from ray.cluster_utils import Cluster

    seen: dict[str, Any] = {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    usual: dict[str, Any] = {"num_cpus": 1, "env_vars": seen}
    with _on_core(0):
        made = Cluster(initialize_head=True, head_node_args={**usual, "include_dashboard": False})
    try:
        for core in range(1, nodes):
            with _on_core(core):
                made.add_node(**usual)
        yield str(made.address)
    finally:
        made.shutdown()


@contextlib.contextmanager
def _on_core(number: int) -> Iterator[None]:
    """Processes that start meanwhile keep to one core, as a machine of one core would (Linux).

    Saving uses a second core where there is one, which a rate of one core may not count.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[number % len(before)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _copies(folder: Path, count: int) -> list[Path]:
    """The bundled photo, each time beginning a pixel later: of equal photos hair and skin would be kept."""
    photo = Image.open(asset_path("astronaut.png"))
    files = [folder / f"photo_{k:03d}.png" for k in range(count)]
    for k, file in enumerate(files):
        photo.crop((k, k, *photo.size)).save(file)
    return files


def _bytes_below(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _rate(photos: list[Path], folder: Path, where: str, workers: int) -> float:
    """Photos a minute once each process runs, by the times at which their records were written."""
    reconstruct_files(photos, folder, workers=workers, on=where)
    done = sorted(record.stat().st_mtime for record in folder.glob(f"*/{RECORD}"))
    return 60 * (len(done) - workers) / (done[-1] - done[workers - 1])
