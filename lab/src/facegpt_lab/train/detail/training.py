"""Training of the relief network on examples with known relief: `python -m facegpt_lab.train.detail.training`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, distance_transform_edt, gaussian_filter
from torch import Tensor

from facegpt.appearance.prior import prior_of
from facegpt.detail.network import DetailNetwork
from facegpt.detail.observation import contrast, tone_of
from facegpt.detail.skin_window import HEIGHT, LEFT, SIDE, TOP, WIDTH, Maps, skin_geometry, skin_window
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt_lab.train.detail.added_relief import borrowed, shade
from facegpt_lab.train.detail.examples import STORED, Studio, stored_example
from facegpt_lab.train.detail.laid_over import lay_over
from facegpt_lab.train.loop import Loop, LoopSettings

#: A texel that so little light from around reaches lies in a nostril or another hollow.
HOLLOW = 0.30
#: Side of the pieces of the window that are trained on, a multiple of 16 texels.
PIECE = 112
#: Height of the normal below which skin between the wings of the nose is its underside, with the nostrils.
NOSE_UNDERSIDE = -0.35
#: Weights of squared errors of slopes (mm a texel), of displacements (mm), and of detail where nothing is seen.
#: Squared, since folds are rare: an absolute error is least when none are found.
SLOPES, HEIGHTS, BLIND = 2000.0, 40.0, 4.0
#: Absolute errors of slopes, where a loss has these too, count squared below this, mm a texel.
KNEE = 0.004


def detail_mask(model: MakeHumanHead, open_to_light: NDArray[np.floating]) -> Maps:
    """Where detail may live (HEIGHT, WIDTH) in 0..1: the face without brows, nostrils, rims of eyes and mouth."""
    rows, columns = slice(TOP, TOP + HEIGHT), slice(LEFT, LEFT + WIDTH)
    prior, window = prior_of(model, SIDE), skin_window(model)
    sky = window.interpolate(open_to_light[:, None])[..., 0]
    brows = binary_dilation(prior.residual_sd[rows, columns, 0] > 0.6, iterations=3)
    place = window.interpolate(model.mean_vertices)
    down = skin_geometry(window, model.mean_vertices).normal[..., 1] < NOSE_UNDERSIDE
    nostrils = down & (np.abs(place[..., 0]) < 15) & (place[..., 1] > -38) & (place[..., 1] < -18)
    kept = (window.triangle >= 0) & (prior.mask[rows, columns] > 0.5) & ~brows & (sky > HOLLOW) & ~nostrils
    inside = np.asarray(distance_transform_edt(kept), np.float32)
    return gaussian_filter(np.clip((inside - 1.5) / 6.0, 0, 1), 1.0).astype(np.float32)


def make_examples(folder: Path, first: int, count: int, deepest: float = 1.0, other: bool = False) -> None:
    """Make those of `count` examples from `first` on that the folder lacks: (STORED + 1, HEIGHT, WIDTH) float16.

    deepest: reliefs are deepened by a factor drawn up to this one, since real folds have more contrast than most.
    other: by the second sculptor.
    """
    folder.mkdir(parents=True, exist_ok=True)
    studio = Studio.ready()
    for seed in range(first, first + count):
        path = folder / f"{seed:05d}.npy"
        if path.exists():
            continue
        rng = np.random.default_rng([8, seed])
        relief = None
        if other or deepest != 1:
            drawn = studio.other_relief(rng) if other else studio.relief(rng)
            relief = drawn * np.float32(rng.uniform(1, deepest))
        example = studio.example(seed, relief)
        relief = example.relief - tone_of(example.relief[..., None], np.ones_like(example.relief))[..., 0]
        stored_example(path, example.observation, relief)


class Pieces:
    """Pieces of the window of stored examples, mirrored and disturbed at random, and some of them whole.

    Args:
        files: as `stored_example` writes them; a list, or a folder in which more may come.
        batch: pieces a step. held_out: the first files that are kept for validation.
        mask: (HEIGHT, WIDTH), where detail may live.
        grain: noise on the photo, which must not be where the photo itself is what is to be explained.
        added: share of the pieces that get the folds of another one too (added_relief.py).
        laid: share of the pieces over which something is laid (laid_over.py).
    """

    def __init__(
        self,
        files: Path | list[Path],
        batch: int,
        held_out: int,
        mask: Maps,
        grain: bool = True,
        added: float = 0.0,
        laid: float = 0.0,
    ) -> None:
        self.source, self.batch, self.held_out, self.mask, self.grain = files, batch, held_out, mask, grain
        self.added, self.laid = added, laid
        self._contrasts: dict[Path, float] = {}
        rows, columns = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j].astype(np.float32)
        self.places = np.stack([columns, rows])

    def all(self) -> list[Path]:
        """Every file that is there now."""
        return sorted(self.source.glob("*.npy")) if isinstance(self.source, Path) else self.source

    def files(self) -> list[Path]:
        """Those to learn from."""
        return self.all()[self.held_out :]

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """The batch of a step: channels (B, CHANNELS, PIECE, PIECE), relief or trust, and mask (B, 2, PIECE, PIECE)."""
        rng, files = np.random.default_rng([3, step]), self.files()
        chosen = [files[k] for k in rng.integers(0, len(files), self.batch)]
        return self.stacked(chosen, rng)

    def validation(self) -> tuple[Tensor, Tensor]:
        """The held-out examples: channels (B, CHANNELS, HEIGHT, WIDTH), and relief or trust (B, HEIGHT, WIDTH)."""
        channels, relief = self.stacked(self.all()[: self.held_out], None)
        return channels, relief[:, 0]

    def stacked(self, files: list[Path], rng: np.random.Generator | None) -> tuple[Tensor, Tensor]:
        """Read examples whole, or as mirrored and disturbed pieces drawn by `rng` if given."""
        read = [self._whole(file) if rng is None else self._piece(file, rng) for file in files]
        channels, wanted = zip(*read, strict=True)
        return torch.from_numpy(np.stack(channels)), torch.from_numpy(np.stack(wanted))

    def _whole(self, file: Path) -> tuple[Maps, Maps]:
        stored = np.load(file, mmap_mode="r")
        values = stored.astype(np.float32)
        values[self._scaled] /= contrast(np.asarray(stored[[0, 1, 2, 4]], np.float32))
        return np.concatenate([values[:STORED], self.places]), values[STORED:]

    def _piece(self, file: Path, rng: np.random.Generator) -> tuple[Maps, Maps]:
        stored = np.load(file, mmap_mode="r")
        if file not in self._contrasts:
            self._contrasts[file] = contrast(np.asarray(stored[[0, 1, 2, 4]], np.float32))
        scale = self._contrasts[file]
        row, column = (int(rng.integers(0, (side - PIECE) // 2)) * 2 for side in (HEIGHT, WIDTH))
        piece = np.s_[:, row : row + PIECE, column : column + PIECE]
        values = np.concatenate([stored[piece].astype(np.float32), self.mask[None][piece]])
        if self.added and rng.random() < self.added:
            files = self.files()
            other = np.load(files[int(rng.integers(len(files)))], mmap_mode="r")[piece].astype(np.float32)
            relief = borrowed(other, rng) * np.clip(values[4], 0, 1)
            values[:3] += shade(values, relief, rng)
            values[STORED] += relief
        if self.laid and rng.random() < self.laid:
            lay_over(values, rng)
        values[self._scaled] /= scale * float(np.exp(rng.normal(0, 0.2)))
        values, places = _varied(values, self.places[piece], rng, self.grain)
        return np.concatenate([values[:STORED], places]), values[STORED:]

    @property
    def _scaled(self) -> list[int]:
        """Channels that are divided by the contrast: differences, and a relief in mm; not the trust of photos."""
        return [0, 1, 2, STORED] if self.grain else [0, 1, 2]


def _varied(values: Maps, places: Maps, rng: np.random.Generator, grain: bool) -> tuple[Maps, Maps]:
    """Mirror half of the pieces (the gain across changes its sign), add grain, hide a box or the place from some."""
    if rng.random() < 0.5:
        values, places = values[..., ::-1].copy(), places[..., ::-1].copy()
        values[5] *= -1
        places[0] *= -1
    if grain and rng.random() < 0.2:
        row, column = rng.integers(0, PIECE - 20, 2)
        values[:5, row : row + rng.integers(10, 50), column : column + rng.integers(10, 50)] = 0
    if grain:
        noise = gaussian_filter(rng.standard_normal(values.shape[1:], np.float32), rng.uniform(0.4, 1.8))
        values[:3] += noise * (rng.uniform(0, 0.6) / max(float(noise.std()), 1e-6)) * (values[4] > 0)
    if rng.random() < 0.4:
        places = np.zeros_like(places)
    return values, places


def loss(
    network: DetailNetwork, channels: Tensor, relief: Tensor, mask: Tensor, angles: float = 0.0
) -> dict[str, Tensor]:
    """Mean squared slopes and displacements that are wrong where a photo shows skin, for pieces and their mask.

    angles: weight of absolute errors of slopes beside them: so normals are judged.
    """
    found = network(channels) * mask
    seen = channels[:, 4].clamp(0, 1) * mask
    wanted = relief * mask
    error = found - wanted
    down, across = error.diff(dim=1)[:, :, 1:], error.diff(dim=2)[:, 1:]
    seen = seen[:, 1:, 1:]
    total = seen.sum().clamp(min=1)
    square = down.square() + across.square()
    slope = (square * seen).sum() / total
    height = (error[:, 1:, 1:].square() * seen).sum() / total
    blind = (found[:, 1:, 1:].square() * (1 - seen)).mean()
    told = {"total": SLOPES * slope + HEIGHTS * height + BLIND * blind, "slope": slope, "height": height}
    if angles:
        angle = (((square + KNEE**2).sqrt() - KNEE) * seen).sum() / total
        told |= {"total": told["total"] + angles * angle, "angle": angle}
    return told


def scores(network: DetailNetwork, channels: Tensor, relief: Tensor) -> dict[str, float]:
    """Correlation of displacement and slopes with the truth where skin is seen, and the slopes' error over theirs."""
    with torch.no_grad():
        found = torch.cat([network(c[None]) for c in channels]) * network.mask
    seen = (channels[:, 4] > 0.5) & (network.mask > 0.5)
    wanted = relief * network.mask
    a, b = found[seen], wanted[seen]
    ours = torch.stack([found.diff(dim=1)[:, :, 1:], found.diff(dim=2)[:, 1:]])[:, seen[:, 1:, 1:]]
    true = torch.stack([wanted.diff(dim=1)[:, :, 1:], wanted.diff(dim=2)[:, 1:]])[:, seen[:, 1:, 1:]]
    return {
        "correlation": float(torch.corrcoef(torch.stack([a, b]))[0, 1]),
        "slope_correlation": float(torch.corrcoef(torch.stack([ours.ravel(), true.ravel()]))[0, 1]),
        "slope_error_share": float((ours - true).norm(dim=0).sum() / true.norm(dim=0).sum()),
    }


