"""What hollows of a head keep from the light: eyes below lids and lashes, sockets, and mouths behind their lips.

No eyeball is evenly lit: the upper lid and its lashes lie over it and keep most of the sky from its upper part, the
lower lid a little from its rim. Drawn without, an eye stares. How much they take falls off with the distance from the
lids' edges; both curves were measured on 52 eyes of photos beside the heads made of them, where the drawn white was
2.0 log units too bright at the upper lid, 0.9 at 2.5 mm and 0.2 at 4.5 mm, and the drawn iris 1.2, 0.7 and 0.05.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter, minimum_filter, uniform_filter

from facegpt.render.scalar import JIT
from facegpt.types import Array, Mesh

#: Log units that the edge of the upper and of the lower lid take, and over how many mm that ends.
UPPER, UPPER_MM, LOWER, LOWER_MM = 1.9, 2.4, 0.5, 1.0
#: The same for the skin above the upper lid's edge, where the roots of the lashes stand and their shadow lies.
ROOTS, ROOTS_MM = 1.6, 1.2
#: Room around an eyeball's pixels in which its lids lie, mm; SD of the blur that tells on which side they lie.
ROOM_MM, SIDE_MM = 4.0, 1.2
#: Cosine beyond which an edge of the opening is the upper or the lower lid; between, it is a corner or the nose.
ABOVE = 0.25
#: How much of the light reaches parts in hollows, which the lighting model knows nothing about. 1 is the default.
EXPOSED = {"socket": 0.45, "": 1.0}
#: Parts that light reaches between the lips only, by a word in their names, and how far inwards lips bend, mm.
INSIDE, LIP_MM = ("mouth", "teeth", "tongue"), 2.0
#: Share of the light that lips, gums and enamel send back to each other, by channel.
BOUNCED = (0.60, 0.42, 0.32)


def light_past_lids(eye: NDArray[np.bool_], lid: NDArray[np.bool_], up: Array, pixel_mm: float) -> NDArray[np.float32]:
    """Share (H, W) of the light that reaches an eyeball past its lids, and the upper lid's edge between its lashes.

    Args:
        eye: (H, W) pixels that show the eyeball.
        lid: (H, W) pixels that show skin or what else lies before it.
        up: (2,) the head's up in the picture, x right, y down.
        pixel_mm: side of a pixel at the eye.
    """
    inward = gaussian_filter(eye.astype(np.float32), SIDE_MM / pixel_mm)
    slope = np.stack(np.gradient(inward)[::-1], -1)
    cosine = slope @ np.asarray(up, np.float32) / np.maximum(np.linalg.norm(slope, axis=-1), 1e-9)
    taken = np.zeros(eye.shape, np.float32)
    for edge, most, reach in ((lid & (cosine < -ABOVE), UPPER, UPPER_MM), (lid & (cosine > ABOVE), LOWER, LOWER_MM)):
        if edge.any():
            away = (distance_transform_edt(~edge) - 0.5) * pixel_mm
            taken += most * np.exp(-((away / reach) ** 2)).astype(np.float32)
    beyond = (distance_transform_edt(~eye) - 0.5) * pixel_mm
    roots = np.where(lid & (cosine < -ABOVE), ROOTS * np.exp(-((beyond / ROOTS_MM) ** 2)), 0)
    return np.exp(-np.where(eye, taken, roots)).astype(np.float32)


def darken_eyes(
    part: NDArray[np.integer], names: Sequence[str], depth: Array, rotation: Array, focal_px: float, *images: Array
) -> list[tuple[tuple[slice, ...], Array]]:
    """Scale pictures (H, W, 3) of a head by the light that its lids leave to its eyeballs, in place.

    Gives the window (h, w) around each eye, and in it the share (h, w, 1) of the light that eyeballs get; 0 elsewhere.

    Args:
        part: (H, W) the part that each pixel shows, -1 for none.
        names: of the parts; those of eyeballs end in "_eye".
        depth: (H, W) mm.
        rotation: (3, 3) head to camera.
        focal_px: of the camera.
        images: what is scaled.
    """
    up = np.asarray(rotation, np.float64)[:2, 1]
    if np.linalg.norm(up) < 1e-3:
        return []
    left: list[tuple[tuple[slice, ...], Array]] = []
    up = up / np.linalg.norm(up)
    for number, name in enumerate(names):
        eye = part == number
        if not name.endswith("_eye") or not eye.any():
            continue
        rows, columns = np.nonzero(eye.any(1))[0], np.nonzero(eye.any(0))[0]
        pixel_mm = float(np.median(depth[eye])) / focal_px
        room = int(np.ceil(ROOM_MM / pixel_mm))
        window = tuple(slice(max(int(k[0]) - room, 0), int(k[-1]) + room + 1) for k in (rows, columns))
        shown, beside = eye[window], (part[window] >= 0) & ~eye[window]
        share = light_past_lids(shown, beside, up, pixel_mm)[..., None]
        for image in images:
            image[window] *= share
        left.append((window, share * shown[..., None]))
    return left


def by_name(table: dict[str, Any], part_name: str) -> Any:
    """Look up a part by the first word of the table that its name contains."""
    return next(value for word, value in table.items() if word in part_name)


def darken_hollows(mesh: Mesh, part: NDArray[np.int16], depth: Array, focal_px: float, *colors: Array) -> None:
    """Scale colors (H, W, 3) of the parts that are sheltered from the light, in place."""
    exposed = np.array([by_name(EXPOSED, name) for name in mesh.part_names] or [1.0], np.float32)
    within = np.array([any(word in name for word in INSIDE) for name in mesh.part_names] or [False])
    inside = np.zeros(part.shape, bool)
    for color in colors:
        _darken_and_mark(part, exposed, within, color, inside)
    if inside.any() and not inside.all():
        darken_mouth(inside, part >= 0, depth, focal_px, *colors)


@njit(**JIT)
def _darken_and_mark(part, exposed, within, color, inside):  # type: ignore[no-untyped-def]
    """Scale color (H, W, 3) by how exposed each pixel's part (H, W) is, and mark those of the parts within."""
    for y in range(part.shape[0]):
        for x in range(part.shape[1]):
            number = part[y, x]
            if number < 0:
                continue
            inside[y, x] = within[number]
            if exposed[number] != 1:
                for k in range(3):
                    color[y, x, k] *= exposed[number]


