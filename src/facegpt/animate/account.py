"""Who does what when in a clip or a take: movements with onset, peak and end, told from the followed curves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from facegpt.animate.curves import Curves
from facegpt.animate.driver import FollowingModel, driving_motion
from facegpt.animate.motion_files import read_motion
from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.motion.events import movements
from facegpt.describe.motion.words import PersonMotion, account
from facegpt.face import Face
from facegpt.generate.request_to_head import edited_expression
from facegpt.language.reading.prompts import read_prompt
from facegpt.video.sources import is_take

#: Weights from which a question asks about a unit.
_ASKED_FROM = 0.2
#: Movements that are told under another name than their unit's.
_ALSO = {"eyeBlink": ("blink", "wink"), "browInnerUp": ("browUp",), "browOuterUp": ("browUp",)}


class AccountModel(FollowingModel, Protocol):
    """What follows a clip and reads a question."""

    @property
    def language(self) -> Any:
        """The reader of words."""

    def mean_face(self) -> Face:
        """The mean head."""
        ...

    def seen(self, face: Face) -> Any:
        """What the reader is told of a head."""
        ...


@dataclass(frozen=True)
class MotionAccount:
    """What the people of a clip do.

    Attributes:
        people: those seen most come first. lasts_s: seconds from the first frame to the last.
    """

    people: tuple[PersonMotion, ...]
    lasts_s: float

    @property
    def text(self) -> str:
        """Who does what when, in sentences."""
        return account(self.people, self.lasts_s)

    def about(self, model: AccountModel, question: str) -> MotionAccount:
        """The movements that a question names alone; all, where it names none or nobody makes them.

        Raises:
            FaceGPTError: if the question is empty.
        """
        return self.answering(model, question) or self

    def answering(self, model: AccountModel, question: str) -> MotionAccount | None:
        """The movements that a question names; None where it names none or nobody makes them."""
        read = model.language.read(read_prompt(question, "the question").text, model.seen(model.mean_face()), True)
        asked = edited_expression(np.zeros(len(ARKIT_NAMES)), read.request, 0)
        bases = {_base(name) for name, weight in zip(ARKIT_NAMES, asked, strict=True) if weight >= _ASKED_FROM}
        bases |= {other for base in bases for other in _ALSO.get(base, ())}
        people = [replace(one, movements=tuple(m for m in one.movements if m.name in bases)) for one in self.people]
        kept = tuple(one for one in people if one.movements)
        return replace(self, people=kept) if kept else None


def account_of(model: FollowingModel, source: str | Path) -> MotionAccount:
    """What the people of a clip do, or of the folder of a take.

    Raises:
        FaceGPTError: if it cannot be read, or shows no face.
    """
    path = Path(source)
    if is_take(path):
        read = [read_motion(one) for one in sorted(path.glob("person_*")) or [path]]
        seen = [(0.0, (len(one) - 1) / one.fps) for one in read]
    else:
        driven = driving_motion(model, path, label="following the clip")
        read, seen = [one.curves for one in driven], [(one.first_s, one.last_s) for one in driven]
    people = tuple(_person(k, curves, *when) for k, (curves, when) in enumerate(zip(read, seen, strict=True)))
    return MotionAccount(people, max(last for _, last in seen))


def _base(name: str) -> str:
    return name.removesuffix("Left").removesuffix("Right")


def _person(number: int, curves: Curves, first_s: float, last_s: float) -> PersonMotion:
    whole = curves.complete()
    weights = {name: np.asarray(whole.weights)[:, k] for k, name in enumerate(whole.names)}
    found = movements(weights, whole.fps, whole.turn_deg, whole.gaze_deg)
    return PersonMotion(number, round(first_s, 3), round(last_s, 3), tuple(found))
