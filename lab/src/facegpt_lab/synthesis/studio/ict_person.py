"""People made with the ICT head, from the user's copy of it: a test of the product on heads that it did not make.

Shape and expression are ICT-FaceKit's (Li et al. 2020); colour, brows, lips, stubble and hair are painted per vertex
here, with nothing of the product's own head, texture or renderer. Head frame: the source's own (mm, +x the subject's
left, +y up, +z out of the face; the origin is inside the head, not between the tragia).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.conventions import rotation_from_euler_deg
from facegpt.detect.outlines import in_polygon
from facegpt.render.uv import visible_vertices
from facegpt.types import Array, AssetError, Camera, Pose

_SKIN_PARTS = ("face", "head_neck", "mouth_socket", "eye_socket_L", "eye_socket_R")
_DRAWN_PARTS = (*_SKIN_PARTS, "gums_tongue", "teeth", "iris_L", "iris_R")
# Linear reflectance of skin from dark to light; people are drawn between neighbours.
_SKIN_TONES = np.array(
    [[0.035, 0.018, 0.012], [0.12, 0.06, 0.036], [0.30, 0.165, 0.105], [0.50, 0.32, 0.24], [0.66, 0.48, 0.39]]
)
#: Rows of the brows among the 68 points, and how far below ICT's own vertices people wear theirs: MediaPipe sees the
#: upper edge 18 to 19 mm above the pupils in calm photos and portraits (pupils 63.5 mm apart), on ICT's mean 25 mm.
_BROWS, _BROWS_LOWER_MM = slice(17, 27), 5.0
_IRIS_TONES = np.array([[0.05, 0.022, 0.01], [0.10, 0.055, 0.02], [0.09, 0.13, 0.19], [0.08, 0.10, 0.05]])


@dataclass(frozen=True)
class IctPerson:
    """One drawn person: coloured geometry in the head frame.

    Attributes:
        vertices: (V, 3) mm with expression. neutral: (V, 3) mm, the same person at rest.
        triangles: (F, 3) int. colours: (V, 3) linear RGB. landmarks68: (68, 3) mm with expression.
    """

    vertices: Array
    neutral: Array
    triangles: NDArray[np.int32]
    colours: Array
    landmarks68: Array


class IctHead:
    """The ICT head read from `ict_facekit.npz` (see the data's README for its arrays).

    Raises:
        AssetError: if the file is missing or lacks arrays.
    """

    def __init__(self, path: Path) -> None:
        try:
            with np.load(path, allow_pickle=False) as arrays:
                self._arrays = {name: arrays[name] for name in arrays.files}
            self.mean = self._arrays["mean_vertices"].astype(np.float64)
        except (OSError, KeyError, ValueError) as error:
            raise AssetError(f"{path} is not a readable ict_facekit.npz ({error})") from error
        names = [str(name) for name in self._arrays["part_names"]]
        self._part = np.asarray(names)[self._arrays["part_id"]]
        self.triangles = self._arrays["triangles"].astype(np.int32)
        self.landmark_vertices = self._arrays["landmark68_vertex"].astype(int)
        lowered = self.mean[self.landmark_vertices[_BROWS]] - [0.0, _BROWS_LOWER_MM, 0.0]
        skin = np.unique(self.triangles_of("face"))
        self.landmark_vertices[_BROWS] = skin[cKDTree(self.mean[skin]).query(lowered)[1]]
        self.expression_names = [
            str(n).replace("_L", "Left").replace("_R", "Right") for n in self._arrays["expression_names"]
        ]

    @cached_property
    def identity_basis(self) -> Array:
        """(100, V, 3) mm per SD."""
        return self._arrays["identity_basis"].astype(np.float32) * float(self._arrays["identity_scale"])

    @cached_property
    def expression_basis(self) -> Array:
        """(53, V, 3) mm per unit weight, in the order of `expression_names`."""
        return self._arrays["expression_basis"].astype(np.float32) * float(self._arrays["expression_scale"])

    def triangles_of(self, *parts: str) -> NDArray[np.int32]:
        """The triangles of some parts."""
        return self.triangles[np.isin(self._part, parts)]

    @cached_property
    def face_vertices(self) -> NDArray[np.intp]:
        """Vertices of face, head and neck that are seen from outside on the mean head (no inner mouth or nose)."""
        skin = self.triangles_of("face", "head_neck")
        camera = Camera(20000.0, (399.5, 399.5), 800, 800)
        views = np.zeros(len(self.mean), int)
        for yaw_deg in (-80, -50, -25, 0, 25, 50, 80):
            for pitch_deg in (-35, 0, 25):
                pose = Pose(rotation_from_euler_deg(yaw_deg, pitch_deg), np.array([0.0, 0.0, 8000.0]))
                views += visible_vertices(pose.apply(self.mean), self.triangles, camera, 1.0)
        return np.intersect1d(np.flatnonzero(views >= 4), skin)  # fewer: glimpsed through an opening

    def shape(self, identity: Array, expression: dict[str, float]) -> tuple[Array, Array]:
        """Evaluate (100,) and named weights: vertices at rest and with expression, each (V, 3) mm."""
        neutral = self.mean + np.tensordot(identity, self.identity_basis, 1)
        weights = np.zeros(len(self.expression_names))
        for name, value in expression.items():
            if name in self.expression_names:
                weights[self.expression_names.index(name)] = value
        return neutral, neutral + np.tensordot(weights, self.expression_basis, 1)

    def person(self, identity: Array, expression: dict[str, float], rng: np.random.Generator) -> IctPerson:
        """Draw a person with this shape: random colours and, for most, hair."""
        neutral, vertices = self.shape(identity, expression)
        colours = self._paint(rng)
        triangles = self.triangles_of(*_DRAWN_PARTS)
        marks = vertices[self.landmark_vertices]
        if rng.random() < 0.75:
            hair, hair_triangles, hair_colours = self._hair(vertices, rng)
            triangles = np.concatenate([triangles, hair_triangles + len(vertices)]).astype(np.int32)
            vertices, colours = np.concatenate([vertices, hair]), np.concatenate([colours, hair_colours])
        return IctPerson(vertices, neutral, triangles, colours.astype(np.float32), marks)

    def _paint(self, rng: np.random.Generator) -> Array:
        tone = rng.uniform(0, len(_SKIN_TONES) - 1)
        low = int(min(tone, len(_SKIN_TONES) - 2))
        skin = _SKIN_TONES[low] + (tone - low) * (_SKIN_TONES[low + 1] - _SKIN_TONES[low])
        skin = skin * np.exp(rng.normal(0, 0.06, 3))
        marks = self.mean[self.landmark_vertices]
        mottle = (
            self._smooth_noise(rng, 25) * 0.05 + self._smooth_noise(rng, 7) * 0.04 + rng.normal(0, 0.02, len(self.mean))
        )
        colours = skin * np.exp(mottle)[:, None]
        blush = sum(_bump(self.mean, centre, 22) for centre in (marks[30], *_cheeks(marks)))
        colours *= 1 - np.clip(blush, 0, 1)[:, None] * rng.uniform(0, 0.3) * np.array([0.1, 1, 0.9])
        dark = np.array([0.03, 0.02, 0.015]) * np.exp(rng.normal(0, 0.6))
        for ends in (range(17, 22), range(22, 27)):
            brow = np.clip((rng.uniform(3, 5.5) - _distance_to_line(self.mean, marks[list(ends)])) / 1.5, 0, 1)
            colours += (dark - colours) * (brow * rng.uniform(0.5, 0.9))[:, None]
        for ring in (range(36, 42), range(42, 48)):
            lash = np.clip((1.6 - _distance_to_line(self.mean, marks[[*ring, ring[0]]])) / 0.8, 0, 1)
            colours += (dark - colours) * (lash * 0.8)[:, None]
        lips = self._lips(marks)
        colours *= 1 - lips[:, None] * np.array([0.1, 0.5, 0.45]) * rng.uniform(0.5, 1.1)
        if rng.random() < 0.35:
            jaw = np.clip((26 - _distance_to_line(self.mean, marks[2:15])) / 12, 0, 1) * (1 - lips)
            lip = np.clip((9 - _distance_to_line(self.mean, marks[48:60])) / 4, 0, 1) * (1 - lips)
            colours += (dark - colours) * (np.maximum(jaw, lip) * rng.uniform(0.15, 0.8))[:, None]
        return self._paint_eyes_and_mouth(np.clip(colours, 0.003, 0.95), rng)

    def _paint_eyes_and_mouth(self, colours: Array, rng: np.random.Generator) -> Array:
        colours[np.unique(self.triangles_of("gums_tongue"))] = (0.32, 0.10, 0.09)
        colours[np.unique(self.triangles_of("teeth"))] = np.array([0.62, 0.57, 0.47]) * rng.uniform(0.8, 1.1)
        colours[np.unique(self.triangles_of("mouth_socket"))] *= 0.35
        iris = _IRIS_TONES[rng.integers(len(_IRIS_TONES))] * np.exp(rng.normal(0, 0.25))
        for side, name in enumerate(("iris_L", "iris_R")):
            ball = np.unique(self.triangles_of(name))
            offset = self.mean[ball] - self._arrays["eyeball_centre"][side]
            off_axis_mm = np.linalg.norm(offset[:, :2], axis=1)
            front = offset[:, 2] > 0
            colours[ball] = (0.62, 0.58, 0.55)
            colours[ball[front & (off_axis_mm < 5.9)]] = iris
            colours[ball[front & (off_axis_mm < 2.1)]] = 0.005
        return colours

    def _lips(self, marks: Array) -> Array:
        """Soft mask of the vermilion: between the outer and the inner lip line of the mean head."""
        outer, inner = marks[[*range(48, 60), 48]], marks[[*range(60, 68), 60]]
        near = np.minimum(_distance_to_line(self.mean, outer), _distance_to_line(self.mean, inner))
        inside = in_polygon(self.mean[:, :2], outer[:, :2]) & (np.abs(self.mean[:, 2] - outer[:, 2].mean()) < 25)
        return np.where(inside & (near < 7), 1.0, 0.0)

    def _hair(self, vertices: Array, rng: np.random.Generator) -> tuple[Array, NDArray[np.int32], Array]:
        """A displaced shell over the scalp, its hairline wandering; no fine strands."""
        marks = vertices[self.landmark_vertices]
        triangles = self.triangles_of("head_neck", "face")
        behind = np.arctan2(np.abs(vertices[:, 0]), vertices[:, 2] - marks[27, 2] + 95)
        front_line = marks[27, 1] + rng.uniform(48, 72)
        side_line = marks[36, 1] + rng.uniform(-10, 25)
        low = rng.uniform(-90, 10) + marks[8, 1] * rng.random()
        fade = np.clip(behind / rng.uniform(1.2, 1.7), 0, 1)
        line = np.where(behind > rng.uniform(1.55, 1.9), low, front_line * (1 - fade**2) + side_line * fade**2)
        line = line + self._smooth_noise(rng, 18) * 5
        over = vertices[:, 1] - line
        thickness = rng.uniform(3, 26) * np.clip(over / rng.uniform(6, 25), 0, 1) ** 0.7
        thickness = thickness * (1 + 0.2 * self._smooth_noise(rng, 12))
        shell = vertices + _normals(vertices, triangles) * (thickness + 0.8)[:, None]
        kept = triangles[(over[triangles] > 0).all(1)]
        tone = np.array(
            [[0.012, 0.010, 0.009], [0.05, 0.03, 0.018], [0.16, 0.09, 0.045], [0.42, 0.30, 0.16], [0.35, 0.34, 0.33]]
        )
        colour = tone[rng.integers(len(tone))] * np.exp(rng.normal(0, 0.2))
        streaks = np.exp(0.35 * self._smooth_noise(rng, 4) + rng.normal(0, 0.12, len(vertices)))
        return shell, kept.astype(np.int32), np.clip(colour * streaks[:, None], 0.002, 0.9)

    def _smooth_noise(self, rng: np.random.Generator, wavelength_mm: float) -> Array:
        """Random waves over the mean head: (V,), zero mean, unit variance."""
        waves = rng.normal(0, 2 * np.pi / wavelength_mm / np.sqrt(3), (12, 3))
        return np.cos(self.mean @ waves.T + rng.uniform(0, 2 * np.pi, 12)).sum(1) / np.sqrt(6)


def _bump(points: Array, centre: Array, radius_mm: float) -> Array:
    return np.exp(-((points - centre) ** 2).sum(1) / (2 * radius_mm**2))


def _cheeks(marks: Array) -> tuple[Array, Array]:
    return (marks[41] + marks[48]) / 2, (marks[46] + marks[54]) / 2


def _distance_to_line(points: Array, line: Array) -> Array:
    """Distance (N,) mm of points to a polyline (L, 3), by dense samples on it."""
    steps = np.linspace(0, 1, 12)[:, None]
    samples = np.concatenate([start + steps * (end - start) for start, end in pairwise(line)])
    return cKDTree(samples).query(points)[0]


def _normals(vertices: Array, triangles: NDArray[np.int32]) -> Array:
    corners = vertices[triangles]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    summed = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(flat[:, axis], 3), len(vertices)) for axis in range(3)], axis=1
    )
    return summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-12)
