"""Following the faces of a clip from frame to frame, with numbers that stay theirs.

Each face is followed through the window that its last points ask for. The whole frame is searched at the start, after a
cut or a loss, and now and then for people who came in. Who a new face is: the one who was just lost there, else whom
the recognition network knows, else somebody new. Where two faces met, it also says whether they were mixed up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from facegpt.detect.windows import Window
from facegpt.encode.base import Landmarker
from facegpt.fitting.gauss_newton import FitError
from facegpt.fitting.landmark_fit import landmark_solution
from facegpt.morphable.base import MorphableModel
from facegpt.types import Array, Detection
from facegpt.video.ahead import FramesAhead
from facegpt.video.boxes import grown, overlap
from facegpt.video.clip import Frame
from facegpt.video.cuts import CutDetector
from facegpt.video.frame_fit import FrameFit, HeldHead, fit_frame, keyframe_belief, known_head, settle_focal
from facegpt.video.frame_light import FrameLights
from facegpt.video.look import FaceLook, Glimpse, Seen, next_window
from facegpt.video.observation import fit_of, record_of
from facegpt.video.people import OTHER_PERSON, SAME_PERSON, SURE, Person, focal_keyframe, keyframe_of, matched

log = logging.getLogger("facegpt")

#: The whole frame is searched again after so many frames; without any face after 1, 2, 4 … at most this many.
SEARCH_EVERY, MOST_WAIT = 30, 16
#: Who was lost is searched for so many seconds, every so many frames at least: mostly they are hidden.
MISSED_S, MOST_WAIT_MISSED = 3.0, 4
#: A face found within this many seconds of a loss, where the lost one is expected, is taken for it without a question.
JUST_LOST_S, NEAR_OVERLAP = 0.5, 0.3
#: Boxes that overlap by more than this hold one face: one track of the two is dropped.
ONE_FACE = 0.5
#: Faces whose boxes come closer than this (overlap of boxes half as large again) may be mixed up …
MEETING_MARGIN = 0.25
#: … and are told apart so many frames after they parted.
CHECK_AFTER = 3
#: Somebody new is asked after again every so many frames, up to this age: a hand before a face hides whose it is.
ASK_AGAIN, SETTLED = 5, 150
#: Ages in frames at which a descriptor is kept of a followed face.
DESCRIBE_AT = (5, 20, 60, 150, 400)


@dataclass
class Track:
    """One face that is being followed, or was.

    Attributes:
        person: who it is. window: to look through next. fit: of the last frame.
        box: (4,) of the last points, px. velocity: (2,) px a frame. last_s: when it was last seen. age: frames seen.
        met: numbers of the people it met, and frames since they parted. seen: what was seen of it last.
    """

    person: Person
    window: Window
    fit: FrameFit | None
    box: Array
    velocity: Array = field(default_factory=lambda: np.zeros(2))
    last_s: float = 0.0
    age: int = 0
    met: dict[int, int] = field(default_factory=dict)
    seen: Seen | None = None


class FaceTracker:
    """Follows all faces of one clip.

    Args:
        model: the head model.
        look: the networks.
        people: those known beforehand (from a survey of the clip); new ones are added to the list.
        search_every: frames between two searches of the whole frame.
        on_keyframe: told (frame, person) when a frame refined a head.
        lights: tells the light of each frame, or None.
    """

    def __init__(
        self,
        model: MorphableModel,
        look: FaceLook,
        people: list[Person] | None = None,
        search_every: int = SEARCH_EVERY,
        on_keyframe: Callable[[Frame, Person], None] | None = None,
        lights: FrameLights | None = None,
    ) -> None:
        self.model, self.look = model, look
        self.people = [] if people is None else people
        self.tracks: list[Track] = []
        self.lost: dict[int, Track] = {}
        self.cuts, self.searches = 0, 0
        self._cut_detector = CutDetector()
        self._search_every, self._on_keyframe, self._lights = search_every, on_keyframe, lights
        self._since_search, self._wait = 0, 0
        self._newcomers: set[int] = set()
        self._heads: dict[int, HeldHead] = {}

    # Frames

    def run(self, frames: Iterable[Frame]) -> Generator[tuple[Frame, list[NDArray[np.void]]], None, None]:
        """Each frame with its faces, as `step` gives them, while a second thread reads the next one (see ahead.py).

        Close it before the source of the frames if it is left early: the thread is then waited for.
        """
        with FramesAhead(frames, self.look.glimpse) as ahead:
            for frame in ahead:
                yield frame, self.step(frame, ahead)

    def step(self, frame: Frame, ahead: FramesAhead | None = None) -> list[NDArray[np.void]]:
        """The faces of the next frame, as records (see observation.py), by track_id; `ahead` gives the frames."""
        pixels = frame.pixels
        cut = self._cut_detector.is_cut(pixels)
        if cut:
            self._begin_shot()
        seen = self._follow(frame, ahead)
        if not cut and self._cut_detector.abrupt and self._are_others(frame, seen):
            cut, seen = True, []
            self._begin_shot()
        if cut or self._search_due(frame):
            seen += self._search(frame, seen)
        rows = []
        for track, one in seen:
            self._recognise_late(frame, track, one)
            try:
                rows.append(self._take(frame, track, one))
            except FitError as error:
                log.debug("frame %d: %s", frame.index, error)
                self._lose(track)
        self._tell_apart(frame)
        return sorted(rows, key=lambda row: int(row["track_id"]))

    def _begin_shot(self) -> None:
        self.cuts += 1
        self.tracks, self.lost = [], {}

    def _are_others(self, frame: Frame, seen: list[tuple[Track, Seen]]) -> bool:
        """Whether somebody else is where a face was followed to: so the shot has changed."""
        known = [(track.person, one) for track, one in seen if track.person.descriptors]
        return any(p.distance(self.look.describe(frame.pixels, one.detection)) > OTHER_PERSON for p, one in known)

    def _follow(self, frame: Frame, ahead: FramesAhead | None) -> list[tuple[Track, Seen]]:
        """Look at each followed face; those that are gone, or on one face with another, are lost."""
        look = self.look.glimpse if ahead is None else ahead.glimpse
        glimpses = [(track, look(frame.pixels, track.window)) for track in self.tracks]
        if ahead is not None:
            ahead.expect([_moved_on(track, one)[0] for track, one in glimpses if one is not None])
        seen = []
        for track, glimpse in glimpses:
            one = None if glimpse is None else self.look.follow(frame.pixels, glimpse, _tuned(track.person))
            if one is None:
                self._lose(track)
            else:
                seen.append((track, one))
        return self._one_each(seen)

    def _one_each(self, seen: list[tuple[Track, Seen]]) -> list[tuple[Track, Seen]]:
        """Of tracks that ended on one face the one stays that was expected there."""
        kept: list[tuple[Track, Seen]] = []
        for track, one in sorted(seen, key=lambda pair: _surprise(*pair)):
            if any(overlap(one.detection.box, other.detection.box) > ONE_FACE for _, other in kept):
                self._lose(track)
            else:
                kept.append((track, one))
        return kept

    def _lose(self, track: Track) -> None:
        self.tracks = [other for other in self.tracks if other is not track]
        self.lost[track.person.number] = track
        self._wait = self._since_search = 0  # look for it at once

    def _search_due(self, frame: Frame) -> bool:
        """Now and then by the number of the frame, so that work that goes on later searches the same frames."""
        if frame.index % self._search_every == 0:
            return True
        missed = any(frame.time_s - track.last_s < MISSED_S for track in self.lost.values())
        if self.tracks and not missed:
            return False
        self._since_search += 1
        return self._since_search > min(self._wait, MOST_WAIT_MISSED if missed else MOST_WAIT)

    def _search(self, frame: Frame, followed: list[tuple[Track, Seen]]) -> list[tuple[Track, Seen]]:
        """Search the whole frame for faces that are not followed yet."""
        self._since_search = 0
        self.searches += 1
        found = [
            one
            for one in self.look.find(frame.pixels)
            if all(overlap(one.box, other.detection.box) < NEAR_OVERLAP for _, other in followed)
        ]
        self._wait = 0 if found else min(max(1, 2 * self._wait), MOST_WAIT)
        owners = self._who(frame, found)
        new = []
        for detection, person in zip(found, owners, strict=True):
            one = self.look.see(frame.pixels, detection, tuned=_tuned(person))
            track = Track(person, one.window, None, detection.box, last_s=frame.time_s)
            self.lost.pop(person.number, None)
            self.tracks.append(track)
            new.append((track, one))
        return new

    # Who is who

    def _who(self, frame: Frame, found: Sequence[Detection]) -> list[Person]:
        """The person of each new face: just lost there, known, or new."""
        active = {track.person.number for track in self.tracks}
        owners: list[Person | None] = [self._just_lost(frame, one) for one in found]
        claimed = [owner.number for owner in owners if owner is not None]
        owners = [o if o is not None and claimed.count(o.number) == 1 else None for o in owners]
        open_rows = [k for k, owner in enumerate(owners) if owner is None]
        if not open_rows:
            return [owner for owner in owners if owner is not None]
        taken = active | {owner.number for owner in owners if owner is not None}
        absent = [person for person in self.people if person.number not in taken]
        descriptors = [self.look.describe(frame.pixels, found[k]) for k in open_rows]
        for k, descriptor, known in zip(open_rows, descriptors, matched(descriptors, absent), strict=True):
            person = known or self._newcomer()
            if known is None or person.distance(descriptor) > SURE / 2:
                person.remember(descriptor)
            owners[k] = person
        return [owner for owner in owners if owner is not None]

    def _just_lost(self, frame: Frame, found: Detection) -> Person | None:
        """Whoever was lost a moment ago where this face is, if that is one person only and nobody met them."""
        near = []
        for track in self.lost.values():
            if frame.time_s - track.last_s < JUST_LOST_S and not track.met:
                drift = np.tile(track.velocity, 2)
                overlaps = (overlap(found.box, track.box), overlap(found.box, track.box + drift))
                if max(overlaps) > NEAR_OVERLAP:
                    near.append(track.person)
        return near[0] if len(near) == 1 else None

    def _newcomer(self) -> Person:
        person = Person(1 + max((p.number for p in self.people), default=-1))
        self.people.append(person)
        self._newcomers.add(person.number)
        return person

    def _recognise_late(self, frame: Frame, track: Track, seen: Seen) -> None:
        """Give a face that was taken for somebody new to the absent person whom it looks more like by now.

        What was seen of the newcomer was them, half hidden or blurred.
        """
        newcomer = track.person
        if newcomer.number not in self._newcomers or track.age % ASK_AGAIN or not track.age or track.met:
            return
        if track.age > SETTLED:
            self._newcomers.discard(newcomer.number)
            return
        seen_now = {other.person.number for other in self.tracks}
        absent = [person for person in self.people if person.number not in seen_now]
        if not absent:
            return
        descriptor = self.look.describe(frame.pixels, seen.detection)
        (known,) = matched([descriptor], absent)
        if known is not None and known.distance(descriptor) < newcomer.distance(descriptor):
            log.debug("frame %d: track %d is %d", frame.index, newcomer.number, known.number)
            for one in newcomer.descriptors:
                known.remember(one)
            newcomer.descriptors = []
            self._newcomers.discard(newcomer.number)
            self.lost.pop(known.number, None)
            track.person, track.fit = known, None

    def _tell_apart(self, frame: Frame) -> None:
        """Note which faces meet; some frames after they part, ask the recognition network who is who."""
        tracks = self.tracks
        for i, one in enumerate(tracks):
            for other in tracks[i + 1 :]:
                if overlap(grown(one.box, MEETING_MARGIN), grown(other.box, MEETING_MARGIN)) > 0:
                    one.met[other.person.number] = other.met[one.person.number] = 0
        due: list[Track] = []
        for track in tracks:
            for number in list(track.met):
                track.met[number] += 1
                if track.met[number] > CHECK_AFTER:
                    del track.met[number]
                    due.append(track)
        if due:
            self._reassign(frame, [track for k, track in enumerate(due) if track not in due[:k]])

    def _reassign(self, frame: Frame, tracks: list[Track]) -> None:
        """Tracks that were close to each other back to those they look like."""
        people = [track.person for track in tracks]
        missing = [p for p in self.people if p.number in self.lost and p not in people]
        candidates = people + missing
        if len(candidates) < 2:
            return
        cost = np.zeros((len(tracks), len(candidates)))
        for row, track in enumerate(tracks):
            assert track.seen is not None  # it was fitted in this frame
            descriptor = self.look.describe(frame.pixels, track.seen.detection)
            for column, person in enumerate(candidates):
                cost[row, column] = min(person.distance(descriptor), 2.0) - 0.05 * (person is track.person)
        for row, column in zip(*linear_sum_assignment(cost), strict=True):
            person, track = candidates[column], tracks[row]
            if person is not track.person and cost[row, column] < SAME_PERSON:
                log.debug("frame %d: track %d is %d", frame.index, track.person.number, person.number)
                self.lost.pop(person.number, None)
                track.person, track.fit = person, None

    # What is known of a face

    def _take(self, frame: Frame, track: Track, seen: Seen) -> NDArray[np.void]:
        """Fit one face and note where it goes."""
        size = frame.pixels.shape[1], frame.pixels.shape[0]
        person = track.person
        self._refine(frame, person, seen, size)
        if track.age in DESCRIBE_AT and not track.met:
            person.remember(self.look.describe(frame.pixels, seen.detection))
        head = self.head(person)
        track.fit = fit_frame(head, seen.detection, seen.dense, size, track.fit)
        box = seen.detection.box
        track.window, track.velocity = _moved_on(track, seen)
        track.box, track.last_s, track.seen = box, frame.time_s, seen
        track.age += 1
        window = track.window
        kept = np.array([window.x, window.y, window.side, window.roll_rad])
        row = record_of(frame.index, frame.time_s, person.number, track.fit, box, kept, confidence(seen, track.fit))
        row["velocity"], row["cut"] = track.velocity, self.cuts
        if self._lights is not None:
            row["light"] = self._lights(person, head, row, frame.pixels, seen.dense)
        return row

    def _refine(self, frame: Frame, person: Person, seen: Seen, size: tuple[int, int]) -> None:
        """Take a frame as a keyframe of the person's head if it shows a new side of it."""
        if not person.wants(seen.detection.rotation):
            return
        count = person.model(self.model).sizes.identity
        if person.known is None:
            dense = self.look.with_belief(seen, frame.pixels).dense
            solution = landmark_solution(self.model, seen.detection, size, None, dense, keyframe_belief(dense))
            person.add(keyframe_of(solution, count))
        else:
            head = known_head(person.known.head, None)
            person.add(focal_keyframe(*settle_focal(head, seen.detection, seen.dense, size), count))
        self._heads.pop(person.number, None)
        if self._on_keyframe is not None:
            self._on_keyframe(frame, person)

    def head(self, person: Person) -> HeldHead:
        """A person's head as the fit sees it, with what is known by now."""
        if person.number not in self._heads:
            self._heads[person.number] = person.held(self.model)
        return self._heads[person.number]

    # Going on later

    def resume(self, rows: Sequence[NDArray[np.void]], last_pixels: NDArray[np.uint8] | None = None) -> None:
        """Go on behind the frame whose records these are."""
        by_number = {person.number: person for person in self.people}
        for row in rows:
            number = int(row["track_id"])
            if number in by_number:
                window = Window(*row["window"].tolist())
                track = Track(by_number[number], window, fit_of(row), np.array(row["box"], np.float64))
                track.velocity, track.last_s = np.array(row["velocity"]), float(row["time_s"])
                track.age = max(DESCRIBE_AT) + 1
                self.tracks.append(track)
                self.cuts = int(row["cut"])
        if last_pixels is not None:
            self._cut_detector.is_cut(last_pixels)


