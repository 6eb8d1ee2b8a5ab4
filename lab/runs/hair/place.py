"""From MakeHuman's average person to the default head's mean: where hair made for the one lies on the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.morphable.warp import Warp
from lab.runs.shared.alignment import similarity
from lab.runs.shared.sources import Array, data_folder, read_base, read_target

#: Vertices of the head that hair follows, spread evenly.
N_ANCHORS = 300
#: How far the anchors may miss for a smoother warp (Warp's unit): ears and eyes are not to ripple in the hair.
STIFFNESS_MM = 6.0
#: Targets that move the ears of MakeHuman's base mesh and nothing else.
EAR_TARGETS = ("ears/l-ear-wing-incr", "ears/r-ear-wing-incr", "ears/l-ear-flap-incr", "ears/r-ear-flap-incr")
EAR_TARGETS += ("ears/l-ear-lobe-incr", "ears/r-ear-lobe-incr")


@dataclass(frozen=True)
class Placement:
    """MakeHuman's average base mesh (N, 3) and the way from there to the head's mean (mm, head frame).

    Attributes:
        average: (N, 3) source mm, helpers included.
        anchors: (A,) vertices of the head. ear: (V,) bool.
    """

    average: Array
    scale: float
    rotation: Array
    shift: Array
    warp: Warp
    moved: Array
    anchors: NDArray[np.int64]
    ear: NDArray[np.bool_]

    def __call__(self, points: Array) -> Array:
        """Carry points (P, 3) in source mm to the head."""
        aligned = self.scale * points @ self.rotation.T + self.shift
        return aligned + self.warp.operator(aligned).astype(np.float64) @ self.moved


def average_person(wheel: Path) -> Array:
    """MakeHuman's average: halfway between young woman and man of mixed ancestry, (N, 3) source mm."""
    folder = data_folder(wheel) / "mpfb2" / "targets" / "macrodetails"
    total = read_base(wheel).vertices.copy()
    for sex in ("female", "male"):
        for ancestry in ("african", "asian", "caucasian"):
            total += read_target(folder / f"{ancestry}-{sex}-young.target.gz") / 6
        total += read_target(folder / f"universal-{sex}-young-averagemuscle-averageweight.target.gz") / 2
    return total


def place_on(head: MakeHumanHead, wheel: Path) -> Placement:
    """Find the way from MakeHuman's average person to the mean of the head, by the vertices that they share."""
    average = average_person(wheel)
    source = head.arrays["source_vertex"].astype(int)
    skin = np.unique(head.triangles[head.part == head.part_names.index("skin")])
    skin = skin[source[skin] >= 0]
    mean = head.mean_vertices.astype(np.float64)
    scale, rotation, shift = similarity(average[source[skin]], mean[skin], np.ones(len(skin)))
    folder = data_folder(wheel) / "mpfb2" / "targets"
    stretch = np.max([np.linalg.norm(read_target(folder / f"{n}.target.gz"), axis=1) for n in EAR_TARGETS], 0)
    ear = np.zeros(len(mean), bool)
    ear[skin] = stretch[source[skin]] > 1.2
    anchors = spread(mean, skin[~ear[skin]], N_ANCHORS)
    aligned = scale * average[source[anchors]] @ rotation.T + shift
    warp = Warp(aligned, STIFFNESS_MM)
    return Placement(average, scale, rotation, shift, warp, mean[anchors] - aligned, anchors, ear)


def spread(points: Array, candidates: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Choose `count` of the candidates, each as far as possible from those chosen before; the first is the highest."""
    chosen = [int(candidates[np.argmax(points[candidates, 1])])]
    distance = np.full(len(candidates), np.inf)
    while len(chosen) < count:
        distance = np.minimum(distance, np.linalg.norm(points[candidates] - points[chosen[-1]], axis=1))
        chosen.append(int(candidates[np.argmax(distance)]))
    return np.array(chosen)
