"""What people wear on their faces and what stands before a lamp: painted on and put around ICT people.

Nothing of the product's own skins, grooms or props but the outlines of its glasses, which are the trade's. Lengths in
mm, head frame; colours linear RGB.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.glasses.frames import FRAMES, LENS_MM, STYLES, outline
from facegpt.glasses.pieces import bar
from facegpt.morphable.normals import vertex_normals
from facegpt.types import Array
from facegpt_lab.synthesis.studio.ict_person import IctHead, IctPerson

#: Rows of the 68 points: the jaw, the outer lips.
_JAW, _LIPS = slice(2, 15), slice(48, 60)
#: How often a stretched cloth is smoothed, and how far before the lids the lenses of glasses stand, mm.
_STRETCHES, _LENS_AWAY_MM = 150, 14.0


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


def headscarf(person: IctPerson, ict: IctHead, rng: np.random.Generator) -> IctPerson:
    """A cloth in folds over hair, ears and neck, close around the face."""
    return _in_cloth(person, ict, rng, _around_the_face(ict, rng))


def veiled(person: IctPerson, ict: IctHead, rng: np.random.Generator) -> IctPerson:
    """The same cloth, and over the face below the eyes."""
    line = ict.mean[ict.landmark_vertices][28, 1] - 0.15 * np.abs(ict.mean[:, 0])
    below = np.clip((line - ict.mean[:, 1]) / 2.5, 0, 1)
    return _in_cloth(person, ict, rng, np.maximum(_around_the_face(ict, rng), below))


def _around_the_face(ict: IctHead, rng: np.random.Generator) -> Array:
    """How much of each vertex of the head (V,) a cloth covers, 0..1, that leaves the oval of the face free."""
    marks, places = ict.mean[ict.landmark_vertices], ict.mean
    top, bottom = marks[27, 1] + rng.uniform(38, 55), marks[8, 1] - rng.uniform(-4, 6)
    across = rng.uniform(0.82, 0.95) * marks[16, 0]
    away = np.hypot(places[:, 0] / across, (places[:, 1] - 0.5 * (top + bottom)) / (0.5 * (top - bottom)))
    front = places[:, 2] > marks[16, 2] - 10
    return np.where(front, np.clip((away - 1) * 12, 0, 1), 1.0)


def _in_cloth(person: IctPerson, ict: IctHead, rng: np.random.Generator, cover: Array) -> IctPerson:
    """The person with a stretched cloth in folds over so much (V,) of the head, and with no hair."""
    places, count = ict.mean, len(ict.mean)
    bald = person.triangles[(person.triangles < count).all(1)]
    stretched = person.vertices[:count].copy()
    skin = ict.triangles_of("face", "head_neck")
    for _ in range(_STRETCHES):
        stretched += 0.7 * cover[:, None] * (_middle_of_neighbours(stretched, skin) - stretched)
    folds = _waves(places * [1.0, 0.35, 1.0], rng, 24.0)
    thick = cover * (rng.uniform(4, 8) + 2.0 * folds)
    tone = np.exp(rng.uniform(np.log(0.02), np.log(0.7))) * np.exp(rng.normal(0, 0.25, 3))
    bare = replace(person, vertices=np.concatenate([stretched, person.vertices[count:]]), triangles=bald)
    return _covered(bare, ict, cover, tone * np.exp(0.08 * folds)[:, None], thick)


def spectacled(person: IctPerson, rng: np.random.Generator) -> IctPerson:
    """Glasses of any style before the eyes; a third of them are dark."""
    marks, style = person.landmarks68, STYLES[rng.integers(len(STYLES))]
    frame, dark = FRAMES[style], rng.random() < 1 / 3
    width = float(np.clip(rng.normal(frame.lens_mm, 2.0), *LENS_MM))
    edge = outline(style, width, width * frame.height)
    thick = max(sum(frame.rim_mm) / 4, 0.4)
    tone = np.array(frame.colour if rng.random() < 0.5 else np.exp(rng.normal(-2.0, 1.0, 3)))
    eyes = (marks[42:48].mean(0), marks[36:42].mean(0))
    depth = max(eye[2] for eye in eyes) + _LENS_AWAY_MM
    worn, lift = person, np.array([0.0, 4.0, 0.0])
    for sign, eye, ear in ((1.0, eyes[0], marks[16]), (-1.0, eyes[1], marks[0])):
        middle = np.array([eye[0] + sign * 1.5, eye[1] - frame.drop_mm, depth])
        rim = middle + np.column_stack([edge * [sign, 1.0], np.zeros(len(edge))])
        worn = beside(worn, *_bar(np.concatenate([rim, rim[:2]]), thick), tone)
        outer, inner = rim[np.argmax(sign * rim[:, 0])], rim[np.argmin(sign * rim[:, 0])]
        over = ear + np.array([sign * 6.0, 16.0, -25.0])
        worn = beside(worn, *_bar(np.linspace(outer + lift, over, 12), thick), tone)
        bridge = np.array([0.5 * (eyes[0][0] + eyes[1][0]), inner[1] + 6.0, depth + 1.0])
        worn = beside(worn, *_bar(np.linspace(inner + lift, bridge, 6), thick), tone)
        if dark:
            turn = np.arange(len(rim), dtype=np.int32)
            fan = np.stack([0 * turn, 1 + turn, 1 + (turn + 1) % len(rim)], 1)
            worn = beside(worn, np.concatenate([middle[None], rim]), fan, np.full(3, 0.015))
    return worn


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


def _bar(path: Array, thick_mm: float) -> tuple[Array, NDArray[np.int32]]:
    """A round wire along a path (N, 3): vertices and triangles."""
    wire = bar("wire", "frame", path, (thick_mm, thick_mm), (0.0, 0.1, 1.0), sides=6)
    return wire.vertices, wire.triangles


def beside(person: IctPerson, vertices: Array, triangles: NDArray[np.int32], tone: Array) -> IctPerson:
    """The person with another thing (V, 3), (F, 3) of one colour (3,) on or beside them."""
    return replace(
        person,
        vertices=np.concatenate([person.vertices, vertices]),
        triangles=np.concatenate([person.triangles, triangles + len(person.vertices)]).astype(np.int32),
        colours=np.concatenate([person.colours, np.tile(tone, (len(vertices), 1))]).astype(np.float32),
    )


def _middle_of_neighbours(vertices: Array, triangles: NDArray[np.int32]) -> Array:
    """The mean (V, 3) of each vertex' neighbours along edges; its own place where it has none."""
    a, b = triangles[:, [0, 1, 2, 1, 2, 0]].ravel(), triangles[:, [1, 2, 0, 0, 1, 2]].ravel()
    degree = np.bincount(a, minlength=len(vertices))
    summed = np.stack([np.bincount(a, vertices[b, axis], len(vertices)) for axis in range(3)], 1)
    return np.where(degree[:, None] > 0, summed / np.maximum(degree, 1)[:, None], vertices)


def _waves(places: Array, rng: np.random.Generator, length_mm: float) -> Array:
    """Random waves over places (V, 3): (V,), of mean 0 and SD 1."""
    ways = rng.normal(0, 2 * np.pi / length_mm / np.sqrt(3), (10, 3))
    return np.asarray(np.cos(places @ ways.T + rng.uniform(0, 2 * np.pi, 10)).sum(1) / np.sqrt(5))


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
