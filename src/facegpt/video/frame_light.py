"""The light on a face in each frame: spherical harmonics by robust least squares at points of skin that is known.

The person's skin is known by then (from the best frame of a clip, or from an avatar), so that a frame's colours over it
are the light, as far as the head is where it is believed to be. What hides the face, glints and hair are outliers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.sparse import csr_array

from facegpt.appearance.light import nowhere_black
from facegpt.conventions import linear_of_bytes, srgb_to_linear
from facegpt.fitting.occlusion import BACKGROUND, HAIR, OCCLUDER, unhidden
from facegpt.fitting.photo_samples import ALBEDO_LEVEL, photo_samples, read_texels, skin_uv
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render.lighting import SH_CONSTANTS, SHEEN, sh_basis
from facegpt.types import Array, DensePoints, FaceParams
from facegpt.video.frame_fit import HeldHead
from facegpt.video.observation import View, params_of
from facegpt.video.people import Person

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

#: Points of skin that are looked at, and with how many of them in sight nothing is said.
POINTS, FEWEST = 400, 40
#: SD of harmonics of order 0, 1, 2 about those of the person's light as bright as the frame, as shares of the first.
CHANGE_SD = (0.2, 0.3, 0.08)
#: SD of a point's colour about what light and skin make of it, as a share of the mean; degrees of freedom of its
#: Student-t; how many independent points a face is worth.
COLOUR_SD, FREEDOM, INDEPENDENT = 0.1, 3.0, 100.0
#: Cosine to the camera from which on a point counts, and from which on in full.
GRAZING = (0.25, 0.5)
#: Colours this near to the most that a sensor says (linear) are not believed.
CLIPPED = 0.9
#: A face with less linear light than this is black: nothing is said.
DARKEST = 0.004
_ORDER = np.array([0, 1, 1, 1, 2, 2, 2, 2, 2])
_ROUNDS = 4


class FrameLights:
    """Tells the light of each frame on people whose skin is known.

    Args:
        model: the head of all who have none of their own.
        textures: (S, S, 4) uint8 sRGB of their skin by track_id; some may come later.
    """

    def __init__(self, model: MorphableModel, textures: dict[int, Pixels]) -> None:
        self._model, self._textures = model, textures
        self._skins: dict[int, tuple[HeldHead, Pixels, KnownSkin]] = {}

    def __call__(
        self, person: Person, head: HeldHead, row: NDArray[np.void], pixels: Pixels, dense: DensePoints | None
    ) -> NDArray[np.float32]:
        """The light (9, 3) in the camera frame on a face; zeros where nothing can be said.

        Args:
            person: whose face.
            head: of the person, as the fit sees it.
            row: the face's record of the frame, with pose and expression.
            pixels: (H, W, 3) uint8 sRGB.
            dense: what hides the face.
        """
        model = person.model(self._model)
        texture = self._textures.get(person.number)
        if texture is None or person.lighting is None or not isinstance(model, MakeHumanHead):
            return np.zeros((9, 3), np.float32)
        kept = self._skins.get(person.number)
        if kept is None or kept[0] is not head or kept[1] is not texture:
            kept = self._skins[person.number] = head, texture, known_skin(model, head.identity, texture)
        params = params_of(model, head, row, View(pixels.shape[1], pixels.shape[0]), None, None)
        return kept[2].light(pixels, params, np.asarray(person.lighting, np.float64), dense)


@dataclass(frozen=True, eq=False)
class KnownSkin:
    """Points on one person's face whose colour in white light is known, N of the M vertices of their triangles.

    Attributes:
        neutral: (M, 3) mm. units: (52, M · 3) mm. triangles: (F, 3) into the M. touching: (N, F) 1 where they meet.
        rows: (N,) into the M. colour: (N, 3) linear RGB, with what the skin's surface sends back. trust: (N,) in 0..1.
    """

    neutral: Floats
    units: NDArray[np.float32]
    triangles: NDArray[np.int64]
    touching: csr_array
    rows: NDArray[np.int64]
    colour: Floats
    trust: Floats

    def light(
        self, pixels: Pixels, params: FaceParams, usual: Array, dense: DensePoints | None = None
    ) -> NDArray[np.float32]:
        """The light (9, 3) that a frame shows; `usual` (9, 3) is the person's, which a frame's differs from."""
        points, normals = self._posed(params)
        seen = params.camera.project(points)
        trust = self.trust * _facing(points, normals)
        if dense is not None:
            trust = trust * unhidden(dense, seen, (BACKGROUND, HAIR, OCCLUDER))
        colour, inside = _colours(pixels, seen)
        trust = trust * inside * (colour.max(1) < CLIPPED)
        if (trust > 0.1).sum() < FEWEST or np.average(colour.mean(1), weights=trust) < DARKEST:
            return np.zeros((9, 3), np.float32)
        return solved_light(colour, self.colour, sh_basis(normals), trust, usual)

    def _posed(self, params: FaceParams) -> tuple[Floats, Floats]:
        """The points (N, 3) mm and their unit normals (N, 3) in the camera frame."""
        vertices = params.pose.apply(self.neutral + (params.expression @ self.units).reshape(-1, 3))
        a, b, c = (vertices[self.triangles[:, k]] for k in range(3))
        normals = self.touching @ np.cross(b - a, c - a)
        normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        return np.asarray(vertices[self.rows], np.float64), np.asarray(normals, np.float64)


def known_skin(model: MakeHumanHead, identity: Array, texture: Pixels) -> KnownSkin:
    """The points of a person of identity (I,) with a texture (S, S, 4) uint8 sRGB, spread over the face."""
    samples = photo_samples(model)
    picked = np.unique(np.linspace(0, len(samples.vertex) - 1, POINTS).astype(int))
    chosen = samples.vertex[picked]
    skin = model.triangles[model.part == model.part_names.index("skin")]
    around = skin[np.isin(skin, chosen).any(1)]
    near, triangles = np.unique(around, return_inverse=True)
    triangles = triangles.reshape(-1, 3).astype(np.int64)
    rows = np.searchsorted(near, chosen)
    point = np.full(len(near), -1)
    point[rows] = np.arange(len(rows))
    at, corner = np.nonzero(point[triangles] >= 0)
    meeting = csr_array((np.ones(len(at)), (point[triangles[at, corner]], at)), (len(rows), len(triangles)))
    small = Image.fromarray(texture[..., :3]).resize((ALBEDO_LEVEL, ALBEDO_LEVEL), Image.Resampling.BOX)
    colour = read_texels(srgb_to_linear(np.asarray(small) / 255.0), skin_uv(model)[chosen])
    neutral = np.asarray(model.neutral_vertices(identity), np.float64)[near]
    units = np.ascontiguousarray(model.expression_basis[:, near].reshape(len(model.expression_basis), -1), np.float32)
    return KnownSkin(neutral, units, triangles, meeting, rows, colour + SHEEN, samples.mask[picked])


def solved_light(colour: Array, skin: Array, harmonics: Array, trust: Array, usual: Array) -> NDArray[np.float32]:
    """The light (9, 3) under which skin (N, 3) has the colours (N, 3), linear RGB.

    Args:
        colour: of the frame.
        skin: in white light.
        harmonics: (N, 9) at the points' normals.
        trust: (N,) in 0..1.
        usual: (9, 3), whose shape the light keeps where the points do not tell.
    """
    usual_shade = np.maximum(harmonics @ usual, 0.1 * SH_CONSTANTS[0] * usual[0])
    gain = np.maximum(np.median(colour[trust > 0.1] / (skin * usual_shade)[trust > 0.1], axis=0), 1e-3)
    light = usual * gain
    level = float(np.average(colour.mean(1), weights=trust))
    for _ in range(_ROUNDS):
        off = ((colour - skin * (harmonics @ light)) / max(level, 1e-3)).mean(1)
        spread = max(COLOUR_SD, 1.3 * float(np.median(np.abs(off[trust > 0.1]))))
        share = trust * (FREEDOM + 1) / (FREEDOM + (off / spread) ** 2)
        share = share * INDEPENDENT / max(float(share.sum()), 1e-9) / (spread * level) ** 2
        each = [_channel(colour[:, c], skin[:, c], harmonics, share, usual[:, c] * gain[c]) for c in range(3)]
        light = np.stack(each, 1)
    return nowhere_black(light)


def _channel(colour: Array, skin: Array, harmonics: Array, share: Array, expected: Array) -> Floats:
    """Regularised least squares of one channel's light (9,)."""
    columns = skin[:, None] * harmonics
    precision = (np.array(CHANGE_SD)[_ORDER] * max(float(expected[0]), 1e-3)) ** -2
    hessian = columns.T @ (share[:, None] * columns) + np.diag(precision)
    step = np.linalg.solve(hessian, columns.T @ (share * (colour - columns @ expected)))
    return np.asarray(expected + step, np.float64)


def _facing(points: Array, normals: Array) -> Floats:
    """How far points are turned to the camera, (N,) in 0..1."""
    towards = -points / np.linalg.norm(points, axis=1, keepdims=True)
    low, high = GRAZING
    return np.clip(((normals * towards).sum(1) - low) / (high - low), 0.0, 1.0)


def _colours(pixels: Pixels, places: Array) -> tuple[Floats, NDArray[np.bool_]]:
    """Linear RGB (N, 3) about places (N, 2) px, means of nine pixels, and which places are inside the picture."""
    height, width = pixels.shape[:2]
    column, row = np.round(places).astype(int).T
    inside = (column >= 1) & (row >= 1) & (column < width - 1) & (row < height - 1)
    column, row = np.clip(column, 1, width - 2), np.clip(row, 1, height - 2)
    steps = (-1, 0, 1)
    total = sum(linear_of_bytes(pixels[row + dy, column + dx]).astype(np.float64) for dy in steps for dx in steps)
    return np.asarray(total) / 9, inside
