"""The photo as a puppet: its own pixels, moved as the head in it moves.

A changed head is drawn, and each of its pixels looks up where its point of the surface was in the photo (backward
warping, ordered by depth). What the photo hid is drawn from the head's completed skin in the photo's light. Shading
changes by the ratio of the two heads' shading (the expression ratio image of Liu et al. 2001, from the fitted light).
Around the face the warp is a smooth field (surroundings.py), so that no edge shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from facegpt.appearance.light import shading
from facegpt.conventions import linear_to_srgb
from facegpt.face import Face
from facegpt.morphable.base import MorphableModel, check_model, head_vertices
from facegpt.morphable.normals import vertex_normals
from facegpt.picture.brows import Brows
from facegpt.picture.canvas import Canvas
from facegpt.picture.front import rigid_motion
from facegpt.picture.kernels import COLUMNS, INNER, finish, interpolate, sample, warp_surface
from facegpt.picture.lashes import SHUT, with_lashes, with_skin_s_hue
from facegpt.picture.lids import Lids, lid_shares, shut_by
from facegpt.picture.lips import Lips, with_lip_line
from facegpt.picture.registration import vertices_of
from facegpt.picture.repaint import factor_of, skins_of
from facegpt.picture.surroundings import Surroundings
from facegpt.render.drawn import Drawn
from facegpt.types import Array, Camera, FaceParams

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

#: A point was hidden in the photo if it lay so much behind the first surface there, and over how much that fades, mm.
BEHIND_MM, BEHIND_FADE_MM = 1.5, 1.5
#: Cosines to the camera at which a surface is too grazing to take pixels from the photo, and to be ordered by depth.
GRAZING = (0.05, 0.2)
#: What is added to them off eyes, nose and mouth.
OUTER_GRAZING = 0.2
#: Bounds of the factor by which the light on moved skin changes.
LEAST_RATIO, MOST_RATIO = 0.55, 1.7
#: Places that stay within this are not touched, photo pixels; nor are changes of the light below this share.
STILL_PX, STILL_RATIO = 0.03, 0.004
#: Factors by which skin is stretched that begin to be, and are, too much for the photo's pixels.
STRETCHED = (2.2, 5.0)
#: The same of upper lids: what the photo shows of their fold is lashes and shadow.
LID_STRETCHED = (1.15, 1.8)
#: Lips that moved by this show all that is drawn between them, photo pixels.
MOUTH_PX = 1.5
#: Bounds of the factor that fits drawn colours to the photo's around them.
LEAST_GAIN, MOST_GAIN = 0.35, 2.5


@dataclass(frozen=True, eq=False)
class Still:
    """What of the rig does not change from picture to picture; all maps are of the window at the maps' size.

    Attributes:
        vertices: (V, 3) of the photographed head, camera frame, mm. offset: (V, 3) mm, what of that is registration.
        normals: (V, 3). depth: (h, w) mm, 0 for none. inner: (V,) 0..1, where the face's own surface is followed
            rather than the smooth field around it. core: (V,) 0..1, around eyes, nose and mouth.
        gain: (h, w, 3) photo over drawn head, linear. grain: (H, W) noise like the photo's, of the window.
        lids: what shuts the eyes. brows: what keeps brows as broad as they are. lips: what shuts the mouth.
        front: see front.py, of the window at a size of its own.
        mouth: (h, w, 2), where the photo looks into the mouth: what moves with the skull, and with the jaw.
        slit: whether no teeth are seen there: once the lips move, what is between them is drawn.
        teeth: (3,) factor of the drawn teeth's colour, where the photo shows teeth; else None.
        cells: (h', w', 3 or 2) triangle corners and weights of the head's points in the cells of the field.
        around: the field.
        grey: whether the photo has no colour: what is drawn into it then has none.
    """

    vertices: Floats
    offset: Floats
    normals: Floats
    depth: Floats
    inner: Floats
    core: Floats
    gain: Floats
    grain: Floats
    mouth: Floats
    lids: Lids
    brows: Brows
    lips: Lips
    front: Floats
    cell_corners: NDArray[np.int64]
    cell_weights: Floats
    around: Surroundings
    grey: bool = False
    slit: bool = False
    teeth: Floats | None = None


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
        canvas: what draws the head. still: what is the same for all pictures.
    """

    model: MorphableModel
    face: Face
    params: FaceParams
    photo: Pixels
    window: tuple[int, int, int, int]
    scale: float
    canvas: Canvas
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

    def changed(self, params: FaceParams, fine: bool = True, skin: Pixels | None = None) -> Changed:
        """The changed photo and where it may differ from the photo. See `picture`.

        With `fine` wrinkles fold with the expression. skin: (S, S, 4) uint8 sRGB, in place of the head's own skin.
        """
        check_model(self.model, params)
        vertices = self.placed(params)
        skins = None
        if fine:
            before, after = (each.expression for each in (self.params, params))
            light = self.params.lighting
            own = np.asarray(self.face.texture)
            skins = skins_of(self.model, own, skin, self.face.detail, vertices, before, after, light)
        return self.warped(vertices, fine, skins=skins)

    def warped(
        self, vertices: Floats, fine: bool = True, relit: bool = True, skins: tuple[Pixels, Pixels] | None = None
    ) -> Changed:
        """The photo with the head's vertices (V, 3) elsewhere, mm, camera frame; `relit`: shading follows.

        skins: textures (S, S, 4) by whose pictures' ratio the photo is multiplied: the photo's and the new one.
        """
        block = 2 if fine and self.scale >= 1 else 1
        x0, y0, x1, y1 = self.window
        picture, mask = self.photo.copy(), np.zeros(self.photo.shape[:2], np.uint8)
        picture[y0:y1, x0:x1], mask[y0:y1, x0:x1] = self._window(vertices, block, relit, skins)
        return Changed(picture, mask)

    def placed(self, params: FaceParams) -> Floats:
        """The changed head's vertices (V, 3) in the camera frame, registered to the photo as the first one was."""
        turn = np.asarray(params.pose.rotation) @ np.asarray(self.params.pose.rotation).T
        plain = params.pose.apply(head_vertices(self.model, params))
        moved = plain + self.still.offset @ turn.T
        moved += self.still.lids.shut(params) + self.still.brows.kept(params)
        moved += self.still.lips.shut(plain, moved, turn)
        return np.ascontiguousarray(moved, np.float32)

    @cached_property
    def _source(self) -> Floats:
        x0, y0, x1, y1 = self.window
        return self.photo[y0:y1, x0:x1].astype(np.float32)

    def camera(self, block: int = 1) -> Camera:
        """The camera of the window's maps, `block` samples a map pixel."""
        return window_camera(self.params.camera, self.window, self.scale * block)

    def _window(
        self, vertices: Floats, block: int, relit: bool, skins: tuple[Pixels, Pixels] | None
    ) -> tuple[Pixels, Pixels]:
        """The window's pixels (H, W, 3), and (H, W) 255 where they are touched."""
        image = self.canvas.draw(vertices, self.camera(block), self.params.lighting, fine=block > 1)
        values = self._vertex_values(vertices, relit)
        maps = np.empty((*image.triangle.shape, COLUMNS), np.float32)
        interpolate(image.triangle, image.barycentric, self.canvas.triangles, values, maps)
        warp = np.empty((*image.triangle.shape, 6), np.float32)
        camera, step = self.camera(block), self.scale * block
        cells = self.still.front.shape[1] / image.triangle.shape[1]
        lips, mouth = self._mouth_moved(vertices)
        how = (BEHIND_MM, BEHIND_FADE_MM, *GRAZING, STILL_PX, max(lips, mouth), cells)
        warp_surface(
            *(image.triangle, maps, self.canvas.kinds, self._field(vertices), self.still.around.cell_px * step),
            *(
                (camera.focal_px, *camera.principal_px),
                step,
                block,
                self.still.depth,
                self.still.mouth * np.float32(1 - lips) if self.still.slit else self.still.mouth,
                self.still.front,
                self.still.lips.pull * np.float32(self.still.lips.pulled(vertices)),
            ),
            *(self._moved_by("upper_teeth", vertices, block), self._moved_by("lower_teeth", vertices, block)),
            *(how, warp),
        )
        if skins is not None:
            old, new = (self.canvas.painted(vertices, self.camera(), self.params.lighting, each) for each in skins)
            share = maps[::block, ::block, INNER : INNER + 1]
            factor = 1 + share * (factor_of(old, new, image.triangle[::block, ::block] >= 0) - 1)
            for row, column in np.ndindex(block, block):
                warp[row::block, column::block, 3:] *= factor
        return self._finished(image, vertices, warp, block)

    def _finished(self, image: Drawn, vertices: Floats, warp: Floats, block: int) -> tuple[Pixels, Pixels]:
        source, gain, step = self._source, self.still.gain, self.scale * block
        drawn = np.zeros((0, 0, 3), np.float32)
        if warp[..., 2].max() > 0.01:
            drawn = self.canvas.in_hollows(image, vertices, self.camera(block), self.still.teeth)
        if step < 1:  # the maps are coarser than the photo
            size = source.shape[:2]
            warp, gain = enlarged(warp, size, 1 / step), enlarged(gain, size, 1 / step)
            drawn = enlarged(drawn, size, 1 / step) if len(drawn) else drawn
        out, touched = np.empty(source.shape, np.uint8), np.empty(source.shape[:2], np.uint8)
        encode, lit = _tables()
        finish(source, warp, block, drawn, gain, encode, self.still.grain, lit, (STILL_PX, STILL_RATIO), out, touched)
        self._lids_finished(out, touched, vertices, warp[::block, ::block, 2])
        if (shut := self.still.lips.pulled(vertices)) > 0:
            points = self.model.embedding("mediapipe478")(vertices)
            pixels = self.params.camera.project(points) - np.asarray(self.window[:2])
            with_lip_line(out, touched, pixels, self.params.camera.focal_px / float(points[13, 2]), shut)
        if self.still.grey:
            out[touched > 0] = np.round(out[touched > 0].mean(-1, keepdims=True)).astype(np.uint8)
        return out, touched

    def _lids_finished(self, out: Pixels, touched: Pixels, vertices: Floats, drawn: Floats) -> None:
        """Give eyes that were shut the hue of the skin and a line of lashes, in place; drawn: (H, W), share of that."""
        pixels = [self.params.camera.project(each) for each in (self.still.vertices, vertices)]
        shut = shut_by(self.model, *pixels)
        if shut.max() > SHUT[0]:
            embedding, corner = self.model.embedding("mediapipe478"), np.asarray(self.window[:2])
            flat = np.zeros((len(vertices), 1))
            before, after = (embedding(np.hstack([each, flat]))[:, :2] - corner for each in pixels)
            with_skin_s_hue(out, drawn, after, shut)
            with_lashes(out, touched, self._source, before, after, shut)

    def _field(self, vertices: Floats) -> Floats:
        """The smooth field around the face, one entry a cell: source - place, in photo pixels."""
        still, camera = self.still, self.params.camera
        moves = (camera.project(vertices) - camera.project(still.vertices)).astype(np.float32)
        return still.around.came_from(np.einsum("ijc,ijcx->ijx", still.cell_weights, moves[still.cell_corners]))

    def _mouth_moved(self, vertices: Floats) -> tuple[float, float]:
        """How far the lips moved against the skull, and how far the skull: 0 as in the photo, 1 by MOUTH_PX or more."""
        rows, teeth = (vertices_of(self.model, name) for name in ("mouth", "upper_teeth"))
        if not len(rows) or not len(teeth):
            return 0.0, 0.0
        before, after = (self.params.camera.project(each[teeth]) for each in (self.still.vertices, vertices))
        against = self.params.camera.project(self._rigid_before(vertices)[rows])  # where a skull that stays has them
        lips = np.abs(against - self.params.camera.project(self.still.vertices[rows])).max()
        skull = np.abs((after - before).mean(0)).max()
        lips, skull = (float(np.clip((each - STILL_PX) / MOUTH_PX, 0, 1)) for each in (lips, skull))
        return lips, skull

    def _moved_by(self, part: str, vertices: Floats, block: int) -> Array:
        """The affine map (2, 3) of samples to where a rigid part had them before."""
        rows, camera = vertices_of(self.model, part), self.camera(block)
        if not len(rows):
            return np.eye(2, 3)
        before, after = (camera.project(each[rows]).astype(np.float64) for each in (self.still.vertices, vertices))
        ones = np.column_stack([after, np.ones(len(after))])
        return np.ascontiguousarray(np.linalg.lstsq(ones, before, rcond=None)[0].T)

    def _vertex_values(self, vertices: Floats, relit: bool) -> Floats:
        """What is interpolated over the surface (V, COLUMNS): see `warp_surface`."""
        still, lighting = self.still, np.asarray(self.params.lighting)
        normals = vertex_normals(vertices, self.model.triangles)
        before, after = (np.maximum(shading(each, lighting), 0.02) for each in (still.normals, normals))
        ratio = np.clip(after / before, LEAST_RATIO, MOST_RATIO)
        ratio[~self.canvas.skin if relit else slice(None)] = 1.0
        sight = -vertices / np.linalg.norm(vertices, axis=1, keepdims=True)
        facing = (normals * sight).sum(1) - OUTER_GRAZING * (1 - still.core)
        values = [still.vertices, ratio, still.inner, facing, self._stretched(vertices), self._rigid_before(vertices)]
        return np.column_stack(values).astype(np.float32)

    def _rigid_before(self, vertices: Floats) -> Floats:
        """Where each vertex was if it moved with the skull, (V, 3) mm."""
        teeth = vertices_of(self.model, "upper_teeth")
        rows = teeth if len(teeth) else np.arange(len(vertices))
        before, after = (each[rows].astype(np.float64) for each in (self.still.vertices, vertices))
        rotation, shift = rigid_motion(before, after)
        return np.asarray((vertices - shift) @ rotation, np.float32)

    def _stretched(self, vertices: Floats) -> Floats:
        """How far the skin's pixels are stretched too thin to be the photo's, (V,) 0..1."""
        triangles, camera = self.canvas.skin_triangles, self.params.camera
        before, after = (_areas(camera.project(each), triangles) for each in (self.still.vertices, vertices))
        grown = np.log(np.maximum(after, 1e-3) / np.clip(before, 1e-3, None))
        count = np.bincount(triangles.ravel(), minlength=len(vertices))
        total = np.bincount(triangles.ravel(), np.repeat(grown, 3), len(vertices))
        shut = self._lids @ shut_by(self.model, *(camera.project(each) for each in (self.still.vertices, vertices)))
        low, high = (np.log(a) + shut * np.log(b / a) for a, b in zip(STRETCHED, LID_STRETCHED, strict=True))
        return smooth((total / np.maximum(count, 1) - low) / (high - low)).astype(np.float32)

    @cached_property
    def _lids(self) -> Floats:
        """Vertices (V, 2) of the upper lids, right and left, 0..1."""
        shares = lid_shares(self.model)  # type: ignore[arg-type]
        return np.asarray(shares.sum(2).T, np.float32)


