"""What photos without truth teach honestly: folds laid on real skin, and one half of a face that explains the other.

A relief that explains the light of its own photo may have copied the skin's marks. Two things cannot be had by copying:

- Folds of a sculpture are laid on a photo, as its own light shows them. What the network finds must grow by just these
  folds; what it makes of the photo alone is taken as it is. So it sees folds on real skin, in real light, by a camera.
- What is found on one half of a face, mirrored, must explain the other half's light. Most folds come in pairs, and side
  light shows the two differently; marks, hair and shadows lie on one side.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from facegpt.detail.explained_light import HOLLOW_TEXELS, Stiffness
from facegpt.detail.network import DetailNetwork
from facegpt.detail.observation import contrast
from facegpt.detail.skin_window import HEIGHT, WIDTH, Maps
from facegpt_lab.train.detail.added_relief import borrowed, shade
from facegpt_lab.train.detail.examples import STORED
from facegpt_lab.train.detail.training import KNEE as SLOPE_KNEE
from facegpt_lab.train.detail.training import PIECE

#: Below this a difference of light counts squared, above it as it is; in the network's units.
KNEE = 1.0
_HOLLOW = Stiffness().hollow


class RealSkin:
    """Pieces of photos, those of the same place on the other half of the face, and folds to lay on them.

    Args:
        photos: files as `photos.look_at` writes them: (STORED + 1, HEIGHT, WIDTH), trust last.
        sculptures: files of examples whose folds are laid on; or a folder in which more may come.
        batch: pieces a step. mask: (HEIGHT, WIDTH), where detail may live.
    """

    def __init__(self, photos: list[Path], sculptures: Path | list[Path], batch: int, mask: Maps) -> None:
        self.photos, self.sculptures, self.batch, self.mask = photos, sculptures, batch, mask
        rows, columns = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j].astype(np.float32)
        self.places = np.stack([columns, rows])

    def draw(self, step: int) -> dict[str, Tensor]:
        """The batch of a step.

        plain, folded: (B, CHANNELS, PIECE, PIECE) without and with laid-on folds. laid: (B, PIECE, PIECE) their relief,
        over the contrast. other: the plain piece of the other half, mirrored into the same place. trust: of plain and
        other (B, 2, PIECE, PIECE). mask: (B, PIECE, PIECE).
        """
        rng = np.random.default_rng([11, step])
        pieces = [self._piece(self.photos[int(rng.integers(len(self.photos)))], rng) for _ in range(self.batch)]
        return {name: torch.from_numpy(np.stack([one[name] for one in pieces])) for name in pieces[0]}

    def _piece(self, photo: Path, rng: np.random.Generator) -> dict[str, Maps]:
        whole = np.load(photo, mmap_mode="r")
        scale = contrast(np.asarray(whole[[0, 1, 2, 4]], np.float32)) * float(np.exp(rng.normal(0, 0.2)))
        row, column = (int(rng.integers(0, (side - PIECE) // 2)) * 2 for side in (HEIGHT, WIDTH))
        rows = slice(row, row + PIECE)
        sides = [self._side(whole, rows, c) for c in (column, WIDTH - PIECE - column)]
        sides[1] = mirrored(sides[1])
        if rng.random() < 0.5:
            sides = [mirrored(side) for side in sides[::-1]]
        (plain, other), folds = sides, self._folds(rows, column, rng)
        laid = folds * np.clip(plain[4], 0, 1) * plain[-1]
        folded = plain.copy()
        folded[:3] += shade(plain, laid, rng)
        for values in (plain, folded, other):
            values[:3] /= scale
        mask, trust = plain[-1], np.stack([plain[STORED], other[STORED]])
        channels = {"plain": plain, "folded": folded, "other": other}
        seen = {name: np.concatenate([v[:STORED], v[STORED + 1 : -1]]) for name, v in channels.items()}
        return {**seen, "laid": laid / np.float32(scale), "trust": trust, "mask": mask}

    def _side(self, whole: Maps, rows: slice, column: int) -> Maps:
        """Channels, trust, places and mask of a piece, stacked."""
        piece = np.s_[:, rows, column : column + PIECE]
        parts = (whole[piece].astype(np.float32), self.places[piece], self.mask[None][piece])
        return np.concatenate(parts)

    def _folds(self, rows: slice, column: int, rng: np.random.Generator) -> Maps:
        """The relief (PIECE, PIECE) mm of some sculpture at the same place, either way round."""
        given = self.sculptures
        files = given if isinstance(given, list) else sorted(given.glob("*.npy"))
        other = np.load(files[int(rng.integers(len(files)))], mmap_mode="r")
        relief = borrowed(other[:, rows, column : column + PIECE].astype(np.float32), rng)
        return relief if rng.random() < 0.5 else -0.5 * relief


def mirrored(side: Maps) -> Maps:
    """A stacked piece seen in a mirror: the gain across and the place across change their sign."""
    turned = side[..., ::-1].copy()
    turned[5] *= -1
    turned[STORED + 1] *= -1
    return turned


def real_skin_losses(
    network: DetailNetwork, batch: dict[str, Tensor], slopes: float, angles: float
) -> dict[str, Tensor]:
    """What it costs that laid-on folds are not found, and that the halves of faces do not explain each other.

    slopes, angles: weights of squared and absolute errors of the slopes of laid-on folds, as in `training.loss`.
    """
    mask, trust = batch["mask"], batch["trust"]
    count = len(mask)
    plain, other, folded = network(torch.cat([batch["plain"], batch["other"], batch["folded"]])).split(count)
    error = (folded - plain.detach() - batch["laid"]) * mask
    down, across = error.diff(dim=1)[:, :, 1:], error.diff(dim=2)[:, 1:]
    seen = (trust[:, 0] * mask)[:, 1:, 1:]
    square = down.square() + across.square()
    mean = seen.sum().clamp(min=1)
    laid = slopes * (square * seen).sum() / mean
    laid = laid + angles * (((square + SLOPE_KNEE**2).sqrt() - SLOPE_KNEE) * seen).sum() / mean
    both = trust.prod(1) * mask
    halves = [unexplained(batch["plain"], other * mask, both), unexplained(batch["other"], plain * mask, both)]
    return {"laid": laid, "halves": torch.stack(halves).mean()}


def unexplained(channels: Tensor, relief: Tensor, trust: Tensor) -> Tensor:
    """How much of the light of photos (B, CHANNELS, H, W) a relief (B, H, W) leaves, less what smooth skin leaves."""
    across = (relief[:, 1:-1, 2:] - relief[:, 1:-1, :-2]) / 2
    down = (relief[:, 2:, 1:-1] - relief[:, :-2, 1:-1]) / 2
    wide = functional.avg_pool2d(relief[:, None], HOLLOW_TEXELS, 1, HOLLOW_TEXELS // 2, count_include_pad=False)[:, 0]
    gains, inner = channels[:, 5:7, 1:-1, 1:-1], trust[:, 1:-1, 1:-1]
    shaded = 10 * (gains[:, 0] * across + gains[:, 1] * down + _HOLLOW * (relief - wide)[:, 1:-1, 1:-1])
    missing = channels[:, :3].mean(1)[:, 1:-1, 1:-1]
    left = [KNEE * ((v.square() + KNEE**2).sqrt() - KNEE) for v in (missing - shaded, missing)]
    return ((left[0] - left[1]) * inner).sum() / inner.sum().clamp(min=1)
