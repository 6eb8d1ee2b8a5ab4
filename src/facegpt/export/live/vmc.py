"""VMC: motion as OSC messages for VSeeFace, Warudo, Unity and other programs for avatars (virtual motion capture).

Convention: Unity's left-handed frame, metres; the head frame's x axis is mirrored, and so are y and z of a turn. A
bone's place is that of its joint against its parent, as in the GLB's nodes.
"""

from __future__ import annotations

import numpy as np

from facegpt.conventions import ARKIT_NAMES
from facegpt.morphable.base import MorphableModel, joint_places
from facegpt.runtime.extras import needed
from facegpt.types import Array

#: The port that most programs listen on.
PORT = 39539
#: Joints and what VMC calls their bones.
BONES = {"neck": "Neck", "head": "Head", "left_eye": "LeftEye", "right_eye": "RightEye"}


def joint_offsets(model: MorphableModel, identity: Array) -> dict[str, Array]:
    """Where each joint of a person's rig is at rest against its parent: (3,) mm in the head frame by name."""
    centres = joint_places(model, identity).astype(np.float64)
    parents = [int(parent) for parent in model.joint_parents]
    above = [centres[parent] if parent >= 0 else np.zeros(3) for parent in parents]
    return {name: centre - start for name, centre, start in zip(model.joint_names, centres, above, strict=True)}


def frame_messages(
    weights: Array, turns: dict[str, Array], time_s: float, offsets: dict[str, Array] | None = None
) -> list[tuple[str, list[str | int | float]]]:
    """The messages of one frame, (address, arguments).

    Args:
        weights: (52,) in the order of ARKIT_NAMES.
        turns: (4,) x, y, z, w of the joints.
        time_s: the time.
        offsets: (3,) mm of the joints (see `joint_offsets`); where they are not known, bones are sent at 0.
    """
    messages: list[tuple[str, list[str | int | float]]] = [("/VMC/Ext/OK", [1]), ("/VMC/Ext/T", [float(time_s)])]
    for joint, turn in turns.items():
        x, y, z, w = (float(value) for value in turn)
        left, up, out = (float(value) / 1000 for value in (offsets or {}).get(joint, (0.0, 0.0, 0.0)))
        messages.append(("/VMC/Ext/Bone/Pos", [BONES[joint], -left, up, out, x, -y, -z, w]))
    for name, weight in zip(ARKIT_NAMES, np.asarray(weights, np.float64).tolist(), strict=True):
        messages.append(("/VMC/Ext/Blend/Val", [name, weight]))
    messages.append(("/VMC/Ext/Blend/Apply", []))
    return messages


def frame_datagram(
    weights: Array, turns: dict[str, Array], time_s: float, offsets: dict[str, Array] | None = None
) -> bytes:
    """One frame as one OSC bundle (see `frame_messages`). Raises FaceGPTError if python-osc is missing."""
    osc_bundle_builder = needed("pythonosc.osc_bundle_builder", "live output by VMC")
    osc_message_builder = needed("pythonosc.osc_message_builder", "live output by VMC")
    bundle = osc_bundle_builder.OscBundleBuilder(osc_bundle_builder.IMMEDIATELY)
    for address, arguments in frame_messages(weights, turns, time_s, offsets):
        message = osc_message_builder.OscMessageBuilder(address)
        for argument in arguments:
            message.add_arg(argument)
        bundle.add_content(message.build())
    dgram: bytes = bundle.build().dgram
    return dgram
