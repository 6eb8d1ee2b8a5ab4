"""Photos in motion, for `facegpt eval photo_back`: is the driver's motion read again from the photo, and only there?

A stretch of a real range-of-motion take drives photos of the validation half; MediaPipe's blendshapes, which nothing
here is fitted with, read every picture. Two photos side by side are one photo of two people, each with a driver whose
movements have a rhythm of their own, so that what is mixed up is told apart.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from facegpt.animate.curves import Curves
from facegpt.animate.motion import Motion
from facegpt.animate.motion_files import read_motion
from facegpt.animate.photo import Mover, Pixels, photo_frames
from facegpt.api import FaceGPT
from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import head_vertices
from facegpt.picture.rig import PhotoRig
from facegpt.render.plots import draw_over
from facegpt.types import Array, FaceParams
from facegpt_lab.evaluate.registry import Row, figure, optional_data

#: Frames of the stretch, its rate, and the side of the pictures.
FRAMES, FPS, SIDE_PX = 45, 15.0, 512
#: Units that move by so much in the driver are compared; the reader must know them on true faces (see photo_back).
MOVES = 0.3
#: Lags that are tried, frames.
LAGS = range(-3, 4)
#: Rhythms of two people's jaws and smiles, periods in FRAMES: no two are alike.
RHYTHMS = (
    {"jawOpen": 2, "mouthSmileLeft": 5, "mouthSmileRight": 5},
    {"jawOpen": 3, "mouthSmileLeft": 7, "mouthSmileRight": 7},
)


@dataclass(frozen=True)
class Driven:
    """What a driven photo gave.

    Attributes:
        correlation: per unit. lag: per unit, frames.
        jitter: second differences in units of their range, over the driver's. drawn: the same, read on the drawn head.
        shake: second differences over the driver's, ranges left out.
        seconds: a picture.
    """

    correlation: Array
    lag: Array
    jitter: float
    drawn: float
    shake: float
    seconds: float


def driver() -> Curves:
    """The liveliest stretch of a real take."""
    whole = read_motion(optional_data() / "livelink" / "alex_rom_3.csv", FPS).complete()
    starts = range(0, len(whole) - FRAMES, FRAMES // 3)
    mouth = [k for k, name in enumerate(ARKIT_NAMES) if name.startswith(("jaw", "mouth"))]
    start = max(starts, key=lambda at: float(whole.weights[at : at + FRAMES, mouth].std(0).sum()))
    part = slice(start, start + FRAMES)
    return Curves(ARKIT_NAMES, whole.weights[part], FPS, np.zeros((FRAMES, 3)), whole.gaze[part] * 0)


def driven(model: FaceGPT, pixels: Pixels, face: object, curves: Curves, seen: list[int]) -> Driven:
    """Move a photo by curves and read it again; seen: units that the reader knows."""
    mover = Mover.of(model, pixels, face, SIDE_PX, "curves")  # type: ignore[arg-type]
    start = time.process_time()
    pictures = list(photo_frames([(mover, Motion.of(curves))]))
    seconds = (time.process_time() - start) / len(pictures)
    read = np.array([_scores(model, picture) for picture in pictures])
    motion = Motion.of(curves)
    drawn = [_scores(model, drawn_head(mover.rig, mover.params(motion, k))) for k in range(len(motion))]
    still = [k for k, name in enumerate(ARKIT_NAMES) if name.startswith("eyeLook")]  # the driver's gaze is left out
    units = [k for k in seen if k not in still and np.ptp(curves.weights[:, k]) > MOVES]
    both = [_best_lag(curves.weights[:, k], read[:, k]) for k in units]
    jitter, on_head, own = (_jitter(each, units) for each in (read, np.array(drawn), curves.weights))
    correlation, lag = np.array([c for c, _ in both]), np.array([lag for _, lag in both])
    return Driven(correlation, lag, jitter[1] / own[1], on_head[1] / own[1], jitter[0] / own[0], seconds)


def _jitter(weights: Array, units: Sequence[int]) -> tuple[float, float]:
    """Mean size of the second differences of some columns of weights (T, 52), and the same over their mean range."""
    shake = float(np.abs(np.diff(weights[:, units], 2, axis=0)).mean())
    return shake, shake / float(np.ptp(weights[:, units], axis=0).mean())


def drawn_head(rig: PhotoRig, params: FaceParams) -> Pixels:
    """The head with what it wears, drawn over the photo."""
    mesh = replace(rig.face.mesh, vertices=head_vertices(rig.model, params))
    return draw_over(mesh, params.pose, params.camera, params.lighting, rig.photo, 1.0, rig.face.proxies)


def mixed_up(model: FaceGPT, first: Pixels, second: Pixels) -> tuple[Array, Array]:
    """Two people in one photo: how their readings go with their own driver, and with the other's."""
    side = min(len(first), len(second))
    photo = np.hstack([first[:side, :side], second[:side, :side]])
    faces = sorted(model.reconstruct(photo, quality="fast")[:2], key=lambda face: face.box[0])
    if len(faces) < 2:
        return np.zeros(0), np.zeros(0)
    time_s = np.arange(FRAMES) / FRAMES
    curves = [
        Curves(tuple(rhythm), np.stack([0.35 - 0.35 * np.cos(2 * np.pi * n * time_s) for n in rhythm.values()], 1), FPS)
        for rhythm in RHYTHMS
    ]
    movers = [
        (Mover.of(model, photo, face, 2 * SIDE_PX, "curves"), Motion.of(one.complete()))
        for face, one in zip(faces, curves, strict=True)
    ]
    read = np.array(
        [[_scores(model, picture[:, part]) for part in _halves(picture)] for picture in photo_frames(movers)]
    )
    own, other = [], []
    for person in (0, 1):
        for name in ("jawOpen", "mouthSmileLeft"):
            values = read[:, person, ARKIT_NAMES.index(name)]
            told = [one.all_weights()[:, ARKIT_NAMES.index(name)] for one in curves]
            own.append(_correlation(values, told[person]))
            other.append(_correlation(values, told[1 - person]))
    return np.array(own), np.array(other)


