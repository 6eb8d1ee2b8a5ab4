"""The labels of a training crop of a real photo, read off the head that was fitted to the photo.

The crop is cut as the studio cuts its own, and points, visibility and parts are what the studio would say of the fitted
mesh (synthesis/photo_sample.py). What no mesh of a head can tell, hair and things in front, the network's map of parts
tells; and open eyes look where the detector saw their irises: on photos its centres are within 0.7 mm of the dark
discs in the pictures, those of fits 2 mm off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from facegpt.conventions import euler_deg_from_rotation
from facegpt.detect.windows import Photo, Window
from facegpt.encode.dense_landmarks import CROP_PX, SIDE_OVER_BOX, crop_window
from facegpt.fitting.fit import eye_trust, eye_visibility
from facegpt.fitting.mediapipe_points import LEFT_IRIS, RIGHT_IRIS, SURFACE
from facegpt.fitting.occlusion import unhidden
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman import MakeHumanHead
from facegpt.render.numba_forward import facings, project, rasterize
from facegpt.synthesis.photo_head import studio_head
from facegpt.synthesis.photo_materials import EYES, HAIR_PART, LASH, OCCLUDER, PART_MOUTH, SKIN_PART
from facegpt.synthesis.photo_raster import commonest
from facegpt.synthesis.photo_render import SUPERSAMPLE
from facegpt.synthesis.photo_sample import VISIBLE_MM
from facegpt.train.landmarks_crops import CELL, DETECTED_PX, STORED
from facegpt.types import Array, Camera, DensePoints, Detection, FaceParams, Pose

Labels = dict[str, Any]


def photo_crop(
    photo: Photo, detection: Detection, dense: DensePoints, head: MakeHumanHead, params: FaceParams
) -> Labels:
    """Cut the crop of a fitted face and read its labels off the fitted mesh; names as in the studio's shards."""
    vertices = head_vertices(head, params)
    points = head.embedding("dense")(vertices)
    in_photo = params.camera.project(params.pose.apply(points))
    window = upright_window(in_photo)
    pose, camera = seen_through(window, params.pose, params.camera)
    placed = pose.apply(points)
    detected = (detection.points[:, :2] - (window.x, window.y)) @ _to_crop(window).T + (STORED - 1) / 2
    pixels = with_irises(camera.project(placed), detected, params.pose.rotation)
    nearest, part = _drawn(pose.apply(vertices), camera)
    inside = ((in_photo > -0.5) & (in_photo < (photo.width - 0.5, photo.height - 0.5))).all(1)
    px_per_mm = camera.focal_px / float(pose.translation[2])
    apart = np.linalg.norm(detected[:SURFACE] - pixels[:SURFACE], axis=1).mean() / px_per_mm
    crop = photo.crop(window, STORED, repeat_border=True).transpose(1, 2, 0)
    return {
        "image": np.round(crop * 255).astype(np.uint8),
        "points_px": pixels.astype(np.float32),
        "visible": (inside & _in_front(pixels, placed[:, 2], nearest) & (unhidden(dense, in_photo) > 0.5)).astype("u1"),
        "parts": _parts(part, dense, window),
        "identity": np.asarray(params.identity, np.float32),
        "expression": np.asarray(params.expression, np.float32),
        "yaw_deg": euler_deg_from_rotation(params.pose.rotation)[0],
        "px_per_mm": px_per_mm,
        DETECTED_PX: detected.astype(np.float32),
        "detector_mm": float(apart),
        "face_px": window.side * CROP_PX / STORED / SIDE_OVER_BOX,
    }


def with_irises(pixels: Array, detected: Array, rotation: Array) -> Array:
    """Move the irises among dense points (P, 2) to where the detector (478, 2) saw them, where an eye is open."""
    moved = np.array(pixels)
    trust = eye_trust(detected.astype(np.float64)) * eye_visibility(np.asarray(rotation, np.float64))
    for rows, sure in zip((list(LEFT_IRIS), list(RIGHT_IRIS)), trust > 0.5, strict=True):
        if sure:
            moved[rows] += detected[rows].mean(0) - moved[rows].mean(0)
    return moved


