"""A performance in words as motion: movements one after the other, each with its beginning, its hold and its end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from facegpt.animate.curves import FPS, Curves
from facegpt.animate.ease import eased, moved
from facegpt.animate.idle import blink_shape, enlivened, saccade_s
from facegpt.animate.script import Movement, movements
from facegpt.conventions import ARKIT_NAMES
from facegpt.face import Face
from facegpt.generate.request_to_head import edited_expression
from facegpt.language.reading.prompts import read_prompt
from facegpt.types import Array, FaceGPTError

#: A face takes so long to show something (onset of smiles, Schmidt et al. 2003: 0.5 s), and holds it for so long, s.
ONSET_S, HOLD_S = 0.5, 0.9
#: What goes along with something begins so much later; the performance begins and ends with so much stillness, s.
BESIDE_S, LEAD_S, TAIL_S = 0.15, 0.5, 1.0
#: Degrees of looks and of turns of the head to the side, up or down, and of tilts; how long a turn takes, s.
LOOK_DEG, TURN_DEG, TILT_DEG, TURN_S = (20.0, 13.0), (24.0, 14.0), 13.0, 0.75
#: A nod, a shake: degrees, seconds of one, how often.
NOD, SHAKE = (9.0, 0.55, 2), (11.0, 0.6, 2)
#: Share of a look that the head goes along with, and how much later.
HEAD_SHARE, HEAD_LATER_S = 0.2, 0.08
#: Closing, shut and opening of a wink, s.
WINK_S = (0.13, 0.16, 0.25)
#: What goes along with one eye shut: cheek and corner of the mouth, shares of 1.
WITH_A_WINK = (("cheekSquint", 0.6), ("mouthSmile", 0.2), ("browDown", 0.15))
#: Words that mean something that was said before.
_POINTS_BACK = re.compile(r"\b(?:it|them|that|this)\b")
#: The longest performance, s.
LONGEST_S = 600.0


class WordsModel(Protocol):
    """What reads the words."""

    @property
    def language(self) -> Any:
        """The reader of words."""

    def seen(self, face: Face) -> Any:
        """What the reader is told of a head."""
        ...


@dataclass
class Stage:
    """The motion that grows, movement by movement; T is the longest performance until it is cut."""

    time_s: Array
    face: Array
    lids: Array
    gaze: Array
    turn: Array
    now_s: float = LEAD_S
    begun_s: float = LEAD_S
    remarks: list[str] = field(default_factory=list)

    @classmethod
    def empty(cls, seconds: float, fps: float) -> Stage:
        """A face at rest for so long."""
        count = int(np.ceil(seconds * fps)) + 1
        face, lids, gaze, turn = (np.zeros((count, n)) for n in (len(ARKIT_NAMES), 2, 2, 3))
        return cls(np.arange(count) / fps, face, lids, gaze, turn)

    def _frame(self, time_s: float) -> int:
        return min(int(np.searchsorted(self.time_s, time_s)), len(self.time_s) - 1)

    def show(self, begin_s: float, goal: Array, one: Movement) -> float:
        """Bring an expression (52,) on; gives when it is there for all to see."""
        onset = one.takes_s or ONSET_S * one.pace
        if one.times is None and one.holds_s is None:
            self.face = moved(self.face, self.time_s, begin_s, onset, goal)
            return begin_s + onset + HOLD_S
        rest = self.face[self._frame(begin_s)].copy()
        hold = one.holds_s if one.holds_s is not None else 0.25
        for _ in range(one.times or 1):
            self.face = moved(self.face, self.time_s, begin_s, onset, goal)
            self.face = moved(self.face, self.time_s, begin_s + onset + hold, onset, rest)
            begin_s += 2 * onset + hold
        return begin_s

    def look(self, begin_s: float, goal_deg: Array, one: Movement) -> float:
        """Eyes to a direction (side, up); the head goes along a little."""
        at = self.gaze[self._frame(begin_s)]
        jump = saccade_s(float(np.linalg.norm(goal_deg - at))) * max(one.pace, 1.0) ** 2
        self.gaze = moved(self.gaze, self.time_s, begin_s, jump, goal_deg)
        with_it = np.array([goal_deg[0], -goal_deg[1], 0.0]) * HEAD_SHARE
        self.turn = moved(self.turn, self.time_s, begin_s + HEAD_LATER_S, 0.45 * one.pace, with_it)
        end = begin_s + jump + (HOLD_S if one.holds_s is None else one.holds_s)
        if one.holds_s is not None:
            self.gaze = moved(self.gaze, self.time_s, end, jump, np.zeros(2))
            self.turn = moved(self.turn, self.time_s, end, 0.45, np.zeros(3))
        return end

    def head(self, begin_s: float, goal_deg: Array, one: Movement) -> float:
        """The head to a turn (yaw, pitch, roll); the eyes lead, and are straight when it is there."""
        lasts = one.takes_s or TURN_S * one.pace
        lead = np.array([np.clip(goal_deg[0], -15, 15), np.clip(-goal_deg[1], -10, 10)]) * 0.7
        self.gaze = moved(self.gaze, self.time_s, begin_s, saccade_s(15.0), lead)
        self.gaze = moved(self.gaze, self.time_s, begin_s + 0.3 * lasts, 0.7 * lasts, np.zeros(2))
        self.turn = moved(self.turn, self.time_s, begin_s + 0.06, lasts, goal_deg)
        end = begin_s + lasts + (0.4 if one.holds_s is None else one.holds_s)
        if one.holds_s is not None:
            self.turn = moved(self.turn, self.time_s, end, lasts, np.zeros(3))
            end += lasts
        return end

    def swing(self, begin_s: float, axis: int, degrees: float, each_s: float, times: int) -> float:
        """The head to and fro: so many swings, the first and last are smaller. The eyes stay on what they saw."""
        lasts = each_s * times
        share = np.clip((self.time_s - begin_s) / lasts, 0, 1)
        envelope = eased(share / 0.25) * eased((1 - share) / 0.25)
        course = degrees * envelope * np.sin(2 * np.pi * times * share)
        if axis == 1:  # a nod goes down from where the head is
            course = degrees * envelope * (1 - np.cos(2 * np.pi * times * share)) / 2
        self.turn[:, axis] += course
        self.gaze[:, 0 if axis == 0 else 1] += -0.6 * course if axis == 0 else 0.6 * course
        return begin_s + lasts

    def shut(self, begin_s: float, sides: Array, times: int, lasts_s: tuple[float, float, float]) -> float:
        """Shut eyes (2,) for a moment, so many times."""
        for _ in range(times):
            self.lids = np.maximum(self.lids, blink_shape(self.time_s - begin_s, *lasts_s)[:, None] * sides)
            begin_s += sum(lasts_s) + 0.08
        return begin_s

    def curves(self, fps: float) -> Curves:
        """The motion until a moment after its end."""
        count = int(np.searchsorted(self.time_s, self.now_s + TAIL_S))
        face = self.face.copy()
        for k, side in enumerate(("Left", "Right")):
            at = ARKIT_NAMES.index(f"eyeBlink{side}")
            face[:, at] = np.maximum(face[:, at], self.lids[:, k])
            alone = np.maximum(self.lids[:, k] - self.lids[:, 1 - k], 0.0)
            for unit, share in WITH_A_WINK:
                at = ARKIT_NAMES.index(unit + side)
                face[:, at] = np.maximum(face[:, at], share * alone)
            for unit in ("eyeWide", "eyeSquint"):
                face[:, ARKIT_NAMES.index(unit + side)] *= 1 - 0.7 * self.lids[:, k]
        gaze = np.repeat(self.gaze[:count, None], 2, 1)
        return Curves(ARKIT_NAMES, np.clip(face[:count], 0, 1), fps, self.turn[:count], gaze)


def motion_of_words(
    model: WordsModel, face: Face, text: str, seed: int = 0, fps: float = FPS, alive: bool = True
) -> tuple[Curves, tuple[str, ...]]:
    """The motion that words describe, and sentences on what of them could not be shown.

    Args:
        model: reads what a face shows.
        face: whose performance it is.
        text: "slowly smiles, then winks, looks left and nods".
        seed: decides about all that the words leave open, and about blinks and small movements.
        fps: frames a second.
        alive: whether blinks, glances and small movements of the head are added.

    Raises:
        FaceGPTError: if the text is empty or no string, or nothing in it can be shown.
    """
    prompt = read_prompt(text, "the performance")
    script = movements(prompt.text)
    planned = 8.0 + sum((one.holds_s or 1.5) + (one.takes_s or 0) + 3.5 * (one.times or 1) * one.pace for one in script)
    stage = Stage.empty(min(planned, LONGEST_S), fps)
    expression: Array = np.zeros(len(ARKIT_NAMES))
    shown, said = 0, ""
    for one in script:
        begin = stage.begun_s + BESIDE_S if one.beside else stage.now_s
        if one.kind == "face":
            goal = _face_in_words(model, face, one, said, expression, seed)
            said = one.words
            if goal is None:
                stage.remarks.append(f'"{one.words}": nothing in these words moves a face')
                continue
            end, expression = stage.show(begin, goal, one), goal
        else:
            end = _gesture(stage, begin, one, seed)
        stage.begun_s, stage.now_s, shown = begin, max(end, stage.now_s if one.beside else 0.0), shown + 1
    if not shown:
        raise FaceGPTError(f'nothing in "{prompt.text[:60]}" moves a face; say for example "smiles, then winks"')
    curves = stage.curves(fps)
    return (enlivened(curves, seed) if alive else curves), (*prompt.remarks, *stage.remarks)


def mood_of_words(model: WordsModel, face: Face, text: str, seed: int = 0) -> Array:
    """The expression (52,) of words that tell how somebody speaks: "sarcastic", "tired and sad".

    Raises:
        FaceGPTError: if the text is empty, or nothing in it moves a face.
    """
    prompt = read_prompt(text, "the mood")
    found = _face_in_words(model, face, Movement(prompt.text), "", np.zeros(len(ARKIT_NAMES)), seed)
    if found is None:
        raise FaceGPTError(f'nothing in "{prompt.text[:60]}" moves a face; say for example "sarcastic", or "tired"')
    return found


def _face_in_words(model: WordsModel, face: Face, one: Movement, said: str, before: Array, seed: int) -> Array | None:
    """The expression (52,) that words ask for; what they don't name is at rest, or goes on with what is beside them.

    Words that only end something ("stops smiling") leave the rest of the face as it was. None if they name nothing.
    said: the movement of the face before, which "closes it" is read with.
    """
    words: Any = one.words
    if said and _POINTS_BACK.search(words):
        turns = (("user", said), ("assistant", "Done."), ("user", words))
        words = [{"role": role, "content": content} for role, content in turns]
    request = model.language.read(words, model.seen(face.neutral()), True).request
    named = np.asarray(request.expression_named, bool)
    if not request.emotion and not named.any():
        return None
    brings = request.emotion not in ("", "neutral") or np.asarray(request.expression)[named].max(initial=0.0) > 0.05
    start = before if one.beside or not brings else np.zeros_like(before)
    return np.asarray(edited_expression(start, request, seed), np.float64)


def _gesture(stage: Stage, begin_s: float, one: Movement, seed: int) -> float:
    """Play a movement of head, eyes or lids; gives when it has ended."""
    side = ("left" in one.ways) - float("right" in one.ways)
    up = ("up" in one.ways) - float("down" in one.ways)
    if one.kind == "pause":
        return begin_s + (1.0 if one.holds_s is None else one.holds_s)
    if one.kind in ("nod", "shake"):
        degrees, each_s, usual = NOD if one.kind == "nod" else SHAKE
        usual = usual if one.holds_s is None else max(round(one.holds_s / each_s), 1)
        return stage.swing(
            begin_s, 1 if one.kind == "nod" else 0, degrees * one.size, each_s * one.pace, one.times or usual
        )
    if one.kind == "wink":
        sides = np.array([side >= 0, side < 0], float) if side or seed % 2 == 0 else np.array([0.0, 1.0])
        return stage.shut(begin_s, sides, one.times or 1, _lasting(WINK_S, one))
    if one.kind == "blink":
        return stage.shut(begin_s, np.ones(2), one.times or 1, _lasting((0.10, 0.03, 0.2), one))
    if one.kind == "look":
        return stage.look(begin_s, np.array([side * LOOK_DEG[0], up * LOOK_DEG[1]]) * one.size, one)
    if one.kind == "tilt":
        return stage.head(begin_s, np.array([0.0, -up * TURN_DEG[1], side * TILT_DEG]) * one.size, one)
    return stage.head(begin_s, np.array([side * TURN_DEG[0], -up * TURN_DEG[1], 0.0]) * one.size, one)


def _lasting(usual_s: tuple[float, float, float], one: Movement) -> tuple[float, float, float]:
    closing, shut, opening = (each * one.pace for each in usual_s)
    return closing, shut if one.holds_s is None else one.holds_s, opening
