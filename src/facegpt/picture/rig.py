"""The photo as a puppet: its own pixels, moved as the head in it moves.

A changed head is drawn, and each of its pixels looks up where its point of the surface was in the photo (backward
warping, ordered by depth). What the photo hid is drawn from the head's completed skin in the photo's light. Shading
changes by the ratio of the two heads' shading (the expression ratio image of Liu et al. 2001, from the fitted light).
Around the face the warp is a smooth field (surroundings.py), so that no edge shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from facegpt.appearance.light import shading
from facegpt.conventions import linear_to_srgb, rotation_from_rotvec, srgb_to_linear
from facegpt.face import Face
from facegpt.morphable.base import MorphableModel, check_model, head_vertices
from facegpt.morphable.normals import vertex_normals
from facegpt.picture.kernels import interpolate, sample, sample_cubic, seen_before
from facegpt.picture.surroundings import Surroundings
from facegpt.render.base import Renderer
from facegpt.render.drawn import Drawn, draw_opaque
from facegpt.render.portrait import darken_hollows
from facegpt.types import Array, Camera, FaceParams, Mesh

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

#: A point was hidden in the photo if it lay so much behind the first surface there, and over how much that fades, mm.
BEHIND_MM, BEHIND_FADE_MM = 1.5, 1.5
#: Cosines to the camera at which a surface is too grazing to take pixels from the photo, and to be ordered by depth.
GRAZING = (0.05, 0.2)
#: Bounds of the factor by which the light on moved skin changes.
LEAST_RATIO, MOST_RATIO = 0.55, 1.7
#: Places that stay within this are not touched, photo pixels; nor are changes of the light below this share.
STILL_PX, STILL_RATIO = 0.03, 0.004
#: Bounds of the factor that fits drawn colours to the photo's around them.
LEAST_GAIN, MOST_GAIN = 0.35, 2.5


@dataclass(frozen=True, eq=False)
class Still:
    """What of the rig does not change from picture to picture; all maps are of the window at the maps' size.

    Attributes:
        vertices: (V, 3) of the photographed head, camera frame, mm. offset: (V, 3) mm, what of that is registration.
        normals: (V, 3). depth: (h, w) mm, 0 for none. inner: (V,) 0..1, where the face's own surface is followed
            rather than the smooth field around it.
        gain: (h, w, 3) photo over drawn head, linear. grain: (H, W, 3) noise like the photo's, of the window.
        cells: (h', w', 3 or 2) triangle corners and weights of the head's points in the cells of the field.
        around: the field.
    """

    vertices: Floats
    offset: Floats
    normals: Floats
    depth: Floats
    inner: Floats
    gain: Floats
    grain: Floats
    cell_corners: NDArray[np.int64]
    cell_weights: Floats
    around: Surroundings


@dataclass(frozen=True, eq=False)
class Changed:
    """A changed photo. picture: (H, W, 3) uint8. mask: (H, W) uint8, 255 where it may differ from the photo."""

    picture: Pixels
    mask: Pixels


@dataclass(frozen=True, eq=False)
class PhotoRig:
    """One face of a photo, ready to be changed; make one with `prepare`.

    Attributes:
        model: the head model. face: the face as photographed; its parameters are where changes start from.
        params: the same parameters, with the camera of the pixels of `photo`.
        photo: (H, W, 3) uint8 sRGB, the picture that is changed.
        window: (x0, y0, x1, y1) of the photo's pixels that may change. scale: pixels of the maps per photo pixel.
        mesh: the head's surface with its skin; `kept` (F,) marks the triangles that hide what is behind.
        renderer: draws it.
    """

    model: MorphableModel
    face: Face
    params: FaceParams
    photo: Pixels
    window: tuple[int, int, int, int]
    scale: float
    mesh: Mesh
    kept: NDArray[np.bool_]
    renderer: Renderer
    still: Still

    def picture(self, params: FaceParams, fine: bool = False) -> Pixels:
        """The photo with the face changed to `params`: (H, W, 3) uint8 sRGB, a new array.

        Start from `rig.params` and replace expression, joints, pose, identity or light; the same parameters give the
        photo itself. `turned` and `looking` give parameters of a turned head and turned eyes.

        Args:
            params: of the same head model; its camera, skin, hair and glasses are not looked at.
            fine: average four samples a pixel where surfaces meet (for stills; three times as slow).

        Raises:
            ShapeError: if the parameters belong to another head model.
        """
        return self.changed(params, fine).picture

    def changed(self, params: FaceParams, fine: bool = True) -> Changed:
        """The changed photo and where it may differ from the photo. See `picture`."""
        check_model(self.model, params)
        block = 2 if fine and self.scale >= 1 else 1
        colour, touched = self._window(params, block)
        x0, y0, x1, y1 = self.window
        before = self.photo[y0:y1, x0:x1]
        new = np.clip(np.round(colour), 0, 255).astype(np.uint8)
        picture, mask = self.photo.copy(), np.zeros(self.photo.shape[:2], np.uint8)
        picture[y0:y1, x0:x1] = np.where(touched[..., None], new, before)
        mask[y0:y1, x0:x1] = 255 * touched
        return Changed(picture, mask)

    def placed(self, params: FaceParams) -> Floats:
        """The changed head's vertices (V, 3) in the camera frame, registered to the photo as the first one was."""
        turn = np.asarray(params.pose.rotation) @ np.asarray(self.params.pose.rotation).T
        moved = params.pose.apply(head_vertices(self.model, params)) + self.still.offset @ turn.T
        return np.ascontiguousarray(moved, np.float32)

    @cached_property
    def _source(self) -> Floats:
        x0, y0, x1, y1 = self.window
        return self.photo[y0:y1, x0:x1].astype(np.float32)

    @cached_property
    def _planes(self) -> Floats:
        texture = np.asarray(self.mesh.texture)[..., :3]
        return np.ascontiguousarray(srgb_to_linear(np.arange(256) / 255.0)[texture].transpose(2, 0, 1))

    def camera(self, block: int = 1) -> Camera:
        """The camera of the window's maps, `block` samples a map pixel."""
        return window_camera(self.params.camera, self.window, self.scale * block)

    def draw(self, vertices: Floats, block: int = 1) -> Drawn:
        """Draw a placed head over the window."""
        return draw_opaque(
            self.renderer, self.mesh, self.kept, vertices, self._planes, self.params.lighting, self.camera(block)
        )

    def _window(self, params: FaceParams, block: int) -> tuple[Floats, NDArray[np.bool_]]:
        """The window's pixels (H, W, 3), 0..255, and which of them are touched."""
        vertices = self.placed(params)
        image = self.draw(vertices, block)
        back = self._field(vertices, image.triangle.shape)
        values = self._vertex_values(vertices)
        maps = np.empty((*image.triangle.shape, values.shape[1]), np.float32)
        interpolate(image.triangle, image.barycentric, self.mesh.triangles[self.kept], values, maps)
        return self._composed(image, maps, back, block)

    def _field(self, vertices: Floats, shape: tuple[int, ...]) -> Floats:
        """The smooth field around the face (h, w, 2): source - place, in photo pixels."""
        still, camera = self.still, self.params.camera
        before, after = (camera.project(each) for each in (still.vertices, vertices))
        moves = (after - before).astype(np.float32)
        cells = np.einsum("ijc,ijcx->ijx", still.cell_weights, moves[still.cell_corners])
        back = still.around.came_from(cells)
        per_cell = (shape[1] / (self.window[2] - self.window[0])) * still.around.cell_px
        return enlarged(back, shape[:2], per_cell)

    def _vertex_values(self, vertices: Floats) -> Floats:
        """What is interpolated over the surface (V, 8): its place before, the light's ratio, inner, facing."""
        still, lighting = self.still, np.asarray(self.params.lighting)
        normals = vertex_normals(vertices, self.model.triangles)
        before, after = (np.maximum(shading(each, lighting), 0.02) for each in (still.normals, normals))
        ratio = np.clip(after / before, LEAST_RATIO, MOST_RATIO)
        ratio[self._unlit] = 1.0
        sight = -vertices / np.linalg.norm(vertices, axis=1, keepdims=True)
        facing = (normals * sight).sum(1)
        return np.column_stack([still.vertices, ratio, still.inner, facing]).astype(np.float32)

    @cached_property
    def _unlit(self) -> NDArray[np.bool_]:
        """Vertices (V,) whose colour does not follow the light on their own normal: all but the skin."""
        skin = self.model.part == self.model.part_names.index("skin")
        unlit = np.ones(len(self.model.mean_vertices), bool)
        unlit[np.unique(self.model.triangles[skin])] = False
        return unlit

    def _composed(self, image: Drawn, maps: Floats, back: Floats, block: int) -> tuple[Floats, NDArray[np.bool_]]:
        """Put moved pixels and drawn ones together: the window's colours (H, W, 3) and what is touched (H, W)."""
        camera, still = self.camera(block), self.still
        drawn = image.triangle >= 0
        depth = maps[..., 2]
        rows, columns = np.indices(depth.shape, np.float32)
        here = np.stack([columns, rows], -1)
        step = self.scale * block  # map pixels per photo pixel
        place = np.where(drawn[..., None], maps[..., :2] / np.maximum(depth, 1e-3)[..., None] * camera.focal_px, 0)
        by_mesh = (place + np.asarray(camera.principal_px, np.float32) - here) / step
        inner = maps[..., 6] * smooth((maps[..., 7] - GRAZING[0]) / (GRAZING[1] - GRAZING[0])) * drawn
        inner = inner[..., None]
        offset = inner * by_mesh + (1 - inner) * back
        visible = np.empty(depth.shape, np.float32)
        coarse = (here + by_mesh * step + 0.5) / block - 0.5
        seen_before(coarse.astype(np.float32), depth, still.depth, BEHIND_MM, BEHIND_FADE_MM, visible)
        new = inner[..., 0] * (1 - visible)
        ratio = 1 + inner * (maps[..., 3:6] - 1)
        return self._finished(image, offset, new, ratio, coarse, block)

    def _finished(
        self, image: Drawn, offset: Floats, new: Floats, ratio: Floats, coarse: Floats, block: int
    ) -> tuple[Floats, NDArray[np.bool_]]:
        source, step = self._source, self.scale * block
        height, width = source.shape[:2]
        size = (round(height * max(1.0, step)), round(width * max(1.0, step)))
        if step < 1:  # maps are coarser than the photo
            offset, new, ratio = (enlarged(each, size, 1 / step) for each in (offset, new, ratio))
        rows, columns = np.indices(size, np.float32)
        fine = max(1.0, step)
        place = (np.stack([columns, rows], -1) + 0.5) / fine - 0.5 + offset
        moved = self._sampled(place, block)
        touched = (np.abs(offset).max(-1) > STILL_PX) | (new > 0.01) | (np.abs(ratio - 1).max(-1) > STILL_RATIO)
        colour = moved * ratio ** (1 / 2.2)
        if new.max() > 0.01:
            colour += new[..., None] * (self._drawn_colour(image, coarse, size, step) - colour)
        if block > 1:
            colour, touched = averaged(colour, block), averaged(touched.astype(np.float32), block) > 0
        return colour, touched

    def _sampled(self, place: Floats, block: int) -> Floats:
        """The photo at places (h, w, 2) of the window; where a block of samples lies together, at their middle."""
        out = np.empty((*place.shape[:2], 3), np.float32)
        if block == 1:
            sample_cubic(self._source, place, out)
            return out
        middle = averaged(place, block)
        spread = np.abs(place - np.repeat(np.repeat(middle, block, 0), block, 1)).max(-1)
        apart = np.repeat(np.repeat(averaged(spread, block) > 1.0, block, 0), block, 1)
        place = np.where(apart[..., None], place, np.repeat(np.repeat(middle, block, 0), block, 1))
        sample_cubic(self._source, np.ascontiguousarray(place), out)
        return out

    def _drawn_colour(self, image: Drawn, coarse: Floats, size: tuple[int, int], step: float) -> Floats:
        """The drawn head (h, w, 3), 0..255, in the photo's tone and grain."""
        colour = image.color / np.maximum(image.coverage, 1e-3)[..., None]
        darken_hollows(self.mesh, np.flatnonzero(self.kept), image, colour, self.camera().focal_px)
        gain = np.empty_like(colour)
        sample(self.still.gain, coarse.astype(np.float32), gain)
        srgb = linear_to_srgb(np.clip(colour * gain, 0, 1)) * 255
        if step < 1:
            srgb = enlarged(srgb, size, 1 / step)
        factor = size[0] // self.still.grain.shape[0]
        grain = self.still.grain if factor <= 1 else np.repeat(np.repeat(self.still.grain, factor, 0), factor, 1)
        return srgb + grain[: size[0], : size[1]]


