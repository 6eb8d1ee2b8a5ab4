"""Views of a head whose shape is known: its skin painted with noise, drawn from several sides without the package's
unwrapping."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from facegpt.conventions import rotation_from_euler_deg
from facegpt.morphable.base import at_rest, head_vertices
from facegpt.parallax.tracks import Tracks
from facegpt.render.uv import first_surface
from facegpt.types import Camera, FaceParams, Pose

SIDE = 384


def person(head, seed: int, strength: float = 0.8) -> np.ndarray:
    """An identity (I,)."""
    return np.random.default_rng(seed).normal(0, strength, head.sizes.identity)


def params_of(head, identity: np.ndarray, yaw_deg: float, pitch_deg: float = 0.0, focal: float = 1000.0) -> FaceParams:
    """A resting head, turned so, in front of a camera."""
    camera = Camera(focal, ((SIDE - 1) / 2, (SIDE - 1) / 2), SIDE, SIDE)
    turn = rotation_from_euler_deg(yaw_deg, pitch_deg, 0)
    pose = Pose(turn, np.array([0.0, 0.0, 780.0]) - turn @ np.array([0.0, 0.0, 60.0]))
    blank = FaceParams(
        head.model_id,
        identity.astype(np.float32),
        np.zeros(head.sizes.expression, np.float32),
        np.zeros((head.sizes.joints, 3), np.float32),
        pose,
        np.zeros(head.sizes.albedo, np.float32),
        np.zeros((9, 3), np.float32),
        camera,
    )
    return at_rest(head, blank)


def drawn(head, params: FaceParams, seed: int = 0, brightness: float = 1.0) -> np.ndarray:
    """The head (H, W, 3) uint8 in a skin of noise, the same for the same seed."""
    placed = params.pose.apply(head_vertices(head, params))
    camera = params.camera.scaled(2)
    index, weights = first_surface(placed, head.triangles, camera)
    rng = np.random.default_rng(seed)
    skin = sum(gaussian_filter(rng.normal(size=(1024, 1024)), s) * s for s in (1.5, 3.0, 6.0))
    there = index >= 0
    uv = np.einsum("nkc,nk->nc", head.uv[head.uv_triangles[index[there]]], weights[there])
    at = [(1 - uv[:, 1]) * 1024 - 0.5, uv[:, 0] * 1024 - 0.5]
    image = np.full(index.shape, 90.0)
    image[there] = 130 * brightness * np.exp(0.35 * map_coordinates(skin, at, order=1, mode="nearest"))
    small = image.reshape(SIDE, 2, SIDE, 2).mean((1, 3))
    return np.repeat(np.clip(small, 0, 255).astype(np.uint8)[..., None], 3, 2)


def tracks_of(head, views: list[FaceParams], noise_px: float, seed: int = 0, count: int = 500) -> Tracks:
    """Places of the skin that face all cameras, projected, with errors."""
    rng = np.random.default_rng(seed)
    skin = head.triangles[head.part == head.part_names.index("skin")]
    tip = head.embedding("ibug68")(head.mean_vertices)[30]
    near = np.linalg.norm(head.mean_vertices[skin].mean(1) - tip, axis=1) < 90
    front = np.cross(*(head.mean_vertices[skin[:, k]] - head.mean_vertices[skin[:, 0]] for k in (1, 2)))[:, 2] > 0
    corners = rng.choice(skin[near & front], count)
    weights = rng.dirichlet(np.ones(3), count)
    pixels = np.stack(
        [
            one.camera.project(one.pose.apply(np.einsum("nkc,nk->nc", head_vertices(head, one)[corners], weights)))
            for one in views
        ],
        1,
    )
    return Tracks(corners, weights, pixels + rng.normal(0, noise_px, pixels.shape), np.full(pixels.shape[:2], 0.3))
