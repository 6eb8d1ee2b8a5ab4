"""Training of the network of parts: exact labels of the studio, and what other networks allow on real photos."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from facegpt.encode.parts import HAND, HAT, INPUT_PX, MEAN_COLOUR, PARTS, SD_COLOUR
from facegpt_lab.train.loop import Loop, LoopSettings
from facegpt_lab.train.parts.cloth import covered
from facegpt_lab.train.parts.held import HandPictures, lay_before, put_before
from facegpt_lab.train.parts.network import PartsNetwork, stored_network
from facegpt_lab.train.parts.photo_windows import PhotoWindows
from facegpt_lab.train.parts.pictures import PartPictures
from facegpt_lab.train.parts.worn_cloth import put_on

#: How much a pixel of each part counts: small parts more, but hats, which photos with drawn cloth are full of.
WEIGHTS = (1.0, 1.0, 3.0, 1.0, 2.0, 10.0, 1.0, 3.0, 1.0)
#: How much lower belief in a hat and in a hand is set after training (log odds): they are drawn far more often than
#: photos show them. Chosen by heads of the training half: for hats by those that were kept from training, for hands by
#: 139 without hands, of which a trial of 290 steps then covered none by 3 %.
RARER = {HAT: 0.5, HAND: 0.5}
#: How much photos, as they are or with cloth drawn on them, count beside the studio; share of pictures that lose a
#: border, and how much at most; that go grey.
PHOTOS, BORDERS, LOST, GREY = 0.7, 0.4, 0.3, 0.1
#: Share of cloth on bare heads that is a wearer's (`worn_cloth`). How much it counts that pixels which wear nothing
#: are told as the network told them that is trained on (Li and Hoiem 2016); belief in a hat that is not kept. Share of
#: hands that are of photos (`held`).
WORN, KEPT, UNKEPT, OF_PHOTOS = 0.6, 1.0, 0.05, 0.35


@dataclass(frozen=True)
class PartsSettings:
    """How long is trained, and on what.

    Attributes:
        steps, minutes: at most. batch: pictures of the studio in a step. photos: windows of photos.
        clothed: windows of bare heads over whose hair cloth is drawn. handed: windows before whose faces hands are put.
    """

    steps: int = 4000
    minutes: float = 20.0
    batch: int = 6
    photos: int = 8
    clothed: int = 8
    handed: int = 8
    learning_rate: float = 2e-3
    seed: int = 0


def train(
    pictures: PartPictures,
    photos: PhotoWindows,
    hands: HandPictures,
    folder: Path,
    settings: PartsSettings,
    start: Path | None = None,
) -> PartsNetwork:
    """Train from nothing, or on from a network that `export` wrote; the log and the checkpoint lie in the folder."""
    torch.manual_seed(settings.seed)
    some = _some(pictures, photos, hands)
    network = PartsNetwork() if start is None else stored_network(start, some)
    network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    before = None if start is None else stored_network(start, some)
    free = photos.bare & ~photos.hands.any((1, 2))

    def compute(step: int) -> Mapping[str, Tensor]:
        rng = np.random.default_rng([settings.seed, step])
        own = rng.integers(0, len(pictures.image), settings.batch)
        other = rng.integers(0, len(photos.image), settings.photos)
        label = np.left_shift(1, pictures.label[own].astype(np.uint16)).astype(np.uint16)
        clothed, may = _clothed(photos, settings.clothed, rng)
        handed, held = _handed(photos, hands, settings.handed, rng)
        bits = np.concatenate([label, photos.allowed[other], may, held])
        images, bits = varied(np.concatenate([pictures.image[own], photos.image[other], clothed, handed]), bits, rng)
        logits = network(torch.from_numpy(images).to(memory_format=torch.channels_last)).float()
        each = allowed_loss(functional.interpolate(logits, scale_factor=2.0, mode="bilinear"), torch.from_numpy(bits))
        studio, photo = each[: len(own)].mean(), each[len(own) :].mean()
        bare = np.concatenate([np.ones(len(own), bool), free[other], np.zeros(len(clothed) + len(handed), bool)])
        kept = _moved_off(before, logits, images, bare) if before is not None else torch.zeros(())
        return {"total": studio + PHOTOS * photo + KEPT * kept, "studio": studio, "photos": photo, "kept": kept}

    loop = LoopSettings(
        settings.steps,
        settings.learning_rate,
        minutes=settings.minutes,
        average_from=0.7,
        save_every=100,
        precision="bfloat16" if torch.cpu._is_avx512_bf16_supported() else "float32",  # emulated, it takes four times
    )
    Loop(network, compute, folder, loop).run()
    take_statistics(network, (_some(pictures, photos, hands, 20, seed) for seed in range(1, 21)))
    with torch.no_grad():
        for part, less in RARER.items():
            network.tell.bias[part] -= less  # type: ignore[index]
    return network.eval()


def _moved_off(before: PartsNetwork, logits: Tensor, images: NDArray[np.float32], bare: NDArray[np.bool_]) -> Tensor:
    """How far logits (B, P, h, w) say other than an earlier network of bare heads (B,): relative entropy, a mean."""
    with torch.no_grad():
        told = functional.log_softmax(before(torch.from_numpy(images[bare])), 1)
    now = functional.log_softmax(logits[torch.from_numpy(bare)], 1)
    off = functional.kl_div(now, told, log_target=True, reduction="none")
    return (off.sum(1) * (told[:, HAT].exp() < UNKEPT)).mean()


def _clothed(
    photos: PhotoWindows, count: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Some windows of bare heads with cloth drawn on them, and what their pixels may show."""
    heads, patterns = rng.choice(np.flatnonzero(photos.bare), count), rng.integers(0, len(photos.image), count)
    wearers = np.flatnonzero(photos.cloth.any((1, 2)))
    made = []
    for head, pattern in zip(heads, patterns, strict=True):
        own = photos.image[head], photos.allowed[head], photos.points[head]
        if len(wearers) and rng.random() < WORN:
            from_whom = rng.choice(wearers)
            wearer = photos.image[from_whom], photos.cloth[from_whom], photos.points[from_whom]
            made.append(put_on(own, wearer, photos.image[pattern], rng))
        else:
            made.append(covered(*own, photos.image[pattern], rng))
    images, allowed = (np.stack(column) for column in zip(*made, strict=True))
    return images, allowed


