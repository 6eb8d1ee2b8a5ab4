"""Clips of people whom our model cannot make: ICT's heads in motion, path traced by Mitsuba (both optional).

Neither shape, units, skin nor renderer is the product's. The frames of a clip are kept in the cache: each takes a
second. The eyes look straight ahead, for ICT's units turn no eyeballs.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.metrics import within_radius
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.runtime.atomic_files import make_folder, write_bytes
from facegpt.runtime.cache import cache_folder
from facegpt.runtime.progress import Progress
from facegpt.types import Array, Camera, FaceParams, Pose
from facegpt.video.clip import ClipInfo, Frame
from facegpt_lab.evaluate.clips.curves import FPS, Motion
from facegpt_lab.evaluate.clips.drawn import DISTANCE_MM, FOCAL_SHARE, HEIGHT, WIDTH, Filming, as_filmed
from facegpt_lab.evaluate.clips.scores import (
    CLOSED_MM,
    NEAR,
    MotionScores,
    as_share,
    filled,
    jitter,
    lag,
    lip_gap_mm,
    peaks_kept,
    projected,
    scored_units,
)
from facegpt_lab.evaluate.judges.scan import Surface, scan_to_mesh_mm
from facegpt_lab.synthesis.studio.ict_person import IctHead
from facegpt_lab.synthesis.studio.mitsuba_scene import LOOKS, random_look, render_photo

VERSION, SAMPLES = 1, 10
#: The surface is compared in every so many frames; the middles of the inner lips, and seven marks, of the 68 points.
EVERY, _LIPS, _MARKS = 10, (62, 66), (36, 39, 42, 45, 33, 48, 54)
_BLINKS = [ARKIT_NAMES.index("eyeBlink" + side) for side in ("Left", "Right")]
#: At 1 the lower lip would overlap the upper one.
_MOST_CLOSED = 0.85


@dataclass(eq=False)
class IctClip:
    """A clip in memory (see `clip.Clip`) with its truth.

    Attributes:
        head: ICT's. identity: (100,). motion: the curves.
    """

    head: IctHead
    identity: Array
    motion: Motion
    frames: tuple[Frame, ...]
    info: ClipInfo
    skipped: int = 0
    truncated: bool = False

    def __iter__(self) -> Iterator[Frame]:
        return iter(self.frames)

    def __enter__(self) -> IctClip:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def worn(self, weights: Array) -> Array:
        """The person wearing weights (52,): vertices (V, 3) mm."""
        return self.head.shape(self.identity, ict_weights(weights))[1]


def ict_weights(weights: Array) -> dict[str, float]:
    """The weights (52,) by ICT's names, which split browInnerUp and cheekPuff; looks and the tongue left out."""
    told = {name: float(weights[k]) for k, name in enumerate(ARKIT_NAMES) if not name.startswith("eyeLook")}
    for name in ("browInnerUp", "cheekPuff"):
        told[name + "Left"] = told[name + "Right"] = told[name]
    told["mouthClose"] = min(told["mouthClose"], _MOST_CLOSED * told["jawOpen"])
    return told


def ict_clip(ict: IctHead, motion: Motion, seed: int, filming: Filming | None = None) -> IctClip:
    """Film a random person of ICT's modes who moves as `motion` says. Raises FaceGPTError without Mitsuba."""
    random = np.random.default_rng(seed)
    identity = random.normal(0, 1, 100)
    clip = IctClip(ict, identity, motion, (), ClipInfo(f"ICT {seed}", WIDTH, HEIGHT, FPS, len(motion.expression)))
    file = cache_folder() / f"ict_clips_v{VERSION}_{LOOKS}" / f"{seed}_{len(motion.expression)}.npz"
    try:
        with np.load(file, allow_pickle=False) as arrays:
            drawn = arrays["frames"]
    except (OSError, ValueError, KeyError):
        drawn = _drawn(clip, random)
        data = io.BytesIO()
        np.savez_compressed(data, frames=drawn)
        make_folder(file.parent)
        write_bytes(file, data.getvalue())
    noise = np.random.default_rng(seed + 1)
    filming = filming or Filming()
    clip.frames = tuple(Frame(k, k / FPS, as_filmed(picture, filming, noise)) for k, picture in enumerate(drawn))
    return clip