def darken_mouth(
    inside: NDArray[np.bool_], drawn: NDArray[np.bool_], depth: Array, focal_px: float, *colors: Array
) -> None:
    """Scale colors (H, W, 3) of what is `inside` (H, W) the mouth by the light that comes in between the lips.

    What lies h behind the edges of a slit, a beside the one and b beside the other, sees that share of a hemisphere,
    weighted by its cosine: s = (a / √(a² + h²) + b / √(b² + h²)) / 2. What hides the rest of the sky is lit too and
    sends back a share r of it, again and again: s / (1 - r (1 - s)) (Jiménez et al. 2016, Practical Realtime Strategies
    for Accurate Indirect Occlusion). Teeth in a narrow slit are dark, and those of a smile are not.
    """
    window = tuple(slice(max(k.min() - 1, 0), k.max() + 2) for k in np.nonzero(inside))
    inside, depth, lips = inside[window], depth[window], (drawn & ~inside)[window]
    if not lips.any():
        return
    apart_px, edge = distance_transform_edt(~lips, return_indices=True)
    pixel_mm = float(np.median(depth[inside])) / focal_px
    nearest = minimum_filter(np.where(lips, depth, np.inf), round(2 * LIP_MM / pixel_mm) | 1)
    behind = np.maximum(depth - nearest[tuple(edge)], 1e-3)[inside]
    beside = (apart_px[inside] - 0.5) * pixel_mm
    across = 2 * beside.max() - beside
    share = np.ones((*inside.shape, 3), np.float32)
    sky = (beside / np.hypot(beside, behind) + across / np.hypot(across, behind))[:, None] / 2
    share[inside] = sky / (1 - np.array(BOUNCED, np.float32) * (1 - sky))
    share[lips] = uniform_filter(share, (3, 3, 1))[lips]  # pixels of the edge show some of what is inside
    for color in colors:
        color[window] *= share