def train(
    examples: Path,
    folder: Path,
    minutes: float,
    batch: int,
    held_out: int,
    start: Path | None,
    rate: float = 2e-3,
    added: float = 0.0,
    angles: float = 0.0,
    laid: float = 0.0,
) -> None:
    """Train and write `detail_network.safetensors` into the folder at every checkpoint."""
    from safetensors.torch import save_file

    studio = Studio.ready()
    network = DetailNetwork().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    network.mask.copy_(torch.from_numpy(detail_mask(studio.model, studio.open_to_light)))
    if start is not None:
        from facegpt.detail.network import read_network

        network.load_state_dict(read_network(start).state_dict())
    batches = Pieces(examples, batch, held_out, network.mask.numpy(), added=added, laid=laid)
    held = batches.validation()

    def compute(step: int) -> Mapping[str, Tensor]:
        channels, relief = batches.draw(step)
        return loss(network, channels, relief[:, 0], relief[:, 1], angles)

    def saved(step: int) -> dict[str, float]:
        network.eval()
        values = {name: value.detach().half().contiguous() for name, value in network.state_dict().items()}
        save_file(values, folder / f"network_{step:06d}.safetensors")
        return scores(network, *held)

    settings = LoopSettings(
        10**6, rate, 100, 0.01, 1.0, 100, 500, minutes=minutes, precision="bfloat16", average_from=0.6
    )
    Loop(network, compute, folder, settings).run(saved)
    saved(10**6)


def main() -> None:
    """Make examples, or train on them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("examples", "train"))
    parser.add_argument("--examples", type=Path, required=True)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--deepest", type=float, default=1.0)
    parser.add_argument("--other", action="store_true")
    parser.add_argument("--minutes", type=float, default=40.0)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--held-out", type=int, default=16)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--added", type=float, default=0.0)
    parser.add_argument("--angles", type=float, default=0.0)
    parser.add_argument("--laid", type=float, default=0.0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.what == "examples":
        make_examples(options.examples, options.first, options.count, options.deepest, options.other)
    else:
        train(
            options.examples,
            options.output,
            options.minutes,
            options.batch,
            options.held_out,
            options.start,
            options.rate,
            options.added,
            options.angles,
            options.laid,
        )


if __name__ == "__main__":
    main()
