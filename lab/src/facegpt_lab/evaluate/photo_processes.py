"""An evaluation's photos shared out among processes; what is done is kept, so that a run which was stopped goes on.

Each process works on one thread, however many there are: results don't depend on their number.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, fields, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from facegpt.assets import FOLDER
from facegpt.runtime.atomic_files import make_folder, write_text
from facegpt.runtime.cache import cache_folder
from facegpt.runtime.processes import Pool, cores
from facegpt.runtime.progress import Progress
from facegpt.types import FaceGPTError

#: Rooms of the package that no result kept here depends on; whatever is in another one may.
_OTHER_ROOMS = ("cli", "serve", "language")
_PACKAGES = ("numpy", "scipy", "numba", "torch", "onnxruntime", "pillow")

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Kept(Generic[Job, Result]):
    """How results are kept as JSON in the cache's folder "evals".

    Attributes:
        name: of the evaluation.
        read: makes a result of what JSON gives: dataclasses come back as dicts, arrays and tuples as lists.
        identify: tells a job, and what it reads, from all others.
    """

    name: str
    read: Callable[[Any], Result]
    identify: Callable[[Job], str] = repr

    def folder(self) -> Path:
        """The folder of results by the present code and data files; others are of no use and never read."""
        return cache_folder() / "evals" / f"{self.name}_{_fingerprint()[:16]}"


def in_processes(
    work: Callable[[Job], Result],
    jobs: Iterable[Job],
    label: str,
    workers: int | None = None,
    kept: Kept[Job, Result] | None = None,
) -> list[Result]:
    """Do a function of a module on each job; results in the jobs' order.

    workers: processes; by default one for each core up to 8. With `kept`, jobs done before are not done again.

    Raises:
        FaceGPTError: if a process dies.
    """
    jobs = list(jobs)
    files = _files(kept, jobs) if kept else [None] * len(jobs)
    results: dict[int, Result] = {}
    for number, file in enumerate(files):
        if kept and file is not None and file.is_file():
            results[number] = kept.read(json.loads(file.read_text("utf-8")))
    left = [number for number in range(len(jobs)) if number not in results]
    if not left:
        return [results[number] for number in range(len(jobs))]
    with Progress(label, len(jobs)) as progress, Pool(min(workers or cores(), len(left))) as pool:
        running: dict[Future[Result], int] = {pool.submit(work, jobs[number]): number for number in left}
        try:
            for future in as_completed(running):
                number = running[future]
                results[number] = future.result()
                if (file := files[number]) is not None:
                    write_text(file, json.dumps(plain(results[number])))
                progress(len(results))
        except BrokenProcessPool:
            hint = "; what is done is kept" if kept else ""
            raise FaceGPTError(f"a process died (is the memory enough? try --workers 1){hint}") from None
    return [results[number] for number in range(len(jobs))]


def plain(value: Any) -> Any:
    """Make what JSON can write of dataclasses, arrays and tuples, in containers too; floats stay what they are."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def _files(kept: Kept[Job, Result], jobs: Iterable[Job]) -> list[Path | None]:
    folder = make_folder(kept.folder())
    return [folder / f"{hashlib.sha256(kept.identify(job).encode()).hexdigest()[:20]}.json" for job in jobs]


def _fingerprint() -> str:
    """Hash the code that results depend on, the checksums of the data files, and the versions of what does sums."""
    told = hashlib.sha256((FOLDER / "SHA256SUMS.json").read_bytes())
    root = FOLDER.parent
    for file in sorted(root.rglob("*.py")):
        if file.relative_to(root).parts[0] not in _OTHER_ROOMS:
            told.update(file.read_bytes())
    told.update(repr([version(name) for name in _PACKAGES]).encode())
    return told.hexdigest()
