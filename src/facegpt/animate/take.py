"""A take: one head in motion, with what is heard; it is drawn, and written as files for people and programs."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.animate.clip import ClipMover
from facegpt.animate.curves import Curves
from facegpt.animate.drawing import HeadPainter
from facegpt.animate.long_video import is_long, key_of, write_pieces
from facegpt.animate.motion import Motion
from facegpt.animate.photo import Mover, photo_frames
from facegpt.animate.sound import Sound
from facegpt.data.provenance import mp4_box
from facegpt.export import curves as written
from facegpt.export.bundle import USUAL, FileOptions
from facegpt.export.images import png_bytes
from facegpt.export.livelink_csv import write_livelink
from facegpt.export.params_json import params_to_json
from facegpt.export.take_folder import write_animated_head
from facegpt.export.take_pictures import curve_plots
from facegpt.export.video_file import VideoFile
from facegpt.face import Face
from facegpt.fitting.gaze import STRAIGHT_SIDE_DEG, STRAIGHT_UP_DEG
from facegpt.morphable.base import at_rest
from facegpt.runtime.atomic_files import make_folder, remove, write_bytes
from facegpt.runtime.extras import check_installed
from facegpt.runtime.progress import Progress
from facegpt.types import Array

#: Side of the video of a take, pixels.
VIDEO_PX = 512
VIDEO, SOUND = "video.mp4", "animation.wav"
_STRAIGHT = np.array([[STRAIGHT_SIDE_DEG, STRAIGHT_UP_DEG], [-STRAIGHT_SIDE_DEG, STRAIGHT_UP_DEG]])


@dataclass(frozen=True, eq=False)
class Take:
    """One head in motion: T frames at an even rate, the first at 0 seconds.

    Attributes:
        face: whose head it is. curves: its motion, all 52 weights.
        sound: what is heard with it: a sound, a file whose sound track a video keeps, or None.
        remarks: sentences on what was changed or left out, for the user.
        photo: what moves the photo or the clip itself, which the video then shows; else None and it shows the head.
        others: takes of the other people, who move in the same photo.
    """

    face: Face
    curves: Curves
    sound: Sound | Path | None = None
    remarks: tuple[str, ...] = ()
    photo: Mover | ClipMover | None = None
    others: tuple[Take, ...] = ()

    def __repr__(self) -> str:
        seconds = len(self) / self.fps
        return f"<Take of {len(self)} frames, {seconds:.1f} s at {self.fps:g} a second, of {self.face!r}>"

    def __len__(self) -> int:
        return len(self.curves)

    @property
    def names(self) -> tuple[str, ...]:
        """The 52 ARKit names, in the order of the weights."""
        return self.motion.curves.names

    @property
    def weights(self) -> Array:
        """(T, 52) 0..1."""
        return self.motion.curves.weights

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.curves.fps

    @property
    def time_s(self) -> Array:
        """(T,) seconds."""
        return self.curves.time_s

    @property
    def pose(self) -> Array:
        """(T, 3) yaw, pitch and roll of the head, degrees (conventions.py)."""
        return self.motion.curves.turns

    @property
    def gaze(self) -> Array:
        """(T, 2, 2) degrees: left and right eye, (towards the subject's left, up) from straight ahead."""
        return self.motion.curves.gaze

    @cached_property
    def motion(self) -> Motion:
        """The curves with the joints that go with them."""
        return Motion.of(self.curves)

    def frames(self) -> Iterator[Face]:
        """A Face for each frame, with its `time_s`, as `track` gives them: the pose turns the whole head."""
        face = replace(self.face.neutral(), photo_texture=self.face.texture, rooted=True)
        for k, time_s in enumerate(self.time_s):
            params = self.motion.followed(face.model, face.params, k)
            yield replace(face, params=params, photo=None, time_s=float(time_s))

    def video(
        self,
        path: str | Path,
        size: int = VIDEO_PX,
        background: str | tuple[int, int, int] | NDArray[np.uint8] | None = None,
    ) -> Path:
        """Write an MP4 of the head with hair and glasses, or of the photo, and the sound; memory does not grow.

        Takes of more than two minutes are drawn in pieces: the same call goes on where one was stopped.

        Args:
            path: of the file.
            size: side of pictures of the head, pixels.
            background: of the head, as in `Face.render`; None for a soft grey.

        Raises:
            FaceGPTError: if it cannot be written, or the extra `video` is missing.
        """
        check_installed("av", "writing videos")
        path, count, size = Path(path), max(len(self), *map(len, self.others), 0), size // 2 * 2
        progress = Progress("drawing", count)
        mark = b"" if self.photo is None else mp4_box()  # the photo itself is changed, and says so
        if is_long(count, self.fps):
            key = self._key(size, background)
            with self._sound_file(path) as sound:
                write_pieces(
                    path, lambda rows: self.pictures(size, background, rows), count, self.fps, sound, mark, key
                )
            return path
        pictures = self.pictures(size, background)
        with self._sound_file(path) as sound, VideoFile(path, self.fps, sound, mark) as file, progress:
            for k, picture in enumerate(pictures):
                file.add(picture, k / self.fps)
                progress(k + 1, count)
        return path

    def pictures(
        self,
        size: int = VIDEO_PX,
        background: str | tuple[int, int, int] | NDArray[np.uint8] | None = None,
        rows: range | None = None,
    ) -> Generator[NDArray[np.uint8], None, None]:
        """Each frame of the video (H, W, 3) uint8 sRGB, or those of `rows`; for the other arguments see `video`."""
        if self.photo is None:
            return HeadPainter(self.face, size, background).frames(self.motion, rows)
        if isinstance(self.photo, ClipMover):
            return self.photo.pictures(self.motion, rows)
        together = (self, *(other for other in self.others if other.photo is not None))
        return photo_frames([(take.photo, take.motion) for take in together if isinstance(take.photo, Mover)], rows)

    def _key(self, size: int, background: Any) -> str:
        """What tells this video from others (long_video.py)."""
        told: list[object] = [size, background]
        for take in (self, *self.others):
            curves, face = take.curves.complete(), take.face
            told += [curves.weights, curves.turns, curves.gaze, take.fps, face.texture, params_to_json(face.params)]
            if isinstance(take.photo, Mover):
                told.append(take.photo.rig.photo)
            elif take.photo is not None:
                told += [str(take.photo.clip), take.photo.size]
        return key_of(*told)

    @contextmanager
    def _sound_file(self, beside: Path) -> Iterator[Path | None]:
        """The file whose sound a video keeps: that of the source, or one that lives as long as the context."""
        if not isinstance(self.sound, Sound) or self.sound.path is not None:
            yield self.sound.path if isinstance(self.sound, Sound) else self.sound
            return
        place = make_folder(beside.parent) / f".{beside.stem}.{secrets.token_hex(4)}.wav"
        try:
            yield self.sound.write(place)
        finally:
            remove(place)

    def save(
        self,
        folder: str | Path,
        video: bool = True,
        size: int = VIDEO_PX,
        background: str | tuple[int, int, int] | NDArray[np.uint8] | None = None,
        options: FileOptions = USUAL,
    ) -> tuple[Path, ...]:
        """Write the folder of the take and give the paths of its files.

        animation.glb (and .usdz with usd-core, .fbx if asked for), curves.npz, curves.json, curves.png, livelink.csv,
        the sound as animation.wav where it was given as such, and video.mp4 (with the extra `video`).

        Args:
            folder: for the files.
            video: whether video.mp4 is drawn.
            size: of the video, pixels.
            background: of the video, as in `Face.render`.
            options: what the files of the head hold beside the usual.

        Raises:
            FaceGPTError: if a file cannot be written, or a video is wanted and the extra `video` is missing.
        """
        folder = make_folder(folder)
        if video:
            check_installed("av", "writing videos (video=False leaves it out)")
        face, curves = self.face, self.written_curves()
        rest = at_rest(face.model, face.params)
        paths = write_animated_head(folder, face.model, rest, face.texture, curves, face.detail, options)
        paths.append(write_livelink(folder / "livelink.csv", curves.as_livelink()))
        paths.append(written.write_curves_json(folder / "curves.json", curves))
        paths.append(written.write_curves_npz(folder / "curves.npz", curves))
        paths.append(write_bytes(folder / "curves.png", png_bytes(curve_plots(curves))))
        if isinstance(self.sound, Sound):
            paths.append(self.sound.write(folder / SOUND))
        else:
            remove(folder / SOUND)  # of an earlier take
        if video:
            paths.append(self.video(folder / VIDEO, size, background))
        for number, other in enumerate(self.others, 1):
            own_video = video and self.photo is None
            paths += other.save(folder / f"person_{number}", own_video, size, background, options)
        return tuple(paths)

    def written_curves(self) -> written.Curves:
        """The curves as files have them, with the place of the head and its light."""
        motion, params = self.motion, self.face.params
        count = len(self)
        told: dict[str, Any] = {
            "frame": np.arange(count),
            "expression": motion.curves.weights,
            "rotation": motion.rotation,
            "translation_mm": np.tile(np.asarray(params.pose.translation, np.float64), (count, 1)),
            "gaze_deg": motion.curves.gaze + _STRAIGHT,
            "eyes_rotvec": motion.eyes_rotvec,
            "light": np.tile(np.asarray(params.lighting, np.float32), (count, 1, 1)),
        }
        return written.Curves(
            track_id=0,
            model_id=params.model_id,
            fps=self.fps,
            time_s=self.time_s,
            confidence=np.ones(count),
            identity=np.asarray(params.identity),
            focal_px=params.camera.focal_px,
            **told,
        )
