"""The pictures of `facegpt synthesize photos`: written as WebDataset shards, and read back.

A shard is a tar file of a `.jpg` and a `.npz` per picture, in the order of their numbers. The same seed gives the same
bytes with any number of processes; shards that are there already are kept, so an interrupted run goes on.
"""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import tarfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from facegpt.progress import Progress
from facegpt.synthesis.photo_sample import StudioPhoto, StudioSettings, make_photo
from facegpt.types import FaceGPTError

CARD = "card.json"
#: Pictures in one shard; picture k of seed s has the number s · STRIDE + k.
SHARD_SIZE, STRIDE = 1000, 10_000_000
#: Quality of the stored pictures: what a camera did to them is in them already.
JPEG_QUALITY = 95
#: Largest side of a picture in the contact sheet.
SHEET_PX = 160
#: Fields of a picture's labels.
LABELS = (
    *("points_px", "visible", "parts", "identity", "expression", "joints", "rotation", "translation", "focal_px"),
    *("principal_px", "albedo", "lighting", "yaw_deg", "px_per_mm"),
)


@dataclass(frozen=True)
class PhotoShardJob:
    """One shard to write: pictures first to first + count - 1 of the stream of `seed`."""

    path: str
    seed: int
    first: int
    count: int
    settings: StudioSettings


def synthesize_photos(
    folder: str | Path,
    count: int,
    seed: int = 0,
    workers: int = 1,
    settings: StudioSettings | None = None,
    shard_size: int = SHARD_SIZE,
) -> dict[str, Any]:
    """Write `count` pictures with their labels to a folder, with a data card and a contact sheet.

    A folder that holds shards of the same seed and settings is completed.

    Returns:
        The data card (also written to card.json): settings, counts, checksums of the shards.

    Raises:
        FaceGPTError: for a count below 1, or a folder with shards of other settings.
    """
    settings = settings or StudioSettings()
    if not 1 <= count <= STRIDE or workers < 1 or shard_size < 1 or seed < 0:
        raise FaceGPTError(f"count (at most {STRIDE}), workers and the shard size are whole numbers above 0")
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FaceGPTError(f"cannot make the folder '{folder}' ({error.strerror}); choose another place") from error
    said = _settings(count, seed, shard_size, settings)
    _refuse_others(folder, said)
    jobs = [
        PhotoShardJob(str(folder / f"photos-{k:06d}.tar"), seed, first, min(shard_size, count - first), settings)
        for k, first in enumerate(range(0, count, shard_size))
    ]
    _write_json(folder / CARD, {**said, "complete": False})
    make_photo(seed * STRIDE, settings)  # the pool of skins and the kernels are made once, not by every process
    with Progress("pictures", count) as show:
        shards = _write_all(jobs, workers, show)
    card = {**said, "complete": True, "shards": [shards[job.path] for job in jobs]}
    _write_json(folder / CARD, card)
    contact_sheet(folder)
    return card


def read_photo_shards(folder: str | Path) -> Iterator[dict[str, Any]]:
    """Read the pictures of a folder in their order: dicts of "number", "image" (H, W, 3) uint8 and LABELS.

    Raises:
        FaceGPTError: if there are no shards, or one is damaged.
    """
    paths = sorted(Path(folder).glob("photos-*.tar"))
    if not paths:
        raise FaceGPTError(f"'{folder}' holds no shards (photos-*.tar); write some with facegpt synthesize photos")
    for path in paths:
        yield from _read_shard(path)


