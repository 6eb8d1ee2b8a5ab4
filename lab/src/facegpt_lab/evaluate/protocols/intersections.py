"""How deep lips, lids, teeth and tongue of the default head go through each other when it makes faces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.types import Array, FaceGPTError
from facegpt_lab.evaluate.judges.expression_samples import Sample, closed_eyes, everyday, pairs, units
from facegpt_lab.evaluate.judges.penetration import Ints, Patch, penetration_mm, uncovered
from facegpt_lab.evaluate.registry import Report, Row, figure

EYE_RADIUS_MM = 12.6
#: Vertices of MakeHuman's base mesh in the middle of the lips (front edge, upper and lower) and of the left lids.
_LIPS, _LEFT_LIDS = (474, 493), (6785, 6828)
#: How far along the skin a lip or a lid reaches from its middle, mm.
_LIP_REACH_MM, _LID_REACH_MM = 34.0, 22.0
#: The inside of the lips ends and that of the cheeks begins here, mm in front of the ears.
_LIPS_BEHIND_MM = 85.0
#: What lies deeper than this behind a patch is on the other side of the tissue, mm.
_LIP_DEPTH_MM, _LID_DEPTH_MM, _TOOTH_DEPTH_MM, _TONGUE_DEPTH_MM = 5.0, 2.5, 4.0, 2.0
#: Vertices deeper than this are counted; rays that look for the eyeball between closed lids are so far apart.
_COUNTED_MM, _RAY_STEP_MM = 0.3, 0.2
#: The lids' outer face lies at least this far outside the eyeball at rest; what is nearer is behind their margin, mm.
_LID_FACE_MM = 0.9
#: Rows of the teeth's grid (0 top of the gum outside, 1 gum inside) up to the biting edge: their outer face.
_OUTER_FACE = 0.64


@dataclass(frozen=True)
class Contact:
    """Two things that must not enter each other: the middles of the vertices `points` (n, k) against a patch."""

    kind: str
    points: Ints
    patch: Patch
    deepest_mm: float


class Anatomy:
    """The lips, lids, teeth and tongue of the default head, as points and patches."""

    def __init__(self, head: MakeHumanHead) -> None:
        self.head = head
        self.mean = head.mean_vertices.astype(np.float64)
        skin = np.isin(head.part, [head.part_names.index(n) for n in ("skin", "mouth")])
        self.skin = head.triangles[skin].astype(np.int64)
        self.upper_lip, self.lower_lip = (self._front(half) for half in self._halves(_LIPS, _LIP_REACH_MM))
        self.lids = [self._halves(_LEFT_LIDS, _LID_REACH_MM)]
        self.lids.append(tuple(head.mirror[half].astype(np.int64) for half in self.lids[0]))  # type: ignore[arg-type]
        eyes = head.arrays["joint_centres"][2:].astype(np.float64)
        reach = np.linalg.norm(self.mean[:, None] - eyes, axis=2).min(1)
        self.outer_lids = np.flatnonzero(reach > EYE_RADIUS_MM + _LID_FACE_MM)
        self.contacts = tuple(self._contacts())

    def _halves(self, middles: tuple[int, int], reach_mm: float) -> tuple[Ints, Ints]:
        """Skin nearer, along the surface, to the first or to the second of two vertices of MakeHuman's base mesh."""
        source = self.head.arrays["source_vertex"]
        seeds = [int(np.flatnonzero(source == number)[0]) for number in middles]
        edges = np.concatenate([self.skin[:, [0, 1]], self.skin[:, [1, 2]], self.skin[:, [2, 0]]])
        length = np.linalg.norm(self.mean[edges[:, 0]] - self.mean[edges[:, 1]], axis=1)
        graph = csr_matrix((length, (edges[:, 0], edges[:, 1])), (len(self.mean),) * 2)
        first, second = dijkstra(graph, directed=False, indices=seeds)
        near = np.minimum(first, second) < reach_mm
        return np.flatnonzero(near & (first < second)), np.flatnonzero(near & (second <= first))

    def _front(self, half: Ints) -> Ints:
        """Leave out the inside of the cheeks: what no scan shows, behind the lips."""
        hidden = np.setdiff1d(np.unique(self.skin), np.unique(self._part("skin")))
        return np.setdiff1d(half, hidden[self.mean[hidden, 2] < _LIPS_BEHIND_MM])

    def _patch(self, vertices: Ints) -> Patch:
        return Patch(self.skin[np.isin(self.skin, vertices).all(1)])

    def _part(self, name: str) -> Ints:
        return self.head.triangles[self.head.part == self.head.part_names.index(name)].astype(np.int64)

    def _contacts(self) -> Iterator[Contact]:
        upper, lower = self._patch(self.upper_lip), self._patch(self.lower_lip)
        visible = np.unique(self._part("skin"))
        seen = [np.intersect1d(half, visible) for half in (self.upper_lip, self.lower_lip)]
        yield Contact("lips", seen[0][:, None], lower, _LIP_DEPTH_MM)
        yield Contact("lips", seen[1][:, None], upper, _LIP_DEPTH_MM)
        rim = np.intersect1d(np.unique(self.skin), np.r_[self._part("left_socket"), self._part("right_socket")])
        for top, bottom in self.lids:
            yield Contact("lids", top[:, None], self._patch(np.setdiff1d(bottom, rim)), _LID_DEPTH_MM)
            yield Contact("lids", bottom[:, None], self._patch(np.setdiff1d(top, rim)), _LID_DEPTH_MM)
        across = self.head.arrays["grid"][:, 1]
        lips = self.skin[np.isin(self.skin, np.concatenate(seen)).all(1)]
        tongue = self._part("tongue")
        for name in ("upper_teeth", "lower_teeth"):
            teeth = self._part(name)
            outer = Patch(teeth[(across[teeth] <= _OUTER_FACE).all(1)])
            yield Contact("teeth through lips", lips, outer, _TOOTH_DEPTH_MM)
            yield Contact("tongue and teeth", np.unique(tongue)[:, None], Patch(teeth), _TONGUE_DEPTH_MM)
        yield Contact("tongue through lips", lips, Patch(tongue), _LIP_DEPTH_MM)

    def depths_mm(self, vertices: Array, eye_centres: Array) -> dict[str, tuple[float, int]]:
        """Measure one head (V, 3) with eyes at (2, 3): by kind, the deepest intrusion in mm and how many vertices."""
        found: dict[str, list[Array]] = {}
        for contact in self.contacts:
            depth = penetration_mm(vertices[contact.points].mean(1), vertices, contact.patch, contact.deepest_mm)
            found.setdefault(contact.kind, []).append(depth)
        for (top, bottom), centre in zip(self.lids, eye_centres, strict=True):
            arm = np.linalg.norm(vertices[np.intersect1d(np.r_[top, bottom], self.outer_lids)] - centre, axis=1)
            found.setdefault("lids and eyeball", []).append(np.maximum(EYE_RADIUS_MM - arm, 0))
        joined = {kind: np.concatenate(parts) for kind, parts in found.items()}
        return {kind: (float(d.max()), int((d > _COUNTED_MM).sum())) for kind, d in joined.items()}


