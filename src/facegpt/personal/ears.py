"""How far a person's ears stand off: seen in frames from the front, where they end against what is behind them.

Points tell little of ears, and the deviations of `shape_space` fade to zero before them, so that everybody would wear
the ears of the nearest person of the default head. Each ear is stretched away from the head, about where it grows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import euler_deg_from_rotation
from facegpt.encode.parts import EAR, HAIR, SKIN, FaceParts, parts_reader
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.ears import ROOT_MM, in_ears
from facegpt.personal.head import PersonalHead
from facegpt.types import Array, FaceParams

Floats = NDArray[np.float64]

#: Heads are turned by no more than this in frames that tell, degrees.
MOST_TURN_DEG = 20.0
#: Heights of an ear at which its edge is looked for, as shares of it; beside its ends, where it is thin.
HEIGHTS = np.linspace(0.2, 0.8, 10)
#: Steps and length of the way outwards along which the edge is looked for, mm.
STEP_MM, REACH_MM = 0.5, 35.0
#: A place is of the person where ear and skin together are likelier than this; so much of an ear must be seen, mm; an
#: edge at likelier hair may be the hair's.
PERSON, LEAST_MM, HIDING = 0.5, 3.0, 0.3
#: Edges that make a measurement half believed, and by how much an ear may differ from the nearest person's.
HALF_BELIEVED, LEAST, MOST = 4, -0.4, 1.5


@dataclass(frozen=True, eq=False)
class EarPhoto:
    """A frame that may show ears: the face's parameters, of the head that is looked at, and the parts around it."""

    params: FaceParams
    parts: FaceParts


def ear_photo(params: FaceParams, pixels: NDArray[np.uint8], points: Array) -> EarPhoto | None:
    """What a frame (H, W, 3) with the detector's points (478, 2+) tells of ears; None where the head is turned."""
    yaw, pitch, _ = euler_deg_from_rotation(params.pose.rotation)
    if max(abs(yaw), abs(pitch)) > MOST_TURN_DEG:
        return None
    return EarPhoto(params, parts_reader().read(pixels, points))


def own_ears(head: PersonalHead, photos: Iterable[EarPhoto | None]) -> Floats:
    """How much farther than on `head` the left and the right ear stand off, (2,): 0.5 is half as far again.

    0 where hair covers the ear, or no frame shows it from the front.
    """
    ears = [_ear(head, side) for side in (0, 1)]
    found: tuple[list[float], list[float]] = [], []
    for photo in filter(None, photos):
        worn = head_vertices(head, photo.params)
        for ear, edges in zip(ears, found, strict=True):
            edges += _edges(ear, worn, photo)
    believed = [np.median(edges) * len(edges) / (len(edges) + HALF_BELIEVED) if edges else 0.0 for edges in found]
    return np.clip(believed, LEAST, MOST)


def with_ears(head: PersonalHead, farther: Array) -> PersonalHead:
    """The head with its ears so much farther off, as `own_ears` tells."""
    offset = head.offset.astype(np.float64)
    for side, share in enumerate(np.asarray(farther, np.float64)):
        ear = _ear(head, side)
        offset[ear.rows, 0] += share * (ear.rest[:, 0] - ear.root)
    return PersonalHead(head.base, head.name, head.own_identity, offset, head.own_units, head.marks)


@dataclass(frozen=True, eq=False)
class _Ear:
    """One ear of a head: its vertices beyond its root (N,), these at rest (N, 3) mm, and the root on the x axis, mm."""

    rows: NDArray[np.intp]
    rest: Floats
    root: float


def _ear(head: PersonalHead, side: int) -> _Ear:
    """The left (0) or the right ear (1)."""
    mean, sign = np.asarray(head.population_mean, np.float64), 1.0 - 2.0 * side
    skin = np.unique(head.triangles[head.part == head.part_names.index("skin")])
    rows = skin[in_ears(mean[skin]) & (sign * mean[skin, 0] > 0)]
    rest = np.asarray(head.mean_vertices, np.float64)[rows]
    own = sign * rest[:, 0]
    nearest = own[sign * mean[rows, 0] < ROOT_MM + 1.5]
    root = float(np.median(nearest)) if len(nearest) else float(own.min())
    return _Ear(rows[own > root], rest[own > root], sign * root)


def _edges(ear: _Ear, vertices: Array, photo: EarPhoto) -> list[float]:
    """How much farther off than on a head (V, 3) an ear's edge is seen at each height that shows it."""
    worn, sign = vertices[ear.rows].astype(np.float64), np.sign(ear.root)
    low, high = ear.rest[:, 1].min(), ear.rest[:, 1].max()
    ways = np.arange(0.0, REACH_MM, STEP_MM)
    out = []
    for level in low + HEIGHTS * (high - low):
        near = np.flatnonzero(np.abs(ear.rest[:, 1] - level) < (high - low) / len(HEIGHTS))
        if not len(near):
            continue
        tip = near[np.argmax(sign * ear.rest[near, 0])]
        length = sign * (ear.rest[tip, 0] - ear.root)
        if length < LEAST_MM:
            continue
        line = worn[tip] + np.outer(ways - length, [sign, 0.0, 0.0])  # from the root outwards, through the tip
        told = photo.parts.at(photo.params.camera.project(photo.params.pose.apply(line)))
        person = told[:, EAR] + told[:, SKIN] > PERSON
        end = int(np.argmin(person))
        if person.all() or ways[end] < LEAST_MM:
            continue
        farther = float(ways[end] - 0.5 * STEP_MM - length) / length
        if farther >= 0 or told[end, HAIR] < HIDING:  # hair hides an ear; behind one it tells where it ends
            out.append(farther)
    return out
