"""Learn to see jewellery: networks/jewellery.npz, and the weights of facegpt.reconstruct.left_out.at_ears.

    python -m lab.runs.left_out.learn_jewellery --windows windows.npz --out jewellery.npz

WINDOWS are those of cut_jewellery.py. Three networks of ears are each taught by two thirds of the training half's
photos, one of necks by all of them. Prints how well those photos are told that a network was not taught by, the
weights and the bound of ears that follow from these, and how well the validation half is told.
"""

from __future__ import annotations

import argparse
import io
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from facegpt.encode.recognition import FaceRecognition
from facegpt.reconstruct.left_out import jewellery
from facegpt.reconstruct.left_out.jewellery import EAR_FRAME, NECK_FRAME, Frame
from facegpt.reconstruct.left_out.jewellery_network import BLOCKS, cells
from facegpt.types import Array
from facegpt_lab.evaluate.validation_photos import photos_of
from lab.runs.left_out.cut_jewellery import BARE, DRAWN, WORN
from lab.runs.left_out.drawn_clutter import clutter, with_behind
from lab.runs.left_out.learn_ears import said_of_ears, said_of_pictures

THIRDS, BATCH, EPOCHS, RATE = 3, 32, 8, 4e-3
#: Heads of ears that tell a photo of the training half.
AGAIN = 2
#: Cells count as jewellery from this share on, as none below the other; how much more jewellery weighs; and the whole.
COVERED, FREE, RARE, WHOLE = 0.5, 0.05, 3.0, 0.5
#: Share of windows of ears that get something else behind them; pictures of that, and their side in px.
CLUTTERED, PICTURES, BEHIND_PX = 0.5, 200, 144
WRITTEN = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Taught:
    """Windows as the heads see them: seen (N, C, h, w), and what cut_jewellery.py says of them, one each."""

    seen: Tensor
    covers: NDArray[np.float32]
    inside: NDArray[np.bool_]
    kind: NDArray[np.intp]
    third: NDArray[np.intp]
    taught: NDArray[np.bool_]
    teaches: NDArray[np.bool_]


class Head(nn.Module):
    """What is learnt: features and beliefs of cells (B, C, h, w) → log odds (B, h, w)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, 48, 3, padding=1)
        self.second = nn.Conv2d(48, 24, 3, padding=2, dilation=2)
        self.last, self.drop = nn.Conv2d(24, 1, 1), nn.Dropout2d(0.15)

    def forward(self, seen: Tensor) -> Tensor:
        """Tell each cell."""
        found = self.drop(torch.relu(self.first(seen)))
        told: Tensor = self.last(torch.relu(self.second(found)))[:, 0]
        return told


def main() -> None:
    """Learn ears and necks, print how good they are, and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    torch.set_num_threads(1)
    with np.load(given.windows) as file:
        windows = {
            where: {k[len(where) + 1 :]: file[k] for k in file if k.startswith(where)} for where in ("ear", "neck")
        }
    windows["ear"]["colours"] = before_clutter(windows["ear"])
    features = {where: features_of(each["colours"]) for where, each in windows.items()}
    scale = usual(features["ear"][windows["ear"]["teaches"]])
    arrays: dict[str, NDArray[np.generic]] = {"mean": scale[0], "sd": scale[1]}
    for where, frame in (("ear", EAR_FRAME), ("neck", NECK_FRAME)):
        own = windows[where]
        taught = as_taught(frame, features[where], own, scale)
        heads, odds = learnt(frame, taught)
        arrays |= written(where, heads)
        _report(where, own, odds)
    save(given.out, arrays)


def before_clutter(own: dict[str, NDArray[np.generic]]) -> NDArray[np.uint8]:
    """The colours of windows, every other one that teaches and shows no real jewellery before something else."""
    random, colours = np.random.default_rng(2), own["colours"].copy()
    pictures = [clutter(BEHIND_PX, random) for _ in range(PICTURES)]
    for row in np.flatnonzero(own["teaches"].astype(bool) & (own["kind"] != WORN)):
        if random.random() < CLUTTERED:
            size, picture = colours.shape[1], pictures[random.integers(PICTURES)]
            y, x = random.integers(0, BEHIND_PX - size, 2)
            part = picture[y : y + size, x : x + size][:, :: random.choice([-1, 1])]
            colours[row] = with_behind(colours[row], own["beliefs"][row, ..., 2], own["covers"][row], part)
    return colours


def _report(where: str, own: dict[str, NDArray[np.generic]], odds: Array) -> None:
    """Print how windows as they are are told: by their log odds alone, and ears with the pixels' numbers too."""
    plain = ~own["teaches"].astype(bool)
    worn, taught, names = own["kind"][plain] == WORN, own["taught"][plain].astype(bool), own["name"][plain]
    print(where, "by the network alone")
    said_of_pictures(odds[plain], worn, taught, names)
    if where == "ear":
        print("ear with the numbers of pixels")
        person = np.array([people()[str(name)] for name in names])
        said_of_ears(np.column_stack([own["numbers"][plain], odds[plain]]), worn, taught, names, person)


@cache
def people() -> dict[str, int]:
    """The number of the person on each photo: several photos of a person, or of a scene, are no strangers."""
    return dict(photos_of("training") + photos_of("validation"))


def third_of(name: str) -> int:
    """The third of all people that a photo belongs to: the network of this number was not taught by it."""
    return zlib.crc32(str(people()[name]).encode()) % THIRDS


def features_of(colours: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, 32, h, w): what the recogniser's first blocks make of windows."""
    network, told = FaceRecognition(), []
    with torch.no_grad():
        for start in range(0, len(colours), BATCH):
            planes = torch.from_numpy(colours[start : start + BATCH].transpose(0, 3, 1, 2).astype(np.float32))
            found = functional.relu(network.stem((planes - network.mean) / 255))
            found = functional.max_pool2d(found, 3, 2)
            for block in list(network.blocks)[:BLOCKS]:
                found = block(found)
            told.append(found.numpy())
    return np.concatenate(told)


