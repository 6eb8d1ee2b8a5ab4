"""Who is animated: a head as it is given, a saved one, an avatar, a photo's, or the person of a clip."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from facegpt.animate.clip import UPPER
from facegpt.animate.curves import Curves, evened
from facegpt.conventions import euler_deg_from_rotation
from facegpt.face import Face
from facegpt.personal.about import ABOUT
from facegpt.personal.avatar import Avatar
from facegpt.reconstruct.sources import called, chosen, faces_of
from facegpt.runtime.progress import Progress
from facegpt.types import FaceGPTError, FaceParams
from facegpt.video.sources import is_clip


@dataclass(frozen=True, eq=False)
class Subject:
    """One head, and how it moves by itself.

    Attributes:
        face: the head. own: its motion in the clip that it comes from, or None. frames: its parameters there, by the
            frame's time in seconds.
    """

    face: Face
    own: Curves | None = None
    frames: dict[float, FaceParams] = field(default_factory=dict)

    def with_own_turns(self, curves: Curves, dubbed: bool = False) -> Curves:
        """Curves of an expression with the turns of the clip; where that has ended the head keeps its last one.

        dubbed: the upper face and the gaze are the clip's, too: of the curves the mouth alone is new.
        """
        if self.own is None:
            return curves
        own = self.own.at_rate(curves.fps).complete()
        at = np.minimum(np.arange(len(curves)), len(own) - 1)
        curves = replace(curves, turn_deg=own.turns[at])
        if not dubbed:
            return curves
        weights = curves.weights.copy()
        weights[:, UPPER] = own.weights[at][:, UPPER]
        return replace(curves, weights=weights, gaze_deg=own.gaze[at])


def subjects_of(model: Any, source: Any, index: int | None, count: int) -> list[Subject]:
    """The heads to animate.

    Args:
        model: finds heads (FaceGPT).
        source: a Face, an Avatar or its folder, a saved folder or params.json, a photo, or a clip.
        index: which face of several, 0 the largest.
        count: how many are wanted: of a photo the largest ones.

    Raises:
        FaceGPTError: if there is no such head, or not as many.
    """
    if isinstance(source, Avatar):
        return [Subject(source.face())]
    if is_clip(source):
        return [_of_clip(model, source)]
    if isinstance(source, (str, os.PathLike)) and (Path(source) / ABOUT).is_file():
        from facegpt.personal.known import opened

        return [Subject(opened(source, model.head).face())]
    faces = faces_of(model, source)
    if count == 1:
        return [Subject(chosen(faces, source, index))]
    if index is not None:
        raise FaceGPTError("several drivers move several faces of a photo: leave the face's number out")
    if len(faces) < count:
        raise FaceGPTError(f"there are {count} drivers, and {called(source)} shows {len(faces)} faces")
    return [Subject(face) for face in faces[:count]]


def _of_clip(model: Any, clip: str | os.PathLike[str]) -> Subject:
    """The person who is seen most in a clip, as in the clearest frame, and how they move."""
    from facegpt.video.reading import open_clip

    with open_clip(clip) as opened:
        info = opened.info
    best: dict[int, Face] = {}
    times: dict[int, list[float]] = {}
    turns: dict[int, list[tuple[float, float, float]]] = {}
    shown: dict[int, dict[float, FaceParams]] = {}
    weights: dict[int, list[Any]] = {}
    with Progress("following the clip", info.frames or 0) as progress:
        for k, face in enumerate(model.track(clip)):
            number = face.track_id
            times.setdefault(number, []).append(face.time_s)
            shown.setdefault(number, {})[round(face.time_s, 4)] = face.params
            turns.setdefault(number, []).append(euler_deg_from_rotation(face.params.pose.rotation))
            weights.setdefault(number, []).append(face.params.expression)
            if number not in best or face.confidence > best[number].confidence:
                best[number] = face
            progress(k + 1, max(info.frames or 0, k + 1))
    if not best:
        raise FaceGPTError(f"no face was found in '{clip}'")
    number = max(times, key=lambda each: len(times[each]))
    at = np.array(times[number])
    own = evened(at, np.clip(np.array(weights[number], np.float64), 0, 1), info.fps, np.array(turns[number]))
    face = replace(best[number], photo=None, track_id=None, time_s=None)
    return Subject(face, own, shown[number])
