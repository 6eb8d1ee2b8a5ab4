"""From clips and an avatar to an encoder of one's own: frames, their teacher, learning, and whether it is kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.fitting.mediapipe_points import SURFACE
from facegpt.personal import build
from facegpt.personal.avatar import Avatar
from facegpt.personal.build import PersonalizeSettings, PersonalModel
from facegpt.personal.known import adapter_of, known_person
from facegpt.personal.teacher import refined
from facegpt.personal.tuning import Decoder, tuned_weights, without_habits
from facegpt.personal.tuning_frames import LIP_PAIRS, TuningFrames, tuning_frames
from facegpt.personal.views import AT_REST
from facegpt.reconstruct.photo import PhotoModel
from facegpt.runtime.progress import Progress
from facegpt.runtime.threads import one_thread
from facegpt.types import Array
from facegpt.video.reading import ClipSource

log = logging.getLogger("facegpt")

#: Fewer frames teach nothing, and fewer tell nothing.
LEAST_LEARNT, LEAST_CHECKED = 24, 6
#: The tuned network is kept if the mean log of its errors over the old ones' is below the first, and none above the
#: second.
BETTER, NO_WORSE = -0.005, 0.02
#: Within which limits the SD of a weight about what the tuned network says of it lies.
SD_LIMITS = (0.03, 0.2)
#: Tuning begins only if this share of the minutes that may be taken is not over yet.
MINUTES_LEFT = 0.5
#: Shares of the time that following (twice), the teacher, learning and checking take.
_SHARES = (0.2, 0.2, 0.25, 0.15, 0.2)


class TunableModel(PhotoModel, PersonalModel, Protocol):
    """What makes avatars and looks at photos: `facegpt.api.FaceGPT`."""


@dataclass(frozen=True)
class Agreement:
    """How well a followed person agrees with frames: colours (log), points and gaps of the lips (% of the face)."""

    colour: float
    points: float
    lips: float

    def over(self, other: Agreement) -> tuple[float, float, float]:
        """Logs of these errors over another's."""
        pairs = ((self.colour, other.colour), (self.points, other.points), (self.lips, other.lips))
        return tuple(float(np.log(max(a, 1e-6) / max(b, 1e-6))) for a, b in pairs)  # type: ignore[return-value]


def personalized(
    model: TunableModel, clips: Sequence[ClipSource], settings: PersonalizeSettings, tune: bool = True
) -> Avatar:
    """An avatar made of clips, with an encoder tuned to the person if `tune` and if that follows them better.

    Raises: as `build_avatar`.
    """
    begun = time.monotonic()
    avatar = build.build_avatar(model, clips, settings)
    late = settings.minutes is not None and time.monotonic() - begun > MINUTES_LEFT * 60 * settings.minutes
    if not tune or late or avatar.state != "done":
        return avatar
    if settings.folder is not None:
        avatar.save(settings.folder)  # what ends the tuning does not cost the head
    try:
        with Progress("tuning", 100) as progress:
            return tune_encoder(model, avatar, clips, lambda share: progress(round(100 * share)))
    except KeyboardInterrupt:
        return avatar


