"""A clip to a folder: tracked frame by frame on disk, so that it goes on where it was stopped, then exported."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.api import FaceGPT
from facegpt.export.bundle import USUAL, FileOptions
from facegpt.export.retexture import read_paint, write_retextured
from facegpt.export.take_folder import Take, take_of, write_person, write_pictures
from facegpt.hair.accessories import AS_SEEN, Wishes
from facegpt.morphable.base import MorphableModel
from facegpt.personal.avatar import Avatar
from facegpt.personal.known import fingerprint as fingerprint_of
from facegpt.personal.known import known_person
from facegpt.runtime.progress import Progress
from facegpt.types import FaceGPTError
from facegpt.video.clip import LARGEST_PX, Clip, ClipSource, Frame, reduced_size
from facegpt.video.decoding.containers import pyav
from facegpt.video.decoding.stdin_copy import NAME as STDIN_COPY
from facegpt.video.decoding.stdin_copy import copied_stdin
from facegpt.video.first_looks import FirstLooks
from facegpt.video.frame_light import FrameLights
from facegpt.video.look import FaceLook
from facegpt.video.observation import View, params_of, stacked
from facegpt.video.people import KnownPerson, person_of
from facegpt.video.pipeline import People, followed, surveyed_people
from facegpt.video.reading import open_clip
from facegpt.video.records import Manifest, TakeFiles, fingerprint
from facegpt.video.smoothing import LiveFilter
from facegpt.video.tracker import FaceTracker

#: Longer edge of frames that are painted anew: those of 4K stay as they are.
OWN_SIZE_PX = 4096


@dataclass(frozen=True)
class TrackSettings:
    """How a clip is tracked.

    Attributes:
        colours: refine heads on the colours of the best frames, and take the skin from them.
        smooth: smooth the motion. overlay: write overlay.mp4. resume: go on where an earlier run stopped.
        fps: frame rate of a folder of pictures.
        most_frames: stop after so many frames, or None.
        avatar: of the person who is followed with a head of their own, or None.
        retexture: a picture to be laid on the avatar's texture, or None.
        wishes: which hair and glasses people wear, by default what the clip shows.
        files: what files of heads hold beside the usual.
    """

    colours: bool = True
    smooth: bool = True
    overlay: bool = True
    resume: bool = True
    fps: float | None = None
    most_frames: int | None = None
    avatar: Avatar | None = None
    retexture: Path | None = None
    wishes: Wishes = AS_SEEN
    files: FileOptions = USUAL


@dataclass
class TrackResult:
    """What was made: the take, the files, how many frames were looked at now and before, and why it ended."""

    take: Take | None
    files: list[Path]
    state: str
    frames: int
    resumed: int
    skipped: int
    truncated: bool
    seconds: float

    def as_dict(self, source: ClipSource, folder: Path) -> dict[str, Any]:
        """The record that `--json` prints."""
        motion = {} if self.take is None else self.take.motion
        faces = [
            {
                "track_id": number,
                "frames": len(rows),
                "first_s": round(float(rows["time_s"][0]), 3),
                "last_s": round(float(rows["time_s"][-1]), 3),
                "confidence": round(float(rows["confidence"].mean()), 3),
            }
            for number, rows in motion.items()
        ]
        told = {name: getattr(self, name) for name in ("state", "frames", "resumed", "skipped", "truncated")}
        paths = [str(path) for path in self.files]
        return {
            "clip": str(source),
            "folder": str(folder),
            **told,
            "seconds": round(self.seconds, 2),
            "faces": faces,
            "files": paths,
            "remarks": [] if self.take is None or not self.take.info.remark else [self.take.info.remark],
        }


def track_to_folder(
    model: FaceGPT, source: ClipSource, folder: Path, settings: TrackSettings | None = None
) -> TrackResult:
    """Track a clip and write its take; Ctrl-C ends it early, with files of what was tracked until then.

    What comes through stdin ("-") is kept in the folder until the take is done.

    Raises:
        FaceGPTError: if the clip cannot be read or the folder not be written, or no frame shows a face.
    """
    settings, begun = settings or TrackSettings(), time.monotonic()
    paint = _paint(source, settings)
    look = model.face_look()
    if str(source) == "-":
        source = copied_stdin(folder)
    with open_clip(source, settings.fps) as clip, TakeFiles(folder) as files:
        width, height, scale = reduced_size(clip.info.width, clip.info.height, LARGEST_PX)
        wanted = {"model_id": model.head.model_id, "colours": settings.colours, "fps": settings.fps}
        wanted |= asdict(settings.wishes)
        if settings.most_frames is not None:  # heads are told by these frames alone
            wanted["frames"] = settings.most_frames
        known = None
        if settings.avatar is not None:
            known = known_person(model, settings.avatar).wearing(settings.wishes)
            wanted["avatar"] = fingerprint_of(settings.avatar)
        manifest = Manifest(
            str(source),
            fingerprint(source if isinstance(source, int) else str(source)),
            wanted,
            clip.info,
            View(width, height, scale),
        )
        old = files.manifest() if settings.resume else None
        if old is not None and old.same_work(manifest):
            rows = files.go_on()
            people = People(*files.people(known))
        else:
            people = _survey(model, look, source, settings, known)
            files.begin()
            rows = stacked([])
            files.write_people(people.known, people.textures)
        files.write_manifest(manifest)
        work = _Work(model, look, clip, files, people, settings)
        state, frames = work.run(rows)
        done = replace(manifest, state=state, frames=frames, skipped=clip.skipped)
        files.write_manifest(done)
        take = take_of(
            model.head, clip.info, manifest.view, people.known, people.textures, files.records(), settings.smooth
        )
        skipped, truncated = clip.skipped, clip.truncated
    if not take.motion:
        raise FaceGPTError(f"no face was found in '{clip.info.name}' ({frames} frames were looked at)")
    paths = _export(take, source, folder, settings)
    if paint is not None:
        paths.append(_retexture(model, take, source, folder, settings, paint))
    if state == "done":
        (folder / STDIN_COPY).unlink(missing_ok=True)
    resumed = int(rows["frame"].max() + 1) if len(rows) else 0
    return TrackResult(take, paths, state, frames, resumed, skipped, truncated, time.monotonic() - begun)


def _survey(
    model: FaceGPT, look: FaceLook, source: ClipSource, settings: TrackSettings, known: KnownPerson | None
) -> People:
    with Progress("looking through the clip", 0) as progress:

        def told(done: int, total: int | None) -> None:
            if total:
                progress(min(done, total), total)

        how = settings.colours, settings.fps, told, known, settings.wishes, settings.most_frames
        return surveyed_people(model.head, look, source, *how)


@dataclass
class _Work:
    """The tracking of one clip onto disk."""

    model: FaceGPT
    look: FaceLook
    clip: Clip
    files: TakeFiles
    people: People
    settings: TrackSettings

    def run(self, before: NDArray[np.void]) -> tuple[str, int]:
        """Track all frames behind those that are there; why it ended ("done", "stopped") and how many there are."""
        changed: list[bool] = []
        lights = FrameLights(self.model.head, self.people.textures)
        tracker = FaceTracker(
            self.model.head,
            self.look,
            self.people.known,
            on_keyframe=lambda frame, person: changed.append(True),
            lights=lights,
        )
        looks = FirstLooks(self.people.textures, self.settings.wishes) if self.settings.colours else None
        count = int(before["frame"].max() + 1) if len(before) else 0
        total = self.settings.most_frames or self.clip.info.frames or 0
        try:
            tracked = followed(tracker, self._remaining(tracker, before, count), looks)
            with Progress("tracking", total) as progress, closing(tracked):
                for frame, rows, looked in tracked:
                    if looked or changed:
                        self.files.write_people(self.people.known, self.people.textures)
                        changed.clear()
                    self.files.append(frame.index, frame.time_s, rows)
                    count = frame.index + 1
                    progress(count, max(total, count))
        except KeyboardInterrupt:
            return "stopped", count
        return "done", count

    def _remaining(self, tracker: FaceTracker, before: NDArray[np.void], count: int) -> Iterator[Frame]:
        """Frames that were not looked at yet; the tracker goes on behind the last one that was."""
        for frame in self.clip:
            if self.settings.most_frames is not None and frame.index >= self.settings.most_frames:
                return
            if frame.index >= count:
                yield frame
            elif frame.index == count - 1:
                tracker.resume(before[(before["frame"] == frame.index) & (before["track_id"] >= 0)], frame.pixels)


def _export(take: Take, source: ClipSource, folder: Path, settings: TrackSettings) -> list[Path]:
    """Write all files of a take; where there are several people each has a folder."""
    several = len(take.motion) > 1
    paths = []
    for number in take.motion:
        paths += write_person(folder / f"person_{number}" if several else folder, take, number, settings.files)
    if take.info.rereadable:
        sound = Path(str(source)) if take.info.has_sound else None
        with open_clip(source, settings.fps) as clip, Progress("drawing", take.frames) as progress:
            paths += write_pictures(folder, take, clip, sound, progress, settings.overlay and _can_write_video())
    return paths


def _paint(source: ClipSource, settings: TrackSettings) -> NDArray[np.uint8] | None:
    """The new texture, read before the work begins: what is wrong with it is said at once."""
    if settings.retexture is None:
        return None
    if settings.avatar is None:
        raise FaceGPTError("another skin is painted on an avatar's texture: give the avatar too")
    if isinstance(source, int) or str(source) == "-":
        raise FaceGPTError("another skin needs a clip that can be read again: save the stream to a file first")
    pyav()
    return read_paint(settings.retexture, settings.avatar.texture)


def _retexture(
    model: FaceGPT, take: Take, source: ClipSource, folder: Path, settings: TrackSettings, paint: NDArray[np.uint8]
) -> Path:
    """The clip in its own size with the avatar's person in another skin."""
    number = next((n for n, person in take.people.items() if person.known is not None and n in take.motion), None)
    if number is None or settings.avatar is None:
        raise FaceGPTError(f"nobody in '{take.info.name}' was followed with the avatar, so no skin was changed")
    sound = Path(str(source)) if take.info.has_sound else None
    with open_clip(source, settings.fps, OWN_SIZE_PX) as clip, Progress("painting", take.info.frames or 0) as progress:
        return write_retextured(folder / "retextured.mp4", take, number, paint, clip, model.landmarker, sound, progress)