def _drawn(clip: IctClip, random: np.random.Generator) -> NDArray[np.uint8]:
    """Path trace every frame: (N, H, W, 3) uint8."""
    seed, count = int(random.integers(1 << 30)), len(clip.head.mean)
    person = clip.head.person(clip.identity, {}, random)
    look = replace(random_look(random), samples=SAMPLES, noise=0.0)
    camera = Camera(FOCAL_SHARE * WIDTH, ((WIDTH - 1) / 2, (HEIGHT - 1) / 2), WIDTH, HEIGHT)
    middle = person.landmarks68[[27, 30, 8]].mean(0)
    frames = []
    with Progress("path tracing a clip, once", len(clip.motion.expression)) as progress:
        for k, weights in enumerate(clip.motion.expression):
            rotation = rotation_from_euler_deg(*clip.motion.turn_deg[k])
            sway = clip.motion.turn_deg[k] - clip.motion.turn_deg[0]
            place = np.array([1.2 * sway[0], sway[1], DISTANCE_MM + 1.5 * sway[2]])
            vertices = np.concatenate([clip.worn(weights), person.vertices[count:]])
            pose = Pose(rotation, place - rotation @ middle)
            same = np.random.default_rng(seed)  # the same exposure in every frame
            frames.append(render_photo(vertices, person.triangles, person.colours, pose, camera, look, same))
            progress(k + 1, len(clip.motion.expression))
    return np.stack(frames)


def surface_mm(model: MorphableModel, clip: IctClip, found: Sequence[FaceParams | None]) -> float:
    """Mean distance of the true skin of the face from the found head, after alignment by a similarity."""
    outer = model.triangles[model.part == model.part_names.index("skin")]
    errors = []
    for k in range(EVERY // 2, len(found), EVERY):
        params = found[k]
        if params is None:
            continue
        truth, vertices = clip.worn(clip.motion.expression[k]), head_vertices(model, params)
        marks = truth[clip.head.landmark_vertices]
        skin = truth[clip.head.face_vertices]
        near = skin[within_radius(skin, marks[30])]
        own = model.embedding("ibug68")(vertices)[list(_MARKS)]
        errors.append(scan_to_mesh_mm(near[::4], Surface(vertices, outer), marks[list(_MARKS)], own, scale=True).mean())
    return float(np.mean(errors))


def score_weights(clip: IctClip, weights: Sequence[Array | None]) -> MotionScores:
    """Score weights (52,) of each frame; what only a head can tell is not a number."""
    units, motion = scored_units(), clip.motion
    curves = filled(list(weights))
    kept = [k for k, one in enumerate(weights) if one is not None]
    face = clip.head.face_vertices
    near = face[within_radius(clip.head.mean[face], clip.head.mean[clip.head.landmark_vertices[30]])]
    apart = [
        np.linalg.norm((clip.worn(curves[k]) - clip.worn(motion.expression[k]))[near], axis=1).mean()
        for k in kept[::EVERY]
    ]
    none, (blinks, least) = float("nan"), peaks_kept(curves[:, _BLINKS].mean(1), motion)
    return MotionScores(
        weights=float(np.abs(curves[kept] - motion.expression[kept])[:, units].mean()),
        expression_mm=float(np.mean(apart)),
        vertex_mm=none,
        turn_deg=none,
        jitter_points=none,
        jitter_weights=jitter(curves[:, units], motion.rest),
        lag_frames=lag(motion.expression[:, units], curves[:, units]),
        blink_kept=blinks,
        lips_closed=none,
        blink_least=least,
    )


def score_heads(model: MorphableModel, clip: IctClip, found: Sequence[FaceParams | None]) -> MotionScores:
    """Score heads; vertex_mm is the distance of the surfaces, for the two have no vertex in common."""
    points = filled([None if params is None else projected(model, params) for params in found])
    told = score_weights(clip, [None if params is None else params.expression for params in found])
    return replace(
        told,
        vertex_mm=surface_mm(model, clip, found),
        jitter_points=jitter(as_share(points), clip.motion.rest),
        lips_closed=_closed(model, clip, found),
    )


def _closed(model: MorphableModel, clip: IctClip, found: Sequence[FaceParams | None]) -> float:
    """Share of the true closures at which the found head's lips are closed too."""
    lips = clip.head.landmark_vertices[list(_LIPS)]
    rest = np.diff(clip.worn(np.zeros(len(ARKIT_NAMES)))[lips, 1])[0]
    done = []
    for middle in clip.motion.closures:
        gap = rest - np.diff(clip.worn(clip.motion.expression[middle])[lips, 1])[0]
        if gap < CLOSED_MM:
            near = found[max(0, middle - NEAR + 1) : middle + NEAR]
            done.append(any(one is not None and lip_gap_mm(model, one) < CLOSED_MM for one in near))
    return float(np.mean(done)) if done else float("nan")
