"""A clip of somebody with another skin: make-up, a tattoo, older skin, painted on the texture of their avatar.

What changes on the skin is drawn over each frame in the frame's own light. With a and b the old and the new albedo as
the camera sees them, and s the light that falls there, the frame f becomes f + s (b - a): what the frame shows beyond
the albedo (pores, glints, noise) stays. s is read from the frame itself, as f over a, both blurred along the skin, so
that cast shadows fall on the paint too. Hands, hair and glasses in front are left out by the dense network's map of
parts, sharpened where the colours of the frame are not those of skin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.data.provenance import mp4_box
from facegpt.encode.base import Landmarker
from facegpt.export.take_folder import Take
from facegpt.export.video_file import VideoFile
from facegpt.fitting.occlusion import BACKGROUND, HAIR, OCCLUDER, unhidden
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.render.base import AMBIENT_WHITE, Renderer, Topology, View
from facegpt.runtime import registry
from facegpt.runtime.side_by_side import in_order
from facegpt.types import Camera, DensePoints, Detection, FaceGPTError, FaceParams
from facegpt.video.clip import Frame

if TYPE_CHECKING:
    from torch import Tensor

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

#: Parts that are not painted: between lashes one sees through.
CLEAR_PARTS = ("lashes",)
#: Reach over which the light is read, as a share of the face's width, and added to it where little skin is near.
LIGHT_REACH, LEAST_SKIN = 0.035, 0.02
#: Light that falls on skin stays within these, relative to the median on the face: reflections are no light.
DARKEST, BRIGHTEST = 0.05, 3.0
#: SD of the log colour of seen skin about the albedo in its light; log density of anything else; the network's least
#: doubt whether something is in front.
SKIN_LOG_SD, OTHER_LOG_DENSITY, LEAST_DOUBT = 0.30, -1.5, 0.01
#: Edges of what is painted are soft by this many pixels.
SOFT_PX = 0.8
#: How likely skin is seen where the network does not look: the scalp, the neck; there the colours tell.
UNKNOWN = 0.5
#: Added to linear radiance before a log.
_FLOOR = 0.01


def read_paint(path: Path, texture: Pixels) -> Pixels:
    """The new texture (S, S, 4) that a picture file makes of an avatar's (S, S, 4) uint8 sRGB.

    A picture with transparent pixels is laid over the old skin; one without is the new skin. Both have its size and UV.

    Raises:
        FaceGPTError: if it cannot be read, is no square of the texture's size, or has another kind of pixels.
    """
    try:
        with Image.open(path) as image:
            size, mode = image.size, image.mode
            if size == (texture.shape[1], texture.shape[0]) and mode in ("RGB", "RGBA", "P", "L", "LA"):
                paint = np.asarray(image.convert("RGBA"))
    except FileNotFoundError:
        raise FaceGPTError(f"there is no file '{path}' to paint with") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise FaceGPTError(f"'{path}' cannot be read as a picture ({error})") from None
    if mode not in ("RGB", "RGBA", "P", "L", "LA"):
        raise FaceGPTError(f"'{path}' has pixels of the kind {mode}; save it as a PNG of 8 bits with RGB or RGBA")
    if size != (texture.shape[1], texture.shape[0]):
        raise FaceGPTError(
            f"'{path}' is {size[0]} × {size[1]} pixels, the avatar's texture {texture.shape[1]} × {texture.shape[0]}: "
            "paint on a copy of texture.png in the avatar's folder, or on an empty layer of its size"
        )
    share = paint[..., 3:].astype(np.float32) / 255
    old, new = (srgb_to_linear(each[..., :3] / 255.0) for each in (texture, paint))
    mixed = linear_to_srgb(share * new + (1 - share) * old)
    return np.dstack([np.round(mixed * 255).astype(np.uint8), texture[..., 3]])


class Retexturer:
    """Paints one person's frames.

    Args:
        model: their head. old, new: (S, S, 3 or 4) uint8 sRGB textures of it.
        renderer: what draws the albedos; the default one when None.
    """

    def __init__(self, model: MorphableModel, old: Pixels, new: Pixels, renderer: Renderer | None = None) -> None:
        import torch

        if old.shape[:2] != new.shape[:2]:
            sizes = (f"{each.shape[1]} × {each.shape[0]}" for each in (new, old))
            raise FaceGPTError("the new texture is {} texels, the old one {}".format(*sizes))
        self._model = model
        self._renderer: Renderer = renderer or registry.load("render")
        clear = [k for k, name in enumerate(model.part_names) if name in CLEAR_PARTS]
        drawn = ~np.isin(model.part, clear)
        skin = model.part[drawn] == model.part_names.index("skin")
        self._topology = Topology(
            torch.from_numpy(np.ascontiguousarray(model.triangles[drawn], np.int32)),
            torch.from_numpy(np.ascontiguousarray(model.uv, np.float32)),
            torch.from_numpy(np.ascontiguousarray(model.uv_triangles[drawn], np.int32)),
            torch.from_numpy(skin.astype(np.uint8)),
        )
        self._old, self._new = (
            torch.from_numpy(np.ascontiguousarray(srgb_to_linear(t[..., :3] / 255.0).transpose(2, 0, 1), np.float32))[
                None
            ]
            for t in (old, new)
        )

    def paint(self, pixels: Pixels, params: FaceParams, dense: DensePoints | None = None) -> Pixels:
        """A frame (H, W, 3) uint8 sRGB with the new skin.

        Args:
            pixels: the frame.
            params: of the face, whose camera is that of these pixels.
            dense: what the network says of the same pixels, for what is in front of the face.
        """
        placed = params.pose.apply(head_vertices(self._model, params))
        window = _window(placed, params.camera)
        if window is None:
            return pixels
        x0, y0, camera = window
        rows, columns = slice(y0, y0 + camera.height), slice(x0, x0 + camera.width)
        old, coverage, skin = self._draw(placed, camera, self._old)
        change = self._draw(placed, camera, self._new)[0] - old
        if not np.abs(change).max() > 1e-4:
            return pixels
        seen = srgb_to_linear(pixels[rows, columns] / 255.0).astype(np.float32)
        visible = coverage if dense is None else coverage * _visible(dense, x0, y0, coverage.shape)
        width = float(np.ptp(params.camera.project(placed[:: max(1, len(placed) // 500)])[:, 0]))
        light = light_on(seen, old, skin * sure(visible), LIGHT_REACH * width)
        if dense is not None:
            visible = sharpened(visible, seen, old, light, skin > 0.5)
            light = light_on(seen, old, skin * sure(visible), LIGHT_REACH * width)
        share = np.where(coverage > 1e-3, visible / np.maximum(coverage, 1e-3), 0.0)[..., None]
        out = pixels.copy()
        painted = np.clip(seen + share * light * change, 0.0, 1.0)
        touched = np.abs(share * change).max(-1) > 1e-5
        out[rows, columns][touched] = np.round(linear_to_srgb(painted[touched]) * 255).astype(np.uint8)
        return out

    def _draw(self, placed: NDArray, camera: Camera, texture: Tensor) -> tuple[Floats, Floats, Floats]:
        """Albedo (h, w, 3) premultiplied by coverage, the coverage (h, w), and where skin is seen (h, w) 0 or 1."""
        import torch

        view = View(torch.tensor([camera.focal_px]), torch.tensor([camera.principal_px]), camera.height, camera.width)
        white = torch.zeros(1, 9, 3)
        white[:, 0] = AMBIENT_WHITE
        vertices = torch.from_numpy(np.ascontiguousarray(placed, np.float32))[None]
        with torch.no_grad():
            drawn = self._renderer.render(vertices, self._topology, texture, white, view)
        part = drawn.part[0].cpu().numpy()
        return drawn.color[0].cpu().numpy(), drawn.coverage[0].cpu().numpy(), (part == 1).astype(np.float32)


def light_on(seen: Floats, albedo: Floats, weight: Floats, reach_px: float) -> Floats:
    """The light (h, w, 3) that falls on skin: the frame over the albedo, both averaged by weight (h, w).

    They are averaged over `reach_px`; far from any skin the average of all of it is given.
    """
    trusted = weight * (seen.max(-1) < 0.95)
    total = np.maximum(trusted.sum(), 1e-6)
    mean = (seen * trusted[..., None]).sum((0, 1)) / np.maximum((albedo * trusted[..., None]).sum((0, 1)), 1e-6)
    amount = np.float32(LEAST_SKIN) * (albedo * trusted[..., None]).sum((0, 1)) / total
    light = np.empty_like(seen)
    for c in range(3):
        above = gaussian_filter(seen[..., c] * trusted, reach_px) + amount[c] * mean[c]
        below = gaussian_filter(albedo[..., c] * trusted, reach_px) + amount[c]
        light[..., c] = above / np.maximum(below, 1e-6)
    return np.clip(light, DARKEST * mean, BRIGHTEST * mean).astype(np.float32)


def sharpened(visible: Floats, seen: Floats, albedo: Floats, light: Floats, skin: NDArray[np.bool_]) -> Floats:
    """The map of what is visible (h, w), with the colours' say: what has not the skin's colour is in front of it.

    Where the network has no doubt colours change nothing: moles and glints are no strands of hair.
    """
    doubt = np.clip(1 - visible, LEAST_DOUBT, 1 - LEAST_DOUBT)
    off = np.log(seen + _FLOOR) - np.log(albedo * light + _FLOOR)
    off = gaussian_filter(off, (0.7, 0.7, 0))
    as_skin = -0.5 * (off**2).sum(-1) / SKIN_LOG_SD**2
    odds = np.log(1 - doubt) - np.log(doubt) + as_skin - OTHER_LOG_DENSITY
    believed = 1 / (1 + np.exp(-np.clip(odds, -20, 20)))
    unsure = np.clip((doubt - 0.03) / 0.1, 0, 1) * skin
    return gaussian_filter(visible * (1 - unsure) + unsure * believed, SOFT_PX).astype(np.float32)


def sure(visible: Floats) -> Floats:
    """Weight of pixels by how likely they show the face: what is in doubt tells nothing of the light."""
    return np.clip((visible - 0.6) / 0.3, 0.0, 1.0)


def _visible(dense: DensePoints, x0: int, y0: int, shape: tuple[int, ...]) -> Floats:
    """How likely each pixel of a window shows the face itself, (h, w)."""
    row, column = np.mgrid[: shape[0], : shape[1]]
    places = np.stack([column.ravel() + x0, row.ravel() + y0], 1)
    seen = unhidden(dense, places, (BACKGROUND, HAIR, OCCLUDER), UNKNOWN)
    return seen.reshape(shape[0], shape[1]).astype(np.float32)


def _window(placed: NDArray, camera: Camera) -> tuple[int, int, Camera] | None:
    """The part of the picture that the head is in, its corner and its camera; None where it is outside."""
    seen = camera.project(placed)
    x0, y0 = np.clip(np.floor(seen.min(0)), 0, (camera.width, camera.height)).astype(int)
    x1, y1 = np.clip(np.ceil(seen.max(0)) + 1, 0, (camera.width, camera.height)).astype(int)
    if x1 - x0 < 2 or y1 - y0 < 2 or placed[:, 2].min() <= 1.0:
        return None
    cx, cy = camera.principal_px
    return int(x0), int(y0), Camera(camera.focal_px, (cx - x0, cy - y0), int(x1 - x0), int(y1 - y0))


def write_retextured(
    path: Path,
    take: Take,
    number: int,
    new_texture: Pixels,
    frames: Iterable[Frame],
    landmarker: Landmarker | None = None,
    sound_of: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Write a clip in which one person of a take has another skin; `frames` are the clip's, in their own size.

    Frames that were not looked at are left out.

    Args:
        path: of the video.
        take: the tracked clip.
        number: the person's track_id.
        new_texture: (S, S, 4) uint8 sRGB, of the size of the take's texture of that person.
        frames: of the clip.
        landmarker: tells what is in front of the face, or None.
        sound_of: the file whose sound is kept.
        progress: told the number of frames that are done.
    """
    model, rows = take.head_model(number), {int(row["frame"]): row for row in take.motion[number]}
    known = take.people[number].known  # whose skin is without the roots of hair, as the new one is
    painter = Retexturer(model, take.textures[number] if known is None else known.texture, new_texture)

    def painted(frame: Frame) -> Pixels:
        if frame.index not in rows:
            return frame.pixels
        params = take.params(number, rows[frame.index])
        params = params.replace(camera=_camera_of(params.camera, frame.pixels))
        dense = None if landmarker is None else landmarker.predict(frame.pixels, _as_detection(model, params))
        return painter.paint(frame.pixels, params, dense)

    pictures = in_order(painted, take.looked_at(frames))
    with VideoFile(path, take.info.fps, sound_of, mp4_box()) as file, closing(pictures):
        for frame, pixels in pictures:
            file.add(pixels, frame.time_s)
            if progress is not None:
                progress(frame.index + 1)
    return path


def _camera_of(camera: Camera, pixels: Pixels) -> Camera:
    """The camera of a frame in the size in which it was read."""
    scaled = camera.scaled(pixels.shape[1] / camera.width)
    return Camera(scaled.focal_px, scaled.principal_px, pixels.shape[1], pixels.shape[0])


def _as_detection(model: MorphableModel, params: FaceParams) -> Detection:
    """Where the detector's points are by the head: the network only looks through the window around them."""
    points = model.embedding("mediapipe478")(head_vertices(model, params))
    seen = params.camera.project(params.pose.apply(points))
    return Detection(np.column_stack([seen, np.zeros(len(seen))]), np.zeros(52), 1.0, np.eye(3))
