"""What people wear on their faces and what stands before a lamp: painted on and put around ICT people.

Nothing of the product's own skins, grooms or props. Lengths in mm, head frame; colours linear RGB.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.morphable.normals import vertex_normals
from facegpt.synthesis.studio.ict_person import IctHead, IctPerson
from facegpt.types import Array

#: Rows of the 68 points: the jaw, the outer lips.
_JAW, _LIPS = slice(2, 15), slice(48, 60)


def made_up(person: IctPerson, ict: IctHead, rng: np.random.Generator) -> IctPerson:
    """Foundation, contouring below the cheekbones and along jaw and nose, blush, eye shadow and lipstick."""
    marks, places = ict.mean[ict.landmark_vertices], ict.mean
    colours = person.colours.copy()
    own = colours[: len(places)]
    strong = rng.uniform(0.5, 1.0)
    ends = {"left": (marks[14], marks[54], marks[45]), "right": (marks[2], marks[48], marks[36])}
    shade = np.zeros(len(places))
    for ear, mouth, eye in ends.values():
        hollow = ear + np.linspace(0.15, 0.75, 12)[:, None] * (mouth + np.array([0, 14, 0]) - ear)
        bone = (
            0.5 * (ear + eye) + np.linspace(-0.3, 0.5, 8)[:, None] * (mouth - ear) * [1, 0.2, 1] + np.array([0, 4, 0])
        )
        shade += 0.35 * _near(places, bone, 7.0) - 0.6 * _near(places, hollow, 8.0)
    nose, side = marks[27:31], np.array([8.0, 0.0, -6.0])
    shade += 0.3 * _near(places, nose, 3.5)
    shade -= 0.35 * (_near(places, nose + side, 4.0) + _near(places, nose + side * [-1, 1, 1], 4.0))
    shade -= 0.45 * _near(places, marks[3:14], 9.0)
    own *= np.exp(strong * shade)[:, None]
    tint = np.array([0.25, 0.12, 0.2]) * np.exp(rng.normal(0, 0.4, 3))
    for eye in (marks[36:42], marks[42:48]):
        lid = np.clip(1.3 * _near(places, eye + np.array([0, 5, 0]), 7.0), 0, 1) * strong * 0.8
        own += (tint * own.mean(1, keepdims=True) * 1.5 - own) * lid[:, None]
    lips = np.clip(1.4 * _near(places, marks[_LIPS], 3.5), 0, 1)[:, None] * strong
    own += (np.array([0.25, 0.012, 0.03]) * np.exp(rng.normal(0, 0.3)) - own) * lips
    return replace(person, colours=np.clip(colours, 0.003, 0.95).astype(np.float32))


def beard(person: IctPerson, ict: IctHead, rng: np.random.Generator) -> IctPerson:
    """A full beard: dark, ragged, up to 20 mm thick at the chin, so that the jaw's outline is the hair's."""
    grown = _lower_face(ict, rng, ragged=0.35)
    tone = np.array([0.02, 0.013, 0.009]) * np.exp(rng.normal(0, 0.6))
    noise = np.exp(rng.normal(0, 0.35, len(grown)))[:, None]
    chin = _near(ict.mean, ict.mean[ict.landmark_vertices][6:11], 28.0)
    thick = grown * (rng.uniform(2, 5) + rng.uniform(3, 16) * chin) * np.exp(rng.normal(0, 0.12, len(grown)))
    return _covered(person, ict, grown, tone * noise, thick)


def masked(person: IctPerson, ict: IctHead, rng: np.random.Generator) -> IctPerson:
    """A mask of cloth from the nose to below the chin, 4 to 8 mm off the skin."""
    marks = ict.mean[ict.landmark_vertices]
    line = marks[29, 1] - 0.25 * np.abs(ict.mean[:, 0] - marks[29, 0])
    front = (ict.mean[:, 2] > marks[3, 2] - 5) & (ict.mean[:, 1] > marks[8, 1] - 25)
    cover = np.clip((line - ict.mean[:, 1]) / 2.5, 0, 1) * front
    tone = np.array([[0.75, 0.75, 0.75], [0.25, 0.5, 0.62], [0.02, 0.02, 0.02]])[rng.integers(3)]
    return _covered(person, ict, cover, np.broadcast_to(tone, (len(cover), 3)), cover * rng.uniform(4, 8))


def slats(middle: Array, towards: Array, rng: np.random.Generator) -> tuple[Array, NDArray[np.int32]]:
    """Slats between the face's middle (3,) and a lamp (unit vector (3,), head frame): vertices and triangles."""
    across = np.cross(towards, rng.normal(0, 1, 3))
    across /= np.linalg.norm(across)
    along, centre, width = np.cross(towards, across), middle + 280.0 * towards, rng.uniform(18, 45)
    corners, first = [], rng.uniform(-1, 1) * width
    for k in range(-2, 3):
        at = centre + (first + 2 * width * k) * across
        corners += [at + s * 0.5 * width * across + t * 160 * along for s, t in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    faces = [[4 * k + i for i in row] for k in range(5) for row in ((0, 1, 2), (0, 2, 3))]
    return np.array(corners), np.array(faces, np.int32)


def _covered(person: IctPerson, ict: IctHead, share: Array, tone: Array, thick_mm: Array) -> IctPerson:
    """The person with a layer on the skin: so much of it (V,), its colour (V, 3) and thickness (V,) mm."""
    count = len(ict.mean)
    colours, vertices = person.colours.copy(), person.vertices.copy()
    colours[:count] += (tone - colours[:count]) * share[:, None]
    normals = vertex_normals(vertices[:count], ict.triangles_of("face", "head_neck"))
    vertices[:count] += normals * thick_mm[:, None]
    return replace(person, colours=np.clip(colours, 0.002, 0.95).astype(np.float32), vertices=vertices)


def _lower_face(ict: IctHead, rng: np.random.Generator, ragged: float) -> Array:
    """Where beards grow on the mean head (V,), 0..1: jaw, chin and lip, not the lips."""
    marks, places = ict.mean[ict.landmark_vertices], ict.mean
    jaw = _reach(places, marks[_JAW], rng.uniform(20, 28))
    lip = _reach(places, marks[[48, 49, 51, 53, 54]] + np.array([0, 5, 0]), 6.0) + _reach(
        places, marks[55:60] - np.array([0, 9, 0]), 9.0
    )
    red = _reach(places, marks[_LIPS], 2.5) + _reach(places, marks[60:68], 4.0)
    skin = np.zeros(len(places))
    skin[np.unique(ict.triangles_of("face", "head_neck"))] = 1
    noise = 1 + ragged * rng.normal(0, 1, len(places))
    return np.clip((np.maximum(jaw, lip) * noise - red) * 1.2, 0, 1) * skin * 0.95


def _near(places: Array, line: Array, width_mm: float) -> Array:
    """A soft stroke along a line through the points (L, 3): (V,), 1 on it."""
    steps = np.arange(0, len(line) - 1 + 1e-9, 0.125)
    dense = np.stack([np.interp(steps, np.arange(len(line)), axis) for axis in line.T], 1)
    return np.exp(-0.5 * (cKDTree(dense).query(places)[0] / width_mm) ** 2)


def _reach(places: Array, line: Array, width_mm: float) -> Array:
    """1 within a width of the line's points, 0 some 5 mm further off."""
    return np.clip((width_mm + 5 - cKDTree(line).query(places)[0]) / 5, 0, 1)
