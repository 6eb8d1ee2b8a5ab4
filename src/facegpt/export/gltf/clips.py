"""The expression and the turned joints of the photo as a clip that any viewer can play; the head itself stays at rest.

"expression" holds that pose over a second, by two equal keys, so that a loop stands still. Another clip, "rest", comes
before it, because Blender applies the first clip of a file when it opens it, and viewers play it. All it holds is where
the root joint is anyway: whatever an active clip has keyed in Blender springs back at the next frame, so a clip with
the weights at 0 would take the sliders out of the animator's hands.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from facegpt.export.gltf.buffer import FLOAT, Buffer
from facegpt.export.targets import Targets
from facegpt.types import Array

#: When the two keys of a clip are, seconds.
_TIMES_S = (0.0, 1.0)


def add_clips(buffer: Buffer, targets: Targets, morphing: list[int], root: Array) -> list[dict[str, Any]]:
    """The clips "rest" and "expression": weights on the nodes that morph, rotations on those of the joints (0, 1, …).

    root: (3,) translation of the root joint's node, metres.
    """
    times = buffer.dense(np.array(_TIMES_S, "<f4")[:, None], FLOAT, "SCALAR", None, limits=True)
    weights = np.tile(targets.weights.astype("<f4")[:, None], (len(_TIMES_S), 1))  # listed key by key
    turns = quaternions(np.asarray(targets.head.joint_rotations, np.float64))
    listed = buffer.dense(weights, FLOAT, "SCALAR", None)
    expression = [(node, "weights", listed) for node in morphing]
    expression += [(joint, "rotation", _held(buffer, turn, "VEC4")) for joint, turn in enumerate(turns)]
    rest = [(0, "translation", _held(buffer, root, "VEC3"))]
    return [_clip(name, times, channels) for name, channels in (("rest", rest), ("expression", expression))]


def _held(buffer: Buffer, value: Array, kind: str) -> int:
    """Accessor of the same value at both keys."""
    return buffer.dense(np.tile(np.asarray(value, "<f4"), (len(_TIMES_S), 1)), FLOAT, kind, None)


def _clip(name: str, times: int, channels: list[tuple[int, str, int]]) -> dict[str, Any]:
    """One clip of channels: node, what of it is moved, accessor of the values."""
    return {
        "name": name,
        "samplers": [{"input": times, "output": output} for _, _, output in channels],
        "channels": [
            {"sampler": k, "target": {"node": node, "path": path}} for k, (node, path, _) in enumerate(channels)
        ],
    }


def quaternions(rotation_vectors: Array) -> Array:
    """(J, 4) unit quaternions in glTF's order, x y z w, of rotation vectors (J, 3) in radians."""
    half = np.linalg.norm(rotation_vectors, axis=1, keepdims=True) / 2
    return np.hstack([rotation_vectors * np.sinc(half / np.pi) / 2, np.cos(half)])
