"""The face head that reads by definition: it must read a quantity that it was never trained on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from facegpt.conventions import ARKIT_NAMES
from facegpt.language.model.face_head import FaceHead, FaceHeadSizes
from facegpt.language.targets import ATTRIBUTES, EMOTIONS, MEASURES_SPOKEN

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from lab.runs.definitions.head import DefinitionHead, definitions_from, read_definitions

#: More definitions than dimensions, as is so of the real ones in the head: else they could be learnt by heart.
K, SPACE, WIDTH = 40, 16, 32
KINDS = [*["attribute"] * K, *["unit"] * 3, *["emotion"] * 4, *["measure"] * 2, *["question"] * 4]


@pytest.fixture
def embedded():
    return torch.randn(len(KINDS), 2, SPACE, generator=torch.Generator().manual_seed(1))


def head_of(embedded, free=False):
    torch.manual_seed(0)
    head = FaceHead(1, SPACE, FaceHeadSizes(K, 3, 4, 2, 5, (1,)), WIDTH, dropout=0.0)
    return DefinitionHead(head, definitions_from(embedded, KINDS), free)


def sentences(embedded, attributes, count, seed):
    """Sentences of 6 random tokens, one of which says a pole of one attribute; (states, attribute, side)."""
    random = torch.Generator().manual_seed(seed)
    states = torch.randn(count, 6, 1, SPACE, generator=random)
    which = torch.tensor(attributes)[torch.randint(len(attributes), (count,), generator=random)]
    side = torch.randint(2, (count,), generator=random)
    place = torch.randint(1, 5, (count,), generator=random)
    states[torch.arange(count), place, 0] = embedded[which, side] + 0.2 * states[torch.arange(count), place, 0]
    return states, which, side


def read(head, states):
    count = len(states)
    ones, last = torch.ones(count, 6), torch.full((count,), 5)
    return head(states, ones, last, torch.zeros(count), torch.tensor([[0, 2, 3]]))


def test_there_is_one_definition_of_every_quantity_with_both_poles_of_attributes():
    rows = read_definitions()
    by_kind = {
        kind: [row["name"] for row in rows if row["kind"] == kind] for kind in ("attribute", "emotion", "measure")
    }
    assert by_kind == {"attribute": list(ATTRIBUTES), "emotion": list(EMOTIONS), "measure": list(MEASURES_SPOKEN)}
    assert [row["name"] for row in rows if row["kind"] == "unit"] == list(ARKIT_NAMES)
    assert all(row["high"] and bool(row["low"]) == (row["kind"] == "attribute") for row in rows)


def test_nothing_is_said_before_training(embedded):
    out = read(head_of(embedded), sentences(embedded, range(K), 8, 0)[0])
    assert (out.attribute_class.argmax(-1) == 0).all() and (out.gate < 0).all() and (out.asks < 0).all()


@pytest.mark.parametrize("free", [False, True])
def test_every_parameter_in_use_gets_a_gradient(embedded, free):
    head = head_of(embedded, free)
    sum(value.float().sum() for value in vars(read(head, sentences(embedded, range(K), 8, 0)[0])).values()).backward()
    assert all(each.weight.grad is not None for each in head.maps.values())
    assert (head.head.votes.weight.grad is not None) == free


def test_the_side_of_an_attribute_that_was_never_trained_is_read_by_its_definition(embedded):
    head = head_of(embedded)
    seen, unseen = list(range(K - 2)), [K - 2, K - 1]
    optimizer = torch.optim.Adam(head.parameters(), lr=3e-3)
    for step in range(120):
        states, which, side = sentences(embedded, seen, 32, step)
        classes = torch.zeros(32, K, dtype=torch.long)
        classes[torch.arange(32), which] = torch.where(side > 0, 3, 1)
        found = read(head, states).attribute_class[:, seen]
        optimizer.zero_grad()
        functional.cross_entropy(found.flatten(0, 1), classes[:, seen].flatten()).backward()
        optimizer.step()
    states, which, side = sentences(embedded, unseen, 200, 10_000)
    chance = read(head.eval(), states).attribute_class.softmax(-1)[torch.arange(200), which]
    assert ((chance[:, 3] > chance[:, 1]) == (side > 0)).float().mean() > 0.9  # chance: one half ± 0.035
