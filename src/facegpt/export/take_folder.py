"""The folder of a take: per person an animated GLB, a Live Link Face CSV, curves and plots; for all, pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.prior import model_texture, opacity
from facegpt.conventions import linear_to_srgb
from facegpt.detail.relief import Detail
from facegpt.export.bundle import USUAL, FileOptions, HeadExport, with_shapes
from facegpt.export.curves import Curves, write_curves_json, write_curves_npz
from facegpt.export.detail_files import as_skin_detail
from facegpt.export.fbx.document import write_fbx
from facegpt.export.gltf.document import FINE_BYTES, write_glb
from facegpt.export.gltf.fine_head import fine_head
from facegpt.export.gltf.motion import HeadAnimation, joint_turns
from facegpt.export.hair_chain import with_hair
from facegpt.export.images import png_bytes
from facegpt.export.livelink_csv import write_livelink
from facegpt.export.take_pictures import OverlayPainter, contact_sheet, curve_plots, sheet_frames
from facegpt.export.usd import write_usdz
from facegpt.export.video_file import VideoFile
from facegpt.morphable.base import MorphableModel, at_rest
from facegpt.runtime.atomic_files import remove, write_bytes
from facegpt.runtime.side_by_side import in_order
from facegpt.types import FaceParams
from facegpt.video.clip import ClipInfo, Frame
from facegpt.video.frame_fit import HeldHead
from facegpt.video.observation import View, params_of, tracks_of
from facegpt.video.people import Person
from facegpt.video.smoothing import smoothed

#: A face seen in fewer frames than this gets no files of its own.
LEAST_FRAMES = 5


@dataclass(eq=False)
class Take:
    """A tracked clip.

    Attributes:
        model: the head of all who have none of their own. info: of the clip. view: how it was read.
        people: who is in it, by track_id. textures: of their skin, with the roots of their hair.
        motion: records of each track_id, smoothed (see `take_of`). frames: how many were looked at, with a face or not.
        frame_time_s: (frames,) their times.
    """

    model: MorphableModel
    info: ClipInfo
    view: View
    people: dict[int, Person]
    textures: dict[int, NDArray[np.uint8]]
    motion: dict[int, NDArray[np.void]]
    frames: int
    frame_time_s: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    _heads: dict[int, HeldHead] = field(default_factory=dict)

    def head_model(self, number: int) -> MorphableModel:
        """The head model of one person."""
        return self.people[number].model(self.model)

    def head(self, number: int) -> HeldHead:
        """The head of one person."""
        if number not in self._heads:
            self._heads[number] = self.people[number].held(self.model)
        return self._heads[number]

    def looked_at(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Of a clip's frames those that were looked at: the first ones, where it was stopped early."""
        return takewhile(lambda frame: frame.index < self.frames, frames)

    def params(self, number: int, row: NDArray[np.void]) -> FaceParams:
        """The parameters of one face in one frame."""
        person = self.people[number]
        look = person.albedo, person.lighting
        params = params_of(self.head_model(number), self.head(number), row, self.view, *look)
        return person.accessories.on(params)

    def curves(self, number: int) -> Curves:
        """The motion of one person."""
        rows, model = self.motion[number], self.head_model(number)
        all_params = [self.params(number, row) for row in rows]
        eyes = [model.joint_names.index(name) for name in ("left_eye", "right_eye")]
        return Curves(
            track_id=number,
            model_id=model.model_id,
            fps=self.info.fps,
            frame=rows["frame"],
            time_s=rows["time_s"],
            expression=np.stack([params.expression for params in all_params]),
            rotation=np.stack([params.pose.rotation for params in all_params]),
            translation_mm=np.stack([params.pose.translation for params in all_params]),
            gaze_deg=rows["gaze"],
            eyes_rotvec=np.stack([params.joints[eyes] for params in all_params]),
            confidence=rows["confidence"],
            identity=np.asarray(self.people[number].identity),
            focal_px=all_params[0].camera.focal_px,
            light=np.stack([params.lighting for params in all_params]),
        )


def take_of(
    model: MorphableModel,
    info: ClipInfo,
    view: View,
    people: Iterable[Person],
    textures: dict[int, NDArray[np.uint8]],
    records: NDArray[np.void],
    smooth: bool = True,
) -> Take:
    """A take from its records, smoothed person by person; people of a few frames only are left out."""
    tracks = {
        number: rows for number, rows in tracks_of(records).items() if len(rows) >= min(LEAST_FRAMES, len(records))
    }
    motion = {number: smoothed(rows) if smooth else rows for number, rows in tracks.items()}
    count = int(records["frame"].max()) + 1 if len(records) else 0
    times = np.unique(records["time_s"])
    return Take(model, info, view, {person.number: person for person in people}, textures, motion, count, times)


