"""How emotions show in ARKit blendshapes: action units (emotion_units.py) as weights, and what strong ones add.

How strongly each blendshape stands for its unit is chosen by eye on the default head, so that the face reads clearly
and stays human. Left and right are the subject's; "*" in a name stands for both.
"""

from __future__ import annotations

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_prototypes import CHANNELS
from facegpt.describe.emotion_units import emotion_units

#: Action unit → blendshapes with their weight when the unit is fully there ("*" stands for Left and Right).
UNIT_BLENDSHAPES: dict[int, dict[str, float]] = {
    1: {"browInnerUp": 0.95},
    2: {"browOuterUp*": 0.9},
    4: {"browDown*": 1.0},
    5: {"eyeWide*": 0.9},
    6: {"cheekSquint*": 0.9, "eyeSquint*": 0.3},
    7: {"eyeSquint*": 0.85},
    9: {"noseSneer*": 0.95},
    10: {"mouthUpperUp*": 0.75},
    11: {"noseSneer*": 0.2},
    12: {"mouthSmile*": 0.95},
    14: {"mouthDimple*": 0.9},
    15: {"mouthFrown*": 0.95},
    16: {"mouthLowerDown*": 0.55},
    17: {"mouthShrugLower": 0.85, "mouthShrugUpper": 0.35},
    20: {"mouthStretch*": 0.9},
    23: {"mouthPress*": 0.6, "mouthRollLower": 0.25, "mouthRollUpper": 0.2},
    24: {"mouthPress*": 0.9},
    25: {"jawOpen": 0.14, "mouthLowerDown*": 0.2},
    26: {"jawOpen": 0.55},
}
#: Inner brows go up and both brows down at once in sadness and fear: then the lowering gives way by this factor.
LOWERED_WHILE_RAISED = 0.8
#: Lids cannot be wide and tight at once: beside a tightened lid (7) the raised one (5) gives way by this factor.
WIDE_WHILE_TIGHT = 0.45
#: The blendshape that shows each unit.
SHOWN_BY = {unit: stem if stem in ARKIT_NAMES else f"{stem}*" for units, stem in CHANNELS for unit in units}
#: What a strong emotion adds to its units, weights at full intensity; of several ways each person has one. Mouths open
#: and teeth show (anger bares or clenches them: Ekman 2003), cheeks and nose join in. It sets in above STRONG_FROM.
STRONG: dict[str, tuple[dict[str, float], ...]] = {
    "happiness": (
        {"mouthUpperUp*": 0.3, "mouthLowerDown*": 0.35, "jawOpen": 0.24, "mouthSmile*": 0.95, "cheekSquint*": 1.0}
        | {"eyeSquint*": 0.35},
        {"mouthUpperUp*": 0.25, "mouthLowerDown*": 0.45, "jawOpen": 0.45, "mouthSmile*": 0.95, "cheekSquint*": 1.0}
        | {"eyeSquint*": 0.4},
    ),
    "sadness": (
        {"browInnerUp": 1.0, "mouthFrown*": 1.0, "mouthShrugLower": 1.0, "mouthShrugUpper": 0.5, "eyeSquint*": 0.5}
        | {"cheekSquint*": 0.5, "mouthStretch*": 0.25, "browDown*": 0.9},
        {"browInnerUp": 1.0, "mouthFrown*": 1.0, "mouthShrugLower": 0.7, "eyeSquint*": 0.6, "cheekSquint*": 0.6}
        | {"mouthStretch*": 0.45, "mouthLowerDown*": 0.45, "jawOpen": 0.14, "browDown*": 0.9},
    ),
    "surprise": ({"browInnerUp": 1.0, "browOuterUp*": 1.0, "eyeWide*": 0.85, "jawOpen": 0.8, "mouthFunnel": 0.15},),
    "fear": (
        {"browInnerUp": 1.0, "eyeWide*": 1.0, "mouthStretch*": 1.0, "jawOpen": 0.62, "mouthLowerDown*": 0.4},
        {"browInnerUp": 1.0, "eyeWide*": 1.0, "mouthStretch*": 1.0, "jawOpen": 0.5, "mouthLowerDown*": 0.55}
        | {"mouthUpperUp*": 0.3},
    ),
    "anger": (
        {"mouthPress*": 0.95, "mouthRollLower": 0.4, "mouthRollUpper": 0.35, "noseSneer*": 0.75, "jawForward": 0.4}
        | {"mouthFrown*": 1.0, "mouthShrugLower": 0.8, "eyeSquint*": 0.95, "browDown*": 1.0},
        {"mouthUpperUp*": 0.6, "mouthLowerDown*": 0.65, "mouthStretch*": 0.25, "noseSneer*": 0.75, "jawOpen": 0.14}
        | {"mouthFunnel": 0.15, "mouthFrown*": 0.4, "eyeSquint*": 0.9, "browDown*": 1.0},
    ),
    "disgust": (
        {"noseSneer*": 1.0, "mouthUpperUp*": 0.7, "eyeSquint*": 0.75, "browDown*": 0.6, "cheekSquint*": 0.55}
        | {"mouthFrown*": 1.0, "mouthLowerDown*": 0.65, "mouthShrugLower": 0.6},
    ),
    "contempt": ({"eyeBlink*": 0.2},),
    "happily surprised": ({"jawOpen": 0.65, "mouthUpperUp*": 0.25, "browInnerUp": 1.0, "browOuterUp*": 1.0},),
    "sadly fearful": ({"mouthLowerDown*": 0.45, "mouthStretch*": 1.0, "browInnerUp": 1.0, "mouthFrown*": 0.4},),
    "sadly angry": ({"mouthFrown*": 1.0, "mouthShrugLower": 0.8, "eyeSquint*": 0.7, "noseSneer*": 0.25},),
    "fearfully angry": ({"mouthLowerDown*": 0.6, "mouthUpperUp*": 0.5, "noseSneer*": 0.3, "mouthStretch*": 1.0},),
    "fearfully surprised": ({"jawOpen": 0.65, "eyeWide*": 1.0, "browInnerUp": 1.0},),
    "angrily surprised": ({"jawOpen": 0.75, "mouthUpperUp*": 0.5, "mouthLowerDown*": 0.35, "noseSneer*": 0.25},),
    "awed": ({"jawOpen": 0.55, "browInnerUp": 1.0},),
    "hatred": ({"jawForward": 0.35, "mouthUpperUp*": 0.85, "eyeSquint*": 0.8},),
    "angrily disgusted": ({"jawForward": 0.25, "mouthUpperUp*": 0.9, "noseSneer*": 0.7},),
}


def movements_of(name: str) -> frozenset[str]:
    """The names of ARKIT_NAMES that an emotion moves in any way of showing it, on both sides."""
    stems = {shape for unit in emotion_units()[name] for shape in UNIT_BLENDSHAPES[unit.number]}
    stems |= {stem for way in STRONG.get(name, ()) for stem in way}
    return frozenset(
        n for n in ARKIT_NAMES if n in stems or f"{n.removesuffix('Left').removesuffix('Right')}*" in stems
    )
