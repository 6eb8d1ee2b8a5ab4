"""`facegpt eval track`: motion found in clips, beside MediaPipe's own and beside photos fitted frame by frame.

Drawn clips have exact truth: random people of our model who speak, blink and pull faces (the motion of real Live Link
Face takes where the optional data is there), with a webcam's noise, blur and compression. Real clips (optional data)
have none; there jitter, lost frames and the distance of the head from the networks' points are told.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from facegpt.detect.locate import Locator, window_of
from facegpt.detect.windows import Photo
from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.evaluate.judges.made_up_clips import MadeUpClip, made_up_clip
from facegpt.evaluate.judges.motion_curves import Motion, recorded, speech_like
from facegpt.evaluate.judges.motion_scores import MotionScores, as_share, jitter, score
from facegpt.evaluate.registry import Report, Row, figure, optional_data
from facegpt.evaluate.shared_networks import detector, head, landmarker
from facegpt.fitting import FitError, fit_landmarks
from facegpt.morphable.base import head_vertices
from facegpt.types import Array, FaceGPTError, FaceParams
from facegpt.video.look import FaceLook, Seen
from facegpt.video.observation import View, params_of, stacked
from facegpt.video.people import Person
from facegpt.video.reading import Clip, Frame, open_clip
from facegpt.video.smoothing import LiveFilter, smoothed
from facegpt.video.survey import survey
from facegpt.video.tracker import FaceTracker

#: Drawn clips and their frames; real clips and their frames.
CLIPS, FRAMES, QUICK_CLIPS, QUICK_FRAMES = 8, 150, 2, 70
REAL_FRAMES, QUICK_REAL, QUICK_REAL_FRAMES = 200, 2, 60
#: Seeds of drawn people and motion, apart from those that the smoothing was tuned on (100 …).
SEED = 7_000
TARGET_JITTER, TARGET_LAG, TARGET_BLINK, TARGET_VERTEX, TARGET_TIME = 1 / 3, 1.0, 0.9, 0.75, 2.0


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


def follow(clip: Clip, people: list[Person], frames: int | None = None, quick: bool = False) -> Followed | None:
    """Follow the first person of a clip, and look at the same frames with MediaPipe alone; None if nobody is seen."""
    own = DenseLandmarker(flip=False) if quick else landmarker()
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

    live = LiveFilter()
    calm = [live(row) for row in kept]
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


def motions(count: int, frames: int) -> list[Motion]:
    """Made-up speech and, in every other clip, pieces of recorded range-of-motion takes where the data is there."""
    try:
        takes = sorted((optional_data() / "livelink").glob("*.csv"))
    except FaceGPTError:
        takes = []
    out = []
    for k in range(count):
        if k % 2 and takes:
            out.append(recorded(takes[k // 2 % len(takes)], frames, 300 + 450 * (k // 2), SEED + k))
        else:
            out.append(speech_like(frames, SEED + k))
    return out


def frame_by_frame(clip: MadeUpClip) -> list[FaceParams | None]:
    """What `reconstruct(quality="fast")` finds in each frame, without its skin."""
    out: list[FaceParams | None] = []
    for frame in clip.frames:
        faces = detector().quick.detect(frame.pixels)
        if not faces:
            out.append(None)
            continue
        dense = landmarker().predict(frame.pixels, faces[0])
        try:
            out.append(fit_landmarks(head(), faces[0], clip.info.width, clip.info.height, None, dense).params)
        except FitError:
            out.append(None)
    return out


def _mediapipe(clip: MadeUpClip, found: Followed) -> tuple[MotionScores, float]:
    """MediaPipe's weights on the true head and pose: its scores say neither; and the jitter of its points."""
    worn: list[FaceParams | None] = [None] * len(clip.truth)
    points: list[Array | None] = [None] * len(clip.truth)
    for k, frame in enumerate(found.frames):
        worn[frame] = replace(clip.truth[frame], expression=found.scores[k].astype(np.float32))
        points[frame] = found.seen[k].detection.points[:468, :2]
    kept = [p for p, rest in zip(points, clip.motion.rest, strict=True) if rest and p is not None]
    return score(head(), clip.truth, worn, clip.motion), jitter(as_share(np.stack(kept)), np.ones(len(kept), bool))


def _spread(clip: MadeUpClip, frames: list[int], params: list[FaceParams]) -> list[FaceParams | None]:
    out: list[FaceParams | None] = [None] * len(clip.truth)
    for frame, one in zip(frames, params, strict=True):
        out[frame] = one
    return out


def drawn_rows(count: int, frames: int) -> list[Row]:
    """Scores on drawn clips."""
    table: dict[str, list[MotionScores]] = {name: [] for name in ("live", "file", "unsmoothed", "fast", "MediaPipe")}
    points, times, lost = [], [], 0
    for k, motion in enumerate(motions(count, frames)):
        clip = made_up_clip(head(), motion, SEED + k)
        people = [one.person for one in survey(head(), FaceLook(landmarker), clip)]
        found = follow(clip, people)
        if found is None:
            lost += len(clip.frames)
            continue
        lost += found.lost
        for name, params in (("live", found.live), ("file", found.file), ("unsmoothed", found.raw)):
            table[name].append(score(head(), clip.truth, _spread(clip, found.frames, params), motion))
        table["fast"].append(score(head(), clip.truth, frame_by_frame(clip), motion))
        theirs, jitter_points = _mediapipe(clip, found)
        table["MediaPipe"].append(theirs)
        points.append(jitter_points)
        times.append(_live_time(clip))
    return _told(table, float(np.mean(points)), float(np.median(times)), lost)