@one_thread()
def tune_encoder(
    model: TunableModel, avatar: Avatar, clips: Sequence[ClipSource], progress: Callable[[float], None]
) -> Avatar:
    """The avatar with an adapter of the dense landmark network, or without where it follows them no better.

    The last fifth of each clip is held back: what is learnt must follow the person better there. So must a network that
    is only told what it says of this person at rest (low brows pass for lowered ones). All errors are in `figures`.

    Args:
        model: the model.
        avatar: whose head and skin decode.
        clips: of the person, read again.
        progress: told the share that is done.
    """
    plain = replace(avatar, adapter=None)
    known, look = known_person(model, plain), model.face_look()
    told = _parts(progress)

    def followed(weights: dict[str, NDArray[Any]], sd: Array | None, stage: int) -> TuningFrames:
        own = DenseLandmarker(device=model.device, changes=weights) if weights else None
        own_network = replace(known, landmarker=own, expression_sd=sd)
        return tuning_frames(model.head, look, own_network, clips, told[stage])

    common = followed({}, None, 0)
    if (~common.check).sum() < LEAST_LEARNT or common.check.sum() < LEAST_CHECKED:
        log.info("too few frames of %s to tune the network", avatar.name)
        return plain
    decoder = Decoder(avatar.head, avatar.texture)
    habits = np.quantile(common.said[~common.check], AT_REST, axis=0)
    bias = without_habits(habits)
    tries: dict[str, tuple[dict[str, NDArray[Any]], Array | None, TuningFrames]]
    tries = {"common network": ({}, None, common), "without habits": (bias, None, followed(bias, None, 1))}
    teacher = refined(tries["without habits"][2], decoder, told[2])
    weights = tuned_weights(teacher.chosen(~teacher.check), decoder, habits, told[3])
    sd = expression_sd(weights, teacher.chosen(teacher.check))
    tries["tuned network"] = weights, sd, followed(weights, sd, 4)
    errors = {name: agreement(decoder, frames.chosen(frames.check)) for name, (_, _, frames) in tries.items()}
    best = chosen(errors)
    log.info("held-back frames are followed best with: %s", best)
    figures = {f"held-back {key}, {name}": value for name, one in errors.items() for key, value in vars(one).items()}
    figures = {**avatar.figures, **figures, "tuned network kept": float(best == "tuned network")}
    adapter = adapter_of(*tries[best][:2]) if best != "common network" else None
    return replace(plain, adapter=adapter, figures=figures)


def expression_sd(weights: dict[str, NDArray[Any]], checked: TuningFrames) -> Array:
    """How far off the tuned network's weights of expressions are in frames that it has not learnt from, (52,)."""
    said = DenseLandmarker(changes=weights).run(checked.crops[:, 0] / 255.0, checked.detected[:, 0])["expression"]
    off = np.sqrt(np.square(np.clip(said, 0, 1) - checked.expression).mean(0))
    return np.clip(off, *SD_LIMITS)


def chosen(errors: dict[str, Agreement]) -> str:
    """Which network is kept: the first of `errors`, or what is better than it by enough and in nothing worse."""
    names = list(errors)
    better = {}
    for name in names[1:]:
        changes = errors[name].over(errors[names[0]])
        if float(np.mean(changes)) < BETTER and max(changes) < NO_WORSE:
            better[name] = float(np.mean(changes))
    return min(better, key=lambda name: better[name]) if better else names[0]


def agreement(decoder: Decoder, frames: TuningFrames) -> Agreement:
    """How well the avatar, as `frames` place it, agrees with them."""
    with torch.no_grad():
        placed = decoder.placed(torch.from_numpy(np.asarray(frames.expression, np.float32)), frames)
        colour = decoder.colour_error(placed, frames).numpy()
        gaps = np.abs(decoder.gaps_px(placed, frames).numpy() - frames.gaps)[:, : len(LIP_PAIRS)].mean(1)
    off = np.abs(frames.points[:, 0, :SURFACE] - frames.detected[:, 0, :SURFACE]).mean((1, 2))
    off = off * frames.crops.shape[-1] / 2
    return Agreement(
        float(colour.mean()), float(100 * (off / frames.size).mean()), float(100 * (gaps / frames.size).mean())
    )


def _parts(progress: Callable[[float], None]) -> list[Callable[[float], None]]:
    """What each stage tells of its own share, told of the whole."""
    starts = np.cumsum((0.0, *_SHARES))[:-1]

    def part(start: float, size: float) -> Callable[[float], None]:
        return lambda share: progress(start + size * share)

    return [part(float(start), size) for start, size in zip(starts, _SHARES, strict=True)]
