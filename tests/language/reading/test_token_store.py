"""What is kept of texts that begin alike changes nothing that is read of them."""

from __future__ import annotations

import pytest
import torch
from tiny_language import SLOT, stirred, tiny_reader_of_faces

from facegpt.language.model.feelings_reader import FeelingsReader
from facegpt.language.model.joined_pass import Prompt, read_together, read_turns
from facegpt.language.model.layers import TokenStore
from facegpt.language.model.turn_adapter import TurnReader

FIRST = (1, 20, 21, 22, 23, 2)
SECOND = (*FIRST, 1, 30, 31, 2)


def prompt(ids: tuple[int, ...], turn: tuple[int, ...] = (), alone: tuple[int, ...] = ()) -> Prompt:
    return Prompt((*ids, 4), words=(20, 21, ids[-2]), turn=turn or ids, alone=alone)


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    model = tiny_reader_of_faces(tmp_path_factory.mktemp("model"))
    stirred(model.adapters)
    return model, stirred(FeelingsReader(model, 3)), stirred(TurnReader(model, (1, 2, 4), 3))


def same(one, other) -> bool:
    pairs = [(one.answer, other.answer), (one.states, other.states), (one.alone, other.alone)]
    pairs += [(one.hidden[layer], other.hidden[layer]) for layer in one.hidden]
    pairs += [(one.request.attribute_class, other.request.attribute_class)]
    return all((a is None and b is None) or torch.allclose(a, b, atol=1e-5) for a, b in pairs)


@torch.no_grad()
def test_turns_after_the_same_turns_are_read_as_if_they_were_the_first(readers):
    store = TokenStore()
    for each in (prompt(FIRST), prompt(SECOND, alone=(1, 30, 31)), prompt((*FIRST, 1, 40, 2)), prompt(SECOND)):
        kept = len(store.rows)
        found = read_together(readers[0], [each], readers[2], store=store)[0]
        assert same(found, read_together(readers[0], [each], readers[2])[0])
    assert len(store.rows) == kept  # the last was read before
    assert kept < len(FIRST) + len(SECOND) + 20


@torch.no_grad()
def test_a_full_store_forgets_and_a_text_that_is_too_long_for_it_is_read_all_the_same(readers):
    small = TokenStore(most=24)
    for each in (prompt(FIRST), prompt(SECOND), prompt(FIRST), prompt((1, *range(50, 70)))):
        found = read_together(readers[0], [each], readers[2], store=small)[0]
        assert same(found, read_together(readers[0], [each], readers[2])[0])
        assert len(small.rows) <= 24


@torch.no_grad()
def test_turns_that_are_read_together_are_read_as_each_alone(readers):
    model, _, turns = readers
    texts, store = [FIRST, SECOND, (*FIRST[:3], 40, 41), FIRST], TokenStore()
    for of_text, ids in zip(read_turns(model, turns, texts, store), texts, strict=True):
        assert torch.allclose(of_text, turns.states(torch.tensor([ids]))[0], atol=1e-5)
    assert len(store.rows) == len({*FIRST}) + 4 + 2  # what begins alike is read once


@torch.no_grad()
def test_each_face_has_states_of_its_own(readers):
    model, store = readers[0], TokenStore()
    slots = (SLOT,) * model.face_embedding.tokens
    faces = torch.randn(2, 1, model.face_embedding.first.in_features)
    two = (1, *slots, 20, *slots, 21, 2)
    for face in (faces[0], faces[:, 0], faces[1], faces[:, 0].flip(0), faces[0]):
        if len(face) == 2:
            each = prompt(two, turn=(1, 20, 2))
            found = read_together(model, [each], readers[2], faces=face, store=store)[0]
            assert same(found, read_together(model, [each], readers[2], faces=face)[0])
            continue
        for ids in ((1, *slots, 20, 2), (1, *slots, 20, 21, 2), (1, 33, *slots, 20, 2)):
            each = prompt(ids, turn=(1, 20, 2))
            found = read_together(model, [each], readers[2], faces=face, store=store)[0]
            assert same(found, read_together(model, [each], readers[2], faces=face)[0])


@torch.no_grad()
def test_a_pass_that_failed_leaves_nothing_half_read(readers, monkeypatch):
    store = TokenStore()
    read_together(readers[0], [prompt(FIRST)], readers[2], store=store)
    with monkeypatch.context() as broken:
        broken.setattr(TokenStore, "keep", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            read_together(readers[0], [prompt(SECOND)], readers[2], store=store)
    found = read_together(readers[0], [prompt(SECOND)], readers[2], store=store)[0]
    assert same(found, read_together(readers[0], [prompt(SECOND)], readers[2])[0])
