"""What the default head lends to other head models: points, joints and skin weights, carried over by bending it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.head_file import HeadFile
from facegpt.morphable.kept import kept
from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.measure import Landmarks
from facegpt.morphable.surface import Surface
from facegpt.morphable.transfer.bending import bent_onto
from facegpt.morphable.transfer.eyeballs import Eyeball, eyeball_of, mapped_to
from facegpt.types import Array, LandmarkEmbedding

Floats = NDArray[np.float64]

#: Changes when bending does, so that what was kept is made anew.
_BENDING = 1
#: A place further than this from where the bent head has it is not on the other head, mm.
ABSENT_MM = 4.0
#: Rows of MediaPipe's points on each iris.
_IRISES = {"right_eye": slice(468, 473), "left_eye": slice(473, 478)}
_EYES = ("left_eye", "right_eye")
#: Which parts of the default head a part of another is like; others are like those of the same name, else its skin.
_LIKE = {
    "gums": ("tongue",),
    "left_socket": ("left_socket", "skin"),
    "right_socket": ("right_socket", "skin"),
    "teeth": ("upper_teeth", "lower_teeth"),
}


@lru_cache(maxsize=1)
def default_head() -> MakeHumanHead:
    """The default head; the same object each time."""
    return makehuman.load()


@dataclass(frozen=True, eq=False)
class Carried:
    """The default head bent onto the mean of another model; frame and unit of its file.

    Attributes:
        own: the default head. other: the other model's file. bent: (V of own, 3) mm.
    """

    own: MakeHumanHead
    other: HeadFile
    bent: Floats

    @classmethod
    def onto(cls, other: HeadFile) -> Carried:
        """Bend the default head, or take what was kept in the cache folder when it was bent before."""
        own, skin = default_head(), other.part_triangles("skin")
        sources = (f"bending {_BENDING}", own.mean_vertices, np.asarray(other.vertices, np.float32), skin)
        bent = kept(
            "bent_heads",
            sources,
            own.mean_vertices.shape,
            lambda: bent_onto(own, Surface(other.vertices, skin)).astype(np.float32),
        )
        return cls(own, other, bent.astype(np.float64))

    @cached_property
    def skin(self) -> Surface:
        """The other head's outer skin."""
        return Surface(self.other.vertices, self.other.part_triangles("skin"))

    @cached_property
    def own_skin(self) -> Surface:
        """The bent default head's outer skin."""
        return Surface(self.bent, self.own.triangles[self.own_rows("skin")])

    def own_rows(self, part: str) -> NDArray[np.intp]:
        """Triangles of the default head that are like a part of the other."""
        names = _LIKE.get(part, (part,) if part in self.own.part_names else ("skin",))
        return np.flatnonzero(np.isin(self.own.part, [self.own.part_names.index(name) for name in names]))

    @cached_property
    def trust(self) -> NDArray[np.float64]:
        """(V,) of the other head: 1 where the bent default head passes through a vertex, 0 where it is far."""
        vertices = np.asarray(self.other.vertices, np.float64)
        gap = np.linalg.norm(self.own_skin.closest(vertices) - vertices, axis=1)
        return np.clip(2 - gap / ABSENT_MM * 2, 0.0, 1.0)

    @cached_property
    def eyeballs(self) -> dict[str, tuple[Eyeball, Eyeball]]:
        """By name the eyeballs that the other head has: the default head's at rest (head frame), and its own."""
        found = {}
        for name in _EYES:
            if name in self.other.part_names:
                row = _EYES.index(name) + 2
                centre = self._eye_centre(row)
                mine = eyeball_of(
                    self.own.mean_vertices,
                    self.own.triangles[self.own.part == self.own.part_names.index(name)],
                    self.own.arrays["joint_centres"][self.own.joint_names.index(name)],
                )
                pole = None if self.other.eye_poles is None else self.other.eye_poles[row - 2]
                found[name] = mine, eyeball_of(self.other.vertices, self.other.part_triangles(name), centre, pole)
        return found

    def _eye_centre(self, row: int) -> Array | None:
        """Where the other head's file has the middle of an eyeball, joint `row`; None where it does not say."""
        if self.other.eye_centres is not None:
            return self.other.eye_centres[row - 2]
        return None if self.other.joint_centres is None else self.other.joint_centres[row]

    @cached_property
    def origin(self) -> Floats:
        """(3,) midway between the tragia of the other head, in its file's frame."""
        rows = [self.own.landmarks.row[f"tragion_{side}"] for side in ("left", "right")]
        return self.own.landmarks.points(self.bent)[rows].mean(0)

    def embedding(self, name: str) -> LandmarkEmbedding:
        """An embedding of the default head on the other: points of the irises on its eyeballs, if it has any."""
        own = self.own.embedding(name)
        places = own(self.bent)
        corners, weights = _on(self.skin, places)
        if name == "mediapipe478":
            for eye, rows in _IRISES.items():
                if eye in self.eyeballs:
                    mine, theirs = self.eyeballs[eye]
                    rest = own(self.own.mean_vertices)[rows]
                    ball = Surface(self.other.vertices, self.other.part_triangles(eye))
                    corners[rows], weights[rows] = _on(ball, mapped_to(rest, mine, theirs))
        return LandmarkEmbedding(name, corners, weights.astype(np.float32))

    def skin_places(self, rows: NDArray[np.integer]) -> tuple[LandmarkEmbedding, Floats]:
        """Vertices (K,) of the default head on the other's skin, and how far each lies from its place (K,) mm."""
        corners, weights = _on(self.skin, self.bent[rows])
        places = np.einsum("ncx,nc->nx", np.asarray(self.other.vertices, np.float64)[corners], weights)
        gap = np.linalg.norm(places - self.bent[rows], axis=1)
        return LandmarkEmbedding("skin", corners, weights), gap

    @cached_property
    def landmarks(self) -> Landmarks:
        """The measuring points of anthropometry; those that are not on the other head are not numbers."""
        own = self.own.landmarks
        places = own.points(self.bent)
        corners, weights = _on(self.skin, places)
        found = np.einsum("ncx,nc->nx", np.asarray(self.other.vertices)[corners], weights)
        for eye, pupil in (("left_eye", "pupil_left"), ("right_eye", "pupil_right")):
            row = own.row[pupil]
            if eye in self.eyeballs:
                mine, theirs = self.eyeballs[eye]
                place = mapped_to(own.points(self.own.mean_vertices)[[row]], mine, theirs)
                corners[[row]], weights[[row]] = _on(
                    Surface(self.other.vertices, self.other.part_triangles(eye)), place
                )
                found[row] = places[row]
        weights[np.linalg.norm(found - places, axis=1) > ABSENT_MM] = np.nan
        return Landmarks(own.row, corners, weights)

    @cached_property
    def skin_weights(self) -> NDArray[np.float32]:
        """(V, 4) of the other head: those of the nearest skin of the default head; eyeballs follow their joints."""
        weights = np.zeros((len(self.other.vertices), 4), np.float32)
        chosen, shares = self.own_skin.places(np.asarray(self.other.vertices, np.float64))
        corners = self.own_skin.triangles[chosen]
        weights[:] = np.einsum("ncj,nc->nj", self.own.skin_weights[corners], shares)
        stiff = self.other.part_vertices(*(name for name in self.other.part_names if name not in ("skin", *_EYES)))
        inner = np.setdiff1d(stiff, self.other.part_vertices("skin"))
        weights[inner] = [0, 1, 0, 0]  # teeth, tongue and lashes ride on the skull
        weights[:, 1] += weights[:, 2:].sum(1)
        weights[:, 2:] = 0
        for row, name in enumerate(_EYES, 2):
            weights[self.other.part_vertices(name)] = np.eye(4)[row]
        return weights / weights.sum(1, keepdims=True)

    def joint_centres(self) -> tuple[Floats, Floats]:
        """Rest positions of neck, head and both eyes (4, 3) and how they move with identity (I, 4, 3), file's frame."""
        centres = np.empty((4, 3))
        moves = np.empty((len(self.other.identity), 4, 3))
        own = self.own.arrays["joint_centres"].astype(np.float64)
        for row, name in enumerate(("neck", "head", *_EYES)):
            if name in self.eyeballs:
                centres[row] = self.eyeballs[name][1].centre
                moves[:, row] = self.other.identity[:, self.other.part_vertices(name)].mean(1)
                continue
            near = np.exp(-((self.own.mean_vertices - own[row]) ** 2).sum(1) / (2 * 60.0**2))
            centres[row] = own[row] + near @ (self.bent - self.own.mean_vertices) / near.sum()
            skin = self.other.part_vertices("skin")
            share = np.exp(-((np.asarray(self.other.vertices)[skin] - centres[row]) ** 2).sum(1) / (2 * 60.0**2))
            moves[:, row] = np.tensordot(self.other.identity[:, skin], share / share.sum(), ([1], [0]))
        return centres, moves


def _on(surface: Surface, points: Array) -> tuple[NDArray[np.int64], Array]:
    """Corners (N, 3) and weights (N, 3) of the closest places of points."""
    chosen, weights = surface.places(points)
    return np.asarray(surface.triangles[chosen], np.int64), weights
