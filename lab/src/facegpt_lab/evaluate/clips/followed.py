"""The first person of a clip followed by the tracker, seen by MediaPipe alone, and fitted frame by frame as a photo."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from facegpt.detect.locate import Locator, window_of
from facegpt.detect.windows import Photo
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.fitting import FitError, fit_landmarks, fit_photo
from facegpt.types import Array, FaceParams
from facegpt.video.clip import Clip, Frame
from facegpt.video.look import FaceLook, Seen
from facegpt.video.observation import View, params_of, stacked
from facegpt.video.people import Person
from facegpt.video.smoothing import LiveFilter, smoothed
from facegpt.video.tracker import FaceTracker
from facegpt_lab.evaluate.shared_networks import detector, head, landmarker, whole_look


@dataclass(eq=False)
class Followed:
    """What was found of the first person of a clip.

    Attributes:
        frames: numbers of the frames in which they were seen. seen: what the networks saw there.
        raw, live, file: parameters as measured, filtered and smoothed. scores: (N, 52) of MediaPipe.
        lost: frames without the face. spent_s: seconds a frame. mediapipe_s: those of MediaPipe's networks alone.
    """

    frames: list[int]
    seen: list[Seen]
    raw: list[FaceParams]
    live: list[FaceParams]
    file: list[FaceParams]
    scores: Array
    lost: int
    spent_s: float
    mediapipe_s: float


class _WatchedLook(FaceLook):
    """The networks, with a note of what they saw last and of the time that MediaPipe's take for the same."""

    def note(self, frame: Frame, seen: Seen) -> tuple[Array, float]:
        """MediaPipe's scores (52,) of a face, and the seconds that its networks take for points and scores."""
        start = time.perf_counter()
        locator = Locator(Photo(frame.pixels), self._networks, 0.5, 1.0, False, False)
        points, _ = locator.landmarks(window_of(seen.detection.points))
        scores = self._networks.expression(points)
        return scores, time.perf_counter() - start


class _WatchedTracker(FaceTracker):
    """A tracker that keeps what it saw of the faces of the last frame."""

    last: dict[int, Seen]

    def _take(self, frame, track, seen):  # type: ignore[no-untyped-def]
        self.last[track.person.number] = seen
        return super()._take(frame, track, seen)


def follow(clip: Clip, people: list[Person], frames: int | None = None, live: bool = False) -> Followed | None:
    """Follow the first person of a clip, and look at the same frames with MediaPipe alone; None if nobody is seen.

    live: with the quick networks of live tracking.
    """
    own = DenseLandmarker(flip=False) if live else landmarker()
    look = _WatchedLook(lambda: own)
    tracker = _WatchedTracker(head(), look, people)
    rows, seen, scores, spent, alone, lost = [], [], [], [], [], 0
    view = None
    for frame in clip:
        if frames is not None and frame.index >= frames:
            break
        view = View(frame.pixels.shape[1], frame.pixels.shape[0])
        tracker.last = {}
        start = time.perf_counter()
        found = [row for row in tracker.step(frame) if row["track_id"] == 0]
        spent.append(time.perf_counter() - start)
        lost += not found
        if found:
            rows.append(found[0])
            seen.append(tracker.last[0])
            one, seconds = look.note(frame, tracker.last[0])
            scores.append(one)
            alone.append(seconds)
    if view is None or not rows:
        return None
    person, kept = tracker.people[0], stacked(rows)
    face = tracker.head(person)

    def as_params(records: Iterable) -> list[FaceParams]:
        return [params_of(head(), face, row, view, person.albedo, person.lighting) for row in records]

    calmer = LiveFilter()
    calm = [calmer(row) for row in kept]
    return Followed(
        [int(row["frame"]) for row in kept],
        seen,
        as_params(kept),
        as_params(calm),
        as_params(smoothed(kept)),
        np.stack(scores),
        lost,
        float(np.median(spent)),
        float(np.median(alone)),
    )


def frame_by_frame(clip: Clip) -> list[FaceParams | None]:
    """What `reconstruct(quality="fast")` finds in each frame, without its skin."""
    out: list[FaceParams | None] = []
    for frame in clip:
        faces = detector().quick.detect(frame.pixels)
        if not faces:
            out.append(None)
            continue
        dense = whole_look(frame.pixels, faces[0])
        try:
            out.append(fit_landmarks(head(), faces[0], clip.info.width, clip.info.height, None, dense).params)
        except FitError:
            out.append(None)
    return out


def colours_fitted(clip: Clip, every: int) -> list[FaceParams | None]:
    """What `reconstruct(quality="balanced")` finds in every so many frames; None in all others."""
    out: list[FaceParams | None] = []
    for frame in clip:
        faces = detector().detect(frame.pixels) if frame.index % every == every // 2 else []
        dense = whole_look(frame.pixels, faces[0]) if faces else None
        try:
            out.append(fit_photo(head(), faces[0], frame.pixels, dense=dense).params if faces else None)
        except FitError:
            out.append(None)
    return out


def spread(count: int, frames: list[int], values: list) -> list:
    """Values of some frames as a list of all of them, None elsewhere."""
    out = [None] * count
    for frame, one in zip(frames, values, strict=True):
        out[frame] = one
    return out
