"""Fit once: everything that pictures of a changed face share."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from facegpt.conventions import srgb_to_linear
from facegpt.data.images import ImageSource, Photo, photo_of
from facegpt.encode.parts import EAR, SKIN, FaceParts, parts
from facegpt.face import Face
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.morphable.normals import vertex_normals
from facegpt.picture.registration import registered_offsets, vertices_of
from facegpt.picture.rig import Floats, PhotoRig, Still, gain_of, window_camera
from facegpt.picture.surroundings import CELLS, surroundings_of
from facegpt.reconstruct.photo import PhotoModel, looked_at
from facegpt.render.drawn import Drawn, draw_opaque
from facegpt.runtime import registry
from facegpt.types import Camera, Detection, FaceGPTError, FaceParams, Mesh

#: The window around the head: how far it reaches beyond its box, as a share of the longer side.
AROUND = 0.3
#: Longer side of the maps, pixels: larger faces get maps that are enlarged.
MOST_MAP_PX = 1100
#: Distance from the landmarks, mm, at which the face's own surface starts to give way to the field, and has.
INNER_MM, OUTER_MM = 6.0, 24.0
#: Reach of the blur that compares photo and drawn head, as a share of the window.
GAIN_REACH = 0.025
#: Parts that one sees through, and parts inside the face, which the field never moves.
CLEAR = ("lashes",)
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
    pixels = whole.pixels if size is None else _resized(whole.pixels, size)
    params = face.params.replace(camera=_camera_of(face.params.camera, pixels))
    detection = _same_face(model, pixels, params, face.model)
    told = None if detection is None else looked_at(model, Photo(pixels, original_size=pixels.shape[1::-1]), detection)
    shown = None if told is None or detection is None else parts(pixels, detection.points, told.dense, model.device)
    return _rig(face, params, pixels, detection, shown)


def _resized(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
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


def _rig(
    face: Face, params: FaceParams, pixels: NDArray[np.uint8], detection: Detection | None, shown: FaceParts | None
) -> PhotoRig:
    model = face.model
    offset = registered_offsets(model, params, detection).astype(np.float32)
    vertices = np.ascontiguousarray(params.pose.apply(head_vertices(model, params)) + offset, np.float32)
    window = _window(params.camera, vertices, model)
    side = max(window[2] - window[0], window[3] - window[1])
    scale = min(1.0, MOST_MAP_PX / side)
    mesh = Mesh(
        head_vertices(model, params), model.triangles, model.uv, model.uv_triangles, model.part, model.part_names,
        face.texture,
    )  # fmt: skip
    kept = ~np.isin(model.part, [k for k, name in enumerate(model.part_names) if name in CLEAR])
    renderer = face.renderer or registry.load("render")
    planes = srgb_to_linear(np.arange(256) / 255.0)[face.texture[..., :3]].transpose(2, 0, 1)
    camera = window_camera(params.camera, window, scale)
    drawn = draw_opaque(renderer, mesh, kept, vertices, np.ascontiguousarray(planes), params.lighting, camera)
    still = _still(model, mesh, kept, vertices, offset, drawn, pixels, window, scale, shown)
    return PhotoRig(model, face, params, pixels, window, scale, mesh, kept, renderer, still)


def _window(camera: Camera, vertices: Floats, model: MorphableModel) -> tuple[int, int, int, int]:
    """X0 y0 x1 y1 of the photo around the head."""
    pixels = camera.project(vertices[vertices[:, 2] > 1.0])
    low, high = pixels.min(0), pixels.max(0)
    margin = AROUND * float((high - low).max())
    x0, y0 = np.clip(np.floor(low - margin), 0, (camera.width - 2, camera.height - 2)).astype(int)
    x1, y1 = np.clip(np.ceil(high + margin), (x0 + 2, y0 + 2), (camera.width, camera.height)).astype(int)
    return int(x0), int(y0), int(x1), int(y1)


def _still(
    model: MorphableModel, mesh: Mesh, kept: NDArray[np.bool_], vertices: Floats, offset: Floats, drawn: Drawn,
    pixels: NDArray[np.uint8], window: tuple[int, int, int, int], scale: float, shown: FaceParts | None,
) -> Still:  # fmt: skip
    """Everything static; see `Still`."""
    x0, y0, x1, y1 = window
    source = pixels[y0:y1, x0:x1]
    cell = max(x1 - x0, y1 - y0) / CELLS
    count = (max(3, round((y1 - y0) / cell)), max(3, round((x1 - x0) / cell)))
    rows = np.clip(np.round(((np.arange(count[0]) + 0.5) * cell) * scale - 0.5), 0, drawn.depth.shape[0] - 1)
    columns = np.clip(np.round(((np.arange(count[1]) + 0.5) * cell) * scale - 0.5), 0, drawn.depth.shape[1] - 1)
    grid = np.ix_(rows.astype(int), columns.astype(int))
    triangle = drawn.triangle[grid]
    hit = triangle >= 0
    corners = model.triangles[kept][np.maximum(triangle, 0)]
    weights = np.where(hit[..., None], drawn.barycentric[grid], 0).astype(np.float32)
    small = np.asarray(Image.fromarray(source).resize(drawn.depth.shape[::-1], Image.Resampling.BOX))
    trusted = _trusted(drawn, mesh, kept, shown, window, scale)
    bare = drawn.color / np.maximum(drawn.coverage, 1e-3)[..., None]
    gain = gain_of(srgb_to_linear(small / 255.0), bare, trusted, GAIN_REACH * max(small.shape[:2]))
    return Still(
        vertices=vertices,
        offset=offset,
        normals=vertex_normals(vertices, model.triangles),
        depth=drawn.depth,
        inner=_inner(model),
        gain=gain,
        grain=_grain(source),
        cell_corners=corners.astype(np.int64),
        cell_weights=weights,
        around=surroundings_of(hit, shown, cell, (x0, y0)),
    )


def _trusted(
    drawn: Drawn, mesh: Mesh, kept: NDArray[np.bool_], shown: FaceParts | None, window: tuple[int, int, int, int],
    scale: float,
) -> NDArray[np.bool_]:  # fmt: skip
    """Where (h, w) the photo surely shows the skin that is drawn."""
    skin = mesh.part_names.index("skin")
    hit = drawn.triangle >= 0
    trusted = hit & (mesh.part[kept][np.maximum(drawn.triangle, 0)] == skin)
    trusted &= -drawn.normal[..., 2] > 0.3
    if shown is not None:
        rows, columns = np.nonzero(trusted)
        places = (np.column_stack([columns, rows]) + 0.5) / scale - 0.5 + np.asarray(window[:2])
        trusted[rows, columns] = shown.at(places)[:, [SKIN, EAR]].sum(1) > 0.8
    return trusted


@lru_cache(maxsize=2)
def _inner(model: MorphableModel) -> Floats:
    """(V,) 1 on the face and inside it, 0 on scalp, ears and neck."""
    points = model.embedding("mediapipe478")(np.asarray(model.mean_vertices))
    away, _ = cKDTree(points).query(np.asarray(model.mean_vertices))
    share = np.clip((OUTER_MM - away) / (OUTER_MM - INNER_MM), 0, 1)
    share = share * share * (3 - 2 * share)
    share[vertices_of(model, *INSIDE)] = 1.0
    return np.asarray(share, np.float32)


def _grain(source: NDArray[np.uint8]) -> Floats:
    """Noise (H, W, 3), levels of 8 bits, as strong as the finest detail of the flattest parts of the photo."""
    grey = source.astype(np.float32).mean(-1)
    fine = np.abs(grey - gaussian_filter(grey, 1.0))
    level = float(np.quantile(gaussian_filter(fine, 4.0), 0.15)) / 0.8
    noise = np.random.default_rng(0).normal(0, 1, grey.shape).astype(np.float32)
    noise = gaussian_filter(noise, 0.6)
    return np.repeat((level / max(float(noise.std()), 1e-6) * noise)[..., None], 3, -1)
