"""The pictures of `facegpt synthesize photos`: written as WebDataset shards, and read back.

A shard is a tar file of a `.jpg` and a `.npz` per picture, in the order of their numbers. The same seed gives the same
bytes with any number of processes; shards that are there already are kept, so an interrupted run goes on.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

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
from facegpt_lab.synthesis.studio.sample import StudioPhoto, StudioSettings, make_photo

#: The kind of these shards.
KIND = "photos"
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
#: Those that come with StudioSettings.maps.
MAPS = ("depth", "normal", "part_map")


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
    workers: int | None = 1,
    settings: StudioSettings | None = None,
    shard_size: int = SHARD_SIZE,
    on: str = LOCAL,
    part: tuple[int, int] = (1, 1),
) -> dict[str, Any]:
    """Write `count` pictures with their labels to a folder, with a data card and a contact sheet.

    A folder that holds shards of the same seed and settings is completed. Of several parts (I, N), counted from 1, that
    write into one folder the last to end writes the card and the sheet.

    Returns:
        The data card: settings, counts, checksums of the shards. It is written to card.json when all shards are there;
        until then it is of this part's alone, and not "complete".

    Raises:
        FaceGPTError: for a count below 1, or a folder with shards of other settings.
    """
    settings = settings or StudioSettings()
    if not 1 <= count <= STRIDE or (workers or 1) < 1 or shard_size < 1 or seed < 0:
        raise FaceGPTError(f"count (at most {STRIDE}), workers and the shard size are whole numbers above 0")
    said = _settings(count, seed, shard_size, settings)
    folder, shards, complete = write_shards(
        *(folder, KIND, said),
        lambda path, first, size: PhotoShardJob(path, seed, first, size, settings),
        *(write_photo_shard, workers),
        label="pictures",
        part=part,
        on=on,
        prepare=lambda: make_photo(seed * STRIDE, settings),  # the pool of skins and the kernels
    )
    card = {**said, "complete": complete, "shards": shards}
    if complete:
        write_card(folder, card)
        contact_sheet(folder)
    return card


def read_photo_shards(folder: str | Path) -> Iterator[dict[str, Any]]:
    """Read the pictures of a folder in their order: dicts of "number", "image" (H, W, 3) uint8, LABELS and MAPS.

    Raises:
        FaceGPTError: if there are no shards, or one is damaged.
    """
    return read_samples(folder, KIND, _pictures)


def _pictures(files: Iterator[tuple[str, bytes]]) -> Iterator[dict[str, Any]]:
    """Make pictures of the files of a shard: each picture's file comes before that of its labels."""
    picture: dict[str, Any] = {}
    for name, body in files:
        stem, _, kind = name.partition(".")
        data = io.BytesIO(body)
        if kind == "jpg":
            picture = {"number": int(stem), "image": np.asarray(Image.open(data).convert("RGB"))}
        else:
            with np.load(data, allow_pickle=False) as labels:
                yield {**picture, **{field: labels[field] for field in labels.files}}


def write_photo_shard(job: PhotoShardJob) -> dict[str, Any]:
    """Write one shard, all of it or nothing, unless it is there; give its name, checksum and count."""
    path = Path(job.path)
    if not path.exists():
        write_tar(path, _members(job))
    record, _ = shard_record(path, KIND, job.count, lambda files: (name for name, _ in files if name.endswith(".npz")))
    return record


def _members(job: PhotoShardJob) -> Iterator[tuple[str, bytes]]:
    for index in range(job.first, job.first + job.count):
        photo = make_photo(job.seed * STRIDE + index, job.settings)
        yield f"{index:08d}.jpg", _jpeg(photo)
        yield f"{index:08d}.npz", _labels(photo)


def _jpeg(photo: StudioPhoto) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(photo.image).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()


def _labels(photo: StudioPhoto) -> bytes:
    """The labels as an .npz, compressed where it holds maps; the same bytes at any time of day."""
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
    buffer = io.BytesIO()  # numpy stores 1980-01-01 as the date of every member
    if photo.depth is None or photo.normal is None:
        np.savez(buffer, **fields)
    else:
        maps = (photo.depth.astype(np.float32), photo.normal.astype(np.float16), photo.part_map)
        fields |= zip(MAPS, maps, strict=True)
        np.savez_compressed(buffer, **fields)
    return buffer.getvalue()


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
    """What decides the pictures."""
    chosen = asdict(settings)
    if not settings.maps:  # folders from before there were these are completed too
        del chosen["maps"]
    if settings.yaw_deg is None:
        del chosen["yaw_deg"]
    # Places differ between machines; what counts is what they hold.
    skins = Path(settings.photo_skins)
    chosen["photo_skins"] = hashlib.sha256(skins.read_bytes()).hexdigest() if skins.is_file() else ""
    chosen["photos"] = bool(settings.photos)
    return {
        "what": "rendered faces with exact labels (docs/synthetic-photos.md)",
        "licence": "CC0-1.0, as far as no photos were given" if settings.photo_skins or settings.photos else "CC0-1.0",
        "facegpt": installed_version(),
        "seed": seed,
        "count": count,
        "shard_size": shard_size,
        **chosen,
    }
