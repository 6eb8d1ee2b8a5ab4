"""The people of a clip: what each looks like to the recognition network, and the head that all frames share.

A head is refined as long as new sides of it are seen. Each keyframe's Gauss-Newton Hessian says how much it knows of
each direction of the identity; the keyframes are fused as several photos of a person are (fitting/several_photos.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import euler_deg_from_rotation
from facegpt.detail.relief import Detail
from facegpt.encode.base import Landmarker
from facegpt.fitting.gauss_newton import LOG_DEPTH, LOG_SCALE, State
from facegpt.fitting.landmark_fit import LandmarkSolution
from facegpt.fitting.several_photos import fuse, identity_information
from facegpt.hair.accessories import NOTHING, Accessories, Wishes
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array
from facegpt.video.frame_fit import HeldHead, held_head, known_head
from facegpt.video.habits import Habits
from facegpt.video.place_errors import with_place_errors

Floats = NDArray[np.float64]

#: Poses fall into cells this wide, degrees of yaw and of pitch; so many keyframes a cell, and in all.
CELL_DEG, PER_CELL, MOST_KEYFRAMES = 12.0, 2, 10
#: Descriptors kept of a person.
MOST_DESCRIPTORS = 12
#: SD of the log focal length that the prior of photos leaves open (distance near 1 m, see gauss_newton.Prior).
PRIOR_FOCAL_LOG_SD = 0.5
#: Descriptors nearer than this are of one person; nearer than SURE without a doubt.
SAME_PERSON, SURE = 0.6, 0.45
#: Farther than this are descriptors of two people, also where one frame is blurred.
OTHER_PERSON = 0.7


@dataclass(frozen=True)
class Keyframe:
    """What one frame says of a person's head.

    Attributes:
        information: (I, I) precision of the identity. identity: (I,) its most probable one alone.
        log_focal: of the fit, px. focal_precision: what the frame adds to the prior.
        yaw_deg, pitch_deg: of the head.
    """

    information: Floats
    identity: Floats
    log_focal: float
    focal_precision: float
    yaw_deg: float
    pitch_deg: float

    @property
    def cell(self) -> tuple[int, int]:
        """The cell of poses that it falls into."""
        return round(self.yaw_deg / CELL_DEG), round(self.pitch_deg / CELL_DEG)


@dataclass(frozen=True, eq=False)
class KnownPerson:
    """Somebody whose head is known beforehand, from clips of theirs.

    Attributes:
        head: their own head model; identity zero is them. descriptor: (128,) of the recognition network.
        texture: (S, S, 4) uint8 sRGB. albedo: (A,) the nearest skin of the albedo model.
        landmarker: the dense landmark network tuned to them, or None for the common one; expression_sd: (52,) of its
            weights.
        detail: the relief of their skin, or None. accessories: their hair and glasses.
    """

    name: str
    head: MorphableModel
    descriptor: Array
    texture: NDArray[np.uint8]
    albedo: Array
    landmarker: Landmarker | None = None
    expression_sd: Array | None = None
    detail: Detail | None = None
    accessories: Accessories = NOTHING

    def wearing(self, wishes: Wishes) -> KnownPerson:
        """The same person with what is asked for in place of their own."""
        return replace(self, accessories=self.accessories.as_wished(wishes))


@dataclass
class Person:
    """One person of a clip.

    Attributes:
        number: the track_id.
        descriptors: each (128,). keyframes: what is known of the head.
        identity: (I,), of all keyframes. focal_px: in pixels of the frames as read.
        albedo: (A,) or None. lighting: (9, 3) or None; of the best keyframe.
        frozen: whether the head stays as it is from now on.
        known: who it is, if they have a head of their own: keyframes then tell the focal length only.
        habits: of their face at rest, or None. places: (P, 3) mm, how far their points are off (place_errors.py), or
            None.
        accessories: hair and glasses, for the whole clip.
    """

    number: int
    descriptors: list[Array] = field(default_factory=list)
    keyframes: list[Keyframe] = field(default_factory=list)
    identity: Floats = field(default_factory=lambda: np.zeros(0))
    focal_px: float | None = None
    albedo: Array | None = None
    lighting: Array | None = None
    frozen: bool = False
    known: KnownPerson | None = None
    habits: Habits | None = None
    places: Array | None = None
    accessories: Accessories = NOTHING

    @property
    def detail(self) -> Detail | None:
        """The relief of their skin, where it is known beforehand."""
        return None if self.known is None else self.known.detail

    def model(self, default: MorphableModel) -> MorphableModel:
        """Their own head model, or the one that serves for everybody."""
        return default if self.known is None else self.known.head

    def held(self, default: MorphableModel) -> HeldHead:
        """Their head as the fit of a frame sees it, by what is known by now."""
        if self.known is None:
            held = held_head(default, self.identity, self.focal_px, self.habits)
            return held if self.places is None else with_place_errors(held, self.places)
        return known_head(self.known.head, self.focal_px, self.known.expression_sd)

    def wants(self, rotation: Array) -> bool:
        """Whether a frame with this head → camera rotation would tell something new of the head."""
        if self.frozen:
            return False
        yaw, pitch, _ = euler_deg_from_rotation(rotation)
        cell = round(yaw / CELL_DEG), round(pitch / CELL_DEG)
        return sum(frame.cell == cell for frame in self.keyframes) < PER_CELL

    def add(self, keyframe: Keyframe) -> None:
        """Take a keyframe and fuse anew; with MOST_KEYFRAMES the head is frozen."""
        self.keyframes.append(keyframe)
        self.fuse()
        self.frozen = self.frozen or len(self.keyframes) >= MOST_KEYFRAMES

    def fuse(self) -> None:
        """Fuse all keyframes: identity and focal length."""
        if self.known is None:
            information = [k.information for k in self.keyframes]
            self.identity = fuse(information, [k.identity for k in self.keyframes])
        self.focal_px = float(np.exp(fused_log_focal(self.keyframes)))

    def remember(self, descriptor: Array) -> None:
        """Keep a descriptor; the oldest but the first goes when there are too many."""
        self.descriptors.append(np.asarray(descriptor, np.float32))
        if len(self.descriptors) > MOST_DESCRIPTORS:
            del self.descriptors[1]

    def distance(self, descriptor: Array) -> float:
        """How far a descriptor is from this person's: the mean over the nearest third; infinite without any."""
        if not self.descriptors:
            return float("inf")
        apart = np.sort(np.linalg.norm(np.stack(self.descriptors) - descriptor, axis=1))
        return float(apart[: max(1, len(apart) // 3)].mean())


def keyframe_of(solution: LandmarkSolution, count: int) -> Keyframe:
    """What a landmark fit of identity (I = `count`), expression and pose knows of the head."""
    state, hessian = solution.solution.state, solution.solution.hessian
    information = identity_information(hessian, state.theta, solution.prior, count)
    yaw, pitch, _ = euler_deg_from_rotation(state.rotation)
    log_focal = float(np.log(state.focal_px))
    return Keyframe(information, state.theta[:count], log_focal, _focal_precision(hessian), yaw, pitch)


def person_of(known: KnownPerson, number: int) -> Person:
    """Somebody with a head of their own as a person of a clip."""
    person = Person(number, [np.asarray(known.descriptor, np.float32)])
    recognise(person, known)
    return person


def recognise(person: Person, known: KnownPerson) -> None:
    """Give a person of a clip their own head; what keyframes said of a head of the population is forgotten."""
    person.known, person.albedo, person.keyframes = known, known.albedo, []
    person.accessories = known.accessories
    person.identity, person.focal_px, person.habits = np.zeros(known.head.sizes.identity), None, None
    person.places = None


def focal_keyframe(state: State, hessian: Floats, count: int) -> Keyframe:
    """What a frame of a known head says of the focal length; pose and expression are the fit's unknowns."""
    yaw, pitch, _ = euler_deg_from_rotation(state.rotation)
    nothing = np.zeros((count, count))
    return Keyframe(nothing, np.zeros(count), float(np.log(state.focal_px)), _focal_precision(hessian), yaw, pitch)


def _focal_precision(hessian: Floats) -> float:
    """What a frame adds to the prior of the log focal length, as a precision."""
    both = np.zeros(len(hessian))
    both[[LOG_SCALE, LOG_DEPTH]] = 1.0
    variance = float(both @ np.linalg.solve(hessian, both))
    return max(1 / max(variance, 1e-6) - 1 / PRIOR_FOCAL_LOG_SD**2, 1e-3)


def fused_log_focal(keyframes: list[Keyframe]) -> float:
    """The log focal length of all keyframes together, each by what it adds to the prior."""
    weights = np.array([frame.focal_precision for frame in keyframes])
    return float(weights @ np.array([frame.log_focal for frame in keyframes]) / weights.sum())


def matched(descriptors: list[Array], people: list[Person], most: float = SAME_PERSON) -> list[Person | None]:
    """Who each of several faces is: the nearest person first, nobody twice, None for whom nobody is near enough."""
    out: list[Person | None] = [None] * len(descriptors)
    pairs = sorted(
        (person.distance(descriptor), row, column)
        for row, descriptor in enumerate(descriptors)
        for column, person in enumerate(people)
    )
    taken: set[int] = set()
    for distance, row, column in pairs:
        if distance < most and out[row] is None and column not in taken:
            out[row] = people[column]
            taken.add(column)
    return out