def measure(anatomy: Anatomy, identities: Array, samples: list[Sample]) -> dict[str, NDArray[np.float64]]:
    """Measure every sample on every person: by kind (P, S, 2), the depth in mm and the number of vertices."""
    table: dict[str, NDArray[np.float64]] = {}
    for p, s, vertices, centres in _heads(anatomy.head, identities, samples):
        for kind, pair in anatomy.depths_mm(vertices, centres).items():
            table.setdefault(kind, np.zeros((len(identities), len(samples), 2)))[p, s] = pair
    return table


def bare_eye_mm2(anatomy: Anatomy, identities: Array, samples: list[Sample]) -> NDArray[np.float64]:
    """How much of both eyeballs is seen from straight ahead: (P, S) mm²."""
    skin = anatomy.skin[np.isin(anatomy.skin, np.concatenate([np.r_[lids] for lids in anatomy.lids])).any(1)]
    found = np.zeros((len(identities), len(samples)))
    for p, s, vertices, centres in _heads(anatomy.head, identities, samples):
        corners = np.ascontiguousarray(vertices[skin])
        found[p, s] = sum(uncovered(corners, c, EYE_RADIUS_MM, _RAY_STEP_MM) for c in centres) * _RAY_STEP_MM**2
    return found


def _heads(head: MakeHumanHead, identities: Array, samples: list[Sample]) -> Iterator[tuple[int, int, Array, Array]]:
    """Person, sample, vertices (V, 3) and the centres of the eyeballs (2, 3) of every head."""
    joints = torch.zeros(1, head.sizes.joints, 3)
    for p, identity in enumerate(identities):
        z = torch.as_tensor(np.asarray(identity, np.float32))[None]
        for s, sample in enumerate(samples):
            with torch.no_grad():
                vertices = head.vertices(z, torch.from_numpy(sample.weights)[None], joints)[0].double().numpy()
                yield p, s, vertices, head.joint_centres(z)[0, 2:].double().numpy()


def evaluate(quick: bool) -> Report:
    """Measure units, pairs and everyday expressions on the mean head and on random people."""
    head = makehuman.load()
    anatomy = Anatomy(head)
    people = np.concatenate([np.zeros((1, head.sizes.identity), np.float32), head.sample(2 if quick else 10, seed=11)])
    sets = {"units": (people, units(), 1.5), "pairs": (people[: 1 if quick else 2], pairs()[:: 4 if quick else 1], 2.5)}
    try:
        sets["everyday"] = (people, everyday(40 if quick else 500), 1.5)
        data = ""
    except FaceGPTError as error:
        data = f"; no everyday expressions: {error}"
    rows: list[Row] = []
    for name, (faces, samples, bound) in sets.items():
        for kind, table in measure(anatomy, faces, samples).items():
            rows += _rows(f"{kind}, {name}", table, samples, bound)
    seen = bare_eye_mm2(anatomy, people, closed_eyes())
    rows.append(figure("eyeball between closed lids, most", float(seen.max()), "mm²", at_most=1.0))
    counted = ", ".join(f"{len(samples)} {name} on {len(faces)}" for name, (faces, samples, _) in sets.items())
    return Report(f"the mean head and random people: {counted}{data}", tuple(rows))


def _rows(title: str, table: NDArray[np.float64], samples: list[Sample], bound_mm: float) -> list[Row]:
    """Judge the depths (P, S, 2) of one kind: their 99th percentile; and name the deepest."""
    depth, count = table[..., 0], table[..., 1]
    worst = samples[int(depth.max(0).argmax())].name
    return [
        figure(f"{title}: depth, 99th percentile", np.percentile(depth, 99), "mm", at_most=bound_mm),
        Row(f"{title}: deepest ({worst})", float(depth.max()), "mm"),
        Row(f"{title}: vertices deeper than {_COUNTED_MM} mm, mean", float(count.mean()), "vertices"),
    ]
