"""Pictures of a head: alone, over its photo, and both side by side. Frames and units: conventions.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.morphable.proxies import Proxy
from facegpt.render.base import Renderer
from facegpt.render.lighting import SIDE_LAMPS, lighting_from_lamps
from facegpt.render.portrait import draw_in_hairs, draw_in_skins, draw_picture
from facegpt.render.srgb_bytes import laid_over
from facegpt.types import Array, Camera, Mesh, Pose

Pixels = NDArray[np.uint8]

#: Distance from which a head alone is drawn, mm; the share of the picture that it fills from neck to crown; what stays
#: free at the edges, and how far hair that stands up may push the head down, as shares of half the picture.
DISTANCE_MM, FILLED, EDGE, LOWERED = 1100.0, 0.86, 0.03, 0.3
#: An overlay shows the photo this far around the head, in head sizes, and no larger than this, pixels.
AROUND, LARGEST_OVERLAY = 0.75, 1280
#: Heads larger than this, pixels, are drawn with one sample a pixel: their edges are smooth already.
FINE_PX = 1500
#: Top and bottom of the grey that a head alone is laid on.
BACKGROUND = ((236, 238, 240), (196, 200, 205))


def draw_alone(
    mesh: Mesh,
    rotation: Array,
    size: int,
    worn: Sequence[Proxy] = (),
    renderer: Renderer | None = None,
    lighting: Array | None = None,
    distance_mm: float = DISTANCE_MM,
    sheen: bool = False,
) -> Pixels:
    """Draw a head in studio light: (size, size, 4) uint8 sRGB with alpha; how large it is: `portrait_view`.

    Args:
        mesh: head frame.
        rotation: (3, 3) head → camera.
        size: side of the picture, pixels.
        worn: hair, glasses and corneas.
        renderer: what draws; the default one when None.
        lighting: (9, 3) of another light.
        distance_mm: of the camera.
        sheen: as in `draw_picture`.
    """
    pose, camera = _portrait_camera(mesh, rotation, size, worn, distance_mm)
    return draw_picture(mesh, pose, camera, lighting, 2, worn, renderer, as_portrait=True, sheen=sheen)


def lit_from_sides(
    mesh: Mesh, skins: Sequence[Callable[[Array], Pixels]], pose: Pose, size: int, renderer: Renderer | None = None
) -> Pixels:
    """Pictures of a bare head in light from the left, from above and from the right, side by side, a row each skin.

    mesh: head frame. skins: give its texture in a light (9, 3). pose: only its rotation counts.
    """
    pose, camera = _portrait_camera(mesh, pose.rotation, size, (), DISTANCE_MM)
    lights = [lighting_from_lamps((lamp,), (0.12, 0.12, 0.12)) for lamp in SIDE_LAMPS]
    in_lights = [[lit(light) for lit in skins] for light in lights]
    drawn = draw_in_skins(mesh, in_lights, pose, camera, lights, renderer)
    return np.hstack([np.vstack([on_background(each) for each in column]) for column in drawn])


def _portrait_camera(
    mesh: Mesh, rotation: Array, size: int, worn: Sequence[Proxy], distance_mm: float
) -> tuple[Pose, Camera]:
    """Where a head stands for its portrait of `size` pixels a side, and what camera sees it."""
    pose, half_mm = portrait_view(mesh, rotation, worn, distance_mm)
    middle = (size - 1) / 2
    return pose, Camera(size / 2 * distance_mm / half_mm, (middle, middle), size, size)


def portrait_view(mesh: Mesh, rotation: Array, worn: Sequence[Proxy], distance_mm: float) -> tuple[Pose, float]:
    """Where a head stands for its portrait, and half the side of the picture at that distance, mm.

    A head is as large in each picture whichever way it is turned and however long its hair: what hangs too low is cut
    off. Hair that stands up moves the head down; only what still has no room above and beside it makes it smaller.
    """
    low, high = mesh.vertices.min(0), mesh.vertices.max(0)
    half = float((high - low).max()) / 2 / FILLED
    turned = mesh.vertices @ np.asarray(rotation).T
    pose = Pose(rotation, np.array([0.0, 0.0, distance_mm]) - (turned.min(0) + turned.max(0)) / 2)
    points = _with_worn(mesh, worn)
    placed = pose.apply(points[points[:, 1] > (low + high)[1] / 2])
    flat = placed[:, :2] / placed[:, 2:] * distance_mm
    down = np.clip(-flat[:, 1].min() - half * (1 - EDGE), 0.0, LOWERED * half)
    flat[:, 1] += down
    half = max(half, float(np.abs(flat).max()) / (1 - EDGE))
    return Pose(rotation, pose.translation + np.array([0.0, down, 0.0])), half


def _with_worn(mesh: Mesh, worn: Sequence[Proxy]) -> Array:
    """All vertices of a head and of what it wears, (N, 3)."""
    return np.concatenate([mesh.vertices, *(proxy.mesh.vertices for proxy in worn)])


def draw_over(
    mesh: Mesh,
    pose: Pose,
    camera: Camera,
    lighting: Array,
    photo: Pixels,
    opacity: float = 1.0,
    worn: Sequence[Proxy] = (),
    renderer: Renderer | None = None,
    fine_px: int = FINE_PX,
    sheen: bool = False,
) -> Pixels:
    """Draw a head over the whole photo: (H, W, 3) uint8 sRGB. `camera` must be that of `photo`'s pixels."""
    return draw_hairs_over(mesh, pose, camera, lighting, photo, [worn], opacity, renderer, fine_px, sheen)[0]