def _handed(
    photos: PhotoWindows, hands: HandPictures, count: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Some windows with hands put before and beside their faces, and what their pixels may show."""
    owners = np.flatnonzero(photos.hands.any((1, 2)))
    heads = rng.choice(np.flatnonzero(~photos.hands.any((1, 2))), count)
    made = []
    for head in heads:
        own = photos.image[head], photos.allowed[head], photos.points[head]
        if len(owners) and rng.random() < OF_PHOTOS:
            whose = rng.choice(owners)
            made.append(put_before(own, (photos.image[whose], photos.hands[whose], photos.points[whose]), rng))
        else:
            pattern = photos.image[rng.integers(len(photos.image))]
            made.append(lay_before(own, hands, int(rng.integers(len(hands.tips))), pattern, rng))
    images, allowed = (np.stack(column) for column in zip(*made, strict=True))
    return images, allowed


def varied(
    images: NDArray[np.uint8], bits: NDArray[np.uint16], rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Vary exposure, side, colour and borders of pictures (B, S, S, 3) and their bits; whitened (B, 3, S, S)."""
    out, kept = np.empty((len(images), 3, *images.shape[1:3]), np.float32), np.array(bits, np.int32)
    for k, image in enumerate(images):
        gain = np.exp(rng.normal(0, 0.2) + rng.normal(0, 0.08, 3))
        colours = np.clip(image / 255.0 * gain + rng.normal(0, 0.04), 0, 1)
        if rng.random() < GREY:
            colours[:] = colours.mean(-1, keepdims=True)
        if rng.random() < BORDERS:
            side, lost = int(rng.integers(4)), int(rng.uniform(0, LOST) * len(colours))
            turned, marked = np.rot90(colours, side), np.rot90(kept[k], side)
            turned[:lost], marked[:lost] = 0, 1
        if rng.random() < 0.5:
            colours, kept[k] = colours[:, ::-1], kept[k][:, ::-1].copy()
        out[k] = ((colours - MEAN_COLOUR) / SD_COLOUR).transpose(2, 0, 1)
    return out, kept


def allowed_loss(logits: Tensor, bits: Tensor) -> Tensor:
    """Minus the log of the belief in what is allowed, (B,) means over pixels; logits (B, P, S, S), bits (B, S, S)."""
    numbers = torch.arange(len(PARTS)).view(1, -1, 1, 1)
    allowed = (bits[:, None] >> numbers & 1).bool()
    whole = torch.logsumexp(logits, 1)
    some = torch.logsumexp(logits.masked_fill(~allowed, -30.0), 1)
    count = allowed.sum(1)
    weights = (allowed * torch.tensor(WEIGHTS).view(1, -1, 1, 1)).sum(1) / count
    weights = torch.where(count == 1, weights, torch.ones(()))
    return ((whole - some) * weights).mean((1, 2))


def take_statistics(network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Give the batch norms the statistics of the averaged weights, over some batches."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None  # type: ignore[assignment]
    network.train()
    with torch.no_grad():
        for batch in batches:
            network(batch)


def _some(pictures: PartPictures, photos: PhotoWindows, hands: HandPictures, count: int = 48, seed: int = 0) -> Tensor:
    """Pictures of the studio, photos, photos with cloth and with hands, a quarter each: (count, 3, S, S), whitened."""
    rng, each = np.random.default_rng(seed), count // 4
    own, other = rng.integers(0, len(pictures.image), each), rng.integers(0, len(photos.image), each)
    clothed, handed = _clothed(photos, each, rng)[0], _handed(photos, hands, each, rng)[0]
    all_of = np.concatenate([pictures.image[own], photos.image[other], clothed, handed])
    return torch.from_numpy(varied(all_of, np.zeros(all_of.shape[:3], np.uint16), rng)[0])


def export(network: PartsNetwork, path: Path) -> None:
    """Write the network as ONNX with weights in float16; needs the package onnx."""
    from facegpt_lab.train.landmarks.export import export_windows

    export_windows(network, torch.zeros(2, 3, INPUT_PX, INPUT_PX), ["logits"], path)
