"""A clip followed from its first frame to its last: survey, tracking, smoothing."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from facegpt.detail.relief import Detail
from facegpt.hair.accessories import AS_SEEN, Wishes
from facegpt.morphable.base import MorphableModel
from facegpt.types import FaceParams
from facegpt.video.accessories import with_hair_painted
from facegpt.video.clip import ClipSource, FirstFrames, Frame
from facegpt.video.first_looks import FirstLooks
from facegpt.video.frame_light import FrameLights
from facegpt.video.look import FaceLook
from facegpt.video.observation import View, params_of
from facegpt.video.people import KnownPerson, Person, person_of
from facegpt.video.reading import open_clip
from facegpt.video.smoothing import FixedLag, LiveFilter
from facegpt.video.survey import survey
from facegpt.video.tracker import SEARCH_EVERY, FaceTracker

#: "file": smoothed with the frames that follow; "live": by a filter that never waits; "none": as measured.
Smooth = Literal["file", "live", "none"]
#: Frames that the smoothing of a stream looks ahead.
AHEAD = 10


@dataclass
class People:
    """The people of a clip: their heads, and the textures (S, S, 4) uint8 of their skin by number, hair's roots on."""

    known: list[Person] = field(default_factory=list)
    textures: dict[int, NDArray[np.uint8]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class TrackedFace:
    """One face in one frame: its head model and parameters, whose it is, when, and the frame's pixels; its skin.

    The texture has the roots of its hair.
    """

    model: MorphableModel
    params: FaceParams
    track_id: int
    time_s: float
    frame: Frame
    confidence: float
    texture: NDArray[np.uint8] | None
    detail: Detail | None = None


def surveyed_people(
    model: MorphableModel,
    look: FaceLook,
    source: ClipSource,
    colours: bool = True,
    fps: float | None = None,
    progress: Callable[[int, int | None], None] | None = None,
    known: KnownPerson | None = None,
    wishes: Wishes | None = None,
    most_frames: int | None = None,
) -> People:
    """The people of a clip that can be read again; of streams, whose people are met on the way, the `known` one only.

    They wear what `wishes` ask for, by default what the clip shows; the known person their own. most_frames: of the
    clip's beginning that are read, or None for all.

    Raises:
        VideoError: if the clip cannot be read.
        StrangersError: if the known person is not in a clip that can be read again.
    """
    met_on_the_way = People()
    if known is not None:
        texture = with_hair_painted(known.head, known.texture, known.accessories)
        met_on_the_way = People([person_of(known, 0)], {0: texture})
    if isinstance(source, int) or str(source) == "-":
        return met_on_the_way
    with open_clip(source, fps) as clip:
        if not clip.info.rereadable:
            return met_on_the_way
        read = clip if most_frames is None else FirstFrames(clip, most_frames)
        found = survey(model, look, read, colours, progress, known, wishes)
    textures = {one.person.number: one.texture for one in found if one.texture is not None}
    return People([one.person for one in found], textures)


def track_faces(
    model: MorphableModel,
    look: FaceLook,
    source: ClipSource,
    smooth: Smooth = "file",
    colours: bool = True,
    fps: float | None = None,
    known: KnownPerson | None = None,
    wishes: Wishes | None = None,
) -> Iterator[TrackedFace]:
    """Every face of every frame of a clip, in the order of frames and of track_id. Memory does not grow with length.

    Raises: as `surveyed_people`.
    """
    people = surveyed_people(model, look, source, colours, fps, None, known, wishes)
    tracker = FaceTracker(model, look, people.known, SEARCH_EVERY, lights=FrameLights(model, people.textures))
    looks = FirstLooks(people.textures, wishes or AS_SEEN) if colours else None
    with open_clip(source, fps) as clip, closing(followed(tracker, clip, looks)) as tracked:
        for frame, rows in calmed(((frame, rows) for frame, rows, _ in tracked), smooth):
            view = View(frame.pixels.shape[1], frame.pixels.shape[0], frame.scale)
            for row in rows:
                person = tracker.people[int(row["track_id"])]
                own = person.model(model)
                params = params_of(own, tracker.head(person), row, view, person.albedo, person.lighting)
                params = person.accessories.on(params)
                skin = people.textures.get(person.number)
                seen = (person.number, frame.time_s, frame, float(row["confidence"]))
                yield TrackedFace(own, params, *seen, skin, person.detail)


def followed(
    tracker: FaceTracker, frames: Iterable[Frame], looks: FirstLooks | None
) -> Generator[tuple[Frame, list[NDArray[np.void]], bool], None, None]:
    """Each frame with its faces, as `FaceTracker.run`, and whether somebody's look was taken from it.

    looks: takes those of people who are met on the way, or None.
    """
    with closing(tracker.run(frames)) as tracked:
        for frame, rows in tracked:
            yield frame, rows, looks is not None and looks(tracker, frame, rows)


def calmed(
    frames: Iterator[tuple[Frame, list[NDArray[np.void]]]], smooth: Smooth
) -> Iterator[tuple[Frame, Sequence[NDArray[np.void]]]]:
    """The same frames with calmer records."""
    if smooth == "none":
        yield from frames
    elif smooth == "live":
        filters: dict[int, LiveFilter] = {}
        for frame, rows in frames:
            yield frame, [filters.setdefault(int(row["track_id"]), LiveFilter())(row) for row in rows]
    else:
        lag: FixedLag[Frame] = FixedLag(AHEAD)
        for frame, rows in frames:
            yield from lag.push(frame, rows)
        yield from lag.flush()
