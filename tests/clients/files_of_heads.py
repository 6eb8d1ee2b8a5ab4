"""The files that every client opens, and what it must find in them: told by the face itself, not by the writers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import facegpt
from facegpt.assets import asset_path
from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.export.bundle import from_model
from facegpt.export.fbx.document import write_fbx
from facegpt.export.gltf.document import write_glb
from facegpt.export.gltf.motion import HeadAnimation, joint_turns
from facegpt.export.usd import write_usdz
from facegpt.face import Face

#: Frames of the take, its rate, and how far the head has turned in the middle of it, degrees to its left.
FRAMES, RATE, YAW_DEG = 41, 25.0, 30.0


@dataclass(frozen=True, eq=False)
class Heads:
    """A folder with demo, glasses and take as .glb and .fbx, demo.usdz, take.usdz, demo.obj; and the truth.

    Attributes:
        folder: where they are. triangles: of the head.
        chin: (3,) mm, where the vertex that jawOpen moves most is at rest. chin_mm: how far it moves.
        texture: (width, height) of the skin's.
    """

    folder: Path
    triangles: int
    chin: NDArray[np.float64]
    chin_mm: float
    texture: tuple[int, int]


def written(folder: Path) -> Heads:
    """Write the files of the bundled photo's head: with its detail, with glasses on, and in motion."""
    (face, *_) = facegpt.load().reconstruct(asset_path("astronaut.png"), quality="balanced", detail="normal")
    dressed = face.with_glasses("round")
    assert face.hair is not None
    for ending in ("glb", "fbx", "usdz", "obj"):
        face.save(folder / f"demo.{ending}")
    face.save(folder / "dense.glb", dense=True)
    for ending in ("glb", "fbx"):
        dressed.save(folder / f"glasses.{ending}")
    _write_take(folder, face)
    rest = face.neutral()
    still, opened = rest.vertices(), rest.with_expression({"jawOpen": 1.0}).vertices()
    moved = np.linalg.norm(opened - still, axis=1)
    chin = int(moved.argmax())
    height, width = face.texture.shape[:2]
    return Heads(folder, len(face.triangles), still[chin].astype(float), float(moved[chin]), (width, height))


def _write_take(folder: Path, face: Face) -> None:
    """The jaw opens evenly from shut to wide; the head turns to its left and back."""
    weights = np.zeros((FRAMES, len(ARKIT_NAMES)))
    weights[:, ARKIT_NAMES.index("jawOpen")] = np.linspace(0, 1, FRAMES)
    yaw = YAW_DEG * np.sin(np.pi * np.linspace(0, 1, FRAMES))
    turns = joint_turns(np.stack([rotation_from_euler_deg(angle) for angle in yaw]), np.zeros((FRAMES, 2, 3)))
    motion = HeadAnimation(np.arange(FRAMES) / RATE, weights, turns)
    head = from_model(face.model, face.neutral().params, face.texture, worn=face.neutral().proxies)
    write_glb(folder / "take.glb", head, motion=motion)
    write_fbx(folder / "take.fbx", head, motion=motion)
    write_usdz(folder / "take.usdz", head, motion)
