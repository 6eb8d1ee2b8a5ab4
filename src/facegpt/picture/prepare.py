"""Fit once: everything that pictures of a changed face share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from facegpt.conventions import linear_of_bytes
from facegpt.data.images import ImageSource, Photo, photo_of
from facegpt.encode import parts as parts_seen
from facegpt.encode.parts import FaceParts
from facegpt.face import Face
from facegpt.fitting.mediapipe_points import LEFT_LIDS, LIPS, NOSE, RIGHT_LIDS
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.morphable.normals import vertex_normals
from facegpt.picture.brows import Brows, brows_of
from facegpt.picture.canvas import Canvas, canvas_of
from facegpt.picture.front import CELLS as FRONT_CELLS
from facegpt.picture.front import front_map
from facegpt.picture.kernels import SKIN
from facegpt.picture.lids import Lids, lids_of
from facegpt.picture.lips import Lips, lips_of, pull_of
from facegpt.picture.mouth import seen_mouth
from facegpt.picture.registration import registered_offsets, vertices_of
from facegpt.picture.rig import Floats, PhotoRig, Still, gain_of, smooth, window_camera
from facegpt.picture.surroundings import CELLS, surroundings_of
from facegpt.reconstruct.photo import PhotoModel, looked_at
from facegpt.render.drawn import Drawn
from facegpt.types import Array, Camera, Detection, FaceGPTError, FaceParams

#: The window around the head: how far it reaches beyond its box, as a share of the longer side.
AROUND = 0.3
#: Longer side of the maps, pixels: larger faces get maps that are enlarged.
MOST_MAP_PX = 1100
#: Distance from the landmarks, mm, at which the face's own surface starts to give way to the field, and has.
INNER_MM, OUTER_MM = 6.0, 24.0
#: The same from eyes, nose and mouth, whose folds are followed however they face; and cosines to the camera of the
#: rest, in the photo, between which the surface gives way to the field: its edge shows what is behind it.
CORE_MM, SIDEWAYS = (8.0, 20.0), (0.12, 0.36)
#: Reach of the blur that compares photo and drawn head, as a share of the window.
GAIN_REACH = 0.025
#: Channels of a photo without colour differ from their mean by less than this on average, levels of 8 bits.
GREY = 0.7
#: Samples of teeth, drawn and photographed, from which their colours are compared; bounds of the factor.
LEAST_TEETH, TEETH_BOUNDS = 40, (0.4, 1.8)
#: Parts inside the face.
INSIDE = ("mouth", "upper_teeth", "lower_teeth", "tongue", "left_eye", "right_eye", "left_socket", "right_socket")


def prepare(
    model: PhotoModel, photo: ImageSource | Photo, face: Face | None = None, *, size: int | None = None
) -> PhotoRig:
    """Make a photo ready to be changed: the head is fitted (or taken from `face`), and what is static is worked out.

    Args:
        model: what `facegpt.load()` gives.
        photo: the whole photo, as `reconstruct` takes it.
        face: which face of it, as `model.reconstruct(photo)` gave it; None for the largest, which is then fitted.
        size: longer side of the pictures, pixels; None for the photo's own. Smaller pictures are faster.

    Raises:
        FaceGPTError: if the photo cannot be read or shows no face (ImageError), or the face's model has no skin parts.
    """
    whole = photo_of(photo)
    if face is None:
        faces = model.reconstruct(whole)  # type: ignore[attr-defined]
        if not faces:
            raise FaceGPTError("no face was found in the picture, so that there is nothing to change")
        face = faces[0]
    pixels = whole.pixels if size is None else resized(whole.pixels, size)
    params = face.params.replace(camera=_camera_of(face.params.camera, pixels))
    detection = _same_face(model, pixels, params, face.model)
    told = None if detection is None else looked_at(model, Photo(pixels, original_size=pixels.shape[1::-1]), detection)
    shown = (
        None
        if told is None or detection is None
        else parts_seen.parts(pixels, detection.points, told.dense, model.device)
    )
    return rig_of(face, params, pixels, detection, shown)


def resized(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """A picture (H, W, 3) whose longer side is at most `size` pixels."""
    height, width = pixels.shape[:2]
    shrink = size / max(height, width)
    if shrink >= 1:
        return pixels
    new = max(1, round(width * shrink)), max(1, round(height * shrink))
    return np.asarray(Image.fromarray(pixels).resize(new, Image.Resampling.LANCZOS))


def _camera_of(camera: Camera, pixels: NDArray[np.uint8]) -> Camera:
    scaled = camera.scaled(pixels.shape[1] / camera.width)
    return Camera(scaled.focal_px, scaled.principal_px, pixels.shape[1], pixels.shape[0])


def _same_face(
    model: PhotoModel, pixels: NDArray[np.uint8], params: FaceParams, head: MorphableModel
) -> Detection | None:
    """The detection of a fitted face: the one whose points are nearest to the head's, within half its size."""
    points = params.camera.project(params.pose.apply(head.embedding("mediapipe478")(head_vertices(head, params))))
    size = float(np.ptp(points, axis=0).max())
    found = [(float(np.abs(one.points[:, :2] - points).mean()), one) for one in model.detector.detect(pixels)]
    near = [pair for pair in found if pair[0] < size / 4]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def rig_of(
    face: Face, params: FaceParams, pixels: NDArray[np.uint8], detection: Detection | None, shown: FaceParts | None
) -> PhotoRig:
    """The rig of a face that is fitted and looked at: `prepare` says how.

    Args:
        face: the face as fitted.
        params: the same with the camera of `pixels`.
        pixels: (H, W, 3) uint8 sRGB, the picture that is changed.
        detection: of this face in `pixels`; None leaves the fit as it is.
        shown: the parts around it; None takes all around the head for hair.
    """
    model = face.model
    offset = registered_offsets(model, params, detection).astype(np.float32)
    vertices = np.ascontiguousarray(params.pose.apply(head_vertices(model, params)) + offset, np.float32)
    window = _window(params.camera, vertices, model)
    side = max(window[2] - window[0], window[3] - window[1])
    scale = min(1.0, MOST_MAP_PX / side)
    canvas = canvas_of(face)
    drawn = canvas.draw(vertices, window_camera(params.camera, window, scale), params.lighting)
    small = FRONT_CELLS / max(window[2] - window[0], window[3] - window[1])
    front = front_map(
        [proxy for proxy in face.proxies if proxy.surfaces],
        params.pose,
        window_camera(params.camera, window, small),
        shown,
        lambda places: (places + 0.5) / small - 0.5 + np.asarray(window[:2]),
    )
    source = _Source(pixels, params.camera, window, scale, shown, detection, front)
    lids = lids_of(model, params, lambda one: params.pose.apply(head_vertices(model, one)) + offset)
    pull = pull_of(detection, source.on_maps, drawn.depth.shape, scale)
    moves = lids, brows_of(model, params), lips_of(model, params, vertices, pull)
    still = _still(canvas, moves, vertices, offset, drawn, source)
    return PhotoRig(model, face, params, pixels, window, scale, canvas, still)


