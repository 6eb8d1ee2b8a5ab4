"""A first look through a clip: who is in it, and the head of each, from frames that show different sides.

Only clips that can be read again are surveyed. The heads are then the same from the first frame to the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.eye_light import settled_whites, whites_seen, with_whites
from facegpt.appearance.known_skin import light_on_skin
from facegpt.appearance.texture import texture_from_photo
from facegpt.conventions import euler_deg_from_rotation
from facegpt.encode.parts import FaceParts, parts
from facegpt.fitting.gauss_newton import FitError
from facegpt.fitting.landmark_fit import LandmarkSolution, landmark_solution
from facegpt.fitting.photo_fit import refined_solution
from facegpt.hair.accessories import AS_SEEN, Wishes
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.runtime.side_by_side import in_order
from facegpt.types import Array, DensePoints, Detection, FaceGPTError, FaceParams
from facegpt.video.accessories import Picture, accessories_of, with_hair_painted
from facegpt.video.clip import Clip, FirstFrames, Frame
from facegpt.video.frame_fit import fit_frame, keyframe_belief, known_head, settle_focal
from facegpt.video.habits import habits_of
from facegpt.video.look import FaceLook, Seen
from facegpt.video.observation import View, params_of, record_of
from facegpt.video.people import (
    CELL_DEG,
    MOST_KEYFRAMES,
    SAME_PERSON,
    KnownPerson,
    Person,
    focal_keyframe,
    keyframe_of,
    matched,
    recognise,
)
from facegpt.video.place_errors import place_errors

#: Frames that are looked at, evenly spread; frames of an unknown number are looked at when their number is a power of
#: two or a multiple of EVERY.
LOOKED_AT, EVERY = 32, 240
#: Keyframes whose colours refine the head, a person (half a second each). Those alone are then fused: of drawn people
#: four tell more than ten by their landmarks, and more than all together.
REFINED = 10
#: Frames in which the whites of the eyes are looked at.
LIT = 6
#: Frames that hair and glasses are told by, a person.
DRESSED = 3
#: Faces smaller than this, pixels, say nothing of a head.
LEAST_FACE_PX = 32
#: Folds of a laugh should not stay in the skin: what a weight of expression costs a frame that it may come from.
MOVED = 0.15
#: Side of a person's texture, texels.
TEXTURE_SIZE = 1024


#: What is kept of all faces that were looked at: the networks' words, and the frame's (width, height).
Glance = tuple[Detection, DensePoints, tuple[int, int]]


class StrangersError(FaceGPTError):
    """A picture or clip in which somebody with a head of their own is not."""

    def __init__(self, where: str, name: str, distance: float | None) -> None:
        """distance: the nearest face's, None where there is none."""
        nearest = (
            "no face was found in it"
            if distance is None
            else f"the nearest face is {distance:.2f} away by the recognition network, one person's below {SAME_PERSON}"
        )
        super().__init__(f"{name} is not in '{where}': {nearest}; leave out the avatar, or take that person's own")


