"""Looking through the clips: who is in each, who is in all of them, and which frames tell the most of that person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import laplace

from facegpt.conventions import ARKIT_NAMES, euler_deg_from_rotation
from facegpt.detect.light_on_face import light_on_face
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.runtime.progress import Progress
from facegpt.runtime.side_by_side import in_order
from facegpt.types import Array, FaceGPTError
from facegpt.video.clip import ClipSource, Frame
from facegpt.video.look import FaceLook
from facegpt.video.people import Person
from facegpt.video.reading import open_clip
from facegpt.video.records import fingerprint
from facegpt.video.survey import Sighting, evenly, sightings_in, sort_in

#: Frames that are looked at: in all, and of one clip at least and at most.
LOOKED_AT, LEAST_A_CLIP, MOST_A_CLIP = 192, 8, 64
#: Keyframes: at least so many in all, so many of a clip, and never more in all; and the share of a clip's frames that
#: are too blurred beside its others.
KEYFRAMES, A_CLIP, MOST_KEYFRAMES, BLURRED = 32, 16, 64, 0.15
#: What counts as another pose, expression or light: degrees of yaw and pitch, units of weight, logs of brightness.
POSE_DEG, WEIGHT, LIGHT_LOG = 12.0, 0.5, 0.5
#: Means of one person's clips are nearer than this (of four clips of a man 0.12 to 0.18); of other people's, 0.64 and
#: more in a sample of five: single frames scatter, so that theirs may be farther.
ONE_PERSON = 0.5
#: Frames of a clip with an unknown number that are looked at: every so many.
EVERY = 8


@dataclass(eq=False)
class SeenClip:
    """One clip that was looked through.

    Attributes:
        source: as the user named it. frames: how many it has. scale: pixels as read per pixel of a whole frame.
        people: who is in it, with the frames that show them; those seen most often first.
    """

    source: ClipSource
    frames: int = 0
    scale: float = 1.0
    people: list[tuple[Person, list[Sighting]]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The file's name without folders."""
        return Path(str(self.source)).name

    @property
    def fingerprint(self) -> str:
        """A hash that tells the file from others; "" for cameras and streams."""
        return fingerprint(self.source if isinstance(self.source, int) else str(self.source))


def look_through(
    model: MakeHumanHead, look: FaceLook, source: ClipSource, most: int, told: Callable[[int, int | None], None]
) -> SeenClip:
    """The people of a clip, from frames evenly spread.

    Args:
        model: the default head.
        look: the networks.
        source: the clip.
        most: frames to look at.
        told: told (frames read, frames there are).

    Raises:
        FaceGPTError: if it cannot be read, or no frame shows a face.
    """
    seen = SeenClip(source)
    with open_clip(source) as clip:
        if not clip.info.rereadable:
            raise FaceGPTError(f"'{source}' is a camera or a stream; record a clip and give its file")
        wanted = _spread(clip.info.frames, most)

        def frames() -> Iterator[Frame]:
            for frame in clip:
                seen.frames, seen.scale = frame.index + 1, frame.scale
                told(frame.index + 1, clip.info.frames)
                if wanted(frame.index):
                    yield frame

        for _, found in in_order(partial(sightings_in, model, look), frames()):
            sort_in(seen.people, found)
    seen.people.sort(key=lambda pair: -len(pair[1]))
    if not seen.people:
        raise FaceGPTError(
            f"no face was found in '{seen.name}' ({seen.frames} frames); give clips in which the face is seen"
        )
    return seen


def _spread(frames: int | None, most: int) -> Callable[[int], bool]:
    return (lambda index: index % EVERY == 0) if frames is None else evenly(frames, most)


def mean_descriptor(sightings: Sequence[Sighting]) -> Array:
    """(128,) the mean of what the recognition network says of one person's frames."""
    return np.mean([one.descriptor for one in sightings], axis=0)


def common_person(clips: Sequence[SeenClip]) -> tuple[list[list[Sighting]], str]:
    """The frames of each clip that show the person whom all clips show, and a line on whom that left out ("" if none).

    Of several who are in all clips it is the one seen most often.

    Raises:
        FaceGPTError: if nobody is in all clips, with how far apart the faces are.
    """
    found = []
    for _, first in clips[0].people:
        chosen, centre = [first], mean_descriptor(first)
        for clip in clips[1:]:
            distance, nearest = _nearest(centre, clip)
            if distance >= ONE_PERSON:
                break
            chosen.append(nearest)
            centre = np.mean([mean_descriptor(one) for one in chosen], axis=0)
        else:
            found.append(chosen)
    if not found:
        raise FaceGPTError(_nobody(clips))
    best = max(found, key=lambda chosen: sum(map(len, chosen)))
    others = sum(len(clip.people) for clip in clips) - len(clips)
    return best, _left_out(clips, others) if others else ""


