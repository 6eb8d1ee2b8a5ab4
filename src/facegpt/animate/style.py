"""How one person speaks, in a few figures from some seconds of a clip, and any speech in that person's way.

What is measured: how far each group of units goes, which side of the face goes further, how often the eyes blink and
how much the head moves. Short clips say little: every figure is drawn to the usual one by its evidence.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from facegpt.animate.curves import Curves
from facegpt.animate.driver import FollowingModel, driving_curves, from_rest
from facegpt.animate.idle import Idle
from facegpt.animate.subject import is_clip
from facegpt.conventions import ARKIT_NAMES
from facegpt.runtime.atomic_files import write_text
from facegpt.types import Array, FaceGPTError

FORMAT, VERSION, FILE = "facegpt-style", 1, "style.json"
#: Units that go together, by the beginnings of their names; what closes the lips goes with the jaw that it takes back.
GROUPS = {
    "jaw": ("jawOpen", "mouthClose"),
    "round": ("mouthPucker", "mouthFunnel"),
    "spread": ("mouthSmile", "mouthStretch", "mouthDimple"),
    "lips": ("mouthUpperUp", "mouthLowerDown"),
    "brows": ("browInnerUp", "browOuterUp"),
}
#: The weight that a group reaches in this share of the frames is its range; what is added to both ranges of a ratio;
#: bounds of the ratio.
RANGE_SHARE, LEAST_RANGE, GAINS = 0.95, 0.06, (0.3, 3.0)
#: Bound of how much further one side goes than the other, log units; weights below this say nothing of it.
MOST_LOPSIDED, LEAST_SIDED = 0.7, 0.03
#: A blink is above this; how many seconds of the usual rate a clip's own blinks are weighed against.
BLINK_FROM, USUAL_SECONDS = 0.45, 4.0
#: Bounds of the time between blinks, s, and of the head's motion, in times of the usual one.
BLINK_S, SWAY = (0.8, 12.0), (0.3, 3.0)
#: Motion of the head slower than this is where somebody looks, s.
SLOW_S = 3.0
#: A style is not measured in less than this, s.
LEAST_S = 3.0
_BLINKS = [ARKIT_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right")]


@dataclass(frozen=True)
class Style:
    """One person's way of speaking.

    Attributes:
        seconds: of the clip. ranges: group → weight that it reaches in 1 - RANGE_SHARE of the frames.
        left: group → log of how much further the left side goes than the right. blink_every_s: mean time between
            blinks. sway_deg: SD of yaw, pitch and roll.
    """

    seconds: float
    ranges: dict[str, float] = field(default_factory=dict)
    left: dict[str, float] = field(default_factory=dict)
    blink_every_s: float = 2.3
    sway_deg: tuple[float, float, float] = (2.0, 1.6, 1.2)

    def write(self, path: Path) -> Path:
        """Write it as JSON. Raises FaceGPTError if it cannot be written."""
        return write_text(path, json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, indent=2) + "\n")


def style_of(curves: Curves, usual: Idle) -> Style:
    """The style of one person's speech, told from their rest.

    Args:
        curves: of a clip, as followed.
        usual: how lively people are whose clips say nothing.

    Raises:
        FaceGPTError: if the clip is too short.
    """
    seconds = len(curves) / curves.fps
    if seconds < LEAST_S:
        raise FaceGPTError(f"{seconds:.1f} s say too little of a person's way to speak; give a clip of 10 s or more")
    whole = from_rest(curves)
    ranges = {name: _range(whole.weights, name) for name in GROUPS}
    left = {name: _left(whole.weights, name) for name in GROUPS}
    shut = whole.weights[:, _BLINKS].mean(1)
    count = len(find_peaks(shut, height=BLINK_FROM, distance=max(round(0.15 * curves.fps), 1))[0])
    every_s = (seconds + USUAL_SECONDS) / (count + USUAL_SECONDS / usual.blink_every_s)
    moved = whole.turns - gaussian_filter1d(whole.turns, SLOW_S * curves.fps, axis=0)
    share = seconds / (seconds + USUAL_SECONDS)
    sway = np.asarray(usual.sway_deg)
    sway = sway * np.clip(moved.std(0) / sway, *SWAY) ** share
    deg = (round(float(sway[0]), 3), round(float(sway[1]), 3), round(float(sway[2]), 3))
    return Style(round(seconds, 2), ranges, left, round(float(np.clip(every_s, *BLINK_S)), 3), deg)


def idle_of(style: Style, usual: Idle) -> Idle:
    """How lively the person is beside the mouth."""
    return replace(usual, blink_every_s=style.blink_every_s, sway_deg=style.sway_deg, longest_s=4 * style.blink_every_s)


def in_style(curves: Curves, style: Style, usual: Idle | None = None) -> Curves:
    """The same speech with the person's ranges and sides; what is shut stays shut.

    A group is scaled to the person's range in the measure in which this speech uses it. Turns (the nods of speech) are
    scaled as the person's head moves beside the usual one, where that is given.
    """
    whole = curves.complete()
    weights = whole.weights.copy()
    share = style.seconds / (style.seconds + USUAL_SECONDS)
    for name in GROUPS:
        gain = (style.ranges.get(name, 0.0) + LEAST_RANGE) / (_range(weights, name) + LEAST_RANGE)
        lopsided = float(np.clip(style.left.get(name, 0.0), -MOST_LOPSIDED, MOST_LOPSIDED)) * share
        for column in _columns(name):
            ends = ARKIT_NAMES[column].endswith
            side = 0.5 if ends("Left") else -0.5 if ends("Right") else 0.0
            weights[:, column] *= float(np.clip(gain, *GAINS)) ** share * np.exp(side * lopsided)
    turns = whole.turns if usual is None else whole.turns * np.divide(style.sway_deg, usual.sway_deg)
    return replace(whole, weights=np.clip(weights, 0.0, 1.0), turn_deg=turns)


def style_from(model: FollowingModel, source: Style | str | os.PathLike[str], usual: Idle) -> Style:
    """A style as it is given: itself, a style.json or a folder with one, or a clip of the person who is seen most.

    Raises:
        FaceGPTError: if it is none of these, damaged, or too short.
    """
    if isinstance(source, Style):
        return source
    path = Path(source)
    if is_clip(path):
        return style_of(driving_curves(model, str(path))[0], usual)
    return read_style(path / FILE if path.is_dir() else path)


def read_style(path: Path) -> Style:
    """What `Style.write` wrote. Raises FaceGPTError if it cannot be read."""
    if not path.is_file():
        raise FaceGPTError(f"there is no style '{path}'; give a clip of the person, or a {FILE} of personalize --style")
    try:
        told: Any = json.loads(path.read_text("utf-8"))
        if told.pop("format") != FORMAT or told.pop("version") != VERSION:
            raise ValueError(f"its format is not {FORMAT} {VERSION}")
        style = Style(**{**told, "sway_deg": tuple(map(float, told["sway_deg"]))})
        figures = [style.seconds, *style.ranges.values(), *style.left.values(), style.blink_every_s, *style.sway_deg]
        if len(style.sway_deg) != 3 or not np.isfinite(figures).all() or style.blink_every_s <= 0:
            raise ValueError("a figure is missing or no number")
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise FaceGPTError(f"'{path}' is no style, or damaged ({error}); make it again from the clip") from None
    return style


def _columns(group: str) -> list[int]:
    return [k for k, name in enumerate(ARKIT_NAMES) if name.startswith(GROUPS[group])]


def _range(weights: Array, group: str) -> float:
    """The weight (of the group's unit that goes furthest) that is reached in few frames."""
    strongest = weights[:, [k for k in _columns(group) if ARKIT_NAMES[k] != "mouthClose"]].max(1)
    return round(float(np.quantile(strongest, RANGE_SHARE)), 4) if len(strongest) else 0.0


def _left(weights: Array, group: str) -> float:
    """How much further the left side goes, log units; 0 where little is seen."""
    left, right = (weights[:, [k for k in _columns(group) if ARKIT_NAMES[k].endswith(s)]] for s in ("Left", "Right"))
    if not left.shape[1] or not len(left):
        return 0.0
    used = np.maximum(left, right).max(1) > LEAST_SIDED
    if not used.any():
        return 0.0
    one, other = (float(each[used].mean()) + 0.01 for each in (left, right))
    return round(float(np.clip(np.log(one / other), -MOST_LOPSIDED, MOST_LOPSIDED)), 4)
