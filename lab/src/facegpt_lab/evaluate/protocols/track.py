"""`facegpt eval track`: motion found in clips, beside MediaPipe's own and beside photos fitted frame by frame.

Drawn clips have exact truth: random people of our model who speak, blink and pull faces (pieces of a real Live Link
Face take where the optional data is there), with a webcam's noise, blur and compression, with changing light, and with
a hand before the face. Path-traced clips are of ICT's people, whom our model cannot make (optional data and Mitsuba).
Real clips (optional data) have no truth; there jitter, lost frames and the distance of the head from the networks'
points are told. Clips that are done are kept, so that a run which was stopped goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.hair.accessories import Wishes
from facegpt.morphable.base import head_vertices
from facegpt.types import Array, FaceGPTError, FaceParams
from facegpt.video.clip import Clip
from facegpt.video.look import FaceLook
from facegpt.video.people import Person
from facegpt.video.reading import open_clip
from facegpt.video.survey import survey
from facegpt_lab.evaluate.clips.cast import SEED, TEST_TAKE, Part, motion_of, parts
from facegpt_lab.evaluate.clips.curves import Motion
from facegpt_lab.evaluate.clips.drawn import Filming, MadeUpClip, made_up_clip
from facegpt_lab.evaluate.clips.followed import Followed, colours_fitted, follow, frame_by_frame, spread
from facegpt_lab.evaluate.clips.ict import ict_clip, score_heads, score_weights
from facegpt_lab.evaluate.clips.live_chain import live_chain
from facegpt_lab.evaluate.clips.scores import MotionScores, as_share, jitter, score
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Report, Row, figure, optional_data
from facegpt_lab.evaluate.shared_networks import head, landmarker
from facegpt_lab.synthesis.studio.ict_person import IctHead

#: Drawn clips and their frames; path-traced ones; frames of real clips; clips whose time is taken.
CLIPS, FRAMES, QUICK_CLIPS, QUICK_FRAMES = 8, 150, 2, 70
ICT_KINDS, ICT_SEED, ICT_FRAMES = ("speech", "recorded"), 7_500, 110
REAL_FRAMES, QUICK_REAL, QUICK_REAL_FRAMES = 100, 2, 60
TIMED, CHAIN_FRAMES = 3, 120
#: The nose's bridge among the 68 points: no expression moves it, so that what shakes there is the head.
BRIDGE = slice(27, 30)
#: Frames that are fitted by their colours too, of each drawn clip.
COLOURS_EVERY = 10
TARGET_JITTER, TARGET_LAG, TARGET_BLINK, TARGET_VERTEX, TARGET_TIME = 1 / 3, 1.0, 0.9, 0.75, 2.0
TARGET_RATE = 30.0
_UNITS = {
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


@dataclass(frozen=True)
class ClipScores:
    """One clip: its kind, the scores of each method, the jitter of MediaPipe's points, and frames without the face."""

    kind: str
    methods: dict[str, MotionScores]
    points: float
    lost: int


def _read_scores(told: Any) -> ClipScores:
    methods = {name: MotionScores(**one) for name, one in told["methods"].items()}
    return ClipScores(told["kind"], methods, told["points"], told["lost"])


def drawn_scores(job: tuple[Part, int]) -> ClipScores:
    """Draw one clip of so many frames, follow it and score what was found."""
    part, frames = job
    motion = motion_of(part, frames)
    clip = made_up_clip(head(), motion, part.seed, part.filming, part.hand)
    found = follow(clip, _people(clip))
    kind = part.kind + (", hand" if part.hand else "")
    if found is None:
        return ClipScores(kind, {}, float("nan"), frames)
    colours = colours_fitted(clip, COLOURS_EVERY)
    heads = _heads(found, frames) | {"fast": frame_by_frame(clip), "balanced": colours}
    heads["file where balanced"] = [a if b else None for a, b in zip(heads["file"], colours, strict=True)]
    methods = {name: score(head(), clip.truth, one, motion) for name, one in heads.items()}
    methods["MediaPipe"] = _mediapipe(clip, found)
    return ClipScores(kind, methods, _points_jitter(found, motion), found.lost)


def ict_scores(job: tuple[str, int, int]) -> ClipScores:
    """Path trace one clip of a (kind, seed, frames), follow it and score what was found."""
    kind, seed, frames = job
    motion = motion_of(Part(kind, Filming(), False, seed), frames, TEST_TAKE)
    clip = ict_clip(IctHead(optional_data() / "ict_facekit.npz"), motion, seed)
    found = follow(clip, _people(clip))
    if found is None:
        return ClipScores(kind, {}, float("nan"), frames)
    heads = _heads(found, frames) | {"fast": frame_by_frame(clip)}
    methods = {name: score_heads(head(), clip, one) for name, one in heads.items()}
    methods["MediaPipe"] = score_weights(clip, spread(frames, found.frames, list(found.scores)))
    return ClipScores(kind, methods, _points_jitter(found, motion), found.lost)


