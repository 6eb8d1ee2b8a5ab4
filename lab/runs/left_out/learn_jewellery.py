"""Learn to see jewellery: the weights of facegpt.reconstruct.left_out.jewellery_network.

    python -m lab.runs.left_out.learn_jewellery --photos FOLDER --out jewellery.npz

FOLDER holds photos/ and portraits/. The training half teaches: its bare ears and necks as they are and with jewellery
drawn on them, cells of which are known, and those with jewellery, of which only the whole is known. Prints
how well thirds of the training half are told that were left out, and the validation half.
"""

from __future__ import annotations

import argparse
import csv
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, maximum_filter
from torch import Tensor, nn
from torch.nn import functional

import facegpt
from facegpt.data.images import read_image
from facegpt.detect.windows import Photo, Window
from facegpt.encode.parts import FaceParts
from facegpt.encode.recognition import FaceRecognition
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.reconstruct.left_out import jewellery
from facegpt.reconstruct.left_out.at_ears import lobe_window
from facegpt.reconstruct.left_out.jewellery import EAR_FRAME, GROUPS, NECK_FRAME, PX_PER_MM, Frame
from facegpt.reconstruct.left_out.jewellery_network import AROUND, BLOCKS, FIRST_PX, STEP_PX, cells
from facegpt.reconstruct.photo import bald_head, faces_seen
from facegpt.types import Array
from facegpt_lab.evaluate.validation_photos import photos_of
from lab.runs.left_out.drawn_jewellery import Canvas, draw_earring, draw_necklace

LABELS = Path(__file__).with_name("labels.csv")
THIRDS, BARE, DRAWN, WORN, BATCH, EPOCHS, RATE = 3, 3, 6, 6, 32, 8, 4e-3
#: Cells count as jewellery from this share on, as none below the other; how much more jewellery weighs; and the whole.
COVERED, FREE, RARE, WHOLE = 0.5, 0.05, 3.0, 0.5


@dataclass
class Views:
    """Windows (N, …): colours (H, W, 3) uint8, beliefs (h, w, 4), covers (h, w) 0..1 by what is drawn.

    kind: 0 bare, 1 drawn on, 2 worn. inside: (h, w), what the photo has. photo: its name.
    """

    colours: list[NDArray[np.uint8]]
    beliefs: list[Array]
    covers: list[Array]
    inside: list[NDArray[np.bool_]]
    kind: list[int]
    photo: list[str]

    @staticmethod
    def none() -> Views:
        """No windows."""
        return Views([], [], [], [], [], [])


class Head(nn.Module):
    """What is learnt: features and beliefs of cells (B, C, h, w) → log odds (B, h, w)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels + AROUND, 48, 3, padding=1)
        self.second = nn.Conv2d(48, 24, 3, padding=2, dilation=2)
        self.last, self.drop = nn.Conv2d(24, 1, 1), nn.Dropout2d(0.15)

    def forward(self, seen: Tensor) -> Tensor:
        """Tell each cell."""
        found = self.drop(torch.relu(self.first(seen)))
        told: Tensor = self.last(torch.relu(self.second(found)))[:, 0]
        return told


def main() -> None:
    """Learn both, print how good they are, and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    with open(LABELS, encoding="utf-8", newline="") as file:
        labels = {row["name"]: row for row in csv.DictReader(file)}
    arrays: dict[str, NDArray[np.generic]] = {}
    for where, frame in (("ear", EAR_FRAME), ("neck", NECK_FRAME)):
        taught = windows_of(given.photos, labels, "training", where, frame)
        kept = windows_of(given.photos, labels, "validation", where, frame)
        arrays |= learnt(where, frame, taught, kept)
    np.savez_compressed(given.out, **arrays)  # type: ignore[arg-type]


def windows_of(folder: Path, labels: dict[str, dict[str, str]], half: str, where: str, frame: Frame) -> Views:
    """The windows of a half, each once and for the training half also moved, lit otherwise and drawn on."""
    model, random, found = facegpt.load(), np.random.default_rng(1), Views.none()
    head = model.head
    assert isinstance(head, MakeHumanHead)
    for name, _ in photos_of(half):
        seen = max(faces_seen(model, read_image(folder / name)), key=lambda one: np.ptp(one.detection.points[:, 0]))
        if seen.parts is None or seen.parts.points is None:
            continue
        face = bald_head(model, seen, "fast")[0].params
        params = face.replace(camera=face.camera.scaled(seen.photo.scale))
        for side in ("right", "left") if where == "ear" else ("",):
            label = labels[name][f"{side}_ear" if where == "ear" else "necklace"]
            if where == "neck":
                window: Window | None = jewellery.neck_window(head, params, seen.parts.points)
            else:
                at = lobe_window(seen.levels, head, params, side, frame.side_mm, frame.at_mm)
                window = at and at[0]
            if window is None or not label:
                continue
            kinds = [2 if label == "1" else 0]
            if half == "training":
                kinds = [2] * WORN if label == "1" else [0] * BARE + [1] * DRAWN
            for kind in kinds:
                moved = _moved(window, random) if half == "training" else window
                _add(found, seen.levels, seen.parts, moved, frame, kind, name, random, half == "training")
    return found