def _areas(points: Array, triangles: NDArray[np.integer]) -> Array:
    """Signed areas (F,) of projected triangles, positive where they face the camera."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return 0.5 * ((b - a)[:, 1] * (c - a)[:, 0] - (b - a)[:, 0] * (c - a)[:, 1])


@cache
def _tables() -> tuple[Floats, Floats]:
    """SRGB levels of linear light 0..1; the factor of sRGB levels for ratios of linear light 0..4."""
    encode = linear_to_srgb(np.linspace(0, 1, 4097)) * 255
    lit = np.linspace(0, 4, 8193) ** (1 / 2.2)
    return np.asarray(encode, np.float32), np.asarray(lit, np.float32)


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


def blurred(image: Floats, reach: float) -> Floats:
    """An image (h, w) blurred by a Gaussian of SD `reach` pixels, at a size that this leaves details of."""
    height, width = image.shape
    shrink = max(int(reach / 4), 1)
    if shrink == 1:
        return np.asarray(gaussian_filter(image, reach), np.float32)
    size = max(width // shrink, 1), max(height // shrink, 1)
    small = Image.fromarray(np.asarray(image, np.float32)).resize(size, Image.Resampling.BOX)
    soft = gaussian_filter(np.asarray(small), (reach * size[1] / height, reach * size[0] / width))
    return np.asarray(Image.fromarray(soft).resize((width, height), Image.Resampling.BILINEAR))


def gain_of(photo: Floats, drawn: Floats, trusted: NDArray[np.bool_], reach: float) -> Floats:
    """Gain (h, w, 3) of a photo over the drawn head, both linear, spread from the pixels where it is trusted.

    Brightness is compared within `reach` pixels. Hue is one for the whole face: highlights do not change the skin.
    """
    if not trusted.any():
        return np.ones_like(photo)
    ratio = photo.mean(-1) / np.maximum(drawn.mean(-1), 1e-4)
    usual = float(np.median(ratio[trusted]))
    weight = (trusted & (ratio < 1.5 * usual) & (ratio > 0.5 * usual)).astype(np.float32)
    if not weight.any():
        return np.full_like(photo, np.clip(usual, LEAST_GAIN, MOST_GAIN))
    lights = [each.mean(-1) * weight for each in (photo, drawn)]
    near, far = ([blurred(each, r) for each in lights] for r in (reach, 6 * reach))
    over, under = (near[k] + 0.05 * far[k] + 1e-5 * lights[k].sum() / weight.sum() for k in (0, 1))
    hue = [(each * weight[..., None]).sum((0, 1)) / max(float((each.mean(-1) * weight).sum()), 1e-6)
           for each in (photo, drawn)]  # fmt: skip
    gain = (over / np.maximum(under, 1e-6))[..., None] * (hue[0] / np.maximum(hue[1], 1e-3))
    return np.clip(gain, LEAST_GAIN, MOST_GAIN).astype(np.float32)
