"""The words of `facegpt synthesize words`: samples written as WebDataset shards, and read back.

A shard is a tar file of one JSON file per sample, in the order of the stream. The same seed gives the same bytes with
any number of processes; shards that are there already are kept, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from facegpt.runtime.sharing import LOCAL
from facegpt.types import FaceGPTError
from facegpt_lab.synthesis.shard_files import (
    installed_version,
    read_samples,
    shard_record,
    write_card,
    write_shards,
    write_tar,
)
from facegpt_lab.synthesis.texts.corpus import corpus_files, corpus_folder
from facegpt_lab.synthesis.texts.dialogues import MIX, Sample, sample_at

#: The kind of these shards.
KIND = "words"
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
    folder: str | Path,
    count: int,
    seed: int = 0,
    workers: int | None = 1,
    shard_size: int = SHARD_SIZE,
    on: str = LOCAL,
    part: tuple[int, int] = (1, 1),
) -> dict[str, Any]:
    """Write `count` samples to a folder, with a data card.

    Args:
        folder: made if need be. One that holds shards of the same seed and sizes is completed.
        count: how many samples.
        seed: another seed gives other samples.
        workers: how many processes.
        shard_size: how many samples a shard holds.
        on: "local", or the address of a Ray cluster (facegpt/runtime/ray_stream.py), whose nodes see the same folder.
        part: (I, N): the I-th of N parts of the shards, counted from 1; the parts may write into one folder.

    Returns:
        The data card: settings, counts by kind and task, checksums of the shards. It is written to card.json when all
        shards are there; until then it is of this part's alone, and not "complete".

    Raises:
        FaceGPTError: for a count below 1, or a folder with shards of other settings.
    """
    if count < 1 or (workers or 1) < 1 or shard_size < 1:
        raise FaceGPTError("count, workers and the shard size are whole numbers above 0")
    settings = _settings(count, seed, shard_size)
    folder, shards, complete = write_shards(
        *(folder, KIND, settings),
        lambda path, first, size: ShardJob(path, seed, first, size),
        *(write_shard, workers),
        label="samples",
        part=part,
        on=on,
    )
    card = {**settings, "complete": complete, **_counts(shards), "shards": shards}
    if complete:
        write_card(folder, card)
    return card


def read_shards(folder: str | Path) -> Iterator[Sample]:
    """Read the samples of a folder in their order.

    Raises:
        FaceGPTError: if there are no shards, or one is damaged.
    """
    return read_samples(folder, KIND, lambda files: map(_from_json, _parsed(files)))


def write_shard(job: ShardJob) -> dict[str, Any]:
    """Write one shard, all of it or nothing, unless it is there; give its name, checksum and counts."""
    path = Path(job.path)
    if not path.exists():
        write_tar(path, _members(job))
    return _record(path, job.count)


def _members(job: ShardJob) -> Iterator[tuple[str, bytes]]:
    for index in range(job.first, job.first + job.count):
        sample = _as_json(index, sample_at(index, job.seed))
        yield f"{index:09d}.json", json.dumps(sample, ensure_ascii=False).encode()


def _record(path: Path, count: int) -> dict[str, Any]:
    """Describe a shard by its content."""
    record, found = shard_record(path, KIND, count, _parsed)
    return {**record, **{f"{key}s": dict(Counter(fields[key] for fields in found)) for key in ("kind", "task")}}


def _parsed(files: Iterator[tuple[str, bytes]]) -> Iterator[dict[str, Any]]:
    return (json.loads(body) for name, body in files if name.endswith(".json"))


def _as_json(index: int, sample: Sample) -> dict[str, Any]:
    return {"index": index, **asdict(sample)}


def _from_json(fields: dict[str, Any]) -> Sample:
    fields.pop("index", None)
    fields["history"] = tuple((role, text) for role, text in fields["history"])
    return Sample(**fields)


def _settings(count: int, seed: int, shard_size: int) -> dict[str, Any]:
    """What decides the samples: settings, and a checksum of the corpus they are made of."""
    digest = hashlib.sha256()
    folder = corpus_folder()
    for file in sorted([*corpus_files(), *folder.rglob("*.txt")]):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return {
        "what": "turns of conversations about faces, with labels (corpus/LABELS.md)",
        "licence": "CC0-1.0",
        "facegpt": installed_version(),
        "corpus_sha256": digest.hexdigest(),
        "seed": seed,
        "count": count,
        "shard_size": shard_size,
        "mix": dict(MIX),
        "split": "training side of the corpus only",
    }


def _counts(shards: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Add up the shards' counts."""
    return {
        key: dict(sum((Counter(shard[key]) for shard in shards), Counter()).most_common()) for key in ("kinds", "tasks")
    }
