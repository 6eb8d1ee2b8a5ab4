"""People of the ICT head who wear photographed skin, drawn from several sides: what several photos are judged on.

Skin of a portrait is laid onto ICT's face by its 468 points: pores, moles, stubble and brows are those of a picture, so
that they can be matched from photo to photo. Heads are drawn by the package's rasteriser at three times the size and
shrunk, in an ambient light and one lamp. Head frame: ICT's own (mm, +x the subject's left, +y up, +z out of the face).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.interpolate import RBFInterpolator

from facegpt.conventions import linear_to_srgb, rotation_from_euler_deg, srgb_to_linear
from facegpt.metrics import within_radius
from facegpt.morphable.normals import vertex_normals
from facegpt.render.uv import first_surface
from facegpt.types import Array, Camera, Pose
from facegpt_lab.evaluate.judges.ict_points import points_on_ict
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.evaluate.shared_networks import head
from facegpt_lab.synthesis.studio.ict_person import IctHead

#: Side of a photo, and how many times finer it is drawn.
SIDE_PX, FINER = 512, 3
#: Yaw of the photos of a person, degrees: the first N of them are the set of N photos.
YAWS_DEG = (0.0, 30.0, -30.0, 15.0, -15.0, 45.0, -45.0, 22.0, -22.0, 38.0, -38.0, 8.0, -8.0, 50.0, -50.0, 4.0)
#: Scores of a portrait whose face is calm: none of these units is above the limit.
CALM_UNITS, CALM = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "browInnerUp", "eyeBlinkLeft"), 0.3
#: Units that change from photo to photo of somebody who moves, and by how much at most.
MOVED_UNITS = ("mouthSmile*", "browInnerUp", "jawOpen", "mouthPucker", "browDown*", "eyeSquint*", "mouthFrown*")
MOVED, SHARE_MOVED = 0.35, 0.4
_SKIN = ("face", "head_neck", "mouth_socket", "eye_socket_L", "eye_socket_R")
_DRAWN = (*_SKIN, "gums_tongue", "teeth", "iris_L", "iris_R")
#: Points of the detector on the skin.
_ON_SKIN = 468
#: The skin of a portrait fades out where the mean face turns away: cosine to its front where it is gone, and whole.
_GONE, _WHOLE = 0.12, 0.35


@dataclass(frozen=True)
class Photographed:
    """Photos (H, W, 3) uint8 of one person, the skin at rest within 95 mm of the nose tip (N, 3) mm, and 68 marks."""

    images: tuple[NDArray[np.uint8], ...]
    skin: Array
    marks68: Array


@cache
def ict_head() -> IctHead:
    """The user's copy of ICT."""
    return IctHead(optional_data() / "ict_facekit.npz")


@cache
def _points() -> tuple[NDArray[np.integer], Array]:
    """Corners (468, 3) and weights (468, 3) of the detector's points on ICT."""
    found = points_on_ict(head(), ict_head(), "mediapipe478")
    return found.corners[:_ON_SKIN], found.weights[:_ON_SKIN]


@cache
def calm_portraits() -> list[int]:
    """Rows of the portraits whose faces are calm and look at the camera."""
    with np.load(optional_data() / "portraits" / "landmarks.npz", allow_pickle=False) as arrays:
        names = [str(name) for name in arrays["blendshape_names"]]
        scores, points = arrays["blendshapes"], arrays["mediapipe_xyz"]
    calm = (scores[:, [names.index(name) for name in CALM_UNITS]] < CALM).all(1)
    left, right = (np.abs(points[:, 1, 0] - points[:, k, 0]) for k in (454, 234))
    frontal = np.abs(np.log(left / right)) < 0.25
    return [int(row) for row in np.flatnonzero(calm & frontal)]


def skin_of(row: int) -> tuple[Array, Array, Array]:
    """A portrait as ICT's skin: picture (H, W, 3) linear, each vertex' place in it (V, 2) px, share (V,) that shows."""
    ict, folder = ict_head(), optional_data() / "portraits"
    with np.load(folder / "landmarks.npz", allow_pickle=False) as arrays:
        name, points = str(arrays["names"][row]), arrays["mediapipe_xyz"][row, :_ON_SKIN, :2].astype(np.float64)
    with Image.open(folder / name) as opened:
        picture = srgb_to_linear(np.asarray(opened.convert("RGB")) / 255.0)
    corners, weights = _points()
    front = np.einsum("pkc,pk->pc", ict.mean[corners], weights)[:, :2]
    normals = vertex_normals(ict.mean, ict.triangles)
    facing = np.clip((normals[:, 2] - _GONE) / (_WHOLE - _GONE), 0, 1)
    middle = front.mean(0)
    warp = RBFInterpolator((front - middle) / 100, points, smoothing=1e-4, neighbors=60)
    near = (np.linalg.norm(ict.mean[:, :2] - middle, axis=1) < 130) & (ict.mean[:, 2] > 0)
    place = np.zeros((len(ict.mean), 2))
    place[near] = warp((ict.mean[near, :2] - middle) / 100)
    inside = np.clip(np.minimum(place, picture.shape[0] - 1 - place).min(1) / 20, 0, 1)
    return picture.astype(np.float32), place, facing * inside * near


