"""What the encoder is tuned on: frames of somebody's clips, followed with their own head.

The teacher of each frame is the person's head itself, as the smoothed motion of the clip places it: it knows what came
before and after. L the skin points of the embedding "dense", in the order of `densely_embedded`; P all of its points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.known_skin import light_on_skin
from facegpt.detect.windows import Photo
from facegpt.encode.dense_landmarks import CROP_PX, crop_window
from facegpt.fitting.mediapipe_points import LEFT_LIDS, RIGHT_LIDS, SURFACE
from facegpt.fitting.occlusion import BACKGROUND, HAIR, OCCLUDER
from facegpt.morphable.base import MorphableModel, head_vertices
from facegpt.types import Array, Camera, FaceParams, Pose
from facegpt.video.clip import ClipSource, Frame
from facegpt.video.look import FaceLook, Seen
from facegpt.video.observation import View, params_of, stacked
from facegpt.video.people import KnownPerson
from facegpt.video.pipeline import surveyed_people
from facegpt.video.reading import open_clip
from facegpt.video.smoothing import smoothed
from facegpt.video.tracker import FaceTracker, Track

#: Frames that are learnt from and checked on, in all.
MOST_FRAMES = 160
#: Blocks of each clip that are for checking, and how far from them nothing is learnt: shares of its time. Frames next
#: to those that were learnt from promise too much.
CHECKED, APART = ((0.3, 0.45), (0.85, 1.0)), 0.05
#: Frames that are followed, of each clip and of all: as many clips as these are enough for, evenly chosen.
MOST_OF_A_CLIP, MOST_FOLLOWED = 300, 1200
#: Views of each learnt frame: as found, and moved (share of the side), scaled and turned (radians) by these SDs.
VIEWS, MOVED, SCALED, TURNED = 2, 0.02, 0.05, 0.05
#: Pairs of MediaPipe's points whose distance says how far lips and lids are apart.
LIP_PAIRS = ((13, 14), (82, 87), (312, 317))
LID_PAIRS = tuple((lids[k + 8], lids[k]) for lids in (LEFT_LIDS, RIGHT_LIDS) for k in (3, 4, 5))


@dataclass(frozen=True, eq=False)
class TuningFrames:
    """N frames as the network gets them, V views each, and what their teacher says.

    Attributes:
        crops: (N, V, 3, 128, 128) uint8. detected: (N, V, 478, 2) and points: (N, V, P, 2) in crop units: those of the
            detector, and of the head by the teacher. to_crop: (N, V, 2, 3) from pixels to crop units.
        said: (N, 52) weights by the network. expression: (N, 52) of the teacher.
        gaps: (N, G) how far lips and lids are apart by the detector's points, and size: (N,) that of the face, pixels
            of the first view.
        visible: (N, 128, 128) uint8, belief that a pixel of the first view shows skin, 255 for sure.
        rotation: (N, 3, 3), place: (N, 3) mm, focal_px: (N,) and principal_px: (N, 2) of the camera that sees the first
            view; joints: (N, J, 3). lighting: (N, 9, 3) there.
        block: (N,) number of the block of time that is for checking, from 1 on; 0: to be learnt from.
    """

    crops: NDArray[np.uint8]
    detected: Array
    points: Array
    to_crop: Array
    said: Array
    expression: Array
    gaps: Array
    size: Array
    visible: NDArray[np.uint8]
    rotation: Array
    place: Array
    focal_px: Array
    principal_px: Array
    joints: Array
    lighting: Array
    block: NDArray[np.intp]

    def chosen(self, rows: NDArray[Any]) -> TuningFrames:
        """Some of the frames."""
        return TuningFrames(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


class _Watched(FaceTracker):
    """A tracker that keeps what it saw."""

    seen: dict[int, Seen]

    def _take(self, frame: Frame, track: Track, seen: Seen) -> NDArray[np.void]:
        self.seen[track.person.number] = seen
        return super()._take(frame, track, seen)


def tuning_frames(
    base: MorphableModel,
    look: FaceLook,
    known: KnownPerson,
    clips: Sequence[ClipSource],
    told: Callable[[float], None],
    checked_only: bool = False,
) -> TuningFrames:
    """Follow somebody through clips and keep evenly spread frames.

    Args:
        base: the head of the others in the clips.
        look: the networks.
        known: who it is, without a network of their own.
        clips: each can be read again; those that do not show the person are left out.
        told: told the share that is done.
        checked_only: keep frames for checking alone.
    """
    chosen = _followed_clips([min(_frames(source), MOST_OF_A_CLIP) for source in clips])
    clips, totals = [clips[k] for k in chosen], list(chosen.values())
    step = max(1, -(-sum(totals) // MOST_FRAMES))
    random, rows = np.random.default_rng(0), list[dict[str, Array]]()
    done = 0
    for number, (source, total) in enumerate(zip(clips, totals, strict=True)):
        wanted = _wanted(number, total, step, checked_only)
        rows += _of_clip(base, look, known, source, wanted, random, _shifted(told, done, sum(totals)))
        done += total
    names = [each.name for each in fields(TuningFrames)]
    return TuningFrames(*(np.stack([row[name] for row in rows]) if rows else np.zeros(0) for name in names))  # type: ignore[arg-type]


def _followed_clips(frames: Sequence[int]) -> dict[int, int]:
    """Which clips are followed, by their numbers, and how many frames of each: of many sentences all, of films some."""
    count = int(np.clip(MOST_FOLLOWED * len(frames) // max(sum(frames), 1), 1, len(frames)))
    chosen = np.unique(np.linspace(0, len(frames) - 1, count).round().astype(int))
    return {int(number): frames[number] for number in chosen}


def block_of(share: float) -> int | None:
    """Which of CHECKED a moment of a clip (0..1) lies in, from 1 on; 0 if it may be learnt from, None if it is near."""
    for number, (begin, end) in enumerate(CHECKED, start=1):
        if begin <= share < end:
            return number
        if begin - APART <= share < end + APART:
            return None
    return 0


def _wanted(clip: int, total: int, step: int, checked_only: bool) -> Callable[[int], int | None]:
    """The block of a frame of a clip by the frame's index, None for those that are not kept."""

    def block(index: int) -> int | None:
        own = block_of(index / max(total, 1)) if index % step == 0 else None
        if own is None or own == 0:
            return None if checked_only else own
        return own + clip * len(CHECKED)

    return block


