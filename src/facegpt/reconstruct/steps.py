"""The steps from what is known of a face to its head, as calls that a model may bring its own of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from facegpt.types import Array, DensePoints, Detection, FaceParams, Fit

if TYPE_CHECKING:
    from facegpt.appearance.texture import PhotoTexture
    from facegpt.encode.parts import FaceParts


class PointFit(Protocol):
    """Fits a head to points: `facegpt.fitting.fit_landmarks`."""

    def __call__(
        self,
        model: Any,
        detection: Detection,
        width: int,
        height: int,
        focal_px: float | None = None,
        dense: DensePoints | None = None,
    ) -> Fit:
        """The fit to one detection in a photo of width × height pixels."""


class ColourFit(Protocol):
    """Fits a head to points and colours: `facegpt.fitting.fit_photo`."""

    def __call__(
        self,
        model: Any,
        detection: Detection,
        image: NDArray[np.uint8],
        focal_px: float | None = None,
        dense: DensePoints | None = None,
    ) -> Fit:
        """The fit to one detection in a photo (H, W, 3) uint8 sRGB."""


class SkinFromPhoto(Protocol):
    """Takes the skin from a photo: `facegpt.appearance.texture.texture_from_photo`."""

    def __call__(
        self,
        image: NDArray[np.uint8],
        model: Any,
        params: FaceParams,
        size: int,
        dense: DensePoints | None = None,
        parts: FaceParts | None = None,
    ) -> PhotoTexture:
        """The texture, `size` texels wide, with albedo and light."""


class ToneFromPhoto(Protocol):
    """Takes the skin's tone and the light: `facegpt.appearance.texture.tone_from_photo`."""

    def __call__(
        self,
        image: NDArray[np.uint8],
        model: Any,
        params: FaceParams,
        dense: DensePoints | None = None,
        points: Array | None = None,
    ) -> tuple[Array, Array]:
        """Albedo (A,) and lighting (9, 3)."""
