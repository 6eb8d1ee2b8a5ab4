"""The 15 visemes of game engines as morph targets `viseme_*`, made of the head's own 52 units.

Names are Oculus' (OVRLipSync), which Ready Player Me, VRM tools and TalkingHead read. Each is the mouth of one sound of
phones.csv, so a viseme on a file's head looks like the same sound in our curves. A file adds targets up: use either
the visemes or the 52 units for the mouth.
"""

from __future__ import annotations

import numpy as np

from facegpt.animate.speech.articulate import blendshapes
from facegpt.animate.speech.phones import phone_table
from facegpt.export.bundle import HeadExport, with_shapes
from facegpt.types import Array

#: Each viseme's sound; "" is silence.
VISEMES = {
    **{"viseme_sil": "", "viseme_PP": "p", "viseme_FF": "f", "viseme_TH": "θ", "viseme_DD": "d", "viseme_kk": "k"},
    **{"viseme_CH": "ʃ", "viseme_SS": "s", "viseme_nn": "n", "viseme_RR": "ɹ", "viseme_aa": "ɑ", "viseme_E": "ɛ"},
    **{"viseme_I": "i", "viseme_O": "ɔ", "viseme_U": "u"},
}


def viseme_weights() -> Array:
    """(15, 52) weights of the ARKit units that make each of VISEMES."""
    table = phone_table()
    return blendshapes(np.stack([table[sound].target for sound in VISEMES.values()]))


def viseme_shapes() -> dict[str, Array]:
    """Name → (52,) weights of the ARKit units that make each viseme: `FileOptions.shapes` of files that have them."""
    return dict(zip(VISEMES, viseme_weights(), strict=True))


def with_visemes(head: HeadExport) -> HeadExport:
    """A head whose files hold the visemes as targets after the 52 units.

    Raises:
        FaceGPTError: if the head lacks the 52 units, or has a relief that follows its units.
    """
    return with_shapes(head, viseme_shapes())
