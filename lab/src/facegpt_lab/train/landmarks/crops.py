"""Crops of the photo studio with their labels, decoded once into arrays on disk, and batches drawn from them.

S STORED, the stored crop's edge in pixels, is larger than what the network sees, so that training can move its window.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.runtime.progress import Progress
from facegpt.types import FaceGPTError

STORED, CELL = 144, 4
_AT_ONCE = 500
_INDEX = "crops.json"
#: Array of the detector's own points in pixels of the stored crops; NaN where it saw no face. Not every store has it.
DETECTED_PX = "detected_px"
Labels = dict[str, NDArray[Any]]


def _shapes(points: int, identity: int, expression: int) -> dict[str, tuple[tuple[int, ...], str]]:
    cells = STORED // CELL
    return {
        "image": ((STORED, STORED, 3), "uint8"),
        "points_px": ((points, 2), "float32"),
        "visible": ((points,), "uint8"),
        "parts": ((cells, cells), "uint8"),
        "identity": ((identity,), "float32"),
        "expression": ((expression,), "float32"),
        "yaw_deg": ((), "float32"),
        "px_per_mm": ((), "float32"),
    }


class CropStore:
    """N crops as memory-mapped arrays, one file each: image, points_px, visible, parts, identity and so on.

    Args:
        folder: written by `write_crops`; rows beyond `count` are not there yet.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / _INDEX
        if not path.is_file():
            raise FaceGPTError(f"'{folder}' holds no decoded crops")
        index = json.loads(path.read_text(encoding="utf-8"))
        self.count = int(index["count"])
        self.arrays: Labels = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in index["arrays"]
        }

    def __len__(self) -> int:
        return self.count

    def add(self, folder: Path, name: str, array: NDArray[Any]) -> None:
        """Store one more array (N, …) beside the others; whole or not at all."""
        part = folder / f"{name}.part.npy"
        np.save(part, array)
        part.replace(folder / f"{name}.npy")
        _write_index(folder, self.count, {*self.arrays, name})
        self.arrays[name] = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)

    def rows(self, chosen: NDArray[np.integer]) -> Labels:
        """Copy some rows of every array."""
        return {name: np.asarray(array[chosen]) for name, array in self.arrays.items()}


class CropMix:
    """Several stores, each with its share of a batch.

    Args:
        first: has what the others leave.
        more: stores and their shares, 0..1, below 1 together.
    """

    def __init__(self, first: CropStore, more: Sequence[tuple[CropStore, float]] = ()) -> None:
        self.stores = [first, *(store for store, _ in more)]
        shares = [share for _, share in more]
        if min(shares, default=0.0) < 0 or sum(shares) >= 1:
            raise FaceGPTError(f"the shares of further crops are positive and below 1 together, not {shares}")
        self.shares = [1 - sum(shares), *shares]

    def rows(self, rng: np.random.Generator, count: int) -> Labels:
        """Draw `count` rows; a store without the detector's points gives NaN."""
        drawn = []
        for store, own in zip(self.stores, rng.multinomial(count, self.shares), strict=True):
            rows = store.rows(np.sort(rng.integers(0, len(store), own)))
            rows.setdefault(DETECTED_PX, np.full((own, 478, 2), np.nan, np.float32))
            drawn.append(rows)
        return {name: np.concatenate([rows[name] for rows in drawn]) for name in drawn[0]}


def write_crops(samples: Iterable[Mapping[str, Any]], folder: Path, count: int) -> CropStore:
    """Decode up to `count` samples of the studio into a folder, once: a folder that is complete is only opened.

    Args:
        samples: dicts as `read_photo_shards` gives them, with "image" (S, S, 3) uint8 or "jpg" bytes.
        folder: made if need be.
        count: rows at most.
    """
    if (folder / _INDEX).is_file():
        return CropStore(folder)
    folder.mkdir(parents=True, exist_ok=True)
    arrays: Labels = {}
    done = 0
    stream = iter(samples)
    with Progress("crops", count) as show, ThreadPoolExecutor(2) as pool:
        while done < count:
            batch = list(islice(stream, min(_AT_ONCE, count - done)))
            if not batch:
                break
            arrays = arrays or _open(folder, batch[0], count)
            images = pool.map(_image, batch)
            for row, (sample, image) in enumerate(zip(batch, images, strict=True), done):
                arrays["image"][row] = image
                for name in arrays.keys() - {"image"}:
                    arrays[name][row] = sample[name]
            done += len(batch)
            show(done)
    if not done:
        raise FaceGPTError("there are no samples to train on; make some with facegpt synthesize photos")
    for array in arrays.values():
        if isinstance(array, np.memmap):
            array.flush()
    _write_index(folder, done, set(arrays))
    return CropStore(folder)


def _write_index(folder: Path, count: int, names: set[str]) -> None:
    part = folder / f"{_INDEX}.part"
    part.write_text(json.dumps({"count": count, "arrays": sorted(names)}), encoding="utf-8")
    part.replace(folder / _INDEX)


def _open(folder: Path, sample: Mapping[str, Any], count: int) -> Labels:
    sizes = (len(sample["points_px"]), len(sample["identity"]), len(sample["expression"]))
    return {
        name: np.lib.format.open_memmap(folder / f"{name}.npy", "w+", dtype, (count, *shape))
        for name, (shape, dtype) in _shapes(*sizes).items()
    }