def _people(clip: Clip) -> list[Person]:
    bare = Wishes("none", "none")  # curves are asked for
    return [one.person for one in survey(head(), FaceLook(landmarker), clip, wishes=bare)]


def _heads(found: Followed, count: int) -> dict[str, list[FaceParams | None]]:
    """What the tracker found in each frame: filtered, smoothed and as measured."""
    told = (("live", found.live), ("file", found.file), ("unsmoothed", found.raw))
    return {name: spread(count, found.frames, params) for name, params in told}


def _mediapipe(clip: MadeUpClip, found: Followed) -> MotionScores:
    """MediaPipe's weights on the true head and pose: its scores say neither."""
    worn = [
        replace(clip.truth[frame], expression=found.scores[k].astype(np.float32))
        for k, frame in enumerate(found.frames)
    ]
    none = float("nan")
    told = score(head(), clip.truth, spread(len(clip.truth), found.frames, worn), clip.motion)
    return replace(told, vertex_mm=none, turn_deg=none, jitter_points=none)


def _points_jitter(found: Followed, motion: Motion) -> float:
    """Jitter at rest of MediaPipe's own points."""
    kept = [found.seen[k].detection.points[:468, :2] for k, frame in enumerate(found.frames) if motion.rest[frame]]
    return jitter(as_share(np.stack(kept)), np.ones(len(kept), bool))


def told_rows(name: str, clips: Sequence[ClipScores]) -> list[Row]:
    """The figures of clips of one sort: means over the clips, and what is asked for."""
    table: dict[str, list[MotionScores]] = {}
    for clip in clips:
        for method, one in clip.methods.items():
            table.setdefault(method, []).append(one)

    def mean(method: str, field: str) -> float:
        values = np.array([getattr(one, field) for one in table[method]], np.float64)
        return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")

    rows = [figure(f"{name}: frames in which the face was lost", sum(clip.lost for clip in clips), "frames")]
    if not table:
        return rows
    for field, unit in _UNITS.items():
        told = [(method, mean(method, field)) for method in table if "balanced" not in method]
        rows += [figure(f"{name}: {field}, {method}", value, unit) for method, value in told if np.isfinite(value)]
    points = float(np.nanmean([clip.points for clip in clips]))
    rows.append(figure(f"{name}: jitter_points, MediaPipe", points, "% of face"))
    for method in ("live", "file"):
        over = mean(method, "jitter_points") / points
        rows.append(figure(f"{name}: jitter at rest over MediaPipe's, {method}", over, "ratio", at_most=TARGET_JITTER))
        over = mean(method, "jitter_weights") / mean("MediaPipe", "jitter_weights")
        rows.append(figure(f"{name}: the same of the weights, {method}", over, "ratio", at_most=TARGET_JITTER))
        behind = float(np.nanmedian([one.lag_frames for one in table[method]]))
        rows.append(figure(f"{name}: median lag of units that move, {method}", behind, "frames", at_most=TARGET_LAG))
        kept = mean(method, "blink_kept")
        rows.append(figure(f"{name}: blink peaks kept, {method}", kept, "share", at_least=TARGET_BLINK))
        least = float(np.nanmin([one.blink_least for one in table[method]]))
        rows.append(figure(f"{name}: kept of the single worst blink, {method}", least, "share"))
        closed = mean(method, "lips_closed")
        rows.append(figure(f"{name}: plosives with lips closed, {method}", closed, "share", at_least=1.0))
        over = mean(method, "vertex_mm") / mean("fast", "vertex_mm")
        rows.append(figure(f"{name}: vertex error over frame by frame, {method}", over, "ratio", at_most=TARGET_VERTEX))
    if "balanced" in table:
        over = mean("file where balanced", "vertex_mm") / mean("balanced", "vertex_mm")
        rows.append(figure(f"{name}: vertex error over frames fitted by their colours, file", over, "ratio"))
    for clip in clips:
        if clip.methods:
            over = clip.methods["file"].vertex_mm / clip.methods["fast"].vertex_mm
            rows.append(figure(f"{name}: vertex error over frame by frame, file, {clip.kind}", over, "ratio"))
    return rows