def photograph_person(seed: int, moving: bool = False, yaws_deg: tuple[float, ...] = YAWS_DEG) -> Photographed:
    """Draw person number `seed` from several sides; `moving`: with an expression and a light of its own each time."""
    ict, rng = ict_head(), np.random.default_rng([5, seed])
    identity = rng.normal(0, 1, 100)
    rows = calm_portraits()
    wears = skin_of(rows[seed * 7 % len(rows)])
    distance, focal = float(rng.uniform(550, 1100)), float(rng.uniform(0.46, 0.56)) * SIDE_PX / 150
    light = random_light(rng)
    neutral = ict.shape(identity, {})[0]
    images = []
    for yaw in yaws_deg:
        weights = _moved(rng) if moving else {}
        turn = rotation_from_euler_deg(yaw + rng.normal(0, 2), rng.normal(0, 4), rng.normal(0, 3))
        vertices = ict.shape(identity, weights)[1]
        middle = vertices[ict.landmark_vertices[[27, 30, 8]]].mean(0) - [0.0, 0.0, 45.0]
        place = np.array([*rng.normal(0, 0.02, 2), 1.0]) * distance
        if moving:
            light = random_light(rng)
        images.append(drawn_head(vertices, wears, Pose(turn, place - turn @ middle), focal * distance, light))
    skin = neutral[ict.face_vertices]
    marks = neutral[ict.landmark_vertices]
    return Photographed(tuple(images), skin[within_radius(skin, marks[30])], marks)


def _moved(rng: np.random.Generator) -> dict[str, float]:
    """Weights of some units, by ICT's names."""
    weights: dict[str, float] = {}
    for unit in MOVED_UNITS:
        value = float(rng.uniform(0, MOVED)) * (rng.random() < SHARE_MOVED)
        names = [unit.replace("*", side) for side in ("Left", "Right")] if unit.endswith("*") else [unit]
        names = [f"{unit}{side}" for side in ("Left", "Right")] if unit == "browInnerUp" else names
        weights |= dict.fromkeys(names, value)
    return weights


def random_light(rng: np.random.Generator) -> tuple[float, Array, float]:
    """A light: ambient share, direction towards the lamp in the camera's frame, exposure."""
    azimuth, up = np.radians([rng.uniform(-50, 50), rng.uniform(5, 45)])
    towards = np.array([np.sin(azimuth) * np.cos(up), -np.sin(up), -np.cos(azimuth) * np.cos(up)])
    return float(rng.uniform(0.45, 0.75)), towards, float(rng.uniform(0.8, 1.15))


def drawn_head(
    vertices: Array,
    wears: tuple[Array, Array, Array],
    pose: Pose,
    focal: float,
    light: tuple[float, Array, float],
    finer: int = FINER,
) -> NDArray[np.uint8]:
    """Draw a head in skin, so many times finer than it is given: (SIDE_PX, SIDE_PX, 3) uint8."""
    ict, (picture, place, share) = ict_head(), wears
    triangles = ict.triangles_of(*_DRAWN)
    half = (SIDE_PX - 1) / 2
    camera = Camera(focal, (half, half), SIDE_PX, SIDE_PX).scaled(finer)
    placed = pose.apply(vertices)
    index, weights = first_surface(placed, triangles, camera)
    there = index >= 0
    corner, weight = triangles[index[there]], weights[there]

    def at(values: Array) -> Array:
        return np.einsum("nk...,nk->n...", values[corner], weight)

    colour = _sampled(picture, at(place))
    shown = at(share)[:, None]
    colour = shown * colour + (1 - shown) * _plain(picture, place, share)
    ambient, towards, exposure = light
    normals = at(vertex_normals(placed, ict.triangles))
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    shade = ambient + (1.25 - ambient) * np.maximum(normals @ towards, 0)
    side = SIDE_PX * finer
    canvas = np.full((side, side, 3), 0.35)
    canvas[there] = colour * shade[:, None] * exposure
    small = canvas.reshape(SIDE_PX, finer, SIDE_PX, finer, 3).mean((1, 3))
    return np.asarray(np.clip(np.rint(linear_to_srgb(np.clip(small, 0, 1)) * 255), 0, 255), np.uint8)


def _plain(picture: Array, place: Array, share: Array) -> Array:
    """The colour (3,) of the skin where the portrait does not show it: that of its cheeks."""
    at = place[share > 0.95].astype(int)
    return np.median(picture[at[:, 1], at[:, 0]], axis=0)


def _sampled(picture: Array, place: Array) -> Array:
    """Bilinear samples (N, 3) of a picture at places (N, 2) px, clamped."""
    x = np.clip(place[:, 0], 0, picture.shape[1] - 1.001)
    y = np.clip(place[:, 1], 0, picture.shape[0] - 1.001)
    x0, y0 = x.astype(int), y.astype(int)
    a, b = (x - x0)[:, None], (y - y0)[:, None]
    upper = picture[y0, x0] * (1 - a) + picture[y0, x0 + 1] * a
    lower = picture[y0 + 1, x0] * (1 - a) + picture[y0 + 1, x0 + 1] * a
    return upper * (1 - b) + lower * b


def save_sheet(person: Photographed, file: Path) -> None:
    """Write the photos of a person beside each other."""
    Image.fromarray(np.concatenate(person.images, 1)).save(file)
