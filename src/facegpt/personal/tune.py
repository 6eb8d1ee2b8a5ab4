"""From clips and an avatar to an encoder of one's own: frames, their teacher, learning, and whether it is kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from facegpt.encode.dense_landmarks import DenseLandmarker
from facegpt.personal import build
from facegpt.personal.avatar import Avatar
from facegpt.personal.build import PersonalModel
from facegpt.personal.choice import agreement, chosen
from facegpt.personal.known import adapter_of, known_person
from facegpt.personal.marks import with_own_marks
from facegpt.personal.settings import PersonalizeSettings
from facegpt.personal.teacher import refined
from facegpt.personal.tuning import Decoder, tuned_weights, without_habits
from facegpt.personal.tuning_frames import TuningFrames, tuning_frames
from facegpt.personal.views import AT_REST
from facegpt.reconstruct.photo import PhotoModel
from facegpt.runtime.progress import Progress
from facegpt.runtime.threads import one_thread
from facegpt.types import Array, FaceGPTError
from facegpt.video.clip import ClipSource

#: Arrays that take the place of a network's, by their names in its file.
Weights = dict[str, NDArray[Any]]
log = logging.getLogger("facegpt")

#: Fewer frames teach nothing, and fewer tell nothing.
LEAST_LEARNT, LEAST_CHECKED = 24, 6
#: Within which limits the SD of a weight about what the tuned network says of it lies.
SD_LIMITS = (0.03, 0.2)
#: Tuning begins only if this share of the minutes that may be taken is not over yet.
MINUTES_LEFT = 0.5
#: Minutes over those that were asked for from which it is told.
OVERRUN = 1.05
#: Shares of the time that following (twice), the teacher, learning and checking take.
_PARTS = (0.2, 0.2, 0.25, 0.2, 0.15)


class TunableModel(PhotoModel, PersonalModel, Protocol):
    """What makes avatars and looks at photos: `facegpt.api.FaceGPT`."""


def personalized(
    model: TunableModel, clips: Sequence[ClipSource], settings: PersonalizeSettings, tune: bool = True
) -> Avatar:
    """An avatar made of clips, with an encoder tuned to the person if `tune` and if that follows them better.

    Raises: as `build_avatar`.
    """
    begun = time.monotonic()
    avatar = _tuned(model, clips, settings, tune, begun)
    minutes = (time.monotonic() - begun) / 60
    if settings.minutes is not None and minutes > OVERRUN * settings.minutes:
        log.warning(
            f"it took {minutes:.1f} minutes, more than the {settings.minutes:g} that were asked for: looking through "
            "the clips and making the skin are not cut short"
        )
    return avatar


class _TimeIsUpError(Exception):
    """The minutes are over."""


def _tuned(
    model: TunableModel, clips: Sequence[ClipSource], settings: PersonalizeSettings, tune: bool, begun: float
) -> Avatar:
    """`personalized`, without what is said of it; begun: when, by the clock of `time.monotonic`."""
    avatar = build.build_avatar(model, clips, settings)

    def over(share: float) -> bool:
        return settings.minutes is not None and time.monotonic() - begun > share * 60 * settings.minutes

    if not tune or over(MINUTES_LEFT) or avatar.state != "done":
        return avatar
    if settings.folder is not None:
        with suppress(FaceGPTError):  # no room now: said when the work is done
            avatar.save(settings.folder)  # what ends the tuning does not cost the head
    try:
        with Progress("tuning", 100) as progress:

            def told(share: float) -> None:
                if over(1.0):
                    raise _TimeIsUpError
                progress(round(100 * share))

            return tune_encoder(model, avatar, clips, told)
    except (KeyboardInterrupt, _TimeIsUpError):
        return avatar


@one_thread()
def tune_encoder(
    model: TunableModel, avatar: Avatar, clips: Sequence[ClipSource], progress: Callable[[float], None]
) -> Avatar:
    """The avatar with an adapter of the dense landmark network, or without where it follows them no better.

    Two blocks of each clip are held back: what is learnt must follow the person better there. So must a network that
    is only told what it says of this person at rest (low brows pass for lowered ones). Where the detector's points lie
    on this head is learnt too. All errors are in `figures`.

    Args:
        model: the model.
        avatar: whose head and skin decode.
        clips: of the person, read again.
        progress: told the share that is done.
    """
    plain = replace(avatar, adapter=None)
    known, look = known_person(model, plain), model.face_look()
    told = iter(_parts(progress))

    def followed(weights: Weights, sd: Array | None, checked_only: bool = False) -> TuningFrames:
        own = DenseLandmarker(device=model.device, changes=weights) if weights else None
        own_network = replace(known, landmarker=own, expression_sd=sd)
        return tuning_frames(model.head, look, own_network, clips, next(told), checked_only)

    common = followed({}, None)
    learnt = common.block == 0
    if learnt.sum() < LEAST_LEARNT or (~learnt).sum() < LEAST_CHECKED:
        log.info("too few frames of %s to tune the network", avatar.name)
        return plain
    decoder = Decoder(avatar.head, avatar.texture)
    head, of_marks = with_own_marks(avatar.head, decoder, common)
    habits = np.quantile(common.said[learnt], AT_REST, axis=0)
    bias = without_habits(habits)
    calmer = followed(bias, None)
    tries: dict[str, tuple[Weights, Array | None]] = {"common network": ({}, None), "without habits": (bias, None)}
    errors = {"common network": agreement(decoder, common), "without habits": agreement(decoder, calmer)}
    teacher = refined(calmer, decoder, next(told))
    weights = tuned_weights(teacher.chosen(learnt), decoder, habits, next(told))
    sd = expression_sd(weights, teacher.chosen(~learnt))
    tries["tuned network"] = weights, sd
    errors["tuned network"] = agreement(decoder, followed(weights, sd, checked_only=True))
    best = chosen(errors)
    log.info("held-back frames are followed best with: %s", best)
    figures = {f"held-back {key}, {name}": value for name, one in errors.items() for key, value in one.means().items()}
    figures = {**avatar.figures, **of_marks, **figures, **{f"{name} kept": float(name == best) for name in tries}}
    adapter = None if best == "common network" else adapter_of(*tries[best])
    return replace(plain, head=head, adapter=adapter, figures=figures)


def expression_sd(weights: Weights, checked: TuningFrames) -> Array:
    """How far off the tuned network's weights of expressions are in frames that it has not learnt from, (52,)."""
    said = DenseLandmarker(changes=weights).run(checked.crops[:, 0] / 255.0, checked.detected[:, 0])["expression"]
    off = np.sqrt(np.square(np.clip(said, 0, 1) - checked.expression).mean(0))
    return np.clip(off, *SD_LIMITS)


def _parts(progress: Callable[[float], None]) -> list[Callable[[float], None]]:
    """What each stage tells of its own share, told of the whole."""
    starts = np.cumsum((0.0, *_PARTS))[:-1]

    def part(start: float, size: float) -> Callable[[float], None]:
        return lambda share: progress(start + size * share)

    return [part(float(start), size) for start, size in zip(starts, _PARTS, strict=True)]
