"""Many heads from words: several processes or machines, each head in a folder, in constant memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from facegpt import __version__
from facegpt.batch.photos import RECORD
from facegpt.data.records import known_record
from facegpt.data.stores import Place, staged
from facegpt.export.bundle import USUAL, FileOptions
from facegpt.runtime.atomic_files import write_text
from facegpt.runtime.remarks import remarked
from facegpt.runtime.sharing import LOCAL, stream_on

if TYPE_CHECKING:
    from facegpt.api import FaceGPT
    from facegpt.face import Face

#: Heads of one job: their words are read once.
HEADS_A_JOB = 8


@dataclass(frozen=True)
class Words:
    """Heads to be made of words.

    Attributes:
        text: what they look like.
        first, count: the heads of seeds `first` to `first + count - 1`.
        folders: one for each, or addresses of stores (data/stores.py).
        hair_lod: detail of their hair in 3D files, as in `Face.save_folder`.
        files: what files of heads hold beside the usual.
        resume: leave out heads that are there already, made of the same words by the same version.
    """

    text: str
    first: int
    count: int
    folders: tuple[Place, ...]
    hair_lod: int | None = 0
    files: FileOptions = USUAL
    resume: bool = False

    def parts(self) -> list[Words]:
        """The same heads in jobs of at most HEADS_A_JOB."""
        starts = range(0, self.count, HEADS_A_JOB)
        cut = [self.folders[k : k + HEADS_A_JOB] for k in starts]
        return [
            replace(self, first=self.first + k, count=len(places), folders=places)
            for k, places in zip(starts, cut, strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Imagined:
    """Heads of one job.

    Attributes:
        heads: for each its folder, the names of its files and its seed.
        understood, ignored: what was read of the words, and what of them is not shown. understood_parts: the first for
            programs.
        remarks: warnings while they were made.
        error: why they could not be made, or None.
    """

    heads: tuple[dict[str, Any], ...] = ()
    understood: tuple[str, ...] = ()
    understood_parts: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    error: str | None = None


def imagine_files(
    words: Words,
    make_model: Callable[[], FaceGPT],
    workers: int | None = None,
    shard: tuple[int, int] = (1, 1),
    on: str = LOCAL,
) -> Generator[Imagined, None, None]:
    """Make heads and write them, some at a time and in the order of their seeds.

    The same seed gives the same head wherever it is made.

    Args:
        words: what to make.
        make_model: gives the model, once in each process; with several a function at the top of a module.
        workers: processes, at most one for HEADS_A_JOB heads; by default 1 on this machine, else one a core.
        shard: (I, N): the I-th of N parts of the jobs, counted from 1; the parts may write into one folder.
        on: "local", or the address of a Ray cluster (runtime/ray_stream.py), whose nodes see the same folders.

    Raises:
        FaceGPTError: if nothing can be made of the words, a file cannot be written, or no cluster answers.
    """
    whole = words if on == LOCAL else replace(words, folders=tuple(folder.resolve() for folder in words.folders))
    jobs = whole.parts()[shard[0] - 1 :: shard[1]]
    if on == LOCAL:
        workers = min(workers or 1, len(jobs))
    return stream_on(on)(jobs, _imagined, make_model, workers, _died)


def _imagined(job: Words, model: Callable[[], FaceGPT]) -> Imagined:
    """Make and write the heads of one job; those that an earlier run wrote are first, since they are in order."""
    there = _already_there(job)
    k = len(there)
    if k == job.count:
        return _summed_up(job, there, [])
    with remarked() as remarks:
        faces = model().imagine_many(job.text, job.count - k, job.first + k)
        made = [_written(job, k + n, face) for n, face in enumerate(faces)]
    return _summed_up(job, there + made, remarks)


def _written(job: Words, k: int, face: Face) -> dict[str, Any]:
    """Write the k-th head of a job; its record, which is written last."""
    with staged(job.folders[k], RECORD) as folder:
        files = face.save_folder(folder, job.hair_lod, job.files)
        read = {"understood": face.understood, "understood_parts": face.understood_parts, "ignored": list(face.ignored)}
        record = {**_settings(job, k), **read, "files": [path.name for path in files]}
        write_text(folder / RECORD, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    return record


def _settings(job: Words, k: int) -> dict[str, Any]:
    """What decides the k-th head of a job."""
    options = [job.files.dense, job.files.fbx, bool(job.files.shapes), job.files.doubt]
    made = {"facegpt": __version__, "text": job.text, "seed": job.first + k}
    return {**made, "hair_lod": job.hair_lod, "options": options}


def _already_there(job: Words) -> list[dict[str, Any]]:
    """The records of the first heads of a job that an earlier run wrote whole."""
    found: list[dict[str, Any]] = []
    for k, folder in enumerate(job.folders if job.resume else ()):
        record = known_record(folder / RECORD, partial(_settings, job, k), partial(_is_whole, folder))
        if record is None:
            break
        found.append(record)
    return found


def _is_whole(folder: Place, record: dict[str, Any]) -> bool:
    return all((folder / name).is_file() for name in record["files"])


def _summed_up(job: Words, records: list[dict[str, Any]], remarks: list[str]) -> Imagined:
    heads = tuple(
        {"folder": str(folder), "files": record["files"], "seed": record["seed"]}
        for folder, record in zip(job.folders, records, strict=True)
    )
    first = records[0]
    words, parts, ignored = (tuple(first[name]) for name in ("understood", "understood_parts", "ignored"))
    return Imagined(heads, words, parts, ignored, tuple(remarks))


def _died(job: Words) -> Imagined:
    seeds = f"seeds {job.first} to {job.first + job.count - 1}"
    return Imagined(error=f"the process that made the heads of {seeds} died (is the memory enough? try --workers 1)")
