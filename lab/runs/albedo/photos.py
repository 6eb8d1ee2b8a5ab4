"""What real and generated faces add to the skins: each training picture is fitted, unwrapped, delit and completed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.complete import BAND, pull_push
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.prior import TexturePrior
from facegpt.appearance.texture import MIRROR_TRUST, delit_residuals, fit_light, is_grey
from facegpt.appearance.uneven_light import best_lit
from facegpt.appearance.unwrap import Unwrapped, unwrap
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render.texel_grids import blur
from facegpt.types import Array
from lab.runs.albedo.canvas import Canvas, canvas_of, mirrored, smooth_step
from lab.runs.albedo.marks import fit_marks
from lab.runs.albedo.paint import brow_mask
from lab.runs.albedo.split import read_split

#: Rounds of fitting light and albedo and learning the albedo again, with so many components: the skins alone know few.
COMPONENTS = (3, 12)
#: Least SD of real skin around the model in brightness and colour, log units; and of brows and where beards grow.
LEAST_SD, HAIRY_SD = np.array([0.16, 0.055]), np.array([0.42, 0.11])
#: Share kept of what a picture adds in the low band: the rest is light that nine harmonics cannot describe.
LOW_KEPT = 0.3
#: A picture teaches only when this share of the face is seen and believed.
LEAST_SEEN = 0.35


def unwrap_picture(model: MakeHumanHead, path: Path, points: Array, size: int) -> tuple[Unwrapped, Unwrapped]:
    """Fit the head to a picture's points and unwrap the picture and its mirror image."""
    image = np.asarray(Image.open(path).convert("RGB"))
    posed = pose_head(model, fit_marks(model, points, image.shape[1], image.shape[0]))
    atlas = atlas_of(model, size)
    return (
        unwrap(image, posed, atlas.triangles, atlas.texel, atlas.corner),
        unwrap(image, posed, atlas.mirrored_triangles, atlas.texel, atlas.corner),
    )


def first_spread(canvas: Canvas) -> NDArray[np.float32]:
    """Guess the spread of real skin (H, W, 2) before any is learnt: larger where hair grows on a face."""
    marks, (x, y, _) = canvas.marks, np.moveaxis(canvas.position, -1, 0)
    chin = smooth_step(marks[33, 1] + 6, marks[33, 1] - 6, y) * smooth_step(75, 60, np.abs(x))
    hairy = np.maximum(chin, brow_mask(canvas))[..., None]
    return (1.4 * LEAST_SD * (1 - hairy) + HAIRY_SD * hairy).astype(np.float32)


def complete(own: Unwrapped, mirror: Unwrapped, prior: TexturePrior) -> tuple[NDArray, NDArray, float]:
    """Explain one picture: symmetric log albedo (H, W, 3), weight of what was seen (H, W), share of the face seen."""
    light = fit_light(own, prior)
    expected, best = prior.expected(light.albedo), best_lit(own, prior.mask, light.lighting)
    (first, second), (here, there) = delit_residuals(own, mirror, prior, light, expected, best)
    there = there * MIRROR_TRUST
    total = np.maximum(here + there, 1e-4)
    residual = (first * here[..., None] + second * there[..., None]) / total[..., None]
    residual = 0.5 * (residual + mirrored(residual))
    weight = 0.5 * (total + mirrored(total))
    seen = float((np.minimum(weight * 2, 1) * prior.mask).sum() / prior.mask.sum())
    filled = pull_push(residual, np.clip(weight * 3, 0, 1))
    low = blur(filled, weight * prior.mask**2 + 1e-4, BAND * len(weight))
    filled = filled - (1 - LOW_KEPT) * low
    expected = prior.mean_log + np.tensordot(light.albedo, prior.basis, 1)
    near = gaussian_filter(prior.mask, 6)[..., None]
    centre = (residual * (weight * prior.mask)[..., None]).sum((0, 1)) / max((weight * prior.mask).sum(), 1e-3)
    return expected + (1 - near) * LOW_KEPT * centre + filled * near, weight, seen


def learn_from_photos(
    model: MakeHumanHead,
    skins: Array,
    weight: Array,
    face: Array,
    data: Path,
    components: Callable[[Array, Array], tuple[Array, Array]],
) -> tuple[NDArray, NDArray[np.float32], list[str]]:
    """The skins (N, H, W, 3) with the training pictures' albedo, the spread (H, W, 2), and the pictures' names.

    weight, face: (H, W) importance of each texel, and where photos paint. components: gives mean and whitened basis.
    """
    size = skins.shape[1]
    canvas = canvas_of(model, size)
    pictures = []
    for folder in ("portraits", "photos"):
        marks = np.load(data / folder / "landmarks.npz")
        split = read_split()
        for name, points in zip(marks["names"], marks["mediapipe_xyz"], strict=True):
            if split[f"{folder}/{name}"] == "training":
                pictures.append((unwrap_picture(model, data / folder / str(name), points, size), f"{folder}/{name}"))
    spread, samples = first_spread(canvas), skins
    for known in COMPONENTS:
        mean, basis = (a.astype(np.float32) for a in components(samples, weight))
        none = np.zeros((size, size), np.float32)
        prior = TexturePrior(mean, basis[:known], face, spread, none > 0, none, none, none > 0)
        coloured = [(complete(*pair, prior), name) for pair, name in pictures if not is_grey(pair[0], prior)]
        found = [item for item, _ in coloured if item[2] > LEAST_SEEN]
        taught = [name for item, name in coloured if item[2] > LEAST_SEEN]
        samples = np.concatenate([skins, np.stack([item[0] for item in found])])
        spread = _learnt_spread(found, samples[len(skins) :], components(samples, weight), weight, first_spread(canvas))
    print(f"{len(found)} of {len(pictures)} pictures teach")
    return samples, spread, taught


def _learnt_spread(found: list, samples: Array, learnt: tuple[Array, Array], weight: Array, guess: Array) -> NDArray:
    """Estimate the spread (H, W, 2) of the pictures around the learnt model; 85 % quantiles, so that beards count."""
    mean, basis = learnt
    root = np.sqrt(weight).ravel()
    flat = (basis * np.sqrt(weight)[..., None]).reshape(len(basis), -1)
    used = np.linalg.norm(flat, axis=1) > 1e-9
    flat = flat[used]
    off = ((samples - mean) * root.reshape(weight.shape)[..., None]).reshape(len(samples), -1)
    code = np.clip(off @ flat.T @ np.linalg.inv(flat @ flat.T), -3, 3)
    residual = samples - mean - np.tensordot(code, basis[used], 1)
    seen = np.stack([item[1] for item in found]) > 0.1
    brightness = residual.mean(-1)
    colour = np.linalg.norm(residual - brightness[..., None], axis=-1)
    out = []
    for values, least in ((np.abs(brightness), LEAST_SD[0]), (colour, LEAST_SD[1])):
        ranked = np.sort(np.where(seen, values, -1.0), axis=0)
        place = len(values) - np.ceil(0.15 * seen.sum(0)).astype(int) - 1
        level = np.take_along_axis(ranked, np.clip(place, 0, None)[None], 0)[0] / 1.2
        out.append(np.maximum(np.where(seen.sum(0) > 8, level, 2 * least), least))
    smooth = blur(np.stack(out, -1), np.ones(weight.shape), 2.0)
    return np.clip(1.25 * smooth, LEAST_SD, 1.2 * guess).astype(np.float32)
