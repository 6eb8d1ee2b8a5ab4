"""Which voice speaks: the head's own, one described in words, or one by numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from facegpt.animate.speech.voice import Voice, voice_for
from facegpt.face import Face
from facegpt.types import FaceGPTError

#: What a voice can have: mean pitch in Hz, length of the vocal tract (1: a woman's), speed, and the seed of its noise.
BOUNDS = {"pitch_hz": (70.0, 400.0), "tract": (0.6, 1.4), "speed": (0.25, 2.0), "seed": (0.0, 2.0**31)}


def chosen_voice(model: Any, wish: Voice | Face | str | None, head: Face | None = None) -> Voice:
    """The voice that somebody asked for.

    Args:
        model: makes a head of a description, whose age and sex then choose the voice.
        wish: a Voice, a Face whose voice it is, "an old man", "pitch=180,speed=1.2" (what is not named is the
            head's), or None for the head's own.
        head: who speaks, or None for the usual voice.

    Raises:
        FaceGPTError: for words that describe nobody, or numbers that no voice has.
    """
    own = Voice() if head is None else voice_of(head)
    if wish is None:
        return own
    if isinstance(wish, Face):
        return voice_of(wish)
    if isinstance(wish, Voice):
        return _within(wish)
    return _by_numbers(wish, own) if "=" in wish else _by_words(model, wish)


def voice_of(face: Face) -> Voice:
    """The voice of a head's age and sex; the usual one for head models that tell neither."""
    try:
        told: Mapping[str, float] = face.attributes
    except FaceGPTError:
        return Voice()
    return voice_for(told["age_years"], told["masculinity"])


def _by_words(model: Any, text: str) -> Voice:
    """The voice of somebody who is described."""
    if not text.strip():
        raise FaceGPTError("the voice is empty; say who speaks, as in: an old man")
    somebody = model.imagine(text)
    if not somebody.understood:
        raise FaceGPTError(f"nobody is described in '{text}'; say who speaks, as in: an old man")
    return voice_of(somebody)


def _by_numbers(text: str, own: Voice) -> Voice:
    """A voice changed by numbers: pitch=180,speed=1.2."""
    names = {field.name.removesuffix("_hz"): field.name for field in fields(Voice)}
    asked: dict[str, Any] = {}
    for item in filter(None, map(str.strip, text.split(","))):
        name, _, value = (piece.strip() for piece in item.partition("="))
        name = name.removesuffix("_hz")
        if name not in names:
            raise FaceGPTError(f"a voice has no '{name}'; it has {', '.join(names)}, or say it in words: an old man")
        try:
            asked[names[name]] = int(value) if name == "seed" else float(value)
        except ValueError:
            raise FaceGPTError(f"the {name} of a voice is a number, not '{value}'") from None
    return _within(replace(own, **asked))


def _within(voice: Voice) -> Voice:
    for name, (low, high) in BOUNDS.items():
        value = getattr(voice, name)
        if not (np.isfinite(value) and low <= value <= high):
            called = name.removesuffix("_hz")
            raise FaceGPTError(f"the {called} of a voice is {low:g} to {high:g}, not {value:g}")
    return voice