def _live_time(clip: MadeUpClip) -> float:
    """Time of a frame of live tracking over that of MediaPipe's networks for points and scores of the same face."""
    found = follow(clip, [], 40, quick=True)
    return float("nan") if found is None else found.spent_s / found.mediapipe_s


def _told(table: dict[str, list[MotionScores]], mediapipe_points: float, time_ratio: float, lost: int) -> list[Row]:
    def mean(name: str, field: str) -> float:
        values = np.array([getattr(one, field) for one in table[name]], np.float64)
        return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")

    rows = [figure("drawn: frames in which the face was lost", lost, "frames")]
    units = {
        "weights": "weight",
        "expression_mm": "mm",
        "vertex_mm": "mm",
        "turn_deg": "°",
        "jitter_points": "% of face",
        "jitter_weights": "weight",
        "lag_frames": "frames",
        "blink_kept": "share",
        "lips_closed": "share",
    }
    for field, unit in units.items():
        for name in table:
            if name == "MediaPipe" and field in ("vertex_mm", "turn_deg", "jitter_points"):
                continue  # it has no head
            rows.append(figure(f"drawn: {field}, {name}", mean(name, field), unit))
    rows.append(figure("drawn: jitter_points, MediaPipe", mediapipe_points, "% of face"))
    for name in ("live", "file"):
        over = mean(name, "jitter_points") / mediapipe_points
        rows.append(figure(f"drawn: jitter at rest over MediaPipe's, {name}", over, "ratio", at_most=TARGET_JITTER))
        over = mean(name, "jitter_weights") / mean("MediaPipe", "jitter_weights")
        rows.append(figure(f"drawn: the same of the weights, {name}", over, "ratio", at_most=TARGET_JITTER))
        behind = float(np.nanmedian([one.lag_frames for one in table[name]]))
        rows.append(figure(f"drawn: median lag of units that move, {name}", behind, "frames", at_most=TARGET_LAG))
        kept = mean(name, "blink_kept")
        rows.append(figure(f"drawn: blink peaks kept, {name}", kept, "share", at_least=TARGET_BLINK))
        over = mean(name, "vertex_mm") / mean("fast", "vertex_mm")
        rows.append(figure(f"drawn: vertex error over frame by frame, {name}", over, "ratio", at_most=TARGET_VERTEX))
    rows.append(figure("drawn: live, time over MediaPipe's networks", time_ratio, "ratio", at_most=TARGET_TIME))
    return rows


def real_clips() -> list[Path]:
    """Real clips of the optional data: some of each kind; none without it."""
    try:
        data = optional_data()
    except FaceGPTError:
        return []
    return [*sorted((data / "clips").glob("*.mp4")), *sorted((data / "clips_grid").glob("*.mpg"))[::5]]


def real_rows(paths: list[Path], frames: int) -> list[Row]:
    """Jitter, lost frames, overlap and landmark error on real clips."""
    values: dict[str, list[float]] = {}
    for path in paths:
        with open_clip(path) as clip:
            people = [one.person for one in survey(head(), FaceLook(landmarker), clip)]
        with open_clip(path) as clip:
            found = follow(clip, people, frames)
        if found is None:
            values.setdefault("lost frames", []).append(1.0)
            continue
        for name, value in _real_scores(found).items():
            values.setdefault(name, []).append(value)
    units = {"lost frames": "share", "box overlap": "IoU"}
    return [figure(f"real: {name}", float(np.mean(v)), units.get(name, "% of face")) for name, v in values.items()]


def _real_scores(found: Followed) -> dict[str, float]:
    """Jitter is the median second difference of the points: real faces move, most of the time slowly."""
    out = {"lost frames": found.lost / (found.lost + len(found.frames))}
    seen = as_share(np.stack([one.detection.points[:468, :2] for one in found.seen]))
    out["jitter, MediaPipe's points"] = _calm_jitter(seen)
    for name, params in (("live", found.live), ("file", found.file)):
        points = [_points(one) for one in params]
        out[f"jitter, {name}"] = _calm_jitter(as_share(np.stack(points)))
    boxes = [(_box(p), one.detection.box) for p, one in zip(points, found.seen, strict=True)]
    out["box overlap"] = float(np.mean([_overlap(*pair) for pair in boxes]))
    apart = [
        np.linalg.norm(p - one.dense.points_px[:468], axis=1).mean() / np.ptp(p, axis=0).max()
        for p, one in zip(points, found.seen, strict=True)
    ]
    out["distance from the dense points"] = 100 * float(np.mean(apart))
    return out


def _points(params: FaceParams) -> Array:
    points = head().embedding("mediapipe478")(head_vertices(head(), params))[:468]
    return params.camera.project(params.pose.apply(points))


def _calm_jitter(points: Array) -> float:
    return float(np.median(np.linalg.norm(np.diff(points, 2, axis=0), axis=-1).mean(1)))


def _box(points: Array) -> Array:
    return np.concatenate([points.min(0), points.max(0)])


def _overlap(one: Array, other: Array) -> float:
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    inner = float(np.prod(np.maximum(high - low, 0)))
    return inner / float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]) - inner)


def evaluate(quick: bool = False) -> Report:
    """Run both parts."""
    count, frames = (QUICK_CLIPS, QUICK_FRAMES) if quick else (CLIPS, FRAMES)
    rows = drawn_rows(count, frames)
    paths = real_clips()[-QUICK_REAL:] if quick else real_clips()
    rows += real_rows(paths, QUICK_REAL_FRAMES if quick else REAL_FRAMES)
    return Report(f"{count} drawn clips of {frames} frames and {len(paths)} real ones", tuple(rows))
