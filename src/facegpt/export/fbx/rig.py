"""The joints of an FBX file, unrotated at rest, and the pose in which meshes are bound to them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from facegpt.export.bundle import HeadExport
from facegpt.export.fbx.records import Long, record
from facegpt.export.fbx.scene import UNITS_A_MM, Scene, number, properties, whole
from facegpt.types import Array


@dataclass(eq=False)
class Rig:
    """The joints that meshes hang on.

    Attributes:
        names: J of them. joints: numbers of their nodes. centres: (J, 3) where they are at rest, file units.
        meshes: numbers of the nodes of all meshes, as they are added.
    """

    names: tuple[str, ...]
    joints: tuple[int, ...]
    centres: NDArray[np.float64]
    meshes: list[int] = field(default_factory=list)


def add_rig(scene: Scene, head: HeadExport) -> Rig:
    """Add a limb node for each joint of a head."""
    centres = np.asarray(head.joint_centres, np.float64) * UNITS_A_MM
    joints: list[int] = []
    for joint, (name, parent) in enumerate(zip(head.joint_names, head.joint_parents, strict=True)):
        offset = centres[joint] - (centres[parent] if parent >= 0 else 0)
        own = properties(
            whole("InheritType", 1, "enum"),
            whole("DefaultAttributeIndex", 0),
            ("Lcl Translation", "Lcl Translation", "", "A", *offset.tolist()),
            ("Lcl Rotation", "Lcl Rotation", "", "A", 0.0, 0.0, 0.0),
        )
        inside = [record("Version", 232), own, record("Shading", True), record("Culling", "CullingOff")]
        node = scene.add("Model", name, "Model", "LimbNode", inside)
        kind = [record("TypeFlags", "Skeleton"), properties(number("Size", 1.0))]
        scene.link(scene.add("NodeAttribute", name, "NodeAttribute", "LimbNode", kind), node)
        scene.link(node, joints[parent] if parent >= 0 else 0)
        joints.append(node)
    return Rig(tuple(head.joint_names), tuple(joints), centres)


def add_bind_pose(scene: Scene, rig: Rig) -> None:
    """Say where joints and meshes are at rest."""
    places = [*zip(rig.joints, rig.centres, strict=True), *((mesh, np.zeros(3)) for mesh in rig.meshes)]
    inside = [record("Type", "BindPose"), record("Version", 100), record("NbPoseNodes", len(places))]
    inside += [
        record("PoseNode", inside=[record("Node", Long(node)), record("Matrix", matrix(place))])
        for node, place in places
    ]
    scene.add("Pose", "rest", "Pose", "BindPose", inside)


def matrix(translation: Array) -> NDArray[np.float64]:
    """FBX's 16 numbers of a translation (3,), which stands in the last row."""
    found = np.eye(4)
    found[3, :3] = translation
    return found.ravel()
