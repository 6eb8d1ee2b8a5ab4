"""Training of the network of eyewear: glasses drawn on bare faces of photos, and photos of people who wear some."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from facegpt.detect.geometry import align, canonical_face
from facegpt.detect.windows import Photo, Window
from facegpt.encode.eyewear import MEAN_COLOUR, ROWS, SD_COLOUR, WIDTH_PX, eyewear_window
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array
from facegpt_lab.train.eyewear.frames_drawn import DrawnFrame, View, painted, strands
from facegpt_lab.train.eyewear.network import EyewearNetwork
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.parts.training import take_statistics

#: Shares of windows that get glasses, that show real ones; of bare windows that get strands.
DRAWN, REAL, STRANDS = 0.5, 0.12, 0.4
#: Shares of windows that go grey, are compressed, blurred.
GREY, COMPRESSED, BLURRED = 0.1, 0.4, 0.5
HEIGHT_PX = ROWS.stop - ROWS.start
#: How much pixels of rims count; the share of two lenses and rims in the loss.
RIM_COUNTS, MAPS = 4.0, 3.0


@dataclass(frozen=True, eq=False)
class SeenPhoto:
    """A photo, the detector's points (478, 3) px of its face, and whether it wears glasses."""

    photo: Photo
    points: Array
    worn: bool


@dataclass(frozen=True)
class EyewearSettings:
    """How long is trained: steps and minutes at most; windows in a step."""

    steps: int = 6000
    minutes: float = 25.0
    batch: int = 24
    learning_rate: float = 2e-3
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Example:
    """A window (3, H, W) sRGB 0..1, rims and lenses (2, H, W) or None where they are not known, and what is worn."""

    image: NDArray[np.float32]
    maps: NDArray[np.float32] | None
    worn: float


def looked(seen: SeenPhoto, rng: np.random.Generator) -> tuple[Window, View]:
    """A window about the eyes, off by what detections are, and the head in it."""
    window = eyewear_window(seen.points)
    side = window.side * float(np.exp(rng.normal(0, 0.08)))
    shift = rng.normal(0, 0.03, 2) * side
    roll = window.roll_rad + float(np.radians(rng.normal(0, 6)))
    window = replace(window, x=window.x + shift[0], y=window.y + shift[1], side=side, roll_rad=roll)
    rotation, scale, _ = align(seen.points)
    back = np.linalg.inv(window.of_pixels(WIDTH_PX)[:, :2])
    middle = seen.points[:468, :2].mean(0) - scale * (canonical_face().points @ rotation[:2].T).mean(0)
    origin = back @ (middle - window.of_pixels(WIDTH_PX)[:, 2]) - [0.0, ROWS.start]
    turned = np.array(rotation)
    turned[:2] = (back / np.sqrt(np.linalg.det(back))) @ rotation[:2]
    return window, View(turned, scale * float(np.sqrt(np.linalg.det(back))), origin)


def example(seen: SeenPhoto, drawn: bool, rng: np.random.Generator) -> Example:
    """A window of a photo, perhaps with glasses drawn on it, varied."""
    window, view = looked(seen, rng)
    image = seen.photo.crop(window, WIDTH_PX)[:, ROWS]
    maps: NDArray[np.float32] | None = np.zeros((2, *image.shape[1:]), np.float32)
    if rng.random() < STRANDS:
        image = strands(image, view.scale, rng)
    if seen.worn:
        maps = None
    elif drawn:
        frame = DrawnFrame(rng)
        masks = frame.masks(view, image.shape[1:])
        image, maps = painted(image, frame, masks, view.scale, rng), np.stack([masks.rims, masks.lenses])
    if rng.random() < 0.5:
        image, maps = image[..., ::-1], None if maps is None else maps[..., ::-1]
    return Example(varied(image, rng), maps, float(seen.worn or drawn))


