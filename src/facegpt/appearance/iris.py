"""The colour of the irises: the few albedo coefficients that act on the eyeballs, from the photo's few eye texels."""

from __future__ import annotations

import numpy as np

from facegpt.appearance.light import LightFit, shading
from facegpt.appearance.prior import TexturePrior
from facegpt.appearance.unwrap import Unwrapped
from facegpt.types import Array

#: SD of what eyes differ by from the model, log units: lids shade them (brightness), but hardly change their hue.
BRIGHTNESS_SD, COLOUR_SD = 1.2, 0.25
#: How many independent samples two irises are worth, and the least number of texels to look at.
INDEPENDENT, FEWEST = 6.0, 12


def with_iris_colour(own: Unwrapped, prior: TexturePrior, light: LightFit) -> Array:
    """The albedo (A,) of the fit with the coefficients of the irises estimated from the photo."""
    chosen, texels = prior.irises
    irises = texels & (own.weight > 0.3)
    if irises.sum() < FEWEST or len(chosen) == 0:
        return light.albedo
    delit = np.log(np.maximum(own.colour[irises], 2e-3)) - np.log(shading(own.normal[irises], light.lighting))
    residual = delit - prior.mean_log[irises]
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
    return albedo