def _shifted(told: Callable[[float], None], done: int, total: int) -> Callable[[int], None]:
    return lambda frames: told(min((done + frames) / total, 1.0))


def _frames(source: ClipSource) -> int:
    with open_clip(source) as clip:
        return clip.info.frames or 250


def _of_clip(
    base: MorphableModel,
    look: FaceLook,
    known: KnownPerson,
    source: ClipSource,
    block_at: Callable[[int], int | None],
    random: np.random.Generator,
    told: Callable[[int], None],
) -> list[dict[str, Array]]:
    """The frames of one clip that `block_at` gives a block."""
    people = surveyed_people(base, look, source, colours=False, known=known).known
    me = next(person for person in people if person.known is not None)
    tracker, records, kept = _Watched(base, look, people), list[NDArray[np.void]](), list[tuple[int, int, _Views]]()
    view = View(1, 1)
    with open_clip(source) as clip:
        for frame in clip:
            if frame.index >= MOST_OF_A_CLIP:
                break
            view, tracker.seen = View(frame.pixels.shape[1], frame.pixels.shape[0]), {}
            for row in tracker.step(frame):
                if int(row["track_id"]) == me.number:
                    block = block_at(frame.index)
                    if block is not None:
                        kept.append((len(records), block, _views(frame, tracker.seen[me.number], random)))
                    records.append(row)
            told(frame.index + 1)
    calm, out = smoothed(stacked(records)), list[dict[str, Array]]()
    for place, block, views in kept:
        params = params_of(known.head, tracker.head(me), calm[place], view, None, None)
        out.append({**_taught(known, params, views), "block": np.array(block)})
    return out


