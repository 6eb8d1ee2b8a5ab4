"""The colour of the irises, from the photo's few eye texels: coefficients of the albedo, and what they cannot hold.

The cornea mirrors what is before it, so that everything behind it looks paler and brighter. A pupil is black: what is
seen there is that mirror image, and it is taken off the iris.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from facegpt.appearance.light import LightFit, shading, shading_by
from facegpt.appearance.prior import TexturePrior
from facegpt.appearance.unwrap import Unwrapped
from facegpt.types import Array

#: SD of what eyes differ by from the model, log units: lids shade them (brightness), but hardly change their hue.
BRIGHTNESS_SD, COLOUR_SD = 1.2, 0.2
#: How many independent samples two irises are worth, and the least number of texels to look at.
INDEPENDENT, FEWEST = 6.0, 12
#: Albedo up to which the model's eye is pupil; share of what is seen there that is taken for a mirror image; and the
#: least share of an iris texel's light that is left.
PUPIL, MIRRORED, LEFT = 0.012, 1.0, 0.15
#: Shares of what the coefficients leave that are painted on, of hue and of brightness; and the most of it, log units.
KEPT, DIMLY, MOST = 0.9, 0.2, 0.9


def with_iris_colour(own: Unwrapped, prior: TexturePrior, light: LightFit) -> tuple[Array, NDArray[np.float32]]:
    """Estimate the irises from the photo.

    Gives the albedo (A,) of the fit with their coefficients, and what to add to the log of the model at the irises'
    texels besides (H, W, 3); pupil and limbus keep their contrast to the iris.
    """
    chosen, texels = prior.irises
    irises = texels & (own.weight > 0.3)
    rest = np.zeros((*texels.shape, 3), np.float32)
    if irises.sum() < FEWEST or len(chosen) == 0:
        return light.albedo, rest
    residual = np.log(_through_cornea(own, prior, irises)) - np.log(_shade(own, irises, light)) - prior.mean_log[irises]
    columns = prior.basis[chosen][:, irises]  # (K, N, 3)
    grey = residual.mean(-1, keepdims=True)
    middle = np.median(grey)
    robust = 1 / (1 + ((grey[:, 0] - middle) / 0.5) ** 2)  # the glint of the cornea and the lashes' shadow
    share = INDEPENDENT * robust / robust.sum()
    hessian, gradient = np.eye(len(chosen)), np.zeros(len(chosen))
    for part, values, sd in (
        (columns.mean(-1, keepdims=True), grey, BRIGHTNESS_SD),
        (columns - columns.mean(-1, keepdims=True), residual - grey, COLOUR_SD),
    ):
        weighted = part * share[:, None] / sd**2
        hessian += np.einsum("knc,lnc->kl", weighted, part)
        gradient += np.einsum("knc,nc->k", weighted, values)
    albedo = light.albedo.copy()
    albedo[chosen] = np.clip(np.linalg.solve(hessian, gradient), -2.5, 2.5)
    left = residual - np.tensordot(albedo[chosen], columns, 1)
    left = np.median(left, axis=0)
    left = MOST * np.tanh((KEPT * (left - left.mean()) + DIMLY * left.mean()) / MOST)
    rest = gaussian_filter(texels.astype(np.float32), len(texels) / 400)[..., None] * left * prior.eyes[..., None]
    return albedo, rest.astype(np.float32)


def _through_cornea(own: Unwrapped, prior: TexturePrior, irises: NDArray[np.bool_]) -> Array:
    """Linear RGB (N, 3) of the irises without what the cornea mirrors."""
    pupils = prior.eyes & (prior.mean_log.max(-1) < np.log(PUPIL)) & (own.weight > 0.3)
    seen = own.colour[irises].astype(np.float64)
    dark = own.colour[pupils] if pupils.sum() >= FEWEST / 2 else seen
    mirrored = MIRRORED * np.quantile(dark, 0.25 if dark is not seen else 0.05, axis=0).min()  # a lamp is white
    return np.maximum(np.maximum(seen - mirrored, LEFT * seen), 2e-3)


def _shade(own: Unwrapped, where: NDArray[np.bool_], light: LightFit) -> Array:
    if own.columns is None:
        return shading(own.normal[where], light.lighting)
    return shading_by(own.columns[where], light.lighting)
