"""Somebody to talk with: a head, a manner and a voice from a few words, as "an old sailor, dry humour"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from facegpt.errors import FaceGPTError
from facegpt.face import Face
from facegpt.language.dialogue.cast import Cast, sex_of
from facegpt.language.dialogue.messages import Turn

#: What the talker is told; the words of the persona come between.
_MANNER = "You are {0}. Stay in this role, speak in the first person and say no more than two or three sentences."


class Imagines(Protocol):
    """What this needs of a model: `facegpt.api.FaceGPT`."""

    def imagine(self, text: str, seed: int = 0) -> Face:
        """Make a head from words."""
        ...


def opening(model: Imagines, words: str, seed: int = 0) -> list[dict[str, Any]]:
    """The first messages of a conversation with a persona: how the talker speaks, and the head that speaks.

    The voice follows from the head, as ever (animate.speech.voices).

    Args:
        model: imagines the head.
        words: who it is, in plain English.
        seed: decides about what the words leave open.

    Raises:
        FaceGPTError: if the words describe nobody who can be drawn.
    """
    plain = words.strip().rstrip(".")
    if not plain:
        raise FaceGPTError("the persona is empty; say who speaks, as in: an old sailor, dry humour")
    face = model.imagine(plain, seed=seed)
    cast = Cast().with_new([face], sex=[sex_of(face)], told=[plain.lower()])
    manner = {"role": "system", "content": _MANNER.format(plain)}
    return [manner, {"role": "assistant", "content": [{"type": "face", "face": face}], "cast": cast}]


def plays_a_role(turns: Sequence[Turn]) -> bool:
    """Whether a conversation says how its answers shall sound: then the talker answers small talk as well."""
    return any(turn.role == "system" and turn.text.strip() for turn in turns)