def _can_write_video() -> bool:
    try:
        pyav()
    except FaceGPTError:
        return False
    return True


def track_live(
    model: FaceGPT,
    source: ClipSource,
    send: Callable[[int, NDArray[np.void], Any, float, MorphableModel], None],
    told: Callable[[str], None],
    fps: float | None = None,
    most_frames: int | None = None,
    avatar: Avatar | None = None,
    paced: bool = True,
) -> dict[str, Any]:
    """Follow a camera, or a file at its own speed, and hand on each face at once; late frames are left out.

    Args:
        model: the model.
        source: a camera's number, or a file.
        send: told (track_id, record, parameters, time_s, head model) of each face.
        told: told a line a second.
        fps: of a folder of pictures.
        most_frames: stop after so many.
        avatar: of the person who is followed with a head of their own.
        paced: a file at its own speed; else as fast as it goes, without leaving any frame out.
    """
    people = [] if avatar is None else [person_of(known_person(model, avatar, quick=True), 0)]
    tracker = FaceTracker(model.head, model.face_look(quick=True), people)
    filters: dict[int, LiveFilter] = {}
    shown = time.monotonic()
    done, spent, recent = 0, 0.0, 0
    with open_clip(source, fps, 640) as clip:
        frames = _InTime(clip, paced)
        try:
            with closing(tracker.run(frames)) as tracked:
                for frame, rows in tracked:
                    _send_faces(model, tracker, filters, frame, rows, send)
                    spent += time.monotonic() - frames.came_s.pop(frame.index)
                    done, recent = done + 1, recent + 1
                    if done == 1:  # the networks are warm now: a file's own time begins
                        frames.begun = time.monotonic() - frame.time_s
                    if time.monotonic() - shown >= 1.0:
                        rate, late = recent / (time.monotonic() - shown), frames.late
                        each, faces = 1000 * spent / done, len(tracker.tracks)
                        told(f"{rate:.1f} frames a second, {each:.0f} ms a frame, {faces} faces, {late} late")
                        shown, recent = time.monotonic(), 0
                    if most_frames is not None and done >= most_frames:
                        break
        except KeyboardInterrupt:
            pass
    seconds = time.monotonic() - frames.begun
    return {
        "frames": done,
        "late": frames.late,
        "seconds": round(seconds, 2),
        "fps": round(done / max(seconds, 1e-6), 2),
        "ms_a_frame": round(1000 * spent / max(done, 1), 2),
        "people": len(tracker.people),
    }


