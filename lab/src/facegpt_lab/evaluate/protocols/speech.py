"""`facegpt eval speech`: mouths made from sound beside the filmed ones, and beside rules and openfacefx.

GRID's clips (optional data) teach nothing: ten people who were neither heard nor seen. Truth is our tracker's mouth.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.animate.speech.live import speak_live
from facegpt.animate.speech.stream import LOOK_AHEAD_S
from facegpt.types import Array
from facegpt_lab.evaluate.clips.spoken import (
    CLOSED_MM,
    WAYS,
    SpokenScores,
    around,
    jitter_mm,
    labials_of,
    mouth_of,
    scored,
)
from facegpt_lab.evaluate.clips.spoken_languages import language_rows
from facegpt_lab.evaluate.clips.spoken_moods import mood_rows
from facegpt_lab.evaluate.clips.spoken_styles import style_rows
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Report, Row, figure, optional_data

#: Every so manieth clip of the one man; clips of the quick version.
_EVERY, _QUICK = 9, 2
_LEAST_CORRELATION, _LEAST_CLOSED, _MOST_LAG, _LEAST_BETTER = 0.75, 0.95, 1.0, 0.2
#: Ways that have the sound alone, and those whose lips they should beat.
_HEARS, _PEERS = ("live", "recorded"), ("rules, recognised", "openfacefx, text known")


@dataclass(frozen=True)
class Tracked:
    """What the tracker saw: times (T,) and expressions (T, 52) as lists."""

    time_s: list[float]
    expression: list[list[float]]


@dataclass(frozen=True, eq=False)
class ClipResult:
    """A clip's scores by each way, and its own jitter and closures as tracked."""

    scores: dict[str, SpokenScores]
    jitter_mm: float
    closed: int


def evaluate(quick: bool, workers: int | None = None) -> Report:
    """Score all ways on GRID's clips; `quick` on two of them."""
    folder = optional_data() / "clips_grid"
    others, man = sorted(folder.glob("other_*.mpg")), sorted(folder.glob("s1_*.mpg"))[::_EVERY]
    clips = [*others, *man][:_QUICK] if quick else [*others, *man]
    kept: Kept[Path, Any] = Kept("speech_tracked", lambda told: Tracked(**told))
    tracked = in_processes(track, clips, "following the clips", workers, kept)
    results = {path: result_of(path, truth) for path, truth in zip(clips, tracked, strict=True)}
    groups = {"nine others": [results[p] for p in clips if p in others]}
    if not quick:
        groups["one man"] = [results[p] for p in clips if p in man]
    rows = [row for name, group in groups.items() for row in rows_of(name, group)]
    people = sum(path in others for path in clips)
    said = f"{len(clips)} clips of GRID ({people} people with one each, {len(clips) - people} of one man); none teaches"
    ahead = figure("sound heard ahead", LOOK_AHEAD_S * 1000, "ms", at_most=100)
    others_rows = (*live_rows(clips[0]), *mood_rows(clips), *language_rows(1 if quick else 8))
    styles = [] if quick else style_rows(workers)
    return Report(said, (*rows, ahead, *others_rows, *styles))


def live_rows(clip: Path) -> list[Row]:
    """A file played as a microphone: how late frames are, and what they cost; what a sound card adds is not in it."""
    import facegpt

    live = speak_live(facegpt.load().mean_face(), clip, lambda *_: None).as_dict()
    return [
        figure("live: behind the microphone, median", live["delay_ms"], "ms", at_most=120),
        figure("live: behind the microphone, 95 %", live["delay_ms_p95"], "ms"),
        figure("live: processor", live["core"], "of a core", at_most=0.25),
    ]


def track(path: Path) -> Tracked:
    """Follow the first face of a clip by `model.track`, fast and without smoothing."""
    import facegpt

    faces = facegpt.load().track(path, quality="fast", smooth="none", hair="none", glasses="none")
    seen = [(float(f.time_s or 0.0), [float(w) for w in f.blendshapes.values()]) for f in faces if not f.track_id]
    return Tracked([time for time, _ in seen], [weights for _, weights in seen])


def result_of(path: Path, tracked: Tracked) -> ClipResult:
    """All scores of one clip."""
    truth = mouth_of(np.array(tracked.time_s), np.array(tracked.expression))
    ways = [way for way in WAYS if find_spec("pocketsphinx") or way in ("live", "recorded")]
    ways = [way for way in ways if find_spec("openfacefx") or not way.startswith("openfacefx")]
    shut = truth.gap_mm < _shut(truth.gap_mm)
    closed = sum(bool(shut[around(truth.time_s, phone)].any()) for phone in labials_of(path))
    return ClipResult({way: scored(path, truth, way) for way in ways}, jitter_mm(truth.gap_mm), closed)


def _shut(gap_mm: Array) -> float:
    """A tracked mouth's own gap when shut: its smallest, and the tolerance."""
    return float(np.percentile(gap_mm, 3)) + 2 * CLOSED_MM


def rows_of(group: str, results: list[ClipResult]) -> list[Row]:
    """Means over clips, a row a figure; only what hears alone has targets."""
    rows: list[Row] = []
    for way in results[0].scores:
        scores = [result.scores[way] for result in results]
        judged: dict[str, Any] = {"at_least": _LEAST_CORRELATION} if way in _HEARS else {}
        shut: dict[str, Any] = {"at_least": _LEAST_CLOSED} if way in _HEARS else {}
        prompt: dict[str, Any] = {"at_most": _MOST_LAG} if way in _HEARS else {}
        calm: dict[str, Any] = {"at_most": _mean([r.jitter_mm for r in results])} if way in _HEARS else {}
        share = sum(s.closed for s in scores) / max(sum(s.labials for s in scores), 1)
        rows += [
            figure(f"{group}: lip gap, {way}", _mean([s.gap for s in scores]), "correlation", **judged),
            figure(f"{group}: jaw, {way}", _mean([s.jaw for s in scores]), "correlation", **judged),
            figure(f"{group}: p b m closed, {way}", share, "share", **shut),
            figure(f"{group}: lag, {way}", float(np.abs([s.lag_frames for s in scores]).mean()), "frames", **prompt),
            figure(f"{group}: worst lip point, {way}", _mean([s.lips_mm for s in scores]), "mm"),
            figure(f"{group}: jitter, {way}", _mean([s.jitter_mm for s in scores]), "mm/frame²", **calm),
        ]
    errors = {way: _mean([result.scores[way].lips_mm for result in results]) for way in results[0].scores}
    rows += [
        figure(
            f"{group}: lips nearer than {peer}", 1 - errors["recorded"] / errors[peer], "share", at_least=_LEAST_BETTER
        )
        for peer in _PEERS
        if peer in errors
    ]
    labials = sum(next(iter(r.scores.values())).labials for r in results)
    closed = sum(r.closed for r in results) / max(labials, 1)
    return [*rows, figure(f"{group}: p b m closed, tracked", closed, "share")]


def _mean(values: list[float]) -> float:
    return float(np.mean(values))
