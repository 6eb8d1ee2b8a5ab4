"""What may be asked of a photo's face besides words: units, action units, a turn, a gaze."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from facegpt.analyze.action_units import units_of
from facegpt.conventions import ARKIT_NAMES
from facegpt.types import FaceGPTError, FaceParams

#: Turns that are drawn without a word (yaw, pitch), with a warning, with a strong one, and at most; degrees.
EASY_DEG, HARD_DEG, MOST_DEG = (15.0, 10.0), (20.0, 15.0), 25.0

#: Units of which a picture shows less than their weight says, by a reader and to the eye, and by how much more they are
#: drawn. Read at weights of 1, 1.6 and 2.4 (MediaPipe, 3 photos of the training half): browInnerUp .18, .36, .58;
#: browDown .11, .25, .34; eyeSquint .07, .16, .24. Smiles of .8, 1.2 and 1.6 (6 of them, of at most .97 on any photo):
#: .49, .78, .90. Drawn farther frowns become grimaces, and lids of wide eyes tear.
SHOWN = {
    "browDown": 1.6, "browInnerUp": 1.8, "browOuterUp": 1.6, "eyeSquint": 1.8, "eyeWide": 1.5, "mouthFrown": 1.6,
    "mouthFunnel": 1.4, "mouthPucker": 1.5, "mouthSmile": 1.4, "mouthStretch": 1.6, "mouthUpperUp": 1.5,
}  # fmt: skip
#: Units that raise the same brow: asked for together, this share of what each is drawn farther is.
RAISES, TOGETHER = ("browInnerUp", "browOuterUp"), 0.7


@dataclass(frozen=True)
class PhotoWishes:
    """Changes of one face in a photo; what is not asked for stays as photographed.

    Attributes:
        units: ARKit names and the weights 0..1 that they get. action_units: numbers of FACS, with "L" or "R" in front
            for one side, and their strength 0..1. Both are absolute, not added.
        turn_deg: (yaw, pitch) by which the head turns: yaw towards the subject's left, pitch downwards.
        gaze_deg: (side, up) of the eyes from straight ahead in the head; "camera" for the camera.
        expression: (52,) weights that take the place of the photo's, or None.
        paint: a picture of the head's texture with another skin, as `facegpt track --retexture` takes it, or None.
    """

    units: dict[str, float] = field(default_factory=dict)
    action_units: dict[str, float] = field(default_factory=dict)
    turn_deg: tuple[float, float] | None = None
    gaze: tuple[float, float] | str | None = None
    expression: tuple[float, ...] | None = None
    paint: Path | None = None

    @property
    def weights(self) -> dict[str, float]:
        """The weights that units and action units ask for, by ARKit name.

        Raises:
            FaceGPTError: for a unit that there is not, or a weight outside 0..1.
        """
        asked: dict[str, float] = {}
        for name, value in self.action_units.items():
            asked |= dict.fromkeys(arkit_of(name), value)
        for name, value in self.units.items():
            if name not in ARKIT_NAMES:
                raise FaceGPTError(f"'{name}' is none of the 52 ARKit names, such as jawOpen or mouthSmileLeft")
            asked[name] = value
        for name, value in asked.items():
            if not (np.isfinite(value) and 0 <= value <= 1):
                raise FaceGPTError(f"weights are 0 to 1, not {value:g} ({name})")
        return asked


def as_shown(params: FaceParams, weights: dict[str, float]) -> FaceParams:
    """Parameters with units as they are drawn for the weights 0..1 that are asked for; some are drawn above 1."""
    expression = np.array(params.expression, np.float32)
    whole_brows = sum(any(name.startswith(start) for name in weights) for start in RAISES) == len(RAISES)
    for name, value in weights.items():
        gain = next((gain for start, gain in SHOWN.items() if name.startswith(start)), 1.0)
        if whole_brows and name.startswith(RAISES):
            gain = 1 + TOGETHER * (gain - 1)
        expression[ARKIT_NAMES.index(name)] = gain * value
    return params.replace(expression=expression)


@lru_cache(maxsize=1)
def _units_of_action() -> dict[int, tuple[str, ...]]:
    table: dict[int, tuple[str, ...]] = {}
    for name, unit in units_of().items():
        number = int(unit.removeprefix("AU"))
        table[number] = (*table.get(number, ()), name)
    return table


def arkit_of(action_unit: str) -> tuple[str, ...]:
    """The ARKit units of an action unit: "12" gives both sides of the smile, "L12" the subject's left.

    Raises:
        FaceGPTError: if no unit of the head stands for it.
    """
    side, number = (
        (action_unit[0].upper(), action_unit[1:]) if action_unit[:1].upper() in ("L", "R") else ("", action_unit)
    )
    table = _units_of_action()
    names = table.get(int(number), ()) if number.isdigit() else ()
    if not names:
        known = ", ".join(str(each) for each in sorted(table))
        raise FaceGPTError(f"there is no action unit '{action_unit}' on this head; there are {known}")
    ending = {"L": "Left", "R": "Right"}.get(side)
    chosen = tuple(name for name in names if ending is None or name.endswith(ending))
    return chosen or names


def read_weights(text: str) -> dict[str, float]:
    """Read "jawOpen=.4,browInnerUp=.6" or "1=.6,L12=.4". Raises ValueError for anything else."""
    found = {}
    for item in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"'{item}' is not NAME=WEIGHT")
        found[name.strip()] = float(value)
    if not found:
        raise ValueError("nothing is set")
    return found


def read_pair(text: str) -> tuple[float, float]:
    """Read "12,-5". Raises ValueError for anything else."""
    first, second = (float(piece) for piece in text.split(","))
    if not np.isfinite([first, second]).all():
        raise ValueError("not finite")
    return first, second


def check_turn(yaw_deg: float, pitch_deg: float) -> str | None:
    """What is to be said about a turn of a photo's head: None where it is small, else a warning, the larger the louder.

    Raises:
        FaceGPTError: if it is more than a photo bears.
    """
    if max(abs(yaw_deg), abs(pitch_deg)) > MOST_DEG:
        raise FaceGPTError(
            f"a photo's head can be turned by {MOST_DEG:g}° at most, not by {yaw_deg:g}° and {pitch_deg:g}°: "
            "beyond, most of what would be seen is not in the photo. The head alone turns as far as you like"
        )
    if abs(yaw_deg) > HARD_DEG[0] or abs(pitch_deg) > HARD_DEG[1]:
        return (
            f"a turn by {yaw_deg:g}° and {pitch_deg:g}° will look wrong: nose, far cheek, ears and hair come out bent "
            f"or smeared, and the person may not be recognised. Up to {EASY_DEG[0]:g}° and {EASY_DEG[1]:g}° look "
            "right; the head alone, without its photo, turns as far as you like"
        )
    if abs(yaw_deg) > EASY_DEG[0] or abs(pitch_deg) > EASY_DEG[1]:
        return (
            f"a turn by {yaw_deg:g}° and {pitch_deg:g}° shows much that the photo hides: hair and ears may look "
            f"smeared (within {EASY_DEG[0]:g}° and {EASY_DEG[1]:g}° they do not)"
        )
    return None
