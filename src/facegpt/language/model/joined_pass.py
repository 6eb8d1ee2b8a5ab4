"""One pass of the base over many texts for several readers: each text is read with the adapters of its own reader.

A pass over a short text takes its time mostly for reading the base's weights. Here all tokens stand in one row, those
of one reader together, and texts that begin alike share the tokens of their beginning: a tree of tokens, in which each
sees only what stands before it (Miao et al. 2024, SpecInfer, sec. 4.2). Adapters that differ within a pass are those of
Punica (Chen et al. 2023).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from facegpt.language.model.face_head import FaceHeadOutput
from facegpt.language.model.facegpt_model import FaceGPTForConditionalGeneration, FaceGPTOutput
from facegpt.language.model.feelings_reader import FeelingsReader
from facegpt.language.model.layers import StoredKeys, TokenStore, states_from
from facegpt.language.model.lora import Adapters
from facegpt.language.model.turn_adapter import TurnReader

#: What a store calls those who read tokens.
_READERS = ("faces", "words", "turns")


@dataclass(frozen=True)
class Prompt:
    """One text to read.

    Attributes:
        ids: its tokens, `<FACE>` last. numbers: first token and the one after the last of each number. since: the
            first token of the last turn. is_edit: see FaceHead.
        words: tokens for the reader of feelings (`feelings_reader.tokens_of`), () without it.
        turn: tokens for the reader of turns, () without it.
        alone: further ones for it, of the last turn without those before it.
    """

    ids: tuple[int, ...]
    numbers: tuple[tuple[int, int], ...] = ()
    since: int = 0
    is_edit: bool = False
    words: tuple[int, ...] = ()
    turn: tuple[int, ...] = ()
    alone: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class ReadTogether:
    """What a joined pass gives of one prompt.

    Attributes:
        out: what `model` gives for the prompt with `face_at`, where logits are (1, 1, vocabulary): those of the
            answer's first token. felt: (E,) log-probabilities of EMOTIONS, or None.
        states, alone: (T, layers, D) of the turn reader, or None.
    """

    out: FaceGPTOutput
    felt: Tensor | None = None
    states: Tensor | None = None
    alone: Tensor | None = None


@dataclass
class _TokenTree:
    """Texts of one reader; those that begin alike share places. parents: -1 at the start of a text."""

    ids: list[int] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)
    _known: dict[tuple[int, int], int] = field(default_factory=dict)

    def add(self, ids: Sequence[int]) -> list[int]:
        """The places of a text's tokens."""
        path, parent = [], -1
        for depth, token in enumerate(ids):
            place = self._known.setdefault((parent, token), len(self.ids))
            if place == len(self.ids):
                self.ids.append(token)
                self.parents.append(parent)
                self.depths.append(depth)
            path.append(place)
            parent = place
        return path

    def counts(self, token: int) -> list[int]:
        """How often a token stands in the text up to each place, with that place."""
        found: list[int] = []
        for own, parent in zip(self.ids, self.parents, strict=True):
            found.append((found[parent] if parent >= 0 else 0) + (own == token))
        return found