def confidence(seen: Seen, fit: FrameFit) -> float:
    """0..1: the networks' belief that this is a face, less what the head cannot follow of it."""
    return float(np.clip(seen.detection.confidence * np.exp(-0.5 * (fit.residual / 0.06) ** 2), 0.0, 1.0))


def _moved_on(track: Track, seen: Seen | Glimpse) -> tuple[Window, Array]:
    """The window to look through in the next frame, and the velocity (2,) px a frame, after a face was seen."""
    box = seen.detection.box
    middle = (box[:2] + box[2:] - track.box[:2] - track.box[2:]) / 2
    velocity = middle if track.age else np.zeros(2)
    return next_window(seen.window, seen.detection.points, velocity), velocity


def _surprise(track: Track, seen: Seen) -> float:
    """How far a face is from where its track expected it, as a share of its size; old tracks are surprised less."""
    box, expected = seen.detection.box, track.box + np.tile(track.velocity, 2)
    size = max(float(np.ptp(expected.reshape(2, 2), axis=0).max()), 1.0)
    grown = abs(np.log(max(float(np.ptp(box.reshape(2, 2), axis=0).max()), 1.0) / size))
    return float(np.linalg.norm(box - expected) / size + grown - 0.02 * min(track.age, 10))


def _tuned(person: Person) -> Landmarker | None:
    return None if person.known is None else person.known.landmarker
