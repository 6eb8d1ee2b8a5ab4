"""Turns that change a head, with what it shows and what was asked of it before: for what reads changes from states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import torch

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.earlier import Earlier, in_context
from facegpt.language.loading import load_language_model
from facegpt.language.model.face_reading import History
from facegpt.language.reading.glasses_words import without_glasses
from facegpt.language.targets import NETWORK_ATTRIBUTES
from facegpt_lab.synthesis.text_targets import Target, target_from_labels
from facegpt_lab.synthesis.texts.conversations import ReadTurn, conversation_turns
from facegpt_lab.synthesis.texts.corpus import load_corpus
from facegpt_lab.synthesis.texts.follow_ups import follow_ups
from facegpt_lab.synthesis.texts.movement_turns import movement_turns
from facegpt_lab.train.words.corpus_examples import random_reading

#: Drawn turns, and sentences that stand alone; how much one of each counts beside a written turn.
DRAWN, FOLLOW_UPS, SENTENCES, OF_DRAWN, OF_SENTENCE = 2400, 3000, 15000, 0.5, 0.4
_SEED = 91
#: Outputs of the face head (face_head.FaceHeadOutput).
OF_THE_HEAD = ("gate", "at_rest", "weight", "attribute_class", "attribute_size", "emotion", "intensity")


@dataclass(frozen=True)
class Turn:
    """A turn, its labels, what the face shows, what was before, and how much it counts."""

    text: str
    earlier: tuple[Earlier, ...]
    target: Target
    shows: np.ndarray
    history: History
    weight: float = 1.0


def turn_of(turn: ReadTurn, weight: float = 1.0) -> Turn | None:
    """A turn that changes a head, or several alike; None of others."""
    if turn.act != "edit" or not turn.labels or any(each != turn.labels[0] for each in turn.labels):
        return None
    target = target_from_labels(turn.labels[0], turn.text, "edit")
    before = turn.before
    history = History(
        tuple(in_order(each, ARKIT_NAMES) for each in before.wore),
        tuple(in_order(each, NETWORK_ATTRIBUTES) for each in before.asked),
        in_order(before.said, NETWORK_ATTRIBUTES),
        before.asks,
    )
    return Turn(turn.text, turn.earlier, target, in_order(turn.worn, ARKIT_NAMES), history, weight)


def in_order(values: Mapping[str, float], names: Sequence[str]) -> np.ndarray:
    """(N,) in the order of names, 0 for what is not there."""
    return np.array([values.get(name, 0.0) for name in names])


def turns(measuring: bool) -> list[Turn]:
    """The written turns that are learnt from, or measured."""
    return [found for turn in conversation_turns(measuring) if (found := turn_of(turn))]


def drawn() -> list[Turn]:
    """Drawn turns: on movements, and on all that a turn before changed."""
    both = (*movement_turns(DRAWN, _SEED), *follow_ups(FOLLOW_UPS, _SEED))
    return [found for turn in both if (found := turn_of(turn, OF_DRAWN))]


def sentences() -> list[Turn]:
    """Sentences that stand alone, those with movements first, on faces at rest."""
    found, at_rest = [], np.zeros(len(ARKIT_NAMES))
    for record in load_corpus("train"):
        target = record.target()
        if record.task in ("imagine", "edit") and target.known and target.expression_scored:
            found.append(Turn(record.text, (), target, at_rest, History(), OF_SENTENCE))
    moving = [each for each in found if each.target.expression_gate.any()]
    others = [each for each in found if not each.target.expression_gate.any()]
    return [*moving, *Random(5).sample(others, min(len(others), max(0, SENTENCES - len(moving))))]


def of_the_head(some: Sequence[Turn]) -> list[dict[str, np.ndarray]]:
    """What the face head alone says of each turn, by name, with a face that wears what it should before the words."""
    language, found = load_language_model(), []
    for k, turn in enumerate(some):
        given = {"head": True, "expression": dict(zip(ARKIT_NAMES, turn.shows, strict=True))}
        face = random_reading(np.random.default_rng(k), given)
        messages = in_context(turn.earlier, without_glasses(turn.text))
        messages[-1]["content"] = [{"type": "face", "face": face}, {"type": "text", "text": messages[-1]["content"]}]
        with torch.inference_mode():
            out = language._pass(language.processor(messages), [face], [], True)[1].request
        found.append({name: getattr(out, name)[0].float().numpy() for name in OF_THE_HEAD})
    return found
