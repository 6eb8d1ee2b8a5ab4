"""`facegpt eval rigid`: rigid motion and expression told apart in clips: does the skull stay still?

The bridge of the nose and the upper forehead move with the skull alone. In real clips (optional data) what shakes there
is noise: heads are heavy, so that over seven frames a point of one moves along a parabola; what is left over is told as
the high-frequency residue, per cent of the face's box. Drawn clips have exact truth, and heads that may jerk: there the
residue is that of the distance from the true points. It is told at rest and while the face moves, too, and a head that
nods with its jaw shows as a share of the jaw's movement that is found in the skull.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.signal import savgol_filter

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import head_vertices
from facegpt.types import Array, FaceParams
from facegpt.video.look import FaceLook
from facegpt.video.reading import open_clip
from facegpt.video.survey import survey
from facegpt_lab.evaluate.clips.cast import motion_of, parts
from facegpt_lab.evaluate.clips.drawn import MadeUpClip, made_up_clip
from facegpt_lab.evaluate.clips.followed import Followed, follow
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.protocols.track import real_clips
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import head, landmarker

#: Points among MediaPipe's 478: the nose's bridge, and the forehead below the hairline.
SKULL = [168, 6, 197, 10, 109, 338]
#: A point of a head moves along a parabola over so many frames.
WINDOW, ORDER = 7, 2
#: Drawn clips and their frames, real clips and theirs; with --quick.
CLIPS, FRAMES, REAL, REAL_FRAMES = 4, 90, 6, 60
QUICK_CLIPS, QUICK_FRAMES, QUICK_REAL = 2, 70, 2
#: Residue that smoothing may leave, share of frame by frame.
MOST_LEFT = 0.5
#: A weight of the jaw that counts as moving, change from the clip's median.
JAW_MOVES = 0.05
METHODS = ("frame by frame", "live", "file")


@dataclass(frozen=True)
class Stillness:
    """Figures of one clip by method; all are per cent of the face's box but `nods`.

    Attributes:
        residue: what no parabola explains of the skull's points, or of their distance from the true ones, RMS.
        rest, moves: distance of the found skull from the true one at rest and while the face moves, or {}.
        nods: movement of the skull up the face with the jaw, share of the jaw's own, or {}.
    """

    residue: dict[str, float]
    rest: dict[str, float]
    moves: dict[str, float]
    nods: dict[str, float]


def _read(told: dict[str, Any] | None) -> Stillness | None:
    return None if told is None else Stillness(**told)


def skull(params: Sequence[FaceParams]) -> Array:
    """Points of the skull (N, K, 2), and the chin as the last of them, pixels."""
    embedding = head().embedding("mediapipe478")
    found = []
    for one in params:
        points = embedding(head_vertices(head(), one))[[*SKULL, 152]]
        found.append(one.camera.project(one.pose.apply(points)))
    return np.stack(found)


def box_px(found: Followed) -> float:
    """The usual size of the face, pixels."""
    return float(np.median([np.ptp(one.detection.points[:468, :2], axis=0).max() for one in found.seen]))


def residue(points: Array) -> float:
    """RMS distance of points (N, K, 2) from the parabolas that they follow over WINDOW frames."""
    left = points - savgol_filter(points, WINDOW, ORDER, axis=0)
    return float(np.sqrt((left**2).sum(-1).mean()))


def by_method(found: Followed) -> dict[str, Sequence[FaceParams]]:
    """What the tracker tells: as measured, filtered and smoothed."""
    return dict(zip(METHODS, (found.raw, found.live, found.file), strict=True))


def real_stillness(job: tuple[str, int]) -> Stillness | None:
    """Follow a real clip for so many frames."""
    path, frames = job
    with open_clip(path) as clip:
        people = [one.person for one in survey(head(), FaceLook(landmarker), clip)]
    with open_clip(path) as clip:
        found = follow(clip, people, frames)
    if found is None or len(found.frames) <= WINDOW:
        return None
    shaken = {name: 100 * residue(skull(one)[:, :-1]) / box_px(found) for name, one in by_method(found).items()}
    seen = np.stack([one.detection.points[SKULL, :2] for one in found.seen])
    shaken["MediaPipe's points"] = 100 * residue(seen) / box_px(found)
    return Stillness(shaken, {}, {}, {})


def drawn_stillness(job: tuple[int, int]) -> Stillness | None:
    """Draw the clip of a number, of so many frames, and follow it."""
    number, frames = job
    part = list(parts(number + 1))[number]
    motion = motion_of(part, frames)
    clip: MadeUpClip = made_up_clip(head(), motion, part.seed, part.filming, part.hand)
    people = [one.person for one in survey(head(), FaceLook(landmarker), clip)]
    found = follow(clip, people)
    if found is None or len(found.frames) <= WINDOW:
        return None
    size = box_px(found)
    truth = skull([clip.truth[k] for k in found.frames])
    calm = np.asarray(motion.rest)[found.frames]
    jaw = np.asarray([clip.truth[k].expression[ARKIT_NAMES.index("jawOpen")] for k in found.frames])
    figures: tuple[dict[str, float], ...] = ({}, {}, {}, {})
    for name, params in by_method(found).items():
        points = skull(params)
        away = points - truth
        figures[0][name] = 100 * residue(away[:, :-1]) / size
        apart = np.linalg.norm(away[:, :-1] - away[:, :-1].mean(0), axis=-1).mean(1)  # where a face is, is not asked
        for told, rows in ((figures[1], calm), (figures[2], ~calm)):
            if rows.any():
                told[name] = 100 * float(apart[rows].mean()) / size
        if np.ptp(jaw) > JAW_MOVES:
            figures[3][name] = nodding(away[:, :-1, 1].mean(1), jaw, truth)
    return Stillness(*figures)


def nodding(away: Array, jaw: Array, truth: Array) -> float:
    """Pixels that the found skull moves down with the jaw, over those that the chin moves away from the true skull."""
    opened = truth[:, -1, 1] - truth[:, :-1, 1].mean(1)
    centred = jaw - jaw.mean()
    chin = float(centred @ (opened - opened.mean()))
    return abs(float(centred @ (away - away.mean()))) / max(abs(chin), 1e-9)


def rows(name: str, clips: Sequence[Stillness]) -> list[Row]:
    """Means over the clips of a kind."""

    def mean(field: str, method: str) -> float:
        told = [getattr(clip, field)[method] for clip in clips if method in getattr(clip, field)]
        return float(np.mean(told)) if told else float("nan")

    table = []
    for field, said, unit in (
        ("residue", "high-frequency residue of the skull", "% of face"),
        ("rest", "distance of the skull from the true one at rest", "% of face"),
        ("moves", "the same while the face moves", "% of face"),
        ("nods", "movement of the skull with the jaw, over the jaw's", "share"),
    ):
        for method in (*METHODS, "MediaPipe's points"):
            value = mean(field, method)
            if np.isfinite(value):
                table.append(figure(f"{name}: {said}, {method}", value, unit))
    over = mean("residue", "file") / mean("residue", "frame by frame")
    return [*table, figure(f"{name}: residue, file over frame by frame", over, "ratio", at_most=MOST_LEFT)]


def evaluate(quick: bool, workers: int | None = None) -> Report:
    """Measure how still the skull of a moving face stays."""
    count, frames = (QUICK_CLIPS, QUICK_FRAMES) if quick else (CLIPS, FRAMES)
    kept: Kept[tuple[int, int], Stillness | None] = Kept("rigid_drawn", _read)
    drawn = in_processes(drawn_stillness, [(k, frames) for k in range(count)], "drawn clips", workers, kept)
    paths = real_clips()
    paths = paths[: QUICK_REAL if quick else REAL]
    jobs = [(str(path), QUICK_FRAMES if quick else REAL_FRAMES) for path in paths]
    kept_real: Kept[tuple[str, int], Stillness | None] = Kept("rigid_real", _read)
    found = in_processes(real_stillness, jobs, "real clips", workers, kept_real)
    table = rows("drawn", [one for one in drawn if one is not None])
    real = [one for one in found if one is not None]
    table += rows("real", real) if real else []
    return Report(f"{count} drawn clips of {frames} frames and {len(real)} real ones", tuple(table))
