"""The turns of written conversations as training examples: each with the turns before it, and what it says itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from facegpt.language.earlier import in_context
from facegpt.language.targets import ASKABLE
from facegpt_lab.synthesis.text_targets import target_from_labels
from facegpt_lab.synthesis.texts.conversations import ReadTurn
from facegpt_lab.train.words.corpus_examples import random_faces
from facegpt_lab.train.words.examples import TextExample

_ANSWERED_IN_WORDS = ("question", "compare")
_MAKING = ("undo", "redo", "back", "take", "vary", "blend")


def example_of_turn(turn: ReadTurn) -> TextExample | None:
    """Make an example of a turn; None where it says nothing that one reading can hold (several heads, an open act)."""
    task, labels = _said(turn)
    if task is None:
        return None
    given = {"head": True, "expression": turn.worn} if turn.people else {}
    faces = random_faces("edit", given, turn.key) if turn.people and task != "imagine" else ()
    turns = in_context(turn.earlier, turn.text)
    parts = [{"type": "face"} for _ in faces]
    turns[-1]["content"] = [*parts, {"type": "text", "text": turn.text}]
    is_edit = task == "edit" or (task != "imagine" and bool(turn.people))
    target = target_from_labels(labels, turn.text, task, edits_a_face=is_edit)
    return TextExample(turns, target, task, faces, decides=1.0, key=f"turn/{turn.key}")


def examples_of_turn(turn: ReadTurn) -> list[TextExample]:
    """What a turn teaches: what it says itself, and of questions for yes or no what they ask about."""
    found = [example_of_turn(turn), _claimed(turn) if turn.claims else None]
    return [example for example in found if example is not None]


def _claimed(turn: ReadTurn) -> TextExample:
    """Questions read as the one description that they ask about together; no face comes of it."""
    claim: dict[str, Any] = {}
    for each in turn.claims:
        for name, value in each.items():
            claim[name] = {**claim.get(name, {}), **value} if isinstance(value, Mapping) else value
    asks = [name for name in turn.asks if name in ASKABLE]
    target = target_from_labels({**claim, "asks": asks}, turn.text)
    messages = in_context(turn.earlier, turn.text)
    return TextExample(
        messages, replace(target, face=0.0, faces=0, sex_scored=0.0), "describe", decides=1.0, key=f"claim/{turn.key}"
    )


def _said(turn: ReadTurn) -> tuple[str | None, Mapping[str, Any]]:
    """Task and labels of a turn."""
    if turn.act in ("edit", "new_head") and turn.labels:
        labels = turn.labels[0]
        if any(each != labels for each in turn.labels) or not labels.keys() - {"face"}:
            return ("chat", {"face": True}) if turn.act == "new_head" and not turn.people else (None, {})
        if turn.act == "new_head" and len(turn.labels) > 1:
            return None, {}
        return {"edit": "edit", "new_head": "imagine"}[turn.act], labels
    if turn.act in _MAKING:
        return "chat", {"face": True}
    if turn.act in _ANSWERED_IN_WORDS:
        asks = [name for name in turn.asks if name in ASKABLE]
        return ("describe", {"asks": asks}) if asks else (None, {})
    return (
        ("chat", {"face": False, "decline": turn.act == "decline"}) if turn.act and turn.act != "edit" else (None, {})
    )
