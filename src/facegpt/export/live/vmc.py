"""VMC: motion as OSC messages for VSeeFace, Warudo, Unity and other programs for avatars (virtual motion capture).

Convention: Unity's left-handed frame, metres; the head frame's x axis is mirrored, and so are y and z of a turn.
"""

from __future__ import annotations

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.runtime.extras import needed
from facegpt.types import Array

#: The port that most programs listen on.
PORT = 39539
#: Joints and what VMC calls their bones.
BONES = {"neck": "Neck", "head": "Head", "left_eye": "LeftEye", "right_eye": "RightEye"}


def frame_messages(weights: Array, turns: dict[str, Array], time_s: float) -> list[tuple[str, list[str | int | float]]]:
    """The messages of one frame, (address, arguments), for weights (52,) and turns (4,) x, y, z, w of the joints."""
    messages: list[tuple[str, list[str | int | float]]] = [("/VMC/Ext/OK", [1]), ("/VMC/Ext/T", [float(time_s)])]
    for joint, turn in turns.items():
        x, y, z, w = (float(value) for value in turn)
        messages.append(("/VMC/Ext/Bone/Pos", [BONES[joint], 0.0, 0.0, 0.0, x, -y, -z, w]))
    for name, weight in zip(ARKIT_NAMES, np.asarray(weights, np.float64).tolist(), strict=True):
        messages.append(("/VMC/Ext/Blend/Val", [name, weight]))
    messages.append(("/VMC/Ext/Blend/Apply", []))
    return messages


def frame_datagram(weights: Array, turns: dict[str, Array], time_s: float) -> bytes:
    """One frame as one OSC bundle. Raises FaceGPTError if python-osc is missing."""
    osc_bundle_builder = needed("pythonosc.osc_bundle_builder", "live output by VMC")
    osc_message_builder = needed("pythonosc.osc_message_builder", "live output by VMC")
    bundle = osc_bundle_builder.OscBundleBuilder(osc_bundle_builder.IMMEDIATELY)
    for address, arguments in frame_messages(weights, turns, time_s):
        message = osc_message_builder.OscMessageBuilder(address)
        for argument in arguments:
            message.add_arg(argument)
        bundle.add_content(message.build())
    dgram: bytes = bundle.build().dgram
    return dgram
