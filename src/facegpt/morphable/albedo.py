"""The skin colours of the default head: a log-linear albedo model over its texture atlas.

log albedo = mean + Σ_a c_a · basis_a, in linear light (natural log), so that coefficients act like changes of pigment:
multiplicatively. Coefficients are whitened: N(0, I) is the population. Built by runs/albedo/build.py.
"""

from __future__ import annotations

import io
import math
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from facegpt.assets import load_arrays
from facegpt.conventions import srgb_to_linear
from facegpt.types import Array, AssetError, ShapeError

#: Number of albedo coefficients (A): 26 of the skin, then 2 of the iris (brightness, hue).
ALBEDO_SIZE = 28
ASSET = "makehuman_albedo.npz"
FORMAT = 1
#: Albedo never leaves this range: black pupils and white teeth lie inside it.
DARKEST, BRIGHTEST = 2e-3, 0.95


class AlbedoModel:
    """Evaluates the texture model. All textures share one atlas: row 0 is v = 1, as in conventions.py.

    Attributes:
        mean_log: (3, H, W) float32, log of linear RGB at full size (1024).
        basis: (A, 3, h, w) float32, log units per standard deviation, at a quarter of the size.
        opacity: (H, W) float32 in [0, 1].
        photo_mask: (h, w) float32 in [0, 1]: where a photo may paint (the face; not scalp, ears, neck, eyes, mouth).
        residual_sd: (h, w, 2) float32, log units: SD of real skin around the model in brightness and in colour.
    """

    def __init__(self, arrays: dict[str, NDArray]):
        if int(arrays["format"]) != FORMAT:
            raise AssetError(
                f"{ASSET} has format {int(arrays['format'])}, this version reads {FORMAT}; reinstall facegpt"
            )
        picture = np.asarray(Image.open(io.BytesIO(arrays["mean_png"].tobytes())).convert("RGBA"))
        linear = np.clip(srgb_to_linear(picture[..., :3] / 255.0), DARKEST, BRIGHTEST)
        self.mean_log = torch.from_numpy(np.ascontiguousarray(np.log(linear).transpose(2, 0, 1)))
        self.opacity: Array = (picture[..., 3] / 255.0).astype(np.float32)
        scale = torch.from_numpy(arrays["basis_scale"].astype(np.float32))
        self.basis = torch.from_numpy(arrays["basis"].astype(np.float32)) * scale[:, None, None, None]
        self.photo_mask: Array = arrays["photo_mask"].astype(np.float32) / 255.0
        self.residual_sd: Array = arrays["residual_sd"].astype(np.float32) / 255.0
        self._means: dict[int, Tensor] = {}

    @staticmethod
    def load() -> AlbedoModel:
        """Load the albedo of the default head; the same object each time."""
        return _load()

    @property
    def size(self) -> int:
        """Side of the full-size atlas in texels."""
        return self.mean_log.shape[-1]

    def mean_at(self, size: int) -> Tensor:
        """Give mean_log (3, size, size) at a power-of-two size up to `self.size`."""
        if size not in self._means:
            if size < 1 or size > self.size or self.size % size:
                raise ShapeError(f"texture size {size} must divide {self.size}")
            self._means[size] = functional.avg_pool2d(self.mean_log.exp()[None], self.size // size)[0].log()
        return self._means[size]

    def texture(self, albedo: Tensor, size: int = 512) -> Tensor:
        """Evaluate (B, A) whitened coefficients → (B, 3, size, size) linear RGB within [0, 1], differentiable."""
        if albedo.ndim != 2 or albedo.shape[1] != ALBEDO_SIZE:
            raise ShapeError(f"albedo must be (B, {ALBEDO_SIZE}), not {tuple(albedo.shape)}")
        mean = self.mean_at(size)
        change = albedo.to(mean.dtype) @ self.basis.reshape(ALBEDO_SIZE, -1)
        change = change.reshape(-1, *self.basis.shape[1:])
        own = self.basis.shape[-1]
        if size > own:
            change = functional.interpolate(change, (size, size), mode="bilinear", align_corners=False)
        elif size < own:
            change = functional.avg_pool2d(change, own // size)
        return (mean[None] + change).clamp(math.log(DARKEST), math.log(BRIGHTEST)).exp()


@lru_cache(maxsize=1)
def _load() -> AlbedoModel:
    return AlbedoModel(load_arrays(ASSET))