def draw_hairs_over(
    mesh: Mesh,
    pose: Pose,
    camera: Camera,
    lighting: Array,
    photo: Pixels,
    worns: Sequence[Sequence[Proxy]],
    opacity: float = 1.0,
    renderer: Renderer | None = None,
    fine_px: int = FINE_PX,
    sheen: bool = False,
) -> list[Pixels]:
    """Draw a head over the whole photo in several colours of its hair, as `draw_over` in one (`draw_in_hairs`).

    fine_px: a head that is larger than this has one sample a pixel, others four. sheen: as in `draw_picture`.
    """
    results = [photo.copy() for _ in worns]
    x0, y0, x1, y1 = _box_in_photo(_with_worn(mesh, worns[0]), pose, camera, margin=2.0)
    if x0 < x1 and y0 < y1:
        cx, cy = camera.principal_px
        window = Camera(camera.focal_px, (cx - x0, cy - y0), x1 - x0, y1 - y0)
        samples = 2 if max(x1 - x0, y1 - y0) <= fine_px else 1
        drawn = draw_in_hairs(mesh, pose, window, worns, lighting, samples, renderer, as_portrait=True, sheen=sheen)
        for result, each in zip(results, drawn, strict=True):
            result[y0:y1, x0:x1] = lay_on(each, photo[y0:y1, x0:x1], opacity)
    return results


def crop_for_overlay(mesh: Mesh, pose: Pose, camera: Camera, photo: Pixels) -> tuple[Pixels, Camera]:
    """Cut the surroundings of the head out of the photo and shrink them to a size for the screen; camera to match."""
    box = _box_in_photo(mesh.vertices, pose, camera, margin=0.0)
    margin = AROUND * max(box[2] - box[0], box[3] - box[1], 1)
    x0, y0, x1, y1 = _box_in_photo(mesh.vertices, pose, camera, margin)
    if x0 >= x1 or y0 >= y1:
        x0, y0, x1, y1 = 0, 0, camera.width, camera.height
    cx, cy = camera.principal_px
    cut = Camera(camera.focal_px, (cx - x0, cy - y0), x1 - x0, y1 - y0)
    shrink = min(1.0, LARGEST_OVERLAY / max(cut.width, cut.height))
    small = cut.scaled(shrink)
    image = Image.fromarray(photo[y0:y1, x0:x1]).resize((small.width, small.height), Image.Resampling.LANCZOS)
    return np.asarray(image), small


def _box_in_photo(vertices: Array, pose: Pose, camera: Camera, margin: float) -> tuple[int, int, int, int]:
    """X0 y0 x1 y1 of the projection of head-frame points widened by `margin` pixels, cut to the photo."""
    placed = pose.apply(vertices)
    points = camera.project(placed[placed[:, 2] > 1.0])
    if len(points) == 0:
        return 0, 0, 0, 0
    low = np.clip(np.floor(points.min(0) - margin), 0, (camera.width, camera.height)).astype(int)
    high = np.clip(np.ceil(points.max(0) + margin) + 1, 0, (camera.width, camera.height)).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def lay_on(drawn: Pixels, behind: Pixels, opacity: float = 1.0) -> Pixels:
    """Lay a picture with alpha (H, W, 4) on an opaque one (H, W, 3), in linear light as the renderer blends."""
    return laid_over(drawn, behind, opacity)


def on_background(drawn: Pixels) -> Pixels:
    """Lay a head drawn alone on a soft grey: (H, W, 3)."""
    top, bottom = np.array(BACKGROUND, np.float64)
    share = np.linspace(0, 1, len(drawn))[:, None, None]
    grey = np.round(top + (bottom - top) * share).astype(np.uint8)
    return lay_on(drawn, np.broadcast_to(grey, (*drawn.shape[:2], 3)))


def side_by_side(pictures: list[Pixels], height: int) -> Pixels:
    """Scale pictures (H, W, 3) to one height and put them in a row."""
    scaled = [
        np.asarray(
            Image.fromarray(p).resize(
                (max(1, round(p.shape[1] * height / p.shape[0])), height), Image.Resampling.LANCZOS
            )
        )
        for p in pictures
    ]
    return np.concatenate(scaled, axis=1)