@dataclass(eq=False)
class Sighting:
    """One face of a surveyed frame: the picture, what the networks saw, the landmark fit and the descriptor (128,).

    others: points (478, 3) of the frame's other faces, whose hair may touch this one's.
    """

    frame: Frame
    seen: Seen
    solution: LandmarkSolution
    descriptor: Array
    others: list[Array] = field(default_factory=list)

    @cached_property
    def parts(self) -> FaceParts:
        """What each pixel around the face shows."""
        return parts_of(self.frame, self.seen, self.others)

    @property
    def merit(self) -> float:
        """How much a frame tells of a head: large, seen without doubt, from the front before from the side."""
        box = self.seen.detection.box
        yaw, pitch, _ = euler_deg_from_rotation(self.solution.solution.state.rotation)
        size = float(np.ptp(box.reshape(2, 2), axis=0).max())
        hidden = 1.0 - float(self.seen.dense.visible[:468].mean())
        return np.log(size) - abs(yaw) / 60 - abs(pitch) / 60 - hidden

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the frame as read."""
        return self.frame.pixels.shape[1], self.frame.pixels.shape[0]

    def moved(self, count: int) -> float:
        """The sum of the weights of the expression, behind so many numbers of the identity."""
        return float(np.abs(self.solution.solution.state.theta[count:]).sum())


@dataclass(eq=False)
class Surveyed:
    """One person of a clip with the texture (S, S, 4) uint8 of a good, calm frame, or None."""

    person: Person
    texture: NDArray[np.uint8] | None = None


def parts_of(frame: Frame, seen: Seen, others: Sequence[Array]) -> FaceParts:
    """What each pixel around one face of a frame shows; others: points (478, 3) of its other faces."""
    points = seen.detection.points
    return parts(frame.pixels, points, seen.dense).apart_from(points, list(others))


def survey(
    model: MorphableModel,
    look: FaceLook,
    clip: Clip | FirstFrames,
    colours: bool = True,
    progress: Callable[[int, int | None], None] | None = None,
    known: KnownPerson | None = None,
    wishes: Wishes | None = None,
) -> list[Surveyed]:
    """The people of a clip, those seen most often first; heads of people seen in two frames or more are frozen.

    Args:
        model: the head model.
        look: the networks.
        clip: an open clip; it is read to its end.
        colours: refine heads on the colours of the best frames and take a texture (default head only).
        progress: told (frames read, frames there are).
        known: somebody who has a head of their own; the others' are made here.
        wishes: which hair and glasses people wear who have no head of their own; what is seen, if None.

    Raises:
        StrangersError: if `known` is in none of the frames that were looked at.
    """
    groups: list[tuple[Person, list[Sighting]]] = []
    glances: dict[int, list[Glance]] = {}
    chosen = _chosen(clip.info.frames)

    def frames() -> Iterator[Frame]:
        for frame in clip:
            if progress is not None:
                progress(frame.index + 1, clip.info.frames)
            if chosen(frame.index):
                yield frame

    for _, found in in_order(partial(sightings_in, model, look), frames()):
        for sightings in sort_in(groups, found):
            glances.setdefault(id(sightings), []).append(_glance(sightings[-1]))
            _thin_out(sightings)
    groups.sort(key=lambda group: -len(group[1]))
    if known is not None:
        recognise(_nearest(clip.info.name, [person for person, _ in groups], known), known)
    surveyed = []
    for number, (person, sightings) in enumerate(groups):
        person.number = number
        if person.known is None:
            coloured = colours and isinstance(model, MakeHumanHead)
            surveyed.append(_settled(model, person, sightings, glances[id(sightings)], coloured, wishes or AS_SEEN))
        else:
            surveyed.append(_settled_known(look, person, person.known, sightings))
    return surveyed


def _chosen(frames: int | None) -> Callable[[int], bool]:
    if frames is None:
        return lambda index: index & (index - 1) == 0 or index % EVERY == 0
    return evenly(frames, LOOKED_AT)


def evenly(frames: int, most: int) -> Callable[[int], bool]:
    """Which of so many frames are looked at: at most `most`, evenly spread, the first and the last among them."""
    wanted = set(np.linspace(0, max(frames - 1, 0), min(frames, most)).round().astype(int).tolist())
    return wanted.__contains__


def sightings_in(model: MorphableModel, look: FaceLook, frame: Frame) -> list[Sighting]:
    """The faces of one frame that are large enough to tell of a head."""
    size = frame.pixels.shape[1], frame.pixels.shape[0]
    out, found = [], look.find(frame.pixels, thorough=True)
    for detection in found:
        if np.ptp(detection.box.reshape(2, 2), axis=0).max() < LEAST_FACE_PX:
            continue
        descriptor = look.describe(frame.pixels, detection)
        seen = look.with_belief(look.see(frame.pixels, detection), frame.pixels, descriptor)
        try:
            solution = landmark_solution(model, detection, size, None, seen.dense, keyframe_belief(seen.dense))
        except FitError:
            continue
        others = [other.points for other in found if other is not detection]
        out.append(Sighting(frame, seen, solution, descriptor, others))
    return out


def sort_in(groups: list[tuple[Person, list[Sighting]]], found: list[Sighting]) -> list[list[Sighting]]:
    """Add the faces of one frame to the people that they are of, or as new ones; the lists that grew."""
    people, grown = [person for person, _ in groups], []
    for one, person in zip(found, matched([s.descriptor for s in found], people, SAME_PERSON), strict=True):
        if person is None:
            person = Person(len(groups))
            groups.append((person, []))
        sightings = next(kept for owner, kept in groups if owner is person)
        person.remember(one.descriptor)
        sightings.append(one)
        grown.append(sightings)
    return grown


def _thin_out(sightings: list[Sighting]) -> None:
    """Keep at most MOST_KEYFRAMES: of the fullest cell of poses the least telling frame goes."""
    if len(sightings) <= MOST_KEYFRAMES:
        return
    cells = [_cell(one) for one in sightings]
    fullest = max(set(cells), key=cells.count)
    rivals = [one for one, cell in zip(sightings, cells, strict=True) if cell == fullest]
    worst = min(rivals, key=lambda one: one.merit)
    sightings[:] = [one for one in sightings if one is not worst]


def _cell(one: Sighting) -> tuple[int, int]:
    yaw, pitch, _ = euler_deg_from_rotation(one.solution.solution.state.rotation)
    return round(yaw / CELL_DEG), round(pitch / CELL_DEG)


def _glance(one: Sighting) -> Glance:
    return one.seen.detection, one.seen.dense, one.size


def _learn_habits(model: MorphableModel, person: Person, glances: list[Glance]) -> None:
    """What the fit finds on the person's face at rest, and where their points lie, by all frames looked at."""
    head = person.held(model)
    fits = [fit_frame(head, detection, dense, size) for detection, dense, size in glances]
    person.habits = habits_of(
        np.stack([fit.state.theta for fit in fits]), np.stack([dense.expression for _, dense, _ in glances])
    )
    person.places = place_errors(person.held(model), glances)