def usual(features: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean and spread (32,) of channels."""
    return features.mean((0, 2, 3), dtype=np.float64).astype(np.float32), features.std((0, 2, 3)) + np.float32(1e-3)


def as_taught(
    frame: Frame, features: NDArray[np.float32], own: dict[str, NDArray[np.generic]], scale: tuple[Array, Array]
) -> Taught:
    """Windows of cut_jewellery.py as heads see them."""
    mean, sd = (each[:, None, None] for each in scale)
    beliefs = 2 * own["beliefs"].transpose(0, 3, 1, 2) - 0.5
    size = (len(features), 3, cells(frame.height_px), cells(frame.width_px))
    places = np.broadcast_to(jewellery.told_places(frame), size)
    seen = np.concatenate([(features - mean) / sd, beliefs, places], 1).astype(np.float32)
    third = np.array([third_of(str(name)) for name in own["name"]])
    return Taught(
        torch.from_numpy(seen), own["covers"], own["inside"], own["kind"], third, own["taught"], own["teaches"]
    )


def learnt(frame: Frame, taught: Taught) -> tuple[list[Head], Array]:
    """The heads that are shipped, and log odds (N,): of the validation half by these.

    Those of the training half are by heads that no photo of the same person taught; as many for ears that chance
    weighs about as little as in the mean of those that are shipped.
    """
    ears = frame is EAR_FRAME
    others = [
        [trained(frame, taught, taught.third != k, k + THIRDS * n) for n in range(AGAIN if ears else 1)]
        for k in range(THIRDS)
    ]
    heads = [each[0] for each in others] if ears else [trained(frame, taught, taught.third >= 0)]
    odds = np.mean([told(head, frame, taught) for head in heads], 0)
    of_thirds = np.stack([np.mean([told(head, frame, taught) for head in each], 0) for each in others])
    return heads, np.where(taught.taught, of_thirds[taught.third, np.arange(len(odds))], odds)


def trained(frame: Frame, taught: Taught, rows: NDArray[np.bool_], seed: int = 0) -> Head:
    """A head taught by some rows: each cell where it is known, and the surest cells of each window."""
    torch.manual_seed(seed)
    head, chosen = Head(taught.seen.shape[1]), torch.from_numpy(np.flatnonzero(rows & taught.teaches))
    covers, kind = torch.from_numpy(taught.covers), torch.from_numpy(taught.kind)
    inside, near = torch.from_numpy(taught.inside), torch.from_numpy(frame.near())
    descent = torch.optim.AdamW(head.parameters(), RATE / 2, weight_decay=0.02)
    pace = torch.optim.lr_scheduler.OneCycleLR(descent, RATE, total_steps=EPOCHS * (len(chosen) // BATCH))
    fewest = 1 if frame is EAR_FRAME else frame.telling
    for _ in range(EPOCHS):
        order = chosen[torch.randperm(len(chosen))]
        for batch in order[: len(order) // BATCH * BATCH].split(BATCH):
            odds, there = head(taught.seen[batch]), (covers[batch] > COVERED).float()
            known = ((covers[batch] > COVERED) | (covers[batch] < FREE)) & (kind[batch] != WORN)[:, None, None]
            weight = known.float() * inside[batch] * (1 + (RARE - 1) * there)
            loss = functional.binary_cross_entropy_with_logits(odds, there, weight, reduction="sum") / weight.sum()
            shows = (kind[batch] != DRAWN) | ((there * near).sum((1, 2)) >= fewest)
            whole = functional.binary_cross_entropy_with_logits(
                _surest(odds, frame, near & inside[batch]), (kind[batch] != BARE).float(), shows.float()
            )
            descent.zero_grad()
            (loss + WHOLE * whole).backward()  # type: ignore[no-untyped-call]
            descent.step()
            pace.step()
    return head.eval()


def _surest(odds: Tensor, frame: Frame, counts: Tensor) -> Tensor:
    """Log odds (B,) of windows by their surest cells that count, as jewellery.py reads them."""
    surest = torch.where(counts, odds, torch.full_like(odds, -8.0)).flatten(1).topk(frame.telling, 1)[0]
    if frame is NECK_FRAME:
        return surest.mean(1)
    return torch.logsumexp(surest, 1) - float(np.log(frame.telling))


def told(head: Head, frame: Frame, taught: Taught) -> Array:
    """Log odds (N,) of all windows."""
    counts = torch.from_numpy(taught.inside & frame.near())
    with torch.no_grad():
        found = [
            _surest(head(taught.seen[k : k + BATCH]), frame, counts[k : k + BATCH]).numpy()
            for k in range(0, len(counts), BATCH)
        ]
    return np.concatenate(found)


def written(where: str, heads: list[Head]) -> dict[str, NDArray[np.generic]]:
    """The arrays of heads that see the same windows, as networks/jewellery.npz has them."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for name in ("first", "second", "last"):
        layers = [getattr(head, name) for head in heads]
        arrays[f"{where}_{name}"] = np.concatenate([one.weight.detach().numpy() for one in layers]).astype(np.float16)
        arrays[f"{where}_{name}_bias"] = np.concatenate([one.bias.detach().numpy() for one in layers])
    return arrays


def save(path: Path, arrays: dict[str, NDArray[np.generic]]) -> None:
    """Write a compressed npz that has the same bytes whenever it is written."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, values in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, values)
            file.writestr(zipfile.ZipInfo(f"{name}.npy", WRITTEN), buffer.getvalue(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
