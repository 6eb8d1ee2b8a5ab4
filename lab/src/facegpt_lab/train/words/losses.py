"""What the face head is trained to: one loss for each thing that a text can say about a face.

Each takes a FaceHeadOutput and the stacked targets of its batch (targets.stack_targets, as tensors) and gives a sum
over what is known, divided by the number of texts.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from facegpt.language.model.face_head import FaceHeadOutput
from facegpt.language.targets import CLASSES

OPEN, LOW, AVERAGE, HIGH, NOT_HIGH, NOT_LOW = range(len(CLASSES))
_AVERAGE_BELOW = 0.25
#: Degree (SDs) of both sides where a text only says that one attribute exceeds another; by how much it does at least.
_RELATION_DEGREE, _RELATION_GAP = 0.75, 1.0
#: As many parts in order are put apart.
_LONGEST_ORDER = 4
_MORE, _LESS = 0.6, 0.15
_MAIN_EMOTION = 0.75
_CENTURY = 100.0

#: How much each loss counts. Attributes, units and questions are sums over many yes-no decisions.
WEIGHTS = {
    **{"attribute": 1.0, "degree": 0.5, "sex": 0.5, "age": 0.5, "emotion": 1.0, "intensity": 0.3},
    **{"gate": 1.0, "weight": 2.0, "asks": 1.0, "decline": 0.5, "keep": 0.5, "number": 1.0, "face": 1.0},
}


def request_losses(out: FaceHeadOutput, target: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Compute every loss by name.

    Args:
        out: of B texts.
        target: stacked targets, (B, …), and "relations", "expression_relations" (R, 3), "answers" (B,) 1 where the text
            is a question or a turn of a chat, "number_measure" (R, M), "number_kind", "number_sign" and "number_years"
            (R,).
    """
    texts = len(out.sex)
    known = target["known"]
    losses = {**_attribute_losses(out, target), **_expression_losses(out, target)}
    sex = (target["sex"] + 1).long()
    losses["sex"] = functional.cross_entropy(out.sex, sex, reduction="none") * target["sex_scored"]
    losses["age"] = _age_loss(out.age, target)
    losses["emotion"], losses["intensity"] = _emotion_losses(out, target)
    losses = {name: (value * known).sum() / texts for name, value in losses.items()}
    asked = functional.binary_cross_entropy_with_logits(out.asks, target["asks"], reduction="none").sum(1)
    losses["asks"] = (asked * target["answers"]).sum() / texts
    declined = functional.binary_cross_entropy_with_logits(out.decline, target["decline"], reduction="none")
    losses["decline"] = (declined * target["answers"]).sum() / texts
    kept = functional.binary_cross_entropy_with_logits(out.keep, target["keep"], reduction="none")
    losses["keep"] = (kept * known * target["is_edit"]).sum() / texts
    losses["number"] = _number_loss(out, target) / texts
    return losses


