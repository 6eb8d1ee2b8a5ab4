"""Thresholds: from which probability something counts as said, chosen on validation texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from facegpt.language.model.face_head import FaceHeadOutput
from facegpt_lab.train.words.examples import Batch
from facegpt_lab.train.words.losses import HIGH, LOW, attribute_classes

#: How many times more a missed thing weighs than a false one (the beta of F-beta): a false trait is one among many that
#: differ between people anyway, a missed one is what the person asked for.
_BETA = {"named": 2.0, "unit": 1.2, "number": 1.2, "age": 0.5, "sex": 1.0, "ask": 1.0, "decline": 1.0, "emotion": 2.0}
_BETA |= {"keep": 1.0, "changed": 2.5}
_GRID = np.concatenate([[0.05, 0.07], np.arange(0.1, 0.91, 0.05)])
_FACE_GRID = np.arange(0.02, 0.99, 0.02)


def calibrate(outputs: Iterable[tuple[Batch, FaceHeadOutput, Any]]) -> dict[str, float]:
    """Choose every threshold on texts with known targets.

    Args:
        outputs: batches, what the face head gave for them, and log odds (B,) of an answer with a face.
    """
    found: dict[str, list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = defaultdict(list)
    for batch, out, log_odds in outputs:
        for name, value in _pairs(batch, out, np.asarray(log_odds)).items():
            found[name].append(value)
    chosen = {}
    for name, pieces in found.items():
        probability, wanted, right = (np.concatenate([np.ravel(piece[k]) for piece in pieces]) for k in range(3))
        if wanted.any():
            grid = _FACE_GRID if name == "face" else _GRID
            scores = [_f_beta(probability >= t, wanted > 0, right > 0, _BETA.get(name, 1.0)) for t in grid]
            best = np.flatnonzero(np.array(scores) >= max(scores) - 1e-9)
            chosen[name] = float(round(float(grid[best[len(best) // 2]]), 3))
    return chosen


def _f_beta(said: np.ndarray, wanted: np.ndarray, right: np.ndarray, beta: float) -> float:
    """F-beta where only what is said rightly (its side, its kind) counts as found."""
    hits = float((said & wanted & right).sum())
    weight = beta**2
    return (1 + weight) * hits / max((1 + weight) * hits + weight * (wanted.sum() - hits) + (said.sum() - hits), 1e-9)


def _pairs(
    batch: Batch, out: FaceHeadOutput, log_odds: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each threshold: probabilities, whether it was said, whether what would be read is right."""
    target = {name: value.numpy() for name, value in batch.target.items()}
    known = target["known"] > 0
    classes, _ = (x.numpy() for x in attribute_classes(batch.target))
    probability = out.attribute_class.softmax(-1).numpy()[known]
    side = probability[..., 1:].argmax(-1) + 1
    sided = (classes[known] == LOW) | (classes[known] == HIGH)
    named = (1 - probability[..., 0], sided, side == classes[known])
    new, changed = target["is_edit"][known] == 0, target["is_edit"][known] > 0
    pairs = {"named": tuple(each[new] for each in named), "changed": tuple(each[changed] for each in named)}
    gate = out.gate.sigmoid().numpy()[known]
    pairs["unit"] = (gate, target["expression_gate"][known], np.ones_like(gate))
    emotion = out.emotion.softmax(-1).numpy()[known]
    best = emotion[:, 1:].argmax(1) + 1
    accepted = target["emotion_accepted"][known][np.arange(len(best)), best]
    pairs["emotion"] = (1 - emotion[:, 0], target["emotion"][known] > 0, accepted)
    sex = out.sex.softmax(-1).numpy()[known]
    ones = np.ones(int(known.sum()))
    pairs["sex"] = (1 - sex[:, 1], target["sex"][known] != 0, (sex[:, 2] > sex[:, 0]) == (target["sex"][known] > 0))
    pairs["age"] = (out.age[:, 0].sigmoid().numpy()[known], target["age_mask"][known], ones)
    pairs["number"] = _all_right(out.number_measure.sigmoid().numpy(), target["number_measure"])
    asked = target["answers"] > 0
    pairs["ask"] = _all_right(out.asks.sigmoid().numpy()[asked], target["asks"][asked])
    pairs["decline"] = _all_right(out.decline.sigmoid().numpy()[asked], target["decline"][asked])
    changes = (target["is_edit"] > 0) & known
    pairs["keep"] = _all_right(out.keep.sigmoid().numpy()[changes], target["keep"][changes])
    decides = batch.decides.numpy() == 1.0
    pairs["face"] = _all_right(1 / (1 + np.exp(-np.clip(log_odds[decides], -60, 60))), target["face"][decides])
    return pairs


def _all_right(probability: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return probability, wanted, np.ones_like(probability)
