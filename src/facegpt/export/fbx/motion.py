"""Motion in an FBX file: a stack of one layer with curves for the weights of blend shapes and the turns of joints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from facegpt.export.fbx.records import Long, record
from facegpt.export.fbx.rig import Rig
from facegpt.export.fbx.scene import TICKS_A_SECOND, Scene, number, properties, ticks
from facegpt.export.gltf.motion import HeadAnimation
from facegpt.types import Array

#: Name of the stack.
TAKE = "take"
#: Keys of a straight line between them.
_LINEAR = 4


@dataclass(frozen=True, eq=False)
class _Curves:
    """What all curves of a file share: the layer that they belong to, and the times of their keys, in ticks."""

    scene: Scene
    layer: int
    times: NDArray[np.int64]

    def drive(self, node: int, to: str, label: str, values: Mapping[str, Array]) -> None:
        """Let a property of an object follow values (N,), a curve for each of its parts ("X", …)."""
        own = properties(*(number(f"d|{part}", rows[0]) for part, rows in values.items()))
        moved = self.scene.add("AnimationCurveNode", label, "AnimCurveNode", "", [own])
        self.scene.link(moved, self.layer)
        self.scene.link(moved, node, to)
        for part, rows in values.items():
            self.scene.link(self._curve(rows), moved, f"d|{part}")

    def _curve(self, values: Array) -> int:
        inside = [
            record("Default", float(values[0])),
            record("KeyVer", 4008),
            record("KeyTime", self.times),
            record("KeyValueFloat", np.asarray(values, np.float32)),
            record("KeyAttrFlags", np.array([_LINEAR], np.int32)),
            record("KeyAttrDataFloat", np.zeros(4, np.float32)),
            record("KeyAttrRefCount", np.array([len(values)], np.int32)),
        ]
        return self.scene.add("AnimationCurve", "", "AnimCurve", "", inside)


def add_motion(
    scene: Scene, rig: Rig, channels: Iterable[Mapping[str, int]], names: tuple[str, ...], motion: HeadAnimation
) -> tuple[tuple[Long, Long], float]:
    """Add a motion; first and last tick, and the frame rate.

    channels: for each mesh that morphs the channels of its shapes, by name. names: of the columns of the weights.
    """
    times = np.asarray(motion.time_s, np.float64)
    span = ticks(times[0]), ticks(times[-1])
    start, stop = (("KTime", "Time", "", tick) for tick in span)
    own = properties(("LocalStart", *start), ("LocalStop", *stop), ("ReferenceStart", *start), ("ReferenceStop", *stop))
    stack = scene.add("AnimationStack", TAKE, "AnimStack", "", [own])
    layer = scene.add("AnimationLayer", TAKE, "AnimLayer", "")
    scene.link(layer, stack)
    curves = _Curves(scene, layer, np.round(times * TICKS_A_SECOND).astype(np.int64))
    percent = 100 * np.clip(np.asarray(motion.weights, np.float64), 0, 1)
    for of_mesh in channels:
        for name, rows in zip(names, percent.T, strict=True):
            curves.drive(of_mesh[name], "DeformPercent", "DeformPercent", {"DeformPercent": rows})
    for joint, turn in motion.turns.items():
        angles = np.degrees(np.unwrap(Rotation.from_quat(turn).as_euler("xyz"), axis=0))
        node = rig.joints[rig.names.index(joint)]
        curves.drive(node, "Lcl Rotation", "R", dict(zip("XYZ", angles.T, strict=True)))
    return span, frame_rate(times)


def frame_rate(times: Array) -> float:
    """Frames a second of rising times (N,) seconds; a whole number where they are near one."""
    if len(times) < 2:
        return 24.0
    rate = 1 / float(np.median(np.diff(times)))
    return float(round(rate)) if abs(rate - round(rate)) < 0.02 else rate