def upright_window(points: Array) -> Window:
    """Give the studio's crop of a face from its points (P, 2) in the photo: the network's window, STORED px of it."""
    window = crop_window(points)
    return replace(window, side=window.side * STORED / CROP_PX)


def seen_through(window: Window, pose: Pose, camera: Camera) -> tuple[Pose, Camera]:
    """Give pose and camera (STORED px a side) by which a window shows what the photo's own show there."""
    to_crop = _to_crop(window)
    scale = STORED / window.side
    roll = np.eye(3)
    roll[:2, :2] = to_crop / scale
    x, y = to_crop @ (np.asarray(camera.principal_px) - (window.x, window.y)) + (STORED - 1) / 2
    turned = Pose(roll @ pose.rotation, roll @ pose.translation)
    return turned, Camera(camera.focal_px * scale, (float(x), float(y)), STORED, STORED)


def _to_crop(window: Window) -> Array:
    """Give the (2, 2) matrix from steps in the photo to steps in the crop, pixels."""
    return np.linalg.inv(window.axes()) * STORED


def _drawn(vertices: Array, camera: Camera) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Draw the head without lashes, SUPERSAMPLE times the crop: nearest (h, w) 1/z, part (h, w)."""
    studio, fine = studio_head(), camera.scaled(SUPERSAMPLE)
    solid = studio.material != LASH
    triangles, side = np.ascontiguousarray(studio.triangles[solid]), fine.width
    mesh = np.ascontiguousarray(vertices, np.float32)
    intrinsics = np.array([fine.focal_px, *fine.principal_px], np.float32)
    screen, facing = np.empty_like(mesh), np.empty(len(triangles), np.uint8)
    nearest, index = np.empty((side, side), np.float32), np.empty((side, side), np.int32)
    project(mesh, intrinsics, screen)
    facings(screen, triangles, facing)
    rasterize(mesh, screen, triangles, facing, intrinsics, nearest, index, np.empty_like(facing), 0, side)
    return nearest, (studio.part[solid][np.maximum(index, 0)] * (index >= 0)).astype(np.uint8)


def _in_front(pixels: Array, depth_mm: Array, nearest: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say which points (P, 2) lie on the surface that the crop shows, as the studio does; none outside the crop."""
    column, row = np.round((pixels + 0.5) * SUPERSAMPLE - 0.5).astype(int).T
    side = len(nearest)
    inside = (column >= 0) & (row >= 0) & (column < side) & (row < side)
    here = nearest[row.clip(0, side - 1), column.clip(0, side - 1)]
    return inside & (depth_mm < np.where(here > 0, 1 / np.maximum(here, 1e-9), np.inf) + VISIBLE_MM)


def _parts(part: NDArray[np.uint8], dense: DensePoints, window: Window) -> NDArray[np.uint8]:
    """Give the part of each cell: of the mesh on the face itself, else, and under hair and things, of the network."""
    cells = STORED // CELL
    own = np.empty((cells, cells), np.uint8)
    commonest(part, int(CELL * SUPERSAMPLE), own)
    middle = (np.arange(cells) + 0.5) / cells
    places = window.to_photo(np.stack(np.meshgrid(middle, middle), -1).reshape(-1, 2))
    seen = places @ dense.crop[:, :2].T + dense.crop[:, 2]
    at = (seen + 0.5) * (len(dense.parts) / dense.crop_px) - 0.5
    shares = [map_coordinates(dense.parts[..., k], at[:, ::-1].T, order=1, mode="nearest") for k in range(7)]
    told = np.argmax(shares, 0).reshape(cells, cells).astype(np.uint8)
    sure = np.isin(own, (SKIN_PART, EYES, PART_MOUTH)) & ~np.isin(told, (HAIR_PART, OCCLUDER))
    return np.where(sure, own, told)
