"""What the encoder sees of a face in a photo, in the frame of its crop, and a first placing of the head in closed form.

It is the input of the language model's photo tokens (language/model/photo_tokens.py).

Crop units: the middle of the network's crop is (0, 0), its right lower corner (1, 1). The crop stands upright, so its
camera is the photo's, rolled about the optical axis; that axis meets the picture at `optical`.
N faces, C channels of the grid, P points of the embedding "dense", I identity, E expression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from facegpt.fitting.embedded import embed_points
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array, DensePoints, Detection, FaceGPTError

#: Cells of the network's grid, and points of the detector.
CELLS, DETECTED = 16, 478
#: Where a head is taken to be before anything tells, mm from the camera.
START_DEPTH_MM = 1000.0
#: Rounds of the placing: the first is scaled orthography, the others take perspective in.
PLACING_ROUNDS = 4
#: Distances from the first placing reach the tokens in units of this many mm.
OFFSET_MM = 5.0


@dataclass(frozen=True)
class PhotoView:
    """N faces as the encoder saw them.

    Attributes:
        grid: (N, 16, C) cells of the network's grid, row by row.
        points: (N, P, 2) its points and visible: (N, P) 0..1 how much of each is seen. detected: (N, 478, 2) the
            detector's points. All in crop units.
        identity: (N, I) and identity_sd: (N, I), its posterior. expression: (N, E).
        optical: (N, 2) where the optical axis meets the picture, crop units.
    """

    grid: Tensor
    points: Tensor
    visible: Tensor
    detected: Tensor
    identity: Tensor
    identity_sd: Tensor
    expression: Tensor
    optical: Tensor

    def __len__(self) -> int:
        return len(self.grid)

    def rows(self, chosen: Tensor | Sequence[int]) -> PhotoView:
        """Take some of the faces."""
        index = torch.as_tensor(chosen, dtype=torch.long)
        return PhotoView(*(getattr(self, field.name)[index] for field in fields(self)))

    @staticmethod
    def joined(views: Sequence[PhotoView]) -> PhotoView:
        """Put faces behind each other."""
        return PhotoView(*(torch.cat([getattr(view, f.name) for view in views]) for f in fields(PhotoView)))


def photo_view(dense: DensePoints, detection: Detection, width: int, height: int) -> PhotoView:
    """Say what the encoder saw of one face of a photo of width x height pixels, whose optical axis meets its middle.

    Raises:
        FaceGPTError: if the network gives no grid.
    """
    if dense.grid is None:
        raise FaceGPTError("this landmark network gives no grid of features; the photo tokens need one")

    def units(points: Array) -> Tensor:
        pixels = np.asarray(points, np.float64)[..., :2] @ dense.crop[:, :2].T + dense.crop[:, 2]
        return torch.from_numpy((2 * pixels + 1) / dense.crop_px - 1).float()[None]

    grid = np.asarray(dense.grid, np.float32).reshape(len(dense.grid), -1).T
    return PhotoView(
        torch.from_numpy(grid.copy())[None],
        units(dense.points_px),
        torch.from_numpy(np.asarray(dense.visible, np.float32))[None],
        units(detection.points),
        torch.from_numpy(np.asarray(dense.identity, np.float32))[None],
        torch.from_numpy(np.asarray(dense.identity_sd, np.float32))[None],
        torch.from_numpy(np.asarray(dense.expression, np.float32))[None],
        units(np.array([(width - 1) / 2, (height - 1) / 2])),
    )


@dataclass(frozen=True)
class Placing:
    """Where N heads are in the cameras of their crops.

    Attributes:
        rotation: (N, 3, 3) head → camera. centre: (N, 2) crop units, where the face's middle is seen.
        log_scale: (N,) of crop units per mm there. log_depth: (N,) of its distance along the optical axis, mm.
    """

    rotation: Tensor
    centre: Tensor
    log_scale: Tensor
    log_depth: Tensor

    def translation(self, optical: Tensor, anchor: Tensor) -> Tensor:
        """(N, 3) mm, head → camera; `anchor` (3,) is the face's middle on the head."""
        sideways = (self.centre - optical) / self.log_scale.exp()[:, None]
        return torch.cat([sideways, self.log_depth.exp()[:, None]], 1) - self.rotation @ anchor

    @property
    def focal(self) -> Tensor:
        """(N,) focal length in crop units."""
        return (self.log_scale + self.log_depth).exp()


