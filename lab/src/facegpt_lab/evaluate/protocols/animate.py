"""Animated heads followed again: are the asked curves seen in the pictures, and when?

Known curves move heads that nobody trained on as such (samples of the prior with hair), the pictures are drawn as
`Take.video` draws them, and the tracker follows them as it follows any clip. Each unit comes and goes by itself.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

import facegpt
from facegpt.animate.curves import Curves
from facegpt.animate.driver import driving_curves
from facegpt.animate.ease import moved
from facegpt.animate.idle import enlivened
from facegpt.animate.take import Take
from facegpt.conventions import ARKIT_NAMES
from facegpt.face import Face
from facegpt.types import Array, Hair
from facegpt_lab.evaluate.registry import Report, figure

FPS, SIZE = 25.0, 384
#: What moves, one after the other; "*" stands for both sides. The quick version takes the first few.
UNITS = (
    *("jawOpen", "mouthSmile*", "eyeBlink*", "browInnerUp", "browDown*", "mouthPucker", "browOuterUp*", "mouthLeft"),
    *("eyeWide*", "mouthFrown*", "mouthFunnel", "mouthUpperUp*", "mouthLowerDown*", "noseSneer*", "jawRight"),
    *("mouthPress*", "mouthStretch*", "eyeSquint*", "mouthRollLower", "mouthShrugUpper"),
)
QUICK_UNITS, HEADS, QUICK_HEADS = 5, 3, 1
#: Stillness before and behind a movement, and the way there and back, s; how strong it is.
STILL_S, WAY_S, STRENGTH = 0.48, 0.24, 0.8
#: Share of its own peak at which a movement counts as begun.
BEGUN = 0.3
STYLES = ("short", "bob", "cropped", "long")


@dataclass(frozen=True)
class Scores:
    """What was seen again. Each is a list over movements: correlation, onset and peak late by so many frames, leak."""

    correlation: list[float]
    onset: list[float]
    peak: list[float]
    leak: list[float]


def asked_curves(units: tuple[str, ...]) -> tuple[Curves, list[tuple[int, int]]]:
    """Curves in which units come and go one after the other, and the frames [first, last) of each."""
    each_s = 2 * STILL_S + 2 * WAY_S
    count = round(each_s * FPS)
    time_s = np.arange(count * len(units)) / FPS
    weights: Array = np.zeros((len(time_s), len(ARKIT_NAMES)))
    spans = []
    for k, unit in enumerate(units):
        goal = np.zeros(len(ARKIT_NAMES))
        goal[[ARKIT_NAMES.index(name) for name in names_of(unit)]] = STRENGTH
        begin = k * each_s + STILL_S
        weights = moved(weights, time_s, begin, WAY_S, goal)
        weights = moved(weights, time_s, begin + WAY_S, WAY_S, np.zeros(len(ARKIT_NAMES)))
        spans.append((k * count, (k + 1) * count))
    turn = np.stack([8 * np.sin(0.9 * time_s), 5 * np.sin(1.3 * time_s), 4 * np.sin(0.7 * time_s)], 1)
    return Curves(ARKIT_NAMES, weights, FPS, turn), spans


def names_of(unit: str) -> list[str]:
    """The blend shapes that a name with "*" stands for."""
    return [unit.replace("*", side) for side in ("Left", "Right")] if "*" in unit else [unit]


def scores(asked: Array, seen: Array, spans: list[tuple[int, int]], units: tuple[str, ...]) -> Scores:
    """Compare weights (T, 52), movement by movement."""
    out = Scores([], [], [], [])
    for unit, (first, last) in zip(units, spans, strict=True):
        own = [ARKIT_NAMES.index(name) for name in names_of(unit)]
        one, two = asked[first:last, own].mean(1), seen[first:last, own].mean(1)
        two = two - np.median(two[: round(STILL_S * FPS / 2)])
        out.correlation.append(float(np.corrcoef(one, two)[0, 1]) if np.ptp(two) > 0 else 0.0)
        out.onset.append(_begins(two) - _begins(one))
        out.peak.append(_middle(two) - _middle(one))
        others = np.setdiff1d(np.arange(len(ARKIT_NAMES)), own)
        rest = np.median(seen[first : first + round(STILL_S * FPS / 2)], axis=0)
        out.leak.append(float(np.abs(seen[first:last] - rest)[:, others].mean()))
    return out


def _begins(values: Array) -> float:
    """The frame, with its part, at which a curve first reaches BEGUN of its peak."""
    level = BEGUN * float(values.max())
    k = int(np.argmax(values >= level))
    return k - 1 + float((level - values[k - 1]) / max(values[k] - values[k - 1], 1e-9)) if k else 0.0


def _middle(values: Array) -> float:
    """The middle frame of what is above half of the peak."""
    high = np.maximum(values - 0.5 * values.max(), 0)
    return float((high * np.arange(len(values))).sum() / max(high.sum(), 1e-9))


def evaluate(quick: bool, output: Path | None = None) -> Report:
    """Animate heads with known curves and follow the pictures.

    output: a folder that keeps the pictures of each head.
    """
    model = facegpt.load()
    units, heads = (UNITS[:QUICK_UNITS], QUICK_HEADS) if quick else (UNITS, HEADS)
    asked, spans = asked_curves(units)
    found: list[Scores] = []
    turned: list[float] = []
    for seed in range(heads):
        take = Take(_head(model, seed), asked)
        seen = _followed(model, take, None if output is None else output / f"head_{seed}")
        count = min(len(seen), len(asked))
        found.append(scores(asked.weights[:count], seen.all_weights()[:count], spans, units))
        turned += [float(np.corrcoef(asked.turns[:count, k], seen.turns[:count, k])[0, 1]) for k in range(3)]
    pooled = [
        np.concatenate([getattr(each, name) for each in found]) for name in ("correlation", "onset", "peak", "leak")
    ]
    by_unit = pooled[0].reshape(heads, len(units)).mean(0)
    rows = [
        figure("correlation with the asked curve, median", float(np.median(pooled[0])), "", at_least=0.8),
        figure(
            "movements with a correlation of 0.8 and more", 100 * float((pooled[0] >= 0.8).mean()), "%", at_least=80.0
        ),
        figure("onset, median of the error", float(np.median(np.abs(pooled[1]))), "frames", at_most=1.0),
        figure("peak, median of the error", float(np.median(np.abs(pooled[2]))), "frames", at_most=1.0),
        figure(
            "onset and peak within a frame",
            100 * float(((np.abs(pooled[1]) <= 1) & (np.abs(pooled[2]) <= 1)).mean()),
            "%",
        ),
        figure("other units move by, mean", float(pooled[3].mean()), "weight", at_most=0.1),
        figure("turns of the head, least correlation", min(turned), "", at_least=0.9),
    ]
    rows += [figure(f"correlation of {unit}", float(value), "") for unit, value in zip(units, by_unit, strict=True)]
    alive = enlivened(Curves(ARKIT_NAMES, np.zeros((15_000, 52)), FPS), 0)
    shut = alive.weights[:, ARKIT_NAMES.index("eyeBlinkLeft")] > 0.3
    rows.append(figure("blinks a minute at rest", float((shut[1:] & ~shut[:-1]).sum()) / 10, ""))
    data = f"{heads} heads of the prior, {len(units)} movements each, drawn at {SIZE} px and followed as a clip"
    return Report(data, tuple(rows))


def _head(model: facegpt.FaceGPT, seed: int) -> Face:
    """A random person with hair."""
    face = model.mean_face()
    random = np.random.default_rng(seed)
    identity = model.head.sample(1, seed)[0]  # type: ignore[attr-defined]
    albedo = random.normal(0, 0.7, model.head.sizes.albedo).astype(np.float32)
    hair = Hair(STYLES[seed % len(STYLES)])
    return replace(face, params=face.params.replace(identity=identity, albedo=albedo, hair=hair))


def _followed(model: facegpt.FaceGPT, take: Take, keep: Path | None) -> Curves:
    """The curves of a take by its pictures alone."""
    with TemporaryDirectory() as place:
        folder = keep or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        for k, picture in enumerate(take.pictures(SIZE)):
            data = io.BytesIO()
            Image.fromarray(picture).save(data, "PNG", compress_level=1)
            (folder / f"{k:05d}.png").write_bytes(data.getvalue())
        return driving_curves(model, str(folder), take.fps)[0]