def _halves(picture: Pixels) -> tuple[slice, slice]:
    middle = picture.shape[1] // 2
    return slice(0, middle), slice(middle, None)


def _scores(model: FaceGPT, pixels: Pixels) -> Array:
    found = model.detector.detect(np.ascontiguousarray(pixels))
    return found[0].scores if found else np.full(len(ARKIT_NAMES), np.nan)


def _best_lag(told: Array, read: Array) -> tuple[float, int]:
    """The correlation without lag, and the lag of the reading, in frames, at which it is highest."""
    by_lag = {}
    for lag in LAGS:
        a = told[max(0, -lag) : len(told) - max(0, lag)]
        b = read[max(0, lag) : len(read) - max(0, -lag)]
        by_lag[lag] = _correlation(a, b)
    return by_lag[0], max(by_lag, key=lambda lag: by_lag[lag])


def _correlation(a: Array, b: Array) -> float:
    known = np.isfinite(a) & np.isfinite(b)
    if known.sum() < 5 or a[known].std() < 1e-6 or b[known].std() < 1e-6:
        return 0.0
    return float(np.corrcoef(a[known], b[known])[0, 1])


def rows_of(takes: list[Driven], own: Array, other: Array) -> list[Row]:
    """The figures of driven photos."""
    correlation, lag = (np.concatenate([getattr(one, name) for one in takes]) for name in ("correlation", "lag"))
    rows = [
        figure("driven: reading with driver, median over units", float(np.median(correlation)), "r", at_least=0.8),
        figure("driven: lag, mean of its size", float(np.abs(lag).mean()), "frames", at_most=1),
        figure("driven: jitter over the driver's, median", float(np.median([t.jitter for t in takes])), "", at_most=1),
        figure("driven: the same, read on the drawn head", float(np.median([t.drawn for t in takes])), ""),
        figure(
            "driven: jitter over the driver's, ranges left out",
            float(np.median([t.shake for t in takes])),
            "",
            at_most=1,
        ),
        figure(
            "driven: pictures a second of two cores, 512 px",
            2 / float(np.median([t.seconds for t in takes])),
            "1/s",
            at_least=15,
        ),
    ]
    if len(own):
        rows.append(figure("two people: reading with the own driver, median", float(np.median(own)), "r", at_least=0.8))
        rows.append(figure("two people: with the other's, largest", float(np.abs(other).max()), "r", at_most=0.2))
    return rows
