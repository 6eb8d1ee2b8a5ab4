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
from facegpt.personal.head import PersonalHead
from facegpt.types import Array, FaceParams

Floats = NDArray[np.float64]

#: Where the ears of the default head's mean are, mm: away from the middle, low, high, and no further to the front.
ROOT_MM, LOW_MM, HIGH_MM, FRONT_MM = 70.5, -45.0, 42.0, 30.0
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
    seen = [photo for photo in photos if photo is not None]
    found = [[edge for photo in seen for edge in _edges(head, photo, side)] for side in (0, 1)]
    believed = [np.median(edges) * len(edges) / (len(edges) + HALF_BELIEVED) if edges else 0.0 for edges in found]
    return np.clip(believed, LEAST, MOST)


def with_ears(head: PersonalHead, farther: Array) -> PersonalHead:
    """The head with its ears so much farther off, as `own_ears` tells."""
    offset = head.offset.astype(np.float64)
    for side, share in enumerate(np.asarray(farther, np.float64)):
        rows, root = _ear(head, side)
        offset[rows, 0] += share * (head.mean_vertices[rows, 0] - root)
    return PersonalHead(head.base, head.name, head.own_identity, offset, head.own_units, head.marks)


def _ear(head: PersonalHead, side: int) -> tuple[NDArray[np.intp], float]:
    """The vertices of the left (0) or the right ear (1) beyond its root, and where on the x axis it grows, mm."""
    mean, sign = head.population_mean, 1.0 - 2.0 * side
    x, y, z = np.asarray(mean, np.float64).T
    inside = (sign * x > ROOT_MM) & (y > LOW_MM) & (y < HIGH_MM) & (z < FRONT_MM)
    inside &= np.isin(np.arange(len(x)), np.unique(head.triangles[head.part == head.part_names.index("skin")]))
    rows = np.flatnonzero(inside)
    own = sign * np.asarray(head.mean_vertices, np.float64)[rows, 0]
    nearest = own[sign * x[rows] < ROOT_MM + 1.5]
    root = float(np.median(nearest)) if len(nearest) else float(own.min())
    return rows[own > root], sign * root


def _edges(head: PersonalHead, photo: EarPhoto, side: int) -> list[float]:
    """How much farther off than the head's the ear's edge is seen at each height that shows it."""
    rows, root = _ear(head, side)
    worn = head_vertices(head, photo.params)[rows].astype(np.float64)
    own = np.asarray(head.mean_vertices, np.float64)[rows]
    low, high = own[:, 1].min(), own[:, 1].max()
    sign = np.sign(root)
    ways = np.arange(0.0, REACH_MM, STEP_MM)
    out = []
    for share in HEIGHTS:
        level = low + share * (high - low)
        near = np.abs(own[:, 1] - level) < (high - low) / len(HEIGHTS)
        if not near.any():
            continue
        tip = np.flatnonzero(near)[np.argmax(sign * own[near, 0])]
        length = sign * (own[tip, 0] - root)
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
