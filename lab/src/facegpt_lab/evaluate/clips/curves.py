"""Motion whose truth is known: a face that rests, speaks, blinks and pulls faces, on a head that turns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES

Floats = NDArray[np.float64]

FPS = 30.0
#: Units of both lips and of both eyes that the made-up motion uses.
_INDEX = {name: k for k, name in enumerate(ARKIT_NAMES)}


@dataclass(frozen=True)
class Motion:
    """Curves of one person.

    Attributes:
        expression: (N, 52) weights. turn_deg: (N, 3) yaw, pitch, roll. gaze_deg: (N, 2) side, up, of both eyes.
        rest: (N,) frames in which nothing moves. blinks: middles of the blinks. closures: middles of the plosives.
    """

    expression: Floats
    turn_deg: Floats
    gaze_deg: Floats
    rest: NDArray[np.bool_]
    blinks: tuple[int, ...]
    closures: tuple[int, ...]


def speech_like(frames: int, seed: int, rest: int = 40) -> Motion:
    """Rest, then some four syllables a second with lips that close on plosives, blinks, brows and a swaying head."""
    random = np.random.default_rng(seed)
    curves = np.zeros((frames, len(ARKIT_NAMES)))
    time = np.arange(frames)
    active = np.clip((time - rest) / 6.0, 0, 1)
    jaw = np.zeros(frames)
    closures = []
    at = rest + 4
    while at < frames - 4:
        length = int(random.integers(5, 10))
        jaw += random.uniform(0.15, 0.5) * np.exp(-0.5 * ((time - at) / (length / 3.2)) ** 2)
        if random.random() < 0.4 and at + length < frames - 6:
            closures.append(at + length // 2 + 1)
        at += length
    jaw = np.clip(jaw + 0.04, 0, 0.8) * active
    close = np.zeros(frames)
    for middle in closures:  # the lips meet for about 80 ms while the jaw stays where it is
        close = np.maximum(close, np.clip(1.6 - np.abs(time - middle) / 1.6, 0, 1))
    curves[:, _INDEX["jawOpen"]] = jaw
    curves[:, _INDEX["mouthClose"]] = jaw * close
    for name, most, speed in (("mouthFunnel", 0.4, 9), ("mouthPucker", 0.4, 11), ("browInnerUp", 0.6, 25)):
        curves[:, _INDEX[name]] = _wander(frames, speed, random, most) * active
    for pair, most, speed in (("mouthSmile", 0.6, 30), ("browOuterUp", 0.4, 25), ("mouthStretch", 0.3, 12)):
        both = _wander(frames, speed, random, most) * active
        for side in ("Left", "Right"):
            curves[:, _INDEX[pair + side]] = both * random.uniform(0.8, 1.0)
    lips = [k for name, k in _INDEX.items() if name.startswith("mouth") and name != "mouthClose"]
    curves[:, lips] *= (1 - 0.9 * np.minimum(close, 1.0))[:, None]  # spread or funnelled lips would not meet
    blinks = tuple(int(b) for b in np.arange(rest + 8, frames - 8, 27) + random.integers(0, 5))
    _add_blinks(curves, blinks)
    turn = np.stack([_wander(frames, 35, random, 2.0) - 1.0 for _ in range(3)], 1) * active[:, None] * (12.0, 7.0, 5.0)
    gaze = np.stack([np.round(_wander(frames, 14, random, 2.0) - 1.0, 1) for _ in range(2)], 1) * (12.0, 6.0)
    return Motion(curves, turn, gaze * active[:, None], time < rest, blinks, tuple(closures))


def recorded(path: Path, frames: int, start: int, seed: int, rest: int = 40) -> Motion:
    """A piece of a Live Link Face take (30 frames a second) after a rest in its first frame, with a swaying head."""
    from facegpt.export.livelink_csv import read_livelink

    take = read_livelink(path)
    rows = np.clip(start + np.arange(frames - rest), 0, len(take.expression) - 1)
    rows = np.concatenate([np.full(rest, rows[0]), rows])
    curves = np.clip(take.expression[rows], 0, 1)
    looks = [k for name, k in _INDEX.items() if name.startswith("eyeLook") or name == "tongueOut"]
    curves[:, looks] = 0.0
    curves[:, _INDEX["mouthClose"]] = np.minimum(curves[:, _INDEX["mouthClose"]], curves[:, _INDEX["jawOpen"]])
    random, active = np.random.default_rng(seed), np.clip((np.arange(frames) - rest) / 10.0, 0, 1)
    turn = np.stack([_wander(frames, 35, random, 2.0) - 1.0 for _ in range(3)], 1) * active[:, None] * (15.0, 8.0, 6.0)
    lids = curves[:, [_INDEX["eyeBlinkLeft"], _INDEX["eyeBlinkRight"]]].min(1)
    return Motion(curves, turn, np.zeros((frames, 2)), np.arange(frames) < rest, _peaks(lids, rest), ())


def extreme(frames: int, seed: int, rest: int = 40) -> Motion:
    """Rest, then faces pulled one after the other, one-sided ones too, each held a moment, on a head that turns far."""
    random = np.random.default_rng(seed)
    curves, time = np.zeros((frames, len(ARKIT_NAMES))), np.arange(frames)
    begins = list(range(rest, frames, 18))
    for begin in begins:
        held = np.clip(np.minimum(time - begin, begin + 20 - time) / 6.0, 0, 1)
        for name, weight in _pulled_face(random).items():
            curves[:, _INDEX[name]] = np.maximum(curves[:, _INDEX[name]], weight * (0.5 - 0.5 * np.cos(np.pi * held)))
    blinks = tuple(int(b) for b in np.arange(rest + 10, frames - 8, 36))
    _add_blinks(curves, blinks)
    active = np.clip((time - rest) / 10.0, 0, 1)[:, None]
    turn = np.stack([_wander(frames, 24, random, 2.0) - 1.0 for _ in range(3)], 1) * active * (32.0, 16.0, 14.0)
    return Motion(curves, turn, np.zeros((frames, 2)), time < rest, blinks, ())


def _pulled_face(random: np.random.Generator) -> dict[str, float]:
    """Strong weights of a few units that go together."""
    kinds = (
        ("jawOpen", "mouthStretchLeft", "mouthStretchRight", "browInnerUp"),
        ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "mouthUpperUpLeft", "mouthUpperUpRight"),
        ("mouthLeft", "jawLeft", "noseSneerLeft"),
        ("mouthRight", "jawRight", "noseSneerRight"),
        ("mouthPucker", "browDownLeft", "browDownRight"),
        ("mouthFunnel", "jawOpen", "browOuterUpLeft", "browOuterUpRight"),
        ("mouthFrownLeft", "mouthFrownRight", "browInnerUp", "mouthShrugLower"),
        ("mouthSmileLeft", "mouthDimpleLeft", "browOuterUpLeft", "eyeSquintLeft"),
        ("mouthSmileRight", "mouthDimpleRight", "browOuterUpRight", "eyeSquintRight"),
        ("mouthRollLower", "mouthRollUpper", "browDownLeft", "browDownRight"),
    )
    return {name: float(random.uniform(0.5, 1.0)) for name in kinds[random.integers(len(kinds))]}


def _add_blinks(curves: Floats, blinks: tuple[int, ...]) -> None:
    """Blinks of some 170 ms: two frames down, three up."""
    shape = {-2: 0.3, -1: 0.85, 0: 1.0, 1: 0.7, 2: 0.35, 3: 0.1}
    for middle in blinks:
        for offset, weight in shape.items():
            if 0 <= middle + offset < len(curves):
                for side in ("Left", "Right"):
                    curves[middle + offset, _INDEX["eyeBlink" + side]] = weight


def _wander(frames: int, speed: float, random: np.random.Generator, most: float) -> Floats:
    """A smooth curve within 0..most that changes in about `speed` frames."""
    knots = random.uniform(0, 1, int(frames / speed) + 4)
    at = np.arange(frames) / speed
    low = at.astype(int)
    share = 0.5 - 0.5 * np.cos(np.pi * (at - low))
    return most * (knots[low] * (1 - share) + knots[low + 1] * share)


def _peaks(curve: Floats, first: int, least: float = 0.6, reach: int = 4) -> tuple[int, ...]:
    """Frames in which a curve is highest around, is high, and has been half as high shortly before."""
    found = []
    for k in range(first + reach, len(curve) - reach):
        around = curve[k - reach : k + reach + 1]
        if curve[k] >= least and curve[k] == around.max() and around[0] < 0.5 * curve[k]:
            found.append(k)
    return tuple(k for i, k in enumerate(found) if i == 0 or k - found[i - 1] > reach)