def _settled(
    model: MorphableModel,
    person: Person,
    sightings: list[Sighting],
    glances: list[Glance],
    colours: bool,
    wishes: Wishes,
) -> Surveyed:
    """Fuse a person's head, freeze it, and take skin, hair and glasses from good frames of a calm face."""
    count = model.sizes.identity
    best = sorted(sightings, key=lambda one: -one.merit)
    solutions = [one.solution for one in best]
    if colours:
        assert isinstance(model, MakeHumanHead)
        solutions = [solution for _, solution in in_order(partial(_coloured, model), best[:REFINED])]
    person.keyframes += [keyframe_of(solution, count) for solution in solutions]
    person.fuse()
    person.frozen = len(sightings) > 1
    _learn_habits(model, person, glances)
    if not colours:
        return Surveyed(person)
    calm = sorted(best, key=lambda one: MOVED * one.moved(count) - one.merit)
    skin = texture_from_photo(
        calm[0].frame.pixels,
        model,
        _own_params(model, calm[0], person),
        TEXTURE_SIZE,
        calm[0].seen.dense,
        calm[0].parts,
    )
    person.albedo, person.lighting = skin.albedo, skin.lighting

    def lit(one: Sighting) -> FaceParams:
        return _own_params(model, one, person).replace(albedo=skin.albedo, lighting=skin.lighting)

    whites = settled_whites([whites_seen(one.frame.pixels, model, lit(one)) for one in best[:LIT]])
    texture = with_whites(skin.texture, model, whites)
    pictures = [Picture(one.frame.pixels, lit(one), one.seen.dense, one.parts) for one in calm[:DRESSED]]
    person.accessories = accessories_of(model, pictures, texture, wishes)
    return Surveyed(person, with_hair_painted(model, texture, person.accessories, skin.confidence))


def _coloured(model: MakeHumanHead, one: Sighting) -> LandmarkSolution:
    """A sighting's landmark fit, refined on the colours of its frame."""
    refined = refined_solution(model, one.solution, one.frame.pixels)
    found = replace(one.solution.solution, state=refined.state, hessian=refined.hessian)
    return replace(one.solution, solution=found)


def _nearest(clip: str, people: list[Person], known: KnownPerson) -> Person:
    """Who of a clip's people is the known one."""
    distances = [person.distance(known.descriptor) for person in people]
    if not distances or min(distances) >= SAME_PERSON:
        raise StrangersError(clip, known.name, min(distances, default=None))
    return people[int(np.argmin(distances))]


def _settled_known(look: FaceLook, person: Person, known: KnownPerson, sightings: list[Sighting]) -> Surveyed:
    """The clip's focal length and light for a head that is known."""
    best = sorted(sightings, key=lambda one: -one.merit)
    free = known_head(known.head, None)
    for one in best:
        seen = one.seen
        if known.landmarker is not None:
            seen = one.seen = look.see(one.frame.pixels, seen.detection, seen.window, known.landmarker)
        found = settle_focal(free, seen.detection, seen.dense, one.size)
        person.keyframes.append(focal_keyframe(*found, known.head.sizes.identity))
    person.fuse()
    person.frozen = True
    params = _own_params(known.head, best[0], person)
    person.lighting = light_on_skin(best[0].frame.pixels, known.head, params, known.texture, best[0].seen.dense)
    return Surveyed(person, with_hair_painted(known.head, known.texture, person.accessories))


def _own_params(model: MorphableModel, one: Sighting, person: Person) -> FaceParams:
    """The parameters of the person's head in one frame."""
    head = person.held(model)
    fit = fit_frame(head, one.seen.detection, one.seen.dense, one.size)
    row = record_of(0, 0.0, 0, fit, one.seen.detection.box, np.zeros(4), 1.0)
    return params_of(model, head, row, View(*one.size), None, None)