def attribute_classes(target: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Classes (B, K) and degrees |SD| (B, K) of the attributes of targets."""
    named, excluded, relations = target["attribute_mask"] > 0, target["attribute_excluded"], target["relations"]
    degree = degrees_apart(target["attribute_mean"], named, relations)
    compared = torch.zeros_like(named)
    compared[relations[:, 0], relations[:, 1]] = compared[relations[:, 0], relations[:, 2]] = True
    side = torch.where(degree > 0, HIGH, LOW)
    said = torch.where(degree.abs() < _AVERAGE_BELOW, torch.full_like(side, AVERAGE), side)
    ruled_out = torch.where(excluded > 0, NOT_HIGH, torch.where(excluded < 0, NOT_LOW, OPEN))
    return torch.where(named | compared, said, ruled_out), degree.abs()


def degrees_apart(mean: Tensor, named: Tensor, relations: Tensor) -> Tensor:
    """Degrees (B, K) in SDs that keep every relation by a gap.

    Args:
        mean: (B, K) as words name them.
        named: (B, K) which are.
        relations: (R, 3) row, more, less.

    What no word names stands on the side of the average that its relations say, between both in the middle of an order;
    of two that are too near, the one further out moves on ("wide, the other wider still").
    """
    rows, more, less = relations.unbind(1)
    sides, count = torch.zeros_like(mean), torch.zeros_like(mean)
    for column, sign in ((more, 1.0), (less, -1.0)):
        ones = torch.ones_like(mean[rows, column])
        sides.index_put_((rows, column), sign * _RELATION_DEGREE * ones, accumulate=True)
        count.index_put_((rows, column), ones, accumulate=True)
    degree = torch.where(named, mean, sides / count.clamp(min=1))
    for _ in range(_LONGEST_ORDER - 1):
        first, second = degree[rows, more], degree[rows, less]
        lack, high = (_RELATION_GAP - (first - second)).clamp(min=0), first + second >= 0
        moved = degree.clone()
        moved[rows[high], more[high]] = degree[rows[high], more[high]] + lack[high]
        moved[rows[~high], less[~high]] = degree[rows[~high], less[~high]] - lack[~high]
        degree = moved
    return degree


def _attribute_losses(out: FaceHeadOutput, target: Mapping[str, Tensor]) -> dict[str, Tensor]:
    classes, degree = attribute_classes(target)
    scored = target["attribute_scored"]
    entropy = functional.cross_entropy(out.attribute_class.flatten(0, 1), classes.flatten(), reduction="none")
    sided = ((classes == LOW) | (classes == HIGH)) * scored
    error = (out.attribute_size - degree).pow(2)
    spread = out.attribute_spread
    likelihood = 0.5 * (error * torch.exp(-2 * spread) + 2 * spread)
    return {
        "attribute": (entropy.view_as(scored) * scored).sum(1),
        "degree": (likelihood * sided).sum(1),
    }


def _expression_losses(out: FaceHeadOutput, target: Mapping[str, Tensor]) -> dict[str, Tensor]:
    gate, weight = target["expression_gate"].clone(), target["expression"].clone()
    for column, value in ((1, _MORE), (2, _LESS)):
        rows, unit = target["expression_relations"][:, 0], target["expression_relations"][:, column]
        free = gate[rows, unit] == 0
        gate[rows[free], unit[free]], weight[rows[free], unit[free]] = 1.0, value
    scored = target["expression_scored"]
    gates = functional.binary_cross_entropy_with_logits(out.gate, gate, reduction="none").sum(1)
    weights = functional.binary_cross_entropy_with_logits(out.weight, weight, reduction="none")
    rests = functional.binary_cross_entropy_with_logits(out.at_rest, (weight == 0).to(gate.dtype), reduction="none")
    return {
        "gate": gates * scored,
        "weight": (weights * gate * (weight > 0)).sum(1) * scored,
        "at_rest": (rests * gate).sum(1) * scored,
    }


def _age_loss(age: Tensor, target: Mapping[str, Tensor]) -> Tensor:
    named = functional.binary_cross_entropy_with_logits(age[:, 0], target["age_mask"], reduction="none")
    error = functional.smooth_l1_loss(age[:, 1:3], target["age_years"] / _CENTURY, beta=0.05, reduction="none").sum(1)
    return (named + 4.0 * error * target["age_mask"]) * target["age_scored"]


def _emotion_losses(out: FaceHeadOutput, target: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Cross-entropy with the label, a part of which goes to the others that a fair reader accepts."""
    accepted = target["emotion_accepted"]
    main = functional.one_hot(target["emotion"].long(), accepted.shape[1]).to(accepted.dtype)
    soft = _MAIN_EMOTION * main + (1 - _MAIN_EMOTION) * accepted / accepted.sum(1, keepdim=True)
    emotion = -(soft * out.emotion.log_softmax(1)).sum(1) * target["emotion_scored"]
    intensity = functional.binary_cross_entropy_with_logits(out.intensity, target["intensity"], reduction="none")
    return emotion, intensity * target["intensity_mask"] * target["emotion_scored"]


def _number_loss(out: FaceHeadOutput, target: Mapping[str, Tensor]) -> Tensor:
    measures = target["number_measure"]
    asked = (measures.sum(1) > 0).to(measures.dtype)
    about = functional.binary_cross_entropy_with_logits(out.number_measure, measures, reduction="none").sum(1)
    kind = functional.cross_entropy(out.number_kind, target["number_kind"].long(), reduction="none")
    sign = functional.binary_cross_entropy_with_logits(out.number_sign, target["number_sign"], reduction="none")
    years = functional.binary_cross_entropy_with_logits(out.number_years, target["number_years"], reduction="none")
    return (about + (kind + sign) * asked + years).sum()


def face_loss(log_odds: Tensor, wanted: Tensor, counted: Tensor) -> Tensor:
    """Binary cross-entropy of the decision to answer with a face: (B,) log odds, wanted 0 or 1, counted 0..1."""
    each = functional.binary_cross_entropy_with_logits(log_odds, wanted, reduction="none")
    return (each * counted).sum() / len(wanted)


def total(losses: Mapping[str, Tensor]) -> Tensor:
    """Add the losses by WEIGHTS; those without one count once."""
    return torch.stack([WEIGHTS.get(name, 1.0) * value for name, value in losses.items()]).sum()
