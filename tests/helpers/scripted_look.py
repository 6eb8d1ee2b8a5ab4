"""Networks that see what a script says: exact points of known heads, so that tracking is tested without pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from facegpt.conventions import rotation_from_euler_deg
from facegpt.detect.locate import window_of
from facegpt.morphable.base import head_vertices
from facegpt.types import Camera, DensePoints, Detection, FaceParams, Pose
from facegpt.video.clip import ClipInfo, Frame
from facegpt.video.look import Seen

WIDTH, HEIGHT, FPS = 640, 480, 30.0
CAMERA = Camera(700.0, ((WIDTH - 1) / 2, (HEIGHT - 1) / 2), WIDTH, HEIGHT)


def head_at(head, x_mm=0.0, z_mm=800.0, yaw=0.0, identity=None, expression=None) -> FaceParams:
    sizes = head.sizes
    return FaceParams(
        head.model_id,
        np.zeros(sizes.identity, np.float32) if identity is None else np.asarray(identity, np.float32),
        np.zeros(sizes.expression, np.float32) if expression is None else np.asarray(expression, np.float32),
        np.zeros((sizes.joints, 3), np.float32),
        Pose(rotation_from_euler_deg(yaw), np.array([x_mm, 0.0, z_mm])),
        np.zeros(sizes.albedo, np.float32),
        np.zeros((9, 3), np.float32),
        CAMERA,
    )


class ScriptedLook:
    """Plays `script`: frame number → {person's name: parameters}; each person has a descriptor of their own."""

    def __init__(self, head, script: Callable[[int], dict[str, FaceParams]], noise_px: float = 0.0) -> None:
        self.head, self.script, self.noise_px = head, script, noise_px
        self.described = 0
        self._random = np.random.default_rng(0)

    def faces(self, pixels) -> dict[str, Seen]:
        number = int(pixels[0, 0, 0]) + 256 * int(pixels[0, 0, 1])
        return {name: self._seen(params) for name, params in self.script(number).items()}

    def head_of(self, params: FaceParams):
        """The head model that parameters are of."""
        return self.head

    def _seen(self, params: FaceParams) -> Seen:
        head = self.head_of(params)
        vertices = head_vertices(head, params)

        def project(name):
            points = head.embedding(name)(vertices).astype(np.float64)
            seen = params.camera.project(params.pose.apply(points))
            return seen + self._random.normal(0, self.noise_px, seen.shape) if self.noise_px else seen

        found, points = project("mediapipe478"), project("dense")
        flat = np.column_stack([found, np.zeros(len(found))])
        detection = Detection(flat, np.zeros(52), 0.99, params.pose.rotation)
        count = len(points)
        dense = DensePoints(
            points,
            np.full(count, 0.5),
            np.ones(count),
            params.identity,
            np.full(len(params.identity), 0.4),
            params.expression,
            np.zeros((4, 4, 7)),
            np.eye(2, 3),
        )
        return Seen(detection, dense, window_of(flat))

    def find(self, pixels, thorough=False):
        self._last = self.faces(pixels)
        return [seen.detection for seen in self._last.values()]

    def see(self, pixels, detection, window=None, tuned=None):
        for seen in self.faces(pixels).values():
            if np.allclose(seen.detection.points[:10], detection.points[:10], atol=6 * self.noise_px + 1e-6):
                return seen
        raise AssertionError("the script has no such face")

    def with_belief(self, seen, pixels, descriptor=None):
        return seen

    def glimpse(self, pixels, window):
        """As a landmark network does: the face nearest to the middle of the window, whoever it is."""
        near = []
        for seen in self.faces(pixels).values():
            apart = float(np.hypot(seen.window.x - window.x, seen.window.y - window.y))
            if apart < 0.35 * window.side:
                near.append((apart, seen))
        return min(near, key=lambda pair: pair[0])[1] if near else None

    def follow(self, pixels, one, tuned=None):
        return one

    def describe(self, pixels, detection):
        self.described += 1
        for name, seen in self.faces(pixels).items():
            middle = seen.detection.points[:468, :2].mean(0)
            if np.linalg.norm(middle - detection.points[:468, :2].mean(0)) < 20:
                return descriptor(name)
        raise AssertionError("the script has no such face")


def descriptor(name: str) -> np.ndarray:
    """(128,) far from those of other names."""
    vector = np.random.default_rng(sum(map(ord, name))).normal(0, 1, 128)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def scripted_frames(count: int, shots: tuple[int, ...] = ()) -> list[Frame]:
    """Frames that tell their number; at each of `shots` the colours change as at a cut."""
    out = []
    for number in range(count):
        shot = sum(number >= at for at in shots)
        pixels = np.full((HEIGHT, WIDTH, 3), (200, 40, 40) if shot % 2 else (40, 90, 200), np.uint8)
        pixels[0, 0] = (number % 256, number // 256, 0)
        out.append(Frame(number, number / FPS, pixels))
    return out


class ScriptedClip:
    """A clip of scripted frames."""

    def __init__(self, frames: list[Frame]) -> None:
        self.frames, self.skipped, self.truncated = frames, 0, False
        self.info = ClipInfo("scripted", WIDTH, HEIGHT, FPS, len(frames))

    def __iter__(self):
        return iter(self.frames)


def lossless_video(path: Path, pictures: Sequence[np.ndarray]) -> Path:
    """Write pictures (H, W, 3) uint8 at 25 frames/s; the test is skipped without PyAV."""
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=25)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "bgr0"
        for pixels in pictures:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")))
        out.mux(stream.encode())
    return path
