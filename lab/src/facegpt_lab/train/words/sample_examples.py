"""Samples of `facegpt_lab.synthesis.texts.dialogues` as training examples."""

from __future__ import annotations

from facegpt.language.model.processor import Message
from facegpt_lab.synthesis.text_targets import FACE_TOKEN
from facegpt_lab.synthesis.texts.dialogues import Sample
from facegpt_lab.train.words.corpus_examples import random_faces
from facegpt_lab.train.words.examples import TextExample

_IMAGINE_WEIGHT = 0.3


def example_of(sample: Sample, key: str) -> TextExample:
    """Make one example of a sample; `key` names it and draws its faces."""
    faces = random_faces(sample.task, sample.input, key)
    placed: list[Message] = [{"type": "face"} for _ in faces]
    turns: list[Message] = [
        {"role": role, "content": text.replace(FACE_TOKEN, "").strip()} for role, text in sample.history
    ]
    turns.append({"role": "user", "content": [*placed, {"type": "text", "text": sample.text}]})
    weight = 1.0 if sample.task in ("chat", "describe") else _IMAGINE_WEIGHT
    decides = 0.0 if sample.face is None else weight
    return TextExample(turns, sample.target, sample.task, faces, decides, key)