def _window(camera: Camera, vertices: Floats, model: MorphableModel) -> tuple[int, int, int, int]:
    """X0 y0 x1 y1 of the photo around the head."""
    pixels = camera.project(vertices[vertices[:, 2] > 1.0])
    low, high = pixels.min(0), pixels.max(0)
    margin = AROUND * float((high - low).max())
    x0, y0 = np.clip(np.floor(low - margin), 0, (camera.width - 2, camera.height - 2)).astype(int)
    x1, y1 = np.clip(np.ceil(high + margin), (x0 + 2, y0 + 2), (camera.width, camera.height)).astype(int)
    return int(x0), int(y0), int(x1), int(y1)


@dataclass(frozen=True, eq=False)
class _Source:
    """What of the photo the rig is made from: see `PhotoRig`; `shown` are its parts, `detection` its landmarks."""

    pixels: NDArray[np.uint8]
    camera: Camera
    window: tuple[int, int, int, int]
    scale: float
    shown: FaceParts | None
    detection: Detection | None
    front: Floats

    @property
    def inside(self) -> NDArray[np.uint8]:
        """The window's pixels."""
        x0, y0, x1, y1 = self.window
        return self.pixels[y0:y1, x0:x1]

    def on_maps(self, places: Array) -> Array:
        """Places (N, 2) of the photo in pixels of the maps."""
        return (np.asarray(places) - self.window[:2] + 0.5) * self.scale - 0.5