def window_camera(camera: Camera, window: tuple[int, int, int, int], scale: float) -> Camera:
    """The camera of a photo's window (x0, y0, x1, y1), resized by `scale`."""
    x0, y0, x1, y1 = window
    cx, cy = camera.principal_px
    return Camera(camera.focal_px, (cx - x0, cy - y0), x1 - x0, y1 - y0).scaled(scale)


def smooth(share: Floats) -> Floats:
    """0 below 0, 1 above 1, and a smooth step between."""
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)


def enlarged(maps: Floats, size: tuple[int, ...], factor: float) -> Floats:
    """Maps (h, w) or (h, w, C) read bilinearly at `factor` pixels a pixel: (size, C)."""
    flat = maps[..., None] if maps.ndim == 2 else maps
    rows, columns = np.indices(size, np.float32)
    place = (np.stack([columns, rows], -1) + np.float32(0.5)) / np.float32(factor) - np.float32(0.5)
    out = np.empty((*size, flat.shape[2]), np.float32)
    sample(np.ascontiguousarray(flat, np.float32), place, out)
    return out[..., 0] if maps.ndim == 2 else out


def averaged(samples: Floats, block: int) -> Floats:
    """Average blocks of block × block pixels of an image (H, W, …)."""
    total = np.zeros_like(samples[::block, ::block], np.float32)
    for row in range(block):
        for column in range(block):
            total += samples[row::block, column::block]
    return total / np.float32(block * block)


def gain_of(photo: Floats, drawn: Floats, trusted: NDArray[np.bool_], reach: float) -> Floats:
    """How much brighter a photo (h, w, 3) is than the drawn head, both linear, blurred from where it is trusted."""
    weight = trusted.astype(np.float32)
    light = [gaussian_filter(each * weight[..., None], (reach, reach, 0)) for each in (photo, drawn)]
    far = [np.array([each[trusted].mean(0) if trusted.any() else np.ones(3)]) for each in (photo, drawn)]
    over = [each + 0.003 * one for each, one in zip(light, far, strict=True)]
    return np.clip(over[0] / np.maximum(over[1], 1e-5), LEAST_GAIN, MOST_GAIN).astype(np.float32)


def rotated(rotation: Array, vector: Array) -> Array:
    """A rotation (3, 3) followed by one about a vector (3,), radians."""
    return np.asarray(rotation_from_rotvec(vector) @ rotation)