def third_of(name: str) -> int:
    """The third of all photos that one belongs to: the network of this number was not taught by it."""
    return zlib.crc32(name.encode()) % THIRDS


def _moved(window: Window, random: Generator) -> Window:
    """A window turned, grown and moved a little."""
    side = window.side * float(np.exp(0.12 * random.normal()))
    x, y = np.array([window.x, window.y]) + random.normal(size=2) * 0.023 * window.side
    return Window(float(x), float(y), side, window.roll_rad + 0.12 * random.normal(), window.mirrored)


def _add(
    found: Views,
    photo: Photo,
    parts: FaceParts,
    window: Window,
    frame: Frame,
    kind: int,
    name: str,
    random: Generator,
    teaches: bool,
) -> None:
    """Add one window, drawn on if its kind says so, and lit otherwise if it teaches."""
    crop = photo.crop(window, frame.width_px, repeat_border=True)[:, : frame.height_px].transpose(1, 2, 0)
    at = jewellery.places_in(window, frame)
    beliefs = parts.at(at.reshape(-1, 2)).reshape(*at.shape[:2], -1)
    colours: Array = np.clip(crop, 0, 1)
    covers: Array = np.zeros((frame.height_px, frame.width_px))
    if kind == 1:
        light = float(np.clip(np.quantile(colours.mean(-1), 0.8) * 1.15 * np.exp(0.25 * random.normal()), 0.15, 1.1))
        canvas = Canvas((frame.height_px, frame.width_px), PX_PER_MM, light, random)
        place = np.array(frame.at_mm) * PX_PER_MM
        (draw_earring if frame is EAR_FRAME else draw_necklace)(canvas, tuple(place + random.normal(size=2) * 2.7))
        colours, covers = _laid(canvas, colours, beliefs, frame, random)
    if teaches:
        colours = colours ** np.exp(0.15 * random.normal()) * np.exp(0.25 * random.normal())
        colours = colours * np.exp(0.05 * random.normal(size=3)) + 0.006 * random.normal(size=colours.shape)
    each = [maximum_filter(covers, 7)[int(FIRST_PX) :: STEP_PX, int(FIRST_PX) :: STEP_PX]]
    found.covers.append(each[0][: at.shape[0], : at.shape[1]])
    found.colours.append((255 * np.clip(colours, 0, 1)).astype(np.uint8))
    found.beliefs.append(np.stack([beliefs[..., list(group)].sum(-1) for group in GROUPS], -1))
    found.inside.append(jewellery.inside(photo, window, frame))
    found.kind.append(kind)
    found.photo.append(name)


def _laid(canvas: Canvas, colours: Array, beliefs: Array, frame: Frame, random: Generator) -> tuple[Array, Array]:
    """Colours with what is drawn, as sharp as photos are, and what it covers: hair hides earrings, cloth necklaces."""
    height, width = canvas.size

    def belief(group: int) -> Array:
        own = beliefs[..., list(GROUPS[group])].sum(-1).astype(np.float32)
        return np.asarray(Image.fromarray(own).resize((width, height)))

    covers = canvas.covers
    if frame is NECK_FRAME:
        covers = covers * ((belief(0) > 0.5) | ((belief(3) > 0.5) & (random.random() < 0.25)))
    elif random.random() < 0.5:
        strands = gaussian_filter(random.normal(size=(height, width)), (6, 1.2))
        covers = covers * np.where((belief(1) > 0.4) & (strands > 0.6 * random.normal() * strands.std()), 0.1, 1)
    soft = random.uniform(0.3, 0.9)
    drawn = gaussian_filter(canvas.colours * covers[..., None], (soft, soft, 0))
    covers = gaussian_filter(covers, soft)
    return colours * (1 - covers[..., None]) + drawn, covers


