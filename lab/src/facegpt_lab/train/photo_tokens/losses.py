"""Losses of the photo head: known θ on renders; on people's photos the photo itself, through the renderer.

Per face, N faces; crop units as in encode/photo_view.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from facegpt.encode.photo_view import CropGeometry, PhotoView, Placing
from facegpt.fitting.mediapipe_points import SURFACE, part_sigma_mm
from facegpt.language.model.photo_theta import SLICES, CropTheta, theta_of
from facegpt.language.model.photo_theta_head import PhotoHeadOutput
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render.base import Renderer, Topology, View
from facegpt_lab.train.landmarks.losses import SurfaceMetrics, squared_mm, surface_metrics
from facegpt_lab.train.photo_tokens.likeness import Likeness, chip_squares, read_at
from facegpt_lab.train.photo_tokens.views import PhotoExamples

#: Texture of the drawn heads, texels a side; sRGB levels (0..1) are compared after this was added: noise, quantisation.
TEXTURE_PX, FLOOR = 64, 0.03
#: Distances of points beyond this many SDs count linearly: something covers them, or the detector has lost them.
FARTHEST_SD = 2.0

#: How much each loss counts. Those on photos are negative log likelihoods, up to constants, of errors that neighbouring
#: points and pixels share.
WEIGHTS = {
    **{"identity_mm2": 0.05, "expression_mm2": 0.03, "mean": 1.0, "spread": 0.2, "points": 1.0},
    **{"landmarks": 1.0, "dense": 0.3, "photo": 6.0, "prior": 0.25},
    **{"identity": 4.0, "perceptual": 8.0},  # asked every second step; then together as steep as the photo
}


@dataclass(frozen=True, eq=False)
class PhotoLosses:
    """Gives the losses of a batch. Made once for a head model and a renderer.

    Args:
        model, renderer, geometry: of the heads that are drawn. size: side of the drawn pictures, pixels.
    """

    model: MakeHumanHead
    renderer: Renderer
    geometry: CropGeometry
    metrics: SurfaceMetrics
    topology: Topology
    sigma_mm: Tensor
    likeness: Likeness

    @classmethod
    def of(cls, model: MakeHumanHead, renderer: Renderer) -> PhotoLosses:
        """Prepare a head model."""
        visible = ~np.isin(model.part, [model.part_names.index(name) for name in ("mouth", "tongue", "lashes")])
        topology = Topology(
            torch.from_numpy(np.ascontiguousarray(model.triangles[visible])),
            torch.from_numpy(np.asarray(model.uv, np.float32)),
            torch.from_numpy(np.ascontiguousarray(model.uv_triangles[visible])),
            torch.from_numpy(np.ascontiguousarray(model.part[visible])),
        )
        sigma = torch.from_numpy(np.asarray(part_sigma_mm(), np.float32))
        return cls(model, renderer, CropGeometry(model), surface_metrics(model), topology, sigma, Likeness())

    def supervised(self, out: PhotoHeadOutput, batch: PhotoExamples, first: Placing) -> dict[str, Tensor]:
        """Compare with known θ: coefficients in mm on the surface, all deviations, their spread, and the points."""
        known, truth = batch.known, batch.truth
        error = (out.mean - truth) * known
        found, real = theta_of(out.mean, batch.view, first), theta_of(truth, batch.view, first)
        spread = out.log_sd + 0.5 * error.detach().square() * torch.exp(-2 * out.log_sd)
        points = self._points(found) - self._points(real)
        mm = points[:, :SURFACE].norm(dim=2) / real.placing.log_scale.exp()[:, None]
        weights = torch.cat([torch.full((s.stop - s.start,), 1.0 / (s.stop - s.start)) for s in SLICES.values()])
        return {
            "identity_mm2": squared_mm(found.identity, real.identity, self.metrics.identity).mean(),
            "expression_mm2": squared_mm(found.expression, real.expression, self.metrics.expression).mean(),
            "mean": (functional.smooth_l1_loss(out.mean * known, truth * known, reduction="none") @ weights).mean(),
            "spread": ((spread * known) @ weights).mean(),
            "points": mm.mean(),
        }

    def seen(self, out: PhotoHeadOutput, batch: PhotoExamples, first: Placing, asked: int = 0) -> dict[str, Tensor]:
        """Compare with the photo: the detector's points, the network's, the skin's colours; and the priors.

        Args:
            out: of N faces.
            batch: what was seen of them.
            first: their first placing.
            asked: about so many of the faces the recognition network is asked too; it takes the longest.
        """
        theta = theta_of(out.mean, batch.view, first)
        found, scale = self._points(theta), theta.placing.log_scale.exp()[:, None]
        dense = (found - batch.view.points).norm(dim=2) / scale / 2.0
        visible = batch.view.visible
        return {
            "landmarks": self.landmarks(theta, batch.view),
            "dense": (_robust(dense) * visible).sum() / visible.sum().clamp(min=1),
            "photo": self.photometric(theta, batch.picture, batch.skin),
            "prior": self.prior(out, theta, batch.view),
            **(self.alike(_first(theta, asked), batch.rows(range(len(theta.identity))[:asked])) if asked else {}),
        }

    def landmarks(self, theta: CropTheta, view: PhotoView) -> Tensor:
        """Compare with the detector's points, in SDs of each."""
        gap = self._points(theta)[:, :SURFACE] - view.detected[:, :SURFACE]
        off = gap.norm(dim=2) / theta.placing.log_scale.exp()[:, None] / self.sigma_mm
        return _robust(off).mean()

    def alike(self, theta: CropTheta, batch: PhotoExamples) -> dict[str, Tensor]:
        """Compare with the photo by the recognition network (train/photo_tokens/likeness.py)."""
        photo, squares = batch.chip.float() / 255, chip_squares(batch.view.detected)
        drawn, covers = self.draw(theta, photo.shape[1], *squares)
        share = covers * read_at(batch.skin.float() / 255, *squares, photo.shape[1])
        return self.likeness.losses(srgb(drawn), share, photo)

    def prior(self, out: PhotoHeadOutput, theta: CropTheta, view: PhotoView) -> Tensor:
        """Squared deviations in SDs: of the identity from the encoder's posterior, of albedo and light from theirs."""
        del theta
        identity = (out.mean[:, SLICES["identity"]] / view.identity_sd.clamp(0.2, 1.0)).square().mean(1)
        others = [out.mean[:, SLICES[name]].square().mean(1) for name in ("expression", "pose", "albedo", "light")]
        shares = (1.0, 0.5, 0.5, 0.2)
        return (identity + torch.stack([s * o for s, o in zip(shares, others, strict=True)]).sum(0)).mean()

    def photometric(self, theta: CropTheta, picture: Tensor, skin: Tensor) -> Tensor:
        """Mean |log ratio| of the drawn head's sRGB levels to the picture's, where both show skin.

        What stands in front of a face is no skin in the network's map.

        Args:
            theta: of N faces.
            picture: (N, S, S, 3) uint8.
            skin: (N, S, S) uint8, how surely it is bare skin.
        """
        drawn, covers = self.draw(theta, picture.shape[1])
        weight = covers * skin.float() / 255.0
        gap = ((srgb(drawn) + FLOOR) / (picture.float() / 255.0 + FLOOR)).log()
        robust = (gap.square() + 0.01**2).sqrt().mean(3)
        each = (robust * weight).sum((1, 2)) / weight.sum((1, 2)).clamp(min=20.0)
        return each.mean()

    def draw(
        self, theta: CropTheta, size: int, middle: Tensor | float = 0.0, side: Tensor | float = 2.0
    ) -> tuple[Tensor, Tensor]:
        """Draw N heads as their crops, or squares of them, show them.

        Args:
            theta: of N faces.
            size: side of the pictures, pixels.
            middle: of the squares, (N, 2) in crop units; by default the whole crops.
            side: of the squares, (N,).

        Returns:
            Linear RGB (N, S, S, 3), and where skin covers a pixel (N, S, S).
        """
        rest = self.model.rest_vertices(theta.identity, theta.expression)
        placing = theta.placing
        half = torch.as_tensor(size / side).expand(len(rest))
        move = placing.translation(theta.optical, self.geometry.anchor)
        placed = rest @ placing.rotation.mT + move[:, None]
        optical = (theta.optical - middle) * half[:, None] + size / 2 - 0.5
        view = View(placing.focal * half, optical, size, size)
        texture = self.model.albedo.texture(theta.albedo.clamp(-4, 4), TEXTURE_PX)
        image = self.renderer.render(placed, self.topology, texture, theta.lighting, view)
        skin = (image.part == self.model.part_names.index("skin")) & (image.coverage.detach() > 0.99)
        return image.color, skin.float()

    def _points(self, theta: CropTheta) -> Tensor:
        heads = self.geometry.points(theta.identity, theta.expression)
        return self.geometry.project(heads, theta.placing, theta.optical)


def total(losses: dict[str, Tensor]) -> dict[str, Tensor]:
    """Add the weighted sum as "total"."""
    return {**losses, "total": torch.stack([WEIGHTS.get(name, 1.0) * loss for name, loss in losses.items()]).sum()}


def _first(theta: CropTheta, count: int) -> CropTheta:
    """Take the first faces."""
    placing = Placing(*(value[:count] for value in vars(theta.placing).values()))
    names = ("identity", "expression", "optical", "albedo", "lighting")
    return CropTheta(placing=placing, **{name: getattr(theta, name)[:count] for name in names})


def _robust(whitened: Tensor) -> Tensor:
    return functional.huber_loss(whitened, torch.zeros_like(whitened), reduction="none", delta=FARTHEST_SD)


def srgb(linear: Tensor) -> Tensor:
    """Linear RGB → sRGB, both 0..1 (IEC 61966-2-1), differentiable."""
    bright = 1.055 * linear.clamp(min=0.0031308).pow(1 / 2.4) - 0.055
    return torch.where(linear < 0.0031308, 12.92 * linear, bright)