def _taught(known: KnownPerson, params: FaceParams, views: _Views) -> dict[str, Array]:
    """One frame with what the teacher says of it."""
    head = known.head.embedding("dense")(head_vertices(known.head, params))
    seen, points = params.camera.project(params.pose.apply(head)), views.points_px
    own = params_in_crop(params, views.to_crop[0])
    enlarged = own.camera.focal_px / params.camera.focal_px
    picture = np.ascontiguousarray(views.crops[0].transpose(1, 2, 0))
    return {
        "crops": views.crops,
        "detected": views.detected,
        "points": np.stack([_mapped(matrix, seen) for matrix in views.to_crop]).astype(np.float32),
        "to_crop": np.stack(views.to_crop),
        "said": views.said,
        "expression": params.expression,
        "gaps": enlarged * gaps_of(points),
        "size": np.array(enlarged * np.sqrt(np.prod(np.ptp(points[:SURFACE], axis=0)))),
        "visible": views.visible,
        "rotation": own.pose.rotation,
        "place": own.pose.translation,
        "focal_px": np.array(own.camera.focal_px),
        "principal_px": np.array(own.camera.principal_px),
        "joints": own.joints,
        "lighting": light_on_skin(picture, known.head, own, known.texture),
    }


def params_in_crop(params: FaceParams, to_crop: Array) -> FaceParams:
    """The face as the camera sees it whose picture a crop is; `to_crop` (2, 3) goes from pixels to crop units."""
    half = CROP_PX / 2
    scale = float(np.sqrt(np.linalg.det(to_crop[:, :2])))
    turn = np.eye(3)
    turn[:2, :2] = to_crop[:, :2] / scale
    middle = half * _mapped(to_crop, np.array([params.camera.principal_px]))[0] + half - 0.5
    camera = Camera(params.camera.focal_px * scale * half, (float(middle[0]), float(middle[1])), CROP_PX, CROP_PX)
    pose = Pose(turn @ params.pose.rotation, turn @ params.pose.translation)
    return params.replace(pose=pose, camera=camera)


def gaps_of(points: Array) -> Array:
    """How far lips and lids are apart, (G,), by points (478+, 2)."""
    pairs = np.array([*LIP_PAIRS, *LID_PAIRS])
    return np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)


@dataclass(frozen=True, eq=False)
class _Views:
    """Crops of a frame, the detector's points in them, the maps (2, 3) to crop units, and what the teacher needs."""

    crops: NDArray[np.uint8]
    detected: Array
    to_crop: list[Array]
    points_px: Array
    visible: NDArray[np.uint8]
    said: Array


def _views(frame: Frame, seen: Seen, random: np.random.Generator) -> _Views:
    photo, points = Photo(frame.pixels), np.asarray(seen.detection.points[:, :2], np.float64)
    views = [(0.0, 0.0, 1.0, 0.0)]
    for _ in range(VIEWS - 1):
        dx, dy, turn = random.normal(0, (MOVED, MOVED, TURNED))
        views.append((dx, dy, float(np.exp(random.normal(0, SCALED))), turn))
    windows = [crop_window(seen.detection.points, view) for view in views]
    crops = np.stack([photo.crop(window, CROP_PX, repeat_border=True) for window in windows])
    maps = []
    for window in windows:
        into = 2 * np.linalg.inv(window.axes())
        maps.append(np.column_stack([into, -into @ (window.x, window.y)]))
    detected = np.stack([_mapped(matrix, points) for matrix in maps]).astype(np.float32)
    shown = 1 - seen.dense.parts[..., [BACKGROUND, HAIR, OCCLUDER]].sum(-1)
    wide = np.kron(np.clip(shown, 0, 1), np.ones((CROP_PX // len(shown),) * 2))
    said, shown8 = np.asarray(seen.dense.expression, np.float32), np.round(wide * 255).astype(np.uint8)
    return _Views(np.round(crops * 255).astype(np.uint8), detected, maps, points, shown8, said)


def _mapped(matrix: Array, points: Array) -> Array:
    return points @ matrix[:, :2].T + matrix[:, 2]
