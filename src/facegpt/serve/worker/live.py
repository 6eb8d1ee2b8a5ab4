"""Faces of a camera as its pictures come."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation
from facegpt.data.images import read_image
from facegpt.fitting.gaze import STRAIGHT_UP_DEG
from facegpt.personal.known import known_person, opened
from facegpt.serve.worker.live_photo import photo_of_head
from facegpt.serve.worker.shelf import Shelf
from facegpt.serve.worker.task import Task
from facegpt.types import FaceGPTError
from facegpt.video.clip import Frame, reduced_size
from facegpt.video.people import person_of
from facegpt.video.smoothing import LiveFilter
from facegpt.video.tracker import FaceTracker

#: Longer edge of the pictures that are looked at.
LARGEST_PX = 640


def followed(shelf: Shelf, frames: queue.SimpleQueue[bytes | None], task: Task) -> dict[str, Any]:
    """Follow the faces of a camera until its pictures end. Payload: avatar; photo, a head whose photo moves along."""
    model, people = shelf.model, []
    moved = photo_of_head(shelf, task.payload.get("photo"))
    if task.payload.get("avatar"):
        avatar = opened(shelf.folder / "avatars" / task.payload["avatar"], model.head)
        people = [person_of(known_person(model, avatar, quick=True), 0)]
    tracker = FaceTracker(model.head, model.face_look(quick=True), people)
    filters: dict[int, LiveFilter] = {}
    while not frames.empty():  # of a session before: the first picture of this one comes after the next line
        frames.get()
    task.live({"ready": True})
    camera = _Camera(frames, task)
    tracked = tracker.run(camera)
    try:
        for frame, rows in tracked:
            calm = [filters.setdefault(int(row["track_id"]), LiveFilter())(row) for row in rows]
            told = [_told(one, row, frame.scale) for one, row in zip(calm, rows, strict=True)]
            if moved is not None and told:
                told[0]["picture"] = moved.picture(told[0])
            wait_ms = round(1000 * (time.monotonic() - camera.came.pop(frame.index)), 1)
            task.live({"time_s": round(frame.time_s, 4), "people": told, "wait_ms": wait_ms})
    finally:
        frames.put(None)  # whoever still waits for a picture waits no more
        tracked.close()
    return {"frames": camera.count, "seconds": round(time.monotonic() - camera.begun, 3)}


class _Camera:
    """The pictures of a camera as frames of a clip, read by the tracker's second thread.

    Attributes:
        begun: when the first was waited for. count: how many there were. came: when, by number, of those in work.
    """

    def __init__(self, pictures: queue.SimpleQueue[bytes | None], task: Task) -> None:
        self._pictures, self._task = pictures, task
        self.begun, self.count = time.monotonic(), 0
        self.came: dict[int, float] = {}

    def __iter__(self) -> Iterator[Frame]:
        """Frame by frame until the pictures end; of one that cannot be read it is said so."""
        while (data := self._pictures.get()) is not None:
            start = time.monotonic()
            try:
                pixels, scale = _picture(data)
            except FaceGPTError as error:
                self._task.live({"error": {"code": "refused", "message": str(error)}})
                continue
            self.came[self.count] = start
            yield Frame(self.count, start - self.begun, pixels, scale)
            self.count += 1


def _picture(data: bytes) -> tuple[NDArray[np.uint8], float]:
    """The pixels of one picture, reduced if it is large, and their scale."""
    from PIL import Image

    pixels = read_image(data).pixels
    width, height, scale = reduced_size(pixels.shape[1], pixels.shape[0], LARGEST_PX)
    if scale < 1:
        pixels = np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BOX))
    return pixels, scale


def _told(calm: NDArray[np.void], row: NDArray[np.void], scale: float) -> dict[str, Any]:
    """One face of one picture."""
    weights = np.clip(np.asarray(calm["expression"], np.float64), 0, 1).round(4).tolist()
    yaw, pitch, roll = euler_deg_from_rotation(calm["rotation"])
    side, up = np.asarray(calm["gaze"], np.float64).mean(0)
    told: dict[str, Any] = {"track_id": int(row["track_id"]), "weights": dict(zip(ARKIT_NAMES, weights, strict=True))}
    told["pose"] = {"yaw_deg": round(yaw, 2), "pitch_deg": round(pitch, 2), "roll_deg": round(roll, 2)}
    told["gaze"] = {"x_deg": round(float(side), 2), "y_deg": round(float(up) - STRAIGHT_UP_DEG, 2)}
    told["confidence"] = round(float(row["confidence"]), 3)
    told["box"] = (np.asarray(row["box"], np.float64) / scale).round(1).tolist()
    return told
