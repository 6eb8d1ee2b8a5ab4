"""Two losses of a drawn head by the face-recognition network: the person, and what its middle layers see.

Identity is the squared distance of the network's descriptors of the drawn head and of the photo; perceptual that of its
features, position by position (Johnson et al. 2016; Deng et al. 2019 hold a face's descriptor to its photo likewise).
Both look at one chip: the square of the photo that the network expects, in which the head's skin stands where the photo
shows skin, and the photo's own pixels everywhere else. So eyes, hair, hands and backdrop are the same in both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from facegpt.encode.face_chips import CHIP_PX, chip_square
from facegpt.encode.recognition import FaceRecognition, Look
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.types import Array

#: Side of the kept chips, pixels: the head's own texture holds no more. The network gets them enlarged to CHIP_PX.
SMALL_PX = CHIP_PX // 2


def chip_square_of(points478: Array) -> tuple[float, float, float]:
    """The middle (x, y) and the side of a face's chip, from the detector's points; it stands as their axes do."""
    corner, side, roll = chip_square(np.asarray(points478, np.float64)[list(MEDIAPIPE_68), :2])
    along = np.array([np.cos(roll), np.sin(roll)])
    x, y = corner + side / 2 * (along + np.array([-along[1], along[0]]))
    return float(x), float(y), side


def chip_squares(points478: Tensor) -> tuple[Tensor, Tensor]:
    """The middles (N, 2) and sides (N,) of N chips, in the unit of the points (N, 478, 2)."""
    found = torch.tensor([chip_square_of(points) for points in points478.numpy()]).reshape(-1, 3)
    return found[:, :2], found[:, 2]


def read_at(maps: Tensor, middles: Tensor, sides: Tensor, size: int) -> Tensor:
    """Read maps of crops (N, S, S) at the pixels of squares in crop units: (N, size, size)."""
    steps = (torch.arange(size) + 0.5) / size - 0.5
    grid = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), 2)
    at = middles[:, None, None] + grid * sides[:, None, None, None]
    return functional.grid_sample(maps[:, None], at, mode="bilinear", align_corners=False)[:, 0]


class Likeness:
    """Compares drawn heads with photos by the frozen recognition network."""

    def __init__(self) -> None:
        self._network = FaceRecognition()

    def losses(self, drawn: Tensor, share: Tensor, photo: Tensor) -> dict[str, Tensor]:
        """The mean squared distances of descriptors ("identity") and of middle features ("perceptual").

        Args:
            drawn: (N, S, S, 3) sRGB 0..1 of the heads.
            share: (N, S, S) 0..1 how surely the photo, too, shows what is drawn there.
            photo: (N, S, S, 3) sRGB 0..1.
        """
        with torch.no_grad():
            wanted = self.look(photo)
        found = self.look(photo + share[..., None] * (drawn.clamp(0, 1) - photo))
        return {
            "identity": (found.descriptor - wanted.descriptor).square().sum(1).mean(),
            "perceptual": perceptual(found.middle, wanted.middle),
        }

    def look(self, pictures: Tensor) -> Look:
        """Look at pictures (N, S, S, 3) sRGB 0..1 of any side."""
        chips = pictures.permute(0, 3, 1, 2) * 255
        return self._network.look(functional.interpolate(chips, CHIP_PX, mode="bilinear", align_corners=False))


def perceptual(found: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """Mean squared distance of directions of features, over positions and layers (Zhang et al. 2018, all weights 1)."""
    each = [(_unit(f) - _unit(w)).square().sum(1).mean() for f, w in zip(found, wanted, strict=True)]
    return torch.stack(each).mean()


def _unit(features: Tensor) -> Tensor:
    return features / (features.square().sum(1, keepdim=True) + 1e-6).sqrt()