class CropGeometry:
    """The points of a head model as a crop shows them, differentiable; correctives and joints left out.

    Args:
        model: the head whose coefficients the network speaks of.
    """

    def __init__(self, model: MorphableModel) -> None:
        linear = embed_points(model, model.embedding("dense"))
        mean, basis = np.asarray(linear.mean, np.float32), np.asarray(linear.basis, np.float32)
        self.mean = torch.from_numpy(mean)
        self.basis = torch.from_numpy(np.ascontiguousarray(basis.transpose(2, 0, 1))).flatten(1)
        self.anchor = self.mean[:468].mean(0)

    def points(self, identity: Tensor, expression: Tensor) -> Tensor:
        """(N, P, 3) mm, head frame."""
        moved = torch.cat([identity, expression], 1) @ self.basis
        return self.mean + moved.unflatten(1, (-1, 3))

    def project(self, points: Tensor, placing: Placing, optical: Tensor) -> Tensor:
        """See points (N, P, 3) of the head in the crop: (N, P, 2)."""
        seen = points @ placing.rotation.mT + placing.translation(optical, self.anchor)[:, None]
        return seen[..., :2] / seen[..., 2:] * placing.focal[:, None, None] + optical[:, None]

    @torch.no_grad()
    def place(self, view: PhotoView) -> Placing:
        """Place the encoder's own head by its own points, those seen: no search, a few linear solves.

        Scaled orthography with perspective corrected from round to round (DeMenthon and Davis 1995, "Model-based object
        pose in 25 lines of code"), a metre away.
        """
        head = (self.points(view.identity, view.expression) - self.anchor).double()
        seen = (view.points - view.optical[:, None]).double()
        weight = view.visible.double().clamp(min=1e-3)[..., None]
        ones = torch.ones_like(head[..., :1])
        known = torch.cat([head, ones], 2)
        normal = (weight * known).mT @ known + 1e-6 * torch.eye(4, dtype=torch.float64)
        nearness = torch.zeros_like(ones)
        for _ in range(PLACING_ROUNDS):
            affine = torch.linalg.solve(normal, (weight * known).mT @ (seen * (1 + nearness))).mT  # (N, 2, 4)
            left, size, right = torch.linalg.svd(affine[..., :3], full_matrices=False)
            rows, scale = left @ right, size.mean(1)
            rotation = torch.cat([rows, torch.linalg.cross(rows[:, 0], rows[:, 1])[:, None]], 1)
            nearness = (head @ rotation[:, 2, :, None]) / START_DEPTH_MM
        centre = affine[..., 3].float() + view.optical
        depth = torch.full_like(scale, START_DEPTH_MM)
        return Placing(rotation.float(), centre, scale.log().float(), depth.log().float())

    @torch.no_grad()
    def numbers(self, view: PhotoView, first: Placing) -> Tensor:
        """The numbers (N, G) that become geometry tokens: how far detector and network lie from the first placing.

        478 and P offsets in units of OFFSET_MM at the head, then identity, expression, rotation, the optical axis and
        the scale.
        """
        head = self.points(view.identity, view.expression)
        drawn, scale = self.project(head, first, view.optical), first.log_scale.exp()[:, None, None] * OFFSET_MM
        detector = ((view.detected - drawn[:, :DETECTED]) / scale).clamp(-8, 8) * 1.0
        network = ((view.points - drawn) / scale).clamp(-8, 8) * view.visible[..., None]
        placed = torch.cat([first.rotation.flatten(1), view.optical, first.centre, first.log_scale[:, None] + 4.5], 1)
        return torch.cat([detector.flatten(1), network.flatten(1), view.identity, view.expression, placed], 1)