def varied(image: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Vary exposure, colour, sharpness and compression of a window (3, H, W), sRGB 0..1."""
    image = np.ascontiguousarray(image)
    if rng.random() < BLURRED:
        image = np.stack([np.asarray(gaussian_blur(plane, rng.uniform(0.3, 1.3))) for plane in image])
    gain = np.exp(rng.normal(0, 0.2) + rng.normal(0, 0.07, 3))[:, None, None]
    image = np.clip(image * gain + rng.normal(0, 0.04), 0, 1)
    if rng.random() < GREY:
        image[:] = image.mean(0)
    image = np.clip(image + rng.normal(0, rng.uniform(0, 0.03), image.shape), 0, 1)
    if rng.random() < COMPRESSED:
        file = io.BytesIO()
        pixels = np.ascontiguousarray((image * 255).astype(np.uint8).transpose(1, 2, 0))
        Image.fromarray(pixels).save(file, "JPEG", quality=int(rng.integers(30, 90)))
        image = (np.asarray(Image.open(file)).transpose(2, 0, 1) / 255).astype(np.float32)
    return np.asarray(image, np.float32)


def batch_of(photos: Sequence[SeenPhoto], count: int, rng: np.random.Generator) -> list[Example]:
    """Windows of bare faces, half of them with glasses drawn on, and of people who wear some."""
    wearers, bare = [one for one in photos if one.worn], [one for one in photos if not one.worn]
    made = []
    for _ in range(count):
        real = len(wearers) > 0 and rng.random() < REAL
        among = wearers if real else bare
        made.append(example(among[rng.integers(len(among))], not real and rng.random() < DRAWN, rng))
    return made


def loss_of(told: Tensor, worn: Tensor, examples: Sequence[Example]) -> Mapping[str, Tensor]:
    """Cross-entropy of maps (B, 2, H, W) where they are known, and of what is worn (B,)."""
    truth = torch.tensor([one.worn for one in examples])
    known = [k for k, one in enumerate(examples) if one.maps is not None]
    maps = torch.from_numpy(np.stack([np.ascontiguousarray(examples[k].maps) for k in known]))
    weight = 1 + RIM_COUNTS * maps[:, :1]
    each = functional.binary_cross_entropy_with_logits(told[known], maps, reduction="none")
    area = (each * weight).mean()
    says = functional.binary_cross_entropy_with_logits(worn, truth)
    return {"total": MAPS * area + says, "maps": area, "worn": says}


def train(photos: Sequence[SeenPhoto], folder: Path, settings: EyewearSettings) -> EyewearNetwork:
    """Train from nothing; the log and the checkpoint lie in the folder."""
    torch.manual_seed(settings.seed)
    network = EyewearNetwork().to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def compute(step: int) -> Mapping[str, Tensor]:
        examples = batch_of(photos, settings.batch, np.random.default_rng([settings.seed, step]))
        told, worn = network(whitened(examples))
        return loss_of(told.float(), worn.float(), examples)

    loop = LoopSettings(
        settings.steps, settings.learning_rate, minutes=settings.minutes, average_from=0.7, save_every=200,
        precision="bfloat16",
    )  # fmt: skip
    Loop(network, compute, folder, loop).run()
    batches = (whitened(batch_of(photos, 24, np.random.default_rng([77, seed]))) for seed in range(20))
    take_statistics(network, batches)
    return network.eval()


def whitened(examples: Sequence[Example]) -> Tensor:
    """Windows as the network sees them: (B, 3, H, W)."""
    images = np.stack([(one.image - MEAN_COLOUR) / SD_COLOUR for one in examples]).astype(np.float32)
    return torch.from_numpy(images).to(memory_format=torch.channels_last)


def export(network: EyewearNetwork, path: Path) -> None:
    """Write the network as ONNX with weights in float16; needs the package onnx."""
    from facegpt_lab.train.landmarks.export import export_windows

    export_windows(network, torch.zeros(2, 3, HEIGHT_PX, WIDTH_PX), ["maps", "worn"], path)