def _nearest(centre: Array, clip: SeenClip) -> tuple[float, list[Sighting]]:
    apart = [float(np.linalg.norm(mean_descriptor(seen) - centre)) for _, seen in clip.people]
    nearest = int(np.argmin(apart))
    return apart[nearest], clip.people[nearest][1]


def _left_out(clips: Sequence[SeenClip], others: int) -> str:
    where = ", ".join(clip.name for clip in clips if len(clip.people) > 1)
    faces = "another face was" if others == 1 else f"{others} other faces were"
    who = "whom all clips show" if len(clips) > 1 else "seen most often"
    return f"{faces} left out ({where}); the head is that of the person {who}"


def _nobody(clips: Sequence[SeenClip]) -> str:
    """The evidence: of each clip how far its nearest face is from the first clip's."""
    centre = mean_descriptor(clips[0].people[0][1])
    told = [f"'{clip.name}' {_nearest(centre, clip)[0]:.2f}" for clip in clips[1:]]
    return (
        f"the clips do not show one and the same person: from the face in '{clips[0].name}' the nearest ones are "
        f"{', '.join(told)} away, and one person's are less than {ONE_PERSON} apart; give clips of one person only"
    )


@dataclass(frozen=True, eq=False)
class Keyframe:
    """A frame that the head is made from: the number of its clip, and what was seen in it."""

    clip: int
    sighting: Sighting


def choose_keyframes(sightings: Sequence[Sequence[Sighting]], most: int | None = None) -> list[Keyframe]:
    """Frames of each clip that differ most in pose, expression and light, the sharp ones; every clip has its share.

    most: keyframes in all, or None for as many as so many clips are given.
    """
    most = int(np.clip(A_CLIP * len(sightings), KEYFRAMES, MOST_KEYFRAMES)) if most is None else most
    share = max(1, most // len(sightings))
    chosen = []
    for clip, seen in enumerate(sightings):
        sharpness = np.array([sharpness_of(one) for one in seen])
        sharp = sharpness >= np.quantile(sharpness, BLURRED) if len(seen) > share else np.ones(len(seen), bool)
        kept = [one for one, fine in zip(seen, sharp, strict=True) if fine]
        chosen += [Keyframe(clip, one) for one in _most_different(kept, share)]
    return chosen


def open_eyed(keyframes: Sequence[Keyframe], clip: int) -> list[int]:
    """The numbers of a clip's keyframes, those first that show a face well and its eyes open."""
    own = [k for k, one in enumerate(keyframes) if one.clip == clip]
    return sorted(own, key=lambda k: _shut(keyframes[k]) - keyframes[k].sighting.merit)


def _shut(keyframe: Keyframe) -> float:
    """How far the eyes are shut, 0 to 2: irises under lids have no colour."""
    weights = keyframe.sighting.seen.dense.expression
    return float(sum(weights[ARKIT_NAMES.index(f"eyeBlink{side}")] for side in ("Left", "Right")))


def _most_different(seen: Sequence[Sighting], count: int) -> list[Sighting]:
    """Farthest-point sampling of poses, expressions and lights from the most telling frame on; in the order of time."""
    features = np.stack([_feature(one) for one in seen])
    chosen = [int(np.argmax([one.merit for one in seen]))]
    gaps = np.full(len(seen), np.inf)
    while len(chosen) < min(count, len(seen)):
        gaps = np.minimum(gaps, np.linalg.norm(features - features[chosen[-1]], axis=1))
        chosen.append(int(gaps.argmax()))
    return [seen[k] for k in sorted(set(chosen))]


def _feature(one: Sighting) -> NDArray[np.float64]:
    yaw, pitch, _ = euler_deg_from_rotation(one.solution.solution.state.rotation)
    light = light_on_face(one.frame.pixels, one.seen.detection.points)
    expression = np.asarray(one.seen.dense.expression) / WEIGHT
    return np.concatenate([[yaw / POSE_DEG, pitch / POSE_DEG], expression, light / LIGHT_LOG])


def sharpness_of(one: Sighting) -> float:
    """How much fine detail the face has: SD of the Laplacian over that of the brightness."""
    x0, y0, x1, y1 = np.asarray(one.seen.detection.box).astype(int)
    height, width = one.frame.pixels.shape[:2]
    grey = one.frame.pixels[max(y0, 0) : min(y1, height), max(x0, 0) : min(x1, width)].astype(np.float32).mean(2)
    if min(grey.shape) < 8:
        return 0.0
    return float(laplace(grey)[1:-1, 1:-1].std() / (grey.std() + 1.0))


def share_of(progress: Progress, number: int) -> Callable[[int, int | None], None]:
    """Tells the progress of one clip as hundredths of it."""

    def told(done: int, total: int | None) -> None:
        if total:
            progress(100 * number + min(99, 100 * done // total))

    return told