def _read_shard(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with tarfile.open(path) as tar:
            picture: dict[str, Any] = {}
            for member in tar:
                body = tar.extractfile(member)
                if body is None:
                    continue
                stem, _, kind = member.name.partition(".")
                data = io.BytesIO(body.read())
                if kind == "jpg":
                    picture = {"number": int(stem), "image": np.asarray(Image.open(data).convert("RGB"))}
                else:
                    with np.load(data, allow_pickle=False) as labels:
                        picture.update({name: labels[name] for name in labels.files})
                    yield picture
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise FaceGPTError(f"'{path}' is damaged ({error}); delete it and run synthesize photos again") from error


def write_photo_shard(job: PhotoShardJob) -> dict[str, Any]:
    """Write one shard, all of it or nothing, unless it is there; give its name, checksum and count."""
    path = Path(job.path)
    if not path.exists():
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for index in range(job.first, job.first + job.count):
                photo = make_photo(job.seed * STRIDE + index, job.settings)
                for kind, body in (("jpg", _jpeg(photo)), ("npz", _labels(photo))):
                    info = tarfile.TarInfo(f"{index:08d}.{kind}")
                    info.size = len(body)
                    tar.addfile(info, io.BytesIO(body))
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_bytes(buffer.getvalue())
        os.replace(partial, path)
    return _record(path, job.count)


def _jpeg(photo: StudioPhoto) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(photo.image).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()


def _labels(photo: StudioPhoto) -> bytes:
    """Give the labels as an uncompressed .npz; the same bytes at any time of day."""
    params = photo.params
    fields: dict[str, Any] = {
        "points_px": photo.points_px,
        "visible": photo.visible,
        "parts": photo.parts,
        "identity": np.asarray(params.identity, np.float32),
        "expression": np.asarray(params.expression, np.float32),
        "joints": np.asarray(params.joints, np.float32),
        "rotation": np.asarray(params.pose.rotation, np.float32),
        "translation": np.asarray(params.pose.translation, np.float32),
        "focal_px": np.float64(params.camera.focal_px),
        "principal_px": np.asarray(params.camera.principal_px, np.float64),
        "albedo": np.asarray(params.albedo, np.float32),
        "lighting": np.asarray(params.lighting, np.float32),
        "yaw_deg": np.float64(photo.yaw_deg),
        "px_per_mm": np.float64(photo.px_per_mm),
    }
    assert tuple(fields) == LABELS
    buffer = io.BytesIO()
    np.savez(buffer, **fields)  # numpy stores 1980-01-01 as the date of every member
    return buffer.getvalue()


def _write_all(jobs: list[PhotoShardJob], workers: int, show: Progress) -> dict[str, dict[str, Any]]:
    """Write the missing shards, in this process or several; give each shard's record by its path."""
    shards: dict[str, dict[str, Any]] = {}
    done = 0
    if workers == 1 or len(jobs) == 1:
        for job in jobs:
            shards[job.path] = write_photo_shard(job)
            done += job.count
            show(done)
        return shards
    context = multiprocessing.get_context("spawn")  # works everywhere and does not copy a parent's threads
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
        futures = {pool.submit(write_photo_shard, job): job for job in jobs}
        for future in as_completed(futures):
            job = futures[future]
            shards[job.path] = future.result()
            done += job.count
            show(done)
    return shards


def _record(path: Path, count: int) -> dict[str, Any]:
    """Describe a shard by its content; a shard with another number of pictures is not one of ours."""
    try:
        with tarfile.open(path) as tar:
            found = sum(member.name.endswith(".npz") for member in tar)
    except (tarfile.TarError, EOFError) as error:
        raise FaceGPTError(f"'{path}' is damaged ({error}); delete it and run again") from error
    if found != count:
        raise FaceGPTError(f"'{path}' holds {found} pictures, not {count}; delete it and run again")
    return {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "samples": count}


def contact_sheet(folder: Path, columns: int = 10, rows: int = 6) -> None:
    """Write sheet.jpg: the first pictures side by side."""
    pictures = [p["image"] for _, p in zip(range(columns * rows), read_photo_shards(folder), strict=False)]
    side = min(pictures[0].shape[0], SHEET_PX)
    pictures = [np.asarray(Image.fromarray(p).resize((side, side), Image.Resampling.BOX)) for p in pictures]
    sheet = np.zeros((-(-len(pictures) // columns) * side, columns * side, 3), np.uint8)
    for k, picture in enumerate(pictures):
        row, column = divmod(k, columns)
        sheet[row * side : (row + 1) * side, column * side : (column + 1) * side] = picture
    Image.fromarray(sheet).save(folder / "sheet.jpg", quality=88)


def _settings(count: int, seed: int, shard_size: int, settings: StudioSettings) -> dict[str, Any]:
    """Give what decides the pictures."""
    try:
        version = metadata.version("facegpt")
    except metadata.PackageNotFoundError:
        version = "unknown"
    chosen = asdict(settings)
    # Places differ between machines; what counts is what they hold.
    skins = Path(settings.photo_skins)
    chosen["photo_skins"] = hashlib.sha256(skins.read_bytes()).hexdigest() if skins.is_file() else ""
    chosen["photos"] = bool(settings.photos)
    return {
        "what": "rendered faces with exact labels (docs/synthetic-photos.md)",
        "licence": "CC0-1.0, as far as no photos were given" if settings.photo_skins or settings.photos else "CC0-1.0",
        "facegpt": version,
        "seed": seed,
        "count": count,
        "shard_size": shard_size,
        **chosen,
    }


def _refuse_others(folder: Path, settings: dict[str, Any]) -> None:
    """Refuse a folder whose card has other settings: its shards would be mixed with ours."""
    path = folder / CARD
    if not path.exists():
        if any(folder.glob("photos-*.tar")):
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
