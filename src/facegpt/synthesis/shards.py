"""The words of `facegpt synthesize words`: samples written as WebDataset shards, and read back.

A shard is a tar file of one JSON file per sample, in the order of the stream. The same seed gives the same bytes with
any number of processes; shards that are there already are kept, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import tarfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from facegpt.progress import Progress
from facegpt.synthesis.dialogues import MIX, Sample, sample_at
from facegpt.types import FaceGPTError

CARD = "card.json"
#: Samples in one shard.
SHARD_SIZE = 2000


@dataclass(frozen=True)
class ShardJob:
    """One shard to write: samples first to first + count - 1 of the stream of `seed`."""

    path: str
    seed: int
    first: int
    count: int


def synthesize_words(
    folder: str | Path, count: int, seed: int = 0, workers: int = 1, shard_size: int = SHARD_SIZE
) -> dict[str, Any]:
    """Write `count` samples to a folder, with a data card.

    Args:
        folder: made if need be. One that holds shards of the same seed and sizes is completed.
        count: how many samples.
        seed: another seed gives other samples.
        workers: how many processes.
        shard_size: how many samples a shard holds.

    Returns:
        The data card (also written to card.json): settings, counts by kind and task, checksums of the shards.

    Raises:
        FaceGPTError: for a count below 1, or a folder with shards of other settings.
    """
    if count < 1 or workers < 1 or shard_size < 1:
        raise FaceGPTError("count, workers and the shard size are whole numbers above 0")
    folder = _folder(folder)
    settings = _settings(count, seed, shard_size)
    _refuse_others(folder, settings)
    firsts = range(0, count, shard_size)
    jobs = [
        ShardJob(str(folder / f"words-{k:06d}.tar"), seed, first, min(shard_size, count - first))
        for k, first in enumerate(firsts)
    ]
    _write_json(folder / CARD, {**settings, "complete": False})
    with Progress("samples", count) as show:
        shards = _write_all(jobs, workers, show)
    card = {**settings, "complete": True, **_counts(shards), "shards": [shards[job.path] for job in jobs]}
    _write_json(folder / CARD, card)
    return card


def read_shards(folder: str | Path) -> Iterator[Sample]:
    """Read the samples of a folder in their order.

    Raises:
        FaceGPTError: if there are no shards, or one is damaged.
    """
    paths = sorted(Path(folder).glob("words-*.tar"))
    if not paths:
        raise FaceGPTError(f"'{folder}' holds no shards (words-*.tar); write some with facegpt synthesize words")
    for path in paths:
        try:
            with tarfile.open(path) as tar:
                for member in tar:
                    file = tar.extractfile(member)
                    if file is not None and member.name.endswith(".json"):
                        yield _from_json(json.load(file))
        except (tarfile.TarError, EOFError, json.JSONDecodeError) as error:
            raise FaceGPTError(f"'{path}' is damaged ({error}); delete it and run synthesize words again") from error


def _write_all(jobs: list[ShardJob], workers: int, show: Progress) -> dict[str, dict[str, Any]]:
    """Write the missing shards, in this process or several; give each shard's record by its path."""
    shards: dict[str, dict[str, Any]] = {}
    done = 0
    if workers == 1 or len(jobs) == 1:
        for job in jobs:
            shards[job.path] = write_shard(job)
            done += job.count
            show(done)
        return shards
    # "spawn" works everywhere and does not copy a parent's threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
        futures = {pool.submit(write_shard, job): job for job in jobs}
        for future in as_completed(futures):
            job = futures[future]
            shards[job.path] = future.result()
            done += job.count
            show(done)
    return shards


def write_shard(job: ShardJob) -> dict[str, Any]:
    """Write one shard, all of it or nothing, unless it is there; give its name, checksum and counts."""
    path = Path(job.path)
    if not path.exists():
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for index in range(job.first, job.first + job.count):
                body = json.dumps(_as_json(index, sample_at(index, job.seed)), ensure_ascii=False).encode()
                info = tarfile.TarInfo(f"{index:09d}.json")
                info.size = len(body)
                tar.addfile(info, io.BytesIO(body))
        partial = path.with_suffix(".partial")
        partial.write_bytes(buffer.getvalue())
        os.replace(partial, path)
    return _record(path, job.count)


def _record(path: Path, count: int) -> dict[str, Any]:
    """Describe a shard by its content; a shard with another number of samples is not one of ours."""
    kinds: Counter[str] = Counter()
    tasks: Counter[str] = Counter()
    try:
        with tarfile.open(path) as tar:
            for member in tar:
                file = tar.extractfile(member)
                fields = json.load(file) if file is not None else {}
                kinds[fields["kind"]] += 1
                tasks[fields["task"]] += 1
    except (tarfile.TarError, EOFError, KeyError, json.JSONDecodeError) as error:
        raise FaceGPTError(f"'{path}' is damaged ({error}); delete it and run again") from error
    if sum(kinds.values()) != count:
        raise FaceGPTError(f"'{path}' holds {sum(kinds.values())} samples, not {count}; delete it and run again")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"name": path.name, "sha256": digest, "samples": count, "kinds": dict(kinds), "tasks": dict(tasks)}


def _as_json(index: int, sample: Sample) -> dict[str, Any]:
    return {"index": index, **asdict(sample)}


def _from_json(fields: dict[str, Any]) -> Sample:
    fields.pop("index", None)
    fields["history"] = tuple((role, text) for role, text in fields["history"])
    return Sample(**fields)


def _folder(folder: str | Path) -> Path:
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FaceGPTError(f"cannot make the folder '{folder}' ({error.strerror}); choose another place") from error
    return folder


def _settings(count: int, seed: int, shard_size: int) -> dict[str, Any]:
    """Give what decides the samples: settings, and a checksum of the hand-written words they are made of."""
    digest = hashlib.sha256()
    corpus = resources.files("facegpt.language") / "corpus"
    for file in sorted(corpus.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith((".jsonl", ".txt")):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return {
        "what": "turns of conversations about faces, with labels (language/LABELS.md)",
        "licence": "CC0-1.0",
        "facegpt": _version(),
        "corpus_sha256": digest.hexdigest(),
        "seed": seed,
        "count": count,
        "shard_size": shard_size,
        "mix": dict(MIX),
        "split": "training side of the corpus only",
    }


def _version() -> str:
    """Give the installed version; the package itself may not be imported from here (it imports everything)."""
    try:
        return metadata.version("facegpt")
    except metadata.PackageNotFoundError:
        return "unknown"


def _refuse_others(folder: Path, settings: dict[str, Any]) -> None:
    """Refuse a folder whose card has other settings: its shards would be mixed with ours."""
    path = folder / CARD
    if not path.exists():
        if any(folder.glob("words-*.tar")):
            raise FaceGPTError(f"'{folder}' holds shards without a card; use an empty folder")
        return
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise FaceGPTError(f"'{path}' is damaged; use an empty folder") from error
    for key, value in settings.items():
        if card.get(key) != value:
            raise FaceGPTError(f"'{folder}' holds shards with another {key}; use an empty folder")


def _write_json(path: Path, value: dict[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(partial, path)


def _counts(shards: dict[str, dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Add up the shards' counts."""
    return {
        key: dict(sum((Counter(shard[key]) for shard in shards.values()), Counter()).most_common())
        for key in ("kinds", "tasks")
    }