def features(colours: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """(N, 32, h, w): what the recogniser's first blocks make of windows."""
    network, told = FaceRecognition(), []
    with torch.no_grad():
        for start in range(0, len(colours), BATCH):
            planes = torch.from_numpy(np.stack(colours[start : start + BATCH]).transpose(0, 3, 1, 2).astype(np.float32))
            found = functional.relu(network.stem((planes - network.mean) / 255))
            found = functional.max_pool2d(found, 3, 2)
            for block in list(network.blocks)[:BLOCKS]:
                found = block(found)
            told.append(found.numpy())
    return np.concatenate(told)


def learnt(where: str, frame: Frame, taught: Views, kept: Views) -> dict[str, NDArray[np.generic]]:
    """Learn of thirds of the photos in turn, print how those are told that were left out; weights of all together."""
    own, other = features(taught.colours), features(kept.colours)
    mean, sd = own.mean((0, 2, 3)), own.std((0, 2, 3)) + 1e-3
    fold = np.array([third_of(name) for name in taught.photo])
    seen, seen_kept = _inputs(frame, own, taught, mean, sd), _inputs(frame, other, kept, mean, sd)
    heads = [trained(frame, seen, taught, fold != each) for each in range(THIRDS)]
    odds, real = np.zeros(len(fold)), np.array(taught.kind) != 1
    for each, head in enumerate(heads):
        rows = (fold == each) & real
        odds[rows] = _odds(head, frame, seen[rows], np.stack(taught.inside)[rows])
    if frame is NECK_FRAME:  # one network that all photos teach
        heads = [trained(frame, seen, taught, fold >= 0)]
    told = np.mean([_odds(head, frame, seen_kept, np.stack(kept.inside)) for head in heads], 0)
    print(where, "left out", figures(odds[real], np.array(taught.kind)[real] == 2))
    print(where, "validation", figures(told, np.array(kept.kind) == 2))
    arrays: dict[str, NDArray[np.generic]] = {"mean": mean, "sd": sd}
    for name in ("first", "second", "last"):
        layers = [getattr(head, name) for head in heads]
        arrays[f"{where}_{name}"] = np.concatenate([one.weight.detach().numpy() for one in layers]).astype(np.float16)
        arrays[f"{where}_{name}_bias"] = np.concatenate([one.bias.detach().numpy() for one in layers])
    return arrays


def _inputs(frame: Frame, found: NDArray[np.float32], views: Views, mean: Array, sd: Array) -> Tensor:
    """(N, C, h, w): features, beliefs and places of cells."""
    scaled = (found - mean[:, None, None]) / sd[:, None, None]
    beliefs = 2 * np.stack(views.beliefs).transpose(0, 3, 1, 2) - 0.5
    places = np.broadcast_to(
        jewellery.told_places(frame), (len(found), 3, cells(frame.height_px), cells(frame.width_px))
    )
    return torch.from_numpy(np.concatenate([scaled, beliefs, places], 1).astype(np.float32))


def trained(frame: Frame, seen: Tensor, views: Views, rows: NDArray[np.bool_], seed: int = 0) -> Head:
    """A head taught by some rows: each cell where it is known, and the surest cells of each window."""
    torch.manual_seed(seed)
    head, chosen = Head(seen.shape[1] - AROUND), torch.from_numpy(np.flatnonzero(rows))
    covers, kind = torch.from_numpy(np.stack(views.covers).astype(np.float32)), torch.tensor(views.kind)
    inside, near = torch.from_numpy(np.stack(views.inside)), torch.from_numpy(frame.near())
    descent = torch.optim.AdamW(head.parameters(), RATE / 2, weight_decay=0.02)
    steps = EPOCHS * (len(chosen) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(descent, RATE, total_steps=max(steps, 1))
    for _ in range(EPOCHS):
        order = chosen[torch.randperm(len(chosen))]
        for batch in order[: len(order) // BATCH * BATCH].split(BATCH):
            odds, there = head(seen[batch]), (covers[batch] > COVERED).float()
            known = ((covers[batch] > COVERED) | (covers[batch] < FREE)) & (kind[batch] != 2)[:, None, None]
            weight = known.float() * inside[batch] * (1 + (RARE - 1) * there)
            loss = functional.binary_cross_entropy_with_logits(odds, there, weight, reduction="sum") / weight.sum()
            shows = (kind[batch] != 1) | ((there * near).sum((1, 2)) >= frame.telling)
            whole = functional.binary_cross_entropy_with_logits(
                _surest(odds, frame, near & inside[batch]), (kind[batch] > 0).float(), shows.float()
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


def _odds(head: Head, frame: Frame, seen: Tensor, inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    with torch.no_grad():
        counts = torch.from_numpy(inside & frame.near())
        told: NDArray[np.float32] = _surest(head(seen), frame, counts).numpy()
    return told


def figures(odds: Array, there: NDArray[np.bool_]) -> str:
    """The area under the curve, and what is found at two false ones of a hundred."""
    ranks = np.argsort(np.argsort(odds)) + 1.0
    count = int(there.sum())
    area = (ranks[there].sum() - count * (count + 1) / 2) / max(count * (len(there) - count), 1)
    bound = np.quantile(odds[~there], 0.98)
    share = float((odds[there] > bound).mean())
    return f"{count} of {len(there)}: area {area:.3f}, {share:.2f} at .02 false ({bound:.2f})"


if __name__ == "__main__":
    main()