def read_together(
    model: FaceGPTForConditionalGeneration,
    prompts: Sequence[Prompt],
    feelings: FeelingsReader | None = None,
    turns: TurnReader | None = None,
    faces: Tensor | None = None,
    store: TokenStore | None = None,
) -> list[ReadTogether]:
    """What the face head reads of each prompt, and other readers of the same base beside it.

    Args:
        model: whose base is a Llama (layers.can_split).
        prompts: without photos.
        feelings: reads the `words` of prompts.
        turns: reads their `turn`.
        faces: features (N, F) of the faces that have places in the prompts; these then begin alike up to the last one.
        store: of tokens that this model and these readers read before.
    """
    trees = [_TokenTree(), _TokenTree(), _TokenTree()]
    of_words = [trees[1].add(each.words) if feelings else [] for each in prompts]
    of_turns = [trees[2].add(each.turn) if turns else [] for each in prompts]
    of_last = [trees[2].add(each.alone) if turns else [] for each in prompts]
    own = [trees[0].add(each.ids) for each in prompts]
    adapters = [reader.adapters if reader else None for reader in (feelings, turns)]
    states = _states(model, trees, adapters, faces, _room(trees, store))
    since = [0, len(trees[0].ids), len(trees[0].ids) + len(trees[1].ids)]
    first = torch.tensor([path[-2] for path in own], device=states[0].device)
    with model.adapters.acting_if(True):
        logits = model.base.get_output_embeddings()(states[-1][first])
    found = []
    for k, prompt in enumerate(prompts):
        request, hidden = _requested(model, states, own[k], prompt)
        out = FaceGPTOutput(logits=logits[k][None, None], request=request, hidden_states=hidden)
        felt = _felt(feelings, states, of_words[k], since[1]) if feelings and of_words[k] else None
        meant, last = (_meant(turns, states, path[k], since[2]) for path in (of_turns, of_last))
        found.append(ReadTogether(out, felt, meant, last))
    return found


def read_turns(
    model: FaceGPTForConditionalGeneration, turns: TurnReader, texts: Sequence[Sequence[int]], store: TokenStore
) -> list[Tensor]:
    """(T, layers, D) what the reader of turns makes of each text, its tokens given; store: as of `read_together`."""
    trees = [_TokenTree(), _TokenTree(), _TokenTree()]
    paths = [trees[2].add(ids) for ids in texts]
    states = _states(model, trees, [None, turns.adapters], None, _room(trees, store))
    found = [_meant(turns, states, path, 0) for path in paths]
    return [each for each in found if each is not None]


def _room(trees: Sequence[_TokenTree], store: TokenStore | None) -> TokenStore:
    """The store if the trees fit into it, or one of their own."""
    count = sum(len(tree.ids) for tree in trees)
    return TokenStore(count) if store is None or count > store.most else store


def _states(
    model: FaceGPTForConditionalGeneration,
    trees: Sequence[_TokenTree],
    readers: Sequence[Adapters | None],
    faces: Tensor | None,
    store: TokenStore,
) -> list[Tensor]:
    """(N, D) states of all layers over the tokens of the trees in a row, the first tree's read by the face adapters."""
    device = model.device
    told: list[Sequence[Hashable]] = [_with_faces(model, trees[0], faces), trees[1].ids, trees[2].ids]
    named = [(name, ids, tree.parents) for name, ids, tree in zip(_READERS, told, trees, strict=True)]
    store.make_room(named)
    placed = [store.place(*each) for each in named]
    every = torch.tensor([row for rows, _ in placed for row in rows], device=device)
    is_new = np.array([each for _, new in placed for each in new], bool)
    if is_new.any():
        counts = [sum(new) for _, new in placed]
        try:
            _run(model, trees, readers, faces, store, is_new, counts, every)
        except BaseException:  # of a stop by the user too
            store.rows.clear()
            raise
    assert store.states is not None
    return [kept[every] for kept in store.states]


def _run(
    model: FaceGPTForConditionalGeneration,
    trees: Sequence[_TokenTree],
    readers: Sequence[Adapters | None],
    faces: Tensor | None,
    store: TokenStore,
    is_new: np.ndarray,
    counts: Sequence[int],
    every: Tensor,
) -> None:
    """Run the layers over the tokens that are new, `counts` of each tree; `every`: rows of all in the store."""
    device = model.device
    new = torch.from_numpy(np.flatnonzero(is_new)).to(device)
    ends = np.cumsum(counts).tolist()
    rows = [(0, slice(end - count, end)) for end, count in zip(ends, counts, strict=True)]
    ids = torch.tensor([token for tree in trees for token in tree.ids], device=device)[new]
    model.give(_unplaced(model, trees[0], faces, is_new), None)
    with ExitStack() as acting:
        acting.enter_context(model.adapters.acting_if(True, rows[0]))
        acting.enter_context(model.words_acting_if(True, rows[0]))
        for adapters, row in zip(readers, rows[1:], strict=True):
            if adapters is not None:
                acting.enter_context(adapters.acting_if(True, row))
        embedded = model.get_input_embeddings()(ids[None])
        depths = torch.tensor([depth for tree in trees for depth in tree.depths], device=device)[new]
        mask = torch.from_numpy(_mask(trees)[is_new]).to(device, embedded.dtype)
        keys = StoredKeys(store, model.base.config.num_hidden_layers, every[new], every)
        found = states_from(model, embedded, 0, place=depths, mask=mask, cache=keys)
    store.keep(every[new], [embedded[0], *(found[k][0] for k in sorted(found))])