def write_person(folder: Path, take: Take, number: int, options: FileOptions = USUAL) -> list[Path]:
    """Write the files of one person and give their paths."""
    curves = take.curves(number)
    paths = write_animations(folder, take, number, curves, options)
    paths.append(write_livelink(folder / "livelink.csv", curves.as_livelink(take.frame_time_s)))
    paths.append(write_curves_json(folder / "curves.json", curves))
    paths.append(write_curves_npz(folder / "curves.npz", curves))
    paths.append(write_bytes(folder / "curves.png", png_bytes(curve_plots(curves))))
    return paths


def write_animations(folder: Path, take: Take, number: int, curves: Curves, options: FileOptions = USUAL) -> list[Path]:
    """Write the animated head of one person: see `write_animated_head`."""
    model = take.head_model(number)
    rest = at_rest(model, take.params(number, take.motion[number][0]))
    texture = take.textures.get(number)
    if texture is None:
        colour = linear_to_srgb(model_texture(model, rest.albedo, 1024))
        texture = np.round(np.dstack([colour, opacity(model, 1024)]) * 255).astype(np.uint8)
    return write_animated_head(folder, model, rest, texture, curves, take.people[number].detail, options)


def write_animated_head(
    folder: Path,
    model: MorphableModel,
    rest: FaceParams,
    texture: NDArray[np.uint8],
    curves: Curves,
    detail: Detail | None = None,
    options: FileOptions = USUAL,
) -> list[Path]:
    """Write a head in motion, with hair and glasses: animation.glb, and animation.usdz with usd-core.

    animation.fbx comes if it is asked for.
    One whose skin has a relief is written as animation_detail.glb too: subdivided, with folds that move.

    Args:
        folder: that is there.
        model: the head model.
        rest: the person at rest.
        texture: (H, W, 4) uint8 sRGB.
        curves: the motion.
        detail: the relief of the skin, or None.
        options: what is written beside the usual.
    """
    head = replace(with_hair(model, rest, texture, 0, as_strands=False), dense=options.dense)
    motion = HeadAnimation(curves.time_s, curves.expression, joint_turns(curves.rotation, curves.eyes_rotvec))
    plain = with_shapes(head, options.shapes)
    if detail is not None:
        relief = as_skin_detail(model, head.mesh(head.posed), rest, detail, with_folds=True)
        head, plain = replace(head, detail=relief), replace(plain, detail=relief)
    still = np.zeros((len(motion.time_s), len(options.shapes)))
    shaped = replace(motion, weights=np.hstack([motion.weights, still]))
    paths = [write_glb(folder / "animation.glb", plain, motion=shaped), *_write_folding(folder, head, motion)]
    if find_spec("pxr") is not None:
        paths.append(write_usdz(folder / "animation.usdz", head, motion))
    if options.fbx:
        paths.append(write_fbx(folder / "animation.fbx", head, motion=motion))
    else:
        remove(folder / "animation.fbx")  # of an earlier take
    return paths


def _write_folding(folder: Path, head: HeadExport, motion: HeadAnimation) -> list[Path]:
    """Write the head on a mesh that is fine enough to fold, if it has a relief; else remove an earlier one."""
    path = folder / "animation_detail.glb"
    if head.detail is None or head.detail.folds is None:
        remove(path)
        return []
    return [write_glb(path, fine_head(head, head.detail.folds), motion=motion, max_bytes=FINE_BYTES)]


def write_pictures(
    folder: Path,
    take: Take,
    frames: Iterable[Frame],
    sound_of: Path | None,
    progress: Callable[[int], None] | None = None,
    video: bool = True,
) -> list[Path]:
    """Write overlay.mp4, at the clip's times and with its sound, and contact_sheet.png; `frames` are the clip's.

    Frames that were not looked at are left out.
    """
    at = {number: {int(row["frame"]): row for row in rows} for number, rows in take.motion.items()}
    reliefs = {number: detail for number in at if (detail := take.people[number].detail) is not None}
    painter = OverlayPainter({number: take.head_model(number) for number in at}, take.textures, reliefs)
    wanted, tiles = set(sheet_frames(take.frames)), []
    file = VideoFile(folder / "overlay.mp4", take.info.fps, sound_of) if video else None

    def painted(frame: Frame) -> NDArray[np.uint8]:
        faces = [(n, take.params(n, rows[frame.index])) for n, rows in at.items() if frame.index in rows]
        return painter.draw(frame.pixels, faces, frame.scale)

    drawings = in_order(painted, (frame for frame in take.looked_at(frames) if video or frame.index in wanted))
    try:
        with closing(drawings):
            for frame, drawn in drawings:
                if file is not None:
                    file.add(drawn, frame.time_s)
                if frame.index in wanted:
                    tiles.append((frame.time_s, frame.pixels, drawn))
                if progress is not None:
                    progress(frame.index + 1)
    finally:
        if file is not None:
            file.__exit__(None, None, None)
    sheet = write_bytes(folder / "contact_sheet.png", png_bytes(contact_sheet(tiles)))
    return [folder / "overlay.mp4", sheet] if video and tiles else [sheet]
