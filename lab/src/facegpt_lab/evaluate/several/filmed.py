"""Clips of people of the ICT head who wear photographed skin: what heads from clips are judged on.

Person and skin are those of `photographed`; the head turns from side to side while it speaks or makes faces, each clip
in a light and at a distance of its own, with the noise, blur and compression of a webcam. Shape and curves are known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import rotation_from_euler_deg
from facegpt.metrics import within_radius
from facegpt.runtime.atomic_files import make_folder
from facegpt.types import Array, Pose
from facegpt_lab.evaluate.clips.curves import Motion, recorded, speech_like
from facegpt_lab.evaluate.clips.drawn import Filming, as_filmed
from facegpt_lab.evaluate.clips.ict import ict_weights
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.evaluate.several.photographed import (
    SIDE_PX,
    calm_portraits,
    drawn_head,
    ict_head,
    random_light,
    skin_of,
)

#: Bump when the pictures change. Of the motion at 30 frames a second every so many frames are drawn, so much finer.
VERSION, EVERY, FINER = 1, 4, 2
#: How far heads turn to each side (yaw, pitch, roll), and the frames (30 a second) of a turn there and back.
TURN_DEG, TURN_FRAMES = (28.0, 9.0, 5.0), (122.0, 95.0, 161.0)
#: Rest at the beginning, frames (30 a second).
REST = 8
CAMERA = Filming(noise_levels=2.0, blur_px=0.5, quality=90)


@dataclass(frozen=True, eq=False)
class FilmedSkin:
    """One person: number, identity (100,) of the ICT head, and the portrait whose skin is worn.

    The seed of the identity is that of `photograph_person`, so that people who chose settings stay those.
    """

    seed: int
    identity: Array
    portrait: int

    def shape(self, weights: dict[str, float]) -> tuple[Array, Array]:
        """The skin within 95 mm of the nose tip (N, 3) mm with an expression, and the 68 marks."""
        ict = ict_head()
        vertices = ict.shape(self.identity, weights)[1]
        marks, skin = vertices[ict.landmark_vertices], vertices[ict.face_vertices]
        return skin[within_radius(skin, marks[30])], marks


def filmed_skin(seed: int) -> FilmedSkin:
    """Person number `seed`. Raises FaceGPTError without the optional data."""
    rows = calm_portraits()
    return FilmedSkin(seed, np.random.default_rng([5, seed]).normal(0, 1, 100), rows[seed * 7 % len(rows)])


def filmed_motion(seed: int, number: int, frames: int) -> Motion:
    """The curves of clip `number`: made-up speech and, in every other clip, a piece of a recorded take."""
    own, total = 100 * seed + number, frames * EVERY
    takes = sorted((optional_data() / "livelink").glob("*.csv"))
    if number % 2 and takes:
        motion = recorded(takes[seed % len(takes)], total, 200 + 330 * number, own, REST)
    else:
        motion = speech_like(total, own, REST)
    random, time = np.random.default_rng([VERSION, seed, number, 7]), np.arange(total)
    active = np.clip((time - REST) / 10.0, 0, 1)[:, None]
    size = np.array(TURN_DEG) * random.uniform(0.8, 1.1, 3) * random.choice([-1, 1], 3)
    turned = np.sin(2 * np.pi * np.maximum(time - REST, 0)[:, None] / np.array(TURN_FRAMES))
    kept = slice(None, None, EVERY)
    return replace(motion, expression=motion.expression[kept], turn_deg=(active * size * turned)[kept])


def filmed_clip(person: FilmedSkin, number: int, frames: int, folder: Path) -> Path:
    """A folder of the pictures of clip `number` of a person, below `folder`; pictures that are there are kept."""
    target = make_folder(folder / f"skin{person.seed}_clip{number}_{frames}_v{VERSION}")
    files = [target / f"{k:04d}.png" for k in range(frames)]
    if all(file.is_file() for file in files):
        return target
    motion, random = filmed_motion(person.seed, number, frames), np.random.default_rng([VERSION, person.seed, number])
    distance, focal = float(random.uniform(450, 900)), float(random.uniform(0.46, 0.56)) * SIDE_PX / 150
    light, wears = random_light(random), skin_of(person.portrait)
    for k, file in enumerate(files):
        if not file.is_file():
            Image.fromarray(_frame(person, motion, k, wears, distance, focal * distance, light)).save(file)
    return target


def _frame(
    person: FilmedSkin,
    motion: Motion,
    frame: int,
    wears: tuple[Array, Array, Array],
    distance_mm: float,
    focal: float,
    light: tuple[float, Array, float],
) -> NDArray[np.uint8]:
    """One frame (SIDE_PX, SIDE_PX, 3) as the camera saw it."""
    ict = ict_head()
    rest = ict.shape(person.identity, {})[0]
    middle = rest[ict.landmark_vertices[[27, 30, 8]]].mean(0) - [0.0, 0.0, 45.0]
    vertices = ict.shape(person.identity, ict_weights(motion.expression[frame]))[1]
    turn = motion.turn_deg[frame]
    rotation = rotation_from_euler_deg(*turn)
    place = np.array([0.5 * turn[0], 0.5 * turn[1], distance_mm + turn[2]])
    noise = np.random.default_rng([VERSION, person.seed, frame])
    pose = Pose(rotation, place - rotation @ middle)
    return as_filmed(drawn_head(vertices, wears, pose, focal, light, FINER), CAMERA, noise)