def _unplaced(
    model: FaceGPTForConditionalGeneration, tree: _TokenTree, faces: Tensor | None, is_new: np.ndarray
) -> Tensor | None:
    """The faces whose slots are new; those of the others stand in states that are kept."""
    slot = model.config.slot_token
    if faces is None or slot not in tree.ids:
        return faces
    told = zip(tree.ids, tree.counts(slot), is_new, strict=False)
    new = sorted(
        {(number - 1) // model.face_embedding.tokens for token, number, fresh in told if fresh and token == slot}
    )
    return faces[new] if new else None


def _with_faces(model: FaceGPTForConditionalGeneration, tree: _TokenTree, faces: Tensor | None) -> list[Hashable]:
    """The tokens of a tree as the store tells them apart: in its slots stand the faces."""
    if faces is None:
        return list(tree.ids)
    given, tokens = [face.tobytes() for face in faces.cpu().numpy()], model.face_embedding.tokens
    numbers = tree.counts(model.config.slot_token)
    slots = [token == model.config.slot_token for token in tree.ids]
    if any(slots) and max(numbers) > len(given) * tokens:
        return list(tree.ids)  # which is refused where they are placed
    told = zip(tree.ids, slots, numbers, strict=True)
    return [given[(number - 1) // tokens] if slot else token for token, slot, number in told]


def _mask(trees: Sequence[_TokenTree]) -> np.ndarray:
    """(N, N) what is added to the scores of attention: 0 for a token itself and what stands before it, else -inf."""
    sees, first = np.zeros((sum(len(tree.ids) for tree in trees),) * 2, bool), 0
    for tree in trees:
        for k, parent in enumerate(tree.parents):
            if parent >= 0:
                sees[first + k] = sees[first + parent]
            sees[first + k, first + k] = True
        first += len(tree.ids)
    return np.where(sees, np.float32(0), np.float32(-np.inf))


def _meant(turns: TurnReader | None, states: Sequence[Tensor], path: Sequence[int], first: int) -> Tensor | None:
    """(T, layers, D) what the reader of turns makes of the tokens at places of its tree, which starts at `first`."""
    if turns is None or not path:
        return None
    place = torch.tensor(path, device=states[0].device) + first
    return torch.stack([states[n][place].float() for n in turns.layers], 1)


def _requested(
    model: FaceGPTForConditionalGeneration, states: Sequence[Tensor], path: Sequence[int], prompt: Prompt
) -> tuple[FaceHeadOutput, tuple[Tensor, ...]]:
    """What the face head reads of a prompt, and its own states (1, T, D) of all layers."""
    place = torch.tensor(path, device=states[0].device)
    own = tuple(layer[place][None] for layer in states)
    face_at, is_edit, since = (place.new_tensor([n]) for n in (len(path) - 1, int(prompt.is_edit), prompt.since))
    numbers = place.new_tensor([(0, *span) for span in prompt.numbers]).reshape(-1, 3)
    return model.read_states(own, torch.ones_like(place)[None], face_at, is_edit, numbers, since), own


def _felt(feelings: FeelingsReader, states: Sequence[Tensor], path: Sequence[int], first: int) -> Tensor:
    """(E,) what the reader of feelings says of the words at places of its tree, which starts at `first`."""
    place = torch.tensor(path, device=states[0].device) + first
    theirs = {k: layer[place][None] for k, layer in enumerate(states)}
    return feelings.of_states(theirs, place.new_tensor([len(path)]))[0]
