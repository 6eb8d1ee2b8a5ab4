"""A handful of sentences with labels, and a tiny model that learns them by heart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from tiny_language import TINY_PARTS

from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration
from facegpt_lab.synthesis.text_targets import target_from_labels
from facegpt_lab.synthesis.texts.conversations import ReadTurn, scored_turns, talks_of
from facegpt_lab.synthesis.texts.corpus import corpus_folder
from facegpt_lab.train.words.examples import TextExample

SENTENCES = {
    "big nose": {"attributes": {"nose_size": 1}},
    "small nose": {"attributes": {"nose_size": -1}},
    "furious": {"emotion": "anger"},
    "delighted": {"emotion": "happiness"},
    "a woman": {"sex": "F"},
    "eyes shut": {"expression": {"eyeBlinkLeft": 0.7, "eyeBlinkRight": 0.7}},
    "mouth 3 mm wider": {"mm": {"lip_length": {"change": 3}}},
    "aged 60 to 70": {"age_years": [60, 70]},
}


def text_example(text, labels, task="imagine", key=""):
    target = target_from_labels(labels, text, task)
    return TextExample([{"role": "user", "content": text}], target, task, decides=1.0, key=key or text)


def fresh(base_folder, seed=0):
    torch.manual_seed(seed)
    return FaceGPTForConditionalGeneration.from_base(base_folder, **TINY_PARTS, head_dropout=0.0)


def few_turns() -> list[ReadTurn]:
    """Turns of some written conversations: all of them, read by `conversation_turns`, take a training's most time."""
    talks = talks_of(corpus_folder() / "conversations" / "development" / "second.jsonl")
    return [turn for talk in talks[:10] for turn in scored_turns(talk)]


def typed_in(record: Mapping[str, Any]) -> list[str]:
    """What somebody types in a record of corpus/: a sentence, the turns of a conversation, or those of a prompt."""
    if "turns" in record:
        return [turn["user"] for turn in record["turns"]]
    if "prompt" in record:
        return str(record["prompt"]).split("\n")[:-1]
    return [record["text"]]