def _image(sample: Mapping[str, Any]) -> NDArray[np.uint8]:
    image = sample.get("image")
    if image is None:
        image = np.asarray(Image.open(io.BytesIO(sample["jpg"])).convert("RGB"))
    if image.shape != (STORED, STORED, 3):
        raise FaceGPTError(f"a crop to train on has {STORED} x {STORED} pixels, not {image.shape}")
    return image


@dataclass(frozen=True)
class Mirror:
    """What a mirror does to labels.

    Attributes:
        points: (P,) row of each point's mirror image. identity: (I,) signs. expression: (E,) unit of the other side.
    """

    points: NDArray[np.integer]
    identity: NDArray[np.floating]
    expression: NDArray[np.integer]


@dataclass(frozen=True)
class Window:
    """Where the network's window lies in each stored crop and what is done to its colours.

    Attributes:
        corner: (B, 2) x, y of its first pixel. flip: (B,) mirrored. gain: (B, 3). bias: (B,) of sRGB in 0..1.
    """

    corner: NDArray[np.integer]
    flip: NDArray[np.bool_]
    gain: NDArray[np.floating]
    bias: NDArray[np.floating]

    @classmethod
    def middle(cls, count: int, crop: int, flip: bool = False) -> Window:
        """The middle of each crop, colours as they are."""
        corner = np.full((count, 2), (STORED - crop) // 2)
        return cls(corner, np.full(count, flip), np.ones((count, 3), np.float32), np.zeros(count, np.float32))

    @classmethod
    def random(cls, rng: np.random.Generator, count: int, crop: int) -> Window:
        """Any place, either side, other exposure and white balance."""
        exposure = np.exp(rng.normal(0, 0.15, (count, 1)) + rng.normal(0, 0.08, (count, 3)))
        return cls(
            rng.integers(0, STORED - crop + 1, (count, 2)),
            rng.random(count) < 0.5,
            exposure.astype(np.float32),
            rng.normal(0, 0.05, count).astype(np.float32),
        )


_PLACED = ("image", "points_px", "parts", DETECTED_PX)


def cut(rows: Labels, window: Window, mirror: Mirror, crop: int) -> Labels:
    """Cut windows out of stored crops, mirror some, and move their labels along.

    Returns:
        image (B, 3, crop, crop) float32, sRGB 0..1; points (B, P, 2) and detected (B, 478, 2), if the rows have such,
        in crop units; the other labels.
    """
    out = {name: np.array(array) for name, array in rows.items() if name not in _PLACED}
    cells = crop // CELL
    image = np.empty((len(window.flip), crop, crop, 3), np.float32)
    parts = np.empty((len(window.flip), cells, cells), np.int64)
    for k, ((x, y), flip) in enumerate(zip(window.corner, window.flip, strict=True)):
        step = -1 if flip else 1
        image[k] = rows["image"][k, y : y + crop, x : x + crop][:, ::step]
        cx, cy = round(x / CELL), round(y / CELL)
        parts[k] = rows["parts"][k, cy : cy + cells, cx : cx + cells][:, ::step]
    image *= window.gain[:, None, None] / 255
    image += window.bias[:, None, None, None]
    half = crop / 2
    flip = window.flip
    points = placed(rows["points_px"], window, mirror, half)
    if DETECTED_PX in rows:
        out["detected"] = placed(rows[DETECTED_PX], window, mirror, half)
    out["visible"][flip] = out["visible"][flip][:, mirror.points]
    out["identity"][flip] *= mirror.identity
    out["expression"][flip] = out["expression"][flip][:, mirror.expression]
    out["yaw_deg"][flip] *= -1
    return out | {"image": image.transpose(0, 3, 1, 2), "points": points, "parts": parts}


def placed(points_px: NDArray[Any], window: Window, mirror: Mirror, half: float) -> NDArray[np.float32]:
    """Say points in pixels of stored crops (B, N, 2) in crop units of windows; the first N dense points."""
    points = (points_px - window.corner[:, None] - (half - 0.5)) / half
    points[window.flip] = points[window.flip][:, mirror.points[: points.shape[1]]] * (-1, 1)
    return points.astype(np.float32)


def lose_borders(cropped: Labels, rng: np.random.Generator, share: float = 0.08, most: float = 0.35) -> None:
    """Let some faces reach over the edge of their photo: the edge's last line is repeated, as the crop does it.

    Args:
        cropped: what `cut` gives; image and visible change in place.
        rng: source of randomness.
        share: of the crops.
        most: share of the crop that is lost at most.
    """
    image, points = cropped["image"], cropped["points"]
    crop = image.shape[-1]
    for k in np.flatnonzero(rng.random(len(image)) < share):
        lost = int(rng.integers(1, int(most * crop)))
        axis, at_end = rng.integers(2), rng.random() < 0.5
        lines = np.moveaxis(image[k], 2 - axis, 0)  # axis 0: columns, along x
        place = (points[k, :, axis] + 1) * crop / 2
        if at_end:
            lines[-lost:] = lines[-lost - 1]
            gone = place > crop - lost
        else:
            lines[:lost] = lines[lost]
            gone = place < lost
        cropped["visible"][k, gone] = 0