class _InTime:
    """The frames of a camera as they come, those of a file at its own speed; who comes too late is left out.

    Attributes:
        begun: when the clip's time was 0, seconds. late: how many were left out.
        came_s: when each frame came that nobody has taken out of it.
    """

    def __init__(self, clip: Clip, paced: bool = True) -> None:
        self._clip, self._paced = clip, paced and clip.info.rereadable
        self.begun, self.late = time.monotonic(), 0
        self.came_s: dict[int, float] = {}

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._clip:
            ahead = self.begun + frame.time_s - time.monotonic()
            if self._paced and ahead > 0:
                time.sleep(ahead)
            elif self._paced and ahead < -1 / self._clip.info.fps:
                self.late += 1
                continue
            self.came_s[frame.index] = time.monotonic()
            yield frame


def _send_faces(
    model: FaceGPT,
    tracker: FaceTracker,
    filters: dict[int, LiveFilter],
    frame: Frame,
    rows: list[NDArray[np.void]],
    send: Callable[[int, NDArray[np.void], Any, float, MorphableModel], None],
) -> None:
    """Hand on the faces of one frame, calmed."""
    view = View(frame.pixels.shape[1], frame.pixels.shape[0], frame.scale)
    for row in rows:
        number = int(row["track_id"])
        calm = filters.setdefault(number, LiveFilter())(row)
        person = tracker.people[number]
        head, own = tracker.head(person), person.model(model.head)
        send(number, calm, params_of(own, head, calm, view, None, None), frame.time_s, own)