def time_rows(count: int) -> list[Row]:
    """Time of a frame of live tracking, over that of MediaPipe's networks for points and scores of the same face.

    The tracker's alone, and that of the whole chain from a 640×480 video to a receiver of packets, on two threads.
    """
    ratios, frames = [], []
    for part in parts(count):
        found = follow(made_up_clip(head(), motion_of(part, 60), part.seed), [], live=True)
        if found is not None:
            ratios.append(found.spent_s / found.mediapipe_s)
            frames.append(1000 * found.spent_s)
    chain = live_chain(made_up_clip(head(), motion_of(next(parts(1)), CHAIN_FRAMES), SEED))
    over = chain.spent_s / chain.mediapipe_s
    return [
        figure("live, end to end: frames a second", 1 / chain.spent_s, "frames/s", at_least=TARGET_RATE),
        figure("live, end to end: MediaPipe's networks alone", 1 / chain.mediapipe_s, "frames/s"),
        figure("live, end to end: time over MediaPipe's networks", over, "ratio", at_most=TARGET_TIME),
        figure("live, end to end: frames that a receiver got", chain.received / chain.frames, "share", at_least=1.0),
        figure("live: time of a frame", float(np.median(frames)), "ms"),
        figure("live: time over MediaPipe's networks", float(np.median(ratios)), "ratio", at_most=TARGET_TIME),
    ]


def real_clips() -> list[Path]:
    """Real clips of the optional data: some of each kind; none without it."""
    try:
        data = optional_data()
    except FaceGPTError:
        return []
    return [*sorted((data / "clips").glob("*.mp4")), *sorted((data / "clips_grid").glob("*.mpg"))[::8]]


def real_rows(paths: list[Path], frames: int) -> list[Row]:
    """Jitter, lost frames, overlap and landmark error on real clips."""
    values: dict[str, list[float]] = {}
    for path in paths:
        with open_clip(path) as clip:
            people = _people(clip)
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
    for name, params in (("frame by frame", found.raw), ("live", found.live), ("file", found.file)):
        marks = as_share(np.stack([_points(one, "ibug68") for one in params]))
        shaken = np.linalg.norm(np.diff(marks, 2, axis=0), axis=-1)
        out[f"second difference of 68 points, {name}"] = float(shaken.mean())
        out[f"second difference of the nose's bridge, {name}"] = float(shaken[:, BRIDGE].mean())
    boxes = [(_box(p), one.detection.box) for p, one in zip(points, found.seen, strict=True)]
    out["box overlap"] = float(np.mean([_overlap(*pair) for pair in boxes]))
    apart = [
        np.linalg.norm(p - one.dense.points_px[:468], axis=1).mean() / np.ptp(p, axis=0).max()
        for p, one in zip(points, found.seen, strict=True)
    ]
    out["distance from the dense points"] = 100 * float(np.mean(apart))
    return out


def _points(params: FaceParams, name: str = "mediapipe478") -> Array:
    points = head().embedding(name)(head_vertices(head(), params))[:468]
    return params.camera.project(params.pose.apply(points))


def _calm_jitter(points: Array) -> float:
    return float(np.median(np.linalg.norm(np.diff(points, 2, axis=0), axis=-1).mean(1)))


def _box(points: Array) -> Array:
    return np.concatenate([points.min(0), points.max(0)])


def _overlap(one: Array, other: Array) -> float:
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    inner = float(np.prod(np.maximum(high - low, 0)))
    return inner / float(np.prod(one[2:] - one[:2]) + np.prod(other[2:] - other[:2]) - inner)


def ict_jobs(quick: bool) -> list[tuple[str, int, int]]:
    """The path-traced clips (kind, seed, frames); none without the optional data or Mitsuba, or in a hurry."""
    try:
        there = (optional_data() / "ict_facekit.npz").is_file() and find_spec("mitsuba") is not None
    except FaceGPTError:
        there = False
    return [] if quick or not there else [(kind, ICT_SEED + k, ICT_FRAMES) for k, kind in enumerate(ICT_KINDS)]


def evaluate(quick: bool = False, workers: int | None = None) -> Report:
    """Run all parts."""
    count, frames = (QUICK_CLIPS, QUICK_FRAMES) if quick else (CLIPS, FRAMES)
    rows = time_rows(1 if quick else TIMED)
    kept: Kept[Any, ClipScores] = Kept("track", _read_scores)
    jobs = [(part, frames) for part in parts(count, SEED)]
    rows += told_rows("drawn", in_processes(drawn_scores, jobs, "drawn clips", workers, kept))
    traced = ict_jobs(quick)
    if traced:
        rows += told_rows("path-traced ICT", in_processes(ict_scores, traced, "path-traced clips", workers, kept))
    paths = real_clips()[-QUICK_REAL:] if quick else real_clips()
    rows += real_rows(paths, QUICK_REAL_FRAMES if quick else REAL_FRAMES)
    data = f"{count} drawn clips of {frames} frames, {len(traced)} path-traced and {len(paths)} real ones"
    return Report(data, tuple(rows))