def _still(
    canvas: Canvas, moves: tuple[Lids, Brows, Lips], vertices: Floats, offset: Floats, drawn: Drawn, source: _Source
) -> Still:
    """Everything static; see `Still`."""
    model, window, scale = canvas.model, source.window, source.scale
    height, width = source.inside.shape[:2]
    cell = max(width, height) / CELLS
    size = drawn.depth.shape
    rows, columns = (
        np.clip(np.round((np.arange(max(3, -(-side // cell))) + 0.5) * cell * scale - 0.5), 0, most - 1).astype(int)
        for side, most in zip((height, width), size, strict=True)
    )
    grid = np.ix_(rows, columns)
    hit = drawn.triangle[grid] >= 0
    small = np.asarray(Image.fromarray(source.inside).resize(size[::-1], Image.Resampling.BOX))
    bare: Floats = (drawn.color / np.maximum(drawn.coverage, 1e-3)[..., None]).astype(np.float32)
    photo: Floats = linear_of_bytes(small)
    inner, core = _inner(model)  # type: ignore[arg-type]
    normals = vertex_normals(vertices, model.triangles)
    facing = -(normals * vertices).sum(1) / np.linalg.norm(vertices, axis=1)
    mouth, slit = seen_mouth(source.detection, source.on_maps, photo)
    gain = gain_of(photo, bare, _trusted(drawn, canvas, source), GAIN_REACH * max(size))
    return Still(
        vertices=vertices,
        offset=offset,
        normals=normals,
        depth=drawn.depth,
        inner=inner * (core + (1 - core) * smooth((facing - SIDEWAYS[0]) / (SIDEWAYS[1] - SIDEWAYS[0]))),
        core=core,
        gain=gain,
        grain=_grain(source.inside),
        mouth=mouth,
        slit=slit,
        teeth=None if slit else _teeth_factor(canvas, vertices, drawn, mouth, (photo, gain), source),
        lids=moves[0],
        brows=moves[1],
        lips=moves[2],
        front=source.front,
        cell_corners=canvas.triangles[np.maximum(drawn.triangle[grid], 0)].astype(np.int64),
        cell_weights=np.where(hit[..., None], drawn.barycentric[grid], 0).astype(np.float32),
        around=surroundings_of(hit, source.shown, cell, window[:2]),
        grey=bool(np.abs(source.inside - source.inside.mean(-1, keepdims=True)).mean() < GREY),
    )


def _teeth_factor(
    canvas: Canvas, vertices: Floats, drawn: Drawn, mouth: Floats, seen: tuple[Floats, Floats], source: _Source
) -> Floats | None:
    """By what (3,) the colour of drawn teeth is multiplied to be the photo's; None where none of both are seen.

    seen: the photo, linear, and what other drawn colours are multiplied by. The drawing's mouth is darkened in place.
    """
    photo, gain = seen
    camera = window_camera(source.camera, source.window, source.scale)
    colour = canvas.in_hollows(drawn, vertices, camera) * gain
    both = (mouth.max(-1) > 0.8) & (drawn.triangle >= 0) & canvas.teeth[np.maximum(drawn.triangle, 0)]
    if both.sum() < LEAST_TEETH:
        return None
    # The brighter half on either side: gaps, tongue and lips' shadows lie elsewhere in both.
    shown, made = (each[both] for each in (photo, colour))
    shown, made = (each[each.mean(1) >= np.median(each.mean(1))].mean(0) for each in (shown, made))
    return np.asarray(np.clip(shown / np.maximum(made, 1e-3), *TEETH_BOUNDS), np.float32)


def _trusted(drawn: Drawn, canvas: Canvas, source: _Source) -> NDArray[np.bool_]:
    """Where (h, w) the photo surely shows the skin that is drawn."""
    trusted = (drawn.triangle >= 0) & (-drawn.normal[..., 2] > 0.3)
    trusted &= canvas.kinds[np.maximum(drawn.triangle, 0)] == SKIN
    if source.shown is not None:
        rows, columns = np.nonzero(trusted)
        places = (np.column_stack([columns, rows]) + 0.5) / source.scale - 0.5 + np.asarray(source.window[:2])
        trusted[rows, columns] = source.shown.at(places)[:, [parts_seen.SKIN, parts_seen.EAR]].sum(1) > 0.8
    return trusted


@lru_cache(maxsize=2)
def _inner(model: Any) -> tuple[Floats, Floats]:
    """Two (V,): 1 on the face and inside it, 0 on scalp, ears and neck; 1 around eyes, nose and mouth, 0 off them."""
    vertices = np.asarray(model.mean_vertices)
    points = model.embedding("mediapipe478")(vertices)
    middle = [*LIPS, *NOSE, *LEFT_LIDS, *RIGHT_LIDS]
    inner, core = (
        smooth((far - cKDTree(some).query(vertices)[0]) / (far - near))
        for some, near, far in ((points, INNER_MM, OUTER_MM), (points[middle], *CORE_MM))
    )
    rows = vertices_of(model, *INSIDE)
    inner[rows] = core[rows] = 1.0
    return np.asarray(inner, np.float32), np.asarray(core, np.float32)


def _grain(source: NDArray[np.uint8]) -> Floats:
    """Noise (H, W), levels of 8 bits, as strong as the finest detail of the flattest parts of the photo."""
    grey = source.astype(np.float32).mean(-1)
    fine = np.abs(grey - gaussian_filter(grey, 1.0))
    level = float(np.quantile(gaussian_filter(fine, 4.0), 0.15)) / 0.8
    noise = np.random.default_rng(0).normal(0, 1, grey.shape).astype(np.float32)
    noise = gaussian_filter(noise, 0.6)
    return np.asarray(level / max(float(noise.std()), 1e-6) * noise, np.float32)
