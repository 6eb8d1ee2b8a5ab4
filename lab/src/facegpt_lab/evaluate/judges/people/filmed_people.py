"""Clips of people whom our head model cannot represent: ICT heads that move, path traced by Mitsuba.

Each clip of a person has its own light, camera, distance and motion; shape and skin are the person's. What the camera
saw is kept as a folder of pictures, what was true beside it, so that a run that was stopped goes on. No code of the
product's head, texture or renderer draws them; that the shapes come from ICT's modes is said in `out_of_model`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.metrics import within_radius
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.types import Array, Camera, Pose
from facegpt_lab.evaluate.clips.curves import Motion, recorded, speech_like
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.synthesis.studio.ict_person import IctHead
from facegpt_lab.synthesis.studio.mitsuba_scene import LOOKS, random_look, render_photo

#: Bump when the pictures change. Pixels along an edge; paths per pixel; noise in sRGB levels; quality of the JPEGs.
VERSION, SIZE_PX, SAMPLES, NOISE_LEVELS, QUALITY = 1, 320, 12, 2.0, 92
#: How far heads turn to each side (yaw, pitch, roll), and the frames of a whole turn there and back.
TURN_DEG, TURN_FRAMES = (30.0, 10.0, 6.0), (52.0, 38.0, 71.0)
#: mouthClose closes ICT's lips at this share of the jaw. Millimetres at the head that a picture shows.
CLOSES, FILLED_MM = 0.85, 255
#: Rest at the beginning, frames. The middle of the exposed face, share of full scale.
REST, EXPOSURE = 6, 0.32
#: Among the 68 points those that NoW aligns by: eye corners, nose base, mouth corners.
MARKS = (36, 39, 42, 45, 33, 48, 54)


@dataclass(frozen=True, eq=False)
class FilmedPerson:
    """One person: the ICT head and what is theirs. Frames as in `ict_person`."""

    seed: int
    ict: IctHead
    identity: Array

    @property
    def neutral(self) -> tuple[Array, Array]:
        """Skin within 95 mm of the nose tip (N, 3) mm at rest, and the seven marks (7, 3)."""
        return self.skin({})

    def skin(self, expression: dict[str, float]) -> tuple[Array, Array]:
        """The same with an expression."""
        _, vertices = self.ict.shape(self.identity, expression)
        marks = vertices[self.ict.landmark_vertices]
        skin = vertices[self.ict.face_vertices]
        return skin[within_radius(skin, marks[30])], marks[list(MARKS)]


@dataclass(frozen=True, eq=False)
class FilmedClip:
    """A clip of one person: the folder of its pictures, and the true curves."""

    folder: Path
    motion: Motion

    def expression(self, frame: int) -> dict[str, float]:
        """What the person's ICT head wears in a frame, by its own names."""
        return ict_weights(self.motion.expression[frame])


def filmed_person(seed: int) -> FilmedPerson:
    """Person number `seed`, from the user's copy of ICT-FaceKit. Raises FaceGPTError if it is not there."""
    ict = IctHead(optional_data() / "ict_facekit.npz")
    return FilmedPerson(seed, ict, np.random.default_rng([VERSION, seed]).normal(0, 1, 100))


def filmed_clip(person: FilmedPerson, number: int, frames: int, folder: Path) -> FilmedClip:
    """Clip `number` of a person in a folder of its own below `folder`; pictures that are there are kept."""
    motion = _motion(person.seed, number, frames)
    target = make_folder(folder / f"person{person.seed}_clip{number}_{frames}_v{VERSION}_{LOOKS}")
    left = [k for k in range(frames) if not (target / f"{k:04d}.jpg").is_file()]
    for frame, pixels in _drawn(person, number, motion, left):
        write_bytes(target / f"{frame:04d}.jpg", pixels)
    return FilmedClip(target, motion)


def ict_weights(weights: Array) -> dict[str, float]:
    """ARKit weights (52,) by ICT's names, which part some units into left and right."""
    named = dict(zip(ARKIT_NAMES, np.asarray(weights, float).tolist(), strict=True))
    for name in ("browInnerUp", "cheekPuff"):
        named[name + "Left"] = named[name + "Right"] = named[name]
    named["mouthClose"] = CLOSES * min(named["mouthClose"], named["jawOpen"])
    return named


def _motion(seed: int, number: int, frames: int) -> Motion:
    """Made-up speech and, in every other clip, a piece of a recorded range-of-motion take where that data is there."""
    own = 100 * seed + number
    takes = sorted((optional_data() / "livelink").glob("*.csv"))
    if number % 2 and takes:
        motion = recorded(takes[seed % len(takes)], frames, 200 + 330 * number, own, REST)
    else:
        motion = speech_like(frames, own, REST)
    random = np.random.default_rng([VERSION, seed, number, 7])
    active = np.clip((np.arange(frames) - REST) / 8.0, 0, 1)[:, None]
    size = np.array(TURN_DEG) * random.uniform(0.8, 1.1, 3) * random.choice([-1, 1], 3)
    turned = np.sin(2 * np.pi * (np.arange(frames)[:, None] - REST) / np.array(TURN_FRAMES))
    return replace(motion, turn_deg=active * size * turned)


def _drawn(person: FilmedPerson, number: int, motion: Motion, frames: list[int]) -> Iterator[tuple[int, bytes]]:
    """Each asked frame as a JPEG file."""
    random = np.random.default_rng([VERSION, person.seed, 1 + number])
    look = replace(random_look(random), samples=SAMPLES, noise=0.0)
    distance_mm = float(random.uniform(450, 900))
    camera = Camera(SIZE_PX * distance_mm / FILLED_MM, ((SIZE_PX - 1) / 2, (SIZE_PX - 1) / 2), SIZE_PX, SIZE_PX)
    away = random.uniform(-15, 15, 2)
    middle = person.skin({})[1].mean(0) - [0, 5, 0]
    for k in frames:
        drawn = person.ict.person(
            person.identity, ict_weights(motion.expression[k]), np.random.default_rng([VERSION, person.seed])
        )
        rotation = rotation_from_euler_deg(*motion.turn_deg[k])
        sway = motion.turn_deg[k] - motion.turn_deg[0]
        place = np.array([away[0] + 0.6 * sway[0], away[1] + 0.5 * sway[1], distance_mm + 1.2 * sway[2]])
        pose = Pose(rotation, place - rotation @ middle)
        noise = np.random.default_rng([VERSION, person.seed, number, k])
        pixels = render_photo(
            drawn.vertices, drawn.triangles, drawn.colours, pose, camera, look, noise, exposure=EXPOSURE
        )
        yield k, _as_filmed(pixels, noise)


def _as_filmed(pixels: NDArray[np.uint8], noise: np.random.Generator) -> bytes:
    """Noise and compression of a webcam."""
    noisy = np.clip(pixels + noise.normal(0, NOISE_LEVELS, pixels.shape), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noisy).save(file, format="JPEG", quality=QUALITY)
    return file.getvalue()
